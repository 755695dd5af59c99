"""Sends three messages with QoS 2 to itself.

    python3 example.py tcp://localhost:1883
"""

import queue
import sys

from paho_mqtt import Client

COUNT = 3


def main():
    arrived, delivered = queue.Queue(), queue.Queue()
    uri = sys.argv[1] if len(sys.argv) > 1 else "tcp://localhost:1883"

    def on_message(topic, payload, qos):
        arrived.put(f"{topic} at QoS {qos}: {payload.decode()}")

    with Client(uri, "python-example", on_message, on_delivered=delivered.put) as client:
        client.connect()
        client.subscribe("example/python", 2)
        tokens = [client.publish("example/python", f"message {n}".encode(), qos=2) for n in range(1, COUNT + 1)]
        for token in tokens:
            client.wait(token)
        for _ in range(COUNT):
            print(arrived.get(timeout=10))
        for _ in range(COUNT):
            delivered.get(timeout=10)
        print(f"{COUNT} messages are delivered")
        client.disconnect()


main()
