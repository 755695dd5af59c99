/*
 * Publishes a message through TLS. The server has to prove who it is, and the
 * client too, if a certificate is given.
 *
 *     tls_publish URI CA_FILE [CERTIFICATE KEY [TOPIC]]
 *     tls_publish ssl://localhost:8883 ca.crt client.crt client.key
 *
 * Linked with -lpaho-mqtt3cs. Lines of OpenSSL about a failure are printed by a
 * callback; MQTT_C_CLIENT_TRACE=ON and MQTT_C_CLIENT_TRACE_LEVEL=ERROR show the
 * same in the log.
 */
#include <stdio.h>

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

/* Returns 1 to get the next line. */
static int on_tls_error(const char* line, size_t length, void* context)
{
    (void)context;
    fprintf(stderr, "TLS: %.*s", (int)length, line);
    return 1;
}

int main(int argc, char* argv[])
{
    MQTTClient client = NULL;
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
    MQTTClient_SSLOptions ssl = MQTTClient_SSLOptions_initializer;
    MQTTClient_deliveryToken token = 0;
    const char* topic = argc > 5 ? argv[5] : "demo/secret";
    int status = 1;

    if (argc < 3 || argc == 4) {
        fprintf(stderr, "usage: %s URI CA_FILE [CERTIFICATE KEY [TOPIC]]\n", argv[0]);
        return 2;
    }
    ssl.trustStore = argv[2];             /* who may have signed the server's certificate */
    ssl.enableServerCertAuth = 1;         /* it has to be valid, which is the default */
    ssl.verify = 1;                       /* and for this host, which is not */
    ssl.sslVersion = MQTT_SSL_VERSION_TLS_1_2; /* or later */
    if (argc > 4) {
        ssl.keyStore = argv[3];   /* the client's certificate, with those that lead to its authority */
        ssl.privateKey = argv[4]; /* set privateKeyPassword if it is encrypted */
    }
    ssl.ssl_error_cb = on_tls_error;
    options.ssl = &ssl;

    if (failed("Creating the client", MQTTClient_create(&client, argv[1], "tls-example",
                                                        MQTTCLIENT_PERSISTENCE_NONE, NULL)))
        return 1;
    if (!failed("Connecting", MQTTClient_connect(client, &options)) &&
        !failed("Publishing", MQTTClient_publish(client, topic, 6, "secret", 1, 0, &token)) &&
        !failed("Waiting for the confirmation", MQTTClient_waitForCompletion(client, token, TIME_LIMIT_MS))) {
        printf("Sent a message to %s through TLS: confirmed\n", topic);
        status = failed("Disconnecting", MQTTClient_disconnect(client, 1000));
    }
    MQTTClient_destroy(&client);
    return status;
}
