/* paho_c_pub: publishes messages with the asynchronous API. Its man page is man/paho_c_pub.1. */

#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "async.h"

static const struct tool TOOL = {"paho_c_pub", 1, "paho-c-pub", async_library_facts};

/* So many messages wait for their results at most. The library keeps 100 while it is not connected. */
#define MOST_WAITING 100

static struct options options;
static MQTTAsync client;
static int reads_input;
static int interrupted; /* a signal came before all repetitions were published */

/* Written by callbacks. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int waiting;     /* messages without a result */
static int refused;     /* messages that failed */
static int unconfirmed; /* messages whose result is not known, because the connection ended */
static int lost;        /* the connection, and it is not made again */

static int count_waiting(void)
{
    int count;

    pthread_mutex_lock(&lock);
    count = waiting;
    pthread_mutex_unlock(&lock);
    return count;
}

static int is_lost(void)
{
    int value;

    pthread_mutex_lock(&lock);
    value = lost;
    pthread_mutex_unlock(&lock);
    return value;
}

static void take_result(int code)
{
    pthread_mutex_lock(&lock);
    waiting--;
    if (code == MQTTASYNC_OPERATION_INCOMPLETE)
        unconfirmed++;
    else if (code != MQTTASYNC_SUCCESS)
        refused++;
    pthread_mutex_unlock(&lock);
    wake();
}

static void on_publish(void *context, MQTTAsync_successData *response)
{
    (void)context, (void)response;
    say(&options, "Publish succeeded\n");
    take_result(MQTTASYNC_SUCCESS);
}

static void on_publish5(void *context, MQTTAsync_successData5 *response)
{
    (void)context;
    say(&options, "Publish succeeded, reason code %s\n", MQTTReasonCode_toString(response->reasonCode));
    take_result(MQTTASYNC_SUCCESS);
}

static void on_publish_failure(void *context, MQTTAsync_failureData *response)
{
    (void)context;
    async_report(&options, "Publish", response->code, -1, response->message);
    take_result(response->code);
}

static void on_publish_failure5(void *context, MQTTAsync_failureData5 *response)
{
    (void)context;
    async_report(&options, "Publish", response->code, (int)response->reasonCode, response->message);
    take_result(response->code == MQTTASYNC_SUCCESS ? MQTTASYNC_FAILURE : response->code);
}

static void on_connected(void *context, char *cause)
{
    static int again;

    (void)context, (void)cause;
    if (again)
        say(&options, "Connected\n");
    again = 1;
}

static void on_loss(void *context, char *cause)
{
    (void)context, (void)cause;
    complain(&options, "Connection lost%s%s\n", cause_of(NULL), reads_input ? "; connecting again" : "");
    forget_cause();
    pthread_mutex_lock(&lock);
    lost = !reads_input;
    pthread_mutex_unlock(&lock);
    wake();
}

static int on_message(void *context, char *topic, int topic_length, MQTTAsync_message *message)
{
    (void)context, (void)topic_length;
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    return 1;
}

/* EXIT_REFUSED if the library does not take the message. */
static enum exit_code publish(const struct bytes *payload)
{
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    int rc;

    say(&options, "Publishing data of length %d\n", (int)payload->length);
    if (options.version == MQTTVERSION_5) {
        response.onSuccess5 = on_publish5;
        response.onFailure5 = on_publish_failure5;
        response.properties = message_properties(&options);
    } else {
        response.onSuccess = on_publish;
        response.onFailure = on_publish_failure;
    }
    pthread_mutex_lock(&lock);
    waiting++;
    pthread_mutex_unlock(&lock);
    rc = MQTTAsync_send(client, options.topic, (int)payload->length, payload->length ? payload->data : "", options.qos,
        options.retained, &response);
    MQTTProperties_free(&response.properties);
    if (rc == MQTTASYNC_SUCCESS)
        return EXIT_DONE;
    complain(&options, "Publish failed, rc %s%s\n", MQTTAsync_strerror(rc), cause_of(NULL));
    pthread_mutex_lock(&lock);
    waiting--;
    pthread_mutex_unlock(&lock);
    return EXIT_REFUSED;
}

/* Waits until at most so many messages wait for their results, or until there is no more to wait for. */
static void wait_for_results(int most)
{
    while (count_waiting() > most && !stopped() && !is_lost())
        wait_for_event(-1, 0);
}

static enum exit_code publish_one(const struct bytes *payload)
{
    enum exit_code code = EXIT_DONE;

    for (int i = 0; i < options.repeat && code == EXIT_DONE && !interrupted && !is_lost(); i++) {
        if (i > 0 && options.repeat_delay > 0)
            pause_for(options.repeat_delay, is_lost);
        wait_for_results(MOST_WAITING - 1);
        interrupted = stopped();
        if (!interrupted && !is_lost())
            code = publish(payload);
    }
    return code;
}

static enum exit_code publish_input(void)
{
    enum exit_code code = EXIT_DONE;
    struct bytes message;

    while (code == EXIT_DONE && !stopped()) {
        enum input input;
        wait_for_results(MOST_WAITING - 1);
        input = next_message(&options, &message);
        if (input == INPUT_END)
            break;
        if (input == INPUT_FAILED)
            code = EXIT_INPUT_OUTPUT;
        else if (input == INPUT_WAIT)
            wait_for_event(-1, 1);
        else
            code = publish(&message);
    }
    return code;
}

static enum exit_code run(const struct bytes *payload)
{
    enum exit_code code;

    say(&options, "URL is %s\n", options.url);
    client = async_create(&options);
    MQTTAsync_setCallbacks(client, NULL, on_loss, on_message, NULL);
    say(&options, "Connecting\n");
    code = async_connect(client, &options, reads_input, on_connected);
    if (code == EXIT_DONE) {
        say(&options, "Connected\n");
        catch_signals();
        code = reads_input ? publish_input() : publish_one(payload);
        wait_for_results(0);
    }
    /* Every message has a result once the client is destroyed. */
    async_end(client);
    if (code == EXIT_DONE && (lost || unconfirmed))
        code = EXIT_LOST;
    return code == EXIT_DONE && refused ? EXIT_REFUSED : code;
}

int main(int argc, char **argv)
{
    struct bytes payload = {NULL, 0};
    enum exit_code code;

    start_events();
    read_options(&options, &TOOL, argc, argv);
    reads_input = !options.null_message && !options.message && !options.file;
    if (options.file && !options.message && !options.null_message)
        payload = read_file(&options);
    if (options.message && !options.null_message)
        payload.data = (char *)options.message, payload.length = strlen(options.message);
    code = run(&payload);
    if (!finish_output(&options) && code == EXIT_DONE)
        code = EXIT_INPUT_OUTPUT;
    if (payload.data != options.message)
        free(payload.data);
    if (interrupted && code == EXIT_DONE)
        end_by_signal();
    return code;
}
