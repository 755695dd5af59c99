/* paho_cs_pub: publishes messages with the synchronous API. Its man page is man/paho_cs_pub.1. */

#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sync.h"

static const struct tool TOOL = {"paho_cs_pub", 1, "paho-cs-pub", sync_library_facts};

/* How long an acknowledgement may take, in milliseconds. */
#define COMPLETION_TIME 30000

static struct options options;
static MQTTClient client;
static int reads_input;
static int interrupted; /* a signal came before all repetitions were published */

/* The reason code of the last acknowledgement of MQTT 5. */
static int acknowledged;

static void on_published(void *context, int token, int packet_type, MQTTProperties *properties,
    enum MQTTReasonCodes reason)
{
    (void)context, (void)token, (void)packet_type, (void)properties;
    if (acknowledged < 128)
        acknowledged = (int)reason;
}

static int send_message(const struct bytes *payload, MQTTClient_deliveryToken *token)
{
    MQTTClient_message message = MQTTClient_message_initializer;
    MQTTResponse response;
    int rc;

    message.payload = payload->length ? payload->data : (char *)"";
    message.payloadlen = (int)payload->length;
    message.qos = options.qos;
    message.retained = options.retained;
    if (options.version != MQTTVERSION_5)
        return MQTTClient_publishMessage(client, options.topic, &message, token);
    message.properties = message_properties(&options);
    response = MQTTClient_publishMessage5(client, options.topic, &message, token);
    rc = (int)response.reasonCode;
    MQTTResponse_free(response);
    MQTTProperties_free(&message.properties);
    return rc;
}

/* Publishes a message and waits until it is complete. */
static enum exit_code publish(const struct bytes *payload)
{
    MQTTClient_deliveryToken token = 0;
    int rc;

    if (options.verbose)
        fprintf(stderr, "Publishing data of length %d\n", (int)payload->length);
    acknowledged = 0;
    forget_cause();
    rc = send_message(payload, &token);
    if (rc == MQTTCLIENT_SUCCESS && options.qos > 0)
        rc = MQTTClient_waitForCompletion(client, token, COMPLETION_TIME);
    if (rc == MQTTCLIENT_SUCCESS && acknowledged >= 128)
        rc = acknowledged;
    if (rc == MQTTCLIENT_SUCCESS)
        return EXIT_DONE;
    complain(&options, "Publish failed, rc %s%s\n", code_text(rc, MQTTClient_strerror(rc)),
        rc > 0 ? "" : cause_of(MQTTClient_isConnected(client) ? NULL : "the connection ended"));
    return MQTTClient_isConnected(client) ? EXIT_REFUSED : EXIT_LOST;
}

static enum exit_code publish_one(const struct bytes *payload)
{
    enum exit_code code = EXIT_DONE;

    for (int i = 0; i < options.repeat && code == EXIT_DONE && !interrupted; i++) {
        if (i > 0 && options.repeat_delay > 0)
            pause_for(options.repeat_delay, NULL);
        interrupted = stopped();
        if (!interrupted)
            code = publish(payload);
    }
    return code;
}

/*
 * Publishes a message of standard input. Over a loss it is published again, but not with QoS 2: it may have arrived.
 */
static enum exit_code publish_again(const struct bytes *payload)
{
    enum exit_code code = publish(payload);

    while (code == EXIT_LOST && !stopped()) {
        sync_connect_again(client, &options);
        if (options.qos == 2)
            return EXIT_LOST;
        interrupted = stopped();
        if (!interrupted)
            code = publish(payload);
    }
    return code;
}

/* Keeps the connection alive while there is no input. */
static void wait_for_input(void)
{
    int limit = options.keep_alive > 0 ? options.keep_alive * 250 : -1;

    if (!wait_for_event(limit, 1))
        MQTTClient_yield();
}

static enum exit_code publish_input(void)
{
    enum exit_code code = EXIT_DONE;
    struct bytes message;

    while (!stopped()) {
        enum input input = next_message(&options, &message);
        if (input == INPUT_END)
            break;
        if (input == INPUT_FAILED)
            return EXIT_INPUT_OUTPUT;
        if (input == INPUT_WAIT) {
            wait_for_input();
        } else {
            enum exit_code result = publish_again(&message);
            code = code == EXIT_DONE ? result : code;
        }
    }
    return code;
}

static enum exit_code run(const struct bytes *payload)
{
    enum exit_code code;

    say(&options, "URL is %s\n", options.url);
    client = sync_create(&options);
    MQTTClient_setPublished(client, NULL, on_published);
    code = sync_connect(client, &options);
    if (code == EXIT_DONE) {
        catch_signals();
        code = reads_input ? publish_input() : publish_one(payload);
    }
    sync_end(client);
    return code;
}

int main(int argc, char **argv)
{
    struct bytes payload = {NULL, 0};
    enum exit_code code;

    start_events();
    read_options(&options, &TOOL, argc, argv);
    reads_input = !options.null_message && !options.message && !options.file;
    if (options.message)
        payload.data = (char *)options.message, payload.length = strlen(options.message);
    else if (options.file && !options.null_message)
        payload = read_file(&options);
    code = run(&payload);
    if (!finish_output(&options) && code == EXIT_DONE)
        code = EXIT_INPUT_OUTPUT;
    if (payload.data != options.message)
        free(payload.data);
    if (interrupted && code == EXIT_DONE)
        end_by_signal();
    return code;
}
