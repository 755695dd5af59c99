//! What `MQTTClient.h` and `MQTTAsync.h` both define. `MQTTApi_` and `MQTTAPI_` become the prefix of each when the headers
//! are made.

#![allow(non_camel_case_types, non_snake_case, reason = "the names are those of the C interface")]

use std::ffi::{c_char, c_int, c_uchar, c_uint, c_void};

use super::assert_layout;
use super::property_abi::MQTTProperties;
use super::reason_codes::MQTTReasonCodes;
use super::structure::versioned;

/// MQTTVersion: MQTT 3.1.1, then MQTT 3.1 if that attempt fails for any reason.
pub const MQTTVERSION_DEFAULT: c_int = 0;
/// MQTTVersion: MQTT 3.1 only.
pub const MQTTVERSION_3_1: c_int = 3;
/// MQTTVersion: MQTT 3.1.1 only.
pub const MQTTVERSION_3_1_1: c_int = 4;
/// MQTTVersion: MQTT 5.0 only.
pub const MQTTVERSION_5: c_int = 5;

/// Returned in place of a granted QoS: the server rejected this subscription.
pub const MQTT_BAD_SUBSCRIBE: c_int = 0x80;

/// sslVersion: the system's default minimum.
pub const MQTT_SSL_VERSION_DEFAULT: c_int = 0;
/// sslVersion: TLS 1.0 or later.
pub const MQTT_SSL_VERSION_TLS_1_0: c_int = 1;
/// sslVersion: TLS 1.1 or later.
pub const MQTT_SSL_VERSION_TLS_1_1: c_int = 2;
/// sslVersion: TLS 1.2 or later.
pub const MQTT_SSL_VERSION_TLS_1_2: c_int = 3;

/// Options for MQTTApi_global_init(). Initialize with MQTTApi_init_options_initializer.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTApi_init_options {
    /// Always "MQTG" (not zero-terminated).
    pub struct_id: [c_char; 4],
    /// Version of this structure: 0.
    pub struct_version: c_int,
    /// Ignored: OpenSSL initializes itself.
    pub do_openssl_init: c_int,
}

/// A message to publish, or one that was received. Initialize with MQTTApi_message_initializer.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTApi_message {
    /// Always "MQTM" (not zero-terminated).
    pub struct_id: [c_char; 4],
    /// Version of this structure: 0 or 1. Version 0 has no properties.
    pub struct_version: c_int,
    /// Length of the payload in bytes.
    pub payloadlen: c_int,
    /// The payload. In received messages it is never NULL, and an uncounted zero byte follows it.
    pub payload: *mut c_void,
    /// Quality of service: 0 at most once, 1 at least once, 2 exactly once.
    pub qos: c_int,
    /// Publishing: non-zero asks the server to retain the message for future subscribers. Receiving: 1
    /// if this is a retained message.
    pub retained: c_int,
    /// Received messages only: 1 if this may be a redelivery.
    pub dup: c_int,
    /// Received messages only: the packet identifier; 0 for QoS 0.
    pub msgid: c_int,
    /// MQTT 5.0: the properties of the message.
    pub properties: MQTTProperties,
}

/// Called when an MQTT 5.0 server has closed the connection with a DISCONNECT packet.
///
/// @param context as passed to MQTTApi_setDisconnected()
/// @param properties properties of the packet; valid during the call only
/// @param reasonCode reason code of the packet
/// @note Runs on a thread of the library. It may call any function.
pub type MQTTApi_disconnected = Option<
    unsafe extern "C" fn(context: *mut c_void, properties: *mut MQTTProperties, reasonCode: MQTTReasonCodes),
>;

/// The payload of a will message as binary data.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTApi_willOptions_payload {
    /// Length in bytes, at most 65535.
    pub len: c_int,
    /// The data; NULL to use message.
    pub data: *const c_void,
}

