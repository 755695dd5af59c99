/*
 * Sends messages whether the server is there or not: what cannot go out waits.
 *
 *     async_offline_buffering URI [TOPIC [COUNT [SECONDS]]]
 *     async_offline_buffering tcp://localhost:1883 demo/measurement 5 60
 *
 * Start it without a server, and start the server later: the messages wait in
 * the client, the library tries to connect again and again, and then sends all
 * of them in order. Stop and start the server in the middle: the same. At most
 * LIMIT messages wait; of more, the oldest are dropped, and their onFailure is
 * called. Ends when all messages have had their result, or after SECONDS seconds.
 */
#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "MQTTAsync.h"

#define LIMIT 100

/* What the callbacks report to the main thread. */
struct progress {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int pending;   /* messages without result */
    int delivered; /* messages that the server has confirmed */
};

static int failed(const char* action, int code)
{
    if (code == MQTTASYNC_SUCCESS)
        return 0;
    fprintf(stderr, "%s failed: %s (%d)\n", action, MQTTAsync_strerror(code), code);
    return 1;
}

static void finish(struct progress* progress, int delivered)
{
    pthread_mutex_lock(&progress->lock);
    progress->pending--;
    progress->delivered += delivered;
    pthread_cond_signal(&progress->changed);
    pthread_mutex_unlock(&progress->lock);
}

static void on_sent(void* context, MQTTAsync_successData* response)
{
    printf("Delivered: %.*s\n", response->alt.pub.message.payloadlen,
           (const char*)response->alt.pub.message.payload);
    finish(context, 1);
}

static void on_dropped(void* context, MQTTAsync_failureData* response)
{
    printf("Message %d was not delivered: %s\n", response->token, MQTTAsync_strerror(response->code));
    finish(context, 0);
}

/* Called for the first connection and for each one after a loss. */
static void on_connected(void* context, char* cause)
{
    (void)context;
    printf("Connected: %s\n", cause);
}

static void on_connection_lost(void* context, char* cause)
{
    (void)context;
    (void)cause; /* always NULL */
    printf("The connection was lost\n");
}

/* The first attempt only: after it the library reconnects automatically. */
static void on_connect_failure(void* context, MQTTAsync_failureData* response)
{
    (void)context;
    printf("No connection yet (%s)\n", response->message ? response->message : "no reason given");
}

/* This client subscribes to nothing, but the library wants a function for messages. */
static int on_message(void* context, char* topic, int topic_length, MQTTAsync_message* message)
{
    (void)context;
    (void)topic_length;
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    return 1;
}

static int start(MQTTAsync* client, const char* uri, struct progress* progress)
{
    MQTTAsync_createOptions create = MQTTAsync_createOptions_initializer;
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;

    create.sendWhileDisconnected = 1;
    create.allowDisconnectedSendAtAnyTime = 1;
    create.maxBufferedMessages = LIMIT;
    create.deleteOldestMessages = 1;
    /* A name of its own and cleansession 0: the session, with what is in flight, outlives the connection. */
    if (failed("Creating the client", MQTTAsync_createWithOptions(client, uri, "offline-buffering-example",
                                                                  MQTTCLIENT_PERSISTENCE_NONE, NULL, &create)))
        return 1;
    options.cleansession = 0;
    options.keepAliveInterval = 10; /* seconds */
    options.automaticReconnect = 1;
    options.minRetryInterval = 1; /* seconds, doubled after each failed attempt */
    options.maxRetryInterval = 8; /* up to this */
    options.onFailure = on_connect_failure;
    return failed("Setting the callbacks",
                  MQTTAsync_setCallbacks(*client, progress, on_connection_lost, on_message, NULL)) ||
           failed("Setting the callback for connections", MQTTAsync_setConnected(*client, progress, on_connected)) ||
           failed("Connecting", MQTTAsync_connect(*client, &options));
}

static int send_all(MQTTAsync client, const char* topic, int count, struct progress* progress)
{
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    char text[40];
    int i;

    response.onSuccess = on_sent;
    response.onFailure = on_dropped;
    response.context = progress;
    for (i = 1; i <= count; i++) {
        int length = snprintf(text, sizeof text, "measurement %d", i);
        pthread_mutex_lock(&progress->lock);
        progress->pending++; /* before the call, for the callback may run before it returns */
        pthread_mutex_unlock(&progress->lock);
        if (failed("Sending", MQTTAsync_send(client, topic, length, text, 1, 0, &response)))
            return 1;
    }
    printf("%d messages are accepted\n", count);
    return 0;
}

/* Returns 0 if every message was delivered in time. */
static int wait_for_delivery(struct progress* progress, int count, int seconds)
{
    struct timespec end;
    int timed_out = 0;
    int status;

    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += seconds;
    pthread_mutex_lock(&progress->lock);
    while (progress->pending > 0 && !timed_out)
        timed_out = pthread_cond_timedwait(&progress->changed, &progress->lock, &end) != 0;
    status = progress->delivered < count;
    pthread_mutex_unlock(&progress->lock);
    return status;
}

int main(int argc, char* argv[])
{
    MQTTAsync client = NULL;
    struct progress progress = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0};
    const char* topic = argc > 2 ? argv[2] : "demo/measurement";
    int count = argc > 3 ? atoi(argv[3]) : 5;
    int seconds = argc > 4 ? atoi(argv[4]) : 60;
    int status = 1;

    if (argc < 2) {
        fprintf(stderr, "usage: %s URI [TOPIC [COUNT [SECONDS]]]\n", argv[0]);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0); /* each line at once, also into a pipe */

    if (start(&client, argv[1], &progress) == 0 && send_all(client, topic, count, &progress) == 0) {
        status = wait_for_delivery(&progress, count, seconds);
        MQTTAsync_disconnect(client, NULL); /* ends the attempts to connect as well */
    }
    /* What still waits fails now; its callbacks have run when this returns. */
    MQTTAsync_destroy(&client);
    printf("%d of %d messages were delivered\n", progress.delivered, count);
    return status;
}
