//! SUBACK and UNSUBACK.

use super::reader::Reader;
use super::{DecodeError, EncodeError, PacketId, PacketType, PropertyView, Version, property_rules, writer};

/// The server's answer to SUBSCRIBE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubAck<'a> {
    /// The identifier of the SUBSCRIBE.
    pub packet_id: PacketId,
    /// Properties; not encoded before version 5.
    pub properties: PropertyView<'a>,
    /// One for each filter, in their order: the granted QoS, or 0x80 and above for a refusal. Some servers send fewer,
    /// or more.
    pub codes: &'a [u8],
}

impl<'a> SubAck<'a> {
    /// Appends the whole packet.
    ///
    /// # Errors
    /// A packet larger than the protocol allows.
    pub fn encode(&self, version: Version, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        encode_codes(PacketType::SubAck, self.packet_id, self.properties, self.codes, version, out)
    }

    pub(super) fn decode(reader: &mut Reader<'a>, version: Version) -> Result<SubAck<'a>, DecodeError> {
        let packet_id = reader.packet_id()?;
        let properties = properties(reader, version)?;
        Ok(SubAck { packet_id, properties, codes: reader.rest() })
    }
}

/// The server's answer to UNSUBSCRIBE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnsubAck<'a> {
    /// The identifier of the UNSUBSCRIBE.
    pub packet_id: PacketId,
    /// Properties; not encoded before version 5.
    pub properties: PropertyView<'a>,
    /// Version 5: one reason code for each filter, in their order; some servers send fewer, or more. Before: empty.
    pub codes: &'a [u8],
}

impl<'a> UnsubAck<'a> {
    /// Appends the whole packet.
    ///
    /// # Errors
    /// A packet larger than the protocol allows.
    pub fn encode(&self, version: Version, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let codes = if version.has_properties() { self.codes } else { &[] };
        encode_codes(PacketType::UnsubAck, self.packet_id, self.properties, codes, version, out)
    }

    /// Before version 5, bytes after the identifier are ignored.
    pub(super) fn decode(reader: &mut Reader<'a>, version: Version) -> Result<UnsubAck<'a>, DecodeError> {
        let packet_id = reader.packet_id()?;
        if !version.has_properties() {
            return Ok(UnsubAck { packet_id, properties: PropertyView::empty(), codes: &[] });
        }
        let properties = properties(reader, version)?;
        Ok(UnsubAck { packet_id, properties, codes: reader.rest() })
    }
}

/// A packet that ends after its identifier has none.
fn properties<'a>(reader: &mut Reader<'a>, version: Version) -> Result<PropertyView<'a>, DecodeError> {
    if reader.is_empty() {
        return Ok(PropertyView::empty());
    }
    property_rules::ACKNOWLEDGEMENT.read(reader, version)
}

fn encode_codes(
    packet_type: PacketType,
    packet_id: PacketId,
    properties: PropertyView<'_>,
    codes: &[u8],
    version: Version,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let remaining = 2 + properties.field_length(version) + codes.len();
    writer::begin_packet(out, packet_type.first_byte(), remaining)?;
    writer::put_two_byte_integer(out, packet_id.get());
    properties.put(version, out);
    out.extend_from_slice(codes);
    Ok(())
}
