/**
 * @file
 * Functions that do not need a client: topics and topic filters, and the return codes of all functions that the Eclipse
 * Paho library does not have.
 *
 * Those functions have headers and names of their own: MQTTClientExt.h with MQTTClientExt_ for the synchronous API,
 * MQTTAsyncExt.h with MQTTAsyncExt_ for the asynchronous one, and this header with MQTTExt_, which all libraries have.
 *
 * A complete program, linked with -lpaho-mqtt3c or any other of the libraries:
 *
 * @code{.c}
 * #include <stdio.h>
 * #include "MQTTExt.h"
 *
 * int main(void)
 * {
 *     const char *filter = "$share/workers/jobs/+", *group, *inner;
 *     size_t length;
 *     int rc = MQTTExt_validateFilter(filter);
 *
 *     if (rc != MQTTEXT_SUCCESS)
 *         printf("%s: %s\n", filter, MQTTExt_strerror(rc));
 *     else if (MQTTExt_shareParts(filter, &group, &length, &inner) == 1)
 *         printf("group %.*s shares %s\n", (int)length, group, inner);
 *     printf("jobs/print: %d\n", MQTTExt_matches(filter, "jobs/print"));
 *     printf("jobs: %d\n", MQTTExt_matches(filter, "jobs"));
 *     return 0;
 * }
 * @endcode
 *
 * The functions keep nothing, take no lock and may be called on any thread, also in callbacks and in the functions of an
 * application's store.
 */

#if !defined(MQTTEXT_H)
#define MQTTEXT_H

#include <stddef.h>
#include <stdint.h>

#include "MQTTExportDeclarations.h"

