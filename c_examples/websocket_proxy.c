/*
 * Connects through a WebSocket, and through an HTTP proxy if one is given, and
 * publishes a message.
 *
 *     websocket_proxy URI [PROXY [TOPIC]]
 *     websocket_proxy ws://localhost:8080/mqtt http://user:password@localhost:3128
 *
 * Without PROXY no proxy is used, whatever the environment says. With wss:// in
 * the URI it is the same through TLS; that needs -lpaho-mqtt3cs and TLS options.
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
    fprintf(stderr, "%s failed: %s (%d)\n", action, MQTTClient_strerror(code), code);
    return 1;
}

int main(int argc, char* argv[])
{
    MQTTClient client = NULL;
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer_ws;
    /* Added to the request; the list ends with NULL. */
    MQTTClient_nameValue headers[] = {{"X-Device", "websocket-example"}, {NULL, NULL}};
    MQTTClient_deliveryToken token = 0;
    const char* proxy = argc > 2 ? argv[2] : "";
    const char* topic = argc > 3 ? argv[3] : "demo/web";
    int status = 1;

    if (argc < 2) {
        fprintf(stderr, "usage: %s URI [PROXY [TOPIC]]\n", argv[0]);
        return 2;
    }
    options.httpHeaders = headers;
    options.httpProxy = proxy;  /* for servers without TLS; an empty string: none */
    options.httpsProxy = proxy; /* for servers with TLS */

    if (failed("Creating the client", MQTTClient_create(&client, argv[1], "websocket-example",
                                                        MQTTCLIENT_PERSISTENCE_NONE, NULL)))
        return 1;
    if (!failed("Connecting", MQTTClient_connect(client, &options)) &&
        !failed("Publishing", MQTTClient_publish(client, topic, 5, "hello", 1, 0, &token)) &&
        !failed("Waiting for the confirmation", MQTTClient_waitForCompletion(client, token, TIME_LIMIT_MS))) {
        printf("Sent a message to %s through %s: confirmed\n", topic,
               strlen(proxy) > 0 ? "a proxy and a WebSocket" : "a WebSocket");
        status = failed("Disconnecting", MQTTClient_disconnect(client, 1000));
    }
    MQTTClient_destroy(&client);
    return status;
}
