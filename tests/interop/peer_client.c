/* The peer on MQTTClient, the synchronous interface. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "MQTTClient.h"
#include "peer.h"

const char peer_api[] = "MQTTClient";
const bool peer_can_poll = true;
const bool peer_can_queue = false;

static bool is_v5(const struct peer *peer)
{
    return peer->options.version == MQTTVERSION_5;
}

static const char *check(const char *action, int code)
{
    const char *text = MQTTClient_strerror(code);

    if (code == MQTTCLIENT_SUCCESS)
        return NULL;
    return problem("%s gave %d (%s)", action, code, text ? text : "no text");
}

/* For MQTT 5: reason codes of failure begin at 0x80, those of the library are negative. */
static const char *check5(const char *action, MQTTResponse response)
{
    int code = response.reasonCode;

    MQTTResponse_free(response);
    return code >= 0 && code < 0x80 ? NULL : problem("%s gave %d", action, code);
}

/* ---- Callbacks ---- */

static struct message *copy(char *topic, int topic_length, MQTTClient_message *message)
{
    struct message *copied = message_new(topic, topic_length, message->payload, message->payloadlen);

    copied->qos = message->qos;
    copied->retained = message->retained;
    copied->dup = message->dup;
    if (message->struct_version >= 1)
        copied->properties = MQTTProperties_copy(&message->properties);
    MQTTClient_freeMessage(&message);
    MQTTClient_free(topic);
    return copied;
}

static int on_message(void *context, char *topic, int topic_length, MQTTClient_message *message)
{
    peer_arrived(context, copy(topic, topic_length, message));
    return 1;
}

static void on_lost(void *context, char *cause)
{
    (void)cause;
    peer_lost(context, -1);
}

static void on_disconnected(void *context, MQTTProperties *properties, enum MQTTReasonCodes reason)
{
    (void)properties;
    peer_lost(context, reason);
}

/* ---- Connecting ---- */

const char *peer_create(struct peer *peer)
{
    MQTTClient_createOptions options = MQTTClient_createOptions_initializer;
    int rc;

    options.MQTTVersion = peer->options.version;
    rc = MQTTClient_createWithOptions(&peer->client, peer->options.uri, peer->options.id, MQTTCLIENT_PERSISTENCE_NONE,
                                      NULL, &options);
    if (rc == MQTTCLIENT_SUCCESS && !peer->options.polling)
        rc = MQTTClient_setCallbacks(peer->client, peer, on_lost, on_message, NULL);
    if (rc == MQTTCLIENT_SUCCESS && !peer->options.polling && is_v5(peer))
        rc = MQTTClient_setDisconnected(peer->client, peer, on_disconnected);
    if (rc == MQTTCLIENT_SUCCESS)
        rc = MQTTClient_setCommandTimeout(peer->client, PATIENCE * 1000);
    return check("create", rc);
}

static const char *connect_with(struct peer *peer, MQTTClient_connectOptions *options)
{
    MQTTResponse response;
    int code;

    if (!is_v5(peer))
        return check("connect", MQTTClient_connect(peer->client, options));
    response = MQTTClient_connect5(peer->client, options, (MQTTProperties *)peer->options.properties,
                                   (MQTTProperties *)peer->options.will_properties);
    code = response.reasonCode;
    MQTTResponse_free(response);
    /* A server that does not know MQTT 5 may answer with a return code of MQTT 3. */
    return code == 0 ? NULL : problem("connect gave %d", code);
}

const char *peer_connect(struct peer *peer)
{
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
    MQTTClient_connectOptions options5 = MQTTClient_connectOptions_initializer5;
    MQTTClient_willOptions will = MQTTClient_willOptions_initializer;
    const struct outgoing *last = peer->options.will;
    const char *reason;

    if (is_v5(peer)) {
        options = options5;
        options.cleanstart = peer->options.clean;
    } else {
        options.cleansession = peer->options.clean;
    }
    options.MQTTVersion = peer->options.version;
    options.keepAliveInterval = peer->options.keep_alive;
    options.reliable = 0;
    options.connectTimeout = PATIENCE;
    if (last) {
        will.topicName = last->topic;
        will.payload.data = last->payload;
        will.payload.len = (int)last->length;
        will.qos = last->qos;
        will.retained = last->retained;
        options.will = &will;
    }
    reason = connect_with(peer, &options);
    if (!reason) {
        peer->session_present = options.returned.sessionPresent;
        peer_connected(peer);
    }
    return reason;
}

