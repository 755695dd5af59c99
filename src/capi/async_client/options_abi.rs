//! The options of `MQTTAsync.h`: for creating a client, connecting and disconnecting.

#![allow(non_camel_case_types, non_snake_case, reason = "the names are those of the C interface")]

use std::ffi::{c_char, c_int, c_uchar, c_uint, c_void};

use super::response_abi::{
    MQTTAsync_onFailure, MQTTAsync_onFailure5, MQTTAsync_onSuccess, MQTTAsync_onSuccess5,
};
use crate::capi::shared::assert_layout;
use crate::capi::shared::property_abi::MQTTProperties;
use crate::capi::shared::reason_code_abi::MQTTReasonCodes;

/// Options for MQTTAsync_createWithOptions(). Start from MQTTAsync_createOptions_initializer, or for MQTT 5.0
/// from MQTTAsync_createOptions_initializer5.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_createOptions {
    /// Always "MQCO" (no terminating zero).
    pub struct_id: [c_char; 4],
    /// Version of this structure: 0 to 3. 1 added MQTTVersion; 2 allowDisconnectedSendAtAnyTime,
    /// deleteOldestMessages and restoreMessages; 3 persistQoS0.
    pub struct_version: c_int,
    /// Non-zero: messages may be sent while the client is not connected; they wait until it is.
    pub sendWhileDisconnected: c_int,
    /// How many messages may wait to be sent; must be positive.
    pub maxBufferedMessages: c_int,
    /// The MQTT version the client is for: one of the MQTTVERSION_ values. MQTT 5.0 must be told here;
    /// the others can be chosen with every connect.
    pub MQTTVersion: c_int,
    /// Non-zero: messages may be sent even before the first connect and after a disconnect. Needs
    /// sendWhileDisconnected.
    pub allowDisconnectedSendAtAnyTime: c_int,
    /// When maxBufferedMessages messages wait: non-zero drops the oldest for a new one, 0 refuses the new
    /// one.
    pub deleteOldestMessages: c_int,
    /// Non-zero: messages that wait in the store since an earlier run of the program are sent. 0: they are
    /// deleted.
    pub restoreMessages: c_int,
    /// Non-zero: waiting messages of QoS 0 are stored as well.
    pub persistQoS0: c_int,
}

/// Any bytes as the payload of a will message.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_willOptions_payload {
    /// How many bytes.
    pub len: c_int,
    /// The bytes; NULL if `message` is to be used.
    pub data: *const c_void,
}

/// The will: a message that the server publishes when the connection ends without a disconnect. Start from
/// MQTTAsync_willOptions_initializer.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_willOptions {
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
    pub payload: MQTTAsync_willOptions_payload,
}

/// Options for TLS connections. Start from MQTTAsync_SSLOptions_initializer. Only a library with TLS
/// looks at them.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_SSLOptions {
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
pub struct MQTTAsync_nameValue {
    /// The name.
    pub name: *const c_char,
    /// The value.
    pub value: *const c_char,
}

/// Any bytes as password.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_connectOptions_binarypwd {
    /// How many bytes.
    pub len: c_int,
    /// The bytes; NULL for none.
    pub data: *const c_void,
}

/// Options for MQTTAsync_connect(). Start from MQTTAsync_connectOptions_initializer, or for MQTT 5.0 from
/// MQTTAsync_connectOptions_initializer5; for WebSockets from those whose names end in _ws.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_connectOptions {
    /// Always "MQTC" (no terminating zero).
    pub struct_id: [c_char; 4],
    /// Version of this structure: 0 to 8. 1 added ssl; 2 serverURIcount and serverURIs; 3 MQTTVersion; 4
    /// automaticReconnect, minRetryInterval and maxRetryInterval; 5 binarypwd; 6 the members from cleanstart to
    /// onFailure5; 7 httpHeaders; 8 httpProxy and httpsProxy.
    pub struct_version: c_int,
    /// Seconds after which the server may close a connection on which it heard nothing. The library sends
    /// pings when the program is silent. 0: never.
    pub keepAliveInterval: c_int,
    /// MQTT 3.1 and 3.1.1. Non-zero: the session starts empty and ends with the connection. 0: it goes on,
    /// with subscriptions and messages in flight, from connection to connection.
    pub cleansession: c_int,
    /// How many messages may be in flight at a time. With MQTT 5.0 the server can lower it.
    pub maxInflight: c_int,
    /// The will; NULL for none.
    pub will: *mut MQTTAsync_willOptions,
    /// User name; NULL for none.
    pub username: *const c_char,
    /// Password, as text; NULL for none.
    pub password: *const c_char,
    /// Seconds within which a connection to one server must be made.
    pub connectTimeout: c_int,
    /// Seconds after which an unacknowledged message is sent again on the same connection; 0: never, only
    /// after the next connect. MQTT 3.1 alone allows it.
    pub retryInterval: c_int,
    /// TLS options; NULL for none.
    pub ssl: *mut MQTTAsync_SSLOptions,
    /// Called when the client is connected; NULL for none.
    pub onSuccess: MQTTAsync_onSuccess,
    /// Called when the connect failed; NULL for none.
    pub onFailure: MQTTAsync_onFailure,
    /// The program's own; handed to the result callbacks.
    pub context: *mut c_void,
    /// How many elements serverURIs has; 0 to use the server given when the client was created.
    pub serverURIcount: c_int,
    /// Servers to try one after the other, in the place of the one given when the client was created.
    pub serverURIs: *const *mut c_char,
    /// The MQTT version to use: one of the MQTTVERSION_ values.
    pub MQTTVersion: c_int,
    /// Non-zero: after a loss the library connects again by itself, with growing pauses.
    pub automaticReconnect: c_int,
    /// The first pause before an automatic reconnect, in seconds. 0: none behind a connection, and then pauses of one to
    /// three seconds, or less with a lower maxRetryInterval.
    pub minRetryInterval: c_int,
    /// The longest pause before an automatic reconnect, in seconds.
    pub maxRetryInterval: c_int,
    /// Any bytes as password; used if password is NULL.
    pub binarypwd: MQTTAsync_connectOptions_binarypwd,
    /// MQTT 5.0. Non-zero: the session starts empty. 0: an earlier one goes on. How long the server keeps it is
    /// told by the property SESSION_EXPIRY_INTERVAL.
    pub cleanstart: c_int,
    /// MQTT 5.0: properties of the CONNECT packet; NULL for none.
    pub connectProperties: *mut MQTTProperties,
    /// MQTT 5.0: properties of the will message; NULL for none.
    pub willProperties: *mut MQTTProperties,
    /// MQTT 5.0: called when the client is connected; NULL for none.
    pub onSuccess5: MQTTAsync_onSuccess5,
    /// MQTT 5.0: called when the connect failed; NULL for none.
    pub onFailure5: MQTTAsync_onFailure5,
    /// Additional HTTP headers for WebSockets; NULL for none.
    pub httpHeaders: *const MQTTAsync_nameValue,
    /// HTTP proxy for connections without TLS; NULL for none.
    pub httpProxy: *const c_char,
    /// HTTP proxy for connections with TLS; NULL for none.
    pub httpsProxy: *const c_char,
}

