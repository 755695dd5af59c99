/* Cancels threads that are inside the API. Each ends as cancelled when its call returns, and the client can be used on.
 *
 *   cancel LIBRARY URI        the server there does not answer what is about the topic "silent"
 */

#define _GNU_SOURCE
#include "MQTTAsync.h"
#include "MQTTClient.h"

#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *library;
static MQTTClient client;
static MQTTAsync sender;
static sem_t entered;

static void check(int holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "%s\n", what);
        _Exit(1);
    }
}

static void *symbol(const char *name)
{
    void *found = dlsym(library, name);
    check(found != NULL, name);
    return found;
}

#define CALL(name) ((__typeof__(&name))symbol(#name))

static void *receives(void *unused)
{
    char *topic;
    int length;
    MQTTClient_message *message;
    sem_post(&entered);
    for (;;)
        CALL(MQTTClient_receive)(client, &topic, &length, &message, 300);
    return unused;
}

static void *waits(void *unused)
{
    sem_post(&entered);
    for (;;)
        CALL(MQTTClient_waitForCompletion)(client, 1, 300);
    return unused;
}

static void *publishes(void *unused)
{
    sem_post(&entered);
    for (;;)
        CALL(MQTTClient_publish)(client, "t", 1, "x", 0, 0, NULL);
    return unused;
}

static void *connects(void *unused)
{
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
    sem_post(&entered);
    for (;;)
        CALL(MQTTClient_connect)(client, &options);
    return unused;
}

static void *sends(void *unused)
{
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
    sem_post(&entered);
    for (;;)
        CALL(MQTTAsync_send)(sender, "t", 1, "x", 0, 0, &options);
    return unused;
}

static void cancel(void *(*work)(void *), const char *name)
{
    pthread_t thread;
    void *result = NULL;
    check(pthread_create(&thread, NULL, work, NULL) == 0, "pthread_create");
    sem_wait(&entered);
    check(pthread_cancel(thread) == 0, "pthread_cancel");
    check(pthread_join(thread, &result) == 0, "pthread_join");
    check(result == PTHREAD_CANCELED, name);
    printf("%s\n", name);
}

static void connected(void *context, char *cause)
{
    (void)context, (void)cause;
    sem_post(&entered);
}

static void try_synchronous(const char *uri, int has_callbacks)
{
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
    MQTTClient_deliveryToken token;
    check(CALL(MQTTClient_create)(&client, uri, "cancel", MQTTCLIENT_PERSISTENCE_NONE, NULL) == 0, "create");
    if (has_callbacks) {
        MQTTClient_messageArrived *arrived = (MQTTClient_messageArrived *)symbol("MQTTClient_freeMessage");
        check(CALL(MQTTClient_setCallbacks)(client, NULL, NULL, arrived, NULL) == 0, "setCallbacks");
    }
    options.maxInflightMessages = 2;
    check(CALL(MQTTClient_connect)(client, &options) == 0, "connect");
    check(CALL(MQTTClient_publish)(client, "silent", 1, "x", 1, 0, &token) == 0 && token == 1, "publish");
    cancel(receives, "receive");
    cancel(waits, "waitForCompletion");
    cancel(publishes, "publish");
    cancel(connects, "connect");
    check(CALL(MQTTClient_isConnected)(client), "isConnected");
    check(CALL(MQTTClient_disconnect)(client, 0) == 0, "disconnect");
    CALL(MQTTClient_destroy)(&client);
}

static void try_asynchronous(const char *uri)
{
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
    check(CALL(MQTTAsync_create)(&sender, uri, "cancel", MQTTCLIENT_PERSISTENCE_NONE, NULL) == 0, "create");
    check(CALL(MQTTAsync_setConnected)(sender, NULL, connected) == 0, "setConnected");
    check(CALL(MQTTAsync_connect)(sender, &options) == 0, "connect");
    sem_wait(&entered);
    cancel(sends, "send");
    CALL(MQTTAsync_destroy)(&sender);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    library = dlopen(argv[1], RTLD_NOW);
    check(library != NULL, "dlopen");
    sem_init(&entered, 0, 0);
    try_synchronous(argv[2], 0);
    try_synchronous(argv[2], 1);
    try_asynchronous(argv[2]);
    return 0;
}
