/* Carries out calls of the asynchronous API as commanded on standard input, see differential.h. */
#include "MQTTAsync.h"
#define API MQTTAsync
#define ASYNCHRONOUS
#include "differential_client.h"

static void connected(void *context, char *cause)
{
    (void)context;
    say("! connected %s", cause ? cause : "-");
}

/* The context of a request is its name. */
static void connect_success(void *context, MQTTAsync_successData *data)
{
    say("! success %s present %d version %d", (char *)context, data ? data->alt.connect.sessionPresent : -1,
        data ? data->alt.connect.MQTTVersion : -1);
}

static void success(void *context, MQTTAsync_successData *data)
{
    say("! success %s token %d", (char *)context, data ? data->token : -1);
}

static void publish_success(void *context, MQTTAsync_successData *data)
{
    NEW_TEXT(text);
    add(&text, "! success %s token %d", (char *)context, data ? data->token : -1);
    if (data) {
        MQTTAsync_message *message = &data->alt.pub.message;
        add(&text, " topic %s qos %d retained %d payload ", data->alt.pub.destinationName ? data->alt.pub.destinationName : "-",
            message->qos, message->retained);
        add_hex(&text, message->payload, (size_t)message->payloadlen);
    }
    say("%s", text.bytes);
}

static void subscribe_success(void *context, MQTTAsync_successData *data)
{
    say("! success %s token %d qos %d", (char *)context, data ? data->token : -1, data ? data->alt.qos : -1);
}

static int subscribed_filters;

static void subscribe_many_success(void *context, MQTTAsync_successData *data)
{
    NEW_TEXT(text);
    add(&text, "! success %s token %d qos", (char *)context, data ? data->token : -1);
    for (int i = 0; data && data->alt.qosList && i < subscribed_filters; i++)
        add(&text, " %d", data->alt.qosList[i]);
    say("%s", text.bytes);
}

static void failure(void *context, MQTTAsync_failureData *data)
{
    say("! failure %s token %d code %d message %s", (char *)context, data ? data->token : -1, data ? data->code : 0,
        data && data->message ? data->message : "-");
}

static void add_codes(struct text *text, int count, const enum MQTTReasonCodes *codes)
{
    add(text, " codes");
    for (int i = 0; codes && i < count; i++)
        add(text, " %d", codes[i]);
}

/* The part that every result of MQTT 5 has. */
static void begin_success5(struct text *text, void *context, MQTTAsync_successData5 *data)
{
    add(text, "! success %s token %d reason %d", (char *)context, data ? data->token : -1, data ? (int)data->reasonCode : -1);
}

static void end_success5(struct text *text, MQTTAsync_successData5 *data)
{
    if (data)
        add_properties(text, &data->properties);
    say("%s", text->bytes);
}

static void connect_success5(void *context, MQTTAsync_successData5 *data)
{
    NEW_TEXT(text);
    begin_success5(&text, context, data);
    add(&text, " present %d version %d", data->alt.connect.sessionPresent, data->alt.connect.MQTTVersion);
    end_success5(&text, data);
}

static void success5(void *context, MQTTAsync_successData5 *data)
{
    NEW_TEXT(text);
    begin_success5(&text, context, data);
    end_success5(&text, data);
}

static void publish_success5(void *context, MQTTAsync_successData5 *data)
{
    NEW_TEXT(text);
    begin_success5(&text, context, data);
    if (data) {
        MQTTAsync_message *message = &data->alt.pub.message;
        add(&text, " topic %s qos %d retained %d payload ", data->alt.pub.destinationName ? data->alt.pub.destinationName : "-",
            message->qos, message->retained);
        add_hex(&text, message->payload, (size_t)message->payloadlen);
    }
    end_success5(&text, data);
}

static void subscribe_success5(void *context, MQTTAsync_successData5 *data)
{
    NEW_TEXT(text);
    begin_success5(&text, context, data);
    if (subscribed_filters > 1)
        add_codes(&text, data->alt.sub.reasonCodeCount, data->alt.sub.reasonCodes);
    end_success5(&text, data);
}

static void unsubscribe_success5(void *context, MQTTAsync_successData5 *data)
{
    NEW_TEXT(text);
    begin_success5(&text, context, data);
    add_codes(&text, data->alt.unsub.reasonCodeCount, data->alt.unsub.reasonCodes);
    end_success5(&text, data);
}

static void failure5(void *context, MQTTAsync_failureData5 *data)
{
    NEW_TEXT(text);
    add(&text, "! failure %s token %d reason %d code %d type %d message %s", (char *)context, data ? data->token : -1,
        data ? (int)data->reasonCode : 0, data ? data->code : 0, data ? data->packet_type : 0,
        data && data->message ? data->message : "-");
    if (data)
        add_properties(&text, &data->properties);
    say("%s", text.bytes);
}

static void create_client(const struct command *command)
{
    int code = create(command);
    if (code == 0) {
        MQTTAsync_setCallbacks(client, NULL, connection_lost, message_arrived, delivery_complete);
        MQTTAsync_setConnected(client, NULL, connected);
        if (version == 5)
            MQTTAsync_setDisconnected(client, NULL, disconnected);
    }
    say("= %d", code);
}

