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

/** sslVersion: what the system allows. */
#define MQTT_SSL_VERSION_DEFAULT 0

/** sslVersion: TLS 1.0 or above. */
#define MQTT_SSL_VERSION_TLS_1_0 1

/** sslVersion: TLS 1.1 or above. */
#define MQTT_SSL_VERSION_TLS_1_1 2

/** sslVersion: TLS 1.2 or above. */
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

/** Options for MQTTAsync_global_init(). Start from MQTTAsync_init_options_initializer. */
typedef struct {
  /** Always "MQTG" (no terminating zero). */
  char struct_id[4];
  /** Version of this structure: 0. */
  int struct_version;
  /** 1: the library initialises OpenSSL. 0: the program has done it. */
  int do_openssl_init;
} MQTTAsync_init_options;

/**
 * One client. A value of MQTTAsync_create(), to be given to every other function and in the end to
 * MQTTAsync_destroy(), which sets it to NULL. What it points to is the library's own.
 */
typedef void *MQTTAsync;

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
 * Called when the connection was lost, which does not include the program's own disconnect.
 *
 * context: as given when the function was set. cause: always NULL. The client may be connected again in
 * this function.
 */
typedef void MQTTAsync_connectionLost(void *context, char *cause);

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
 * context: as given when the function was set. topicName: the topic, with a zero byte behind it. topicLen:
 * its length; when a refused message comes again 0, unless the topic contains zero bytes. message: the message.
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
  /**
   * PEM file with the certificates of the authorities to trust; NULL for none. Here and in keyStore and
   * privateKey the PEM text itself may stand in place of the file's name; in keyStore and privateKey also
   * a pkcs11 URI, if OpenSSL is configured with a provider for it. privateKeyPassword is then the PIN.
   */
  const char *trustStore;
  /** PEM file with the certificate chain of the client; NULL for none. */
  const char *keyStore;
  /**
   * PEM file with the private key of the client; NULL if it is in keyStore. Without keyStore it is not
   * used.
   */
  const char *privateKey;
  /** Password of the private key; NULL for none. Nobody is asked for it on the terminal. */
  const char *privateKeyPassword;
  /** Cipher suites to offer for TLS 1.2 and below, in OpenSSL's notation; NULL for OpenSSL's choice. */
  const char *enabledCipherSuites;
  /** Non-zero: the certificate of the server must be valid. 0: it is accepted, with a line in the log. */
  int enableServerCertAuth;
  /**
   * Lowest version of TLS to use: one of the MQTT_SSL_VERSION_ values. Any other value leaves it to the
   * system, as MQTT_SSL_VERSION_DEFAULT does.
   */
  int sslVersion;
  /**
   * Non-zero: the certificate of the server must be for the host name or address used. 0: it is accepted,
   * with a line in the log. With PAHO_C_RS_TLS_VERIFY=required in the environment this and
   * enableServerCertAuth count as set for the whole process.
   */
  int verify;
  /** Directory with certificates of authorities to trust, hashed as OpenSSL needs it; NULL for none. */
  const char *CApath;
  /**
   * Called for every line about a failure, with its line end and without its terminating zero counted in
   * len, by the thread that connects; NULL for none. Return more than 0 for the next line.
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
  /** The reason in words; can be NULL. It stays valid at least as long as the client. */
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
  /** The reason in words; can be NULL. It stays valid at least as long as the client. */
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
  /**
   * The first pause before an automatic reconnect, in seconds. 0: none behind a connection,
       and then pauses of one to
   * three seconds, or less with a lower maxRetryInterval.
   */
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
  /**
   * Version of this structure: 0 or 1. 1 added the members from properties on; on a client of MQTT 5.0 onSuccess5
   * and onFailure5 count in any case.
   */
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
 * Called for every line of the trace.
 *
 * level: that of the line. message: the line, with a terminating zero; valid during the call only.
 */
typedef void MQTTAsync_traceCallback(enum MQTTASYNC_TRACE_LEVELS level, char *message);

/** The same as MQTTAsync_responseOptions. */
typedef MQTTAsync_responseOptions MQTTAsync_callOptions;

