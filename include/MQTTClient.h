/**
 * @file
 * The synchronous MQTT client: a call returns when its work is done.
 *
 * This API suits programs that do one thing after the other. For programs that must not block, that send while
 * offline or that want automatic reconnects, MQTTAsync.h is the better choice. Both support MQTT 3.1, 3.1.1 and 5.0;
 * here, functions whose names end in 5 are for MQTT 5.0. A handle belongs to the API that created it.
 *
 * A complete program, linked with -lpaho-mqtt3c:
 *
 * @code{.c}
 * #include <stdio.h>
 * #include "MQTTClient.h"
 *
 * int main(void)
 * {
 *     MQTTClient client;
 *     MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
 *     MQTTClient_message *message = NULL;
 *     char *topic = NULL;
 *     int length, rc;
 *
 *     rc = MQTTClient_create(&client, "tcp://localhost:1883", "example", MQTTCLIENT_PERSISTENCE_NONE, NULL);
 *     if (rc == 0) rc = MQTTClient_connect(client, &options);
 *     if (rc == 0) rc = MQTTClient_subscribe(client, "example/#", 1);
 *     if (rc == 0) rc = MQTTClient_publish(client, "example/greeting", 5, "Hello", 1, 0, NULL);
 *     if (rc == 0) rc = MQTTClient_receive(client, &topic, &length, &message, 10000);
 *     if (message != NULL) {
 *         printf("%s: %.*s\n", topic, message->payloadlen, (char *)message->payload);
 *         MQTTClient_freeMessage(&message);
 *         MQTTClient_free(topic);
 *     } else
 *         printf("No message: %s\n", MQTTClient_strerror(rc));
 *     MQTTClient_destroy(&client);
 *     return rc;
 * }
 * @endcode
 *
 * Threads
 *
 * Without callbacks the library starts no permanent threads (only a host name that has to be looked up takes one for
 * as long as the look-up lasts). The network is then served inside API calls only: call MQTTClient_receive() or
 * MQTTClient_yield() regularly, or the server closes the connection. After MQTTClient_setCallbacks() threads of the
 * library do this work. All functions may be called on any thread, several on the same client at a time.
 *
 * Callbacks
 *
 * Callbacks run on threads of the library, one at a time for all clients of the process. No lock is held: a callback
 * may call every function, including those that wait, and the library continues to receive and acknowledge while it
 * runs. Other callbacks wait for it. With PAHO_C_RS_CALLBACK_LANES=client in the environment, callbacks of different
 * clients may run at the same time. A callback must return: leaving it with pthread_exit() or an exception ends the
 * process. Functions of an application's store are called with the client locked and must not call the API.
 *
 * Memory
 *
 * The library copies its arguments; they may be freed once the call returns. The exception is the structure of an
 * application's store (MQTTClientPersistence.h). What the library returns belongs to the application: free messages
 * with MQTTClient_freeMessage(), topics and arrays of tokens with MQTTClient_free(), responses with
 * MQTTResponse_free(). All of it comes from malloc(). Strings returned as const char* must not be freed.
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
 * the URI is ignored. TLS needs a library with TLS (libpaho-mqtt3cs) and the ssl member of the connect options; its
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
 * MQTT_C_CLIENT_TRACE=stdout in the environment shows what the library does; see also MQTTClient_setTraceCallback().
 * With NO_PERSISTENCE defined, MQTTClientPersistence.h is not included.
 */

#if !defined(MQTTCLIENT_H)
#define MQTTCLIENT_H

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

/** Return code: the call succeeded. */
#define MQTTCLIENT_SUCCESS 0

/** Return code: the call failed or timed out, for a reason that has no code of its own. */
#define MQTTCLIENT_FAILURE -1

/** Return code: the client is not connected. */
#define MQTTCLIENT_DISCONNECTED -3

/** Return code: all 65535 packet identifiers are in use. */
#define MQTTCLIENT_MAX_MESSAGES_INFLIGHT -4

/** Return code: a string is not valid UTF-8, or is longer than 65535 bytes. */
#define MQTTCLIENT_BAD_UTF8_STRING -5

/** Return code: a required argument is NULL, or TLS options are missing for a TLS server. */
#define MQTTCLIENT_NULL_PARAMETER -6

/**
 * Return code: a message was received whose topic contains zero bytes, so strlen() does not give its
 * length.
 */
#define MQTTCLIENT_TOPICNAME_TRUNCATED -7

/** Return code: a structure has an invalid struct_id or an unsupported struct_version. */
#define MQTTCLIENT_BAD_STRUCTURE -8

/** Return code: a QoS is not 0, 1 or 2. */
#define MQTTCLIENT_BAD_QOS -9

/**
 * Not returned by any function of this library. A library built without TLS rejects TLS server URIs
 * with MQTTCLIENT_BAD_PROTOCOL and ignores TLS options.
 */
#define MQTTCLIENT_SSL_NOT_SUPPORTED -10

/** Return code: MQTTVersion is not one of the MQTTVERSION_ values. */
#define MQTTCLIENT_BAD_MQTT_VERSION -11

/**
 * Return code: the scheme of the server URI is unknown, or needs TLS and the library was built without
 * it.
 */
#define MQTTCLIENT_BAD_PROTOCOL -14

/**
 * Return code: an option does not exist in the requested MQTT version: cleansession with 5.0, or
 * cleanstart with an earlier version.
 */
#define MQTTCLIENT_BAD_MQTT_OPTION -15

/**
 * Return code: the function is for another MQTT version than the client's. Functions whose names end
 * in 5 are for MQTT 5.0.
 */
#define MQTTCLIENT_WRONG_MQTT_VERSION -16

/** Return code: the topic of the will message is empty. */
#define MQTTCLIENT_0_LEN_WILL_TOPIC -17

/** Options for MQTTClient_global_init(). Initialize with MQTTClient_init_options_initializer. */
typedef struct {
  /** Always "MQTG" (not zero-terminated). */
  char struct_id[4];
  /** Version of this structure: 0. */
  int struct_version;
  /** Ignored: OpenSSL initializes itself. */
  int do_openssl_init;
} MQTTClient_init_options;

/**
 * A client handle: set by MQTTClient_create(), passed to all other functions, released with
 * MQTTClient_destroy(). It is opaque; do not dereference it.
 */
typedef void *MQTTClient;

