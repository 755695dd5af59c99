/* An MQTT 3.1.1 client of plain sockets: what the same exchange costs without a library. Over TCP, TLS and WebSockets. */
#ifndef FLOOR_H
#define FLOOR_H

struct floor;

/* Connects to tcp://, ssl:// or ws://127.0.0.1:PORT and subscribes; NULL on failure. The server's certificate is not checked. */
struct floor* floor_start(const char* uri, const char* filter, int qos);

/* One packet, one write. Any thread. */
void floor_publish(struct floor* floor, const char* topic, int qos);

/*
 * Waits for the next message, and acknowledges it. Before it waits it sets TCP_QUICKACK if it has read something since the
 * last write. One thread at a time. 0: the connection has ended.
 */
int floor_next_message(struct floor* floor);

void floor_stop(struct floor* floor);

#endif
