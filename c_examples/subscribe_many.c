/*
 * Subscribes to three topics in one request, each with its own maximum QoS, then
 * publishes to each of them at QoS 0, 1 and 2 and shows at which QoS it comes back.
 *
 *     subscribe_many URI [PREFIX]
 *     subscribe_many tcp://localhost:1883 demo/many
 *
 * A message is delivered at the lower of two values: the QoS it was published
 * with, and the maximum that the subscription was granted. The program checks
 * that and ends with status 0 if all nine messages came as they should.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "MQTTClient.h"

#define TOPICS 3
#define TIME_LIMIT_MS 10000L

static int failed(const char* action, int code)
{
    if (code == MQTTCLIENT_SUCCESS)
        return 0;
    fprintf(stderr, "%s failed: %s (%d)\n", action, MQTTClient_strerror(code), code);
    return 1;
}

/* Sends the array of wanted values and gets the granted ones back in it. */
static int subscribe(MQTTClient client, char* const topics[], int granted[])
{
    int i;

    if (failed("Subscribing", MQTTClient_subscribeMany(client, TOPICS, topics, granted)))
        return 1;
    for (i = 0; i < TOPICS; i++) {
        if (granted[i] == MQTT_BAD_SUBSCRIBE) {
            fprintf(stderr, "%s: refused by the server\n", topics[i]);
            return 1;
        }
        printf("%s: wanted maximum QoS %d, granted %d\n", topics[i], i, granted[i]);
    }
    return 0;
}

/* Publishes one message to a topic subscribed by ourselves and looks how it arrives. */
static int send_and_receive(MQTTClient client, const char* topic, int qos, int maximum)
{
    MQTTClient_deliveryToken token = 0;
    MQTTClient_message* message = NULL;
    char* received_topic = NULL;
    int topic_length = 0;
    int expected = qos < maximum ? qos : maximum;
    int right;

    if (failed("Publishing", MQTTClient_publish(client, topic, 5, "hello", qos, 0, &token)) ||
        (qos > 0 && failed("Confirming", MQTTClient_waitForCompletion(client, token, TIME_LIMIT_MS))) ||
        failed("Receiving", MQTTClient_receive(client, &received_topic, &topic_length, &message, TIME_LIMIT_MS)))
        return 1;
    if (message == NULL) {
        fprintf(stderr, "%s: nothing came within the time limit\n", topic);
        return 1;
    }
    right = strcmp(received_topic, topic) == 0 && message->qos == expected;
    printf("%s: published with QoS %d, arrived with QoS %d%s\n", received_topic, qos, message->qos,
           right ? "" : ", which is WRONG");
    MQTTClient_freeMessage(&message);
    MQTTClient_free(received_topic);
    return !right;
}

int main(int argc, char* argv[])
{
    MQTTClient client = NULL;
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
    const char* prefix = argc > 2 ? argv[2] : "demo/many";
    char names[TOPICS][256];
    char* topics[TOPICS];
    int granted[TOPICS] = {0, 1, 2};
    int status = 1;
    int i;

    if (argc < 2) {
        fprintf(stderr, "usage: %s URI [PREFIX]\n", argv[0]);
        return 2;
    }
    for (i = 0; i < TOPICS; i++) {
        snprintf(names[i], sizeof names[i], "%.200s/at-most-qos-%d", prefix, i);
        topics[i] = names[i];
    }

    options.cleansession = 1;
    if (failed("Creating the client", MQTTClient_create(&client, argv[1], "", MQTTCLIENT_PERSISTENCE_NONE, NULL)) ||
        failed("Connecting", MQTTClient_connect(client, &options)))
        goto destroy;
    status = subscribe(client, topics, granted);
    for (i = 0; i < TOPICS * 3 && status == 0; i++)
        status = send_and_receive(client, topics[i / 3], i % 3, granted[i / 3]);
    status |= failed("Disconnecting", MQTTClient_disconnect(client, 1000));
destroy:
    MQTTClient_destroy(&client);
    return status;
}
