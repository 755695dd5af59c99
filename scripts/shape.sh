#!/bin/sh
# How the source is divided: lengths of files and functions, the largest structure, circles. For the working tree, or for a
# commit: scripts/shape.sh [COMMIT]. Lines of code are those that are neither blank nor comment; how many of them are in tests
# beside the code is said below.
set -eu

cd "$(dirname "$0")/.."
root=.
if [ $# -gt 0 ]; then
    root=$(mktemp -d)
    trap 'rm -rf "$root"' EXIT
    git archive "$1" src tests/layering | tar -x -C "$root"
fi
find "$root/src" -name '*.rs' | sort | xargs awk -f scripts/shape.awk
# Of older commits: the exceptions that the test of the layers knew. Now it allows none.
circles=$(sed -n '/^const IN_A_CIRCLE/,/^\];/s/^ *"\(.*\)",/\1/p' "$root/tests/layering/circles.rs" 2>/dev/null | wc -l)
echo "files and parts in a circle   $circles"