/** Options for MQTTClient_createWithOptions(). Initialize with MQTTClient_createOptions_initializer. */
typedef struct {
  /** Always "MQCO" (not zero-terminated). */
  char struct_id[4];
  /** Version of this structure: 0. */
  int struct_version;
  /**
   * MQTT version of the client: one of the MQTTVERSION_ values. MQTTVERSION_5 is required for
   * MQTTClient_connect5().
   */
  int MQTTVersion;
} MQTTClient_createOptions;

/**
 * Called when the connection is lost. Not called for MQTTClient_disconnect().
 *
 * @param context as passed to MQTTClient_setCallbacks()
 * @param cause always NULL
 * @note Runs on a thread of the library. It may call any function, for example MQTTClient_connect() to
 *   reconnect.
 */
typedef void MQTTClient_connectionLost(void *context, char *cause);

/** A message to publish, or one that was received. Initialize with MQTTClient_message_initializer. */
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
} MQTTClient_message;

/**
 * Called when a message has been received.
 *
 * @param context as passed to MQTTClient_setCallbacks()
 * @param topicName the topic, zero-terminated
 * @param topicLen 0, or the length of the topic if it contains zero bytes
 * @param message the message
 * @return
 * - non-zero: the message is accepted. topicName and message now belong to the application, which
 *   frees them with MQTTClient_free() and MQTTClient_freeMessage(), now or later
 * - 0: the message is refused. Do not free anything; the same message is delivered again later, before
 *   any other
 *
 * @note Runs on a thread of the library. It may call any function.
 */
typedef int MQTTClient_messageArrived(void *context, char *topicName, int topicLen,
    MQTTClient_message *message);

/** Identifies a message from the publishing call until its delivery is complete: 1 to 65535. */
typedef int MQTTClient_deliveryToken;

/**
 * Called when the delivery of a message with QoS 1 or 2 is complete.
 *
 * @param context as passed to MQTTClient_setCallbacks()
 * @param dt the token of the message, which the publishing call has already stored in its argument
 * @note Runs on a thread of the library. It may call any function.
 */
typedef void MQTTClient_deliveryComplete(void *context, MQTTClient_deliveryToken dt);

/**
 * Called when an MQTT 5.0 server has closed the connection with a DISCONNECT packet.
 *
 * @param context as passed to MQTTClient_setDisconnected()
 * @param properties properties of the packet; valid during the call only
 * @param reasonCode reason code of the packet
 * @note Runs on a thread of the library. It may call any function.
 */
typedef void MQTTClient_disconnected(void *context, MQTTProperties *properties,
    enum MQTTReasonCodes reasonCode);

/**
 * Called when an MQTT 5.0 acknowledgement has completed the delivery of a message.
 *
 * @param context as passed to MQTTClient_setPublished()
 * @param dt the token of the message
 * @param packet_type type of the packet received: 4 PUBACK, 5 PUBREC (failures only), 7 PUBCOMP
 * @param properties properties of the packet; valid during the call only
 * @param reasonCode reason code of the packet
 * @note Runs on a thread of the library, or inside an API call if the client has no background
 *   threads.
 */
typedef void MQTTClient_published(void *context, int dt, int packet_type, MQTTProperties *properties,
    enum MQTTReasonCodes reasonCode);

/**
 * The will message, which the server publishes if the connection ends without a normal disconnect.
 * Initialize with MQTTClient_willOptions_initializer.
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
} MQTTClient_willOptions;

/** TLS options. Initialize with MQTTClient_SSLOptions_initializer. */
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
} MQTTClient_SSLOptions;

/** A name and a value. Lists end with an element in which both are NULL. */
typedef struct {
  /** The name. */
  const char *name;
  /** The value. */
  const char *value;
} MQTTClient_nameValue;

/**
 * Options for MQTTClient_connect() and MQTTClient_connect5(). Initialize with
 * MQTTClient_connectOptions_initializer, for MQTT 5.0 with MQTTClient_connectOptions_initializer5, for
 * WebSockets with the initializers whose names end in _ws.
 */
typedef struct {
  /** Always "MQTC" (not zero-terminated). */
  char struct_id[4];
  /**
   * Version of this structure: 0 to 8. 1 added ssl; 2 serverURIcount and serverURIs; 3 MQTTVersion;
   * 4 returned; 5 binarypwd; 6 maxInflightMessages and cleanstart; 7 httpHeaders; 8 httpProxy and
   * httpsProxy.
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
  /**
   * Non-zero: at most one message in flight. 0: at most 10. Publishing blocks while the limit is
   * reached. Ignored if maxInflightMessages is positive.
   */
  int reliable;
  /** The will message; NULL for none. */
  MQTTClient_willOptions *will;
  /** User name; NULL for none. */
  const char *username;
  /** Password as a zero-terminated string; NULL for none. */
  const char *password;
  /**
   * Seconds allowed for connecting to one server, everything included. Must be positive: with 0 or a
   * negative value connecting fails at once.
   */
  int connectTimeout;
  /**
   * MQTT 3.1 and 3.1.1: seconds after which an unacknowledged message is sent again on the same
   * connection; values from 1 to 9 count as 10. 0: only after reconnecting. Ignored with MQTT 5.0,
   * which forbids it.
   */
  int retryInterval;
  /**
   * TLS options; NULL for none. Required if a server URI has a TLS scheme. Ignored by a library built
   * without TLS.
   */
  MQTTClient_SSLOptions *ssl;
  /** Number of elements in serverURIs; 0 to use the server given at creation. */
  int serverURIcount;
  /** Servers to try in order, in place of the one given at creation. */
  char *const *serverURIs;
  /** MQTT version to use: one of the MQTTVERSION_ values. */
  int MQTTVersion;
  /** Set by a successful connect. */
  struct {
    /**
     * Server connected to, without the scheme. Belongs to the client and is valid until it is
     * destroyed.
     */
    const char *serverURI;
    /** MQTT version in use: MQTTVERSION_3_1, MQTTVERSION_3_1_1 or MQTTVERSION_5. */
    int MQTTVersion;
    /** 1 if the server had a session for this client. */
    int sessionPresent;
  } returned;
  /** Password as binary data; used if password is NULL. */
  struct {
    /** Length in bytes, at most 65535. */
    int len;
    /** The data; NULL for none. */
    const void *data;
  } binarypwd;
  /**
   * Maximum number of messages in flight; 0 or a negative value: as set by reliable. An MQTT 5.0
   * server may lower it.
   */
  int maxInflightMessages;
  /**
   * MQTT 5.0. Non-zero: the session starts empty. 0: an existing session continues. The property
   * SESSION_EXPIRY_INTERVAL sets how long the server keeps the session.
   */
  int cleanstart;
  /** Additional HTTP headers of the WebSocket handshake; NULL for none. */
  const MQTTClient_nameValue *httpHeaders;
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
} MQTTClient_connectOptions;