/**
 * Prepares the library for use. Calling it is optional; the plain library has nothing to prepare.
 *
 * inits: whether the program initialises OpenSSL itself, which matters to the libraries with TLS only.
 * NULL is allowed.
 */
LIBMQTT_API void MQTTAsync_global_init(MQTTAsync_init_options *inits);

/**
 * Creates a client. The network is not used. Equal to MQTTAsync_createWithOptions() without options:
 * messages are taken only while it is connected, then without limit, and it is for MQTT 3.1.1 and 3.1.
 *
 * See there for the parameters and the results.
 */
LIBMQTT_API int MQTTAsync_create(MQTTAsync *handle, const char *serverURI, const char *clientId,
    int persistence_type, void *persistence_context);

/**
 * Creates a client. The network is not used.
 *
 * handle: where the new client goes. Every client has to be released with MQTTAsync_destroy().
 * serverURI: where the server is, as scheme://host:port or host:port. Schemes: tcp or mqtt; ws for
 * WebSockets; the libraries with TLS also have ssl, tls or mqtts, and wss. An IPv6 address stands in
 * square brackets. The port may be left out.
 * clientId: the client identifier, UTF-8; may be empty if the server shall choose one.
 * persistence_type: where messages are kept that wait or are in flight: MQTTCLIENT_PERSISTENCE_NONE (in
 * memory), MQTTCLIENT_PERSISTENCE_DEFAULT (in files) or MQTTCLIENT_PERSISTENCE_USER (by functions of
 * the program). persistence_context: for files the directory, NULL meaning the working directory; for
 * functions of the program a pointer to a MQTTClient_persistence structure; otherwise not used.
 * options: begin with MQTTAsync_createOptions_initializer, or for MQTT 5.0 with
 * MQTTAsync_createOptions_initializer5; NULL for none.
 *
 * All texts are copied. A MQTTClient_persistence structure has to stay in place until the client is
 * destroyed; its functions are called from any thread, one at a time in the whole process. They cannot
 * use clients: for functions that they call no handle is a client.
 *
 * Returns, the first that applies
 *
 * - -6 (MQTTASYNC_NULL_PARAMETER) handle, serverURI or clientId is NULL
 * - -5 (MQTTASYNC_BAD_UTF8_STRING) clientId is not UTF-8 or longer than 65535 bytes
 * - -2 (MQTTASYNC_PERSISTENCE_ERROR) clientId is empty, and messages shall be kept in files
 * - -14 (MQTTASYNC_BAD_PROTOCOL) this library does not have the URI's scheme
 * - -19 (MQTTASYNC_MAX_BUFFERED) maxBufferedMessages is not positive
 * - -8 (MQTTASYNC_BAD_STRUCTURE) options has a wrong struct_id or struct_version
 * - -2 (MQTTASYNC_PERSISTENCE_ERROR) persistence_type or persistence_context cannot be used; *handle is
 *   NULL then
 * - -1 (MQTTASYNC_FAILURE) there are too many clients
 * - 0 (MQTTASYNC_SUCCESS) otherwise
 *
 * Except where it says so, *handle is not changed by a failing call.
 */
LIBMQTT_API int MQTTAsync_createWithOptions(MQTTAsync *handle, const char *serverURI, const char *clientId,
    int persistence_type, void *persistence_context, MQTTAsync_createOptions *options);

/**
 * Destroys a client and sets *handle to NULL. A connected client is disconnected first, with a
 * DISCONNECT packet.
 *
 * handle: the client. Nothing happens if it is NULL, or if *handle is NULL or no client.
 *
 * Requests that are not complete fail with -11 (MQTTASYNC_OPERATION_INCOMPLETE); their callbacks have
 * run when this returns. After that no callback of the client is running and none will run. Messages,
 * topic names and token arrays that the program has received stay valid. May be called in any callback;
 * if it is one of this very client, that callback goes on and is the last.
 */
LIBMQTT_API void MQTTAsync_destroy(MQTTAsync *handle);

