/**
 * @file
 * The asynchronous MQTT client: a call makes a request and returns at once, and callbacks report the result.
 *
 * This API suits programs that must not block. It can buffer messages while offline and reconnect automatically. For
 * programs that do one thing after the other, MQTTClient.h is simpler. Both support MQTT 3.1, 3.1.1 and 5.0; here, the
 * version is chosen when the client is created, and callbacks whose names end in 5 are for MQTT 5.0. A handle belongs
 * to the API that created it.
 *
 * A complete program, linked with -lpaho-mqtt3a:
 *
 * @code{.c}
 * #include <stdio.h>
 * #include "MQTTAsync.h"
 *
 * static void connected(void *context, char *cause)
 * {
 *     (void)cause;
 *     MQTTAsync_subscribe(context, "example/#", 1, NULL);
 *     MQTTAsync_send(context, "example/greeting", 5, "Hello", 1, 0, NULL);
 * }
 *
 * static int arrived(void *context, char *topic, int length, MQTTAsync_message *message)
 * {
 *     (void)context; (void)length;
 *     printf("%s: %.*s\n", topic, message->payloadlen, (char *)message->payload);
 *     fflush(stdout);
 *     MQTTAsync_freeMessage(&message);
 *     MQTTAsync_free(topic);
 *     return 1;
 * }
 *
 * int main(void)
 * {
 *     MQTTAsync client;
 *     MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
 *     int rc = MQTTAsync_create(&client, "tcp://localhost:1883", "example", MQTTCLIENT_PERSISTENCE_NONE, NULL);
 *     if (rc != 0) return rc;
 *     MQTTAsync_setCallbacks(client, client, NULL, arrived, NULL);
 *     MQTTAsync_setConnected(client, client, connected);
 *     options.automaticReconnect = 1;
 *     rc = MQTTAsync_connect(client, &options);
 *     if (rc == 0) getchar();
 *     MQTTAsync_destroy(&client);
 *     return rc;
 * }
 * @endcode
 *
 * Threads
 *
 * Threads of the library do all network work for all clients; they are started as needed and end with the last
 * client. All functions may be called on any thread, several on the same client at a time. Only
 * MQTTAsync_waitForCompletion() and MQTTAsync_destroy() wait: the first for the network, the second for callbacks.
 *
 * Callbacks
 *
 * Each request with a callback gets exactly one result. Callbacks run on threads of the library, one at a time for all
 * clients of the process. No lock is held: a callback may call every function, and the library continues to receive
 * and acknowledge while it runs. Other callbacks wait for it, so a callback should not wait for another one. With
 * PAHO_C_RS_CALLBACK_LANES=client in the environment, callbacks of different clients may run at the same time. A
 * callback must return: leaving it with pthread_exit() or an exception ends the process. Functions of an application's
 * store are called with the client locked and must not call the API.
 *
 * Memory
 *
 * The library copies its arguments; they may be freed once the call returns. The exception is the structure of an
 * application's store (MQTTClientPersistence.h). What callbacks are given is valid during the call only, except the
 * topic and message passed to messageArrived, which belong to the application if it returns non-zero: free them with
 * MQTTAsync_free() and MQTTAsync_freeMessage(). Arrays of tokens are freed with MQTTAsync_free(). All of it comes from
 * malloc(). Strings returned as const char* must not be freed.
 *
 * Server URIs
 *
 *     tcp://host:port        port 1883 if omitted; also mqtt://host:port, or host:port alone
 *     ssl://host:port        TLS, port 8883 if omitted; also tls:// and mqtts://
 *     ws://host:port/path    WebSocket, port 80 and path /mqtt if omitted
 *     wss://host:port/path   WebSocket over TLS, port 443 and path /mqtt if omitted
 *     unix:///path/of/socket Unix domain socket
 *
 * Schemes are lower-case. An IPv6 address is written in square brackets, as in tcp://[::1]:1883. White space around
 * the URI is ignored. TLS needs a library with TLS (libpaho-mqtt3as) and the ssl member of the connect options; its
 * defaults do not check the server's name: set verify to 1 for that.
 *
 * Topics and wildcards
 *
 * A topic consists of levels separated by slashes: "house/kitchen/temperature". Topic filters, for subscribing, may
 * contain wildcards: "+" matches exactly one level ("house/+/temperature"), "#" at the end matches any number of
 * levels, including none ("house/#" matches "house" as well). Neither matches topics that begin with "$".
 * A message that matches several subscriptions may be delivered more than once.
 *
 * Other
 *
 * MQTT_C_CLIENT_TRACE=stdout in the environment shows what the library does; see also MQTTAsync_setTraceCallback().
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

/** MQTTVersion: MQTT 3.1.1, then MQTT 3.1 if that attempt fails for any reason. */
#define MQTTVERSION_DEFAULT 0

/** MQTTVersion: MQTT 3.1 only. */
#define MQTTVERSION_3_1 3

/** MQTTVersion: MQTT 3.1.1 only. */
#define MQTTVERSION_3_1_1 4

/** MQTTVersion: MQTT 5.0 only. */
#define MQTTVERSION_5 5

/** Returned in place of a granted QoS: the server rejected this subscription. */
#define MQTT_BAD_SUBSCRIBE 128

/** sslVersion: the system's default minimum. */
#define MQTT_SSL_VERSION_DEFAULT 0

/** sslVersion: TLS 1.0 or later. */
#define MQTT_SSL_VERSION_TLS_1_0 1

/** sslVersion: TLS 1.1 or later. */
#define MQTT_SSL_VERSION_TLS_1_1 2

/** sslVersion: TLS 1.2 or later. */
#define MQTT_SSL_VERSION_TLS_1_2 3

/**
 * Return code: the call succeeded. For a request: it was accepted, and its callbacks report the
 * result.
 */
#define MQTTASYNC_SUCCESS 0

/** Return code: the call failed, for a reason that has no code of its own. */
#define MQTTASYNC_FAILURE -1

/** Return code: the persistent store cannot be used, or refused to store the request. */
#define MQTTASYNC_PERSISTENCE_ERROR -2

/** Return code: the client is not connected. */
#define MQTTASYNC_DISCONNECTED -3

/** Not returned by any function of this library; MQTTASYNC_NO_MORE_MSGIDS is. */
#define MQTTASYNC_MAX_MESSAGES_INFLIGHT -4

/** Return code: a string is not valid UTF-8, or is longer than 65535 bytes. */
#define MQTTASYNC_BAD_UTF8_STRING -5

/** Return code: a required argument is NULL, or TLS options are missing for a TLS server. */
#define MQTTASYNC_NULL_PARAMETER -6

/** Not returned by any function of this library; messageArrived is given the length of the topic. */
#define MQTTASYNC_TOPICNAME_TRUNCATED -7

/** Return code: a structure has an invalid struct_id or an unsupported struct_version. */
#define MQTTASYNC_BAD_STRUCTURE -8

/** Return code: a QoS is not 0, 1 or 2. */
#define MQTTASYNC_BAD_QOS -9

/** Return code: all 65535 packet identifiers are in use. */
#define MQTTASYNC_NO_MORE_MSGIDS -10

/**
 * Failure code, passed to onFailure and onFailure5 only: the request was abandoned because the
 * session, the connection or the client ended.
 */
#define MQTTASYNC_OPERATION_INCOMPLETE -11

/**
 * Return code: maxBufferedMessages messages are already waiting to be sent. Also a failure code: the
 * message was discarded in favour of a newer one, see deleteOldestMessages.
 */
#define MQTTASYNC_MAX_BUFFERED_MESSAGES -12

/** Return code: TLS options were given, but the library was built without TLS. */
#define MQTTASYNC_SSL_NOT_SUPPORTED -13

/**
 * Return code: the scheme of the server URI is unknown, or needs TLS and the library was built without
 * it.
 */
#define MQTTASYNC_BAD_PROTOCOL -14

/** Return code: an option or a callback does not exist in the client's MQTT version. */
#define MQTTASYNC_BAD_MQTT_OPTION -15

/** Return code: MQTTVersion is invalid, or is 5.0 for a client that was not created for it. */
#define MQTTASYNC_WRONG_MQTT_VERSION -16

/** Return code: the topic of the will message is empty. */
#define MQTTASYNC_0_LEN_WILL_TOPIC -17

/**
 * Failure code, passed to onFailure and onFailure5 only: MQTTAsync_connect() was called on a connected
 * client.
 */
#define MQTTASYNC_COMMAND_IGNORED -18

/** Return code: maxBufferedMessages is not positive. */
#define MQTTASYNC_MAX_BUFFERED -19