/** The result of a function for MQTT 5.0. Release it with MQTTResponse_free(), also after a failure. */
typedef struct MQTTResponse {
  /** Version of this structure: 1. */
  int version;
  /**
   * Negative: a return code of the library. Otherwise the reason code sent by the server (of the
   * first topic if there are several); 128 and above are failures.
   */
  enum MQTTReasonCodes reasonCode;
  /**
   * Number of reason codes in a server's answer to subscribe or unsubscribe with MQTT 5.0; otherwise
   * 0.
   */
  int reasonCodeCount;
  /** The reason codes, one for each topic; NULL if reasonCodeCount is 0 or 1. */
  enum MQTTReasonCodes *reasonCodes;
  /** Properties of the server's answer; NULL for none. */
  MQTTProperties *properties;
} MQTTResponse;

/** Trace levels. Each level includes the ones that follow it in this list. */
enum MQTTCLIENT_TRACE_LEVELS {
  /** Everything that is traced, which is the same as MINIMUM: there are no lines for function calls. */
  MQTTCLIENT_TRACE_MAXIMUM = 1,
  /** The same as MINIMUM: no line has this level. */
  MQTTCLIENT_TRACE_MEDIUM = 2,
  /** Connects, closed connections, callbacks about to be called, and calls that have to wait. */
  MQTTCLIENT_TRACE_MINIMUM = 3,
  /** MQTT packets sent and received, and the steps of TLS and proxy connections. */
  MQTTCLIENT_TRACE_PROTOCOL = 4,
  /** Errors: failed connects, invalid packets from the server, failures of the persistent store. */
  MQTTCLIENT_TRACE_ERROR = 5,
  /** Reserved: no line has this level. */
  MQTTCLIENT_TRACE_SEVERE = 6,
  /** Internal errors of the library. */
  MQTTCLIENT_TRACE_FATAL = 7
};

/**
 * Called for every line of the trace.
 *
 * @param level the level of the line
 * @param message the line, zero-terminated and without a line end; valid during the call only
 */
typedef void MQTTClient_traceCallback(enum MQTTCLIENT_TRACE_LEVELS level, char *message);

/** The same as MQTTClient_deliveryToken. */
typedef int MQTTClient_token;

/**
 * Does nothing; kept for compatibility. The library and OpenSSL initialize themselves on first use.
 *
 * @param inits ignored; may be NULL
 */
LIBMQTT_API void MQTTClient_global_init(MQTTClient_init_options *inits);

/**
 * Creates a client without options, for MQTT 3.1.1 and 3.1. Does not use the network.
 *
 * @param handle set to the new client
 * @param serverURI see MQTTClient_createWithOptions()
 * @param clientId see MQTTClient_createWithOptions()
 * @param persistence_type see MQTTClient_createWithOptions()
 * @param persistence_context see MQTTClient_createWithOptions()
 * @return as MQTTClient_createWithOptions()
 */
LIBMQTT_API int MQTTClient_create(MQTTClient *handle, const char *serverURI, const char *clientId,
    int persistence_type, void *persistence_context);

/**
 * Creates a client. Does not use the network.
 *
 * Messages in flight that an earlier client with the same identifier and server left in a persistent
 * store are restored: outgoing messages are sent again after the next connect, received messages are
 * delivered.
 *
 * @param handle set to the new client, which must be released with MQTTClient_destroy()
 * @param serverURI address of the server; see "Server URIs" at the top of this header
 * @param clientId client identifier, UTF-8; empty to let the server assign one
 * @param persistence_type where messages in flight are stored: MQTTCLIENT_PERSISTENCE_NONE (memory),
 *   MQTTCLIENT_PERSISTENCE_DEFAULT (files) or MQTTCLIENT_PERSISTENCE_USER (functions of the
 *   application)
 * @param persistence_context for files the directory, NULL for the working directory; for functions of
 *   the application a pointer to an MQTTClient_persistence structure, which must stay valid until the
 *   client is destroyed; otherwise ignored
 * @param options selects the MQTT version; NULL for MQTT 3.1.1 and 3.1
 * @return the first that applies
 * - -6 (MQTTCLIENT_NULL_PARAMETER): handle, serverURI or clientId is NULL
 * - -5 (MQTTCLIENT_BAD_UTF8_STRING): clientId is not UTF-8 or is longer than 65535 bytes
 * - -2 (MQTTCLIENT_PERSISTENCE_ERROR): clientId is empty, but messages are to be stored in files
 * - -14 (MQTTCLIENT_BAD_PROTOCOL): the scheme of the URI is unknown, or needs TLS and the library was
 *   built without it
 * - -8 (MQTTCLIENT_BAD_STRUCTURE): options has an invalid struct_id or struct_version
 * - -1 (MQTTCLIENT_FAILURE): there are too many clients
 * - -2 (MQTTCLIENT_PERSISTENCE_ERROR): the store cannot be used: persistence_type or
 *   persistence_context is invalid, the directory cannot be created or is in use by another process,
 *   or it contains MQTT 5.0 messages and the client is for an earlier version. *handle is set all the
 *   same, to a client without persistence that must be destroyed
 * - the result of a failing function of the application's store; *handle is set as for -2
 * - 0 (MQTTCLIENT_SUCCESS): the client was created
 *
 * *handle is unchanged after a failure, except where noted.
 * @note All strings are copied. The functions of an MQTTClient_persistence structure may be called on
 *   any thread, one at a time in the whole process. They must not call the API; every handle is
 *   rejected while they run.
 */
LIBMQTT_API int MQTTClient_createWithOptions(MQTTClient *handle, const char *serverURI, const char *clientId,
    int persistence_type, void *persistence_context, MQTTClient_createOptions *options);

/**
 * Destroys a client and sets *handle to NULL. A connected client is disconnected first.
 *
 * Messages, topic names and token arrays that the application has received remain valid. Unfinished
 * deliveries are abandoned; with a persistent store and a continuing session, the next client with the
 * same identifier and server resumes them.
 *
 * @param handle the variable that holds the client; nothing happens if it is NULL or *handle is not a
 *   valid client handle
 * @note When the call returns, no callback of the client is running and none will run. May be called
 *   in callbacks; in a callback of the same client, the running callback completes and no further one
 *   is made.
 */
