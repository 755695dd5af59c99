/* Random calls of MQTTAsync_ functions. */
#include "fuzz.h"

#include <stddef.h>

/* What applications do in callbacks; not in those that destroy calls on its caller's thread inside another one. */
static void act(struct client *client, struct dice *dice, int is_outermost)
{
    if (client == NULL || !is_outermost)
        return;
    if (once_in(dice, 8))
        probe(client);
    if (once_in(dice, 5))
        use_in_callback(client, dice);
}

/* ---- Results ---- */

static void result(void *context, int success, int token, int was_acknowledged)
{
    struct dice dice;
    enum kind kind;
    int qos, is_outermost = !in_callback();
    struct client *client = request_result(context, success, &dice, &kind, &qos);
    if (client != NULL && kind == SEND && qos > 0 && was_acknowledged && token > 0 && token < TOKENS)
        ADD(client->acknowledged[token], 1);
    act(client, &dice, is_outermost);
    callback_end();
}

static void on_success(void *context, MQTTAsync_successData *data)
{
    result(context, 1, data == NULL ? 0 : data->token, 1);
}

static void on_failure(void *context, MQTTAsync_failureData *data)
{
    result(context, 0, data == NULL ? 0 : data->token, 0);
}

static void on_success5(void *context, MQTTAsync_successData5 *data)
{
    result(context, 1, data->token, 1);
}

static void on_failure5(void *context, MQTTAsync_failureData5 *data)
{
    result(context, 0, data->token, data->packet_type != 0 && data->reasonCode >= 0x80);
}

/* ---- Events ---- */

static int on_message(void *context, char *topic, int length, MQTTAsync_message *message)
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
    acknowledge_message(GET(client->handle), 1, message->msgid, &dice);
    act(client, &dice, is_outermost);
    if (is_taken) {
        CALL_VOID(MQTTAsync_freeMessage, &message);
        CALL_VOID(MQTTAsync_free, topic);
    }
    callback_end();
    return is_taken;
}

static void on_connected(void *context, char *cause)
{
    struct dice dice;
    int is_outermost = !in_callback();
    struct client *client = callback_begin(context, "connected", &dice);
    (void)cause;
    if (GET(client->up) && !GET(client->disconnects))
        finding("client %llx is connected a second time, and no loss was reported", (unsigned long long)GET(client->serial));
    SET(client->up, 1);
    act(client, &dice, is_outermost);
    callback_end();
}

/* `disconnected` is called, too, where the server sends DISCONNECT in place of CONNACK. */
static void loss(void *context, const char *name, int may_be_down)
{
    struct dice dice;
    int is_outermost = !in_callback();
    struct client *client = callback_begin(context, name, &dice);
    if (!GET(client->up) && !may_be_down)
        finding("client %llx: %s, but the connection was reported as lost already", (unsigned long long)GET(client->serial), name);
    SET(client->up, 0);
    ADD(figures.losses, 1);
    act(client, &dice, is_outermost);
    callback_end();
}

static void on_lost(void *context, char *cause)
{
    (void)cause;
    loss(context, "connectionLost", 0);
}

