#!/bin/sh
# Runs what depends on libpaho-mqtt1.3 in Debian, with whichever package provides that now, and a mosquitto of its own:
# paho.mqtt.c-examples, a C++ program with libpaho-mqttpp3, and janus where it is installed.
#
#   scripts/check_dependents.sh VERSION      which the libraries have to report
set -eu
version=${1:?check_dependents.sh VERSION}
. "$(dirname "$0")/private_mosquitto.sh"
work=$(mktemp -d)
started=
finish() {
    [ -z "$started" ] || kill "$started" 2>/dev/null || true
    stop_mosquitto
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# Waits up to 30 seconds until a file has a text.
wait_for() { # TEXT FILE
    for _ in $(seq 600); do
        ! grep -q "$1" "$2" || return 0
        sleep 0.05
    done
    cat "$2" >&2
    fail "no \"$1\" has come"
}

start() { # OUTPUT COMMAND...
    output=$1
    shift
    : >"$output"
    "$@" >"$output" 2>&1 </dev/null &
    started=$!
}

stop() {
    kill "$started" 2>/dev/null || true
    wait "$started" 2>/dev/null || true
    started=
}

test "$(MQTTVersion | grep -c -x "Version: $version *")" -eq 4 || fail "MQTTVersion does not find version $version four times"
echo "MQTTVersion: four libraries of version $version"

start_mosquitto "$work" "log_type all"
server="-h 127.0.0.1 -p $broker_port"
for kind in c cs; do
    # shellcheck disable=SC2086 # several arguments
    "paho_${kind}_pub" $server -t "tools/$kind" --qos 2 -r -m "hello from $kind" </dev/null
    # shellcheck disable=SC2086 # several arguments
    start "$work/out" "paho_${kind}_sub" $server -t "tools/$kind"
    wait_for "hello from $kind" "$work/out"
    stop
done
echo "paho.mqtt.c-examples: publish and subscribe"

if [ -e /usr/include/mqtt/async_client.h ]; then
    cat >"$work/program.cpp" <<'END'
#include <iostream>
#include <mqtt/async_client.h>
int main(int, char** arguments)
{
    mqtt::async_client client(arguments[1], "cpp");
    client.connect()->wait();
    client.start_consuming();
    client.subscribe("cpp", 1)->wait();
    client.publish("cpp", "hello from C++", 1, false)->wait();
    std::cout << client.consume_message()->to_string() << std::endl;
    client.disconnect()->wait();
}
END
    c++ -std=c++17 "$work/program.cpp" -o "$work/program" -lpaho-mqttpp3 -lpaho-mqtt3as
    timeout 60 "$work/program" "tcp://127.0.0.1:$broker_port" >"$work/out"
    wait_for "hello from C++" "$work/out"
    echo "libpaho-mqttpp3: publish and consume"
fi

if command -v janus >/dev/null; then
    cat >"$work/janus.transport.mqtt.jcfg" <<END
general: {
    enabled = true
    json = "plain"
    url = "tcp://127.0.0.1:$broker_port"
    client_id = "janus"
    publish_topic = "from-janus"
    subscribe_topic = "to-janus"
}
END
    # Debian 12's ends with a segmentation fault in half of its starts, with the original library; with ours less often.
    for _ in $(seq 20); do
        start "$work/janus.log" janus --configs-folder="$work" --disable-colors
        sleep 3
        ! kill -0 "$started" 2>/dev/null || break
    done
    janus=$started
    wait_for 'Received SUBSCRIBE from janus' "$work/mosquitto.log"
    # shellcheck disable=SC2086 # several arguments
    start "$work/out" paho_cs_sub $server -t from-janus
    answers=$started
    wait_for 'from-janus' "$work/mosquitto.log"
    # shellcheck disable=SC2086 # several arguments
    paho_cs_pub $server -t to-janus --qos 1 -m '{"janus": "ping", "transaction": "one"}' </dev/null
    wait_for pong "$work/out"
    kill "$janus" "$answers"
    wait "$janus" "$answers" 2>/dev/null || true
    started=
    echo "janus: answers a ping that comes by MQTT"
fi
