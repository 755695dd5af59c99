/*
 * Subscribes to a topic and lets the library call a function for each message.
 *
 *     subscribe_callbacks URI [TOPIC [QOS [COUNT [SECONDS]]]]
 *     subscribe_callbacks tcp://localhost:1883 'demo/#' 2 10 60
 *
 * QOS is the highest quality the server may use: a message published with a
 * higher one comes at this one. Ends after COUNT messages or SECONDS seconds.
 *
 * With callbacks set, a thread of the library serves the network, while this
 * program waits on a condition variable.
 */
#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "MQTTClient.h"

/* What the callbacks report to the main thread. */
struct progress {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int missing; /* messages still to come */
    int lost;    /* the connection broke */
};

static int failed(const char* action, int code)
{
    if (code == MQTTCLIENT_SUCCESS)
        return 0;
    fprintf(stderr, "%s failed: %s (%d)\n", action, MQTTClient_strerror(code), code);
    return 1;
}

/* The message and the topic belong to this function from now on. Returns 1 to accept it. */
static int message_arrived(void* context, char* topic, int topic_length, MQTTClient_message* message)
{
    struct progress* progress = context;

    (void)topic_length; /* 0 unless the topic holds a zero byte */
    printf("%s, QoS %d%s: %.*s\n", topic, message->qos, message->retained ? ", retained" : "",
           message->payloadlen, (const char*)message->payload);
    MQTTClient_freeMessage(&message);
    MQTTClient_free(topic);

    pthread_mutex_lock(&progress->lock);
    progress->missing--;
    pthread_cond_signal(&progress->changed);
    pthread_mutex_unlock(&progress->lock);
    return 1;
}

static void connection_lost(void* context, char* cause)
{
    struct progress* progress = context;

    fprintf(stderr, "The connection was lost%s%s\n", cause ? ": " : "", cause ? cause : "");
    pthread_mutex_lock(&progress->lock);
    progress->lost = 1;
    pthread_cond_signal(&progress->changed);
    pthread_mutex_unlock(&progress->lock);
}

/* Returns 0 if every message came in time. */
static int wait_for_messages(struct progress* progress, int seconds)
{
    struct timespec end;
    int timed_out = 0;
    int status;

    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += seconds;
    pthread_mutex_lock(&progress->lock);
    while (progress->missing > 0 && !progress->lost && !timed_out)
        timed_out = pthread_cond_timedwait(&progress->changed, &progress->lock, &end) != 0;
    status = progress->missing > 0;
    pthread_mutex_unlock(&progress->lock);
    return status;
}

int main(int argc, char* argv[])
{
    MQTTClient client = NULL;
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
    struct progress progress = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 1, 0};
    const char* topic = argc > 2 ? argv[2] : "demo/#";
    int qos = argc > 3 ? atoi(argv[3]) : 2;
    int seconds = argc > 5 ? atoi(argv[5]) : 30;
    int status = 1;

    if (argc < 2) {
        fprintf(stderr, "usage: %s URI [TOPIC [QOS [COUNT [SECONDS]]]]\n", argv[0]);
        return 2;
    }
    progress.missing = argc > 4 ? atoi(argv[4]) : 1;
    setvbuf(stdout, NULL, _IOLBF, 0); /* each line at once, also into a pipe */

    options.cleansession = 1;
    if (failed("Creating the client", MQTTClient_create(&client, argv[1], "", MQTTCLIENT_PERSISTENCE_NONE, NULL)) ||
        failed("Setting the callbacks",
               MQTTClient_setCallbacks(client, &progress, connection_lost, message_arrived, NULL)) ||
        failed("Connecting", MQTTClient_connect(client, &options)))
        goto destroy;
    if (failed("Subscribing", MQTTClient_subscribe(client, topic, qos)))
        goto disconnect;
    printf("Subscribed to %s with maximum QoS %d\n", topic, qos);
    status = wait_for_messages(&progress, seconds);

disconnect:
    status |= failed("Disconnecting", MQTTClient_disconnect(client, 1000));
destroy:
    MQTTClient_destroy(&client); /* when this returns, no callback runs or will run */
    return status;
}
