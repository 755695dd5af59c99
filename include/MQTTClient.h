/**
 * The synchronous MQTT client: calls return when what they ask for is done.
 *
 * A client works in one of two ways. After MQTTClient_setCallbacks() the library receives on threads of its own
 * and tells the program by callbacks. Without it there are no threads: messages are received, acknowledged and
 * kept alive while the program is inside a call, and MQTTClient_receive() fetches them.
 *
 * Functions whose names end in 5 are for MQTT 5.0.
 *
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

/** Return code: done. */
#define MQTTCLIENT_SUCCESS 0

/** Return code: failed, or ran out of time, for a reason that has no code of its own. */
#define MQTTCLIENT_FAILURE -1

/** Return code: the client is not connected. */
#define MQTTCLIENT_DISCONNECTED -3

/** Return code: all 65535 packet identifiers are in use. */
#define MQTTCLIENT_MAX_MESSAGES_INFLIGHT -4

/** Return code: a text is not valid UTF-8. */
#define MQTTCLIENT_BAD_UTF8_STRING -5

/** Return code: an argument that must not be NULL is NULL. */
#define MQTTCLIENT_NULL_PARAMETER -6

/** Return code: the topic contains zero bytes, so strlen() does not give its length. */
#define MQTTCLIENT_TOPICNAME_TRUNCATED -7

/** Return code: a structure has a wrong struct_id or an unknown struct_version. */
#define MQTTCLIENT_BAD_STRUCTURE -8

/** Return code: a QoS is not 0, 1 or 2. */
#define MQTTCLIENT_BAD_QOS -9

/** Return code: the server URI asks for TLS and this library was built without it. */
#define MQTTCLIENT_SSL_NOT_SUPPORTED -10

/** Return code: MQTTVersion is none of the MQTTVERSION_ values. */
#define MQTTCLIENT_BAD_MQTT_VERSION -11

/**
 * Return code: the scheme of the server URI is unknown, or asks for something this library was built
 * without.
 */
#define MQTTCLIENT_BAD_PROTOCOL -14

/**
 * Return code: an option does not belong to the MQTT version asked for: cleansession with 5.0, or
 * cleanstart with an earlier one.
 */
#define MQTTCLIENT_BAD_MQTT_OPTION -15

/**
 * Return code: the function is for another MQTT version than that of the client. The functions whose names
 * end in 5 are for 5.0.
 */
#define MQTTCLIENT_WRONG_MQTT_VERSION -16

/** Return code: the topic of the will message is empty. */
#define MQTTCLIENT_0_LEN_WILL_TOPIC -17

/** Options for MQTTClient_global_init(). Start from MQTTClient_init_options_initializer. */
typedef struct {
  /** Always "MQTG" (no terminating zero). */
  char struct_id[4];
  /** Version of this structure: 0. */
  int struct_version;
  /** 1: the library initialises OpenSSL. 0: the program has done it. */
  int do_openssl_init;
} MQTTClient_init_options;

/**
 * One client. A value of MQTTClient_create(), to be given to every other function and in the end to
 * MQTTClient_destroy(), which sets it to NULL. What it points to is the library's own.
 */
typedef void *MQTTClient;

/** Options for MQTTClient_createWithOptions(). Start from MQTTClient_createOptions_initializer. */
typedef struct {
  /** Always "MQCO" (no terminating zero). */
  char struct_id[4];
  /** Version of this structure: 0. */
  int struct_version;
  /**
   * The MQTT version the client is for: one of the MQTTVERSION_ values. Without options it is
   * MQTTVERSION_DEFAULT.
   */
  int MQTTVersion;
} MQTTClient_createOptions;

/**
 * Called when the connection was lost, which does not include the program's own disconnect.
 *
 * context: as given to MQTTClient_setCallbacks(). cause: always NULL. The client may be connected again in
 * this function.
 */
typedef void MQTTClient_connectionLost(void *context, char *cause);

/** A message, to publish or received. Start from MQTTClient_message_initializer. */
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
} MQTTClient_message;

/**
 * Called when a message has arrived.
 *
 * context: as given to MQTTClient_setCallbacks(). topicName: the topic. topicLen: 0, or if the topic
 * contains zero bytes its length. message: the message.
 *
 * Return non-zero to take the message: topicName and message then belong to the program, which releases
 * them with MQTTClient_free() and MQTTClient_freeMessage(), now or later. Return 0 to refuse it: leave both
 * alone; the same message is offered again later, before any other.
 *
 * Runs on a thread of the library; any function of the library may be called in it.
 */
typedef int MQTTClient_messageArrived(void *context, char *topicName, int topicLen,
    MQTTClient_message *message);

/** Names a message on its way to the server, from the publishing call until its delivery is complete. */
typedef int MQTTClient_deliveryToken;

/**
 * Called when the delivery of a message with QoS 1 or 2 is complete.
 *
 * context: as given to MQTTClient_setCallbacks(). dt: the token that the publishing call gave; it stands in
 * there before this is called.
 */
typedef void MQTTClient_deliveryComplete(void *context, MQTTClient_deliveryToken dt);

/**
 * Called when the server has ended the connection with an MQTT 5.0 DISCONNECT packet.
 *
 * context: as given to MQTTClient_setDisconnected(). properties: those of the packet; valid during the call
 * only. reasonCode: why.
 */
typedef void MQTTClient_disconnected(void *context, MQTTProperties *properties,
    enum MQTTReasonCodes reasonCode);

