//! What an option about certificates and keys says: the thing itself, or where it is.

use std::ffi::{CStr, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// What begins every PEM text.
const PEM: &[u8] = b"-----BEGIN ";

/// The value of an option. Names are taken byte for byte, whatever they are encoded in.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    /// PEM text.
    Text(&'a [u8]),
    /// The URI of something in one of OpenSSL's stores.
    Stored(&'a CStr),
    /// The name of a PEM file.
    File(&'a CStr),
}

impl<'a> Source<'a> {
    pub(super) fn of(value: &'a CStr) -> Source<'a> {
        let bytes = value.to_bytes();
        if bytes.windows(PEM.len()).any(|window| window == PEM) {
            Source::Text(bytes)
        } else if bytes.starts_with(b"pkcs11:") || bytes.starts_with(b"file:") {
            Source::Stored(value)
        } else {
            Source::File(value)
        }
    }
}

/// The name of a file as the standard library wants it.
pub(super) fn path(name: &CStr) -> &Path {
    Path::new(OsStr::from_bytes(name.to_bytes()))
}
