/*
 * MQTT 5.0: connects with properties, publishes a message with properties to
 * itself, and prints what comes back.
 *
 *     mqtt5_properties URI [TOPIC]
 *     mqtt5_properties tcp://localhost:1883 demo/request
 *
 * A client of version 5 uses the functions whose names end in 5. Their answer, an
 * MQTTResponse, carries the server's reason code and properties; it is given back
 * with MQTTResponse_free. Property lists made here are freed here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "MQTTClient.h"

#define TIME_LIMIT_MS 10000L

/* Reason codes below 0x80 are successes, others and negative codes of the library are not. */
static int failed(const char* action, MQTTResponse response)
{
    int code = response.reasonCode;
    int bad = code < 0 || code >= 0x80;

    if (bad)
        fprintf(stderr, "%s failed: %s (%d)\n", action,
                code < 0 ? MQTTClient_strerror(code) : MQTTReasonCode_toString(response.reasonCode), code);
    MQTTResponse_free(response);
    return bad;
}

static MQTTLenString text(const char* value)
{
    MQTTLenString string = {(int)strlen(value), (char*)value};
    return string;
}

/* The list keeps copies of what it is given. */
static int add_text(MQTTProperties* list, enum MQTTPropertyCodes identifier, const char* value)
{
    MQTTProperty property;

    memset(&property, 0, sizeof property);
    property.identifier = identifier;
    property.value.data = text(value);
    return MQTTProperties_add(list, &property);
}

static void print_properties(MQTTProperties* list)
{
    int i;

    for (i = 0; i < list->count; i++) {
        MQTTProperty* property = &list->array[i];
        const char* name = MQTTPropertyName(property->identifier);
        switch (MQTTProperty_getType(property->identifier)) {
        case MQTTPROPERTY_TYPE_UTF_8_ENCODED_STRING:
        case MQTTPROPERTY_TYPE_BINARY_DATA:
            printf("  %s: %.*s\n", name, property->value.data.len, property->value.data.data);
            break;
        case MQTTPROPERTY_TYPE_UTF_8_STRING_PAIR:
            printf("  %s: %.*s = %.*s\n", name, property->value.data.len, property->value.data.data,
                   property->value.value.len, property->value.value.data);
            break;
        default:
            printf("  %s: %lld\n", name, (long long)MQTTProperties_getNumericValue(list, property->identifier));
        }
    }
}

static int publish(MQTTClient client, const char* topic)
{
    MQTTClient_message message = MQTTClient_message_initializer;
    MQTTClient_deliveryToken token = 0;
    MQTTProperty user = {MQTTPROPERTY_CODE_USER_PROPERTY, {0}};
    int status = 1;

    message.payload = "What time is it?";
    message.payloadlen = (int)strlen(message.payload);
    message.qos = 1;
    user.value.data = text("language");
    user.value.value = text("en");
    if (add_text(&message.properties, MQTTPROPERTY_CODE_CONTENT_TYPE, "text/plain") == 0 &&
        add_text(&message.properties, MQTTPROPERTY_CODE_RESPONSE_TOPIC, "demo/answer") == 0 &&
        add_text(&message.properties, MQTTPROPERTY_CODE_CORRELATION_DATA, "question 1") == 0 &&
        MQTTProperties_add(&message.properties, &user) == 0)
        status = failed("Publishing", MQTTClient_publishMessage5(client, topic, &message, &token)) ||
                 MQTTClient_waitForCompletion(client, token, TIME_LIMIT_MS) != MQTTCLIENT_SUCCESS;
    MQTTProperties_free(&message.properties);
    return status;
}

static int receive(MQTTClient client)
{
    char* topic = NULL;
    int topic_length = 0;
    MQTTClient_message* message = NULL;

    if (MQTTClient_receive(client, &topic, &topic_length, &message, TIME_LIMIT_MS) != MQTTCLIENT_SUCCESS ||
        message == NULL) {
        fprintf(stderr, "Nothing came within the time limit\n");
        return 1;
    }
    printf("%s, QoS %d: %.*s\n", topic, message->qos, message->payloadlen, (const char*)message->payload);
    print_properties(&message->properties);
    MQTTClient_freeMessage(&message); /* with its properties */
    MQTTClient_free(topic);
    return 0;
}

int main(int argc, char* argv[])
{
    MQTTClient client = NULL;
    MQTTClient_createOptions create = MQTTClient_createOptions_initializer;
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer5;
    MQTTProperties connect_properties = MQTTProperties_initializer;
    MQTTProperty expiry = {MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL, {0}};
    const char* topic = argc > 2 ? argv[2] : "demo/request";
    int status = 1;

    if (argc < 2) {
        fprintf(stderr, "usage: %s URI [TOPIC]\n", argv[0]);
        return 2;
    }
    create.MQTTVersion = MQTTVERSION_5;
    if (MQTTClient_createWithOptions(&client, argv[1], "", MQTTCLIENT_PERSISTENCE_NONE, NULL, &create) !=
        MQTTCLIENT_SUCCESS)
        goto destroy;

    options.cleanstart = 1;
    expiry.value.integer4 = 0; /* seconds the server keeps the session after the connection */
    if (MQTTProperties_add(&connect_properties, &expiry) == 0 &&
        !failed("Connecting", MQTTClient_connect5(client, &options, &connect_properties, NULL))) {
        MQTTSubscribe_options subscribe = MQTTSubscribe_options_initializer;
        subscribe.retainAsPublished = 1;
        status = failed("Subscribing", MQTTClient_subscribe5(client, topic, 2, &subscribe, NULL)) ||
                 publish(client, topic) || receive(client);
        if (MQTTClient_disconnect5(client, 1000, MQTTREASONCODE_SUCCESS, NULL) != MQTTCLIENT_SUCCESS)
            status = 1;
    }
    MQTTProperties_free(&connect_properties);
destroy:
    MQTTClient_destroy(&client);
    return status;
}
