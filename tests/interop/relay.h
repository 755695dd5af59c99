/*
 * A TCP relay in front of the server, on a free port of the loopback interface: connections can be cut, or held so that
 * nothing passes.
 */
#ifndef RELAY_H
#define RELAY_H

#include <stdbool.h>

struct relay;

/* Listens for connections to the server of `uri`. Returns NULL if that is not possible. */
struct relay *relay_start(const char *uri);

/* The URI to connect to in place of the server's. */
const char *relay_uri(const struct relay *relay);

/* From now on nothing passes in either direction. */
void relay_hold(struct relay *relay);

/* Waits until there is something that does not pass; returns whether it came in time. */
bool relay_wait_held(struct relay *relay, int seconds);

/* Ends all connections; bytes that are held are lost. New connections pass again. */
void relay_cut(struct relay *relay);

/* Ends all connections and, until relay_accept(), each new one at once, as if the server were away. */
void relay_refuse(struct relay *relay);
void relay_accept(struct relay *relay);

#endif
