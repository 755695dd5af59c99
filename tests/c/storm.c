/* Eight threads that call functions of both APIs at random, on handles of their own, shared ones and such that are gone,
 * inside callbacks too, and fork at random moments. Nothing may crash, hang, leak or disturb another process.
 *
 *   storm URI SECONDS SEED FORKS
 *
 * FORKS: one step in so many forks; 0: none does.
 */

#define _GNU_SOURCE
#include "MQTTAsync.h"
#include "MQTTClient.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS 8
#define SHARED 5
/* A thread that makes no step for so long hangs. */
#define PATIENCE 60

static const char *uri;
static unsigned forks;
static volatile int ends;
static long steps[THREADS], made, children, callbacks;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static MQTTClient clients[SHARED];
static MQTTAsync asyncs[SHARED];

static __thread uint64_t numbers;

static unsigned pick(unsigned below)
{
    if (numbers == 0)
        numbers = ((uint64_t)(uintptr_t)&numbers ^ (uint64_t)getpid() << 32) | 1;
    numbers ^= numbers << 13;
    numbers ^= numbers >> 7;
    numbers ^= numbers << 17;
    return (unsigned)(numbers >> 33) % below;
}

static void *take(void **place, void *other)
{
    pthread_mutex_lock(&lock);
    void *before = *place;
    if (other != place)
        *place = other;
    pthread_mutex_unlock(&lock);
    return before;
}

static void *look(void **place)
{
    return take(place, place);
}

static void use(int inside);

static int arrived(void *context, char *topic, int length, MQTTClient_message *message)
{
    (void)context, (void)length;
    __atomic_fetch_add(&callbacks, 1, __ATOMIC_RELAXED);
    if (pick(8) == 0)
        use(1);
    if (pick(32) == 0)
        return 0;
    MQTTClient_freeMessage(&message);
    MQTTClient_free(topic);
    return 1;
}

static int async_arrived(void *context, char *topic, int length, MQTTAsync_message *message)
{
    (void)context, (void)length;
    __atomic_fetch_add(&callbacks, 1, __ATOMIC_RELAXED);
    if (pick(8) == 0)
        use(1);
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    return 1;
}

static void lost(void *context, char *cause)
{
    (void)context, (void)cause;
    if (pick(4) == 0)
        use(1);
}

static void delivered(void *context, int token)
{
    (void)context, (void)token;
    if (pick(16) == 0)
        use(1);
}

static void succeeded(void *context, MQTTAsync_successData *data)
{
    (void)context, (void)data;
    __atomic_fetch_add(&callbacks, 1, __ATOMIC_RELAXED);
    if (pick(8) == 0)
        use(1);
}

static void failed(void *context, MQTTAsync_failureData *data)
{
    (void)context, (void)data;
    if (pick(8) == 0)
        use(1);
}

static void make(int number)
{
    char id[64];
    snprintf(id, sizeof id, "storm-%d-%ld", getpid(), __atomic_fetch_add(&made, 1, __ATOMIC_RELAXED));
    MQTTClient client = NULL;
    if (MQTTClient_create(&client, uri, id, MQTTCLIENT_PERSISTENCE_NONE, NULL) == 0) {
        /* The handle as context, by mistake. */
        if (pick(2))
            MQTTClient_setCallbacks(client, client, lost, arrived, delivered);
        client = take(&clients[number], client);
        MQTTClient_destroy(&client);
    }
}

static void make_async(int number)
{
    char id[64];
    snprintf(id, sizeof id, "storm-%d-%ld", getpid(), __atomic_fetch_add(&made, 1, __ATOMIC_RELAXED));
    MQTTAsync client = NULL;
    if (MQTTAsync_create(&client, uri, id, MQTTCLIENT_PERSISTENCE_NONE, NULL) == 0) {
        MQTTAsync_setCallbacks(client, client, lost, async_arrived, delivered);
        client = take(&asyncs[number], client);
        MQTTAsync_destroy(&client);
    }
}

static void receive(MQTTClient client)
{
    MQTTClient_message *message = NULL;
    char *topic = NULL;
    int length;
    MQTTClient_receive(client, &topic, &length, &message, pick(3));
    if (message != NULL) {
        MQTTClient_freeMessage(&message);
        MQTTClient_free(topic);
    }
}

static void call(MQTTClient client, int number)
{
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
    MQTTClient_deliveryToken token = 0, *tokens = NULL;
    options.connectTimeout = 5;
    options.keepAliveInterval = 1 + (int)pick(5);
    options.cleansession = (int)pick(2);
    switch (pick(14)) {
    case 0: make(number); break;
    case 1: MQTTClient_connect(client, &options); break;
    case 2: MQTTClient_disconnect(client, (int)pick(10)); break;
    case 3: MQTTClient_subscribe(client, "storm/#", (int)pick(3)); break;
    case 4: MQTTClient_unsubscribe(client, "storm/#"); break;
    case 5: receive(client); break;
    case 6: MQTTClient_isConnected(client); break;
    case 7:
        if (MQTTClient_getPendingDeliveryTokens(client, &tokens) == 0 && tokens != NULL)
            MQTTClient_free(tokens);
        break;
    case 8: if (pick(8) == 0) MQTTClient_yield(); break;
    default:
        if (MQTTClient_publish(client, "storm/s", 16, "payload payload", (int)pick(3), 0, &token) == 0)
            MQTTClient_waitForCompletion(client, token, pick(10));
    }
}

