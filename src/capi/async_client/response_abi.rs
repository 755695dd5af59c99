//! How `MQTTAsync.h` reports the results of requests, and the options by which a request asks for them.

#![allow(non_camel_case_types, non_snake_case, reason = "the names are those of the C interface")]

use std::ffi::{c_char, c_int, c_void};

use super::abi::{MQTTAsync_message, MQTTAsync_token};
use crate::capi::shared::assert_layout;
use crate::capi::shared::property_abi::MQTTProperties;
use crate::capi::shared::reason_codes::MQTTReasonCodes;
use crate::capi::shared::structure::versioned;
use crate::capi::shared::subscriptions::MQTTSubscribe_options;

/// The reason why a request failed. Valid during the callback only.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_failureData {
    /// Token of the request; 0 if it has none.
    pub token: MQTTAsync_token,
    /// Negative: a return code of the library. Otherwise the code sent by the server.
    pub code: c_int,
    /// The reason as text; may be NULL. Valid until the client is destroyed.
    pub message: *const c_char,
}

/// The reason why a request failed, for MQTT 5.0. Valid during the callback only.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_failureData5 {
    /// Always "MQFD" (not zero-terminated).
    pub struct_id: [c_char; 4],
    /// Version of this structure: 0.
    pub struct_version: c_int,
    /// Token of the request; 0 if it has none.
    pub token: MQTTAsync_token,
    /// Reason code of the server's answer; 0 if there was none.
    pub reasonCode: MQTTReasonCodes,
    /// Properties of the server's answer.
    pub properties: MQTTProperties,
    /// Return code of the library; 0 if the server rejected the request, -1 if it refused the
    /// connection.
    pub code: c_int,
    /// The reason as text; may be NULL. Valid until the client is destroyed.
    pub message: *const c_char,
    /// Type of the packet that ended the request, for example 4 for PUBACK; 0 if there was none.
    pub packet_type: c_int,
}

/// A message that was sent.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_successData_pub {
    /// The message.
    pub message: MQTTAsync_message,
    /// Topic of the message.
    pub destinationName: *mut c_char,
}

/// A connection that was made.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_successData_connect {
    /// Server connected to: without its scheme if it was given at creation, otherwise as in serverURIs.
    pub serverURI: *mut c_char,
    /// MQTT version in use: MQTTVERSION_3_1, MQTTVERSION_3_1_1 or MQTTVERSION_5.
    pub MQTTVersion: c_int,
    /// 1 if the server had a session for this client.
    pub sessionPresent: c_int,
}

/// Details that depend on the kind of request.
#[repr(C)]
#[derive(Clone, Copy)]
pub union MQTTAsync_successData_alt {
    /// MQTTAsync_subscribe(): the granted QoS.
    pub qos: c_int,
    /// MQTTAsync_subscribeMany(): the granted QoS of each filter. With a single filter qos is set
    /// instead.
    pub qosList: *mut c_int,
    /// MQTTAsync_send() and MQTTAsync_sendMessage(): the message.
    pub r#pub: MQTTAsync_successData_pub,
    /// MQTTAsync_connect(): the connection.
    pub connect: MQTTAsync_successData_connect,
}

/// The result of a successful request. Valid during the callback only.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct MQTTAsync_successData {
    /// Token of the request; 0 if it has none.
    pub token: MQTTAsync_token,
    /// Details that depend on the kind of request.
    pub alt: MQTTAsync_successData_alt,
}

/// The reason codes of a subscribe request.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_successData5_sub {
    /// Number of reason codes: one for each filter.
    pub reasonCodeCount: c_int,
    /// The reason codes.
    pub reasonCodes: *mut MQTTReasonCodes,
}

/// A message that was sent.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_successData5_pub {
    /// The message.
    pub message: MQTTAsync_message,
    /// Topic of the message.
    pub destinationName: *mut c_char,
}

