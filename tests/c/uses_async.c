/* Uses every type, initializer and function of MQTTAsync.h as programs do. */

#include "MQTTAsync.h"

#include "uses_shared.h"

/* The callback types name functions, so functions can be declared with them. */

static MQTTAsync_messageArrived on_message_arrived;

static int on_message_arrived(void* context, char* topicName, int topicLen, MQTTAsync_message* message)
{
  (void)context;
  (void)topicName;
  (void)topicLen;
  (void)message;
  return 0;
}

static MQTTAsync_deliveryComplete on_delivery_complete;

static void on_delivery_complete(void* context, MQTTAsync_token token)
{
  (void)context;
  (void)token;
}

static MQTTAsync_connectionLost on_connection_lost;

static void on_connection_lost(void* context, char* cause)
{
  (void)context;
  (void)cause;
}

static MQTTAsync_connected on_connected;

static void on_connected(void* context, char* cause)
{
  (void)context;
  (void)cause;
}

static MQTTAsync_disconnected on_disconnected;

static void on_disconnected(void* context, MQTTProperties* properties, enum MQTTReasonCodes reasonCode)
{
  (void)context;
  (void)properties;
  (void)reasonCode;
}

static MQTTAsync_updateConnectOptions on_update_connect_options;

static int on_update_connect_options(void* context, MQTTAsync_connectData* data)
{
  (void)context;
  (void)data;
  return 0;
}

static MQTTAsync_onSuccess on_success;

static void on_success(void* context, MQTTAsync_successData* response)
{
  (void)context;
  (void)response;
}

static MQTTAsync_onSuccess5 on_success5;

static void on_success5(void* context, MQTTAsync_successData5* response)
{
  (void)context;
  (void)response;
}

static MQTTAsync_onFailure on_failure;

static void on_failure(void* context, MQTTAsync_failureData* response)
{
  (void)context;
  (void)response;
}

static MQTTAsync_onFailure5 on_failure5;

static void on_failure5(void* context, MQTTAsync_failureData5* response)
{
  (void)context;
  (void)response;
}

static MQTTAsync_traceCallback on_trace_callback;

static void on_trace_callback(enum MQTTASYNC_TRACE_LEVELS level, char* message)
{
  (void)level;
  (void)message;
}

static MQTTPersistence_beforeWrite on_before_write;

static int on_before_write(void* context, int bufcount, char* buffers[], int buflens[])
{
  (void)context;
  (void)bufcount;
  (void)buffers;
  (void)buflens;
  return 0;
}

static MQTTPersistence_afterRead on_after_read;

static int on_after_read(void* context, char** buffer, int* buflen)
{
  (void)context;
  (void)buffer;
  (void)buflen;
  return 0;
}

static int use_initializers(void)
{
  MQTTAsync_init_options init_options = MQTTAsync_init_options_initializer;
  MQTTAsync_createOptions create_options = MQTTAsync_createOptions_initializer;
  MQTTAsync_createOptions create_options5 = MQTTAsync_createOptions_initializer5;
  MQTTAsync_message message = MQTTAsync_message_initializer;
  MQTTAsync_willOptions will_options = MQTTAsync_willOptions_initializer;
  MQTTAsync_SSLOptions ssloptions = MQTTAsync_SSLOptions_initializer;
  MQTTAsync_connectData connect_data = MQTTAsync_connectData_initializer;
  MQTTAsync_connectOptions connect_options = MQTTAsync_connectOptions_initializer;
  MQTTAsync_connectOptions connect_options5 = MQTTAsync_connectOptions_initializer5;
  MQTTAsync_connectOptions connect_options_ws = MQTTAsync_connectOptions_initializer_ws;
  MQTTAsync_connectOptions connect_options5_ws = MQTTAsync_connectOptions_initializer5_ws;
  MQTTAsync_disconnectOptions disconnect_options = MQTTAsync_disconnectOptions_initializer;
  MQTTAsync_disconnectOptions disconnect_options5 = MQTTAsync_disconnectOptions_initializer5;
  MQTTAsync_responseOptions response_options = MQTTAsync_responseOptions_initializer;
  MQTTAsync_failureData5 failure_data5 = MQTTAsync_failureData5_initializer;
  MQTTAsync_successData5 success_data5 = MQTTAsync_successData5_initializer;
  MQTTAsync_callOptions call_options = MQTTAsync_callOptions_initializer;
  return (int)(sizeof init_options + sizeof create_options + sizeof create_options5 + sizeof message +
    sizeof will_options + sizeof ssloptions + sizeof connect_data + sizeof connect_options +
    sizeof connect_options5 + sizeof connect_options_ws + sizeof connect_options5_ws +
    sizeof disconnect_options + sizeof disconnect_options5 + sizeof response_options +
    sizeof failure_data5 + sizeof success_data5 + sizeof call_options);
}

