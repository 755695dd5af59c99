//! SUBSCRIBE.

use super::reader::Reader;
use super::{
    DecodeError, EncodeError, PacketId, PacketType, PropertyView, QoS, Version, property_rules, writer,
};

const NO_LOCAL: u8 = 0b0000_0100;
const RETAIN_AS_PUBLISHED: u8 = 0b0000_1000;
const RETAIN_HANDLING_SHIFT: u8 = 4;
const RESERVED_OPTIONS: u8 = 0b1100_0000;
/// Before version 5 only the QoS is there.
const RESERVED_OPTIONS_V3: u8 = 0b1111_1100;

/// What is asked of one subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubscribeOptions {
    /// Messages are delivered at the lower of this and their own QoS.
    pub maximum_qos: QoS,
    /// Version 5: do not send back what this client published.
    pub no_local: bool,
    /// Version 5: deliver with the retain flag the publisher gave.
    pub retain_as_published: bool,
    /// Version 5: kept messages are sent 0 at every subscribe, 1 at a new subscription only, 2 not at all.
    pub retain_handling: u8,
}

impl SubscribeOptions {
    /// The options of MQTT 3: nothing but the maximum QoS.
    pub fn new(maximum_qos: QoS) -> SubscribeOptions {
        SubscribeOptions { maximum_qos, no_local: false, retain_as_published: false, retain_handling: 0 }
    }

    fn to_byte(self, version: Version) -> u8 {
        if !version.has_properties() {
            return self.maximum_qos.bits();
        }
        let no_local = if self.no_local { NO_LOCAL } else { 0 };
        let retain_as_published = if self.retain_as_published { RETAIN_AS_PUBLISHED } else { 0 };
        self.maximum_qos.bits()
            | no_local
            | retain_as_published
            | self.retain_handling << RETAIN_HANDLING_SHIFT
    }

    fn from_byte(byte: u8) -> Result<SubscribeOptions, DecodeError> {
        let Some(maximum_qos) = QoS::from_bits(byte & 0b11) else {
            return Err(DecodeError::Malformed("subscription of QoS 3"));
        };
        let retain_handling = byte >> RETAIN_HANDLING_SHIFT & 0b11;
        if retain_handling > 2 {
            return Err(DecodeError::Protocol("retain handling 3"));
        }
        Ok(SubscribeOptions {
            maximum_qos,
            no_local: byte & NO_LOCAL != 0,
            retain_as_published: byte & RETAIN_AS_PUBLISHED != 0,
            retain_handling,
        })
    }
}

/// One subscription of a SUBSCRIBE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filter<'a> {
    /// The topic filter, UTF-8.
    pub filter: &'a [u8],
    /// What is asked of it.
    pub options: SubscribeOptions,
}

impl<'a> Filter<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Filter<'a>, DecodeError> {
        let filter = reader.binary()?;
        Ok(Filter { filter, options: SubscribeOptions::from_byte(reader.byte()?)? })
    }
}

/// The filters of a received SUBSCRIBE in their order: an iterator over bytes already checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filters<'a> {
    reader: Reader<'a>,
}

impl<'a> Iterator for Filters<'a> {
    type Item = Filter<'a>;

    fn next(&mut self) -> Option<Filter<'a>> {
        Filter::read(&mut self.reader).ok()
    }
}

/// A received request for subscriptions. (To send one: [`encode_subscribe`].)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subscribe<'a> {
    /// Identifier of the request.
    pub packet_id: PacketId,
    /// Properties; not encoded before version 5.
    pub properties: PropertyView<'a>,
    /// At least one.
    pub filters: Filters<'a>,
}

impl<'a> Subscribe<'a> {
    /// Appends the whole packet.
    ///
    /// # Errors
    /// A packet larger than the protocol allows.
    pub fn encode(&self, version: Version, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        encode_filters(version, self.packet_id, self.properties, self.filters, out)
    }

    pub(super) fn decode(reader: &mut Reader<'a>, version: Version) -> Result<Subscribe<'a>, DecodeError> {
        let packet_id = reader.packet_id()?;
        let properties = property_rules::SUBSCRIBE.read(reader, version)?;
        check_filters(*reader, version)?;
        let filters = Filters { reader: Reader::new(reader.rest()) };
        Ok(Subscribe { packet_id, properties, filters })
    }
}

fn check_filters(mut reader: Reader<'_>, version: Version) -> Result<(), DecodeError> {
    if reader.is_empty() {
        return Err(DecodeError::Protocol("SUBSCRIBE without filters"));
    }
    let reserved = if version.has_properties() { RESERVED_OPTIONS } else { RESERVED_OPTIONS_V3 };
    while !reader.is_empty() {
        let filter = reader.filter()?;
        let byte = reader.byte()?;
        if byte & reserved != 0 {
            return Err(DecodeError::Malformed("reserved bits of the subscription options"));
        }
        let options = SubscribeOptions::from_byte(byte)?;
        if options.no_local && filter.starts_with(b"$share/") {
            return Err(DecodeError::Protocol("no-local option on a shared subscription"));
        }
    }
    Ok(())
}

/// Appends a whole SUBSCRIBE packet. Before version 5 the properties and all options but the QoS are left
/// out.
///
/// # Errors
/// A filter over 65535 bytes, a retain handling above 2, a packet larger than the protocol allows.
pub fn encode_subscribe(
    version: Version,
    packet_id: PacketId,
    properties: PropertyView<'_>,
    filters: &[Filter<'_>],
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    encode_filters(version, packet_id, properties, filters.iter().copied(), out)
}

fn encode_filters<'a>(
    version: Version,
    packet_id: PacketId,
    properties: PropertyView<'_>,
    filters: impl Iterator<Item = Filter<'a>> + Clone,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let mut remaining = 2 + properties.field_length(version);
    for filter in filters.clone() {
        if filter.options.retain_handling > 2 {
            return Err(EncodeError::OptionOutOfRange);
        }
        remaining += writer::binary_length(filter.filter)? + 1;
    }
    writer::begin_packet(out, PacketType::Subscribe.first_byte(), remaining)?;
    writer::put_two_byte_integer(out, packet_id.get());
    properties.put(version, out);
    for filter in filters {
        writer::put_binary(out, filter.filter);
        out.push(filter.options.to_byte(version));
    }
    Ok(())
}
