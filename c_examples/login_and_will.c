/*
 * Logs in with user name and password, and lets everybody see whether it is
 * there: the topic has "online" while it is connected, and "offline" otherwise,
 * also after a crash, because the server publishes the will then.
 *
 *     login_and_will URI USER PASSWORD [TOPIC]
 *     login_and_will tcp://localhost:1883 sensor secret demo/status
 *
 * Ends when its standard input ends. Kill it, and the server publishes the will.
 */
#include <stdio.h>
#include <string.h>

#include "MQTTClient.h"

#define TIME_LIMIT_MS 10000L

/* Prints what went wrong. Returns 1 if `code` is an error, else 0. */
static int failed(const char* action, int code)
{
    if (code == MQTTCLIENT_SUCCESS)
        return 0;
    /* 4 and 5: the server has refused user name and password, or this client. */
    fprintf(stderr, "%s failed: %s (%d)\n", action, MQTTClient_strerror(code), code);
    return 1;
}

/* Retained: whoever subscribes later gets the last status at once. */
static int publish_status(MQTTClient client, const char* topic, const char* status)
{
    MQTTClient_deliveryToken token = 0;

    return failed("Publishing", MQTTClient_publish(client, topic, (int)strlen(status), status, 1, 1, &token)) ||
           failed("Waiting for the confirmation", MQTTClient_waitForCompletion(client, token, TIME_LIMIT_MS));
}

/* Nobody sends messages to this client, but callbacks need a function for them. */
static int on_message(void* context, char* topic, int topic_length, MQTTClient_message* message)
{
    (void)context;
    (void)topic_length;
    MQTTClient_freeMessage(&message);
    MQTTClient_free(topic);
    return 1;
}

int main(int argc, char* argv[])
{
    MQTTClient client = NULL;
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
    MQTTClient_willOptions will = MQTTClient_willOptions_initializer;
    const char* topic = argc > 4 ? argv[4] : "demo/status";
    int status = 1;

    if (argc < 4) {
        fprintf(stderr, "usage: %s URI USER PASSWORD [TOPIC]\n", argv[0]);
        return 2;
    }
    will.topicName = topic;
    will.message = "offline";
    will.qos = 1;
    will.retained = 1;
    options.will = &will;
    options.username = argv[2];
    options.password = argv[3]; /* readable on the way to the server unless TLS is used */
    options.keepAliveInterval = 20; /* a client that is gone without a word is noticed after 30 seconds */

    if (failed("Creating the client", MQTTClient_create(&client, argv[1], "login-example",
                                                        MQTTCLIENT_PERSISTENCE_NONE, NULL)))
        return 1;
    /* With callbacks the library keeps the connection alive while this thread waits for input. */
    if (!failed("Setting the callbacks", MQTTClient_setCallbacks(client, NULL, NULL, on_message, NULL)) &&
        !failed("Connecting", MQTTClient_connect(client, &options)) && !publish_status(client, topic, "online")) {
        printf("%s is logged in\n", argv[2]);
        fflush(stdout);
        while (getchar() != EOF) {
        }
        /* A proper disconnect takes the will back, so the status is set here. */
        status = publish_status(client, topic, "offline");
        if (failed("Disconnecting", MQTTClient_disconnect(client, 1000)))
            status = 1;
    }
    MQTTClient_destroy(&client);
    return status;
}
