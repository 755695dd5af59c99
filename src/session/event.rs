//! What a received packet means for the layer above.

use std::sync::Arc;

use super::packet_bytes;
use crate::protocol::{
    AcknowledgementType, DecodeError, PacketId, PropertyView, Publish, QoS, ReasonCode, Version,
};

/// The outcome of one received packet.
#[derive(Debug)]
pub enum Event<'a> {
    /// CONNACK: accepted. What is to be resent is already queued.
    Connected {
        /// The server's flag.
        session_present: bool,
        /// CONNACK properties.
        properties: PropertyView<'a>,
    },
    /// CONNACK: refused. Close the byte stream.
    Refused {
        /// Return code (3.x) or reason code (5), never 0.
        code: u8,
        /// CONNACK properties.
        properties: PropertyView<'a>,
    },
    /// Version 5: the server goes on with the authentication, or has completed one on an open connection.
    Authenticate {
        /// Continue authentication, or success.
        reason: ReasonCode,
        /// AUTH properties.
        properties: PropertyView<'a>,
    },
    /// A message to deliver.
    Message(Publish<'a>),
    /// A 3.x QoS 2 message to deliver, kept until its PUBREL.
    Released(ReceivedMessage),
    /// An outgoing message is complete: PUBACK, PUBCOMP, or PUBREC with an error reason (then it was not
    /// delivered).
    Acknowledged {
        /// Packet id, free from now on.
        id: PacketId,
        /// The packet that completed it.
        packet_type: AcknowledgementType,
        /// Reason code; success in 3.x.
        reason: ReasonCode,
        /// Properties of the acknowledgement.
        properties: PropertyView<'a>,
    },
    /// SUBACK for a waiting SUBSCRIBE.
    Subscribed {
        /// Packet id, free from now on.
        id: PacketId,
        /// One code for each filter.
        codes: Box<[u8]>,
        /// SUBACK properties.
        properties: PropertyView<'a>,
    },
    /// UNSUBACK for a waiting UNSUBSCRIBE.
    Unsubscribed {
        /// Packet id, free from now on.
        id: PacketId,
        /// One code for each filter; empty in 3.x.
        codes: Box<[u8]>,
        /// UNSUBACK properties.
        properties: PropertyView<'a>,
    },
    /// CONNACK: accepted, with something that makes the connection useless. Close the byte stream.
    Unusable {
        /// What, in words.
        cause: &'static str,
    },
    /// Version 5: DISCONNECT came in place of CONNACK. Close the byte stream.
    RefusedByDisconnect {
        /// Reason code.
        reason: ReasonCode,
        /// DISCONNECT properties.
        properties: PropertyView<'a>,
    },
    /// Version 5: the server ended the connection. Close the byte stream.
    ServerDisconnected {
        /// Reason code.
        reason: ReasonCode,
        /// DISCONNECT properties.
        properties: PropertyView<'a>,
    },
}

/// The connection must be closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failure {
    /// The server broke the protocol. On an accepted version 5 connection DISCONNECT with `reason` is queued.
    Protocol {
        /// The reason sent to a version 5 server.
        reason: ReasonCode,
        /// The cause, for the log.
        text: &'static str,
    },
    /// The server is silent. Nothing is queued for it; just close.
    KeepAlive,
    /// The server reads nothing of what waits for it. Just close.
    Stalled,
}

impl Failure {
    pub(super) fn protocol(text: &'static str) -> Failure {
        Failure::Protocol { reason: ReasonCode::PROTOCOL_ERROR, text }
    }
}

impl From<DecodeError> for Failure {
    fn from(error: DecodeError) -> Self {
        Failure::Protocol { reason: error.reason(), text: error.text() }
    }
}

/// A received QoS 2 message that owns its packet. The message handed to the application shares its memory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReceivedMessage {
    packet: Arc<Vec<u8>>,
    version: Version,
    /// It was delivered before.
    is_repeated: bool,
}

impl ReceivedMessage {
    /// `None` if `packet` is not a QoS 2 PUBLISH of that version.
    pub(super) fn new(packet: Arc<Vec<u8>>, version: Version) -> Option<ReceivedMessage> {
        let publish = packet_bytes::decode_publish(&packet, version)?;
        (publish.qos == QoS::ExactlyOnce).then_some(())?;
        Some(ReceivedMessage { packet, version, is_repeated: false })
    }

    /// The same for a packet that has just been decoded.
    pub(super) fn of_decoded(packet: Arc<Vec<u8>>, version: Version) -> ReceivedMessage {
        ReceivedMessage { packet, version, is_repeated: false }
    }

    /// The same, delivered once more.
    pub(super) fn repeated(&self) -> ReceivedMessage {
        ReceivedMessage { is_repeated: true, ..self.clone() }
    }

    /// Bytes that it takes.
    pub(super) fn size(&self) -> usize {
        self.packet.capacity()
    }

    /// The whole packet, in which [`publish`](ReceivedMessage::publish) lies.
    pub fn packet(&self) -> &Arc<Vec<u8>> {
        &self.packet
    }

    /// The message as it is to be delivered: with DUP only if it was delivered before.
    pub fn publish(&self) -> Publish<'_> {
        let publish = packet_bytes::decode_publish(&self.packet, self.version);
        // Only packets that decode get in here, so the default never shows.
        let publish = publish.unwrap_or(Publish::empty(QoS::ExactlyOnce));
        Publish { dup: self.is_repeated, ..publish }
    }
}
