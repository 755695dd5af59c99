/*
 * Publishes messages and says what the library knows about the connection: the
 * times of the connect, what the server has announced, and what was sent. If
 * there is no connection, it says why.
 *
 *     insight URI [TOPIC [COUNT [OPTION=VALUE]...]]
 *     insight tcp://localhost:1883 demo/insight 3 tcp.keepalive=30 strict=true
 *
 * These functions are not in the Eclipse Paho library: they have headers of
 * their own. docs/options.md lists the options.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "MQTTClientExt.h"

#define TIME_LIMIT_MS 10000L

/* Sets an option that is given as NAME=VALUE. Returns 1 if that fails, else 0. */
static int set_option(MQTTClient client, const char* setting)
{
    const char* equals = strchr(setting, '=');
    char name[64];
    char reason[200];

    if (equals == NULL || (size_t)(equals - setting) >= sizeof(name)) {
        fprintf(stderr, "%s is not OPTION=VALUE\n", setting);
        return 1;
    }
    memcpy(name, setting, (size_t)(equals - setting));
    name[equals - setting] = '\0';
    if (MQTTClientExt_setOption(client, name, equals + 1, reason, sizeof(reason)) == MQTTEXT_SUCCESS)
        return 0;
    fprintf(stderr, "%s\n", reason);
    return 1;
}

static void print_time(const char* stage, int64_t microseconds)
{
    if (microseconds >= 0)
        printf("  %s: %.1f ms\n", stage, (double)microseconds / 1000);
}

static void print_statistics(MQTTClient client)
{
    MQTTExt_statistics numbers = MQTTExt_statistics_initializer;

    if (MQTTClientExt_getStatistics(client, &numbers) != MQTTEXT_SUCCESS)
        return;
    printf("Connected after %d attempt(s):\n", (int)numbers.attempts);
    print_time("name", numbers.resolveTime);
    print_time("network", numbers.connectTime);
    print_time("proxy", numbers.proxyTime);
    print_time("TLS", numbers.tlsTime);
    print_time("WebSocket", numbers.webSocketTime);
    print_time("answer to CONNECT", numbers.connackTime);
    if (numbers.receiveMaximum >= 0)
        printf("The server takes %d messages at a time\n", numbers.receiveMaximum);
    printf("Sent: %d messages with QoS 1, %d not acknowledged\n", (int)numbers.sent.messages[1], numbers.inFlight);
}

static int publish(MQTTClient client, const char* topic, int count)
{
    MQTTClient_deliveryToken token = 0;
    int code = MQTTCLIENT_SUCCESS;
    int i;

    for (i = 0; i < count && code == MQTTCLIENT_SUCCESS; i++)
        code = MQTTClient_publish(client, topic, 5, "Hello", 1, 0, &token);
    if (code == MQTTCLIENT_SUCCESS && count > 0)
        code = MQTTClient_waitForCompletion(client, token, TIME_LIMIT_MS);
    return code != MQTTCLIENT_SUCCESS;
}

int main(int argc, char* argv[])
{
    MQTTClient client = NULL;
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
    const char* topic = argc > 2 ? argv[2] : "demo/insight";
    int status = 0;
    int i;

    if (argc < 2) {
        fprintf(stderr, "usage: %s URI [TOPIC [COUNT [OPTION=VALUE]...]]\n", argv[0]);
        return 2;
    }
    if (MQTTExt_validateTopic(topic) != MQTTEXT_SUCCESS) {
        fprintf(stderr, "%s: %s\n", topic, MQTTExt_strerror(MQTTExt_validateTopic(topic)));
        return 1;
    }
    if (MQTTClient_create(&client, argv[1], "", MQTTCLIENT_PERSISTENCE_NONE, NULL) != MQTTCLIENT_SUCCESS)
        return 1;
    for (i = 4; i < argc; i++)
        status |= set_option(client, argv[i]);
    if (status == 0 && MQTTClient_connect(client, &options) == MQTTCLIENT_SUCCESS) {
        status = publish(client, topic, argc > 3 ? atoi(argv[3]) : 1);
        print_statistics(client);
        MQTTClient_disconnect(client, 1000);
    } else if (status == 0) {
        char reason[300];

        MQTTClientExt_getLastError(client, NULL, reason, sizeof(reason));
        fprintf(stderr, "No connection: %s\n", reason);
        status = 1;
    }
    MQTTClient_destroy(&client);
    return status;
}
