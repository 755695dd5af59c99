//! The options of `MQTTAsync.h`: for creating a client, connecting and disconnecting.

#![allow(non_camel_case_types, non_snake_case, reason = "the names are those of the C interface")]

use std::ffi::{c_char, c_int, c_void};

use super::response_abi::{
    MQTTAsync_onFailure, MQTTAsync_onFailure5, MQTTAsync_onSuccess, MQTTAsync_onSuccess5,
};
pub use crate::capi::shared::abi::{
    MQTTApi_SSLOptions as MQTTAsync_SSLOptions,
    MQTTApi_connectOptions_binarypwd as MQTTAsync_connectOptions_binarypwd,
    MQTTApi_nameValue as MQTTAsync_nameValue, MQTTApi_willOptions as MQTTAsync_willOptions,
};
use crate::capi::shared::property_abi::MQTTProperties;
use crate::capi::shared::reason_codes::MQTTReasonCodes;
use crate::capi::shared::structure::versioned;

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
    /// TLS options; NULL for none. Required if a server URI has a TLS scheme. A library built without TLS
    /// rejects them with MQTTASYNC_SSL_NOT_SUPPORTED.
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

versioned!(
    MQTTAsync_createOptions, b"MQCO", size 36, align 4,
    0: struct_id @ 0, struct_version @ 4, sendWhileDisconnected @ 8, maxBufferedMessages @ 12;
    1: MQTTVersion @ 16;
    2: allowDisconnectedSendAtAnyTime @ 20, deleteOldestMessages @ 24, restoreMessages @ 28,
       persistQoS0 @ 32;
    3: ;
);
versioned!(
    MQTTAsync_connectOptions, b"MQTC", size 200/120, align 8/4,
    0: struct_id @ 0, struct_version @ 4, keepAliveInterval @ 8, cleansession @ 12, maxInflight @ 16,
       will @ 24/20, username @ 32/24, password @ 40/28, connectTimeout @ 48/32, retryInterval @ 52/36,
       onSuccess @ 64/44, onFailure @ 72/48, context @ 80/52;
    1: ssl @ 56/40;
    2: serverURIcount @ 88/56, serverURIs @ 96/60;
    3: MQTTVersion @ 104/64;
    4: automaticReconnect @ 108/68, minRetryInterval @ 112/72, maxRetryInterval @ 116/76;
    5: binarypwd @ 120/80;
    6: cleanstart @ 136/88, connectProperties @ 144/92, willProperties @ 152/96, onSuccess5 @ 160/100,
       onFailure5 @ 168/104;
    7: httpHeaders @ 176/108;
    8: httpProxy @ 184/112, httpsProxy @ 192/116;
);
versioned!(
    MQTTAsync_disconnectOptions, b"MQTD", size 88/52, align 8/4,
    0: struct_id @ 0, struct_version @ 4, timeout @ 8, onSuccess @ 16/12, onFailure @ 24/16, context @ 32/20;
    1: properties @ 40/24, reasonCode @ 64/40, onSuccess5 @ 72/44, onFailure5 @ 80/48;
);
