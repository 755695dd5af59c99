/*
 * Writes messages to a file, and acknowledges them only when they are on the disk.
 *
 *     manual_acknowledgement URI FILE [TOPIC [COUNT]]
 *     manual_acknowledgement tcp://localhost:1883 orders.txt 'demo/orders' 100
 *
 * A message that was not acknowledged comes again, also after this program or the
 * connection has ended in between. Ten messages at a time are written and acknowledged;
 * those that came last first, because the order does not matter: the library sends the
 * acknowledgements in the order of the messages.
 */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "MQTTClientExt.h"

#define AT_A_TIME 10

static int failed(const char* action, int code)
{
    if (code == MQTTEXT_SUCCESS)
        return 0;
    fprintf(stderr, "%s failed: %s (%d)\n", action, MQTTExt_strerror(code), code);
    return 1;
}

/* Everything written so far is on the disk. */
static int is_safe(FILE* file)
{
    return fflush(file) == 0 && fsync(fileno(file)) == 0;
}

/* Acknowledges what was written. Messages of an earlier connection come again: that is no error. */
static int acknowledge(MQTTClient client, FILE* file, const int* ids, int count)
{
    if (!is_safe(file))
        return failed("Writing", MQTTEXT_FAILURE);
    while (count > 0) {
        int code = MQTTClientExt_acknowledge(client, ids[--count]);
        if (code != MQTTEXT_EARLIER_CONNECTION && failed("Acknowledging", code))
            return 1;
    }
    return 0;
}

/* Returns 0 when `count` messages were written and acknowledged. */
static int save_messages(MQTTClient client, FILE* file, int count)
{
    int ids[AT_A_TIME], held = 0, done = 0;

    while (done < count) {
        char* topic = NULL;
        int length = 0;
        MQTTClient_message* message = NULL;

        if (failed("Receiving", MQTTClient_receive(client, &topic, &length, &message, 1000UL)))
            return 1;
        if (message != NULL) {
            fprintf(file, "%.*s\n", message->payloadlen, (const char*)message->payload);
            done++;
            if (message->qos > 0)
                ids[held++] = message->msgid;
            MQTTClient_freeMessage(&message);
            MQTTClient_free(topic);
        }
        if (held == AT_A_TIME || message == NULL || done == count) {
            if (acknowledge(client, file, ids, held))
                return 1;
            held = 0;
        }
    }
    printf("Saved %d messages\n", done);
    return 0;
}

int main(int argc, char* argv[])
{
    MQTTClient client = NULL;
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
    const char* topic = argc > 3 ? argv[3] : "demo/orders";
    int count = argc > 4 ? atoi(argv[4]) : 10;
    char reason[200];
    FILE* file;
    int status = 1;

    if (argc < 3) {
        fprintf(stderr, "usage: %s URI FILE [TOPIC [COUNT]]\n", argv[0]);
        return 2;
    }
    file = fopen(argv[2], "a");
    if (file == NULL) {
        perror(argv[2]);
        return 1;
    }
    options.cleansession = 0; /* or the server would forget what is not acknowledged */
    if (failed("Creating the client",
               MQTTClient_create(&client, argv[1], "order-archive", MQTTCLIENT_PERSISTENCE_NONE, NULL)))
        goto close;
    if (MQTTClientExt_setOption(client, "acknowledgement", "manual", reason, sizeof reason) != MQTTEXT_SUCCESS) {
        fprintf(stderr, "%s\n", reason);
        goto destroy;
    }
    if (failed("Connecting", MQTTClient_connect(client, &options)))
        goto destroy;
    if (!failed("Subscribing", MQTTClient_subscribe(client, topic, 2))) {
        printf("Subscribed to %s\n", topic);
        fflush(stdout);
        status = save_messages(client, file, count);
    }
    status |= failed("Disconnecting", MQTTClient_disconnect(client, 1000));
destroy:
    MQTTClient_destroy(&client);
close:
    fclose(file);
    return status;
}
