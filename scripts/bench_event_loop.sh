#!/bin/sh
# A thousand clients in one thread, each sending its next message when the last one has come back: with plain sockets, then with
# the library, in turns.
#   scripts/bench_event_loop.sh FLOOR EXAMPLE CLIENTS MESSAGES ROUNDS
set -e
here=$(dirname "$0")
. "$here/private_mosquitto.sh"

directory=$(mktemp -d)
trap 'stop_mosquitto; rm -rf "$directory"' EXIT INT TERM
chmod 755 "$directory"
ulimit -n 8192
start_mosquitto "$directory"
round=0
while [ "$round" -lt "$5" ]; do
    printf 'sockets: '
    "$1" "$broker_port" "$3" "$4"
    printf 'library: '
    "$2" "tcp://127.0.0.1:$broker_port" "$3" "$4"
    round=$((round + 1))
done
