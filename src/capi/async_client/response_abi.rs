//! How `MQTTAsync.h` reports the results of requests, and the options by which a request asks for them.

#![allow(non_camel_case_types, non_snake_case, reason = "the names are those of the C interface")]

use std::ffi::{c_char, c_int, c_void};

use super::abi::{MQTTAsync_message, MQTTAsync_token};
use crate::capi::shared::assert_layout;
use crate::capi::shared::property_abi::MQTTProperties;
use crate::capi::shared::reason_code_abi::MQTTReasonCodes;
use crate::capi::shared::subscribe_options_abi::MQTTSubscribe_options;

/// Why a request failed. Valid during the callback only.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_failureData {
    /// The request; 0 for one that has no token.
    pub token: MQTTAsync_token,
    /// Negative: a return code of the library. Otherwise the code of the answer.
    pub code: c_int,
    /// The reason in words; can be NULL. It stays valid at least as long as the client.
    pub message: *const c_char,
}

/// Why a request failed, for MQTT 5.0. Valid during the callback only.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_failureData5 {
    /// Always "MQFD" (no terminating zero).
    pub struct_id: [c_char; 4],
    /// Version of this structure: 0.
    pub struct_version: c_int,
    /// The request; 0 for one that has no token.
    pub token: MQTTAsync_token,
    /// The reason code of the answer; 0 if there was none.
    pub reasonCode: MQTTReasonCodes,
    /// The properties of the answer.
    pub properties: MQTTProperties,
    /// The return code of the library; 0 if the server refused.
    pub code: c_int,
    /// The reason in words; can be NULL. It stays valid at least as long as the client.
    pub message: *const c_char,
    /// The type of the packet that ended the request, for example 4 for a PUBACK; 0 if there was none.
    pub packet_type: c_int,
}

/// A message that was sent.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_successData_pub {
    /// The message.
    pub message: MQTTAsync_message,
    /// Its topic.
    pub destinationName: *mut c_char,
}

/// A connection that was made.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_successData_connect {
    /// The server connected to.
    pub serverURI: *mut c_char,
    /// The MQTT version used: MQTTVERSION_3_1, MQTTVERSION_3_1_1 or MQTTVERSION_5.
    pub MQTTVersion: c_int,
    /// 1 if the server still had a session of this client.
    pub sessionPresent: c_int,
}

/// What belongs to one kind of request.
#[repr(C)]
#[derive(Clone, Copy)]
pub union MQTTAsync_successData_alt {
    /// Subscribe: the granted QoS.
    pub qos: c_int,
    /// SubscribeMany: the granted QoS of each topic.
    pub qosList: *mut c_int,
    /// Send: the message.
    pub r#pub: MQTTAsync_successData_pub,
    /// Connect: the connection.
    pub connect: MQTTAsync_successData_connect,
}

/// The result of a successful request. Valid during the callback only.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct MQTTAsync_successData {
    /// The request; 0 for one that has no token.
    pub token: MQTTAsync_token,
    /// What belongs to this kind of request.
    pub alt: MQTTAsync_successData_alt,
}

/// The answer to a subscribe, for MQTT 5.0.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_successData5_sub {
    /// How many reason codes there are: one for each topic.
    pub reasonCodeCount: c_int,
    /// The reason codes.
    pub reasonCodes: *mut MQTTReasonCodes,
}

/// A message that was sent, for MQTT 5.0.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_successData5_pub {
    /// The message.
    pub message: MQTTAsync_message,
    /// Its topic.
    pub destinationName: *mut c_char,
}

/// A connection that was made, for MQTT 5.0.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_successData5_connect {
    /// The server connected to.
    pub serverURI: *mut c_char,
    /// The MQTT version used: MQTTVERSION_5.
    pub MQTTVersion: c_int,
    /// 1 if the server still had a session of this client.
    pub sessionPresent: c_int,
}

/// The answer to an unsubscribe, for MQTT 5.0.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_successData5_unsub {
    /// How many reason codes there are: one for each topic.
    pub reasonCodeCount: c_int,
    /// The reason codes.
    pub reasonCodes: *mut MQTTReasonCodes,
}

/// What belongs to one kind of request, for MQTT 5.0.
#[repr(C)]
#[derive(Clone, Copy)]
pub union MQTTAsync_successData5_alt {
    /// Subscribe: the reason codes.
    pub sub: MQTTAsync_successData5_sub,
    /// Send: the message.
    pub r#pub: MQTTAsync_successData5_pub,
    /// Connect: the connection.
    pub connect: MQTTAsync_successData5_connect,
    /// Unsubscribe: the reason codes.
    pub unsub: MQTTAsync_successData5_unsub,
}

/// The result of a successful request, for MQTT 5.0. Valid during the callback only.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct MQTTAsync_successData5 {
    /// Always "MQSD" (no terminating zero).
    pub struct_id: [c_char; 4],
    /// Version of this structure: 0.
    pub struct_version: c_int,
    /// The request; 0 for one that has no token.
    pub token: MQTTAsync_token,
    /// The reason code of the answer; with several topics that of the first.
    pub reasonCode: MQTTReasonCodes,
    /// The properties of the answer.
    pub properties: MQTTProperties,
    /// What belongs to this kind of request.
    pub alt: MQTTAsync_successData5_alt,
}