/**
 * Sets three callbacks and the context that all three are called with.
 *
 * handle: the client. context: passed to the callbacks. cl: called when the connection is lost, or
 * NULL. ma: called for each message, not NULL. dc: called when a message of QoS 1 or 2 has been
 * delivered, or NULL.
 *
 * Callbacks run on threads of the library, one at a time, for all clients of the process; in them all
 * functions of the library may be called. They may be set while the client is connected, and take
 * effect at once. Messages that come while there is no callback for them wait until there is.
 *
 * Returns
 *
 * - 0 (MQTTASYNC_SUCCESS) set
 * - -1 (MQTTASYNC_FAILURE) handle is no client, ma is NULL, or the client is just connecting or
 *   disconnecting
 */
LIBMQTT_API int MQTTAsync_setCallbacks(MQTTAsync handle, void *context, MQTTAsync_connectionLost *cl,
    MQTTAsync_messageArrived *ma, MQTTAsync_deliveryComplete *dc);

/**
 * Sets the callback for the loss of the connection.
 *
 * handle: the client. context: passed to the callback. cl: the callback, or NULL for none. It is not
 * called for the program's own disconnect.
 *
 * Returns
 *
 * - 0 (MQTTASYNC_SUCCESS) set
 * - -1 (MQTTASYNC_FAILURE) handle is no client, or the client is just connecting or disconnecting
 */
LIBMQTT_API int MQTTAsync_setConnectionLostCallback(MQTTAsync handle, void *context,
    MQTTAsync_connectionLost *cl);

/**
 * Sets the callback for messages.
 *
 * handle: the client. context: passed to the callback. ma: the callback; it can be replaced, but not
 * removed.
 *
 * Returns
 *
 * - 0 (MQTTASYNC_SUCCESS) set
 * - -1 (MQTTASYNC_FAILURE) handle is no client, ma is NULL, or the client is just connecting or
 *   disconnecting
 */
LIBMQTT_API int MQTTAsync_setMessageArrivedCallback(MQTTAsync handle, void *context,
    MQTTAsync_messageArrived *ma);

/**
 * Sets the callback for messages of QoS 1 and 2 that have been delivered. It is called just before the
 * callback that came with the message, if any did.
 *
 * handle: the client. context: passed to the callback. dc: the callback, or NULL for none.
 *
 * Returns
 *
 * - 0 (MQTTASYNC_SUCCESS) set
 * - -1 (MQTTASYNC_FAILURE) handle is no client, or the client is just connecting or disconnecting
 */
LIBMQTT_API int MQTTAsync_setDeliveryCompleteCallback(MQTTAsync handle, void *context,
    MQTTAsync_deliveryComplete *dc);

/**
 * Sets the callback for connections that were made, whether the program asked for them or the library
 * made them again.
 *
 * handle: the client. context: passed to the callback. co: the callback, or NULL for none. Its cause is
 * "connect onSuccess called" after the success callback of a connect call, otherwise "automatic
 * reconnect".
 *
 * Returns
 *
 * - 0 (MQTTASYNC_SUCCESS) set
 * - -1 (MQTTASYNC_FAILURE) handle is no client, or the client is just connecting or disconnecting
 */
LIBMQTT_API int MQTTAsync_setConnected(MQTTAsync handle, void *context, MQTTAsync_connected *co);

/**
 * Sets the callback for a DISCONNECT packet of an MQTT 5.0 server. connectionLost is not called for
 * such a disconnect.
 *
 * handle: the client. context: passed to the callback. co: the callback, or NULL for none.
 *
 * Returns
 *
 * - 0 (MQTTASYNC_SUCCESS) set
 * - -1 (MQTTASYNC_FAILURE) handle is no client, or the client is just connecting or disconnecting
 */
LIBMQTT_API int MQTTAsync_setDisconnected(MQTTAsync handle, void *context, MQTTAsync_disconnected *co);

/**
 * Sets the callback that may renew user name and password before each automatic reconnect.
 *
 * handle: the client. context: passed to the callback. co: the callback, or NULL for none. What it puts
 * in the place of user name or password comes from MQTTAsync_malloc() and belongs to the library from
 * then on, if the callback returns non-zero; what stood there is the library's in any case.
 *
 * Returns
 *
 * - 0 (MQTTASYNC_SUCCESS) set
 * - -1 (MQTTASYNC_FAILURE) handle is no client
 */
LIBMQTT_API int MQTTAsync_setUpdateConnectOptions(MQTTAsync handle, void *context,
    MQTTAsync_updateConnectOptions *co);

