/* What only MQTT 5 has. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

static const char *properties(struct run *run)
{
    struct peer *receiver, *sender;
    char *name = topic(run, "properties");
    MQTTProperties list = MQTTProperties_initializer;
    struct outgoing outgoing = text(name, "with properties", 1);
    struct message *message;

    add_number(&list, MQTTPROPERTY_CODE_PAYLOAD_FORMAT_INDICATOR, 1);
    add_string(&list, MQTTPROPERTY_CODE_CONTENT_TYPE, "text/plain");
    add_string(&list, MQTTPROPERTY_CODE_RESPONSE_TOPIC, "interop/reply");
    add_string(&list, MQTTPROPERTY_CODE_CORRELATION_DATA, "number 1");
    add_pair(&list, "name", "value");
    add_pair(&list, "name", "other value");
    outgoing.properties = &list;
    TRY(open_ordinary(run, "r", &receiver));
    TRY(open_ordinary(run, "s", &sender));
    TRY(peer_subscribe(receiver, name, 1));
    TRY(peer_publish(sender, &outgoing));
    message = peer_receive(receiver, PATIENCE);
    EXPECT(message, "it did not arrive");
    EXPECT(MQTTProperties_getNumericValue(&message->properties, MQTTPROPERTY_CODE_PAYLOAD_FORMAT_INDICATOR) == 1,
           "payload format is missing");
    EXPECT(has_string(&message->properties, MQTTPROPERTY_CODE_CONTENT_TYPE, "text/plain"), "content type is missing");
    EXPECT(has_string(&message->properties, MQTTPROPERTY_CODE_RESPONSE_TOPIC, "interop/reply"),
           "response topic is missing");
    EXPECT(has_string(&message->properties, MQTTPROPERTY_CODE_CORRELATION_DATA, "number 1"),
           "correlation data is missing");
    EXPECT(MQTTProperties_propertyCount(&message->properties, MQTTPROPERTY_CODE_USER_PROPERTY) == 2,
           "%d user properties",
           MQTTProperties_propertyCount(&message->properties, MQTTPROPERTY_CODE_USER_PROPERTY));
    EXPECT(has_string(&message->properties, MQTTPROPERTY_CODE_USER_PROPERTY, "value"), "user property is different");
    return NULL;
}

/* A callback that sends the answer where the request asks for it. */
static bool respond(struct peer *peer, const struct message *message)
{
    MQTTProperties list = MQTTProperties_initializer;
    MQTTProperty *where = MQTTProperties_getProperty((MQTTProperties *)&message->properties,
                                                     MQTTPROPERTY_CODE_RESPONSE_TOPIC);
    MQTTProperty *what = MQTTProperties_getProperty((MQTTProperties *)&message->properties,
                                                    MQTTPROPERTY_CODE_CORRELATION_DATA);
    char *reply;
    struct outgoing outgoing;

    if (!where)
        return false;
    reply = strndup(where->value.data.data, (size_t)where->value.data.len);
    outgoing = text(reply, "answer", message->qos);
    if (what)
        MQTTProperties_add(&list, what);
    outgoing.properties = &list;
    peer_send(peer, &outgoing);
    MQTTProperties_free(&list);
    free(reply);
    return true;
}

static const char *request_response(struct run *run)
{
    struct peer *server, *client;
    char *name = topic(run, "request"), *reply = topic(run, "reply");
    MQTTProperties list = MQTTProperties_initializer;
    struct outgoing request = text(name, "question", 1);
    struct message *answer;

    add_string(&list, MQTTPROPERTY_CODE_RESPONSE_TOPIC, reply);
    add_string(&list, MQTTPROPERTY_CODE_CORRELATION_DATA, "number 7");
    request.properties = &list;
    TRY(open_ordinary(run, "s", &server));
    TRY(open_ordinary(run, "c", &client));
    server->on_message = respond;
    TRY(peer_subscribe(server, name, 1));
    TRY(peer_subscribe(client, reply, 1));
    for (int i = 0; i < 10; i++) {
        TRY(peer_publish(client, &request));
        answer = peer_receive(client, PATIENCE);
        EXPECT(answer, "no answer");
        EXPECT(has_string(&answer->properties, MQTTPROPERTY_CODE_CORRELATION_DATA, "number 7"),
               "the answer has no correlation data");
        message_free(answer);
    }
    return NULL;
}

static const char *subscription_identifier(struct run *run)
{
    struct peer *receiver;
    char *name = topic(run, "identified"), *filters[] = {name};
    MQTTProperties list = MQTTProperties_initializer;
    int qos = 1, granted;
    struct message *message;

    add_number(&list, MQTTPROPERTY_CODE_SUBSCRIPTION_IDENTIFIER, 4711);
    TRY(open_ordinary(run, "r", &receiver));
    TRY(peer_subscribe_with(receiver, 1, filters, &qos, &granted, NULL, &list));
    EXPECT(granted <= 2, "refused with 0x%02X", granted);
    TRY(publish_text(receiver, name, "identified", 1));
    message = peer_receive(receiver, PATIENCE);
    EXPECT(message, "it did not arrive");
    EXPECT(MQTTProperties_getNumericValue(&message->properties, MQTTPROPERTY_CODE_SUBSCRIPTION_IDENTIFIER) == 4711,
           "its subscription identifier is missing");
    return NULL;
}

static const char *no_local(struct run *run)
{
    struct peer *peer, *other;
    char *name = topic(run, "local"), *filters[] = {name};
    MQTTSubscribe_options options = MQTTSubscribe_options_initializer;
    int qos = 1, granted;

    options.noLocal = 1;
    TRY(open_ordinary(run, "a", &peer));
    TRY(open_ordinary(run, "b", &other));
    TRY(peer_subscribe_with(peer, 1, filters, &qos, &granted, &options, NULL));
    EXPECT(granted <= 2, "refused with 0x%02X", granted);
    TRY(publish_text(peer, name, "own", 1));
    return expect_nothing_else(run, peer, other, name);
}

