//! Server URIs as given by the application.

use core::ffi::{c_char, c_int};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use super::option_fault::OptionFault;
use super::text;
use crate::engine::ServerUri;

/// The server a URI names, if this library has the URI's scheme.
pub(crate) fn parse_uri(uri: &[u8]) -> Option<ServerUri> {
    ServerUri::parse(OsStr::from_bytes(uri)).ok()
}

/// The texts of a list of URIs; none if the count is not positive.
///
/// # Safety
/// `list` is NULL or has `count` elements, each NULL or a string; they stay unchanged during `'a`.
pub(crate) unsafe fn texts<'a>(count: c_int, list: *const *mut c_char) -> Result<Vec<&'a [u8]>, OptionFault> {
    let count = usize::try_from(count).unwrap_or(0);
    if count > 0 && list.is_null() {
        return Err(OptionFault::NullParameter);
    }
    // SAFETY: the caller's promise about the list.
    (0..count).map(|index| unsafe { entry(list.wrapping_add(index)) }).collect()
}

/// # Safety
/// `entry` points to an element of the list.
unsafe fn entry<'a>(entry: *const *mut c_char) -> Result<&'a [u8], OptionFault> {
    // SAFETY: the caller's promise.
    let uri = unsafe { entry.read() };
    // SAFETY: elements are NULL or strings.
    unsafe { text::bytes(uri) }.ok_or(OptionFault::NullParameter)
}
