/* The peer on MQTTAsync, the asynchronous interface. */
#include <stdlib.h>
#include <string.h>

#include "MQTTAsync.h"
#include "peer.h"

const char peer_api[] = "MQTTAsync";
const bool peer_can_poll = false;
const bool peer_can_queue = true;

static bool is_v5(const struct peer *peer)
{
    return peer->options.version == MQTTVERSION_5;
}

static const char *check(const char *action, int code)
{
    const char *text = MQTTAsync_strerror(code);

    if (code == MQTTASYNC_SUCCESS)
        return NULL;
    return problem("%s gave %d (%s)", action, code, text ? text : "no text");
}

/* ---- Requests: the calling thread waits for one of the two callbacks ---- */

struct request {
    struct peer *peer;
    const char *action;
    bool done;
    char problem[200];
    int count; /* filters of a subscription */
    int *granted;
};

static void finish(struct request *request)
{
    pthread_mutex_lock(&request->peer->lock);
    request->done = true;
    pthread_cond_broadcast(&request->peer->changed);
    pthread_mutex_unlock(&request->peer->lock);
}

static void on_success(void *context, MQTTAsync_successData *data)
{
    struct request *request = context;

    for (int i = 0; i < request->count; i++)
        request->granted[i] = request->count == 1 ? data->alt.qos : data->alt.qosList[i];
    finish(request);
}

/* The list is for several filters; the code for one is in reasonCode. */
static void on_success5(void *context, MQTTAsync_successData5 *data)
{
    struct request *request = context;
    int listed = request->count > 1 ? data->alt.sub.reasonCodeCount : 0;

    for (int i = 0; i < request->count; i++)
        request->granted[i] = listed > i ? (int)data->alt.sub.reasonCodes[i] : (int)data->reasonCode;
    finish(request);
}

static void fail(struct request *request, int code, int reason_code, const char *message)
{
    const char *text = problem("%s failed with %d, reason code %d: %s", request->action, code, reason_code,
                               message ? message : "no message");

    strncpy(request->problem, text, sizeof request->problem - 1);
    finish(request);
}

static void on_failure(void *context, MQTTAsync_failureData *data)
{
    fail(context, data ? data->code : 0, 0, data ? data->message : NULL);
}

static void on_failure5(void *context, MQTTAsync_failureData5 *data)
{
    fail(context, data->code, data->reasonCode, data->message);
}

static struct request *request_new(struct peer *peer, const char *action)
{
    struct request *request = calloc(1, sizeof *request);

    request->peer = peer;
    request->action = action;
    return request;
}

static MQTTAsync_responseOptions response_to(struct request *request)
{
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;

    response.context = request;
    if (is_v5(request->peer)) {
        response.onSuccess5 = on_success5;
        response.onFailure5 = on_failure5;
    } else {
        response.onSuccess = on_success;
        response.onFailure = on_failure;
    }
    return response;
}

/* `rc` is what the call returned. A request without a result stays allocated: its callback may still come. */
static const char *conclude(struct request *request, int rc)
{
    struct peer *peer = request->peer;
    struct timespec deadline;
    const char *reason = check(request->action, rc);
    bool done;

    if (reason) {
        free(request);
        return reason;
    }
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += PATIENCE;
    pthread_mutex_lock(&peer->lock);
    while (!request->done && pthread_cond_timedwait(&peer->changed, &peer->lock, &deadline) == 0)
        ;
    done = request->done;
    pthread_mutex_unlock(&peer->lock);
    if (!done)
        return problem("%s: neither onSuccess nor onFailure was called", request->action);
    reason = request->problem[0] ? problem("%s", request->problem) : NULL;
    free(request);
    return reason;
}

/* ---- Callbacks of the client ---- */

