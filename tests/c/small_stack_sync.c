/* Every call of the synchronous interface on a thread with a small stack. */

#include "small_stack.h"
#include "MQTTClient.h"
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

static MQTTClient client;
static int has_callbacks;

static int arrived(void *context, char *name, int length, MQTTClient_message *message)
{
    (void)context;
    (void)length;
    MQTTClient_freeMessage(&message);
    MQTTClient_free(name);
    sem_post(&happened);
    return 1;
}

static void lost(void *context, char *cause)
{
    (void)context;
    (void)cause;
}

static void disconnected(void *context, MQTTProperties *properties, enum MQTTReasonCodes reason)
{
    (void)context;
    (void)properties;
    (void)reason;
}

static void published(void *context, int token, int type, MQTTProperties *properties, enum MQTTReasonCodes reason)
{
    (void)context;
    (void)token;
    (void)type;
    (void)properties;
    (void)reason;
}

static void delivered(void *context, MQTTClient_deliveryToken token)
{
    (void)context;
    (void)token;
}

/* Where OpenSSL is at work. */
static pthread_t thread_of_tls;

static int note_thread(const char *text, size_t length, void *context)
{
    (void)text;
    (void)length;
    (void)context;
    thread_of_tls = pthread_self();
    return 0;
}

static void create_and_destroy(void)
{
    MQTTClient other;
    CHECK(MQTTClient_create(&other, uri, id, MQTTCLIENT_PERSISTENCE_NONE, NULL) == 0);
    MQTTClient_destroy(&other);
}

static void create(void)
{
    MQTTClient_createOptions options = MQTTClient_createOptions_initializer;
    options.MQTTVersion = version;
    CHECK(MQTTClient_createWithOptions(&client, uri, id, keeps ? MQTTCLIENT_PERSISTENCE_DEFAULT : MQTTCLIENT_PERSISTENCE_NONE,
                                       (void *)directory, &options) == 0);
}

static void set_callbacks(void)
{
    CHECK(MQTTClient_setCallbacks(client, NULL, lost, arrived, delivered) == 0);
    CHECK(MQTTClient_setDisconnected(client, NULL, disconnected) == 0);
    CHECK(MQTTClient_setPublished(client, NULL, published) == 0);
}

static int connect_with(const char *trusted, const char *server)
{
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
    MQTTClient_connectOptions options5 = MQTTClient_connectOptions_initializer5;
    MQTTClient_SSLOptions tls = MQTTClient_SSLOptions_initializer;
    MQTTClient_willOptions will = MQTTClient_willOptions_initializer;
    MQTTProperties properties = MQTTProperties_initializer;
    MQTTProperty property = {.identifier = MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL, .value.integer4 = 60};
    MQTTResponse response;
    char *servers[] = {(char *)server};
    if (version == MQTTVERSION_5)
        options = options5;
    tls.struct_version = 5;
    tls.trustStore = trusted;
    tls.enableServerCertAuth = 1;
    tls.ssl_error_cb = note_thread;
    will.topicName = "small/will";
    will.message = "gone";
    options.will = &will;
    options.username = "somebody";
    options.password = "secret";
    options.ssl = is_encrypted() ? &tls : NULL;
    options.serverURIs = servers;
    options.serverURIcount = 1;
    if (version != MQTTVERSION_5)
        return MQTTClient_connect(client, &options);
    MQTTProperties_add(&properties, &property);
    response = MQTTClient_connect5(client, &options, &properties, NULL);
    MQTTProperties_free(&properties);
    MQTTResponse_free(response);
    return response.reasonCode;
}

static void connect_first(void)
{
    CHECK(connect_with(authority, uri) == 0);
}

static void connect_again(void)
{
    CHECK(connect_with(authority, uri) == 0);
}

static int is_done_here(void)
{
    return pthread_equal(thread_of_tls, pthread_self());
}

static void connect_to_a_stranger(void)
{
    thread_of_tls = pthread_self();
    CHECK(connect_with(NULL, uri) == -1);
    CHECK(!is_done_here());
}

static void connect_to_a_stranger_with_enough_stack(void)
{
    thread_of_tls = 0;
    CHECK(connect_with(NULL, uri) == -1);
    CHECK(is_done_here());
}

static int listener;
static char silent_uri[50];

static void listen_in_silence(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, length) != 0 || listen(listener, 1) != 0
        || getsockname(listener, (struct sockaddr *)&address, &length) != 0)
        exit(3);
    snprintf(silent_uri, sizeof silent_uri, "ssl://127.0.0.1:%d", ntohs(address.sin_port));
}

/* The handshake has begun when its first byte has come. */
static void *disconnect_meanwhile(void *unused)
{
    char byte;
    int connection = accept(listener, NULL, NULL);
    if (recv(connection, &byte, 1, 0) == 1)
        MQTTClient_disconnect(client, 0);
    close(connection);
    return unused;
}

static void connect_until_disconnected(void)
{
    pthread_t thread;
    time_t begin = time(NULL);
    listen_in_silence();
    if (pthread_create(&thread, NULL, disconnect_meanwhile, NULL) != 0)
        exit(3);
    CHECK(connect_with(authority, silent_uri) == -1);
    CHECK(time(NULL) - begin < 20);
    pthread_join(thread, NULL);
    close(listener);
}

static void connect_to_nobody(void)
{
    CHECK(connect_with(authority, is_encrypted() ? "ssl://127.0.0.1:1" : "tcp://127.0.0.1:1") == -1);
}

