/* The asynchronous twin of store_client.c: commands on standard input, one line of answer for each.
 *
 *   store_async_client LIBRARY URI
 *
 *   create ID TYPE DIRECTORY VERSION OPTIONS (r: restore nothing; z: QoS 0 is not kept; o: sends while not connected;
 *     t: each received message is told at once; n: none is taken; a: connects again by itself)
 *   connect CLEAN    send QOS TOPIC PAYLOAD    subscribe TOPIC QOS    unsubscribe TOPIC    wait TOKEN MILLISECONDS
 *   pending    received (messages since the last time)    await COUNT (messages)    disconnect MILLISECONDS    destroy    hooks KEY (0: none, -1: they fail)
 *   flood QOS TOPIC FIRST (sends FIRST, FIRST+1 ... until it is killed)    limit BYTES    fail 1    calls
 *   failcalls FIRST COUNT (own store: these calls fail from now on)    called (how many calls since then)
 *   inside 1 (functions of the own store use the client; tells how often that worked)
 *   mount DIRECTORY, readonly DIRECTORY 1, fill DIRECTORY 1 (see small_disk.h)
 */

#define _GNU_SOURCE
#include "MQTTAsync.h"
#include "own_store.h"
#include "small_disk.h"

#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>

#define FUNCTION(name) static __typeof__(MQTTAsync_##name) *name
FUNCTION(createWithOptions);
FUNCTION(setCallbacks);
FUNCTION(connect);
FUNCTION(send);
FUNCTION(subscribe);
FUNCTION(unsubscribe);
FUNCTION(waitForCompletion);
FUNCTION(getPendingTokens);
FUNCTION(disconnect);
FUNCTION(destroy);
FUNCTION(freeMessage);
static __typeof__(MQTTAsync_free) *give_back;
static __typeof__(MQTTAsync_malloc) *allocate;
FUNCTION(setBeforePersistenceWrite);
FUNCTION(setAfterPersistenceRead);

static void *library;
static const char *uri;
static MQTTAsync client;
static int version;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t told = PTHREAD_COND_INITIALIZER;
static int outcome;
static int has_outcome;
static char received[1 << 12];
static int arrivals;
static int tells_at_once;
static int takes_nothing;
static int connects_again;

static void *symbol(const char *name)
{
    void *found = dlsym(library, name);
    if (found == NULL) {
        fprintf(stderr, "%s is missing\n", name);
        exit(2);
    }
    return found;
}

#define LOAD(name) *(void **)&name = symbol("MQTTAsync_" #name)

static void load(const char *path)
{
    library = dlopen(path, RTLD_NOW);
    if (library == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(2);
    }
    LOAD(createWithOptions);
    LOAD(setCallbacks);
    LOAD(connect);
    LOAD(send);
    LOAD(subscribe);
    LOAD(unsubscribe);
    LOAD(waitForCompletion);
    LOAD(getPendingTokens);
    LOAD(disconnect);
    LOAD(destroy);
    LOAD(freeMessage);
    *(void **)&give_back = symbol("MQTTAsync_free");
    *(void **)&allocate = symbol("MQTTAsync_malloc");
    LOAD(setBeforePersistenceWrite);
    LOAD(setAfterPersistenceRead);
}

static void answer(const char *what, int code)
{
    printf("%s %d\n", what, code);
    fflush(stdout);
}

static void tell(int code)
{
    pthread_mutex_lock(&lock);
    outcome = code;
    has_outcome = 1;
    pthread_cond_broadcast(&told);
    pthread_mutex_unlock(&lock);
}

/* Waits until there is an outcome, or so many messages have arrived. */
static int await(int messages)
{
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += 20;
    pthread_mutex_lock(&lock);
    int code = 0;
    while (!has_outcome && arrivals < messages && code == 0) {
        code = pthread_cond_timedwait(&told, &lock, &end);
    }
    pthread_mutex_unlock(&lock);
    return code;
}

static int await_outcome(void)
{
    int late = await(INT_MAX);
    pthread_mutex_lock(&lock);
    has_outcome = 0;
    pthread_mutex_unlock(&lock);
    return late ? -1000 : outcome;
}

static void succeeded(void *context, MQTTAsync_successData *data)
{
    (void)context;
    (void)data;
    tell(0);
}

static void failed(void *context, MQTTAsync_failureData *data)
{
    (void)context;
    tell(data == NULL ? -1 : data->code);
}

static void succeeded5(void *context, MQTTAsync_successData5 *data)
{
    (void)context;
    (void)data;
    tell(0);
}

static void failed5(void *context, MQTTAsync_failureData5 *data)
{
    (void)context;
    tell(data == NULL ? -1 : data->code);
}

static int arrived(void *context, char *topic, int length, MQTTAsync_message *message)
{
    (void)context;
    (void)length;
    if (takes_nothing) {
        return 0;
    }
    if (tells_at_once) {
        printf("arrived %s %.*s %d\n", topic, message->payloadlen, (char *)message->payload, message->qos);
        fflush(stdout);
    }
    pthread_mutex_lock(&lock);
    arrivals++;
    pthread_cond_broadcast(&told);
    size_t used = strlen(received);
    snprintf(received + used, sizeof received - used, " %s %.*s %d", topic, message->payloadlen,
             (char *)message->payload, message->qos);
    pthread_mutex_unlock(&lock);
    freeMessage(&message);
    give_back(topic);
    return 1;
}

