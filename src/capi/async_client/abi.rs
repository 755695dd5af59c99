//! What `MQTTAsync.h` begins with: constants, messages, and the callbacks of a client.
//!
//! `response_abi` contains the results of requests, `options_abi` the options.

#![allow(non_camel_case_types, non_snake_case, reason = "the names are those of the C interface")]

use std::ffi::{c_char, c_int, c_void};

pub use crate::capi::shared::abi::{
    MQTTAPI_TRACE_LEVELS as MQTTASYNC_TRACE_LEVELS, MQTTApi_disconnected as MQTTAsync_disconnected,
    MQTTApi_init_options as MQTTAsync_init_options, MQTTApi_message as MQTTAsync_message,
    MQTTApi_traceCallback as MQTTAsync_traceCallback,
};
use crate::capi::shared::assert_layout;

/// Return code: the call succeeded. For a request: it was accepted, and its callbacks report the
/// result.
pub const MQTTASYNC_SUCCESS: c_int = 0;
/// Return code: the call failed, for a reason that has no code of its own.
pub const MQTTASYNC_FAILURE: c_int = -1;
/// Return code: the persistent store cannot be used, or refused to store the request.
pub const MQTTASYNC_PERSISTENCE_ERROR: c_int = -2;
/// Return code: the client is not connected.
pub const MQTTASYNC_DISCONNECTED: c_int = -3;
/// Not returned by any function of this library; MQTTASYNC_NO_MORE_MSGIDS is.
pub const MQTTASYNC_MAX_MESSAGES_INFLIGHT: c_int = -4;
/// Return code: a string is not valid UTF-8, or is longer than 65535 bytes.
pub const MQTTASYNC_BAD_UTF8_STRING: c_int = -5;
/// Return code: a required argument is NULL, or TLS options are missing for a TLS server.
pub const MQTTASYNC_NULL_PARAMETER: c_int = -6;
/// Not returned by any function of this library; messageArrived is given the length of the topic.
pub const MQTTASYNC_TOPICNAME_TRUNCATED: c_int = -7;
/// Return code: a structure has an invalid struct_id or an unsupported struct_version.
pub const MQTTASYNC_BAD_STRUCTURE: c_int = -8;
/// Return code: a QoS is not 0, 1 or 2.
pub const MQTTASYNC_BAD_QOS: c_int = -9;
/// Return code: all 65535 packet identifiers are in use.
pub const MQTTASYNC_NO_MORE_MSGIDS: c_int = -10;
/// Failure code, passed to onFailure and onFailure5 only: the request was abandoned because the
/// session, the connection or the client ended.
pub const MQTTASYNC_OPERATION_INCOMPLETE: c_int = -11;
/// Return code: maxBufferedMessages messages are already waiting to be sent. Also a failure code: the
/// message was discarded in favour of a newer one, see deleteOldestMessages.
pub const MQTTASYNC_MAX_BUFFERED_MESSAGES: c_int = -12;
/// Return code: TLS options were given, but the library was built without TLS.
pub const MQTTASYNC_SSL_NOT_SUPPORTED: c_int = -13;
/// Return code: the scheme of the server URI is unknown, or needs TLS and the library was built without
/// it.
pub const MQTTASYNC_BAD_PROTOCOL: c_int = -14;
/// Return code: an option or a callback does not exist in the client's MQTT version.
pub const MQTTASYNC_BAD_MQTT_OPTION: c_int = -15;
/// Return code: MQTTVersion is invalid, or is 5.0 for a client that was not created for it.
pub const MQTTASYNC_WRONG_MQTT_VERSION: c_int = -16;
/// Return code: the topic of the will message is empty.
pub const MQTTASYNC_0_LEN_WILL_TOPIC: c_int = -17;
/// Failure code, passed to onFailure and onFailure5 only: MQTTAsync_connect() was called on a connected
/// client.
pub const MQTTASYNC_COMMAND_IGNORED: c_int = -18;
/// Return code: maxBufferedMessages is not positive.
pub const MQTTASYNC_MAX_BUFFERED: c_int = -19;

