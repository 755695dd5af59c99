#!/bin/sh
# Installs Doxygen for `make docs`, where it is missing. Without the rights for that it says what to install.
set -u
. "$(dirname "$0")/packages.sh"
has_command doxygen && exit 0

if can_be_root; then
    install_packages doxygen
fi
has_command doxygen || { echo "make docs needs doxygen: install it with your package manager" >&2; exit 1; }