LIBMQTT_API void MQTTClient_destroy(MQTTClient *handle);

/**
 * Sets the callbacks of a client and switches it to background operation: from the next connect on,
 * threads of the library receive messages and run the callbacks. Without callbacks the client works
 * only inside API calls, and messages are fetched with MQTTClient_receive().
 *
 * @param handle the client
 * @param context passed to the three callbacks
 * @param cl called when the connection is lost, or NULL
 * @param ma called for each message; must not be NULL
 * @param dc called when the delivery of a QoS 1 or 2 message is complete, or NULL
 * @return
 * - 0 (MQTTCLIENT_SUCCESS): the callbacks were set
 * - -1 (MQTTCLIENT_FAILURE): handle is not a valid client handle, ma is NULL, or the client is
 *   currently connecting or disconnecting
 *
 * @note Set the callbacks before connecting. On a connected client they take effect, but without
 *   background threads until the next connect. Callbacks can be replaced, but background operation
 *   cannot be switched off again.
 */
LIBMQTT_API int MQTTClient_setCallbacks(MQTTClient handle, void *context, MQTTClient_connectionLost *cl,
    MQTTClient_messageArrived *ma, MQTTClient_deliveryComplete *dc);

/**
 * Sets the callback for DISCONNECT packets of MQTT 5.0 servers. connectionLost is then not called for
 * them.
 *
 * @param handle the client; the callback is made only if it also has callbacks set with
 *   MQTTClient_setCallbacks()
 * @param context passed to the callback
 * @param co the callback, or NULL for none
 * @return
 * - 0 (MQTTCLIENT_SUCCESS): the callback was set
 * - -1 (MQTTCLIENT_FAILURE): handle is not a valid client handle, or the client is currently
 *   connecting or disconnecting
 */
LIBMQTT_API int MQTTClient_setDisconnected(MQTTClient handle, void *context, MQTTClient_disconnected *co);

/**
 * Sets the callback for the MQTT 5.0 acknowledgements of published messages with QoS 1 and 2. It
 * reports their reason codes and properties.
 *
 * @param handle the client
 * @param context passed to the callback
 * @param co the callback, or NULL for none
 * @return
 * - 0 (MQTTCLIENT_SUCCESS): the callback was set
 * - -1 (MQTTCLIENT_FAILURE): handle is not a valid client handle, or the client is currently
 *   connecting or disconnecting
 *
 * @note On a client without background threads the callback runs inside the API call that receives the
 *   acknowledgement.
 */
LIBMQTT_API int MQTTClient_setPublished(MQTTClient handle, void *context, MQTTClient_published *co);

/**
 * Connects to the server and waits for its answer. For MQTT 3.1 and 3.1.1. If options->MQTTVersion is
 * MQTTVERSION_5, the client becomes a client for MQTT 5.0.
 *
 * The servers in options->serverURIs are tried in order; without a list, the one given at creation is
 * used. Each is allowed connectTimeout seconds. With MQTTVERSION_DEFAULT, MQTT 3.1.1 is tried first
 * and MQTT 3.1 after any failure. A connected client is disconnected first.
 *
 * @param handle the client
 * @param options connect options, initialized with MQTTClient_connectOptions_initializer; only the
 *   members that exist in struct_version are read. After a successful connect options->returned holds
 *   the server and MQTT version in use and whether the server had a session.
 * @return
 * - 0 (MQTTCLIENT_SUCCESS): the client is connected
 * - 1 to 5, with MQTT 5.0 also 128 and above: the server refused the connection with this code
 * - -1 (MQTTCLIENT_FAILURE): no connection or no answer in time; connectTimeout is not positive; a URI
 *   in serverURIs has an unknown scheme; the binary password or the will payload is longer than 65535
 *   bytes; or there is no client at all in the process
 * - -3 (MQTTCLIENT_DISCONNECTED): the connection was lost while stored messages were being sent again
 * - -5 (MQTTCLIENT_BAD_UTF8_STRING): user name, password or will topic is not UTF-8 or is longer than
 *   65535 bytes
 * - -6 (MQTTCLIENT_NULL_PARAMETER): handle is not a valid client handle; options, the will topic or an
 *   element of serverURIs is NULL; or a server URI has a TLS scheme and options->ssl is NULL
 * - -8 (MQTTCLIENT_BAD_STRUCTURE): options, will or (in a library with TLS) ssl has an invalid
 *   struct_id or struct_version
 * - -9 (MQTTCLIENT_BAD_QOS): the QoS of the will is not 0, 1 or 2
 * - -11 (MQTTCLIENT_BAD_MQTT_VERSION): MQTTVersion is not one of the MQTTVERSION_ values
 * - -15 (MQTTCLIENT_BAD_MQTT_OPTION): cleansession is set with MQTT 5.0, or cleanstart with an earlier
 *   version
 * - -16 (MQTTCLIENT_WRONG_MQTT_VERSION): the client is for MQTT 5.0
 * - -17 (MQTTCLIENT_0_LEN_WILL_TOPIC): the will topic is empty
 * - -2 (MQTTCLIENT_PERSISTENCE_ERROR), or the result of the application's function: the store could
 *   not be cleared for a new session
 *
 * @note The options may be freed once the call returns. After a failure the client is not connected
 *   and may connect again; connectionLost is not called. May be called in callbacks.
 */
LIBMQTT_API int MQTTClient_connect(MQTTClient handle, MQTTClient_connectOptions *options);

/**
 * Connects to the server with MQTT 5.0 and waits for its answer. The client must have been created
 * with MQTTClient_createWithOptions() and MQTTVERSION_5.
 *
 * @param handle the client
 * @param options connect options, initialized with MQTTClient_connectOptions_initializer5; otherwise
 *   as for MQTTClient_connect()
 * @param connectProperties properties of the CONNECT packet, or NULL
 * @param willProperties properties of the will message, or NULL
 * @return a response whose reasonCode is that of MQTTClient_connect(), except that -16
 *   (MQTTCLIENT_WRONG_MQTT_VERSION) means that the client is not for MQTT 5.0. After a successful
 *   connect its properties are those of the CONNACK packet, otherwise NULL. Release it with
 *   MQTTResponse_free().
 * @note The caller keeps ownership of all arguments. May be called in callbacks.
 */