/// A connection that was made.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_successData5_connect {
    /// Server connected to: without its scheme if it was given at creation, otherwise as in serverURIs.
    pub serverURI: *mut c_char,
    /// MQTT version in use: MQTTVERSION_5.
    pub MQTTVersion: c_int,
    /// 1 if the server had a session for this client.
    pub sessionPresent: c_int,
}

/// The reason codes of an unsubscribe request.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_successData5_unsub {
    /// Number of reason codes: one for each filter.
    pub reasonCodeCount: c_int,
    /// The reason codes.
    pub reasonCodes: *mut MQTTReasonCodes,
}

/// Details that depend on the kind of request.
#[repr(C)]
#[derive(Clone, Copy)]
pub union MQTTAsync_successData5_alt {
    /// Subscribe: the reason codes.
    pub sub: MQTTAsync_successData5_sub,
    /// MQTTAsync_send() and MQTTAsync_sendMessage(): the message.
    pub r#pub: MQTTAsync_successData5_pub,
    /// MQTTAsync_connect(): the connection.
    pub connect: MQTTAsync_successData5_connect,
    /// Unsubscribe: the reason codes.
    pub unsub: MQTTAsync_successData5_unsub,
}

/// The result of a successful request, for MQTT 5.0. Valid during the callback only.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct MQTTAsync_successData5 {
    /// Always "MQSD" (not zero-terminated).
    pub struct_id: [c_char; 4],
    /// Version of this structure: 0.
    pub struct_version: c_int,
    /// Token of the request; 0 if it has none.
    pub token: MQTTAsync_token,
    /// Subscribe and unsubscribe: reason code of the server, of the first filter if there are several.
    /// Other requests: always 0 (MQTTREASONCODE_SUCCESS).
    pub reasonCode: MQTTReasonCodes,
    /// Properties of the server's answer.
    pub properties: MQTTProperties,
    /// Details that depend on the kind of request.
    pub alt: MQTTAsync_successData5_alt,
}

/// Called when a request has succeeded. MQTT 5.0 has MQTTAsync_onSuccess5.
///
/// @param context as passed with the request
/// @param response the result; valid during the call only
/// @note Runs on a thread of the library, possibly before the function that made the request has
///   returned. It may call any function.
pub type MQTTAsync_onSuccess =
    Option<unsafe extern "C" fn(context: *mut c_void, response: *mut MQTTAsync_successData)>;

/// Called when a request has succeeded, for MQTT 5.0.
///
/// @param context as passed with the request
/// @param response the result; valid during the call only
/// @note Runs on a thread of the library, possibly before the function that made the request has
///   returned. It may call any function.
pub type MQTTAsync_onSuccess5 =
    Option<unsafe extern "C" fn(context: *mut c_void, response: *mut MQTTAsync_successData5)>;

/// Called when a request has failed. MQTT 5.0 has MQTTAsync_onFailure5.
///
/// @param context as passed with the request
/// @param response the reason; valid during the call only
/// @note Runs on a thread of the library, possibly before the function that made the request has
///   returned. It may call any function.
pub type MQTTAsync_onFailure =
    Option<unsafe extern "C" fn(context: *mut c_void, response: *mut MQTTAsync_failureData)>;

/// Called when a request has failed, for MQTT 5.0.
///
/// @param context as passed with the request
/// @param response the reason; valid during the call only
/// @note Runs on a thread of the library, possibly before the function that made the request has
///   returned. It may call any function.
pub type MQTTAsync_onFailure5 =
    Option<unsafe extern "C" fn(context: *mut c_void, response: *mut MQTTAsync_failureData5)>;

