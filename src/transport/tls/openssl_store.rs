//! Keys and certificates that lie in one of OpenSSL's stores and are named by a URI: `pkcs11:` where a provider for it is
//! installed and configured, `file:` everywhere.

#![allow(unsafe_code, reason = "the wrapper of OpenSSL does not know its stores")]

use super::openssl_calls::clear_errors;
use foreign_types::ForeignType;
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private};
use openssl::x509::X509;
use openssl_sys::{EVP_PKEY, X509 as RawX509};
use std::ffi::{CString, c_char, c_int, c_void};
use std::ptr::{self, NonNull};

/// `OSSL_STORE_CTX`
#[repr(C)]
struct RawStore {
    _private: [u8; 0],
}

/// `OSSL_STORE_INFO`
#[repr(C)]
struct RawInfo {
    _private: [u8; 0],
}

unsafe extern "C" {
    fn OSSL_STORE_open(
        uri: *const c_char,
        ui_method: *const c_void,
        ui_data: *mut c_void,
        post_process: *const c_void,
        post_process_data: *mut c_void,
    ) -> *mut RawStore;
    fn OSSL_STORE_load(store: *mut RawStore) -> *mut RawInfo;
    fn OSSL_STORE_eof(store: *mut RawStore) -> c_int;
    fn OSSL_STORE_close(store: *mut RawStore) -> c_int;
    fn OSSL_STORE_INFO_get1_PKEY(info: *const RawInfo) -> *mut EVP_PKEY;
    fn OSSL_STORE_INFO_get1_CERT(info: *const RawInfo) -> *mut RawX509;
    fn OSSL_STORE_INFO_free(info: *mut RawInfo);
    fn UI_null() -> *const c_void;
}

/// True for a value that names something in a store.
pub(super) fn is_store_uri(value: &str) -> bool {
    value.starts_with("pkcs11:") || value.starts_with("file:")
}

/// The first private key under a URI. `pin`: what the token is opened with, unless the URI says so itself.
pub(super) fn private_key(uri: &str, pin: Option<&[u8]>) -> Result<PKey<Private>, ErrorStack> {
    let uri = with_pin(uri, pin);
    find(&uri, |info| {
        // SAFETY: the info lives during the call, which gives a reference of our own or NULL.
        let key = NonNull::new(unsafe { OSSL_STORE_INFO_get1_PKEY(info) })?;
        // SAFETY: not NULL, and the reference is ours.
        Some(unsafe { PKey::from_ptr(key.as_ptr()) })
    })
}

/// The first certificate under a URI.
pub(super) fn certificate(uri: &str, pin: Option<&[u8]>) -> Result<X509, ErrorStack> {
    let uri = with_pin(uri, pin);
    find(&uri, |info| {
        // SAFETY: the info lives during the call, which gives a reference of our own or NULL.
        let certificate = NonNull::new(unsafe { OSSL_STORE_INFO_get1_CERT(info) })?;
        // SAFETY: not NULL, and the reference is ours.
        Some(unsafe { X509::from_ptr(certificate.as_ptr()) })
    })
}

/// Adds the PIN to a `pkcs11:` URI, as RFC 7512 has it. So nobody is asked for it on the terminal.
fn with_pin(uri: &str, pin: Option<&[u8]>) -> String {
    let mut uri = uri.to_owned();
    if let Some(pin) = pin.filter(|_| uri.starts_with("pkcs11:") && !uri.contains("pin-")) {
        uri.push(if uri.contains('?') { '&' } else { '?' });
        uri.push_str("pin-value=");
        pin.iter().for_each(|byte| uri.push_str(&format!("%{byte:02X}")));
    }
    uri
}

/// An open store.
struct Store(NonNull<RawStore>);

impl Drop for Store {
    fn drop(&mut self) {
        // SAFETY: the store is open and not used any more.
        unsafe { OSSL_STORE_close(self.0.as_ptr()) };
    }
}

/// Looks through a store for the first thing that `take` wants.
fn find<T>(uri: &str, take: impl Fn(*const RawInfo) -> Option<T>) -> Result<T, ErrorStack> {
    clear_errors();
    let Ok(uri) = CString::new(uri) else { return Err(ErrorStack::get()) };
    // SAFETY: gives a constant that asks nobody for anything.
    let asks_nobody = unsafe { UI_null() };
    // SAFETY: the URI is zero-terminated and lives during the call; the pointers that may be NULL are.
    let store =
        unsafe { OSSL_STORE_open(uri.as_ptr(), asks_nobody, ptr::null_mut(), ptr::null(), ptr::null_mut()) };
    let store = Store(NonNull::new(store).ok_or_else(ErrorStack::get)?);
    loop {
        // SAFETY: the store is open.
        let info = unsafe { OSSL_STORE_load(store.0.as_ptr()) };
        if !info.is_null() {
            let taken = take(info);
            // SAFETY: the info is not used any more; what was taken has references of its own.
            unsafe { OSSL_STORE_INFO_free(info) };
            if let Some(taken) = taken {
                clear_errors();
                return Ok(taken);
            }
        }
        // SAFETY: the store is open.
        if info.is_null() || unsafe { OSSL_STORE_eof(store.0.as_ptr()) } != 0 {
            return Err(ErrorStack::get());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pin_goes_where_the_standard_has_it() {
        assert_eq!(with_pin("pkcs11:token=a", Some(b"1 2")), "pkcs11:token=a?pin-value=%31%20%32");
        assert_eq!(with_pin("pkcs11:a?module-name=b", Some(b"1")), "pkcs11:a?module-name=b&pin-value=%31");
        assert_eq!(with_pin("pkcs11:a?pin-value=9", Some(b"1")), "pkcs11:a?pin-value=9");
        assert_eq!(with_pin("file:/a", Some(b"1")), "file:/a");
        assert_eq!(with_pin("pkcs11:a", None), "pkcs11:a");
    }

    #[test]
    fn a_store_that_is_not_there_is_an_error() {
        assert!(private_key("pkcs11:token=none", None).is_err());
        assert!(certificate("file:/nowhere/at/all", None).is_err());
    }
}