/// Called when a request has succeeded.
///
/// context: as given with the request. response: the result; can be NULL. May run before the function that
/// made the request has returned.
pub type MQTTAsync_onSuccess =
    Option<unsafe extern "C" fn(context: *mut c_void, response: *mut MQTTAsync_successData)>;

/// Called when a request has succeeded, for MQTT 5.0.
///
/// context: as given with the request. response: the result. May run before the function that made the
/// request has returned.
pub type MQTTAsync_onSuccess5 =
    Option<unsafe extern "C" fn(context: *mut c_void, response: *mut MQTTAsync_successData5)>;

/// Called when a request has failed.
///
/// context: as given with the request. response: why; can be NULL. May run before the function that made the
/// request has returned.
pub type MQTTAsync_onFailure =
    Option<unsafe extern "C" fn(context: *mut c_void, response: *mut MQTTAsync_failureData)>;

/// Called when a request has failed, for MQTT 5.0.
///
/// context: as given with the request. response: why. May run before the function that made the request has
/// returned.
pub type MQTTAsync_onFailure5 =
    Option<unsafe extern "C" fn(context: *mut c_void, response: *mut MQTTAsync_failureData5)>;

/// Whom to tell the result of a request, and the MQTT 5.0 options of the request. Start from
/// MQTTAsync_responseOptions_initializer.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_responseOptions {
    /// Always "MQTR" (no terminating zero).
    pub struct_id: [c_char; 4],
    /// Version of this structure: 0 or 1. 1 added the members after token.
    pub struct_version: c_int,
    /// Called when the request has succeeded; NULL for none. Not for MQTT 5.0.
    pub onSuccess: MQTTAsync_onSuccess,
    /// Called when the request has failed; NULL for none. Not for MQTT 5.0.
    pub onFailure: MQTTAsync_onFailure,
    /// The program's own; handed to the result callbacks.
    pub context: *mut c_void,
    /// Written by the library: names the request, for MQTTAsync_isComplete() and
    /// MQTTAsync_waitForCompletion().
    pub token: MQTTAsync_token,
    /// MQTT 5.0: called when the request has succeeded; NULL for none.
    pub onSuccess5: MQTTAsync_onSuccess5,
    /// MQTT 5.0: called when the request has failed; NULL for none.
    pub onFailure5: MQTTAsync_onFailure5,
    /// MQTT 5.0: properties of the request.
    pub properties: MQTTProperties,
    /// MQTT 5.0: the options of a subscribe with one topic.
    pub subscribeOptions: MQTTSubscribe_options,
    /// MQTT 5.0: how many elements subscribeOptionsList has: the number of topics, or 0.
    pub subscribeOptionsCount: c_int,
    /// MQTT 5.0: the options of each topic of a subscribeMany.
    pub subscribeOptionsList: *mut MQTTSubscribe_options,
}

/// The same as MQTTAsync_responseOptions.
pub type MQTTAsync_callOptions = MQTTAsync_responseOptions;

assert_layout!(MQTTAsync_failureData, size 16, align 8, token @ 0, code @ 4, message @ 8);
assert_layout!(
    MQTTAsync_failureData5, size 64, align 8,
    struct_id @ 0, struct_version @ 4, token @ 8, reasonCode @ 12, properties @ 16, code @ 40, message @ 48,
    packet_type @ 56,
);
assert_layout!(MQTTAsync_successData_pub, size 72, align 8, message @ 0, destinationName @ 64);
assert_layout!(
    MQTTAsync_successData_connect, size 16, align 8,
    serverURI @ 0, MQTTVersion @ 8, sessionPresent @ 12,
);
assert_layout!(MQTTAsync_successData_alt, size 72, align 8, qos @ 0, qosList @ 0, r#pub @ 0, connect @ 0);
assert_layout!(MQTTAsync_successData, size 80, align 8, token @ 0, alt @ 8);
assert_layout!(MQTTAsync_successData5_sub, size 16, align 8, reasonCodeCount @ 0, reasonCodes @ 8);
assert_layout!(MQTTAsync_successData5_pub, size 72, align 8, message @ 0, destinationName @ 64);
assert_layout!(
    MQTTAsync_successData5_connect, size 16, align 8,
    serverURI @ 0, MQTTVersion @ 8, sessionPresent @ 12,
);
assert_layout!(MQTTAsync_successData5_unsub, size 16, align 8, reasonCodeCount @ 0, reasonCodes @ 8);
assert_layout!(MQTTAsync_successData5_alt, size 72, align 8, sub @ 0, r#pub @ 0, connect @ 0, unsub @ 0);
assert_layout!(
    MQTTAsync_successData5, size 112, align 8,
    struct_id @ 0, struct_version @ 4, token @ 8, reasonCode @ 12, properties @ 16, alt @ 40,
);
assert_layout!(
    MQTTAsync_responseOptions, size 104, align 8,
    struct_id @ 0, struct_version @ 4, onSuccess @ 8, onFailure @ 16, context @ 24, token @ 32,
    onSuccess5 @ 40, onFailure5 @ 48, properties @ 56, subscribeOptions @ 80, subscribeOptionsCount @ 92,
    subscribeOptionsList @ 96,
);