/**
 * Called for an MQTT 5.0 acknowledgement that ends the delivery of a message.
 *
 * context: as given to MQTTClient_setPublished(). dt: the token of the message. packet_type: the packet
 * received: 4 PUBACK, 5 PUBREC (only with a failure), 7 PUBCOMP. properties: those of the packet; valid
 * during the call only. reasonCode: that of the packet.
 */
typedef void MQTTClient_published(void *context, int dt, int packet_type, MQTTProperties *properties,
    enum MQTTReasonCodes reasonCode);

/**
 * The will: a message that the server publishes when the connection ends without a disconnect. Start from
 * MQTTClient_willOptions_initializer.
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
} MQTTClient_willOptions;

/**
 * Options for TLS connections. Start from MQTTClient_SSLOptions_initializer. Only a library with TLS
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
} MQTTClient_SSLOptions;

/** A name and a value. Lists end with an element of which both are NULL. */
typedef struct {
  /** The name. */
  const char *name;
  /** The value. */
  const char *value;
} MQTTClient_nameValue;

/**
 * Options for MQTTClient_connect() and MQTTClient_connect5(). Start from
 * MQTTClient_connectOptions_initializer, or for MQTT 5.0 from MQTTClient_connectOptions_initializer5; for
 * WebSockets from those whose names end in _ws.
 */
typedef struct {
  /** Always "MQTC" (no terminating zero). */
  char struct_id[4];
  /**
   * Version of this structure: 0 to 8. 1 added ssl; 2 serverURIcount and serverURIs; 3 MQTTVersion; 4
   * returned; 5 binarypwd; 6 maxInflightMessages and cleanstart; 7 httpHeaders; 8 httpProxy and
   * httpsProxy.
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
  /**
   * Non-zero: one message in flight at a time. 0: up to 10. A publishing call waits when there are
   * more.
   */
  int reliable;
  /** The will; NULL for none. */
  MQTTClient_willOptions *will;
  /** User name; NULL for none. */
  const char *username;
  /** Password, as text; NULL for none. */
  const char *password;
  /** Seconds within which a connection to one server must be made; must be positive. */
  int connectTimeout;
  /**
   * Seconds after which an unacknowledged message is sent again on the same connection; 0: never, only
   * after the next connect. MQTT 3.1 alone allows it.
   */
  int retryInterval;
  /** TLS options; NULL for none. */
  MQTTClient_SSLOptions *ssl;
  /** How many elements serverURIs has; 0 to use the server given when the client was created. */
  int serverURIcount;
  /** Servers to try one after the other, in the place of the one given when the client was created. */
  char *const *serverURIs;
  /** The MQTT version to use: one of the MQTTVERSION_ values. */
  int MQTTVersion;
  /** Written by a successful connect. */
  struct {
    /** The server connected to, without the scheme. Not to be freed. */
    const char *serverURI;
    /** The MQTT version used: MQTTVERSION_3_1, MQTTVERSION_3_1_1 or MQTTVERSION_5. */
    int MQTTVersion;
    /** 1 if the server still had a session of this client. */
    int sessionPresent;
  } returned;
  /** Any bytes as password; used if password is NULL. */
  struct {
    /** How many bytes. */
    int len;
    /** The bytes; NULL for none. */
    const void *data;
  } binarypwd;
  /**
   * How many messages may be in flight at a time; 0 or less: as reliable says. With MQTT 5.0 the server
   * can lower it.
   */
  int maxInflightMessages;
  /**
   * MQTT 5.0. Non-zero: the session starts empty. 0: an earlier one goes on. How long the server keeps it is
   * told by the property SESSION_EXPIRY_INTERVAL.
   */
  int cleanstart;
  /** Additional HTTP headers for WebSockets; NULL for none. */
  const MQTTClient_nameValue *httpHeaders;
  /** HTTP proxy for connections without TLS; NULL for none. */
  const char *httpProxy;
  /** HTTP proxy for connections with TLS; NULL for none. */
  const char *httpsProxy;
} MQTTClient_connectOptions;

/** The result of a function for MQTT 5.0. Release it with MQTTResponse_free(), also after a failure. */
typedef struct MQTTResponse {
  /** Version of this structure: 1. */
  int version;
  /**
   * Negative: a return code of the library. Otherwise the reason code from the server, 128 and above being
   * failures.
   */
  enum MQTTReasonCodes reasonCode;
  /** How many elements reasonCodes has; 0 if there is at most one reason code. */
  int reasonCodeCount;
  /** One reason code for each topic of a call with several; NULL if there are none. */
  enum MQTTReasonCodes *reasonCodes;
  /** The properties of the answer; NULL if there was none. */
  MQTTProperties *properties;
} MQTTResponse;

/** How much the trace tells: each level includes those below it in this list. */
enum MQTTCLIENT_TRACE_LEVELS {
  /** Everything, function calls of the library included. */
  MQTTCLIENT_TRACE_MAXIMUM = 1,
  /** Details. */
  MQTTCLIENT_TRACE_MEDIUM = 2,
  /** A few lines for each operation. */
  MQTTCLIENT_TRACE_MINIMUM = 3,
  /** MQTT packets sent and received. */
  MQTTCLIENT_TRACE_PROTOCOL = 4,
  /** Failures that the library goes on after. */
  MQTTCLIENT_TRACE_ERROR = 5,
  /** Failures that end an operation. */
  MQTTCLIENT_TRACE_SEVERE = 6,
  /** Failures that end the work of the library. */
  MQTTCLIENT_TRACE_FATAL = 7
};

/**
 * Called for every line of the trace.
 *
 * level: that of the line. message: the line, with a terminating zero; valid during the call only.
 */
