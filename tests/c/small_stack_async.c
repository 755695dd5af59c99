/* Every call of the asynchronous interface on a thread with a small stack. */

#include "small_stack.h"
#include "MQTTAsync.h"

static MQTTAsync client;
static MQTTAsync_token token;
static int is_success;

static void success(void *context, MQTTAsync_successData *response)
{
    (void)context;
    (void)response;
    is_success = 1;
    sem_post(&happened);
}

static void failure(void *context, MQTTAsync_failureData *response)
{
    (void)context;
    (void)response;
    is_success = 0;
    sem_post(&happened);
}

static void success5(void *context, MQTTAsync_successData5 *response)
{
    (void)response;
    success(context, NULL);
}

static void failure5(void *context, MQTTAsync_failureData5 *response)
{
    (void)response;
    failure(context, NULL);
}

static int arrived(void *context, char *name, int length, MQTTAsync_message *message)
{
    (void)context;
    (void)length;
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(name);
    return 1;
}

static void told(void *context, char *cause)
{
    (void)context;
    (void)cause;
}

static void connected(void *context, char *cause)
{
    told(context, cause);
    sem_post(&happened);
}

static void disconnected(void *context, MQTTProperties *properties, enum MQTTReasonCodes reason)
{
    (void)context;
    (void)properties;
    (void)reason;
}

static void delivered(void *context, MQTTAsync_token number)
{
    (void)context;
    (void)number;
}

static int update(void *context, MQTTAsync_connectData *data)
{
    (void)context;
    (void)data;
    return 0;
}

static int pass(void *context, int count, char *buffers[], int lengths[])
{
    (void)context;
    (void)count;
    (void)buffers;
    (void)lengths;
    return 0;
}

static int pass_back(void *context, char **buffer, int *length)
{
    (void)context;
    (void)buffer;
    (void)length;
    return 0;
}

static int print_nothing(const char *text, size_t length, void *context)
{
    (void)text;
    (void)length;
    (void)context;
    return 0;
}

static void create_and_destroy(void)
{
    MQTTAsync other;
    CHECK(MQTTAsync_create(&other, uri, id, MQTTCLIENT_PERSISTENCE_NONE, NULL) == 0);
    MQTTAsync_destroy(&other);
}

static void create(void)
{
    MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer;
    options.MQTTVersion = version;
    options.sendWhileDisconnected = 1;
    CHECK(MQTTAsync_createWithOptions(&client, uri, id, keeps ? MQTTCLIENT_PERSISTENCE_DEFAULT : MQTTCLIENT_PERSISTENCE_NONE,
                                      (void *)directory, &options) == 0);
}

static void set_callbacks(void)
{
    CHECK(MQTTAsync_setBeforePersistenceWrite(client, NULL, pass) == 0);
    CHECK(MQTTAsync_setAfterPersistenceRead(client, NULL, pass_back) == 0);
    CHECK(MQTTAsync_setCallbacks(client, NULL, told, arrived, delivered) == 0);
    CHECK(MQTTAsync_setConnectionLostCallback(client, NULL, told) == 0);
    CHECK(MQTTAsync_setMessageArrivedCallback(client, NULL, arrived) == 0);
    CHECK(MQTTAsync_setDeliveryCompleteCallback(client, NULL, delivered) == 0);
    CHECK(MQTTAsync_setConnected(client, NULL, NULL) == 0);
    CHECK(MQTTAsync_setDisconnected(client, NULL, disconnected) == 0);
    CHECK(MQTTAsync_setUpdateConnectOptions(client, NULL, update) == 0);
}

static int connect_with(const char *trusted, const char *server)
{
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
    MQTTAsync_connectOptions options5 = MQTTAsync_connectOptions_initializer5;
    MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;
    MQTTAsync_willOptions will = MQTTAsync_willOptions_initializer;
    MQTTProperties properties = MQTTProperties_initializer;
    MQTTProperty property = {.identifier = MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL, .value.integer4 = 60};
    char *servers[] = {(char *)server};
    int result;
    if (version == MQTTVERSION_5)
    {
        options = options5;
        MQTTProperties_add(&properties, &property);
        options.connectProperties = &properties;
        options.onSuccess5 = success5;
        options.onFailure5 = failure5;
    }
    else
    {
        options.onSuccess = success;
        options.onFailure = failure;
    }
    tls.struct_version = 5;
    tls.trustStore = trusted;
    tls.enableServerCertAuth = 1;
    tls.ssl_error_cb = print_nothing;
    will.topicName = "small/will";
    will.message = "gone";
    options.will = &will;
    options.username = "somebody";
    options.password = "secret";
    options.ssl = is_encrypted() ? &tls : NULL;
    options.serverURIs = servers;
    options.serverURIcount = 1;
    result = MQTTAsync_connect(client, &options);
    MQTTProperties_free(&properties);
    return result == 0 && await();
}

static void connect_first(void)
{
    CHECK(connect_with(authority, uri) && is_success);
}

