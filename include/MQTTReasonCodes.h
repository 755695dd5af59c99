/**
 * @file
 * MQTT 5.0 reason codes.
 *
 * @code{.c}
 * #include <stdio.h>
 * #include "MQTTReasonCodes.h"
 *
 * int main(void)
 * {
 *     enum MQTTReasonCodes code = MQTTREASONCODE_QUOTA_EXCEEDED;
 *     const char *name = MQTTReasonCode_toString(code);
 *
 *     if (code >= MQTTREASONCODE_UNSPECIFIED_ERROR)
 *         printf("Failed: %s (%d)\n", name != NULL ? name : "unknown", code);
 *     return 0;
 * }
 * @endcode
 */

#if !defined(MQTTREASONCODES_H)
#define MQTTREASONCODES_H

#include "MQTTExportDeclarations.h"

#if defined(__cplusplus)
extern "C" {
#endif

/**
 * MQTT 5.0 reason codes. Values of 128 and above are failures.
 *
 * A variable of this type can also hold negative return codes of the library and the CONNACK return
 * codes 1 to 5 of MQTT 3.1 and 3.1.1.
 */
enum MQTTReasonCodes {
  /** Success. Used in answers to most packets. */
  MQTTREASONCODE_SUCCESS = 0,
  /** DISCONNECT: normal disconnect; the server does not publish the will message. */
  MQTTREASONCODE_NORMAL_DISCONNECTION = 0,
  /** SUBACK: subscribed with maximum QoS 0. */
  MQTTREASONCODE_GRANTED_QOS_0 = 0,
  /** SUBACK: subscribed with maximum QoS 1. */
  MQTTREASONCODE_GRANTED_QOS_1 = 1,
  /** SUBACK: subscribed with maximum QoS 2. */
  MQTTREASONCODE_GRANTED_QOS_2 = 2,
  /** DISCONNECT: closes the connection and asks the server to publish the will message. */
  MQTTREASONCODE_DISCONNECT_WITH_WILL_MESSAGE = 4,
  /** PUBACK, PUBREC: the message was accepted, but there are no subscribers. */
  MQTTREASONCODE_NO_MATCHING_SUBSCRIBERS = 16,
  /** UNSUBACK: there was no such subscription. */
  MQTTREASONCODE_NO_SUBSCRIPTION_FOUND = 17,
  /** AUTH: another step of the authentication exchange follows. */
  MQTTREASONCODE_CONTINUE_AUTHENTICATION = 24,
  /** AUTH: starts a new authentication on an open connection. */
  MQTTREASONCODE_RE_AUTHENTICATE = 25,
  /** The server does not reveal the reason, or there is no code for it. */
  MQTTREASONCODE_UNSPECIFIED_ERROR = 128,
  /** The packet received could not be decoded. */
  MQTTREASONCODE_MALFORMED_PACKET = 129,
  /** The packet received was well-formed but not allowed at that point. */
  MQTTREASONCODE_PROTOCOL_ERROR = 130,
  /** The packet is valid, but this receiver does not accept it. */
  MQTTREASONCODE_IMPLEMENTATION_SPECIFIC_ERROR = 131,
  /** CONNACK: the server does not support the MQTT version of the client. */
  MQTTREASONCODE_UNSUPPORTED_PROTOCOL_VERSION = 132,
  /** CONNACK: the client identifier is not allowed. */
  MQTTREASONCODE_CLIENT_IDENTIFIER_NOT_VALID = 133,
  /** CONNACK: user name or password is not accepted. */
  MQTTREASONCODE_BAD_USER_NAME_OR_PASSWORD = 134,
  /** The client is not authorized to do this. */
  MQTTREASONCODE_NOT_AUTHORIZED = 135,
  /** CONNACK: the server is not available. */
  MQTTREASONCODE_SERVER_UNAVAILABLE = 136,
  /** The server is busy; try again later. */
  MQTTREASONCODE_SERVER_BUSY = 137,
  /** CONNACK: an administrator has banned this client. */
  MQTTREASONCODE_BANNED = 138,
  /** DISCONNECT: the server is shutting down. */
  MQTTREASONCODE_SERVER_SHUTTING_DOWN = 139,
  /** The authentication method is not supported or not the one in use. */
  MQTTREASONCODE_BAD_AUTHENTICATION_METHOD = 140,
  /** DISCONNECT: nothing was received for one and a half keep-alive intervals. */
  MQTTREASONCODE_KEEP_ALIVE_TIMEOUT = 141,
  /** DISCONNECT: another connection with this client identifier was made. */
  MQTTREASONCODE_SESSION_TAKEN_OVER = 142,
  /** The topic filter is well-formed but not accepted. */
  MQTTREASONCODE_TOPIC_FILTER_INVALID = 143,
  /** The topic name is well-formed but not accepted. */
  MQTTREASONCODE_TOPIC_NAME_INVALID = 144,
  /** The packet identifier is already in use. */
  MQTTREASONCODE_PACKET_IDENTIFIER_IN_USE = 145,
  /** PUBREL, PUBCOMP: the packet identifier is not in use. */
  MQTTREASONCODE_PACKET_IDENTIFIER_NOT_FOUND = 146,
  /** DISCONNECT: more unacknowledged messages were sent than the receive maximum allows. */
  MQTTREASONCODE_RECEIVE_MAXIMUM_EXCEEDED = 147,
  /** DISCONNECT: a topic alias was zero, above the maximum or not yet defined. */
  MQTTREASONCODE_TOPIC_ALIAS_INVALID = 148,
  /** The packet is larger than the receiver allows. */
  MQTTREASONCODE_PACKET_TOO_LARGE = 149,
  /** DISCONNECT: messages were sent too fast. */
  MQTTREASONCODE_MESSAGE_RATE_TOO_HIGH = 150,
  /** A limit set by the implementation or an administrator was exceeded. */
  MQTTREASONCODE_QUOTA_EXCEEDED = 151,
  /** DISCONNECT: an administrator closed the connection. */
  MQTTREASONCODE_ADMINISTRATIVE_ACTION = 152,
  /** The payload does not match the payload format indicator. */
  MQTTREASONCODE_PAYLOAD_FORMAT_INVALID = 153,
  /** The server does not support retained messages. */
  MQTTREASONCODE_RETAIN_NOT_SUPPORTED = 154,
  /** The server does not support this QoS; see MAXIMUM_QOS in the CONNACK properties. */
  MQTTREASONCODE_QOS_NOT_SUPPORTED = 155,
  /** Use another server for now; see the property SERVER_REFERENCE. */
  MQTTREASONCODE_USE_ANOTHER_SERVER = 156,
  /** Use another server from now on; see the property SERVER_REFERENCE. */
  MQTTREASONCODE_SERVER_MOVED = 157,
  /** The server does not support shared subscriptions. */
  MQTTREASONCODE_SHARED_SUBSCRIPTIONS_NOT_SUPPORTED = 158,
  /** Connections are made too fast. */
  MQTTREASONCODE_CONNECTION_RATE_EXCEEDED = 159,
  /** DISCONNECT: the maximum duration of a connection was reached. */
  MQTTREASONCODE_MAXIMUM_CONNECT_TIME = 160,
  /** The server does not support subscription identifiers. */
  MQTTREASONCODE_SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED = 161,
  /** The server does not support wildcards in subscriptions. */
  MQTTREASONCODE_WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED = 162
};

/**
 * Returns the name of an MQTT 5.0 reason code.
 *
 * @param value the reason code
 * @return a constant string, or NULL if value is not a reason code. For 0, which has several names, it
 *   is "SUCCESS"
 */
LIBMQTT_API const char *MQTTReasonCode_toString(enum MQTTReasonCodes value);

#if defined(__cplusplus)
}
#endif

#endif /* MQTTREASONCODES_H */
