//! Answers OpenSSL's question for a PIN or a password, which would otherwise go to the terminal.

#![allow(unsafe_code, reason = "OpenSSL asks a C function")]

use std::ffi::{c_char, c_int, c_void};
use std::ptr;
use std::sync::OnceLock;

type Question = unsafe extern "C" fn(*mut c_char, c_int, c_int, *mut c_void) -> c_int;

unsafe extern "C" {
    fn UI_UTIL_wrap_read_pem_callback(question: Question, is_verified: c_int) -> *mut c_void;
}

/// The PIN, as long as OpenSSL may ask for it.
pub(super) struct Pin<'a>(Option<&'a [u8]>);

impl<'a> Pin<'a> {
    /// None: whatever needs a PIN fails.
    pub(super) fn new(pin: Option<&'a [u8]>) -> Pin<'a> {
        Pin(pin)
    }

    /// What OpenSSL is to be given as user data beside [`method`].
    pub(super) fn user_data(&self) -> *mut c_void {
        ptr::from_ref(self).cast_mut().cast()
    }
}

/// OpenSSL's `UI_METHOD` that answers with the [`Pin`] in its user data.
pub(super) fn method() -> *const c_void {
    static METHOD: OnceLock<usize> = OnceLock::new();
    // SAFETY: makes a method that stays for ever.
    let make = || unsafe { UI_UTIL_wrap_read_pem_callback(answer, 0) }.expose_provenance();
    ptr::with_exposed_provenance(*METHOD.get_or_init(make))
}

/// Writes the PIN; its length, or -1: there is none that has room.
unsafe extern "C" fn answer(room: *mut c_char, size: c_int, _: c_int, pin: *mut c_void) -> c_int {
    if pin.is_null() {
        return -1;
    }
    // SAFETY: the user data is that of a `Pin`, which lives during the call of OpenSSL that asks.
    let Pin(Some(pin)) = (unsafe { &*pin.cast::<Pin<'_>>() }) else { return -1 };
    let length = c_int::try_from(pin.len()).unwrap_or(c_int::MAX);
    if length > size {
        return -1;
    }
    // SAFETY: there is room for `size` bytes, which are at least as many.
    unsafe { room.copy_from_nonoverlapping(pin.as_ptr().cast(), pin.len()) };
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(pin: Option<&[u8]>, size: usize) -> (c_int, Vec<u8>) {
        let (pin, mut room) = (Pin::new(pin), vec![0u8; size]);
        // SAFETY: the room has that size, and the PIN lives through the call.
        let length = unsafe { answer(room.as_mut_ptr().cast(), size as c_int, 0, pin.user_data()) };
        (length, room)
    }

    #[test]
    fn a_pin_is_given_whole_or_not_at_all() {
        assert_eq!(ask(Some(b"1234"), 6), (4, b"1234\0\0".to_vec()));
        assert_eq!(ask(Some(b"1234"), 4).0, 4);
        assert_eq!(ask(Some(b"1234"), 3).0, -1);
        assert_eq!(ask(None, 6).0, -1);
    }
}