/** Returned by MQTTAsync_isConnected() and MQTTAsync_isComplete() for "yes". */
#define MQTTASYNC_TRUE 1

/** Options for MQTTAsync_global_init(). Initialize with MQTTAsync_init_options_initializer. */
typedef struct {
  /** Always "MQTG" (not zero-terminated). */
  char struct_id[4];
  /** Version of this structure: 0. */
  int struct_version;
  /** Ignored: OpenSSL initializes itself. */
  int do_openssl_init;
} MQTTAsync_init_options;

/**
 * A client handle: set by MQTTAsync_create(), passed to all other functions, released with
 * MQTTAsync_destroy(). It is opaque; do not dereference it.
 */
typedef void *MQTTAsync;

/**
 * Options for MQTTAsync_createWithOptions(). Initialize with MQTTAsync_createOptions_initializer, for
 * MQTT 5.0 with MQTTAsync_createOptions_initializer5.
 */
typedef struct {
  /** Always "MQCO" (not zero-terminated). */
  char struct_id[4];
  /**
   * Version of this structure: 0 to 3. 1 added MQTTVersion; 2 allowDisconnectedSendAtAnyTime,
   * deleteOldestMessages, restoreMessages and, since the initializers set version 2, persistQoS0.
   */
  int struct_version;
  /** Non-zero: messages may be sent while the client is not connected; they are buffered until it is. */
  int sendWhileDisconnected;
  /** Maximum number of messages waiting to be sent; must be positive. */
  int maxBufferedMessages;
  /**
   * MQTT version of the client: one of the MQTTVERSION_ values. MQTTVERSION_5 must be set here to be
   * used; the others can be chosen with each connect.
   */
  int MQTTVersion;
  /**
   * Non-zero: messages may be sent even before the first connect and after a disconnect. Needs
   * sendWhileDisconnected.
   */
  int allowDisconnectedSendAtAnyTime;
  /**
   * When the buffer is full: non-zero discards the oldest message in favour of the new one, 0
   * rejects the new one.
   */
  int deleteOldestMessages;
  /** Non-zero: buffered messages found in the persistent store are sent. 0: they are deleted. */
  int restoreMessages;
  /** Non-zero: buffered messages with QoS 0 are stored as well. */
  int persistQoS0;
} MQTTAsync_createOptions;

/**
 * Called when the connection is lost. Not called for MQTTAsync_disconnect().
 *
 * @param context as passed with the callback
 * @param cause always NULL
 * @note Runs on a thread of the library. It may call any function.
 */
typedef void MQTTAsync_connectionLost(void *context, char *cause);

/** A message to publish, or one that was received. Initialize with MQTTAsync_message_initializer. */
typedef struct {
  /** Always "MQTM" (not zero-terminated). */
  char struct_id[4];
  /** Version of this structure: 0 or 1. Version 0 has no properties. */
  int struct_version;
  /** Length of the payload in bytes. */
  int payloadlen;
  /** The payload. In received messages it is never NULL, and an uncounted zero byte follows it. */
  void *payload;
  /** Quality of service: 0 at most once, 1 at least once, 2 exactly once. */
  int qos;
  /**
   * Publishing: non-zero asks the server to retain the message for future subscribers. Receiving: 1
   * if this is a retained message.
   */
  int retained;
  /** Received messages only: 1 if this may be a redelivery. */
  int dup;
  /** Received messages only: the packet identifier; 0 for QoS 0. */
  int msgid;
  /** MQTT 5.0: the properties of the message. */
  MQTTProperties properties;
} MQTTAsync_message;

/**
 * Called when a message has been received.
 *
 * @param context as passed with the callback
 * @param topicName the topic, zero-terminated
 * @param topicLen length of the topic; 0 when a refused message is delivered again, unless the topic
 *   contains zero bytes
 * @param message the message
 * @return
 * - non-zero: the message is accepted. topicName and message now belong to the application, which
 *   frees them with MQTTAsync_free() and MQTTAsync_freeMessage(), now or later
 * - 0: the message is refused. Do not free anything; the same message is delivered again later, before
 *   any other
 *
 * @note Runs on a thread of the library. It may call any function.
 */
typedef int MQTTAsync_messageArrived(void *context, char *topicName, int topicLen,
    MQTTAsync_message *message);

/** Identifies a request from the call that makes it until its result is known: 1 to 65535. */
typedef int MQTTAsync_token;

/**
 * Called when the delivery of a message with QoS 1 or 2 is complete.
 *
 * @param context as passed with the callback
 * @param token the token of the message
 * @note Runs on a thread of the library. It may call any function.
 */
typedef void MQTTAsync_deliveryComplete(void *context, MQTTAsync_token token);

/**
 * Called after every successful connect, including automatic reconnects.
 *
 * @param context as passed to MQTTAsync_setConnected()
 * @param cause why the client connected, as text; valid during the call only
 * @note Runs on a thread of the library. It may call any function, for example MQTTAsync_subscribe().
 */
typedef void MQTTAsync_connected(void *context, char *cause);

/**
 * Called when an MQTT 5.0 server has closed the connection with a DISCONNECT packet.
 *
 * @param context as passed to MQTTAsync_setDisconnected()
 * @param properties properties of the packet; valid during the call only
 * @param reasonCode reason code of the packet
 * @note Runs on a thread of the library. It may call any function.
 */
typedef void MQTTAsync_disconnected(void *context, MQTTProperties *properties,
    enum MQTTReasonCodes reasonCode);

/** The credentials for an automatic reconnect. */
typedef struct {
  /** Always "MQCD" (not zero-terminated). */
  char struct_id[4];
  /** Version of this structure: 0. */
  int struct_version;
  /**
   * User name; NULL for none. A new value must be allocated with MQTTAsync_malloc(); the library
   * frees both the old and the new value.
   */
  const char *username;
  /**
   * Password. A new value must be allocated with MQTTAsync_malloc(); the library frees both the old
   * and the new value.
   */
  struct {
    /** Length in bytes. */
    int len;
    /** The data; NULL for none. */
    const void *data;
  } binarypwd;
} MQTTAsync_connectData;

/**
 * Called before every automatic reconnect, to update the user name and password.
 *
 * @param context as passed to MQTTAsync_setUpdateConnectOptions()
 * @param data the current values; replace those that are to change
 * @return
 * - non-zero: the values in data are used for this and later reconnects
 * - 0: data is ignored
 *
 * @note Runs on a thread of the library. It may call any function.
 */
typedef int MQTTAsync_updateConnectOptions(void *context, MQTTAsync_connectData *data);

/**
 * The will message, which the server publishes if the connection ends without a normal disconnect.
 * Initialize with MQTTAsync_willOptions_initializer.
 */
typedef struct {
  /** Always "MQTW" (not zero-terminated). */
  char struct_id[4];
  /** Version of this structure: 0 or 1. Version 0 has no payload member. */
  int struct_version;
  /** Topic of the will message. */
  const char *topicName;
  /** Payload as a zero-terminated string; used if payload.data is NULL. NULL for an empty payload. */
  const char *message;
  /** Non-zero: the server retains the message for future subscribers. */
  int retained;
  /** QoS of the message: 0, 1 or 2. */
  int qos;
  /** Payload as binary data; takes precedence over message. */
  struct {
    /** Length in bytes, at most 65535. */
    int len;
    /** The data; NULL to use message. */
    const void *data;
  } payload;
} MQTTAsync_willOptions;