LIBMQTT_API MQTTResponse MQTTClient_connect5(MQTTClient handle, MQTTClient_connectOptions *options,
    MQTTProperties *connectProperties, MQTTProperties *willProperties);

/**
 * Disconnects from the server.
 *
 * @param handle the client
 * @param timeout milliseconds to wait for messages in flight to be completed; 0 or a negative value:
 *   do not wait
 * @return
 * - 0 (MQTTCLIENT_SUCCESS): the client is disconnected, or was not connected
 * - -1 (MQTTCLIENT_FAILURE): handle is not a valid client handle
 *
 * @note Calls that are waiting on other threads return. When this call returns, no callback of the
 *   client is running and none will run before it connects again. In a callback of the same client,
 *   the running callback completes and no further one is made. connectionLost is not called.
 */
LIBMQTT_API int MQTTClient_disconnect(MQTTClient handle, int timeout);

/**
 * Disconnects from the server with a reason code and properties, which are sent with MQTT 5.0 only.
 *
 * @param handle the client
 * @param timeout milliseconds to wait for messages in flight to be completed; 0 or a negative value:
 *   do not wait
 * @param reason reason code to send. The server publishes the will message unless it is
 *   MQTTREASONCODE_NORMAL_DISCONNECTION
 * @param props properties of the DISCONNECT packet, or NULL; the caller keeps ownership
 * @return
 * - 0 (MQTTCLIENT_SUCCESS): the client is disconnected, or was not connected
 * - -1 (MQTTCLIENT_FAILURE): handle is not a valid client handle, or the properties cannot be sent;
 *   nothing was done
 * - -5 (MQTTCLIENT_BAD_UTF8_STRING): a string in the properties is not UTF-8; nothing was done
 *
 * @note As for MQTTClient_disconnect().
 */
LIBMQTT_API int MQTTClient_disconnect5(MQTTClient handle, int timeout, enum MQTTReasonCodes reason,
    MQTTProperties *props);

/**
 * Returns whether a client is connected. Does not wait.
 *
 * @param handle the client
 * @return
 * - 1: the client is connected
 * - 0: it is not, or handle is not a valid client handle. Always 0 in connectionLost and disconnected
 *
 * @note Without callbacks a lost connection is noticed only inside API calls.
 */
LIBMQTT_API int MQTTClient_isConnected(MQTTClient handle);

/**
 * Subscribes to a topic filter and waits for the server's answer. For MQTT 3.1 and 3.1.1.
 *
 * @param handle the client
 * @param topic topic filter, UTF-8, at most 65535 bytes; see "Topics and wildcards" at the top of this
 *   header
 * @param qos maximum QoS of messages for this subscription: 0, 1 or 2
 * @return
 * - 0 (MQTTCLIENT_SUCCESS): subscribed; the server may have granted a lower QoS
 * - 128 (MQTT_BAD_SUBSCRIBE): the server rejected the subscription
 * - -1 (MQTTCLIENT_FAILURE): handle is not a valid client handle; or no answer within the command
 *   time-out: the connection was closed and connectionLost called
 * - -3 (MQTTCLIENT_DISCONNECTED): not connected
 * - -4 (MQTTCLIENT_MAX_MESSAGES_INFLIGHT): all 65535 packet identifiers are in use
 * - -5 (MQTTCLIENT_BAD_UTF8_STRING): topic is NULL, not UTF-8 or too long
 * - -9 (MQTTCLIENT_BAD_QOS): qos is not 0, 1 or 2
 * - -16 (MQTTCLIENT_WRONG_MQTT_VERSION): the client is for MQTT 5.0
 *
 * @note Waits at most as long as set with MQTTClient_setCommandTimeout(). May be called in callbacks.
 */
LIBMQTT_API int MQTTClient_subscribe(MQTTClient handle, const char *topic, int qos);

/**
 * Subscribes to a topic filter with options and properties and waits for the server's answer. For MQTT
 * 5.0; with earlier versions options and properties are ignored.
 *
 * @param handle the client
 * @param topic topic filter, UTF-8, at most 65535 bytes
 * @param qos maximum QoS of messages for this subscription: 0, 1 or 2
 * @param opts subscription options, or NULL for the defaults; the caller keeps ownership
 * @param props properties of the SUBSCRIBE packet, or NULL; the caller keeps ownership
 * @return a response. With MQTT 5.0 its reasonCode is the granted QoS, or 128 and above if the server
 *   rejected the subscription; with earlier versions it is 0 or 128. Negative codes are those of
 *   MQTTClient_subscribe() except -16; -1 also means that the properties cannot be sent. Its
 *   properties are those of the SUBACK packet, or NULL. Release it with MQTTResponse_free().
 * @note As for MQTTClient_subscribe().
 */
LIBMQTT_API MQTTResponse MQTTClient_subscribe5(MQTTClient handle, const char *topic, int qos,
    MQTTSubscribe_options *opts, MQTTProperties *props);

/**
 * Subscribes to several topic filters with one packet and waits for the server's answer. For MQTT 3.1
 * and 3.1.1.
 *
 * @param handle the client
 * @param count number of filters
 * @param topic the filters
 * @param qos maximum QoS of each filter; overwritten with the granted QoS, or with 128
 *   (MQTT_BAD_SUBSCRIBE) where the server rejected the subscription
 * @return
 * - 0 (MQTTCLIENT_SUCCESS): the server answered; qos holds the results
 * - -1 (MQTTCLIENT_FAILURE): count is not positive, or as for MQTTClient_subscribe()
 * - -6 (MQTTCLIENT_NULL_PARAMETER): topic or qos is NULL
 * - other negative codes: as for MQTTClient_subscribe(), for the first invalid filter; nothing was
 *   sent
 *
 * @note As for MQTTClient_subscribe().
 */
LIBMQTT_API int MQTTClient_subscribeMany(MQTTClient handle, int count, char *const *topic, int *qos);

/**
 * Subscribes to several topic filters with one packet, with options and properties, and waits for the
 * server's answer. For MQTT 5.0; with earlier versions options and properties are ignored.
 *
 * @param handle the client
 * @param count number of filters
 * @param topic the filters
 * @param qos maximum QoS of each filter. Unchanged with MQTT 5.0; with earlier versions overwritten as
 *   by MQTTClient_subscribeMany()
 * @param opts options of each filter, or NULL for the defaults; the caller keeps ownership
 * @param props properties of the SUBSCRIBE packet, or NULL; the caller keeps ownership
 * @return a response. With MQTT 5.0 its reasonCode is that of the first filter and reasonCodes has one
 *   for each filter (NULL for a single one); with earlier versions reasonCode is 0. Negative codes are
 *   those of MQTTClient_subscribeMany() except -16. Release it with MQTTResponse_free().
 * @note As for MQTTClient_subscribe().
 */
