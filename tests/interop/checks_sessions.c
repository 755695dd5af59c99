/* Wills, sessions that are kept, connections that are cut. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check.h"

/* A client that connects through a relay. */
static const char *open_relayed(struct run *run, struct peer_options options, struct peer **peer, struct relay **relay)
{
    *relay = relay_start(run->uri);
    EXPECT(*relay, "no relay");
    options.uri = relay_uri(*relay);
    return open_peer(run, &options, peer);
}

static const char *will(struct run *run)
{
    struct peer *watcher, *dying;
    struct relay *relay;
    struct peer_options options = ordinary(run, "d");
    struct outgoing last = text(topic(run, "will"), "gone", 1);

    options.will = &last;
    TRY(open_ordinary(run, "w", &watcher));
    TRY(peer_subscribe(watcher, last.topic, 1));
    TRY(open_relayed(run, options, &dying, &relay));
    relay_cut(relay);
    return expect(run, watcher, last.topic, "gone", 1);
}

static const char *no_will(struct run *run)
{
    struct peer *watcher, *leaving;
    struct peer_options options = ordinary(run, "l");
    struct outgoing last = text(topic(run, "will"), "gone", 1);

    options.will = &last;
    TRY(open_ordinary(run, "w", &watcher));
    TRY(peer_subscribe(watcher, last.topic, 1));
    TRY(open_peer(run, &options, &leaving));
    TRY(peer_disconnect(leaving, MQTTREASONCODE_SUCCESS));
    return expect_nothing_else(run, watcher, watcher, last.topic);
}

/* In either order: with different QoS it is not defined. */
static const char *expect_both(struct run *run, struct peer *receiver, const char *one, const char *other)
{
    const char *missing[] = {one, other};

    for (int count = 2; count > 0; count--) {
        struct message *message = peer_receive(receiver, PATIENCE);
        int which;

        EXPECT(message, "%d of 2 did not arrive", count);
        which = missing[0] && strcmp((char *)message->payload, missing[0]) == 0 ? 0 : 1;
        EXPECT(missing[which] && strcmp((char *)message->payload, missing[which]) == 0, "\"%.60s\" arrived again",
               (char *)message->payload);
        if (message->qos != which + 1)
            note(run, "arrives with QoS %d", message->qos);
        missing[which] = NULL;
        message_free(message);
    }
    return NULL;
}

static const char *kept(struct run *run)
{
    struct peer *receiver, *sender;
    struct peer_options options = lasting(run, "r");
    char *name = topic(run, "kept");

    TRY(open_peer(run, &options, &receiver));
    EXPECT(!receiver->session_present, "there is a session already");
    TRY(peer_subscribe(receiver, name, 2));
    TRY(peer_disconnect(receiver, MQTTREASONCODE_SUCCESS));
    TRY(open_ordinary(run, "s", &sender));
    TRY(publish_text(sender, name, "one", 1));
    TRY(publish_text(sender, name, "two", 2));
    TRY(open_peer(run, &options, &receiver));
    if (run->version > 3)
        EXPECT(receiver->session_present, "the server has kept no session");
    return expect_both(run, receiver, "one", "two");
}

static const char *forgotten(struct run *run)
{
    struct peer *receiver, *sender;
    struct peer_options options = lasting(run, "r");
    char *name = topic(run, "kept"), *other = topic(run, "other");

    TRY(open_peer(run, &options, &receiver));
    TRY(peer_subscribe(receiver, name, 1));
    TRY(peer_disconnect(receiver, MQTTREASONCODE_SUCCESS));
    options = ordinary(run, "r");
    TRY(open_peer(run, &options, &receiver));
    EXPECT(!receiver->session_present, "the session is still there");
    TRY(peer_subscribe(receiver, other, 1));
    TRY(open_ordinary(run, "s", &sender));
    TRY(publish_text(sender, name, "for nobody", 1));
    return expect_nothing_else(run, receiver, sender, other);
}