#if defined(__cplusplus)
extern "C" {
#endif

/** Step of an authentication: CONNECT is about to be sent. answer becomes its first data. */
#define MQTTEXT_AUTHENTICATION_BEGIN 0

/** Step of an authentication: the server has sent data, and answer is sent back. */
#define MQTTEXT_AUTHENTICATION_CONTINUE 1

/**
 * Step of an authentication: MQTTClientExt_reauthenticate() or MQTTAsyncExt_reauthenticate() was called.
 * answer becomes the first data.
 */
#define MQTTEXT_AUTHENTICATION_RENEW 2

/**
 * Step of an authentication: the server has accepted the client. data is its last data, by which it may
 * prove its own identity; answer is not sent.
 */
#define MQTTEXT_AUTHENTICATION_COMPLETE 3

/** Return code: the call succeeded. */
#define MQTTEXT_SUCCESS 0

/**
 * Return code: the handle is not a valid handle of this library, or the call failed for a reason that
 * has no code of its own.
 */
#define MQTTEXT_FAILURE -1

/** Return code: a string is not valid UTF-8, or is longer than 65535 bytes. */
#define MQTTEXT_BAD_UTF8_STRING -5

/** Return code: a required argument is NULL. */
#define MQTTEXT_NULL_PARAMETER -6

/** Return code: the client is not connected. */
#define MQTTEXT_DISCONNECTED -3

/** Return code: a structure has an invalid struct_id or an unsupported struct_version. */
#define MQTTEXT_BAD_STRUCTURE -8

/** Return code: a topic or topic filter is empty. */
#define MQTTEXT_EMPTY_TOPIC -41

/** Return code: a topic contains a wildcard, "+" or "#". Only topic filters may. */
#define MQTTEXT_TOPIC_HAS_WILDCARD -42

/** Return code: a wildcard of a topic filter does not occupy a whole level, or "#" is not the last level. */
#define MQTTEXT_MISPLACED_WILDCARD -43

/**
 * Return code: a topic filter begins with "$share/", but no group name without wildcards, "/" and filter
 * follow.
 */
#define MQTTEXT_BAD_SHARE -44

/** Return code: there is no option of this name. */
#define MQTTEXT_UNKNOWN_OPTION -45

/** Return code: the option does not take this value. */
#define MQTTEXT_INVALID_VALUE -46

/** Return code: the option can only be set before the client is used. */
#define MQTTEXT_TOO_LATE -47

/** Return code: the buffer is too small for the result, which was cut. */
#define MQTTEXT_BUFFER_TOO_SMALL -48

/**
 * Return code: the client acknowledges messages itself, because its option "acknowledgement" was not
 * "manual" when it connected.
 */
#define MQTTEXT_AUTOMATIC_ACKNOWLEDGEMENT -49

/** Return code: a message of QoS 0 has no acknowledgement. */
#define MQTTEXT_NO_ACKNOWLEDGEMENT -50

/** Return code: no message with this msgid was received, or it was acknowledged before. */
#define MQTTEXT_UNKNOWN_MESSAGE -51

/**
 * Return code: the connection on which the message was received has ended. The server sends the message
 * again, unless the session has ended as well.
 */
#define MQTTEXT_EARLIER_CONNECTION -52

/** Return code: the connection was made without the authentication callback, or not with MQTT 5.0. */
#define MQTTEXT_NO_AUTHENTICATION -53

/** Return code: an authentication is already in progress. */
#define MQTTEXT_AUTHENTICATION_IN_PROGRESS -54

/** Return code: the authentication callback returned a value other than 0, or an answer that is too long. */
#define MQTTEXT_AUTHENTICATION_REFUSED -55

/** Return code: the client has threads of the library, because its option event.loop is not "external". */
#define MQTTEXT_NO_EVENT_LOOP -56

/** Return code: this is being done already, by the caller of this callback. */
#define MQTTEXT_BUSY -57

/**
 * Code for failure callbacks: the server did not answer the request within the time that the option
 * "request.timeout" gives it.
 */
#define MQTTEXT_REQUEST_TIMED_OUT -58

/** Return code: this library was built without what the function is for. */
#define MQTTEXT_NOT_SUPPORTED -59

/** Packets in one direction. The elements of the arrays are for QoS 0, 1 and 2. */
typedef struct {
  /** MQTT packets of all kinds. */
  uint64_t packets;
  /** Bytes of these packets; without those of TLS and WebSockets. */
  uint64_t bytes;
  /** PUBLISH packets. Those that were sent more than once count each time. */
  uint64_t messages[3];
  /** Bytes of these packets. */
  uint64_t messageBytes[3];
} MQTTExt_traffic;

/**
 * Numbers about a client. Initialize with MQTTExt_statistics_initializer.
 *
 * Times are in microseconds. A time that was not measured, or a value that the server did not announce,
 * is -1.
 */
typedef struct {
  /** Always "MQXS" (not zero-terminated). */
  char struct_id[4];
  /** Version of this structure: 0. */
  int struct_version;
  /** What was sent. Packets count when they are queued for the network, bytes when they are written. */
  MQTTExt_traffic sent;
  /** What was received. */
  MQTTExt_traffic received;
  /** Attempts to connect, each to one server with one MQTT version. */
  uint64_t attempts;
  /** Attempts that failed. */
  uint64_t failedAttempts;
  /** Connections that servers accepted. */
  uint64_t connects;
  /** Of these, connections that were made by automatic reconnect or MQTTAsync_reconnect(). */
  uint64_t reconnects;
  /** Accepted connections that ended without a disconnect of the application. */
  uint64_t losses;
  /** Of these, connections that the server ended with a DISCONNECT packet of MQTT 5.0. */
  uint64_t lossesByServer;
  /** Of these, connections whose server did not answer within the keep-alive time. */
  uint64_t lossesByKeepAlive;
  /**
   * Of these, connections whose server violated the protocol. What is left was ended by the network, or
   * by the server without a reason.
   */
  uint64_t lossesByViolation;
  /** From the last answered PINGREQ to its PINGRESP. */
  int64_t pingTime;
  /** Finding the addresses of the server, in the last connect that reached one. */
  int64_t resolveTime;
  /** Then the connection to one of them, or to a Unix domain socket. */
  int64_t connectTime;
  /** Then the connection through a proxy. */
  int64_t proxyTime;
  /** Then the TLS handshake. */
  int64_t tlsTime;
  /** Then the upgrade to a WebSocket. */
  int64_t webSocketTime;
  /** Then from CONNECT to an accepting CONNACK. */
  int64_t connackTime;
  /** Messages with QoS 1 and 2 that were sent and are not complete. */
  int inFlight;
  /** Requests of the asynchronous API that wait to be sent. */
  int queued;
  /** Received messages that wait for the application. */
  int waiting;
  /** Messages and requests that are also kept in the persistent store. */
  int stored;
  /** 1 if the client is connected. */
  int connected;
  /** MQTT version of the last attempt: MQTTVERSION_3_1, MQTTVERSION_3_1_1 or MQTTVERSION_5. */
  int MQTTVersion;
  /**
   * 1 if the server had a session for this client. This and the following members are what the last
   * server that accepted a connection has announced.
   */
  int sessionPresent;
  /** Keep-alive interval in seconds, in place of the application's. */
  int serverKeepAlive;
  /** Session expiry interval in seconds. */
  int64_t sessionExpiryInterval;
  /** Largest packet in bytes. */
  int64_t maximumPacketSize;
  /** Messages with QoS 1 and 2 that it takes at a time. */
  int receiveMaximum;
  /** Highest QoS. */
  int maximumQoS;
  /** Number of topic aliases. */
  int topicAliasMaximum;
  /** 0 if it does not support retained messages. */
  int retainAvailable;
  /** 0 if it does not support wildcards in subscriptions. */
  int wildcardSubscriptionAvailable;
  /** 0 if it does not support subscription identifiers. */
  int subscriptionIdentifiersAvailable;
  /** 0 if it does not support shared subscriptions. */
  int sharedSubscriptionAvailable;
  /** Always 0. */
  int reserved;
} MQTTExt_statistics;

/** A step of an authentication (MQTT 5.0), as the callback gets it. */
typedef struct {
  /** Always "MQXA" (not zero-terminated). */
  char struct_id[4];
  /** Version of this structure: 0. */
  int struct_version;
  /** One of the MQTTEXT_AUTHENTICATION_ values. */
  int step;
  /**
   * Reason code of the server's packet: 24 (MQTTREASONCODE_CONTINUE_AUTHENTICATION) with the step
   * CONTINUE, otherwise 0.
   */
  int reasonCode;
  /** The authentication method. */
  const char *method;
  /** Authentication data of the server; NULL if there is none. */
  const void *data;
  /** Length of data in bytes. */
  int dataLength;
  /** Length of answer in bytes, to be set by the callback; at first 0. */
  int answerLength;
  /**
   * The answer, to be set by the callback; at first NULL. It is copied when the callback has returned
   * and remains the application's.
   */
  const void *answer;
} MQTTExt_authentication;

/**
 * Called for each step of an authentication.
 *
 * @param context as passed to MQTTClientExt_setAuthentication() or MQTTAsyncExt_setAuthentication()
 * @param authentication the step; the callback may set its answer. Valid until the callback returns
 * @return
 * - 0: the authentication continues with the answer
 * - any other value: it does not, and the connection is not made, or ends
 *
 * @note While a connection is made it runs on the thread that makes it: with the synchronous API the
 *   one that called connect, with the asynchronous API usually one of the library. It may run at the same
 *   time as callbacks, and must not connect, disconnect or destroy its client. On an open connection it
 *   runs like the other callbacks, for the step RENEW on the thread that called reauthenticate.
 */
typedef int MQTTExt_authenticate(void *context, MQTTExt_authentication *authentication);

/** A line of an HTTP request. */
typedef struct {
  /** Name, without the colon. */
  const char *name;
  /** Value: one line. */
  const char *value;
} MQTTExt_header;

/** The request that turns a connection into a WebSocket, as the callback gets it. */
typedef struct {
  /** Always "MQXU" (not zero-terminated). */
  char struct_id[4];
  /** Version of this structure: 0. */
  int struct_version;
  /** The server URI that is being connected to. */
  const char *serverURI;
  /**
   * Path and query of the request: at first those of the server URI. The callback may set others, which
   * begin with "/".
   */
  const char *path;
  /**
   * Lines to add to the request, to be set by the callback; at first NULL. Like path they are copied when
   * the callback has returned and remain the application's.
   */
  const MQTTExt_header *headers;
  /** Number of headers, 100 at most; at first 0. */
  int headerCount;
} MQTTExt_upgrade;

/**
 * Called before each request that turns a connection into a WebSocket.
 *
 * @param context as passed to MQTTClientExt_setUpgrade() or MQTTAsyncExt_setUpgrade()
 * @param upgrade the request; the callback may set path, headers and headerCount. Valid until the callback
 *   returns
 * @return
 * - 0: the request is sent
 * - any other value: it is not, and this attempt to connect fails. It fails as well if path or a header
 *   contains what would end its line, or anything else that has no place there
 *
 * @note It runs on the thread that makes the connection: with the synchronous API the one that called
 *   connect, with the asynchronous API usually one of the library. It may run at the same time as callbacks,
 *   and must not connect, disconnect or destroy its client.
 */
typedef int MQTTExt_prepareUpgrade(void *context, MQTTExt_upgrade *upgrade);

/**
 * Returns a human-readable description of a return code of the functions in MQTTExt.h,
 * MQTTClientExt.h and MQTTAsyncExt.h.
 *
 * @param code the return code
 * @return a constant string, never NULL. For an unknown code it is "Unknown error code" followed by
 *   the number, and valid until the next call on the same thread.
 */
LIBMQTT_API const char *MQTTExt_strerror(int code);

/**
 * Checks a topic to publish to. It must be UTF-8 without wildcards, not empty, of at most 65535 bytes.
 *
 * @param topic the topic
 * @return
 * - 0 (MQTTEXT_SUCCESS): the topic is valid
 * - -5 (MQTTEXT_BAD_UTF8_STRING): it is not UTF-8, or longer than 65535 bytes
 * - -6 (MQTTEXT_NULL_PARAMETER): topic is NULL
 * - -41 (MQTTEXT_EMPTY_TOPIC): it is empty
 * - -42 (MQTTEXT_TOPIC_HAS_WILDCARD): it contains "+" or "#"
 */
LIBMQTT_API int MQTTExt_validateTopic(const char *topic);

/**
 * Checks a topic filter to subscribe to, also one of a shared subscription. Whether the server supports
 * what it asks for is not known before it answers.
 *
 * @param filter the topic filter
 * @return
 * - 0 (MQTTEXT_SUCCESS): the filter is valid
 * - -5 (MQTTEXT_BAD_UTF8_STRING): it is not UTF-8, or longer than 65535 bytes
 * - -6 (MQTTEXT_NULL_PARAMETER): filter is NULL
 * - -41 (MQTTEXT_EMPTY_TOPIC): it is empty
 * - -43 (MQTTEXT_MISPLACED_WILDCARD): a wildcard is not a whole level, or "#" is not the last level
 * - -44 (MQTTEXT_BAD_SHARE): it begins with "$share/", but a group name without wildcards or a filter
 *   is missing after it
 */
LIBMQTT_API int MQTTExt_validateFilter(const char *filter);

/**
 * Returns whether a subscription with a topic filter receives messages of a topic.
 *
 * For a filter of a shared subscription it is whether the group receives them. "#" and "+" at the
 * beginning of a filter do not match topics that begin with "$". An application that receives messages
 * of several subscriptions can find out with it which of them a message is for.
 *
 * @param filter the topic filter
 * @param topic the topic
 * @return
 * - 1: the filter matches the topic
 * - 0: it does not
 * - otherwise the code of MQTTExt_validateTopic() for the topic, or if it is valid that of
 *   MQTTExt_validateFilter() for the filter
 */
LIBMQTT_API int MQTTExt_matches(const char *filter, const char *topic);

/**
 * Splits the filter of a shared subscription, "$share/GROUP/FILTER", into its parts. Nothing is copied:
 * the results point into the filter.
 *
 * @param filter the topic filter
 * @param group set to the beginning of the group name, which is not zero-terminated; to NULL if the
 *   subscription is not shared. May be NULL
 * @param groupLength set to the length of the group name in bytes, or to 0. May be NULL
 * @param topicFilter set to what the group subscribes to; to filter itself if the subscription is not
 *   shared. May be NULL
 * @return
 * - 1: the filter is that of a shared subscription
 * - 0: it is valid, and not that of a shared subscription
 * - otherwise the code of MQTTExt_validateFilter(); group, groupLength and topicFilter are unchanged
 */
LIBMQTT_API int MQTTExt_shareParts(const char *filter, const char **group, size_t *groupLength,
    const char **topicFilter);

/** Statistics to be filled by MQTTClientExt_getStatistics() or MQTTAsyncExt_getStatistics(). */
#define MQTTExt_statistics_initializer \
  { {'M', 'Q', 'X', 'S'}, 0, {0, 0, {0, 0, 0}, {0, 0, 0}}, {0, 0, {0, 0, 0}, {0, 0, 0}}, \
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

#if defined(__cplusplus)
}
#endif

#endif /* MQTTEXT_H */
