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

/** sslVersion: the best version that both sides support. */
#define MQTT_SSL_VERSION_DEFAULT 0

/** sslVersion: TLS 1.0. */
#define MQTT_SSL_VERSION_TLS_1_0 1

/** sslVersion: TLS 1.1. */
#define MQTT_SSL_VERSION_TLS_1_1 2

/** sslVersion: TLS 1.2. */
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

/** The same as MQTTClient_deliveryToken. */
typedef int MQTTClient_token;

/** Options for MQTTClient_global_init(). Start from MQTTClient_init_options_initializer. */
typedef struct {
  /** Always "MQTG" (no terminating zero). */
  char struct_id[4];
  /** Version of this structure: 0. */
  int struct_version;
  /** 1: the library initialises OpenSSL. 0: the program has done it. */
  int do_openssl_init;
} MQTTClient_init_options;

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
 * Called when the connection was lost, which does not include the program's own disconnect.
 *
 * context: as given to MQTTClient_setCallbacks(). cause: always NULL. The client may be connected again in
 * this function.
 */
typedef void MQTTClient_connectionLost(void *context, char *cause);

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

/**
 * Called for every line of the trace.
 *
 * level: that of the line. message: the line, with a terminating zero; valid during the call only.
 */
typedef void MQTTClient_traceCallback(enum MQTTCLIENT_TRACE_LEVELS level, char *message);

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
