/* What paho_c_pub and paho_c_sub share: connecting and disconnecting with the asynchronous API. */

#define _POSIX_C_SOURCE 200809L

#include "async.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* How a request is getting on; written by callbacks. */
enum progress { RUNNING, SUCCEEDED, FAILED };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static enum progress connecting, disconnecting;

static const struct options *used_options;

static void set_progress(enum progress *progress, enum progress value)
{
    pthread_mutex_lock(&lock);
    *progress = value;
    pthread_mutex_unlock(&lock);
    wake();
}

static enum progress get_progress(enum progress *progress)
{
    enum progress value;

    pthread_mutex_lock(&lock);
    value = *progress;
    pthread_mutex_unlock(&lock);
    return value;
}

const char *const *async_library_facts(void)
{
    static const char *facts[41];
    size_t count = 0;

    for (MQTTAsync_nameValue *fact = MQTTAsync_getVersionInfo(); fact->name && count < 40; fact++) {
        facts[count++] = fact->name;
        facts[count++] = fact->value;
    }
    return facts;
}

static void on_trace(enum MQTTASYNC_TRACE_LEVELS level, char *line)
{
    take_trace_line(used_options, (int)level, line);
}

MQTTAsync async_create(const struct options *options)
{
    MQTTAsync_createOptions create = MQTTAsync_createOptions_initializer;
    MQTTAsync client = NULL;
    int rc;

    used_options = options;
    MQTTAsync_setTraceCallback(on_trace);
    MQTTAsync_setTraceLevel(options->trace ? (enum MQTTASYNC_TRACE_LEVELS)options->trace : MQTTASYNC_TRACE_ERROR);
    create.MQTTVersion = options->version;
    create.sendWhileDisconnected = 1;
    rc = MQTTAsync_createWithOptions(&client, options->url, options->client_id, MQTTCLIENT_PERSISTENCE_NONE, NULL,
        &create);
    if (rc != MQTTASYNC_SUCCESS) {
        complain(options, "Failed to create client, return code: %s: %s\n", MQTTAsync_strerror(rc), options->url);
        exit(EXIT_USAGE);
    }
    return client;
}

void async_report(const struct options *options, const char *what, int code, int reason_code, const char *message)
{
    const char *reason, *cause;

    /* Some versions of the library give the reason as the code, others 0 or -1 with the reason. */
    if (reason_code >= 0 && code >= 128)
        reason_code = code;
    if (reason_code >= 128)
        code = MQTTASYNC_FAILURE;
    if (code == MQTTASYNC_OPERATION_INCOMPLETE && !message)
        message = "the connection ended";
    cause = code >= 1 || reason_code >= 128 ? "" : cause_of(message);
    if (reason_code < 0) {
        complain(options, "%s failed, rc %s%s\n", what, code_text(code, MQTTAsync_strerror(code)), cause);
        return;
    }
    reason = MQTTReasonCode_toString((enum MQTTReasonCodes)reason_code);
    complain(options, "%s failed, rc %s reason code %s%s\n", what, MQTTAsync_strerror(code),
        reason ? reason : "unknown", cause);
}

static void on_connect(void *context, MQTTAsync_successData *response)
{
    (void)context, (void)response;
    set_progress(&connecting, SUCCEEDED);
}

static void on_connect5(void *context, MQTTAsync_successData5 *response)
{
    (void)context, (void)response;
    set_progress(&connecting, SUCCEEDED);
}

static void on_connect_failure(void *context, MQTTAsync_failureData *response)
{
    (void)context;
    async_report(used_options, "Connect", response->code, -1, response->message);
    set_progress(&connecting, FAILED);
}

static void on_connect_failure5(void *context, MQTTAsync_failureData5 *response)
{
    (void)context;
    async_report(used_options, "Connect", response->code, (int)response->reasonCode, response->message);
    set_progress(&connecting, FAILED);
}

static int on_tls_error(const char *line, size_t length, void *context)
{
    (void)context, (void)length;
    if (used_options->verbose)
        complain(used_options, "SSL error: %s", line);
    return 1;
}

/* Everything but the callbacks of MQTT 3 and 5, which differ. */
static void set_connect_options(MQTTAsync_connectOptions *connect, const struct options *options, int reconnect)
{
    connect->MQTTVersion = options->version;
    connect->keepAliveInterval = options->keep_alive;
    connect->username = options->username;
    connect->password = options->password;
    connect->httpProxy = options->http_proxy;
    connect->httpsProxy = options->https_proxy;
    connect->automaticReconnect = reconnect;
    connect->minRetryInterval = 1;
    connect->maxRetryInterval = 60;
    if (options->version == MQTTVERSION_5) {
        connect->cleanstart = 1;
        connect->onSuccess5 = on_connect5;
        connect->onFailure5 = on_connect_failure5;
    } else {
        connect->cleansession = 1;
        connect->onSuccess = on_connect;
        connect->onFailure = on_connect_failure;
    }
}

enum exit_code async_connect(MQTTAsync client, const struct options *options, int reconnect,
    MQTTAsync_connected *on_connected)
{
    MQTTAsync_connectOptions connect = MQTTAsync_connectOptions_initializer;
    MQTTAsync_connectOptions connect5 = MQTTAsync_connectOptions_initializer5;
    MQTTAsync_connectOptions *used = options->version == MQTTVERSION_5 ? &connect5 : &connect;
    MQTTAsync_willOptions will = MQTTAsync_willOptions_initializer;
    MQTTAsync_SSLOptions ssl = MQTTAsync_SSLOptions_initializer;
    int rc;

    set_connect_options(used, options, reconnect);
    SET_WILL_OPTIONS(&will, options);
    SET_TLS_OPTIONS(&ssl, options);
    ssl.ssl_error_cb = on_tls_error;
    used->will = options->will_topic ? &will : NULL;
    used->ssl = options->tls ? &ssl : NULL;
    if (on_connected)
        MQTTAsync_setConnected(client, client, on_connected);
    rc = MQTTAsync_connect(client, used);
    if (rc != MQTTASYNC_SUCCESS) {
        complain(options, "Failed to start connect, return code %s%s\n", MQTTAsync_strerror(rc), cause_of(NULL));
        return EXIT_CONNECT;
    }
    while (get_progress(&connecting) == RUNNING)
        wait_for_event(-1, 0);
    return get_progress(&connecting) == SUCCEEDED ? EXIT_DONE : EXIT_CONNECT;
}

static void on_disconnect(void *context, MQTTAsync_successData *response)
{
    (void)context, (void)response;
    set_progress(&disconnecting, SUCCEEDED);
}

static void on_disconnect_failure(void *context, MQTTAsync_failureData *response)
{
    (void)context, (void)response;
    set_progress(&disconnecting, FAILED);
}

static int has_disconnected(void)
{
    return get_progress(&disconnecting) != RUNNING;
}

void async_end(MQTTAsync client)
{
    MQTTAsync_disconnectOptions disconnect = MQTTAsync_disconnectOptions_initializer;

    disconnect.onSuccess = on_disconnect;
    disconnect.onFailure = on_disconnect_failure;
    disconnect.timeout = 1000;
    if (MQTTAsync_disconnect(client, &disconnect) == MQTTASYNC_SUCCESS)
        wait_although_stopped(5, has_disconnected);
    MQTTAsync_destroy(&client);
}
