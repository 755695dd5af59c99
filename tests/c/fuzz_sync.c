/* Random calls of MQTTClient_ functions. */
#include "fuzz.h"

#include <stddef.h>

static void act(struct client *client, struct dice *dice, int is_outermost)
{
    if (!is_outermost)
        return;
    if (once_in(dice, 8))
        probe(client);
    if (once_in(dice, 5))
        use_in_callback(client, dice);
}

/* ---- Events ---- */

static int on_message(void *context, char *topic, int length, MQTTClient_message *message)
{
    struct dice dice;
    int is_outermost = !in_callback();
    struct client *client = callback_begin(context, "messageArrived", &dice);
    unsigned sum = 0;
    (void)length;
    for (int i = 0; i < message->payloadlen; i++)
        sum += ((unsigned char *)message->payload)[i];
    int is_taken = !once_in(&dice, 24) || sum == 1;
    ADD(figures.messages, 1);
    acknowledge_message(GET(client->handle), 0, message->msgid, &dice);
    act(client, &dice, is_outermost);
    if (is_taken) {
        CALL_VOID(MQTTClient_freeMessage, &message);
        CALL_VOID(MQTTClient_free, topic);
    }
    callback_end();
    return is_taken;
}

/* `disconnected` is called, too, where the server sends DISCONNECT in place of CONNACK. */
static void loss(void *context, const char *name, int needs_connect)
{
    struct dice dice;
    int is_outermost = !in_callback();
    struct client *client = callback_begin(context, name, &dice);
    ADD(client->losses, 1);
    ADD(client->connection_losses, needs_connect);
    ADD(figures.losses, 1);
    act(client, &dice, is_outermost);
    callback_end();
}

static void on_lost(void *context, char *cause)
{
    (void)cause;
    loss(context, "connectionLost", 1);
}

static void on_disconnected(void *context, MQTTProperties *properties, enum MQTTReasonCodes reason)
{
    (void)properties, (void)reason;
    loss(context, "disconnected", 0);
}

static void on_delivered(void *context, int token)
{
    struct dice dice;
    int is_outermost = !in_callback();
    struct client *client = callback_begin(context, "deliveryComplete", &dice);
    client_delivered(client, token);
    act(client, &dice, is_outermost);
    callback_end();
}

static void on_published(void *context, int token, int packet, MQTTProperties *properties, enum MQTTReasonCodes reason)
{
    struct dice dice;
    (void)properties, (void)reason;
    struct client *client = callback_begin(context, "published", &dice);
    if (packet < 4 || packet > 7)
        finding("client %llx: published with packet type %d", (unsigned long long)GET(client->serial), packet);
    if (token > 0 && token < TOKENS)
        ADD(client->acknowledged[token], 1);
    callback_end();
}

/* ---- Calls ---- */

static size_t connect_size(int version)
{
    static const size_t sizes[] = {
        offsetof(MQTTClient_connectOptions, ssl),         offsetof(MQTTClient_connectOptions, serverURIcount),
        offsetof(MQTTClient_connectOptions, MQTTVersion), offsetof(MQTTClient_connectOptions, returned),
        offsetof(MQTTClient_connectOptions, binarypwd),   offsetof(MQTTClient_connectOptions, maxInflightMessages),
        offsetof(MQTTClient_connectOptions, httpHeaders), offsetof(MQTTClient_connectOptions, httpProxy),
        sizeof(MQTTClient_connectOptions),
    };
    return sizes[version];
}