static const char *kept_over_cut(struct run *run)
{
    struct peer *receiver, *sender;
    struct relay *relay;
    char *name = topic(run, "kept");

    TRY(open_relayed(run, lasting(run, "r"), &receiver, &relay));
    TRY(open_ordinary(run, "s", &sender));
    TRY(peer_subscribe(receiver, name, 2));
    TRY(publish_text(sender, name, "before", 2));
    TRY(expect(run, receiver, name, "before", 2));
    relay_hold(relay);
    TRY(publish_text(sender, name, "meanwhile", 1));
    relay_cut(relay);
    TRY(peer_reconnect(receiver));
    TRY(publish_text(sender, name, "after", 2));
    return expect_both(run, receiver, "meanwhile", "after");
}

/* A sender with a session that the server keeps; RabbitMQ keeps one only where something is subscribed. */
static const char *open_sender(struct run *run, struct peer **sender, struct relay **relay)
{
    TRY(open_relayed(run, lasting(run, "s"), sender, relay));
    return peer_subscribe(*sender, topic(run, "anything"), 1);
}

/* Sends while nothing passes, then the connection is cut: the messages have to be sent again. */
static const char *sent_over_cut(struct run *run, int qos)
{
    enum { COUNT = 10 };
    struct peer *receiver, *sender;
    struct relay *relay;
    char *name = topic(run, "sent"), payload[32];

    TRY(open_ordinary(run, "r", &receiver));
    TRY(peer_subscribe(receiver, name, 2));
    TRY(open_sender(run, &sender, &relay));
    relay_hold(relay);
    for (int i = 0; i < COUNT; i++) {
        struct outgoing message;

        snprintf(payload, sizeof payload, "number %d", i);
        message = text(name, payload, qos);
        TRY(peer_send(sender, &message));
    }
    EXPECT(relay_wait_held(relay, PATIENCE), "nothing was sent");
    relay_cut(relay);
    TRY(peer_reconnect(sender));
    TRY(peer_settle(sender));
    for (int i = 0; i < COUNT; i++) {
        snprintf(payload, sizeof payload, "number %d", i);
        TRY(expect(run, receiver, name, payload, qos));
    }
    return expect_nothing_else(run, receiver, sender, name);
}

static const char *sent_over_cut1(struct run *run)
{
    return sent_over_cut(run, 1);
}

static const char *sent_over_cut2(struct run *run)
{
    return sent_over_cut(run, 2);
}

/* Messages that are handed to the library while the server cannot be reached. */
static const char *queued(struct run *run, int qos)
{
    enum { COUNT = 10 };
    struct peer *receiver, *sender;
    struct relay *relay;
    char *name = topic(run, "queued"), payload[32];

    if (!peer_can_queue)
        return "-";
    TRY(open_ordinary(run, "r", &receiver));
    TRY(peer_subscribe(receiver, name, 2));
    TRY(open_sender(run, &sender, &relay));
    relay_refuse(relay);
    EXPECT(peer_wait_lost(sender, PATIENCE), "connectionLost was not called");
    for (int i = 0; i < COUNT; i++) {
        struct outgoing message;

        snprintf(payload, sizeof payload, "number %d", i);
        message = text(name, payload, qos);
        TRY(peer_send(sender, &message));
    }
    relay_accept(relay);
    TRY(peer_reconnect(sender));
    TRY(peer_settle(sender));
    for (int i = 0; i < COUNT; i++) {
        snprintf(payload, sizeof payload, "number %d", i);
        TRY(expect(run, receiver, name, payload, qos));
    }
    return expect_nothing_else(run, receiver, sender, name);
}

static const char *queued0(struct run *run)
{
    return queued(run, 0);
}

static const char *queued1(struct run *run)
{
    return queued(run, 1);
}

static const char *queued2(struct run *run)
{
    return queued(run, 2);
}

/* Receives until `count` different numbers have arrived; with QoS 1 some may come twice. */
static const char *receive_all(struct run *run, struct peer *receiver, int count, int qos)
{
    bool *seen = calloc((size_t)count, sizeof *seen);

    for (int missing = count; missing > 0;) {
        struct message *message = peer_receive(receiver, PATIENCE);
        int number;

        EXPECT(message, "%d of %d did not arrive", missing, count);
        number = atoi((char *)message->payload);
        EXPECT(number >= 0 && number < count, "unknown message %.40s", (char *)message->payload);
        EXPECT(!seen[number] || message->qos < 2, "number %d arrived twice with QoS 2", number);
        if (message->qos != qos)
            note(run, "arrives with QoS %d", message->qos);
        missing -= !seen[number];
        seen[number] = true;
        message_free(message);
    }
    return NULL;
}

