#!/bin/sh
# Prints debian/copyright: this project, and each crate that a source archive brings along, with its holders and licence.
#
#   scripts/copyright.sh [VENDOR]      the crates of this directory; without it those that cargo has or downloads
#
# The licences themselves are in debian/copyright.licences. Ends with 1 when one that a crate has is not there.
set -eu
cd "$(dirname "$0")/.."
: "${CARGO:=cargo}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

# Name, version, directory, licence and authors of each crate, with tabs between.
crates() {
    "$CARGO" metadata --format-version 1 --locked | sed 's/{"name":"\([^"]*\)","version"/\
crate \1 /g' | awk '
        function field(name, closing,    start) {
            start = index($0, "\"" name "\":")
            text = substr($0, start + length(name) + 4)
            return start && text !~ /^ull/ ? substr(text, 1, index(text, closing) - 1) : ""
        }
        /^crate / && field("source", "\"") != "" {
            manifest = field("manifest_path", "\"")
            sub("/[^/]*$", "", manifest)
            version = $3
            gsub(/^:"|".*/, "", version)
            authors = field("authors", "]")
            gsub(/ *<[^>]*>|"/, "", authors)
            print $2 "\t" version "\t" manifest "\t" field("license", "\"") "\t" authors
        }'
}

# The holders that the files of a crate name: one in each line, without "Copyright".
holders() { # DIRECTORY
    cat "$1"/LICEN[CS]E* "$1"/COPY* "$1"/NOTICE* 2>/dev/null | tr -d '\r' | awk '
        /^[ \t*\/#]*Copyright ([(]c[)] |[(]C[)] |© )?[12][0-9][0-9][0-9]|^[ \t*\/#]*Copyright ([(][cC][)]|©) / {
            sub(/^.*Copyright */, "")
            sub(/^([(][cC][)]|©) */, "")
            sub(/[ \t]*(All rights reserved\.?)? *$/, "")
            if (!seen[$0]++)
                print
        }'
}

# As the format of the file has it: "MIT or Apache-2.0, and Unicode-3.0".
expression() {
    printf '%s\n' "$1" | sed -e 's,  */  *\|/, OR ,g' -e 's/(\([^)]*\)) AND /\1, and /' -e 's/ OR / or /g' -e 's/ AND / and /g' \
        -e 's/ WITH LLVM-exception/ with LLVM exception/g'
}

paragraph() { # NAME
    awk -F'\t' -v name="$1" '$1 == name' "$work/crates" >"$work/these"
    test "$(wc -l <"$work/these")" -eq 1 && others= || others=" vendor/$1-*"
    while IFS='	' read -r _ _ directory licence authors; do
        holders "$directory" >"$work/found"
        [ -s "$work/found" ] || printf '%s\n' "$authors" | sed '/^$/d' | tr ',' '\n' >"$work/found"
        [ -s "$work/found" ] || echo "The $1 developers" >"$work/found"
        cat "$work/found" >&3
        expression "$licence" >&4
    done <"$work/these" 3>"$work/holders" 4>"$work/licence"
    if [ "$(sort -u "$work/licence" | wc -l)" -ne 1 ]; then
        echo "copyright: the versions of $1 have different licences" >&2
        exit 1
    fi
    printf '\nFiles: vendor/%s/*%s\nCopyright:\n' "$1" "$others"
    awk '!seen[$0]++ { print " " $0 }' "$work/holders"
    printf 'License: %s\n' "$(head -n 1 "$work/licence")"
}

if [ $# -gt 0 ]; then
    mkdir "$work/project"
    cp -R Cargo.toml Cargo.lock build.rs src "$work/project/"
    mkdir "$work/project/.cargo"
    printf '[source.crates-io]\nreplace-with = "vendored"\n[source.vendored]\ndirectory = "%s"\n[net]\noffline = true\n' \
        "$(cd "$1" && pwd)" >"$work/project/.cargo/config.toml"
    (cd "$work/project" && crates) >"$work/unsorted"
else
    crates >"$work/unsorted"
fi
# Not by directory: those of a source archive have other names.
LC_ALL=C sort "$work/unsorted" >"$work/crates"

{
    cat <<END
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: paho-c-rs
Source: $(sed -n 's/^repository = "\(.*\)"/\1/p' Cargo.toml)
Comment:
 Written by scripts/copyright.sh. The directory vendor is part of source archives only; the libraries contain code of some
 of these crates, others are tools of the build or of tests.

Files: *
Copyright: $(sed -n 's/^Copyright (c) //p' LICENSE-MIT)
License: MIT or Apache-2.0
END
    for name in $(cut -f1 "$work/crates" | uniq); do
        paragraph "$name"
    done
} >"$work/copyright"

# Every licence that is named needs its text.
sed -n 's/^License: //p' "$work/copyright" | sed 's/,* and \| or /\n/g' | LC_ALL=C sort -u | while IFS= read -r licence; do
    grep -q -x -F "License: $licence" debian/copyright.licences || { echo "copyright: no text of $licence" >&2; exit 1; }
done
cat "$work/copyright" debian/copyright.licences
