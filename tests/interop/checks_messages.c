/* Messages from one client to another: QoS, size, order, retained. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

static const char *connect_only(struct run *run)
{
    struct peer *peer;

    TRY(open_ordinary(run, "a", &peer));
    return peer_disconnect(peer, MQTTREASONCODE_SUCCESS);
}

static const char *exchange(struct run *run, int qos)
{
    struct peer *receiver, *sender;
    char *name = topic(run, "message");

    TRY(open_ordinary(run, "r", &receiver));
    TRY(open_ordinary(run, "s", &sender));
    TRY(peer_subscribe(receiver, name, 2));
    TRY(publish_text(sender, name, "first", qos));
    TRY(expect(run, receiver, name, "first", qos));
    TRY(publish_text(sender, name, "second", qos));
    return expect(run, receiver, name, "second", qos);
}

static const char *exchange0(struct run *run)
{
    return exchange(run, 0);
}

static const char *exchange1(struct run *run)
{
    return exchange(run, 1);
}

static const char *exchange2(struct run *run)
{
    return exchange(run, 2);
}

static const char *lower_qos(struct run *run)
{
    struct peer *receiver, *sender;
    char *names[] = {topic(run, "qos 0"), topic(run, "qos 1"), topic(run, "qos 2")};
    struct message *message;

    TRY(open_ordinary(run, "r", &receiver));
    TRY(open_ordinary(run, "s", &sender));
    for (int qos = 0; qos < 3; qos++) {
        TRY(peer_subscribe(receiver, names[qos], qos));
        TRY(publish_text(sender, names[qos], "message", 2));
        message = peer_receive(receiver, PATIENCE);
        EXPECT(message, "nothing arrived for QoS %d", qos);
        EXPECT(message->qos <= qos, "QoS is %d with a subscription of QoS %d", message->qos, qos);
    }
    return NULL;
}

static const char *own_messages(struct run *run)
{
    struct peer *peer;
    char *name = topic(run, "own");

    TRY(open_ordinary(run, "a", &peer));
    TRY(peer_subscribe(peer, name, 2));
    for (int qos = 0; qos < 3; qos++) {
        TRY(publish_text(peer, name, "mine", qos));
        TRY(expect(run, peer, name, "mine", qos));
    }
    return NULL;
}

static const char *receive_burst(struct run *run, struct peer *receiver, const char *name, int count, int qos)
{
    char expected[32];

    for (int i = 0; i < count; i++) {
        snprintf(expected, sizeof expected, "number %d", i);
        TRY(expect(run, receiver, name, expected, qos));
    }
    return NULL;
}

static const char *burst(struct run *run, int qos)
{
    enum { COUNT = 100 };
    struct peer *receiver, *sender;
    char *name = topic(run, "burst");
    char payload[32];

    TRY(open_ordinary(run, "r", &receiver));
    TRY(open_ordinary(run, "s", &sender));
    TRY(peer_subscribe(receiver, name, 2));
    for (int i = 0; i < COUNT; i++) {
        struct outgoing message;

        snprintf(payload, sizeof payload, "number %d", i);
        message = text(name, payload, qos);
        TRY(peer_send(sender, &message));
    }
    TRY(peer_settle(sender));
    return receive_burst(run, receiver, name, COUNT, qos);
}

static const char *burst0(struct run *run)
{
    return burst(run, 0);
}

static const char *burst1(struct run *run)
{
    return burst(run, 1);
}

static const char *burst2(struct run *run)
{
    return burst(run, 2);
}

/* A payload of that size in which every part differs. */
static unsigned char *pattern(size_t size)
{
    unsigned char *bytes = malloc(size);
    uint32_t state = 12345;

    for (size_t i = 0; i < size; i++) {
        state = state * 1664525 + 1013904223;
        bytes[i] = (unsigned char)(state >> 24);
    }
    return bytes;
}

static const char *sized(struct run *run, size_t size, int qos)
{
    struct peer *receiver, *sender;
    char *name = topic(run, "sized");
    struct outgoing outgoing = {.topic = name, .payload = pattern(size), .length = size, .qos = qos};
    struct message *message;

    TRY(open_ordinary(run, "r", &receiver));
    TRY(open_ordinary(run, "s", &sender));
    TRY(peer_subscribe(receiver, name, qos));
    TRY(peer_publish(sender, &outgoing));
    message = peer_receive(receiver, PATIENCE);
    EXPECT(message, "it did not arrive");
    EXPECT(message->length == size, "%zu bytes arrived", message->length);
    EXPECT(memcmp(message->payload, outgoing.payload, size) == 0, "other bytes arrived");
    TRY(publish_text(sender, name, "next", qos));
    return expect(run, receiver, name, "next", qos);
}

static const char *empty(struct run *run)
{
    return sized(run, 0, 1);
}

static const char *moderate(struct run *run)
{
    return sized(run, 20000, 1);
}

