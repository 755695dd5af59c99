# For other scripts to source: a mosquitto of our own on a free loopback port.
#
#   start_mosquitto DIRECTORY [LINES]
#                                sets broker_port and broker_pid; its files and its log are in DIRECTORY, LINES are added to
#                                its configuration
#   stop_mosquitto               ends that process and no other
#   restart_mosquitto DIRECTORY  starts it again on the same port

broker_pid=
broker_port=

# Below the ports that the kernel gives to clients, and random, so that several of us rarely meet; a port in use ends the
# broker and another one is tried.
random_port() {
    number=$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')
    echo $((20000 + number % 12000))
}

mosquitto_program() {
    command -v mosquitto || echo /usr/sbin/mosquitto
}

# Running and listening on its port?
mosquitto_is_ready() { # LOG
    kill -0 "$broker_pid" 2>/dev/null && grep -q 'mosquitto version .* running' "$1" 2>/dev/null
}

start_mosquitto() { # DIRECTORY [LINES]
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        broker_port=$(random_port)
        printf 'listener %s 127.0.0.1\nallow_anonymous true\npersistence false\nmax_queued_messages 0\n%s\n' \
            "$broker_port" "${2:-}" >"$1/mosquitto.conf"
        "$(mosquitto_program)" -c "$1/mosquitto.conf" >"$1/mosquitto.log" 2>&1 &
        broker_pid=$!
        while kill -0 "$broker_pid" 2>/dev/null; do
            mosquitto_is_ready "$1/mosquitto.log" && return 0
            sleep 0.02
        done
        # Also where the script ends with the first command that fails: then another port is tried.
        wait "$broker_pid" || true
    done
    broker_pid=
    echo "mosquitto does not start:" >&2
    cat "$1/mosquitto.log" >&2
    return 1
}

restart_mosquitto() { # DIRECTORY
    "$(mosquitto_program)" -c "$1/mosquitto.conf" >"$1/mosquitto.log" 2>&1 &
    broker_pid=$!
}

stop_mosquitto() {
    [ -n "$broker_pid" ] || return 0
    kill "$broker_pid" 2>/dev/null || true
    wait "$broker_pid" 2>/dev/null || true
    broker_pid=
}