/** TLS options. Initialize with MQTTAsync_SSLOptions_initializer. */
typedef struct {
  /** Always "MQTS" (not zero-terminated). */
  char struct_id[4];
  /**
   * Version of this structure: 0 to 5. 1 added sslVersion; 2 verify and CApath; 3 ssl_error_cb and
   * ssl_error_context; 4 ssl_psk_cb, ssl_psk_context and disableDefaultTrustStore; 5 protos and
   * protos_len.
   */
  int struct_version;
  /**
   * PEM file with trusted CA certificates; NULL for none. Here, in keyStore and in privateKey the
   * PEM text itself may be given in place of a file name. keyStore and privateKey may also be pkcs11
   * URIs if OpenSSL has a provider for them; privateKeyPassword is then the PIN.
   */
  const char *trustStore;
  /** PEM file with the client's certificate chain; NULL for none. */
  const char *keyStore;
  /** PEM file with the client's private key; NULL if it is in keyStore. Not used without keyStore. */
  const char *privateKey;
  /** Password of the private key; NULL for none. The library never prompts for it. */
  const char *privateKeyPassword;
  /** Cipher list for TLS 1.2 and earlier, in OpenSSL's format; NULL for OpenSSL's default. */
  const char *enabledCipherSuites;
  /** Non-zero: the server's certificate must be valid. 0: an invalid one is accepted and logged. */
  int enableServerCertAuth;
  /**
   * Lowest TLS version to use: one of the MQTT_SSL_VERSION_ values. Other values mean
   * MQTT_SSL_VERSION_DEFAULT.
   */
  int sslVersion;
  /**
   * Non-zero: the server's certificate must match the host name or address connected to. 0: a
   * mismatch is accepted and logged. If the environment variable PAHO_C_RS_TLS_VERIFY is "required",
   * this and enableServerCertAuth are in effect for every connection of the process.
   */
  int verify;
  /** Directory with trusted CA certificates under OpenSSL's hashed names; NULL for none. */
  const char *CApath;
  /**
   * Called on the connecting thread once for each line of a TLS error, or NULL. str is
   * zero-terminated and ends with a line feed; len does not count the zero. Return a positive value
   * to get the next line.
   */
  int (*ssl_error_cb)(const char *str, size_t len, void *u);
  /** Passed to ssl_error_cb as u. */
  void *ssl_error_context;
  /**
   * Called for a pre-shared key, or NULL. hint is what the server sent, or NULL. Write the identity
   * as a zero-terminated string to identity and the key to psk, and return the length of the key; 0
   * ends the connection.
   */
  unsigned int (*ssl_psk_cb)(const char *hint, char *identity, unsigned int max_identity_len,
      unsigned char *psk, unsigned int max_psk_len, void *u);
  /** Passed to ssl_psk_cb as u. */
  void *ssl_psk_context;
  /** Non-zero: the CA certificates that the system trusts are not used. */
  int disableDefaultTrustStore;
  /** Protocols to offer with ALPN, each name preceded by its length in one byte; NULL for none. */
  const unsigned char *protos;
  /** Length of protos in bytes. */
  unsigned int protos_len;
} MQTTAsync_SSLOptions;

/** The result of a successful request. Valid during the callback only. */
typedef struct {
  /** Token of the request; 0 if it has none. */
  MQTTAsync_token token;
  /** Details that depend on the kind of request. */
  union {
    /** MQTTAsync_subscribe(): the granted QoS. */
    int qos;
    /**
     * MQTTAsync_subscribeMany(): the granted QoS of each filter. With a single filter qos is set
     * instead.
     */
    int *qosList;
    /** MQTTAsync_send() and MQTTAsync_sendMessage(): the message. */
    struct {
      /** The message. */
      MQTTAsync_message message;
      /** Topic of the message. */
      char *destinationName;
    } pub;
    /** MQTTAsync_connect(): the connection. */
    struct {
      /** Server connected to: without its scheme if it was given at creation, otherwise as in serverURIs. */
      char *serverURI;
      /** MQTT version in use: MQTTVERSION_3_1, MQTTVERSION_3_1_1 or MQTTVERSION_5. */
      int MQTTVersion;
      /** 1 if the server had a session for this client. */
      int sessionPresent;
    } connect;
  } alt;
} MQTTAsync_successData;

/**
 * Called when a request has succeeded. MQTT 5.0 has MQTTAsync_onSuccess5.
 *
 * @param context as passed with the request
 * @param response the result; valid during the call only
 * @note Runs on a thread of the library, possibly before the function that made the request has
 *   returned. It may call any function.
 */
typedef void MQTTAsync_onSuccess(void *context, MQTTAsync_successData *response);

/** The reason why a request failed. Valid during the callback only. */
typedef struct {
  /** Token of the request; 0 if it has none. */
  MQTTAsync_token token;
  /** Negative: a return code of the library. Otherwise the code sent by the server. */
  int code;
  /** The reason as text; may be NULL. Valid until the client is destroyed. */
  const char *message;
} MQTTAsync_failureData;

/**
 * Called when a request has failed. MQTT 5.0 has MQTTAsync_onFailure5.
 *
 * @param context as passed with the request
 * @param response the reason; valid during the call only
 * @note Runs on a thread of the library, possibly before the function that made the request has
 *   returned. It may call any function.
 */
typedef void MQTTAsync_onFailure(void *context, MQTTAsync_failureData *response);

/** The result of a successful request, for MQTT 5.0. Valid during the callback only. */
typedef struct {
  /** Always "MQSD" (not zero-terminated). */
  char struct_id[4];
  /** Version of this structure: 0. */
  int struct_version;
  /** Token of the request; 0 if it has none. */
  MQTTAsync_token token;
  /**
   * Subscribe and unsubscribe: reason code of the server, of the first filter if there are several.
   * Other requests: always 0 (MQTTREASONCODE_SUCCESS).
   */
  enum MQTTReasonCodes reasonCode;
  /** Properties of the server's answer. */
  MQTTProperties properties;
  /** Details that depend on the kind of request. */
  union {
    /** Subscribe: the reason codes. */
    struct {
      /** Number of reason codes: one for each filter. */
      int reasonCodeCount;
      /** The reason codes. */
      enum MQTTReasonCodes *reasonCodes;
    } sub;
    /** MQTTAsync_send() and MQTTAsync_sendMessage(): the message. */
    struct {
      /** The message. */
      MQTTAsync_message message;
      /** Topic of the message. */
      char *destinationName;
    } pub;
    /** MQTTAsync_connect(): the connection. */
    struct {
      /** Server connected to: without its scheme if it was given at creation, otherwise as in serverURIs. */
      char *serverURI;
      /** MQTT version in use: MQTTVERSION_5. */
      int MQTTVersion;
      /** 1 if the server had a session for this client. */
      int sessionPresent;
    } connect;
    /** Unsubscribe: the reason codes. */
    struct {
      /** Number of reason codes: one for each filter. */
      int reasonCodeCount;
      /** The reason codes. */
      enum MQTTReasonCodes *reasonCodes;
    } unsub;
  } alt;
} MQTTAsync_successData5;

/**
 * Called when a request has succeeded, for MQTT 5.0.
 *
 * @param context as passed with the request
 * @param response the result; valid during the call only
 * @note Runs on a thread of the library, possibly before the function that made the request has
 *   returned. It may call any function.
 */
typedef void MQTTAsync_onSuccess5(void *context, MQTTAsync_successData5 *response);

/** The reason why a request failed, for MQTT 5.0. Valid during the callback only. */
typedef struct {
  /** Always "MQFD" (not zero-terminated). */
  char struct_id[4];
  /** Version of this structure: 0. */
  int struct_version;
  /** Token of the request; 0 if it has none. */
  MQTTAsync_token token;
  /** Reason code of the server's answer; 0 if there was none. */
  enum MQTTReasonCodes reasonCode;
  /** Properties of the server's answer. */
  MQTTProperties properties;
  /**
   * Return code of the library; 0 if the server rejected the request, -1 if it refused the
   * connection.
   */
  int code;
  /** The reason as text; may be NULL. Valid until the client is destroyed. */
  const char *message;
  /** Type of the packet that ended the request, for example 4 for PUBACK; 0 if there was none. */
  int packet_type;
} MQTTAsync_failureData5;

/**
 * Called when a request has failed, for MQTT 5.0.
 *
 * @param context as passed with the request
 * @param response the reason; valid during the call only
 * @note Runs on a thread of the library, possibly before the function that made the request has
 *   returned. It may call any function.
 */
typedef void MQTTAsync_onFailure5(void *context, MQTTAsync_failureData5 *response);

/** A name and a value. Lists end with an element in which both are NULL. */
typedef struct {
  /** The name. */
  const char *name;
  /** The value. */
  const char *value;
} MQTTAsync_nameValue;

/**
 * Options for MQTTAsync_connect(). Initialize with MQTTAsync_connectOptions_initializer, for MQTT 5.0
 * with MQTTAsync_connectOptions_initializer5, for WebSockets with the initializers whose names end in
 * _ws.
 */
