//! How requests end.

use std::sync::Arc;

use super::packet_bytes;
use crate::protocol::{PacketType, Properties, PropertyView, Publish, QoS, ReasonCode, Version};

/// Words the C interface wants back with the result of a request (context, success and failure function). The
/// layers below it never look at them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Opaque.
    pub words: [usize; 3],
    /// Opaque too.
    pub tag: u8,
}

/// The end of one request that came with a [`Reply`]. There is exactly one for each of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// As given with the request.
    pub reply: Reply,
    /// Packet id; 0 for QoS 0 messages and DISCONNECT.
    pub token: u16,
    /// What became of it.
    pub outcome: RequestOutcome,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestOutcome {
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
    /// The request failed.
    Failed {
        /// Why.
        cause: FailureCause,
        /// Version 5 reason code; success where the cause has none.
        reason: ReasonCode,
        /// Properties of the acknowledgement that refused the message.
        properties: Properties,
        /// The packet that failed the request: the acknowledgement ([`FailureCause::Refused`]), or the request
        /// itself ([`FailureCause::NotSent`], [`FailureCause::Displaced`]).
        packet_type: Option<PacketType>,
    },
}

impl RequestOutcome {
    /// A failure without a packet that gives details.
    pub(super) fn failed(cause: FailureCause) -> RequestOutcome {
        RequestOutcome::Failed {
            cause,
            reason: ReasonCode::SUCCESS,
            properties: Properties::new(),
            packet_type: None,
        }
    }
}

/// Why a request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureCause {
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
}

/// An outgoing message that owns its packet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SentMessage {
    pub(super) packet: Arc<[u8]>,
    pub(super) version: Version,
}

impl SentMessage {
    /// The message as it was requested.
    pub fn publish(&self) -> Publish<'_> {
        // Only packets encoded here get in, so the default never shows.
        packet_bytes::take_apart(&self.packet, self.version).unwrap_or(Publish {
            dup: false,
            qos: QoS::AtMostOnce,
            retain: false,
            topic: &[],
            packet_id: None,
            properties: PropertyView::default(),
            payload: &[],
        })
    }

    pub(super) fn qos(&self) -> QoS {
        packet_bytes::qos(&self.packet)
    }

    /// The packet for a connection of that version; `None` if it cannot be encoded in it.
    pub(super) fn packet_for(&self, version: Version) -> Option<Arc<[u8]>> {
        if (self.version == Version::V5) == (version == Version::V5) {
            Some(self.packet.clone())
        } else {
            packet_bytes::convert(&self.packet, self.version, version)
        }
    }
}
