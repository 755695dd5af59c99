#include "relay.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_PAIRS 64

struct relay {
    char uri[256];
    struct sockaddr_in server;
    int listener;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool held;
    int holding; /* directions with something that does not pass */
    bool refusing;
    int pairs[MAX_PAIRS][2]; /* the application's socket and the server's */
    int count;
};

/* One direction of a connection. */
struct direction {
    struct relay *relay;
    int from, to;
};

static void wait_while_held(struct relay *relay)
{
    pthread_mutex_lock(&relay->lock);
    relay->holding++;
    pthread_cond_broadcast(&relay->changed);
    while (relay->held)
        pthread_cond_wait(&relay->changed, &relay->lock);
    relay->holding--;
    pthread_mutex_unlock(&relay->lock);
}

static bool write_all(int socket, const char *bytes, ssize_t count)
{
    while (count > 0) {
        ssize_t written = send(socket, bytes, (size_t)count, MSG_NOSIGNAL);

        if (written <= 0)
            return false;
        bytes += written;
        count -= written;
    }
    return true;
}

static void *copy(void *argument)
{
    struct direction direction = *(struct direction *)argument;
    char buffer[65536];
    ssize_t count;

    free(argument);
    while ((count = recv(direction.from, buffer, sizeof buffer, 0)) > 0) {
        wait_while_held(direction.relay);
        if (!write_all(direction.to, buffer, count))
            break;
    }
    /* The sockets stay open until the process ends: relay_cut() may name them. */
    shutdown(direction.from, SHUT_RDWR);
    shutdown(direction.to, SHUT_RDWR);
    return NULL;
}

static void start_copy(struct relay *relay, int from, int to)
{
    struct direction *direction = malloc(sizeof *direction);
    pthread_t thread;

    *direction = (struct direction){relay, from, to};
    if (pthread_create(&thread, NULL, copy, direction) == 0)
        pthread_detach(thread);
}

static void without_delay(int socket)
{
    int on = 1;

    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/* Whether the pair may pass; it is remembered then. */
static bool add_pair(struct relay *relay, int application, int server)
{
    bool added;

    pthread_mutex_lock(&relay->lock);
    added = !relay->refusing && relay->count < MAX_PAIRS;
    if (added) {
        relay->pairs[relay->count][0] = application;
        relay->pairs[relay->count][1] = server;
        relay->count++;
    }
    pthread_mutex_unlock(&relay->lock);
    return added;
}

static void *accept_all(void *argument)
{
    struct relay *relay = argument;
    int application;

    while ((application = accept(relay->listener, NULL, NULL)) >= 0) {
        int server = socket(AF_INET, SOCK_STREAM, 0);

        without_delay(application);
        without_delay(server);
        if (connect(server, (struct sockaddr *)&relay->server, sizeof relay->server) == 0 &&
            add_pair(relay, application, server)) {
            start_copy(relay, application, server);
            start_copy(relay, server, application);
        } else {
            close(server);
            close(application);
        }
    }
    return NULL;
}

/* The port in a URI such as ws://127.0.0.1:1234/path, with what comes before and after it. */
static bool split(const char *uri, int *before, int *port, const char **after)
{
    const char *host = strstr(uri, "://");
    const char *colon = host ? strchr(host + 3, ':') : NULL;
    char *end;

    if (!colon)
        return false;
    *before = (int)(colon - uri);
    *port = (int)strtol(colon + 1, &end, 10);
    *after = end;
    return true;
}

struct relay *relay_start(const char *uri)
{
    struct relay *relay = calloc(1, sizeof *relay);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    const char *after;
    int before, port;
    pthread_t thread;

    if (!split(uri, &before, &port, &after))
        return NULL;
    relay->server = address;
    relay->server.sin_port = htons((uint16_t)port);
    relay->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(relay->listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(relay->listener, 16) != 0 ||
        getsockname(relay->listener, (struct sockaddr *)&address, &size) != 0)
        return NULL;
    snprintf(relay->uri, sizeof relay->uri, "%.*s:%d%s", before, uri, ntohs(address.sin_port), after);
    pthread_mutex_init(&relay->lock, NULL);
    pthread_cond_init(&relay->changed, NULL);
    if (pthread_create(&thread, NULL, accept_all, relay) != 0)
        return NULL;
    pthread_detach(thread);
    return relay;
}

const char *relay_uri(const struct relay *relay)
{
    return relay->uri;
}

void relay_hold(struct relay *relay)
{
    pthread_mutex_lock(&relay->lock);
    relay->held = true;
    pthread_mutex_unlock(&relay->lock);
}

bool relay_wait_held(struct relay *relay, int seconds)
{
    struct timespec deadline;
    bool holding;

    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += seconds;
    pthread_mutex_lock(&relay->lock);
    while (!(relay->held && relay->holding > 0) &&
           pthread_cond_timedwait(&relay->changed, &relay->lock, &deadline) == 0)
        ;
    holding = relay->holding > 0;
    pthread_mutex_unlock(&relay->lock);
    return holding;
}

static void cut(struct relay *relay, bool refuse)
{
    pthread_mutex_lock(&relay->lock);
    relay->refusing = refuse;
    for (int i = 0; i < relay->count; i++) {
        shutdown(relay->pairs[i][0], SHUT_RDWR);
        shutdown(relay->pairs[i][1], SHUT_RDWR);
    }
    relay->count = 0;
    relay->held = false;
    pthread_cond_broadcast(&relay->changed);
    pthread_mutex_unlock(&relay->lock);
}

void relay_cut(struct relay *relay)
{
    cut(relay, false);
}

void relay_refuse(struct relay *relay)
{
    cut(relay, true);
}

void relay_accept(struct relay *relay)
{
    cut(relay, false);
}