typedef struct {
  /** Always "MQTC" (not zero-terminated). */
  char struct_id[4];
  /**
   * Version of this structure: 0 to 8. 1 added ssl; 2 serverURIcount and serverURIs; 3 MQTTVersion;
   * 4 automaticReconnect, minRetryInterval and maxRetryInterval; 5 binarypwd; 6 the members from
   * cleanstart to onFailure5; 7 httpHeaders; 8 httpProxy and httpsProxy.
   */
  int struct_version;
  /**
   * Keep-alive interval in seconds: the server may close a connection on which it received nothing
   * for one and a half intervals. The library sends pings as needed. 0 disables keep-alive.
   */
  int keepAliveInterval;
  /**
   * MQTT 3.1 and 3.1.1. Non-zero: the session starts empty and ends with the connection. 0: the
   * session, with its subscriptions and messages in flight, continues across connections.
   */
  int cleansession;
  /** Maximum number of messages in flight. An MQTT 5.0 server may lower it. */
  int maxInflight;
  /** The will message; NULL for none. */
  MQTTAsync_willOptions *will;
  /** User name; NULL for none. */
  const char *username;
  /** Password as a zero-terminated string; NULL for none. */
  const char *password;
  /**
   * Seconds allowed for one attempt to connect to one server, everything included. 0 times out at
   * once; a negative value means no limit.
   */
  int connectTimeout;
  /**
   * MQTT 3.1 and 3.1.1: seconds after which an unacknowledged message is sent again on the same
   * connection; values from 1 to 9 count as 10. 0: only after reconnecting. Ignored with MQTT 5.0,
   * which forbids it.
   */
  int retryInterval;
  /**
   * TLS options; NULL for none. Required if a server URI has a TLS scheme. A library built without TLS
   * rejects them with MQTTASYNC_SSL_NOT_SUPPORTED.
   */
  MQTTAsync_SSLOptions *ssl;
  /** Called when the client is connected; NULL for none. If set, it is called in place of onSuccess5. */
  MQTTAsync_onSuccess *onSuccess;
  /** Called when the connect has failed; NULL for none. If set, it is called in place of onFailure5. */
  MQTTAsync_onFailure *onFailure;
  /** Passed to the callbacks in these options. */
  void *context;
  /** Number of elements in serverURIs; 0 to use the server given at creation. */
  int serverURIcount;
  /** Servers to try in order, in place of the one given at creation. */
  char *const *serverURIs;
  /**
   * MQTT version to use: one of the MQTTVERSION_ values. MQTTVERSION_5 needs a client that was
   * created for it.
   */
  int MQTTVersion;
  /** Non-zero: the library reconnects automatically after a lost connection, with growing delays. */
  int automaticReconnect;
  /**
   * Delay before the first automatic reconnect, in seconds. With 0 the first attempt after a lost
   * connection is made without delay, and later ones after one to three seconds, or less if
   * maxRetryInterval is lower.
   */
  int minRetryInterval;
  /** Maximum delay before an automatic reconnect, in seconds. */
  int maxRetryInterval;
  /** Password as binary data; used if password is NULL. */
  struct {
    /** Length in bytes, at most 65535. */
    int len;
    /** The data; NULL for none. */
    const void *data;
  } binarypwd;
  /**
   * MQTT 5.0. Non-zero: the session starts empty. 0: an existing session continues. The property
   * SESSION_EXPIRY_INTERVAL sets how long the server keeps the session.
   */
  int cleanstart;
  /** MQTT 5.0: properties of the CONNECT packet; NULL for none. */
  MQTTProperties *connectProperties;
  /** MQTT 5.0: properties of the will message; NULL for none. */
  MQTTProperties *willProperties;
  /** MQTT 5.0: called when the client is connected; NULL for none. */
  MQTTAsync_onSuccess5 *onSuccess5;
  /** MQTT 5.0: called when the connect has failed; NULL for none. */
  MQTTAsync_onFailure5 *onFailure5;
  /** Additional HTTP headers of the WebSocket handshake; NULL for none. */
  const MQTTAsync_nameValue *httpHeaders;
  /**
   * URL of the HTTP proxy for servers without TLS, as http://user:password@host:port. NULL: the
   * environment variable http_proxy if PAHO_C_CLIENT_USE_HTTP_PROXY allows it, otherwise none. An
   * empty string: none.
   */
  const char *httpProxy;
  /**
   * The same for servers with TLS, with the variable https_proxy; if neither is set, the value for
   * servers without TLS is used.
   */
  const char *httpsProxy;
} MQTTAsync_connectOptions;

/**
 * Options for MQTTAsync_disconnect(). Initialize with MQTTAsync_disconnectOptions_initializer, for
 * MQTT 5.0 with MQTTAsync_disconnectOptions_initializer5.
 */
typedef struct {
  /** Always "MQTD" (not zero-terminated). */
  char struct_id[4];
  /**
   * Version of this structure: 0 or 1. 1 added the members from properties on. On an MQTT 5.0 client
   * onSuccess5 and onFailure5 are read from version 0 as well.
   */
  int struct_version;
  /** Milliseconds to wait for messages in flight to be completed; 0 or a negative value: do not wait. */
  int timeout;
  /**
   * Called when the client is disconnected; NULL for none. If set, it is called in place of
   * onSuccess5.
   */
  MQTTAsync_onSuccess *onSuccess;
  /**
   * Called when the disconnect was abandoned; NULL for none. If set, it is called in place of
   * onFailure5.
   */
  MQTTAsync_onFailure *onFailure;
  /** Passed to the callbacks in these options. */
  void *context;
  /** MQTT 5.0: properties of the DISCONNECT packet. */
  MQTTProperties properties;
  /** MQTT 5.0: reason code of the DISCONNECT packet. */
  enum MQTTReasonCodes reasonCode;
  /** MQTT 5.0: called when the client is disconnected; NULL for none. */
  MQTTAsync_onSuccess5 *onSuccess5;
  /** MQTT 5.0: called when the disconnect was abandoned; NULL for none. */
  MQTTAsync_onFailure5 *onFailure5;
} MQTTAsync_disconnectOptions;

/**
 * Callbacks for the result of a request, and its MQTT 5.0 options. Initialize with
 * MQTTAsync_responseOptions_initializer.
 */
typedef struct MQTTAsync_responseOptions {
  /** Always "MQTR" (not zero-terminated). */
  char struct_id[4];
  /** Version of this structure: 0 or 1. 1 added the members after token. */
  int struct_version;
  /** Called when the request has succeeded; NULL for none. Not for MQTT 5.0. */
  MQTTAsync_onSuccess *onSuccess;
  /** Called when the request has failed; NULL for none. Not for MQTT 5.0. */
  MQTTAsync_onFailure *onFailure;
  /** Passed to the callbacks in these options. */
  void *context;
  /**
   * Set by the library: token of the request, for MQTTAsync_isComplete() and
   * MQTTAsync_waitForCompletion().
   */
  MQTTAsync_token token;
  /** MQTT 5.0: called when the request has succeeded; NULL for none. */
  MQTTAsync_onSuccess5 *onSuccess5;
  /** MQTT 5.0: called when the request has failed; NULL for none. */
  MQTTAsync_onFailure5 *onFailure5;
  /** MQTT 5.0: properties of the request. */
  MQTTProperties properties;
  /** MQTT 5.0: options of MQTTAsync_subscribe(). */
  MQTTSubscribe_options subscribeOptions;
  /** MQTT 5.0: number of elements in subscribeOptionsList: the number of filters, or 0. */
  int subscribeOptionsCount;
  /** MQTT 5.0: options of each filter of MQTTAsync_subscribeMany(). */
  MQTTSubscribe_options *subscribeOptionsList;
} MQTTAsync_responseOptions;

/** Trace levels. Each level includes the ones that follow it in this list. */
enum MQTTASYNC_TRACE_LEVELS {
  /** Everything that is traced, which is the same as MINIMUM: there are no lines for function calls. */
  MQTTASYNC_TRACE_MAXIMUM = 1,
  /** The same as MINIMUM: no line has this level. */
  MQTTASYNC_TRACE_MEDIUM = 2,
  /** Connects, closed connections, callbacks about to be called, and calls that have to wait. */
  MQTTASYNC_TRACE_MINIMUM = 3,
  /** MQTT packets sent and received, and the steps of TLS and proxy connections. */
  MQTTASYNC_TRACE_PROTOCOL = 4,
  /** Errors: failed connects, invalid packets from the server, failures of the persistent store. */
  MQTTASYNC_TRACE_ERROR = 5,
  /** Reserved: no line has this level. */
  MQTTASYNC_TRACE_SEVERE = 6,
  /** Internal errors of the library. */
  MQTTASYNC_TRACE_FATAL = 7
};

/**
 * Called for every line of the trace.
 *
 * @param level the level of the line
 * @param message the line, zero-terminated and without a line end; valid during the call only
 */
typedef void MQTTAsync_traceCallback(enum MQTTASYNC_TRACE_LEVELS level, char *message);

/** The same as MQTTAsync_responseOptions. */
typedef MQTTAsync_responseOptions MQTTAsync_callOptions;

/**
 * Does nothing; kept for compatibility. The library and OpenSSL initialize themselves on first use.
 *
 * @param inits ignored; may be NULL
 */