static void create(const char *id, int type, const char *directory, const char *wanted)
{
    MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer;
    options.struct_version = 2;
    options.MQTTVersion = version;
    takes_nothing = strchr(wanted, 'n') != NULL;
    tells_at_once = strchr(wanted, 't') != NULL;
    connects_again = strchr(wanted, 'a') != NULL;
    options.sendWhileDisconnected = strchr(wanted, 'o') != NULL;
    options.allowDisconnectedSendAtAnyTime = options.sendWhileDisconnected;
    options.maxBufferedMessages = 100;
    options.restoreMessages = strchr(wanted, 'r') == NULL;
    options.persistQoS0 = strchr(wanted, 'z') == NULL;
    void *context = type == MQTTCLIENT_PERSISTENCE_USER ? (void *)&own_store : (void *)directory;
    int code = createWithOptions(&client, uri, id, type, context, &options);
    if (code == 0) {
        code = setCallbacks(client, NULL, NULL, arrived, NULL);
    }
    answer("create", code);
}

static void connect_client(int clean)
{
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
    MQTTAsync_connectOptions options5 = MQTTAsync_connectOptions_initializer5;
    MQTTProperty expiry = {.identifier = MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL, .value.integer4 = 3600};
    MQTTProperties properties = {.count = 1, .max_count = 1, .length = 5, .array = &expiry};
    if (version == 5) {
        options = options5;
        options.cleanstart = clean;
        options.connectProperties = &properties;
        options.onSuccess5 = succeeded5;
        options.onFailure5 = failed5;
    } else {
        options.cleansession = clean;
        options.MQTTVersion = version;
        options.onSuccess = succeeded;
        options.onFailure = failed;
    }
    options.automaticReconnect = connects_again;
    options.minRetryInterval = 0;
    options.maxRetryInterval = 1;
    int code = connect(client, &options);
    answer("connect", code == 0 ? await_outcome() : code);
}

/* What is sent for this word: itself, or for @NUMBER so many bytes. */
static const char *payload_of(const char *word)
{
    if (word[0] != '@') {
        return word;
    }
    size_t size = (size_t)atol(word + 1);
    char *payload = malloc(size + 1);
    memset(payload, 'x', size);
    payload[size] = '\0';
    return payload;
}

static void send_text(int qos, const char *topic, const char *payload)
{
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    int code = send(client, topic, (int)strlen(payload), payload, qos, 0, &response);
    printf("send %d %d\n", code, response.token);
    fflush(stdout);
}

static void flood(int qos, const char *topic, long number)
{
    for (;; ++number) {
        char payload[32];
        snprintf(payload, sizeof payload, "%ld", number);
        printf("trying %ld\n", number);
        fflush(stdout);
        int code = send(client, topic, (int)strlen(payload), payload, qos, 0, NULL);
        while (code == MQTTASYNC_MAX_BUFFERED_MESSAGES) {
            struct timespec pause = {0, 1000000};
            nanosleep(&pause, NULL);
            code = send(client, topic, (int)strlen(payload), payload, qos, 0, NULL);
        }
        printf("flooded %ld %d\n", number, code);
        fflush(stdout);
        if (code != 0) {
            return;
        }
    }
}

static void respond(MQTTAsync_responseOptions *response)
{
    if (version == 5) {
        response->onSuccess5 = succeeded5;
        response->onFailure5 = failed5;
    } else {
        response->onSuccess = succeeded;
        response->onFailure = failed;
    }
}

static void subscribe_to(const char *topic, int qos)
{
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    respond(&response);
    int code = subscribe(client, topic, qos, &response);
    answer("subscribe", code == 0 ? await_outcome() : code);
}

static void unsubscribe_from(const char *topic)
{
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    respond(&response);
    int code = unsubscribe(client, topic, &response);
    answer("unsubscribe", code == 0 ? await_outcome() : code);
}

static void disconnect_client(int milliseconds)
{
    MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer;
    MQTTAsync_disconnectOptions options5 = MQTTAsync_disconnectOptions_initializer5;
    if (version == 5) {
        options = options5;
        options.onSuccess5 = succeeded5;
        options.onFailure5 = failed5;
    } else {
        options.onSuccess = succeeded;
        options.onFailure = failed;
    }
    options.timeout = milliseconds;
    int code = disconnect(client, &options);
    answer("disconnect", code == 0 ? await_outcome() : code);
}

static void pending(void)
{
    MQTTAsync_token *tokens = NULL;
    printf("pending %d", getPendingTokens(client, &tokens));
    for (int index = 0; tokens != NULL && tokens[index] != -1; ++index) {
        printf(" %d", tokens[index]);
    }
    printf("\n");
    fflush(stdout);
    give_back(tokens);
}

