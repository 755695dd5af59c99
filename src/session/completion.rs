//! How requests end: one type from here to the application's callbacks.

use super::{SharedPacket, packet_bytes};
use crate::protocol::{PacketType, Properties, Publish, QoS, ReasonCode, Version};

/// The end of one request that came with a requester. There is exactly one for each of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion<R> {
    /// As given with the request.
    pub requester: R,
    /// Packet id; 0 for QoS 0 messages, connect and DISCONNECT.
    pub token: u16,
    /// What became of it.
    pub result: Result<Success, FailedRequest>,
}

impl<R> Completion<R> {
    /// The request failed, and there is no packet that gives details.
    pub fn failed(requester: R, token: u16, cause: Cause) -> Completion<R> {
        Completion { requester, token, result: Err(FailedRequest::new(cause)) }
    }

    /// A connect has succeeded.
    pub fn is_of_connect(&self) -> bool {
        matches!(self.result, Ok(Success::Connected { .. }))
    }

    /// Bytes in it that came from the server.
    #[inline]
    pub fn received_size(&self) -> usize {
        match &self.result {
            Ok(Success::Connected { properties, .. } | Success::Published { properties, .. }) => {
                properties.view().encoded().len()
            }
            Ok(Success::Subscribed { codes, properties } | Success::Unsubscribed { codes, properties }) => {
                codes.len() + properties.view().encoded().len()
            }
            Ok(Success::Disconnected) => 0,
            Err(failed) => failed.properties.view().encoded().len(),
        }
    }
}

/// What a request has achieved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Success {
    /// The server accepted the connection. Made by whoever makes connections, never by a session.
    Connected {
        /// The server as the application names it.
        server: Box<[u8]>,
        /// The version that the server accepted.
        version: Version,
        /// The server had a session.
        session_present: bool,
        /// CONNACK properties.
        properties: Properties,
    },
    /// QoS 0: written to the last byte. QoS 1 and 2: acknowledged without error.
    Published {
        /// The message, as it was requested.
        message: SentMessage,
        /// Reason code of the acknowledgement; success at QoS 0 and in 3.x.
        reason: ReasonCode,
        /// Properties of the acknowledgement.
        properties: Properties,
    },
    /// SUBACK came, whatever its codes say.
    Subscribed {
        /// One code for each filter.
        codes: Box<[u8]>,
        /// SUBACK properties.
        properties: Properties,
    },
    /// UNSUBACK came, whatever its codes say.
    Unsubscribed {
        /// One code for each filter; empty in 3.x.
        codes: Box<[u8]>,
        /// UNSUBACK properties.
        properties: Properties,
    },
    /// DISCONNECT was queued for writing and the connection is closed.
    Disconnected,
}

/// Why a request has failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedRequest {
    /// Why.
    pub cause: Cause,
    /// What exactly went wrong with a connect; otherwise empty.
    pub detail: Box<str>,
    /// Version 5 reason code; success where the cause has none.
    pub reason: ReasonCode,
    /// Properties of the packet that refused it.
    pub properties: Properties,
    /// The packet that failed the request: the acknowledgement ([`Cause::Refused`]), or the request itself
    /// ([`Cause::NotSent`] without `detail`, [`Cause::Displaced`]).
    pub packet_type: Option<PacketType>,
}

impl FailedRequest {
    /// A failure without a packet that gives details.
    pub fn new(cause: Cause) -> FailedRequest {
        FailedRequest {
            cause,
            detail: Box::default(),
            reason: ReasonCode::SUCCESS,
            properties: Properties::new(),
            packet_type: None,
        }
    }

    /// The failure of a connect, with what exactly went wrong.
    pub fn with_detail(cause: Cause, detail: impl ToString) -> FailedRequest {
        FailedRequest { detail: detail.to_string().into(), ..FailedRequest::new(cause) }
    }
}

/// Why a request failed. A session has none of the causes from `NotFound` to `Ignored`: they end connects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The host name has no address, or the socket's file takes no connection.
    NotFound,
    /// No connection could be made to the server.
    NotReached,
    /// The server did not turn the connection into a WebSocket.
    NotUpgraded,
    /// The server closed the connection before it answered, or answered nonsense.
    NotCompleted,
    /// The server did not answer in time.
    TimedOut,
    /// The server refused the connection with this code.
    ConnectRefused(u8),
    /// The server accepted the connection with a value in its CONNACK with which it is useless.
    Unusable,
    /// Version 5: the server sent DISCONNECT in place of CONNACK; the reason says why.
    ServerDisconnected,
    /// The server accepted the connection, but the store could not be cleared for the new session: the store's code.
    NotCleared(i32),
    /// A connect while the client was connected.
    Ignored,
    /// PUBACK, PUBREC or PUBCOMP with an error reason.
    Refused,
    /// It is not allowed on this connection (the reason says why), or it cannot be encoded in its version.
    NotSent,
    /// The session, the connection or the client ended before the request did.
    Discarded,
    /// A newer message took its place in a full queue.
    Displaced,
    /// A disconnect that found the connection ended already.
    NotConnected,
    /// The server had not answered it when its time was over.
    Unanswered,
}

/// An outgoing message that owns its packet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SentMessage {
    pub(super) packet: SharedPacket,
    pub(super) version: Version,
}

impl SentMessage {
    /// The message as it was requested.
    pub fn publish(&self) -> Publish<'_> {
        // Only packets encoded here get in, so the default never shows.
        packet_bytes::take_apart(&self.packet, self.version).unwrap_or(Publish::empty(QoS::AtMostOnce))
    }

    pub(super) fn qos(&self) -> QoS {
        packet_bytes::qos(&self.packet)
    }

    /// The packet for a connection of that version; `None` if it cannot be encoded in it.
    pub(super) fn packet_for(&self, version: Version) -> Option<SharedPacket> {
        if (self.version == Version::V5) == (version == Version::V5) {
            Some(self.packet.clone())
        } else {
            packet_bytes::convert(&self.packet, self.version, version)
        }
    }
}