/* The receiver's connection is cut in the middle of many messages. */
static const char *received_over_cut(struct run *run, int qos)
{
    enum { COUNT = 60 };
    struct peer *receiver, *sender;
    struct relay *relay;
    char *name = topic(run, "received"), payload[32];

    TRY(open_relayed(run, lasting(run, "r"), &receiver, &relay));
    TRY(peer_subscribe(receiver, name, 2));
    TRY(open_ordinary(run, "s", &sender));
    for (int i = 0; i < COUNT; i++) {
        if (i == COUNT / 2)
            relay_hold(relay);
        snprintf(payload, sizeof payload, "%d", i);
        TRY(publish_text(sender, name, payload, qos));
    }
    relay_cut(relay);
    TRY(peer_reconnect(receiver));
    return receive_all(run, receiver, COUNT, qos);
}

static const char *received_over_cut1(struct run *run)
{
    return received_over_cut(run, 1);
}

static const char *received_over_cut2(struct run *run)
{
    return received_over_cut(run, 2);
}

static const char *keep_alive(struct run *run)
{
    struct peer *peer;
    struct peer_options options = ordinary(run, "k");
    struct timespec idle = {.tv_sec = 4};
    char *name = topic(run, "idle");

    options.keep_alive = 1;
    TRY(open_peer(run, &options, &peer));
    TRY(peer_subscribe(peer, name, 1));
    /* The subject of the check is that time passes in which the application does nothing. */
    nanosleep(&idle, NULL);
    EXPECT(peer->losses == 0, "the connection was lost");
    TRY(publish_text(peer, name, "still here", 1));
    return expect(run, peer, name, "still here", 1);
}

/* A second client with the same identifier: the server ends the first one's connection. */
static const char *taken_over(struct run *run)
{
    struct peer *first, *second;
    struct peer_options options = ordinary(run, "t");
    struct relay *relay;
    char *name = topic(run, "taken");

    /* The first one's reconnecting would take it back; through a relay that holds, it cannot. */
    TRY(open_relayed(run, options, &first, &relay));
    TRY(open_peer(run, &options, &second));
    EXPECT(peer_wait_lost(first, PATIENCE), "the first client noticed nothing");
    relay_hold(relay);
    if (first->server_reason >= 0)
        note(run, "reason 0x%02X", first->server_reason);
    TRY(peer_subscribe(second, name, 1));
    TRY(publish_text(second, name, "mine", 1));
    return expect(run, second, name, "mine", 1);
}

static const char *no_identifier(struct run *run)
{
    struct peer *one, *other;
    struct peer_options options = ordinary(run, "n");
    char *name = topic(run, "anonymous");

    options.id = "";
    TRY(open_peer(run, &options, &one));
    TRY(open_peer(run, &options, &other));
    TRY(peer_subscribe(one, name, 1));
    TRY(publish_text(other, name, "hello", 1));
    return expect(run, one, name, "hello", 1);
}

const struct check session_checks[] = {
    {"will", ALL, will},
    {"no will after disconnect", ALL, no_will},
    {"session kept", ALL, kept},
    {"session forgotten", ALL, forgotten},
    {"session kept over a cut", ALL, kept_over_cut},
    {"sent over a cut, QoS 1", ALL, sent_over_cut1},
    {"sent over a cut, QoS 2", ALL, sent_over_cut2},
    {"queued without a server, QoS 0", ALL, queued0},
    {"queued without a server, QoS 1", ALL, queued1},
    {"queued without a server, QoS 2", ALL, queued2},
    {"received over a cut, QoS 1", ALL, received_over_cut1},
    {"received over a cut, QoS 2", ALL, received_over_cut2},
    {"keep-alive 1 s, idle 4 s", ALL, keep_alive},
    {"taken over by the same identifier", ALL, taken_over},
    {"no client identifier", V4 | V5, no_identifier},
    {NULL, 0, NULL},
};
