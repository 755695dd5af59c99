/*
 * An MQTT client for the checks, the same for both interfaces of the library: peer_client.c uses MQTTClient,
 * peer_async.c uses MQTTAsync. Messages that arrive are queued until peer_receive() takes them.
 *
 * Functions that can fail return NULL on success and otherwise the reason as text.
 */
#ifndef PEER_H
#define PEER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "MQTTProperties.h"
#include "MQTTReasonCodes.h"
#include "MQTTSubscribeOpts.h"

/* How long to wait for anything, in seconds. */
#define PATIENCE 6

/* A message to publish. */
struct outgoing {
    const char *topic;
    const void *payload;
    size_t length;
    int qos;
    bool retained;
    const MQTTProperties *properties; /* MQTT 5 only, may be NULL */
};

/* A message that has arrived. */
struct message {
    struct message *next;
    char *topic;
    unsigned char *payload; /* followed by a zero byte, so that it can be printed */
    size_t length;
    int qos;
    bool retained;
    bool dup;
    MQTTProperties properties;
};

struct peer_options {
    const char *uri;
    const char *id;
    int version; /* 3, 4 or 5 */
    bool clean;
    bool polling; /* MQTTClient without callbacks: peer_receive() calls MQTTClient_receive() */
    int keep_alive;
    const struct outgoing *will;
    const MQTTProperties *properties; /* MQTT 5 only, may be NULL */
    const MQTTProperties *will_properties;
};

struct peer {
    struct peer_options options;
    void *client; /* MQTTClient or MQTTAsync */
    bool session_present;
    bool connected_once;

    /* What the library's threads report. */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct message *first, **last; /* arrived and not yet received */
    int connections;               /* successful ones */
    int losses;                    /* connections that ended without peer_disconnect() */
    int server_reason;             /* of the server's DISCONNECT, -1 if there was none */
    int sending;                   /* messages whose delivery is not complete */
    const char *send_problem;      /* of the first that failed */

    int *tokens; /* MQTTClient: of the messages that peer_settle() waits for */
    int token_count;

    /* Called for every message in place of queueing it, if set; returns whether it took the message. */
    bool (*on_message)(struct peer *peer, const struct message *message);
};

/* ---- Provided by peer_client.c and peer_async.c ---- */

extern const char peer_api[];      /* "MQTTClient" or "MQTTAsync" */
extern const bool peer_can_poll;   /* whether the interface can receive without callbacks */
extern const bool peer_can_queue;  /* whether it takes messages without a connection */

const char *peer_create(struct peer *peer);
const char *peer_connect(struct peer *peer);
/* Waits until a lost connection is established again: by MQTTAsync's automatic reconnect or by MQTTClient_connect(). */
const char *peer_reconnect(struct peer *peer);
const char *peer_disconnect(struct peer *peer, enum MQTTReasonCodes reason);
void peer_destroy(struct peer *peer);

/* `granted` receives the server's code for each filter; `options` (one for each filter) and `properties` may be NULL. */
const char *peer_subscribe_with(struct peer *peer, int count, char *const *filters, const int *qos, int *granted,
                                MQTTSubscribe_options *options, const MQTTProperties *properties);
const char *peer_unsubscribe(struct peer *peer, int count, char *const *filters);

/* Hands a message to the library. */
const char *peer_send(struct peer *peer, const struct outgoing *message);
/* Waits until the delivery of all messages so far is complete. */
const char *peer_settle(struct peer *peer);
/* The next message from MQTTClient_receive(). */
struct message *peer_poll(struct peer *peer, double seconds);

/* ---- The same for both, in peer.c ---- */

void peer_init(struct peer *peer, const struct peer_options *options);
/* Subscribes to one filter and expects it to be granted. */
const char *peer_subscribe(struct peer *peer, const char *filter, int qos);
/* peer_send() and peer_settle(). */
const char *peer_publish(struct peer *peer, const struct outgoing *message);
/* The next message, or NULL if none arrives in time. The caller frees it. */
struct message *peer_receive(struct peer *peer, double seconds);
/* Waits for the loss of the connection; returns whether it was reported. */
bool peer_wait_lost(struct peer *peer, double seconds);
bool peer_wait_connections(struct peer *peer, int count, double seconds);

void message_free(struct message *message);

/* For the library's callbacks. */
struct message *message_new(const char *topic, int topic_length, const void *payload, int length);
void peer_arrived(struct peer *peer, struct message *message);
void peer_connected(struct peer *peer);
void peer_lost(struct peer *peer, int server_reason);

/* A reason as text, valid until the thread's next call. */
const char *problem(const char *format, ...) __attribute__((format(printf, 1, 2)));

double seconds_now(void);

#endif