typedef void MQTTClient_traceCallback(enum MQTTCLIENT_TRACE_LEVELS level, char *message);

/** The same as MQTTClient_deliveryToken. */
typedef int MQTTClient_token;

/**
 * Prepares the library for use. Calling it is optional; the plain library has nothing to prepare.
 *
 * inits: whether the program initialises OpenSSL itself, which matters to the libraries with TLS only.
 * NULL is allowed.
 */
LIBMQTT_API void MQTTClient_global_init(MQTTClient_init_options *inits);

/**
 * Creates a client. The network is not used. Equal to MQTTClient_createWithOptions() without options.
 *
 * See there for the parameters and the results.
 */
LIBMQTT_API int MQTTClient_create(MQTTClient *handle, const char *serverURI, const char *clientId,
    int persistence_type, void *persistence_context);

/**
 * Creates a client. The network is not used.
 *
 * handle: where the new client goes. Every client has to be released with MQTTClient_destroy().
 * serverURI: where the server is, as scheme://host:port or host:port. Schemes: tcp or mqtt; ws for
 * WebSockets; the libraries with TLS also have ssl, tls or mqtts, and wss. An IPv6 address stands in
 * square brackets. The port may be left out.
 * clientId: the client identifier, UTF-8; may be empty if the server shall choose one.
 * persistence_type: where messages in flight are kept: MQTTCLIENT_PERSISTENCE_NONE (in memory),
 * MQTTCLIENT_PERSISTENCE_DEFAULT (in files) or MQTTCLIENT_PERSISTENCE_USER (by functions of the
 * program). persistence_context: for files the directory, NULL meaning the working directory; for
 * functions of the program a pointer to a MQTTClient_persistence structure; otherwise not used.
 * options: the MQTT version the client is for; NULL means MQTT 3.1.1 or 3.1.
 *
 * Messages in flight that an earlier client of this identifier and server has left in the store are
 * taken up: they are sent again after the next connect, and received messages wait to be fetched.
 *
 * All texts are copied. A MQTTClient_persistence structure has to stay in place until the client is
 * destroyed; its functions are called from any thread, one at a time in the whole process. They cannot
 * use clients: for functions that they call no handle is a client.
 *
 * Returns, the first that applies
 *
 * - -6 (MQTTCLIENT_NULL_PARAMETER) handle, serverURI or clientId is NULL
 * - -5 (MQTTCLIENT_BAD_UTF8_STRING) clientId is not UTF-8 or longer than 65535 bytes
 * - -2 (MQTTCLIENT_PERSISTENCE_ERROR) clientId is empty, and messages shall be kept in files
 * - -14 (MQTTCLIENT_BAD_PROTOCOL) this library does not have the URI's scheme
 * - -8 (MQTTCLIENT_BAD_STRUCTURE) options has a wrong struct_id or struct_version
 * - -2 (MQTTCLIENT_PERSISTENCE_ERROR) persistence_type or persistence_context cannot be used; the
 *   directory cannot be made, or another process has it open; there are messages of MQTT 5.0 in the
 *   store, and the client is for an earlier version. Or the result of the function of the program that
 *   failed. A client has been created nevertheless, which works without persistence and has to be
 *   destroyed
 * - -1 (MQTTCLIENT_FAILURE) there are too many clients
 * - 0 (MQTTCLIENT_SUCCESS) otherwise
 *
 * Except where it says so, *handle is not changed by a failing call.
 */
LIBMQTT_API int MQTTClient_createWithOptions(MQTTClient *handle, const char *serverURI, const char *clientId,
    int persistence_type, void *persistence_context, MQTTClient_createOptions *options);

/**
 * Destroys a client and sets *handle to NULL. A connected client is disconnected first, with a
 * DISCONNECT packet.
 *
 * handle: the client. Nothing happens if it is NULL, or if *handle is NULL or no client.
 *
 * Messages, topic names and token arrays that the program has received stay valid; messages in flight
 * are forgotten. When this returns no callback of the client is running and none will run. May be
 * called in any callback; if it is one of this very client, that callback goes on and is the last.
 */
LIBMQTT_API void MQTTClient_destroy(MQTTClient *handle);

/**
 * Sets the callbacks of a client and makes it one that works in the background: after the next connect
 * threads of the library read from the connection and call the callbacks. Without this call the client
 * works only while the program is inside one of its functions, and MQTTClient_receive() gets the
 * messages.
 *
 * handle: the client. context: passed to the three callbacks. cl: called when the connection is lost,
 * or NULL. ma: called for each message, not NULL. dc: called when a message of QoS 1 or 2 has been
 * delivered, or NULL.
 *
 * Callbacks run on threads of the library, one at a time, for all clients of the process; in them all
 * functions of the library may be called. Set them before connecting: on a client that is connected
 * already they take effect, but it gets no thread for this connection. There is no way back.
 *
 * Returns
 *
 * - 0 (MQTTCLIENT_SUCCESS) set
 * - -1 (MQTTCLIENT_FAILURE) handle is no client, ma is NULL, or the client is just connecting or
 *   disconnecting
 */
LIBMQTT_API int MQTTClient_setCallbacks(MQTTClient handle, void *context, MQTTClient_connectionLost *cl,
    MQTTClient_messageArrived *ma, MQTTClient_deliveryComplete *dc);

