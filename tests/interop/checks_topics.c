/* Topics and filters: wildcards, lists, and characters that some server maps to others. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

static const char *wildcards(struct run *run)
{
    struct peer *receiver, *sender;
    char *one = topic(run, "house/kitchen/heat"), *two = topic(run, "house/cellar/heat");
    char *deep = topic(run, "garden/pond/fish/count"), *root = topic(run, "garden");

    TRY(open_ordinary(run, "r", &receiver));
    TRY(open_ordinary(run, "s", &sender));
    TRY(peer_subscribe(receiver, topic(run, "house/+/heat"), 1));
    TRY(peer_subscribe(receiver, topic(run, "garden/#"), 1));
    TRY(publish_text(sender, one, "21", 1));
    TRY(expect(run, receiver, one, "21", 1));
    TRY(publish_text(sender, two, "12", 1));
    TRY(expect(run, receiver, two, "12", 1));
    TRY(publish_text(sender, topic(run, "house/cellar/light"), "off", 1));
    TRY(publish_text(sender, topic(run, "house/heat"), "none", 1));
    TRY(publish_text(sender, deep, "7", 1));
    TRY(expect(run, receiver, deep, "7", 1));
    TRY(publish_text(sender, root, "green", 1));
    return expect(run, receiver, root, "green", 1);
}

static const char *overlapping(struct run *run)
{
    struct peer *receiver, *sender;
    char *name = topic(run, "a/b"), *last = topic(run, "last");
    struct message *message;
    int copies = 0;

    TRY(open_ordinary(run, "r", &receiver));
    TRY(open_ordinary(run, "s", &sender));
    TRY(peer_subscribe(receiver, topic(run, "a/+"), 1));
    TRY(peer_subscribe(receiver, topic(run, "#"), 1));
    TRY(publish_text(sender, name, "once or twice", 1));
    TRY(publish_text(sender, last, "last", 1));
    while ((message = peer_receive(receiver, PATIENCE)) && strcmp(message->topic, last) != 0)
        copies++;
    EXPECT(message, "the last message did not arrive");
    EXPECT(copies == 1 || copies == 2, "%d copies arrived", copies);
    if (copies == 2)
        note(run, "two copies");
    return NULL;
}

static const char *many(struct run *run)
{
    enum { COUNT = 12 };
    struct peer *receiver, *sender;
    char *filters[COUNT], name[16], *other = topic(run, "other");
    int qos[COUNT], granted[COUNT];

    TRY(open_ordinary(run, "r", &receiver));
    TRY(open_ordinary(run, "s", &sender));
    for (int i = 0; i < COUNT; i++) {
        snprintf(name, sizeof name, "many/%d", i);
        filters[i] = topic(run, name);
        qos[i] = i % 3;
    }
    TRY(peer_subscribe_with(receiver, COUNT, filters, qos, granted, NULL, NULL));
    for (int i = 0; i < COUNT; i++) {
        EXPECT(granted[i] <= qos[i], "granted is 0x%02X for QoS %d", granted[i], qos[i]);
        if (granted[i] < qos[i])
            note(run, "QoS %d granted for %d", granted[i], qos[i]);
        TRY(publish_text(sender, filters[i], "to one of many", 2));
        TRY(expect(run, receiver, filters[i], "to one of many", qos[i]));
    }
    TRY(peer_unsubscribe(receiver, COUNT - 1, filters));
    for (int i = 0; i < COUNT - 1; i++)
        TRY(publish_text(sender, filters[i], "for nobody", 1));
    TRY(publish_text(sender, filters[COUNT - 1], "still subscribed", 2));
    TRY(expect(run, receiver, filters[COUNT - 1], "still subscribed", 2));
    TRY(peer_unsubscribe(receiver, 1, &filters[COUNT - 1]));
    TRY(publish_text(sender, filters[COUNT - 1], "for nobody", 1));
    TRY(peer_subscribe(receiver, other, 1));
    return expect_nothing_else(run, receiver, sender, other);
}

static const char *never_subscribed(struct run *run)
{
    struct peer *peer;
    char *filters[] = {topic(run, "never"), topic(run, "never/+")};
    char *name = topic(run, "own");

    TRY(open_ordinary(run, "a", &peer));
    TRY(peer_unsubscribe(peer, 2, filters));
    TRY(peer_subscribe(peer, name, 1));
    return expect_nothing_else(run, peer, peer, name);
}

static const char *subscribed_twice(struct run *run)
{
    struct peer *receiver, *sender;
    char *name = topic(run, "twice");

    TRY(open_ordinary(run, "r", &receiver));
    TRY(open_ordinary(run, "s", &sender));
    TRY(peer_subscribe(receiver, name, 1));
    TRY(peer_subscribe(receiver, name, 0));
    TRY(publish_text(sender, name, "one copy", 1));
    TRY(expect(run, receiver, name, "one copy", 0));
    return expect_nothing_else(run, receiver, sender, name);
}

/* ---- Characters ---- */