/* connect: further automatic= */
static void connect_to_server(const struct command *command)
{
    struct connecting connecting = {0};
    prepare_connect(&connecting, command);
    MQTTAsync_connectOptions *options = &connecting.options;
    options->context = "connect";
    options->automaticReconnect = number(command, "automatic");
    options->minRetryInterval = options->maxRetryInterval = 1;
    if (argument(command, "inflight"))
        options->maxInflight = number(command, "inflight");
    if (version == 5) {
        options->connectProperties = &connecting.properties;
        if (options->will)
            options->willProperties = &connecting.will_properties;
        options->onSuccess5 = connect_success5;
        options->onFailure5 = failure5;
    } else {
        options->onSuccess = connect_success;
        options->onFailure = failure;
    }
    say("= %d", MQTTAsync_connect(client, options));
    free_connect(&connecting);
}

/* The options of a request with this name and, by version, these callbacks. */
static MQTTAsync_responseOptions response(char *name, MQTTAsync_onSuccess *before5, MQTTAsync_onSuccess5 *from5)
{
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
    options.context = name;
    if (version == 5) {
        options.onSuccess5 = from5;
        options.onFailure5 = failure5;
    } else {
        options.onSuccess = before5;
        options.onFailure = failure;
    }
    return options;
}

/* publish topic= qos= retained= payload= properties= whole=1 as a message structure, quiet=1 without callbacks */
static void publish(const struct command *command)
{
    MQTTAsync_message message = message_of(command);
    MQTTAsync_responseOptions options = response("publish", publish_success, publish_success5);
    char *topic = bytes(command, "topic", NULL);
    int code;
    if (number(command, "quiet")) {
        options.onSuccess = NULL, options.onSuccess5 = NULL;
        options.onFailure = NULL, options.onFailure5 = NULL;
    }
    if (number(command, "whole"))
        code = MQTTAsync_sendMessage(client, topic, &message, &options);
    else {
        options.properties = message.properties;
        code = MQTTAsync_send(client, topic, message.payloadlen, message.payload, message.qos, message.retained, &options);
    }
    say("= %d token %d", code, options.token);
    MQTTProperties_free(&message.properties);
}

/* subscribe filter0= qos0= options0= ... many= properties= */
static void subscribe(const struct command *command)
{
    struct filters wanted;
    read_filters(&wanted, command);
    MQTTAsync_responseOptions options =
        response("subscribe", wanted.count == 1 ? subscribe_success : subscribe_many_success, subscribe_success5);
    subscribed_filters = wanted.count;
    if (version == 5) {
        options.properties = properties(command, "properties");
        options.subscribeOptions = wanted.options[0];
        if (wanted.count > 1) {
            options.subscribeOptionsCount = wanted.count;
            options.subscribeOptionsList = wanted.options;
        }
    }
    int code = wanted.count == 1 && !number(command, "many")
                   ? MQTTAsync_subscribe(client, wanted.filters[0], wanted.qos[0], &options)
                   : MQTTAsync_subscribeMany(client, wanted.count, wanted.filters, wanted.qos, &options);
    say("= %d token %d", code, options.token);
    MQTTProperties_free(&options.properties);
}

static void unsubscribe(const struct command *command)
{
    struct filters wanted;
    read_filters(&wanted, command);
    MQTTAsync_responseOptions options = response("unsubscribe", success, unsubscribe_success5);
    if (version == 5)
        options.properties = properties(command, "properties");
    int code = wanted.count == 1 && !number(command, "many")
                   ? MQTTAsync_unsubscribe(client, wanted.filters[0], &options)
                   : MQTTAsync_unsubscribeMany(client, wanted.count, wanted.filters, &options);
    say("= %d token %d", code, options.token);
    MQTTProperties_free(&options.properties);
}

static void disconnect(const struct command *command)
{
    MQTTAsync_disconnectOptions before5 = MQTTAsync_disconnectOptions_initializer;
    MQTTAsync_disconnectOptions from5 = MQTTAsync_disconnectOptions_initializer5;
    MQTTAsync_disconnectOptions options = version == 5 ? from5 : before5;
    options.timeout = number(command, "time");
    options.context = "disconnect";
    if (version == 5) {
        options.properties = properties(command, "properties");
        options.reasonCode = (enum MQTTReasonCodes)number(command, "reason");
        options.onSuccess5 = success5;
        options.onFailure5 = failure5;
    } else {
        options.onSuccess = success;
        options.onFailure = failure;
    }
    /* The properties are not freed: the original keeps using them. */
    say("= %d", MQTTAsync_disconnect(client, &options));
}

static void carry_out(const struct command *command)
{
    if (is(command, "create"))
        create_client(command);
    else if (is(command, "connect"))
        connect_to_server(command);
    else if (is(command, "reconnect"))
        say("= %d", MQTTAsync_reconnect(client));
    else if (is(command, "publish"))
        publish(command);
    else if (is(command, "subscribe"))
        subscribe(command);
    else if (is(command, "unsubscribe"))
        unsubscribe(command);
    else if (is(command, "wait"))
        say("= %d", MQTTAsync_waitForCompletion(client, number(command, "token"), (unsigned long)number(command, "time")));
    else if (is(command, "complete"))
        say("= %d", MQTTAsync_isComplete(client, number(command, "token")));
    else if (is(command, "connected"))
        say("= %d", MQTTAsync_isConnected(client));
    else if (is(command, "pending")) {
        MQTTAsync_token *tokens = NULL;
        int code = MQTTAsync_getPendingTokens(client, &tokens);
        say_tokens(code, tokens);
    } else if (is(command, "disconnect"))
        disconnect(command);
    else if (is(command, "destroy")) {
        MQTTAsync_destroy(&client);
        say("= 0");
    } else
        say("= unknown command");
}

int main(void)
{
    static struct command command;
    while (next_command(&command))
        carry_out(&command);
    return 0;
}