LIBMQTT_API MQTTResponse MQTTClient_subscribeMany5(MQTTClient handle, int count, char *const *topic,
    int *qos, MQTTSubscribe_options *opts, MQTTProperties *props);

/**
 * Removes a subscription and waits for the server's answer. For all MQTT versions.
 *
 * @param handle the client
 * @param topic topic filter, as subscribed to
 * @return
 * - 0 (MQTTCLIENT_SUCCESS): the server answered
 * - 17 and above, with MQTT 5.0: reason code of the server, for example
 *   MQTTREASONCODE_NO_SUBSCRIPTION_FOUND
 * - -1 (MQTTCLIENT_FAILURE): handle is not a valid client handle; or no answer within the command
 *   time-out: the connection was closed and connectionLost called
 * - -3 (MQTTCLIENT_DISCONNECTED): not connected
 * - -4 (MQTTCLIENT_MAX_MESSAGES_INFLIGHT): all 65535 packet identifiers are in use
 * - -5 (MQTTCLIENT_BAD_UTF8_STRING): topic is NULL, not UTF-8 or longer than 65535 bytes
 *
 * @note Waits at most as long as set with MQTTClient_setCommandTimeout(). May be called in callbacks.
 */
LIBMQTT_API int MQTTClient_unsubscribe(MQTTClient handle, const char *topic);

/**
 * Removes a subscription and waits for the server's answer. For MQTT 5.0; with earlier versions the
 * properties are ignored.
 *
 * @param handle the client
 * @param topic topic filter, as subscribed to
 * @param props properties of the UNSUBSCRIBE packet, or NULL; the caller keeps ownership
 * @return a response whose reasonCode is that of MQTTClient_unsubscribe(); -1 also means that the
 *   properties cannot be sent. Its properties are those of the UNSUBACK packet, or NULL. Release it
 *   with MQTTResponse_free().
 * @note As for MQTTClient_unsubscribe().
 */
LIBMQTT_API MQTTResponse MQTTClient_unsubscribe5(MQTTClient handle, const char *topic, MQTTProperties *props);

/**
 * Removes several subscriptions with one packet and waits for the server's answer. For MQTT 3.1 and
 * 3.1.1.
 *
 * @param handle the client
 * @param count number of filters
 * @param topic the filters, as subscribed to
 * @return
 * - 0 (MQTTCLIENT_SUCCESS): the server answered
 * - -1 (MQTTCLIENT_FAILURE): count is not positive, or as for MQTTClient_unsubscribe()
 * - -6 (MQTTCLIENT_NULL_PARAMETER): topic is NULL
 * - -16 (MQTTCLIENT_WRONG_MQTT_VERSION): the client is for MQTT 5.0
 * - other negative codes: as for MQTTClient_unsubscribe(), for the first invalid filter; nothing was
 *   sent
 *
 * @note As for MQTTClient_unsubscribe().
 */
LIBMQTT_API int MQTTClient_unsubscribeMany(MQTTClient handle, int count, char *const *topic);

/**
 * Removes several subscriptions with one packet and waits for the server's answer. For MQTT 5.0; with
 * earlier versions the properties are ignored.
 *
 * @param handle the client
 * @param count number of filters
 * @param topic the filters, as subscribed to
 * @param props properties of the UNSUBSCRIBE packet, or NULL; the caller keeps ownership
 * @return a response. With MQTT 5.0 its reasonCode is that of the first filter and reasonCodes has one
 *   for each filter (NULL for a single one). Negative codes are those of MQTTClient_unsubscribeMany()
 *   except -16. Release it with MQTTResponse_free().
 * @note As for MQTTClient_unsubscribe().
 */
LIBMQTT_API MQTTResponse MQTTClient_unsubscribeMany5(MQTTClient handle, int count, char *const *topic,
    MQTTProperties *props);

/**
 * Publishes a message. For MQTT 3.1 and 3.1.1.
 *
 * Blocks while the maximum number of messages in flight is reached, without a time limit, and until
 * the message is written. It does not wait for the acknowledgement; MQTTClient_waitForCompletion()
 * does.
 *
 * @param handle the client
 * @param topicName topic, UTF-8, at most 65535 bytes
 * @param payloadlen length of the payload in bytes
 * @param payload the payload
 * @param qos 0 at most once, 1 at least once, 2 exactly once
 * @param retained non-zero: the server retains the message for future subscribers
 * @param dt set to the delivery token of a QoS 1 or 2 message, before the message is written; or NULL.
 *   Unchanged for QoS 0 and after a failure
 * @return
 * - 0 (MQTTCLIENT_SUCCESS): the message was published. A QoS 1 or 2 message that could not be written
 *   is sent again after the next connect
 * - -1 (MQTTCLIENT_FAILURE): handle is not a valid client handle; the connection was lost while the
 *   call was waiting, or for QoS 0 writing; or the packet would be longer than 268435455 bytes
 * - -2 (MQTTCLIENT_PERSISTENCE_ERROR): the message could not be stored, and was not sent
 * - -3 (MQTTCLIENT_DISCONNECTED): not connected
 * - -4 (MQTTCLIENT_MAX_MESSAGES_INFLIGHT): all 65535 packet identifiers are in use
 * - -5 (MQTTCLIENT_BAD_UTF8_STRING): topicName is NULL, not UTF-8 or too long
 * - -6 (MQTTCLIENT_NULL_PARAMETER): payloadlen is negative, or positive while payload is NULL
 * - -9 (MQTTCLIENT_BAD_QOS): qos is not 0, 1 or 2
 * - -16 (MQTTCLIENT_WRONG_MQTT_VERSION): the client is for MQTT 5.0
 * - -99: out of memory
 *
 * @note The caller keeps ownership of topic and payload. May be called in callbacks and from several
 *   threads at once. On a client with callbacks, bursts of messages may be written by a thread of the
 *   library; MQTTClient_disconnect() and exit() wait for it.
 */
LIBMQTT_API int MQTTClient_publish(MQTTClient handle, const char *topicName, int payloadlen,
    const void *payload, int qos, int retained, MQTTClient_deliveryToken *dt);