#if !defined(NO_PERSISTENCE)
/**
 * Sets the function that may change the bytes of a record before it is stored, for example to encrypt
 * them.
 *
 * handle: the client. context: passed to the function. co: the function, or NULL for none.
 *
 * Returns
 *
 * - 0 (MQTTASYNC_SUCCESS) set
 * - -1 (MQTTASYNC_FAILURE) handle is no client
 */
LIBMQTT_API int MQTTAsync_setBeforePersistenceWrite(MQTTAsync handle, void *context,
    MQTTPersistence_beforeWrite *co);
#endif

#if !defined(NO_PERSISTENCE)
/**
 * Sets the function that undoes, when a record has been fetched, what the function of
 * MQTTAsync_setBeforePersistenceWrite() did. Records that could not be understood when the client was
 * created are fetched again, through this function: so set it before anything else.
 *
 * handle: the client. context: passed to the function. co: the function, or NULL for none.
 *
 * Returns
 *
 * - 0 (MQTTASYNC_SUCCESS) set
 * - -1 (MQTTASYNC_FAILURE) handle is no client
 */
LIBMQTT_API int MQTTAsync_setAfterPersistenceRead(MQTTAsync handle, void *context,
    MQTTPersistence_afterRead *co);
#endif

/**
 * Asks for a connection to the server. The result is told by onSuccess or onFailure of the options, on
 * MQTT 5.0 by onSuccess5 or onFailure5: one of them is called, once.
 *
 * handle: the client.
 * options: what kind of connection; begin with MQTTAsync_connectOptions_initializer, for MQTT 5.0 with
 * MQTTAsync_connectOptions_initializer5. Only the fields that options->struct_version has are read. For
 * MQTT 5.0 the client must have been created with MQTTVersion 5.
 *
 * With options->serverURIs the servers are tried in order, otherwise the one given at create; each
 * attempt may take connectTimeout seconds, any time if that is negative. MQTTVERSION_DEFAULT asks for
 * MQTT 3.1.1, and for 3.1 where a server does not take that. With automaticReconnect a connection that is
 * lost is made again, with these options and growing pauses between minRetryInterval and
 * maxRetryInterval seconds, until MQTTAsync_disconnect(); so it is when the first connect fails, after
 * onFailure has said so. Such connections are told by the callback of MQTTAsync_setConnected() alone.
 *
 * While a connect is under way, a second one takes its place: the first fails with -11, the attempt goes
 * on with the options of the first. An attempt that automatic reconnect makes ends instead, and this one
 * begins with its own options. On a client that is connected the request fails with -18
 * (MQTTASYNC_COMMAND_IGNORED); while a disconnect is being carried out it waits for its end.
 *
 * In the result of a success serverURI is the server used: without its scheme if it is the one given at
 * create, otherwise as it stands in serverURIs. In the result of a failure code is one of those below,
 * -11 (MQTTASYNC_OPERATION_INCOMPLETE) when the request was given up by a disconnect or destroy, or
 * what the server answered; MQTT 5.0 has that in reasonCode, and -1 in code.
 *
 * All texts and properties are copied; nothing in the options has to live on.
 *
 * Returns, the first that applies
 *
 * - -6 (MQTTASYNC_NULL_PARAMETER) options is NULL
 * - -8 (MQTTASYNC_BAD_STRUCTURE) options has a wrong struct_id or struct_version
 * - -1 (MQTTASYNC_FAILURE) handle is no client
 * - -8, -9 (MQTTASYNC_BAD_QOS), -6, -17 (MQTTASYNC_0_LEN_WILL_TOPIC), -5 (MQTTASYNC_BAD_UTF8_STRING)
 *   the will: wrong structure, QoS not 0, 1 or 2, topic NULL, empty, or not UTF-8 or longer than 65535
 *   bytes; -1 its payload is longer than that
 * - -8 ssl has a wrong struct_id or struct_version
 * - -16 (MQTTASYNC_WRONG_MQTT_VERSION) MQTTVersion is not one of the MQTTVERSION_ values; or it is 5 on
 *   a client that was created for, or last connected with, another version
 * - -5 user name or password is not UTF-8 or longer than 65535 bytes
 * - -8 MQTT 5.0 with a struct_version below 6
 * - -15 (MQTTASYNC_BAD_MQTT_OPTION) cleansession is set with MQTT 5.0; cleanstart, onSuccess5,
 *   onFailure5, connectProperties or willProperties are set with an earlier version
 * - -13 (MQTTASYNC_SSL_NOT_SUPPORTED) ssl is given, and this library has no TLS
 * - -1 the binary password is too long, or the properties cannot be sent; -6 serverURIs or an entry of
 *   it is NULL
 * - 0 (MQTTASYNC_SUCCESS) accepted
 *
 * If the result is not 0, none of the callbacks is called and nothing has changed. May be called in any
 * callback.
 */