LIBMQTT_API void MQTTAsync_global_init(MQTTAsync_init_options *inits);

/**
 * Creates a client without options, for MQTT 3.1.1 and 3.1: messages can be sent only while it is
 * connected, and any number of them may wait. Does not use the network.
 *
 * @param handle set to the new client
 * @param serverURI see MQTTAsync_createWithOptions()
 * @param clientId see MQTTAsync_createWithOptions()
 * @param persistence_type see MQTTAsync_createWithOptions()
 * @param persistence_context see MQTTAsync_createWithOptions()
 * @return as MQTTAsync_createWithOptions()
 */
LIBMQTT_API int MQTTAsync_create(MQTTAsync *handle, const char *serverURI, const char *clientId,
    int persistence_type, void *persistence_context);

/**
 * Creates a client. Does not use the network.
 *
 * @param handle set to the new client, which must be released with MQTTAsync_destroy()
 * @param serverURI address of the server; see "Server URIs" at the top of this header
 * @param clientId client identifier, UTF-8; empty to let the server assign one
 * @param persistence_type where messages are stored that are buffered or in flight:
 *   MQTTCLIENT_PERSISTENCE_NONE (memory), MQTTCLIENT_PERSISTENCE_DEFAULT (files) or
 *   MQTTCLIENT_PERSISTENCE_USER (functions of the application)
 * @param persistence_context for files the directory, NULL for the working directory; for functions of
 *   the application a pointer to an MQTTClient_persistence structure, which must stay valid until the
 *   client is destroyed; otherwise ignored
 * @param options create options, initialized with MQTTAsync_createOptions_initializer, for MQTT 5.0
 *   with MQTTAsync_createOptions_initializer5; or NULL
 * @return the first that applies
 * - -6 (MQTTASYNC_NULL_PARAMETER): handle, serverURI or clientId is NULL
 * - -5 (MQTTASYNC_BAD_UTF8_STRING): clientId is not UTF-8 or is longer than 65535 bytes
 * - -2 (MQTTASYNC_PERSISTENCE_ERROR): clientId is empty, but messages are to be stored in files
 * - -14 (MQTTASYNC_BAD_PROTOCOL): the scheme of the URI is unknown, or needs TLS and the library was
 *   built without it
 * - -19 (MQTTASYNC_MAX_BUFFERED): maxBufferedMessages is not positive
 * - -8 (MQTTASYNC_BAD_STRUCTURE): options has an invalid struct_id or struct_version
 * - -1 (MQTTASYNC_FAILURE): there are too many clients
 * - -2 (MQTTASYNC_PERSISTENCE_ERROR), or the result of a failing function of the application's store:
 *   the store cannot be used; *handle is set to NULL
 * - 0 (MQTTASYNC_SUCCESS): the client was created
 *
 * *handle is unchanged after a failure, except where noted.
 * @note All strings are copied. The functions of an MQTTClient_persistence structure may be called on
 *   any thread, one at a time in the whole process. They must not call the API; every handle is
 *   rejected while they run.
 */
LIBMQTT_API int MQTTAsync_createWithOptions(MQTTAsync *handle, const char *serverURI, const char *clientId,
    int persistence_type, void *persistence_context, MQTTAsync_createOptions *options);

/**
 * Destroys a client and sets *handle to NULL. A connected client is disconnected first.
 *
 * Requests that are not complete fail with -11 (MQTTASYNC_OPERATION_INCOMPLETE); their callbacks have
 * run when the call returns. Messages, topic names and token arrays that the application has received
 * remain valid.
 *
 * @param handle the variable that holds the client; nothing happens if it is NULL or *handle is not a
 *   valid client handle
 * @note When the call returns, no callback of the client is running and none will run. May be called
 *   in callbacks; in a callback of the same client, the running callback completes and no further one
 *   is made.
 */
LIBMQTT_API void MQTTAsync_destroy(MQTTAsync *handle);

/**
 * Sets the callbacks for lost connections, messages and deliveries, with one context for all three.
 *
 * @param handle the client
 * @param context passed to the callbacks
 * @param cl called when the connection is lost, or NULL
 * @param ma called for each message; must not be NULL
 * @param dc called when the delivery of a QoS 1 or 2 message is complete, or NULL
 * @return
 * - 0 (MQTTASYNC_SUCCESS): the callbacks were set
 * - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle, ma is NULL, or the client is
 *   currently connecting or disconnecting
 *
 * @note On a connected client the callbacks take effect at once. Messages received while there is no
 *   callback are kept until there is one.
 */
LIBMQTT_API int MQTTAsync_setCallbacks(MQTTAsync handle, void *context, MQTTAsync_connectionLost *cl,
    MQTTAsync_messageArrived *ma, MQTTAsync_deliveryComplete *dc);

/**
 * Sets the callback for lost connections.
 *
 * @param handle the client
 * @param context passed to the callback
 * @param cl the callback, or NULL for none
 * @return
 * - 0 (MQTTASYNC_SUCCESS): the callback was set
 * - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle, or the client is currently connecting
 *   or disconnecting
 */
LIBMQTT_API int MQTTAsync_setConnectionLostCallback(MQTTAsync handle, void *context,
    MQTTAsync_connectionLost *cl);

/**
 * Sets the callback for messages.
 *
 * @param handle the client
 * @param context passed to the callback
 * @param ma the callback, not NULL: it can be replaced but not removed
 * @return
 * - 0 (MQTTASYNC_SUCCESS): the callback was set
 * - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle, ma is NULL, or the client is
 *   currently connecting or disconnecting
 */
LIBMQTT_API int MQTTAsync_setMessageArrivedCallback(MQTTAsync handle, void *context,
    MQTTAsync_messageArrived *ma);

/**
 * Sets the callback for completed deliveries of QoS 1 and 2 messages. It is called just before the
 * success callback of the message.
 *
 * @param handle the client
 * @param context passed to the callback
 * @param dc the callback, or NULL for none
 * @return
 * - 0 (MQTTASYNC_SUCCESS): the callback was set
 * - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle, or the client is currently connecting
 *   or disconnecting
 */
LIBMQTT_API int MQTTAsync_setDeliveryCompleteCallback(MQTTAsync handle, void *context,
    MQTTAsync_deliveryComplete *dc);

/**
 * Sets the callback for successful connects, including automatic reconnects.
 *
 * @param handle the client
 * @param context passed to the callback
 * @param co the callback, or NULL for none. Its cause is "connect onSuccess called" after the success
 *   callback of MQTTAsync_connect(), otherwise "automatic reconnect"
 * @return
 * - 0 (MQTTASYNC_SUCCESS): the callback was set
 * - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle, or the client is currently connecting
 *   or disconnecting
 */
LIBMQTT_API int MQTTAsync_setConnected(MQTTAsync handle, void *context, MQTTAsync_connected *co);

/**
 * Sets the callback for DISCONNECT packets of MQTT 5.0 servers. connectionLost is then not called for
 * them.
 *
 * @param handle the client
 * @param context passed to the callback
 * @param co the callback, or NULL for none
 * @return
 * - 0 (MQTTASYNC_SUCCESS): the callback was set
 * - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle, or the client is currently connecting
 *   or disconnecting
 */
LIBMQTT_API int MQTTAsync_setDisconnected(MQTTAsync handle, void *context, MQTTAsync_disconnected *co);

/**
 * Sets the callback that can update user name and password before each automatic reconnect.
 *
 * @param handle the client
 * @param context passed to the callback
 * @param co the callback, or NULL for none
 * @return
 * - 0 (MQTTASYNC_SUCCESS): the callback was set
 * - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle
 *
 * @note New values must be allocated with MQTTAsync_malloc(). If the callback returns non-zero they
 *   belong to the library; the old values always do.
 */
LIBMQTT_API int MQTTAsync_setUpdateConnectOptions(MQTTAsync handle, void *context,
    MQTTAsync_updateConnectOptions *co);

#if !defined(NO_PERSISTENCE)
/**
 * Sets the function that can transform records before they are stored, for example to encrypt them.
 *
 * @param handle the client
 * @param context passed to the function
 * @param co the function, or NULL for none
 * @return
 * - 0 (MQTTASYNC_SUCCESS): the function was set
 * - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle
 */
LIBMQTT_API int MQTTAsync_setBeforePersistenceWrite(MQTTAsync handle, void *context,
    MQTTPersistence_beforeWrite *co);
#endif