static void replace(char *text, char from, char to)
{
    for (; *text; text++)
        if (*text == from)
            *text = to;
}

/*
 * Publishes to a topic with the character `from`, then to an ordinary one; both have to arrive, the first with `from`
 * or with what RabbitMQ makes of it: it keeps topics as AMQP's, in which `*` is MQTT's `+` and `.` is `/`.
 */
static const char *mapped(struct run *run, struct peer *receiver, struct peer *sender, const char *name, char from,
                          char to)
{
    char *sent = topic(run, name), *other = topic(run, name), *plain = topic(run, "chars/plain");
    struct message *message;

    replace(other, from, to);
    TRY(publish_text(sender, sent, "mapped", 1));
    message = peer_receive(receiver, PATIENCE);
    EXPECT(message, "it did not arrive");
    if (strcmp(message->topic, sent) != 0) {
        EXPECT(strcmp(message->topic, other) == 0, "topic is %.80s", message->topic);
        note(run, "%c arrives as %c", from, to);
    }
    TRY(publish_text(sender, plain, "plain", 1));
    return expect(run, receiver, plain, "plain", 1);
}

static const char *mapped_character(struct run *run, const char *name, char from, char to)
{
    struct peer *receiver, *sender;
    struct peer_options options = lasting(run, "r");

    TRY(open_peer(run, &options, &receiver));
    TRY(open_ordinary(run, "s", &sender));
    TRY(peer_subscribe(receiver, topic(run, "chars/#"), 1));
    TRY(mapped(run, receiver, sender, name, from, to));
    EXPECT(receiver->losses == 0, "the connection was lost");
    return NULL;
}

static const char *star(struct run *run)
{
    return mapped_character(run, "chars/a*b/*/c", '*', '+');
}

static const char *dot(struct run *run)
{
    return mapped_character(run, "chars/a.b", '.', '/');
}

/* Published by another client while the receiver is away. */
static const char *star_kept(struct run *run)
{
    struct peer *receiver, *sender;
    struct peer_options options = lasting(run, "r");
    char *filter = topic(run, "chars/#");
    struct message *message;

    TRY(open_peer(run, &options, &receiver));
    TRY(peer_subscribe(receiver, filter, 1));
    TRY(peer_disconnect(receiver, MQTTREASONCODE_SUCCESS));
    TRY(open_ordinary(run, "s", &sender));
    TRY(publish_text(sender, topic(run, "chars/*/all"), "away", 1));
    TRY(open_peer(run, &options, &receiver));
    message = peer_receive(receiver, PATIENCE);
    EXPECT(message, "it did not arrive");
    return mapped(run, receiver, sender, "chars/*/all", '*', '+');
}

static const char *star_filter(struct run *run)
{
    struct peer *receiver, *sender;
    char *name = topic(run, "filter/*/x"), *any = topic(run, "filter/any/x");
    struct message *message;

    TRY(open_ordinary(run, "r", &receiver));
    TRY(open_ordinary(run, "s", &sender));
    TRY(peer_subscribe(receiver, name, 1));
    TRY(publish_text(sender, any, "any", 1));
    TRY(publish_text(sender, name, "star", 1));
    message = peer_receive(receiver, PATIENCE);
    EXPECT(message, "nothing arrived");
    if (strcmp(message->topic, any) == 0) {
        note(run, "* in a filter is a wildcard");
        message = peer_receive(receiver, PATIENCE);
        EXPECT(message, "the second did not arrive");
    }
    EXPECT(strcmp((char *)message->payload, "star") == 0, "payload is %.40s", (char *)message->payload);
    return NULL;
}

