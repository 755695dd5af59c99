#!/bin/sh
# Runs the C examples over a mosquitto of our own, at each QoS, and prints what arrives.
#
#   scripts/demo.sh DIRECTORY_OF_THE_COMPILED_EXAMPLES
set -u
examples=${1:?"usage: $0 DIRECTORY_OF_THE_COMPILED_EXAMPLES"}
here=$(dirname "$0")
. "$here/private_mosquitto.sh"

work=$(mktemp -d) || exit 1
finish() {
    stop_mosquitto
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM HUP PIPE

failures=0
failed() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

# Waits until a subscriber has subscribed, or has ended.
wait_for_subscription() { # PID OUTPUT
    while kill -0 "$1" 2>/dev/null && ! grep -q '^Subscribed' "$2"; do
        sleep 0.02
    done
}

# One subscriber and one publisher, each a process of its own.
exchange() { # SUBSCRIBER PUBLISHER QOS_OF_THE_PUBLISHER MAXIMUM_QOS
    topic="demo/$1/$3/$4"
    # The one before must not be taken for this one's.
    : >"$work/subscriber"
    "$examples/$1" "$uri" "$topic" "$4" 2 20 >"$work/subscriber" 2>&1 &
    subscriber=$!
    wait_for_subscription "$subscriber" "$work/subscriber"
    "$examples/$2" "$uri" "$topic" "$3" 2 "Hello from QoS $3" >"$work/publisher" 2>&1 || failed "$2"
    wait "$subscriber" || failed "$1"
    sed 's/^/  publisher   /' "$work/publisher"
    sed 's/^/  subscriber  /' "$work/subscriber"
    lower=$3
    [ "$4" -lt "$3" ] && lower=$4
    [ "$(grep -c "^$topic, QoS $lower: Hello from QoS $3\$" "$work/subscriber")" -eq 2 ] ||
        failed "two messages with QoS $lower were expected"
    echo
}

start_mosquitto "$work" || exit 1
uri="tcp://127.0.0.1:$broker_port"
echo "mosquitto listens on $uri"
echo

for program in subscribe_callbacks receive_loop async_subscribe; do
    case $program in async_*) publisher=async_publish ;; *) publisher=publish ;; esac
    for qos in 0 1 2; do
        echo "$program: published with QoS $qos by $publisher, maximum QoS 2"
        exchange "$program" "$publisher" "$qos" 2
    done
    echo "$program: published with QoS 2 by $publisher, maximum QoS 1"
    exchange "$program" "$publisher" 2 1
done

echo "subscribe_many: three topics with maximum QoS 0, 1 and 2"
"$examples/subscribe_many" "$uri" >"$work/output" 2>&1 || failed "subscribe_many"
sed 's/^/  /' "$work/output"
echo
echo "mqtt5_properties: MQTT 5.0, a message with properties"
"$examples/mqtt5_properties" "$uri" >"$work/output" 2>&1 || failed "mqtt5_properties"
sed 's/^/  /' "$work/output"
echo
echo "async_offline_buffering: messages wait until the broker is there"
stop_mosquitto
"$examples/async_offline_buffering" "$uri" demo/measurement 3 60 >"$work/output" 2>&1 &
sender=$!
while kill -0 "$sender" 2>/dev/null && ! grep -q '^No connection yet' "$work/output"; do
    sleep 0.02
done
restart_mosquitto "$work"
wait "$sender" || failed "async_offline_buffering"
sed 's/^/  /' "$work/output"
echo

if [ -x "$examples/sqlite_store" ]; then
    echo "sqlite_store: messages are kept in an SQLite file until they are confirmed"
    "$examples/sqlite_store" "$uri" "$work/messages.db" >"$work/output" 2>&1 || failed "sqlite_store"
    sed 's/^/  /' "$work/output"
    echo
fi

if [ "$failures" -eq 0 ]; then
    echo "Everything arrived as it should."
else
    echo "$failures things went wrong."
    exit 1
fi