/**
 * Sets the callback for a DISCONNECT packet of an MQTT 5.0 server. connectionLost is not called for
 * such a disconnect then.
 *
 * handle: the client, one with callbacks set by MQTTClient_setCallbacks(): otherwise it is never
 * called. context: passed to the callback. co: the callback, or NULL for none.
 *
 * Returns
 *
 * - 0 (MQTTCLIENT_SUCCESS) set
 * - -1 (MQTTCLIENT_FAILURE) handle is no client, or the client is just connecting or disconnecting
 */
LIBMQTT_API int MQTTClient_setDisconnected(MQTTClient handle, void *context, MQTTClient_disconnected *co);

/**
 * Sets the callback for the acknowledgements of published messages of QoS 1 and 2, with their MQTT 5.0
 * reason codes and properties.
 *
 * handle: the client. context: passed to the callback. co: the callback, or NULL for none. On a client
 * without background threads it is called by the function of the library that reads the
 * acknowledgement.
 *
 * Returns
 *
 * - 0 (MQTTCLIENT_SUCCESS) set
 * - -1 (MQTTCLIENT_FAILURE) handle is no client, or the client is just connecting or disconnecting
 */
LIBMQTT_API int MQTTClient_setPublished(MQTTClient handle, void *context, MQTTClient_published *co);

/**
 * Connects to the server and waits for its answer. For MQTT 3.1 and 3.1.1; with MQTTVersion set to
 * MQTTVERSION_5 in the options a client created for them becomes one for MQTT 5.0.
 *
 * handle: the client. A connected client is disconnected first.
 * options: what kind of connection; begin with MQTTClient_connectOptions_initializer. Only the fields
 * that options->struct_version has are read. On success options->returned tells the server used, the
 * MQTT version used, and whether the server still had a session; returned.serverURI belongs to the
 * client and lives as long as it.
 *
 * With options->serverURIs the servers are tried in order, otherwise the one given at create. Each is
 * given connectTimeout seconds. MQTTVERSION_DEFAULT tries MQTT 3.1.1 and then, whatever the first
 * failure was, 3.1.
 *
 * All texts are copied; nothing in the options has to live on.
 *
 * Returns
 *
 * - 0 (MQTTCLIENT_SUCCESS) connected
 * - 1 to 5, and 128 and above with MQTT 5.0: the server refused, with this code
 * - -1 (MQTTCLIENT_FAILURE) no connection, no answer in time, or connectTimeout is not positive; there
 *   is no client at all in the process; a binary password or a will payload is longer than 65535 bytes
 * - -3 (MQTTCLIENT_DISCONNECTED) the connection broke while stored messages were being resent
 * - -5 (MQTTCLIENT_BAD_UTF8_STRING) user name, password or will topic is not UTF-8 or longer than 65535
 *   bytes
 * - -6 (MQTTCLIENT_NULL_PARAMETER) handle is no client; options, the will's topic or an entry of
 *   serverURIs is NULL
 * - -8 (MQTTCLIENT_BAD_STRUCTURE) options or will has a wrong struct_id or struct_version
 * - -9 (MQTTCLIENT_BAD_QOS) the will's QoS is not 0, 1 or 2
 * - -11 (MQTTCLIENT_BAD_MQTT_VERSION) MQTTVersion is not one of the MQTTVERSION_ values
 * - -15 (MQTTCLIENT_BAD_MQTT_OPTION) cleansession is set with MQTT 5.0, or cleanstart with an earlier
 *   version
 * - -16 (MQTTCLIENT_WRONG_MQTT_VERSION) the client is one for MQTT 5.0
 * - -17 (MQTTCLIENT_0_LEN_WILL_TOPIC) the will's topic is empty
 *
 * After a failure the client is not connected and can be connected again. connectionLost is not called
 * for it.
 *
 * May be called in any callback.
 */
LIBMQTT_API int MQTTClient_connect(MQTTClient handle, MQTTClient_connectOptions *options);

/**
 * Connects to the server and waits for its answer. For MQTT 5.0: the client must have been created with
 * MQTTClient_createWithOptions() and MQTTVersion set to MQTTVERSION_5.
 *
 * handle, options: as for MQTTClient_connect(); begin with MQTTClient_connectOptions_initializer5.
 * connectProperties: properties of the CONNECT packet, or NULL. willProperties: properties of the will,
 * or NULL. Both stay the program's.
 *
 * Returns a response whose reasonCode is that of MQTTClient_connect(), except that -16
 * (MQTTCLIENT_WRONG_MQTT_VERSION) means that the client is not one for MQTT 5.0. On success its
 * properties are those of the server's answer; release them with MQTTResponse_free(). On failure they
 * are NULL.
 *
 * May be called in any callback.
 */
LIBMQTT_API MQTTResponse MQTTClient_connect5(MQTTClient handle, MQTTClient_connectOptions *options,
    MQTTProperties *connectProperties, MQTTProperties *willProperties);

/**
 * Disconnects from the server.
 *
 * handle: the client.
 * timeout: for how many milliseconds to wait until the messages in flight are complete; 0 or less: not
 * at all.
 *
 * Calls that are waiting in other threads return. When this returns no callback of the client is
 * running and none will run until it connects again; in a callback of this very client, that callback
 * goes on and is the last. connectionLost is not called.
 *
 * Returns
 *
 * - 0 (MQTTCLIENT_SUCCESS) the client is disconnected, also if it was not connected
 * - -1 (MQTTCLIENT_FAILURE) handle is no client
 */
LIBMQTT_API int MQTTClient_disconnect(MQTTClient handle, int timeout);

