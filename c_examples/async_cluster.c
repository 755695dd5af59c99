/*
 * Many clients on a cluster of servers: each knows all servers, and goes over to
 * the next when its own fails. At QoS 1 with a session that continues, nothing is lost.
 *
 *     async_cluster PAIRS COUNT URI URI...
 *     async_cluster 10 1000 tcp://node1:1883 tcp://node2:1883 tcp://node3:1883
 *
 * Each pair is a client that sends COUNT messages, 100 a second, and one that
 * receives them. The clients begin with different servers, so the load is spread.
 * Stop a server meanwhile. What the servers share of sessions is up to them: see
 * docs/cluster.md.
 */
#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "MQTTAsync.h"

#define QOS 1
#define MOST_SERVERS 16
#define PAUSE_MS 10     /* between two messages of a client */
#define TIME_LIMIT_S 120 /* for what is missing when all is sent */

struct pair;

struct client {
    MQTTAsync handle;
    struct pair* pair;
    char id[32];
    char* servers[MOST_SERVERS]; /* the one to begin with comes first */
    double lost_at;              /* 0 while it is connected */
    int has_subscribed;
};

struct pair {
    struct client sender, receiver;
    char topic[64];
    char* has_come; /* one element for each message */
};

/* What the callbacks count. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static sem_t event; /* a client is ready, or something has failed */
static int count, confirmed, received, repeated, losses, failures;
static double longest_gap;

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void pause_ms(long milliseconds)
{
    struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};

    nanosleep(&time, NULL);
}

static int failed(const char* action, int code)
{
    if (code == MQTTASYNC_SUCCESS)
        return 0;
    fprintf(stderr, "%s failed: %s (%d)\n", action, MQTTAsync_strerror(code), code);
    return 1;
}

/* A request has failed that must not. */
static void on_failure(void* context, MQTTAsync_failureData* data)
{
    fprintf(stderr, "%s: %s\n", (const char*)context,
            data->message != NULL ? data->message : MQTTAsync_strerror(data->code));
    pthread_mutex_lock(&lock);
    failures++;
    pthread_mutex_unlock(&lock);
    sem_post(&event);
}

static void on_subscribed(void* context, MQTTAsync_successData* data)
{
    (void)context;
    (void)data;
    sem_post(&event);
}

static void on_confirmed(void* context, MQTTAsync_successData* data)
{
    (void)context;
    (void)data;
    pthread_mutex_lock(&lock);
    confirmed++;
    pthread_mutex_unlock(&lock);
}

/* After the first connect, and after each later one. The session has the subscription. */
static void connected(void* context, char* cause)
{
    struct client* client = context;
    struct pair* pair = client->pair;
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;

    (void)cause;
    pthread_mutex_lock(&lock);
    if (client->lost_at != 0 && now() - client->lost_at > longest_gap)
        longest_gap = now() - client->lost_at;
    client->lost_at = 0;
    pthread_mutex_unlock(&lock);
    if (client->has_subscribed)
        return;
    client->has_subscribed = 1;
    if (client == &pair->sender) {
        sem_post(&event);
        return;
    }
    options.onSuccess = on_subscribed;
    options.onFailure = on_failure;
    options.context = pair->topic;
    if (failed("Subscribing", MQTTAsync_subscribe(client->handle, pair->topic, QOS, &options)))
        sem_post(&event);
}

static void connection_lost(void* context, char* cause)
{
    struct client* client = context;

    (void)cause;
    pthread_mutex_lock(&lock);
    client->lost_at = now();
    losses++;
    pthread_mutex_unlock(&lock);
}

static int message_arrived(void* context, char* topic, int topic_length, MQTTAsync_message* message)
{
    struct client* client = context;
    char text[16];
    int number;

    (void)topic_length;
    snprintf(text, sizeof text, "%.*s", message->payloadlen, (const char*)message->payload);
    number = atoi(text);
    pthread_mutex_lock(&lock);
    if (number >= 0 && number < count) {
        if (client->pair->has_come[number])
            repeated++;
        else
            received++;
        client->pair->has_come[number] = 1;
    }
    pthread_mutex_unlock(&lock);
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    return 1;
}

