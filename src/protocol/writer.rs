//! Puts the fields of a packet behind each other. The lengths are computed and checked before the first byte
//! is written, so that an error leaves the output as it was.

use super::{EncodeError, MAXIMUM_REMAINING_LENGTH, PropertyView, Version};

/// Most bytes of a fixed header: the first byte and four of remaining length.
pub(super) const MAXIMUM_HEADER: usize = 5;

/// Writes the fixed header. The body must follow.
#[inline]
pub(super) fn put_header(out: &mut Vec<u8>, first_byte: u8, remaining: usize) -> Result<(), EncodeError> {
    let remaining = check_remaining_length(remaining)?;
    if remaining < 0x80 {
        out.extend_from_slice(&[first_byte, remaining as u8]);
    } else {
        out.push(first_byte);
        put_variable_byte_integer(out, remaining);
    }
    Ok(())
}

/// Makes room for a whole packet and writes its fixed header. The body must follow.
pub(super) fn begin_packet(out: &mut Vec<u8>, first_byte: u8, remaining: usize) -> Result<(), EncodeError> {
    check_remaining_length(remaining)?;
    out.reserve(MAXIMUM_HEADER + remaining);
    put_header(out, first_byte, remaining)
}

/// Err if no packet may be that long.
#[inline]
pub(super) fn check_remaining_length(remaining: usize) -> Result<u32, EncodeError> {
    match u32::try_from(remaining) {
        Ok(remaining) if remaining <= MAXIMUM_REMAINING_LENGTH => Ok(remaining),
        _ => Err(EncodeError::PacketTooLarge),
    }
}

/// Bytes of a variable byte integer.
#[inline]
pub(super) fn variable_byte_integer_length(value: usize) -> usize {
    match value {
        0..=0x7F => 1,
        0x80..=0x3FFF => 2,
        0x4000..=0x1F_FFFF => 3,
        _ => 4,
    }
}

/// Writes a value of at most [`MAXIMUM_REMAINING_LENGTH`].
pub(super) fn put_variable_byte_integer(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Bytes of a field with its two-byte length.
#[inline]
pub(super) fn binary_length(bytes: &[u8]) -> Result<usize, EncodeError> {
    if bytes.len() <= usize::from(u16::MAX) { Ok(2 + bytes.len()) } else { Err(EncodeError::StringTooLong) }
}

/// Writes a field of at most 65535 bytes (see [`binary_length`]) behind its length.
#[inline]
pub(super) fn put_binary(out: &mut Vec<u8>, bytes: &[u8]) {
    put_two_byte_integer(out, bytes.len() as u16);
    out.extend_from_slice(bytes);
}

#[inline]
pub(super) fn put_two_byte_integer(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_be_bytes());
}

/// Bytes of a property list with its length; 0 before version 5.
#[inline]
pub(super) fn properties_length(version: Version, properties: PropertyView<'_>) -> usize {
    if !version.has_properties() {
        return 0;
    }
    let length = properties.encoded().len();
    variable_byte_integer_length(length) + length
}

/// Writes a property list behind its length; nothing before version 5. The length of the whole packet has
/// been checked, so the list's fits its field.
#[inline]
pub(super) fn put_properties(out: &mut Vec<u8>, version: Version, properties: PropertyView<'_>) {
    if version.has_properties() {
        if properties.is_empty() {
            out.push(0);
        } else {
            put_variable_byte_integer(out, properties.encoded().len() as u32);
            out.extend_from_slice(properties.encoded());
        }
    }
}