#if !defined(NO_PERSISTENCE)
/**
 * Sets the function that reverses the transformation of MQTTAsync_setBeforePersistenceWrite() when a
 * record is read.
 *
 * @param handle the client
 * @param context passed to the function
 * @param co the function, or NULL for none
 * @return
 * - 0 (MQTTASYNC_SUCCESS): the function was set
 * - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle
 *
 * @note Set it right after creating the client: records that could not be decoded at creation are then
 *   read again, with this function.
 */
LIBMQTT_API int MQTTAsync_setAfterPersistenceRead(MQTTAsync handle, void *context,
    MQTTPersistence_afterRead *co);
#endif

/**
 * Requests a connection to the server. The result is reported once, by onSuccess or onFailure of the
 * options, with MQTT 5.0 by onSuccess5 or onFailure5.
 *
 * The servers in options->serverURIs are tried in order; without a list, the one given at creation is
 * used. Each attempt is allowed connectTimeout seconds. With MQTTVERSION_DEFAULT, MQTT 3.1.1 is tried
 * first and MQTT 3.1 after any failure, except that a server which accepted one of them before is
 * tried again with that one.
 *
 * With automaticReconnect, a lost connection is made again with the same options, after delays that
 * grow from minRetryInterval to maxRetryInterval seconds, until MQTTAsync_disconnect() is called. This
 * also applies if the first connect fails, after onFailure was called. Such connections are reported
 * only to the callback set with MQTTAsync_setConnected(). With several servers, a lost connection is
 * followed by an attempt to connect to the next server, even without automaticReconnect.
 *
 * If a connect is already in progress, its request fails with -11 (MQTTASYNC_OPERATION_INCOMPLETE) and
 * the attempt continues, with its original options, for the new request. An attempt of automatic
 * reconnect is abandoned and replaced. On a connected client the new request fails with -18
 * (MQTTASYNC_COMMAND_IGNORED). While the client is disconnecting, the request waits.
 *
 * The code passed to onFailure is one of those below; -11 (MQTTASYNC_OPERATION_INCOMPLETE) if
 * disconnect or destroy ended the attempt; -18; -2 or the result of the application's function if the
 * store could not be cleared for a new session; or the code sent by the server. With MQTT 5.0 the
 * server's code is in reasonCode, and code is -1.
 *
 * @param handle the client
 * @param options connect options, initialized with MQTTAsync_connectOptions_initializer, for MQTT 5.0
 *   with MQTTAsync_connectOptions_initializer5; only the members that exist in struct_version are read
 * @return the first that applies
 * - -6 (MQTTASYNC_NULL_PARAMETER): options is NULL
 * - -8 (MQTTASYNC_BAD_STRUCTURE): options has an invalid struct_id or struct_version
 * - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle
 * - -6: a server URI has a TLS scheme and options->ssl is NULL; or serverURIs or an element of it is
 *   NULL
 * - -8, -9 (MQTTASYNC_BAD_QOS), -6, -17 (MQTTASYNC_0_LEN_WILL_TOPIC), -5 (MQTTASYNC_BAD_UTF8_STRING),
 *   -1: the will has an invalid structure or QoS, a topic that is NULL, empty, or not UTF-8 or longer
 *   than 65535 bytes, or a payload longer than 65535 bytes
 * - -8: ssl has an invalid struct_id or struct_version
 * - -16 (MQTTASYNC_WRONG_MQTT_VERSION): MQTTVersion is not one of the MQTTVERSION_ values; or it is 5
 *   and the client was created for, or last connected with, another version
 * - -5: user name or password is not UTF-8 or is longer than 65535 bytes
 * - -8: MQTT 5.0 with a struct_version below 6
 * - -15 (MQTTASYNC_BAD_MQTT_OPTION): cleansession is set with MQTT 5.0; or cleanstart, onSuccess5,
 *   onFailure5, connectProperties or willProperties with an earlier version
 * - -13 (MQTTASYNC_SSL_NOT_SUPPORTED): ssl is not NULL and the library was built without TLS
 * - -1: the binary password is longer than 65535 bytes, or the properties cannot be sent
 * - 0 (MQTTASYNC_SUCCESS): the request was accepted
 *
 * @note After a failure no callback is made and nothing has changed. The options may be freed once the
 *   call returns. May be called in callbacks.
 */
LIBMQTT_API int MQTTAsync_connect(MQTTAsync handle, const MQTTAsync_connectOptions *options);

/**
 * Connects again with the options of the last connect. While automatic reconnect is waiting, the next
 * attempt is made at once.
 *
 * @param handle the client
 * @return
 * - 0 (MQTTASYNC_SUCCESS): the request was accepted, or the client is already connected
 * - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle; MQTTAsync_connect() was never called;
 *   or automatic reconnect is on and the application has disconnected
 *
 * @note The callbacks of the last connect are not called again. A success is reported to the callback
 *   set with MQTTAsync_setConnected(), a failure not at all. May be called in callbacks.
 */
LIBMQTT_API int MQTTAsync_reconnect(MQTTAsync handle);

/**
 * Requests a disconnect, to be carried out after all earlier requests, and ends automatic reconnect
 * and any connect in progress. The result is reported by onSuccess or onFailure of the options, with
 * MQTT 5.0 by onSuccess5 or onFailure5.
 *
 * If the session ends with the connection, as with cleansession, requests that are not complete fail
 * with -11 (MQTTASYNC_OPERATION_INCOMPLETE). Requests not yet sent are kept for the next connection.
 *
 * @param handle the client
 * @param options disconnect options, initialized with MQTTAsync_disconnectOptions_initializer, for
 *   MQTT 5.0 with MQTTAsync_disconnectOptions_initializer5; NULL for no waiting and no callbacks. A
 *   reasonCode other than MQTTREASONCODE_NORMAL_DISCONNECTION makes an MQTT 5.0 server publish the
 *   will message
 * @return the first that applies
 * - -8 (MQTTASYNC_BAD_STRUCTURE): options has an invalid struct_id or struct_version
 * - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle, or the properties cannot be sent
 * - -5 (MQTTASYNC_BAD_UTF8_STRING): a string in the properties is not UTF-8
 * - -3 (MQTTASYNC_DISCONNECTED): not connected, or already disconnecting; attempts to connect have
 *   ended
 * - 0 (MQTTASYNC_SUCCESS): the request was accepted
 *
 * @note After a failure no callback is made. connectionLost is not called. May be called in callbacks.
 */
LIBMQTT_API int MQTTAsync_disconnect(MQTTAsync handle, const MQTTAsync_disconnectOptions *options);

/**
 * Returns whether a client is connected. Does not wait.
 *
 * @param handle the client
 * @return
 * - 1 (MQTTASYNC_TRUE): the client is connected, also while a disconnect is waiting for messages in
 *   flight
 * - 0: it is not, or handle is not a valid client handle. Always 0 in connectionLost
 */
LIBMQTT_API int MQTTAsync_isConnected(MQTTAsync handle);

/**
 * Requests a subscription to a topic filter.
 *
 * onSuccess gets the granted QoS; onFailure gets code 128 (MQTT_BAD_SUBSCRIBE) if the server rejects
 * the subscription. With MQTT 5.0 onSuccess5 gets the server's reason code, 0, 1 or 2, and its
 * properties; onFailure5 gets a reason code of 128 or above. Code -11 (MQTTASYNC_OPERATION_INCOMPLETE)
 * means that the connection ended before the answer.
 *
 * @param handle the client
 * @param topic topic filter, UTF-8, at most 65535 bytes; see "Topics and wildcards" at the top of this
 *   header
 * @param qos maximum QoS of messages for this subscription: 0, 1 or 2
 * @param response callbacks, and with MQTT 5.0 subscribeOptions and properties; or NULL. Its token is
 *   set before the request can complete
 * @return the first that applies
 * - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle
 * - -3 (MQTTASYNC_DISCONNECTED): not connected
 * - -5 (MQTTASYNC_BAD_UTF8_STRING): topic is NULL, not UTF-8 or too long
 * - -9 (MQTTASYNC_BAD_QOS): qos is not 0, 1 or 2
 * - -10 (MQTTASYNC_NO_MORE_MSGIDS): all 65535 packet identifiers are in use
 * - -15 (MQTTASYNC_BAD_MQTT_OPTION): response has callbacks for another MQTT version than the client's
 *   or, with MQTT 5.0, struct_version 0
 * - -1: the properties cannot be sent
 * - -2 (MQTTASYNC_PERSISTENCE_ERROR): the request could not be stored
 * - 0 (MQTTASYNC_SUCCESS): the request was accepted
 *
 * @note After a failure no callback is made and response->token is unchanged. The caller keeps
 *   ownership of all arguments. May be called in callbacks.
 */
