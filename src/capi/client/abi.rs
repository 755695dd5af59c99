//! The structures, callback types and constants of `MQTTClient.h`.

#![allow(non_camel_case_types, non_snake_case, reason = "the names are those of the C interface")]

use std::ffi::{c_char, c_int, c_uchar, c_uint, c_void};

use crate::capi::shared::assert_layout;
use crate::capi::shared::property_abi::MQTTProperties;
use crate::capi::shared::reason_code_abi::MQTTReasonCodes;

/// Return code: done.
pub const MQTTCLIENT_SUCCESS: c_int = 0;
/// Return code: failed, or ran out of time, for a reason that has no code of its own.
pub const MQTTCLIENT_FAILURE: c_int = -1;
/// Return code: the client is not connected.
pub const MQTTCLIENT_DISCONNECTED: c_int = -3;
/// Return code: all 65535 packet identifiers are in use.
pub const MQTTCLIENT_MAX_MESSAGES_INFLIGHT: c_int = -4;
/// Return code: a text is not valid UTF-8.
pub const MQTTCLIENT_BAD_UTF8_STRING: c_int = -5;
/// Return code: an argument that must not be NULL is NULL.
pub const MQTTCLIENT_NULL_PARAMETER: c_int = -6;
/// Return code: the topic contains zero bytes, so strlen() does not give its length.
pub const MQTTCLIENT_TOPICNAME_TRUNCATED: c_int = -7;
/// Return code: a structure has a wrong struct_id or an unknown struct_version.
pub const MQTTCLIENT_BAD_STRUCTURE: c_int = -8;
/// Return code: a QoS is not 0, 1 or 2.
pub const MQTTCLIENT_BAD_QOS: c_int = -9;
/// Return code: the server URI asks for TLS and this library was built without it.
pub const MQTTCLIENT_SSL_NOT_SUPPORTED: c_int = -10;
/// Return code: MQTTVersion is none of the MQTTVERSION_ values.
pub const MQTTCLIENT_BAD_MQTT_VERSION: c_int = -11;
/// Return code: the scheme of the server URI is unknown, or asks for something this library was built
/// without.
pub const MQTTCLIENT_BAD_PROTOCOL: c_int = -14;
/// Return code: an option does not belong to the MQTT version asked for: cleansession with 5.0, or
/// cleanstart with an earlier one.
pub const MQTTCLIENT_BAD_MQTT_OPTION: c_int = -15;
/// Return code: the function is for another MQTT version than that of the client. The functions whose names
/// end in 5 are for 5.0.
pub const MQTTCLIENT_WRONG_MQTT_VERSION: c_int = -16;
/// Return code: the topic of the will message is empty.
pub const MQTTCLIENT_0_LEN_WILL_TOPIC: c_int = -17;

/// One client. A value of MQTTClient_create(), to be given to every other function and in the end to
/// MQTTClient_destroy(), which sets it to NULL. What it points to is the library's own.
pub type MQTTClient = *mut c_void;

/// Names a message on its way to the server, from the publishing call until its delivery is complete.
pub type MQTTClient_deliveryToken = c_int;

/// The same as MQTTClient_deliveryToken.
pub type MQTTClient_token = c_int;

/// Options for MQTTClient_global_init(). Start from MQTTClient_init_options_initializer.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTClient_init_options {
    /// Always "MQTG" (no terminating zero).
    pub struct_id: [c_char; 4],
    /// Version of this structure: 0.
    pub struct_version: c_int,
    /// 1: the library initialises OpenSSL. 0: the program has done it.
    pub do_openssl_init: c_int,
}

/// A message, to publish or received. Start from MQTTClient_message_initializer.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTClient_message {
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
/// context: as given to MQTTClient_setCallbacks(). topicName: the topic. topicLen: 0, or if the topic
/// contains zero bytes its length. message: the message.
///
/// Return non-zero to take the message: topicName and message then belong to the program, which releases
/// them with MQTTClient_free() and MQTTClient_freeMessage(), now or later. Return 0 to refuse it: leave both
/// alone; the same message is offered again later, before any other.
///
/// Runs on a thread of the library; any function of the library may be called in it.
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
/// context: as given to MQTTClient_setCallbacks(). dt: the token that the publishing call gave; it stands in
/// there before this is called.
pub type MQTTClient_deliveryComplete =
    Option<unsafe extern "C" fn(context: *mut c_void, dt: MQTTClient_deliveryToken)>;

/// Called when the connection was lost, which does not include the program's own disconnect.
///
/// context: as given to MQTTClient_setCallbacks(). cause: always NULL. The client may be connected again in
/// this function.
pub type MQTTClient_connectionLost = Option<unsafe extern "C" fn(context: *mut c_void, cause: *mut c_char)>;

