/* Forks while other threads use clients of both APIs. Each child uses clients of its own and gives up inherited ones.
 *
 *   forks LIBRARY URI COUNT SEED [TRUST_STORE]
 *
 * With a trust store the connections are encrypted. A child that does not end within 60 s is a hang. The parent's
 * connections have to go on.
 */

#define _GNU_SOURCE
#include "MQTTAsync.h"
#include "MQTTClient.h"

#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS 4
#define AT_A_TIME 4
#define CHILD_SECONDS 30

#define FUNCTION(api, name) static __typeof__(api##_##name) *api##_##name##_
#define BOTH(name) FUNCTION(MQTTClient, name); FUNCTION(MQTTAsync, name)
BOTH(create);
BOTH(setCallbacks);
BOTH(connect);
BOTH(subscribe);
BOTH(isConnected);
BOTH(disconnect);
BOTH(destroy);
BOTH(free);
BOTH(freeMessage);
FUNCTION(MQTTClient, publish);
FUNCTION(MQTTClient, waitForCompletion);
FUNCTION(MQTTClient, receive);
FUNCTION(MQTTAsync, send);

static const char *uri;
static const char *trust_store;
static volatile int ends;
static int is_child;
static int lost;

/* They stay connected, and children inherit them. */
static MQTTClient with_callbacks, without_callbacks;
static MQTTAsync asynchronous;

/* With this set messageArrived forks. */
static volatile int forks_in_callback;

static void fail(const char *what, int code)
{
    fprintf(stderr, "%s %s: %d\n", is_child ? "child" : "parent", what, code);
    _exit(1);
}

static void check(int is_right, const char *what, int code)
{
    if (!is_right)
        fail(what, code);
}

static void *symbol(void *library, const char *name)
{
    void *found = dlsym(library, name);
    check(found != NULL, name, 0);
    return found;
}

static void load(const char *path)
{
    void *library = dlopen(path, RTLD_NOW);
    check(library != NULL, dlerror(), 0);
#define LOAD(api, name) *(void **)&api##_##name##_ = symbol(library, #api "_" #name)
#define LOAD_BOTH(name) do { LOAD(MQTTClient, name); LOAD(MQTTAsync, name); } while (0)
    LOAD_BOTH(create);
    LOAD_BOTH(setCallbacks);
    LOAD_BOTH(connect);
    LOAD_BOTH(subscribe);
    LOAD_BOTH(isConnected);
    LOAD_BOTH(disconnect);
    LOAD_BOTH(destroy);
    LOAD_BOTH(free);
    LOAD_BOTH(freeMessage);
    LOAD(MQTTClient, publish);
    LOAD(MQTTClient, waitForCompletion);
    LOAD(MQTTClient, receive);
    LOAD(MQTTAsync, send);
}

static void await(sem_t *semaphore, const char *what)
{
    struct timespec limit;
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += CHILD_SECONDS;
    check(sem_timedwait(semaphore, &limit) == 0, what, 0);
}

/* ---- The synchronous API ---- */

static int arrived(void *context, char *topic, int length, MQTTClient_message *message)
{
    (void)length;
    if (context != NULL)
        sem_post(context);
    if (forks_in_callback && !is_child) {
        forks_in_callback = 0;
        if (fork() == 0)
            is_child = 1;
    }
    MQTTClient_freeMessage_(&message);
    MQTTClient_free_(topic);
    return 1;
}

static void connection_lost(void *context, char *cause)
{
    (void)context, (void)cause;
    lost++;
}

static MQTTClient connected(const char *id, sem_t *semaphore, int by_callbacks)
{
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
    MQTTClient client;
    int code = MQTTClient_create_(&client, uri, id, MQTTCLIENT_PERSISTENCE_NONE, NULL);
    check(code == 0, "create", code);
    if (by_callbacks) {
        code = MQTTClient_setCallbacks_(client, semaphore, connection_lost, arrived, NULL);
        check(code == 0, "setCallbacks", code);
    }
    MQTTClient_SSLOptions ssl = MQTTClient_SSLOptions_initializer;
    ssl.trustStore = trust_store;
    if (trust_store != NULL)
        options.ssl = &ssl;
    options.keepAliveInterval = 600;
    code = MQTTClient_connect_(client, &options);
    check(code == 0, "connect", code);
    code = MQTTClient_subscribe_(client, id, 1);
    check(code == 0 || code == 1, "subscribe", code);
    return client;
}