LIBMQTT_API int MQTTAsync_connect(MQTTAsync handle, const MQTTAsync_connectOptions *options);

/**
 * Connects again with the options of the last connect. While automatic reconnect is at work, the next
 * attempt is made at once instead of after its pause.
 *
 * handle: the client. The callbacks of the last connect are not called again: success is told by the
 * callback of MQTTAsync_setConnected(), failure not at all.
 *
 * Returns
 *
 * - 0 (MQTTASYNC_SUCCESS) accepted; on a client that is connected nothing happens
 * - -1 (MQTTASYNC_FAILURE) handle is no client; it has never been connected; or automatic reconnect is
 *   on and the program has disconnected
 *
 * May be called in any callback.
 */
LIBMQTT_API int MQTTAsync_reconnect(MQTTAsync handle);

/**
 * Asks for the end of the connection, behind all requests made before it, and ends automatic reconnect
 * and any connect under way. The result is told by onSuccess or onFailure of the options, on MQTT 5.0
 * by onSuccess5 or onFailure5. connectionLost is not called.
 *
 * handle: the client.
 * options: begin with MQTTAsync_disconnectOptions_initializer, for MQTT 5.0 with
 * MQTTAsync_disconnectOptions_initializer5; NULL means a timeout of 0 and no callbacks. timeout: for how
 * many milliseconds from now to wait until the messages in flight are complete; 0 or less: not at all.
 * reasonCode and properties are sent to a server of MQTT 5.0; a reason other than
 * MQTTREASONCODE_NORMAL_DISCONNECTION makes it publish the will.
 *
 * When a session ends with the connection, as with cleansession, requests that are not complete fail
 * with -11 (MQTTASYNC_OPERATION_INCOMPLETE). Requests not sent yet wait for the next connection.
 *
 * Returns, the first that applies
 *
 * - -8 (MQTTASYNC_BAD_STRUCTURE) options has a wrong struct_id or struct_version
 * - -1 (MQTTASYNC_FAILURE) handle is no client, or the properties cannot be sent
 * - -3 (MQTTASYNC_DISCONNECTED) not connected; the client does not try to be any more, either
 * - 0 (MQTTASYNC_SUCCESS) accepted
 *
 * If the result is not 0, none of the callbacks is called. May be called in any callback.
 */
LIBMQTT_API int MQTTAsync_disconnect(MQTTAsync handle, const MQTTAsync_disconnectOptions *options);

/**
 * Whether a client is connected.
 *
 * Returns 1 (MQTTASYNC_TRUE) from a successful connect until the connection ends or its loss is
 * noticed, otherwise 0; 0 also if handle is no client. It is 1 while a disconnect waits for its time
 * limit, and 0 in connectionLost. Does not wait.
 */
LIBMQTT_API int MQTTAsync_isConnected(MQTTAsync handle);