/**
 * Publishes a message with properties. For MQTT 5.0; with earlier versions the properties are ignored.
 *
 * @param handle the client
 * @param topicName topic, UTF-8, at most 65535 bytes; may be empty if properties has a topic alias.
 *   The server closes the connection if it does not know the alias
 * @param payloadlen length of the payload in bytes
 * @param payload the payload
 * @param qos 0 at most once, 1 at least once, 2 exactly once
 * @param retained non-zero: the server retains the message for future subscribers
 * @param properties properties of the PUBLISH packet, or NULL; the caller keeps ownership
 * @param dt set to the delivery token of a QoS 1 or 2 message, or NULL
 * @return a response whose reasonCode is that of MQTTClient_publish() except -16; -1 also means that
 *   the properties cannot be sent. MQTTREASONCODE_QOS_NOT_SUPPORTED,
 *   MQTTREASONCODE_RETAIN_NOT_SUPPORTED and MQTTREASONCODE_PACKET_TOO_LARGE mean that the server
 *   announced such a limit when the client connected; nothing was sent. The response holds nothing
 *   that needs to be freed.
 * @note As for MQTTClient_publish().
 */
LIBMQTT_API MQTTResponse MQTTClient_publish5(MQTTClient handle, const char *topicName, int payloadlen,
    const void *payload, int qos, int retained, MQTTProperties *properties, MQTTClient_deliveryToken *dt);

/**
 * Publishes a message given as a structure. For MQTT 3.1 and 3.1.1.
 *
 * @param handle the client
 * @param topicName topic, UTF-8, at most 65535 bytes
 * @param msg the message, initialized with MQTTClient_message_initializer; dup and msgid are ignored
 * @param dt set to the delivery token of a QoS 1 or 2 message, or NULL
 * @return the first that applies
 * - -6 (MQTTCLIENT_NULL_PARAMETER): msg is NULL
 * - -8 (MQTTCLIENT_BAD_STRUCTURE): msg has an invalid struct_id or struct_version
 * - otherwise as MQTTClient_publish()
 *
 * @note As for MQTTClient_publish(). The caller keeps ownership of msg.
 */
LIBMQTT_API int MQTTClient_publishMessage(MQTTClient handle, const char *topicName, MQTTClient_message *msg,
    MQTTClient_deliveryToken *dt);

/**
 * Publishes a message given as a structure, with its properties. For MQTT 5.0; with earlier versions
 * the properties are ignored.
 *
 * @param handle the client
 * @param topicName topic, UTF-8, at most 65535 bytes; see MQTTClient_publish5()
 * @param msg the message, initialized with MQTTClient_message_initializer; dup and msgid are ignored
 * @param dt set to the delivery token of a QoS 1 or 2 message, or NULL
 * @return a response whose reasonCode is the first that applies
 * - -6 (MQTTCLIENT_NULL_PARAMETER): msg is NULL
 * - -8 (MQTTCLIENT_BAD_STRUCTURE): msg has an invalid struct_id or struct_version
 * - otherwise as MQTTClient_publish5()
 *
 * @note As for MQTTClient_publish(). The caller keeps ownership of msg.
 */
LIBMQTT_API MQTTResponse MQTTClient_publishMessage5(MQTTClient handle, const char *topicName,
    MQTTClient_message *msg, MQTTClient_deliveryToken *dt);

/**
 * Waits until the delivery of a message is complete: acknowledged by the server, or rejected by an
 * MQTT 5.0 server.
 *
 * @param handle the client
 * @param dt the token of the message, from the publishing call
 * @param timeout maximum time to wait, in milliseconds
 * @return
 * - 0 (MQTTCLIENT_SUCCESS): the delivery is complete, or the token is unknown
 * - -1 (MQTTCLIENT_FAILURE): handle is not a valid client handle, or the call timed out (a timeout of
 *   0 always times out)
 * - -3 (MQTTCLIENT_DISCONNECTED): not connected
 *
 * @note May be called in callbacks.
 */
LIBMQTT_API int MQTTClient_waitForCompletion(MQTTClient handle, MQTTClient_deliveryToken dt,
    unsigned long timeout);

/**
 * Returns the tokens of all messages whose delivery is not complete, in the order of sending.
 *
 * @param handle the client; it need not be connected
 * @param tokens set to an array that ends with -1, to be freed with MQTTClient_free(); NULL if there
 *   are no such messages or the call failed
 * @return
 * - 0 (MQTTCLIENT_SUCCESS): tokens was set
 * - -1 (MQTTCLIENT_FAILURE): handle is not a valid client handle
 * - -6 (MQTTCLIENT_NULL_PARAMETER): tokens is NULL
 * - -99: out of memory
 */
LIBMQTT_API int MQTTClient_getPendingDeliveryTokens(MQTTClient handle, MQTTClient_deliveryToken **tokens);

/**
 * Sets how long subscribe and unsubscribe calls wait for the server's answer. The default is 10
 * seconds.
 *
 * @param handle the client
 * @param milliSeconds time in milliseconds, at least 5000
 * @return
 * - 0 (MQTTCLIENT_SUCCESS): the time was set
 * - -1 (MQTTCLIENT_FAILURE): milliSeconds is less than 5000, or handle is not a valid client handle;
 *   nothing has changed
 */
LIBMQTT_API int MQTTClient_setCommandTimeout(MQTTClient handle, unsigned long milliSeconds);

/**
 * Receives the next message on a client without callbacks, waiting for it if necessary.
 *
 * @param handle the client
 * @param topicName set to the topic, zero-terminated, to be freed with MQTTClient_free()
 * @param topicLen set to the length of the topic in bytes
 * @param message set to the message, to be freed with MQTTClient_freeMessage(); NULL if none was
 *   received
 * @param timeout maximum time to wait, in milliseconds; 0 to take only what has already arrived
 * @return the first that applies
 * - -1 (MQTTCLIENT_FAILURE): handle is not a valid client handle
 * - -6 (MQTTCLIENT_NULL_PARAMETER): topicName, topicLen or message is NULL
 * - -1 (MQTTCLIENT_FAILURE): the client is connected with callbacks; or the connection was lost, in
 *   which case *topicName and *message are NULL
 * - -3 (MQTTCLIENT_DISCONNECTED): not connected
 * - 0 (MQTTCLIENT_SUCCESS): a message was received; or the call timed out, in which case *message is
 *   NULL
 * - -7 (MQTTCLIENT_TOPICNAME_TRUNCATED): a message was received whose topic contains zero bytes
 * - -99: out of memory
 *
 * @note This call also keeps the connection alive: an application without callbacks must call it, or
 *   MQTTClient_yield(), regularly.
 */