/// The will message, which the server publishes if the connection ends without a normal disconnect.
/// Initialize with MQTTApi_willOptions_initializer.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTApi_willOptions {
    /// Always "MQTW" (not zero-terminated).
    pub struct_id: [c_char; 4],
    /// Version of this structure: 0 or 1. Version 0 has no payload member.
    pub struct_version: c_int,
    /// Topic of the will message.
    pub topicName: *const c_char,
    /// Payload as a zero-terminated string; used if payload.data is NULL. NULL for an empty payload.
    pub message: *const c_char,
    /// Non-zero: the server retains the message for future subscribers.
    pub retained: c_int,
    /// QoS of the message: 0, 1 or 2.
    pub qos: c_int,
    /// Payload as binary data; takes precedence over message.
    pub payload: MQTTApi_willOptions_payload,
}

/// TLS options. Initialize with MQTTApi_SSLOptions_initializer.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTApi_SSLOptions {
    /// Always "MQTS" (not zero-terminated).
    pub struct_id: [c_char; 4],
    /// Version of this structure: 0 to 5. 1 added sslVersion; 2 verify and CApath; 3 ssl_error_cb and
    /// ssl_error_context; 4 ssl_psk_cb, ssl_psk_context and disableDefaultTrustStore; 5 protos and
    /// protos_len.
    pub struct_version: c_int,
    /// PEM file with trusted CA certificates; NULL for none. Here, in keyStore and in privateKey the
    /// PEM text itself may be given in place of a file name. keyStore and privateKey may also be pkcs11
    /// URIs if OpenSSL has a provider for them; privateKeyPassword is then the PIN.
    pub trustStore: *const c_char,
    /// PEM file with the client's certificate chain; NULL for none.
    pub keyStore: *const c_char,
    /// PEM file with the client's private key; NULL if it is in keyStore. Not used without keyStore.
    pub privateKey: *const c_char,
    /// Password of the private key; NULL for none. The library never prompts for it.
    pub privateKeyPassword: *const c_char,
    /// Cipher list for TLS 1.2 and earlier, in OpenSSL's format; NULL for OpenSSL's default.
    pub enabledCipherSuites: *const c_char,
    /// Non-zero: the server's certificate must be valid. 0: an invalid one is accepted and logged.
    pub enableServerCertAuth: c_int,
    /// Lowest TLS version to use: one of the MQTT_SSL_VERSION_ values. Other values mean
    /// MQTT_SSL_VERSION_DEFAULT.
    pub sslVersion: c_int,
    /// Non-zero: the server's certificate must match the host name or address connected to. 0: a
    /// mismatch is accepted and logged. If the environment variable PAHO_C_RS_TLS_VERIFY is "required",
    /// this and enableServerCertAuth are in effect for every connection of the process.
    pub verify: c_int,
    /// Directory with trusted CA certificates under OpenSSL's hashed names; NULL for none.
    pub CApath: *const c_char,
    /// Called on the connecting thread once for each line of a TLS error, or NULL. str is
    /// zero-terminated and ends with a line feed; len does not count the zero. Return a positive value
    /// to get the next line.
    pub ssl_error_cb: Option<unsafe extern "C" fn(str: *const c_char, len: usize, u: *mut c_void) -> c_int>,
    /// Passed to ssl_error_cb as u.
    pub ssl_error_context: *mut c_void,
    /// Called for a pre-shared key, or NULL. hint is what the server sent, or NULL. Write the identity
    /// as a zero-terminated string to identity and the key to psk, and return the length of the key; 0
    /// ends the connection.
    pub ssl_psk_cb: Option<
        unsafe extern "C" fn(
            hint: *const c_char,
            identity: *mut c_char,
            max_identity_len: c_uint,
            psk: *mut c_uchar,
            max_psk_len: c_uint,
            u: *mut c_void,
        ) -> c_uint,
    >,
    /// Passed to ssl_psk_cb as u.
    pub ssl_psk_context: *mut c_void,
    /// Non-zero: the CA certificates that the system trusts are not used.
    pub disableDefaultTrustStore: c_int,
    /// Protocols to offer with ALPN, each name preceded by its length in one byte; NULL for none.
    pub protos: *const c_uchar,
    /// Length of protos in bytes.
    pub protos_len: c_uint,
}