static const char *retain_options(struct run *run)
{
    struct peer *peer, *sender;
    char *kept = topic(run, "kept"), *published = topic(run, "published"), *filters[] = {kept, published};
    MQTTSubscribe_options options[] = {MQTTSubscribe_options_initializer, MQTTSubscribe_options_initializer};
    struct outgoing outgoing = text(kept, "kept", 1);
    int qos[] = {1, 1}, granted[2];
    struct message *message;

    options[0].retainHandling = 2;
    options[1].retainAsPublished = 1;
    outgoing.retained = true;
    TRY(open_ordinary(run, "s", &sender));
    TRY(peer_publish(sender, &outgoing));
    TRY(open_ordinary(run, "a", &peer));
    TRY(peer_subscribe_with(peer, 2, filters, qos, granted, options, NULL));
    outgoing = text(published, "flagged", 1);
    outgoing.retained = true;
    TRY(peer_publish(sender, &outgoing));
    message = peer_receive(peer, PATIENCE);
    EXPECT(message, "nothing arrived");
    EXPECT(strcmp(message->topic, published) == 0, "a retained message arrived with retain handling 2");
    EXPECT(message->retained, "not marked as retained with retain as published");
    return NULL;
}

static const char *topic_alias(struct run *run)
{
    struct peer *receiver, *sender;
    char *name = topic(run, "aliased");
    MQTTProperties list = MQTTProperties_initializer;
    struct outgoing first = text(name, "with topic", 1), second = text("", "with alias", 1);

    add_number(&list, MQTTPROPERTY_CODE_TOPIC_ALIAS, 1);
    first.properties = second.properties = &list;
    TRY(open_ordinary(run, "r", &receiver));
    TRY(open_ordinary(run, "s", &sender));
    TRY(peer_subscribe(receiver, name, 1));
    TRY(peer_publish(sender, &first));
    TRY(peer_publish(sender, &second));
    TRY(expect(run, receiver, name, "with topic", 1));
    return expect(run, receiver, name, "with alias", 1);
}

static const char *session_expiry(struct run *run)
{
    struct peer *peer;
    struct peer_options options = ordinary(run, "e");

    /* No session expiry interval: the session ends with the connection. */
    options.clean = false;
    TRY(open_peer(run, &options, &peer));
    TRY(peer_subscribe(peer, topic(run, "expired"), 1));
    TRY(peer_disconnect(peer, MQTTREASONCODE_SUCCESS));
    TRY(open_peer(run, &options, &peer));
    EXPECT(!peer->session_present, "the session is still there");
    return NULL;
}

static const char *disconnect_with_will(struct run *run)
{
    struct peer *watcher, *leaving;
    struct peer_options options = ordinary(run, "l");
    struct outgoing last = text(topic(run, "will"), "gone", 1);
    MQTTProperties list = MQTTProperties_initializer;
    struct message *message;

    add_string(&list, MQTTPROPERTY_CODE_CONTENT_TYPE, "text/plain");
    options.will = &last;
    options.will_properties = &list;
    TRY(open_ordinary(run, "w", &watcher));
    TRY(peer_subscribe(watcher, last.topic, 1));
    TRY(open_peer(run, &options, &leaving));
    TRY(peer_disconnect(leaving, MQTTREASONCODE_DISCONNECT_WITH_WILL_MESSAGE));
    message = peer_receive(watcher, PATIENCE);
    EXPECT(message, "the will did not arrive");
    EXPECT(has_string(&message->properties, MQTTPROPERTY_CODE_CONTENT_TYPE, "text/plain"),
           "its content type is missing");
    return NULL;
}

/* The server answers with a reason code of success other than 0, or with 0. */
static const char *no_subscribers(struct run *run)
{
    struct peer *peer;

    TRY(open_ordinary(run, "a", &peer));
    TRY(publish_text(peer, topic(run, "nobody"), "for nobody", 1));
    return publish_text(peer, topic(run, "nobody"), "for nobody", 2);
}

static const char *receive_maximum(struct run *run)
{
    enum { COUNT = 30 };
    struct peer *receiver, *sender;
    struct peer_options options = ordinary(run, "r");
    MQTTProperties list = MQTTProperties_initializer;
    char *name = topic(run, "few"), payload[32];

    add_number(&list, MQTTPROPERTY_CODE_RECEIVE_MAXIMUM, 2);
    options.properties = &list;
    TRY(open_peer(run, &options, &receiver));
    TRY(open_ordinary(run, "s", &sender));
    TRY(peer_subscribe(receiver, name, 2));
    for (int i = 0; i < COUNT; i++) {
        struct outgoing message;

        snprintf(payload, sizeof payload, "number %d", i);
        message = text(name, payload, 2);
        TRY(peer_send(sender, &message));
    }
    TRY(peer_settle(sender));
    for (int i = 0; i < COUNT; i++) {
        snprintf(payload, sizeof payload, "number %d", i);
        TRY(expect(run, receiver, name, payload, 2));
    }
    return NULL;
}

const struct check v5_checks[] = {
    {"message properties", V5, properties},
    {"request and response", V5, request_response},
    {"subscription identifier", V5, subscription_identifier},
    {"no local", V5, no_local},
    {"retain handling, retain as published", V5, retain_options},
    {"topic alias", V5, topic_alias},
    {"session expiry 0", V5, session_expiry},
    {"disconnect with will", V5, disconnect_with_will},
    {"no subscribers", V5, no_subscribers},
    {"receive maximum 2", V5, receive_maximum},
    {NULL, 0, NULL},
};
