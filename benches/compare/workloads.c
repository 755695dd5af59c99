/* See workloads.h. */
#define _GNU_SOURCE

#include "workloads.h"

#include "library.h"

#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SIZE 256
#define WINDOW 1000       /* unconfirmed messages the program allows itself */
#define LIMIT_MS 10000UL  /* for one answer */

static const char payload[SIZE];
static atomic_long arrived;
static sem_t credits;

static int on_message(void* context, char* topic, int length, MQTTClient_message* message)
{
    (void)context, (void)length;
    atomic_fetch_add_explicit(&arrived, 1, memory_order_relaxed);
    api.freeMessage(&message);
    api.free(topic);
    return 1;
}

static void on_delivered(void* context, MQTTClient_deliveryToken token)
{
    (void)context, (void)token;
    sem_post(&credits);
}

/* Where messages are kept; NULL: nowhere. */
static const char* directory;

static MQTTClient start(const char* uri, int callbacks)
{
    int kind = directory == NULL ? MQTTCLIENT_PERSISTENCE_NONE : MQTTCLIENT_PERSISTENCE_DEFAULT;
    MQTTClient client = NULL;
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;

    options.keepAliveInterval = 60;
    options.reliable = 0;
    options.maxInflightMessages = WINDOW + 1;
    if (api.create(&client, uri, "benchmark", kind, (void*)directory) == 0 &&
        (!callbacks || api.setCallbacks(client, NULL, NULL, on_message, on_delivered) == 0) &&
        api.connect(client, &options) == 0)
        return client;
    api.destroy(&client);
    return NULL;
}

static double stop(MQTTClient client, double figure)
{
    api.disconnect(client, 0);
    api.destroy(&client);
    return figure;
}

/* Publish, wait for the confirmation, again. */
static double each(const char* uri, double seconds, int qos)
{
    MQTTClient client = start(uri, 0);
    double begin = now(), elapsed = 0;
    long count = 0;

    for (; client != NULL && elapsed < seconds; elapsed = now() - begin, count++) {
        MQTTClient_deliveryToken token;
        if (api.publish(client, "sink", SIZE, payload, qos, 0, &token) != 0 ||
            api.waitForCompletion(client, token, LIMIT_MS) != 0)
            return -1;
    }
    return client == NULL ? -1 : stop(client, (double)count / elapsed);
}

static int wait_for_credit(void)
{
    struct timespec end;

    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += LIMIT_MS / 1000;
    return sem_timedwait(&credits, &end);
}

/* As many as the window allows; ends when the last one is confirmed. */
static double stream_in_window(const char* uri, double seconds, int qos, int window)
{
    MQTTClient client = start(uri, 1);
    MQTTClient_deliveryToken last = 0;
    double begin, elapsed = 0;
    long count = 0;
    int i;

    if (client == NULL)
        return -1;
    sem_init(&credits, 0, (unsigned)window);
    begin = now();
    while (elapsed < seconds) {
        for (i = 0; i < 16; i++, count++)
            if ((qos > 0 && wait_for_credit() != 0) ||
                api.publish(client, "sink", SIZE, payload, qos, 0, NULL) != 0)
                return -1;
        elapsed = now() - begin;
    }
    for (i = 0; qos > 0 && i < window; i++)
        if (wait_for_credit() != 0)
            return -1;
    /* Answered when the peer has read everything before it. */
    if (qos == 0 && (api.publish(client, "sink", 1, payload, 1, 0, &last) != 0 || wait_for_credit() != 0))
        return -1;
    return stop(client, (double)count / (now() - begin));
}

static double stream(const char* uri, double seconds, int qos)
{
    return stream_in_window(uri, seconds, qos, WINDOW);
}

/* QoS 1 in a window of ten, each message kept in a file until it is confirmed. */
static double keep(const char* uri, double seconds)
{
    char base[] = P_tmpdir "/benchmark-XXXXXX";
    double figure;

    directory = mkdtemp(base);
    if (directory == NULL)
        return -1;
    figure = stream_in_window(uri, seconds, 1, 10);
    rmdir(directory);
    return figure;
}

/* The same, safe from a loss of power where the library can do that. */
static double keep_on_disk(const char* uri, double seconds)
{
    setenv("PAHO_C_RS_FILE_STORE_SYNC", "1", 1);
    return keep(uri, seconds);
}

/* A source that sends as fast as it may, taken by the callback. */
static double take(const char* uri, double seconds, int qos)
{
    MQTTClient client = start(uri, 1);
    struct timespec pause = {0, 1000000};
    char filter[32];
    double begin, elapsed;
    long before;

    snprintf(filter, sizeof filter, "source/%d/%d", qos, SIZE);
    if (client == NULL || api.subscribe(client, filter, qos) != 0)
        return -1;
    begin = now();
    before = atomic_load(&arrived);
    do {
        nanosleep(&pause, NULL);
        elapsed = now() - begin;
    } while (elapsed < seconds);
    return stop(client, (double)(atomic_load(&arrived) - before) / elapsed);
}

/* There and back, one at a time, in the calling thread. */
static double round_trip(const char* uri, double seconds, int qos)
{
    MQTTClient client = start(uri, 0);
    double begin = now(), elapsed = 0;
    long count = 0;

    for (; client != NULL && elapsed < seconds; elapsed = now() - begin, count++) {
        MQTTClient_message* message = NULL;
        char* topic = NULL;
        int length;
        if (api.publish(client, "echo", 16, payload, qos, 0, NULL) != 0 ||
            api.receive(client, &topic, &length, &message, LIMIT_MS) != 0 || message == NULL)
            return -1;
        api.freeMessage(&message);
        api.free(topic);
    }
    return client == NULL ? -1 : stop(client, elapsed * 1e6 / (double)count);
}

static double start_and_stop(const char* uri, double seconds)
{
    double begin = now(), elapsed = 0;
    long count = 0;

    for (; elapsed < seconds; elapsed = now() - begin, count++) {
        MQTTClient client = start(uri, 1);
        if (client == NULL)
            return -1;
        stop(client, 0);
    }
    return elapsed * 1e3 / (double)count;
}

#define AT_QOS(function, qos) \
    static double function##_q##qos(const char* uri, double seconds) { return function(uri, seconds, qos); }
AT_QOS(each, 1)
AT_QOS(each, 2)
AT_QOS(stream, 0)
AT_QOS(stream, 1)
AT_QOS(take, 0)
AT_QOS(take, 1)
AT_QOS(round_trip, 0)
AT_QOS(round_trip, 1)

const struct workload workloads[] = {
    {"each-q1", "messages/s", 0, each_q1},        {"each-q2", "messages/s", 0, each_q2},
    {"publish-q0", "messages/s", 0, stream_q0},   {"publish-q1", "messages/s", 0, stream_q1},
    {"receive-q0", "messages/s", 0, take_q0},     {"receive-q1", "messages/s", 0, take_q1},
    {"round-trip-q0", "us", 1, round_trip_q0},    {"round-trip-q1", "us", 1, round_trip_q1},
    {"stored-q1", "messages/s", 0, keep},         {"stored-sync-q1", "messages/s", 0, keep_on_disk},
    {"start", "ms", 1, start_and_stop},
};
const int workload_count = sizeof workloads / sizeof workloads[0];
