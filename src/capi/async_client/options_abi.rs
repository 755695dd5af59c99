//! The options of `MQTTAsync.h`: for creating a client, connecting and disconnecting.

#![allow(non_camel_case_types, non_snake_case, reason = "the names are those of the C interface")]

use std::ffi::{c_char, c_int, c_uchar, c_uint, c_void};

use super::response_abi::{
    MQTTAsync_onFailure, MQTTAsync_onFailure5, MQTTAsync_onSuccess, MQTTAsync_onSuccess5,
};
use crate::capi::shared::assert_layout;
use crate::capi::shared::property_abi::MQTTProperties;
use crate::capi::shared::reason_code_abi::MQTTReasonCodes;

/// Options for MQTTAsync_createWithOptions(). Initialize with MQTTAsync_createOptions_initializer, for
/// MQTT 5.0 with MQTTAsync_createOptions_initializer5.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_createOptions {
    /// Always "MQCO" (not zero-terminated).
    pub struct_id: [c_char; 4],
    /// Version of this structure: 0 to 3. 1 added MQTTVersion; 2 allowDisconnectedSendAtAnyTime,
    /// deleteOldestMessages, restoreMessages and, since the initializers set version 2, persistQoS0.
    pub struct_version: c_int,
    /// Non-zero: messages may be sent while the client is not connected; they are buffered until it is.
    pub sendWhileDisconnected: c_int,
    /// Maximum number of messages waiting to be sent; must be positive.
    pub maxBufferedMessages: c_int,
    /// MQTT version of the client: one of the MQTTVERSION_ values. MQTTVERSION_5 must be set here to be
    /// used; the others can be chosen with each connect.
    pub MQTTVersion: c_int,
    /// Non-zero: messages may be sent even before the first connect and after a disconnect. Needs
    /// sendWhileDisconnected.
    pub allowDisconnectedSendAtAnyTime: c_int,
    /// When the buffer is full: non-zero discards the oldest message in favour of the new one, 0
    /// rejects the new one.
    pub deleteOldestMessages: c_int,
    /// Non-zero: buffered messages found in the persistent store are sent. 0: they are deleted.
    pub restoreMessages: c_int,
    /// Non-zero: buffered messages with QoS 0 are stored as well.
    pub persistQoS0: c_int,
}

/// The payload of a will message as binary data.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_willOptions_payload {
    /// Length in bytes, at most 65535.
    pub len: c_int,
    /// The data; NULL to use message.
    pub data: *const c_void,
}

/// The will message, which the server publishes if the connection ends without a normal disconnect.
/// Initialize with MQTTAsync_willOptions_initializer.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_willOptions {
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
    pub payload: MQTTAsync_willOptions_payload,
}

/// TLS options. Initialize with MQTTAsync_SSLOptions_initializer. A library built without TLS rejects
/// them with MQTTASYNC_SSL_NOT_SUPPORTED.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_SSLOptions {
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
pub struct MQTTAsync_nameValue {
    /// The name.
    pub name: *const c_char,
    /// The value.
    pub value: *const c_char,
}

/// A password as binary data.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_connectOptions_binarypwd {
    /// Length in bytes, at most 65535.
    pub len: c_int,
    /// The data; NULL for none.
    pub data: *const c_void,
}

