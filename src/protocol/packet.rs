//! All packets as one type.

use super::{
    Acknowledgement, AcknowledgementType, Auth, ConnAck, Connect, DecodeError, Disconnect, EncodeError,
    Frame, PacketType, Publish, SubAck, Subscribe, UnsubAck, Unsubscribe, Version,
};

/// A packet, borrowed from the bytes it was received in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packet<'a> {
    /// CONNECT
    Connect(Connect<'a>),
    /// CONNACK
    ConnAck(ConnAck<'a>),
    /// PUBLISH
    Publish(Publish<'a>),
    /// PUBACK, PUBREC, PUBREL or PUBCOMP
    Acknowledgement(Acknowledgement<'a>),
    /// SUBSCRIBE
    Subscribe(Subscribe<'a>),
    /// SUBACK
    SubAck(SubAck<'a>),
    /// UNSUBSCRIBE
    Unsubscribe(Unsubscribe<'a>),
    /// UNSUBACK
    UnsubAck(UnsubAck<'a>),
    /// PINGREQ
    PingReq,
    /// PINGRESP
    PingResp,
    /// DISCONNECT
    Disconnect(Disconnect<'a>),
    /// AUTH
    Auth(Auth<'a>),
}

impl<'a> Packet<'a> {
    /// Checks a packet by the rules of `version` and takes it apart. (A CONNECT names its version itself.)
    /// Which side sent it is not looked at. Nothing is copied or allocated.
    ///
    /// # Errors
    /// What is wrong with the packet; see [`DecodeError`].
    #[inline]
    pub fn decode(frame: Frame<'a>, version: Version) -> Result<Packet<'a>, DecodeError> {
        let acknowledgement =
            |kind| Acknowledgement::decode(kind, frame, version).map(Packet::Acknowledgement);
        match PacketType::of(frame.first_byte) {
            Some(PacketType::Publish) => Publish::decode(frame, version).map(Packet::Publish),
            Some(PacketType::PubAck) => acknowledgement(AcknowledgementType::PubAck),
            Some(PacketType::PubRec) => acknowledgement(AcknowledgementType::PubRec),
            Some(PacketType::PubRel) => acknowledgement(AcknowledgementType::PubRel),
            Some(PacketType::PubComp) => acknowledgement(AcknowledgementType::PubComp),
            Some(packet_type) => decode_rare(packet_type, frame, version),
            None => Err(DecodeError::Protocol("reserved packet type 0")),
        }
    }

    /// The type of the packet.
    #[inline]
    pub fn packet_type(&self) -> PacketType {
        match self {
            Packet::Connect(_) => PacketType::Connect,
            Packet::ConnAck(_) => PacketType::ConnAck,
            Packet::Publish(_) => PacketType::Publish,
            Packet::Acknowledgement(acknowledgement) => acknowledgement.kind.packet_type(),
            Packet::Subscribe(_) => PacketType::Subscribe,
            Packet::SubAck(_) => PacketType::SubAck,
            Packet::Unsubscribe(_) => PacketType::Unsubscribe,
            Packet::UnsubAck(_) => PacketType::UnsubAck,
            Packet::PingReq => PacketType::PingReq,
            Packet::PingResp => PacketType::PingResp,
            Packet::Disconnect(_) => PacketType::Disconnect,
            Packet::Auth(_) => PacketType::Auth,
        }
    }

    /// Appends the whole packet. (A CONNECT is written in the version it names itself, AUTH exists in
    /// version 5 only.)
    ///
    /// # Errors
    /// A field or the packet is too long, or a part of it is missing or out of range; `out` is left as it
    /// was.
    pub fn encode(&self, version: Version, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        match self {
            Packet::Connect(packet) => packet.encode(out),
            Packet::ConnAck(packet) => packet.encode(version, out),
            Packet::Publish(packet) => packet.encode(version, out),
            Packet::Acknowledgement(packet) => packet.encode(version, out),
            Packet::Subscribe(packet) => packet.encode(version, out),
            Packet::SubAck(packet) => packet.encode(version, out),
            Packet::Unsubscribe(packet) => packet.encode(version, out),
            Packet::UnsubAck(packet) => packet.encode(version, out),
            Packet::PingReq => {
                encode_ping_request(out);
                Ok(())
            }
            Packet::PingResp => {
                encode_ping_response(out);
                Ok(())
            }
            Packet::Disconnect(packet) => packet.encode(version, out),
            Packet::Auth(packet) => packet.encode(out),
        }
    }
}

/// Kept out of [`Packet::decode`] so that the packets of a message's delivery are decoded in line.
#[inline(never)]
fn decode_rare<'a>(
    packet_type: PacketType,
    frame: Frame<'a>,
    version: Version,
) -> Result<Packet<'a>, DecodeError> {
    match packet_type {
        PacketType::Connect => Connect::decode(frame).map(Packet::Connect),
        PacketType::ConnAck => ConnAck::decode(frame, version).map(Packet::ConnAck),
        PacketType::Subscribe => Subscribe::decode(frame, version).map(Packet::Subscribe),
        PacketType::SubAck => SubAck::decode(frame, version).map(Packet::SubAck),
        PacketType::Unsubscribe => Unsubscribe::decode(frame, version).map(Packet::Unsubscribe),
        PacketType::UnsubAck => UnsubAck::decode(frame, version).map(Packet::UnsubAck),
        PacketType::PingResp => decode_empty(packet_type, frame, version).map(|()| Packet::PingResp),
        PacketType::Disconnect => Disconnect::decode(frame, version).map(Packet::Disconnect),
        PacketType::Auth => Auth::decode(frame, version).map(Packet::Auth),
        _ => decode_empty(packet_type, frame, version).map(|()| Packet::PingReq),
    }
}

fn decode_empty(packet_type: PacketType, frame: Frame<'_>, version: Version) -> Result<(), DecodeError> {
    packet_type.check_flags(frame.first_byte, version)?;
    if frame.body.is_empty() { Ok(()) } else { Err(DecodeError::Malformed("ping with a body")) }
}

/// Appends a PINGREQ packet.
pub fn encode_ping_request(out: &mut Vec<u8>) {
    out.extend_from_slice(&[PacketType::PingReq.first_byte(), 0]);
}

/// Appends a PINGRESP packet.
pub fn encode_ping_response(out: &mut Vec<u8>) {
    out.extend_from_slice(&[PacketType::PingResp.first_byte(), 0]);
}