static void connect_to_a_stranger(void)
{
    CHECK(connect_with(NULL, uri) && !is_success);
}

static void connect_to_nobody(void)
{
    CHECK(connect_with(authority, is_encrypted() ? "ssl://127.0.0.1:1" : "tcp://127.0.0.1:1") && !is_success);
}

static void connect_again(void)
{
    CHECK(MQTTAsync_setConnected(client, NULL, connected) == 0);
    CHECK(MQTTAsync_reconnect(client) == 0 && await());
    CHECK(MQTTAsync_setConnected(client, NULL, NULL) == 0);
}

static MQTTAsync_responseOptions asked(void)
{
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
    if (version == MQTTVERSION_5)
    {
        options.onSuccess5 = success5;
        options.onFailure5 = failure5;
    }
    else
    {
        options.onSuccess = success;
        options.onFailure = failure;
    }
    return options;
}

static void subscribe(void)
{
    char *topics[] = {topic, "small/other"};
    int qos[] = {2, 1};
    MQTTAsync_responseOptions options = asked();
    CHECK(MQTTAsync_subscribe(client, topic, 2, &options) == 0 && await() && is_success);
    options = asked();
    CHECK(MQTTAsync_subscribeMany(client, 2, topics, qos, &options) == 0 && await() && is_success);
}

static void send_messages(void)
{
    int qos;
    MQTTAsync_message message = MQTTAsync_message_initializer;
    message.payload = payload;
    message.payloadlen = sizeof payload;
    for (qos = 0; qos < 3; qos++)
    {
        MQTTAsync_responseOptions options = asked();
        CHECK(MQTTAsync_send(client, topic, sizeof payload, payload, qos, 0, &options) == 0 && await() && is_success);
        options = asked();
        message.qos = qos;
        CHECK(MQTTAsync_sendMessage(client, topic, &message, &options) == 0 && await() && is_success);
        token = options.token;
    }
}

static void ask(void)
{
    MQTTAsync_token *tokens = NULL;
    CHECK(MQTTAsync_isConnected(client));
    CHECK(MQTTAsync_waitForCompletion(client, token, 30000) == 0);
    CHECK(MQTTAsync_isComplete(client, token));
    CHECK(MQTTAsync_getPendingTokens(client, &tokens) == 0);
    MQTTAsync_free(tokens);
    CHECK(MQTTAsync_getVersionInfo() != NULL);
    CHECK(MQTTAsync_strerror(-1) != NULL);
    MQTTAsync_free(MQTTAsync_malloc(10));
}

static void unsubscribe(void)
{
    char *topics[] = {topic, "small/other"};
    MQTTAsync_responseOptions options = asked();
    CHECK(MQTTAsync_unsubscribe(client, topic, &options) == 0 && await() && is_success);
    options = asked();
    CHECK(MQTTAsync_unsubscribeMany(client, 2, topics, &options) == 0 && await() && is_success);
}

static void disconnect(void)
{
    MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer;
    MQTTAsync_disconnectOptions options5 = MQTTAsync_disconnectOptions_initializer5;
    if (version == MQTTVERSION_5)
    {
        options = options5;
        options.onSuccess5 = success5;
    }
    else
        options.onSuccess = success;
    options.timeout = 1000;
    CHECK(MQTTAsync_disconnect(client, &options) == 0 && await());
}

static void destroy(void)
{
    MQTTAsync_destroy(&client);
}

static void trace(enum MQTTASYNC_TRACE_LEVELS level, char *text)
{
    (void)level;
    (void)text;
}

static void set_trace(void)
{
    MQTTAsync_setTraceCallback(trace);
    MQTTAsync_setTraceLevel(MQTTASYNC_TRACE_MAXIMUM);
}

static void end_trace(void)
{
    MQTTAsync_setTraceCallback(NULL);
}

static void initialize(void)
{
    MQTTAsync_init_options options = MQTTAsync_init_options_initializer;
    options.do_openssl_init = 1;
    MQTTAsync_global_init(&options);
}

static void one_life(void)
{
    RUN(create);
    RUN(set_callbacks);
    RUN(connect_to_nobody);
    if (is_encrypted())
        RUN(connect_to_a_stranger);
    RUN(connect_first);
    RUN(subscribe);
    RUN(send_messages);
    RUN(ask);
    RUN(unsubscribe);
    RUN(disconnect);
    RUN(connect_again);
    RUN(disconnect);
    RUN(destroy);
}

int main(int count, char **arguments)
{
    take_arguments(count, arguments);
    RUN(initialize);
    RUN(create_and_destroy);
    for (version = MQTTVERSION_3_1_1; version <= MQTTVERSION_5; version++)
        for (keeps = 0; keeps < 2; keeps++)
        {
            printf("-- version %d, store %d\n", version, keeps);
            one_life();
        }
    printf("-- traced\n");
    RUN(set_trace);
    version = MQTTVERSION_5;
    keeps = 1;
    one_life();
    RUN(end_trace);
    return 0;
}
