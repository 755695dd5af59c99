//! The structures, callback types and constants of `MQTTClient.h`.

#![allow(non_camel_case_types, non_snake_case, reason = "the names are those of the C interface")]

use std::ffi::{c_char, c_int, c_void};

pub use crate::capi::shared::abi::{
    MQTTAPI_TRACE_LEVELS as MQTTCLIENT_TRACE_LEVELS, MQTTApi_SSLOptions as MQTTClient_SSLOptions,
    MQTTApi_connectOptions_binarypwd as MQTTClient_connectOptions_binarypwd,
    MQTTApi_disconnected as MQTTClient_disconnected, MQTTApi_init_options as MQTTClient_init_options,
    MQTTApi_message as MQTTClient_message, MQTTApi_nameValue as MQTTClient_nameValue,
    MQTTApi_traceCallback as MQTTClient_traceCallback, MQTTApi_willOptions as MQTTClient_willOptions,
};
use crate::capi::shared::assert_layout;
use crate::capi::shared::property_abi::MQTTProperties;
use crate::capi::shared::reason_codes::MQTTReasonCodes;
use crate::capi::shared::structure::versioned;

/// Return code: the call succeeded.
pub const MQTTCLIENT_SUCCESS: c_int = 0;
/// Return code: the call failed or timed out, for a reason that has no code of its own.
pub const MQTTCLIENT_FAILURE: c_int = -1;
/// Return code: the client is not connected.
pub const MQTTCLIENT_DISCONNECTED: c_int = -3;
/// Return code: all 65535 packet identifiers are in use.
pub const MQTTCLIENT_MAX_MESSAGES_INFLIGHT: c_int = -4;
/// Return code: a string is not valid UTF-8, or is longer than 65535 bytes.
pub const MQTTCLIENT_BAD_UTF8_STRING: c_int = -5;
/// Return code: a required argument is NULL, or TLS options are missing for a TLS server.
pub const MQTTCLIENT_NULL_PARAMETER: c_int = -6;
/// Return code: a message was received whose topic contains zero bytes, so strlen() does not give its
/// length.
pub const MQTTCLIENT_TOPICNAME_TRUNCATED: c_int = -7;
/// Return code: a structure has an invalid struct_id or an unsupported struct_version.
pub const MQTTCLIENT_BAD_STRUCTURE: c_int = -8;
/// Return code: a QoS is not 0, 1 or 2.
pub const MQTTCLIENT_BAD_QOS: c_int = -9;
/// Not returned by any function of this library. A library built without TLS rejects TLS server URIs
/// with MQTTCLIENT_BAD_PROTOCOL and ignores TLS options.
pub const MQTTCLIENT_SSL_NOT_SUPPORTED: c_int = -10;
/// Return code: MQTTVersion is not one of the MQTTVERSION_ values.
pub const MQTTCLIENT_BAD_MQTT_VERSION: c_int = -11;
/// Return code: the scheme of the server URI is unknown, or needs TLS and the library was built without
/// it.
pub const MQTTCLIENT_BAD_PROTOCOL: c_int = -14;
/// Return code: an option does not exist in the requested MQTT version: cleansession with 5.0, or
/// cleanstart with an earlier version.
pub const MQTTCLIENT_BAD_MQTT_OPTION: c_int = -15;
/// Return code: the function is for another MQTT version than the client's. Functions whose names end
/// in 5 are for MQTT 5.0.
pub const MQTTCLIENT_WRONG_MQTT_VERSION: c_int = -16;
/// Return code: the topic of the will message is empty.
pub const MQTTCLIENT_0_LEN_WILL_TOPIC: c_int = -17;

/// A client handle: set by MQTTClient_create(), passed to all other functions, released with
/// MQTTClient_destroy(). It is opaque; do not dereference it.
pub type MQTTClient = *mut c_void;

/// Identifies a message from the publishing call until its delivery is complete: 1 to 65535.
pub type MQTTClient_deliveryToken = c_int;

/// The same as MQTTClient_deliveryToken.
pub type MQTTClient_token = c_int;

