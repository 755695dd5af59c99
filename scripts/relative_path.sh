#!/bin/sh
# Prints the path of a file or directory as seen from a directory. Both paths are absolute; neither has to exist.
#
#   scripts/relative_path.sh FROM TO      /usr/lib/cmake/paho /usr/include  ->  ../../../include
set -eu

# Without empty and "." parts, and with a slash at the end.
plain() {
    printf '%s/\n' "$1" | sed -e 's,//*,/,g' -e 's,/\(\./\)\{1\,\},/,g'
}

from=$(plain "$1")
to=$(plain "$2")
ups=
until case $to in "$from"*) true ;; *) false ;; esac; do
    from=${from%/}
    from=${from%/*}/
    ups=../$ups
done
result=$ups${to#"$from"}
result=${result%/}
printf '%s\n' "${result:-.}"
