/* What handles are besides names of clients.
 *
 *   handles LIBRARY context URI      passes a handle as the callbacks' context by mistake and reads through it
 *   handles LIBRARY rotation COUNT   creates and destroys so many clients; no value may come twice, and none that is gone
 *                                    may be valid
 */

#include "MQTTClient.h"

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READABLE 512

#define FUNCTION(name) static __typeof__(MQTTClient_##name) *name
FUNCTION(create);
FUNCTION(setCallbacks);
FUNCTION(connect);
FUNCTION(subscribe);
FUNCTION(publish);
FUNCTION(isConnected);
FUNCTION(disconnect);
FUNCTION(destroy);
static __typeof__(MQTTClient_free) *free_text;
FUNCTION(freeMessage);

/* As an application's own type would be, which it believes to get. */
struct application {
    char bytes[READABLE];
};

static int arrived[2];

static void check(int is_right, const char *what)
{
    if (!is_right) {
        fprintf(stderr, "wrong: %s\n", what);
        _exit(1);
    }
}

static void *symbol(void *library, const char *name)
{
    void *found = dlsym(library, name);
    check(found != NULL, name);
    return found;
}

#define LOAD(name) (*(void **)&name = symbol(library, "MQTTClient_" #name))

static void load(const char *path)
{
    void *library = dlopen(path, RTLD_NOW);
    check(library != NULL, path);
    LOAD(create);
    LOAD(setCallbacks);
    LOAD(connect);
    LOAD(subscribe);
    LOAD(publish);
    LOAD(isConnected);
    LOAD(disconnect);
    LOAD(destroy);
    LOAD(freeMessage);
    *(void **)&free_text = symbol(library, "MQTTClient_free");
}

static int message_arrived(void *context, char *topic, int length, MQTTClient_message *message)
{
    struct application *application = context, copy = *application;
    (void)length;
    for (size_t i = 0; i < sizeof copy; i++)
        check(copy.bytes[i] == 0, "the bytes behind the handle");
    freeMessage(&message);
    free_text(topic);
    check(write(arrived[1], "", 1) == 1, "the pipe");
    return 1;
}

static void as_context(const char *uri)
{
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
    MQTTClient client;
    char byte;
    check(pipe(arrived) == 0, "the pipe");
    check(create(&client, uri, "handles", MQTTCLIENT_PERSISTENCE_NONE, NULL) == 0, "create");
    check(setCallbacks(client, client, NULL, message_arrived, NULL) == 0, "setCallbacks");
    check(connect(client, &options) == 0, "connect");
    check(subscribe(client, "handles", 1) == 1 || isConnected(client), "subscribe");
    check(publish(client, "handles", 1, "x", 1, 0, NULL) == 0, "publish");
    check(read(arrived[0], &byte, 1) == 1, "the message");
    check(disconnect(client, 1000) == 0, "disconnect");
    destroy(&client);
}

static int compare(const void *left, const void *right)
{
    uintptr_t a = *(const uintptr_t *)left, b = *(const uintptr_t *)right;
    return (a > b) - (a < b);
}

static void in_rotation(long count)
{
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
    uintptr_t *seen = calloc((size_t)count, sizeof *seen);
    MQTTClient stays, first;
    check(create(&stays, "tcp://127.0.0.1:1", "stays", MQTTCLIENT_PERSISTENCE_NONE, NULL) == 0, "create");
    for (long i = 0; i < count; i++) {
        MQTTClient client, stale;
        check(create(&client, "tcp://127.0.0.1:1", "goes", MQTTCLIENT_PERSISTENCE_NONE, NULL) == 0, "create");
        check((uintptr_t)client % 16 == 0, "the distance of handles");
        check(client != stays, "a handle in use");
        seen[i] = (uintptr_t)client;
        stale = client;
        destroy(&client);
        check(isConnected(stale) == 0 && disconnect(stale, 0) == -1 && connect(stale, &options) == -6,
              "a handle that is gone");
        destroy(&stale);
    }
    first = (MQTTClient)seen[0];
    check(disconnect(first, 0) == -1, "the first one");
    qsort(seen, (size_t)count, sizeof *seen, compare);
    for (long i = 1; i < count; i++)
        check(seen[i - 1] != seen[i], "a value that returned");
    check(disconnect(stays, 0) != -1 || isConnected(stays) == 0, "the one that stays");
    destroy(&stays);
}

int main(int argc, char **argv)
{
    check(argc == 4, "the arguments");
    load(argv[1]);
    if (strcmp(argv[2], "context") == 0)
        as_context(argv[3]);
    else
        in_rotation(atol(argv[3]));
    return 0;
}
