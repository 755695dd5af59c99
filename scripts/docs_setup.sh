#!/bin/sh
# Installs Doxygen for `make docs`, where it is missing. Without the rights for that it says what to install.
set -u
command -v doxygen >/dev/null 2>&1 && exit 0

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

if command -v apt-get >/dev/null 2>&1; then
    export DEBIAN_FRONTEND=noninteractive
    as_root apt-get update -q
    as_root apt-get install -y -q --no-install-recommends doxygen
elif command -v dnf >/dev/null 2>&1; then
    as_root dnf install -y -q doxygen
elif command -v apk >/dev/null 2>&1; then
    as_root apk add -q doxygen
fi
command -v doxygen >/dev/null 2>&1 || { echo "make docs needs doxygen: install it with your package manager" >&2; exit 1; }
