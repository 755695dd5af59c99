/* What is the same in the two drivers but for the names: API is MQTTClient or MQTTAsync. */
#include "differential.h"

#define JOIN(one, other) one##_##other
#define JOIN_VALUES(one, other) JOIN(one, other)
#define OF_API(name) JOIN_VALUES(API, name)

static API client;
static int version;

static void say_message(const char *topic, int topic_length, const OF_API(message) *message)
{
    NEW_TEXT(text);
    if (strcmp(topic, BARRIER) == 0) {
        say("! barrier");
        return;
    }
    add(&text, "! message ");
    add_hex(&text, topic, topic_length ? (size_t)topic_length : strlen(topic));
    add(&text, " length %d qos %d retained %d dup %d msgid %d payload ", topic_length, message->qos, message->retained,
        message->dup, message->msgid);
    add_hex(&text, message->payload, (size_t)message->payloadlen);
    add_properties(&text, &message->properties);
    say("%s", text.bytes);
}

static int message_arrived(void *context, char *topic, int topic_length, OF_API(message) *message)
{
    (void)context;
    say_message(topic, topic_length, message);
    OF_API(freeMessage)(&message);
    OF_API(free)(topic);
    return 1;
}

static void connection_lost(void *context, char *cause)
{
    (void)context;
    say("! lost %s", cause ? cause : "-");
}

static void delivery_complete(void *context, int token)
{
    (void)context;
    say("! delivered token %d", token);
}

static void disconnected(void *context, MQTTProperties *properties, enum MQTTReasonCodes reason)
{
    NEW_TEXT(text);
    (void)context;
    add(&text, "! disconnected %d", reason);
    add_properties(&text, properties);
    say("%s", text.bytes);
}

/* create uri= version= id= store=DIRECTORY and the options of the asynchronous API; callbacks are set by the driver. */
static int create(const struct command *command)
{
    OF_API(createOptions) options = OF_API(createOptions_initializer);
    char *store = argument(command, "store");
    version = options.MQTTVersion = number(command, "version");
#ifdef ASYNCHRONOUS
    options.sendWhileDisconnected = number(command, "offline");
    options.allowDisconnectedSendAtAnyTime = number(command, "anytime");
    options.deleteOldestMessages = number(command, "delete");
    options.persistQoS0 = !number(command, "volatile0");
    if (number(command, "buffered"))
        options.maxBufferedMessages = number(command, "buffered");
#endif
    return OF_API(createWithOptions)(&client, argument(command, "uri"), argument(command, "id"),
                                     store ? MQTTCLIENT_PERSISTENCE_DEFAULT : MQTTCLIENT_PERSISTENCE_NONE, store, &options);
}

/* The arguments of connect. */
struct connecting {
    OF_API(connectOptions) options;
    OF_API(willOptions) will;
    MQTTProperties properties, will_properties;
    char *servers[2];
};

static void add_credentials(struct connecting *connecting, const struct command *command)
{
    int credentials = number(command, "credentials");
    if (credentials)
        connecting->options.username = credentials == 4 ? "" : "user";
    if (credentials == 2)
        connecting->options.password = "secret";
    if (credentials == 3) {
        connecting->options.binarypwd.data = "s\0e\1c";
        connecting->options.binarypwd.len = 5;
    }
}

static void add_will(struct connecting *connecting, const struct command *command)
{
    OF_API(willOptions) will = OF_API(willOptions_initializer);
    char *topic = bytes(command, "will", NULL);
    if (!topic)
        return;
    will.topicName = topic;
    will.qos = number(command, "willqos");
    will.retained = number(command, "willretained");
    if (number(command, "willbinary")) {
        will.payload.data = "g\0ne";
        will.payload.len = 4;
    } else
        will.message = "gone";
    connecting->will = will;
    connecting->options.will = &connecting->will;
}

/* connect anyversion=1 clean= keep= credentials= will= willqos= willretained= willbinary= inflight= retry= second= properties=
 * willproperties= */
static void prepare_connect(struct connecting *connecting, const struct command *command)
{
    OF_API(connectOptions) before5 = OF_API(connectOptions_initializer);
    OF_API(connectOptions) from5 = OF_API(connectOptions_initializer5);
    OF_API(connectOptions) *options = &connecting->options;
    *options = version == 5 ? from5 : before5;
    options->MQTTVersion = number(command, "anyversion") ? MQTTVERSION_DEFAULT : version;
    if (version == 5)
        options->cleanstart = number(command, "clean");
    else
        options->cleansession = number(command, "clean");
    options->keepAliveInterval = number(command, "keep");
    options->connectTimeout = 5;
    options->retryInterval = number(command, "retry");
    if (number(command, "second")) {
        /* Nothing listens at the first one. */
        connecting->servers[0] = "tcp://127.0.0.1:1";
        connecting->servers[1] = argument(command, "server");
        options->serverURIcount = 2;
        options->serverURIs = connecting->servers;
    }
    add_credentials(connecting, command);
    add_will(connecting, command);
    connecting->properties = properties(command, "properties");
    connecting->will_properties = properties(command, "willproperties");
}

static void free_connect(struct connecting *connecting)
{
    MQTTProperties_free(&connecting->properties);
    MQTTProperties_free(&connecting->will_properties);
}

static OF_API(message) message_of(const struct command *command)
{
    OF_API(message) message = OF_API(message_initializer);
    message.qos = number(command, "qos");
    message.retained = number(command, "retained");
    message.payload = bytes(command, "payload", &message.payloadlen);
    message.properties = properties(command, "properties");
    return message;
}

static void say_tokens(int code, int *tokens)
{
    NEW_TEXT(text);
    add(&text, "= %d tokens", code);
    for (int i = 0; tokens && tokens[i] != -1; i++)
        add(&text, " %d", tokens[i]);
    say("%s", text.bytes);
    OF_API(free)(tokens);
}
