#!/usr/bin/env bash
# Runs the programs of tests/interop against each broker, on the original library and on ours, and writes a table.
#
#   scripts/interop.sh DIRECTORY_OF_THE_ORIGINAL DIRECTORY_OF_OURS TABLE [BROKER...]
#
# Ends with 1 when a check fails on ours that passes on the original.
set -u
[ $# -ge 3 ] || { echo "usage: $0 DIRECTORY_OF_THE_ORIGINAL DIRECTORY_OF_OURS TABLE [BROKER...]" >&2; exit 2; }
original=$(realpath "$1") ours=$(realpath "$2") table=$(realpath "$3")
shift 3
cd "$(dirname "$0")/.." || exit 1
installed=$PWD/build/interop
interop_sources=$PWD/tests/interop
. scripts/interop_brokers.sh

work=$(mktemp -d) || exit 1
finish() {
    # shellcheck disable=SC2046 # a list of process ids
    kill $(jobs -p) 2>/dev/null
    wait
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

# Two runs at the same time must not share topics or client identifiers.
run_number=0
clients=
start_client() { # BROKER TRANSPORT VERSION API LIBRARY
    local uri
    uri=$(broker_uri "$1" "$2" "$3")
    [ -n "$uri" ] || return
    run_number=$((run_number + 1))
    run_client "$1.$2.$3.$4.$5" "$uri" &
    clients="$clients $!"
}

# What has failed beside the other clients is repeated by itself: some brokers fail now and then, under load the more so.
run_client() { # RESULT URI, with the variables of start_client
    local version api failed directory=$original
    IFS=. read -r _ _ version api _ <<<"$1"
    [ "${1##*.}" = original ] || directory=$ours
    export LD_LIBRARY_PATH=$directory
    "$installed/interop_$api" "$2" "$version" "r$run_number" >"$work/$1" 2>>"$work/stderr"
    [ $? -eq 1 ] || return
    mapfile -t failed < <(sed -n 's/: failed: .*//p' "$work/$1")
    "$installed/interop_$api" "$2" "$version" "s$run_number" "${failed[@]}" >>"$work/$1" 2>>"$work/stderr"
}

# A process of its own for each library, with a broker of its own.
run_broker() { # BROKER LIBRARY
    local transport version api
    # shellcheck disable=SC2086 # a list of process ids
    trap 'kill $clients 2>/dev/null; stop_broker' EXIT
    trap 'exit 130' TERM
    start_broker "$1" "$work/broker.$2" || return
    for version in 3 4 5; do
        for transport in tcp ws; do
            for api in client async; do
                start_client "$1" "$transport" "$version" "$api" "$2"
            done
        done
    done
    # shellcheck disable=SC2086 # a list of process ids
    wait $clients
    clients=
}

for name in ${*:-$broker_names}; do
    missing=$(broker_missing "$name")
    if [ -n "$missing" ]; then
        echo "interop: $name is left out: $missing"
        echo "$name|$missing" >>"$work/brokers"
        continue
    fi
    echo "interop: $name $(broker_version "$name")"
    echo "$name||$(broker_version "$name")" >>"$work/brokers"
    (run_broker "$name" original) &
    (run_broker "$name" ours) &
    wait
    rm -rf "$work"/broker.*
done

# broker|transport|version|api|library|check|ok or failed|details
for file in "$work"/*.*.*.*.*; do
    [ -e "$file" ] || continue
    fields=$(basename "$file" | tr . '|')
    sed -n "s#^\\([^:]*\\): \\(ok\\|failed\\)\\(: \\(.*\\)\\)\\{0,1\\}\$#$fields|\\1|\\2|\\4#p" "$file"
done >"$work/results"

awk -F'|' -f scripts/interop_table.awk "$work/brokers" tests/interop/limits.txt "$work/results" >"$work/table"
worse=$?
cp "$work/table" "$table"
cp "$work/results" "$installed/results"
sed -n '/^## Worse/,$p' "$table"
exit "$worse"
