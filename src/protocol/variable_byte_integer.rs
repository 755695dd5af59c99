//! Integers of one to four bytes, seven bits in each: remaining lengths, and some properties.

use super::DecodeError;

/// The largest remaining length four bytes can say.
pub const MAXIMUM_REMAINING_LENGTH: u32 = 268_435_455;

/// The variable byte integer at the start of `bytes` and the number of bytes it takes, which need not be the
/// fewest possible. `None`: `bytes` end before it does.
///
/// # Errors
/// It has a fifth byte.
pub fn split(bytes: &[u8]) -> Result<Option<(u32, usize)>, DecodeError> {
    let mut value = 0;
    for (index, &byte) in bytes.iter().take(4).enumerate() {
        value |= u32::from(byte & 0x7F) << (7 * index);
        if byte & 0x80 == 0 {
            return Ok(Some((value, index + 1)));
        }
    }
    if bytes.len() < 4 { Ok(None) } else { Err(DecodeError::Malformed("length of more than four bytes")) }
}

/// Bytes of a variable byte integer.
#[inline]
pub fn length(value: usize) -> usize {
    match value {
        0..=0x7F => 1,
        0x80..=0x3FFF => 2,
        0x4000..=0x1F_FFFF => 3,
        _ => 4,
    }
}

/// Writes a value of at most [`MAXIMUM_REMAINING_LENGTH`].
pub(super) fn put(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
