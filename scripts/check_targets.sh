#!/bin/sh
# Builds and tests for other targets, each in the root of scripts/target_root.sh, and says at the end how each went: built or
# not, tests passed of how many, what was skipped and why. For other systems they are only built. Ends with 1 when something
# failed.
#
#   scripts/check_targets.sh [TARGETS...]     all of scripts/target_table.sh when none is given
#
# TEST_PROGRAMS: the tests to run, as "--lib --test store"; those of test_target.sh when unset.
set -u
cd "$(dirname "$0")/.."
. scripts/target_table.sh

[ $# -gt 0 ] || set -- $(known_targets)
mkdir -p build/targets
report=build/targets/report
: >"$report"
failed=

for target; do
    find_target "$target" || { echo "check_targets: unknown target $target; known: $(known_targets | tr '\n' ' ')" >&2; exit 1; }
    log=build/targets/$target.log
    echo "check_targets: $target, see $log"
    if ! scripts/target_root.sh set-up "$target" >"$log" 2>&1; then
        echo "$target: skipped: its root could not be set up: $(grep -E '^(E:|target_root:)' "$log" | head -n 1)" >>"$report"
        continue
    fi
    if [ "$emulator" = none ]; then
        scripts/target_root.sh run "$target" scripts/build_for_system.sh "$target" >>"$log" 2>&1 || failed=1
    else
        scripts/target_root.sh run "$target" scripts/test_target.sh "$emulator" >>"$log" 2>&1 || failed=1
    fi
    built=$(sed -n 's/^built: //p' "$log" | tail -n 1)
    tests=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
    echo "$target: built: ${built:-no}; tests: ${tests:-not run}" >>"$report"
    sed -n -e 's/^skipped: /    skipped: /p' -e 's/^passed: /    passed: /p' "$log" >>"$report"
    grep '^FAILED  ' "$log" | sort -u | sed 's/^/    /' >>"$report"
done

cat "$report"
[ -z "$failed" ]
