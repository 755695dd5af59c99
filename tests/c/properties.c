/* One thing with many properties, for Valgrind to count the instructions.
 *
 *   properties LIBRARY WHAT COUNT
 *
 * WHAT: receive, receive-async: a message that has them; connack: the answer to connect; publish: a message of our own;
 * add: MQTTProperties_add, copy and free, without a connection.
 */

#define _GNU_SOURCE
#include "MQTTAsync.h"
#include "MQTTClient.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LIMIT_MS 600000
#define PROPERTY "\x26\0\1a\0\1b"
#define PROPERTY_LENGTH 7

#define FUNCTION(name) static __typeof__(name) *name##_
FUNCTION(MQTTClient_createWithOptions);
FUNCTION(MQTTClient_connect5);
FUNCTION(MQTTClient_receive);
FUNCTION(MQTTClient_publishMessage5);
FUNCTION(MQTTClient_freeMessage);
FUNCTION(MQTTClient_free);
FUNCTION(MQTTClient_destroy);
FUNCTION(MQTTAsync_createWithOptions);
FUNCTION(MQTTAsync_setCallbacks);
FUNCTION(MQTTAsync_connect);
FUNCTION(MQTTAsync_freeMessage);
FUNCTION(MQTTAsync_free);
FUNCTION(MQTTAsync_destroy);
FUNCTION(MQTTProperties_add);
FUNCTION(MQTTProperties_copy);
FUNCTION(MQTTProperties_free);
FUNCTION(MQTTResponse_free);

static int count, in_connack, in_publish, listener;
static char uri[64];
static sem_t finished;

static void check(int is_right, const char *what, int code)
{
    if (is_right)
        return;
    fprintf(stderr, "%s: %d\n", what, code);
    exit(1);
}

static void load(const char *path, int is_asynchronous)
{
    void *library = dlopen(path, RTLD_NOW);
    check(library != NULL, dlerror(), 0);
#define LOAD(name) check((*(void **)&name##_ = dlsym(library, #name)) != NULL, #name, 0)
    if (is_asynchronous) {
        LOAD(MQTTAsync_createWithOptions);
        LOAD(MQTTAsync_setCallbacks);
        LOAD(MQTTAsync_connect);
        LOAD(MQTTAsync_freeMessage);
        LOAD(MQTTAsync_free);
        LOAD(MQTTAsync_destroy);
        return;
    }
    LOAD(MQTTClient_createWithOptions);
    LOAD(MQTTClient_connect5);
    LOAD(MQTTClient_receive);
    LOAD(MQTTClient_publishMessage5);
    LOAD(MQTTClient_freeMessage);
    LOAD(MQTTClient_free);
    LOAD(MQTTClient_destroy);
    LOAD(MQTTProperties_add);
    LOAD(MQTTProperties_copy);
    LOAD(MQTTProperties_free);
    LOAD(MQTTResponse_free);
}

/* ---- The server: CONNACK and PUBLISH, with so many properties each. ---- */

static size_t put_length(unsigned char *to, size_t length)
{
    size_t size = 0;
    do {
        to[size++] = (unsigned char)((length & 127) | (length > 127 ? 128 : 0));
        length >>= 7;
    } while (length > 0);
    return size;
}

static void send_packet(int socket, unsigned char type, const char *begin, size_t size, int properties)
{
    unsigned char length[4], *packet = malloc((size_t)properties * PROPERTY_LENGTH + 64), *end = packet;
    size_t all = (size_t)properties * PROPERTY_LENGTH, width = put_length(length, all);
    *end++ = type;
    end += put_length(end, size + width + all);
    memcpy(end, begin, size), end += size;
    memcpy(end, length, width), end += width;
    for (int i = 0; i < properties; i++, end += PROPERTY_LENGTH)
        memcpy(end, PROPERTY, PROPERTY_LENGTH);
    for (unsigned char *at = packet; at < end;) {
        ssize_t sent = send(socket, at, (size_t)(end - at), MSG_NOSIGNAL);
        check(sent > 0, "send", (int)sent);
        at += sent;
    }
    free(packet);
}

static void *serve(void *unused)
{
    static unsigned char bytes[65536];
    int socket = accept(listener, NULL, NULL);
    (void)unused;
    check(recv(socket, bytes, sizeof bytes, 0) > 0, "CONNECT", 0);
    send_packet(socket, 0x20, "\0\0", 2, in_connack);
    if (in_publish > 0)
        send_packet(socket, 0x30, "\0\1t", 3, in_publish);
    while (recv(socket, bytes, sizeof bytes, 0) > 0)
        ;
    close(socket);
    return NULL;
}

