//! MQTT 5.0 properties as C programs see them (`MQTTProperties.h`).

#![allow(non_camel_case_types, reason = "the names are those of the C interface")]

use std::ffi::{c_char, c_int, c_uchar, c_uint, c_ushort};

use super::assert_layout;

/// What MQTTProperties_add() returns for a property identifier that does not exist.
pub const MQTT_INVALID_PROPERTY_ID: c_int = -2;

/// The identifiers of the MQTT 5.0 properties, with the packets they may stand in and the member of
/// MQTTProperty.value that holds them.
pub type MQTTPropertyCodes = c_int;

/// PUBLISH, will. `byte`: 0 the payload is bytes, 1 it is UTF-8 text.
pub const MQTTPROPERTY_CODE_PAYLOAD_FORMAT_INDICATOR: MQTTPropertyCodes = 1;
/// PUBLISH, will. `integer4`: seconds after which the server drops the message.
pub const MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL: MQTTPropertyCodes = 2;
/// PUBLISH, will. `data`: what the payload is, for example a MIME type.
pub const MQTTPROPERTY_CODE_CONTENT_TYPE: MQTTPropertyCodes = 3;
/// PUBLISH, will. `data`: the topic to send a response to.
pub const MQTTPROPERTY_CODE_RESPONSE_TOPIC: MQTTPropertyCodes = 8;
/// PUBLISH, will. `data`: bytes that tie a response to its request.
pub const MQTTPROPERTY_CODE_CORRELATION_DATA: MQTTPropertyCodes = 9;
/// SUBSCRIBE, and PUBLISH from the server. `integer4`: 1 to 268435455; which subscriptions matched.
pub const MQTTPROPERTY_CODE_SUBSCRIPTION_IDENTIFIER: MQTTPropertyCodes = 11;
/// CONNECT, CONNACK, DISCONNECT. `integer4`: seconds the server keeps the session after the connection
/// has closed; 4294967295 means for ever.
pub const MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL: MQTTPropertyCodes = 17;
/// CONNACK. `data`: the client identifier the server chose.
pub const MQTTPROPERTY_CODE_ASSIGNED_CLIENT_IDENTIFIER: MQTTPropertyCodes = 18;
/// The same property under the misspelled name that older programs use.
pub const MQTTPROPERTY_CODE_ASSIGNED_CLIENT_IDENTIFER: MQTTPropertyCodes = 18;
/// CONNACK. `integer2`: the keep-alive interval in seconds that holds in place of the client's own.
pub const MQTTPROPERTY_CODE_SERVER_KEEP_ALIVE: MQTTPropertyCodes = 19;
/// CONNECT, CONNACK, AUTH. `data`: the name of the authentication method.
pub const MQTTPROPERTY_CODE_AUTHENTICATION_METHOD: MQTTPropertyCodes = 21;
/// CONNECT, CONNACK, AUTH. `data`: bytes whose meaning the authentication method defines.
pub const MQTTPROPERTY_CODE_AUTHENTICATION_DATA: MQTTPropertyCodes = 22;
/// CONNECT. `byte`: 0 asks the server to leave out reason strings and user properties of answers.
pub const MQTTPROPERTY_CODE_REQUEST_PROBLEM_INFORMATION: MQTTPropertyCodes = 23;
/// Will. `integer4`: seconds between the loss of the connection and the will message.
pub const MQTTPROPERTY_CODE_WILL_DELAY_INTERVAL: MQTTPropertyCodes = 24;
/// CONNECT. `byte`: 1 asks the server for RESPONSE_INFORMATION.
pub const MQTTPROPERTY_CODE_REQUEST_RESPONSE_INFORMATION: MQTTPropertyCodes = 25;
/// CONNACK. `data`: a basis for making response topics.
pub const MQTTPROPERTY_CODE_RESPONSE_INFORMATION: MQTTPropertyCodes = 26;
/// CONNACK, DISCONNECT. `data`: another server to use.
pub const MQTTPROPERTY_CODE_SERVER_REFERENCE: MQTTPropertyCodes = 28;
/// Every answer, DISCONNECT and AUTH. `data`: the reason in words, meant for people.
pub const MQTTPROPERTY_CODE_REASON_STRING: MQTTPropertyCodes = 31;
/// CONNECT, CONNACK. `integer2`: how many QoS 1 and 2 messages the sender takes unacknowledged; not 0.
pub const MQTTPROPERTY_CODE_RECEIVE_MAXIMUM: MQTTPropertyCodes = 33;
/// CONNECT, CONNACK. `integer2`: the highest topic alias the sender takes.
pub const MQTTPROPERTY_CODE_TOPIC_ALIAS_MAXIMUM: MQTTPropertyCodes = 34;
/// PUBLISH. `integer2`: a number that stands for the topic name; not 0.
pub const MQTTPROPERTY_CODE_TOPIC_ALIAS: MQTTPropertyCodes = 35;
/// CONNACK. `byte`: the highest QoS the server supports, 0 or 1. Absent: 2.
pub const MQTTPROPERTY_CODE_MAXIMUM_QOS: MQTTPropertyCodes = 36;
/// CONNACK. `byte`: 0 if the server does not keep retained messages.
pub const MQTTPROPERTY_CODE_RETAIN_AVAILABLE: MQTTPropertyCodes = 37;
/// Every packet with properties, any number of times. `data` the name, `value` the value.
pub const MQTTPROPERTY_CODE_USER_PROPERTY: MQTTPropertyCodes = 38;
/// CONNECT, CONNACK. `integer4`: the largest packet, in bytes, that the sender takes; not 0.
pub const MQTTPROPERTY_CODE_MAXIMUM_PACKET_SIZE: MQTTPropertyCodes = 39;
/// CONNACK. `byte`: 0 if the server does not support wildcards in subscriptions.
pub const MQTTPROPERTY_CODE_WILDCARD_SUBSCRIPTION_AVAILABLE: MQTTPropertyCodes = 40;
/// CONNACK. `byte`: 0 if the server does not support subscription identifiers.
pub const MQTTPROPERTY_CODE_SUBSCRIPTION_IDENTIFIERS_AVAILABLE: MQTTPropertyCodes = 41;
/// CONNACK. `byte`: 0 if the server does not support shared subscriptions.
pub const MQTTPROPERTY_CODE_SHARED_SUBSCRIPTION_AVAILABLE: MQTTPropertyCodes = 42;

