/* See exchanges.h. */
#define _GNU_SOURCE

#include "exchanges.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "floor.h"
#include "library.h"

#define LIMIT_MS 10000UL /* for one exchange */

static char requests[32], answers[32];
static int level;        /* QoS of this run */
static MQTTClient served; /* whose callback answers */
static atomic_long count;
static sem_t arrived;

static int await_arrival(void)
{
    struct timespec end;

    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += LIMIT_MS / 1000;
    return sem_timedwait(&arrived, &end);
}

static void begin(int qos)
{
    level = qos;
    sem_init(&arrived, 0, 0);
    snprintf(requests, sizeof requests, "requests/%ld", (long)getpid());
    snprintf(answers, sizeof answers, "answers/%ld", (long)getpid());
}

/* ---- With a library ------------------------------------------------------------------------------------------- */

static void free_message(char* topic, MQTTClient_message* message)
{
    api.freeMessage(&message);
    api.free(topic);
}

static int on_answer(void* context, char* topic, int length, MQTTClient_message* message)
{
    (void)context, (void)length;
    free_message(topic, message);
    sem_post(&arrived);
    return 1;
}

static int on_request(void* context, char* topic, int length, MQTTClient_message* message)
{
    (void)length;
    atomic_fetch_add(&count, 1);
    api.publish(served, context, message->payloadlen, message->payload, level, 0, NULL);
    free_message(topic, message);
    return 1;
}

static void on_delivered(void* context, MQTTClient_deliveryToken token)
{
    (void)context, (void)token;
}

static MQTTClient connect_and_subscribe(const char* uri, MQTTClient_messageArrived* callback, void* context,
                                        const char* filter)
{
    MQTTClient client = NULL;
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
    MQTTClient_SSLOptions tls = MQTTClient_SSLOptions_initializer;
    char id[32];

    snprintf(id, sizeof id, "%s%ld", callback == on_request ? "server" : "client", (long)getpid());
    tls.enableServerCertAuth = 0;
    options.reliable = 0;
    options.ssl = strncmp(uri, "ssl", 3) == 0 ? &tls : NULL;
    if (api.create(&client, uri, id, MQTTCLIENT_PERSISTENCE_NONE, NULL) == 0 &&
        (callback == NULL || api.setCallbacks(client, context, NULL, callback, on_delivered) == 0) &&
        api.connect(client, &options) == 0 && api.subscribe(client, filter, level) == 0)
        return client;
    return NULL;
}

static double stop(MQTTClient client, double figure)
{
    api.disconnect(client, 0);
    api.destroy(&client);
    return figure;
}

static double rpc(const char* uri, double seconds)
{
    MQTTClient client = connect_and_subscribe(uri, on_answer, NULL, answers);
    double start = now(), elapsed = 0;
    long calls = 0;

    for (; client != NULL && elapsed < seconds; elapsed = now() - start, calls++)
        if (api.publish(client, requests, 4, "ping", level, 0, NULL) != 0 || await_arrival() != 0)
            return -1;
    return client == NULL ? -1 : stop(client, elapsed * 1e6 / (double)calls);
}

static double own_echo(const char* uri, double seconds)
{
    MQTTClient client = connect_and_subscribe(uri, NULL, NULL, requests);
    double start = now(), elapsed = 0;
    long laps = 0;

    for (; client != NULL && elapsed < seconds; elapsed = now() - start, laps++) {
        MQTTClient_message* message = NULL;
        char* topic = NULL;
        int length;
        if (api.publish(client, requests, 4, "ping", level, 0, NULL) != 0 ||
            api.receive(client, &topic, &length, &message, LIMIT_MS) != 0 || message == NULL)
            return -1;
        free_message(topic, message);
    }
    return client == NULL ? -1 : stop(client, elapsed * 1e6 / (double)laps);
}

/* A callback that answers `filter` with messages to `topic`. */
static int serve(const char* uri, const char* filter, char* topic)
{
    served = connect_and_subscribe(uri, on_request, topic, filter);
    return served != NULL;
}

/* ---- With plain sockets ---------------------------------------------------------------------------------------- */

