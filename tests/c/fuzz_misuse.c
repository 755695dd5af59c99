/* Calls that are wrong: each must be refused, and do no harm. */
#include "fuzz.h"

#define STALE 64

static void *stale_handles[STALE];
static unsigned stales;

void stale_add(void *handle)
{
    SET(stale_handles[ADD(stales, 1) % STALE], handle);
}

void *stale(struct dice *dice)
{
    return GET(stale_handles[pick(dice, STALE)]);
}

/* Not a valid handle: NULL, destroyed, foreign, or of the other API. */
static void *bad_handle(struct dice *dice, int asynchronous)
{
    static char foreign[64];
    struct client *client = GET(places[pick(dice, PLACES)]);
    unsigned choice = pick(dice, 5), at = pick(dice, sizeof foreign);
    if (choice == 2 && client != NULL) {
        uint64_t name = client_name(client);
        void *handle = GET(client->asynchronous) != asynchronous ? GET(client->handle) : NULL;
        return client_named(name) != NULL ? handle : NULL;
    }
    return choice == 0 ? foreign + at : choice == 1 ? (void *)(uintptr_t)(1 + at) : NULL;
}

/* The client that this thread uses wrongly: another thread may destroy it meanwhile, and then its handle is what is wrong. */
static __thread uint64_t used;

static int is_still_there(void)
{
    struct client *client = used == 0 ? NULL : client_named(used - 1);
    return used == 0 || (client != NULL && client_is(client, LIVE));
}

static void refused(const char *name, int code, int expected)
{
    if (code == 0 || (expected != 0 && code != expected && is_still_there()))
        finding("%s gives %d for a wrong call", name, code);
}