LIBMQTT_API int MQTTAsync_subscribe(MQTTAsync handle, const char *topic, int qos,
    MQTTAsync_responseOptions *response);

/**
 * Requests subscriptions to several topic filters with one packet.
 *
 * onSuccess gets the granted QoS of each filter, with 128 (MQTT_BAD_SUBSCRIBE) where the server
 * rejected the subscription; onSuccess5 gets the server's reason codes. onFailure and onFailure5 are
 * called if there is only one filter and the server rejects it, and for code -11
 * (MQTTASYNC_OPERATION_INCOMPLETE).
 *
 * @param handle the client
 * @param count number of filters
 * @param topic the filters
 * @param qos maximum QoS of each filter
 * @param response as for MQTTAsync_subscribe(). With MQTT 5.0 and several filters, the options are in
 *   subscribeOptionsList if subscribeOptionsCount is count; if it is 0 the defaults are used
 * @return as MQTTAsync_subscribe(), for the first invalid filter, and
 * - -1 (MQTTASYNC_FAILURE): count is not positive
 * - -6 (MQTTASYNC_NULL_PARAMETER): topic or qos is NULL, or subscribeOptionsList is NULL although
 *   subscribeOptionsCount is count
 * - -15 (MQTTASYNC_BAD_MQTT_OPTION): with MQTT 5.0, subscribeOptionsCount is neither 0 nor count
 *
 * @note As for MQTTAsync_subscribe().
 */
LIBMQTT_API int MQTTAsync_subscribeMany(MQTTAsync handle, int count, char *const *topic, const int *qos,
    MQTTAsync_responseOptions *response);

/**
 * Requests the removal of a subscription.
 *
 * onSuccess and onSuccess5 are called when the server has answered, whatever its answer; onSuccess5
 * gets its reason code and properties. Code -11 (MQTTASYNC_OPERATION_INCOMPLETE) means that the
 * connection ended before the answer.
 *
 * @param handle the client
 * @param topic topic filter, as subscribed to
 * @param response callbacks, and with MQTT 5.0 properties; or NULL. Its token is set before the
 *   request can complete
 * @return the first that applies
 * - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle
 * - -3 (MQTTASYNC_DISCONNECTED): not connected
 * - -5 (MQTTASYNC_BAD_UTF8_STRING): topic is NULL, not UTF-8 or longer than 65535 bytes
 * - -10 (MQTTASYNC_NO_MORE_MSGIDS): all 65535 packet identifiers are in use
 * - -15 (MQTTASYNC_BAD_MQTT_OPTION): response has callbacks for another MQTT version than the client's
 *   or, with MQTT 5.0, struct_version 0
 * - -1: the properties cannot be sent
 * - -2 (MQTTASYNC_PERSISTENCE_ERROR): the request could not be stored
 * - 0 (MQTTASYNC_SUCCESS): the request was accepted
 *
 * @note After a failure no callback is made and response->token is unchanged. The caller keeps
 *   ownership of all arguments. May be called in callbacks.
 */
LIBMQTT_API int MQTTAsync_unsubscribe(MQTTAsync handle, const char *topic,
    MQTTAsync_responseOptions *response);

/**
 * Requests the removal of several subscriptions with one packet.
 *
 * @param handle the client
 * @param count number of filters
 * @param topic the filters, as subscribed to
 * @param response as for MQTTAsync_unsubscribe(); onSuccess5 gets the reason codes of all filters
 * @return as MQTTAsync_unsubscribe(), for the first invalid filter, and
 * - -1 (MQTTASYNC_FAILURE): count is not positive
 * - -6 (MQTTASYNC_NULL_PARAMETER): topic is NULL
 *
 * @note As for MQTTAsync_unsubscribe().
 */
LIBMQTT_API int MQTTAsync_unsubscribeMany(MQTTAsync handle, int count, char *const *topic,
    MQTTAsync_responseOptions *response);

/**
 * Sends a message. Does not wait for the network. Messages are sent in the order of the calls.
 *
 * For QoS 0 onSuccess or onSuccess5 is called when the message has been written to the network, for
 * QoS 1 and 2 when the server has acknowledged it. Failures: code -11 (MQTTASYNC_OPERATION_INCOMPLETE)
 * if the session or the client ended first; -12 (MQTTASYNC_MAX_BUFFERED_MESSAGES) if the message was
 * discarded in favour of a newer one, see deleteOldestMessages; with MQTT 5.0, code 0 and a reasonCode
 * of 128 or above if the server rejected the message.
 *
 * A client created with sendWhileDisconnected also accepts messages while it is not connected: between
 * MQTTAsync_connect() and MQTTAsync_disconnect(), or at any time with allowDisconnectedSendAtAnyTime.
 * They are sent after the next connect.
 *
 * @param handle the client
 * @param destinationName topic, UTF-8, at most 65535 bytes
 * @param payloadlen length of the payload in bytes
 * @param payload the payload
 * @param qos 0 at most once, 1 at least once, 2 exactly once
 * @param retained non-zero: the server retains the message for future subscribers
 * @param response callbacks, and with MQTT 5.0 properties; or NULL. Its token is set before the
 *   request can complete: the packet identifier, or 0 for QoS 0
 * @return the first that applies
 * - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle
 * - -3 (MQTTASYNC_DISCONNECTED): not connected, and the message may not be buffered
 * - -5 (MQTTASYNC_BAD_UTF8_STRING): destinationName is NULL, not UTF-8 or too long
 * - -9 (MQTTASYNC_BAD_QOS): qos is not 0, 1 or 2
 * - -6 (MQTTASYNC_NULL_PARAMETER): payloadlen is negative, or positive while payload is NULL
 * - -10 (MQTTASYNC_NO_MORE_MSGIDS): all 65535 packet identifiers are in use
 * - -12 (MQTTASYNC_MAX_BUFFERED_MESSAGES): the maximum number of messages is already waiting to be
 *   sent, connected or not
 * - -15 (MQTTASYNC_BAD_MQTT_OPTION): response has callbacks for another MQTT version than the client's
 *   or, with MQTT 5.0, struct_version 0
 * - -99: out of memory
 * - -1: the packet would be longer than 268435455 bytes, or the properties cannot be sent
 * - -2 (MQTTASYNC_PERSISTENCE_ERROR): the message could not be stored, and is not sent
 * - 0 (MQTTASYNC_SUCCESS): the message was accepted
 *
 * @note After a failure no callback is made and response->token is unchanged. The caller keeps
 *   ownership of all arguments. May be called in callbacks and from several threads at once.
 */
LIBMQTT_API int MQTTAsync_send(MQTTAsync handle, const char *destinationName, int payloadlen,
    const void *payload, int qos, int retained, MQTTAsync_responseOptions *response);

/**
 * Sends a message given as a structure.
 *
 * @param handle the client
 * @param destinationName topic, UTF-8, at most 65535 bytes
 * @param msg the message, initialized with MQTTAsync_message_initializer; dup and msgid are ignored.
 *   With MQTT 5.0 its properties are sent, not those in response
 * @param response as for MQTTAsync_send()
 * @return the first that applies
 * - -6 (MQTTASYNC_NULL_PARAMETER): msg is NULL
 * - -8 (MQTTASYNC_BAD_STRUCTURE): msg has an invalid struct_id or struct_version
 * - otherwise as MQTTAsync_send()
 *
 * @note As for MQTTAsync_send(). The caller keeps ownership of msg.
 */
LIBMQTT_API int MQTTAsync_sendMessage(MQTTAsync handle, const char *destinationName,
    const MQTTAsync_message *msg, MQTTAsync_responseOptions *response);

/**
 * Returns the tokens of all messages that are not complete: first those not yet sent, in order, with 0
 * for each QoS 0 message, then those with QoS 1 and 2 that the server has not acknowledged.
 *
 * @param handle the client; it need not be connected
 * @param tokens set to an array that ends with -1, to be freed with MQTTAsync_free(); NULL if there
 *   are no such messages or the call failed
 * @return
 * - 0 (MQTTASYNC_SUCCESS): tokens was set
 * - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle
 * - -6 (MQTTASYNC_NULL_PARAMETER): tokens is NULL
 * - -99: out of memory
 */
LIBMQTT_API int MQTTAsync_getPendingTokens(MQTTAsync handle, MQTTAsync_token **tokens);

/**
 * Returns whether a request is complete.
 *
 * @param handle the client; it need not be connected
 * @param token token of the request
 * @return
 * - 1 (MQTTASYNC_TRUE): the request is complete, is a subscribe or unsubscribe that has been sent, or
 *   is unknown
 * - 0: it is waiting to be sent, or is a QoS 1 or 2 message that the server has not acknowledged
 * - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle
 */
