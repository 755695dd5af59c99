#!/usr/bin/env bash
# Three nodes of RabbitMQ, clients on all of them, and one node killed while they send: who had it goes on with another,
# and no message is lost. Everything is on this machine, on free loopback ports.
#
#   scripts/cluster.sh PROGRAM [PAIRS [COUNT]]      PROGRAM: c_examples/async_cluster.c
set -u
cd "$(dirname "$0")/.." || exit 1
installed=$PWD/build/interop
interop_sources=$PWD/tests/interop
. scripts/interop_brokers.sh

program=$1
pairs=${2:-10}
count=${3:-2000}
missing=$(broker_missing rabbitmq)
[ -z "$missing" ] || { echo "cluster: rabbitmq-server is $missing" >&2; exit 1; }
directory=$(mktemp -d)
trap 'stop_broker; rm -rf "$directory"' EXIT
trap 'exit 130' INT TERM HUP
rabbitmq_home=$directory

mapper_port=$(free_port)
epmd -address 127.0.0.1 -port "$mapper_port" >"$directory/epmd.log" 2>&1 &
broker_pids=$!
wait_for_port "$mapper_port" "$broker_pids" || exit 1

# The queues of sessions are kept by all nodes, so that they outlive each.
names="cluster1 cluster2 cluster3"
peers='cluster_formation.peer_discovery_backend = classic_config
cluster_partition_handling = pause_minority'
number=0
for name in $names; do
    number=$((number + 1))
    peers="$peers
cluster_formation.classic_config.nodes.$number = $name@localhost"
done
ports=
for name in $names; do
    port=$(free_port)
    ports="$ports $port"
    mkdir "$directory/$name"
    start_rabbitmq_node "$directory/$name" "$name" "$port" "web_mqtt.tcp.ip = 127.0.0.1
web_mqtt.tcp.port = $(free_port)
$peers"
    if ! wait_for_port "$port" "${broker_pids%% *}"; then
        echo "cluster: $name does not start:" >&2
        tail -n 20 "$directory/$name/log" >&2
        exit 1
    fi
    broker_pids="$(cat "$directory/$name/pid") $broker_pids"
done
with_rabbitmq "$directory/cluster1" cluster1 "$(dirname "$(rabbitmq_server)")/rabbitmqctl" -q set_policy --apply-to queues \
    sessions '^mqtt-subscription-' '{"ha-mode":"all","ha-sync-mode":"automatic"}' || exit 1
echo "cluster: RabbitMQ $(broker_version rabbitmq), $(echo $names | wc -w) nodes"

uris=
for port in $ports; do uris="$uris tcp://127.0.0.1:$port"; done
# shellcheck disable=SC2086 # several words
"$program" "$pairs" "$count" $uris >"$directory/output" 2>"$directory/errors" &
clients=$!
until grep -q 'are connected' "$directory/output"; do
    kill -0 "$clients" 2>/dev/null || { cat "$directory/output" "$directory/errors" >&2; exit 1; }
    sleep 0.05
done
# In the middle of what they send.
sleep $((count / 200))
victim=$(cat "$directory/cluster1/pid")
kill -KILL "$victim"
echo "cluster: the node cluster1 is killed"
wait "$clients"
status=$?
cat "$directory/output"
cat "$directory/errors" >&2
exit "$status"
