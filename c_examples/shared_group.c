/*
 * A group of clients shares the messages of a topic: the server gives each
 * message to one of them. So the work is split, and goes on when one of them ends.
 *
 *     shared_group URI [MEMBERS [MESSAGES]]
 *     shared_group tcp://localhost:1883 3 300
 *
 * The members subscribe to $share/GROUP/FILTER. That is part of MQTT 5.0; many
 * servers know it with MQTT 3.1.1 too. Which member gets a message is up to the
 * server, and so is the order between members.
 */
#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "MQTTClient.h"

#define TOPIC "demo/work"
#define FILTER "$share/demo-group/" TOPIC
#define QOS 1
#define MOST_MEMBERS 32
#define TIME_LIMIT_S 30

struct group {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    char* has_come; /* one element for each message */
    int messages, missing, repeated;
};

struct member {
    MQTTClient client;
    struct group* group;
    int count;
};

static int failed(const char* action, int code)
{
    if (code == MQTTCLIENT_SUCCESS)
        return 0;
    fprintf(stderr, "%s failed: %s (%d)\n", action, MQTTClient_strerror(code), code);
    return 1;
}

/* Its payload is the number of the message. */
static int message_arrived(void* context, char* topic, int topic_length, MQTTClient_message* message)
{
    struct member* member = context;
    struct group* group = member->group;
    char text[16];
    int number;

    (void)topic_length;
    snprintf(text, sizeof text, "%.*s", message->payloadlen, (const char*)message->payload);
    number = atoi(text);
    pthread_mutex_lock(&group->lock);
    if (number >= 0 && number < group->messages) {
        if (group->has_come[number])
            group->repeated++;
        else
            group->missing--;
        group->has_come[number] = 1;
        member->count++;
        pthread_cond_signal(&group->changed);
    }
    pthread_mutex_unlock(&group->lock);
    MQTTClient_freeMessage(&message);
    MQTTClient_free(topic);
    return 1;
}

static int connect_client(MQTTClient client)
{
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer5;
    MQTTResponse response;
    int code;

    options.MQTTVersion = MQTTVERSION_5;
    options.cleanstart = 1;
    response = MQTTClient_connect5(client, &options, NULL, NULL);
    code = response.reasonCode;
    MQTTResponse_free(response);
    return code;
}

static int create(MQTTClient* client, const char* uri)
{
    MQTTClient_createOptions options = MQTTClient_createOptions_initializer;

    options.MQTTVersion = MQTTVERSION_5;
    return MQTTClient_createWithOptions(client, uri, "", MQTTCLIENT_PERSISTENCE_NONE, NULL, &options);
}

static int join(struct member* member, const char* uri)
{
    MQTTResponse response;
    int code;

    if (failed("Creating a member", create(&member->client, uri)) ||
        failed("Setting its callbacks", MQTTClient_setCallbacks(member->client, member, NULL, message_arrived, NULL)) ||
        failed("Connecting a member", connect_client(member->client)))
        return 1;
    response = MQTTClient_subscribe5(member->client, FILTER, QOS, NULL, NULL);
    code = response.reasonCode;
    MQTTResponse_free(response);
    return code != QOS && failed("Subscribing", code);
}

static int publish_all(MQTTClient client, int messages)
{
    char payload[16];
    MQTTClient_deliveryToken token;
    int number, length;

    for (number = 0; number < messages; number++) {
        MQTTResponse response;

        length = snprintf(payload, sizeof payload, "%d", number);
        response = MQTTClient_publish5(client, TOPIC, length, payload, QOS, 0, NULL, &token);
        MQTTResponse_free(response);
        if (response.reasonCode < 0)
            return failed("Publishing", response.reasonCode);
    }
    return 0;
}

/* Returns 0 if every message came in time. */
static int wait_for_all(struct group* group)
{
    struct timespec end;
    int timed_out = 0;

    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += TIME_LIMIT_S;
    pthread_mutex_lock(&group->lock);
    while (group->missing > 0 && !timed_out)
        timed_out = pthread_cond_timedwait(&group->changed, &group->lock, &end) != 0;
    pthread_mutex_unlock(&group->lock);
    return timed_out;
}

int main(int argc, char* argv[])
{
    struct group group = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL, 0, 0, 0};
    struct member members[MOST_MEMBERS] = {{NULL, NULL, 0}};
    MQTTClient publisher = NULL;
    int count = argc > 2 ? atoi(argv[2]) : 3;
    int status = 1, number;

    group.messages = group.missing = argc > 3 ? atoi(argv[3]) : 300;
    if (argc < 2 || count < 1 || count > MOST_MEMBERS || group.messages < 1) {
        fprintf(stderr, "usage: %s URI [MEMBERS [MESSAGES]], at most %d members\n", argv[0], MOST_MEMBERS);
        return 2;
    }
    group.has_come = calloc((size_t)group.messages, 1);
    if (group.has_come == NULL)
        return 1;
    for (number = 0; number < count; number++) {
        members[number].group = &group;
        if (join(&members[number], argv[1]))
            goto destroy;
    }
    if (failed("Creating the publisher", create(&publisher, argv[1])) ||
        failed("Connecting the publisher", connect_client(publisher)) || publish_all(publisher, group.messages))
        goto destroy;
    status = wait_for_all(&group);

destroy:
    MQTTClient_destroy(&publisher); /* disconnects, too */
    for (number = 0; number < count; number++)
        MQTTClient_destroy(&members[number].client);
    /* No callback runs any more. */
    if (status == 0)
        for (number = 0; number < count; number++)
            printf("Member %d had %d messages\n", number + 1, members[number].count);
    printf("%d messages, %d missing, %d came twice\n", group.messages, group.missing, group.repeated);
    free(group.has_come);
    return status;
}
