//! Lists of properties in their encoded form (without the leading length): one block of memory.

use super::reader::Reader;
use super::{DecodeError, EncodeError, Property, PropertyId, PropertyValue, Version, variable_byte_integer};

/// A borrowed list of properties that can be taken apart: known identifiers, whole values.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct PropertyView<'a> {
    encoded: &'a [u8],
}

impl<'a> PropertyView<'a> {
    /// The list without properties.
    #[inline]
    pub fn empty() -> PropertyView<'a> {
        PropertyView { encoded: &[] }
    }

    /// Checks bytes: known identifiers and lengths. Not: UTF-8 of strings, ranges, repeats, nor in which packet they are.
    ///
    /// # Errors
    /// [`DecodeError::Malformed`] if one of these does not hold.
    pub fn parse(bytes: &'a [u8]) -> Result<PropertyView<'a>, DecodeError> {
        check_properties(bytes, |_| ())
    }

    /// Reads the list, with its length, of a packet that this side has encoded: any properties, well formed.
    pub(super) fn read_unjudged(
        reader: &mut Reader<'a>,
        version: Version,
    ) -> Result<PropertyView<'a>, DecodeError> {
        if version.has_properties() {
            PropertyView::parse(reader.counted()?)
        } else {
            Ok(PropertyView::empty())
        }
    }

    /// Bytes of the list with its length; 0 before version 5.
    #[inline]
    pub(super) fn field_length(self, version: Version) -> usize {
        if !version.has_properties() {
            return 0;
        }
        let length = self.encoded.len();
        variable_byte_integer::length(length) + length
    }

    /// Writes the list after its length; nothing before version 5. The length of the whole packet has been
    /// checked, so that of the list fits its field.
    #[inline]
    pub(super) fn put(self, version: Version, out: &mut Vec<u8>) {
        if version.has_properties() {
            if self.is_empty() {
                out.push(0);
            } else {
                variable_byte_integer::put(out, self.encoded.len() as u32);
                out.extend_from_slice(self.encoded);
            }
        }
    }

    /// Whether the list is empty.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.encoded.is_empty()
    }

    /// The encoded list, without the leading length.
    #[inline]
    pub fn encoded(&self) -> &'a [u8] {
        self.encoded
    }

    /// The properties in their order.
    #[inline]
    pub fn iter(&self) -> PropertyIterator<'a> {
        PropertyIterator { reader: Reader::new(self.encoded) }
    }

    /// The first property with this identifier.
    pub fn first(&self, id: PropertyId) -> Option<PropertyValue<'a>> {
        self.iter().find(|property| property.id == id).map(|property| property.value)
    }

    /// The first value of a property of type [`TwoByteInteger`](super::PropertyType::TwoByteInteger).
    pub fn two_byte(&self, id: PropertyId) -> Option<u16> {
        match self.first(id)? {
            PropertyValue::TwoByteInteger(value) => Some(value),
            _ => None,
        }
    }

    /// The first value of a property of type [`FourByteInteger`](super::PropertyType::FourByteInteger).
    pub fn four_byte(&self, id: PropertyId) -> Option<u32> {
        match self.first(id)? {
            PropertyValue::FourByteInteger(value) => Some(value),
            _ => None,
        }
    }

    /// A copy of the list in memory of its own.
    pub fn to_owned(&self) -> Properties {
        Properties { encoded: self.encoded.to_vec() }
    }
}

impl<'a> IntoIterator for PropertyView<'a> {
    type Item = Property<'a>;
    type IntoIter = PropertyIterator<'a>;

    fn into_iter(self) -> PropertyIterator<'a> {
        self.iter()
    }
}

/// The properties of a list in their order.
#[derive(Clone, Debug)]
pub struct PropertyIterator<'a> {
    reader: Reader<'a>,
}

impl<'a> Iterator for PropertyIterator<'a> {
    type Item = Property<'a>;

    fn next(&mut self) -> Option<Property<'a>> {
        if self.reader.is_empty() {
            return None;
        }
        Property::read(&mut self.reader).ok()
    }
}

/// Goes through an encoded list once, checking each property's form and showing it to `further`.
pub(super) fn check_properties(
    encoded: &[u8],
    mut further: impl FnMut(&Property<'_>),
) -> Result<PropertyView<'_>, DecodeError> {
    let mut reader = Reader::new(encoded);
    while !reader.is_empty() {
        further(&Property::read(&mut reader)?);
    }
    Ok(PropertyView { encoded })
}

/// A list of properties with memory of its own.
#[derive(Clone, Default, Debug, PartialEq, Eq)]
pub struct Properties {
    encoded: Vec<u8>,
}

impl Properties {
    /// A list without properties. Takes no memory yet.
    pub fn new() -> Properties {
        Properties::default()
    }

    /// Appends a property.
    ///
    /// # Errors
    /// A value of another type than the identifier's or out of the type's range; a string too long or not
    /// UTF-8. The list is then left as it was.
    pub fn push(&mut self, property: &Property<'_>) -> Result<(), EncodeError> {
        property.write(&mut self.encoded)
    }

    /// The list, borrowed.
    #[inline]
    pub fn view(&self) -> PropertyView<'_> {
        PropertyView { encoded: &self.encoded }
    }

    /// Whether the list is empty.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.encoded.is_empty()
    }
}