/**
 * Disconnects from the server with a reason and properties, which only MQTT 5.0 sends.
 *
 * handle, timeout: as for MQTTClient_disconnect().
 * reason: sent to the server. Any but MQTTREASONCODE_NORMAL_DISCONNECTION makes it publish the will.
 * props: properties of the DISCONNECT packet, or NULL. They stay the program's.
 *
 * Returns as MQTTClient_disconnect(); also -1, or -5 for a string that is not UTF-8, if the properties
 * cannot be sent. Nothing has happened then.
 */
LIBMQTT_API int MQTTClient_disconnect5(MQTTClient handle, int timeout, enum MQTTReasonCodes reason,
    MQTTProperties *props);

/**
 * Whether a client is connected.
 *
 * Returns 1 from a successful connect until the connection ends or its loss is noticed, otherwise 0; 0
 * also if handle is no client. In connectionLost and disconnected it is 0. Does not wait.
 */
LIBMQTT_API int MQTTClient_isConnected(MQTTClient handle);

/**
 * Subscribes to a topic filter and waits for the server's answer. For MQTT 3.1 and 3.1.1.
 *
 * handle: the client. topic: the filter, UTF-8, at most 65535 bytes. qos: the highest QoS messages may
 * be delivered with, 0, 1 or 2; a message comes with this or its own QoS, whichever is lower.
 *
 * The wait ends after the command time-out, see MQTTClient_setCommandTimeout(). May be called in any
 * callback.
 *
 * Returns
 *
 * - 0 (MQTTCLIENT_SUCCESS) subscribed; the server may have granted a lower QoS
 * - 128 (MQTT_BAD_SUBSCRIBE) the server refused
 * - -1 (MQTTCLIENT_FAILURE) handle is no client; or no answer in time: the connection was closed then
 *   and connectionLost has been called
 * - -3 (MQTTCLIENT_DISCONNECTED) not connected
 * - -4 (MQTTCLIENT_MAX_MESSAGES_INFLIGHT) all 65535 packet identifiers are in use
 * - -5 (MQTTCLIENT_BAD_UTF8_STRING) topic is NULL, not UTF-8 or too long
 * - -9 (MQTTCLIENT_BAD_QOS) qos is not 0, 1 or 2
 * - -16 (MQTTCLIENT_WRONG_MQTT_VERSION) the client is one for MQTT 5.0
 */
LIBMQTT_API int MQTTClient_subscribe(MQTTClient handle, const char *topic, int qos);

/**
 * Subscribes to a topic filter with options and properties and waits for the server's answer. For MQTT
 * 5.0; other clients ignore options and properties.
 *
 * opts: the options, or NULL for none set. props: properties of the SUBSCRIBE packet, or NULL. Both
 * stay the program's. All else is as for MQTTClient_subscribe().
 *
 * Returns a response. On MQTT 5.0 its reasonCode is 0, 1 or 2, the QoS granted, or 128 and above: the
 * server refused; on earlier versions 0 or 128. Negative values are those of MQTTClient_subscribe()
 * without -16; -1 also means that the properties cannot be sent. Its properties, if not NULL, are those
 * of the server's answer. Release it with MQTTResponse_free().
 */
LIBMQTT_API MQTTResponse MQTTClient_subscribe5(MQTTClient handle, const char *topic, int qos,
    MQTTSubscribe_options *opts, MQTTProperties *props);

/**
 * Subscribes to several topic filters at once and waits for the server's answer. For MQTT 3.1 and
 * 3.1.1.
 *
 * count: how many filters. topic: the filters. qos: the highest QoS for each; on success each is
 * overwritten with the QoS granted, or with 128 (MQTT_BAD_SUBSCRIBE) where the server refused. All else
 * is as for MQTTClient_subscribe().
 *
 * Returns
 *
 * - 0 (MQTTCLIENT_SUCCESS) the server answered; qos tells how
 * - -1 (MQTTCLIENT_FAILURE) as for MQTTClient_subscribe(); also if count is not positive
 * - -6 (MQTTCLIENT_NULL_PARAMETER) topic or qos is NULL
 * - other negative values as for MQTTClient_subscribe(); the first filter with a fault decides, and
 *   nothing is sent
 */
LIBMQTT_API int MQTTClient_subscribeMany(MQTTClient handle, int count, char *const *topic, int *qos);

/**
 * Subscribes to several topic filters at once with options and properties and waits for the server's
 * answer. For MQTT 5.0; other clients ignore options and properties.
 *
 * count: how many filters. topic: the filters. qos: the highest QoS for each. opts: the options for
 * each, or NULL for none set. props: properties of the SUBSCRIBE packet, or NULL. All stay the
 * program's.
 *
 * Returns a response whose negative codes are those of MQTTClient_subscribeMany(). On MQTT 5.0
 * reasonCode is that of the first filter, reasonCodes, if not NULL, has those of all, and qos is not
 * changed. On earlier versions reasonCode is 0 and qos is overwritten as by MQTTClient_subscribeMany().
 * Release the response with MQTTResponse_free().
 */
LIBMQTT_API MQTTResponse MQTTClient_subscribeMany5(MQTTClient handle, int count, char *const *topic,
    int *qos, MQTTSubscribe_options *opts, MQTTProperties *props);

