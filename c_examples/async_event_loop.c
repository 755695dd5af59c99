/*
 * Many clients in one thread, without a thread of the library: an epoll loop
 * watches their descriptors. Each client subscribes to a topic of its own,
 * sends a message to it, and sends the next one when that has come back.
 *
 *     async_event_loop URI [CLIENTS [ROUNDS]]
 *     async_event_loop tcp://localhost:1883 1000 20
 *
 * These functions are not in the Eclipse Paho library: see docs/event-loop.md.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "MQTTAsyncExt.h"

#define EVENTS 256
#define TIME_LIMIT_MS 60000L

struct client {
    MQTTAsync handle;
    char topic[64];
    int received;
    long due; /* milliseconds of the clock, -1: never */
};

static struct client* clients;
static int client_count = 100, rounds = 20;
static int connected, subscribed, finished, failed;
static long first_due = -1; /* no client is due before */

static long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000L + now.tv_nsec / 1000000;
}

static void on_failure(void* context, MQTTAsync_failureData* response)
{
    struct client* client = context;

    fprintf(stderr, "%s: %s\n", client->topic, response != NULL && response->message != NULL ? response->message : "failed");
    failed = 1;
}

static void send_message(struct client* client)
{
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;

    options.onFailure = on_failure;
    options.context = client;
    if (MQTTAsync_send(client->handle, client->topic, 5, "hello", 0, 0, &options) != MQTTASYNC_SUCCESS)
        failed = 1;
}

static int on_message(void* context, char* topic, int length, MQTTAsync_message* message)
{
    struct client* client = context;

    (void)length;
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    if (++client->received < rounds)
        send_message(client);
    else
        finished++;
    return 1;
}

static void on_subscribed(void* context, MQTTAsync_successData* response)
{
    (void)context, (void)response;
    subscribed++;
}

static void on_connected(void* context, MQTTAsync_successData* response)
{
    struct client* client = context;
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;

    (void)response;
    connected++;
    options.onSuccess = on_subscribed;
    options.onFailure = on_failure;
    options.context = client;
    if (MQTTAsync_subscribe(client->handle, client->topic, 0, &options) != MQTTASYNC_SUCCESS)
        failed = 1;
}

/* Lets a client work, and notes when it has to work again. Returns 0 if that fails, else 1. */
static int process(struct client* client)
{
    int left;

    if (MQTTAsyncExt_process(client->handle) != MQTTEXT_SUCCESS ||
        MQTTAsyncExt_nextDeadline(client->handle, &left) != MQTTEXT_SUCCESS)
        return 0;
    client->due = left < 0 ? -1 : now_ms() + left;
    if (left >= 0 && (first_due < 0 || client->due < first_due))
        first_due = client->due;
    return 1;
}

/* Lets the clients work that are due. */
static void process_due(long now)
{
    int i;

    first_due = -1;
    for (i = 0; i < client_count; i++) {
        if (clients[i].due >= 0 && clients[i].due <= now && !process(&clients[i]))
            failed = 1;
        else if (clients[i].due >= 0 && (first_due < 0 || clients[i].due < first_due))
            first_due = clients[i].due;
    }
}

/* One turn of the loop: waits for the descriptors and for what is due first. */
static void turn(int epoll)
{
    struct epoll_event events[EVENTS];
    long now = now_ms();
    int i, count, left = 1000;

    if (first_due >= 0)
        left = first_due <= now ? 0 : first_due - now < left ? (int)(first_due - now) : left;
    count = epoll_wait(epoll, events, EVENTS, left);
    for (i = 0; i < count; i++)
        if (!process(events[i].data.ptr))
            failed = 1;
    now = now_ms();
    if (first_due >= 0 && first_due <= now)
        process_due(now);
}

/* Returns 1 when the number has come, 0 after a failure or when the time is over. */
static int run_until(int epoll, const int* number, const char* what)
{
    long begin = now_ms();

    while (!failed && *number < client_count && now_ms() - begin < TIME_LIMIT_MS)
        turn(epoll);
    if (*number == client_count)
        return 1;
    fprintf(stderr, "%d of %d clients %s\n", *number, client_count, what);
    return 0;
}

/* A client without threads, which is connecting. Returns 0 if that fails, else 1. */
static int start(struct client* client, int number, const char* uri, int epoll)
{
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
    struct epoll_event event;
    char id[40], reason[200];
    int descriptor;

    snprintf(id, sizeof(id), "loop%ld-%d", (long)getpid(), number);
    snprintf(client->topic, sizeof(client->topic), "event-loop/%s", id);
    if (MQTTAsync_create(&client->handle, uri, id, MQTTCLIENT_PERSISTENCE_NONE, NULL) != MQTTASYNC_SUCCESS)
        return 0;
    if (MQTTAsyncExt_setOption(client->handle, "event.loop", "external", reason, sizeof(reason)) != MQTTEXT_SUCCESS) {
        fprintf(stderr, "%s\n", reason);
        return 0;
    }
    MQTTAsync_setCallbacks(client->handle, client, NULL, on_message, NULL);
    options.onSuccess = on_connected;
    options.onFailure = on_failure;
    options.context = client;
    if (MQTTAsyncExt_getDescriptor(client->handle, &descriptor) != MQTTEXT_SUCCESS ||
        MQTTAsync_connect(client->handle, &options) != MQTTASYNC_SUCCESS)
        return 0;
    event.events = EPOLLIN;
    event.data.ptr = client;
    return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 && process(client);
}

int main(int argc, char** argv)
{
    int i, epoll = epoll_create1(EPOLL_CLOEXEC), ok = 0;
    long begin, elapsed;

    if (argc < 2) {
        fprintf(stderr, "usage: %s URI [CLIENTS [ROUNDS]]\n", argv[0]);
        return 2;
    }
    if (argc > 2)
        client_count = atoi(argv[2]);
    if (argc > 3)
        rounds = atoi(argv[3]);
    clients = calloc((size_t)client_count + 1, sizeof(*clients));
    if (clients == NULL || client_count < 1 || rounds < 1 || epoll < 0)
        return 2;
    for (i = 0; i < client_count && !failed; i++)
        if (!start(&clients[i], i, argv[1], epoll))
            failed = 1;
    if (run_until(epoll, &connected, "connected") && run_until(epoll, &subscribed, "subscribed")) {
        begin = now_ms();
        for (i = 0; i < client_count; i++)
            send_message(&clients[i]);
        ok = run_until(epoll, &finished, "finished");
        elapsed = now_ms() - begin;
        if (ok)
            printf("%d clients in one thread: %d messages sent and received, %.1f us each\n", client_count,
                   client_count * rounds, (double)elapsed * 1000 / client_count / rounds);
    }
    for (i = 0; i < client_count; i++)
        MQTTAsync_destroy(&clients[i].handle);
    close(epoll);
    free(clients);
    return ok ? 0 : 1;
}