static void on_disconnected(void *context, MQTTProperties *properties, enum MQTTReasonCodes reason)
{
    (void)properties, (void)reason;
    loss(context, "disconnected", 1);
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

static int on_credentials(void *context, MQTTAsync_connectData *data)
{
    struct dice dice;
    callback_begin(context, "updateConnectOptions", &dice);
    int has_changed = once_in(&dice, 2);
    if (has_changed) {
        char *name = CALL(MQTTAsync_malloc, 8);
        snprintf(name, 8, "u%u", pick(&dice, 10000));
        data->username = name;
    }
    callback_end();
    return has_changed;
}

/* ---- Requests ---- */

/* Callbacks of the client's version, and the context of a new request. */
static void *response_of(struct client *client, MQTTAsync_responseOptions *options, enum kind kind, int qos, struct dice *dice)
{
    MQTTAsync_responseOptions plain = MQTTAsync_responseOptions_initializer;
    *options = plain;
    options->context = request_begin(client, kind, qos);
    if (options->context == NULL)
        return NULL;
    if (GET(client->version) == 5) {
        options->onSuccess5 = on_success5;
        options->onFailure5 = on_failure5;
        if (once_in(dice, 3))
            random_properties(&options->properties, dice, 0);
    } else {
        options->onSuccess = on_success;
        options->onFailure = on_failure;
        options->struct_version = (int)pick(dice, 2);
    }
    return options->context;
}

static size_t connect_size(int version)
{
    static const size_t sizes[] = {
        offsetof(MQTTAsync_connectOptions, serverURIcount), offsetof(MQTTAsync_connectOptions, serverURIcount),
        offsetof(MQTTAsync_connectOptions, MQTTVersion), offsetof(MQTTAsync_connectOptions, automaticReconnect),
        offsetof(MQTTAsync_connectOptions, binarypwd),  offsetof(MQTTAsync_connectOptions, cleanstart),
        offsetof(MQTTAsync_connectOptions, httpHeaders), offsetof(MQTTAsync_connectOptions, httpProxy),
        sizeof(MQTTAsync_connectOptions),
    };
    return sizes[version];
}

static void connect_client(struct client *client, struct dice *dice)
{
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
    MQTTAsync_connectOptions options5 = MQTTAsync_connectOptions_initializer5;
    MQTTAsync_willOptions will = MQTTAsync_willOptions_initializer;
    MQTTProperties properties = MQTTProperties_initializer;
    char *list[] = {(char *)settings.refused, (char *)settings.uri, (char *)settings.uri};
    int is_5 = GET(client->version) == 5;
    if (is_5)
        options = options5;
    options.struct_version = is_5 ? 6 + (int)pick(dice, 3) : once_in(dice, 3) ? (int)pick(dice, 9) : 8;
    options.keepAliveInterval = (int)pick(dice, 4);
    options.connectTimeout = 1 + (int)pick(dice, 2);
    options.maxInflight = once_in(dice, 3) ? 1 + (int)pick(dice, 5) : 65535;
    options.automaticReconnect = once_in(dice, 2);
    options.minRetryInterval = (int)pick(dice, 2);
    options.maxRetryInterval = 1;
    if (once_in(dice, 6))
        options.serverURIcount = 1 + (int)pick(dice, 3), options.serverURIs = list;
    if (once_in(dice, 4))
        will.topicName = "will", will.message = "gone", will.qos = (int)pick(dice, 3), options.will = &will;
    if (once_in(dice, 4))
        options.username = "user", options.password = "secret";
    if (is_5) {
        options.cleanstart = once_in(dice, 2);
        random_properties(&properties, dice, 1);
        options.connectProperties = &properties;
    } else {
        options.cleansession = once_in(dice, 2);
        options.MQTTVersion = once_in(dice, 4) ? MQTTVERSION_DEFAULT : MQTTVERSION_3_1_1;
    }
    if (is_5 && once_in(dice, 2)) {
        options.onSuccess5 = on_success5;
        options.onFailure5 = on_failure5;
    } else {
        options.onSuccess = on_success;
        options.onFailure = on_failure;
    }
    options.context = request_begin(client, CONNECT, 0);
    if (options.context != NULL) {
        MQTTAsync_connectOptions *passed = shortened(&options, connect_size(options.struct_version));
        request_end(options.context, CALL(MQTTAsync_connect, GET(client->handle), passed));
        free(passed);
    }
    library.MQTTProperties_free(&properties);
}

static void disconnect_client(struct client *client, struct dice *dice)
{
    MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer;
    int is_5 = GET(client->version) == 5;
    options.timeout = (int)pick(dice, 200);
    if (is_5 && once_in(dice, 2)) {
        options.struct_version = 1;
        options.onSuccess5 = on_success5;
        options.onFailure5 = on_failure5;
        options.reasonCode = once_in(dice, 2) ? MQTTREASONCODE_DISCONNECT_WITH_WILL_MESSAGE : MQTTREASONCODE_SUCCESS;
    } else {
        options.onSuccess = on_success;
        options.onFailure = on_failure;
    }
    ADD(client->disconnects, 1);
    options.context = request_begin(client, DISCONNECT, 0);
    if (options.context == NULL)
        return;
    size_t length = options.struct_version == 0 && !is_5 ? offsetof(MQTTAsync_disconnectOptions, properties) : sizeof options;
    MQTTAsync_disconnectOptions *passed = shortened(&options, length);
    request_end(options.context, CALL(MQTTAsync_disconnect, GET(client->handle), passed));
    free(passed);
}

static void subscribe_client(struct client *client, struct dice *dice)
{
    MQTTAsync_responseOptions options;
    MQTTSubscribe_options several[3] = {MQTTSubscribe_options_initializer, MQTTSubscribe_options_initializer,
                                        MQTTSubscribe_options_initializer};
    char *topics[] = {"fuzz/a", "fuzz/+/b", "#"};
    int qos[] = {(int)pick(dice, 3), (int)pick(dice, 3), (int)pick(dice, 3)}, count = 1 + (int)pick(dice, 3);
    int is_one = once_in(dice, 2), unsubscribes = once_in(dice, 3);
    void *handle = GET(client->handle);
    if (response_of(client, &options, unsubscribes ? UNSUBSCRIBE : SUBSCRIBE, 0, dice) == NULL)
        return;
    if (GET(client->version) == 5 && !unsubscribes && !is_one && once_in(dice, 2))
        options.subscribeOptionsList = several, options.subscribeOptionsCount = count;
    if (unsubscribes)
        request_end(options.context, is_one ? CALL(MQTTAsync_unsubscribe, handle, topics[0], &options)
                                            : CALL(MQTTAsync_unsubscribeMany, handle, count, topics, &options));
    else
        request_end(options.context, is_one ? CALL(MQTTAsync_subscribe, handle, topics[0], qos[0], &options)
                                            : CALL(MQTTAsync_subscribeMany, handle, count, topics, qos, &options));
    library.MQTTProperties_free(&options.properties);
}

static void send_message(struct client *client, struct dice *dice)
{
    MQTTAsync_responseOptions options;
    MQTTAsync_message message = MQTTAsync_message_initializer;
    int length = (int)pick(dice, once_in(dice, 50) ? 200000 : 300), qos = (int)pick(dice, 3), code;
    const char *topic = once_in(dice, 2) ? "fuzz/echo" : "fuzz/a";
    void *handle = GET(client->handle), *payload = malloc((size_t)length);
    memset(payload, 'x', (size_t)length);
    if (qos == 0 && once_in(dice, 3)) {
        CALL(MQTTAsync_send, handle, topic, length, payload, 0, 0, NULL);
    } else if (response_of(client, &options, SEND, qos, dice) != NULL) {
        size_t size = GET(client->version) == 5 || options.struct_version == 1 ? sizeof options
                                                                               : offsetof(MQTTAsync_responseOptions, onSuccess5);
        MQTTAsync_responseOptions *passed = shortened(&options, size);
        passed->token = -77;
        if (once_in(dice, 3)) {
            message.payload = payload, message.payloadlen = length, message.qos = qos;
            code = CALL(MQTTAsync_sendMessage, handle, topic, &message, passed);
        } else {
            code = CALL(MQTTAsync_send, handle, topic, length, payload, qos, (int)pick(dice, 2), passed);
        }
        if (code != 0 && passed->token != -77)
            finding("a send that was refused with %d has written a token", code);
        if (code == 0 && qos > 0)
            client_given(client, passed->token);
        request_end(options.context, code);
        free(passed);
        library.MQTTProperties_free(&options.properties);
    }
    free(payload);
}

static void set_callbacks(struct client *client, void *handle)
{
    void *context = client_context(client);
    CALL(MQTTAsync_setCallbacks, handle, context, on_lost, on_message, on_delivered);
    CALL(MQTTAsync_setConnected, handle, context, on_connected);
    CALL(MQTTAsync_setDisconnected, handle, context, on_disconnected);
}

static void pending(void *handle)
{
    MQTTAsync_token *tokens = NULL;
    int code = CALL(MQTTAsync_getPendingTokens, handle, &tokens);
    for (int i = 0; code == 0 && tokens != NULL && tokens[i] != -1; i++)
        if (tokens[i] < 0 || tokens[i] > 65535)
            finding("%d is a pending token", tokens[i]);
    CALL_VOID(MQTTAsync_free, tokens);
}

void async_step(struct client *client, struct dice *dice)
{
    void *handle = GET(client->handle);
    switch (pick(dice, 25)) {
    case 13: extension_step(handle, 1, dice); break;
    case 0: case 1: case 2: connect_client(client, dice); break;
    case 3: if (once_in(dice, 2)) disconnect_client(client, dice); break;
    case 4: CALL(MQTTAsync_reconnect, handle); break;
    case 5: case 6: case 7: subscribe_client(client, dice); break;
    case 8: CALL(MQTTAsync_isConnected, handle); break;
    case 9: CALL(MQTTAsync_isComplete, handle, (int)pick(dice, 20)); break;
    case 10: CALL(MQTTAsync_waitForCompletion, handle, (int)pick(dice, 20), pick(dice, in_callback() ? 2 : 50)); break;
    case 11: pending(handle); break;
    case 12: set_callbacks(client, handle); break;
    default: send_message(client, dice);
    }
}

struct client *async_make(struct dice *dice, uint64_t serial, int shared)
{
    MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer;
    struct client *client = client_make(1, serial);
    MQTTAsync handle = NULL;
    char id[40];
    int has_store = once_in(dice, 8), is_5 = once_in(dice, 2), code;
    snprintf(id, sizeof id, "fuzz-%016llx", (unsigned long long)serial);
    options.MQTTVersion = is_5 ? MQTTVERSION_5 : MQTTVERSION_DEFAULT;
    options.sendWhileDisconnected = once_in(dice, 2);
    options.allowDisconnectedSendAtAnyTime = once_in(dice, 2);
    options.maxBufferedMessages = 1 + (int)pick(dice, 60);
    options.deleteOldestMessages = once_in(dice, 3);
    SET(client->version, is_5 ? 5 : 3);
    SET(client->is_shared, shared);
    SET(client->has_callbacks, 1);
    const char *uri = once_in(dice, 16) ? settings.refused : settings.uri;
    if (!is_5 && once_in(dice, 3))
        code = CALL(MQTTAsync_create, &handle, uri, id, MQTTCLIENT_PERSISTENCE_NONE, NULL);
    else
        code = CALL(MQTTAsync_createWithOptions, &handle, uri, id,
                    has_store ? MQTTCLIENT_PERSISTENCE_DEFAULT : MQTTCLIENT_PERSISTENCE_NONE, (void *)settings.directory, &options);
    if (code != 0 || handle == NULL)
        finding("create gives %d", code);
    set_callbacks(client, handle);
    extend(handle, 1, dice);
    if (once_in(dice, 4))
        CALL(MQTTAsync_setUpdateConnectOptions, handle, client_context(client), on_credentials);
    SET(client->handle, handle);
    client_is_live(client);
    return client;
}
