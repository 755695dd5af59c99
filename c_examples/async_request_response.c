/*
 * MQTT 5.0 request and response with the asynchronous API: one client asks for
 * the length of texts, another one answers.
 *
 *     async_request_response URI [TEXT...]
 *     async_request_response tcp://localhost:1883 one three
 *
 * A request carries the topic for its response, and correlation data that the
 * response repeats: by these the asking client knows which request it belongs to.
 */
#define _POSIX_C_SOURCE 200809L

#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "MQTTAsync.h"

#define REQUESTS "demo/length"
#define RESPONSES "demo/length/response"
#define TIME_LIMIT_S 10

struct client {
    MQTTAsync handle;
    const char* filter; /* what it subscribes to */
    sem_t event;        /* subscribed, a response has come, or disconnected */
    int has_failed;
};

static int failed(const char* action, int code)
{
    if (code == MQTTASYNC_SUCCESS)
        return 0;
    fprintf(stderr, "%s failed: %s (%d)\n", action, MQTTAsync_strerror(code), code);
    return 1;
}

static void add_data(MQTTProperties* list, enum MQTTPropertyCodes identifier, const char* data, int length)
{
    MQTTProperty property;

    memset(&property, 0, sizeof property);
    property.identifier = identifier;
    property.value.data.data = (char*)data;
    property.value.data.len = length;
    MQTTProperties_add(list, &property); /* keeps a copy */
}

/* The request has failed; why is in code, or for what the server refused in reasonCode. */
static void on_failure(void* context, MQTTAsync_failureData5* data)
{
    struct client* client = context;

    fprintf(stderr, "A request failed: %s\n",
            data->code != 0 ? MQTTAsync_strerror(data->code) : MQTTReasonCode_toString(data->reasonCode));
    client->has_failed = 1;
    sem_post(&client->event);
}

static void on_done(void* context, MQTTAsync_successData5* data)
{
    (void)data;
    sem_post(&((struct client*)context)->event);
}

static void on_connect(void* context, MQTTAsync_successData5* data)
{
    struct client* client = context;
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;

    (void)data;
    options.onSuccess5 = on_done;
    options.onFailure5 = on_failure;
    options.context = client;
    if (failed("Subscribing", MQTTAsync_subscribe(client->handle, client->filter, 1, &options))) {
        client->has_failed = 1;
        sem_post(&client->event);
    }
}

/* The answering client: sends the length of the text to the topic that the request names. */
static int on_request(void* context, char* topic, int topic_length, MQTTAsync_message* message)
{
    struct client* client = context;
    MQTTProperty* to = MQTTProperties_getProperty(&message->properties, MQTTPROPERTY_CODE_RESPONSE_TOPIC);
    MQTTProperty* which = MQTTProperties_getProperty(&message->properties, MQTTPROPERTY_CODE_CORRELATION_DATA);

    (void)topic_length;
    if (to != NULL && which != NULL) {
        MQTTAsync_message response = MQTTAsync_message_initializer;
        char response_topic[100], text[20];

        /* The string in a property does not end with a zero. */
        snprintf(response_topic, sizeof response_topic, "%.*s", to->value.data.len, to->value.data.data);
        response.payload = text;
        response.payloadlen = snprintf(text, sizeof text, "%d", message->payloadlen);
        response.qos = 1;
        add_data(&response.properties, MQTTPROPERTY_CODE_CORRELATION_DATA, which->value.data.data,
                 which->value.data.len);
        failed("Responding", MQTTAsync_sendMessage(client->handle, response_topic, &response, NULL));
        MQTTProperties_free(&response.properties);
    }
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    return 1;
}

/* The asking client. */
static int on_response(void* context, char* topic, int topic_length, MQTTAsync_message* message)
{
    struct client* client = context;
    MQTTProperty* which = MQTTProperties_getProperty(&message->properties, MQTTPROPERTY_CODE_CORRELATION_DATA);

    (void)topic_length;
    if (which != NULL) {
        printf("%.*s has %.*s bytes\n", which->value.data.len, which->value.data.data, message->payloadlen,
               (const char*)message->payload);
        sem_post(&client->event);
    }
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    return 1;
}

/* Returns 0 when it has come in time and nothing has failed. */
static int await_event(struct client* client)
{
    struct timespec end;

    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += TIME_LIMIT_S;
    return sem_timedwait(&client->event, &end) != 0 || client->has_failed;
}

/* Connects and subscribes. */
static int start(struct client* client, const char* uri, const char* name, MQTTAsync_messageArrived* on_message)
{
    MQTTAsync_createOptions create = MQTTAsync_createOptions_initializer5;
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer5;

    if (failed("Creating a client", MQTTAsync_createWithOptions(&client->handle, uri, name,
                                                                MQTTCLIENT_PERSISTENCE_NONE, NULL, &create)))
        return 1;
    options.onSuccess5 = on_connect;
    options.onFailure5 = on_failure;
    options.context = client;
    return failed("Setting the callbacks",
                  MQTTAsync_setCallbacks(client->handle, client, NULL, on_message, NULL)) ||
           failed("Connecting", MQTTAsync_connect(client->handle, &options)) || await_event(client);
}

static int ask(struct client* client, const char* text)
{
    MQTTAsync_message request = MQTTAsync_message_initializer;
    int code;

    request.payload = (void*)text;
    request.payloadlen = (int)strlen(text);
    request.qos = 1;
    add_data(&request.properties, MQTTPROPERTY_CODE_RESPONSE_TOPIC, RESPONSES, (int)strlen(RESPONSES));
    add_data(&request.properties, MQTTPROPERTY_CODE_CORRELATION_DATA, text, (int)strlen(text));
    code = MQTTAsync_sendMessage(client->handle, REQUESTS, &request, NULL);
    MQTTProperties_free(&request.properties);
    return failed("Asking", code);
}

static void stop(struct client* client)
{
    MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer5;

    options.onSuccess5 = on_done;
    options.onFailure5 = on_failure;
    options.context = client;
    if (client->handle != NULL && MQTTAsync_disconnect(client->handle, &options) == MQTTASYNC_SUCCESS)
        await_event(client);
    MQTTAsync_destroy(&client->handle);
}

int main(int argc, char* argv[])
{
    struct client asking = {NULL, RESPONSES, {{0}}, 0}, answering = {NULL, REQUESTS, {{0}}, 0};
    int status, i;

    if (argc < 2) {
        fprintf(stderr, "usage: %s URI [TEXT...]\n", argv[0]);
        return 2;
    }
    sem_init(&asking.event, 0, 0);
    sem_init(&answering.event, 0, 0);
    status = start(&answering, argv[1], "answering-example", on_request) ||
             start(&asking, argv[1], "asking-example", on_response);
    for (i = 2; status == 0 && i < argc; i++)
        status = ask(&asking, argv[i]) || await_event(&asking);
    stop(&asking);
    stop(&answering);
    return status;
}