/// The types of property values, as MQTTProperty_getType() tells them.
pub type MQTTPropertyTypes = c_int;

/// One byte, in `byte`.
pub const MQTTPROPERTY_TYPE_BYTE: MQTTPropertyTypes = 0;
/// 0 to 65535, in `integer2`.
pub const MQTTPROPERTY_TYPE_TWO_BYTE_INTEGER: MQTTPropertyTypes = 1;
/// 0 to 4294967295, in `integer4`.
pub const MQTTPROPERTY_TYPE_FOUR_BYTE_INTEGER: MQTTPropertyTypes = 2;
/// 0 to 268435455, in `integer4`.
pub const MQTTPROPERTY_TYPE_VARIABLE_BYTE_INTEGER: MQTTPropertyTypes = 3;
/// Up to 65535 bytes of any kind, in `data`.
pub const MQTTPROPERTY_TYPE_BINARY_DATA: MQTTPropertyTypes = 4;
/// Up to 65535 bytes of UTF-8 text, in `data`.
pub const MQTTPROPERTY_TYPE_UTF_8_ENCODED_STRING: MQTTPropertyTypes = 5;
/// Two such texts, a name in `data` and a value in `value`.
pub const MQTTPROPERTY_TYPE_UTF_8_STRING_PAIR: MQTTPropertyTypes = 6;

/// A text or a row of bytes with its length. No terminating zero is needed, and none is to be relied on.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTLenString {
    /// How many bytes.
    pub len: c_int,
    /// The bytes.
    pub data: *mut c_char,
}

/// The two texts of a property: every type that is not a number uses them.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTProperty_value_texts {
    /// A string, a binary value, or the name of a user property.
    pub data: MQTTLenString,
    /// The value of a user property; not used by other properties.
    pub value: MQTTLenString,
}

/// The value of a property: the identifier decides which member counts.
#[repr(C)]
#[derive(Clone, Copy)]
pub union MQTTProperty_value {
    /// A one byte number.
    pub byte: c_uchar,
    /// A two byte number.
    pub integer2: c_ushort,
    /// A four byte number, or one of variable length.
    pub integer4: c_uint,
    /// Everything that is not a number.
    pub texts: MQTTProperty_value_texts,
}

/// One MQTT 5.0 property.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct MQTTProperty {
    /// Which property it is: one of the MQTTPROPERTY_CODE_ values.
    pub identifier: MQTTPropertyCodes,
    /// Its value. The type that MQTTProperty_getType() gives for the identifier decides which member
    /// counts.
    pub value: MQTTProperty_value,
}

/// A list of MQTT 5.0 properties. Start from MQTTProperties_initializer, fill it with
/// MQTTProperties_add(), which copies what it is given, and release it with MQTTProperties_free().
/// Do not write the members yourself.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTProperties {
    /// How many properties there are.
    pub count: c_int,
    /// For how many there is room in `array`.
    pub max_count: c_int,
    /// Bytes the properties take on the wire, without the length field in front of them.
    pub length: c_int,
    /// The properties.
    pub array: *mut MQTTProperty,
}

assert_layout!(MQTTLenString, size 16, align 8, len @ 0, data @ 8);
assert_layout!(MQTTProperty_value_texts, size 32, align 8, data @ 0, value @ 16);
assert_layout!(MQTTProperty_value, size 32, align 8, byte @ 0, integer2 @ 0, integer4 @ 0, texts @ 0);
assert_layout!(MQTTProperty, size 40, align 8, identifier @ 0, value @ 8);
assert_layout!(MQTTProperties, size 24, align 8, count @ 0, max_count @ 4, length @ 8, array @ 16);