/* MQTT forbids it. Whatever the server does, the library has to say how it ended, and the receiver must be well. */
static const char *plus_published(struct run *run)
{
    struct peer *receiver, *sender, *other;
    char *plain = topic(run, "chars/plain");
    struct message *message;
    const char *reason;

    TRY(open_ordinary(run, "r", &receiver));
    TRY(open_ordinary(run, "s", &sender));
    TRY(open_ordinary(run, "o", &other));
    TRY(peer_subscribe(receiver, topic(run, "chars/#"), 1));
    reason = publish_text(sender, topic(run, "chars/+/x"), "forbidden", 0);
    note(run, reason ? "refused" : "sent");
    /* The sender's next request shows whether the server has ended its connection. */
    note(run, peer_subscribe(sender, topic(run, "any"), 1) ? "connection ended" : "connection kept");
    TRY(publish_text(other, plain, "plain", 1));
    message = peer_receive(receiver, PATIENCE);
    EXPECT(message, "nothing arrived any more");
    if (strcmp(message->topic, plain) != 0) {
        note(run, "arrives");
        TRY(expect(run, receiver, plain, "plain", 1));
    }
    return NULL;
}

static const char *exact(struct run *run, const char *name)
{
    struct peer *receiver, *sender;
    char *full = topic(run, name);

    TRY(open_ordinary(run, "r", &receiver));
    TRY(open_ordinary(run, "s", &sender));
    TRY(peer_subscribe(receiver, full, 1));
    TRY(publish_text(sender, full, "exact", 1));
    return expect(run, receiver, full, "exact", 1);
}

static const char *unicode(struct run *run)
{
    return exact(run, "\xc3\xa4rger/\xe2\x82\xac/\xf0\x9f\x8c\x8d/\xe6\xb8\xa9\xe5\xba\xa6");
}

static const char *spaces(struct run *run)
{
    return exact(run, "with space/ and more / $%&?=\\\"'");
}

static const char *empty_levels(struct run *run)
{
    return exact(run, "a//b/");
}

static const char *longer(struct run *run)
{
    char name[201];

    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = 0;
    return exact(run, name);
}

static const char *very_long(struct run *run)
{
    static char name[10001];

    memset(name, 'x', sizeof name - 1);
    return exact(run, name);
}

/* A member of a group gets each message once in all. */
static const char *shared(struct run *run)
{
    struct peer *members[2], *sender;
    char *name = topic(run, "work"), *filter = shared_topic(run, "work");
    struct message *message;
    int count = 0;

    TRY(open_ordinary(run, "m", &members[0]));
    TRY(open_ordinary(run, "n", &members[1]));
    TRY(open_ordinary(run, "s", &sender));
    for (int i = 0; i < 2; i++)
        TRY(peer_subscribe(members[i], filter, 1));
    for (int i = 0; i < 10; i++)
        TRY(publish_text(sender, name, "task", 1));
    /* 10 altogether; the waiting ends with a message to each member. */
    for (int i = 0; i < 2; i++) {
        char *last = topic(run, i == 0 ? "last/m" : "last/n");

        TRY(peer_subscribe(members[i], last, 1));
        TRY(publish_text(sender, last, "last", 1));
        while ((message = peer_receive(members[i], PATIENCE)) && strcmp(message->topic, last) != 0)
            count++;
        EXPECT(message, "the last message did not arrive");
    }
    EXPECT(count == 10, "%d of 10 arrived", count);
    return NULL;
}

const struct check topic_checks[] = {
    {"wildcards", ALL, wildcards},
    {"overlapping filters", ALL, overlapping},
    {"subscribeMany, unsubscribeMany", ALL, many},
    {"unsubscribe what is not subscribed", ALL, never_subscribed},
    {"subscribe twice", ALL, subscribed_twice},
    {"`*` in a topic", ALL, star},
    {"`*` in a topic, session kept", ALL, star_kept},
    {"`*` in a filter", ALL, star_filter},
    {"`.` in a topic", ALL, dot},
    {"`+` in a published topic", ALL, plus_published},
    {"UTF-8 in a topic", ALL, unicode},
    {"other characters in a topic", ALL, spaces},
    {"empty levels in a topic", ALL, empty_levels},
    {"topic of 200 characters", ALL, longer},
    {"topic of 10,000 characters", ALL, very_long},
    {"shared subscription", ALL, shared},
    {NULL, 0, NULL},
};