/**
 * Asks for a subscription to one topic filter.
 *
 * handle: the client. topic: the filter, UTF-8, at most 65535 bytes. qos: the highest QoS messages may
 * be delivered with, 0, 1 or 2; a message comes with this or its own QoS, whichever is lower.
 * response: whom to tell the result, on MQTT 5.0 also subscribeOptions and properties; NULL for none.
 * The token is written to it before the request can be complete. It stays the program's and need not
 * live on.
 *
 * onSuccess gets the granted QoS, onFailure code 128 (MQTT_BAD_SUBSCRIBE) if the server refuses. On
 * MQTT 5.0 onSuccess5 gets the server's reason code, 0, 1 or 2, and its properties, onFailure5 a reason
 * code of 128 and above. Code -11 (MQTTASYNC_OPERATION_INCOMPLETE): the connection ended before the
 * answer came.
 *
 * Returns, the first that applies
 *
 * - -1 (MQTTASYNC_FAILURE) handle is no client
 * - -3 (MQTTASYNC_DISCONNECTED) not connected
 * - -5 (MQTTASYNC_BAD_UTF8_STRING) topic is NULL, not UTF-8 or too long
 * - -9 (MQTTASYNC_BAD_QOS) qos is not 0, 1 or 2
 * - -10 (MQTTASYNC_NO_MORE_MSGIDS) all 65535 packet identifiers are in use
 * - -15 (MQTTASYNC_BAD_MQTT_OPTION) response has callbacks for another MQTT version than the client's,
 *   or, with MQTT 5.0, struct_version 0
 * - -1 the properties cannot be sent
 * - 0 (MQTTASYNC_SUCCESS) accepted
 *
 * If the result is not 0, none of the callbacks is called, and response->token is left alone. May be
 * called in any callback.
 */
LIBMQTT_API int MQTTAsync_subscribe(MQTTAsync handle, const char *topic, int qos,
    MQTTAsync_responseOptions *response);

/**
 * Asks for subscriptions to several topic filters at once.
 *
 * count: how many. topic: the filters. qos: the highest QoS for each. response: as for
 * MQTTAsync_subscribe(); on MQTT 5.0 subscribeOptionsList has count options if subscribeOptionsCount is
 * count, and none are set if that is 0.
 *
 * onSuccess gets qosList, the granted QoS of each filter, with 128 (MQTT_BAD_SUBSCRIBE) where the
 * server refused; onSuccess5 gets the server's reason codes. onFailure and onFailure5 are called if the
 * server refuses a single filter, and for code -11 (MQTTASYNC_OPERATION_INCOMPLETE).
 *
 * Returns as MQTTAsync_subscribe(), where the first filter with a fault decides, and
 *
 * - -1 (MQTTASYNC_FAILURE) count is not positive
 * - -6 (MQTTASYNC_NULL_PARAMETER) topic or qos is NULL, or subscribeOptionsList is and should not be
 * - -15 (MQTTASYNC_BAD_MQTT_OPTION) with MQTT 5.0, subscribeOptionsCount is neither 0 nor count
 */
LIBMQTT_API int MQTTAsync_subscribeMany(MQTTAsync handle, int count, char *const *topic, const int *qos,
    MQTTAsync_responseOptions *response);

/**
 * Asks for the removal of a subscription.
 *
 * handle: the client. topic: the filter as it was subscribed to. response: whom to tell the result, on
 * MQTT 5.0 also properties; NULL for none. The token is written to it before the request can be
 * complete. It stays the program's and need not live on.
 *
 * onSuccess and onSuccess5 are called when the server has answered, whatever it answered; onSuccess5
 * gets its reason code and properties. Code -11 (MQTTASYNC_OPERATION_INCOMPLETE): the connection ended
 * before the answer came.
 *
 * Returns, the first that applies
 *
 * - -1 (MQTTASYNC_FAILURE) handle is no client
 * - -3 (MQTTASYNC_DISCONNECTED) not connected
 * - -5 (MQTTASYNC_BAD_UTF8_STRING) topic is NULL, not UTF-8 or longer than 65535 bytes
 * - -10 (MQTTASYNC_NO_MORE_MSGIDS) all 65535 packet identifiers are in use
 * - -15 (MQTTASYNC_BAD_MQTT_OPTION) response has callbacks for another MQTT version than the client's,
 *   or, with MQTT 5.0, struct_version 0
 * - -1 the properties cannot be sent
 * - 0 (MQTTASYNC_SUCCESS) accepted
 *
 * If the result is not 0, none of the callbacks is called, and response->token is left alone. May be
 * called in any callback.
 */
LIBMQTT_API int MQTTAsync_unsubscribe(MQTTAsync handle, const char *topic,
    MQTTAsync_responseOptions *response);