/// Options for MQTTAsync_connect(). Initialize with MQTTAsync_connectOptions_initializer, for MQTT 5.0
/// with MQTTAsync_connectOptions_initializer5, for WebSockets with the initializers whose names end in
/// _ws.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_connectOptions {
    /// Always "MQTC" (not zero-terminated).
    pub struct_id: [c_char; 4],
    /// Version of this structure: 0 to 8. 1 added ssl; 2 serverURIcount and serverURIs; 3 MQTTVersion;
    /// 4 automaticReconnect, minRetryInterval and maxRetryInterval; 5 binarypwd; 6 the members from
    /// cleanstart to onFailure5; 7 httpHeaders; 8 httpProxy and httpsProxy.
    pub struct_version: c_int,
    /// Keep-alive interval in seconds: the server may close a connection on which it received nothing
    /// for one and a half intervals. The library sends pings as needed. 0 disables keep-alive.
    pub keepAliveInterval: c_int,
    /// MQTT 3.1 and 3.1.1. Non-zero: the session starts empty and ends with the connection. 0: the
    /// session, with its subscriptions and messages in flight, continues across connections.
    pub cleansession: c_int,
    /// Maximum number of messages in flight. An MQTT 5.0 server may lower it.
    pub maxInflight: c_int,
    /// The will message; NULL for none.
    pub will: *mut MQTTAsync_willOptions,
    /// User name; NULL for none.
    pub username: *const c_char,
    /// Password as a zero-terminated string; NULL for none.
    pub password: *const c_char,
    /// Seconds allowed for one attempt to connect to one server, everything included. 0 times out at
    /// once; a negative value means no limit.
    pub connectTimeout: c_int,
    /// MQTT 3.1 and 3.1.1: seconds after which an unacknowledged message is sent again on the same
    /// connection; values from 1 to 9 count as 10. 0: only after reconnecting. Ignored with MQTT 5.0,
    /// which forbids it.
    pub retryInterval: c_int,
    /// TLS options; NULL for none. Required if a server URI has a TLS scheme.
    pub ssl: *mut MQTTAsync_SSLOptions,
    /// Called when the client is connected; NULL for none. If set, it is called in place of onSuccess5.
    pub onSuccess: MQTTAsync_onSuccess,
    /// Called when the connect has failed; NULL for none. If set, it is called in place of onFailure5.
    pub onFailure: MQTTAsync_onFailure,
    /// Passed to the callbacks in these options.
    pub context: *mut c_void,
    /// Number of elements in serverURIs; 0 to use the server given at creation.
    pub serverURIcount: c_int,
    /// Servers to try in order, in place of the one given at creation.
    pub serverURIs: *const *mut c_char,
    /// MQTT version to use: one of the MQTTVERSION_ values. MQTTVERSION_5 needs a client that was
    /// created for it.
    pub MQTTVersion: c_int,
    /// Non-zero: the library reconnects automatically after a lost connection, with growing delays.
    pub automaticReconnect: c_int,
    /// Delay before the first automatic reconnect, in seconds. With 0 the first attempt after a lost
    /// connection is made without delay, and later ones after one to three seconds, or less if
    /// maxRetryInterval is lower.
    pub minRetryInterval: c_int,
    /// Maximum delay before an automatic reconnect, in seconds.
    pub maxRetryInterval: c_int,
    /// Password as binary data; used if password is NULL.
    pub binarypwd: MQTTAsync_connectOptions_binarypwd,
    /// MQTT 5.0. Non-zero: the session starts empty. 0: an existing session continues. The property
    /// SESSION_EXPIRY_INTERVAL sets how long the server keeps the session.
    pub cleanstart: c_int,
    /// MQTT 5.0: properties of the CONNECT packet; NULL for none.
    pub connectProperties: *mut MQTTProperties,
    /// MQTT 5.0: properties of the will message; NULL for none.
    pub willProperties: *mut MQTTProperties,
    /// MQTT 5.0: called when the client is connected; NULL for none.
    pub onSuccess5: MQTTAsync_onSuccess5,
    /// MQTT 5.0: called when the connect has failed; NULL for none.
    pub onFailure5: MQTTAsync_onFailure5,
    /// Additional HTTP headers of the WebSocket handshake; NULL for none.
    pub httpHeaders: *const MQTTAsync_nameValue,
    /// URL of the HTTP proxy for servers without TLS, as http://user:password@host:port. NULL: the
    /// environment variable http_proxy if PAHO_C_CLIENT_USE_HTTP_PROXY allows it, otherwise none. An
    /// empty string: none.
    pub httpProxy: *const c_char,
    /// The same for servers with TLS, with the variable https_proxy; if neither is set, the value for
    /// servers without TLS is used.
    pub httpsProxy: *const c_char,
}

/// Options for MQTTAsync_disconnect(). Initialize with MQTTAsync_disconnectOptions_initializer, for
/// MQTT 5.0 with MQTTAsync_disconnectOptions_initializer5.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTAsync_disconnectOptions {
    /// Always "MQTD" (not zero-terminated).
    pub struct_id: [c_char; 4],
    /// Version of this structure: 0 or 1. 1 added the members from properties on. On an MQTT 5.0 client
    /// onSuccess5 and onFailure5 are read from version 0 as well.
    pub struct_version: c_int,
    /// Milliseconds to wait for messages in flight to be completed; 0 or a negative value: do not wait.
    pub timeout: c_int,
    /// Called when the client is disconnected; NULL for none. If set, it is called in place of
    /// onSuccess5.
    pub onSuccess: MQTTAsync_onSuccess,
    /// Called when the disconnect was abandoned; NULL for none. If set, it is called in place of
    /// onFailure5.
    pub onFailure: MQTTAsync_onFailure,
    /// Passed to the callbacks in these options.
    pub context: *mut c_void,
    /// MQTT 5.0: properties of the DISCONNECT packet.
    pub properties: MQTTProperties,
    /// MQTT 5.0: reason code of the DISCONNECT packet.
    pub reasonCode: MQTTReasonCodes,
    /// MQTT 5.0: called when the client is disconnected; NULL for none.
    pub onSuccess5: MQTTAsync_onSuccess5,
    /// MQTT 5.0: called when the disconnect was abandoned; NULL for none.
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
