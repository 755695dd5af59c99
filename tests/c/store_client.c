/* A client with a store that does what it is told on its standard input, one command a line, and answers each with one
 * line. The library is loaded by name, so that the same program runs on this library and on the original.
 *
 *   store_client LIBRARY URI
 *
 *   create ID TYPE DIRECTORY VERSION    connect CLEAN    publish QOS TOPIC PAYLOAD    wait TOKEN MILLISECONDS
 *   receive MILLISECONDS    pending    disconnect MILLISECONDS    destroy    callbacks (received messages are told)
 *   flood QOS TOPIC FIRST (publishes FIRST, FIRST+1 ... until it is killed; one line for each)
 *   limit BYTES (the size of files)    fail 1 (own store: puts fail from now on)    calls (what was called of the program's own store, joined by |)
 *   failcalls FIRST COUNT (own store: these calls fail from now on)    called (how many calls since then)
 *   inside 1 (functions of the own store use the client; tells how often that worked)
 *   mount DIRECTORY, readonly DIRECTORY 1, fill DIRECTORY 1 (see small_disk.h)
 */

#define _GNU_SOURCE
#include "MQTTClient.h"
#include "own_store.h"
#include "small_disk.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define FUNCTION(name) static __typeof__(MQTTClient_##name) *name
FUNCTION(createWithOptions);
FUNCTION(setCallbacks);
FUNCTION(connect);
FUNCTION(connect5);
FUNCTION(publish);
FUNCTION(publish5);
FUNCTION(waitForCompletion);
FUNCTION(receive);
FUNCTION(getPendingDeliveryTokens);
FUNCTION(disconnect);
FUNCTION(destroy);
FUNCTION(freeMessage);
static __typeof__(MQTTClient_free) *give_back;

static void *library;
static const char *uri;
static MQTTClient client;
static int version;

static void *symbol(const char *name)
{
    void *found = dlsym(library, name);
    if (found == NULL) {
        fprintf(stderr, "%s is missing\n", name);
        exit(2);
    }
    return found;
}

#define LOAD(name) *(void **)&name = symbol("MQTTClient_" #name)

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
    LOAD(connect5);
    LOAD(publish);
    LOAD(publish5);
    LOAD(waitForCompletion);
    LOAD(receive);
    LOAD(getPendingDeliveryTokens);
    LOAD(disconnect);
    LOAD(destroy);
    LOAD(freeMessage);
    *(void **)&give_back = symbol("MQTTClient_free");
}

/* ---- The commands ---- */

static void answer(const char *what, int code)
{
    printf("%s %d\n", what, code);
    fflush(stdout);
}

static void create(const char *id, int type, const char *directory)
{
    MQTTClient_createOptions options = MQTTClient_createOptions_initializer;
    options.MQTTVersion = version;
    void *context = type == MQTTCLIENT_PERSISTENCE_USER ? (void *)&own_store : (void *)directory;
    answer("create", createWithOptions(&client, uri, id, type, context, version == 5 ? &options : NULL));
}

static void connect_client(int clean)
{
    if (version == 5) {
        MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer5;
        options.cleanstart = clean;
        options.maxInflightMessages = 100;
        MQTTProperty expiry = {.identifier = MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL, .value.integer4 = 3600};
        MQTTProperties properties = {.count = 1, .max_count = 1, .length = 5, .array = &expiry};
        answer("connect", connect5(client, &options, &properties, NULL).reasonCode);
    } else {
        MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
        options.MQTTVersion = version;
        options.cleansession = clean;
        options.maxInflightMessages = 100;
        options.reliable = 0;
        answer("connect", connect(client, &options));
    }
}

/* What is published for this word: itself, or for @NUMBER so many bytes. */
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

static int publish_text(int qos, const char *topic, const char *payload, int *token)
{
    int length = (int)strlen(payload);
    if (version == 5) {
        return publish5(client, topic, length, payload, qos, 0, NULL, token).reasonCode;
    }
    return publish(client, topic, length, payload, qos, 0, token);
}

static void flood(int qos, const char *topic, long number)
{
    for (;; ++number) {
        char payload[32];
        snprintf(payload, sizeof payload, "%ld", number);
        printf("trying %ld\n", number);
        fflush(stdout);
        int code = publish_text(qos, topic, payload, NULL);
        printf("flooded %ld %d\n", number, code);
        fflush(stdout);
        if (code != 0) {
            return;
        }
    }
}

static void receive_message(unsigned long milliseconds)
{
    char *topic = NULL;
    int length = 0;
    MQTTClient_message *message = NULL;
    int code = receive(client, &topic, &length, &message, milliseconds);
    if (message == NULL) {
        answer("receive", code);
        return;
    }
    printf("receive %d %.*s %.*s %d\n", code, length, topic, message->payloadlen, (char *)message->payload, message->qos);
    fflush(stdout);
    freeMessage(&message);
}

static void pending(void)
{
    MQTTClient_deliveryToken *tokens = NULL;
    printf("pending %d", getPendingDeliveryTokens(client, &tokens));
    for (int index = 0; tokens != NULL && tokens[index] != -1; ++index) {
        printf(" %d", tokens[index]);
    }
    printf("\n");
    fflush(stdout);
}

static int arrived(void *context, char *topic, int length, MQTTClient_message *message)
{
    (void)context;
    (void)length;
    printf("arrived %s %.*s %d\n", topic, message->payloadlen, (char *)message->payload, message->qos);
    fflush(stdout);
    freeMessage(&message);
    give_back(topic);
    return 1;
}

/* What a function of the store should not be able to do: a number of things that it could do all the same. */
static int use_clients(void)
{
    char *topic = NULL;
    int length = 0;
    MQTTClient_message *message = NULL;
    MQTTClient kept = client;
    int worked = publish(client, "t", 6, "inside", 1, 0, NULL) == 0;
    worked += receive(client, &topic, &length, &message, 10) == 0;
    worked += disconnect(client, 0) == 0;
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
    char *word[5] = {"", "", "", "", ""};
    int count = 0;
    for (char *next = strtok(line, " \n"); next != NULL && count < 5; next = strtok(NULL, " \n")) {
        word[count++] = next;
    }
    if (strcmp(word[0], "create") == 0) {
        version = atoi(word[4]);
        create(word[1], atoi(word[2]), word[3]);
    } else if (strcmp(word[0], "connect") == 0) {
        connect_client(atoi(word[1]));
    } else if (strcmp(word[0], "publish") == 0) {
        int token = 0;
        int code = publish_text(atoi(word[1]), word[2], payload_of(word[3]), &token);
        printf("publish %d %d\n", code, token);
        fflush(stdout);
    } else if (strcmp(word[0], "flood") == 0) {
        flood(atoi(word[1]), word[2], atol(word[3]));
    } else if (strcmp(word[0], "wait") == 0) {
        answer("wait", waitForCompletion(client, atoi(word[1]), strtoul(word[2], NULL, 10)));
    } else if (strcmp(word[0], "receive") == 0) {
        receive_message(strtoul(word[1], NULL, 10));
    } else if (strcmp(word[0], "pending") == 0) {
        pending();
    } else if (strcmp(word[0], "disconnect") == 0) {
        answer("disconnect", disconnect(client, atoi(word[1])));
    } else if (strcmp(word[0], "destroy") == 0) {
        destroy(&client);
        answer("destroy", 0);
    } else if (strcmp(word[0], "callbacks") == 0) {
        answer("callbacks", setCallbacks(client, NULL, NULL, arrived, NULL));
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
        fprintf(stderr, "usage: store_client LIBRARY URI\n");
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
