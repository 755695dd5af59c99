/*
 * Publishes messages without waiting: callbacks report the result of each.
 *
 *     async_publish URI [TOPIC [QOS [COUNT [TEXT]]]]
 *     async_publish tcp://localhost:1883 demo/greeting 1 3 "Good morning"
 *
 * Every request has two callbacks, of which one will be called: onSuccess or
 * onFailure. They run on a thread of the library, one at a time; the program
 * waits on a condition variable until all requests have had their answer.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "MQTTAsync.h"

/* What the callbacks report to the main thread. */
struct progress {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int pending;  /* requests whose result is still to come */
    int failures; /* requests that failed */
};

static int failed(const char* action, int code)
{
    if (code == MQTTASYNC_SUCCESS)
        return 0;
    fprintf(stderr, "%s failed: %s (%d)\n", action, MQTTAsync_strerror(code), code);
    return 1;
}

static void finish(struct progress* progress, int failures)
{
    pthread_mutex_lock(&progress->lock);
    progress->pending--;
    progress->failures += failures;
    pthread_cond_signal(&progress->changed);
    pthread_mutex_unlock(&progress->lock);
}

static void on_connected(void* context, MQTTAsync_successData* response)
{
    printf("Connected to %s\n", response->alt.connect.serverURI);
    finish(context, 0);
}

static void on_sent(void* context, MQTTAsync_successData* response)
{
    MQTTAsync_message* message = &response->alt.pub.message;

    printf("Sent \"%.*s\" to %s with QoS %d%s\n", message->payloadlen, (const char*)message->payload,
           response->alt.pub.destinationName, message->qos,
           message->qos > 0 ? ": confirmed" : ": not confirmed");
    finish(context, 0);
}

static void on_disconnected(void* context, MQTTAsync_successData* response)
{
    (void)response;
    finish(context, 0);
}

static void on_failure(void* context, MQTTAsync_failureData* response)
{
    fprintf(stderr, "A request failed, code %d%s%s\n", response->code, response->message ? ": " : "",
            response->message ? response->message : "");
    finish(context, 1);
}

/* Counts a request before it is made, for its callback may run before the call returns. */
static void expect(struct progress* progress)
{
    pthread_mutex_lock(&progress->lock);
    progress->pending++;
    pthread_mutex_unlock(&progress->lock);
}

/* Returns 0 if all requests so far have succeeded. `code` is what the last call returned: when it is an
   error, no callback will follow. */
static int wait_for_results(struct progress* progress, const char* action, int code)
{
    int status;

    if (failed(action, code))
        finish(progress, 1);
    pthread_mutex_lock(&progress->lock);
    while (progress->pending > 0)
        pthread_cond_wait(&progress->changed, &progress->lock);
    status = progress->failures > 0;
    pthread_mutex_unlock(&progress->lock);
    return status;
}

static int connect_and_wait(MQTTAsync client, struct progress* progress)
{
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;

    options.keepAliveInterval = 20; /* seconds */
    options.connectTimeout = 5;     /* seconds */
    options.cleansession = 1;
    options.onSuccess = on_connected;
    options.onFailure = on_failure;
    options.context = progress;
    expect(progress);
    return wait_for_results(progress, "Connecting", MQTTAsync_connect(client, &options));
}

static int publish_all(MQTTAsync client, struct progress* progress, const char* topic, int qos, int count,
                       const char* text)
{
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    int code = MQTTASYNC_SUCCESS;
    int i;

    response.onSuccess = on_sent;
    response.onFailure = on_failure;
    response.context = progress;
    for (i = 0; i < count && code == MQTTASYNC_SUCCESS; i++) {
        expect(progress);
        /* The text and the options are copied. */
        code = MQTTAsync_send(client, topic, (int)strlen(text), text, qos, 0, &response);
    }
    return wait_for_results(progress, "Sending", code);
}

static int disconnect_and_wait(MQTTAsync client, struct progress* progress)
{
    MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer;

    options.timeout = 1000; /* milliseconds, for messages still under way */
    options.onSuccess = on_disconnected;
    options.onFailure = on_failure;
    options.context = progress;
    expect(progress);
    return wait_for_results(progress, "Disconnecting", MQTTAsync_disconnect(client, &options));
}

int main(int argc, char* argv[])
{
    MQTTAsync client = NULL;
    struct progress progress = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0};
    const char* topic = argc > 2 ? argv[2] : "demo/greeting";
    int qos = argc > 3 ? atoi(argv[3]) : 1;
    int count = argc > 4 ? atoi(argv[4]) : 1;
    const char* text = argc > 5 ? argv[5] : "Hello";
    int status = 1;

    if (argc < 2) {
        fprintf(stderr, "usage: %s URI [TOPIC [QOS [COUNT [TEXT]]]]\n", argv[0]);
        return 2;
    }
    /* An empty client id lets the server choose one; without persistence nothing is kept on disk. */
    if (failed("Creating the client", MQTTAsync_create(&client, argv[1], "", MQTTCLIENT_PERSISTENCE_NONE, NULL)))
        return 1;
    if (connect_and_wait(client, &progress) == 0) {
        status = publish_all(client, &progress, topic, qos, count, text);
        status |= disconnect_and_wait(client, &progress);
    }
    MQTTAsync_destroy(&client); /* when this returns, no callback runs or will run */
    return status;
}
