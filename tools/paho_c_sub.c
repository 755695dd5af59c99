/* paho_c_sub: prints messages with the asynchronous API. Its man page is man/paho_c_sub.1. */

#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <string.h>

#include "async.h"

static const struct tool TOOL = {"paho_c_sub", 0, "paho-c-sub", async_library_facts};

static struct options options;

/* Written by callbacks. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static enum exit_code ended; /* why there is nothing more to do */
static int subscribed;       /* at least once */

static void end_with(enum exit_code code)
{
    pthread_mutex_lock(&lock);
    ended = code;
    pthread_mutex_unlock(&lock);
    wake();
}

static enum exit_code has_ended(void)
{
    enum exit_code code;

    pthread_mutex_lock(&lock);
    code = ended;
    pthread_mutex_unlock(&lock);
    return code;
}

static int on_message(void *context, char *topic, int topic_length, MQTTAsync_message *message)
{
    int length = topic_length > 0 ? topic_length : (int)strlen(topic);
    int skipped = options.no_retained && message->retained;

    (void)context;
    if (!skipped && has_ended() == EXIT_DONE
        && !print_message(&options, topic, length, message->payload, message->payloadlen, &message->properties, 1))
        end_with(EXIT_INPUT_OUTPUT);
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    return 1;
}

static void take_success(void)
{
    pthread_mutex_lock(&lock);
    subscribed = 1;
    pthread_mutex_unlock(&lock);
}

/* What worked before and failed because the connection was lost is done again after the next connect. */
static void take_failure(int code)
{
    int connection_ended = code == MQTTASYNC_OPERATION_INCOMPLETE || code == MQTTASYNC_DISCONNECTED, worked;

    pthread_mutex_lock(&lock);
    worked = subscribed;
    pthread_mutex_unlock(&lock);
    if (!worked || !connection_ended)
        end_with(EXIT_REFUSED);
}

static void on_subscribe_failure(void *context, MQTTAsync_failureData *response)
{
    (void)context;
    async_report(&options, "Subscribe", response->code, -1, response->message);
    take_failure(response->code);
}

static void on_subscribe_failure5(void *context, MQTTAsync_failureData5 *response)
{
    (void)context;
    async_report(&options, "Subscribe", response->code, (int)response->reasonCode, response->message);
    take_failure(response->code);
}

static void on_subscribe(void *context, MQTTAsync_successData *response)
{
    (void)context, (void)response;
    take_success();
}

/* The original library takes a refusal by an MQTT 5 server for a success. */
static void on_subscribe5(void *context, MQTTAsync_successData5 *response)
{
    (void)context;
    if ((int)response->reasonCode < 128) {
        take_success();
        return;
    }
    async_report(&options, "Subscribe", 0, (int)response->reasonCode, NULL);
    end_with(EXIT_REFUSED);
}

/* After the first connect and after each automatic one: the subscription ends with the session. */
static void on_connected(void *client, char *cause)
{
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    int rc;

    (void)cause;
    if (options.version == MQTTVERSION_5) {
        response.onSuccess5 = on_subscribe5;
        response.onFailure5 = on_subscribe_failure5;
    } else {
        response.onSuccess = on_subscribe;
        response.onFailure = on_subscribe_failure;
    }
    forget_cause();
    say(&options, "Subscribing to topic %s with client %s at QoS %d\n", options.topic, options.client_id, options.qos);
    rc = MQTTAsync_subscribe(client, options.topic, options.qos, &response);
    if (rc == MQTTASYNC_SUCCESS)
        return;
    complain(&options, "Subscribe failed, rc %s%s\n", MQTTAsync_strerror(rc), cause_of(NULL));
    take_failure(rc);
}

static void on_loss(void *context, char *cause)
{
    (void)context, (void)cause;
    complain(&options, "Connection lost%s; connecting again\n", cause_of(NULL));
    forget_cause();
}

int main(int argc, char **argv)
{
    enum exit_code code;
    MQTTAsync client;

    start_events();
    read_options(&options, &TOOL, argc, argv);
    say(&options, "URL is %s\n", options.url);
    client = async_create(&options);
    MQTTAsync_setCallbacks(client, NULL, on_loss, on_message, NULL);
    code = async_connect(client, &options, 1, on_connected);
    if (code == EXIT_DONE) {
        catch_signals();
        while (!stopped() && has_ended() == EXIT_DONE)
            wait_for_event(-1, 0);
    }
    async_end(client);
    if (code == EXIT_DONE)
        code = has_ended();
    if (!finish_output(&options) && code == EXIT_DONE)
        code = EXIT_INPUT_OUTPUT;
    return code;
}
