//! The structure of the statistics (`MQTTExt.h`).

#![allow(non_camel_case_types, non_snake_case, reason = "the names are those of the C interface")]

use core::mem::offset_of;
use std::ffi::{c_char, c_int};

/// `struct_id` of the statistics, and their newest `struct_version`.
pub(crate) const STATISTICS_ID: &[u8; 4] = b"MQXS";
pub(crate) const NEWEST_STATISTICS: c_int = 0;

/// Packets in one direction. The elements of the arrays are for QoS 0, 1 and 2.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTExt_traffic {
    /// MQTT packets of all kinds.
    pub packets: u64,
    /// Bytes of these packets; without those of TLS and WebSockets.
    pub bytes: u64,
    /// PUBLISH packets. Those that were sent more than once count each time.
    pub messages: [u64; 3],
    /// Bytes of these packets.
    pub messageBytes: [u64; 3],
}

/// Numbers about a client. Initialize with MQTTExt_statistics_initializer.
///
/// Times are in microseconds. A time that was not measured, or a value that the server did not announce,
/// is -1.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTExt_statistics {
    /// Always "MQXS" (not zero-terminated).
    pub struct_id: [c_char; 4],
    /// Version of this structure: 0.
    pub struct_version: c_int,
    /// What was sent. Packets count when they are queued for the network, bytes when they are written.
    pub sent: MQTTExt_traffic,
    /// What was received.
    pub received: MQTTExt_traffic,
    /// Attempts to connect, each to one server with one MQTT version.
    pub attempts: u64,
    /// Attempts that failed.
    pub failedAttempts: u64,
    /// Connections that servers accepted.
    pub connects: u64,
    /// Of these, connections that were made by automatic reconnect or MQTTAsync_reconnect().
    pub reconnects: u64,
    /// Accepted connections that ended without a disconnect of the application.
    pub losses: u64,
    /// Of these, connections that the server ended with a DISCONNECT packet of MQTT 5.0.
    pub lossesByServer: u64,
    /// Of these, connections whose server did not answer within the keep-alive time.
    pub lossesByKeepAlive: u64,
    /// Of these, connections whose server violated the protocol. What is left was ended by the network, or
    /// by the server without a reason.
    pub lossesByViolation: u64,
    /// From the last answered PINGREQ to its PINGRESP.
    pub pingTime: i64,
    /// Finding the addresses of the server, in the last connect that reached one.
    pub resolveTime: i64,
    /// Then the connection to one of them, or to a Unix domain socket.
    pub connectTime: i64,
    /// Then the connection through a proxy.
    pub proxyTime: i64,
    /// Then the TLS handshake.
    pub tlsTime: i64,
    /// Then the upgrade to a WebSocket.
    pub webSocketTime: i64,
    /// Then from CONNECT to an accepting CONNACK.
    pub connackTime: i64,
    /// Messages with QoS 1 and 2 that were sent and are not complete.
    pub inFlight: c_int,
    /// Requests of the asynchronous API that wait to be sent.
    pub queued: c_int,
    /// Received messages that wait for the application.
    pub waiting: c_int,
    /// Messages and requests that are also kept in the persistent store.
    pub stored: c_int,
    /// 1 if the client is connected.
    pub connected: c_int,
    /// MQTT version of the last attempt: MQTTVERSION_3_1, MQTTVERSION_3_1_1 or MQTTVERSION_5.
    pub MQTTVersion: c_int,
    /// 1 if the server had a session for this client. This and the following members are what the last
    /// server that accepted a connection has announced.
    pub sessionPresent: c_int,
    /// Keep-alive interval in seconds, in place of the application's.
    pub serverKeepAlive: c_int,
    /// Session expiry interval in seconds.
    pub sessionExpiryInterval: i64,
    /// Largest packet in bytes.
    pub maximumPacketSize: i64,
    /// Messages with QoS 1 and 2 that it takes at a time.
    pub receiveMaximum: c_int,
    /// Highest QoS.
    pub maximumQoS: c_int,
    /// Number of topic aliases.
    pub topicAliasMaximum: c_int,
    /// 0 if it does not support retained messages.
    pub retainAvailable: c_int,
    /// 0 if it does not support wildcards in subscriptions.
    pub wildcardSubscriptionAvailable: c_int,
    /// 0 if it does not support subscription identifiers.
    pub subscriptionIdentifiersAvailable: c_int,
    /// 0 if it does not support shared subscriptions.
    pub sharedSubscriptionAvailable: c_int,
    /// Always 0.
    pub reserved: c_int,
}

// Of numbers that are aligned by themselves: the layout is the same where 64-bit numbers need an alignment of 4 only.
const _: () = {
    assert!(size_of::<MQTTExt_traffic>() == 64);
    assert!(size_of::<MQTTExt_statistics>() == 336);
    assert!(offset_of!(MQTTExt_statistics, sent) == 8);
    assert!(offset_of!(MQTTExt_statistics, attempts) == 136);
    assert!(offset_of!(MQTTExt_statistics, pingTime) == 200);
    assert!(offset_of!(MQTTExt_statistics, inFlight) == 256);
    assert!(offset_of!(MQTTExt_statistics, sessionExpiryInterval) == 288);
    assert!(offset_of!(MQTTExt_statistics, receiveMaximum) == 304);
    assert!(offset_of!(MQTTExt_statistics, reserved) == 332);
};