/// Called when the server has ended the connection with an MQTT 5.0 DISCONNECT packet.
///
/// context: as given to MQTTClient_setDisconnected(). properties: those of the packet; valid during the call
/// only. reasonCode: why.
pub type MQTTClient_disconnected = Option<
    unsafe extern "C" fn(context: *mut c_void, properties: *mut MQTTProperties, reasonCode: MQTTReasonCodes),
>;

/// Called for an MQTT 5.0 acknowledgement that ends the delivery of a message.
///
/// context: as given to MQTTClient_setPublished(). dt: the token of the message. packet_type: the packet
/// received: 4 PUBACK, 5 PUBREC (only with a failure), 7 PUBCOMP. properties: those of the packet; valid
/// during the call only. reasonCode: that of the packet.
pub type MQTTClient_published = Option<
    unsafe extern "C" fn(
        context: *mut c_void,
        dt: c_int,
        packet_type: c_int,
        properties: *mut MQTTProperties,
        reasonCode: MQTTReasonCodes,
    ),
>;

/// Options for MQTTClient_createWithOptions(). Start from MQTTClient_createOptions_initializer.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTClient_createOptions {
    /// Always "MQCO" (no terminating zero).
    pub struct_id: [c_char; 4],
    /// Version of this structure: 0.
    pub struct_version: c_int,
    /// The MQTT version the client is for: one of the MQTTVERSION_ values. Without options it is
    /// MQTTVERSION_DEFAULT.
    pub MQTTVersion: c_int,
}

/// Any bytes as the payload of a will message.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTClient_willOptions_payload {
    /// How many bytes.
    pub len: c_int,
    /// The bytes; NULL if `message` is to be used.
    pub data: *const c_void,
}

/// The will: a message that the server publishes when the connection ends without a disconnect. Start from
/// MQTTClient_willOptions_initializer.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTClient_willOptions {
    /// Always "MQTW" (no terminating zero).
    pub struct_id: [c_char; 4],
    /// Version of this structure: 0 or 1. 0 has no payload.
    pub struct_version: c_int,
    /// The topic.
    pub topicName: *const c_char,
    /// The payload, as text.
    pub message: *const c_char,
    /// Non-zero: the server keeps the message for later subscribers.
    pub retained: c_int,
    /// QoS of the message: 0, 1 or 2.
    pub qos: c_int,
    /// Any bytes in place of `message`.
    pub payload: MQTTClient_willOptions_payload,
}

/// Options for TLS connections. Start from MQTTClient_SSLOptions_initializer. Only a library with TLS
/// looks at them.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTClient_SSLOptions {
    /// Always "MQTS" (no terminating zero).
    pub struct_id: [c_char; 4],
    /// Version of this structure: 0 to 5. 1 added sslVersion; 2 verify and CApath; 3 ssl_error_cb and
    /// ssl_error_context; 4 ssl_psk_cb, ssl_psk_context and disableDefaultTrustStore; 5 protos and
    /// protos_len.
    pub struct_version: c_int,
    /// PEM file with the certificates of the authorities to trust; NULL for none. Here and in keyStore and
    /// privateKey the PEM text itself may stand in place of the file's name; in keyStore and privateKey also
    /// a pkcs11 URI, if OpenSSL is configured with a provider for it. privateKeyPassword is then the PIN.
    pub trustStore: *const c_char,
    /// PEM file with the certificate chain of the client; NULL for none.
    pub keyStore: *const c_char,
    /// PEM file with the private key of the client; NULL if it is in keyStore. Without keyStore it is not
    /// used.
    pub privateKey: *const c_char,
    /// Password of the private key; NULL for none. Nobody is asked for it on the terminal.
    pub privateKeyPassword: *const c_char,
    /// Cipher suites to offer for TLS 1.2 and below, in OpenSSL's notation; NULL for OpenSSL's choice.
    pub enabledCipherSuites: *const c_char,
    /// Non-zero: the certificate of the server must be valid. 0: it is accepted, with a line in the log.
    pub enableServerCertAuth: c_int,
    /// Lowest version of TLS to use: one of the MQTT_SSL_VERSION_ values. Any other value leaves it to the
    /// system, as MQTT_SSL_VERSION_DEFAULT does.
    pub sslVersion: c_int,
    /// Non-zero: the certificate of the server must be for the host name or address used. 0: it is accepted,
    /// with a line in the log. With PAHO_C_RS_TLS_VERIFY=required in the environment this and
    /// enableServerCertAuth count as set for the whole process.
    pub verify: c_int,
    /// Directory with certificates of authorities to trust, hashed as OpenSSL needs it; NULL for none.
    pub CApath: *const c_char,
    /// Called for every line about a failure, with its line end and without its terminating zero counted in
    /// len, by the thread that connects; NULL for none. Return more than 0 for the next line.
    pub ssl_error_cb: Option<unsafe extern "C" fn(str: *const c_char, len: usize, u: *mut c_void) -> c_int>,
    /// The program's own; handed to ssl_error_cb.
    pub ssl_error_context: *mut c_void,
    /// Called for the identity and the pre-shared key; NULL for none. hint: what the server gave, or NULL.
    /// Write the identity as text to identity and the key to psk. Returns the length of the key; 0 ends the
    /// connection.
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
    /// The program's own; handed to ssl_psk_cb.
    pub ssl_psk_context: *mut c_void,
    /// Non-zero: the certificates that the system trusts are not trusted.
    pub disableDefaultTrustStore: c_int,
    /// Protocols to offer by ALPN, in its wire format: each name with a length byte in front; NULL for none.
    pub protos: *const c_uchar,
    /// Length of protos in bytes.
    pub protos_len: c_uint,
}

