/* What the parts of the fuzzer share. tests/soak/fuzz.rs builds and runs it.
 *
 *   fuzz LIBRARY SEED SECONDS THREADS PATIENCE DIRECTORY
 *
 * Up to eight threads call functions of both APIs at random, on clients of their own and on shared ones, inside callbacks too,
 * rightly and wrongly. The server (fuzz_server.c) answers at random. The ledger (fuzz_ledger.c) counts the results: one for each
 * request that was accepted. The watch (fuzz_watch.c) reports a call that does not return within PATIENCE seconds and a connect or
 * disconnect without result. After each round all clients are destroyed: descriptors, threads and heap must be what they were.
 *
 * Each step of a thread and each callback of a client has dice of its own, thrown from the seed, the thread and the number of the
 * step, or the client and the number of the callback. So a seed repeats what each thread decides, whatever the others do.
 *
 * The fuzzer's own bookkeeping uses relaxed atomics: locks would order the threads and so hide races of the library. */
#ifndef FUZZ_H
#define FUZZ_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "MQTTAsyncExt.h"
#include "MQTTClientExt.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GET(x) __atomic_load_n(&(x), __ATOMIC_RELAXED)
#define SET(x, value) __atomic_store_n(&(x), value, __ATOMIC_RELAXED)
#define ADD(x, value) __atomic_fetch_add(&(x), value, __ATOMIC_RELAXED)

/* ---- Dice ---- */

struct dice {
    uint64_t state;
};

static inline uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t z = a * 0x9E3779B97F4A7C15u + b + 0xD1B54A32D192ED03u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static inline unsigned pick(struct dice *dice, unsigned below)
{
    dice->state = mix(dice->state, 1);
    return (unsigned)((dice->state >> 32) * below >> 32);
}

static inline int once_in(struct dice *dice, unsigned times)
{
    return pick(dice, times) == 0;
}

/* ---- The library, loaded at run time ---- */

#define SYNC_FUNCTIONS(F)                                                                                                    \
    F(MQTTClient_create) F(MQTTClient_createWithOptions) F(MQTTClient_destroy) F(MQTTClient_setCallbacks)                    \
    F(MQTTClient_setDisconnected) F(MQTTClient_setPublished) F(MQTTClient_connect) F(MQTTClient_connect5)                    \
    F(MQTTClient_disconnect) F(MQTTClient_disconnect5) F(MQTTClient_isConnected) F(MQTTClient_subscribe)                     \
    F(MQTTClient_subscribe5) F(MQTTClient_subscribeMany) F(MQTTClient_subscribeMany5) F(MQTTClient_unsubscribe)              \
    F(MQTTClient_unsubscribe5) F(MQTTClient_unsubscribeMany) F(MQTTClient_unsubscribeMany5) F(MQTTClient_publish)            \
    F(MQTTClient_publish5) F(MQTTClient_publishMessage) F(MQTTClient_publishMessage5) F(MQTTClient_waitForCompletion)        \
    F(MQTTClient_getPendingDeliveryTokens) F(MQTTClient_yield) F(MQTTClient_receive) F(MQTTClient_setCommandTimeout)         \
    F(MQTTClient_free) F(MQTTClient_freeMessage) F(MQTTClient_strerror) F(MQTTClient_getVersionInfo) F(MQTTResponse_free)

#define ASYNC_FUNCTIONS(F)                                                                                                   \
    F(MQTTAsync_create) F(MQTTAsync_createWithOptions) F(MQTTAsync_destroy) F(MQTTAsync_setCallbacks)                        \
    F(MQTTAsync_setConnectionLostCallback) F(MQTTAsync_setMessageArrivedCallback) F(MQTTAsync_setDeliveryCompleteCallback)   \
    F(MQTTAsync_setConnected) F(MQTTAsync_setDisconnected) F(MQTTAsync_setUpdateConnectOptions) F(MQTTAsync_connect)         \
    F(MQTTAsync_reconnect) F(MQTTAsync_disconnect) F(MQTTAsync_isConnected) F(MQTTAsync_subscribe)                           \
    F(MQTTAsync_subscribeMany) F(MQTTAsync_unsubscribe) F(MQTTAsync_unsubscribeMany) F(MQTTAsync_send)                       \
    F(MQTTAsync_sendMessage) F(MQTTAsync_getPendingTokens) F(MQTTAsync_isComplete) F(MQTTAsync_waitForCompletion)            \
    F(MQTTAsync_strerror) F(MQTTAsync_getVersionInfo) F(MQTTAsync_malloc) F(MQTTAsync_free) F(MQTTAsync_freeMessage)

/* Paho C does not have these. */
#define EXTENSIONS(F)                                                                                                        \
    F(MQTTClientExt_setOption) F(MQTTClientExt_acknowledge) F(MQTTClientExt_setAuthentication) F(MQTTClientExt_reauthenticate) \
    F(MQTTAsyncExt_setOption) F(MQTTAsyncExt_acknowledge) F(MQTTAsyncExt_setAuthentication) F(MQTTAsyncExt_reauthenticate)

#define COMMON_FUNCTIONS(F) F(MQTTProperties_add) F(MQTTProperties_free)

