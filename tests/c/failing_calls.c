/* Lets the n-th call of one function of the system fail, for n from 1 on, while clients connect, subscribe, publish, receive
 * and go. Whatever fails: no call hangs, nothing that is said to be sent is lost on a connection that lives on, every request
 * has one result, and no descriptor or thread is left.
 *
 *   failing_calls LIBRARY URI MODE FUNCTION ERRNO COUNT        MODE: calls, callbacks or async
 */

#define _GNU_SOURCE
#include "MQTTAsync.h"
#include "MQTTClient.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static const char *function = "";
static int error_number;
static atomic_int countdown;

/* True if this call is the one that fails. */
static int fails(const char *name)
{
    if (strcmp(name, function) != 0 || atomic_fetch_sub(&countdown, 1) != 1)
        return 0;
    errno = error_number;
    return 1;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define WRAP(type, name, parameters, arguments)                                                                              \
    type name parameters                                                                                                     \
    {                                                                                                                        \
        return fails(#name) ? (type)-1 : NEXT(name) arguments;                                                               \
    }

WRAP(int, socket, (int a, int b, int c), (a, b, c))
WRAP(int, setsockopt, (int a, int b, int c, const void *d, socklen_t e), (a, b, c, d, e))
WRAP(int, getsockopt, (int a, int b, int c, void *d, socklen_t *e), (a, b, c, d, e))
WRAP(int, connect, (int a, const struct sockaddr *b, socklen_t c), (a, b, c))
WRAP(ssize_t, send, (int a, const void *b, size_t c, int d), (a, b, c, d))
WRAP(ssize_t, sendmsg, (int a, const struct msghdr *b, int c), (a, b, c))
WRAP(ssize_t, recv, (int a, void *b, size_t c, int d), (a, b, c, d))
WRAP(int, epoll_create1, (int a), (a))
WRAP(int, epoll_ctl, (int a, int b, int c, struct epoll_event *d), (a, b, c, d))
WRAP(int, epoll_wait, (int a, struct epoll_event *b, int c, int d), (a, b, c, d))
WRAP(int, eventfd, (unsigned a, int b), (a, b))
WRAP(int, poll, (struct pollfd * a, nfds_t b, int c), (a, b, c))
WRAP(int, ppoll, (struct pollfd * a, nfds_t b, const struct timespec *c, const sigset_t *d), (a, b, c, d))
WRAP(ssize_t, getrandom, (void *a, size_t b, unsigned c), (a, b, c))
WRAP(int, shutdown, (int a, int b), (a, b))

static int fails_with(const char *name, long number)
{
    return (number == SYS_eventfd2 && fails("eventfd")) || (number == SYS_getrandom && fails("getrandom")) || fails(name);
}

long syscall(long number, ...)
{
    va_list list;
    long a[6];
    int index;
    va_start(list, number);
    for (index = 0; index < 6; index++)
        a[index] = va_arg(list, long);
    va_end(list);
    return fails_with("syscall", number) ? -1 : NEXT(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

int fcntl(int descriptor, int command, ...)
{
    va_list list;
    void *argument;
    va_start(list, command);
    argument = va_arg(list, void *);
    va_end(list);
    return fails("fcntl") ? -1 : NEXT(fcntl)(descriptor, command, argument);
}

int ioctl(int descriptor, unsigned long request, ...)
{
    va_list list;
    void *argument;
    va_start(list, request);
    argument = va_arg(list, void *);
    va_end(list);
    return fails("ioctl") ? -1 : NEXT(ioctl)(descriptor, request, argument);
}

int pthread_create(pthread_t *a, const pthread_attr_t *b, void *(*c)(void *), void *d)
{
    return fails("pthread_create") ? error_number : NEXT(pthread_create)(a, b, c, d);
}

static void *library;
static int run;
static const char *uri, *mode;

#define CALL(name) ((__typeof__(&name))symbol(#name))

static void fail(const char *what)
{
    fprintf(stderr, "%s: call %d of %s: %s\n", mode, run, function, what);
    _Exit(1);
}

static void *symbol(const char *name)
{
    void *found = dlsym(library, name);
    if (found == NULL)
        fail(name);
    return found;
}

static int entries(const char *path)
{
    DIR *directory = opendir(path);
    int count = 0;
    while (readdir(directory) != NULL)
        count++;
    closedir(directory);
    return count;
}

static void hang(int signal)
{
    (void)signal;
    static const char text[] = "a call hangs\n";
    if (write(2, text, sizeof(text) - 1) < 0 || write(2, function, strlen(function)) < 0)
        _exit(3);
    abort();
}

/* Waits for a semaphore, ten seconds at most. */
static int awaited(sem_t *semaphore)
{
    struct timespec limit;
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += 10;
    while (sem_timedwait(semaphore, &limit) != 0)
        if (errno != EINTR)
            return 0;
    return 1;
}

static sem_t arrived;

/* Waits for a message, as long as there is a connection. */
static int arrives(int (*is_connected)(void *), void *client)
{
    struct timespec pause = {0, 1000000};
    int round;
    for (round = 0; round < 10000; round++) {
        if (sem_trywait(&arrived) == 0)
            return 1;
        if (!is_connected(client))
            return 0;
        nanosleep(&pause, NULL);
    }
    return 0;
}

static int on_message(void *context, char *topic, int length, MQTTClient_message *message)
{
    (void)context, (void)length;
    CALL(MQTTClient_freeMessage)(&message);
    CALL(MQTTClient_free)(topic);
    sem_post(&arrived);
    return 1;
}

/* One message of the client's own. */
static int receives(MQTTClient client, int callbacks)
{
    char *topic = NULL;
    int length, code;
    MQTTClient_message *message = NULL;
    if (callbacks)
        return arrives(CALL(MQTTClient_isConnected), client);
    code = CALL(MQTTClient_receive)(client, &topic, &length, &message, 10000);
    if (message == NULL)
        return 0;
    CALL(MQTTClient_freeMessage)(&message);
    CALL(MQTTClient_free)(topic);
    return code == 0;
}

static void use_client(int callbacks)
{
    MQTTClient client = NULL;
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
    MQTTClient_SSLOptions tls = MQTTClient_SSLOptions_initializer;
    MQTTClient_deliveryToken token = 0;
    if (CALL(MQTTClient_create)(&client, uri, "", MQTTCLIENT_PERSISTENCE_NONE, NULL) != 0)
        fail("create");
    if (callbacks && CALL(MQTTClient_setCallbacks)(client, NULL, NULL, on_message, NULL) != 0)
        fail("setCallbacks");
    options.connectTimeout = 10;
    tls.enableServerCertAuth = 0;
    options.ssl = &tls;
    if (CALL(MQTTClient_connect)(client, &options) == 0 && CALL(MQTTClient_subscribe)(client, "failing", 1) == 0) {
        if (CALL(MQTTClient_publish)(client, "failing", 4, "zero", 0, 0, NULL) == 0 && !receives(client, callbacks)
            && CALL(MQTTClient_isConnected)(client))
            fail("a message of QoS 0 is lost on a connection that goes on");
        if (CALL(MQTTClient_publish)(client, "failing", 3, "one", 1, 0, &token) == 0) {
            int code = CALL(MQTTClient_waitForCompletion)(client, token, 10000);
            if (code != 0 && CALL(MQTTClient_isConnected)(client))
                fail("a message of QoS 1 is lost on a connection that goes on");
            if (code == 0 && !receives(client, callbacks) && CALL(MQTTClient_isConnected)(client))
                fail("a message does not arrive");
        }
    }
    CALL(MQTTClient_disconnect)(client, 1000);
    CALL(MQTTClient_destroy)(&client);
}

static sem_t ended;
static atomic_int succeeded, results;

static void on_success(void *context, MQTTAsync_successData *data)
{
    (void)context, (void)data;
    succeeded = 1;
    results++;
    sem_post(&ended);
}

static void on_failure(void *context, MQTTAsync_failureData *data)
{
    (void)context, (void)data;
    succeeded = 0;
    results++;
    sem_post(&ended);
}

/* The result of a request. */
static int outcome(int code, const char *what)
{
    if (code != 0)
        return 0;
    if (!awaited(&ended))
        fail(what);
    return succeeded;
}

static int on_async_message(void *context, char *topic, int length, MQTTAsync_message *message)
{
    (void)context, (void)length;
    CALL(MQTTAsync_freeMessage)(&message);
    CALL(MQTTAsync_free)(topic);
    sem_post(&arrived);
    return 1;
}

static void use_async(void)
{
    MQTTAsync client = NULL;
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
    MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    MQTTAsync_disconnectOptions goodbye = MQTTAsync_disconnectOptions_initializer;
    int requests = 0, code, qos;
    if (CALL(MQTTAsync_create)(&client, uri, "", MQTTCLIENT_PERSISTENCE_NONE, NULL) != 0)
        fail("create");
    CALL(MQTTAsync_setCallbacks)(client, NULL, NULL, on_async_message, NULL);
    options.connectTimeout = 10;
    tls.enableServerCertAuth = 0;
    options.ssl = &tls;
    options.onSuccess = response.onSuccess = goodbye.onSuccess = on_success;
    options.onFailure = response.onFailure = goodbye.onFailure = on_failure;
    code = CALL(MQTTAsync_connect)(client, &options);
    requests += code == 0;
    if (outcome(code, "connect has no result")) {
        code = CALL(MQTTAsync_subscribe)(client, "failing", 1, &response);
        requests += code == 0;
        if (outcome(code, "subscribe has no result")) {
            for (qos = 0; qos < 2; qos++) {
                code = CALL(MQTTAsync_send)(client, "failing", 1, "x", qos, 0, &response);
                requests += code == 0;
                if (outcome(code, "send has no result") && !arrives(CALL(MQTTAsync_isConnected), client)
                    && CALL(MQTTAsync_isConnected)(client))
                    fail("a message is lost on a connection that goes on");
            }
        }
    }
    code = CALL(MQTTAsync_disconnect)(client, &goodbye);
    requests += code == 0;
    outcome(code, "disconnect has no result");
    CALL(MQTTAsync_destroy)(&client);
    if (results != requests)
        fail("a request has not one result");
}

static void use(void)
{
    struct timespec pause = {0, 2000000};
    int round;
    sem_init(&arrived, 0, 0);
    sem_init(&ended, 0, 0);
    results = 0;
    alarm(60);
    if (strcmp(mode, "async") == 0)
        use_async();
    else
        use_client(strcmp(mode, "callbacks") == 0);
    alarm(0);
    for (round = 0; entries("/proc/self/task") > 3 && round < 5000; round++)
        nanosleep(&pause, NULL);
}

int main(int count, char **values)
{
    int before, last;
    if (count < 7)
        return 2;
    signal(SIGALRM, hang);
    library = dlopen(values[1], RTLD_NOW);
    uri = values[2];
    mode = values[3];
    if (library == NULL)
        fail("the library does not load");
    use();
    before = entries("/proc/self/fd");
    function = values[4];
    error_number = atoi(values[5]);
    last = atoi(values[6]);
    for (run = 1; run <= last; run++) {
        atomic_store(&countdown, run);
        use();
        if (entries("/proc/self/fd") != before)
            fail("a descriptor is left");
        if (entries("/proc/self/task") > 3)
            fail("a thread is left");
        if (atomic_load(&countdown) > 0)
            break;
    }
    atomic_store(&countdown, 0);
    use();
    printf("%d\n", run - 1);
    return 0;
}
