/* The other side of the benchmark: sink, source and echo in one, for MQTT 3.1.1. */
#ifndef PEER_H
#define PEER_H

/*
 * Serves connections on a listening socket until the process ends.
 *
 *   PUBLISH to echo      comes back on the same connection, at the same QoS
 *   PUBLISH elsewhere    is acknowledged
 *   SUBSCRIBE source/Q/S sends messages of S bytes at QoS Q without end, at
 *                        most SOURCE_WINDOW of them unacknowledged
 */
void serve_peers(int listener);

/*
 * Serves one connection after the other, in strict turns with the other side: reads and answers only while that waits.
 * `await_rest` returns when the other side waits for something, with 0 if it has ended. `wake` is called when it waits and
 * nothing is left to be answered.
 */
void serve_in_turns(int listener, int (*await_rest)(void), void (*wake)(void));

/* A listening socket on a free port of the loopback interface; -1 on failure. */
int listen_on_loopback(int* port);

#endif
