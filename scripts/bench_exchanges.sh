#!/bin/sh
# Request and answer through a mosquitto of our own with its default settings, over TCP, TLS and WebSockets.
#   scripts/bench_exchanges.sh COMPARE BASE.so OTHER.so ROUNDS SECONDS
set -e
here=$(dirname "$0")
. "$here/private_mosquitto.sh"

directory=$(mktemp -d)
trap 'stop_mosquitto; rm -rf "$directory"' EXIT INT TERM
# mosquitto gives up its rights before it reads the key.
chmod 755 "$directory"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
    -keyout "$directory/key.pem" -out "$directory/certificate.pem" 2>/dev/null
chmod 644 "$directory/key.pem"

tls_port=$(random_port)
web_port=$(random_port)
start_mosquitto "$directory" "listener $tls_port 127.0.0.1
certfile $directory/certificate.pem
keyfile $directory/key.pem
listener $web_port 127.0.0.1
protocol websockets" || exit 1

"$1" "$2" "$3" "$4" "$5" "tcp=tcp://127.0.0.1:$broker_port" "tls=ssl://127.0.0.1:$tls_port" \
    "ws=ws://127.0.0.1:$web_port"
