/* Carries out calls of the synchronous API as told on standard input, see differential.h. The first argument is
 * "callbacks" or "receive". */
#include "differential.h"
#include "MQTTClient.h"

static MQTTClient client;
static int version, with_callbacks;

static void say_message(const char *topic, int topic_length, const MQTTClient_message *message)
{
    struct text text = {0};
    if (strcmp(topic, BARRIER) == 0) {
        say("! barrier");
        return;
    }
    add(&text, "! message ");
    add_hex(&text, topic, topic_length ? (size_t)topic_length : strlen(topic));
    add(&text, " length %d qos %d retained %d dup %d id %d payload ", topic_length, message->qos, message->retained,
        message->dup, message->msgid);
    add_hex(&text, message->payload, (size_t)message->payloadlen);
    add_properties(&text, &message->properties);
    say("%s", text.bytes);
}

static int message_arrived(void *context, char *topic, int topic_length, MQTTClient_message *message)
{
    (void)context;
    say_message(topic, topic_length, message);
    MQTTClient_freeMessage(&message);
    MQTTClient_free(topic);
    return 1;
}

static void connection_lost(void *context, char *cause)
{
    (void)context, (void)cause;
    say("! lost");
}

static void delivery_complete(void *context, MQTTClient_deliveryToken token)
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

static void published(void *context, int token, int type, MQTTProperties *properties, enum MQTTReasonCodes reason)
{
    struct text text = {0};
    (void)context;
    add(&text, "! published %d type %d reason %d", token, type, reason);
    add_properties(&text, properties);
    say("%s", text.bytes);
}

static void say_response(MQTTResponse response)
{
    struct text text = {0};
    add(&text, "= %d codes", response.reasonCode);
    for (int i = 0; response.reasonCodes && i < response.reasonCodeCount; i++)
        add(&text, " %d", response.reasonCodes[i]);
    add_properties(&text, response.properties);
    say("%s", text.bytes);
    MQTTResponse_free(response);
}

/* create URI VERSION ID */
static void create(struct command *command)
{
    MQTTClient_createOptions options = MQTTClient_createOptions_initializer;
    version = options.MQTTVersion = number(command, 2);
    int code = MQTTClient_createWithOptions(&client, command->arguments[1], command->arguments[3],
                                            MQTTCLIENT_PERSISTENCE_NONE, NULL, &options);
    if (code == 0 && with_callbacks) {
        MQTTClient_setCallbacks(client, NULL, connection_lost, message_arrived, delivery_complete);
        if (version == 5) {
            MQTTClient_setDisconnected(client, NULL, disconnected);
            MQTTClient_setPublished(client, NULL, published);
        }
    }
    say("= %d", code);
}

/* connect CLEAN KEEP_ALIVE WILL USER PROPERTIES */
static void connect_to_server(struct command *command)
{
    MQTTClient_connectOptions options4 = MQTTClient_connectOptions_initializer;
    MQTTClient_connectOptions options5 = MQTTClient_connectOptions_initializer5;
    MQTTClient_connectOptions options = version == 5 ? options5 : options4;
    MQTTClient_willOptions will = MQTTClient_willOptions_initializer;
    options.MQTTVersion = version;
    if (version == 5)
        options.cleanstart = number(command, 1);
    else
        options.cleansession = number(command, 1);
    options.keepAliveInterval = number(command, 2);
    options.connectTimeout = 3;
    options.reliable = 0;
    will.topicName = "will";
    will.message = "gone";
    will.qos = 1;
    if (number(command, 3))
        options.will = &will;
    if (number(command, 4)) {
        options.username = "user";
        options.password = "secret";
    }
    if (version == 5) {
        MQTTProperties properties = chosen_properties(number(command, 5));
        say_response(MQTTClient_connect5(client, &options, &properties, NULL));
        MQTTProperties_free(&properties);
    } else {
        int code = MQTTClient_connect(client, &options);
        say("= %d present %d", code, code == 0 ? options.returned.sessionPresent : -1);
    }
}

/* publish TOPIC QOS RETAINED PAYLOAD PROPERTIES */
static void publish(struct command *command)
{
    MQTTClient_message message = MQTTClient_message_initializer;
    MQTTClient_deliveryToken token = -7;
    char *topic = bytes(command, 1, NULL);
    message.qos = number(command, 2);
    message.retained = number(command, 3);
    message.payload = bytes(command, 4, &message.payloadlen);
    if (version == 5) {
        message.properties = chosen_properties(number(command, 5));
        MQTTResponse response = MQTTClient_publishMessage5(client, topic, &message, &token);
        say("= %d token %d", response.reasonCode, message.qos ? token : 0);
        MQTTResponse_free(response);
        MQTTProperties_free(&message.properties);
    } else {
        int code = MQTTClient_publishMessage(client, topic, &message, &token);
        say("= %d token %d", code, message.qos ? token : 0);
    }
}

/* subscribe FILTER QOS ..., unsubscribe FILTER ... */
static void subscribe(struct command *command)
{
    char *filters[MAXIMUM_ARGUMENTS] = {0};
    int qos[MAXIMUM_ARGUMENTS] = {0}, count = 0;
    for (int i = 1; i + 1 < command->count; i += 2, count++) {
        filters[count] = bytes(command, i, NULL);
        qos[count] = number(command, i + 1);
    }
    if (version == 5) {
        say_response(MQTTClient_subscribeMany5(client, count, filters, qos, NULL, NULL));
        return;
    }
    struct text text = {0};
    add(&text, "= %d codes", MQTTClient_subscribeMany(client, count, filters, qos));
    for (int i = 0; i < count; i++)
        add(&text, " %d", qos[i]);
    say("%s", text.bytes);
}

static void unsubscribe(struct command *command)
{
    char *filters[MAXIMUM_ARGUMENTS] = {0};
    int count = 0;
    for (; count + 1 < command->count; count++)
        filters[count] = bytes(command, count + 1, NULL);
    if (version == 5)
        say_response(MQTTClient_unsubscribeMany5(client, count, filters, NULL));
    else
        say("= %d", MQTTClient_unsubscribeMany(client, count, filters));
}

/* receive MILLISECONDS: everything up to the barrier */
static void receive(struct command *command)
{
    for (;;) {
        char *topic = NULL;
        int length = 0;
        MQTTClient_message *message = NULL;
        int code = MQTTClient_receive(client, &topic, &length, &message, (unsigned long)number(command, 1));
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

static void pending(void)
{
    MQTTClient_deliveryToken *tokens = NULL;
    struct text text = {0};
    add(&text, "= %d tokens", MQTTClient_getPendingDeliveryTokens(client, &tokens));
    for (int i = 0; tokens && tokens[i] != -1; i++)
        add(&text, " %d", tokens[i]);
    say("%s", text.bytes);
    MQTTClient_free(tokens);
}

int main(int count, char **arguments)
{
    static struct command command;
    with_callbacks = count > 1 && strcmp(arguments[1], "callbacks") == 0;
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
        else if (is(&command, "receive"))
            receive(&command);
        else if (is(&command, "wait"))
            say("= %d", MQTTClient_waitForCompletion(client, number(&command, 1), (unsigned long)number(&command, 2)));
        else if (is(&command, "connected"))
            say("= %d", MQTTClient_isConnected(client));
        else if (is(&command, "pending"))
            pending();
        else if (is(&command, "disconnect"))
            say("= %d", MQTTClient_disconnect(client, number(&command, 1)));
        else if (is(&command, "destroy")) {
            MQTTClient_destroy(&client);
            say("= 0");
        } else
            say("= unknown command");
    }
    return 0;
}
