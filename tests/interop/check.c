#include "check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *topic(const struct run *run, const char *name)
{
    size_t size = strlen(name) + strlen(run->prefix) + 40;
    char *text = malloc(size);

    snprintf(text, size, "interop/%s/%d/%s", run->prefix, run->number, name);
    return text;
}

char *shared_topic(const struct run *run, const char *name)
{
    char *plain = topic(run, name);
    size_t size = strlen(plain) + 20;
    char *text = malloc(size);

    snprintf(text, size, "$share/group/%s", plain);
    free(plain);
    return text;
}

struct peer_options ordinary(const struct run *run, const char *id)
{
    char *full = malloc(64);
    struct peer_options options = {.uri = run->uri, .version = run->version, .clean = true, .keep_alive = 60};

    /* At most 23 characters, as MQTT 3.1 demands. */
    snprintf(full, 64, "%s-%d-%s", run->prefix, run->number, id);
    options.id = full;
    return options;
}

struct peer_options lasting(const struct run *run, const char *id)
{
    struct peer_options options = ordinary(run, id);

    options.clean = false;
    if (run->version == 5) {
        MQTTProperties *expiry = calloc(1, sizeof *expiry);

        add_number(expiry, MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL, 300);
        options.properties = expiry;
    }
    return options;
}

const char *open_peer(struct run *run, const struct peer_options *options, struct peer **peer)
{
    *peer = malloc(sizeof **peer);
    peer_init(*peer, options);
    TRY(peer_create(*peer));
    run->peers[run->peer_count++] = *peer;
    return peer_connect(*peer);
}

const char *open_ordinary(struct run *run, const char *id, struct peer **peer)
{
    struct peer_options options = ordinary(run, id);

    return open_peer(run, &options, peer);
}

const char *open_again(struct run *run, struct peer **peer)
{
    struct peer_options options = (*peer)->options;

    TRY(peer_disconnect(*peer, MQTTREASONCODE_SUCCESS));
    return open_peer(run, &options, peer);
}

struct outgoing text(const char *topic, const char *payload, int qos)
{
    return (struct outgoing){.topic = topic, .payload = payload, .length = strlen(payload), .qos = qos};
}

const char *publish_text(struct peer *peer, const char *topic, const char *payload, int qos)
{
    struct outgoing message = text(topic, payload, qos);

    return peer_publish(peer, &message);
}

static const char *differs(struct run *run, const struct message *message, const char *topic, const char *payload,
                           int qos)
{
    EXPECT(strcmp(message->topic, topic) == 0, "topic is %.80s", message->topic);
    EXPECT(message->length == strlen(payload) && memcmp(message->payload, payload, message->length) == 0,
           "payload is \"%.60s\", not \"%.60s\"", (char *)message->payload, payload);
    if (message->qos != qos)
        note(run, "arrives with QoS %d", message->qos);
    return NULL;
}

const char *expect(struct run *run, struct peer *peer, const char *topic, const char *payload, int qos)
{
    struct message *message = peer_receive(peer, PATIENCE);
    const char *reason;

    EXPECT(message, "\"%.60s\" did not arrive", payload);
    reason = differs(run, message, topic, payload, qos);
    message_free(message);
    return reason;
}

const char *expect_nothing_else(struct run *run, struct peer *receiver, struct peer *sender, const char *topic)
{
    TRY(publish_text(sender, topic, "the last one", 1));
    return expect(run, receiver, topic, "the last one", 1);
}

/* The same text once only. */
void note(struct run *run, const char *format, ...)
{
    char addition[128];
    size_t used = strlen(run->note);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(addition, sizeof addition, format, arguments);
    va_end(arguments);
    if (!strstr(run->note, addition))
        snprintf(run->note + used, sizeof run->note - used, "%s%s", used ? ", " : "", addition);
}

void add_number(MQTTProperties *list, enum MQTTPropertyCodes code, int value)
{
    MQTTProperty property = {.identifier = code};

    switch (MQTTProperty_getType(code)) {
    case MQTTPROPERTY_TYPE_BYTE:
        property.value.byte = (unsigned char)value;
        break;
    case MQTTPROPERTY_TYPE_TWO_BYTE_INTEGER:
        property.value.integer2 = (unsigned short)value;
        break;
    default:
        property.value.integer4 = (unsigned int)value;
    }
    MQTTProperties_add(list, &property);
}

void add_string(MQTTProperties *list, enum MQTTPropertyCodes code, const char *value)
{
    MQTTProperty property = {.identifier = code};

    property.value.data.data = (char *)value;
    property.value.data.len = (int)strlen(value);
    MQTTProperties_add(list, &property);
}

void add_pair(MQTTProperties *list, const char *name, const char *value)
{
    MQTTProperty property = {.identifier = MQTTPROPERTY_CODE_USER_PROPERTY};

    property.value.data.data = (char *)name;
    property.value.data.len = (int)strlen(name);
    property.value.value.data = (char *)value;
    property.value.value.len = (int)strlen(value);
    MQTTProperties_add(list, &property);
}

bool has_string(MQTTProperties *list, enum MQTTPropertyCodes code, const char *value)
{
    MQTTProperty *property = MQTTProperties_getProperty(list, code);
    MQTTLenString *found = !property                                     ? NULL
                           : code == MQTTPROPERTY_CODE_USER_PROPERTY ? &property->value.value
                                                                         : &property->value.data;

    return found && found->len == (int)strlen(value) && memcmp(found->data, value, strlen(value)) == 0;
}