/// Called when a message has been received.
///
/// @param context as passed to MQTTClient_setCallbacks()
/// @param topicName the topic, zero-terminated
/// @param topicLen 0, or the length of the topic if it contains zero bytes
/// @param message the message
/// @return
/// - non-zero: the message is accepted. topicName and message now belong to the application, which
///   frees them with MQTTClient_free() and MQTTClient_freeMessage(), now or later
/// - 0: the message is refused. Do not free anything; the same message is delivered again later, before
///   any other
///
/// @note Runs on a thread of the library. It may call any function.
pub type MQTTClient_messageArrived = Option<
    unsafe extern "C" fn(
        context: *mut c_void,
        topicName: *mut c_char,
        topicLen: c_int,
        message: *mut MQTTClient_message,
    ) -> c_int,
>;

/// Called when the delivery of a message with QoS 1 or 2 is complete.
///
/// @param context as passed to MQTTClient_setCallbacks()
/// @param dt the token of the message, which the publishing call has already stored in its argument
/// @note Runs on a thread of the library. It may call any function.
pub type MQTTClient_deliveryComplete =
    Option<unsafe extern "C" fn(context: *mut c_void, dt: MQTTClient_deliveryToken)>;

/// Called when the connection is lost. Not called for MQTTClient_disconnect().
///
/// @param context as passed to MQTTClient_setCallbacks()
/// @param cause always NULL
/// @note Runs on a thread of the library. It may call any function, for example MQTTClient_connect() to
///   reconnect.
pub type MQTTClient_connectionLost = Option<unsafe extern "C" fn(context: *mut c_void, cause: *mut c_char)>;

/// Called when an MQTT 5.0 acknowledgement has completed the delivery of a message.
///
/// @param context as passed to MQTTClient_setPublished()
/// @param dt the token of the message
/// @param packet_type type of the packet received: 4 PUBACK, 5 PUBREC (failures only), 7 PUBCOMP
/// @param properties properties of the packet; valid during the call only
/// @param reasonCode reason code of the packet
/// @note Runs on a thread of the library, or inside an API call if the client has no background
///   threads.
pub type MQTTClient_published = Option<
    unsafe extern "C" fn(
        context: *mut c_void,
        dt: c_int,
        packet_type: c_int,
        properties: *mut MQTTProperties,
        reasonCode: MQTTReasonCodes,
    ),
>;

/// Options for MQTTClient_createWithOptions(). Initialize with MQTTClient_createOptions_initializer.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTClient_createOptions {
    /// Always "MQCO" (not zero-terminated).
    pub struct_id: [c_char; 4],
    /// Version of this structure: 0.
    pub struct_version: c_int,
    /// MQTT version of the client: one of the MQTTVERSION_ values. MQTTVERSION_5 is required for
    /// MQTTClient_connect5().
    pub MQTTVersion: c_int,
}

/// The results of a successful connect.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTClient_connectOptions_returned {
    /// Server connected to, without the scheme. Belongs to the client and is valid until it is
    /// destroyed.
    pub serverURI: *const c_char,
    /// MQTT version in use: MQTTVERSION_3_1, MQTTVERSION_3_1_1 or MQTTVERSION_5.
    pub MQTTVersion: c_int,
    /// 1 if the server had a session for this client.
    pub sessionPresent: c_int,
}