/**
 * Asks for the removal of several subscriptions at once.
 *
 * count: how many. topic: the filters as they were subscribed to. response: as for
 * MQTTAsync_unsubscribe(); onSuccess5 gets the reason codes of all.
 *
 * Returns as MQTTAsync_unsubscribe(), where the first filter with a fault decides, and
 *
 * - -1 (MQTTASYNC_FAILURE) count is not positive
 * - -6 (MQTTASYNC_NULL_PARAMETER) topic is NULL
 */
LIBMQTT_API int MQTTAsync_unsubscribeMany(MQTTAsync handle, int count, char *const *topic,
    MQTTAsync_responseOptions *response);

/**
 * Sends a message. The call does not wait for the network.
 *
 * handle: the client. destinationName: the topic, UTF-8, at most 65535 bytes. payloadlen, payload: the
 * message, any bytes.
 * qos: 0 at most once, 1 at least once, 2 exactly once. retained: non-zero if the server is to keep the
 * message for later subscribers.
 * response: whom to tell the result, on MQTT 5.0 also properties; NULL for none. The token is written
 * to it before the request can be complete: the packet identifier, or 0 with QoS 0. Topic, payload and
 * response stay the program's and need not live on.
 *
 * Messages go out in the order of the calls. onSuccess and onSuccess5 are called, with QoS 0 when the
 * message has been given to the network, with QoS 1 and 2 when the server has confirmed it. Code -11
 * (MQTTASYNC_OPERATION_INCOMPLETE) in a failure: the session or the client ended before; -12
 * (MQTTASYNC_MAX_BUFFERED_MESSAGES): a newer message took its place, see deleteOldestMessages. On
 * MQTT 5.0 code 0 and a reasonCode of 128 and above: the server refused the message.
 *
 * A client created with sendWhileDisconnected also takes messages while it is not connected, between
 * MQTTAsync_connect() and MQTTAsync_disconnect(), or with allowDisconnectedSendAtAnyTime at any time.
 * They are sent after the next connect.
 *
 * Returns, the first that applies
 *
 * - -1 (MQTTASYNC_FAILURE) handle is no client
 * - -3 (MQTTASYNC_DISCONNECTED) not connected, and the message may not wait until it is
 * - -5 (MQTTASYNC_BAD_UTF8_STRING) destinationName is NULL, not UTF-8 or too long
 * - -9 (MQTTASYNC_BAD_QOS) qos is not 0, 1 or 2
 * - -6 (MQTTASYNC_NULL_PARAMETER) payloadlen is negative, or positive while payload is NULL
 * - -10 (MQTTASYNC_NO_MORE_MSGIDS) all 65535 packet identifiers are in use
 * - -12 (MQTTASYNC_MAX_BUFFERED_MESSAGES) as many messages wait to be sent as the create options allow,
 *   connected or not
 * - -15 (MQTTASYNC_BAD_MQTT_OPTION) response has callbacks for another MQTT version than the client's,
 *   or, with MQTT 5.0, struct_version 0
 * - -99 memory is short
 * - -1 the packet would be longer than 268435455 bytes, or the properties cannot be sent
 * - 0 (MQTTASYNC_SUCCESS) accepted
 *
 * If the result is not 0, none of the callbacks is called, and response->token is left alone. May be
 * called in any callback and from several threads at once.
 */
LIBMQTT_API int MQTTAsync_send(MQTTAsync handle, const char *destinationName, int payloadlen,
    const void *payload, int qos, int retained, MQTTAsync_responseOptions *response);

/**
 * Sends a message given as a structure.
 *
 * msg: the message; begin with MQTTAsync_message_initializer. Its dup and msgid are not used. On
 * MQTT 5.0 its properties are those of the message, in place of those in response. It stays the
 * program's. All else is as for MQTTAsync_send().
 *
 * Returns as MQTTAsync_send(), and before anything else is looked at
 *
 * - -6 (MQTTASYNC_NULL_PARAMETER) msg is NULL
 * - -8 (MQTTASYNC_BAD_STRUCTURE) msg has a wrong struct_id or struct_version
 */
LIBMQTT_API int MQTTAsync_sendMessage(MQTTAsync handle, const char *destinationName,
    const MQTTAsync_message *msg, MQTTAsync_responseOptions *response);

