/**
 * The MQTT 5.0 reason codes.
 */

#if !defined(MQTTREASONCODES_H)
#define MQTTREASONCODES_H

#include "MQTTExportDeclarations.h"

#if defined(__cplusplus)
extern "C" {
#endif

/**
 * The MQTT 5.0 reason codes. Values of 128 and above are failures.
 *
 * Objects of this type can hold more than these constants: the library also reports its own
 * negative return codes, and the CONNACK return codes 1 to 5 of MQTT 3.1 and 3.1.1, in them.
 */
enum MQTTReasonCodes {
  /** Done. Answers to most packets use it. */
  MQTTREASONCODE_SUCCESS = 0,
  /** DISCONNECT: closes the session normally; the server does not publish the will message. */
  MQTTREASONCODE_NORMAL_DISCONNECTION = 0,
  /** SUBACK: the subscription stands with maximum QoS 0. */
  MQTTREASONCODE_GRANTED_QOS_0 = 0,
  /** SUBACK: the subscription stands with maximum QoS 1. */
  MQTTREASONCODE_GRANTED_QOS_1 = 1,
  /** SUBACK: the subscription stands with maximum QoS 2. */
  MQTTREASONCODE_GRANTED_QOS_2 = 2,
  /** DISCONNECT: closes the connection and asks the server to publish the will message. */
  MQTTREASONCODE_DISCONNECT_WITH_WILL_MESSAGE = 4,
  /** PUBACK, PUBREC: the message was accepted, but nobody subscribes to its topic. */
  MQTTREASONCODE_NO_MATCHING_SUBSCRIBERS = 16,
  /** UNSUBACK: there was no such subscription to remove. */
  MQTTREASONCODE_NO_SUBSCRIPTION_FOUND = 17,
  /** AUTH: another step of the authentication exchange follows. */
  MQTTREASONCODE_CONTINUE_AUTHENTICATION = 24,
  /** AUTH: starts a new authentication on an open connection. */
  MQTTREASONCODE_RE_AUTHENTICATE = 25,
  /** A failure whose reason is not told or has no code of its own. */
  MQTTREASONCODE_UNSPECIFIED_ERROR = 128,
  /** The packet received could not be decoded. */
  MQTTREASONCODE_MALFORMED_PACKET = 129,
  /** The packet received was well-formed but not allowed at that point. */
  MQTTREASONCODE_PROTOCOL_ERROR = 130,
  /** Valid, but this receiver does not do it. */
  MQTTREASONCODE_IMPLEMENTATION_SPECIFIC_ERROR = 131,
  /** CONNACK: the server does not speak the MQTT version asked for. */
  MQTTREASONCODE_UNSUPPORTED_PROTOCOL_VERSION = 132,
  /** CONNACK: the server does not allow this client identifier. */
  MQTTREASONCODE_CLIENT_IDENTIFIER_NOT_VALID = 133,
  /** CONNACK: the server does not accept the user name or the password. */
  MQTTREASONCODE_BAD_USER_NAME_OR_PASSWORD = 134,
  /** The client may not do this. */
  MQTTREASONCODE_NOT_AUTHORIZED = 135,
  /** CONNACK: the server is not available at present. */
  MQTTREASONCODE_SERVER_UNAVAILABLE = 136,
  /** The server is busy; try again later. */
  MQTTREASONCODE_SERVER_BUSY = 137,
  /** CONNACK: an administrator has shut this client out. */
  MQTTREASONCODE_BANNED = 138,
  /** DISCONNECT: the server is going down. */
  MQTTREASONCODE_SERVER_SHUTTING_DOWN = 139,
  /** The authentication method is unknown or not the one in use. */
  MQTTREASONCODE_BAD_AUTHENTICATION_METHOD = 140,
  /** DISCONNECT: nothing came for one and a half keep-alive intervals. */
  MQTTREASONCODE_KEEP_ALIVE_TIMEOUT = 141,
  /** DISCONNECT: another connection now uses this client identifier. */
  MQTTREASONCODE_SESSION_TAKEN_OVER = 142,
  /** The topic filter is well-formed, but this server or this client may not use it. */
  MQTTREASONCODE_TOPIC_FILTER_INVALID = 143,
  /** The topic name is well-formed, but this server or this client may not use it. */
  MQTTREASONCODE_TOPIC_NAME_INVALID = 144,
  /** The packet identifier already belongs to another exchange. */
  MQTTREASONCODE_PACKET_IDENTIFIER_IN_USE = 145,
  /** PUBREL, PUBCOMP: no exchange has this packet identifier. */
  MQTTREASONCODE_PACKET_IDENTIFIER_NOT_FOUND = 146,
  /** DISCONNECT: more unacknowledged messages came than the receive maximum allows. */
  MQTTREASONCODE_RECEIVE_MAXIMUM_EXCEEDED = 147,
  /** DISCONNECT: a topic alias was zero, above the maximum, or not yet defined. */
  MQTTREASONCODE_TOPIC_ALIAS_INVALID = 148,
  /** The packet is larger than the receiver allows. */
  MQTTREASONCODE_PACKET_TOO_LARGE = 149,
  /** DISCONNECT: messages came too fast. */
  MQTTREASONCODE_MESSAGE_RATE_TOO_HIGH = 150,
  /** A limit set by the implementation or by an administrator was passed. */
  MQTTREASONCODE_QUOTA_EXCEEDED = 151,
  /** DISCONNECT: an administrator closed the connection. */
  MQTTREASONCODE_ADMINISTRATIVE_ACTION = 152,
  /** The payload is not of the format that the payload format indicator tells. */
  MQTTREASONCODE_PAYLOAD_FORMAT_INVALID = 153,
  /** The server does not keep retained messages. */
  MQTTREASONCODE_RETAIN_NOT_SUPPORTED = 154,
  /** The server does not support this QoS; it told its maximum in the CONNACK. */
  MQTTREASONCODE_QOS_NOT_SUPPORTED = 155,
  /** Use another server for now; the property SERVER_REFERENCE may name one. */
  MQTTREASONCODE_USE_ANOTHER_SERVER = 156,
  /** Use another server from now on; the property SERVER_REFERENCE may name one. */
  MQTTREASONCODE_SERVER_MOVED = 157,
  /** The server does not support shared subscriptions. */
  MQTTREASONCODE_SHARED_SUBSCRIPTIONS_NOT_SUPPORTED = 158,
  /** Connections are being made too fast. */
  MQTTREASONCODE_CONNECTION_RATE_EXCEEDED = 159,
  /** DISCONNECT: the connection was open for as long as this server allows. */
  MQTTREASONCODE_MAXIMUM_CONNECT_TIME = 160,
  /** The server does not support subscription identifiers. */
  MQTTREASONCODE_SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED = 161,
  /** The server does not support wildcards in subscriptions. */
  MQTTREASONCODE_WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED = 162
};

/**
 * The name of an MQTT 5.0 reason code, for messages to people.
 *
 * Returns a constant text that is never freed, or NULL for a value that is no reason code. Value 0
 * stands for several names in the standard; the text is "SUCCESS".
 */
LIBMQTT_API const char *MQTTReasonCode_toString(enum MQTTReasonCodes value);

#if defined(__cplusplus)
}
#endif

#endif /* MQTTREASONCODES_H */
