//! All packets as one type.

use super::reader::Reader;
use super::{
    Acknowledgement, AcknowledgementType, Auth, Breaches, ConnAck, Connect, DecodeError, Disconnect,
    EncodeError, Frame, PacketType, Publish, SubAck, Subscribe, UnsubAck, Unsubscribe, Version,
};

/// A received packet and what is against the standard in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// The packet, as it came.
    pub packet: Packet<'a>,
    /// What should not have been sent so.
    pub breaches: Breaches,
}

impl<'a> Decoded<'a> {
    /// The packet if it is as the standard wants it.
    ///
    /// # Errors
    /// The first breach.
    pub fn strictly(self) -> Result<Packet<'a>, DecodeError> {
        self.breaches.iter().next().map_or(Ok(self.packet), |breach| Err(DecodeError::Breach(breach)))
    }
}

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
    /// Takes a packet apart by the rules of `version` and notes where it breaks them. (A CONNECT names its version
    /// itself.) Which side sent it is not looked at. Nothing is copied or allocated.
    ///
    /// # Errors
    /// The packet cannot be taken apart; see [`DecodeError`].
    #[inline]
    pub fn decode(frame: Frame<'a>, version: Version) -> Result<Decoded<'a>, DecodeError> {
        let mut breaches = Breaches::NONE;
        Packet::read(frame, version, &mut breaches).map(|packet| Decoded { packet, breaches })
    }

    /// The same as [`Packet::decode`], which copies the packet once more. Adds to `breaches`.
    ///
    /// # Errors
    /// As there.
    #[inline]
    pub fn read(
        frame: Frame<'a>,
        version: Version,
        breaches: &mut Breaches,
    ) -> Result<Packet<'a>, DecodeError> {
        let Frame { first_byte, body, .. } = frame;
        let acknowledgement = |kind, breaches| {
            read_with(body, breaches, |reader| Acknowledgement::decode(kind, first_byte, reader, version))
                .map(Packet::Acknowledgement)
        };
        match PacketType::of(first_byte) {
            Some(PacketType::Publish) => {
                read_with(body, breaches, |reader| Publish::decode(first_byte, reader, version))
                    .map(Packet::Publish)
            }
            Some(PacketType::PubAck) => acknowledgement(AcknowledgementType::PubAck, breaches),
            Some(PacketType::PubRec) => acknowledgement(AcknowledgementType::PubRec, breaches),
            Some(PacketType::PubRel) => acknowledgement(AcknowledgementType::PubRel, breaches),
            Some(PacketType::PubComp) => acknowledgement(AcknowledgementType::PubComp, breaches),
            Some(packet_type) => {
                read_with(body, breaches, |reader| decode_rare(packet_type, first_byte, reader, version))
            }
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

/// Decodes a body, and adds the breaches found in it.
#[inline]
fn read_with<'a, T>(
    body: &'a [u8],
    breaches: &mut Breaches,
    decode: impl FnOnce(&mut Reader<'a>) -> Result<T, DecodeError>,
) -> Result<T, DecodeError> {
    let mut reader = Reader::new(body);
    let result = decode(&mut reader);
    breaches.add_all(reader.breaches);
    result
}

/// Kept out of [`Packet::read`] so that the packets of a message's delivery are decoded in line.
#[inline(never)]
fn decode_rare<'a>(
    packet_type: PacketType,
    first_byte: u8,
    reader: &mut Reader<'a>,
    version: Version,
) -> Result<Packet<'a>, DecodeError> {
    Ok(match packet_type {
        PacketType::Connect => Packet::Connect(Connect::decode(first_byte, reader)?),
        PacketType::ConnAck => Packet::ConnAck(ConnAck::decode(first_byte, reader, version)?),
        PacketType::Subscribe => Packet::Subscribe(Subscribe::decode(first_byte, reader, version)?),
        PacketType::SubAck => Packet::SubAck(SubAck::decode(first_byte, reader, version)?),
        PacketType::Unsubscribe => Packet::Unsubscribe(Unsubscribe::decode(first_byte, reader, version)?),
        PacketType::UnsubAck => Packet::UnsubAck(UnsubAck::decode(first_byte, reader, version)?),
        PacketType::Disconnect => Packet::Disconnect(Disconnect::decode(first_byte, reader, version)?),
        PacketType::Auth => Packet::Auth(Auth::decode(first_byte, reader, version)?),
        _ => {
            packet_type.check_flags(first_byte, version, &mut reader.breaches);
            reader.expect_end();
            if packet_type == PacketType::PingResp { Packet::PingResp } else { Packet::PingReq }
        }
    })
}

/// Appends a PINGREQ packet.
pub fn encode_ping_request(out: &mut Vec<u8>) {
    out.extend_from_slice(&[PacketType::PingReq.first_byte(), 0]);
}

/// Appends a PINGRESP packet.
pub fn encode_ping_response(out: &mut Vec<u8>) {
    out.extend_from_slice(&[PacketType::PingResp.first_byte(), 0]);
}
