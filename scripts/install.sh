#!/bin/sh
# Installs what `make` has built into dist/, and documents, man pages, and files for CMake and pkg-config.
#
#   scripts/install.sh install      scripts/install.sh uninstall
#
# `make install` and `make uninstall` call it with the variables below; nothing is built. The list of what has been
# installed is one of the documents, and uninstall goes by it.
set -eu
umask 022
: "${DIST:?}" "${VERSION:?}" "${LIBRARIES:?}" "${TOOLS?}" "${STRIP:=strip}" "${DESTDIR=}"
: "${PREFIX:?}" "${LIBDIR:?}" "${INCLUDEDIR:?}" "${BINDIR:?}" "${MANDIR:?}" "${DOCDIR:?}"
cmake_name=eclipse-paho-mqtt-c
list=$DOCDIR/installed-files

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
: >"$work/list"

note() {
    printf '%s\n' "$1" >>"$work/list"
}

# Notes the directories that were not there, with a slash at the end.
make_directory() {
    if [ -z "$1" ]; then
        [ -z "$DESTDIR" ] || mkdir -p "$DESTDIR"
    elif [ ! -d "$DESTDIR$1" ]; then
        make_directory "${1%/*}"
        mkdir "$DESTDIR$1"
        note "$1/"
    fi
}

# Puts a new file in the old one's place, so that running programs keep theirs.
put() { # MODE FILE DESTINATION [STRIP_OPTIONS]
    make_directory "${3%/*}"
    cp "$2" "$DESTDIR$3.new"
    chmod "$1" "$DESTDIR$3.new"
    # shellcheck disable=SC2086 # several options
    [ -z "${4:-}" ] || $STRIP $4 "$DESTDIR$3.new"
    mv -f "$DESTDIR$3.new" "$DESTDIR$3"
    note "$3"
}

put_link() { # TARGET DESTINATION
    rm -f "$DESTDIR$2"
    ln -s "$1" "$DESTDIR$2"
    note "$2"
}

put_libraries() {
    for library in $LIBRARIES; do
        base=lib$library
        put 644 "$DIST/lib/$base.so.$VERSION" "$LIBDIR/$base.so.$VERSION" '--strip-unneeded --remove-section=.comment'
        put_link "$base.so.$VERSION" "$LIBDIR/$base.so.1"
        put_link "$base.so.1" "$LIBDIR/$base.so"
        put 644 "$DIST/lib/$base.a" "$LIBDIR/$base.a" '--strip-debug --remove-section=.comment'
    done
}

put_headers() {
    for header in "$DIST"/include/*.h; do
        put 644 "$header" "$INCLUDEDIR/${header##*/}"
    done
}

put_tools() {
    for tool in $TOOLS; do
        put 755 "$DIST/bin/$tool" "$BINDIR/$tool" '--strip-unneeded --remove-section=.comment'
    done
}

put_manuals() {
    for page in man/*.1 "$DIST"/man/man*/*; do
        put 644 "$page" "$MANDIR/man${page##*.}/${page##*/}"
    done
}

# With the examples, which the documents link to.
put_documents() {
    for document in *.md LICENSE-* docs/*.md c_examples/*.c $(find examples -type f ! -name '.*' ! -name '*.pyc'); do
        put 644 "$document" "$DOCDIR/$document"
    done
}

# `configure TEMPLATE DESTINATION NAME=VALUE...` replaces each @NAME@.
configure() {
    template=$1
    destination=$2
    shift 2
    for pair; do
        printf 's|@%s@|%s|g\n' "${pair%%=*}" "${pair#*=}"
    done >"$work/sed"
    sed -f "$work/sed" "$template" >"$work/configured"
    put 644 "$work/configured" "$destination"
}

put_cmake_files() {
    directory=$LIBDIR/cmake/$cmake_name
    for file in Config Config-release ConfigVersion; do
        configure "cmake/$cmake_name$file.cmake.in" "$directory/$cmake_name$file.cmake" \
            VERSION="$VERSION" LIBRARIES="$LIBRARIES" INCLUDEDIR="$(scripts/relative_path.sh "$directory" "$INCLUDEDIR")"
    done
}

# A directory, in terms of the prefix where it lies below it.
below_prefix() {
    case $1 in
    "${PREFIX%/}"/*) printf '${prefix}/%s\n' "${1#"${PREFIX%/}"/}" ;;
    *) printf '%s\n' "$1" ;;
    esac
}

put_package() { # NAME DESCRIPTION LIBS LIBS_PRIVATE REQUIRES
    configure pkgconfig/package.pc.in "$LIBDIR/pkgconfig/$1.pc" NAME="$1" DESCRIPTION="$2" VERSION="$VERSION" \
        PREFIX="$PREFIX" LIBDIR="$(below_prefix "$LIBDIR")" INCLUDEDIR="$(below_prefix "$INCLUDEDIR")" \
        LIBS="$3" LIBS_PRIVATE="$4" REQUIRES="$5"
}

put_packages() {
    for library in $LIBRARIES; do
        case $library in
        *3c) description="MQTT client, synchronous API" ;;
        *3cs) description="MQTT client, synchronous API, with TLS" ;;
        *3a) description="MQTT client, asynchronous API" ;;
        *3as) description="MQTT client, asynchronous API, with TLS" ;;
        esac
        put_package "$library" "$description" "-L\${libdir} -l$library" "$(cat "$DIST/lib/lib$library.needs")" ''
    done
    # Programs that ask for this name may use either API, and TLS.
    both=$(printf '%s\n' $LIBRARIES | grep 's$' | tr '\n' ' ') || both=$LIBRARIES
    put_package paho-mqtt-c "MQTT client, both APIs, with TLS" '' '' "${both% }"
}

renew_linker_cache() {
    [ -n "$DESTDIR" ] || [ "$(id -u)" -ne 0 ] || ! command -v ldconfig >/dev/null || ldconfig
}

install_all() {
    put_libraries
    put_headers
    put_tools
    put_manuals
    put_documents
    put_cmake_files
    put_packages
    # Files of an earlier installation stay on the list.
    note "$list"
    cat "$DESTDIR$list" >>"$work/list" 2>/dev/null || true
    LC_ALL=C sort -u "$work/list" >"$work/sorted"
    put 644 "$work/sorted" "$list"
    renew_linker_cache
}

# Files first; then the directories that were made for them, inner ones first, if nothing else is in them.
uninstall_all() {
    if [ ! -e "$DESTDIR$list" ]; then
        echo "uninstall: $DESTDIR$list is not there, so nothing is known to be installed" >&2
        exit 1
    fi
    LC_ALL=C sort -r "$DESTDIR$list" >"$work/list"
    grep -v '/$' "$work/list" | while IFS= read -r file; do
        rm -f "$DESTDIR$file"
    done
    grep '/$' "$work/list" | while IFS= read -r directory; do
        rmdir "$DESTDIR$directory" 2>/dev/null || true
    done
    renew_linker_cache
}

case ${1:-} in
install) install_all ;;
uninstall) uninstall_all ;;
*)
    echo "usage: $0 install|uninstall" >&2
    exit 2
    ;;
esac
