/* Eight threads create, connect, use and destroy handles at random: some of their own, some that all of them share,
 * so that any call may meet the destruction of its handle. Nothing may crash, hang, leak or stay behind.
 *
 *   churn URI SECONDS SEED
 *
 * With CHURN_TOOL in the environment threads and descriptors are not counted: tools like sanitizers have their own.
 */

#include "MQTTClient.h"

#include <dirent.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define THREADS 8
#define SHARED 4
#define MOST_STEPS 12

static const char *uri;
static double seconds;
static struct timespec began;

/* Handles that every thread may use and destroy. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static MQTTClient shared[SHARED];
static long arrived, completed, lost;

struct worker {
    pthread_t thread;
    uint64_t random;
    int number;
    long created, connected, published, received;
};

static double elapsed(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - began.tv_sec) + (double)(now.tv_nsec - began.tv_nsec) / 1e9;
}

static unsigned pick(struct worker *worker, unsigned below)
{
    worker->random ^= worker->random << 13;
    worker->random ^= worker->random >> 7;
    worker->random ^= worker->random << 17;
    return (unsigned)(worker->random >> 33) % below;
}

static void count(long *counter)
{
    pthread_mutex_lock(&lock);
    ++*counter;
    pthread_mutex_unlock(&lock);
}

static int message_arrived(void *context, char *topic, int length, MQTTClient_message *message)
{
    (void)context, (void)length;
    count(&arrived);
    if (message->payloadlen % 64 == 63)
        return 0;
    MQTTClient_freeMessage(&message);
    MQTTClient_free(topic);
    return 1;
}

static void delivery_complete(void *context, MQTTClient_deliveryToken token)
{
    (void)context, (void)token;
    count(&completed);
}

static void connection_lost(void *context, char *cause)
{
    (void)context, (void)cause;
    count(&lost);
}

static MQTTClient create(struct worker *worker)
{
    MQTTClient client = NULL;
    char id[64];
    snprintf(id, sizeof id, "churn-%d-%ld", worker->number, worker->created++);
    if (MQTTClient_create(&client, uri, id, MQTTCLIENT_PERSISTENCE_NONE, NULL) != MQTTCLIENT_SUCCESS)
        return NULL;
    if (pick(worker, 2))
        MQTTClient_setCallbacks(client, NULL, connection_lost, message_arrived, delivery_complete);
    return client;
}

static void connect_client(struct worker *worker, MQTTClient client)
{
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
    options.connectTimeout = 5;
    options.keepAliveInterval = 20;
    options.cleansession = (int)pick(worker, 2);
    options.maxInflightMessages = 5;
    options.MQTTVersion = pick(worker, 2) ? MQTTVERSION_3_1_1 : MQTTVERSION_DEFAULT;
    if (MQTTClient_connect(client, &options) == MQTTCLIENT_SUCCESS)
        worker->connected++;
}

static void publish(struct worker *worker, MQTTClient client)
{
    static const char payload[2048];
    MQTTClient_deliveryToken token = 0;
    int qos = (int)pick(worker, 3);
    if (MQTTClient_publish(client, "churn", (int)pick(worker, sizeof payload), payload, qos, 0, &token) != 0)
        return;
    worker->published++;
    if (qos > 0 && pick(worker, 2))
        MQTTClient_waitForCompletion(client, token, 500);
}

static void receive(struct worker *worker, MQTTClient client)
{
    char *topic = NULL;
    int length = 0;
    MQTTClient_message *message = NULL;
    MQTTClient_receive(client, &topic, &length, &message, pick(worker, 20));
    if (message == NULL)
        return;
    worker->received++;
    MQTTClient_freeMessage(&message);
    MQTTClient_free(topic);
}

static void step(struct worker *worker, MQTTClient client)
{
    MQTTClient_deliveryToken *tokens = NULL;
    switch (pick(worker, 10)) {
    case 0:
        connect_client(worker, client);
        break;
    case 1:
        MQTTClient_subscribe(client, "churn", (int)pick(worker, 3));
        break;
    case 2:
        MQTTClient_unsubscribe(client, "churn");
        break;
    case 3:
        MQTTClient_disconnect(client, (int)pick(worker, 30));
        break;
    case 4:
        MQTTClient_getPendingDeliveryTokens(client, &tokens);
        MQTTClient_free(tokens);
        break;
    case 5:
        MQTTClient_isConnected(client);
        break;
    case 6:
        receive(worker, client);
        break;
    default:
        publish(worker, client);
    }
}

/* The whole life of a handle of this thread's own; one in two is destroyed in the midst of its work. */
static void live(struct worker *worker)
{
    MQTTClient client = create(worker);
    unsigned steps = 1 + pick(worker, MOST_STEPS);
    connect_client(worker, client);
    while (steps-- > 0)
        step(worker, client);
    if (pick(worker, 2))
        MQTTClient_disconnect(client, 10);
    MQTTClient_destroy(&client);
}

