/* What the checks share. Each check runs in a process of its own and has its own topics and client identifiers. */
#ifndef CHECK_H
#define CHECK_H

#include "peer.h"
#include "relay.h"

#define MAX_PEERS 8

/* The versions of MQTT in which a check makes sense. */
#define V3 (1u << 3)
#define V4 (1u << 4)
#define V5 (1u << 5)
#define ALL (V3 | V4 | V5)

struct run {
    const char *uri;
    int version;
    const char *prefix; /* no other run uses it at the same time */
    int number;         /* of the check */

    struct peer *peers[MAX_PEERS];
    int peer_count;
    char note[256]; /* what an "ok" should say besides, empty if nothing */
};

struct check {
    const char *name;
    unsigned versions;
    const char *(*run)(struct run *run); /* NULL on success, otherwise the reason */
};

extern const struct check message_checks[], session_checks[], topic_checks[], v5_checks[];

/* Ends the check with the reason if `call` fails. */
#define TRY(call)                                                                                                      \
    do {                                                                                                               \
        const char *reason_ = (call);                                                                                  \
        if (reason_)                                                                                                   \
            return reason_;                                                                                            \
    } while (0)

#define EXPECT(condition, ...)                                                                                         \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            return problem(__VA_ARGS__);                                                                               \
    } while (0)

/* A topic of this check, or with "$share/group/" and the like in front. They live until the process ends. */
char *topic(const struct run *run, const char *name);
char *shared_topic(const struct run *run, const char *name);

/* Options for a client of this check with a clean session; `id` is a letter or two. */
struct peer_options ordinary(const struct run *run, const char *id);
/* The same with a session that is kept. */
struct peer_options lasting(const struct run *run, const char *id);

/* A client that is created and connected. */
const char *open_peer(struct run *run, const struct peer_options *options, struct peer **peer);
const char *open_ordinary(struct run *run, const char *id, struct peer **peer);
/* Disconnects the peer and connects a new one with the same options. */
const char *open_again(struct run *run, struct peer **peer);

/* A text message. */
struct outgoing text(const char *topic, const char *payload, int qos);
const char *publish_text(struct peer *peer, const char *topic, const char *payload, int qos);

/* Expects this message next. Another QoS than `qos` is noted: some servers do not support all of them. */
const char *expect(struct run *run, struct peer *peer, const char *topic, const char *payload, int qos);
/* Sends a last message to `topic` and expects it next: so nothing else has arrived before. */
const char *expect_nothing_else(struct run *run, struct peer *receiver, struct peer *sender, const char *topic);

/* Adds to the note. */
void note(struct run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A list with one property of the given kind; add_... puts another one into it. */
void add_number(MQTTProperties *list, enum MQTTPropertyCodes code, int value);
void add_string(MQTTProperties *list, enum MQTTPropertyCodes code, const char *value);
void add_pair(MQTTProperties *list, const char *name, const char *value);
/* Whether the property is there with this value. */
bool has_string(MQTTProperties *list, enum MQTTPropertyCodes code, const char *value);

#endif
