//! All packets as one type.

use super::reader::Reader;
use super::{
    Acknowledgement, AcknowledgementType, Auth, ConnAck, Connect, DecodeError, Decoded, Disconnect,
    EncodeError, Frame, PacketType, Publish, SubAck, Subscribe, UnsubAck, Unsubscribe, Version, writer,
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
    /// Takes a packet apart by the rules of `version` and notes where it breaks them. (A CONNECT names its version
    /// itself.) Which side sent it is not looked at. Nothing is copied or allocated.
    ///
    /// # Errors
    /// The packet cannot be taken apart; see [`DecodeError`].
    pub fn decode(frame: Frame<'a>, version: Version) -> Result<Decoded<Packet<'a>>, DecodeError> {
        let packet_type =
            PacketType::of(frame.first_byte).ok_or(DecodeError::Protocol("reserved packet type 0"))?;
        let mut reader = Reader::new(frame.body);
        let packet = match (packet_type, AcknowledgementType::of(packet_type)) {
            (_, Some(kind)) => {
                let packet = Acknowledgement::decode(kind, frame.first_byte, &mut reader, version)?;
                Packet::Acknowledgement(packet)
            }
            (PacketType::Publish, _) => {
                Packet::Publish(Publish::decode(frame.first_byte, &mut reader, version)?)
            }
            (rare, _) => decode_rare(rare, frame.first_byte, &mut reader, version)?,
        };
        Ok(Decoded { packet, breaches: reader.breaches })
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
            Packet::PingReq => writer::begin_packet(out, PacketType::PingReq.first_byte(), 0),
            Packet::PingResp => writer::begin_packet(out, PacketType::PingResp.first_byte(), 0),
            Packet::Disconnect(packet) => packet.encode(version, out),
            Packet::Auth(packet) => packet.encode(out),
        }
    }
}

fn decode_rare<'a>(
    packet_type: PacketType,
    first_byte: u8,
    reader: &mut Reader<'a>,
    version: Version,
) -> Result<Packet<'a>, DecodeError> {
    if packet_type == PacketType::Connect {
        return Ok(Packet::Connect(Connect::decode(first_byte, reader)?));
    }
    packet_type.check_flags(first_byte, version, &mut reader.breaches);
    Ok(match packet_type {
        PacketType::ConnAck => Packet::ConnAck(ConnAck::decode(reader, version)?),
        PacketType::Subscribe => Packet::Subscribe(Subscribe::decode(reader, version)?),
        PacketType::SubAck => Packet::SubAck(SubAck::decode(reader, version)?),
        PacketType::Unsubscribe => Packet::Unsubscribe(Unsubscribe::decode(reader, version)?),
        PacketType::UnsubAck => Packet::UnsubAck(UnsubAck::decode(reader, version)?),
        PacketType::Disconnect => Packet::Disconnect(Disconnect::decode(reader, version)?),
        PacketType::Auth => Packet::Auth(Auth::decode(reader, version)?),
        _ => {
            reader.expect_end();
            if packet_type == PacketType::PingResp { Packet::PingResp } else { Packet::PingReq }
        }
    })
}

/// Appends a PINGREQ packet.
pub fn encode_ping_request(out: &mut Vec<u8>) {
    out.extend_from_slice(&[PacketType::PingReq.first_byte(), 0]);
}
