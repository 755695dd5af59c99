//! MQTT 5.0 properties as C programs see them (`MQTTProperties.h`).

#![allow(non_camel_case_types, reason = "the names are those of the C interface")]

use std::ffi::{c_char, c_int, c_uchar, c_uint, c_ushort};

use super::assert_layout;

/// Returned by MQTTProperties_add() for a property identifier that does not exist.
pub const MQTT_INVALID_PROPERTY_ID: c_int = -2;

/// Identifiers of the MQTT 5.0 properties. Each description lists the packets that may contain the
/// property and the member of MQTTProperty.value that holds its value.
pub type MQTTPropertyCodes = c_int;

/// PUBLISH, will. `byte`: 0 the payload is unspecified bytes, 1 it is UTF-8 text.
pub const MQTTPROPERTY_CODE_PAYLOAD_FORMAT_INDICATOR: MQTTPropertyCodes = 1;
/// PUBLISH, will. `integer4`: seconds after which the server discards the message.
pub const MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL: MQTTPropertyCodes = 2;
/// PUBLISH, will. `data`: content type of the payload, for example a MIME type.
pub const MQTTPROPERTY_CODE_CONTENT_TYPE: MQTTPropertyCodes = 3;
/// PUBLISH, will. `data`: topic for the response to a request.
pub const MQTTPROPERTY_CODE_RESPONSE_TOPIC: MQTTPropertyCodes = 8;
/// PUBLISH, will. `data`: bytes that identify the request a response belongs to.
pub const MQTTPROPERTY_CODE_CORRELATION_DATA: MQTTPropertyCodes = 9;
/// SUBSCRIBE, and PUBLISH from the server. `integer4`: 1 to 268435455; identifies the matching
/// subscriptions.
pub const MQTTPROPERTY_CODE_SUBSCRIPTION_IDENTIFIER: MQTTPropertyCodes = 11;
/// CONNECT, CONNACK, DISCONNECT. `integer4`: seconds the server keeps the session after the connection
/// has closed; 4294967295 means that it never expires.
pub const MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL: MQTTPropertyCodes = 17;
/// CONNACK. `data`: client identifier assigned by the server.
pub const MQTTPROPERTY_CODE_ASSIGNED_CLIENT_IDENTIFIER: MQTTPropertyCodes = 18;
/// The same property under a misspelled name, for older programs.
pub const MQTTPROPERTY_CODE_ASSIGNED_CLIENT_IDENTIFER: MQTTPropertyCodes = 18;
/// CONNACK. `integer2`: keep-alive interval in seconds that replaces the client's own.
pub const MQTTPROPERTY_CODE_SERVER_KEEP_ALIVE: MQTTPropertyCodes = 19;
/// CONNECT, CONNACK, AUTH. `data`: name of the authentication method.
pub const MQTTPROPERTY_CODE_AUTHENTICATION_METHOD: MQTTPropertyCodes = 21;
/// CONNECT, CONNACK, AUTH. `data`: bytes defined by the authentication method.
pub const MQTTPROPERTY_CODE_AUTHENTICATION_DATA: MQTTPropertyCodes = 22;
/// CONNECT. `byte`: 0 asks the server to omit reason strings and user properties from its answers.
pub const MQTTPROPERTY_CODE_REQUEST_PROBLEM_INFORMATION: MQTTPropertyCodes = 23;
/// Will. `integer4`: seconds between the loss of the connection and the will message.
pub const MQTTPROPERTY_CODE_WILL_DELAY_INTERVAL: MQTTPropertyCodes = 24;
/// CONNECT. `byte`: 1 asks the server for RESPONSE_INFORMATION.
pub const MQTTPROPERTY_CODE_REQUEST_RESPONSE_INFORMATION: MQTTPropertyCodes = 25;
/// CONNACK. `data`: basis for creating response topics.
pub const MQTTPROPERTY_CODE_RESPONSE_INFORMATION: MQTTPropertyCodes = 26;
/// CONNACK, DISCONNECT. `data`: another server to use.
pub const MQTTPROPERTY_CODE_SERVER_REFERENCE: MQTTPropertyCodes = 28;
/// Every answer, DISCONNECT and AUTH. `data`: human-readable reason.
pub const MQTTPROPERTY_CODE_REASON_STRING: MQTTPropertyCodes = 31;
/// CONNECT, CONNACK. `integer2`: maximum number of unacknowledged QoS 1 and 2 messages that the sender
/// accepts; not 0.
pub const MQTTPROPERTY_CODE_RECEIVE_MAXIMUM: MQTTPropertyCodes = 33;
/// CONNECT, CONNACK. `integer2`: highest topic alias that the sender accepts.
pub const MQTTPROPERTY_CODE_TOPIC_ALIAS_MAXIMUM: MQTTPropertyCodes = 34;
/// PUBLISH. `integer2`: number used in place of the topic name; not 0.
pub const MQTTPROPERTY_CODE_TOPIC_ALIAS: MQTTPropertyCodes = 35;
/// CONNACK. `byte`: highest QoS that the server supports, 0 or 1. Absent: 2.
pub const MQTTPROPERTY_CODE_MAXIMUM_QOS: MQTTPropertyCodes = 36;
/// CONNACK. `byte`: 0 if the server does not support retained messages.
pub const MQTTPROPERTY_CODE_RETAIN_AVAILABLE: MQTTPropertyCodes = 37;
/// All packets with properties, any number of times. `data`: the name, `value`: the value.
pub const MQTTPROPERTY_CODE_USER_PROPERTY: MQTTPropertyCodes = 38;
/// CONNECT, CONNACK. `integer4`: size in bytes of the largest packet that the sender accepts; not 0.
pub const MQTTPROPERTY_CODE_MAXIMUM_PACKET_SIZE: MQTTPropertyCodes = 39;
/// CONNACK. `byte`: 0 if the server does not support wildcards in subscriptions.
pub const MQTTPROPERTY_CODE_WILDCARD_SUBSCRIPTION_AVAILABLE: MQTTPropertyCodes = 40;
/// CONNACK. `byte`: 0 if the server does not support subscription identifiers.
pub const MQTTPROPERTY_CODE_SUBSCRIPTION_IDENTIFIERS_AVAILABLE: MQTTPropertyCodes = 41;
/// CONNACK. `byte`: 0 if the server does not support shared subscriptions.
pub const MQTTPROPERTY_CODE_SHARED_SUBSCRIPTION_AVAILABLE: MQTTPropertyCodes = 42;

