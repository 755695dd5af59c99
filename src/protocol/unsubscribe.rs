//! UNSUBSCRIBE.

use super::reader::Reader;
use super::{DecodeError, EncodeError, PacketId, PacketType, PropertyView, Version, property_rules, writer};

/// The filters of a received UNSUBSCRIBE in their order: an iterator over bytes already checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnsubscribeFilters<'a> {
    reader: Reader<'a>,
}

impl<'a> Iterator for UnsubscribeFilters<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        self.reader.binary().ok()
    }
}

/// A received request to end subscriptions. (To send one: [`encode_unsubscribe`].)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsubscribe<'a> {
    /// Identifier of the request.
    pub packet_id: PacketId,
    /// Properties; not encoded before version 5.
    pub properties: PropertyView<'a>,
    /// At least one.
    pub filters: UnsubscribeFilters<'a>,
}

impl<'a> Unsubscribe<'a> {
    /// Appends the whole packet.
    ///
    /// # Errors
    /// A packet larger than the protocol allows.
    pub fn encode(&self, version: Version, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        encode_filters(version, self.packet_id, self.properties, self.filters, out)
    }

    pub(super) fn decode(reader: &mut Reader<'a>, version: Version) -> Result<Unsubscribe<'a>, DecodeError> {
        let packet_id = reader.packet_id()?;
        let properties = property_rules::UNSUBSCRIBE.read(reader, version)?;
        check_filters(*reader)?;
        let filters = UnsubscribeFilters { reader: Reader::new(reader.rest()) };
        Ok(Unsubscribe { packet_id, properties, filters })
    }
}

fn check_filters(mut reader: Reader<'_>) -> Result<(), DecodeError> {
    if reader.is_empty() {
        return Err(DecodeError::Protocol("UNSUBSCRIBE without filters"));
    }
    while !reader.is_empty() {
        reader.filter()?;
    }
    Ok(())
}

/// Appends a whole UNSUBSCRIBE packet. Before version 5 the properties are left out.
///
/// # Errors
/// A filter over 65535 bytes, a packet larger than the protocol allows.
pub fn encode_unsubscribe(
    version: Version,
    packet_id: PacketId,
    properties: PropertyView<'_>,
    filters: &[&[u8]],
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    encode_filters(version, packet_id, properties, filters.iter().copied(), out)
}

fn encode_filters<'a>(
    version: Version,
    packet_id: PacketId,
    properties: PropertyView<'_>,
    filters: impl Iterator<Item = &'a [u8]> + Clone,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let mut remaining = 2 + properties.field_length(version);
    for filter in filters.clone() {
        remaining += writer::binary_length(filter)?;
    }
    writer::begin_packet(out, PacketType::Unsubscribe.first_byte(), remaining)?;
    writer::put_two_byte_integer(out, packet_id.get());
    properties.put(version, out);
    for filter in filters {
        writer::put_binary(out, filter);
    }
    Ok(())
}
