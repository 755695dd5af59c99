#!/bin/sh
# Prints how many bytes the libraries have without symbols and debug information, and those of an original.
#
#   scripts/sizes.sh STRIP LIBRARIES [DIRECTORY_OF_THE_ORIGINAL]
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

bytes() {
    [ -e "$2" ] || { echo -; return; }
    "$1" -o "$scratch/stripped" "$2"
    wc -c <"$scratch/stripped" | tr -d ' '
}

printf '%-22s %10s %10s\n' '' ours original
for library in libpaho-mqtt3c libpaho-mqtt3cs libpaho-mqtt3a libpaho-mqtt3as; do
    [ -e "$2/$library.so.1" ] || continue
    printf '%-22s %10s %10s\n' "$library.so.1" "$(bytes "$1" "$2/$library.so.1")" "$(bytes "$1" "${3:-/nonexistent}/$library.so.1")"
done