static void send_and_receive(MQTTClient client, const char *id, sem_t *semaphore)
{
    int token, length, code = MQTTClient_publish_(client, id, 4, "text", 1, 0, &token);
    check(code == 0, "publish", code);
    code = MQTTClient_waitForCompletion_(client, token, CHILD_SECONDS * 1000);
    check(code == 0, "waitForCompletion", code);
    if (semaphore != NULL) {
        await(semaphore, "messageArrived");
        return;
    }
    MQTTClient_message *message = NULL;
    char *topic = NULL;
    code = MQTTClient_receive_(client, &topic, &length, &message, CHILD_SECONDS * 1000);
    check(code == 0 && message != NULL, "receive", code);
    MQTTClient_freeMessage_(&message);
    MQTTClient_free_(topic);
}

static void live(const char *id, int by_callbacks)
{
    sem_t semaphore;
    sem_init(&semaphore, 0, 0);
    MQTTClient client = connected(id, &semaphore, by_callbacks);
    send_and_receive(client, id, by_callbacks ? &semaphore : NULL);
    int code = MQTTClient_disconnect_(client, 1000);
    check(code == 0, "disconnect", code);
    MQTTClient_destroy_(&client);
}

/* ---- The asynchronous API ---- */

static int async_arrived(void *context, char *topic, int length, MQTTAsync_message *message)
{
    (void)length;
    sem_post(context);
    MQTTAsync_freeMessage_(&message);
    MQTTAsync_free_(topic);
    return 1;
}

static void succeeded(void *context, MQTTAsync_successData *data)
{
    (void)data;
    sem_post(context);
}

static void failed(void *context, MQTTAsync_failureData *data)
{
    (void)context;
    fail("onFailure", data == NULL ? 0 : data->code);
}

static MQTTAsync connected_async(const char *id, sem_t *semaphore)
{
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    MQTTAsync client;
    int code = MQTTAsync_create_(&client, uri, id, MQTTCLIENT_PERSISTENCE_NONE, NULL);
    check(code == 0, "async create", code);
    MQTTAsync_setCallbacks_(client, semaphore, connection_lost, async_arrived, NULL);
    MQTTAsync_SSLOptions ssl = MQTTAsync_SSLOptions_initializer;
    ssl.trustStore = trust_store;
    if (trust_store != NULL)
        options.ssl = &ssl;
    options.keepAliveInterval = 600;
    options.context = response.context = semaphore;
    options.onSuccess = response.onSuccess = succeeded;
    options.onFailure = response.onFailure = failed;
    code = MQTTAsync_connect_(client, &options);
    check(code == 0, "async connect", code);
    await(semaphore, "onSuccess of connect");
    code = MQTTAsync_subscribe_(client, id, 1, &response);
    check(code == 0, "async subscribe", code);
    await(semaphore, "onSuccess of subscribe");
    return client;
}

static void live_async(const char *id)
{
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    MQTTAsync_disconnectOptions disconnect = MQTTAsync_disconnectOptions_initializer;
    sem_t semaphore;
    sem_init(&semaphore, 0, 0);
    MQTTAsync client = connected_async(id, &semaphore);
    response.context = disconnect.context = &semaphore;
    response.onSuccess = disconnect.onSuccess = succeeded;
    response.onFailure = failed;
    disconnect.onFailure = failed;
    int code = MQTTAsync_send_(client, id, 4, "text", 1, 0, &response);
    check(code == 0, "async send", code);
    await(&semaphore, "onSuccess of send or messageArrived");
    await(&semaphore, "messageArrived or onSuccess of send");
    code = MQTTAsync_disconnect_(client, &disconnect);
    check(code == 0, "async disconnect", code);
    await(&semaphore, "onSuccess of disconnect");
    MQTTAsync_destroy_(&client);
}

