/* Which clients and requests there are, and what has become of them. */
#include "fuzz.h"

#include <semaphore.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#define REQUESTS 16384

/* ---- Clients ---- */

static struct client clients[CLIENTS];
static unsigned next_client;

static int has_swapped(uint64_t *word, uint64_t *before, uint64_t after)
{
    return __atomic_compare_exchange_n(word, before, after, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

struct client *client_make(int asynchronous, uint64_t serial)
{
    for (int tries = 0; tries < CLIENTS; tries++) {
        struct client *client = &clients[ADD(next_client, 1) % CLIENTS];
        uint64_t state = GET(client->state);
        if ((state % 8 != NO_CLIENT && state % 8 != GONE) || !has_swapped(&client->state, &state, (state / 8 + 1) * 8 + MAKING))
            continue;
        SET(client->handle, NULL);
        SET(client->serial, serial);
        SET(client->asynchronous, asynchronous);
        SET(client->callbacks, 0);
        SET(client->up, 0);
        SET(client->disconnects, 0);
        SET(client->connects, 0);
        SET(client->connecting, 0);
        SET(client->losses, 0);
        SET(client->connection_losses, 0);
        for (int i = 0; i < TOKENS; i++) {
            SET(client->given[i], 0);
            SET(client->delivered[i], 0);
            SET(client->acknowledged[i], 0);
        }
        ADD(figures.clients, 1);
        return client;
    }
    finding("more than %d clients", CLIENTS);
}

static void move(struct client *client, int state)
{
    uint64_t before = GET(client->state);
    __atomic_store_n(&client->state, before / 8 * 8 + (unsigned)state, __ATOMIC_RELEASE);
}

void client_is_live(struct client *client)
{
    move(client, LIVE);
}

int client_is(const struct client *client, int state)
{
    return (int)(__atomic_load_n(&client->state, __ATOMIC_ACQUIRE) % 8) == state;
}

int client_claim(struct client *client)
{
    uint64_t state = GET(client->state);
    return state % 8 == LIVE && has_swapped(&client->state, &state, state / 8 * 8 + DYING);
}

void client_is_gone(struct client *client)
{
    move(client, GONE);
}

void client_was_not_made(struct client *client)
{
    move(client, NO_CLIENT);
}

uint64_t client_name(const struct client *client)
{
    return GET(client->state) / 8 * CLIENTS + (uint64_t)(client - clients);
}

void *client_context(const struct client *client)
{
    return (void *)(uintptr_t)(client_name(client) + 1);
}

static struct client *client_of(uint64_t name)
{
    return &clients[name % CLIENTS];
}

int clients_in_use(void)
{
    for (int i = 0; i < CLIENTS; i++)
        if (!client_is(&clients[i], NO_CLIENT) && !client_is(&clients[i], GONE))
            return 1;
    return 0;
}

/* NULL if there is another one in its place by now. */
struct client *client_named(uint64_t name)
{
    return client_name(client_of(name)) == name ? client_of(name) : NULL;
}

void client_given(struct client *client, int token)
{
    if (token > 0 && token < TOKENS)
        ADD(client->given[token], 1);
}

void client_delivered(struct client *client, int token)
{
    ADD(figures.deliveries, 1);
    if (token > 0 && token < TOKENS)
        ADD(client->delivered[token], 1);
}

void client_settle(struct client *client, int only_user)
{
    if (!only_user)
        return;
    for (int token = 0; token < TOKENS; token++) {
        int given = GET(client->given[token]), delivered = GET(client->delivered[token]);
        if (delivered > given)
            finding("client %llx: token %d was given %d times, and reported as delivered %d times",
                    (unsigned long long)GET(client->serial), token, given, delivered);
        if (GET(client->asynchronous) && GET(client->acknowledged[token]) != delivered)
            finding("client %llx: token %d was acknowledged %d times, and reported as delivered %d times",
                    (unsigned long long)GET(client->serial), token, GET(client->acknowledged[token]), delivered);
    }
    if (!GET(client->asynchronous) && GET(client->connection_losses) > GET(client->connects))
        finding("client %llx: %d connects and %d losses", (unsigned long long)GET(client->serial), GET(client->connects),
                GET(client->connection_losses));
}

/* ---- Callbacks ---- */

static int inside;
static __thread int depth;

int in_callback(void)
{
    return depth > 0;
}

static void enter(const char *name)
{
    int nobody = 0, thread = (int)syscall(SYS_gettid);
    ADD(figures.callbacks, 1);
    if (depth++ > 0 || settings.lane_per_client)
        return;
    if (!__atomic_compare_exchange_n(&inside, &nobody, thread, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        finding("%s runs on thread %d while another callback runs on thread %d", name, thread, nobody);
}

void callback_end(void)
{
    if (--depth == 0 && !settings.lane_per_client)
        SET(inside, 0);
}

static void begin(struct client *client, const char *name, struct dice *dice)
{
    uint64_t number = ADD(client->callbacks, 1);
    dice->state = mix(mix(settings.seed, GET(client->serial)), number);
    if (depth == 1)
        watch_step(name, GET(client->serial), number);
}

struct client *callback_begin(void *context, const char *name, struct dice *dice)
{
    uint64_t client_name_ = (uint64_t)(uintptr_t)context - 1;
    struct client *client = client_of(client_name_);
    uint64_t state = __atomic_load_n(&client->state, __ATOMIC_ACQUIRE);
    if (context == NULL || state / 8 != client_name_ / CLIENTS || state % 8 == GONE)
        finding("%s is called for a client that was destroyed", name);
    enter(name);
    begin(client, name, dice);
    return client;
}

/* ---- Looking at a client from outside while a callback of it runs ---- */

static struct client *probed;
static sem_t asked, answered;

static void look_at(struct client *client)
{
    void *handle = GET(client->handle);
    if (GET(client->asynchronous)) {
        MQTTAsync_token *tokens = NULL;
        CALL(MQTTAsync_isConnected, handle);
        CALL(MQTTAsync_isComplete, handle, 1);
        CALL(MQTTAsync_getPendingTokens, handle, &tokens);
        CALL_VOID(MQTTAsync_free, tokens);
    } else {
        MQTTClient_deliveryToken *tokens = NULL;
        CALL(MQTTClient_isConnected, handle);
        CALL(MQTTClient_getPendingDeliveryTokens, handle, &tokens);
        CALL_VOID(MQTTClient_free, tokens);
    }
}

static void *answer(void *argument)
{
    watch_step("probe", 0, 0);
    for (;;) {
        while (sem_wait(&asked) != 0)
            ;
        look_at(GET(probed));
        sem_post(&answered);
    }
    return argument;
}

void probe_start(void)
{
    pthread_t thread;
    sem_init(&asked, 0, 0);
    sem_init(&answered, 0, 0);
    pthread_create(&thread, NULL, answer, NULL);
    pthread_detach(thread);
}

void probe(struct client *client)
{
    struct client *none = NULL;
    if (!__atomic_compare_exchange_n(&probed, &none, client, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        return;
    ADD(figures.probes, 1);
    sem_post(&asked);
    while (sem_wait(&answered) != 0)
        ;
    SET(probed, NULL);
}

/* ---- Requests ---- */

#define BUSY 1u
#define RETURNED 2u
#define ACCEPTED 4u
#define RESULT 8u

static struct request {
    uint64_t state; /* generation * 16 + the flags above */
    uint64_t client, since;
    int kind, qos;
} requests[REQUESTS];
static unsigned next_request;
static const char *const kinds[] = {"connect", "disconnect", "subscribe", "unsubscribe", "send"};

/* Nothing more may happen to it. */
static int is_over(uint64_t state)
{
    return (state & BUSY) == 0 || ((state & RETURNED) && ((state & RESULT) || !(state & ACCEPTED)));
}

static int is_owed(uint64_t state)
{
    return (state & BUSY) && (state & RETURNED) && (state & ACCEPTED) && !(state & RESULT);
}

void *request_begin(struct client *client, enum kind kind, int qos)
{
    for (int tries = 0; tries < REQUESTS; tries++) {
        uint64_t index = ADD(next_request, 1) % REQUESTS;
        struct request *request = &requests[index];
        uint64_t state = GET(request->state), generation = state / 16 + 1;
        if (!is_over(state) || !has_swapped(&request->state, &state, generation * 16 + BUSY))
            continue;
        SET(request->client, client == NULL ? 0 : client_name(client) + 1);
        SET(request->since, now_ms());
        SET(request->kind, (int)kind);
        SET(request->qos, qos);
        return (void *)(uintptr_t)(generation * REQUESTS + index);
    }
    return NULL;
}

void request_end(void *context, int code)
{
    if (context == NULL)
        return;
    struct request *request = &requests[(uintptr_t)context % REQUESTS];
    SET(request->since, now_ms());
    uint64_t state = __atomic_fetch_or(&request->state, RETURNED | (code == 0 ? ACCEPTED : 0), __ATOMIC_RELAXED);
    if (code == 0)
        ADD(figures.requests, 1);
    else if (state & RESULT)
        finding("a %s that was refused with %d has a result", kinds[GET(request->kind)], code);
}

struct client *request_result(void *context, int success, struct dice *dice, enum kind *kind, int *qos)
{
    struct request *request = &requests[(uintptr_t)context % REQUESTS];
    const char *name = kinds[GET(request->kind)];
    if (GET(request->state) / 16 != (uintptr_t)context / REQUESTS)
        finding("a second result of a request that was over long ago");
    uint64_t state = __atomic_fetch_or(&request->state, RESULT, __ATOMIC_RELAXED);
    if (state & RESULT)
        finding("a second result of a %s, now a %s", name, success ? "success" : "failure");
    if ((state & RETURNED) && !(state & ACCEPTED))
        finding("a result of a %s that was refused", name);
    if (success)
        ADD(figures.successes, 1);
    else
        ADD(figures.failures, 1);
    *kind = (enum kind)GET(request->kind);
    *qos = GET(request->qos);
    enter(name);
    uint64_t client_name_ = GET(request->client);
    if (client_name_ == 0)
        return NULL;
    struct client *client = client_of(client_name_ - 1);
    uint64_t client_state = __atomic_load_n(&client->state, __ATOMIC_ACQUIRE);
    if (client_state / 8 != (client_name_ - 1) / CLIENTS || client_state % 8 == GONE)
        finding("a result of a %s comes after its client was destroyed", name);
    begin(client, name, dice);
    return client;
}

void requests_settle(const struct client *client)
{
    uint64_t name = client_name(client) + 1;
    for (int i = 0; i < REQUESTS; i++) {
        uint64_t state = GET(requests[i].state);
        /* Still the same request when its client was looked at. */
        if (is_owed(state) && GET(requests[i].client) == name && GET(requests[i].state) == state)
            finding("client %llx is destroyed, and a %s of QoS %d has no result", (unsigned long long)GET(client->serial),
                    kinds[GET(requests[i].kind)], GET(requests[i].qos));
    }
}

void requests_age(uint64_t patience_ms)
{
    uint64_t now = now_ms();
    for (int i = 0; i < REQUESTS; i++) {
        uint64_t state = GET(requests[i].state), since = GET(requests[i].since);
        int kind = GET(requests[i].kind);
        if ((kind == CONNECT || kind == DISCONNECT) && is_owed(state) && now > since + patience_ms
            && GET(requests[i].state) == state)
            finding("a %s has had no result for %llu ms", kinds[kind], (unsigned long long)(now - since));
    }
}

void requests_all_settled(void)
{
    for (int i = 0; i < REQUESTS; i++)
        if (!is_over(GET(requests[i].state)))
            finding("all clients are destroyed, and a %s has no result", kinds[GET(requests[i].kind)]);
}
