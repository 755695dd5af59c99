#!/bin/sh
# Installs what is missing, with the system's own package manager, and says so first. Rust it only asks for. Does nothing,
# quickly, when all is there. Ends with 1 when something needed is missing afterwards.
#
#   scripts/setup.sh [--check] [demo|build|test]
#
# demo: what `make demo` needs. build: that and what the flavours with TLS need. test, the default: that and what only
# tests use. --check only says what is missing.
set -u
. "$(dirname "$0")/packages.sh"
needed_rust=1.85

check=
[ "${1:-}" != --check ] || { check=1 && shift; }
purpose_of_all=${1:-test}

# Each line: since when | what is looked for | package for apt-get | for dnf | for apk | what it is for
# Tests whose parts are missing say that they were left out; everything else is needed.
parts='
demo|command cc|gcc libc6-dev|gcc glibc-devel|gcc musl-dev|compiles the C programs
demo|command make|make|make|make|builds
demo|command mosquitto|mosquitto|mosquitto|mosquitto|the broker of the demo and the tests
tests|command mosquitto_pub|mosquitto-clients|mosquitto|mosquitto-clients|a client that is not ours
tests|command git|git|git|git|lists the sources
tests|command cmake|cmake|cmake|cmake|a project that uses the installed libraries
tests|command c++|g++|gcc-c++|g++|checks the headers as C++
tests|command valgrind|valgrind|valgrind|valgrind|finds memory errors and counts instructions
tests|command llvm-symbolizer|llvm|llvm|llvm|names functions in the reports of sanitizers
tests|header MQTTClient.h|libpaho-mqtt-dev|paho-c-devel|paho-mqtt-c-dev|the original headers, compared with ours
tests|library libpaho-mqtt3c.so.1|libpaho-mqtt1.3|paho-c|paho-mqtt-c|the original library, run beside ours
tests|command paho_cs_pub|paho.mqtt.c-examples|paho-c-devel|-|programs compiled against the original
tests|header mqtt/async_client.h|libpaho-mqttpp-dev|-|-|the C++ wrapper, run on our library
tests|header mosquitto.h|libmosquitto-dev|mosquitto-devel|mosquitto-dev|a client library to compare with
tests|header mosquitto_broker.h|mosquitto-dev|mosquitto-devel|mosquitto-dev|a plugin of mosquitto that authenticates clients
tests|header sqlite3.h|libsqlite3-dev|sqlite-devel|sqlite-dev|the example with a store in SQLite
build|header openssl/ssl.h|libssl-dev|openssl-devel|openssl-dev|the flavours with TLS
build|command pkg-config|pkg-config|pkgconf|pkgconf|finds OpenSSL
tests|command tinyproxy|tinyproxy|tinyproxy|tinyproxy|an HTTP proxy
tests|command nginx|nginx-light|nginx|nginx|a web server in front of a broker
tests|command softhsm2-util|softhsm2|softhsm|softhsm|a token for keys
tests|library engines-3/pkcs11.so|libengine-pkcs11-openssl|openssl-pkcs11|-|lets OpenSSL use tokens
tests|command pkcs11-tool|opensc|opensc|opensc|puts certificates into tokens
tests|command strace|strace|strace|strace|shows the system calls that make files durable
tests|command ld.gold|binutils-gold|binutils-gold|binutils-gold|another linker for the static libraries
tests|command ld.lld|lld|lld|lld|another linker for the static libraries
tests|command groff|groff-base|groff-base|groff|shows man pages
tests|command doxygen|doxygen|doxygen|doxygen|makes HTML of headers and guides
tests|header uv.h|libuv1-dev|libuv-devel|libuv-dev|the example with an event loop of libuv
tests|command python3|python3|python3|python3|the example for Python
tests|command go|golang-go|golang|go|the example for Go
tests|command javac|default-jdk-headless|java-devel|-|the example for Java
tests|file /usr/share/java/jna.jar|libjna-java|jna|-|the example for Java
tests|module koffi|-|-|-|the example for Node.js
'

has_file() { # NAME DIRECTORY...
    name=$1
    shift
    for directory; do
        for found in $directory/$name; do
            [ -e "$found" ] && return 0
        done
    done
    return 1
}

is_there() { # KIND NAME
    case $1 in
    command) has_command "$2" ;;
    header) has_file "$2" /usr/include '/usr/include/*-linux-*' /usr/local/include ;;
    library) has_file "$2" /usr/lib /usr/lib64 '/usr/lib/*-linux-*' /usr/local/lib ;;
    file) [ -e "$2" ] ;;
    module) [ -e "$(dirname "$0")/../build/languages/node_modules/$2" ] ;;
    esac
}

# Prints the lines of what is missing and would be used.
missing() {
    printf '%s' "$parts" | while IFS='|' read -r since what apt dnf apk use; do
        case $purpose_of_all:$since in
        demo:demo | build:demo | build:build | test:?*) ;;
        *) continue ;;
        esac
        # shellcheck disable=SC2086 # the two words of "command cc"
        is_there $what || printf '%s|%s|%s|%s|%s|%s\n' "$since" "$what" "$apt" "$dnf" "$apk" "$use"
    done
}

missing_packages() {
    case $(package_manager) in
    apt-get) field=3 ;;
    dnf) field=4 ;;
    apk) field=5 ;;
    *) return 0 ;;
    esac
    missing | cut -d'|' -f"$field" | tr ' ' '\n' | grep -v '^-$' | sort -u | tr '\n' ' '
}

missing_is_needed() {
    missing | grep -q -v '^tests'
}

report() {
    missing | while IFS='|' read -r since what _ _ _ use; do
        [ "$since" = tests ] && since="tests only"
        echo "setup: missing ($since): $what - $use" >&2
    done
}

# True if this version, as 1.85.0, is new enough.
is_new_enough() {
    echo "$1" | awk -F. -v needed="$needed_rust" \
        '{ split(needed, least, "."); exit !($1 > least[1] || ($1 == least[1] && $2 >= least[2])) }'
}

check_rust() {
    version=$(cargo --version 2>/dev/null | cut -d' ' -f2)
    if [ -z "$version" ]; then
        found="is not in PATH"
    elif is_new_enough "$version"; then
        return 0
    else
        found="is $version"
    fi
    echo "setup: missing (needed): Rust $needed_rust or newer; cargo $found. Install it with rustup, see https://rustup.rs," >&2
    echo "       or from your distribution (packages rustc and cargo) where that has it." >&2
    return 1
}

install_missing() {
    packages=$(missing_packages)
    if [ -z "$packages" ]; then
        return 0
    elif can_be_root; then
        echo "setup: installing with $(package_manager): $packages"
        # shellcheck disable=SC2086 # several names
        install_packages $packages || echo "setup: not all of these packages could be installed" >&2
    else
        echo "setup: run this as root:  $(install_command) $packages" >&2
    fi
}

# Only with the npm that is there: Debian's would bring some hundred packages along, for one test.
install_modules() {
    if missing | grep -q '|module koffi|' && has_command npm; then
        echo "setup: installing with npm: koffi"
        make -C "$(dirname "$0")/.." --no-print-directory node-modules
    fi
}

# What cannot be installed here is asked for before anything is.
if ! check_rust && [ -z "$check" ]; then
    exit 1
fi
if [ -n "$(missing)" ]; then
    if [ -z "$check" ]; then
        install_missing
        install_modules
    fi
    report
fi
check_rust 2>/dev/null && ! missing_is_needed
