//! Which properties each packet may contain, which of them more than once, and with which values.

use super::property::packets;
use super::property_list::check_properties;
use super::reader::Reader;
use super::{
    Breach, Breaches, DecodeError, Property, PropertyId, PropertyValue, PropertyView, ReasonCode, Version,
};

/// The properties of one kind of packet, as sets of identifiers: bit n is the property with number n.
#[derive(Clone, Copy, Debug)]
pub(super) struct PropertyRules {
    allowed: u64,
    repeatable: u64,
}

pub(super) const CONNECT: PropertyRules = rules(packets::CONNECT, 0);
pub(super) const WILL: PropertyRules = rules(packets::WILL, 0);
pub(super) const CONNACK: PropertyRules = rules(packets::CONNACK, 0);
pub(super) const PUBLISH: PropertyRules =
    rules(packets::PUBLISH, 1 << PropertyId::SubscriptionIdentifier as u8);
pub(super) const ACKNOWLEDGEMENT: PropertyRules = rules(packets::ACKNOWLEDGEMENT, 0);
pub(super) const SUBSCRIBE: PropertyRules = rules(packets::SUBSCRIBE, 0);
pub(super) const UNSUBSCRIBE: PropertyRules = rules(packets::UNSUBSCRIBE, 0);
pub(super) const DISCONNECT: PropertyRules = rules(packets::DISCONNECT, 0);
pub(super) const AUTH: PropertyRules = rules(packets::AUTH, 0);

/// Every packet may contain user properties, any number of them.
const fn rules(packet: u16, repeatable: u64) -> PropertyRules {
    let repeatable = repeatable | 1 << PropertyId::UserProperty as u8;
    PropertyRules { allowed: PropertyId::set_of(packet), repeatable }
}

impl PropertyRules {
    /// Reads the property list of a version 5 packet with its length; nothing in earlier versions.
    #[inline]
    pub(super) fn read<'a>(
        self,
        reader: &mut Reader<'a>,
        version: Version,
    ) -> Result<PropertyView<'a>, DecodeError> {
        if !version.has_properties() {
            return Ok(PropertyView::empty());
        }
        if let Some((0, _)) = reader.rest().split_first() {
            reader.take(1)?;
            return Ok(PropertyView::empty());
        }
        // A copy is given away, so that this one need not lie in memory where there are no properties.
        let mut copy = *reader;
        let properties = self.read_some(&mut copy);
        *reader = copy;
        properties
    }

    /// Reads the end of a version 5 packet whose properties, or reason and properties, may be left out.
    pub(super) fn read_with_reason<'a>(
        self,
        reader: &mut Reader<'a>,
    ) -> Result<(ReasonCode, PropertyView<'a>), DecodeError> {
        if reader.is_empty() {
            return Ok((ReasonCode::SUCCESS, PropertyView::empty()));
        }
        let reason = ReasonCode(reader.byte()?);
        if reader.is_empty() {
            return Ok((reason, PropertyView::empty()));
        }
        let properties = self.read(reader, Version::V5)?;
        reader.expect_end();
        Ok((reason, properties))
    }

    #[inline(never)]
    fn read_some<'a>(self, reader: &mut Reader<'a>) -> Result<PropertyView<'a>, DecodeError> {
        let encoded = reader.counted()?;
        self.check(encoded, &mut reader.breaches)
    }

    /// Checks the form of an encoded list, and notes what should not be in it.
    pub(super) fn check<'a>(
        self,
        encoded: &'a [u8],
        breaches: &mut Breaches,
    ) -> Result<PropertyView<'a>, DecodeError> {
        let mut seen = 0;
        check_properties(encoded, |property| {
            let bit = 1_u64 << property.id.number();
            if self.allowed & bit == 0 {
                breaches.add(Breach::PropertyMisplaced);
            }
            if seen & bit & !self.repeatable != 0 {
                breaches.add(Breach::PropertyRepeated);
            }
            if !property.strings_are_utf8() {
                breaches.add(Breach::PropertyNotUtf8);
            }
            if !property.is_in_range() {
                breaches.add(Breach::PropertyOutOfRange);
            }
            seen |= bit;
        })
    }
}

impl Property<'_> {
    /// Whether the standard allows the value, and its strings are UTF-8.
    pub fn is_valid(&self) -> bool {
        self.is_in_range() && self.strings_are_utf8()
    }

    /// All properties of one byte are switches; 0 makes no sense for some of the numbers.
    fn is_in_range(&self) -> bool {
        match (self.id, self.value) {
            (_, PropertyValue::Byte(value)) => value <= 1,
            (PropertyId::ReceiveMaximum | PropertyId::TopicAlias, PropertyValue::TwoByteInteger(value)) => {
                value != 0
            }
            (PropertyId::MaximumPacketSize, PropertyValue::FourByteInteger(value)) => value != 0,
            (PropertyId::SubscriptionIdentifier, PropertyValue::VariableByteInteger(value)) => value != 0,
            _ => true,
        }
    }
}
