/* The fuzzer of both APIs; fuzz.h says what it does. */
#include "fuzz.h"

#include <dirent.h>
#include <dlfcn.h>
#include <malloc.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#define MOST_THREADS 8
#define OWN 3
/* A sanitizer, or a tool that FUZZ_TOOL announces, looks at memory itself. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#else
#define IS_SANITIZED 0
#endif
/* What the heap may grow by from the first round to a later one: blocks that a thread keeps for its next message. */
#define SLACK (1 << 20)

struct library library;
struct settings settings;
struct figures figures;
struct client *places[PLACES];

static int ends;

static void load(const char *path)
{
    void *file = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (file == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(2);
    }
#define RESOLVE(name) library.name = (__typeof__(&name))dlsym(file, #name);
    SYNC_FUNCTIONS(RESOLVE)
    ASYNC_FUNCTIONS(RESOLVE)
    EXTENSIONS(RESOLVE)
    COMMON_FUNCTIONS(RESOLVE)
    library.has_sync = library.MQTTClient_publish5 != NULL;
    library.has_async = library.MQTTAsync_sendMessage != NULL;
}

/* Pipes are not counted: the library has none, and a sanitizer opens two to the program that names functions. */
static int entries(const char *path)
{
    int number = 0;
    struct dirent *entry;
    DIR *directory = opendir(path);
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        char target[64] = "";
        ssize_t length = readlinkat(dirfd(directory), entry->d_name, target, sizeof target - 1);
        number += length < 0 || strncmp(target, "pipe:", 5) != 0;
    }
    if (directory != NULL)
        closedir(directory);
    return number;
}

/* Waits until there are no more of them than that. */
static void flat(const char *what, const char *path, int before)
{
    const struct timespec moment = {0, 10 * 1000 * 1000};
    uint64_t limit = now_ms() + settings.patience * 1000ull;
    while (entries(path) > before) {
        if (now_ms() > limit)
            finding("%d %s are left", entries(path) - before, what);
        nanosleep(&moment, NULL);
    }
}

