//! Takes the fields of a packet from its bytes, never past their end.

use super::{Breach, Breaches, DecodeError, PacketId, is_utf8, variable_byte_integer};

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
        let (value, length) = variable_byte_integer::split(self.rest)?.ok_or(TRUNCATED)?;
        self.take(length)?;
        Ok(value)
    }

    /// A field after its length, a variable byte integer.
    pub(super) fn counted(&mut self) -> Result<&'a [u8], DecodeError> {
        let length = self.variable_byte_integer()?;
        self.take(usize::try_from(length).map_err(|_| TRUNCATED)?)
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
}
