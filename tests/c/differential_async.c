/* Carries out calls of the asynchronous API as told on standard input, see differential.h. */
#include "differential.h"
#include "MQTTAsync.h"

static MQTTAsync client;
static int version;

static int message_arrived(void *context, char *topic, int topic_length, MQTTAsync_message *message)
{
    struct text text = {0};
    (void)context;
    if (strcmp(topic, BARRIER) == 0)
        say("! barrier");
    else {
        add(&text, "! message ");
        add_hex(&text, topic, topic_length ? (size_t)topic_length : strlen(topic));
        add(&text, " length %d qos %d retained %d dup %d id %d payload ", topic_length, message->qos,
            message->retained, message->dup, message->msgid);
        add_hex(&text, message->payload, (size_t)message->payloadlen);
        add_properties(&text, &message->properties);
        say("%s", text.bytes);
    }
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    return 1;
}

static void connection_lost(void *context, char *cause)
{
    (void)context, (void)cause;
    say("! lost");
}

static void delivery_complete(void *context, MQTTAsync_token token)
{
    (void)context;
    say("! delivered %d", token);
}

static void disconnected(void *context, MQTTProperties *properties, enum MQTTReasonCodes reason)
{
    struct text text = {0};
    (void)context;
    add(&text, "! disconnected %d", reason);
    add_properties(&text, properties);
    say("%s", text.bytes);
}

