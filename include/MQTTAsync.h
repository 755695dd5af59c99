/**
 * The asynchronous MQTT client: calls make requests and return at once; callbacks tell the results. All callbacks
 * run on threads of the library, one at a time, and may call any function of it.
 *
 * With NO_PERSISTENCE defined, MQTTClientPersistence.h is not included.
 */

#if !defined(MQTTASYNC_H)
#define MQTTASYNC_H

#include <stdio.h>

#include "MQTTExportDeclarations.h"
#include "MQTTProperties.h"
#include "MQTTReasonCodes.h"
#include "MQTTSubscribeOpts.h"
#if !defined(NO_PERSISTENCE)
#include "MQTTClientPersistence.h"
#else
#define MQTTCLIENT_PERSISTENCE_NONE 1
#endif

#if defined(__cplusplus)
extern "C" {
#endif

/** MQTTVersion: MQTT 3.1.1, and if the server refuses that, MQTT 3.1. */
#define MQTTVERSION_DEFAULT 0

/** MQTTVersion: MQTT 3.1 only. */
#define MQTTVERSION_3_1 3

/** MQTTVersion: MQTT 3.1.1 only. */
#define MQTTVERSION_3_1_1 4

/** MQTTVersion: MQTT 5.0 only. */
#define MQTTVERSION_5 5

/** In place of a granted QoS: the server refused this subscription. */
#define MQTT_BAD_SUBSCRIBE 128

/** sslVersion: the best version that both sides support. */
#define MQTT_SSL_VERSION_DEFAULT 0

/** sslVersion: TLS 1.0. */
#define MQTT_SSL_VERSION_TLS_1_0 1

/** sslVersion: TLS 1.1. */
#define MQTT_SSL_VERSION_TLS_1_1 2

/** sslVersion: TLS 1.2. */
#define MQTT_SSL_VERSION_TLS_1_2 3

/** Return code: done, or for a request: accepted; its callbacks tell the result. */
#define MQTTASYNC_SUCCESS 0

/** Return code: failed, for a reason that has no code of its own. */
#define MQTTASYNC_FAILURE -1

/** Return code: the store failed. */
#define MQTTASYNC_PERSISTENCE_ERROR -2

/** Return code: the client is not connected. */
#define MQTTASYNC_DISCONNECTED -3

/** Return code: too many messages are in flight. */
#define MQTTASYNC_MAX_MESSAGES_INFLIGHT -4

/** Return code: a text is not valid UTF-8. */
#define MQTTASYNC_BAD_UTF8_STRING -5

/** Return code: an argument that must not be NULL is NULL. */
#define MQTTASYNC_NULL_PARAMETER -6

/** Return code: the topic contains zero bytes, so strlen() does not give its length. */
#define MQTTASYNC_TOPICNAME_TRUNCATED -7

/** Return code: a structure has a wrong struct_id or an unknown struct_version. */
#define MQTTASYNC_BAD_STRUCTURE -8

/** Return code: a QoS is not 0, 1 or 2. */
#define MQTTASYNC_BAD_QOS -9

/** Return code: all 65535 packet identifiers are in use. */
#define MQTTASYNC_NO_MORE_MSGIDS -10

/**
 * Code of a failure: the request was given up before it was complete, because the session or the client
 * ended.
 */
#define MQTTASYNC_OPERATION_INCOMPLETE -11

/** Return code: maxBufferedMessages messages wait to be sent already. */
#define MQTTASYNC_MAX_BUFFERED_MESSAGES -12

/** Return code: TLS options were given and this library was built without TLS. */
#define MQTTASYNC_SSL_NOT_SUPPORTED -13

/**
 * Return code: the scheme of the server URI is unknown, or asks for something this library was built
 * without.
 */
#define MQTTASYNC_BAD_PROTOCOL -14

/** Return code: an option does not belong to the MQTT version of the client. */
#define MQTTASYNC_BAD_MQTT_OPTION -15

/** Return code: the client was created for another MQTT version. */
#define MQTTASYNC_WRONG_MQTT_VERSION -16

/** Return code: the topic of the will message is empty. */
#define MQTTASYNC_0_LEN_WILL_TOPIC -17

/** Return code: a connect or disconnect of this client waits to be carried out already. */
#define MQTTASYNC_COMMAND_IGNORED -18

/** Return code: maxBufferedMessages is not positive. */
#define MQTTASYNC_MAX_BUFFERED -19

/** What MQTTAsync_isConnected() and MQTTAsync_isComplete() return for yes. */
#define MQTTASYNC_TRUE 1

/** How much the trace tells: each level includes those below it in this list. */
enum MQTTASYNC_TRACE_LEVELS {
  /** Everything, function calls of the library included. */
  MQTTASYNC_TRACE_MAXIMUM = 1,
  /** Details. */
  MQTTASYNC_TRACE_MEDIUM = 2,
  /** A few lines for each operation. */
  MQTTASYNC_TRACE_MINIMUM = 3,
  /** MQTT packets sent and received. */
  MQTTASYNC_TRACE_PROTOCOL = 4,
  /** Failures that the library goes on after. */
  MQTTASYNC_TRACE_ERROR = 5,
  /** Failures that end an operation. */
  MQTTASYNC_TRACE_SEVERE = 6,
  /** Failures that end the work of the library. */
  MQTTASYNC_TRACE_FATAL = 7
};

/**
 * One client. A value of MQTTAsync_create(), to be given to every other function and in the end to
 * MQTTAsync_destroy(), which sets it to NULL. What it points to is the library's own.
 */
typedef void *MQTTAsync;

/** Options for MQTTAsync_global_init(). Start from MQTTAsync_init_options_initializer. */
typedef struct {
  /** Always "MQTG" (no terminating zero). */
  char struct_id[4];
  /** Version of this structure: 0. */
  int struct_version;
  /** 1: the library initialises OpenSSL. 0: the program has done it. */
  int do_openssl_init;
} MQTTAsync_init_options;

/** A message, to publish or received. Start from MQTTAsync_message_initializer. */
typedef struct {
  /** Always "MQTM" (no terminating zero). */
  char struct_id[4];
  /** Version of this structure: 0 or 1. 0 has no properties. */
  int struct_version;
  /** Length of the payload in bytes. */
  int payloadlen;
  /** The payload: any bytes. */
  void *payload;
  /** 0: arrives at most once. 1: arrives at least once. 2: arrives exactly once. */
  int qos;
  /**
   * When publishing, non-zero asks the server to keep the message for later subscribers. When received, 1
   * means that it is such a kept message.
   */
  int retained;
  /** Received only: 1 if the server sent this message before and may have been heard then. */
  int dup;
  /** Received only: the packet identifier; 0 with QoS 0. */
  int msgid;
  /** MQTT 5.0: the properties of the message. */
  MQTTProperties properties;
} MQTTAsync_message;

/**
 * Called when a message has arrived.
 *
 * context: as given to MQTTAsync_setCallbacks(). topicName: the topic. topicLen: 0, or if the topic
 * contains zero bytes its length. message: the message.
 *
 * Return non-zero to take the message: topicName and message then belong to the program, which releases
 * them with MQTTAsync_free() and MQTTAsync_freeMessage(), now or later. Return 0 to refuse it: leave both
 * alone; the same message is offered again later, before any other.
 *
 * Runs on a thread of the library; any function of the library may be called in it.
 */
typedef int MQTTAsync_messageArrived(void *context, char *topicName, int topicLen,
    MQTTAsync_message *message);

/** Names a request from the call that makes it until its result is known. */
typedef int MQTTAsync_token;

/**
 * Called when the delivery of a message with QoS 1 or 2 is complete.
 *
 * context: as given when the function was set. token: that of the message.
 */
typedef void MQTTAsync_deliveryComplete(void *context, MQTTAsync_token token);

/**
 * Called when the connection was lost, which does not include the program's own disconnect.
 *
 * context: as given when the function was set. cause: always NULL. The client may be connected again in
 * this function.
 */
typedef void MQTTAsync_connectionLost(void *context, char *cause);

/**
 * Called after every successful connect, automatic ones included.
 *
 * context: as given when the function was set. cause: why, in words; valid during the call only.
 */
typedef void MQTTAsync_connected(void *context, char *cause);

/**
 * Called when the server has ended the connection with an MQTT 5.0 DISCONNECT packet.
 *
 * context: as given when the function was set. properties: those of the packet; valid during the call only.
 * reasonCode: why.
 */
typedef void MQTTAsync_disconnected(void *context, MQTTProperties *properties,
    enum MQTTReasonCodes reasonCode);

/** What a program may change before an automatic reconnect. */
typedef struct {
  /** Always "MQCD" (no terminating zero). */
  char struct_id[4];
  /** Version of this structure: 0. */
  int struct_version;
  /**
   * User name; NULL for none. A new one must be memory from MQTTAsync_malloc(); the library frees it and the
   * old one.
   */
  const char *username;
  /** Password. A new one must be memory from MQTTAsync_malloc(); the library frees it and the old one. */
  struct {
    /** How many bytes. */
    int len;
    /** The bytes; NULL for none. */
    const void *data;
  } binarypwd;
} MQTTAsync_connectData;

/**
 * Called before every automatic reconnect, to renew the user name and the password.
 *
 * context: as given when the function was set. data: the present values; replace what is to change.
 * Returns non-zero if something was changed; it holds from then on. 0: what data holds is ignored.
 */
typedef int MQTTAsync_updateConnectOptions(void *context, MQTTAsync_connectData *data);

/** The result of a successful request. Valid during the callback only. */
typedef struct {
  /** The request; 0 for one that has no token. */
  MQTTAsync_token token;
  /** What belongs to this kind of request. */
  union {
    /** Subscribe: the granted QoS. */
    int qos;
    /** SubscribeMany: the granted QoS of each topic. */
    int *qosList;
    /** Send: the message. */
    struct {
      /** The message. */
      MQTTAsync_message message;
      /** Its topic. */
      char *destinationName;
    } pub;
    /** Connect: the connection. */
    struct {
      /** The server connected to. */
      char *serverURI;
      /** The MQTT version used: MQTTVERSION_3_1, MQTTVERSION_3_1_1 or MQTTVERSION_5. */
      int MQTTVersion;
      /** 1 if the server still had a session of this client. */
      int sessionPresent;
    } connect;
  } alt;
} MQTTAsync_successData;

/**
 * Called when a request has succeeded.
 *
 * context: as given with the request. response: the result; can be NULL. May run before the function that
 * made the request has returned.
 */
typedef void MQTTAsync_onSuccess(void *context, MQTTAsync_successData *response);

/** Why a request failed. Valid during the callback only. */
typedef struct {
  /** The request; 0 for one that has no token. */
  MQTTAsync_token token;
  /** Negative: a return code of the library. Otherwise the code of the answer. */
  int code;
  /** The reason in words; can be NULL. */
  const char *message;
} MQTTAsync_failureData;

/**
 * Called when a request has failed.
 *
 * context: as given with the request. response: why; can be NULL. May run before the function that made the
 * request has returned.
 */
typedef void MQTTAsync_onFailure(void *context, MQTTAsync_failureData *response);

/** The result of a successful request, for MQTT 5.0. Valid during the callback only. */
typedef struct {
  /** Always "MQSD" (no terminating zero). */
  char struct_id[4];
  /** Version of this structure: 0. */
  int struct_version;
  /** The request; 0 for one that has no token. */
  MQTTAsync_token token;
  /** The reason code of the answer; with several topics that of the first. */
  enum MQTTReasonCodes reasonCode;
  /** The properties of the answer. */
  MQTTProperties properties;
  /** What belongs to this kind of request. */
  union {
    /** Subscribe: the reason codes. */
    struct {
      /** How many reason codes there are: one for each topic. */
      int reasonCodeCount;
      /** The reason codes. */
      enum MQTTReasonCodes *reasonCodes;
    } sub;
    /** Send: the message. */
    struct {
      /** The message. */
      MQTTAsync_message message;
      /** Its topic. */
      char *destinationName;
    } pub;
    /** Connect: the connection. */
    struct {
      /** The server connected to. */
      char *serverURI;
      /** The MQTT version used: MQTTVERSION_5. */
      int MQTTVersion;
      /** 1 if the server still had a session of this client. */
      int sessionPresent;
    } connect;
    /** Unsubscribe: the reason codes. */
    struct {
      /** How many reason codes there are: one for each topic. */
      int reasonCodeCount;
      /** The reason codes. */
      enum MQTTReasonCodes *reasonCodes;
    } unsub;
  } alt;
} MQTTAsync_successData5;

/**
 * Called when a request has succeeded, for MQTT 5.0.
 *
 * context: as given with the request. response: the result. May run before the function that made the
 * request has returned.
 */
typedef void MQTTAsync_onSuccess5(void *context, MQTTAsync_successData5 *response);

/** Why a request failed, for MQTT 5.0. Valid during the callback only. */
typedef struct {
  /** Always "MQFD" (no terminating zero). */
  char struct_id[4];
  /** Version of this structure: 0. */
  int struct_version;
  /** The request; 0 for one that has no token. */
  MQTTAsync_token token;
  /** The reason code of the answer; 0 if there was none. */
  enum MQTTReasonCodes reasonCode;
  /** The properties of the answer. */
  MQTTProperties properties;
  /** The return code of the library; 0 if the server refused. */
  int code;
  /** The reason in words; can be NULL. */
  const char *message;
  /** The type of the packet that ended the request, for example 4 for a PUBACK; 0 if there was none. */
  int packet_type;
} MQTTAsync_failureData5;

/**
 * Called when a request has failed, for MQTT 5.0.
 *
 * context: as given with the request. response: why. May run before the function that made the request has
 * returned.
 */
typedef void MQTTAsync_onFailure5(void *context, MQTTAsync_failureData5 *response);

/**
 * Whom to tell the result of a request, and the MQTT 5.0 options of the request. Start from
 * MQTTAsync_responseOptions_initializer.
 */
typedef struct MQTTAsync_responseOptions {
  /** Always "MQTR" (no terminating zero). */
  char struct_id[4];
  /** Version of this structure: 0 or 1. 1 added the members after token. */
  int struct_version;
  /** Called when the request has succeeded; NULL for none. Not for MQTT 5.0. */
  MQTTAsync_onSuccess *onSuccess;
  /** Called when the request has failed; NULL for none. Not for MQTT 5.0. */
  MQTTAsync_onFailure *onFailure;
  /** The program's own; handed to the result callbacks. */
  void *context;
  /**
   * Written by the library: names the request, for MQTTAsync_isComplete() and
   * MQTTAsync_waitForCompletion().
   */
  MQTTAsync_token token;
  /** MQTT 5.0: called when the request has succeeded; NULL for none. */
  MQTTAsync_onSuccess5 *onSuccess5;
  /** MQTT 5.0: called when the request has failed; NULL for none. */
  MQTTAsync_onFailure5 *onFailure5;
  /** MQTT 5.0: properties of the request. */
  MQTTProperties properties;
  /** MQTT 5.0: the options of a subscribe with one topic. */
  MQTTSubscribe_options subscribeOptions;
  /** MQTT 5.0: how many elements subscribeOptionsList has: the number of topics, or 0. */
  int subscribeOptionsCount;
  /** MQTT 5.0: the options of each topic of a subscribeMany. */
  MQTTSubscribe_options *subscribeOptionsList;
} MQTTAsync_responseOptions;

/** The same as MQTTAsync_responseOptions. */
typedef MQTTAsync_responseOptions MQTTAsync_callOptions;

/**
 * Options for MQTTAsync_createWithOptions(). Start from MQTTAsync_createOptions_initializer, or for MQTT 5.0
 * from MQTTAsync_createOptions_initializer5.
 */
typedef struct {
  /** Always "MQCO" (no terminating zero). */
  char struct_id[4];
  /**
   * Version of this structure: 0 to 3. 1 added MQTTVersion; 2 allowDisconnectedSendAtAnyTime,
   * deleteOldestMessages and restoreMessages; 3 persistQoS0.
   */
  int struct_version;
  /** Non-zero: messages may be sent while the client is not connected; they wait until it is. */
  int sendWhileDisconnected;
  /** How many messages may wait to be sent; must be positive. */
  int maxBufferedMessages;
  /**
   * The MQTT version the client is for: one of the MQTTVERSION_ values. MQTT 5.0 must be told here;
   * the others can be chosen with every connect.
   */
  int MQTTVersion;
  /**
   * Non-zero: messages may be sent even before the first connect and after a disconnect. Needs
   * sendWhileDisconnected.
   */
  int allowDisconnectedSendAtAnyTime;
  /**
   * When maxBufferedMessages messages wait: non-zero drops the oldest for a new one, 0 refuses the new
   * one.
   */
  int deleteOldestMessages;
  /**
   * Non-zero: messages that wait in the store since an earlier run of the program are sent. 0: they are
   * deleted.
   */
  int restoreMessages;
  /** Non-zero: waiting messages of QoS 0 are stored as well. */
  int persistQoS0;
} MQTTAsync_createOptions;

/**
 * The will: a message that the server publishes when the connection ends without a disconnect. Start from
 * MQTTAsync_willOptions_initializer.
 */
typedef struct {
  /** Always "MQTW" (no terminating zero). */
  char struct_id[4];
  /** Version of this structure: 0 or 1. 0 has no payload. */
  int struct_version;
  /** The topic. */
  const char *topicName;
  /** The payload, as text. */
  const char *message;
  /** Non-zero: the server keeps the message for later subscribers. */
  int retained;
  /** QoS of the message: 0, 1 or 2. */
  int qos;
  /** Any bytes in place of `message`. */
  struct {
    /** How many bytes. */
    int len;
    /** The bytes; NULL if `message` is to be used. */
    const void *data;
  } payload;
} MQTTAsync_willOptions;

/**
 * Options for TLS connections. Start from MQTTAsync_SSLOptions_initializer. Only a library with TLS
 * looks at them.
 */
typedef struct {
  /** Always "MQTS" (no terminating zero). */
  char struct_id[4];
  /**
   * Version of this structure: 0 to 5. 1 added sslVersion; 2 verify and CApath; 3 ssl_error_cb and
   * ssl_error_context; 4 ssl_psk_cb, ssl_psk_context and disableDefaultTrustStore; 5 protos and
   * protos_len.
   */
  int struct_version;
  /** PEM file with the certificates of the authorities to trust; NULL for none. */
  const char *trustStore;
  /** PEM file with the certificate chain of the client; NULL for none. */
  const char *keyStore;
  /** PEM file with the private key of the client; NULL if it is in keyStore. */
  const char *privateKey;
  /** Password of the private key; NULL for none. */
  const char *privateKeyPassword;
  /** Cipher suites to offer, in OpenSSL's notation; NULL for OpenSSL's choice. */
  const char *enabledCipherSuites;
  /** Non-zero: the certificate of the server must be valid. */
  int enableServerCertAuth;
  /** Version of TLS to use: one of the MQTT_SSL_VERSION_ values. */
  int sslVersion;
  /** Non-zero: the certificate of the server must be for the host name used. */
  int verify;
  /** Directory with certificates of authorities to trust, hashed as OpenSSL needs it; NULL for none. */
  const char *CApath;
  /**
   * Called for every line of an OpenSSL error, without its terminating zero counted in len; NULL for none.
   * Return non-zero for the next line.
   */
  int (*ssl_error_cb)(const char *str, size_t len, void *u);
  /** The program's own; handed to ssl_error_cb. */
  void *ssl_error_context;
  /**
   * Called for the identity and the pre-shared key; NULL for none. hint: what the server gave, or NULL.
   * Write the identity as text to identity and the key to psk. Returns the length of the key; 0 ends the
   * connection.
   */
  unsigned int (*ssl_psk_cb)(const char *hint, char *identity, unsigned int max_identity_len,
      unsigned char *psk, unsigned int max_psk_len, void *u);
  /** The program's own; handed to ssl_psk_cb. */
  void *ssl_psk_context;
  /** Non-zero: the certificates that the system trusts are not trusted. */
  int disableDefaultTrustStore;
  /** Protocols to offer by ALPN, in its wire format: each name with a length byte in front; NULL for none. */
  const unsigned char *protos;
  /** Length of protos in bytes. */
  unsigned int protos_len;
} MQTTAsync_SSLOptions;

/** A name and a value. Lists end with an element of which both are NULL. */
typedef struct {
  /** The name. */
  const char *name;
  /** The value. */
  const char *value;
} MQTTAsync_nameValue;

/**
 * Options for MQTTAsync_connect(). Start from MQTTAsync_connectOptions_initializer, or for MQTT 5.0 from
 * MQTTAsync_connectOptions_initializer5; for WebSockets from those whose names end in _ws.
 */
typedef struct {
  /** Always "MQTC" (no terminating zero). */
  char struct_id[4];
  /**
   * Version of this structure: 0 to 8. 1 added ssl; 2 serverURIcount and serverURIs; 3 MQTTVersion; 4
   * automaticReconnect, minRetryInterval and maxRetryInterval; 5 binarypwd; 6 the members from cleanstart to
   * onFailure5; 7 httpHeaders; 8 httpProxy and httpsProxy.
   */
  int struct_version;
  /**
   * Seconds after which the server may close a connection on which it heard nothing. The library sends
   * pings when the program is silent. 0: never.
   */
  int keepAliveInterval;
  /**
   * MQTT 3.1 and 3.1.1. Non-zero: the session starts empty and ends with the connection. 0: it goes on,
   * with subscriptions and messages in flight, from connection to connection.
   */
  int cleansession;
  /** How many messages may be in flight at a time. With MQTT 5.0 the server can lower it. */
  int maxInflight;
  /** The will; NULL for none. */
  MQTTAsync_willOptions *will;
  /** User name; NULL for none. */
  const char *username;
  /** Password, as text; NULL for none. */
  const char *password;
  /** Seconds within which a connection to one server must be made. */
  int connectTimeout;
  /**
   * Seconds after which an unacknowledged message is sent again on the same connection; 0: never, only
   * after the next connect. MQTT 3.1 alone allows it.
   */
  int retryInterval;
  /** TLS options; NULL for none. */
  MQTTAsync_SSLOptions *ssl;
  /** Called when the client is connected; NULL for none. */
  MQTTAsync_onSuccess *onSuccess;
  /** Called when the connect failed; NULL for none. */
  MQTTAsync_onFailure *onFailure;
  /** The program's own; handed to the result callbacks. */
  void *context;
  /** How many elements serverURIs has; 0 to use the server given when the client was created. */
  int serverURIcount;
  /** Servers to try one after the other, in the place of the one given when the client was created. */
  char *const *serverURIs;
  /** The MQTT version to use: one of the MQTTVERSION_ values. */
  int MQTTVersion;
  /** Non-zero: after a loss the library connects again by itself, with growing pauses. */
  int automaticReconnect;
  /** The first pause before an automatic reconnect, in seconds. */
  int minRetryInterval;
  /** The longest pause before an automatic reconnect, in seconds. */
  int maxRetryInterval;
  /** Any bytes as password; used if password is NULL. */
  struct {
    /** How many bytes. */
    int len;
    /** The bytes; NULL for none. */
    const void *data;
  } binarypwd;
  /**
   * MQTT 5.0. Non-zero: the session starts empty. 0: an earlier one goes on. How long the server keeps it is
   * told by the property SESSION_EXPIRY_INTERVAL.
   */
  int cleanstart;
  /** MQTT 5.0: properties of the CONNECT packet; NULL for none. */
  MQTTProperties *connectProperties;
  /** MQTT 5.0: properties of the will message; NULL for none. */
  MQTTProperties *willProperties;
  /** MQTT 5.0: called when the client is connected; NULL for none. */
  MQTTAsync_onSuccess5 *onSuccess5;
  /** MQTT 5.0: called when the connect failed; NULL for none. */
  MQTTAsync_onFailure5 *onFailure5;
  /** Additional HTTP headers for WebSockets; NULL for none. */
  const MQTTAsync_nameValue *httpHeaders;
  /** HTTP proxy for connections without TLS; NULL for none. */
  const char *httpProxy;
  /** HTTP proxy for connections with TLS; NULL for none. */
  const char *httpsProxy;
} MQTTAsync_connectOptions;

/**
 * Options for MQTTAsync_disconnect(). Start from MQTTAsync_disconnectOptions_initializer, or for MQTT 5.0 from
 * MQTTAsync_disconnectOptions_initializer5.
 */
typedef struct {
  /** Always "MQTD" (no terminating zero). */
  char struct_id[4];
  /** Version of this structure: 0 or 1. 1 added the members from properties on. */
  int struct_version;
  /** Milliseconds to wait at most for messages in flight. */
  int timeout;
  /** Called when the client is disconnected; NULL for none. */
  MQTTAsync_onSuccess *onSuccess;
  /** Called when the disconnect was given up; NULL for none. */
  MQTTAsync_onFailure *onFailure;
  /** The program's own; handed to the result callbacks. */
  void *context;
  /** MQTT 5.0: properties of the DISCONNECT packet. */
  MQTTProperties properties;
  /** MQTT 5.0: reason code of the DISCONNECT packet. */
  enum MQTTReasonCodes reasonCode;
  /** MQTT 5.0: called when the client is disconnected; NULL for none. */
  MQTTAsync_onSuccess5 *onSuccess5;
  /** MQTT 5.0: called when the disconnect was given up; NULL for none. */
  MQTTAsync_onFailure5 *onFailure5;
} MQTTAsync_disconnectOptions;

/**
 * Called for every line of the trace.
 *
 * level: that of the line. message: the line, with a terminating zero; valid during the call only.
 */
typedef void MQTTAsync_traceCallback(enum MQTTASYNC_TRACE_LEVELS level, char *message);

/**
 * Optional, before anything else: tells who initialises OpenSSL. NULL is allowed. A library without TLS ignores it.
 */
LIBMQTT_API void MQTTAsync_global_init(MQTTAsync_init_options *inits);

/**
 * Creates a client. Nothing is sent yet.
 *
 * handle: receives the client. serverURI: tcp://host:port or mqtt://host:port; with a library that supports them also
 * ws://, ssl://, tls://, mqtts://, wss://. clientId: how the server knows the client, in UTF-8. persistence_type: one of
 * MQTTCLIENT_PERSISTENCE_DEFAULT, _NONE, _USER. persistence_context: for DEFAULT the directory (a const char*) or NULL,
 * for USER the MQTTClient_persistence object, otherwise NULL.
 *
 * Messages cannot be sent while the client is not connected; MQTTAsync_createWithOptions() allows it.
 *
 * Returns MQTTASYNC_SUCCESS, MQTTASYNC_NULL_PARAMETER, MQTTASYNC_BAD_UTF8_STRING (clientId), MQTTASYNC_BAD_PROTOCOL
 * (serverURI) or MQTTASYNC_PERSISTENCE_ERROR. After the last the client exists and must be destroyed.
 */
LIBMQTT_API int MQTTAsync_create(MQTTAsync *handle, const char *serverURI, const char *clientId,
    int persistence_type, void *persistence_context);

/**
 * Creates a client with options; otherwise like MQTTAsync_create().
 *
 * options: NULL for none.
 *
 * Returns what MQTTAsync_create() does, MQTTASYNC_BAD_STRUCTURE or MQTTASYNC_MAX_BUFFERED (maxBufferedMessages).
 */
LIBMQTT_API int MQTTAsync_createWithOptions(MQTTAsync *handle, const char *serverURI, const char *clientId,
    int persistence_type, void *persistence_context, MQTTAsync_createOptions *options);

/**
 * Ends a client: disconnects it, frees all it uses and sets *handle to NULL. Requests not yet complete fail with
 * MQTTASYNC_OPERATION_INCOMPLETE. When it returns, no callback of the client runs any more. Messages given to the
 * program stay its own.
 */
LIBMQTT_API void MQTTAsync_destroy(MQTTAsync *handle);

/**
 * Sets three callbacks and the context that is handed to them.
 *
 * cl, dc: can be NULL. ma: must not be NULL.
 *
 * Returns MQTTASYNC_SUCCESS, or MQTTASYNC_FAILURE if handle or ma is NULL or the client is just connecting or
 * disconnecting.
 */
LIBMQTT_API int MQTTAsync_setCallbacks(MQTTAsync handle, void *context, MQTTAsync_connectionLost *cl,
    MQTTAsync_messageArrived *ma, MQTTAsync_deliveryComplete *dc);

/**
 * Sets the callback for the loss of the connection, with its context. NULL removes it.
 *
 * Returns MQTTASYNC_SUCCESS, or MQTTASYNC_FAILURE if handle is NULL or the client is just connecting or disconnecting.
 */
LIBMQTT_API int MQTTAsync_setConnectionLostCallback(MQTTAsync handle, void *context, MQTTAsync_connectionLost *cl);

/**
 * Sets the callback for arrived messages, with its context. It cannot be removed.
 *
 * Returns MQTTASYNC_SUCCESS, or MQTTASYNC_FAILURE if handle or ma is NULL or the client is just connecting or
 * disconnecting.
 */
LIBMQTT_API int MQTTAsync_setMessageArrivedCallback(MQTTAsync handle, void *context, MQTTAsync_messageArrived *ma);

/**
 * Sets the callback for complete deliveries, with its context. NULL removes it.
 *
 * Returns MQTTASYNC_SUCCESS, or MQTTASYNC_FAILURE if handle is NULL or the client is just connecting or disconnecting.
 */
LIBMQTT_API int MQTTAsync_setDeliveryCompleteCallback(MQTTAsync handle, void *context, MQTTAsync_deliveryComplete *dc);

/**
 * Sets the callback for connections made, automatic ones included, with its context. NULL removes it.
 *
 * Returns MQTTASYNC_SUCCESS, or MQTTASYNC_FAILURE if handle is NULL or the client is just connecting or disconnecting.
 */
LIBMQTT_API int MQTTAsync_setConnected(MQTTAsync handle, void *context, MQTTAsync_connected *co);

/**
 * MQTT 5.0. Sets the callback for the server's DISCONNECT packet, with its context. NULL removes it.
 *
 * Returns MQTTASYNC_SUCCESS, or MQTTASYNC_FAILURE if handle is NULL or the client is just connecting or disconnecting.
 */
LIBMQTT_API int MQTTAsync_setDisconnected(MQTTAsync handle, void *context, MQTTAsync_disconnected *co);

/**
 * Sets the callback that renews user name and password before an automatic reconnect, with its context. NULL removes
 * it.
 *
 * Returns MQTTASYNC_SUCCESS, or MQTTASYNC_FAILURE if handle is NULL.
 */
LIBMQTT_API int MQTTAsync_setUpdateConnectOptions(MQTTAsync handle, void *context,
    MQTTAsync_updateConnectOptions *co);

#if !defined(NO_PERSISTENCE)

/**
 * Sets the function that may change what is going to be stored, with its context. NULL removes it.
 *
 * Returns MQTTASYNC_SUCCESS, or MQTTASYNC_FAILURE if handle is NULL.
 */
LIBMQTT_API int MQTTAsync_setBeforePersistenceWrite(MQTTAsync handle, void *context,
    MQTTPersistence_beforeWrite *co);

/**
 * Sets the function that may change what was read from the store, with its context. NULL removes it.
 *
 * Returns MQTTASYNC_SUCCESS, or MQTTASYNC_FAILURE if handle is NULL.
 */
LIBMQTT_API int MQTTAsync_setAfterPersistenceRead(MQTTAsync handle, void *context, MQTTPersistence_afterRead *co);

#endif

/**
 * Connects to the server; the callbacks in the options tell the result.
 *
 * Returns MQTTASYNC_SUCCESS if the request was accepted. Otherwise no callback follows: MQTTASYNC_NULL_PARAMETER,
 * MQTTASYNC_BAD_STRUCTURE, MQTTASYNC_BAD_QOS (will), MQTTASYNC_0_LEN_WILL_TOPIC, MQTTASYNC_BAD_UTF8_STRING,
 * MQTTASYNC_WRONG_MQTT_VERSION, MQTTASYNC_BAD_MQTT_OPTION, MQTTASYNC_SSL_NOT_SUPPORTED or MQTTASYNC_COMMAND_IGNORED.
 */
LIBMQTT_API int MQTTAsync_connect(MQTTAsync handle, const MQTTAsync_connectOptions *options);

/**
 * Connects again with the options of the last connect. The callback of MQTTAsync_setConnected() tells of success; those
 * in the options are not called again. While automatic reconnect is at work, the next attempt is made now.
 *
 * Returns MQTTASYNC_SUCCESS, MQTTASYNC_FAILURE if there is no connection to restore, or MQTTASYNC_COMMAND_IGNORED.
 */
LIBMQTT_API int MQTTAsync_reconnect(MQTTAsync handle);

/**
 * Disconnects from the server, after the requests made before it. Also ends automatic reconnect.
 *
 * options: NULL for none.
 *
 * Returns MQTTASYNC_SUCCESS if the request was accepted; the callbacks in the options tell the result. Otherwise
 * MQTTASYNC_BAD_STRUCTURE, MQTTASYNC_FAILURE (handle is NULL) or MQTTASYNC_DISCONNECTED.
 */
LIBMQTT_API int MQTTAsync_disconnect(MQTTAsync handle, const MQTTAsync_disconnectOptions *options);

/**
 * Tells whether the client is connected.
 *
 * Returns MQTTASYNC_TRUE, or 0 if it is not or handle is NULL.
 */
LIBMQTT_API int MQTTAsync_isConnected(MQTTAsync handle);

/**
 * Subscribes to one topic filter.
 *
 * topic: the filter. qos: the most a message may arrive with: 0, 1 or 2. response: whom to tell the result, and the
 * MQTT 5.0 options; NULL for none. The token is written to it.
 *
 * Returns MQTTASYNC_SUCCESS if the request was accepted. Otherwise no callback follows: MQTTASYNC_FAILURE (handle is
 * NULL), MQTTASYNC_DISCONNECTED, MQTTASYNC_BAD_UTF8_STRING, MQTTASYNC_BAD_QOS, MQTTASYNC_NO_MORE_MSGIDS or
 * MQTTASYNC_BAD_MQTT_OPTION.
 */
LIBMQTT_API int MQTTAsync_subscribe(MQTTAsync handle, const char *topic, int qos, MQTTAsync_responseOptions *response);

/**
 * Subscribes to several topic filters with one packet.
 *
 * count: how many. topic, qos: count filters, and for each the most a message may arrive with: 0, 1 or 2. response: as
 * with MQTTAsync_subscribe().
 *
 * Returns MQTTASYNC_SUCCESS if the request was accepted. Otherwise no callback follows: MQTTASYNC_FAILURE (handle is
 * NULL), MQTTASYNC_DISCONNECTED, MQTTASYNC_BAD_UTF8_STRING, MQTTASYNC_BAD_QOS, MQTTASYNC_NO_MORE_MSGIDS or
 * MQTTASYNC_BAD_MQTT_OPTION.
 */
LIBMQTT_API int MQTTAsync_subscribeMany(MQTTAsync handle, int count, char *const *topic, const int *qos,
    MQTTAsync_responseOptions *response);

/**
 * Removes the subscription to one topic filter.
 *
 * topic: the filter as it was subscribed to. response: whom to tell the result; NULL for none. The token is written to
 * it.
 *
 * Returns MQTTASYNC_SUCCESS if the request was accepted. Otherwise no callback follows: MQTTASYNC_FAILURE (handle is
 * NULL), MQTTASYNC_DISCONNECTED, MQTTASYNC_BAD_UTF8_STRING, MQTTASYNC_NO_MORE_MSGIDS or
 * MQTTASYNC_BAD_MQTT_OPTION.
 */
LIBMQTT_API int MQTTAsync_unsubscribe(MQTTAsync handle, const char *topic, MQTTAsync_responseOptions *response);

/**
 * Removes the subscriptions to several topic filters with one packet.
 *
 * count: how many. topic: count filters as they were subscribed to. response: as with MQTTAsync_unsubscribe().
 *
 * Returns MQTTASYNC_SUCCESS if the request was accepted. Otherwise no callback follows: MQTTASYNC_FAILURE (handle is
 * NULL), MQTTASYNC_DISCONNECTED, MQTTASYNC_BAD_UTF8_STRING, MQTTASYNC_NO_MORE_MSGIDS or
 * MQTTASYNC_BAD_MQTT_OPTION.
 */
LIBMQTT_API int MQTTAsync_unsubscribeMany(MQTTAsync handle, int count, char *const *topic,
    MQTTAsync_responseOptions *response);

/**
 * Sends a message. Topic and payload are copied.
 *
 * destinationName: the topic. payloadlen, payload: the bytes. qos: 0, 1 or 2. retained: non-zero asks the server to keep
 * the message for later subscribers. response: whom to tell the result, and the MQTT 5.0 properties; NULL for none. The
 * token is written to it.
 *
 * Success is: QoS 0 the message was handed to the network; QoS 1 and 2 the server has it.
 *
 * Returns MQTTASYNC_SUCCESS if the request was accepted. Otherwise no callback follows: MQTTASYNC_FAILURE (handle is
 * NULL), MQTTASYNC_DISCONNECTED, MQTTASYNC_BAD_UTF8_STRING, MQTTASYNC_BAD_QOS, MQTTASYNC_NO_MORE_MSGIDS,
 * MQTTASYNC_MAX_BUFFERED_MESSAGES or MQTTASYNC_BAD_MQTT_OPTION.
 */
LIBMQTT_API int MQTTAsync_send(MQTTAsync handle, const char *destinationName, int payloadlen, const void *payload,
    int qos, int retained, MQTTAsync_responseOptions *response);

/**
 * Sends a message given as a structure; otherwise like MQTTAsync_send().
 *
 * msg: payload, qos, retained and MQTT 5.0 properties are used.
 *
 * Returns what MQTTAsync_send() does, MQTTASYNC_NULL_PARAMETER (msg) or MQTTASYNC_BAD_STRUCTURE.
 */
LIBMQTT_API int MQTTAsync_sendMessage(MQTTAsync handle, const char *destinationName, const MQTTAsync_message *msg,
    MQTTAsync_responseOptions *response);

/**
 * Lists the requests that are not complete.
 *
 * tokens: receives an array that ends with -1, to be released with MQTTAsync_free(); NULL if there are none.
 *
 * Returns MQTTASYNC_SUCCESS, or MQTTASYNC_FAILURE if handle is NULL.
 */
LIBMQTT_API int MQTTAsync_getPendingTokens(MQTTAsync handle, MQTTAsync_token **tokens);

/**
 * Tells whether a request is complete.
 *
 * Returns MQTTASYNC_TRUE, also for a token that names no request; 0 if it is not complete; MQTTASYNC_FAILURE if handle is
 * NULL.
 */
LIBMQTT_API int MQTTAsync_isComplete(MQTTAsync handle, MQTTAsync_token token);

/**
 * Waits until a request is complete.
 *
 * timeout: milliseconds to wait at most.
 *
 * Returns MQTTASYNC_SUCCESS if it is complete, MQTTASYNC_DISCONNECTED if the client is not connected, otherwise
 * MQTTASYNC_FAILURE.
 */
LIBMQTT_API int MQTTAsync_waitForCompletion(MQTTAsync handle, MQTTAsync_token token, unsigned long timeout);

/** Frees a received message with its payload and properties, and sets *msg to NULL. */
LIBMQTT_API void MQTTAsync_freeMessage(MQTTAsync_message **msg);

/**
 * Frees memory that the library gave to the program, or that came from MQTTAsync_malloc(). The same as free().
 */
LIBMQTT_API void MQTTAsync_free(void *ptr);

/**
 * Allocates memory of which the library becomes the owner. The same as malloc().
 *
 * size: bytes.
 *
 * Returns the memory, or NULL if there is none.
 */
LIBMQTT_API void *MQTTAsync_malloc(size_t size);

/** Chooses how much is traced: this level and those below it. */
LIBMQTT_API void MQTTAsync_setTraceLevel(enum MQTTASYNC_TRACE_LEVELS level);

/** Sets the function that is called for every line of the trace. NULL removes it. */
LIBMQTT_API void MQTTAsync_setTraceCallback(MQTTAsync_traceCallback *callback);

/**
 * Tells the version of the library.
 *
 * Returns a list that ends with an element of which both members are NULL. It is never freed.
 */
LIBMQTT_API MQTTAsync_nameValue *MQTTAsync_getVersionInfo(void);

/**
 * Tells a return code in words.
 *
 * Returns a text, never NULL. It is never freed.
 */
LIBMQTT_API const char *MQTTAsync_strerror(int code);

/** Options for MQTTAsync_global_init(): the program initialises OpenSSL. */
#define MQTTAsync_init_options_initializer { {'M', 'Q', 'T', 'G'}, 0, 0 }

/** An empty message of QoS 0. */
#define MQTTAsync_message_initializer \
  { {'M', 'Q', 'T', 'M'}, 1, 0, NULL, 0, 0, 0, 0, MQTTProperties_initializer }

/** No user name and no password. */
#define MQTTAsync_connectData_initializer { {'M', 'Q', 'C', 'D'}, 0, NULL, {0, NULL} }

/** No failure. */
#define MQTTAsync_failureData5_initializer \
  { {'M', 'Q', 'F', 'D'}, 0, 0, MQTTREASONCODE_SUCCESS, MQTTProperties_initializer, 0, NULL, 0 }

/** A result without anything in it. */
#define MQTTAsync_successData5_initializer \
  { {'M', 'Q', 'S', 'D'}, 0, 0, MQTTREASONCODE_SUCCESS, MQTTProperties_initializer, {{0, 0}} }

/** Nobody is told the result. */
#define MQTTAsync_responseOptions_initializer \
  { {'M', 'Q', 'T', 'R'}, 1, NULL, NULL, 0, 0, NULL, NULL, MQTTProperties_initializer, \
    MQTTSubscribe_options_initializer, 0, NULL }

/** The same. */
#define MQTTAsync_callOptions_initializer MQTTAsync_responseOptions_initializer

/** A client of MQTT 3.1.1 or 3.1 that sends only while it is connected; up to 100 messages may wait. */
#define MQTTAsync_createOptions_initializer \
  { {'M', 'Q', 'C', 'O'}, 2, 0, 100, MQTTVERSION_DEFAULT, 0, 0, 1, 1 }

/** The same for MQTT 5.0. */
#define MQTTAsync_createOptions_initializer5 \
  { {'M', 'Q', 'C', 'O'}, 2, 0, 100, MQTTVERSION_5, 0, 0, 1, 1 }

/** A will of QoS 0; topicName is to be set. */
#define MQTTAsync_willOptions_initializer \
  { {'M', 'Q', 'T', 'W'}, 1, NULL, NULL, 0, 0, {0, NULL} }

/** The certificate of the server must be valid, for whatever host name. */
#define MQTTAsync_SSLOptions_initializer \
  { {'M', 'Q', 'T', 'S'}, 5, NULL, NULL, NULL, NULL, NULL, 1, MQTT_SSL_VERSION_DEFAULT, 0, \
    NULL, NULL, NULL, NULL, NULL, 0, NULL, 0 }

/** MQTT 3.1.1 or 3.1, a new session, keep-alive 60 seconds, 30 seconds to connect, no automatic reconnect. */
#define MQTTAsync_connectOptions_initializer \
  { {'M', 'Q', 'T', 'C'}, 8, 60, 1, 65535, NULL, NULL, NULL, 30, 0, NULL, NULL, NULL, NULL, \
    0, NULL, MQTTVERSION_DEFAULT, 0, 1, 60, {0, NULL}, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL }

/** The same for MQTT 5.0. */
#define MQTTAsync_connectOptions_initializer5 \
  { {'M', 'Q', 'T', 'C'}, 8, 60, 0, 65535, NULL, NULL, NULL, 30, 0, NULL, NULL, NULL, NULL, \
    0, NULL, MQTTVERSION_5, 0, 1, 60, {0, NULL}, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL }

/** For WebSockets: keep-alive 45 seconds, since proxies like to close connections silent for a minute. */
#define MQTTAsync_connectOptions_initializer_ws \
  { {'M', 'Q', 'T', 'C'}, 8, 45, 1, 65535, NULL, NULL, NULL, 30, 0, NULL, NULL, NULL, NULL, \
    0, NULL, MQTTVERSION_DEFAULT, 0, 1, 60, {0, NULL}, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL }

/** The same for MQTT 5.0. */
#define MQTTAsync_connectOptions_initializer5_ws \
  { {'M', 'Q', 'T', 'C'}, 8, 45, 0, 65535, NULL, NULL, NULL, 30, 0, NULL, NULL, NULL, NULL, \
    0, NULL, MQTTVERSION_5, 0, 1, 60, {0, NULL}, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL }

/** Disconnects without waiting; nobody is told the result. */
#define MQTTAsync_disconnectOptions_initializer \
  { {'M', 'Q', 'T', 'D'}, 0, 0, NULL, NULL, NULL, MQTTProperties_initializer, \
    MQTTREASONCODE_SUCCESS, NULL, NULL }

/** The same for MQTT 5.0. */
#define MQTTAsync_disconnectOptions_initializer5 \
  { {'M', 'Q', 'T', 'D'}, 1, 0, NULL, NULL, NULL, MQTTProperties_initializer, \
    MQTTREASONCODE_SUCCESS, NULL, NULL }

#if defined(__cplusplus)
}
#endif

#endif /* MQTTASYNC_H */
