//! What `MQTTAsync.h` begins with: constants, messages, and the callbacks of a client.
//!
//! `response_abi` goes on with the results of requests, and `options_abi` with options.

#![allow(non_camel_case_types, non_snake_case, reason = "the names are those of the C interface")]

use std::ffi::{c_char, c_int, c_void};

use crate::capi::shared::assert_layout;
use crate::capi::shared::property_abi::MQTTProperties;
use crate::capi::shared::reason_code_abi::MQTTReasonCodes;

/// Return code: done, or for a request: accepted; its callbacks tell the result.
pub const MQTTASYNC_SUCCESS: c_int = 0;
/// Return code: failed, for a reason that has no code of its own.
pub const MQTTASYNC_FAILURE: c_int = -1;
/// Return code: the store failed.
pub const MQTTASYNC_PERSISTENCE_ERROR: c_int = -2;
/// Return code: the client is not connected.
pub const MQTTASYNC_DISCONNECTED: c_int = -3;
/// Return code: too many messages are in flight.
pub const MQTTASYNC_MAX_MESSAGES_INFLIGHT: c_int = -4;
/// Return code: a text is not valid UTF-8.
pub const MQTTASYNC_BAD_UTF8_STRING: c_int = -5;
/// Return code: an argument that must not be NULL is NULL.
pub const MQTTASYNC_NULL_PARAMETER: c_int = -6;
/// Return code: the topic contains zero bytes, so strlen() does not give its length.
pub const MQTTASYNC_TOPICNAME_TRUNCATED: c_int = -7;
/// Return code: a structure has a wrong struct_id or an unknown struct_version.
pub const MQTTASYNC_BAD_STRUCTURE: c_int = -8;
/// Return code: a QoS is not 0, 1 or 2.
pub const MQTTASYNC_BAD_QOS: c_int = -9;
/// Return code: all 65535 packet identifiers are in use.
pub const MQTTASYNC_NO_MORE_MSGIDS: c_int = -10;
/// Code of a failure: the request was given up before it was complete, because the session or the client
/// ended.
pub const MQTTASYNC_OPERATION_INCOMPLETE: c_int = -11;
/// Return code: maxBufferedMessages messages wait to be sent already.
pub const MQTTASYNC_MAX_BUFFERED_MESSAGES: c_int = -12;
/// Return code: TLS options were given and this library was built without TLS.
pub const MQTTASYNC_SSL_NOT_SUPPORTED: c_int = -13;
/// Return code: the scheme of the server URI is unknown, or asks for something this library was built
/// without.
pub const MQTTASYNC_BAD_PROTOCOL: c_int = -14;
/// Return code: an option does not belong to the MQTT version of the client.
pub const MQTTASYNC_BAD_MQTT_OPTION: c_int = -15;
/// Return code: the client was created for another MQTT version.
pub const MQTTASYNC_WRONG_MQTT_VERSION: c_int = -16;
/// Return code: the topic of the will message is empty.
pub const MQTTASYNC_0_LEN_WILL_TOPIC: c_int = -17;
/// Return code: a connect or disconnect of this client waits to be carried out already.
pub const MQTTASYNC_COMMAND_IGNORED: c_int = -18;
/// Return code: maxBufferedMessages is not positive.
pub const MQTTASYNC_MAX_BUFFERED: c_int = -19;

/// What MQTTAsync_isConnected() and MQTTAsync_isComplete() return for yes.
pub const MQTTASYNC_TRUE: c_int = 1;

/// One client. A value of MQTTAsync_create(), to be given to every other function and in the end to
/// MQTTAsync_destroy(), which sets it to NULL. What it points to is the library's own.
pub type MQTTAsync = *mut c_void;

/// Names a request from the call that makes it until its result is known.
pub type MQTTAsync_token = c_int;

/// Options for MQTTAsync_global_init(). Start from MQTTAsync_init_options_initializer.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_init_options {
    /// Always "MQTG" (no terminating zero).
    pub struct_id: [c_char; 4],
    /// Version of this structure: 0.
    pub struct_version: c_int,
    /// 1: the library initialises OpenSSL. 0: the program has done it.
    pub do_openssl_init: c_int,
}

/// A message, to publish or received. Start from MQTTAsync_message_initializer.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_message {
    /// Always "MQTM" (no terminating zero).
    pub struct_id: [c_char; 4],
    /// Version of this structure: 0 or 1. 0 has no properties.
    pub struct_version: c_int,
    /// Length of the payload in bytes.
    pub payloadlen: c_int,
    /// The payload: any bytes.
    pub payload: *mut c_void,
    /// 0: arrives at most once. 1: arrives at least once. 2: arrives exactly once.
    pub qos: c_int,
    /// When publishing, non-zero asks the server to keep the message for later subscribers. When received, 1
    /// means that it is such a kept message.
    pub retained: c_int,
    /// Received only: 1 if the server sent this message before and may have been heard then.
    pub dup: c_int,
    /// Received only: the packet identifier; 0 with QoS 0.
    pub msgid: c_int,
    /// MQTT 5.0: the properties of the message.
    pub properties: MQTTProperties,
}

