/* Carries out calls of the synchronous API as commanded on standard input, see differential.h. The first argument is
 * "callbacks" or "receive". */
#include "MQTTClient.h"
#define API MQTTClient
#include "differential_client.h"

static int with_callbacks;

static void published(void *context, int token, int type, MQTTProperties *properties, enum MQTTReasonCodes reason)
{
    NEW_TEXT(text);
    (void)context;
    add(&text, "! published token %d type %d reason %d", token, type, reason);
    add_properties(&text, properties);
    say("%s", text.bytes);
}

static void say_response(MQTTResponse response)
{
    NEW_TEXT(text);
    add(&text, "= %d count %d codes", response.reasonCode, response.reasonCodeCount);
    for (int i = 0; response.reasonCodes && i < response.reasonCodeCount; i++)
        add(&text, " %d", response.reasonCodes[i]);
    add_properties(&text, response.properties);
    say("%s", text.bytes);
    MQTTResponse_free(response);
}

static void create_client(const struct command *command)
{
    int code = create(command);
    if (code == 0 && with_callbacks) {
        MQTTClient_setCallbacks(client, NULL, connection_lost, message_arrived, delivery_complete);
        if (version == 5) {
            MQTTClient_setDisconnected(client, NULL, disconnected);
            MQTTClient_setPublished(client, NULL, published);
        }
    }
    say("= %d", code);
}

static void connect_to_server(const struct command *command)
{
    struct connecting connecting = {0};
    prepare_connect(&connecting, command);
    connecting.options.reliable = 0;
    if (argument(command, "inflight"))
        connecting.options.maxInflightMessages = number(command, "inflight");
    if (version == 5)
        say_response(
            MQTTClient_connect5(client, &connecting.options, &connecting.properties, &connecting.will_properties));
    else {
        int code = MQTTClient_connect(client, &connecting.options);
        say("= %d present %d version %d", code, code == 0 ? connecting.options.returned.sessionPresent : -1,
            code == 0 ? connecting.options.returned.MQTTVersion : -1);
    }
    free_connect(&connecting);
}

static int publish_in_its_form(const struct command *command, const char *topic, MQTTClient_message *message, int *token)
{
    int whole = number(command, "whole");
    if (version == 5) {
        MQTTResponse response = whole ? MQTTClient_publishMessage5(client, topic, message, token)
                                      : MQTTClient_publish5(client, topic, message->payloadlen, message->payload, message->qos,
                                                            message->retained, &message->properties, token);
        int code = response.reasonCode;
        MQTTResponse_free(response);
        return code;
    }
    return whole ? MQTTClient_publishMessage(client, topic, message, token)
                 : MQTTClient_publish(client, topic, message->payloadlen, message->payload, message->qos, message->retained,
                                      token);
}

/* publish topic= qos= retained= payload= properties= whole=1 as a message structure */
static void publish(const struct command *command)
{
    MQTTClient_message message = message_of(command);
    MQTTClient_deliveryToken token = -7;
    int code = publish_in_its_form(command, bytes(command, "topic", NULL), &message, &token);
    say("= %d token %d", code, token);
    MQTTProperties_free(&message.properties);
}

/* subscribe filter0= qos0= options0= ... many= properties= */
static void subscribe(const struct command *command)
{
    struct filters wanted;
    read_filters(&wanted, command);
    int many = wanted.count > 1 || number(command, "many");
    MQTTProperties list = properties(command, "properties");
    if (version == 5)
        say_response(many ? MQTTClient_subscribeMany5(client, wanted.count, wanted.filters, wanted.qos, wanted.options, &list)
                          : MQTTClient_subscribe5(client, wanted.filters[0], wanted.qos[0], wanted.options, &list));
    else {
        NEW_TEXT(text);
        add(&text, "= %d codes",
            many ? MQTTClient_subscribeMany(client, wanted.count, wanted.filters, wanted.qos)
                 : MQTTClient_subscribe(client, wanted.filters[0], wanted.qos[0]));
        for (int i = 0; i < wanted.count; i++)
            add(&text, " %d", wanted.qos[i]);
        say("%s", text.bytes);
    }
    MQTTProperties_free(&list);
}

static void unsubscribe(const struct command *command)
{
    struct filters wanted;
    read_filters(&wanted, command);
    int many = wanted.count > 1 || number(command, "many");
    MQTTProperties list = properties(command, "properties");
    if (version == 5)
        say_response(many ? MQTTClient_unsubscribeMany5(client, wanted.count, wanted.filters, &list)
                          : MQTTClient_unsubscribe5(client, wanted.filters[0], &list));
    else
        say("= %d", many ? MQTTClient_unsubscribeMany(client, wanted.count, wanted.filters)
                         : MQTTClient_unsubscribe(client, wanted.filters[0]));
    MQTTProperties_free(&list);
}

/* receive time=MILLISECONDS: everything up to the barrier */
static void receive(const struct command *command)
{
    for (;;) {
        char *topic = NULL;
        int length = 0;
        MQTTClient_message *message = NULL;
        int code = MQTTClient_receive(client, &topic, &length, &message, (unsigned long)number(command, "time"));
        int last = !message || strcmp(topic, BARRIER) == 0;
        if (message) {
            say_message(topic, length, message);
            MQTTClient_freeMessage(&message);
            MQTTClient_free(topic);
        }
        if (last) {
            say("= %d", code);
            return;
        }
    }
}

static void disconnect(const struct command *command)
{
    MQTTProperties list = properties(command, "properties");
    int time = number(command, "time"), reason = number(command, "reason");
    say("= %d", version == 5 && argument(command, "reason")
                    ? MQTTClient_disconnect5(client, time, (enum MQTTReasonCodes)reason, list.count ? &list : NULL)
                    : MQTTClient_disconnect(client, time));
    MQTTProperties_free(&list);
}

static void carry_out(const struct command *command)
{
    if (is(command, "create"))
        create_client(command);
    else if (is(command, "connect"))
        connect_to_server(command);
    else if (is(command, "publish"))
        publish(command);
    else if (is(command, "subscribe"))
        subscribe(command);
    else if (is(command, "unsubscribe"))
        unsubscribe(command);
    else if (is(command, "receive"))
        receive(command);
    else if (is(command, "yield")) {
        MQTTClient_yield();
        say("= 0");
    }
    else if (is(command, "wait"))
        say("= %d", MQTTClient_waitForCompletion(client, number(command, "token"), (unsigned long)number(command, "time")));
    else if (is(command, "connected"))
        say("= %d", MQTTClient_isConnected(client));
    else if (is(command, "pending")) {
        MQTTClient_deliveryToken *tokens = NULL;
        int code = MQTTClient_getPendingDeliveryTokens(client, &tokens);
        say_tokens(code, tokens);
    } else if (is(command, "disconnect"))
        disconnect(command);
    else if (is(command, "destroy")) {
        MQTTClient_destroy(&client);
        say("= 0");
    } else
        say("= unknown command");
}

int main(int count, char **arguments)
{
    static struct command command;
    with_callbacks = count > 1 && strcmp(arguments[1], "callbacks") == 0;
    while (next_command(&command))
        carry_out(&command);
    return 0;
}