static void start_server(void)
{
    pthread_t thread;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    listener = socket(AF_INET, SOCK_STREAM, 0);
    check(bind(listener, (struct sockaddr *)&address, length) == 0, "bind", 0);
    check(listen(listener, 1) == 0, "listen", 0);
    getsockname(listener, (struct sockaddr *)&address, &length);
    snprintf(uri, sizeof uri, "tcp://127.0.0.1:%d", ntohs(address.sin_port));
    pthread_create(&thread, NULL, serve, NULL);
}

/* ---- The clients ---- */

static void have(int is)
{
    check(is == count, "number of properties", is);
}

static MQTTProperties many(void)
{
    MQTTProperties properties = MQTTProperties_initializer;
    MQTTProperty property = {.identifier = MQTTPROPERTY_CODE_USER_PROPERTY};
    property.value.data = (MQTTLenString){1, "a"};
    property.value.value = (MQTTLenString){1, "b"};
    for (int i = 0; i < count; i++)
        check(MQTTProperties_add_(&properties, &property) == 0, "add", i);
    return properties;
}

static void add(void)
{
    MQTTProperties properties = many(), copy = MQTTProperties_copy_(&properties);
    have(copy.count);
    MQTTProperties_free_(&copy);
    MQTTProperties_free_(&properties);
}

static void synchronous(const char *what)
{
    MQTTClient client;
    MQTTClient_createOptions creation = MQTTClient_createOptions_initializer;
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer5;
    creation.MQTTVersion = options.MQTTVersion = MQTTVERSION_5;
    options.connectTimeout = LIMIT_MS / 1000;
    MQTTClient_createWithOptions_(&client, uri, "c", MQTTCLIENT_PERSISTENCE_NONE, NULL, &creation);
    MQTTResponse response = MQTTClient_connect5_(client, &options, NULL, NULL);
    check(response.reasonCode == MQTTREASONCODE_SUCCESS, "connect", (int)response.reasonCode);
    if (in_connack > 0)
        have(response.properties->count);
    MQTTResponse_free_(response);
    if (in_publish > 0) {
        MQTTClient_message *message = NULL;
        char *topic;
        int length, code = MQTTClient_receive_(client, &topic, &length, &message, LIMIT_MS);
        check(message != NULL, "receive", code);
        have(message->properties.count);
        MQTTClient_freeMessage_(&message);
        MQTTClient_free_(topic);
    }
    if (strcmp(what, "publish") == 0) {
        MQTTClient_message message = MQTTClient_message_initializer;
        message.properties = many();
        response = MQTTClient_publishMessage5_(client, "t", &message, NULL);
        check(response.reasonCode == MQTTREASONCODE_SUCCESS, "publish", (int)response.reasonCode);
        MQTTProperties_free_(&message.properties);
    }
    MQTTClient_destroy_(&client);
}

static int arrived(void *context, char *topic, int length, MQTTAsync_message *message)
{
    (void)context, (void)length;
    have(message->properties.count);
    MQTTAsync_freeMessage_(&message);
    MQTTAsync_free_(topic);
    sem_post(&finished);
    return 1;
}

static void asynchronous(void)
{
    MQTTAsync client;
    MQTTAsync_createOptions creation = MQTTAsync_createOptions_initializer5;
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer5;
    options.connectTimeout = LIMIT_MS / 1000;
    sem_init(&finished, 0, 0);
    MQTTAsync_createWithOptions_(&client, uri, "c", MQTTCLIENT_PERSISTENCE_NONE, NULL, &creation);
    MQTTAsync_setCallbacks_(client, NULL, NULL, arrived, NULL);
    int code = MQTTAsync_connect_(client, &options);
    check(code == 0, "connect", code);
    sem_wait(&finished);
    MQTTAsync_destroy_(&client);
}

int main(int argc, char **argv)
{
    check(argc == 4, "arguments", argc);
    load(argv[1], strcmp(argv[2], "receive-async") == 0);
    count = atoi(argv[3]);
    if (strcmp(argv[2], "add") == 0) {
        add();
        return 0;
    }
    in_connack = strcmp(argv[2], "connack") == 0 ? count : 0;
    in_publish = strncmp(argv[2], "receive", 7) == 0 ? count : 0;
    start_server();
    if (strcmp(argv[2], "receive-async") == 0)
        asynchronous();
    else
        synchronous(argv[2]);
    return 0;
}