/// Called when a message has arrived.
///
/// context: as given when the function was set. topicName: the topic, with a zero byte behind it. topicLen:
/// its length; when a refused message comes again 0, unless the topic contains zero bytes. message: the message.
///
/// Return non-zero to take the message: topicName and message then belong to the program, which releases
/// them with MQTTAsync_free() and MQTTAsync_freeMessage(), now or later. Return 0 to refuse it: leave both
/// alone; the same message is offered again later, before any other.
///
/// Runs on a thread of the library; any function of the library may be called in it.
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
/// context: as given when the function was set. token: that of the message.
pub type MQTTAsync_deliveryComplete =
    Option<unsafe extern "C" fn(context: *mut c_void, token: MQTTAsync_token)>;

/// Called when the connection was lost, which does not include the program's own disconnect.
///
/// context: as given when the function was set. cause: always NULL. The client may be connected again in
/// this function.
pub type MQTTAsync_connectionLost = Option<unsafe extern "C" fn(context: *mut c_void, cause: *mut c_char)>;

/// Called after every successful connect, automatic ones included.
///
/// context: as given when the function was set. cause: why, in words; valid during the call only.
pub type MQTTAsync_connected = Option<unsafe extern "C" fn(context: *mut c_void, cause: *mut c_char)>;

/// Called when the server has ended the connection with an MQTT 5.0 DISCONNECT packet.
///
/// context: as given when the function was set. properties: those of the packet; valid during the call only.
/// reasonCode: why.
pub type MQTTAsync_disconnected = Option<
    unsafe extern "C" fn(context: *mut c_void, properties: *mut MQTTProperties, reasonCode: MQTTReasonCodes),
>;

/// Any bytes as password.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_connectData_binarypwd {
    /// How many bytes.
    pub len: c_int,
    /// The bytes; NULL for none.
    pub data: *const c_void,
}

/// What a program may change before an automatic reconnect.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_connectData {
    /// Always "MQCD" (no terminating zero).
    pub struct_id: [c_char; 4],
    /// Version of this structure: 0.
    pub struct_version: c_int,
    /// User name; NULL for none. A new one must be memory from MQTTAsync_malloc(); the library frees it and the
    /// old one.
    pub username: *const c_char,
    /// Password. A new one must be memory from MQTTAsync_malloc(); the library frees it and the old one.
    pub binarypwd: MQTTAsync_connectData_binarypwd,
}

/// Called before every automatic reconnect, to renew the user name and the password.
///
/// context: as given when the function was set. data: the present values; replace what is to change.
/// Returns non-zero if something was changed; it holds from then on. 0: what data holds is ignored.
pub type MQTTAsync_updateConnectOptions =
    Option<unsafe extern "C" fn(context: *mut c_void, data: *mut MQTTAsync_connectData) -> c_int>;

/// How much the trace tells: each level includes those below it in this list.
pub type MQTTASYNC_TRACE_LEVELS = c_int;

/// Everything, function calls of the library included.
pub const MQTTASYNC_TRACE_MAXIMUM: MQTTASYNC_TRACE_LEVELS = 1;
/// Details.
pub const MQTTASYNC_TRACE_MEDIUM: MQTTASYNC_TRACE_LEVELS = 2;
/// A few lines for each operation.
pub const MQTTASYNC_TRACE_MINIMUM: MQTTASYNC_TRACE_LEVELS = 3;
/// MQTT packets sent and received.
pub const MQTTASYNC_TRACE_PROTOCOL: MQTTASYNC_TRACE_LEVELS = 4;
/// Failures that the library goes on after.
pub const MQTTASYNC_TRACE_ERROR: MQTTASYNC_TRACE_LEVELS = 5;
/// Failures that end an operation.
pub const MQTTASYNC_TRACE_SEVERE: MQTTASYNC_TRACE_LEVELS = 6;
/// Failures that end the work of the library.
pub const MQTTASYNC_TRACE_FATAL: MQTTASYNC_TRACE_LEVELS = 7;

/// Called for every line of the trace.
///
/// level: that of the line. message: the line, with a terminating zero; valid during the call only.
pub type MQTTAsync_traceCallback =
    Option<unsafe extern "C" fn(level: MQTTASYNC_TRACE_LEVELS, message: *mut c_char)>;

assert_layout!(
    MQTTAsync_init_options, size 12, align 4, struct_id @ 0, struct_version @ 4, do_openssl_init @ 8,
);
assert_layout!(
    MQTTAsync_message, size 64, align 8,
    struct_id @ 0, struct_version @ 4, payloadlen @ 8, payload @ 16, qos @ 24, retained @ 28, dup @ 32,
    msgid @ 36, properties @ 40,
);
assert_layout!(MQTTAsync_connectData_binarypwd, size 16, align 8, len @ 0, data @ 8);
assert_layout!(
    MQTTAsync_connectData, size 32, align 8,
    struct_id @ 0, struct_version @ 4, username @ 8, binarypwd @ 16,
);