static int on_message(void *context, char *topic, int topic_length, MQTTAsync_message *message)
{
    struct message *copied = message_new(topic, topic_length, message->payload, message->payloadlen);

    copied->qos = message->qos;
    copied->retained = message->retained;
    copied->dup = message->dup;
    if (message->struct_version >= 1)
        copied->properties = MQTTProperties_copy(&message->properties);
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    peer_arrived(context, copied);
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

static void on_connected(void *context, char *cause)
{
    (void)cause;
    peer_connected(context);
}

/* ---- Connecting ---- */

const char *peer_create(struct peer *peer)
{
    MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer;
    int rc;

    options.MQTTVersion = peer->options.version;
    options.sendWhileDisconnected = 1;
    rc = MQTTAsync_createWithOptions(&peer->client, peer->options.uri, peer->options.id, MQTTCLIENT_PERSISTENCE_NONE,
                                     NULL, &options);
    if (rc == MQTTASYNC_SUCCESS)
        rc = MQTTAsync_setCallbacks(peer->client, peer, on_lost, on_message, NULL);
    if (rc == MQTTASYNC_SUCCESS)
        rc = MQTTAsync_setConnected(peer->client, peer, on_connected);
    if (rc == MQTTASYNC_SUCCESS && is_v5(peer))
        rc = MQTTAsync_setDisconnected(peer->client, peer, on_disconnected);
    return check("create", rc);
}

static void on_connect(void *context, MQTTAsync_successData *data)
{
    ((struct request *)context)->peer->session_present = data->alt.connect.sessionPresent;
    finish(context);
}

static void on_connect5(void *context, MQTTAsync_successData5 *data)
{
    ((struct request *)context)->peer->session_present = data->alt.connect.sessionPresent;
    finish(context);
}

static MQTTAsync_connectOptions connect_options(struct peer *peer, struct request *request)
{
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
    MQTTAsync_connectOptions options5 = MQTTAsync_connectOptions_initializer5;

    if (is_v5(peer)) {
        options = options5;
        options.cleanstart = peer->options.clean;
        options.connectProperties = (MQTTProperties *)peer->options.properties;
        options.willProperties = (MQTTProperties *)peer->options.will_properties;
        options.onSuccess5 = on_connect5;
        options.onFailure5 = on_failure5;
    } else {
        options.cleansession = peer->options.clean;
        options.onSuccess = on_connect;
        options.onFailure = on_failure;
    }
    options.MQTTVersion = peer->options.version;
    options.context = request;
    options.keepAliveInterval = peer->options.keep_alive;
    /* Before MQTT 5 a server cannot say how many it takes at a time; mosquitto takes 20. */
    options.maxInflight = 20;
    options.connectTimeout = PATIENCE;
    options.automaticReconnect = 1;
    options.minRetryInterval = 1;
    options.maxRetryInterval = 2;
    return options;
}

const char *peer_connect(struct peer *peer)
{
    struct request *request = request_new(peer, "connect");
    MQTTAsync_connectOptions options = connect_options(peer, request);
    MQTTAsync_willOptions will = MQTTAsync_willOptions_initializer;
    const struct outgoing *last = peer->options.will;

    if (last) {
        will.topicName = last->topic;
        will.payload.data = last->payload;
        will.payload.len = (int)last->length;
        will.qos = last->qos;
        will.retained = last->retained;
        options.will = &will;
    }
    return conclude(request, MQTTAsync_connect(peer->client, &options));
}

const char *peer_reconnect(struct peer *peer)
{
    if (!peer_wait_lost(peer, PATIENCE))
        return "connectionLost was not called";
    return peer_wait_connections(peer, 2, PATIENCE) ? NULL : "no automatic reconnect";
}

const char *peer_disconnect(struct peer *peer, enum MQTTReasonCodes reason)
{
    struct request *request = request_new(peer, "disconnect");
    MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer;
    MQTTAsync_disconnectOptions options5 = MQTTAsync_disconnectOptions_initializer5;

    if (is_v5(peer))
        options = options5;
    options.context = request;
    options.timeout = 1000;
    if (is_v5(peer)) {
        options.onSuccess5 = on_success5;
        options.onFailure5 = on_failure5;
        options.reasonCode = reason;
    } else {
        options.onSuccess = on_success;
        options.onFailure = on_failure;
    }
    return conclude(request, MQTTAsync_disconnect(peer->client, &options));
}

void peer_destroy(struct peer *peer)
{
    MQTTAsync_destroy(&peer->client);
}

/* ---- Subscriptions ---- */

const char *peer_subscribe_with(struct peer *peer, int count, char *const *filters, const int *qos, int *granted,
                                MQTTSubscribe_options *options, const MQTTProperties *properties)
{
    struct request *request = request_new(peer, "subscribe");
    MQTTAsync_responseOptions response = response_to(request);

    request->count = count;
    request->granted = granted;
    if (properties)
        response.properties = *properties;
    if (options && count == 1) {
        response.subscribeOptions = *options;
    } else if (options) {
        response.subscribeOptionsCount = count;
        response.subscribeOptionsList = options;
    }
    return conclude(request, MQTTAsync_subscribeMany(peer->client, count, filters, qos, &response));
}

const char *peer_unsubscribe(struct peer *peer, int count, char *const *filters)
{
    struct request *request = request_new(peer, "unsubscribe");
    MQTTAsync_responseOptions response = response_to(request);

    return conclude(request, MQTTAsync_unsubscribeMany(peer->client, count, filters, &response));
}

/* ---- Messages: counted, so that many can be under way ---- */

static void sent(struct peer *peer, const char *failure)
{
    pthread_mutex_lock(&peer->lock);
    peer->sending--;
    if (failure && !peer->send_problem)
        peer->send_problem = strdup(failure);
    pthread_cond_broadcast(&peer->changed);
    pthread_mutex_unlock(&peer->lock);
}

static void on_sent(void *context, MQTTAsync_successData *data)
{
    (void)data;
    sent(context, NULL);
}

static void on_sent5(void *context, MQTTAsync_successData5 *data)
{
    sent(context, data->reasonCode == 0 ? NULL : problem("publish succeeded with reason code %d", data->reasonCode));
}

static void on_unsent(void *context, MQTTAsync_failureData *data)
{
    sent(context, problem("publish failed with %d", data ? data->code : 0));
}

static void on_unsent5(void *context, MQTTAsync_failureData5 *data)
{
    sent(context, problem("publish failed with %d, reason code %d", data->code, data->reasonCode));
}

const char *peer_send(struct peer *peer, const struct outgoing *outgoing)
{
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    MQTTAsync_message message = MQTTAsync_message_initializer;
    const char *reason;

    response.context = peer;
    if (is_v5(peer)) {
        response.onSuccess5 = on_sent5;
        response.onFailure5 = on_unsent5;
    } else {
        response.onSuccess = on_sent;
        response.onFailure = on_unsent;
    }
    message.payload = (void *)outgoing->payload;
    message.payloadlen = (int)outgoing->length;
    message.qos = outgoing->qos;
    message.retained = outgoing->retained;
    if (outgoing->properties)
        message.properties = *outgoing->properties;
    /* Counted first: the callback may run before the call returns. */
    pthread_mutex_lock(&peer->lock);
    peer->sending++;
    pthread_mutex_unlock(&peer->lock);
    reason = check("send", MQTTAsync_sendMessage(peer->client, outgoing->topic, &message, &response));
    if (reason)
        sent(peer, NULL);
    return reason;
}

const char *peer_settle(struct peer *peer)
{
    struct timespec deadline;
    const char *reason = NULL;

    clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += PATIENCE;
    pthread_mutex_lock(&peer->lock);
    while (peer->sending > 0 && pthread_cond_timedwait(&peer->changed, &peer->lock, &deadline) == 0)
        ;
    if (peer->sending > 0)
        reason = problem("%d messages without a result", peer->sending);
    else if (peer->send_problem)
        reason = peer->send_problem;
    pthread_mutex_unlock(&peer->lock);
    return reason;
}

struct message *peer_poll(struct peer *peer, double seconds)
{
    (void)peer;
    (void)seconds;
    return NULL;
}
