/* Uses every type, initializer and function of MQTTClient.h as programs do. */

#include "MQTTClient.h"

#include "uses_shared.h"

/* The callback types name functions, so functions can be declared with them. */

static MQTTClient_messageArrived on_message_arrived;

static int on_message_arrived(void* context, char* topicName, int topicLen, MQTTClient_message* message)
{
  (void)context;
  (void)topicName;
  (void)topicLen;
  (void)message;
  return 0;
}

static MQTTClient_deliveryComplete on_delivery_complete;

static void on_delivery_complete(void* context, MQTTClient_deliveryToken dt)
{
  (void)context;
  (void)dt;
}

static MQTTClient_connectionLost on_connection_lost;

static void on_connection_lost(void* context, char* cause)
{
  (void)context;
  (void)cause;
}

static MQTTClient_disconnected on_disconnected;

static void on_disconnected(void* context, MQTTProperties* properties, enum MQTTReasonCodes reasonCode)
{
  (void)context;
  (void)properties;
  (void)reasonCode;
}

static MQTTClient_published on_published;

static void on_published(void* context, int dt, int packet_type, MQTTProperties* properties, enum MQTTReasonCodes reasonCode)
{
  (void)context;
  (void)dt;
  (void)packet_type;
  (void)properties;
  (void)reasonCode;
}

static MQTTClient_traceCallback on_trace_callback;

static void on_trace_callback(enum MQTTCLIENT_TRACE_LEVELS level, char* message)
{
  (void)level;
  (void)message;
}

static int use_initializers(void)
{
  MQTTClient_init_options init_options = MQTTClient_init_options_initializer;
  MQTTClient_createOptions create_options = MQTTClient_createOptions_initializer;
  MQTTClient_message message = MQTTClient_message_initializer;
  MQTTClient_willOptions will_options = MQTTClient_willOptions_initializer;
  MQTTClient_SSLOptions ssloptions = MQTTClient_SSLOptions_initializer;
  MQTTClient_connectOptions connect_options = MQTTClient_connectOptions_initializer;
  MQTTClient_connectOptions connect_options5 = MQTTClient_connectOptions_initializer5;
  MQTTClient_connectOptions connect_options_ws = MQTTClient_connectOptions_initializer_ws;
  MQTTClient_connectOptions connect_options5_ws = MQTTClient_connectOptions_initializer5_ws;
  MQTTResponse response = MQTTResponse_initializer;
  connect_options.returned.serverURI = NULL;
  connect_options.binarypwd.data = NULL;
  will_options.payload.data = NULL;
  connect_options.will = &will_options;
  connect_options.ssl = &ssloptions;
  return (int)(sizeof init_options + sizeof create_options + sizeof message + sizeof will_options +
    sizeof ssloptions + sizeof connect_options + sizeof connect_options5 + sizeof connect_options_ws +
    sizeof connect_options5_ws + sizeof response);
}

