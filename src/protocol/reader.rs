//! Takes the fields of a packet from its bytes, never past their end.

use super::property_rules::PropertyRules;
use super::{Breach, Breaches, DecodeError, PacketId, PropertyView, ReasonCode, Version, is_utf8};

const TRUNCATED: DecodeError = DecodeError::Malformed("field reaches beyond the end of the packet");

/// The part of a packet's body not read yet, and the breaches found in what was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    pub(super) breaches: Breaches,
}

impl<'a> Reader<'a> {
    #[inline]
    pub(super) fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { rest: bytes, breaches: Breaches::NONE }
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What was not read yet.
    #[inline]
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Everything should have been read.
    pub(super) fn expect_end(&mut self) {
        if !self.is_empty() {
            self.breaches.add(Breach::BytesLeft);
        }
    }

    #[inline]
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(TRUNCATED)?;
        self.rest = rest;
        Ok(taken)
    }

    #[inline]
    fn take_array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or(TRUNCATED)?;
        self.rest = rest;
        Ok(*taken)
    }

    #[inline]
    pub(super) fn byte(&mut self) -> Result<u8, DecodeError> {
        self.take_array().map(|[byte]| byte)
    }

    #[inline]
    pub(super) fn two_byte_integer(&mut self) -> Result<u16, DecodeError> {
        self.take_array().map(u16::from_be_bytes)
    }

    #[inline]
    pub(super) fn four_byte_integer(&mut self) -> Result<u32, DecodeError> {
        self.take_array().map(u32::from_be_bytes)
    }

    pub(super) fn variable_byte_integer(&mut self) -> Result<u32, DecodeError> {
        let (value, length) = split_variable_byte_integer(self.rest)?.ok_or(TRUNCATED)?;
        self.take(length)?;
        Ok(value)
    }

    /// A field with its own two-byte length. Also strings whose UTF-8 is checked elsewhere.
    #[inline]
    pub(super) fn binary(&mut self) -> Result<&'a [u8], DecodeError> {
        let length = self.two_byte_integer()?;
        self.take(usize::from(length))
    }

    pub(super) fn utf8_string(&mut self) -> Result<&'a [u8], DecodeError> {
        let string = self.binary()?;
        if is_utf8(string) { Ok(string) } else { Err(DecodeError::Malformed("string is not UTF-8")) }
    }

    /// A topic filter: a string that is not empty.
    pub(super) fn filter(&mut self) -> Result<&'a [u8], DecodeError> {
        let filter = self.utf8_string()?;
        if filter.is_empty() { Err(DecodeError::Protocol("empty topic filter")) } else { Ok(filter) }
    }

    #[inline]
    pub(super) fn packet_id(&mut self) -> Result<PacketId, DecodeError> {
        let number = self.two_byte_integer()?;
        if number == 0 {
            self.breaches.add(Breach::PacketIdZero);
        }
        Ok(PacketId::received(number))
    }

    /// The property list of a version 5 packet with its length; nothing is read in earlier versions.
    #[inline]
    pub(super) fn properties(
        &mut self,
        version: Version,
        rules: PropertyRules,
    ) -> Result<PropertyView<'a>, DecodeError> {
        if !version.has_properties() {
            return Ok(PropertyView::empty());
        }
        match self.rest.split_first() {
            Some((0, rest)) => {
                self.rest = rest;
                Ok(PropertyView::empty())
            }
            _ => {
                // A copy is given away, so that this one need not lie in memory where there are no properties.
                let mut reader = *self;
                let properties = reader.some_properties(rules);
                *self = reader;
                properties
            }
        }
    }

    /// The same of a packet that this side has encoded: any properties, well formed.
    pub(super) fn any_properties(&mut self, version: Version) -> Result<PropertyView<'a>, DecodeError> {
        if !version.has_properties() {
            return Ok(PropertyView::empty());
        }
        let length = self.variable_byte_integer()?;
        PropertyView::parse(self.take(usize::try_from(length).map_err(|_| TRUNCATED)?)?)
    }

    /// The end of a version 5 packet whose properties, or reason and properties, may be left out.
    pub(super) fn reason_and_properties(
        &mut self,
        rules: PropertyRules,
    ) -> Result<(ReasonCode, PropertyView<'a>), DecodeError> {
        if self.is_empty() {
            return Ok((ReasonCode::SUCCESS, PropertyView::empty()));
        }
        let reason = ReasonCode(self.byte()?);
        if self.is_empty() {
            return Ok((reason, PropertyView::empty()));
        }
        let properties = self.properties(Version::V5, rules)?;
        self.expect_end();
        Ok((reason, properties))
    }

    #[inline(never)]
    fn some_properties(&mut self, rules: PropertyRules) -> Result<PropertyView<'a>, DecodeError> {
        let length = self.variable_byte_integer()?;
        let encoded = self.take(usize::try_from(length).map_err(|_| TRUNCATED)?)?;
        rules.check(encoded, &mut self.breaches)
    }
}

/// The variable byte integer at the start of `bytes` and the number of bytes it takes, which need not be the
/// fewest possible. `None`: `bytes` end before it does. Err: it has a fifth byte.
pub(super) fn split_variable_byte_integer(bytes: &[u8]) -> Result<Option<(u32, usize)>, DecodeError> {
    let mut value = 0;
    for (index, &byte) in bytes.iter().take(4).enumerate() {
        value |= u32::from(byte & 0x7F) << (7 * index);
        if byte & 0x80 == 0 {
            return Ok(Some((value, index + 1)));
        }
    }
    if bytes.len() < 4 { Ok(None) } else { Err(DecodeError::Malformed("length of more than four bytes")) }
}
