/*
 * Uses the libraries of both APIs in one process: each has functions of its own for its handles, and rejects those of the
 * other one. Prints what the calls return.
 */

#include <stdio.h>

#include "MQTTAsyncExt.h"
#include "MQTTClientExt.h"

#define SERVER "tcp://127.0.0.1:1"

static void print(const char *what, int rc)
{
    printf("%s: %d\n", what, rc);
}

int main(void)
{
    MQTTClient client = NULL;
    MQTTAsync async = NULL;
    char value[40];
    size_t size = sizeof value;

    print("create", MQTTClient_create(&client, SERVER, "both", MQTTCLIENT_PERSISTENCE_NONE, NULL));
    print("create async", MQTTAsync_create(&async, SERVER, "both", MQTTCLIENT_PERSISTENCE_NONE, NULL));
    print("own set", MQTTClientExt_setOption(client, "strict", "true", NULL, 0));
    print("own set async", MQTTAsyncExt_setOption(async, "busy.wait", "never", NULL, 0));
    print("other's set", MQTTClientExt_setOption(async, "strict", "true", NULL, 0));
    print("other's set async", MQTTAsyncExt_setOption(client, "strict", "true", NULL, 0));
    print("other's get", MQTTClientExt_getOption(async, "strict", value, &size));
    print("other's get async", MQTTAsyncExt_getOption(client, "strict", value, &size));
    print("own get", MQTTClientExt_getOption(client, "strict", value, &size));
    printf("strict is %s\n", value);
    size = sizeof value;
    print("own get async", MQTTAsyncExt_getOption(async, "strict", value, &size));
    printf("strict is %s\n", value);
    print("matches", MQTTExt_matches("+/b", "a/b"));
    MQTTClient_destroy(&client);
    MQTTAsync_destroy(&async);
    return 0;
}