static int start(struct client* client, struct pair* pair, const char* role, int number, char** uris, int servers)
{
    MQTTAsync_createOptions create = MQTTAsync_createOptions_initializer;
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
    int place;

    client->pair = pair;
    snprintf(client->id, sizeof client->id, "cluster-%s-%d", role, number);
    for (place = 0; place < servers; place++)
        client->servers[place] = uris[(place + number) % servers];
    create.sendWhileDisconnected = 1;
    create.maxBufferedMessages = count;
    if (failed("Creating a client", MQTTAsync_createWithOptions(&client->handle, client->servers[0], client->id,
                                                                MQTTCLIENT_PERSISTENCE_NONE, NULL, &create)) ||
        failed("Setting callbacks",
               MQTTAsync_setCallbacks(client->handle, client, connection_lost, message_arrived, NULL)) ||
        failed("Setting callbacks", MQTTAsync_setConnected(client->handle, client, connected)))
        return 1;
    options.cleansession = 0;
    options.automaticReconnect = 1;
    options.minRetryInterval = 1;
    options.maxRetryInterval = 8;
    options.keepAliveInterval = 10;
    options.serverURIs = client->servers;
    options.serverURIcount = servers;
    options.onFailure = on_failure;
    options.context = client->id;
    return failed("Connecting", MQTTAsync_connect(client->handle, &options));
}

static int send_number(struct pair* pair, int number)
{
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
    char payload[16];
    int length = snprintf(payload, sizeof payload, "%d", number);

    options.onSuccess = on_confirmed;
    options.onFailure = on_failure;
    options.context = pair->topic;
    return failed("Sending", MQTTAsync_send(pair->sender.handle, pair->topic, length, payload, QOS, 0, &options));
}

int main(int argc, char* argv[])
{
    int pairs = argc > 4 ? atoi(argv[1]) : 0, servers = argc - 3;
    struct pair* all;
    int status = 1, pair, number;
    double end;

    count = argc > 4 ? atoi(argv[2]) : 0;
    if (pairs < 1 || pairs > 1000 || count < 1 || servers > MOST_SERVERS) {
        fprintf(stderr, "usage: %s PAIRS COUNT URI URI..., at most %d URIs\n", argv[0], MOST_SERVERS);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    sem_init(&event, 0, 0);
    all = calloc((size_t)pairs, sizeof *all);
    if (all == NULL)
        return 1;
    for (pair = 0; pair < pairs; pair++) {
        snprintf(all[pair].topic, sizeof all[pair].topic, "demo/cluster/%d", pair);
        all[pair].has_come = calloc((size_t)count, 1);
        if (all[pair].has_come == NULL ||
            start(&all[pair].receiver, &all[pair], "receiver", pair, argv + 3, servers) ||
            start(&all[pair].sender, &all[pair], "sender", pair, argv + 3, servers))
            goto destroy;
    }
    for (number = 0; number < 2 * pairs; number++)
        sem_wait(&event);
    if (failures > 0)
        goto destroy;
    printf("%d clients are connected\n", 2 * pairs);
    for (number = 0; number < count; number++) {
        for (pair = 0; pair < pairs; pair++)
            if (send_number(&all[pair], number))
                goto destroy;
        pause_ms(PAUSE_MS);
    }
    end = now() + TIME_LIMIT_S;
    for (status = -1; status < 0;) {
        pthread_mutex_lock(&lock);
        if (confirmed == pairs * count && received == pairs * count)
            status = 0;
        else if (failures > 0 || now() > end)
            status = 1;
        pthread_mutex_unlock(&lock);
        pause_ms(PAUSE_MS);
    }

destroy:
    for (pair = 0; pair < pairs; pair++) {
        MQTTAsync_destroy(&all[pair].sender.handle); /* disconnects, too */
        MQTTAsync_destroy(&all[pair].receiver.handle);
        free(all[pair].has_come);
    }
    /* No callback runs any more. */
    printf("%d messages: %d confirmed, %d missing, %d came twice\n", pairs * count, confirmed,
           pairs * count - received, repeated);
    printf("%d connections lost; each was replaced within %.0f ms\n", losses, longest_gap * 1000);
    free(all);
    return status;
}