static void subscribe(void)
{
    char *topics[] = {topic, "small/other"};
    int qos[] = {2, 1};
    MQTTSubscribe_options options = MQTTSubscribe_options_initializer, many[2];
    if (version != MQTTVERSION_5)
    {
        CHECK(MQTTClient_subscribe(client, topic, 2) == 0);
        CHECK(MQTTClient_subscribeMany(client, 2, topics, qos) == 0);
        return;
    }
    many[0] = many[1] = options;
    MQTTResponse_free(MQTTClient_subscribe5(client, topic, 2, &options, NULL));
    MQTTResponse_free(MQTTClient_subscribeMany5(client, 2, topics, qos, many, NULL));
}

static void publish(void)
{
    int qos, token = 0;
    MQTTClient_message message = MQTTClient_message_initializer;
    message.payload = payload;
    message.payloadlen = sizeof payload;
    for (qos = 0; qos < 3; qos++)
    {
        message.qos = qos;
        if (version == MQTTVERSION_5)
        {
            MQTTResponse_free(MQTTClient_publish5(client, topic, sizeof payload, payload, qos, 0, NULL, &token));
            MQTTResponse_free(MQTTClient_publishMessage5(client, topic, &message, &token));
        }
        else
        {
            CHECK(MQTTClient_publish(client, topic, sizeof payload, payload, qos, 0, &token) == 0);
            CHECK(MQTTClient_publishMessage(client, topic, &message, &token) == 0);
        }
        if (qos > 0)
            CHECK(MQTTClient_waitForCompletion(client, token, 30000) == 0);
    }
}

static void receive(void)
{
    int count;
    for (count = 0; count < 6; count++)
    {
        char *name = NULL;
        int length = 0;
        MQTTClient_message *message = NULL;
        CHECK(MQTTClient_receive(client, &name, &length, &message, 30000) == 0 && message != NULL);
        if (message == NULL)
            return;
        MQTTClient_freeMessage(&message);
        MQTTClient_free(name);
    }
}

static void ask(void)
{
    MQTTClient_deliveryToken *tokens = NULL;
    MQTTProperties properties = MQTTProperties_initializer, copy;
    MQTTProperty property = {.identifier = MQTTPROPERTY_CODE_USER_PROPERTY};
    property.value.data.data = property.value.value.data = "text";
    property.value.data.len = property.value.value.len = 4;
    CHECK(MQTTClient_isConnected(client));
    CHECK(MQTTClient_getPendingDeliveryTokens(client, &tokens) == 0);
    MQTTClient_free(tokens);
    MQTTClient_yield();
    CHECK(MQTTClient_getVersionInfo() != NULL);
    CHECK(MQTTClient_strerror(-1) != NULL);
    CHECK(MQTTReasonCode_toString(MQTTREASONCODE_SUCCESS) != NULL);
    CHECK(MQTTPropertyName(MQTTPROPERTY_CODE_USER_PROPERTY) != NULL);
    CHECK(MQTTProperties_add(&properties, &property) == 0);
    copy = MQTTProperties_copy(&properties);
    CHECK(MQTTProperties_len(&copy) > 0);
    CHECK(MQTTProperties_getPropertyAt(&copy, MQTTPROPERTY_CODE_USER_PROPERTY, 0) != NULL);
    MQTTProperties_free(&copy);
    MQTTProperties_free(&properties);
    MQTTClient_free(MQTTClient_malloc(10));
}

static void unsubscribe(void)
{
    char *topics[] = {topic, "small/other"};
    if (version != MQTTVERSION_5)
    {
        CHECK(MQTTClient_unsubscribe(client, topic) == 0);
        CHECK(MQTTClient_unsubscribeMany(client, 2, topics) == 0);
        return;
    }
    MQTTResponse_free(MQTTClient_unsubscribe5(client, topic, NULL));
    MQTTResponse_free(MQTTClient_unsubscribeMany5(client, 2, topics, NULL));
}

static void disconnect(void)
{
    if (version == MQTTVERSION_5)
        CHECK(MQTTClient_disconnect5(client, 1000, MQTTREASONCODE_NORMAL_DISCONNECTION, NULL) == 0);
    else
        CHECK(MQTTClient_disconnect(client, 1000) == 0);
}

static void destroy(void)
{
    MQTTClient_destroy(&client);
}

static void trace(enum MQTTCLIENT_TRACE_LEVELS level, char *text)
{
    (void)level;
    (void)text;
}

static void set_trace(void)
{
    MQTTClient_setTraceCallback(trace);
    MQTTClient_setTraceLevel(MQTTCLIENT_TRACE_MAXIMUM);
}

static void end_trace(void)
{
    MQTTClient_setTraceCallback(NULL);
}

static void initialize(void)
{
    MQTTClient_init_options options = MQTTClient_init_options_initializer;
    options.do_openssl_init = 1;
    MQTTClient_global_init(&options);
}

static void one_life(void)
{
    int count;
    RUN(create);
    if (has_callbacks)
        RUN(set_callbacks);
    RUN(connect_to_nobody);
    if (is_encrypted())
    {
        RUN(connect_to_a_stranger);
        connect_to_a_stranger_with_enough_stack();
        RUN(connect_until_disconnected);
    }
    RUN(connect_first);
    RUN(subscribe);
    RUN(publish);
    for (count = 0; has_callbacks && count < 6; count++)
        CHECK(await());
    if (!has_callbacks)
        RUN(receive);
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
        for (has_callbacks = 0; has_callbacks < 2; has_callbacks++)
            for (keeps = 0; keeps < 2; keeps++)
            {
                printf("-- version %d, callbacks %d, store %d\n", version, has_callbacks, keeps);
                one_life();
            }
    printf("-- traced\n");
    RUN(set_trace);
    version = MQTTVERSION_5;
    has_callbacks = keeps = 1;
    one_life();
    RUN(end_trace);
    return 0;
}
