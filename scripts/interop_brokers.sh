# For interop.sh to source: the brokers of `make interop`, each on free loopback ports with a directory of its own.
#
#   broker_missing NAME           prints why it cannot be started; nothing if it can
#   start_broker NAME DIRECTORY   sets broker_pids
#   broker_uri TRANSPORT VERSION  prints where it listens for tcp or ws and MQTT 3, 4 or 5; nothing if it does not
#   broker_version NAME           prints its version
#   stop_broker                   ends those processes and no others

broker_names="mosquitto rabbitmq aedes amqtt rumqttd"
broker_pids=
broker_tcp= broker_tcp5= broker_ws=

# No listener there; below the ports that the kernel gives to clients.
free_port() {
    local port
    while :; do
        port=$((20000 + ($(od -An -N2 -tu2 /dev/urandom) % 12000)))
        (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
    done
    echo "$port"
}

# Waits until the port is open; fails when the process has ended or after a minute.
wait_for_port() { # PORT PID
    local tries=1200
    until (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] && kill -0 "$2" 2>/dev/null || return 1
        sleep 0.05
    done
}

# ---- One function for each broker: writes its configuration and starts it ----

start_mosquitto_broker() {
    cat >"$1/mosquitto.conf" <<END
listener $broker_tcp 127.0.0.1
listener ${broker_ws##*:} 127.0.0.1
protocol websockets
allow_anonymous true
persistence false
max_queued_messages 0
END
    PATH=$PATH:/usr/sbin mosquitto -c "$1/mosquitto.conf" >"$1/log" 2>&1 &
    broker_pids=$!
}

rabbitmq_server() {
    ls /usr/lib/rabbitmq/bin/rabbitmq-server /usr/lib/rabbitmq/lib/*/sbin/rabbitmq-server 2>/dev/null | head -n 1
}

# Erlang's port mapper is a process of its own, so that no one else's is used and none is left running. RabbitMQ's own
# port is closed to all but loopback, and everything it writes is in the directory.
start_rabbitmq_broker() {
    mapper_port=$(free_port)
    epmd -address 127.0.0.1 -port "$mapper_port" >"$1/epmd.log" 2>&1 &
    broker_pids=$!
    wait_for_port "$mapper_port" "$broker_pids"
    start_rabbitmq_node "$1" "interop$broker_tcp" "$broker_tcp" "web_mqtt.tcp.ip = 127.0.0.1
web_mqtt.tcp.port = $broker_ws"
    wait_for_port "$broker_tcp" "${broker_pids%% *}"
    # The script waits for the server, which is the one to be ended.
    broker_pids="$(cat "$1/pid") $broker_pids"
}

start_rabbitmq_node() { # DIRECTORY NAME PORT LINES
    printf '%s\n' "listeners.tcp = none" "mqtt.listeners.tcp.1 = 127.0.0.1:$3" "mqtt.allow_anonymous = true" "$4" \
        >"$1/rabbitmq.conf"
    echo '[rabbitmq_mqtt,rabbitmq_web_mqtt].' >"$1/enabled_plugins"
    : >"$1/rabbitmq-env.conf"
    with_rabbitmq "$1" "$2" env RABBITMQ_DIST_PORT="$(free_port)" \
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}' \
        RABBITMQ_CONFIG_FILE="$1/rabbitmq.conf" \
        RABBITMQ_ENABLED_PLUGINS_FILE="$1/enabled_plugins" RABBITMQ_MNESIA_BASE="$1/data" \
        RABBITMQ_LOG_BASE="$1/logs" RABBITMQ_GENERATED_CONFIG_DIR="$1/generated" RABBITMQ_PID_FILE="$1/pid" \
        "$(rabbitmq_server)" >"$1/log" 2>&1 </dev/null &
    broker_pids="$! $broker_pids"
}

# Runs a command of RabbitMQ as one of the node. HOME has what Erlang's nodes know each other by.
with_rabbitmq() { # DIRECTORY NAME COMMAND...
    local directory=$1 name=$2
    shift 2
    env HOME="${rabbitmq_home:-$directory}" ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT="$mapper_port" \
        RABBITMQ_NODENAME="$name@localhost" RABBITMQ_CONF_ENV_FILE="$directory/rabbitmq-env.conf" "$@"
}

start_aedes_broker() {
    NODE_PATH=$installed/npm/node_modules node "$interop_sources/aedes.js" "$broker_tcp" "${broker_ws##*:}" >"$1/log" 2>&1 &
    broker_pids=$!
}

start_amqtt_broker() {
    cat >"$1/amqtt.yaml" <<END
listeners:
  default:
    type: tcp
    bind: 127.0.0.1:$broker_tcp
  web:
    type: ws
    bind: 127.0.0.1:${broker_ws##*:}
plugins:
  amqtt.plugins.authentication.AnonymousAuthPlugin:
    allow_anonymous: true
END
    "$installed/venv/bin/amqtt" -c "$1/amqtt.yaml" >"$1/log" 2>&1 &
    broker_pids=$!
}

# It has a port for each version of MQTT, and WebSockets for 3.1.1 only.
start_rumqttd_broker() {
    local connections='connection_timeout_ms = 60000
max_payload_size = 4194304
max_inflight_count = 100
dynamic_filters = true'
    broker_tcp5=$(free_port)
    cat >"$1/rumqttd.toml" <<END
id = 0
[router]
id = 0
max_connections = 10010
max_outgoing_packet_count = 200
max_segment_size = 104857600
max_segment_count = 10
[v4.1]
name = "v4"
listen = "127.0.0.1:$broker_tcp"
next_connection_delay_ms = 1
[v4.1.connections]
$connections
[v5.1]
name = "v5"
listen = "127.0.0.1:$broker_tcp5"
next_connection_delay_ms = 1
[v5.1.connections]
$connections
[ws.1]
name = "ws"
listen = "127.0.0.1:${broker_ws##*:}"
next_connection_delay_ms = 1
[ws.1.connections]
$connections
END
    "$installed/cargo/bin/rumqttd" -c "$1/rumqttd.toml" >"$1/log" 2>&1 &
    broker_pids=$!
}

# ---- The same for all ----

start_broker() { # NAME DIRECTORY
    broker_tcp=$(free_port)
    broker_tcp5=
    broker_ws=$(free_port)
    mkdir -p "$2"
    "start_$1_broker" "$2"
    wait_for_port "$broker_tcp" "${broker_pids%% *}" && wait_for_port "$broker_ws" "${broker_pids%% *}" && return
    echo "interop: $1 does not start:" >&2
    tail -n 20 "$2/log" >&2
    stop_broker
    return 1
}

broker_uri() { # NAME TRANSPORT VERSION
    case $1-$2-$3 in
    rumqttd-ws-5) ;;
    rumqttd-tcp-5) echo "tcp://127.0.0.1:$broker_tcp5" ;;
    rabbitmq-ws-*) echo "ws://127.0.0.1:$broker_ws/ws" ;;
    *-ws-*) echo "ws://127.0.0.1:$broker_ws" ;;
    *) echo "tcp://127.0.0.1:$broker_tcp" ;;
    esac
}

broker_missing() { # NAME
    case $1 in
    mosquitto) PATH=$PATH:/usr/sbin command -v mosquitto >/dev/null ;;
    rabbitmq) [ -n "$(rabbitmq_server)" ] && command -v epmd >/dev/null ;;
    aedes) command -v node >/dev/null && [ -d "$installed/npm/node_modules/aedes" ] ;;
    amqtt) [ -x "$installed/venv/bin/amqtt" ] ;;
    rumqttd) [ -x "$installed/cargo/bin/rumqttd" ] ;;
    esac || echo "not installed"
}

broker_version() { # NAME
    case $1 in
    mosquitto) PATH=$PATH:/usr/sbin mosquitto -h | sed -n 's/^mosquitto version //p' ;;
    rabbitmq) dpkg-query -W -f '${Version}' rabbitmq-server 2>/dev/null ;;
    aedes) sed -n 's/^[[:space:]]*"version": "\(.*\)",/\1/p' "$installed/npm/node_modules/aedes/package.json" ;;
    amqtt) "$installed/venv/bin/pip" list 2>/dev/null | sed -n 's/^amqtt *//p' ;;
    rumqttd) "$installed/cargo/bin/rumqttd" --version | sed 's/^rumqttd //' ;;
    esac
}

stop_broker() {
    local pid
    for pid in $broker_pids; do
        kill "$pid" 2>/dev/null
    done
    for pid in $broker_pids; do
        wait "$pid" 2>/dev/null
    done
    broker_pids=
}