/// Types of property values, as returned by MQTTProperty_getType().
pub type MQTTPropertyTypes = c_int;

/// One byte, in `byte`.
pub const MQTTPROPERTY_TYPE_BYTE: MQTTPropertyTypes = 0;
/// 0 to 65535, in `integer2`.
pub const MQTTPROPERTY_TYPE_TWO_BYTE_INTEGER: MQTTPropertyTypes = 1;
/// 0 to 4294967295, in `integer4`.
pub const MQTTPROPERTY_TYPE_FOUR_BYTE_INTEGER: MQTTPropertyTypes = 2;
/// 0 to 268435455, in `integer4`.
pub const MQTTPROPERTY_TYPE_VARIABLE_BYTE_INTEGER: MQTTPropertyTypes = 3;
/// Up to 65535 bytes, in `data`.
pub const MQTTPROPERTY_TYPE_BINARY_DATA: MQTTPropertyTypes = 4;
/// Up to 65535 bytes of UTF-8 text, in `data`.
pub const MQTTPROPERTY_TYPE_UTF_8_ENCODED_STRING: MQTTPropertyTypes = 5;
/// Two UTF-8 strings: a name in `data` and a value in `value`.
pub const MQTTPROPERTY_TYPE_UTF_8_STRING_PAIR: MQTTPropertyTypes = 6;

/// A string or binary value with its length. It need not be zero-terminated.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTLenString {
    /// Length in bytes.
    pub len: c_int,
    /// The bytes.
    pub data: *mut c_char,
}

/// Strings and binary values.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTProperty_value_texts {
    /// A string, a binary value, or the name of a user property.
    pub data: MQTTLenString,
    /// The value of a user property; not used by other properties.
    pub value: MQTTLenString,
}

/// Value of a property.
#[repr(C)]
#[derive(Clone, Copy)]
pub union MQTTProperty_value {
    /// A one-byte integer.
    pub byte: c_uchar,
    /// A two-byte integer.
    pub integer2: c_ushort,
    /// A four-byte or variable-length integer.
    pub integer4: c_uint,
    /// All other types.
    pub texts: MQTTProperty_value_texts,
}

/// An MQTT 5.0 property.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct MQTTProperty {
    /// Identifier of the property: one of the MQTTPROPERTY_CODE_ values.
    pub identifier: MQTTPropertyCodes,
    /// Value of the property. The type of the identifier, see MQTTProperty_getType(), selects the
    /// member.
    pub value: MQTTProperty_value,
}

/// A list of MQTT 5.0 properties. Initialize with MQTTProperties_initializer, add properties with
/// MQTTProperties_add() and release with MQTTProperties_free(). Do not modify the members directly.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTProperties {
    /// Number of properties.
    pub count: c_int,
    /// Number of elements allocated in `array`.
    pub max_count: c_int,
    /// Encoded length of the properties in bytes, without the length field in front of them.
    pub length: c_int,
    /// The properties.
    pub array: *mut MQTTProperty,
}

assert_layout!(MQTTLenString, size 16/8, align 8/4, len @ 0, data @ 8/4);
assert_layout!(MQTTProperty_value_texts, size 32/16, align 8/4, data @ 0, value @ 16/8);
assert_layout!(MQTTProperty_value, size 32/16, align 8/4, byte @ 0, integer2 @ 0, integer4 @ 0, texts @ 0);
assert_layout!(MQTTProperty, size 40/20, align 8/4, identifier @ 0, value @ 8/4);
assert_layout!(MQTTProperties, size 24/16, align 8/4, count @ 0, max_count @ 4, length @ 8, array @ 16/12);
