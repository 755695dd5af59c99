#!/bin/sh
# Runs tests where cargo-nextest is not installed: each in a process of its own, as that does, for what they check is often
# something that a process has once: its threads, its environment, the order of its callbacks.
#
#   scripts/test_each.sh ARGUMENTS_OF_CARGO_TEST... [-- NAME]      TEST_THREADS: how many at a time, 4 when unset
#
# NAME: only tests with this in their names, as for cargo-nextest, which takes it after -- too.
# TEST_SKIP: an extended regular expression; tests are left out whose line "PROGRAM NAME" it fits.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

if [ "${1:-}" = --one ]; then
    # One test, called by xargs below: PROGRAM NAME RESULTS. What it prints is shown only if it fails.
    if timeout 1000 "$2" --exact "$3" >"$work/output" 2>&1; then
        echo "ok      ${2##*/} $3" | tee -a "$4/passed"
    else
        { echo "FAILED  ${2##*/} $3"; sed 's/^/    /' "$work/output"; } >"$work/report"
        cat "$work/report"
        echo "FAILED  ${2##*/} $3" >>"$4/failed"
    fi
    exit 0
fi

# What tests build is built with the same toolchain, as under cargo: crates have files that ask rustup for others.
if [ -z "${RUSTUP_TOOLCHAIN:-}" ] && command -v rustup >/dev/null; then
    RUSTUP_TOOLCHAIN=$(rustup show active-toolchain | cut -d' ' -f1)
    export RUSTUP_TOOLCHAIN
fi

arguments=
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    arguments="$arguments $1"
    shift
done
only=${2:-}

# shellcheck disable=SC2086 # several words
cargo test --no-run $arguments
# shellcheck disable=SC2086 # several words
cargo test --no-run $arguments 2>&1 | sed -n 's/^ *Executable .*(\(.*\))$/\1/p' >"$work/programs"
if [ ! -s "$work/programs" ]; then
    echo "test_each: cargo names no test programs" >&2
    exit 1
fi
: >"$work/passed"
: >"$work/failed"
while IFS= read -r program; do
    "$program" --list --format terse 2>/dev/null | sed -n 's/: test$//p' | sort >"$work/all"
    "$program" --list --format terse --ignored 2>/dev/null | sed -n 's/: test$//p' | sort >"$work/ignored"
    comm -23 "$work/all" "$work/ignored" | while IFS= read -r name; do
        echo "$program $name"
    done
done <"$work/programs" | grep -E -v "${TEST_SKIP:-^\$}" | awk -v only="$only" 'only == "" || index($2, only)' >"$work/tests"
CARGO_MANIFEST_DIR=$(pwd) xargs -P "${TEST_THREADS:-4}" -n 2 sh -c '"$0" --one "$2" "$3" "$1"' "$0" "$work" <"$work/tests"

sort "$work/failed"
echo "$(wc -l <"$work/passed" | tr -d ' ') passed, $(wc -l <"$work/failed" | tr -d ' ') failed"
[ ! -s "$work/failed" ]