/// Returned by MQTTAsync_isConnected() and MQTTAsync_isComplete() for "yes".
pub const MQTTASYNC_TRUE: c_int = 1;

/// A client handle: set by MQTTAsync_create(), passed to all other functions, released with
/// MQTTAsync_destroy(). It is opaque; do not dereference it.
pub type MQTTAsync = *mut c_void;

/// Identifies a request from the call that makes it until its result is known: 1 to 65535.
pub type MQTTAsync_token = c_int;

/// Called when a message has been received.
///
/// @param context as passed with the callback
/// @param topicName the topic, zero-terminated
/// @param topicLen length of the topic; 0 when a refused message is delivered again, unless the topic
///   contains zero bytes
/// @param message the message
/// @return
/// - non-zero: the message is accepted. topicName and message now belong to the application, which
///   frees them with MQTTAsync_free() and MQTTAsync_freeMessage(), now or later
/// - 0: the message is refused. Do not free anything; the same message is delivered again later, before
///   any other
///
/// @note Runs on a thread of the library. It may call any function.
pub type MQTTAsync_messageArrived = Option<
    unsafe extern "C" fn(
        context: *mut c_void,
        topicName: *mut c_char,
        topicLen: c_int,
        message: *mut MQTTAsync_message,
    ) -> c_int,
>;

/// Called when the delivery of a message with QoS 1 or 2 is complete.
///
/// @param context as passed with the callback
/// @param token the token of the message
/// @note Runs on a thread of the library. It may call any function.
pub type MQTTAsync_deliveryComplete =
    Option<unsafe extern "C" fn(context: *mut c_void, token: MQTTAsync_token)>;

/// Called when the connection is lost. Not called for MQTTAsync_disconnect().
///
/// @param context as passed with the callback
/// @param cause always NULL
/// @note Runs on a thread of the library. It may call any function.
pub type MQTTAsync_connectionLost = Option<unsafe extern "C" fn(context: *mut c_void, cause: *mut c_char)>;

/// Called after every successful connect, including automatic reconnects.
///
/// @param context as passed to MQTTAsync_setConnected()
/// @param cause why the client connected, as text; valid during the call only
/// @note Runs on a thread of the library. It may call any function, for example MQTTAsync_subscribe().
pub type MQTTAsync_connected = Option<unsafe extern "C" fn(context: *mut c_void, cause: *mut c_char)>;

/// A password as binary data.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_connectData_binarypwd {
    /// Length in bytes.
    pub len: c_int,
    /// The data; NULL for none.
    pub data: *const c_void,
}

/// The credentials for an automatic reconnect.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_connectData {
    /// Always "MQCD" (not zero-terminated).
    pub struct_id: [c_char; 4],
    /// Version of this structure: 0.
    pub struct_version: c_int,
    /// User name; NULL for none. A new value must be allocated with MQTTAsync_malloc(); the library
    /// frees both the old and the new value.
    pub username: *const c_char,
    /// Password. A new value must be allocated with MQTTAsync_malloc(); the library frees both the old
    /// and the new value.
    pub binarypwd: MQTTAsync_connectData_binarypwd,
}

/// Called before every automatic reconnect, to update the user name and password.
///
/// @param context as passed to MQTTAsync_setUpdateConnectOptions()
/// @param data the current values; replace those that are to change
/// @return
/// - non-zero: the values in data are used for this and later reconnects
/// - 0: data is ignored
///
/// @note Runs on a thread of the library. It may call any function.
pub type MQTTAsync_updateConnectOptions =
    Option<unsafe extern "C" fn(context: *mut c_void, data: *mut MQTTAsync_connectData) -> c_int>;

assert_layout!(MQTTAsync_connectData_binarypwd, size 16/8, align 8/4, len @ 0, data @ 8/4);
assert_layout!(
    MQTTAsync_connectData, size 32/20, align 8/4,
    struct_id @ 0, struct_version @ 4, username @ 8, binarypwd @ 16/12,
);
