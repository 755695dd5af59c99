/* paho_cs_sub: prints messages with the synchronous API. Its man page is man/paho_cs_sub.1. */

#define _POSIX_C_SOURCE 200809L

#include <string.h>

#include "sync.h"

static const struct tool TOOL = {"paho_cs_sub", 0, "paho-cs-sub", sync_library_facts};

/* How long a signal waits in milliseconds. */
#define RECEIVE_TIME 200

static struct options options;
static MQTTClient client;

/* The granted QoS, a code of SUBACK, or a return code of the library. */
static int subscribe(void)
{
    MQTTResponse response;
    int rc;

    if (options.version != MQTTVERSION_5)
        return MQTTClient_subscribe(client, options.topic, options.qos);
    response = MQTTClient_subscribe5(client, options.topic, options.qos, NULL, NULL);
    rc = (int)response.reasonCode;
    MQTTResponse_free(response);
    return rc;
}

static enum exit_code subscribe_or_report(void)
{
    int rc;

    forget_cause();
    rc = subscribe();
    if (rc >= 0 && rc <= 2)
        return EXIT_DONE;
    complain(&options, "Error %d subscribing to topic %s: %s%s\n", rc, options.topic,
        code_text(rc, MQTTClient_strerror(rc)), rc > 0 ? "" : cause_of(MQTTClient_isConnected(client) ? NULL : "the connection ended"));
    return EXIT_REFUSED;
}

/* Receives and prints one message, if one comes. False if it cannot be printed. */
static int receive(int *connected)
{
    MQTTClient_message *message = NULL;
    char *topic = NULL;
    int length = 0, printed = 1;
    int rc = MQTTClient_receive(client, &topic, &length, &message, RECEIVE_TIME);

    if (message) {
        if (!options.no_retained || !message->retained)
            printed = print_message(&options, topic, length > 0 ? length : (int)strlen(topic), message->payload,
                message->payloadlen, &message->properties, 0);
        MQTTClient_freeMessage(&message);
        MQTTClient_free(topic);
    }
    *connected = rc == MQTTCLIENT_SUCCESS || rc == MQTTCLIENT_TOPICNAME_TRUNCATED;
    return printed;
}

static enum exit_code receive_all(void)
{
    enum exit_code code = EXIT_DONE;

    while (!stopped()) {
        int connected;
        if (!receive(&connected))
            return EXIT_INPUT_OUTPUT;
        if (connected && code == EXIT_DONE)
            continue;
        if (!MQTTClient_isConnected(client))
            sync_connect_again(client, &options);
        /* Of a subscription that worked before, only the server can say that it does not any more. */
        code = stopped() ? EXIT_DONE : subscribe_or_report();
        if (code != EXIT_DONE && MQTTClient_isConnected(client))
            return code;
    }
    return EXIT_DONE;
}

int main(int argc, char **argv)
{
    enum exit_code code;

    start_events();
    read_options(&options, &TOOL, argc, argv);
    say(&options, "URL is %s\n", options.url);
    client = sync_create(&options);
    code = sync_connect(client, &options);
    if (code == EXIT_DONE) {
        catch_signals();
        code = subscribe_or_report();
    }
    if (code == EXIT_DONE)
        code = receive_all();
    sync_end(client);
    if (!finish_output(&options) && code == EXIT_DONE)
        code = EXIT_INPUT_OUTPUT;
    return code;
}
