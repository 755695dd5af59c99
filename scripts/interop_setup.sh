#!/usr/bin/env bash
# Installs the brokers of `make interop`: mosquitto and RabbitMQ with the system's package manager, the others below
# build/interop. Does nothing, quickly, where all is there. What cannot be installed is named, and `make interop` leaves
# it out.
set -u
cd "$(dirname "$0")/.." || exit 1
installed=$PWD/build/interop
interop_sources=$PWD/tests/interop
. scripts/interop_brokers.sh
. scripts/packages.sh

mkdir -p "$installed"
log=$installed/setup.log
: >"$log"

install_mosquitto() {
    install_packages mosquitto
}

install_rabbitmq() {
    install_packages rabbitmq-server
}

install_aedes() {
    command -v npm >/dev/null || install_packages nodejs npm || return
    mkdir -p "$installed/npm"
    npm install --no-audit --no-fund --prefix "$installed/npm" aedes ws
}

install_amqtt() {
    python3 -m venv "$installed/venv" ||
        { install_packages python3 python3-venv && python3 -m venv --clear "$installed/venv"; } || return
    "$installed/venv/bin/pip" install -q amqtt
}

# Little optimization: it is compiled once and only has to work.
install_rumqttd() {
    CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
        cargo install rumqttd --no-default-features --features websocket --root "$installed/cargo" \
        --target-dir "$installed/cargo-target" && rm -rf "$installed/cargo-target"
}

for name in $broker_names; do
    [ -n "$(broker_missing "$name")" ] || continue
    echo "interop: installing $name"
    "install_$name" >>"$log" 2>&1
    [ -z "$(broker_missing "$name")" ] || echo "interop: $name could not be installed, see $log" >&2
done
ls /usr/lib/*/libpaho-mqtt3as.so.1 >/dev/null 2>&1 || install_packages libpaho-mqtt1.3 >>"$log" 2>&1 ||
    echo "interop: the original library (libpaho-mqtt1.3) could not be installed, see $log" >&2