static void call_async(MQTTAsync client, int number)
{
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
    MQTTAsync_disconnectOptions disconnect = MQTTAsync_disconnectOptions_initializer;
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    MQTTAsync_token *tokens = NULL;
    options.connectTimeout = 5;
    options.keepAliveInterval = 1 + (int)pick(5);
    options.automaticReconnect = (int)pick(2);
    options.minRetryInterval = options.maxRetryInterval = 1;
    options.onSuccess = response.onSuccess = disconnect.onSuccess = succeeded;
    options.onFailure = response.onFailure = disconnect.onFailure = failed;
    options.context = response.context = disconnect.context = client;
    disconnect.timeout = (int)pick(10);
    switch (pick(12)) {
    case 0: make_async(number); break;
    case 1: case 2: MQTTAsync_connect(client, &options); break;
    case 3: MQTTAsync_disconnect(client, &disconnect); break;
    case 4: MQTTAsync_subscribe(client, "storm/#", (int)pick(3), &response); break;
    case 5: MQTTAsync_unsubscribe(client, "storm/#", &response); break;
    case 6: MQTTAsync_isConnected(client); break;
    case 7:
        if (MQTTAsync_getPendingTokens(client, &tokens) == 0 && tokens != NULL)
            MQTTAsync_free(tokens);
        break;
    case 8: MQTTAsync_waitForCompletion(client, (int)pick(100), pick(5)); break;
    case 9: MQTTAsync_reconnect(client); break;
    default: MQTTAsync_send(client, "storm/a", 16, "payload payload", (int)pick(3), 0, &response);
    }
}

/* One call on a handle that may be gone at any moment, or be gone already. */
static void use(int inside)
{
    static __thread MQTTClient stale;
    static __thread MQTTAsync stale_async;
    int number = (int)pick(SHARED);
    if (pick(2)) {
        MQTTClient client = look(&clients[number]);
        call(pick(16) == 0 ? stale : client, number);
        stale = client;
    } else {
        MQTTAsync client = look(&asyncs[number]);
        call_async(pick(16) == 0 ? stale_async : client, number);
        stale_async = client;
    }
    if (inside && pick(64) == 0)
        usleep(20000);
}

static void live_in_child(void)
{
    alarm(PATIENCE);
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
    char id[64];
    for (int i = 0; i < SHARED; i++) {
        /* Not locked: the lock may be another thread's. */
        MQTTClient client = clients[i];
        MQTTAsync async = asyncs[i];
        MQTTClient_isConnected(client);
        MQTTAsync_isConnected(async);
        switch (pick(4)) {
        case 0: MQTTClient_destroy(&client); break;
        case 1: MQTTAsync_destroy(&async); break;
        case 2: MQTTClient_disconnect(client, 10); break;
        }
    }
    MQTTClient own = NULL;
    snprintf(id, sizeof id, "child-%d", getpid());
    if (MQTTClient_create(&own, uri, id, MQTTCLIENT_PERSISTENCE_NONE, NULL) != 0)
        _exit(2);
    if (pick(2))
        MQTTClient_setCallbacks(own, own, lost, arrived, delivered);
    options.connectTimeout = 30;
    int code = MQTTClient_connect(own, &options);
    if (code != 0)
        _exit(3);
    if (MQTTClient_publish(own, "child", 1, "x", 1, 0, NULL) != 0)
        _exit(4);
    MQTTClient_disconnect(own, 1000);
    MQTTClient_destroy(&own);
    _exit(0);
}

static void fork_somehow(void)
{
    int status;
    pid_t child = fork();
    if (child == 0)
        live_in_child();
    if (child < 0)
        return;
    __atomic_fetch_add(&children, 1, __ATOMIC_RELAXED);
    if (waitpid(child, &status, 0) != child || status != 0) {
        fprintf(stderr, "child %d ended with %x\n", (int)child, status);
        _exit(7);
    }
}

static void *work(void *argument)
{
    intptr_t number = (intptr_t)argument;
    while (!ends) {
        if (forks != 0 && pick(forks) == 0)
            fork_somehow();
        else
            use(0);
        __atomic_fetch_add(&steps[number], 1, __ATOMIC_RELAXED);
    }
    return NULL;
}

static void watch(int seconds)
{
    long before[THREADS] = { 0 };
    int still[THREADS] = { 0 };
    for (int second = 0; second < seconds; second++) {
        sleep(1);
        for (int i = 0; i < THREADS; i++) {
            long now = __atomic_load_n(&steps[i], __ATOMIC_RELAXED);
            still[i] = now == before[i] ? still[i] + 1 : 0;
            before[i] = now;
            if (still[i] > PATIENCE) {
                fprintf(stderr, "thread %d hangs\n", i);
                abort();
            }
        }
    }
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS];
    long all = 0;
    if (argc != 5)
        return 2;
    uri = argv[1];
    numbers = strtoull(argv[3], NULL, 10) * 2654435761u + 1;
    forks = (unsigned)atoi(argv[4]);
    for (int i = 0; i < SHARED; i++) {
        make(i);
        make_async(i);
    }
    for (intptr_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, work, (void *)i);
    watch(atoi(argv[2]));
    ends = 1;
    alarm(PATIENCE * 2);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL), all += steps[i];
    for (int i = 0; i < SHARED; i++) {
        MQTTClient client = take(&clients[i], NULL);
        MQTTAsync async = take(&asyncs[i], NULL);
        MQTTClient_destroy(&client);
        MQTTAsync_destroy(&async);
    }
    /* Callbacks that were still running may have made some once more. */
    for (int i = 0; i < SHARED; i++) {
        MQTTClient client = take(&clients[i], NULL);
        MQTTAsync async = take(&asyncs[i], NULL);
        MQTTClient_destroy(&client);
        MQTTAsync_destroy(&async);
    }
    printf("%ld calls, %ld clients, %ld callbacks, %ld children\n", all, made, callbacks, children);
    return 0;
}