/* The prototypes, written down a second time. */
static int use_functions(void)
{
  int count = 0;
  { void (*function)(MQTTClient_init_options*) = MQTTClient_global_init; count += function != NULL; }
  { int (*function)(MQTTClient, void*, MQTTClient_connectionLost*, MQTTClient_messageArrived*,
       MQTTClient_deliveryComplete*) = MQTTClient_setCallbacks; count += function != NULL; }
  { int (*function)(MQTTClient, void*,
       MQTTClient_disconnected*) = MQTTClient_setDisconnected; count += function != NULL; }
  { int (*function)(MQTTClient, void*,
       MQTTClient_published*) = MQTTClient_setPublished; count += function != NULL; }
  { int (*function)(MQTTClient*, const char*, const char*, int,
       void*) = MQTTClient_create; count += function != NULL; }
  { int (*function)(MQTTClient*, const char*, const char*, int, void*,
       MQTTClient_createOptions*) = MQTTClient_createWithOptions; count += function != NULL; }
  { MQTTClient_nameValue* (*function)(void) = MQTTClient_getVersionInfo; count += function != NULL; }
  { int (*function)(MQTTClient, MQTTClient_connectOptions*) = MQTTClient_connect; count += function != NULL; }
  { void (*function)(MQTTResponse) = MQTTResponse_free; count += function != NULL; }
  { MQTTResponse (*function)(MQTTClient, MQTTClient_connectOptions*, MQTTProperties*,
       MQTTProperties*) = MQTTClient_connect5; count += function != NULL; }
  { int (*function)(MQTTClient, int) = MQTTClient_disconnect; count += function != NULL; }
  { int (*function)(MQTTClient, int, enum MQTTReasonCodes,
       MQTTProperties*) = MQTTClient_disconnect5; count += function != NULL; }
  { int (*function)(MQTTClient) = MQTTClient_isConnected; count += function != NULL; }
  { int (*function)(MQTTClient, const char*, int) = MQTTClient_subscribe; count += function != NULL; }
  { MQTTResponse (*function)(MQTTClient, const char*, int, MQTTSubscribe_options*,
       MQTTProperties*) = MQTTClient_subscribe5; count += function != NULL; }
  { int (*function)(MQTTClient, int, char* const*,
       int*) = MQTTClient_subscribeMany; count += function != NULL; }
  { MQTTResponse (*function)(MQTTClient, int, char* const*, int*, MQTTSubscribe_options*,
       MQTTProperties*) = MQTTClient_subscribeMany5; count += function != NULL; }
  { int (*function)(MQTTClient, const char*) = MQTTClient_unsubscribe; count += function != NULL; }
  { MQTTResponse (*function)(MQTTClient, const char*,
       MQTTProperties*) = MQTTClient_unsubscribe5; count += function != NULL; }
  { int (*function)(MQTTClient, int, char* const*) = MQTTClient_unsubscribeMany; count += function != NULL; }
  { MQTTResponse (*function)(MQTTClient, int, char* const*,
       MQTTProperties*) = MQTTClient_unsubscribeMany5; count += function != NULL; }
  { int (*function)(MQTTClient, const char*, int, const void*, int, int,
       MQTTClient_deliveryToken*) = MQTTClient_publish; count += function != NULL; }
  { MQTTResponse (*function)(MQTTClient, const char*, int, const void*, int, int, MQTTProperties*,
       MQTTClient_deliveryToken*) = MQTTClient_publish5; count += function != NULL; }
  { int (*function)(MQTTClient, const char*, MQTTClient_message*,
       MQTTClient_deliveryToken*) = MQTTClient_publishMessage; count += function != NULL; }
  { MQTTResponse (*function)(MQTTClient, const char*, MQTTClient_message*,
       MQTTClient_deliveryToken*) = MQTTClient_publishMessage5; count += function != NULL; }
  { int (*function)(MQTTClient, MQTTClient_deliveryToken,
       unsigned long) = MQTTClient_waitForCompletion; count += function != NULL; }
  { int (*function)(MQTTClient,
       MQTTClient_deliveryToken**) = MQTTClient_getPendingDeliveryTokens; count += function != NULL; }
  { void (*function)(void) = MQTTClient_yield; count += function != NULL; }
  { int (*function)(MQTTClient, char**, int*, MQTTClient_message**,
       unsigned long) = MQTTClient_receive; count += function != NULL; }
  { void (*function)(MQTTClient_message**) = MQTTClient_freeMessage; count += function != NULL; }
  { void (*function)(void*) = MQTTClient_free; count += function != NULL; }
  { void* (*function)(size_t) = MQTTClient_malloc; count += function != NULL; }
  { void (*function)(MQTTClient*) = MQTTClient_destroy; count += function != NULL; }
  { void (*function)(enum MQTTCLIENT_TRACE_LEVELS) = MQTTClient_setTraceLevel; count += function != NULL; }
  { void (*function)(MQTTClient_traceCallback*) = MQTTClient_setTraceCallback; count += function != NULL; }
  { int (*function)(MQTTClient, unsigned long) = MQTTClient_setCommandTimeout; count += function != NULL; }
  { const char* (*function)(int) = MQTTClient_strerror; count += function != NULL; }
  return count;
}

/* Never called: it is enough that it compiles. */
static void set_callbacks(MQTTClient handle)
{
  MQTTClient_setCallbacks(handle, NULL, on_connection_lost, on_message_arrived, on_delivery_complete);
  MQTTClient_setDisconnected(handle, NULL, on_disconnected);
  MQTTClient_setPublished(handle, NULL, &on_published);
  MQTTClient_setTraceCallback(on_trace_callback);
  MQTTClient_setTraceLevel(MQTTCLIENT_TRACE_ERROR);
}

int main(int argc, char** argv)
{
  const MQTTClient_nameValue* info = MQTTClient_getVersionInfo();
  MQTTClient handle = NULL;
  MQTTClient_deliveryToken token = 0;
  struct MQTTResponse response = MQTTResponse_initializer;
  (void)argv;
  if (argc > 1)
    set_callbacks(handle);
  MQTTResponse_free(response);
  for (; info->name != NULL; ++info)
    printf("%s: %s\n", info->name, info->value);
  printf("%d functions, %d shared\n", use_functions(), use_shared());
  return use_initializers() == 0 || token != MQTTCLIENT_SUCCESS;
}
