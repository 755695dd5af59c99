/* Publishes many messages of QoS 0 in a row and ends at once, in one of several ways.
 *
 *   burst LIBRARY URI COUNT HOW
 *
 *   return       main returns
 *   exit         calls exit()
 *   callback     calls exit() inside messageArrived, which gets the message "end"
 *   payload      the same while main sends a large message; says "arrived" before
 *   disconnect   disconnects, then ends without what a program does at its end
 *   destroy      the same with destroy
 *   fork         another process is made of it in the middle, which ends in order before this one goes on
 *   child        such a process publishes on a connection of its own
 *   alarm        COUNT does not matter: it goes on until a signal handler calls exit(3)
 */

#define _GNU_SOURCE
#include "MQTTClient.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define FUNCTION(name) static __typeof__(MQTTClient_##name) *name
FUNCTION(create);
FUNCTION(setCallbacks);
FUNCTION(connect);
FUNCTION(subscribe);
FUNCTION(publish);
FUNCTION(disconnect);
FUNCTION(destroy);

static void *library;
static MQTTClient client;
static int number, count;

static void check(int code, const char *what)
{
    if (code != 0) {
        fprintf(stderr, "%s: %d\n", what, code);
        _exit(1);
    }
}

static void *symbol(const char *name)
{
    void *found = dlsym(library, name);
    check(found == NULL, name);
    return found;
}

#define LOAD(name) *(void **)&name = symbol("MQTTClient_" #name)

static void publish_up_to(int end)
{
    char text[32];
    for (; number < end; number++)
        check(publish(client, "burst", sprintf(text, "%d", number), text, 0, 0, NULL), "publish");
}

static int arrived(void *context, char *topic, int length, MQTTClient_message *message)
{
    (void)context, (void)topic, (void)length, (void)message;
    publish_up_to(count);
    puts("arrived");
    exit(fflush(stdout));
}

static int ignored(void *context, char *topic, int length, MQTTClient_message *message)
{
    (void)context, (void)topic, (void)length, (void)message;
    return 1;
}

static void start(const char *uri, const char *id, MQTTClient_messageArrived *callback)
{
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
    check(create(&client, uri, id, MQTTCLIENT_PERSISTENCE_NONE, NULL), "create");
    check(setCallbacks(client, NULL, NULL, callback, NULL), "setCallbacks");
    check(connect(client, &options), "connect");
}

static void on_alarm(int signal)
{
    (void)signal;
    exit(3);
}

static void await_child(pid_t child)
{
    int status;
    check(waitpid(child, &status, 0) != child || status != 0, "child");
}

int main(int argc, char **argv)
{
    if (argc != 5)
        return 2;
    const char *uri = argv[2], *how = argv[4];
    library = dlopen(argv[1], RTLD_NOW);
    check(library == NULL, "dlopen");
    count = atoi(argv[3]);
    LOAD(create);
    LOAD(setCallbacks);
    LOAD(connect);
    LOAD(subscribe);
    LOAD(publish);
    LOAD(disconnect);
    LOAD(destroy);

    if (strcmp(how, "callback") == 0) {
        start(uri, "burst", arrived);
        check(subscribe(client, "end", 0), "subscribe");
        for (;;)
            pause();
    }
    if (strcmp(how, "payload") == 0) {
        static char payload[16 << 20];
        start(uri, "burst", arrived);
        publish(client, "burst", sizeof payload, payload, 0, 0, NULL);
        pause();
    }
    start(uri, "burst", ignored);
    if (strcmp(how, "alarm") == 0) {
        signal(SIGALRM, on_alarm);
        alarm(1);
        publish_up_to(1 << 30);
    }
    publish_up_to(count / 2);
    if (strcmp(how, "fork") == 0 || strcmp(how, "child") == 0) {
        pid_t child = fork();
        if (child == 0 && strcmp(how, "child") == 0) {
            start(uri, "child", ignored);
            number = 0;
            publish_up_to(count);
        }
        if (child == 0)
            exit(0);
        await_child(child);
    }
    publish_up_to(count);
    if (strcmp(how, "disconnect") == 0) {
        check(disconnect(client, 0), "disconnect");
        _exit(0);
    }
    if (strcmp(how, "destroy") == 0) {
        destroy(&client);
        _exit(0);
    }
    if (strcmp(how, "exit") == 0)
        exit(0);
    return 0;
}
