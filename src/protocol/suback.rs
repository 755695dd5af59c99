//! SUBACK and UNSUBACK.

use super::reader::Reader;
use super::{DecodeError, EncodeError, PacketId, PacketType, PropertyView, Version, property_rules, writer};

/// The server's answer to SUBSCRIBE, or to UNSUBSCRIBE if `ENDS` is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer<'a, const ENDS: bool> {
    /// The identifier of the request.
    pub packet_id: PacketId,
    /// Properties; not encoded before version 5.
    pub properties: PropertyView<'a>,
    /// One for each filter, in their order; some servers send fewer, or more. In SUBACK the granted QoS, or 0x80 and
    /// above for a refusal; in UNSUBACK a reason code, and nothing before version 5.
    pub codes: &'a [u8],
}

/// The server's answer to SUBSCRIBE.
pub type SubAck<'a> = Answer<'a, false>;
/// The server's answer to UNSUBSCRIBE.
pub type UnsubAck<'a> = Answer<'a, true>;

impl<'a, const ENDS: bool> Answer<'a, ENDS> {
    /// The request that it answers.
    pub const REQUEST: PacketType = if ENDS { PacketType::Unsubscribe } else { PacketType::Subscribe };
    /// What it is itself.
    pub const PACKET_TYPE: PacketType = if ENDS { PacketType::UnsubAck } else { PacketType::SubAck };

    /// Appends the whole packet.
    ///
    /// # Errors
    /// A packet larger than the protocol allows.
    pub fn encode(&self, version: Version, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let codes = if ENDS && !version.has_properties() { &[] } else { self.codes };
        let remaining = 2 + self.properties.field_length(version) + codes.len();
        writer::begin_packet(out, Self::PACKET_TYPE.first_byte(), remaining)?;
        writer::put_two_byte_integer(out, self.packet_id.get());
        self.properties.put(version, out);
        out.extend_from_slice(codes);
        Ok(())
    }

    /// A packet that ends after its identifier has no properties. Of UNSUBACK before version 5, what follows is ignored.
    pub(super) fn decode(reader: &mut Reader<'a>, version: Version) -> Result<Self, DecodeError> {
        let packet_id = reader.packet_id()?;
        if reader.is_empty() || ENDS && !version.has_properties() {
            return Ok(Answer { packet_id, properties: PropertyView::empty(), codes: &[] });
        }
        let properties = property_rules::ACKNOWLEDGEMENT.read(reader, version)?;
        Ok(Answer { packet_id, properties, codes: reader.rest() })
    }
}