/// Options for MQTTAsync_disconnect(). Start from MQTTAsync_disconnectOptions_initializer, or for MQTT 5.0 from
/// MQTTAsync_disconnectOptions_initializer5.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_disconnectOptions {
    /// Always "MQTD" (no terminating zero).
    pub struct_id: [c_char; 4],
    /// Version of this structure: 0 or 1. 1 added the members from properties on; on a client of MQTT 5.0 onSuccess5
    /// and onFailure5 count in any case.
    pub struct_version: c_int,
    /// Milliseconds to wait at most for messages in flight.
    pub timeout: c_int,
    /// Called when the client is disconnected; NULL for none.
    pub onSuccess: MQTTAsync_onSuccess,
    /// Called when the disconnect was given up; NULL for none.
    pub onFailure: MQTTAsync_onFailure,
    /// The program's own; handed to the result callbacks.
    pub context: *mut c_void,
    /// MQTT 5.0: properties of the DISCONNECT packet.
    pub properties: MQTTProperties,
    /// MQTT 5.0: reason code of the DISCONNECT packet.
    pub reasonCode: MQTTReasonCodes,
    /// MQTT 5.0: called when the client is disconnected; NULL for none.
    pub onSuccess5: MQTTAsync_onSuccess5,
    /// MQTT 5.0: called when the disconnect was given up; NULL for none.
    pub onFailure5: MQTTAsync_onFailure5,
}

assert_layout!(
    MQTTAsync_createOptions, size 36, align 4,
    struct_id @ 0, struct_version @ 4, sendWhileDisconnected @ 8, maxBufferedMessages @ 12, MQTTVersion @ 16,
    allowDisconnectedSendAtAnyTime @ 20, deleteOldestMessages @ 24, restoreMessages @ 28, persistQoS0 @ 32,
);
assert_layout!(MQTTAsync_willOptions_payload, size 16, align 8, len @ 0, data @ 8);
assert_layout!(
    MQTTAsync_willOptions, size 48, align 8,
    struct_id @ 0, struct_version @ 4, topicName @ 8, message @ 16, retained @ 24, qos @ 28, payload @ 32,
);
assert_layout!(
    MQTTAsync_SSLOptions, size 128, align 8,
    struct_id @ 0, struct_version @ 4, trustStore @ 8, keyStore @ 16, privateKey @ 24,
    privateKeyPassword @ 32, enabledCipherSuites @ 40, enableServerCertAuth @ 48, sslVersion @ 52,
    verify @ 56, CApath @ 64, ssl_error_cb @ 72, ssl_error_context @ 80, ssl_psk_cb @ 88,
    ssl_psk_context @ 96, disableDefaultTrustStore @ 104, protos @ 112, protos_len @ 120,
);
assert_layout!(MQTTAsync_nameValue, size 16, align 8, name @ 0, value @ 8);
assert_layout!(MQTTAsync_connectOptions_binarypwd, size 16, align 8, len @ 0, data @ 8);
assert_layout!(
    MQTTAsync_connectOptions, size 200, align 8,
    struct_id @ 0, struct_version @ 4, keepAliveInterval @ 8, cleansession @ 12, maxInflight @ 16, will @ 24,
    username @ 32, password @ 40, connectTimeout @ 48, retryInterval @ 52, ssl @ 56, onSuccess @ 64,
    onFailure @ 72, context @ 80, serverURIcount @ 88, serverURIs @ 96, MQTTVersion @ 104,
    automaticReconnect @ 108, minRetryInterval @ 112, maxRetryInterval @ 116, binarypwd @ 120,
    cleanstart @ 136, connectProperties @ 144, willProperties @ 152, onSuccess5 @ 160, onFailure5 @ 168,
    httpHeaders @ 176, httpProxy @ 184, httpsProxy @ 192,
);
assert_layout!(
    MQTTAsync_disconnectOptions, size 88, align 8,
    struct_id @ 0, struct_version @ 4, timeout @ 8, onSuccess @ 16, onFailure @ 24, context @ 32,
    properties @ 40, reasonCode @ 64, onSuccess5 @ 72, onFailure5 @ 80,
);
