//! Texts and byte blocks that the application passes in, borrowed for the length of a call.

use core::ffi::{CStr, c_char, c_int, c_void};
use core::slice;

use crate::protocol::is_utf8;

/// Longest string that a two byte length can announce.
pub(crate) const LONGEST_STRING: usize = 65_535;

/// The bytes of a C string without its end, `None` for NULL.
///
/// # Safety
/// `text` is NULL or a zero-terminated string that does not change during `'a`.
#[inline]
pub(crate) unsafe fn bytes<'a>(text: *const c_char) -> Option<&'a [u8]> {
    if text.is_null() {
        return None;
    }
    // SAFETY: the caller's promise, and not NULL.
    Some(unsafe { CStr::from_ptr(text) }.to_bytes())
}

/// The bytes of a C string that can go into a packet as a string: UTF-8 and not too long. `None` for
/// NULL too.
///
/// # Safety
/// As for [`bytes`].
#[inline]
pub(crate) unsafe fn mqtt_string<'a>(text: *const c_char) -> Option<&'a [u8]> {
    // SAFETY: the caller's promise.
    unsafe { bytes(text) }.filter(|bytes| is_mqtt_string(bytes))
}

/// True if the bytes can go into a packet as a string.
#[inline]
pub(crate) fn is_mqtt_string(bytes: &[u8]) -> bool {
    bytes.len() <= LONGEST_STRING && (bytes.is_ascii() || is_utf8(bytes))
}

/// `length` bytes from `data`. `None` for a negative length, and for NULL unless the length is 0.
///
/// # Safety
/// `data` is NULL or points to `length` bytes that do not change during `'a`.
#[inline]
pub(crate) unsafe fn block<'a>(data: *const c_void, length: c_int) -> Option<&'a [u8]> {
    let length = usize::try_from(length).ok()?;
    if length == 0 {
        return Some(&[]);
    }
    if data.is_null() {
        return None;
    }
    // SAFETY: the caller's promise, not NULL, and no more than c_int's maximum.
    Some(unsafe { slice::from_raw_parts(data.cast(), length) })
}

/// Copies a text to where the application has room for it: as much as fits, and a zero byte.
///
/// # Safety
/// `buffer` is NULL or has room for `size` bytes.
pub(crate) unsafe fn copy_out(text: &str, buffer: *mut c_char, size: usize) {
    let Some(room) = size.checked_sub(1).filter(|_| !buffer.is_null()) else { return };
    let mut length = text.len().min(room);
    while !text.is_char_boundary(length) {
        length -= 1;
    }
    // SAFETY: the caller's promise: there is room for this and one byte more, and no text of ours lies there.
    unsafe { buffer.copy_from_nonoverlapping(text.as_ptr().cast(), length) };
    // SAFETY: as above.
    unsafe { buffer.wrapping_add(length).write(0) };
}

/// A constant text that contains the zero byte at its end.
pub(crate) fn terminated(text: &'static str) -> &'static CStr {
    CStr::from_bytes_with_nul(text.as_bytes()).unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::multiple_unsafe_ops_per_block, reason = "all calls of a test rely on the same fact")]
mod tests {
    use super::*;

    #[test]
    fn strings_that_do_not_fit_a_packet_are_refused() {
        let longest = std::ffi::CString::new(vec![b'a'; LONGEST_STRING]).unwrap();
        let too_long = std::ffi::CString::new(vec![b'a'; LONGEST_STRING + 1]).unwrap();
        // SAFETY: all arguments are NULL or static strings.
        unsafe {
            assert_eq!(mqtt_string(core::ptr::null()), None);
            assert_eq!(mqtt_string(c"".as_ptr()), Some(&b""[..]));
            assert_eq!(mqtt_string(c"\xff".as_ptr()), None);
            assert_eq!(mqtt_string(longest.as_ptr()).map(<[u8]>::len), Some(LONGEST_STRING));
            assert_eq!(mqtt_string(too_long.as_ptr()), None);
        }
    }

    #[test]
    fn blocks_need_a_pointer_only_if_they_have_bytes() {
        // SAFETY: NULL with any length, and one byte of a live array.
        unsafe {
            assert_eq!(block(core::ptr::null(), 0), Some(&[][..]));
            assert_eq!(block(core::ptr::null(), 1), None);
            assert_eq!(block([7u8].as_ptr().cast(), -1), None);
            assert_eq!(block(c"ab".as_ptr().cast(), 2), Some(&b"ab"[..]));
        }
    }
}