/* MQTTClient leaves connecting again to the application. */
const char *peer_reconnect(struct peer *peer)
{
    double deadline = seconds_now() + PATIENCE;
    const char *reason;

    if (!peer->options.polling && !peer_wait_lost(peer, PATIENCE))
        return "connectionLost was not called";
    while ((reason = peer_connect(peer)) && seconds_now() < deadline) {
        struct timespec pause = {.tv_nsec = 100 * 1000 * 1000};

        nanosleep(&pause, NULL);
    }
    return reason;
}

const char *peer_disconnect(struct peer *peer, enum MQTTReasonCodes reason)
{
    if (is_v5(peer))
        return check("disconnect", MQTTClient_disconnect5(peer->client, PATIENCE * 1000, reason, NULL));
    return check("disconnect", MQTTClient_disconnect(peer->client, PATIENCE * 1000));
}

void peer_destroy(struct peer *peer)
{
    MQTTClient_destroy(&peer->client);
    free(peer->tokens);
}

/* ---- Subscriptions ---- */

static const char *subscribe3(struct peer *peer, int count, char *const *filters, int *granted)
{
    int rc = MQTTClient_subscribeMany(peer->client, count, filters, granted);

    /* A refused filter is in the list; it is for the caller to judge. */
    return check("subscribe", rc == MQTT_BAD_SUBSCRIBE ? MQTTCLIENT_SUCCESS : rc);
}

/* The list is for several filters; the code for one is in reasonCode. */
static const char *subscribe5(struct peer *peer, int count, char *const *filters, int *granted,
                              MQTTSubscribe_options *options, const MQTTProperties *properties)
{
    MQTTResponse response =
        MQTTClient_subscribeMany5(peer->client, count, filters, granted, options, (MQTTProperties *)properties);
    int code = response.reasonCode;
    int listed = count > 1 ? response.reasonCodeCount : 0;

    for (int i = 0; i < count; i++)
        granted[i] = listed > i ? (int)response.reasonCodes[i] : code;
    MQTTResponse_free(response);
    return code < 0 ? problem("subscribe gave %d", code) : NULL;
}

const char *peer_subscribe_with(struct peer *peer, int count, char *const *filters, const int *qos, int *granted,
                                MQTTSubscribe_options *options, const MQTTProperties *properties)
{
    memcpy(granted, qos, (size_t)count * sizeof *qos);
    if (is_v5(peer))
        return subscribe5(peer, count, filters, granted, options, properties);
    return subscribe3(peer, count, filters, granted);
}

const char *peer_unsubscribe(struct peer *peer, int count, char *const *filters)
{
    if (is_v5(peer))
        return check5("unsubscribe", MQTTClient_unsubscribeMany5(peer->client, count, filters, NULL));
    return check("unsubscribe", MQTTClient_unsubscribeMany(peer->client, count, filters));
}

/* ---- Messages ---- */

const char *peer_send(struct peer *peer, const struct outgoing *outgoing)
{
    MQTTClient_message message = MQTTClient_message_initializer;
    MQTTClient_deliveryToken token = 0;
    const char *reason;

    message.payload = (void *)outgoing->payload;
    message.payloadlen = (int)outgoing->length;
    message.qos = outgoing->qos;
    message.retained = outgoing->retained;
    if (outgoing->properties)
        message.properties = *outgoing->properties;
    if (is_v5(peer))
        reason = check5("publish", MQTTClient_publishMessage5(peer->client, outgoing->topic, &message, &token));
    else
        reason = check("publish", MQTTClient_publishMessage(peer->client, outgoing->topic, &message, &token));
    if (!reason && outgoing->qos > 0) {
        peer->tokens = realloc(peer->tokens, sizeof(int) * (size_t)(peer->token_count + 1));
        peer->tokens[peer->token_count++] = token;
    }
    return reason;
}

const char *peer_settle(struct peer *peer)
{
    const char *reason = NULL;

    for (int i = 0; i < peer->token_count && !reason; i++)
        reason = check("waitForCompletion",
                       MQTTClient_waitForCompletion(peer->client, peer->tokens[i], PATIENCE * 1000));
    peer->token_count = 0;
    return reason;
}

struct message *peer_poll(struct peer *peer, double seconds)
{
    double deadline = seconds_now() + seconds;

    do {
        MQTTClient_message *message = NULL;
        char *topic = NULL;
        int topic_length = 0;
        int rc = MQTTClient_receive(peer->client, &topic, &topic_length, &message, 500);

        if (message)
            return copy(topic, topic_length, message);
        if (rc != MQTTCLIENT_SUCCESS)
            return NULL;
    } while (seconds_now() < deadline);
    return NULL;
}
