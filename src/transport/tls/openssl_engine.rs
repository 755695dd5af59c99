//! Keys and certificates under a `pkcs11:` URI where OpenSSL has no provider for them but an engine.

#![allow(unsafe_code, reason = "the wrapper of OpenSSL does not know engines")]

use super::openssl_calls::clear_errors;
use super::openssl_pin::{self, Pin};
use foreign_types::ForeignType;
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private};
use openssl::x509::X509;
use openssl_sys::{ENGINE, EVP_PKEY, X509 as RawX509};
use std::ffi::{CStr, c_char, c_int, c_long, c_void};
use std::ptr::{self, NonNull};
use std::sync::OnceLock;

unsafe extern "C" {
    fn OPENSSL_init_crypto(options: u64, settings: *const c_void) -> c_int;
    fn ENGINE_by_id(id: *const c_char) -> *mut ENGINE;
    fn ENGINE_init(engine: *mut ENGINE) -> c_int;
    fn ENGINE_free(engine: *mut ENGINE) -> c_int;
    fn ENGINE_load_private_key(
        engine: *mut ENGINE,
        name: *const c_char,
        ui_method: *const c_void,
        ui_data: *mut c_void,
    ) -> *mut EVP_PKEY;
    fn ENGINE_ctrl_cmd(
        engine: *mut ENGINE,
        command: *const c_char,
        number: c_long,
        argument: *mut c_void,
        function: Option<unsafe extern "C" fn()>,
        is_optional: c_int,
    ) -> c_int;
}

/// `OPENSSL_INIT_ENGINE_DYNAMIC`: engines are found in their directory.
const FIND_ENGINES: u64 = 0x400;

/// The argument of the engine's command for certificates.
#[repr(C)]
struct LoadCertificate {
    name: *const c_char,
    certificate: *mut RawX509,
}

/// The engine for tokens. Keys keep needing it, so it is never released.
#[derive(Clone, Copy)]
pub(super) struct TokenEngine(NonNull<ENGINE>);

// SAFETY: OpenSSL locks its engines itself.
unsafe impl Send for TokenEngine {}
// SAFETY: as above.
unsafe impl Sync for TokenEngine {}

impl TokenEngine {
    /// None: it is not installed.
    pub(super) fn find() -> Option<TokenEngine> {
        static FOUND: OnceLock<Option<TokenEngine>> = OnceLock::new();
        *FOUND.get_or_init(TokenEngine::load)
    }

    fn load() -> Option<TokenEngine> {
        // SAFETY: without settings the pointer may be NULL.
        unsafe { OPENSSL_init_crypto(FIND_ENGINES, ptr::null()) };
        // SAFETY: the name is zero-terminated.
        let engine = NonNull::new(unsafe { ENGINE_by_id(c"pkcs11".as_ptr()) });
        let engine = engine.filter(|engine| {
            // SAFETY: the engine was found and is ours.
            let is_ready = unsafe { ENGINE_init(engine.as_ptr()) } == 1;
            if !is_ready {
                // SAFETY: the engine is not used any more.
                unsafe { ENGINE_free(engine.as_ptr()) };
            }
            is_ready
        });
        engine.iter().for_each(|engine| be_quiet(*engine));
        clear_errors();
        engine.map(TokenEngine)
    }

    /// The private key under a URI.
    pub(super) fn private_key(self, uri: &CStr, pin: &Pin<'_>) -> Result<PKey<Private>, ErrorStack> {
        clear_errors();
        let (method, pin) = (openssl_pin::method(), pin.user_data());
        // SAFETY: the engine is ready; the URI and the PIN live during the call.
        let key = unsafe { ENGINE_load_private_key(self.0.as_ptr(), uri.as_ptr(), method, pin) };
        let key = NonNull::new(key).ok_or_else(ErrorStack::get)?;
        // SAFETY: not NULL, and the reference is ours.
        Ok(unsafe { PKey::from_ptr(key.as_ptr()) })
    }

    /// The certificate under a URI.
    pub(super) fn certificate(self, uri: &CStr) -> Result<X509, ErrorStack> {
        clear_errors();
        let mut load = LoadCertificate { name: uri.as_ptr(), certificate: ptr::null_mut() };
        let (command, argument) = (c"LOAD_CERT_CTRL".as_ptr(), (&raw mut load).cast());
        // SAFETY: the engine is ready; the argument is what this command takes, and lives during the call.
        unsafe { ENGINE_ctrl_cmd(self.0.as_ptr(), command, 0, argument, None, 0) };
        let certificate = NonNull::new(load.certificate).ok_or_else(ErrorStack::get)?;
        // SAFETY: not NULL, and the reference is ours.
        Ok(unsafe { X509::from_ptr(certificate.as_ptr()) })
    }
}

/// The engine would write to standard error what it does not find, with PINs in it. Its errors say enough.
fn be_quiet(engine: NonNull<ENGINE>) {
    // SAFETY: the engine is ready; the command takes no argument, and engines without it do nothing.
    unsafe { ENGINE_ctrl_cmd(engine.as_ptr(), c"QUIET".as_ptr(), 0, ptr::null_mut(), None, 1) };
}