struct library {
#define MEMBER(name) __typeof__(&name) name;
    SYNC_FUNCTIONS(MEMBER)
    ASYNC_FUNCTIONS(MEMBER)
    EXTENSIONS(MEMBER)
    COMMON_FUNCTIONS(MEMBER)
#undef MEMBER
    int has_sync, has_async;
};
extern struct library library;

/* A call that the watch sees. */
#define CALL(name, ...)                                                                                                      \
    ({                                                                                                                       \
        watch_enter(#name);                                                                                                  \
        __auto_type watched = library.name(__VA_ARGS__);                                                                     \
        watch_leave();                                                                                                       \
        watched;                                                                                                             \
    })
#define CALL_VOID(name, ...) (watch_enter(#name), library.name(__VA_ARGS__), watch_leave())

/* ---- The watch ---- */

/* What this thread does now: a number of a step, or of a callback. */
void watch_step(const char *kind, uint64_t owner, uint64_t number);
void watch_enter(const char *call);
void watch_leave(void);
void watch_start(unsigned patience);
/* Reports what is wrong, with the seed and the stacks of all threads, and ends the process. */
void finding(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
/* The watch waits for this thread to end a part of the run. */
void watch_phase(const char *phase);
uint64_t now_ms(void);

/* ---- Clients ---- */

#define CLIENTS 1024
#define TOKENS 2048
enum { NO_CLIENT, MAKING, LIVE, DYING, GONE };

struct client {
    uint64_t state; /* generation * 8 + one of the above */
    void *handle;
    uint64_t serial;
    int asynchronous, version, has_callbacks, is_shared, automatic;
    uint64_t callbacks;
    /* Events, in the order in which they were reported. */
    int up, disconnects, connects, connecting, losses, connection_losses;
    /* How often each token was given out, and was reported as complete. */
    uint16_t given[TOKENS], delivered[TOKENS], acknowledged[TOKENS];
};

struct client *client_make(int asynchronous, uint64_t serial);
void client_is_live(struct client *client);
int client_is(const struct client *client, int state);
/* True for one caller only: who may destroy the client. */
int client_claim(struct client *client);
void client_is_gone(struct client *client);
void client_was_not_made(struct client *client);
/* Some client is made, used or destroyed. */
int clients_in_use(void);
void *client_context(const struct client *client);
uint64_t client_name(const struct client *client);
struct client *client_named(uint64_t name);
void client_given(struct client *client, int token);
void client_delivered(struct client *client, int token);
/* What must hold when a client is gone, and no call of another thread can be under way on it. */
void client_settle(struct client *client, int only_user);

/* The client of a callback, and the dice for it. The callback ends with callback_end. */
struct client *callback_begin(void *context, const char *name, struct dice *dice);
void callback_end(void);
int in_callback(void);
/* Lets another thread use the client while this callback runs. */
void probe(struct client *client);
void probe_start(void);

/* ---- Requests ---- */

enum kind { CONNECT, DISCONNECT, SUBSCRIBE, UNSUBSCRIBE, SEND };
/* The context of a new request; NULL if there is no room. */
void *request_begin(struct client *client, enum kind kind, int qos);
/* What the call has returned. */
void request_end(void *context, int code);
/* A result has come; gives the client. */
struct client *request_result(void *context, int success, struct dice *dice, enum kind *kind, int *qos);
/* All accepted requests of a client that is gone have their result. */
void requests_settle(const struct client *client);
/* No connect and no disconnect is older than this. */
void requests_age(uint64_t patience_ms);
void requests_all_settled(void);

/* ---- The random users ---- */

#define PLACES 6
extern struct settings {
    uint64_t seed;
    unsigned patience;
    const char *uri, *refused, *directory;
    int lane_per_client, no_misuse;
} settings;
extern struct client *places[PLACES];
extern struct figures {
    uint64_t steps, calls, clients, requests, successes, failures, callbacks, messages, deliveries, losses, misuses, probes;
} figures;

/* One call, or a few that belong together. `own`: the client of the callback that this is in, or one of the thread's own. */
void sync_step(struct client *client, struct dice *dice);
void async_step(struct client *client, struct dice *dice);
void misuse(struct dice *dice);
struct client *sync_make(struct dice *dice, uint64_t serial, int shared);
struct client *async_make(struct dice *dice, uint64_t serial, int shared);
struct client *make(struct dice *dice, uint64_t serial, int shared);
void destroy(struct client *client);
/* What Paho C does not have: at create, for a message that has come, and at any time. */
void extend(void *handle, int asynchronous, struct dice *dice);
void acknowledge_message(void *handle, int asynchronous, int msgid, struct dice *dice);
void extension_step(void *handle, int asynchronous, struct dice *dice);
/* Remembers a handle that is not valid any more, and gives such a one. */
void stale_add(void *handle);
void *stale(struct dice *dice);
/* One use of any client, inside a callback. */
void use_in_callback(struct client *own, struct dice *dice);
void random_properties(MQTTProperties *properties, struct dice *dice, int of_connect);
/* A block of exactly the first bytes of something, so that reading beyond them is seen. */
void *shortened(const void *whole, size_t length);

/* Starts the server in a process of its own; gives its port. It ends with this process. */
int server_start(uint64_t seed);

#endif
