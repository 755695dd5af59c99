/*
 * Prints what a compiled program takes from the headers: sizes, offsets and the bytes of the initializers.
 * Compiled with two sets of headers, it must print the same.
 */

#include "MQTTAsync.h"
#include "MQTTClient.h"

#include <stddef.h>

#define SIZE(type) printf("sizeof %s %zu, array %zu\n", #type, sizeof(type), sizeof(type[2]))
#define OFFSET(type, member) \
  printf("%s.%s %zu, %zu bytes\n", #type, #member, offsetof(type, member), sizeof(((type*)NULL)->member))
#define BYTES(type, initializer) \
  do { static const type object = initializer; print_bytes(#initializer, &object, sizeof object); } while (0)

static void print_bytes(const char* name, const void* object, size_t length)
{
  const unsigned char* bytes = (const unsigned char*)object;
  size_t i;
  printf("%s", name);
  for (i = 0; i < length; ++i)
    printf(" %02x", bytes[i]);
  printf("\n");
}

static void print_shared(void)
{
  SIZE(MQTTClient_persistence);
  OFFSET(MQTTClient_persistence, context);
  OFFSET(MQTTClient_persistence, popen);
  OFFSET(MQTTClient_persistence, pclose);
  OFFSET(MQTTClient_persistence, pput);
  OFFSET(MQTTClient_persistence, pget);
  OFFSET(MQTTClient_persistence, premove);
  OFFSET(MQTTClient_persistence, pkeys);
  OFFSET(MQTTClient_persistence, pclear);
  OFFSET(MQTTClient_persistence, pcontainskey);
  SIZE(MQTTLenString);
  OFFSET(MQTTLenString, len);
  OFFSET(MQTTLenString, data);
  SIZE(MQTTProperty);
  OFFSET(MQTTProperty, identifier);
  OFFSET(MQTTProperty, value);
  OFFSET(MQTTProperty, value.byte);
  OFFSET(MQTTProperty, value.integer2);
  OFFSET(MQTTProperty, value.integer4);
  OFFSET(MQTTProperty, value.data);
  OFFSET(MQTTProperty, value.data.len);
  OFFSET(MQTTProperty, value.data.data);
  OFFSET(MQTTProperty, value.value);
  OFFSET(MQTTProperty, value.value.len);
  OFFSET(MQTTProperty, value.value.data);
  SIZE(MQTTProperties);
  OFFSET(MQTTProperties, count);
  OFFSET(MQTTProperties, max_count);
  OFFSET(MQTTProperties, length);
  OFFSET(MQTTProperties, array);
  BYTES(MQTTProperties, MQTTProperties_initializer);
  SIZE(MQTTSubscribe_options);
  OFFSET(MQTTSubscribe_options, struct_id);
  OFFSET(MQTTSubscribe_options, struct_version);
  OFFSET(MQTTSubscribe_options, noLocal);
  OFFSET(MQTTSubscribe_options, retainAsPublished);
  OFFSET(MQTTSubscribe_options, retainHandling);
  BYTES(MQTTSubscribe_options, MQTTSubscribe_options_initializer);
}

static void print_client(void)
{
  SIZE(MQTTClient_init_options);
  OFFSET(MQTTClient_init_options, struct_id);
  OFFSET(MQTTClient_init_options, struct_version);
  OFFSET(MQTTClient_init_options, do_openssl_init);
  BYTES(MQTTClient_init_options, MQTTClient_init_options_initializer);
  SIZE(MQTTClient_createOptions);
  OFFSET(MQTTClient_createOptions, struct_id);
  OFFSET(MQTTClient_createOptions, struct_version);
  OFFSET(MQTTClient_createOptions, MQTTVersion);
  BYTES(MQTTClient_createOptions, MQTTClient_createOptions_initializer);
  SIZE(MQTTClient_message);
  OFFSET(MQTTClient_message, struct_id);
  OFFSET(MQTTClient_message, struct_version);
  OFFSET(MQTTClient_message, payloadlen);
  OFFSET(MQTTClient_message, payload);
  OFFSET(MQTTClient_message, qos);
  OFFSET(MQTTClient_message, retained);
  OFFSET(MQTTClient_message, dup);
  OFFSET(MQTTClient_message, msgid);
  OFFSET(MQTTClient_message, properties);
  BYTES(MQTTClient_message, MQTTClient_message_initializer);
  SIZE(MQTTClient_willOptions);
  OFFSET(MQTTClient_willOptions, struct_id);
  OFFSET(MQTTClient_willOptions, struct_version);
  OFFSET(MQTTClient_willOptions, topicName);
  OFFSET(MQTTClient_willOptions, message);
  OFFSET(MQTTClient_willOptions, retained);
  OFFSET(MQTTClient_willOptions, qos);
  OFFSET(MQTTClient_willOptions, payload);
  OFFSET(MQTTClient_willOptions, payload.len);
  OFFSET(MQTTClient_willOptions, payload.data);
  BYTES(MQTTClient_willOptions, MQTTClient_willOptions_initializer);
  SIZE(MQTTClient_SSLOptions);
  OFFSET(MQTTClient_SSLOptions, struct_id);
  OFFSET(MQTTClient_SSLOptions, struct_version);
  OFFSET(MQTTClient_SSLOptions, trustStore);
  OFFSET(MQTTClient_SSLOptions, keyStore);
  OFFSET(MQTTClient_SSLOptions, privateKey);
  OFFSET(MQTTClient_SSLOptions, privateKeyPassword);
  OFFSET(MQTTClient_SSLOptions, enabledCipherSuites);
  OFFSET(MQTTClient_SSLOptions, enableServerCertAuth);
  OFFSET(MQTTClient_SSLOptions, sslVersion);
  OFFSET(MQTTClient_SSLOptions, verify);
  OFFSET(MQTTClient_SSLOptions, CApath);
  OFFSET(MQTTClient_SSLOptions, ssl_error_cb);
  OFFSET(MQTTClient_SSLOptions, ssl_error_context);
  OFFSET(MQTTClient_SSLOptions, ssl_psk_cb);
  OFFSET(MQTTClient_SSLOptions, ssl_psk_context);
  OFFSET(MQTTClient_SSLOptions, disableDefaultTrustStore);
  OFFSET(MQTTClient_SSLOptions, protos);
  OFFSET(MQTTClient_SSLOptions, protos_len);
  BYTES(MQTTClient_SSLOptions, MQTTClient_SSLOptions_initializer);
  SIZE(MQTTClient_nameValue);
  OFFSET(MQTTClient_nameValue, name);
  OFFSET(MQTTClient_nameValue, value);
  SIZE(MQTTClient_connectOptions);
  OFFSET(MQTTClient_connectOptions, struct_id);
  OFFSET(MQTTClient_connectOptions, struct_version);
  OFFSET(MQTTClient_connectOptions, keepAliveInterval);
  OFFSET(MQTTClient_connectOptions, cleansession);
  OFFSET(MQTTClient_connectOptions, reliable);
  OFFSET(MQTTClient_connectOptions, will);
  OFFSET(MQTTClient_connectOptions, username);
  OFFSET(MQTTClient_connectOptions, password);
  OFFSET(MQTTClient_connectOptions, connectTimeout);
  OFFSET(MQTTClient_connectOptions, retryInterval);
  OFFSET(MQTTClient_connectOptions, ssl);
  OFFSET(MQTTClient_connectOptions, serverURIcount);
  OFFSET(MQTTClient_connectOptions, serverURIs);
  OFFSET(MQTTClient_connectOptions, MQTTVersion);
  OFFSET(MQTTClient_connectOptions, returned);
  OFFSET(MQTTClient_connectOptions, returned.serverURI);
  OFFSET(MQTTClient_connectOptions, returned.MQTTVersion);
  OFFSET(MQTTClient_connectOptions, returned.sessionPresent);
  OFFSET(MQTTClient_connectOptions, binarypwd);
  OFFSET(MQTTClient_connectOptions, binarypwd.len);
  OFFSET(MQTTClient_connectOptions, binarypwd.data);
  OFFSET(MQTTClient_connectOptions, maxInflightMessages);
  OFFSET(MQTTClient_connectOptions, cleanstart);
  OFFSET(MQTTClient_connectOptions, httpHeaders);
  OFFSET(MQTTClient_connectOptions, httpProxy);
  OFFSET(MQTTClient_connectOptions, httpsProxy);
  BYTES(MQTTClient_connectOptions, MQTTClient_connectOptions_initializer);
  BYTES(MQTTClient_connectOptions, MQTTClient_connectOptions_initializer5);
  BYTES(MQTTClient_connectOptions, MQTTClient_connectOptions_initializer_ws);
  BYTES(MQTTClient_connectOptions, MQTTClient_connectOptions_initializer5_ws);
  SIZE(MQTTResponse);
  OFFSET(MQTTResponse, version);
  OFFSET(MQTTResponse, reasonCode);
  OFFSET(MQTTResponse, reasonCodeCount);
  OFFSET(MQTTResponse, reasonCodes);
  OFFSET(MQTTResponse, properties);
  BYTES(MQTTResponse, MQTTResponse_initializer);
}

static void print_async(void)
{
  SIZE(MQTTAsync_init_options);
  OFFSET(MQTTAsync_init_options, struct_id);
  OFFSET(MQTTAsync_init_options, struct_version);
  OFFSET(MQTTAsync_init_options, do_openssl_init);
  BYTES(MQTTAsync_init_options, MQTTAsync_init_options_initializer);
  SIZE(MQTTAsync_createOptions);
  OFFSET(MQTTAsync_createOptions, struct_id);
  OFFSET(MQTTAsync_createOptions, struct_version);
  OFFSET(MQTTAsync_createOptions, sendWhileDisconnected);
  OFFSET(MQTTAsync_createOptions, maxBufferedMessages);
  OFFSET(MQTTAsync_createOptions, MQTTVersion);
  OFFSET(MQTTAsync_createOptions, allowDisconnectedSendAtAnyTime);
  OFFSET(MQTTAsync_createOptions, deleteOldestMessages);
  OFFSET(MQTTAsync_createOptions, restoreMessages);
  OFFSET(MQTTAsync_createOptions, persistQoS0);
  BYTES(MQTTAsync_createOptions, MQTTAsync_createOptions_initializer);
  BYTES(MQTTAsync_createOptions, MQTTAsync_createOptions_initializer5);
  SIZE(MQTTAsync_message);
  OFFSET(MQTTAsync_message, struct_id);
  OFFSET(MQTTAsync_message, struct_version);
  OFFSET(MQTTAsync_message, payloadlen);
  OFFSET(MQTTAsync_message, payload);
  OFFSET(MQTTAsync_message, qos);
  OFFSET(MQTTAsync_message, retained);
  OFFSET(MQTTAsync_message, dup);
  OFFSET(MQTTAsync_message, msgid);
  OFFSET(MQTTAsync_message, properties);
  BYTES(MQTTAsync_message, MQTTAsync_message_initializer);
  SIZE(MQTTAsync_willOptions);
  OFFSET(MQTTAsync_willOptions, struct_id);
  OFFSET(MQTTAsync_willOptions, struct_version);
  OFFSET(MQTTAsync_willOptions, topicName);
  OFFSET(MQTTAsync_willOptions, message);
  OFFSET(MQTTAsync_willOptions, retained);
  OFFSET(MQTTAsync_willOptions, qos);
  OFFSET(MQTTAsync_willOptions, payload);
  OFFSET(MQTTAsync_willOptions, payload.len);
  OFFSET(MQTTAsync_willOptions, payload.data);
  BYTES(MQTTAsync_willOptions, MQTTAsync_willOptions_initializer);
  SIZE(MQTTAsync_SSLOptions);
  OFFSET(MQTTAsync_SSLOptions, struct_id);
  OFFSET(MQTTAsync_SSLOptions, struct_version);
  OFFSET(MQTTAsync_SSLOptions, trustStore);
  OFFSET(MQTTAsync_SSLOptions, keyStore);
  OFFSET(MQTTAsync_SSLOptions, privateKey);
  OFFSET(MQTTAsync_SSLOptions, privateKeyPassword);
  OFFSET(MQTTAsync_SSLOptions, enabledCipherSuites);
  OFFSET(MQTTAsync_SSLOptions, enableServerCertAuth);
  OFFSET(MQTTAsync_SSLOptions, sslVersion);
  OFFSET(MQTTAsync_SSLOptions, verify);
  OFFSET(MQTTAsync_SSLOptions, CApath);
  OFFSET(MQTTAsync_SSLOptions, ssl_error_cb);
  OFFSET(MQTTAsync_SSLOptions, ssl_error_context);
  OFFSET(MQTTAsync_SSLOptions, ssl_psk_cb);
  OFFSET(MQTTAsync_SSLOptions, ssl_psk_context);
  OFFSET(MQTTAsync_SSLOptions, disableDefaultTrustStore);
  OFFSET(MQTTAsync_SSLOptions, protos);
  OFFSET(MQTTAsync_SSLOptions, protos_len);
  BYTES(MQTTAsync_SSLOptions, MQTTAsync_SSLOptions_initializer);
  SIZE(MQTTAsync_nameValue);
  OFFSET(MQTTAsync_nameValue, name);
  OFFSET(MQTTAsync_nameValue, value);
  SIZE(MQTTAsync_connectData);
  OFFSET(MQTTAsync_connectData, struct_id);
  OFFSET(MQTTAsync_connectData, struct_version);
  OFFSET(MQTTAsync_connectData, username);
  OFFSET(MQTTAsync_connectData, binarypwd);
  OFFSET(MQTTAsync_connectData, binarypwd.len);
  OFFSET(MQTTAsync_connectData, binarypwd.data);
  BYTES(MQTTAsync_connectData, MQTTAsync_connectData_initializer);
  SIZE(MQTTAsync_connectOptions);
  OFFSET(MQTTAsync_connectOptions, struct_id);
  OFFSET(MQTTAsync_connectOptions, struct_version);
  OFFSET(MQTTAsync_connectOptions, keepAliveInterval);
  OFFSET(MQTTAsync_connectOptions, cleansession);
  OFFSET(MQTTAsync_connectOptions, maxInflight);
  OFFSET(MQTTAsync_connectOptions, will);
  OFFSET(MQTTAsync_connectOptions, username);
  OFFSET(MQTTAsync_connectOptions, password);
  OFFSET(MQTTAsync_connectOptions, connectTimeout);
  OFFSET(MQTTAsync_connectOptions, retryInterval);
  OFFSET(MQTTAsync_connectOptions, ssl);
  OFFSET(MQTTAsync_connectOptions, onSuccess);
  OFFSET(MQTTAsync_connectOptions, onFailure);
  OFFSET(MQTTAsync_connectOptions, context);
  OFFSET(MQTTAsync_connectOptions, serverURIcount);
  OFFSET(MQTTAsync_connectOptions, serverURIs);
  OFFSET(MQTTAsync_connectOptions, MQTTVersion);
  OFFSET(MQTTAsync_connectOptions, automaticReconnect);
  OFFSET(MQTTAsync_connectOptions, minRetryInterval);
  OFFSET(MQTTAsync_connectOptions, maxRetryInterval);
  OFFSET(MQTTAsync_connectOptions, binarypwd);
  OFFSET(MQTTAsync_connectOptions, binarypwd.len);
  OFFSET(MQTTAsync_connectOptions, binarypwd.data);
  OFFSET(MQTTAsync_connectOptions, cleanstart);
  OFFSET(MQTTAsync_connectOptions, connectProperties);
  OFFSET(MQTTAsync_connectOptions, willProperties);
  OFFSET(MQTTAsync_connectOptions, onSuccess5);
  OFFSET(MQTTAsync_connectOptions, onFailure5);
  OFFSET(MQTTAsync_connectOptions, httpHeaders);
  OFFSET(MQTTAsync_connectOptions, httpProxy);
  OFFSET(MQTTAsync_connectOptions, httpsProxy);
  BYTES(MQTTAsync_connectOptions, MQTTAsync_connectOptions_initializer);
  BYTES(MQTTAsync_connectOptions, MQTTAsync_connectOptions_initializer5);
  BYTES(MQTTAsync_connectOptions, MQTTAsync_connectOptions_initializer_ws);
  BYTES(MQTTAsync_connectOptions, MQTTAsync_connectOptions_initializer5_ws);
  SIZE(MQTTAsync_disconnectOptions);
  OFFSET(MQTTAsync_disconnectOptions, struct_id);
  OFFSET(MQTTAsync_disconnectOptions, struct_version);
  OFFSET(MQTTAsync_disconnectOptions, timeout);
  OFFSET(MQTTAsync_disconnectOptions, onSuccess);
  OFFSET(MQTTAsync_disconnectOptions, onFailure);
  OFFSET(MQTTAsync_disconnectOptions, context);
  OFFSET(MQTTAsync_disconnectOptions, properties);
  OFFSET(MQTTAsync_disconnectOptions, reasonCode);
  OFFSET(MQTTAsync_disconnectOptions, onSuccess5);
  OFFSET(MQTTAsync_disconnectOptions, onFailure5);
  BYTES(MQTTAsync_disconnectOptions, MQTTAsync_disconnectOptions_initializer);
  BYTES(MQTTAsync_disconnectOptions, MQTTAsync_disconnectOptions_initializer5);
  SIZE(MQTTAsync_responseOptions);
  OFFSET(MQTTAsync_responseOptions, struct_id);
  OFFSET(MQTTAsync_responseOptions, struct_version);
  OFFSET(MQTTAsync_responseOptions, onSuccess);
  OFFSET(MQTTAsync_responseOptions, onFailure);
  OFFSET(MQTTAsync_responseOptions, context);
  OFFSET(MQTTAsync_responseOptions, token);
  OFFSET(MQTTAsync_responseOptions, onSuccess5);
  OFFSET(MQTTAsync_responseOptions, onFailure5);
  OFFSET(MQTTAsync_responseOptions, properties);
  OFFSET(MQTTAsync_responseOptions, subscribeOptions);
  OFFSET(MQTTAsync_responseOptions, subscribeOptionsCount);
  OFFSET(MQTTAsync_responseOptions, subscribeOptionsList);
  BYTES(MQTTAsync_responseOptions, MQTTAsync_responseOptions_initializer);
  BYTES(MQTTAsync_callOptions, MQTTAsync_callOptions_initializer);
  SIZE(MQTTAsync_failureData);
  OFFSET(MQTTAsync_failureData, token);
  OFFSET(MQTTAsync_failureData, code);
  OFFSET(MQTTAsync_failureData, message);
  SIZE(MQTTAsync_failureData5);
  OFFSET(MQTTAsync_failureData5, struct_id);
  OFFSET(MQTTAsync_failureData5, struct_version);
  OFFSET(MQTTAsync_failureData5, token);
  OFFSET(MQTTAsync_failureData5, reasonCode);
  OFFSET(MQTTAsync_failureData5, properties);
  OFFSET(MQTTAsync_failureData5, code);
  OFFSET(MQTTAsync_failureData5, message);
  OFFSET(MQTTAsync_failureData5, packet_type);
  BYTES(MQTTAsync_failureData5, MQTTAsync_failureData5_initializer);
  SIZE(MQTTAsync_successData);
  OFFSET(MQTTAsync_successData, token);
  OFFSET(MQTTAsync_successData, alt);
  OFFSET(MQTTAsync_successData, alt.qos);
  OFFSET(MQTTAsync_successData, alt.qosList);
  OFFSET(MQTTAsync_successData, alt.pub);
  OFFSET(MQTTAsync_successData, alt.pub.message);
  OFFSET(MQTTAsync_successData, alt.pub.destinationName);
  OFFSET(MQTTAsync_successData, alt.connect);
  OFFSET(MQTTAsync_successData, alt.connect.serverURI);
  OFFSET(MQTTAsync_successData, alt.connect.MQTTVersion);
  OFFSET(MQTTAsync_successData, alt.connect.sessionPresent);
  SIZE(MQTTAsync_successData5);
  OFFSET(MQTTAsync_successData5, struct_id);
  OFFSET(MQTTAsync_successData5, struct_version);
  OFFSET(MQTTAsync_successData5, token);
  OFFSET(MQTTAsync_successData5, reasonCode);
  OFFSET(MQTTAsync_successData5, properties);
  OFFSET(MQTTAsync_successData5, alt);
  OFFSET(MQTTAsync_successData5, alt.sub);
  OFFSET(MQTTAsync_successData5, alt.sub.reasonCodeCount);
  OFFSET(MQTTAsync_successData5, alt.sub.reasonCodes);
  OFFSET(MQTTAsync_successData5, alt.pub);
  OFFSET(MQTTAsync_successData5, alt.pub.message);
  OFFSET(MQTTAsync_successData5, alt.pub.destinationName);
  OFFSET(MQTTAsync_successData5, alt.connect);
  OFFSET(MQTTAsync_successData5, alt.connect.serverURI);
  OFFSET(MQTTAsync_successData5, alt.connect.MQTTVersion);
  OFFSET(MQTTAsync_successData5, alt.connect.sessionPresent);
  OFFSET(MQTTAsync_successData5, alt.unsub);
  OFFSET(MQTTAsync_successData5, alt.unsub.reasonCodeCount);
  OFFSET(MQTTAsync_successData5, alt.unsub.reasonCodes);
  BYTES(MQTTAsync_successData5, MQTTAsync_successData5_initializer);
}

int main(void)
{
  SIZE(MQTTClient);
  SIZE(MQTTClient_deliveryToken);
  SIZE(MQTTClient_token);
  SIZE(MQTTAsync);
  SIZE(MQTTAsync_token);
  SIZE(MQTTAsync_callOptions);
  SIZE(enum MQTTReasonCodes);
  SIZE(enum MQTTPropertyCodes);
  SIZE(enum MQTTPropertyTypes);
  SIZE(enum MQTTCLIENT_TRACE_LEVELS);
  SIZE(enum MQTTASYNC_TRACE_LEVELS);
  print_shared();
  print_client();
  print_async();
  return 0;
}
