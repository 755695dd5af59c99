//! The text for return codes that have none of their own.

use core::cell::UnsafeCell;
use core::ffi::{c_char, c_int};
use std::io::Write;

/// Room for "Unknown error code -2147483648" and its end.
const TEXT_SIZE: usize = 32;

thread_local! {
    /// In an UnsafeCell because the application may read it at any time.
    static TEXT: UnsafeCell<[u8; TEXT_SIZE]> = const { UnsafeCell::new([0; TEXT_SIZE]) };
}

/// Writes the text into this thread's memory. A thread that is ending has none left and gets the text
/// without number.
pub(crate) fn text(code: c_int) -> *const c_char {
    let mut text = [0; TEXT_SIZE];
    // The room suffices for every number, and the last byte stays 0.
    let _ = write!(&mut text[..TEXT_SIZE - 1], "Unknown error code {code}");
    let written = TEXT.try_with(|memory| {
        // SAFETY: the memory is this thread's and no reference to it exists.
        unsafe { memory.get().write(text) };
        memory.get().cast::<c_char>().cast_const()
    });
    written.unwrap_or(c"Unknown error code".as_ptr())
}