/// Callbacks for the result of a request, and its MQTT 5.0 options. Initialize with
/// MQTTAsync_responseOptions_initializer.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_responseOptions {
    /// Always "MQTR" (not zero-terminated).
    pub struct_id: [c_char; 4],
    /// Version of this structure: 0 or 1. 1 added the members after token.
    pub struct_version: c_int,
    /// Called when the request has succeeded; NULL for none. Not for MQTT 5.0.
    pub onSuccess: MQTTAsync_onSuccess,
    /// Called when the request has failed; NULL for none. Not for MQTT 5.0.
    pub onFailure: MQTTAsync_onFailure,
    /// Passed to the callbacks in these options.
    pub context: *mut c_void,
    /// Set by the library: token of the request, for MQTTAsync_isComplete() and
    /// MQTTAsync_waitForCompletion().
    pub token: MQTTAsync_token,
    /// MQTT 5.0: called when the request has succeeded; NULL for none.
    pub onSuccess5: MQTTAsync_onSuccess5,
    /// MQTT 5.0: called when the request has failed; NULL for none.
    pub onFailure5: MQTTAsync_onFailure5,
    /// MQTT 5.0: properties of the request.
    pub properties: MQTTProperties,
    /// MQTT 5.0: options of MQTTAsync_subscribe().
    pub subscribeOptions: MQTTSubscribe_options,
    /// MQTT 5.0: number of elements in subscribeOptionsList: the number of filters, or 0.
    pub subscribeOptionsCount: c_int,
    /// MQTT 5.0: options of each filter of MQTTAsync_subscribeMany().
    pub subscribeOptionsList: *mut MQTTSubscribe_options,
}

/// The same as MQTTAsync_responseOptions.
pub type MQTTAsync_callOptions = MQTTAsync_responseOptions;

assert_layout!(MQTTAsync_failureData, size 16/12, align 8/4, token @ 0, code @ 4, message @ 8);
assert_layout!(
    MQTTAsync_failureData5, size 64/44, align 8/4,
    struct_id @ 0, struct_version @ 4, token @ 8, reasonCode @ 12, properties @ 16, code @ 40/32,
    message @ 48/36, packet_type @ 56/40,
);
assert_layout!(MQTTAsync_successData_pub, size 72/52, align 8/4, message @ 0, destinationName @ 64/48);
assert_layout!(
    MQTTAsync_successData_connect, size 16/12, align 8/4,
    serverURI @ 0, MQTTVersion @ 8/4, sessionPresent @ 12/8,
);
assert_layout!(
    MQTTAsync_successData_alt, size 72/52, align 8/4,
    qos @ 0, qosList @ 0, r#pub @ 0, connect @ 0,
);
assert_layout!(MQTTAsync_successData, size 80/56, align 8/4, token @ 0, alt @ 8/4);
assert_layout!(MQTTAsync_successData5_sub, size 16/8, align 8/4, reasonCodeCount @ 0, reasonCodes @ 8/4);
assert_layout!(MQTTAsync_successData5_pub, size 72/52, align 8/4, message @ 0, destinationName @ 64/48);
assert_layout!(
    MQTTAsync_successData5_connect, size 16/12, align 8/4,
    serverURI @ 0, MQTTVersion @ 8/4, sessionPresent @ 12/8,
);
assert_layout!(MQTTAsync_successData5_unsub, size 16/8, align 8/4, reasonCodeCount @ 0, reasonCodes @ 8/4);
assert_layout!(MQTTAsync_successData5_alt, size 72/52, align 8/4, sub @ 0, r#pub @ 0, connect @ 0, unsub @ 0);
assert_layout!(
    MQTTAsync_successData5, size 112/84, align 8/4,
    struct_id @ 0, struct_version @ 4, token @ 8, reasonCode @ 12, properties @ 16, alt @ 40/32,
);
versioned!(
    MQTTAsync_responseOptions, b"MQTR", size 104/68, align 8/4,
    0: struct_id @ 0, struct_version @ 4, onSuccess @ 8, onFailure @ 16/12, context @ 24/16, token @ 32/20;
    1: onSuccess5 @ 40/24, onFailure5 @ 48/28, properties @ 56/32, subscribeOptions @ 80/48,
       subscribeOptionsCount @ 92/60, subscribeOptionsList @ 96/64;
);
