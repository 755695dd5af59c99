//! PUBACK, PUBREC, PUBREL and PUBCOMP: one form, four meanings.

use super::reader::Reader;
use super::{
    DecodeError, Decoded, EncodeError, Frame, PacketId, PacketType, PropertyView, ReasonCode, Version,
    property_rules, writer,
};

/// Which of the four.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcknowledgementType {
    /// QoS 1 message received.
    PubAck,
    /// QoS 2 message received.
    PubRec,
    /// QoS 2 message released.
    PubRel,
    /// QoS 2 message complete.
    PubComp,
}

impl AcknowledgementType {
    /// Which one packets of that type are.
    #[inline]
    pub fn of(packet_type: PacketType) -> Option<AcknowledgementType> {
        match packet_type {
            PacketType::PubAck => Some(AcknowledgementType::PubAck),
            PacketType::PubRec => Some(AcknowledgementType::PubRec),
            PacketType::PubRel => Some(AcknowledgementType::PubRel),
            PacketType::PubComp => Some(AcknowledgementType::PubComp),
            _ => None,
        }
    }

    /// The type of the packet.
    #[inline]
    pub fn packet_type(self) -> PacketType {
        match self {
            AcknowledgementType::PubAck => PacketType::PubAck,
            AcknowledgementType::PubRec => PacketType::PubRec,
            AcknowledgementType::PubRel => PacketType::PubRel,
            AcknowledgementType::PubComp => PacketType::PubComp,
        }
    }
}

/// A step in the delivery of a QoS 1 or 2 message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acknowledgement<'a> {
    /// Which packet it is.
    pub kind: AcknowledgementType,
    /// The message's identifier.
    pub packet_id: PacketId,
    /// The outcome; success where the packet says none, as always before version 5.
    pub reason: ReasonCode,
    /// Properties; not encoded before version 5.
    pub properties: PropertyView<'a>,
}

impl<'a> Acknowledgement<'a> {
    /// The acknowledgement that says only: success.
    #[inline]
    pub fn success(kind: AcknowledgementType, packet_id: PacketId) -> Acknowledgement<'static> {
        Acknowledgement { kind, packet_id, reason: ReasonCode::SUCCESS, properties: PropertyView::empty() }
    }

    /// Appends the whole packet, in its shortest form: the identifier alone unless there is a reason or a
    /// property to send.
    ///
    /// # Errors
    /// A packet larger than the protocol allows.
    #[inline]
    pub fn encode(&self, version: Version, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let brief = self.reason == ReasonCode::SUCCESS && self.properties.is_empty();
        if brief || !version.has_properties() {
            let [high, low] = self.packet_id.get().to_be_bytes();
            out.extend_from_slice(&[self.kind.packet_type().first_byte(), 2, high, low]);
            return Ok(());
        }
        self.encode_reason(version, out)
    }

    fn encode_reason(&self, version: Version, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let properties = if self.properties.is_empty() { 0 } else { self.properties.field_length(version) };
        writer::begin_packet(out, self.kind.packet_type().first_byte(), 3 + properties)?;
        writer::put_two_byte_integer(out, self.packet_id.get());
        out.push(self.reason.0);
        if properties != 0 {
            self.properties.put(version, out);
        }
        Ok(())
    }

    /// Takes apart one of this type, as [`Packet::decode`](super::Packet::decode) does any packet.
    ///
    /// # Errors
    /// As there.
    #[inline]
    pub fn of_frame(
        kind: AcknowledgementType,
        frame: Frame<'a>,
        version: Version,
    ) -> Result<Decoded<Acknowledgement<'a>>, DecodeError> {
        let mut reader = Reader::new(frame.body);
        let packet = Acknowledgement::decode(kind, frame.first_byte, &mut reader, version)?;
        Ok(Decoded { packet, breaches: reader.breaches })
    }

    /// Before version 5, bytes after the identifier are ignored.
    #[inline]
    pub(super) fn decode(
        kind: AcknowledgementType,
        first_byte: u8,
        reader: &mut Reader<'a>,
        version: Version,
    ) -> Result<Acknowledgement<'a>, DecodeError> {
        kind.packet_type().check_flags(first_byte, version, &mut reader.breaches);
        let packet_id = reader.packet_id()?;
        let (reason, properties) = if reader.is_empty() || !version.has_properties() {
            (ReasonCode::SUCCESS, PropertyView::empty())
        } else {
            property_rules::ACKNOWLEDGEMENT.read_with_reason(reader)?
        };
        Ok(Acknowledgement { kind, packet_id, reason, properties })
    }
}
