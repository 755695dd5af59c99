//! Pointers that belong to the application.

use core::ffi::c_void;

/// A pointer that the application set with a callback and gets back with each call.
///
/// The library never dereferences it and passes it to whichever thread runs the callback, as documented.
#[derive(Clone, Copy)]
pub(crate) struct Context(pub(crate) *mut c_void);

// SAFETY: only a value to the library; what it points to is the application's business.
unsafe impl Send for Context {}
