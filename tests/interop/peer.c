/* What both kinds of peer share: the queue of arrived messages and the waits. */
#include "peer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const char *problem(const char *format, ...)
{
    static _Thread_local char text[512];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return text;
}

double seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + now.tv_nsec / 1e9;
}

void peer_init(struct peer *peer, const struct peer_options *options)
{
    pthread_condattr_t attributes;

    memset(peer, 0, sizeof *peer);
    peer->options = *options;
    peer->last = &peer->first;
    peer->server_reason = -1;
    pthread_mutex_init(&peer->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&peer->changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

/* Waits for a change, the lock being held; false once the time is over. */
static bool wait_until(struct peer *peer, double deadline)
{
    struct timespec when = {.tv_sec = (time_t)deadline, .tv_nsec = (long)((deadline - (time_t)deadline) * 1e9)};

    return pthread_cond_timedwait(&peer->changed, &peer->lock, &when) == 0;
}

struct message *peer_receive(struct peer *peer, double seconds)
{
    double deadline = seconds_now() + seconds;
    struct message *message;

    if (peer->options.polling)
        return peer_poll(peer, seconds);
    pthread_mutex_lock(&peer->lock);
    while (!peer->first && wait_until(peer, deadline))
        ;
    message = peer->first;
    if (message) {
        peer->first = message->next;
        if (!peer->first)
            peer->last = &peer->first;
    }
    pthread_mutex_unlock(&peer->lock);
    return message;
}

bool peer_wait_lost(struct peer *peer, double seconds)
{
    double deadline = seconds_now() + seconds;
    bool lost;

    pthread_mutex_lock(&peer->lock);
    while (peer->losses == 0 && wait_until(peer, deadline))
        ;
    lost = peer->losses > 0;
    pthread_mutex_unlock(&peer->lock);
    return lost;
}

bool peer_wait_connections(struct peer *peer, int count, double seconds)
{
    double deadline = seconds_now() + seconds;
    bool reached;

    pthread_mutex_lock(&peer->lock);
    while (peer->connections < count && wait_until(peer, deadline))
        ;
    reached = peer->connections >= count;
    pthread_mutex_unlock(&peer->lock);
    return reached;
}

const char *peer_subscribe(struct peer *peer, const char *filter, int qos)
{
    char *filters[] = {(char *)filter};
    int granted = -1;
    const char *reason = peer_subscribe_with(peer, 1, filters, &qos, &granted, NULL, NULL);

    if (!reason && granted > 2)
        reason = problem("subscription to %s refused with 0x%02X", filter, granted);
    return reason;
}

const char *peer_publish(struct peer *peer, const struct outgoing *message)
{
    const char *reason = peer_send(peer, message);

    return reason ? reason : peer_settle(peer);
}

/* ---- Messages ---- */

/* The library gives a length of 0 for a topic that is a C string. */
struct message *message_new(const char *topic, int topic_length, const void *payload, int length)
{
    size_t topic_size = topic_length > 0 ? (size_t)topic_length : strlen(topic);
    struct message *message = calloc(1, sizeof *message);

    message->topic = malloc(topic_size + 1);
    memcpy(message->topic, topic, topic_size);
    message->topic[topic_size] = 0;
    message->length = (size_t)length;
    message->payload = malloc(message->length + 1);
    if (length > 0)
        memcpy(message->payload, payload, message->length);
    message->payload[message->length] = 0;
    return message;
}

void message_free(struct message *message)
{
    if (!message)
        return;
    MQTTProperties_free(&message->properties);
    free(message->topic);
    free(message->payload);
    free(message);
}

/* ---- Reports from the library's threads ---- */

void peer_arrived(struct peer *peer, struct message *message)
{
    if (peer->on_message && peer->on_message(peer, message)) {
        message_free(message);
        return;
    }
    pthread_mutex_lock(&peer->lock);
    *peer->last = message;
    peer->last = &message->next;
    pthread_cond_broadcast(&peer->changed);
    pthread_mutex_unlock(&peer->lock);
}

void peer_connected(struct peer *peer)
{
    pthread_mutex_lock(&peer->lock);
    peer->connections++;
    pthread_cond_broadcast(&peer->changed);
    pthread_mutex_unlock(&peer->lock);
}

void peer_lost(struct peer *peer, int server_reason)
{
    pthread_mutex_lock(&peer->lock);
    peer->losses++;
    if (server_reason >= 0)
        peer->server_reason = server_reason;
    pthread_cond_broadcast(&peer->changed);
    pthread_mutex_unlock(&peer->lock);
}
