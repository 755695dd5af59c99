/* The rows of the asynchronous API: cost_async URI, run by turns.c. */
#define _GNU_SOURCE

#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "MQTTAsync.h"
#include "rows.h"

static const char* uri;
static atomic_long arrived, succeeded;
static long first, last; /* `arrived` at which counting begins and ends */
static sem_t finished;

static int on_message(void* row, char* topic, int length, MQTTAsync_message* message)
{
    long number;

    (void)length;
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    number = atomic_fetch_add(&arrived, 1) + 1;
    if (number == first)
        begin_counting();
    if (number == last) {
        end_counting(row, last - first);
        sem_post(&finished);
    }
    return 1;
}

static void on_success(void* context, MQTTAsync_successData* data)
{
    (void)context, (void)data;
    atomic_fetch_add(&succeeded, 1);
}

static void on_failure(void* context, MQTTAsync_failureData* data)
{
    (void)context;
    must(data == NULL ? -1 : data->code, "a request has failed");
}

static MQTTAsync_responseOptions with_callbacks(void)
{
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;

    options.onSuccess = on_success;
    options.onFailure = on_failure;
    return options;
}

static MQTTAsync create(void)
{
    MQTTAsync client;

    must(MQTTAsync_create(&client, uri, "cost", MQTTCLIENT_PERSISTENCE_NONE, NULL), "create");
    return client;
}

static MQTTAsync start(const char* row)
{
    MQTTAsync client = create();
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;

    options.onSuccess = on_success;
    options.onFailure = on_failure;
    options.maxInflight = 1000;
    first = last = -1;
    must(MQTTAsync_setCallbacks(client, (void*)row, NULL, on_message, NULL), "setCallbacks");
    must(MQTTAsync_connect(client, &options), "connect");
    rest();
    atomic_store(&arrived, 0);
    atomic_store(&succeeded, 0);
    return client;
}

static void stop(MQTTAsync client)
{
    MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer;

    options.onSuccess = on_success;
    must(MQTTAsync_disconnect(client, &options), "disconnect");
    rest();
    MQTTAsync_destroy(&client);
}

static void measure_create(const char* row, int count)
{
    int i;

    for (i = 0; i <= count; i++) {
        MQTTAsync client;
        if (i == 1)
            begin_counting();
        client = create();
        MQTTAsync_destroy(&client);
    }
    end_counting(row, count);
}

static void measure_start(const char* row, int count)
{
    int i;

    for (i = 0; i <= count; i++) {
        if (i == 1)
            begin_counting();
        stop(start(row));
    }
    end_counting(row, count);
}

static void publish(MQTTAsync client, const char* topic, int length, int qos)
{
    MQTTAsync_responseOptions options = with_callbacks();

    must(MQTTAsync_send(client, topic, length, payload, qos, 0, &options), "send");
}

static void measure_publish(const char* row, int qos, int bursts)
{
    MQTTAsync client = start(row);
    int i, k;

    for (i = 0; i <= bursts; i++) {
        if (i == 1)
            begin_counting();
        for (k = 0; k < BURST; k++)
            publish(client, "sink", PAYLOAD_SIZE, qos);
        rest();
    }
    end_counting(row, (long)bursts * BURST);
    must(succeeded != (bursts + 1) * BURST, "confirmations");
    stop(client);
}

static void measure_each(const char* row, int qos, int count)
{
    MQTTAsync client = start(row);
    int i;

    for (i = 0; i <= count; i++) {
        if (i == 1)
            begin_counting();
        publish(client, "sink", PAYLOAD_SIZE, qos);
        rest();
    }
    end_counting(row, count);
    must(succeeded != count + 1, "confirmations");
    stop(client);
}

static void measure_callbacks(const char* row, int qos, int count)
{
    MQTTAsync client = start(row);
    char filter[32];

    first = 200;
    last = first + count;
    sem_init(&finished, 0, 0);
    snprintf(filter, sizeof filter, "source/%d/%d", qos, PAYLOAD_SIZE);
    must(MQTTAsync_subscribe(client, filter, qos, NULL), "subscribe");
    sem_wait(&finished);
    MQTTAsync_destroy(&client);
}

static void measure_echo(const char* row, int qos, int count)
{
    MQTTAsync client = start(row);
    int i;

    for (i = 0; i <= count; i++) {
        if (i == 1)
            begin_counting();
        publish(client, "echo", 16, qos);
        rest();
    }
    end_counting(row, count);
    must(arrived != count + 1, "echoes");
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
    measure_callbacks("recv-q0", 0, 600);
    measure_callbacks("recv-q1", 1, 600);
    measure_echo("echo-q0", 0, 100);
    measure_echo("echo-q1", 1, 100);
    return 0;
}
