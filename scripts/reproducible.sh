#!/bin/sh
# Builds the committed and changed source in two directories, and compares the libraries byte for byte.
#
#   scripts/reproducible.sh [FLAVOURS]      3c 3cs 3a 3as when not given
#
# CARGO_PROFILE_RELEASE_LTO=off and CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 make it faster.
set -eu
flavours=${*:-3c 3cs 3a 3as}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

unset MAKEFLAGS MAKELEVEL MFLAGS CARGO_TARGET_DIR
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-1700000000}
export SOURCE_DATE_EPOCH

for copy in one "a-second-one-of-a-longer-name/two"; do
    mkdir -p "$work/$copy"
    git ls-files -z --cached --others --exclude-standard | xargs -0 tar -cf - | tar -xf - -C "$work/$copy"
    (cd "$work/$copy" && make libraries FLAVOURS="$flavours")
done

cd "$work/one/dist/lib"
for library in *.a *.so.*.*; do
    cmp "$library" "$work/a-second-one-of-a-longer-name/two/dist/lib/$library"
    echo "equal: $library"
done
