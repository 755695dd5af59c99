/*
 * Clients in a libuv loop: each has a uv_poll_t for its descriptor and a uv_timer_t for its deadline. No thread of the
 * library runs. Each client sends a message to itself and ends when it is delivered and has come.
 *
 *     cc example.c -lpaho-mqtt3a -luv -o example
 *     ./example tcp://127.0.0.1:1883 3
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include "MQTTAsyncExt.h"

struct client {
    MQTTAsync handle;
    uv_poll_t poll;
    uv_timer_t timer;
    char topic[64];
    int sent;
    int received;
    int failed;
    int ended;
};

static void end(struct client* client)
{
    if (client->ended)
        return;
    client->ended = 1;
    uv_close((uv_handle_t*)&client->poll, NULL);
    uv_close((uv_handle_t*)&client->timer, NULL);
}

static void on_timer(uv_timer_t* timer);

static void process(struct client* client)
{
    int left;

    if (client->ended)
        return;
    if (MQTTAsyncExt_process(client->handle) != MQTTEXT_SUCCESS ||
        MQTTAsyncExt_nextDeadline(client->handle, &left) != MQTTEXT_SUCCESS) {
        client->failed = 1;
        end(client);
    } else if (!client->ended && left >= 0) {
        uv_timer_start(&client->timer, on_timer, (uint64_t)left, 0);
    } else if (!client->ended) {
        uv_timer_stop(&client->timer);
    }
}

static void on_timer(uv_timer_t* timer)
{
    process(timer->data);
}

static void on_readable(uv_poll_t* poll, int status, int events)
{
    (void)status, (void)events;
    process(poll->data);
}

static void on_failure(void* context, MQTTAsync_failureData* response)
{
    struct client* client = context;

    fprintf(stderr, "%s: %s\n", client->topic, response->message != NULL ? response->message : "failed");
    client->failed = 1;
    end(client);
}

static int on_message(void* context, char* topic, int length, MQTTAsync_message* message)
{
    struct client* client = context;

    (void)length;
    printf("%s: %.*s\n", topic, message->payloadlen, (char*)message->payload);
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    client->received = 1;
    if (client->sent)
        end(client);
    return 1;
}

static void on_sent(void* context, MQTTAsync_successData* response)
{
    struct client* client = context;

    (void)response;
    client->sent = 1;
    if (client->received)
        end(client);
}

static void on_subscribed(void* context, MQTTAsync_successData* response)
{
    struct client* client = context;
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;

    (void)response;
    options.onSuccess = on_sent;
    options.onFailure = on_failure;
    options.context = client;
    if (MQTTAsync_send(client->handle, client->topic, 5, "hello", 1, 0, &options) != MQTTASYNC_SUCCESS)
        client->failed = 1;
}

static void on_connected(void* context, MQTTAsync_successData* response)
{
    struct client* client = context;
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;

    (void)response;
    options.onSuccess = on_subscribed;
    options.onFailure = on_failure;
    options.context = client;
    if (MQTTAsync_subscribe(client->handle, client->topic, 1, &options) != MQTTASYNC_SUCCESS)
        client->failed = 1;
}

static int start(struct client* client, int number, const char* uri, uv_loop_t* loop)
{
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
    int descriptor;

    snprintf(client->topic, sizeof(client->topic), "example/libuv/%d", number);
    if (MQTTAsync_create(&client->handle, uri, client->topic + 8, MQTTCLIENT_PERSISTENCE_NONE, NULL) != 0 ||
        MQTTAsyncExt_setOption(client->handle, "event.loop", "external", NULL, 0) != MQTTEXT_SUCCESS ||
        MQTTAsyncExt_getDescriptor(client->handle, &descriptor) != MQTTEXT_SUCCESS)
        return 0;
    uv_poll_init(loop, &client->poll, descriptor);
    uv_timer_init(loop, &client->timer);
    client->poll.data = client->timer.data = client;
    uv_poll_start(&client->poll, UV_READABLE, on_readable);
    MQTTAsync_setCallbacks(client->handle, client, NULL, on_message, NULL);
    options.onSuccess = on_connected;
    options.onFailure = on_failure;
    options.context = client;
    if (MQTTAsync_connect(client->handle, &options) != MQTTASYNC_SUCCESS)
        return 0;
    process(client);
    return 1;
}

int main(int argc, char** argv)
{
    uv_loop_t* loop = uv_default_loop();
    int i, count = argc > 2 ? atoi(argv[2]) : 1, failed = 0;
    struct client* clients = calloc((size_t)count + 1, sizeof(*clients));

    if (argc < 2 || clients == NULL) {
        fprintf(stderr, "usage: %s URI [CLIENTS]\n", argv[0]);
        return 2;
    }
    for (i = 0; i < count; i++)
        if (!start(&clients[i], i, argv[1], loop))
            return 1;
    uv_run(loop, UV_RUN_DEFAULT);
    for (i = 0; i < count; i++) {
        failed |= clients[i].failed;
        MQTTAsync_destroy(&clients[i].handle);
    }
    uv_loop_close(loop);
    free(clients);
    return failed;
}
