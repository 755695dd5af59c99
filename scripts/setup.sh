#!/bin/sh
# Installs what building and testing need and is not there yet, with the system's own package manager.
# Does nothing, quickly, when all is there. Ends with 1 when something needed is missing afterwards.
#
#   scripts/setup.sh           install what is missing
#   scripts/setup.sh --check   only say what is missing
set -u

# Each line: how important | what is looked for | package for apt-get | for dnf | for apk | what it is for
# "needed": nothing works without. "tests": some tests say that they were left out.
parts='
needed|command cc|gcc libc6-dev|gcc glibc-devel|gcc musl-dev|compiles the C programs
needed|command make|make|make|make|builds
needed|command mosquitto|mosquitto|mosquitto|mosquitto|the broker of the demo and the tests
tests|command mosquitto_pub|mosquitto-clients|mosquitto|mosquitto-clients|a client that is not ours
tests|command c++|g++|gcc-c++|g++|checks the headers as C++
tests|command valgrind|valgrind|valgrind|valgrind|finds memory errors and counts instructions
tests|command llvm-symbolizer|llvm|llvm|llvm|names functions in the reports of sanitizers
tests|header MQTTClient.h|libpaho-mqtt-dev|paho-c-devel|paho-mqtt-c-dev|the original headers, compared with ours
tests|library libpaho-mqtt3c.so.1|libpaho-mqtt1.3|paho-c|paho-mqtt-c|the original library, run beside ours
tests|command paho_cs_pub|paho.mqtt.c-examples|paho-c-devel|-|programs compiled against the original
tests|header mqtt/async_client.h|libpaho-mqttpp-dev|-|-|the C++ wrapper, run on our library
tests|header mosquitto.h|libmosquitto-dev|mosquitto-devel|mosquitto-dev|a client library to compare with
tests|header sqlite3.h|libsqlite3-dev|sqlite-devel|sqlite-dev|the example with a store in SQLite
needed|header openssl/ssl.h|libssl-dev|openssl-devel|openssl-dev|the flavours with TLS
needed|command pkg-config|pkg-config|pkgconf|pkgconf|finds OpenSSL
tests|command tinyproxy|tinyproxy|tinyproxy|tinyproxy|an HTTP proxy
tests|command nginx|nginx-light|nginx|nginx|a web server in front of a broker
tests|command softhsm2-util|softhsm2|softhsm|softhsm|a token for keys
tests|library engines-3/pkcs11.so|libengine-pkcs11-openssl|openssl-pkcs11|-|lets OpenSSL use tokens
tests|command pkcs11-tool|opensc|opensc|opensc|puts certificates into tokens
'

has_command() {
    command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]
}

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
    esac
}

# Prints the lines of what is missing.
missing() {
    printf '%s' "$parts" | while IFS='|' read -r importance what apt dnf apk purpose; do
        [ -n "$importance" ] || continue
        # shellcheck disable=SC2086 # the two words of "command cc"
        is_there $what || printf '%s|%s|%s|%s|%s|%s\n' "$importance" "$what" "$apt" "$dnf" "$apk" "$purpose"
    done
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif has_command sudo && sudo -n true 2>/dev/null; then
        sudo "$@"
    else
        return 1
    fi
}

# One package after the other: one that this system does not have must not stop the rest.
install() { # FIELD COMMAND...
    field=$1
    shift
    missing | cut -d'|' -f"$field" | tr ' ' '\n' | sort -u | while read -r package; do
        [ -z "$package" ] || [ "$package" = - ] || as_root "$@" "$package" </dev/null ||
            echo "setup: $package could not be installed" >&2
    done
}

install_missing() {
    if has_command apt-get; then
        export DEBIAN_FRONTEND=noninteractive
        as_root apt-get update -q </dev/null || echo "setup: apt-get update is not possible here" >&2
        install 3 apt-get install -y -q --no-install-recommends
    elif has_command dnf; then
        install 4 dnf install -y -q
    elif has_command apk; then
        install 5 apk add -q
    else
        echo "setup: none of apt-get, dnf and apk is here; install the parts below by hand" >&2
    fi
}

report() {
    missing | while IFS='|' read -r importance what _ _ _ purpose; do
        echo "setup: missing ($importance): $what - $purpose" >&2
    done
    if ! has_command cargo; then
        echo "setup: missing (needed): Rust 1.85 or newer, with cargo. Install it from your distribution" >&2
        echo "       (packages rustc and cargo, where they are new enough) or with rustup, see https://rustup.rs" >&2
    fi
}

if [ -n "$(missing)" ] && [ "${1:-}" != --check ]; then
    install_missing
fi
report
has_command cargo && ! missing | grep -q '^needed'
