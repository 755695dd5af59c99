//! Reading what the connect options say about HTTP: headers of WebSocket requests, and proxies.

use core::ffi::c_char;

use super::{assert_layout, text};

/// `MQTTClient_nameValue` and `MQTTAsync_nameValue`, which are the same.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct NameValue {
    name: *const c_char,
    value: *const c_char,
}

assert_layout!(NameValue, size 16, align 8, name @ 0, value @ 8);

/// The headers up to the entry that has no name or no value, copied. None for NULL.
///
/// # Safety
/// `list` is NULL or a list that ends with such an entry, of zero-terminated texts, unchanged during the call.
pub(crate) unsafe fn headers(list: *const NameValue) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut headers = Vec::new();
    let mut next = list;
    while !next.is_null() {
        // SAFETY: the caller's promise: every entry before had a name and a value, so there is another one.
        let entry = unsafe { next.read() };
        // SAFETY: the caller's promise.
        let name = unsafe { text::bytes(entry.name) };
        // SAFETY: the caller's promise.
        let value = unsafe { text::bytes(entry.value) };
        let (Some(name), Some(value)) = (name, value) else { break };
        headers.push((name.to_vec(), value.to_vec()));
        next = next.wrapping_add(1);
    }
    headers
}

/// The URL of a proxy, copied. `None` for NULL.
///
/// # Safety
/// `url` is NULL or a zero-terminated text.
pub(crate) unsafe fn proxy(url: *const c_char) -> Option<String> {
    // SAFETY: the caller's promise.
    unsafe { text::bytes(url) }.map(|bytes| String::from_utf8_lossy(bytes).into_owned())
}
