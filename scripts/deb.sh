#!/bin/sh
# Builds the Debian packages of a source archive that scripts/source_archive.sh has made, without network where this user
# may switch it off.
#
#   scripts/deb.sh ARCHIVE DIRECTORY
#
# Puts the packages, and the log of the build as build.log, into DIRECTORY. Rust may come from Debian or from rustup. What
# else is missing is named. `unshare -n` needs root.
set -eu
archive=$(realpath "${1:?deb.sh ARCHIVE DIRECTORY}")
mkdir -p "${2:?deb.sh ARCHIVE DIRECTORY}"
output=$(cd "$2" && pwd)

for program in dpkg-buildpackage dh; do
    command -v "$program" >/dev/null || { echo "deb: install dpkg-dev and debhelper (no $program)" >&2; exit 1; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
tar -xf "$archive" -C "$work"
cd "$work"/paho-c-rs-*

# Not from a package, cargo is what PATH has.
profiles=
case $(command -v cargo) in /usr/bin/*) ;; *) profiles=-Ppkg.paho-c-rs.rustup ;; esac
without_network=
! unshare -n true 2>/dev/null || without_network='unshare -n'

# shellcheck disable=SC2086 # words
if ! $without_network dpkg-buildpackage -b -us -uc $profiles >"$output/build.log" 2>&1; then
    tail -n 40 "$output/build.log" >&2
    echo "deb: the build has failed; all of it is in $output/build.log" >&2
    exit 1
fi
mv "$work"/*.deb "$work"/*.changes "$work"/*.buildinfo "$output/"
ls "$output"/*.deb