LIBMQTT_API int MQTTAsync_isComplete(MQTTAsync handle, MQTTAsync_token token);

/**
 * Waits until a request is complete in the sense of MQTTAsync_isComplete().
 *
 * @param handle the client
 * @param token token of the request
 * @param timeout maximum time to wait, in milliseconds
 * @return
 * - 0 (MQTTASYNC_SUCCESS): the request is complete
 * - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle, or the call timed out
 * - -3 (MQTTASYNC_DISCONNECTED): not connected, or no longer connected
 *
 * @note Do not wait in a callback: only requests that are already complete are found to be.
 */
LIBMQTT_API int MQTTAsync_waitForCompletion(MQTTAsync handle, MQTTAsync_token token, unsigned long timeout);

/**
 * Returns a human-readable description of a return code.
 *
 * The codes 1 to 5 are those with which a server refuses a connection before MQTT 5.0; above them
 * are the reason codes of MQTT 5.0. As results of subscribing 1 and 2 are granted QoS values.
 *
 * @param code the return code
 * @return a constant string, never NULL. For an unknown code it is "Unknown error code" followed by
 *   the number, and valid until the next call on the same thread.
 */
LIBMQTT_API const char *MQTTAsync_strerror(int code);

/**
 * Returns information about the library as a list of names and values. The first three names are
 * "Product name", "Version" and "Build level"; libraries with TLS add five about OpenSSL.
 *
 * @return a constant array that ends with a pair of NULLs; do not free it
 * @note May be called at any time, also before a client is created.
 */
LIBMQTT_API MQTTAsync_nameValue *MQTTAsync_getVersionInfo(void);

/**
 * Allocates memory with malloc().
 *
 * @param size number of bytes
 * @return the memory, to be released with MQTTAsync_free() or free(), or NULL if out of memory
 */
LIBMQTT_API void *MQTTAsync_malloc(size_t size);

/**
 * Frees memory returned by the library, such as topic names and token arrays. Equivalent to free().
 *
 * @param ptr the memory, or NULL
 */
LIBMQTT_API void MQTTAsync_free(void *ptr);

/**
 * Frees a received message with its payload and properties, and sets *msg to NULL. The topic name is
 * freed separately, with MQTTAsync_free().
 *
 * @param msg the variable that points to the message; nothing happens if it or *msg is NULL
 */
LIBMQTT_API void MQTTAsync_freeMessage(MQTTAsync_message **msg);

/**
 * Sets the trace level of the whole process: lines of this level and of those that follow it in
 * MQTTASYNC_TRACE_LEVELS are written.
 *
 * @param level from MQTTASYNC_TRACE_MAXIMUM (most lines) to MQTTASYNC_TRACE_FATAL (fewest). The
 *   default is MQTTASYNC_TRACE_MINIMUM, or the value of the environment variable
 *   MQTT_C_CLIENT_TRACE_LEVEL.
 */
LIBMQTT_API void MQTTAsync_setTraceLevel(enum MQTTASYNC_TRACE_LEVELS level);

/**
 * Sets the function that is called for each line of the trace, for the whole process.
 *
 * @param callback the function, or NULL for none
 * @note It may be called on any thread that uses the library and on the library's own threads, but
 *   never twice at the same time and never with a lock held. It may call the API; lines caused by its
 *   own calls are not passed to it.
 */
LIBMQTT_API void MQTTAsync_setTraceCallback(MQTTAsync_traceCallback *callback);

/** Options for MQTTAsync_global_init(), which ignores them. */
#define MQTTAsync_init_options_initializer { {'M', 'Q', 'T', 'G'}, 0, 0 }

/** An empty message with QoS 0. */
#define MQTTAsync_message_initializer \
  { {'M', 'Q', 'T', 'M'}, 1, 0, NULL, 0, 0, 0, 0, MQTTProperties_initializer }

/** Credentials: no user name and no password. */
#define MQTTAsync_connectData_initializer { {'M', 'Q', 'C', 'D'}, 0, NULL, {0, NULL} }

/** Failure data without a failure. */
#define MQTTAsync_failureData5_initializer \
  { {'M', 'Q', 'F', 'D'}, 0, 0, MQTTREASONCODE_SUCCESS, MQTTProperties_initializer, 0, NULL, 0 }

/** Success data without details. */
#define MQTTAsync_successData5_initializer \
  { {'M', 'Q', 'S', 'D'}, 0, 0, MQTTREASONCODE_SUCCESS, MQTTProperties_initializer, {{0, 0}} }

/** Response options: no callbacks and no MQTT 5.0 options. */
#define MQTTAsync_responseOptions_initializer \
  { {'M', 'Q', 'T', 'R'}, 1, NULL, NULL, 0, 0, NULL, NULL, MQTTProperties_initializer, \
    MQTTSubscribe_options_initializer, 0, NULL }

/** The same as MQTTAsync_responseOptions_initializer. */
#define MQTTAsync_callOptions_initializer MQTTAsync_responseOptions_initializer

/** Create options for MQTT 3.1.1 and 3.1: sends only while connected, at most 100 messages wait to be sent. */
#define MQTTAsync_createOptions_initializer \
  { {'M', 'Q', 'C', 'O'}, 2, 0, 100, MQTTVERSION_DEFAULT, 0, 0, 1, 1 }

/** Create options for MQTT 5.0, otherwise the same. */
#define MQTTAsync_createOptions_initializer5 \
  { {'M', 'Q', 'C', 'O'}, 2, 0, 100, MQTTVERSION_5, 0, 0, 1, 1 }

/** A will message with QoS 0. Set topicName. */
#define MQTTAsync_willOptions_initializer \
  { {'M', 'Q', 'T', 'W'}, 1, NULL, NULL, 0, 0, {0, NULL} }

/** TLS options: the server's certificate must be valid, but its host name is not checked. */
#define MQTTAsync_SSLOptions_initializer \
  { {'M', 'Q', 'T', 'S'}, 5, NULL, NULL, NULL, NULL, NULL, 1, MQTT_SSL_VERSION_DEFAULT, 0, \
    NULL, NULL, NULL, NULL, NULL, 0, NULL, 0 }

/** Connect options for MQTT 3.1.1 and 3.1: clean session, keep-alive 60 s, connect timeout 30 s, no automatic reconnect. */
#define MQTTAsync_connectOptions_initializer \
  { {'M', 'Q', 'T', 'C'}, 8, 60, 1, 65535, NULL, NULL, NULL, 30, 0, NULL, NULL, NULL, NULL, \
    0, NULL, MQTTVERSION_DEFAULT, 0, 1, 60, {0, NULL}, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL }

/** Connect options for MQTT 5.0 with clean start, otherwise the same. */
#define MQTTAsync_connectOptions_initializer5 \
  { {'M', 'Q', 'T', 'C'}, 8, 60, 0, 65535, NULL, NULL, NULL, 30, 0, NULL, NULL, NULL, NULL, \
    0, NULL, MQTTVERSION_5, 0, 1, 60, {0, NULL}, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL }

/** For WebSockets: keep-alive 45 s, because many proxies close connections that are silent for a minute. */
#define MQTTAsync_connectOptions_initializer_ws \
  { {'M', 'Q', 'T', 'C'}, 8, 45, 1, 65535, NULL, NULL, NULL, 30, 0, NULL, NULL, NULL, NULL, \
    0, NULL, MQTTVERSION_DEFAULT, 0, 1, 60, {0, NULL}, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL }

/** Connect options for MQTT 5.0 with clean start, otherwise the same. */
#define MQTTAsync_connectOptions_initializer5_ws \
  { {'M', 'Q', 'T', 'C'}, 8, 45, 0, 65535, NULL, NULL, NULL, 30, 0, NULL, NULL, NULL, NULL, \
    0, NULL, MQTTVERSION_5, 0, 1, 60, {0, NULL}, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL }

/** Disconnect options: no waiting and no callbacks. */
#define MQTTAsync_disconnectOptions_initializer \
  { {'M', 'Q', 'T', 'D'}, 0, 0, NULL, NULL, NULL, MQTTProperties_initializer, \
    MQTTREASONCODE_SUCCESS, NULL, NULL }

/** Disconnect options for MQTT 5.0, otherwise the same. */
#define MQTTAsync_disconnectOptions_initializer5 \
  { {'M', 'Q', 'T', 'D'}, 1, 0, NULL, NULL, NULL, MQTTProperties_initializer, \
    MQTTREASONCODE_SUCCESS, NULL, NULL }

#if defined(__cplusplus)
}
#endif

#endif /* MQTTASYNC_H */
