/*
 * Publishes messages and waits until the server has acknowledged each of them.
 *
 *     publish URI [TOPIC [QOS [COUNT [TEXT]]]]
 *     publish tcp://localhost:1883 demo/greeting 1 3 "Good morning"
 *
 * No callbacks are set, so the library starts no thread: the network is served
 * inside the calls below. QoS 0 is done when the message is written, QoS 1 when
 * the server acknowledged it, QoS 2 when both sides have agreed that it arrived
 * exactly once. MQTTClient_waitForCompletion waits for that moment.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "MQTTClient.h"

#define TIME_LIMIT_MS 10000L

/* Prints what went wrong. Returns 1 if `code` is an error, else 0. */
static int failed(const char* action, int code)
{
    if (code == MQTTCLIENT_SUCCESS)
        return 0;
    fprintf(stderr, "%s failed: %s (%d)\n", action, MQTTClient_strerror(code), code);
    return 1;
}

static int publish_one(MQTTClient client, const char* topic, int qos, const char* text)
{
    MQTTClient_message message = MQTTClient_message_initializer;
    MQTTClient_deliveryToken token = 0;

    message.payload = (void*)text; /* only read by the library */
    message.payloadlen = (int)strlen(text);
    message.qos = qos;
    message.retained = 0;
    if (failed("Publishing", MQTTClient_publishMessage(client, topic, &message, &token)))
        return 1;
    if (qos == 0) {
        printf("Sent \"%s\" to %s with QoS 0: not confirmed\n", text, topic);
        return 0;
    }
    if (failed("Waiting for the confirmation", MQTTClient_waitForCompletion(client, token, TIME_LIMIT_MS)))
        return 1;
    printf("Sent \"%s\" to %s with QoS %d: confirmed, token %d\n", text, topic, qos, token);
    return 0;
}

int main(int argc, char* argv[])
{
    MQTTClient client = NULL;
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
    const char* uri = argc > 1 ? argv[1] : NULL;
    const char* topic = argc > 2 ? argv[2] : "demo/greeting";
    int qos = argc > 3 ? atoi(argv[3]) : 1;
    int count = argc > 4 ? atoi(argv[4]) : 1;
    const char* text = argc > 5 ? argv[5] : "Hello";
    int status = 0;
    int i;

    if (uri == NULL) {
        fprintf(stderr, "usage: %s URI [TOPIC [QOS [COUNT [TEXT]]]]\n", argv[0]);
        return 2;
    }

    /* An empty client id lets the server choose one; without persistence nothing is kept on disk. */
    if (failed("Creating the client", MQTTClient_create(&client, uri, "", MQTTCLIENT_PERSISTENCE_NONE, NULL))) {
        MQTTClient_destroy(&client);
        return 1;
    }
    options.keepAliveInterval = 20; /* seconds */
    options.connectTimeout = 5;     /* seconds */
    options.cleansession = 1;
    if (failed("Connecting", MQTTClient_connect(client, &options))) {
        MQTTClient_destroy(&client);
        return 1;
    }

    for (i = 0; i < count && status == 0; i++)
        status = publish_one(client, topic, qos, text);

    /* The time is for messages still under way; here all are confirmed. */
    status |= failed("Disconnecting", MQTTClient_disconnect(client, 1000));
    MQTTClient_destroy(&client);
    return status;
}