static void connect_client(struct client *client, struct dice *dice)
{
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
    MQTTClient_connectOptions options5 = MQTTClient_connectOptions_initializer5;
    MQTTClient_willOptions will = MQTTClient_willOptions_initializer;
    MQTTProperties properties = MQTTProperties_initializer;
    char *list[] = {(char *)settings.refused, (char *)settings.uri};
    int is_5 = GET(client->version) == 5, code;
    if (is_5)
        options = options5;
    options.struct_version = is_5 ? 6 + (int)pick(dice, 3) : once_in(dice, 3) ? (int)pick(dice, 9) : 8;
    options.keepAliveInterval = (int)pick(dice, 4);
    options.connectTimeout = 1;
    options.maxInflightMessages = (int)pick(dice, 20);
    options.reliable = once_in(dice, 4);
    if (once_in(dice, 6))
        options.serverURIcount = 1 + (int)pick(dice, 2), options.serverURIs = list;
    if (once_in(dice, 4))
        will.topicName = "will", will.message = "gone", will.qos = (int)pick(dice, 3), options.will = &will;
    if (once_in(dice, 4))
        options.username = "user", options.password = "secret";
    options.cleanstart = is_5 && once_in(dice, 2);
    options.cleansession = !is_5 && once_in(dice, 2);
    if (!is_5)
        options.MQTTVersion = once_in(dice, 4) ? MQTTVERSION_DEFAULT : MQTTVERSION_3_1_1;
    random_properties(&properties, dice, 1);
    MQTTClient_connectOptions *passed = shortened(&options, connect_size(options.struct_version));
    ADD(client->connecting, 1);
    if (is_5) {
        MQTTResponse response = CALL(MQTTClient_connect5, GET(client->handle), passed, &properties, NULL);
        code = (int)response.reasonCode;
        CALL_VOID(MQTTResponse_free, response);
    } else {
        code = CALL(MQTTClient_connect, GET(client->handle), passed);
    }
    if (code == 0)
        ADD(client->connects, 1);
    free(passed);
    library.MQTTProperties_free(&properties);
}

static void disconnect_client(struct client *client, struct dice *dice)
{
    int timeout = (int)pick(dice, 200);
    ADD(client->disconnects, 1);
    if (once_in(dice, 2))
        CALL(MQTTClient_disconnect, GET(client->handle), timeout);
    else
        CALL(MQTTClient_disconnect5, GET(client->handle), timeout, MQTTREASONCODE_SUCCESS, NULL);
}

static void subscribe_client(struct client *client, struct dice *dice)
{
    MQTTSubscribe_options one = MQTTSubscribe_options_initializer;
    MQTTSubscribe_options several[3] = {MQTTSubscribe_options_initializer, MQTTSubscribe_options_initializer,
                                        MQTTSubscribe_options_initializer};
    char *topics[] = {"fuzz/a", "fuzz/+/b", "#"};
    int qos[] = {(int)pick(dice, 3), (int)pick(dice, 3), (int)pick(dice, 3)}, count = 1 + (int)pick(dice, 3);
    unsigned choice = pick(dice, 8);
    void *handle = GET(client->handle);
    MQTTResponse response = {1, 0, 0, NULL, NULL};
    if (GET(client->version) != 5)
        switch (choice) {
        case 0: CALL(MQTTClient_unsubscribe, handle, topics[0]); break;
        case 1: CALL(MQTTClient_unsubscribeMany, handle, count, topics); break;
        case 2: case 3: CALL(MQTTClient_subscribeMany, handle, count, topics, qos); break;
        default: CALL(MQTTClient_subscribe, handle, topics[0], qos[0]);
        }
    else
        switch (choice) {
        case 0: response = CALL(MQTTClient_unsubscribe5, handle, topics[0], NULL); break;
        case 1: response = CALL(MQTTClient_unsubscribeMany5, handle, count, topics, NULL); break;
        case 2: case 3: response = CALL(MQTTClient_subscribeMany5, handle, count, topics, qos, several, NULL); break;
        default: response = CALL(MQTTClient_subscribe5, handle, topics[0], qos[0], &one, NULL);
        }
    if (response.reasonCodes != NULL || response.properties != NULL)
        CALL_VOID(MQTTResponse_free, response);
}

static void publish(struct client *client, struct dice *dice)
{
    MQTTClient_message message = MQTTClient_message_initializer;
    MQTTProperties properties = MQTTProperties_initializer;
    int length = (int)pick(dice, once_in(dice, 50) ? 200000 : 300), qos = (int)pick(dice, 3), code, token = -77;
    int as_message = once_in(dice, 3), waits = once_in(dice, 6);
    unsigned patience = pick(dice, 100);
    const char *topic = once_in(dice, 2) ? "fuzz/echo" : "fuzz/a";
    void *handle = GET(client->handle), *payload = malloc((size_t)length);
    memset(payload, 'x', (size_t)length);
    message.payload = payload, message.payloadlen = length, message.qos = qos;
    if (GET(client->version) == 5) {
        MQTTResponse response;
        random_properties(&properties, dice, 0);
        message.properties = properties;
        response = as_message ? CALL(MQTTClient_publishMessage5, handle, topic, &message, &token)
                              : CALL(MQTTClient_publish5, handle, topic, length, payload, qos, 0, &properties, &token);
        code = (int)response.reasonCode;
        CALL_VOID(MQTTResponse_free, response);
        library.MQTTProperties_free(&properties);
    } else {
        code = as_message ? CALL(MQTTClient_publishMessage, handle, topic, &message, &token)
                          : CALL(MQTTClient_publish, handle, topic, length, payload, qos, 0, &token);
    }
    free(payload);
    if ((code != 0 || qos == 0) && token != -77)
        finding("a publish of QoS %d that gave %d has written a token", qos, code);
    if (code == 0 && qos > 0) {
        ADD(figures.requests, 1);
        client_given(client, token);
        if (waits)
            CALL(MQTTClient_waitForCompletion, handle, token, patience);
    }
}

