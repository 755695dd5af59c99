//! The MQTT 5.0 reason codes as C programs name them, and their texts (`MQTTReasonCodes.h`).

use core::ffi::{c_char, c_int};
use core::ptr;

use super::boundary::entry;
use super::text::terminated;
use crate::protocol::ReasonCode;

/// MQTT 5.0 reason codes. Values of 128 and above are failures.
///
/// A variable of this type can also hold negative return codes of the library and the CONNACK return
/// codes 1 to 5 of MQTT 3.1 and 3.1.1.
pub type MQTTReasonCodes = c_int;

/// Success. Used in answers to most packets.
pub const MQTTREASONCODE_SUCCESS: MQTTReasonCodes = 0;
/// DISCONNECT: normal disconnect; the server does not publish the will message.
pub const MQTTREASONCODE_NORMAL_DISCONNECTION: MQTTReasonCodes = 0;
/// SUBACK: subscribed with maximum QoS 0.
pub const MQTTREASONCODE_GRANTED_QOS_0: MQTTReasonCodes = 0;
/// SUBACK: subscribed with maximum QoS 1.
pub const MQTTREASONCODE_GRANTED_QOS_1: MQTTReasonCodes = 1;
/// SUBACK: subscribed with maximum QoS 2.
pub const MQTTREASONCODE_GRANTED_QOS_2: MQTTReasonCodes = 2;
/// DISCONNECT: closes the connection and asks the server to publish the will message.
pub const MQTTREASONCODE_DISCONNECT_WITH_WILL_MESSAGE: MQTTReasonCodes = 4;
/// PUBACK, PUBREC: the message was accepted, but there are no subscribers.
pub const MQTTREASONCODE_NO_MATCHING_SUBSCRIBERS: MQTTReasonCodes = 16;
/// UNSUBACK: there was no such subscription.
pub const MQTTREASONCODE_NO_SUBSCRIPTION_FOUND: MQTTReasonCodes = 17;
/// AUTH: another step of the authentication exchange follows.
pub const MQTTREASONCODE_CONTINUE_AUTHENTICATION: MQTTReasonCodes = 24;
/// AUTH: starts a new authentication on an open connection.
pub const MQTTREASONCODE_RE_AUTHENTICATE: MQTTReasonCodes = 25;
/// The server does not reveal the reason, or there is no code for it.
pub const MQTTREASONCODE_UNSPECIFIED_ERROR: MQTTReasonCodes = 128;
/// The packet received could not be decoded.
pub const MQTTREASONCODE_MALFORMED_PACKET: MQTTReasonCodes = 129;
/// The packet received was well-formed but not allowed at that point.
pub const MQTTREASONCODE_PROTOCOL_ERROR: MQTTReasonCodes = 130;
/// The packet is valid, but this receiver does not accept it.
pub const MQTTREASONCODE_IMPLEMENTATION_SPECIFIC_ERROR: MQTTReasonCodes = 131;
/// CONNACK: the server does not support the MQTT version of the client.
pub const MQTTREASONCODE_UNSUPPORTED_PROTOCOL_VERSION: MQTTReasonCodes = 132;
/// CONNACK: the client identifier is not allowed.
pub const MQTTREASONCODE_CLIENT_IDENTIFIER_NOT_VALID: MQTTReasonCodes = 133;
/// CONNACK: user name or password is not accepted.
pub const MQTTREASONCODE_BAD_USER_NAME_OR_PASSWORD: MQTTReasonCodes = 134;
/// The client is not authorized to do this.
pub const MQTTREASONCODE_NOT_AUTHORIZED: MQTTReasonCodes = 135;
/// CONNACK: the server is not available.
pub const MQTTREASONCODE_SERVER_UNAVAILABLE: MQTTReasonCodes = 136;
/// The server is busy; try again later.
pub const MQTTREASONCODE_SERVER_BUSY: MQTTReasonCodes = 137;
/// CONNACK: an administrator has banned this client.
pub const MQTTREASONCODE_BANNED: MQTTReasonCodes = 138;
/// DISCONNECT: the server is shutting down.
pub const MQTTREASONCODE_SERVER_SHUTTING_DOWN: MQTTReasonCodes = 139;
/// The authentication method is not supported or not the one in use.
pub const MQTTREASONCODE_BAD_AUTHENTICATION_METHOD: MQTTReasonCodes = 140;
/// DISCONNECT: nothing was received for one and a half keep-alive intervals.
pub const MQTTREASONCODE_KEEP_ALIVE_TIMEOUT: MQTTReasonCodes = 141;
/// DISCONNECT: another connection with this client identifier was made.
pub const MQTTREASONCODE_SESSION_TAKEN_OVER: MQTTReasonCodes = 142;
/// The topic filter is well-formed but not accepted.
pub const MQTTREASONCODE_TOPIC_FILTER_INVALID: MQTTReasonCodes = 143;
/// The topic name is well-formed but not accepted.
pub const MQTTREASONCODE_TOPIC_NAME_INVALID: MQTTReasonCodes = 144;
/// The packet identifier is already in use.
pub const MQTTREASONCODE_PACKET_IDENTIFIER_IN_USE: MQTTReasonCodes = 145;
/// PUBREL, PUBCOMP: the packet identifier is not in use.
pub const MQTTREASONCODE_PACKET_IDENTIFIER_NOT_FOUND: MQTTReasonCodes = 146;
/// DISCONNECT: more unacknowledged messages were sent than the receive maximum allows.
pub const MQTTREASONCODE_RECEIVE_MAXIMUM_EXCEEDED: MQTTReasonCodes = 147;
/// DISCONNECT: a topic alias was zero, above the maximum or not yet defined.
pub const MQTTREASONCODE_TOPIC_ALIAS_INVALID: MQTTReasonCodes = 148;
/// The packet is larger than the receiver allows.
pub const MQTTREASONCODE_PACKET_TOO_LARGE: MQTTReasonCodes = 149;
/// DISCONNECT: messages were sent too fast.
pub const MQTTREASONCODE_MESSAGE_RATE_TOO_HIGH: MQTTReasonCodes = 150;
/// A limit set by the implementation or an administrator was exceeded.
pub const MQTTREASONCODE_QUOTA_EXCEEDED: MQTTReasonCodes = 151;
/// DISCONNECT: an administrator closed the connection.
pub const MQTTREASONCODE_ADMINISTRATIVE_ACTION: MQTTReasonCodes = 152;
/// The payload does not match the payload format indicator.
pub const MQTTREASONCODE_PAYLOAD_FORMAT_INVALID: MQTTReasonCodes = 153;
/// The server does not support retained messages.
pub const MQTTREASONCODE_RETAIN_NOT_SUPPORTED: MQTTReasonCodes = 154;
/// The server does not support this QoS; see MAXIMUM_QOS in the CONNACK properties.
pub const MQTTREASONCODE_QOS_NOT_SUPPORTED: MQTTReasonCodes = 155;
/// Use another server for now; see the property SERVER_REFERENCE.
pub const MQTTREASONCODE_USE_ANOTHER_SERVER: MQTTReasonCodes = 156;
/// Use another server from now on; see the property SERVER_REFERENCE.
pub const MQTTREASONCODE_SERVER_MOVED: MQTTReasonCodes = 157;
/// The server does not support shared subscriptions.
pub const MQTTREASONCODE_SHARED_SUBSCRIPTIONS_NOT_SUPPORTED: MQTTReasonCodes = 158;
/// Connections are made too fast.
pub const MQTTREASONCODE_CONNECTION_RATE_EXCEEDED: MQTTReasonCodes = 159;
/// DISCONNECT: the maximum duration of a connection was reached.
pub const MQTTREASONCODE_MAXIMUM_CONNECT_TIME: MQTTReasonCodes = 160;
/// The server does not support subscription identifiers.
pub const MQTTREASONCODE_SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED: MQTTReasonCodes = 161;
/// The server does not support wildcards in subscriptions.
pub const MQTTREASONCODE_WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED: MQTTReasonCodes = 162;

/// Returns the name of an MQTT 5.0 reason code.
///
/// @param value the reason code
/// @return a constant string, or NULL if value is not a reason code. For 0, which has several names, it
///   is "SUCCESS"
#[unsafe(no_mangle)]
pub extern "C" fn MQTTReasonCode_toString(value: MQTTReasonCodes) -> *const c_char {
    entry!("MQTTReasonCode_toString", ptr::null(), {
        let text = u8::try_from(value).ok().and_then(|code| ReasonCode(code).terminated_text());
        text.map_or(ptr::null(), |text| terminated(text).as_ptr())
    })
}