static struct floor* bottom;

static void* read_answers(void* unused)
{
    (void)unused;
    while (floor_next_message(bottom))
        sem_post(&arrived);
    return NULL;
}

/* A callback API reads on a thread of its own. */
static double floor_rpc(const char* uri, double seconds)
{
    pthread_t reader;
    double start, elapsed = 0;
    long calls = 0;

    bottom = floor_start(uri, answers, level);
    if (bottom == NULL || pthread_create(&reader, NULL, read_answers, NULL) != 0)
        return -1;
    for (start = now(); elapsed < seconds; elapsed = now() - start, calls++) {
        floor_publish(bottom, requests, level);
        if (await_arrival() != 0)
            return -1;
    }
    floor_stop(bottom);
    return elapsed * 1e6 / (double)calls;
}

static double floor_own_echo(const char* uri, double seconds)
{
    double start, elapsed = 0;
    long laps = 0;

    bottom = floor_start(uri, requests, level);
    if (bottom == NULL)
        return -1;
    for (start = now(); elapsed < seconds; elapsed = now() - start, laps++) {
        floor_publish(bottom, requests, level);
        if (!floor_next_message(bottom))
            return -1;
    }
    floor_stop(bottom);
    return elapsed * 1e6 / (double)laps;
}

static void* answer_requests(void* topic)
{
    while (floor_next_message(bottom)) {
        atomic_fetch_add(&count, 1);
        floor_publish(bottom, topic, level);
    }
    return NULL;
}

static int floor_serve(const char* uri, const char* filter, char* topic)
{
    pthread_t reader;

    bottom = floor_start(uri, filter, level);
    return bottom != NULL && pthread_create(&reader, NULL, answer_requests, topic) == 0;
}

/* ---- The exchanges --------------------------------------------------------------------------------------------- */

/* The other client, in a process of its own; its number when it is ready, negative on failure. */
static pid_t start_server(const char* uri, int with_floor)
{
    int ends[2];
    pid_t server = pipe(ends) == 0 ? fork() : -1;
    char ready = 0;

    if (server == 0) {
        ready = with_floor ? floor_serve(uri, requests, answers) : serve(uri, requests, answers);
        if (write(ends[1], &ready, 1) != 1 || !ready)
            _exit(1);
        alarm(60);
        for (;;)
            pause();
    }
    if (server > 0 && read(ends[0], &ready, 1) == 1 && ready)
        return server;
    return -1;
}

/* Two clients: one asks, the other one's callback answers. */
static double run_rpc(const char* uri, int qos, double seconds, int with_floor)
{
    pid_t server;
    double figure;

    begin(qos);
    server = start_server(uri, with_floor);
    if (server < 0)
        return -1;
    figure = with_floor ? floor_rpc(uri, seconds) : rpc(uri, seconds);
    kill(server, SIGKILL);
    return figure;
}

/* A callback answers each of its own messages with the next. */
static double run_answer(const char* uri, int qos, double seconds, int with_floor)
{
    struct timespec pause = {0, 1000000};
    double start, elapsed;
    long before;

    begin(qos);
    if (!(with_floor ? floor_serve(uri, requests, requests) : serve(uri, requests, requests)))
        return -1;
    if (with_floor)
        floor_publish(bottom, requests, level);
    else if (api.publish(served, requests, 4, "ping", level, 0, NULL) != 0)
        return -1;
    start = now();
    before = atomic_load(&count);
    do {
        nanosleep(&pause, NULL);
        elapsed = now() - start;
    } while (elapsed < seconds);
    before = atomic_load(&count) - before;
    return before > 0 ? elapsed * 1e6 / (double)before : -1;
}

/* One client publishes and receives its own message. */
static double run_own_echo(const char* uri, int qos, double seconds, int with_floor)
{
    begin(qos);
    return with_floor ? floor_own_echo(uri, seconds) : own_echo(uri, seconds);
}

const struct exchange exchanges[] = {
    {"rpc", run_rpc},
    {"answer", run_answer},
    {"own-echo", run_own_echo},
};
const int exchange_count = sizeof exchanges / sizeof exchanges[0];