static size_t heap(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

void *shortened(const void *whole, size_t length)
{
    void *copy = malloc(length);
    memcpy(copy, whole, length);
    return copy;
}

static void add(MQTTProperties *properties, enum MQTTPropertyCodes identifier, unsigned number)
{
    MQTTProperty property;
    memset(&property, 0, sizeof property);
    property.identifier = identifier;
    switch (identifier) {
    case MQTTPROPERTY_CODE_RECEIVE_MAXIMUM:
    case MQTTPROPERTY_CODE_TOPIC_ALIAS: property.value.integer2 = (unsigned short)number; break;
    case MQTTPROPERTY_CODE_USER_PROPERTY:
        property.value.value.data = "value", property.value.value.len = 5; /* fall through */
    case MQTTPROPERTY_CODE_CONTENT_TYPE: property.value.data.data = "name", property.value.data.len = 4; break;
    default: property.value.integer4 = number;
    }
    library.MQTTProperties_add(properties, &property);
}

void random_properties(MQTTProperties *properties, struct dice *dice, int of_connect)
{
    static const unsigned expiries[] = {0, 1, 10, 0xFFFFFFFF};
    unsigned choice = pick(dice, 16), number = pick(dice, 4);
    if (choice & 1)
        add(properties, MQTTPROPERTY_CODE_USER_PROPERTY, 0);
    if (of_connect && choice & 2)
        add(properties, MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL, expiries[number]);
    if (of_connect && choice == 4)
        add(properties, MQTTPROPERTY_CODE_RECEIVE_MAXIMUM, 1 + number);
    if (!of_connect && choice & 4)
        add(properties, MQTTPROPERTY_CODE_CONTENT_TYPE, 0);
    if (!of_connect && choice == 8) /* does not belong into a subscribe */
        add(properties, MQTTPROPERTY_CODE_TOPIC_ALIAS, 1 + number);
}

/* ---- Clients come and go ---- */

struct client *make(struct dice *dice, uint64_t serial, int shared)
{
    int asynchronous = once_in(dice, 2);
    return (asynchronous && library.has_async) || !library.has_sync ? async_make(dice, serial, shared)
                                                                     : sync_make(dice, serial, shared);
}

/* A connection that is no more was reported as lost, unless the application itself has ended it. */
static void await_loss(struct client *client)
{
    const struct timespec moment = {0, 10 * 1000 * 1000};
    uint64_t limit = now_ms() + settings.patience * 1000ull;
    void *handle = GET(client->handle);
    for (;;) {
        int asynchronous = GET(client->asynchronous);
        int is_up = asynchronous ? GET(client->up)
                                 : GET(client->has_callbacks) && GET(client->connecting) == 1 && GET(client->connects) == 1
                                       && GET(client->losses) == 0;
        if (!is_up || GET(client->disconnects) || !client_is(client, LIVE)
            || (asynchronous ? CALL(MQTTAsync_isConnected, handle) : CALL(MQTTClient_isConnected, handle)))
            return;
        if (now_ms() > limit)
            finding("client %llx is not connected any more, and the loss was not reported",
                    (unsigned long long)GET(client->serial));
        nanosleep(&moment, NULL);
    }
}

void destroy(struct client *client)
{
    int only_user = !GET(client->is_shared) && !in_callback();
    if (only_user && client_is(client, LIVE))
        await_loss(client);
    if (!client_claim(client))
        return;
    void *handle = GET(client->handle), *copy = handle;
    if (GET(client->asynchronous))
        CALL_VOID(MQTTAsync_destroy, &copy);
    else
        CALL_VOID(MQTTClient_destroy, &copy);
    if (copy != NULL)
        finding("destroy leaves the handle");
    client_settle(client, only_user);
    client_is_gone(client);
    requests_settle(client);
    stale_add(handle);
}

static void step_of(struct client *client, struct dice *dice)
{
    if (client == NULL || !client_is(client, LIVE))
        return;
    if (GET(client->asynchronous))
        async_step(client, dice);
    else
        sync_step(client, dice);
}

static void replace(struct client **place, struct dice *dice, uint64_t serial, int shared)
{
    struct client *client = make(dice, serial, shared);
    struct client *before = __atomic_exchange_n(place, client, __ATOMIC_ACQ_REL);
    if (before != NULL)
        destroy(before);
}

void use_in_callback(struct client *own, struct dice *dice)
{
    struct client *client = once_in(dice, 3) ? __atomic_load_n(&places[pick(dice, PLACES)], __ATOMIC_ACQUIRE) : own;
    unsigned choice = pick(dice, 60), place = pick(dice, PLACES);
    uint64_t serial = mix(dice->state, 77);
    if (choice == 0)
        destroy(own);
    else if (choice == 1 && !settings.lane_per_client)
        replace(&places[place], dice, serial, 1);
    else if (choice < 6 && !settings.no_misuse)
        misuse(dice);
    else
        step_of(client, dice);
}

/* ---- Threads and rounds ---- */

struct worker {
    pthread_t thread;
    uint64_t round;
    unsigned number;
};

static void pause_sometimes(struct dice *dice)
{
    struct timespec moment = {0, (long)pick(dice, 2000000)};
    if (once_in(dice, 3))
        nanosleep(&moment, NULL);
}

static void step(struct client **own, struct dice *dice)
{
    unsigned choice = pick(dice, 200), place = pick(dice, PLACES), which = pick(dice, OWN);
    uint64_t serial = mix(dice->state, 78);
    pause_sometimes(dice);
    if (choice < 5)
        replace(&own[which], dice, serial, 0);
    else if (choice < 7)
        replace(&places[place], dice, serial, 1);
    else if (choice < 17 && !settings.no_misuse)
        misuse(dice);
    else if (choice < 130)
        step_of(own[which], dice);
    else
        step_of(__atomic_load_n(&places[place], __ATOMIC_ACQUIRE), dice);
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    struct client *own[OWN] = {NULL};
    uint64_t name = mix(mix(settings.seed, worker->round), worker->number);
    for (int i = 0; i < OWN; i++) {
        struct dice dice = {mix(name, 1000 + (uint64_t)i)};
        own[i] = make(&dice, mix(dice.state, 79), 0);
    }
    for (uint64_t number = 0; !GET(ends); number++) {
        struct dice dice = {mix(mix(name, 5), number)};
        watch_step("step", worker->round * 100 + worker->number, number);
        step(own, &dice);
        ADD(figures.steps, 1);
    }
    for (int i = 0; i < OWN; i++)
        destroy(own[i]);
    return NULL;
}

static void round_of(uint64_t number, unsigned threads, uint64_t milliseconds)
{
    struct worker workers[MOST_THREADS];
    struct timespec time = {(time_t)(milliseconds / 1000), (long)(milliseconds % 1000) * 1000000};
    SET(ends, 0);
    watch_phase("work");
    for (unsigned i = 0; i < PLACES; i++) {
        struct dice dice = {mix(mix(settings.seed, number), 2000 + i)};
        replace(&places[i], &dice, mix(dice.state, 80), 1);
    }
    for (unsigned i = 0; i < threads; i++) {
        workers[i] = (struct worker){.round = number, .number = i};
        pthread_create(&workers[i].thread, NULL, work, &workers[i]);
    }
    nanosleep(&time, NULL);
    SET(ends, 1);
    watch_phase("end of a round");
    for (unsigned i = 0; i < threads; i++)
        pthread_join(workers[i].thread, NULL);
    /* A callback may make a client while the others are destroyed, or destroy its own. */
    uint64_t limit = now_ms() + settings.patience * 1000ull;
    do {
        const struct timespec moment = {0, 1000 * 1000};
        for (unsigned i = 0; i < PLACES; i++) {
            struct client *client = __atomic_exchange_n(&places[i], NULL, __ATOMIC_ACQ_REL);
            if (client != NULL)
                destroy(client);
        }
        if (now_ms() > limit)
            finding("some clients are not destroyed");
        nanosleep(&moment, NULL);
    } while (clients_in_use());
    requests_all_settled();
}

/* Threads of the library may have counted last, and nothing but their counting orders that before this. */
#define FIGURE(name) ((unsigned long long)__atomic_load_n(&figures.name, __ATOMIC_RELAXED))

static void print_figures(uint64_t rounds)
{
    printf("rounds %llu, steps %llu, calls %llu, clients %llu, requests %llu, successes %llu, failures %llu, callbacks %llu, "
           "messages %llu, deliveries %llu, losses %llu, misuses %llu, probes %llu\n",
           (unsigned long long)rounds, FIGURE(steps), FIGURE(calls),
           FIGURE(clients), FIGURE(requests), FIGURE(successes),
           FIGURE(failures), FIGURE(callbacks), FIGURE(messages),
           FIGURE(deliveries), FIGURE(losses), FIGURE(misuses),
           FIGURE(probes));
}

int main(int argc, char **argv)
{
    static char uri[40], refused[40];
    if (argc != 7) {
        fprintf(stderr, "usage: fuzz LIBRARY SEED SECONDS THREADS PATIENCE DIRECTORY\n");
        return 2;
    }
    const char *lanes = getenv("PAHO_C_RS_CALLBACK_LANES");
    uint64_t seconds = strtoull(argv[3], NULL, 10), rounds = 0;
    settings.seed = strtoull(argv[2], NULL, 10);
    settings.directory = argv[6];
    settings.lane_per_client = lanes != NULL && strcmp(lanes, "client") == 0;
    settings.no_misuse = getenv("FUZZ_NO_MISUSE") != NULL;
    snprintf(uri, sizeof uri, "tcp://127.0.0.1:%d", server_start(settings.seed));
    snprintf(refused, sizeof refused, "tcp://127.0.0.1:1");
    settings.uri = uri;
    settings.refused = refused;
    load(argv[1]);
    watch_start((unsigned)strtoul(argv[5], NULL, 10));
    probe_start();
    int threads = entries("/proc/self/task"), files = 0;
    size_t before = 0;
    uint64_t end = now_ms() + seconds * 1000, length = seconds < 25 ? seconds * 200 : 5000;
    do {
        round_of(rounds, (unsigned)strtoul(argv[4], NULL, 10), rounds == 0 ? 1000 : length);
        flat("threads", "/proc/self/task", threads);
        if (rounds == 0)
            files = entries("/proc/self/fd");
        else
            flat("descriptors", "/proc/self/fd", files);
        if (getenv("FUZZ_HEAP"))
            fprintf(stderr, "heap %zu\n", heap());
        if (rounds < 2)
            before = heap() > before ? heap() : before;
        else if (!IS_SANITIZED && !getenv("FUZZ_TOOL") && heap() > before + SLACK)
            finding("the heap has grown from %zu to %zu bytes", before, heap());
        rounds++;
    } while (now_ms() < end);
    watch_phase("work");
    print_figures(rounds);
    return 0;
}