static MQTTClient exchange(unsigned place, MQTTClient client)
{
    MQTTClient before;
    pthread_mutex_lock(&lock);
    before = shared[place];
    shared[place] = client;
    pthread_mutex_unlock(&lock);
    return before;
}

static MQTTClient look(unsigned place)
{
    MQTTClient client;
    pthread_mutex_lock(&lock);
    client = shared[place];
    pthread_mutex_unlock(&lock);
    return client;
}

/* Uses, or replaces, a handle that others use at the same time. */
static void meddle(struct worker *worker)
{
    unsigned place = pick(worker, SHARED);
    MQTTClient client;
    if (pick(worker, 8) == 0) {
        client = create(worker);
        connect_client(worker, client);
        client = exchange(place, client);
        MQTTClient_destroy(&client);
        return;
    }
    client = look(place);
    if (client != NULL)
        step(worker, client);
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    while (elapsed() < seconds) {
        if (pick(worker, 2))
            live(worker);
        else
            meddle(worker);
    }
    return NULL;
}

static int entries(const char *path)
{
    int number = 0;
    DIR *directory = opendir(path);
    while (directory != NULL && readdir(directory) != NULL)
        number++;
    if (directory != NULL)
        closedir(directory);
    return number;
}

/* What the library has started ends with its last handle, if not at once. */
static int left_behind(const char *path, int before)
{
    const struct timespec moment = {0, 10 * 1000 * 1000};
    int tries = getenv("CHURN_TOOL") ? 0 : 1000;
    while (entries(path) > before && tries-- > 0)
        nanosleep(&moment, NULL);
    return entries(path) - before;
}

/* One handle with callbacks, before anything is counted: what the library keeps for the process is there then. */
static void warm_up(void)
{
    struct worker worker = {.random = 1, .number = THREADS};
    MQTTClient client = create(&worker);
    MQTTClient_setCallbacks(client, NULL, connection_lost, message_arrived, delivery_complete);
    connect_client(&worker, client);
    MQTTClient_disconnect(client, 0);
    MQTTClient_destroy(&client);
}

int main(int argc, char **argv)
{
    struct worker workers[THREADS];
    long created = 0, connected = 0, published = 0, received = 0;
    int threads = entries("/proc/self/task"), files;
    int more_threads, more_files;

    if (argc != 4) {
        fprintf(stderr, "usage: churn URI SECONDS SEED\n");
        return 2;
    }
    uri = argv[1];
    seconds = atof(argv[2]);
    warm_up();
    files = entries("/proc/self/fd");
    clock_gettime(CLOCK_MONOTONIC, &began);
    memset(workers, 0, sizeof workers);
    for (int i = 0; i < THREADS; i++) {
        workers[i].number = i;
        workers[i].random = (strtoull(argv[3], NULL, 10) + 1) * 0x9E3779B97F4A7C15u + (uint64_t)i * 0xD1B54A32D192ED03u;
        pthread_create(&workers[i].thread, NULL, work, &workers[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
        created += workers[i].created;
        connected += workers[i].connected;
        published += workers[i].published;
        received += workers[i].received;
    }
    for (unsigned place = 0; place < SHARED; place++) {
        MQTTClient client = exchange(place, NULL);
        MQTTClient_destroy(&client);
    }
    more_threads = left_behind("/proc/self/task", threads);
    more_files = left_behind("/proc/self/fd", files);
    printf("created %ld connected %ld published %ld received %ld arrived %ld completed %ld lost %ld\n", created, connected,
           published, received, arrived, completed, lost);
    printf("threads left %d, descriptors left %d\n", more_threads, more_files);
    if (getenv("CHURN_TOOL"))
        more_threads = more_files = 0;
    return created > 0 && connected > 0 && more_threads <= 0 && more_files <= 0 ? 0 : 1;
}
