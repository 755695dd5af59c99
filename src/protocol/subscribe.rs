//! SUBSCRIBE and UNSUBSCRIBE.

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

/// A received request for subscriptions. (To send one: [`encode_request`].)
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
        encode_request(version, self.packet_id, self.properties, &self.filters.collect::<Vec<_>>(), out)
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

/// A received request to end subscriptions. (To send one: [`encode_request`].)
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
        encode_request(version, self.packet_id, self.properties, &self.filters.collect::<Vec<_>>(), out)
    }

    pub(super) fn decode(reader: &mut Reader<'a>, version: Version) -> Result<Unsubscribe<'a>, DecodeError> {
        let packet_id = reader.packet_id()?;
        let properties = property_rules::UNSUBSCRIBE.read(reader, version)?;
        check_texts(*reader)?;
        let filters = UnsubscribeFilters { reader: Reader::new(reader.rest()) };
        Ok(Unsubscribe { packet_id, properties, filters })
    }
}

fn check_texts(mut reader: Reader<'_>) -> Result<(), DecodeError> {
    if reader.is_empty() {
        return Err(DecodeError::Protocol("UNSUBSCRIBE without filters"));
    }
    while !reader.is_empty() {
        reader.filter()?;
    }
    Ok(())
}

/// What a request has for each topic filter: SUBSCRIBE a [`Filter`], UNSUBSCRIBE the text alone.
pub trait TopicFilter<'a>: Copy {
    /// The request.
    const PACKET_TYPE: PacketType;

    /// The topic filter itself.
    fn text(self) -> &'a [u8];

    /// How it is subscribed to; `None` in UNSUBSCRIBE.
    fn options(self) -> Option<SubscribeOptions>;
}

impl<'a> TopicFilter<'a> for Filter<'a> {
    const PACKET_TYPE: PacketType = PacketType::Subscribe;

    fn text(self) -> &'a [u8] {
        self.filter
    }

    fn options(self) -> Option<SubscribeOptions> {
        Some(self.options)
    }
}

impl<'a> TopicFilter<'a> for &'a [u8] {
    const PACKET_TYPE: PacketType = PacketType::Unsubscribe;

    fn text(self) -> &'a [u8] {
        self
    }

    fn options(self) -> Option<SubscribeOptions> {
        None
    }
}

/// Appends a whole SUBSCRIBE or UNSUBSCRIBE packet. Before version 5 the properties and all options but the QoS are left
/// out.
///
/// # Errors
/// A filter over 65535 bytes, a retain handling above 2, a packet larger than the protocol allows.
pub fn encode_request<'a, F: TopicFilter<'a>>(
    version: Version,
    packet_id: PacketId,
    properties: PropertyView<'_>,
    filters: &[F],
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let mut remaining = 2 + properties.field_length(version);
    for filter in filters {
        if filter.options().is_some_and(|options| options.retain_handling > 2) {
            return Err(EncodeError::OptionOutOfRange);
        }
        remaining += writer::binary_length(filter.text())? + usize::from(filter.options().is_some());
    }
    writer::begin_packet(out, F::PACKET_TYPE.first_byte(), remaining)?;
    writer::put_two_byte_integer(out, packet_id.get());
    properties.put(version, out);
    for filter in filters {
        writer::put_binary(out, filter.text());
        out.extend(filter.options().map(|options| options.to_byte(version)));
    }
    Ok(())
}