/// A name and a value. Lists end with an element in which both are NULL.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTApi_nameValue {
    /// The name.
    pub name: *const c_char,
    /// The value.
    pub value: *const c_char,
}

/// A password as binary data.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTApi_connectOptions_binarypwd {
    /// Length in bytes, at most 65535.
    pub len: c_int,
    /// The data; NULL for none.
    pub data: *const c_void,
}

/// Trace levels. Each level includes the ones that follow it in this list.
pub type MQTTAPI_TRACE_LEVELS = c_int;

/// Everything that is traced, which is the same as MINIMUM: there are no lines for function calls.
pub const MQTTAPI_TRACE_MAXIMUM: MQTTAPI_TRACE_LEVELS = 1;
/// The same as MINIMUM: no line has this level.
pub const MQTTAPI_TRACE_MEDIUM: MQTTAPI_TRACE_LEVELS = 2;
/// Connects, closed connections, callbacks about to be called, and calls that have to wait.
pub const MQTTAPI_TRACE_MINIMUM: MQTTAPI_TRACE_LEVELS = 3;
/// MQTT packets sent and received, and the steps of TLS and proxy connections.
pub const MQTTAPI_TRACE_PROTOCOL: MQTTAPI_TRACE_LEVELS = 4;
/// Errors: failed connects, invalid packets from the server, failures of the persistent store.
pub const MQTTAPI_TRACE_ERROR: MQTTAPI_TRACE_LEVELS = 5;
/// Reserved: no line has this level.
pub const MQTTAPI_TRACE_SEVERE: MQTTAPI_TRACE_LEVELS = 6;
/// Internal errors of the library.
pub const MQTTAPI_TRACE_FATAL: MQTTAPI_TRACE_LEVELS = 7;

/// Called for every line of the trace.
///
/// @param level the level of the line
/// @param message the line, zero-terminated and without a line end; valid during the call only
pub type MQTTApi_traceCallback =
    Option<unsafe extern "C" fn(level: MQTTAPI_TRACE_LEVELS, message: *mut c_char)>;

assert_layout!(
    MQTTApi_init_options, size 12, align 4, struct_id @ 0, struct_version @ 4, do_openssl_init @ 8,
);
versioned!(
    MQTTApi_message, b"MQTM", size 64/48, align 8/4,
    0: struct_id @ 0, struct_version @ 4, payloadlen @ 8, payload @ 16/12, qos @ 24/16, retained @ 28/20,
       dup @ 32/24, msgid @ 36/28;
    1: properties @ 40/32;
);
assert_layout!(MQTTApi_willOptions_payload, size 16/8, align 8/4, len @ 0, data @ 8/4);
versioned!(
    MQTTApi_willOptions, b"MQTW", size 48/32, align 8/4,
    0: struct_id @ 0, struct_version @ 4, topicName @ 8, message @ 16/12, retained @ 24/16, qos @ 28/20;
    1: payload @ 32/24;
);
versioned!(
    MQTTApi_SSLOptions, b"MQTS", size 128/72, align 8/4,
    0: struct_id @ 0, struct_version @ 4, trustStore @ 8, keyStore @ 16/12, privateKey @ 24/16,
       privateKeyPassword @ 32/20, enabledCipherSuites @ 40/24, enableServerCertAuth @ 48/28;
    1: sslVersion @ 52/32;
    2: verify @ 56/36, CApath @ 64/40;
    3: ssl_error_cb @ 72/44, ssl_error_context @ 80/48;
    4: ssl_psk_cb @ 88/52, ssl_psk_context @ 96/56, disableDefaultTrustStore @ 104/60;
    5: protos @ 112/64, protos_len @ 120/68;
);
assert_layout!(MQTTApi_nameValue, size 16/8, align 8/4, name @ 0, value @ 8/4);
assert_layout!(MQTTApi_connectOptions_binarypwd, size 16/8, align 8/4, len @ 0, data @ 8/4);