static const char *large0(struct run *run)
{
    return sized(run, 1024 * 1024, 0);
}

static const char *large1(struct run *run)
{
    return sized(run, 1024 * 1024, 1);
}

static const char *large2(struct run *run)
{
    return sized(run, 1024 * 1024, 2);
}

static const char *retained_under(struct run *run, const char *filter, const char *name)
{
    struct peer *receiver, *sender, *late;
    struct outgoing kept = text(topic(run, name), "kept", 1);
    struct outgoing nothing = text(kept.topic, "", 1);
    struct message *message;

    kept.retained = nothing.retained = true;
    TRY(open_ordinary(run, "s", &sender));
    TRY(peer_publish(sender, &kept));
    TRY(open_ordinary(run, "r", &receiver));
    TRY(peer_subscribe(receiver, topic(run, filter), 1));
    message = peer_receive(receiver, PATIENCE);
    EXPECT(message, "the retained message did not arrive");
    EXPECT(strcmp((char *)message->payload, "kept") == 0, "payload is \"%.60s\"", (char *)message->payload);
    EXPECT(message->retained, "it is not marked as retained");
    /* An empty one deletes it. */
    TRY(peer_publish(sender, &nothing));
    TRY(open_ordinary(run, "l", &late));
    TRY(peer_subscribe(late, topic(run, filter), 1));
    return expect_nothing_else(run, late, sender, kept.topic);
}

static const char *retained(struct run *run)
{
    return retained_under(run, "kept", "kept");
}

static const char *retained_wildcard(struct run *run)
{
    return retained_under(run, "+/value", "kept/value");
}

/* A callback that answers each message: sends what it got, counted up, until 50 laps are over. */
static bool answer(struct peer *peer, const struct message *message)
{
    char *suffix = strrchr(message->topic, '/');
    char *reply = strdup(message->topic), payload[32];
    struct outgoing outgoing;
    int lap = atoi((char *)message->payload);

    if (lap >= 50) {
        free(reply);
        return false;
    }
    snprintf(payload, sizeof payload, "%d", lap + 1);
    strcpy(reply + (suffix - message->topic), strcmp(suffix, "/a") == 0 ? "/b" : "/a");
    outgoing = text(reply, payload, message->qos);
    peer_send(peer, &outgoing);
    free(reply);
    return true;
}

static const char *answers(struct run *run, int qos)
{
    struct peer *one, *other;
    struct message *message;

    TRY(open_ordinary(run, "a", &one));
    TRY(open_ordinary(run, "b", &other));
    one->on_message = answer;
    other->on_message = answer;
    TRY(peer_subscribe(one, topic(run, "a"), qos));
    TRY(peer_subscribe(other, topic(run, "b"), qos));
    TRY(publish_text(one, topic(run, "b"), "1", qos));
    message = peer_receive(one, PATIENCE);
    EXPECT(message, "the laps did not come to their end");
    return NULL;
}

static const char *answers0(struct run *run)
{
    return answers(run, 0);
}

static const char *answers1(struct run *run)
{
    return answers(run, 1);
}

static const char *polled(struct run *run)
{
    struct peer *receiver, *sender;
    struct peer_options receiving = ordinary(run, "r"), sending = ordinary(run, "s");
    char *name = topic(run, "polled");

    if (!peer_can_poll)
        return "-";
    /* Both: the original cannot receive so once any client of the process has callbacks. */
    receiving.polling = sending.polling = true;
    TRY(open_peer(run, &receiving, &receiver));
    TRY(open_peer(run, &sending, &sender));
    TRY(peer_subscribe(receiver, name, 2));
    for (int qos = 0; qos < 3; qos++) {
        TRY(publish_text(sender, name, "polled", qos));
        TRY(expect(run, receiver, name, "polled", qos));
    }
    return NULL;
}

const struct check message_checks[] = {
    {"connect, disconnect", ALL, connect_only},
    {"QoS 0", ALL, exchange0},
    {"QoS 1", ALL, exchange1},
    {"QoS 2", ALL, exchange2},
    {"lower of the two QoS", ALL, lower_qos},
    {"one's own messages", ALL, own_messages},
    {"100 messages, QoS 0", ALL, burst0},
    {"100 messages, QoS 1", ALL, burst1},
    {"100 messages, QoS 2", ALL, burst2},
    {"empty payload", ALL, empty},
    {"20 KB payload", ALL, moderate},
    {"1 MB payload, QoS 0", ALL, large0},
    {"1 MB payload, QoS 1", ALL, large1},
    {"1 MB payload, QoS 2", ALL, large2},
    {"retained", ALL, retained},
    {"retained, under a wildcard", ALL, retained_wildcard},
    {"callback answers, QoS 0", ALL, answers0},
    {"callback answers, QoS 1", ALL, answers1},
    {"receive without callbacks", ALL, polled},
    {NULL, 0, NULL},
};