LIBMQTT_API int MQTTClient_receive(MQTTClient handle, char **topicName, int *topicLen,
    MQTTClient_message **message, unsigned long timeout);

/**
 * Lets the library work for 100 milliseconds on all clients without callbacks: it sends pings and
 * acknowledgements and receives messages, which are kept for MQTTClient_receive(). Needed by
 * applications that do not call other waiting functions often enough to keep their connections alive.
 */
LIBMQTT_API void MQTTClient_yield(void);

/**
 * Frees the reason codes and properties of a response. The response itself is passed by value and need
 * not be freed.
 *
 * @param response the response. Call this at most once for each; a response that holds nothing is
 *   allowed
 */
LIBMQTT_API void MQTTResponse_free(MQTTResponse response);

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
LIBMQTT_API const char *MQTTClient_strerror(int code);

/**
 * Returns information about the library as a list of names and values. The first three names are
 * "Product name", "Version" and "Build level"; libraries with TLS add five about OpenSSL.
 *
 * @return a constant array that ends with a pair of NULLs; do not free it
 * @note May be called at any time, also before a client is created.
 */
LIBMQTT_API MQTTClient_nameValue *MQTTClient_getVersionInfo(void);

/**
 * Allocates memory with malloc().
 *
 * @param size number of bytes
 * @return the memory, to be released with MQTTClient_free() or free(), or NULL if out of memory
 */
LIBMQTT_API void *MQTTClient_malloc(size_t size);

/**
 * Frees memory returned by the library, such as topic names and token arrays. Equivalent to free().
 *
 * @param ptr the memory, or NULL
 */
LIBMQTT_API void MQTTClient_free(void *ptr);

/**
 * Frees a received message with its payload and properties, and sets *msg to NULL. The topic name is
 * freed separately, with MQTTClient_free().
 *
 * @param msg the variable that points to the message; nothing happens if it or *msg is NULL
 */
LIBMQTT_API void MQTTClient_freeMessage(MQTTClient_message **msg);

/**
 * Sets the trace level of the whole process: lines of this level and of those that follow it in
 * MQTTCLIENT_TRACE_LEVELS are written.
 *
 * @param level from MQTTCLIENT_TRACE_MAXIMUM (most lines) to MQTTCLIENT_TRACE_FATAL (fewest). The
 *   default is MQTTCLIENT_TRACE_MINIMUM, or the value of the environment variable
 *   MQTT_C_CLIENT_TRACE_LEVEL.
 */
LIBMQTT_API void MQTTClient_setTraceLevel(enum MQTTCLIENT_TRACE_LEVELS level);

/**
 * Sets the function that is called for each line of the trace, for the whole process.
 *
 * @param callback the function, or NULL for none
 * @note It may be called on any thread that uses the library and on the library's own threads, but
 *   never twice at the same time and never with a lock held. It may call the API; lines caused by its
 *   own calls are not passed to it.
 */
LIBMQTT_API void MQTTClient_setTraceCallback(MQTTClient_traceCallback *callback);

/** Options for MQTTClient_global_init(), which ignores them. */
#define MQTTClient_init_options_initializer { {'M', 'Q', 'T', 'G'}, 0, 0 }

/** An empty message with QoS 0. */
#define MQTTClient_message_initializer \
  { {'M', 'Q', 'T', 'M'}, 1, 0, NULL, 0, 0, 0, 0, MQTTProperties_initializer }

/** Create options for MQTT 3.1.1 and 3.1. */
#define MQTTClient_createOptions_initializer { {'M', 'Q', 'C', 'O'}, 0, MQTTVERSION_DEFAULT }

/** A will message with QoS 0. Set topicName. */
#define MQTTClient_willOptions_initializer \
  { {'M', 'Q', 'T', 'W'}, 1, NULL, NULL, 0, 0, {0, NULL} }

/** TLS options: the server's certificate must be valid, but its host name is not checked. */
#define MQTTClient_SSLOptions_initializer \
  { {'M', 'Q', 'T', 'S'}, 5, NULL, NULL, NULL, NULL, NULL, 1, MQTT_SSL_VERSION_DEFAULT, 0, \
    NULL, NULL, NULL, NULL, NULL, 0, NULL, 0 }

/** Connect options for MQTT 3.1.1 and 3.1: clean session, keep-alive 60 s, one message in flight, connect timeout 30 s. */
#define MQTTClient_connectOptions_initializer \
  { {'M', 'Q', 'T', 'C'}, 8, 60, 1, 1, NULL, NULL, NULL, 30, 0, NULL, \
    0, NULL, MQTTVERSION_DEFAULT, {NULL, 0, 0}, {0, NULL}, -1, 0, NULL, NULL, NULL }

/** Connect options for MQTT 5.0 with clean start, otherwise the same. */
#define MQTTClient_connectOptions_initializer5 \
  { {'M', 'Q', 'T', 'C'}, 8, 60, 0, 1, NULL, NULL, NULL, 30, 0, NULL, \
    0, NULL, MQTTVERSION_5, {NULL, 0, 0}, {0, NULL}, -1, 1, NULL, NULL, NULL }

/** For WebSockets: keep-alive 45 s, because many proxies close connections that are silent for a minute. */
#define MQTTClient_connectOptions_initializer_ws \
  { {'M', 'Q', 'T', 'C'}, 8, 45, 1, 1, NULL, NULL, NULL, 30, 0, NULL, \
    0, NULL, MQTTVERSION_DEFAULT, {NULL, 0, 0}, {0, NULL}, -1, 0, NULL, NULL, NULL }

/** Connect options for MQTT 5.0 with clean start, otherwise the same. */
#define MQTTClient_connectOptions_initializer5_ws \
  { {'M', 'Q', 'T', 'C'}, 8, 45, 0, 1, NULL, NULL, NULL, 30, 0, NULL, \
    0, NULL, MQTTVERSION_5, {NULL, 0, 0}, {0, NULL}, -1, 1, NULL, NULL, NULL }

/** An empty response. */
#define MQTTResponse_initializer { 1, MQTTREASONCODE_SUCCESS, 0, NULL, NULL }

#if defined(__cplusplus)
}
#endif

#endif /* MQTTCLIENT_H */