/* The prototypes, written down a second time. */
static int use_functions(void)
{
  int count = 0;
  { void (*function)(MQTTAsync_init_options*) = MQTTAsync_global_init; count += function != NULL; }
  { int (*function)(MQTTAsync, void*,
       MQTTAsync_disconnected*) = MQTTAsync_setDisconnected; count += function != NULL; }
  { int (*function)(MQTTAsync, void*,
       MQTTAsync_updateConnectOptions*) = MQTTAsync_setUpdateConnectOptions; count += function != NULL; }
  { int (*function)(MQTTAsync, void*,
       MQTTPersistence_beforeWrite*) = MQTTAsync_setBeforePersistenceWrite; count += function != NULL; }
  { int (*function)(MQTTAsync, void*,
       MQTTPersistence_afterRead*) = MQTTAsync_setAfterPersistenceRead; count += function != NULL; }
  { int (*function)(MQTTAsync, void*, MQTTAsync_connectionLost*, MQTTAsync_messageArrived*,
       MQTTAsync_deliveryComplete*) = MQTTAsync_setCallbacks; count += function != NULL; }
  { int (*function)(MQTTAsync, void*,
       MQTTAsync_connectionLost*) = MQTTAsync_setConnectionLostCallback; count += function != NULL; }
  { int (*function)(MQTTAsync, void*,
       MQTTAsync_messageArrived*) = MQTTAsync_setMessageArrivedCallback; count += function != NULL; }
  { int (*function)(MQTTAsync, void*,
       MQTTAsync_deliveryComplete*) = MQTTAsync_setDeliveryCompleteCallback; count += function != NULL; }
  { int (*function)(MQTTAsync, void*,
       MQTTAsync_connected*) = MQTTAsync_setConnected; count += function != NULL; }
  { int (*function)(MQTTAsync) = MQTTAsync_reconnect; count += function != NULL; }
  { int (*function)(MQTTAsync*, const char*, const char*, int,
       void*) = MQTTAsync_create; count += function != NULL; }
  { int (*function)(MQTTAsync*, const char*, const char*, int, void*,
       MQTTAsync_createOptions*) = MQTTAsync_createWithOptions; count += function != NULL; }
  { int (*function)(MQTTAsync,
       const MQTTAsync_connectOptions*) = MQTTAsync_connect; count += function != NULL; }
  { int (*function)(MQTTAsync,
       const MQTTAsync_disconnectOptions*) = MQTTAsync_disconnect; count += function != NULL; }
  { int (*function)(MQTTAsync) = MQTTAsync_isConnected; count += function != NULL; }
  { int (*function)(MQTTAsync, const char*, int,
       MQTTAsync_responseOptions*) = MQTTAsync_subscribe; count += function != NULL; }
  { int (*function)(MQTTAsync, int, char* const*, const int*,
       MQTTAsync_responseOptions*) = MQTTAsync_subscribeMany; count += function != NULL; }
  { int (*function)(MQTTAsync, const char*,
       MQTTAsync_responseOptions*) = MQTTAsync_unsubscribe; count += function != NULL; }
  { int (*function)(MQTTAsync, int, char* const*,
       MQTTAsync_responseOptions*) = MQTTAsync_unsubscribeMany; count += function != NULL; }
  { int (*function)(MQTTAsync, const char*, int, const void*, int, int,
       MQTTAsync_responseOptions*) = MQTTAsync_send; count += function != NULL; }
  { int (*function)(MQTTAsync, const char*, const MQTTAsync_message*,
       MQTTAsync_responseOptions*) = MQTTAsync_sendMessage; count += function != NULL; }
  { int (*function)(MQTTAsync, MQTTAsync_token**) = MQTTAsync_getPendingTokens; count += function != NULL; }
  { int (*function)(MQTTAsync, MQTTAsync_token) = MQTTAsync_isComplete; count += function != NULL; }
  { int (*function)(MQTTAsync, MQTTAsync_token,
       unsigned long) = MQTTAsync_waitForCompletion; count += function != NULL; }
  { void (*function)(MQTTAsync_message**) = MQTTAsync_freeMessage; count += function != NULL; }
  { void (*function)(void*) = MQTTAsync_free; count += function != NULL; }
  { void* (*function)(size_t) = MQTTAsync_malloc; count += function != NULL; }
  { void (*function)(MQTTAsync*) = MQTTAsync_destroy; count += function != NULL; }
  { void (*function)(enum MQTTASYNC_TRACE_LEVELS) = MQTTAsync_setTraceLevel; count += function != NULL; }
  { void (*function)(MQTTAsync_traceCallback*) = MQTTAsync_setTraceCallback; count += function != NULL; }
  { MQTTAsync_nameValue* (*function)(void) = MQTTAsync_getVersionInfo; count += function != NULL; }
  { const char* (*function)(int) = MQTTAsync_strerror; count += function != NULL; }
  return count;
}

/* Never called: it is enough that it compiles. */
static void set_callbacks(MQTTAsync handle, struct MQTTAsync_responseOptions* response)
{
  MQTTAsync_setCallbacks(handle, NULL, on_connection_lost, on_message_arrived, on_delivery_complete);
  MQTTAsync_setConnected(handle, NULL, on_connected);
  MQTTAsync_setDisconnected(handle, NULL, on_disconnected);
  MQTTAsync_setUpdateConnectOptions(handle, NULL, on_update_connect_options);
  MQTTAsync_setBeforePersistenceWrite(handle, NULL, on_before_write);
  MQTTAsync_setAfterPersistenceRead(handle, NULL, on_after_read);
  MQTTAsync_setTraceCallback(on_trace_callback);
  MQTTAsync_setTraceLevel(MQTTASYNC_TRACE_ERROR);
  response->onSuccess = on_success;
  response->onFailure = on_failure;
  response->onSuccess5 = on_success5;
  response->onFailure5 = on_failure5;
}

int main(int argc, char** argv)
{
  const MQTTAsync_nameValue* info = MQTTAsync_getVersionInfo();
  MQTTAsync handle = NULL;
  MQTTAsync_callOptions response = MQTTAsync_callOptions_initializer;
  MQTTAsync_successData success;
  (void)argv;
  success.alt.pub.destinationName = NULL;
  if (argc > 1)
    set_callbacks(handle, &response);
  for (; info->name != NULL; ++info)
    printf("%s: %s\n", info->name, info->value);
  printf("%d functions, %d shared\n", use_functions(), use_shared());
  return use_initializers() == 0 || success.alt.pub.destinationName != NULL;
}