static void tell_received(void)
{
    pthread_mutex_lock(&lock);
    printf("received%s\n", received);
    received[0] = '\0';
    pthread_mutex_unlock(&lock);
    fflush(stdout);
}

/* Hooks that turn every byte of a record by a key, and put it all into the last buffer. */

static int before_write(void *context, int count, char *buffers[], int lengths[])
{
    int total = 0, used = 0;
    if (*(signed char *)context == -1) {
        return -1;
    }
    for (int index = 0; index < count; ++index) {
        total += lengths[index];
    }
    char *changed = allocate((size_t)total + 1);
    for (int index = 0; index < count; ++index) {
        for (int at = 0; at < lengths[index]; ++at) {
            changed[used++] = (char)(buffers[index][at] ^ *(char *)context);
        }
        buffers[index] = NULL;
        lengths[index] = 0;
    }
    buffers[count - 1] = changed;
    lengths[count - 1] = total;
    return 0;
}

static int after_read(void *context, char **buffer, int *length)
{
    char *changed = allocate((size_t)*length + 1);
    for (int at = 0; at < *length; ++at) {
        changed[at] = (char)((*buffer)[at] ^ *(char *)context);
    }
    give_back(*buffer);
    *buffer = changed;
    return 0;
}

static void set_hooks(int key)
{
    static char kept;
    kept = (char)key;
    int code = setBeforePersistenceWrite(client, &kept, key == 0 ? NULL : before_write);
    answer("hooks", code | setAfterPersistenceRead(client, &kept, key == 0 ? NULL : after_read));
}

/* What a function of the store should not be able to do: a number of things that it could do all the same. */
static int use_clients(void)
{
    MQTTAsync kept = client;
    int worked = send(client, "t", 6, "inside", 1, 0, NULL) == 0;
    worked += waitForCompletion(client, 1, 10) == 0;
    worked += disconnect(client, NULL) == 0;
    destroy(&client);
    return worked + (client != kept);
}

static void limit(long bytes)
{
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit size = {(rlim_t)bytes, RLIM_INFINITY};
    answer("limit", setrlimit(RLIMIT_FSIZE, &size));
}

static void obey(char *line)
{
    char *word[6] = {"", "", "", "", "", ""};
    int count = 0;
    for (char *next = strtok(line, " \n"); next != NULL && count < 6; next = strtok(NULL, " \n")) {
        word[count++] = next;
    }
    if (strcmp(word[0], "create") == 0) {
        version = atoi(word[4]);
        create(word[1], atoi(word[2]), word[3], word[5]);
    } else if (strcmp(word[0], "connect") == 0) {
        connect_client(atoi(word[1]));
    } else if (strcmp(word[0], "send") == 0) {
        send_text(atoi(word[1]), word[2], payload_of(word[3]));
    } else if (strcmp(word[0], "flood") == 0) {
        flood(atoi(word[1]), word[2], atol(word[3]));
    } else if (strcmp(word[0], "subscribe") == 0) {
        subscribe_to(word[1], atoi(word[2]));
    } else if (strcmp(word[0], "unsubscribe") == 0) {
        unsubscribe_from(word[1]);
    } else if (strcmp(word[0], "wait") == 0) {
        answer("wait", waitForCompletion(client, atoi(word[1]), strtoul(word[2], NULL, 10)));
    } else if (strcmp(word[0], "pending") == 0) {
        pending();
    } else if (strcmp(word[0], "await") == 0) {
        answer("await", await(atoi(word[1])));
    } else if (strcmp(word[0], "received") == 0) {
        tell_received();
    } else if (strcmp(word[0], "disconnect") == 0) {
        disconnect_client(atoi(word[1]));
    } else if (strcmp(word[0], "destroy") == 0) {
        destroy(&client);
        answer("destroy", 0);
    } else if (strcmp(word[0], "hooks") == 0) {
        set_hooks(atoi(word[1]));
    } else if (strcmp(word[0], "limit") == 0) {
        limit(atol(word[1]));
    } else if (strcmp(word[0], "fail") == 0) {
        put_fails = atoi(word[1]);
        answer("fail", put_fails);
    } else if (strcmp(word[0], "failcalls") == 0) {
        call_number = 0;
        first_failing = atol(word[1]);
        failing = atol(word[2]);
        answer("failcalls", 0);
    } else if (strcmp(word[0], "called") == 0) {
        answer("called", (int)call_number);
    } else if (strcmp(word[0], "inside") == 0) {
        inside = atoi(word[1]) ? use_clients : NULL;
        answer("inside", surprises);
    } else if (strcmp(word[0], "calls") == 0) {
        tell_calls();
    } else if (!obey_about_disk(word[0], word[1], atoi(word[2]))) {
        answer("what?", -1);
    }
}

int main(int count, char **arguments)
{
    if (count != 3) {
        fprintf(stderr, "usage: store_async_client LIBRARY URI\n");
        return 2;
    }
    load(arguments[1]);
    uri = arguments[2];
    char line[512];
    while (fgets(line, sizeof line, stdin) != NULL) {
        obey(line);
    }
    return 0;
}