/**
 * The tokens of all messages that are not complete: first those not sent yet in the order they will be,
 * among them 0 for each message of QoS 0, then those of QoS 1 and 2 that the server has not confirmed.
 *
 * handle: the client; it need not be connected. tokens: where the array goes; it ends with -1 and is to
 * be released with MQTTAsync_free(). *tokens becomes NULL if there are none, and if the result is -1.
 *
 * Returns
 *
 * - 0 (MQTTASYNC_SUCCESS) done
 * - -1 (MQTTASYNC_FAILURE) handle is no client
 * - -6 (MQTTASYNC_NULL_PARAMETER) tokens is NULL
 * - -99 memory is short
 */
LIBMQTT_API int MQTTAsync_getPendingTokens(MQTTAsync handle, MQTTAsync_token **tokens);

/**
 * Whether a request is complete.
 *
 * handle: the client; it need not be connected. token: that of the request.
 *
 * Returns
 *
 * - 1 (MQTTASYNC_TRUE) complete; also for a subscribe or unsubscribe that has been sent, and for a
 *   token that was never given
 * - 0 it waits to be sent, or is a message of QoS 1 or 2 that the server has not confirmed
 * - -1 (MQTTASYNC_FAILURE) handle is no client
 */
LIBMQTT_API int MQTTAsync_isComplete(MQTTAsync handle, MQTTAsync_token token);

/**
 * Waits until a request is complete, in the sense of MQTTAsync_isComplete().
 *
 * handle: the client. token: that of the request. timeout: milliseconds to wait at most.
 *
 * Returns
 *
 * - 0 (MQTTASYNC_SUCCESS) complete
 * - -1 (MQTTASYNC_FAILURE) handle is no client, or the time was over first
 * - -3 (MQTTASYNC_DISCONNECTED) not connected, or not any more
 *
 * In a callback only what is complete already will be found to be.
 */
LIBMQTT_API int MQTTAsync_waitForCompletion(MQTTAsync handle, MQTTAsync_token token, unsigned long timeout);

/**
 * The text for a return code, for messages to people.
 *
 * Returns a text that is never NULL and never to be freed. For a code without an own text it is
 * "Unknown error code" and the number; that text is valid until the next call in the same thread.
 */
LIBMQTT_API const char *MQTTAsync_strerror(int code);

/**
 * What this library is: names and values, the first three being "Product name", "Version" and "Build
 * level"; in the libraries with TLS five more tell which OpenSSL is in use. May be called at any time,
 * also before a client is created.
 *
 * Returns an array that ends with a pair of NULLs. It is constant and never to be freed.
 */
LIBMQTT_API MQTTAsync_nameValue *MQTTAsync_getVersionInfo(void);

/**
 * Allocates memory that the library or the program frees later, such as what the callback of
 * MQTTAsync_setUpdateConnectOptions() hands over. The same as malloc() of the C library.
 *
 * Returns the memory, to be released with MQTTAsync_free() or free(), or NULL if memory is short.
 */
LIBMQTT_API void *MQTTAsync_malloc(size_t size);

/**
 * Frees memory that the library handed out: topic names and token arrays. The same as free() of the C
 * library; NULL is allowed.
 */
LIBMQTT_API void MQTTAsync_free(void *ptr);

/**
 * Frees a message received, with its payload and its properties, and sets *msg to NULL. The topic name
 * is freed separately, with MQTTAsync_free(). Nothing happens if msg or *msg is NULL.
 */
LIBMQTT_API void MQTTAsync_freeMessage(MQTTAsync_message **msg);

/**
 * Sets how much is written to the trace, for the whole process: lines of this level and above.
 *
 * level: from MQTTASYNC_TRACE_MAXIMUM, which is everything, to MQTTASYNC_TRACE_FATAL. Until set it is
 * MQTTASYNC_TRACE_MINIMUM, or what the environment variable MQTT_C_CLIENT_TRACE_LEVEL says.
 */
LIBMQTT_API void MQTTAsync_setTraceLevel(enum MQTTASYNC_TRACE_LEVELS level);

/**
 * Sets the function that gets each line of the trace, for the whole process.
 *
 * callback: the function, or NULL for none. It is called on whichever thread produced the line or on
 * one that comes after it, never twice at once. The text is valid during the call only.
 */
LIBMQTT_API void MQTTAsync_setTraceCallback(MQTTAsync_traceCallback *callback);

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