static void connected(void *context, char *cause)
{
    (void)context, (void)cause;
    say("! connected");
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

static void subscribe_success(void *context, MQTTAsync_successData *data)
{
    say("! success %s token %d qos %d", (char *)context, data ? data->token : -1, data ? data->alt.qos : -1);
}

static int subscribed_filters;

static void subscribe_many_success(void *context, MQTTAsync_successData *data)
{
    struct text text = {0};
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

static void connect_success5(void *context, MQTTAsync_successData5 *data)
{
    struct text text = {0};
    add(&text, "! success %s reason %d present %d", (char *)context, data->reasonCode, data->alt.connect.sessionPresent);
    add_properties(&text, &data->properties);
    say("%s", text.bytes);
}

static void success5(void *context, MQTTAsync_successData5 *data)
{
    struct text text = {0};
    add(&text, "! success %s token %d reason %d", (char *)context, data ? data->token : -1, data ? (int)data->reasonCode : -1);
    if (data)
        add_properties(&text, &data->properties);
    say("%s", text.bytes);
}

static void subscribe_success5(void *context, MQTTAsync_successData5 *data)
{
    struct text text = {0};
    add(&text, "! success %s token %d reason %d", (char *)context, data->token, data->reasonCode);
    if (subscribed_filters > 1)
        add_codes(&text, data->alt.sub.reasonCodeCount, data->alt.sub.reasonCodes);
    add_properties(&text, &data->properties);
    say("%s", text.bytes);
}

static void unsubscribe_success5(void *context, MQTTAsync_successData5 *data)
{
    struct text text = {0};
    add(&text, "! success %s token %d reason %d", (char *)context, data->token, data->reasonCode);
    add_codes(&text, data->alt.unsub.reasonCodeCount, data->alt.unsub.reasonCodes);
    add_properties(&text, &data->properties);
    say("%s", text.bytes);
}

static void failure5(void *context, MQTTAsync_failureData5 *data)
{
    struct text text = {0};
    add(&text, "! failure %s token %d reason %d code %d type %d message %s", (char *)context, data ? data->token : -1,
        data ? (int)data->reasonCode : 0, data ? data->code : 0, data ? data->packet_type : 0,
        data && data->message ? data->message : "-");
    if (data)
        add_properties(&text, &data->properties);
    say("%s", text.bytes);
}

/* create URI VERSION ID */
static void create(struct command *command)
{
    MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer;
    version = options.MQTTVersion = number(command, 2);
    options.sendWhileDisconnected = number(command, 4);
    int code = MQTTAsync_createWithOptions(&client, command->arguments[1], command->arguments[3],
                                           MQTTCLIENT_PERSISTENCE_NONE, NULL, &options);
    if (code == 0) {
        MQTTAsync_setCallbacks(client, NULL, connection_lost, message_arrived, delivery_complete);
        MQTTAsync_setConnected(client, NULL, connected);
        if (version == 5)
            MQTTAsync_setDisconnected(client, NULL, disconnected);
    }
    say("= %d", code);
}

/* connect CLEAN KEEP_ALIVE WILL USER PROPERTIES */
static void connect_to_server(struct command *command)
{
    MQTTAsync_connectOptions options4 = MQTTAsync_connectOptions_initializer;
    MQTTAsync_connectOptions options5 = MQTTAsync_connectOptions_initializer5;
    MQTTAsync_connectOptions options = version == 5 ? options5 : options4;
    MQTTAsync_willOptions will = MQTTAsync_willOptions_initializer;
    MQTTProperties properties = chosen_properties(version == 5 ? number(command, 5) : 0);
    options.MQTTVersion = version;
    if (version == 5) {
        options.cleanstart = number(command, 1);
        options.connectProperties = &properties;
        options.onSuccess5 = connect_success5;
        options.onFailure5 = failure5;
    } else {
        options.cleansession = number(command, 1);
        options.onSuccess = connect_success;
        options.onFailure = failure;
    }
    options.context = "connect";
    options.keepAliveInterval = number(command, 2);
    options.connectTimeout = 3;
    will.topicName = "will";
    will.message = "gone";
    will.qos = 1;
    if (number(command, 3))
        options.will = &will;
    if (number(command, 4)) {
        options.username = "user";
        options.password = "secret";
    }
    say("= %d", MQTTAsync_connect(client, &options));
    MQTTProperties_free(&properties);
}

/* publish TOPIC QOS RETAINED PAYLOAD PROPERTIES */
static void publish(struct command *command)
{
    MQTTAsync_message message = MQTTAsync_message_initializer;
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
    char *topic = bytes(command, 1, NULL);
    options.context = "publish";
    if (version == 5) {
        options.onSuccess5 = success5;
        options.onFailure5 = failure5;
    } else {
        options.onSuccess = success;
        options.onFailure = failure;
    }
    message.qos = number(command, 2);
    message.retained = number(command, 3);
    message.payload = bytes(command, 4, &message.payloadlen);
    message.properties = chosen_properties(version == 5 ? number(command, 5) : 0);
    int code = MQTTAsync_sendMessage(client, topic, &message, &options);
    say("= %d token %d", code, code == 0 ? options.token : 0);
    MQTTProperties_free(&message.properties);
}

/* subscribe FILTER QOS ..., unsubscribe FILTER ... */
static void subscribe(struct command *command)
{
    char *filters[MAXIMUM_ARGUMENTS] = {0};
    int qos[MAXIMUM_ARGUMENTS] = {0}, count = 0;
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
    for (int i = 1; i + 1 < command->count; i += 2, count++) {
        filters[count] = bytes(command, i, NULL);
        qos[count] = number(command, i + 1);
    }
    options.context = "subscribe";
    subscribed_filters = count;
    if (version == 5) {
        options.onSuccess5 = subscribe_success5;
        options.onFailure5 = failure5;
    } else {
        options.onSuccess = count == 1 ? subscribe_success : subscribe_many_success;
        options.onFailure = failure;
    }
    int code = count == 1 ? MQTTAsync_subscribe(client, filters[0], qos[0], &options)
                          : MQTTAsync_subscribeMany(client, count, filters, qos, &options);
    say("= %d", code);
}

static void unsubscribe(struct command *command)
{
    char *filters[MAXIMUM_ARGUMENTS] = {0};
    int count = 0;
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
    for (; count + 1 < command->count; count++)
        filters[count] = bytes(command, count + 1, NULL);
    options.context = "unsubscribe";
    if (version == 5) {
        options.onSuccess5 = unsubscribe_success5;
        options.onFailure5 = failure5;
    } else {
        options.onSuccess = success;
        options.onFailure = failure;
    }
    say("= %d", MQTTAsync_unsubscribeMany(client, count, filters, &options));
}

static void pending(void)
{
    MQTTAsync_token *tokens = NULL;
    struct text text = {0};
    add(&text, "= %d tokens", MQTTAsync_getPendingTokens(client, &tokens));
    for (int i = 0; tokens && tokens[i] != -1; i++)
        add(&text, " %d", tokens[i]);
    say("%s", text.bytes);
    MQTTAsync_free(tokens);
}

static void disconnect(struct command *command)
{
    MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer;
    MQTTAsync_disconnectOptions options5 = MQTTAsync_disconnectOptions_initializer5;
    if (version == 5)
        options = options5;
    options.timeout = number(command, 1);
    options.context = "disconnect";
    if (version == 5) {
        options.onSuccess5 = success5;
        options.onFailure5 = failure5;
    } else {
        options.onSuccess = success;
        options.onFailure = failure;
    }
    say("= %d", MQTTAsync_disconnect(client, &options));
}

int main(void)
{
    static struct command command;
    while (next_command(&command)) {
        if (is(&command, "create"))
            create(&command);
        else if (is(&command, "connect"))
            connect_to_server(&command);
        else if (is(&command, "publish"))
            publish(&command);
        else if (is(&command, "subscribe"))
            subscribe(&command);
        else if (is(&command, "unsubscribe"))
            unsubscribe(&command);
        else if (is(&command, "wait"))
            say("= %d", MQTTAsync_waitForCompletion(client, number(&command, 1), (unsigned long)number(&command, 2)));
        else if (is(&command, "complete"))
            say("= %d", MQTTAsync_isComplete(client, number(&command, 1)));
        else if (is(&command, "connected"))
            say("= %d", MQTTAsync_isConnected(client));
        else if (is(&command, "pending"))
            pending();
        else if (is(&command, "disconnect"))
            disconnect(&command);
        else if (is(&command, "destroy")) {
            MQTTAsync_destroy(&client);
            say("= 0");
        } else
            say("= unknown command");
    }
    return 0;
}
