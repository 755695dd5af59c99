//! Writes the fields of a packet one after the other. The lengths are computed and checked before the first
//! byte is written, so that an error leaves the output as it was.

use super::{EncodeError, MAXIMUM_REMAINING_LENGTH, variable_byte_integer};

/// Most bytes of a fixed header: the first byte and four of remaining length.
pub(super) const MAXIMUM_HEADER: usize = 5;

/// Writes the fixed header. The body must follow.
#[inline(always)]
pub(super) fn put_header(out: &mut Vec<u8>, first_byte: u8, remaining: usize) -> Result<(), EncodeError> {
    let remaining = check_remaining_length(remaining)?;
    if remaining < 0x80 {
        out.extend_from_slice(&[first_byte, remaining as u8]);
    } else if remaining < 0x4000 {
        out.extend_from_slice(&[first_byte, remaining as u8 | 0x80, (remaining >> 7) as u8]);
    } else {
        out.push(first_byte);
        variable_byte_integer::put(out, remaining);
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

/// Bytes of a field with its two-byte length.
#[inline]
pub(super) fn binary_length(bytes: &[u8]) -> Result<usize, EncodeError> {
    if bytes.len() <= usize::from(u16::MAX) { Ok(2 + bytes.len()) } else { Err(EncodeError::StringTooLong) }
}

/// Writes a field of at most 65535 bytes (see [`binary_length`]) after its length.
#[inline]
pub(super) fn put_binary(out: &mut Vec<u8>, bytes: &[u8]) {
    put_two_byte_integer(out, bytes.len() as u16);
    out.extend_from_slice(bytes);
}

#[inline]
pub(super) fn put_two_byte_integer(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_be_bytes());
}
