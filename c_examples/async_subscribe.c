/*
 * Subscribes to a topic and prints each message as it comes, all by callbacks.
 *
 *     async_subscribe URI [TOPIC [QOS [COUNT [SECONDS]]]]
 *     async_subscribe tcp://localhost:1883 'demo/#' 2 10 60
 *
 * The connected callback subscribes, so the subscription is renewed after each
 * automatic reconnect.
 * Ends after COUNT messages or SECONDS seconds.
 */
#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "MQTTAsync.h"

/* What the callbacks need, and what they report to the main thread. */
struct subscriber {
    MQTTAsync client;
    const char* topic;
    int qos;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int missing;      /* messages still to come */
    int failed;       /* a request has failed */
    int disconnected; /* the disconnect has had its result */
};

static int failed(const char* action, int code)
{
    if (code == MQTTASYNC_SUCCESS)
        return 0;
    fprintf(stderr, "%s failed: %s (%d)\n", action, MQTTAsync_strerror(code), code);
    return 1;
}

/* Sets one of the fields the main thread waits for. */
static void set_and_signal(struct subscriber* subscriber, int* field, int value)
{
    pthread_mutex_lock(&subscriber->lock);
    *field = value;
    pthread_cond_signal(&subscriber->changed);
    pthread_mutex_unlock(&subscriber->lock);
}

static void on_failure(void* context, MQTTAsync_failureData* response)
{
    struct subscriber* subscriber = context;

    fprintf(stderr, "A request failed, code %d%s%s\n", response->code, response->message ? ": " : "",
            response->message ? response->message : "");
    set_and_signal(subscriber, &subscriber->failed, 1);
}

static void on_subscribed(void* context, MQTTAsync_successData* response)
{
    struct subscriber* subscriber = context;

    printf("Subscribed to %s with maximum QoS %d\n", subscriber->topic, response->alt.qos);
}

/* Called for the first connection and for each one after a loss. */
static void on_connected(void* context, char* cause)
{
    struct subscriber* subscriber = context;
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;

    (void)cause;
    response.onSuccess = on_subscribed;
    response.onFailure = on_failure;
    response.context = subscriber;
    if (failed("Subscribing", MQTTAsync_subscribe(subscriber->client, subscriber->topic, subscriber->qos, &response)))
        set_and_signal(subscriber, &subscriber->failed, 1);
}

static void on_connection_lost(void* context, char* cause)
{
    (void)context;
    (void)cause; /* always NULL */
    fprintf(stderr, "The connection was lost; it will be made again\n");
}

/* The message and the topic belong to this function from now on. Returns 1 to accept it. */
static int on_message(void* context, char* topic, int topic_length, MQTTAsync_message* message)
{
    struct subscriber* subscriber = context;

    (void)topic_length; /* the topic is zero-terminated */
    printf("%s, QoS %d%s: %.*s\n", topic, message->qos, message->retained ? ", retained" : "",
           message->payloadlen, (const char*)message->payload);
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    set_and_signal(subscriber, &subscriber->missing, subscriber->missing - 1);
    return 1;
}

/* Returns 0 if every message came in time. */
static int wait_for_messages(struct subscriber* subscriber, int seconds)
{
    struct timespec end;
    int timed_out = 0;
    int status;

    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += seconds;
    pthread_mutex_lock(&subscriber->lock);
    while (subscriber->missing > 0 && !subscriber->failed && !timed_out)
        timed_out = pthread_cond_timedwait(&subscriber->changed, &subscriber->lock, &end) != 0;
    status = subscriber->missing > 0;
    pthread_mutex_unlock(&subscriber->lock);
    return status;
}

static void on_disconnected(void* context, MQTTAsync_successData* response)
{
    struct subscriber* subscriber = context;

    (void)response;
    set_and_signal(subscriber, &subscriber->disconnected, 1);
}

static void on_disconnect_failed(void* context, MQTTAsync_failureData* response)
{
    (void)response;
    on_disconnected(context, NULL);
}

static void disconnect_and_wait(struct subscriber* subscriber)
{
    MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer;

    options.timeout = 1000; /* milliseconds, for messages still under way */
    options.onSuccess = on_disconnected;
    options.onFailure = on_disconnect_failed;
    options.context = subscriber;
    if (MQTTAsync_disconnect(subscriber->client, &options) != MQTTASYNC_SUCCESS)
        return; /* there is no connection, and no callback will follow */
    pthread_mutex_lock(&subscriber->lock);
    while (!subscriber->disconnected)
        pthread_cond_wait(&subscriber->changed, &subscriber->lock);
    pthread_mutex_unlock(&subscriber->lock);
}

int main(int argc, char* argv[])
{
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
    struct subscriber subscriber = {NULL, "demo/#", 2, PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 1, 0, 0};
    int seconds = argc > 5 ? atoi(argv[5]) : 30;
    int status = 1;

    if (argc < 2) {
        fprintf(stderr, "usage: %s URI [TOPIC [QOS [COUNT [SECONDS]]]]\n", argv[0]);
        return 2;
    }
    subscriber.topic = argc > 2 ? argv[2] : subscriber.topic;
    subscriber.qos = argc > 3 ? atoi(argv[3]) : subscriber.qos;
    subscriber.missing = argc > 4 ? atoi(argv[4]) : subscriber.missing;
    setvbuf(stdout, NULL, _IOLBF, 0); /* each line at once, also into a pipe */

    if (failed("Creating the client",
               MQTTAsync_create(&subscriber.client, argv[1], "", MQTTCLIENT_PERSISTENCE_NONE, NULL)))
        return 1;
    options.cleansession = 1;
    options.automaticReconnect = 1;
    options.minRetryInterval = 1;  /* seconds, doubled after each failed attempt */
    options.maxRetryInterval = 30; /* up to this */
    options.onFailure = on_failure;
    options.context = &subscriber;
    if (!failed("Setting the callbacks",
                MQTTAsync_setCallbacks(subscriber.client, &subscriber, on_connection_lost, on_message, NULL)) &&
        !failed("Setting the callback for connections",
                MQTTAsync_setConnected(subscriber.client, &subscriber, on_connected)) &&
        !failed("Connecting", MQTTAsync_connect(subscriber.client, &options))) {
        status = wait_for_messages(&subscriber, seconds);
        disconnect_and_wait(&subscriber);
    }
    MQTTAsync_destroy(&subscriber.client); /* when this returns, no callback runs or will run */
    return status;
}