/// A name and a value. Lists end with an element of which both are NULL.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTClient_nameValue {
    /// The name.
    pub name: *const c_char,
    /// The value.
    pub value: *const c_char,
}

/// What a successful connect tells the program.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTClient_connectOptions_returned {
    /// The server connected to, without the scheme. Not to be freed.
    pub serverURI: *const c_char,
    /// The MQTT version used: MQTTVERSION_3_1, MQTTVERSION_3_1_1 or MQTTVERSION_5.
    pub MQTTVersion: c_int,
    /// 1 if the server still had a session of this client.
    pub sessionPresent: c_int,
}

/// Any bytes as password.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTClient_connectOptions_binarypwd {
    /// How many bytes.
    pub len: c_int,
    /// The bytes; NULL for none.
    pub data: *const c_void,
}

/// Options for MQTTClient_connect() and MQTTClient_connect5(). Start from
/// MQTTClient_connectOptions_initializer, or for MQTT 5.0 from MQTTClient_connectOptions_initializer5; for
/// WebSockets from those whose names end in _ws.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTClient_connectOptions {
    /// Always "MQTC" (no terminating zero).
    pub struct_id: [c_char; 4],
    /// Version of this structure: 0 to 8. 1 added ssl; 2 serverURIcount and serverURIs; 3 MQTTVersion; 4
    /// returned; 5 binarypwd; 6 maxInflightMessages and cleanstart; 7 httpHeaders; 8 httpProxy and
    /// httpsProxy.
    pub struct_version: c_int,
    /// Seconds after which the server may close a connection on which it heard nothing. The library sends
    /// pings when the program is silent. 0: never.
    pub keepAliveInterval: c_int,
    /// MQTT 3.1 and 3.1.1. Non-zero: the session starts empty and ends with the connection. 0: it goes on,
    /// with subscriptions and messages in flight, from connection to connection.
    pub cleansession: c_int,
    /// Non-zero: one message in flight at a time. 0: up to 10. A publishing call waits when there are
    /// more.
    pub reliable: c_int,
    /// The will; NULL for none.
    pub will: *mut MQTTClient_willOptions,
    /// User name; NULL for none.
    pub username: *const c_char,
    /// Password, as text; NULL for none.
    pub password: *const c_char,
    /// Seconds within which a connection to one server must be made; must be positive.
    pub connectTimeout: c_int,
    /// Seconds after which an unacknowledged message is sent again on the same connection; 0: never, only
    /// after the next connect. MQTT 3.1 alone allows it.
    pub retryInterval: c_int,
    /// TLS options; NULL for none.
    pub ssl: *mut MQTTClient_SSLOptions,
    /// How many elements serverURIs has; 0 to use the server given when the client was created.
    pub serverURIcount: c_int,
    /// Servers to try one after the other, in the place of the one given when the client was created.
    pub serverURIs: *const *mut c_char,
    /// The MQTT version to use: one of the MQTTVERSION_ values.
    pub MQTTVersion: c_int,
    /// Written by a successful connect.
    pub returned: MQTTClient_connectOptions_returned,
    /// Any bytes as password; used if password is NULL.
    pub binarypwd: MQTTClient_connectOptions_binarypwd,
    /// How many messages may be in flight at a time; 0 or less: as reliable says. With MQTT 5.0 the server
    /// can lower it.
    pub maxInflightMessages: c_int,
    /// MQTT 5.0. Non-zero: the session starts empty. 0: an earlier one goes on. How long the server keeps it is
    /// told by the property SESSION_EXPIRY_INTERVAL.
    pub cleanstart: c_int,
    /// Additional HTTP headers for WebSockets; NULL for none.
    pub httpHeaders: *const MQTTClient_nameValue,
    /// HTTP proxy for connections without TLS; NULL for none.
    pub httpProxy: *const c_char,
    /// HTTP proxy for connections with TLS; NULL for none.
    pub httpsProxy: *const c_char,
}