/// Options for MQTTClient_connect() and MQTTClient_connect5(). Initialize with
/// MQTTClient_connectOptions_initializer, for MQTT 5.0 with MQTTClient_connectOptions_initializer5, for
/// WebSockets with the initializers whose names end in _ws.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTClient_connectOptions {
    /// Always "MQTC" (not zero-terminated).
    pub struct_id: [c_char; 4],
    /// Version of this structure: 0 to 8. 1 added ssl; 2 serverURIcount and serverURIs; 3 MQTTVersion;
    /// 4 returned; 5 binarypwd; 6 maxInflightMessages and cleanstart; 7 httpHeaders; 8 httpProxy and
    /// httpsProxy.
    pub struct_version: c_int,
    /// Keep-alive interval in seconds: the server may close a connection on which it received nothing
    /// for one and a half intervals. The library sends pings as needed. 0 disables keep-alive.
    pub keepAliveInterval: c_int,
    /// MQTT 3.1 and 3.1.1. Non-zero: the session starts empty and ends with the connection. 0: the
    /// session, with its subscriptions and messages in flight, continues across connections.
    pub cleansession: c_int,
    /// Non-zero: at most one message in flight. 0: at most 10. Publishing blocks while the limit is
    /// reached. Ignored if maxInflightMessages is positive.
    pub reliable: c_int,
    /// The will message; NULL for none.
    pub will: *mut MQTTClient_willOptions,
    /// User name; NULL for none.
    pub username: *const c_char,
    /// Password as a zero-terminated string; NULL for none.
    pub password: *const c_char,
    /// Seconds allowed for connecting to one server, everything included. Must be positive: with 0 or a
    /// negative value connecting fails at once.
    pub connectTimeout: c_int,
    /// MQTT 3.1 and 3.1.1: seconds after which an unacknowledged message is sent again on the same
    /// connection; values from 1 to 9 count as 10. 0: only after reconnecting. Ignored with MQTT 5.0,
    /// which forbids it.
    pub retryInterval: c_int,
    /// TLS options; NULL for none. Required if a server URI has a TLS scheme. Ignored by a library built
    /// without TLS.
    pub ssl: *mut MQTTClient_SSLOptions,
    /// Number of elements in serverURIs; 0 to use the server given at creation.
    pub serverURIcount: c_int,
    /// Servers to try in order, in place of the one given at creation.
    pub serverURIs: *const *mut c_char,
    /// MQTT version to use: one of the MQTTVERSION_ values.
    pub MQTTVersion: c_int,
    /// Set by a successful connect.
    pub returned: MQTTClient_connectOptions_returned,
    /// Password as binary data; used if password is NULL.
    pub binarypwd: MQTTClient_connectOptions_binarypwd,
    /// Maximum number of messages in flight; 0 or a negative value: as set by reliable. An MQTT 5.0
    /// server may lower it.
    pub maxInflightMessages: c_int,
    /// MQTT 5.0. Non-zero: the session starts empty. 0: an existing session continues. The property
    /// SESSION_EXPIRY_INTERVAL sets how long the server keeps the session.
    pub cleanstart: c_int,
    /// Additional HTTP headers of the WebSocket handshake; NULL for none.
    pub httpHeaders: *const MQTTClient_nameValue,
    /// URL of the HTTP proxy for servers without TLS, as http://user:password@host:port. NULL: the
    /// environment variable http_proxy if PAHO_C_CLIENT_USE_HTTP_PROXY allows it, otherwise none. An
    /// empty string: none.
    pub httpProxy: *const c_char,
    /// The same for servers with TLS, with the variable https_proxy; if neither is set, the value for
    /// servers without TLS is used.
    pub httpsProxy: *const c_char,
}

/// The result of a function for MQTT 5.0. Release it with MQTTResponse_free(), also after a failure.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTResponse {
    /// Version of this structure: 1.
    pub version: c_int,
    /// Negative: a return code of the library. Otherwise the reason code sent by the server (of the
    /// first topic if there are several); 128 and above are failures.
    pub reasonCode: MQTTReasonCodes,
    /// Number of reason codes in a server's answer to subscribe or unsubscribe with MQTT 5.0; otherwise
    /// 0.
    pub reasonCodeCount: c_int,
    /// The reason codes, one for each topic; NULL if reasonCodeCount is 0 or 1.
    pub reasonCodes: *mut MQTTReasonCodes,
    /// Properties of the server's answer; NULL for none.
    pub properties: *mut MQTTProperties,
}

versioned!(
    MQTTClient_createOptions, b"MQCO", size 12, align 4,
    0: struct_id @ 0, struct_version @ 4, MQTTVersion @ 8;
);
assert_layout!(
    MQTTClient_connectOptions_returned, size 16/12, align 8/4,
    serverURI @ 0, MQTTVersion @ 8/4, sessionPresent @ 12/8,
);
versioned!(
    MQTTClient_connectOptions, b"MQTC", size 152/96, align 8/4,
    0: struct_id @ 0, struct_version @ 4, keepAliveInterval @ 8, cleansession @ 12, reliable @ 16,
       will @ 24/20, username @ 32/24, password @ 40/28, connectTimeout @ 48/32, retryInterval @ 52/36;
    1: ssl @ 56/40;
    2: serverURIcount @ 64/44, serverURIs @ 72/48;
    3: MQTTVersion @ 80/52;
    4: returned @ 88/56;
    5: binarypwd @ 104/68;
    6: maxInflightMessages @ 120/76, cleanstart @ 124/80;
    7: httpHeaders @ 128/84;
    8: httpProxy @ 136/88, httpsProxy @ 144/92;
);
assert_layout!(
    MQTTResponse, size 32/20, align 8/4,
    version @ 0, reasonCode @ 4, reasonCodeCount @ 8, reasonCodes @ 16/12, properties @ 24/16,
);