/**
 * Removes a subscription and waits for the server's answer.
 *
 * handle: the client. topic: the filter, as it was subscribed to.
 *
 * The wait ends after the command time-out, see MQTTClient_setCommandTimeout(). May be called in any
 * callback.
 *
 * Returns
 *
 * - 0 (MQTTCLIENT_SUCCESS) the server answered
 * - 17 and above, with MQTT 5.0: the reason code of the server, for example
 *   MQTTREASONCODE_NO_SUBSCRIPTION_FOUND
 * - -1 (MQTTCLIENT_FAILURE) handle is no client; or no answer in time: the connection was closed then
 *   and connectionLost has been called
 * - -3 (MQTTCLIENT_DISCONNECTED) not connected
 * - -4 (MQTTCLIENT_MAX_MESSAGES_INFLIGHT) all 65535 packet identifiers are in use
 * - -5 (MQTTCLIENT_BAD_UTF8_STRING) topic is NULL, not UTF-8 or longer than 65535 bytes
 */
LIBMQTT_API int MQTTClient_unsubscribe(MQTTClient handle, const char *topic);

/**
 * Removes a subscription and waits for the server's answer. For MQTT 5.0; other clients ignore the
 * properties.
 *
 * props: properties of the UNSUBSCRIBE packet, or NULL. They stay the program's. All else is as for
 * MQTTClient_unsubscribe().
 *
 * Returns a response whose reasonCode is that of MQTTClient_unsubscribe(); -1 also means that the
 * properties cannot be sent. Its properties, if not NULL, are those of the server's answer. Release it
 * with MQTTResponse_free().
 */
LIBMQTT_API MQTTResponse MQTTClient_unsubscribe5(MQTTClient handle, const char *topic, MQTTProperties *props);

/**
 * Removes several subscriptions at once and waits for the server's answer. For MQTT 3.1 and 3.1.1.
 *
 * count: how many filters. topic: the filters. All else is as for MQTTClient_unsubscribe().
 *
 * Returns 0 or the negative values of MQTTClient_unsubscribe(); the first filter with a fault decides,
 * and nothing is sent. Also
 *
 * - -1 (MQTTCLIENT_FAILURE) count is not positive
 * - -6 (MQTTCLIENT_NULL_PARAMETER) topic is NULL
 * - -16 (MQTTCLIENT_WRONG_MQTT_VERSION) the client is one for MQTT 5.0
 */
LIBMQTT_API int MQTTClient_unsubscribeMany(MQTTClient handle, int count, char *const *topic);

/**
 * Removes several subscriptions at once and waits for the server's answer. For MQTT 5.0; other clients
 * ignore the properties.
 *
 * count: how many filters. topic: the filters. props: properties of the UNSUBSCRIBE packet, or NULL.
 * All stay the program's.
 *
 * Returns a response whose negative codes are those of MQTTClient_unsubscribeMany() without -16. On
 * MQTT 5.0 reasonCode is that of the first filter, and reasonCodes, if not NULL, has those of all.
 * Release it with MQTTResponse_free().
 */
LIBMQTT_API MQTTResponse MQTTClient_unsubscribeMany5(MQTTClient handle, int count, char *const *topic,
    MQTTProperties *props);

/**
 * Publishes a message. For MQTT 3.1 and 3.1.1.
 *
 * handle: the client. topicName: the topic, UTF-8, at most 65535 bytes. payloadlen, payload: the
 * message, any bytes.
 * qos: 0 at most once, 1 at least once, 2 exactly once. retained: non-zero if the server is to keep the
 * message for later subscribers. dt: where the delivery token goes, or NULL.
 *
 * The call waits until the message is written, and before that as long as there are as many messages in
 * flight as the connect options allow; it does not wait for the acknowledgement. When a program with
 * callbacks publishes many messages in a row, the library's own thread writes them, many at a time and
 * at once; disconnect and exit() wait for that. With QoS 1 and 2 *dt is set before the message is
 * written, and the result is 0 even if writing fails: the message is kept and sent again after the next
 * connect. With QoS 0, and when the result is not 0, *dt is left alone.
 *
 * Topic and payload stay the program's. May be called in any callback and from several threads at once.
 *
 * Returns
 *
 * - 0 (MQTTCLIENT_SUCCESS) published
 * - -1 (MQTTCLIENT_FAILURE) handle is no client; the connection broke while the call waited or, with
 *   QoS 0, while it wrote; the packet would be longer than 268435455 bytes
 * - -3 (MQTTCLIENT_DISCONNECTED) not connected
 * - -4 (MQTTCLIENT_MAX_MESSAGES_INFLIGHT) all 65535 packet identifiers are in use
 * - -5 (MQTTCLIENT_BAD_UTF8_STRING) topicName is NULL, not UTF-8 or too long
 * - -6 (MQTTCLIENT_NULL_PARAMETER) payloadlen is negative, or positive while payload is NULL
 * - -9 (MQTTCLIENT_BAD_QOS) qos is not 0, 1 or 2
 * - -16 (MQTTCLIENT_WRONG_MQTT_VERSION) the client is one for MQTT 5.0
 * - -99 memory is short
 */
LIBMQTT_API int MQTTClient_publish(MQTTClient handle, const char *topicName, int payloadlen,
    const void *payload, int qos, int retained, MQTTClient_deliveryToken *dt);

/**
 * Publishes a message with properties. For MQTT 5.0; other clients ignore the properties.
 *
 * properties: properties of the PUBLISH packet, or NULL. They stay the program's. With a topic alias
 * topicName may be empty: the server ends the connection if it does not know the alias. All else is as
 * for MQTTClient_publish().
 *
 * Returns a response whose reasonCode is that of MQTTClient_publish() without -16, or, from what the
 * server announced when it was connected to, MQTTREASONCODE_QOS_NOT_SUPPORTED,
 * MQTTREASONCODE_RETAIN_NOT_SUPPORTED or MQTTREASONCODE_PACKET_TOO_LARGE: nothing was sent then. -1 also
 * means that the properties cannot be sent. There is nothing to free.
 */
