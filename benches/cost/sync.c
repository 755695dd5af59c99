/* The rows of the synchronous API: cost_sync URI, run by turns.c. */
#define _GNU_SOURCE

#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "MQTTClient.h"
#include "rows.h"

#define LIMIT_MS 60000UL

static const char* uri;
static atomic_long arrived, delivered;
static long first, last; /* `arrived` at which counting begins and ends */
static sem_t finished;

static void count_arrival(void)
{
    long number = atomic_fetch_add(&arrived, 1) + 1;

    if (number == first)
        begin_counting();
    if (number == last)
        sem_post(&finished);
}

static int on_message(void* row, char* topic, int length, MQTTClient_message* message)
{
    (void)length;
    MQTTClient_freeMessage(&message);
    MQTTClient_free(topic);
    if (atomic_load(&arrived) + 1 == last)
        end_counting(row, last - first);
    count_arrival();
    return 1;
}

static void on_delivered(void* context, MQTTClient_deliveryToken token)
{
    (void)context, (void)token;
    atomic_fetch_add(&delivered, 1);
}

static MQTTClient create(void)
{
    MQTTClient client;

    must(MQTTClient_create(&client, uri, "cost", MQTTCLIENT_PERSISTENCE_NONE, NULL), "create");
    return client;
}

static MQTTClient start(const char* row_of_callbacks)
{
    MQTTClient client = create();
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;

    options.reliable = 0;
    options.maxInflightMessages = 1000;
    atomic_store(&arrived, 0);
    atomic_store(&delivered, 0);
    first = last = -1;
    if (row_of_callbacks != NULL)
        must(MQTTClient_setCallbacks(client, (void*)row_of_callbacks, NULL, on_message, on_delivered), "setCallbacks");
    must(MQTTClient_connect(client, &options), "connect");
    return client;
}

static void stop(MQTTClient client)
{
    MQTTClient_disconnect(client, 0);
    MQTTClient_destroy(&client);
}

static void measure_create(const char* row, int count)
{
    int i;

    for (i = 0; i <= count; i++) {
        MQTTClient client;
        if (i == 1)
            begin_counting();
        client = create();
        MQTTClient_destroy(&client);
    }
    end_counting(row, count);
}

static void measure_start(const char* row, int count)
{
    int i;

    for (i = 0; i <= count; i++) {
        if (i == 1)
            begin_counting();
        stop(start(NULL));
    }
    end_counting(row, count);
}

static void measure_publish(const char* row, int qos, int bursts)
{
    MQTTClient client = start(row);
    int i, k;

    rest();
    for (i = 0; i <= bursts; i++) {
        if (i == 1)
            begin_counting();
        for (k = 0; k < BURST; k++)
            must(MQTTClient_publish(client, "sink", PAYLOAD_SIZE, payload, qos, 0, NULL), row);
        rest();
    }
    end_counting(row, (long)bursts * BURST);
    must(qos > 0 && delivered != (bursts + 1) * BURST, "confirmations");
    stop(client);
}

/* Publish, wait for the confirmation, again. */
static void measure_each(const char* row, int qos, int count)
{
    MQTTClient client = start(NULL);
    MQTTClient_deliveryToken token;
    int i;

    for (i = 0; i <= count; i++) {
        if (i == 1)
            begin_counting();
        must(MQTTClient_publish(client, "sink", PAYLOAD_SIZE, payload, qos, 0, &token), row);
        must(MQTTClient_waitForCompletion(client, token, LIMIT_MS), row);
    }
    end_counting(row, count);
    stop(client);
}

static void subscribe(MQTTClient client, int qos)
{
    char filter[32];

    snprintf(filter, sizeof filter, "source/%d/%d", qos, PAYLOAD_SIZE);
    must(MQTTClient_subscribe(client, filter, qos), "subscribe");
}

static void measure_callbacks(const char* row, int qos, int count)
{
    MQTTClient client = start(row);

    first = 200;
    last = first + count;
    sem_init(&finished, 0, 0);
    rest();
    subscribe(client, qos);
    sem_wait(&finished);
    stop(client);
}

static void receive(MQTTClient client, const char* row)
{
    MQTTClient_message* message = NULL;
    char* topic = NULL;
    int length;

    must(MQTTClient_receive(client, &topic, &length, &message, LIMIT_MS), row);
    must(message == NULL, "no message");
    MQTTClient_freeMessage(&message);
    MQTTClient_free(topic);
}

static void measure_receive(const char* row, int qos, int count)
{
    MQTTClient client = start(NULL);
    int i;

    subscribe(client, qos);
    for (i = 0; i < count + 200; i++) {
        if (i == 200)
            begin_counting();
        receive(client, row);
    }
    end_counting(row, count);
    stop(client);
}

static void measure_echo(const char* row, int callbacks, int qos, int count)
{
    MQTTClient client = start(callbacks ? row : NULL);
    int i;

    rest();
    for (i = 0; i <= count; i++) {
        if (i == 1)
            begin_counting();
        must(MQTTClient_publish(client, "echo", 16, payload, qos, 0, NULL), row);
        if (callbacks)
            rest();
        else
            receive(client, row);
    }
    end_counting(row, count);
    must(callbacks && arrived != count + 1, "echoes");
    stop(client);
}

int main(int argc, char** argv)
{
    uri = argv[argc - 1];
    measure_create("create", 20);
    measure_start("start", 20);
    measure_publish("pub-q0", 0, 20);
    measure_publish("pub-q1", 1, 20);
    measure_publish("pub-q2", 2, 20);
    measure_each("each-q1", 1, 100);
    measure_callbacks("recv-q0-callback", 0, 600);
    measure_callbacks("recv-q1-callback", 1, 600);
    measure_receive("recv-q0-receive", 0, 600);
    measure_receive("recv-q1-receive", 1, 600);
    measure_echo("echo-q0-callback", 1, 0, 100);
    measure_echo("echo-q1-callback", 1, 1, 100);
    measure_echo("echo-q0-receive", 0, 0, 100);
    measure_echo("echo-q1-receive", 0, 1, 100);
    return 0;
}
