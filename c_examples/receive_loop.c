/*
 * Subscribes to a topic and fetches the messages one by one, without threads.
 *
 *     receive_loop URI [TOPIC [QOS [COUNT [SECONDS]]]]
 *     receive_loop tcp://localhost:1883 'demo/#' 1 10 60
 *
 * No callbacks: the library does nothing between the calls, so a program of this
 * kind has to call MQTTClient_receive or MQTTClient_yield often enough for the
 * keep-alive. Ends after COUNT messages or SECONDS seconds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "MQTTClient.h"

#define STEP_MS 500UL

static int failed(const char* action, int code)
{
    if (code == MQTTCLIENT_SUCCESS)
        return 0;
    fprintf(stderr, "%s failed: %s (%d)\n", action, MQTTClient_strerror(code), code);
    return 1;
}

/* Waits at most STEP_MS for one message. 1: one came, 0: none came in that time, -1: error. */
static int receive_one(MQTTClient client)
{
    char* topic = NULL;
    int topic_length = 0;
    MQTTClient_message* message = NULL;
    int code = MQTTClient_receive(client, &topic, &topic_length, &message, STEP_MS);

    /* TOPICNAME_TRUNCATED comes with a message: its topic holds a zero byte, topic_length counts it all. */
    if (code != MQTTCLIENT_TOPICNAME_TRUNCATED && failed("Receiving", code))
        return -1;
    if (message == NULL)
        return 0;
    printf("%.*s, QoS %d%s: %.*s\n", topic_length, topic, message->qos,
           message->retained ? ", retained" : "", message->payloadlen, (const char*)message->payload);
    /* Both belong to the application. */
    MQTTClient_freeMessage(&message);
    MQTTClient_free(topic);
    return 1;
}

/* Returns 0 if `count` messages came in time. */
static int receive_all(MQTTClient client, int count, int seconds)
{
    time_t end = time(NULL) + seconds;

    while (count > 0 && time(NULL) < end) {
        int received = receive_one(client);
        if (received < 0)
            return 1;
        count -= received;
    }
    return count > 0;
}

int main(int argc, char* argv[])
{
    MQTTClient client = NULL;
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
    const char* topic = argc > 2 ? argv[2] : "demo/#";
    int qos = argc > 3 ? atoi(argv[3]) : 1;
    int count = argc > 4 ? atoi(argv[4]) : 1;
    int seconds = argc > 5 ? atoi(argv[5]) : 30;
    int status = 1;

    if (argc < 2) {
        fprintf(stderr, "usage: %s URI [TOPIC [QOS [COUNT [SECONDS]]]]\n", argv[0]);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0); /* each line at once, also into a pipe */

    options.cleansession = 1;
    options.keepAliveInterval = 20;
    if (failed("Creating the client", MQTTClient_create(&client, argv[1], "", MQTTCLIENT_PERSISTENCE_NONE, NULL)) ||
        failed("Connecting", MQTTClient_connect(client, &options)))
        goto destroy;
    if (failed("Subscribing", MQTTClient_subscribe(client, topic, qos)))
        goto disconnect;
    printf("Subscribed to %s with maximum QoS %d\n", topic, qos);
    status = receive_all(client, count, seconds);
    status |= failed("Unsubscribing", MQTTClient_unsubscribe(client, topic));

disconnect:
    status |= failed("Disconnecting", MQTTClient_disconnect(client, 1000));
destroy:
    MQTTClient_destroy(&client);
    return status;
}
