/* What paho_cs_pub and paho_cs_sub share: connecting and disconnecting with the synchronous API. */

#define _POSIX_C_SOURCE 200809L

#include "sync.h"

#include <stdio.h>
#include <stdlib.h>

static const struct options *used_options;

const char *const *sync_library_facts(void)
{
    static const char *facts[41];
    size_t count = 0;

    for (MQTTClient_nameValue *fact = MQTTClient_getVersionInfo(); fact->name && count < 40; fact++) {
        facts[count++] = fact->name;
        facts[count++] = fact->value;
    }
    return facts;
}

static void on_trace(enum MQTTCLIENT_TRACE_LEVELS level, char *line)
{
    take_trace_line(used_options, (int)level, line);
}

MQTTClient sync_create(const struct options *options)
{
    MQTTClient_createOptions create = MQTTClient_createOptions_initializer;
    MQTTClient client = NULL;
    int rc;

    used_options = options;
    MQTTClient_setTraceCallback(on_trace);
    MQTTClient_setTraceLevel(options->trace ? (enum MQTTCLIENT_TRACE_LEVELS)options->trace : MQTTCLIENT_TRACE_ERROR);
    create.MQTTVersion = options->version;
    rc = MQTTClient_createWithOptions(&client, options->url, options->client_id, MQTTCLIENT_PERSISTENCE_NONE, NULL,
        &create);
    if (rc != MQTTCLIENT_SUCCESS) {
        complain(options, "Failed to create client, return code: %s: %s\n", MQTTClient_strerror(rc), options->url);
        exit(EXIT_USAGE);
    }
    return client;
}

static int on_tls_error(const char *line, size_t length, void *context)
{
    (void)context, (void)length;
    if (used_options->verbose)
        complain(used_options, "SSL error: %s", line);
    return 1;
}

static int connect_with(MQTTClient client, MQTTClient_connectOptions *connect, const struct options *options)
{
    int rc;

    connect->MQTTVersion = options->version;
    connect->keepAliveInterval = options->keep_alive;
    connect->username = options->username;
    connect->password = options->password;
    connect->httpProxy = options->http_proxy;
    connect->httpsProxy = options->https_proxy;
    if (options->version == MQTTVERSION_5) {
        MQTTResponse response;
        connect->cleanstart = 1;
        response = MQTTClient_connect5(client, connect, NULL, NULL);
        rc = (int)response.reasonCode;
        MQTTResponse_free(response);
    } else {
        connect->cleansession = 1;
        rc = MQTTClient_connect(client, connect);
    }
    return rc;
}

enum exit_code sync_connect(MQTTClient client, const struct options *options)
{
    MQTTClient_connectOptions connect = MQTTClient_connectOptions_initializer;
    MQTTClient_connectOptions connect5 = MQTTClient_connectOptions_initializer5;
    MQTTClient_connectOptions *used = options->version == MQTTVERSION_5 ? &connect5 : &connect;
    MQTTClient_willOptions will = MQTTClient_willOptions_initializer;
    MQTTClient_SSLOptions ssl = MQTTClient_SSLOptions_initializer;
    int rc;

    SET_WILL_OPTIONS(&will, options);
    SET_TLS_OPTIONS(&ssl, options);
    ssl.ssl_error_cb = on_tls_error;
    used->will = options->will_topic ? &will : NULL;
    used->ssl = options->tls ? &ssl : NULL;
    say(options, "Connecting\n");
    forget_cause();
    rc = connect_with(client, used, options);
    if (rc == MQTTCLIENT_SUCCESS) {
        /* As the original does. */
        if (options->tool->publishes)
            say(options, "Connected\n");
        else if (options->verbose)
            fprintf(stderr, "Connected\n");
        return EXIT_DONE;
    }
    complain(options, "Connect failed return code: %s%s\n", code_text(rc, MQTTClient_strerror(rc)),
        rc > 0 ? "" : cause_of(NULL));
    return EXIT_CONNECT;
}

void sync_connect_again(MQTTClient client, const struct options *options)
{
    double pause = 1;

    complain(options, "Connection lost%s; connecting again\n", cause_of(NULL));
    while (!stopped() && sync_connect(client, options) != EXIT_DONE) {
        pause_for(pause, NULL);
        pause = pause < 30 ? 2 * pause : 60;
    }
}

void sync_end(MQTTClient client)
{
    if (MQTTClient_isConnected(client))
        MQTTClient_disconnect(client, 1000);
    MQTTClient_destroy(&client);
}
