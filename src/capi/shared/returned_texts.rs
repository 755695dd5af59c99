//! Strings that the application gets a pointer to and need not free.

use core::ffi::c_char;
use core::ptr;
use std::ffi::CString;

use crate::locks::Mutex;

/// Strings whose addresses are valid as long as the handle. Each distinct string is kept once, so repeated
/// connects do not add to them.
#[derive(Default)]
pub(crate) struct ReturnedTexts(Mutex<Vec<CString>>);

impl ReturnedTexts {
    /// For a fork.
    pub(crate) fn lock(&self) -> &Mutex<Vec<CString>> {
        &self.0
    }

    /// A pointer to the text, valid as long as `self`. NULL for a text with a zero byte, which no URI
    /// from C has.
    pub(crate) fn keep(&self, text: &[u8]) -> *const c_char {
        let mut texts = self.0.lock();
        if let Some(kept) = texts.iter().find(|kept| kept.as_bytes() == text) {
            return kept.as_ptr();
        }
        let Ok(text) = CString::new(text) else { return ptr::null() };
        // Moving the CString into the list leaves its bytes in their place.
        let start = text.as_ptr();
        texts.push(text);
        start
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::ffi::CStr;

    #[test]
    fn texts_stay_and_are_kept_once() {
        let texts = ReturnedTexts::default();
        let first = texts.keep(b"a:1883");
        for port in 0..100 {
            texts.keep(format!("b:{port}").as_bytes());
        }
        assert_eq!(texts.keep(b"a:1883"), first);
        // SAFETY: kept by `texts`.
        assert_eq!(unsafe { CStr::from_ptr(first) }, c"a:1883");
    }
}