static void receive(void *handle, struct dice *dice)
{
    MQTTClient_message *message = NULL;
    char *topic = NULL;
    int length;
    CALL(MQTTClient_receive, handle, &topic, &length, &message, pick(dice, 20));
    if (message == NULL)
        return;
    ADD(figures.messages, 1);
    acknowledge_message(handle, 0, message->msgid, dice);
    CALL_VOID(MQTTClient_freeMessage, &message);
    CALL_VOID(MQTTClient_free, topic);
}

static void pending(void *handle)
{
    MQTTClient_deliveryToken *tokens = NULL;
    int code = CALL(MQTTClient_getPendingDeliveryTokens, handle, &tokens);
    for (int i = 0; code == 0 && tokens != NULL && tokens[i] != -1; i++)
        if (tokens[i] < 1 || tokens[i] > 65535)
            finding("%d is a pending token", tokens[i]);
    CALL_VOID(MQTTClient_free, tokens);
}

static void set_callbacks(struct client *client, void *handle)
{
    void *context = client_context(client);
    CALL(MQTTClient_setCallbacks, handle, context, on_lost, on_message, on_delivered);
    CALL(MQTTClient_setDisconnected, handle, context, on_disconnected);
    CALL(MQTTClient_setPublished, handle, context, on_published);
}

void sync_step(struct client *client, struct dice *dice)
{
    void *handle = GET(client->handle);
    switch (pick(dice, 25)) {
    case 13: extension_step(handle, 0, dice); break;
    case 0: case 1: case 2: connect_client(client, dice); break;
    case 3: if (once_in(dice, 2)) disconnect_client(client, dice); break;
    case 4: case 5: subscribe_client(client, dice); break;
    case 6: CALL(MQTTClient_isConnected, handle); break;
    case 7: CALL(MQTTClient_waitForCompletion, handle, (int)pick(dice, 20), pick(dice, 20)); break;
    case 8: pending(handle); break;
    case 9: case 10: receive(handle, dice); break;
    case 11: if (once_in(dice, 4)) CALL_VOID(MQTTClient_yield); break;
    case 12: if (GET(client->has_callbacks)) set_callbacks(client, handle); break;
    default: publish(client, dice);
    }
}

struct client *sync_make(struct dice *dice, uint64_t serial, int shared)
{
    MQTTClient_createOptions options = MQTTClient_createOptions_initializer;
    struct client *client = client_make(0, serial);
    MQTTClient handle = NULL;
    char id[40];
    int has_store = once_in(dice, 8), is_5 = once_in(dice, 2), has_callbacks = pick(dice, 3) > 0, code;
    snprintf(id, sizeof id, "fuzz-%016llx", (unsigned long long)serial);
    options.MQTTVersion = is_5 ? MQTTVERSION_5 : MQTTVERSION_DEFAULT;
    SET(client->version, is_5 ? 5 : 3);
    SET(client->is_shared, shared);
    SET(client->has_callbacks, has_callbacks);
    const char *uri = once_in(dice, 16) ? settings.refused : settings.uri;
    int persistence = has_store ? MQTTCLIENT_PERSISTENCE_DEFAULT : MQTTCLIENT_PERSISTENCE_NONE;
    if (!is_5 && once_in(dice, 2))
        code = CALL(MQTTClient_create, &handle, uri, id, persistence, (void *)settings.directory);
    else
        code = CALL(MQTTClient_createWithOptions, &handle, uri, id, persistence, (void *)settings.directory, &options);
    if (code != 0 || handle == NULL)
        finding("create gives %d", code);
    if (has_callbacks)
        set_callbacks(client, handle);
    extend(handle, 0, dice);
    CALL(MQTTClient_setCommandTimeout, handle, 5000);
    SET(client->handle, handle);
    client_is_live(client);
    return client;
}