LIBMQTT_API MQTTResponse MQTTClient_publish5(MQTTClient handle, const char *topicName, int payloadlen,
    const void *payload, int qos, int retained, MQTTProperties *properties, MQTTClient_deliveryToken *dt);

/**
 * Publishes a message given as a structure. For MQTT 3.1 and 3.1.1.
 *
 * msg: the message; begin with MQTTClient_message_initializer. Its dup and msgid are not used. It stays
 * the program's. All else is as for MQTTClient_publish().
 *
 * Returns as MQTTClient_publish(), and before anything else is looked at
 *
 * - -6 (MQTTCLIENT_NULL_PARAMETER) msg is NULL
 * - -8 (MQTTCLIENT_BAD_STRUCTURE) msg has a wrong struct_id or struct_version
 */
LIBMQTT_API int MQTTClient_publishMessage(MQTTClient handle, const char *topicName, MQTTClient_message *msg,
    MQTTClient_deliveryToken *dt);

/**
 * Publishes a message given as a structure, with its properties. For MQTT 5.0; other clients ignore the
 * properties.
 *
 * msg: the message; begin with MQTTClient_message_initializer. Its dup and msgid are not used. It stays
 * the program's.
 *
 * Returns as MQTTClient_publish5(), and before anything else is looked at
 *
 * - -6 (MQTTCLIENT_NULL_PARAMETER) msg is NULL
 * - -8 (MQTTCLIENT_BAD_STRUCTURE) msg has a wrong struct_id or struct_version
 */
LIBMQTT_API MQTTResponse MQTTClient_publishMessage5(MQTTClient handle, const char *topicName,
    MQTTClient_message *msg, MQTTClient_deliveryToken *dt);

/**
 * Waits until the delivery of a message is complete: acknowledged with QoS 1 or 2, or refused by an
 * MQTT 5.0 server.
 *
 * handle: the client. dt: the message's token from the publish call. timeout: milliseconds to wait at
 * most.
 *
 * Returns
 *
 * - 0 (MQTTCLIENT_SUCCESS) complete; also for a token that was never given
 * - -1 (MQTTCLIENT_FAILURE) handle is no client, or the time was over first, which a timeout of 0
 *   always is
 * - -3 (MQTTCLIENT_DISCONNECTED) not connected
 *
 * May be called in any callback.
 */
LIBMQTT_API int MQTTClient_waitForCompletion(MQTTClient handle, MQTTClient_deliveryToken dt,
    unsigned long timeout);

/**
 * The tokens of all messages whose delivery is not complete, in the order they were sent.
 *
 * handle: the client; it need not be connected. tokens: where the array goes; it ends with -1 and is to
 * be released with MQTTClient_free(). *tokens becomes NULL if there are none, and if the result is -1.
 *
 * Returns
 *
 * - 0 (MQTTCLIENT_SUCCESS) done
 * - -1 (MQTTCLIENT_FAILURE) handle is no client
 * - -6 (MQTTCLIENT_NULL_PARAMETER) tokens is NULL
 * - -99 memory is short
 */
LIBMQTT_API int MQTTClient_getPendingDeliveryTokens(MQTTClient handle, MQTTClient_deliveryToken **tokens);

/**
 * Sets how long subscribe and unsubscribe calls wait for the server's answer. It is 10 seconds until
 * set.
 *
 * handle: the client. milliSeconds: at least 5000.
 *
 * Returns
 *
 * - 0 (MQTTCLIENT_SUCCESS) set
 * - -1 (MQTTCLIENT_FAILURE) milliSeconds is below 5000, or handle is no client; nothing has changed
 */
LIBMQTT_API int MQTTClient_setCommandTimeout(MQTTClient handle, unsigned long milliSeconds);

/**
 * Receives the next message on a client without callbacks, waiting for it if need be. This also keeps
 * the connection alive, so a program that expects messages has to call it, or MQTTClient_yield(), again
 * and again.
 *
 * handle: the client. topicName, topicLen: where the topic and its length in bytes go; the topic is to
 * be released with MQTTClient_free(). message: where the message goes, to be released with
 * MQTTClient_freeMessage(). timeout: milliseconds to wait at most; 0 to take only what is there.
 *
 * Returns, the first that applies
 *
 * - -1 (MQTTCLIENT_FAILURE) handle is no client
 * - -6 (MQTTCLIENT_NULL_PARAMETER) topicName, topicLen or message is NULL
 * - -1 (MQTTCLIENT_FAILURE) the client is connected with callbacks; or the connection was lost,
 *   *topicName and *message being NULL then
 * - -3 (MQTTCLIENT_DISCONNECTED) not connected
 * - 0 (MQTTCLIENT_SUCCESS) a message; or, if *message is NULL, none within the time
 * - -7 (MQTTCLIENT_TOPICNAME_TRUNCATED) a message whose topic contains zero bytes
 */
LIBMQTT_API int MQTTClient_receive(MQTTClient handle, char **topicName, int *topicLen,
    MQTTClient_message **message, unsigned long timeout);

/**
 * Lets the library work for 100 milliseconds for all clients without callbacks: acknowledgements,
 * pings, messages, which are kept for MQTTClient_receive(). Programs that do not call another waiting
 * function often enough need it to keep their connections alive.
 */
LIBMQTT_API void MQTTClient_yield(void);

/**
 * The text for a return code, for messages to people.
 *
 * Returns a text that is never NULL and never to be freed. For a code without an own text it is
 * "Unknown error code" and the number; that text is valid until the next call in the same thread.
 */
