//! Keys and certificates that lie in one of OpenSSL's stores and are named by a URI: `pkcs11:` where a provider or an
//! engine for it is installed, `file:` everywhere.

#![allow(unsafe_code, reason = "the wrapper of OpenSSL does not know its stores")]

use super::openssl_calls::clear_errors;
#[cfg(openssl_engines)]
use super::openssl_engine::TokenEngine;
use super::openssl_pin::{self, Pin};
use foreign_types::ForeignType;
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private};
use openssl::x509::X509;
use openssl_sys::{EVP_PKEY, X509 as RawX509};
use std::ffi::{CStr, c_char, c_int, c_void};
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
}

/// The first private key under a URI.
pub(super) fn private_key(uri: &CStr, pin: &Pin<'_>) -> Result<PKey<Private>, ErrorStack> {
    let found = find(uri, pin, |info| {
        // SAFETY: the info outlives the call, which returns a new reference or NULL.
        let key = NonNull::new(unsafe { OSSL_STORE_INFO_get1_PKEY(info) })?;
        // SAFETY: not NULL, and the reference is ours.
        Some(unsafe { PKey::from_ptr(key.as_ptr()) })
    });
    #[cfg(openssl_engines)]
    if let (Err(_), Some(engine)) = (&found, engine_for(uri)) {
        return engine.private_key(uri, pin);
    }
    found
}

/// The first certificate under a URI.
pub(super) fn certificate(uri: &CStr, pin: &Pin<'_>) -> Result<X509, ErrorStack> {
    let found = find(uri, pin, |info| {
        // SAFETY: the info outlives the call, which returns a new reference or NULL.
        let certificate = NonNull::new(unsafe { OSSL_STORE_INFO_get1_CERT(info) })?;
        // SAFETY: not NULL, and the reference is ours.
        Some(unsafe { X509::from_ptr(certificate.as_ptr()) })
    });
    #[cfg(openssl_engines)]
    if let (Err(_), Some(engine)) = (&found, engine_for(uri)) {
        return engine.certificate(uri);
    }
    found
}

/// What may find what no store has.
#[cfg(openssl_engines)]
fn engine_for(uri: &CStr) -> Option<TokenEngine> {
    uri.to_bytes().starts_with(b"pkcs11:").then(TokenEngine::find).flatten()
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
fn find<T>(uri: &CStr, pin: &Pin<'_>, take: impl Fn(*const RawInfo) -> Option<T>) -> Result<T, ErrorStack> {
    clear_errors();
    let (method, pin) = (openssl_pin::method(), pin.user_data());
    // SAFETY: the URI is zero-terminated and lives as long as the store, and so does the PIN; the others may be NULL.
    let store = unsafe { OSSL_STORE_open(uri.as_ptr(), method, pin, ptr::null(), ptr::null_mut()) };
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
    fn a_store_that_is_not_there_is_an_error() {
        assert!(private_key(c"pkcs11:token=none", &Pin::new(None)).is_err());
        assert!(certificate(c"file:/nowhere/at/all", &Pin::new(None)).is_err());
    }
}