#define REFUSED(name, expected, ...) refused(#name, CALL(name, __VA_ARGS__), expected)
#define REFUSED_RESPONSE(name, expected, ...)                                                                                \
    do {                                                                                                                     \
        MQTTResponse response = CALL(name, __VA_ARGS__);                                                                     \
        refused(#name, (int)response.reasonCode, expected);                                                                  \
        CALL_VOID(MQTTResponse_free, response);                                                                              \
    } while (0)

static int never(void *context, char *topic, int length, MQTTClient_message *message)
{
    (void)context, (void)topic, (void)length, (void)message;
    finding("a callback that was refused is called");
}

static int never_async(void *context, char *topic, int length, MQTTAsync_message *message)
{
    (void)context, (void)topic, (void)length, (void)message;
    finding("a callback that was refused is called");
}

static void never_success(void *context, MQTTAsync_successData *data)
{
    (void)context, (void)data;
    finding("the success of a request that was refused is reported");
}

static void never_failure(void *context, MQTTAsync_failureData *data)
{
    (void)context, (void)data;
    finding("the failure of a request that was refused is reported");
}

static void sync_without_client(void *handle, struct dice *dice)
{
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
    MQTTClient_message message = MQTTClient_message_initializer, *received = NULL;
    MQTTClient_deliveryToken *tokens = NULL, token;
    char *topics[] = {"a"}, *topic = NULL;
    int qos[] = {0}, length;
    options.connectTimeout = 1;
    switch (pick(dice, 16)) {
    case 0: REFUSED(MQTTClient_connect, 0, handle, &options); break;
    case 1: REFUSED(MQTTClient_disconnect, -1, handle, 10); break;
    case 2: REFUSED(MQTTClient_publish, -1, handle, "a", 1, "x", 1, 0, &token); break;
    case 3: REFUSED(MQTTClient_publishMessage, -1, handle, "a", &message, &token); break;
    case 4: REFUSED(MQTTClient_subscribe, -1, handle, "a", 1); break;
    case 5: REFUSED(MQTTClient_subscribeMany, -1, handle, 1, topics, qos); break;
    case 6: REFUSED(MQTTClient_unsubscribe, -1, handle, "a"); break;
    case 7: REFUSED(MQTTClient_unsubscribeMany, -1, handle, 1, topics); break;
    case 8: REFUSED(MQTTClient_receive, -1, handle, &topic, &length, &received, 10); break;
    case 9: REFUSED(MQTTClient_waitForCompletion, -1, handle, 1, 10); break;
    case 10: REFUSED(MQTTClient_getPendingDeliveryTokens, -1, handle, &tokens); break;
    case 11: REFUSED(MQTTClient_setCallbacks, -1, handle, NULL, NULL, never, NULL); break;
    case 12: REFUSED_RESPONSE(MQTTClient_connect5, 0, handle, &options, NULL, NULL); break;
    case 13: REFUSED_RESPONSE(MQTTClient_publish5, -1, handle, "a", 1, "x", 1, 0, NULL, &token); break;
    case 14: REFUSED_RESPONSE(MQTTClient_subscribe5, -1, handle, "a", 1, NULL, NULL); break;
    default:
        if (CALL(MQTTClient_isConnected, handle) != 0)
            finding("a handle that is not valid is connected");
        CALL_VOID(MQTTClient_destroy, &handle);
    }
}

static void async_without_client(void *handle, struct dice *dice)
{
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
    MQTTAsync_disconnectOptions disconnect = MQTTAsync_disconnectOptions_initializer;
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    MQTTAsync_message message = MQTTAsync_message_initializer;
    MQTTAsync_token *tokens = NULL;
    char *topics[] = {"a"};
    int qos[] = {0};
    options.onSuccess = response.onSuccess = disconnect.onSuccess = never_success;
    options.onFailure = response.onFailure = disconnect.onFailure = never_failure;
    switch (pick(dice, 15)) {
    case 0: REFUSED(MQTTAsync_connect, -1, handle, &options); break;
    case 1: REFUSED(MQTTAsync_disconnect, -1, handle, &disconnect); break;
    case 2: REFUSED(MQTTAsync_send, -1, handle, "a", 1, "x", 1, 0, &response); break;
    case 3: REFUSED(MQTTAsync_sendMessage, -1, handle, "a", &message, &response); break;
    case 4: REFUSED(MQTTAsync_subscribe, -1, handle, "a", 1, &response); break;
    case 5: REFUSED(MQTTAsync_subscribeMany, -1, handle, 1, topics, qos, &response); break;
    case 6: REFUSED(MQTTAsync_unsubscribe, -1, handle, "a", &response); break;
    case 7: REFUSED(MQTTAsync_unsubscribeMany, -1, handle, 1, topics, &response); break;
    case 8: REFUSED(MQTTAsync_reconnect, -1, handle); break;
    case 9: REFUSED(MQTTAsync_waitForCompletion, -1, handle, 1, 10); break;
    case 10: REFUSED(MQTTAsync_getPendingTokens, -1, handle, &tokens); break;
    case 11: REFUSED(MQTTAsync_setCallbacks, -1, handle, NULL, NULL, never_async, NULL); break;
    case 12: REFUSED(MQTTAsync_setConnected, -1, handle, NULL, NULL); break;
    case 13: REFUSED(MQTTAsync_isComplete, -1, handle, 1); break;
    default:
        if (CALL(MQTTAsync_isConnected, handle) != 0)
            finding("a handle that is not valid is connected");
        CALL_VOID(MQTTAsync_destroy, &handle);
    }
}

/* A client in whatever state, and arguments that no state makes right. */
static void sync_bad_arguments(struct client *client, struct dice *dice)
{
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
    MQTTClient_willOptions will = MQTTClient_willOptions_initializer;
    MQTTClient_message message = MQTTClient_message_initializer, *received = NULL;
    char *topics[] = {"a", NULL}, *topic = NULL;
    int qos[] = {0, 0}, length, token;
    void *handle = GET(client->handle);
    options.connectTimeout = 1;
    options.will = &will;
    switch (pick(dice, 16)) {
    case 0: REFUSED(MQTTClient_connect, 0, handle, NULL); break;
    case 1: options.struct_version = once_in(dice, 2) ? -1 : 9 + (int)pick(dice, 1000);
        REFUSED(MQTTClient_connect, 0, handle, &options); break;
    case 2: memcpy(options.struct_id, "XXXX", 4); REFUSED(MQTTClient_connect, 0, handle, &options); break;
    case 3: will.topicName = once_in(dice, 2) ? "" : NULL; REFUSED(MQTTClient_connect, 0, handle, &options); break;
    case 4: will.topicName = "w", will.qos = 3; REFUSED(MQTTClient_connect, 0, handle, &options); break;
    case 5: REFUSED(MQTTClient_publish, 0, handle, NULL, 1, "x", 1, 0, &token); break;
    case 6: REFUSED(MQTTClient_publish, 0, handle, "a", -1, "x", 1, 0, &token); break;
    case 7: REFUSED(MQTTClient_publish, 0, handle, "a", 5, NULL, 1, 0, &token); break;
    case 8: REFUSED(MQTTClient_publish, 0, handle, "a", 1, "x", once_in(dice, 2) ? 3 : -1, 0, &token); break;
    case 9: REFUSED(MQTTClient_publish, 0, handle, "\xff\xfe", 1, "x", 1, 0, &token); break;
    case 10: message.struct_version = 2; REFUSED(MQTTClient_publishMessage, -8, handle, "a", &message, &token); break;
    case 11: REFUSED(MQTTClient_publishMessage, -6, handle, "a", NULL, &token); break;
    case 12: REFUSED(MQTTClient_subscribeMany, 0, handle, 2, topics, qos); break;
    case 13: REFUSED(MQTTClient_subscribeMany, 0, handle, 0, topics, qos); break;
    case 14: REFUSED(MQTTClient_receive, -6, handle, NULL, &length, &received, 1); break;
    default: REFUSED(MQTTClient_receive, -6, handle, &topic, NULL, &received, 1);
    }
    if (once_in(dice, 4)) {
        REFUSED(MQTTClient_getPendingDeliveryTokens, -6, handle, NULL);
        REFUSED(MQTTClient_setCallbacks, -1, handle, NULL, NULL, NULL, NULL);
        REFUSED(MQTTClient_setCommandTimeout, -1, handle, 100);
    }
}

static void async_bad_arguments(struct client *client, struct dice *dice)
{
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
    MQTTAsync_connectOptions options5 = MQTTAsync_connectOptions_initializer5;
    MQTTAsync_disconnectOptions disconnect = MQTTAsync_disconnectOptions_initializer;
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    MQTTAsync_willOptions will = MQTTAsync_willOptions_initializer;
    MQTTAsync_message message = MQTTAsync_message_initializer;
    char *topics[] = {"a", NULL};
    int qos[] = {0, 0};
    void *handle = GET(client->handle);
    if (GET(client->version) == 5)
        options = options5;
    options.onSuccess = response.onSuccess = disconnect.onSuccess = never_success;
    options.onFailure = response.onFailure = disconnect.onFailure = never_failure;
    switch (pick(dice, 17)) {
    case 0: REFUSED(MQTTAsync_connect, -6, handle, NULL); break;
    case 1: options.struct_version = once_in(dice, 2) ? -1 : 9 + (int)pick(dice, 1000);
        REFUSED(MQTTAsync_connect, -8, handle, &options); break;
    case 2: memcpy(options.struct_id, "XXXX", 4); REFUSED(MQTTAsync_connect, -8, handle, &options); break;
    case 3: will.topicName = once_in(dice, 2) ? "" : NULL, options.will = &will;
        REFUSED(MQTTAsync_connect, 0, handle, &options); break;
    case 4: will.topicName = "w", will.qos = 3, options.will = &will; REFUSED(MQTTAsync_connect, 0, handle, &options); break;
    case 5: options.MQTTVersion = 7; REFUSED(MQTTAsync_connect, 0, handle, &options); break;
    case 6: disconnect.struct_version = 2; REFUSED(MQTTAsync_disconnect, -8, handle, &disconnect); break;
    case 7: REFUSED(MQTTAsync_send, 0, handle, NULL, 1, "x", 1, 0, &response); break;
    case 8: REFUSED(MQTTAsync_send, 0, handle, "a", -1, "x", 1, 0, &response); break;
    case 9: REFUSED(MQTTAsync_send, 0, handle, "a", 5, NULL, 1, 0, &response); break;
    case 10: REFUSED(MQTTAsync_send, 0, handle, "a", 1, "x", once_in(dice, 2) ? 3 : -1, 0, &response); break;
    case 11: REFUSED(MQTTAsync_send, 0, handle, "\xff\xfe", 1, "x", 1, 0, &response); break;
    case 12: message.struct_version = 2; REFUSED(MQTTAsync_sendMessage, -8, handle, "a", &message, &response); break;
    case 13: REFUSED(MQTTAsync_sendMessage, -6, handle, "a", NULL, &response); break;
    case 14: REFUSED(MQTTAsync_subscribeMany, 0, handle, 2, topics, qos, &response); break;
    case 15: REFUSED(MQTTAsync_subscribeMany, 0, handle, 0, topics, qos, &response); break;
    default:
        if (GET(client->version) == 5) /* callbacks of the other version */
            REFUSED(MQTTAsync_send, 0, handle, "a", 1, "x", 1, 0, &response);
        else
            response.onSuccess5 = (MQTTAsync_onSuccess5 *)never_success,
            REFUSED(MQTTAsync_send, 0, handle, "a", 1, "x", 1, 0, &response);
    }
    if (once_in(dice, 4)) {
        REFUSED(MQTTAsync_getPendingTokens, -6, handle, NULL);
        REFUSED(MQTTAsync_setCallbacks, -1, handle, NULL, NULL, NULL, NULL);
    }
}

static void bad_creation(struct dice *dice)
{
    MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer;
    void *handle = NULL;
    if (library.has_sync)
        switch (pick(dice, 4)) {
        case 0: REFUSED(MQTTClient_create, -6, &handle, NULL, "x", MQTTCLIENT_PERSISTENCE_NONE, NULL); break;
        case 1: REFUSED(MQTTClient_create, -6, &handle, settings.uri, NULL, MQTTCLIENT_PERSISTENCE_NONE, NULL); break;
        case 2: REFUSED(MQTTClient_create, -14, &handle, "gopher://x", "x", MQTTCLIENT_PERSISTENCE_NONE, NULL); break;
        default: REFUSED(MQTTClient_create, -5, &handle, settings.uri, "\xc0", MQTTCLIENT_PERSISTENCE_NONE, NULL);
        }
    if (library.has_async)
        switch (pick(dice, 4)) {
        case 0: REFUSED(MQTTAsync_create, -6, &handle, NULL, "x", MQTTCLIENT_PERSISTENCE_NONE, NULL); break;
        case 1: REFUSED(MQTTAsync_create, -2, &handle, settings.uri, "x", 77, NULL); break;
        case 2: options.maxBufferedMessages = 0;
            REFUSED(MQTTAsync_createWithOptions, -19, &handle, settings.uri, "x", MQTTCLIENT_PERSISTENCE_NONE, NULL, &options);
            break;
        default: options.struct_version = 4;
            REFUSED(MQTTAsync_createWithOptions, -8, &handle, settings.uri, "x", MQTTCLIENT_PERSISTENCE_NONE, NULL, &options);
        }
    if (handle != NULL)
        finding("a create that was refused gives a handle");
}

static void harmless(struct dice *dice)
{
    MQTTClient_message *no_message = NULL;
    int code = (int)pick(dice, 200) - 120;
    if (library.has_sync) {
        CALL_VOID(MQTTClient_freeMessage, &no_message);
        CALL_VOID(MQTTClient_freeMessage, NULL);
        CALL_VOID(MQTTClient_free, NULL);
        CALL_VOID(MQTTClient_destroy, NULL);
        if (CALL(MQTTClient_strerror, code) == NULL || CALL(MQTTClient_getVersionInfo) == NULL)
            finding("a text is NULL");
    }
    if (library.has_async) {
        CALL_VOID(MQTTAsync_freeMessage, NULL);
        CALL_VOID(MQTTAsync_destroy, NULL);
        if (CALL(MQTTAsync_strerror, code) == NULL || CALL(MQTTAsync_getVersionInfo) == NULL)
            finding("a text is NULL");
    }
}

void misuse(struct dice *dice)
{
    struct client *client = GET(places[pick(dice, PLACES)]);
    int asynchronous = library.has_async && (!library.has_sync || once_in(dice, 2));
    unsigned choice = pick(dice, 8);
    void *bad = once_in(dice, 3) ? stale(dice) : bad_handle(dice, asynchronous);
    ADD(figures.misuses, 1);
    used = 0;
    if (choice < 4) {
        if (asynchronous)
            async_without_client(bad, dice);
        else
            sync_without_client(bad, dice);
    } else if (choice < 6 && client != NULL && client_is(client, LIVE)) {
        used = client_name(client) + 1;
        if (GET(client->asynchronous))
            async_bad_arguments(client, dice);
        else
            sync_bad_arguments(client, dice);
    } else if (choice == 6) {
        bad_creation(dice);
    } else {
        harmless(dice);
    }
}
