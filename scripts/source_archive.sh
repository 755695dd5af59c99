#!/bin/sh
# Makes the source archive of a commit, with all crates that it needs: it builds without network, also as a Debian package.
#
#   scripts/source_archive.sh DIRECTORY [COMMIT]      COMMIT is HEAD when not given
#
# Writes DIRECTORY/paho-c-rs-VERSION-vendored.tar.gz, the same bytes for the same commit. Ends with 1 when debian/copyright
# does not have all crates; then run `make copyright`.
set -eu
: "${CARGO:=cargo}"
mkdir -p "${1:?source_archive.sh DIRECTORY}"
output=$(cd "$1" && pwd)
commit=${2:-HEAD}
cd "$(dirname "$0")/.."

version=$(git show "$commit:Cargo.toml" | sed -n 's/^version = "\(.*\)"/\1/p')
name=paho-c-rs-$version
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

git archive --format=tar --prefix="$name/" "$commit" | tar -xf - -C "$work"
mkdir -p "$work/$name/.cargo"
(cd "$work/$name" && "$CARGO" vendor --quiet --locked vendor >/dev/null)
cat >"$work/$name/.cargo/config.toml" <<END
# All crates are in vendor.
[source.crates-io]
replace-with = "vendored-sources"

[source.vendored-sources]
directory = "vendor"

[net]
offline = true
END
(cd "$work/$name" && scripts/copyright.sh vendor) >"$work/copyright"
if ! diff "$work/$name/debian/copyright" "$work/copyright"; then
    echo "source: debian/copyright does not say what these crates say: run \`make copyright\` and commit it" >&2
    exit 1
fi

time=$(git log -1 --format=%ct "$commit")
tar --sort=name --mtime="@$time" --owner=0 --group=0 --numeric-owner --format=gnu -C "$work" -cf - "$name" |
    gzip -n >"$output/$name-vendored.tar.gz"
echo "$output/$name-vendored.tar.gz"