/* ---- The processes ---- */

static void live_somehow(const char *id, unsigned how)
{
    if (how % 3 == 2)
        live_async(id);
    else
        live(id, how % 3 == 1);
}

static void live_in_child(unsigned how)
{
    char id[64];
    is_child = 1;
    alarm(CHILD_SECONDS * 2);
    check(!MQTTClient_isConnected_(with_callbacks), "the connection with callbacks is the parent's", 0);
    check(!MQTTAsync_isConnected_(asynchronous), "the asynchronous connection is the parent's", 0);
    check(MQTTClient_isConnected_(without_callbacks), "the connection without callbacks", 0);
    if (how & 16)
        MQTTClient_disconnect_(without_callbacks, 100);
    if (how & 32)
        MQTTClient_destroy_(&with_callbacks);
    if (how & 64)
        MQTTAsync_destroy_(&asynchronous);
    if (how & 128)
        MQTTClient_destroy_(&without_callbacks);
    snprintf(id, sizeof id, "child-%d", getpid());
    live_somehow(id, how);
    _exit(0);
}

static void *work(void *number)
{
    char id[64];
    for (unsigned round = 0; !ends; round++) {
        snprintf(id, sizeof id, "thread-%d-%d-%u", getpid(), (int)(intptr_t)number, round);
        live_somehow(id, round + (unsigned)(intptr_t)number);
    }
    return NULL;
}

/* Messages come and go on the connections that children inherit. */
static sem_t inherited[2];

static void *use_inherited(void *unused)
{
    (void)unused;
    while (!ends) {
        send_and_receive(without_callbacks, "without", NULL);
        send_and_receive(with_callbacks, "with", &inherited[0]);
    }
    return NULL;
}

static void await_child(int *hung, int *wrong)
{
    int status;
    pid_t child = waitpid(-1, &status, 0);
    if (child > 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
        ++*hung;
    else if (child <= 0 || status != 0)
        fprintf(stderr, "child %d: status %x\n", (int)child, status), ++*wrong;
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS + 1];
    int hung = 0, wrong = 0, running = 0;
    check(argc == 5 || argc == 6, "arguments", argc);
    load(argv[1]);
    uri = argv[2];
    trust_store = argv[5];
    srand((unsigned)atoi(argv[4]));
    sem_init(&inherited[0], 0, 0);
    sem_init(&inherited[1], 0, 0);
    with_callbacks = connected("with", &inherited[0], 1);
    without_callbacks = connected("without", NULL, 0);
    asynchronous = connected_async("async", &inherited[1]);
    for (intptr_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, work, (void *)i);
    pthread_create(&threads[THREADS], NULL, use_inherited, NULL);
    for (int i = 0; i < atoi(argv[3]); i++) {
        unsigned how = (unsigned)rand();
        if (i % 16 == 15) {
            /* That child returns from messageArrived, which ends it. */
            forks_in_callback = 1;
            running++;
        } else {
            pid_t child = fork();
            check(child >= 0, "fork", child);
            if (child == 0)
                live_in_child(how);
            running++;
        }
        while (forks_in_callback)
            usleep(1000);
        for (; running >= AT_A_TIME; running--)
            await_child(&hung, &wrong);
    }
    for (; running > 0; running--)
        await_child(&hung, &wrong);
    ends = 1;
    for (int i = 0; i <= THREADS; i++)
        pthread_join(threads[i], NULL);
    check(MQTTClient_isConnected_(with_callbacks), "the connection with callbacks", 0);
    check(MQTTClient_isConnected_(without_callbacks), "the connection without", 0);
    check(MQTTAsync_isConnected_(asynchronous), "the asynchronous connection", 0);
    MQTTClient_destroy_(&with_callbacks);
    MQTTClient_destroy_(&without_callbacks);
    MQTTAsync_destroy_(&asynchronous);
    printf("hung %d, wrong %d, lost %d\n", hung, wrong, lost);
    return hung + wrong + lost > 0;
}
