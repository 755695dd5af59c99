//! The structure and the callback of an authentication (`MQTTExt.h`).

#![allow(non_camel_case_types, non_snake_case, reason = "the names are those of the C interface")]

use core::ffi::{c_char, c_int, c_void};

use super::structure::assert_layout;

/// Step of an authentication: CONNECT is about to be sent. answer becomes its first data.
pub const MQTTEXT_AUTHENTICATION_BEGIN: c_int = 0;
/// Step of an authentication: the server has sent data, and answer is sent back.
pub const MQTTEXT_AUTHENTICATION_CONTINUE: c_int = 1;
/// Step of an authentication: MQTTClientExt_reauthenticate() or MQTTAsyncExt_reauthenticate() was called.
/// answer becomes the first data.
pub const MQTTEXT_AUTHENTICATION_RENEW: c_int = 2;
/// Step of an authentication: the server has accepted the client. data is its last data, by which it may
/// prove its own identity; answer is not sent.
pub const MQTTEXT_AUTHENTICATION_COMPLETE: c_int = 3;

/// A step of an authentication (MQTT 5.0), as the callback gets it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct MQTTExt_authentication {
    /// Always "MQXA" (not zero-terminated).
    pub struct_id: [c_char; 4],
    /// Version of this structure: 0.
    pub struct_version: c_int,
    /// One of the MQTTEXT_AUTHENTICATION_ values.
    pub step: c_int,
    /// Reason code of the server's packet: 24 (MQTTREASONCODE_CONTINUE_AUTHENTICATION) with the step
    /// CONTINUE, otherwise 0.
    pub reasonCode: c_int,
    /// The authentication method.
    pub method: *const c_char,
    /// Authentication data of the server; NULL if there is none.
    pub data: *const c_void,
    /// Length of data in bytes.
    pub dataLength: c_int,
    /// Length of answer in bytes, to be set by the callback; at first 0.
    pub answerLength: c_int,
    /// The answer, to be set by the callback; at first NULL. It is copied when the callback has returned
    /// and remains the application's.
    pub answer: *const c_void,
}

assert_layout!(
    MQTTExt_authentication, size 48/36, align 8/4,
    struct_id @ 0, struct_version @ 4, step @ 8, reasonCode @ 12, method @ 16, data @ 24/20,
    dataLength @ 32/24, answerLength @ 36/28, answer @ 40/32,
);

/// Called for each step of an authentication.
///
/// @param context as passed to MQTTClientExt_setAuthentication() or MQTTAsyncExt_setAuthentication()
/// @param authentication the step; the callback may set its answer. Valid until the callback returns
/// @return
/// - 0: the authentication continues with the answer
/// - any other value: it does not, and the connection is not made, or ends
///
/// @note While a connection is made it runs on the thread that makes it: with the synchronous API the
///   one that called connect, with the asynchronous API usually one of the library. It may run at the same
///   time as callbacks, and must not connect, disconnect or destroy its client. On an open connection it
///   runs like the other callbacks, for the step RENEW on the thread that called reauthenticate.
pub type MQTTExt_authenticate =
    Option<unsafe extern "C" fn(context: *mut c_void, authentication: *mut MQTTExt_authentication) -> c_int>;
