#!/bin/sh
# Makes a release of what is committed: scripts/release.sh VERSION
#
# Sets the version, dates the section of the changelog, runs all checks, commits, tags, and puts the source archives (one with
# all crates), the packages where they can be built, and the checksums into build/release. Publishes nothing.
# RELEASE_CHECKS names another command in place of .ci/run.
set -eu
cd "$(dirname "$0")/.."

fail() {
    echo "release: $1" >&2
    exit 1
}

version=${1:?release.sh VERSION}
checks=${RELEASE_CHECKS:-.ci/run}
name=paho-c-rs-$version
out=build/release
changed="Cargo.toml Cargo.lock CHANGELOG.md debian/changelog"

case $version in
*[!0-9.]* | .* | *. | *..*) fail "$version is not a version such as 1.2.3" ;;
*.*.*) ;;
*) fail "$version is not a version such as 1.2.3" ;;
esac
test -z "$(git status --porcelain)" || fail "there are changes that are not committed"
test -z "$(git tag --list "v$version")" || fail "the tag v$version exists"

# What the new version brings: the section up to the next one.
section() {
    awk -v start="## [$1]" 'index($0, "## [") == 1 { shown = index($0, start) == 1; next } shown' CHANGELOG.md
}
section Unreleased | grep -q '^- ' || fail "the changelog has nothing under [Unreleased]"

sed -i.old "1,/^version = /s/^version = .*/version = \"$version\"/" Cargo.toml
sed -i.old "/^name = \"paho-c-rs\"/{n;s/^version = .*/version = \"$version\"/;}" Cargo.lock
sed -i.old "s/^## \[Unreleased\]\$/&\\
\\
## [$version] - $(date -u +%Y-%m-%d)/" CHANGELOG.md
{
    maintainer=$(sed -n 's/^Maintainer: //p' debian/control)
    printf 'paho-c-rs (%s) unstable; urgency=medium\n\n  * CHANGELOG.md lists what has changed.\n\n' "$version"
    printf ' -- %s  %s\n\n' "$maintainer" "$(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S +0000')"
    cat debian/changelog
} >debian/changelog.new
mv debian/changelog.new debian/changelog
rm Cargo.toml.old Cargo.lock.old CHANGELOG.md.old
git diff --quiet -- Cargo.toml && fail "the version is $version already"

unset_addresses=$(git grep -l 'paho-c-rs\.example' -- Cargo.toml debian) || true
if [ -n "$unset_addresses" ]; then
    echo "release: do not publish it yet: paho-c-rs.example is in the place of the public addresses, in" $unset_addresses >&2
fi

$checks || { git checkout -q -- $changed; fail "the checks have failed; nothing was changed"; }

git commit -q -m "Release $version" -- $changed
section "$version" | git tag -a "v$version" -F - --cleanup=verbatim

rm -rf "$out"
mkdir -p "$out"
git archive --format=tar --prefix="$name/" "v$version" | gzip -n >"$out/$name.tar.gz"
if make -n source >/dev/null 2>&1; then
    make source
    if command -v dpkg-buildpackage >/dev/null && command -v dh >/dev/null; then
        scripts/deb.sh "$out/$name-vendored.tar.gz" "$out"
        rm "$out/build.log"
    fi
fi
(cd "$out" && sha256sum -- * >SHA256SUMS)
echo "v$version is tagged; $out has:"
ls "$out"