/// The result of a function for MQTT 5.0. Release it with MQTTResponse_free(), also after a failure.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTResponse {
    /// Version of this structure: 1.
    pub version: c_int,
    /// Negative: a return code of the library. Otherwise the reason code from the server, 128 and above being
    /// failures.
    pub reasonCode: MQTTReasonCodes,
    /// How many elements reasonCodes has; 0 if there is at most one reason code.
    pub reasonCodeCount: c_int,
    /// One reason code for each topic of a call with several; NULL if there are none.
    pub reasonCodes: *mut MQTTReasonCodes,
    /// The properties of the answer; NULL if there was none.
    pub properties: *mut MQTTProperties,
}

/// How much the trace tells: each level includes those below it in this list.
pub type MQTTCLIENT_TRACE_LEVELS = c_int;

/// Everything, function calls of the library included.
pub const MQTTCLIENT_TRACE_MAXIMUM: MQTTCLIENT_TRACE_LEVELS = 1;
/// Details.
pub const MQTTCLIENT_TRACE_MEDIUM: MQTTCLIENT_TRACE_LEVELS = 2;
/// A few lines for each operation.
pub const MQTTCLIENT_TRACE_MINIMUM: MQTTCLIENT_TRACE_LEVELS = 3;
/// MQTT packets sent and received.
pub const MQTTCLIENT_TRACE_PROTOCOL: MQTTCLIENT_TRACE_LEVELS = 4;
/// Failures that the library goes on after.
pub const MQTTCLIENT_TRACE_ERROR: MQTTCLIENT_TRACE_LEVELS = 5;
/// Failures that end an operation.
pub const MQTTCLIENT_TRACE_SEVERE: MQTTCLIENT_TRACE_LEVELS = 6;
/// Failures that end the work of the library.
pub const MQTTCLIENT_TRACE_FATAL: MQTTCLIENT_TRACE_LEVELS = 7;

/// Called for every line of the trace.
///
/// level: that of the line. message: the line, with a terminating zero; valid during the call only.
pub type MQTTClient_traceCallback =
    Option<unsafe extern "C" fn(level: MQTTCLIENT_TRACE_LEVELS, message: *mut c_char)>;

assert_layout!(
    MQTTClient_init_options, size 12, align 4, struct_id @ 0, struct_version @ 4, do_openssl_init @ 8,
);
assert_layout!(
    MQTTClient_message, size 64, align 8,
    struct_id @ 0, struct_version @ 4, payloadlen @ 8, payload @ 16, qos @ 24, retained @ 28, dup @ 32,
    msgid @ 36, properties @ 40,
);
assert_layout!(
    MQTTClient_createOptions, size 12, align 4, struct_id @ 0, struct_version @ 4, MQTTVersion @ 8,
);
assert_layout!(MQTTClient_willOptions_payload, size 16, align 8, len @ 0, data @ 8);
assert_layout!(
    MQTTClient_willOptions, size 48, align 8,
    struct_id @ 0, struct_version @ 4, topicName @ 8, message @ 16, retained @ 24, qos @ 28, payload @ 32,
);
assert_layout!(
    MQTTClient_SSLOptions, size 128, align 8,
    struct_id @ 0, struct_version @ 4, trustStore @ 8, keyStore @ 16, privateKey @ 24,
    privateKeyPassword @ 32, enabledCipherSuites @ 40, enableServerCertAuth @ 48, sslVersion @ 52,
    verify @ 56, CApath @ 64, ssl_error_cb @ 72, ssl_error_context @ 80, ssl_psk_cb @ 88,
    ssl_psk_context @ 96, disableDefaultTrustStore @ 104, protos @ 112, protos_len @ 120,
);
assert_layout!(MQTTClient_nameValue, size 16, align 8, name @ 0, value @ 8);
assert_layout!(
    MQTTClient_connectOptions_returned, size 16, align 8,
    serverURI @ 0, MQTTVersion @ 8, sessionPresent @ 12,
);
assert_layout!(MQTTClient_connectOptions_binarypwd, size 16, align 8, len @ 0, data @ 8);
assert_layout!(
    MQTTClient_connectOptions, size 152, align 8,
    struct_id @ 0, struct_version @ 4, keepAliveInterval @ 8, cleansession @ 12, reliable @ 16, will @ 24,
    username @ 32, password @ 40, connectTimeout @ 48, retryInterval @ 52, ssl @ 56, serverURIcount @ 64,
    serverURIs @ 72, MQTTVersion @ 80, returned @ 88, binarypwd @ 104, maxInflightMessages @ 120,
    cleanstart @ 124, httpHeaders @ 128, httpProxy @ 136, httpsProxy @ 144,
);
assert_layout!(
    MQTTResponse, size 32, align 8,
    version @ 0, reasonCode @ 4, reasonCodeCount @ 8, reasonCodes @ 16, properties @ 24,
);
