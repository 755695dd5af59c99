// Leaves a callback in another way than by returning.
//
//   leaving LIBRARY URI API HOW WHERE     API: client or async; HOW: exit, cancel or throw; WHERE: arrived, delivered, success
//                                         or trace

#include <cstdio>
#include <cstring>
#include <dlfcn.h>
#include <pthread.h>
#include <stdexcept>
#include <unistd.h>

extern "C" {
#include "MQTTAsync.h"
#include "MQTTClient.h"
}

static void *library;
static const char *how, *where;

#define CALL(name) (reinterpret_cast<decltype(&name)>(dlsym(library, #name)))

static void leave(const char *here)
{
    if (strcmp(here, where) != 0)
        return;
    if (strcmp(how, "exit") == 0)
        pthread_exit(nullptr);
    if (strcmp(how, "throw") == 0)
        throw std::runtime_error("thrown");
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, nullptr);
    pthread_cancel(pthread_self());
    pthread_testcancel();
}

static int client_arrived(void *, char *topic, int, MQTTClient_message *message)
{
    leave("arrived");
    CALL(MQTTClient_freeMessage)(&message);
    CALL(MQTTClient_free)(topic);
    return 1;
}

static int async_arrived(void *, char *topic, int, MQTTAsync_message *message)
{
    leave("arrived");
    CALL(MQTTAsync_freeMessage)(&message);
    CALL(MQTTAsync_free)(topic);
    return 1;
}

static void delivered(void *, int)
{
    leave("delivered");
}

static void succeeded(void *, MQTTAsync_successData *)
{
    leave("success");
}

static void client_trace(enum MQTTCLIENT_TRACE_LEVELS, char *)
{
    leave("trace");
}

static void async_trace(enum MQTTASYNC_TRACE_LEVELS, char *)
{
    leave("trace");
}

static void use_client(const char *uri)
{
    MQTTClient client;
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
    CALL(MQTTClient_setTraceCallback)(client_trace);
    CALL(MQTTClient_setTraceLevel)(MQTTCLIENT_TRACE_PROTOCOL);
    CALL(MQTTClient_create)(&client, uri, "", MQTTCLIENT_PERSISTENCE_NONE, nullptr);
    CALL(MQTTClient_setCallbacks)(client, nullptr, nullptr, client_arrived, delivered);
    CALL(MQTTClient_connect)(client, &options);
    CALL(MQTTClient_subscribe)(client, "leaving", 1);
    CALL(MQTTClient_publish)(client, "leaving", 1, "x", 1, 0, nullptr);
}

static void use_async(const char *uri)
{
    MQTTAsync client;
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    CALL(MQTTAsync_setTraceCallback)(async_trace);
    CALL(MQTTAsync_setTraceLevel)(MQTTASYNC_TRACE_PROTOCOL);
    CALL(MQTTAsync_create)(&client, uri, "", MQTTCLIENT_PERSISTENCE_NONE, nullptr);
    CALL(MQTTAsync_setCallbacks)(client, nullptr, nullptr, async_arrived, delivered);
    options.onSuccess = succeeded;
    CALL(MQTTAsync_connect)(client, &options);
    while (!CALL(MQTTAsync_isConnected)(client))
        usleep(1000);
    CALL(MQTTAsync_subscribe)(client, "leaving", 1, &response);
    CALL(MQTTAsync_send)(client, "leaving", 1, "x", 1, 0, &response);
}

int main(int, char **values)
{
    library = dlopen(values[1], RTLD_NOW);
    how = values[4];
    where = values[5];
    if (strcmp(values[3], "client") == 0)
        use_client(values[2]);
    else
        use_async(values[2]);
    // The callback comes on another thread.
    pause();
}
