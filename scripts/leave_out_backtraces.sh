#!/bin/sh
# Takes out of an object what the standard library needs to print the backtrace of a panic: a reader of debug information, of
# compressed sections and of mangled names, 150 KB. Stripped libraries have none of what it would read. The function that
# prints does nothing afterwards, so the linker drops what only that function uses.
#
#   scripts/leave_out_backtraces.sh OBJECT           CC, OBJCOPY: the tools for its processor
#
# The function has a section of its own. Where there is none of this name - another compiler - the object stays as it is.
set -eu
object=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

section=$("${READELF:-readelf}" -SW "$object" | sed 's/^ *\[ *[0-9]*\] //' |
    awk '$1 ~ /^[.]text[.].*BacktraceLock5print.*DisplayBacktrace.*3fmt$/ { print $1, $5 }')
case $section in
'' | *"
"*)
    echo "$object: backtraces are not left out" >&2
    exit 0
    ;;
esac
name=${section% *}
size=$((0x${section#* }))

# As long as the function was, because the tables for unwinding say so. 0 is Ok(()).
echo 'unsigned char print(void) { return 0; }' |
    "${CC:-cc}" -O2 -ffunction-sections -fno-asynchronous-unwind-tables -fno-unwind-tables -x c -c - -o "$scratch/print.o"
"${OBJCOPY:-objcopy}" -O binary -j .text.print "$scratch/print.o" "$scratch/print"
[ -s "$scratch/print" ] && [ "$(wc -c <"$scratch/print")" -le "$size" ]
head -c "$size" /dev/zero >>"$scratch/print"
head -c "$size" "$scratch/print" >"$scratch/padded"
"${OBJCOPY:-objcopy}" --update-section "$name=$scratch/padded" --remove-relocations="$name" "$object"