LIBMQTT_API const char *MQTTClient_strerror(int code);

/**
 * What this library is: names and values, the first three being "Product name", "Version" and "Build
 * level"; in the libraries with TLS five more tell which OpenSSL is in use. May be called at any time,
 * also before a client is created.
 *
 * Returns an array that ends with a pair of NULLs. It is constant and never to be freed.
 */
LIBMQTT_API MQTTClient_nameValue *MQTTClient_getVersionInfo(void);

/**
 * Allocates memory that the library or the program frees later. The same as malloc() of the C library.
 *
 * Returns the memory, to be released with MQTTClient_free() or free(), or NULL if memory is short.
 */
LIBMQTT_API void *MQTTClient_malloc(size_t size);

/**
 * Frees memory that the library handed out: topic names and token arrays. The same as free() of the C
 * library; NULL is allowed.
 */
LIBMQTT_API void MQTTClient_free(void *ptr);

/**
 * Frees a message received, with its payload and its properties, and sets *msg to NULL. The topic name
 * is freed separately, with MQTTClient_free(). Nothing happens if msg or *msg is NULL.
 */
LIBMQTT_API void MQTTClient_freeMessage(MQTTClient_message **msg);

/**
 * Frees what a response holds: the reason codes and the properties. The response itself is passed by
 * value and needs no freeing.
 *
 * To be called at most once for each response; responses that hold nothing are fine.
 */
LIBMQTT_API void MQTTResponse_free(MQTTResponse response);

/**
 * Sets how much is written to the trace, for the whole process: lines of this level and above.
 *
 * level: from MQTTCLIENT_TRACE_MAXIMUM, which is everything, to MQTTCLIENT_TRACE_FATAL. Until set it is
 * MQTTCLIENT_TRACE_MINIMUM, or what the environment variable MQTT_C_CLIENT_TRACE_LEVEL says.
 */
LIBMQTT_API void MQTTClient_setTraceLevel(enum MQTTCLIENT_TRACE_LEVELS level);

/**
 * Sets the function that gets each line of the trace, for the whole process.
 *
 * callback: the function, or NULL for none. It is called on whichever thread produced the line or on
 * one that comes after it, never twice at once. The text is valid during the call only.
 */
LIBMQTT_API void MQTTClient_setTraceCallback(MQTTClient_traceCallback *callback);

/** Options for MQTTClient_global_init(): the program initialises OpenSSL. */
#define MQTTClient_init_options_initializer { {'M', 'Q', 'T', 'G'}, 0, 0 }

/** An empty message of QoS 0. */
#define MQTTClient_message_initializer \
  { {'M', 'Q', 'T', 'M'}, 1, 0, NULL, 0, 0, 0, 0, MQTTProperties_initializer }

/** Options for a client of MQTT 3.1.1 or 3.1. */
#define MQTTClient_createOptions_initializer { {'M', 'Q', 'C', 'O'}, 0, MQTTVERSION_DEFAULT }

/** A will of QoS 0; topicName is to be set. */
#define MQTTClient_willOptions_initializer \
  { {'M', 'Q', 'T', 'W'}, 1, NULL, NULL, 0, 0, {0, NULL} }

/** The certificate of the server must be valid, for whatever host name. */
#define MQTTClient_SSLOptions_initializer \
  { {'M', 'Q', 'T', 'S'}, 5, NULL, NULL, NULL, NULL, NULL, 1, MQTT_SSL_VERSION_DEFAULT, 0, \
    NULL, NULL, NULL, NULL, NULL, 0, NULL, 0 }

/** MQTT 3.1.1 or 3.1, a new session, keep-alive 60 seconds, one message in flight, 30 seconds to connect. */
#define MQTTClient_connectOptions_initializer \
  { {'M', 'Q', 'T', 'C'}, 8, 60, 1, 1, NULL, NULL, NULL, 30, 0, NULL, \
    0, NULL, MQTTVERSION_DEFAULT, {NULL, 0, 0}, {0, NULL}, -1, 0, NULL, NULL, NULL }

/** The same for MQTT 5.0. */
#define MQTTClient_connectOptions_initializer5 \
  { {'M', 'Q', 'T', 'C'}, 8, 60, 0, 1, NULL, NULL, NULL, 30, 0, NULL, \
    0, NULL, MQTTVERSION_5, {NULL, 0, 0}, {0, NULL}, -1, 1, NULL, NULL, NULL }

/** For WebSockets: keep-alive 45 seconds, since proxies like to close connections silent for a minute. */
#define MQTTClient_connectOptions_initializer_ws \
  { {'M', 'Q', 'T', 'C'}, 8, 45, 1, 1, NULL, NULL, NULL, 30, 0, NULL, \
    0, NULL, MQTTVERSION_DEFAULT, {NULL, 0, 0}, {0, NULL}, -1, 0, NULL, NULL, NULL }

/** The same for MQTT 5.0. */
#define MQTTClient_connectOptions_initializer5_ws \
  { {'M', 'Q', 'T', 'C'}, 8, 45, 0, 1, NULL, NULL, NULL, 30, 0, NULL, \
    0, NULL, MQTTVERSION_5, {NULL, 0, 0}, {0, NULL}, -1, 1, NULL, NULL, NULL }

/** A response without anything in it. */
#define MQTTResponse_initializer { 1, MQTTREASONCODE_SUCCESS, 0, NULL, NULL }

#if defined(__cplusplus)
}
#endif

#endif /* MQTTCLIENT_H */
