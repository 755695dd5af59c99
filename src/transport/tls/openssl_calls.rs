//! OpenSSL calls without a safe wrapper.

#![allow(unsafe_code, reason = "the one place for it in this layer")]

use crate::transport::settings::TlsContext;
use foreign_types::{ForeignType, ForeignTypeRef};
use openssl::error::ErrorStack;
use openssl::ssl::{
    Error, SslContext, SslContextBuilder, SslContextRef, SslMode, SslRef, SslSession, SslStream,
};
use openssl::stack::StackRef;
use openssl::x509::{X509, X509Ref};
use std::env;
use std::ffi::{CStr, CString, OsStr, OsString, c_char, c_long, c_void};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::ptr::{self, NonNull};

impl TlsContext {
    /// Takes a reference.
    ///
    /// # Safety
    /// `context` is an `SSL_CTX` of the OpenSSL that this library uses.
    pub unsafe fn of(context: NonNull<c_void>) -> TlsContext {
        let context = context.as_ptr().cast();
        // SAFETY: the caller's promise.
        unsafe { openssl_sys::SSL_CTX_up_ref(context) };
        // SAFETY: the reference just taken is its own.
        TlsContext(unsafe { SslContext::from_ptr(context) })
    }
}

/// What every context of this library allows, for a connection with the application's.
pub(super) fn allow_moving_writes(ssl: &mut SslRef) {
    let mode = SslMode::ACCEPT_MOVING_WRITE_BUFFER | SslMode::RELEASE_BUFFERS | SslMode::AUTO_RETRY;
    let mode = mode.bits() as c_long;
    // SAFETY: the connection lives during the call, which takes a number and no pointer.
    unsafe { openssl_sys::SSL_ctrl(ssl.as_ptr(), openssl_sys::SSL_CTRL_MODE, mode, ptr::null_mut()) };
}

/// Clears errors that other code has left on this thread: OpenSSL would take them for those of the next call.
pub(super) fn clear_errors() {
    // SAFETY: looks at the calling thread's error queue only.
    let has_errors = unsafe { openssl_sys::ERR_peek_last_error() } != 0;
    // Clearing an empty queue is not cheap: it goes through all its places.
    if has_errors {
        // SAFETY: concerns the calling thread's error queue only.
        unsafe { openssl_sys::ERR_clear_error() }
    }
}

/// True if the certificate is for this host name, by OpenSSL's own rules.
pub(super) fn is_for_host(certificate: &X509Ref, host: &str) -> bool {
    // SAFETY: the certificate lives during the call, the name is passed with its length, nothing is asked back.
    let result = unsafe {
        openssl_sys::X509_check_host(
            certificate.as_ptr(),
            host.as_ptr().cast(),
            host.len(),
            0,
            ptr::null_mut(),
        )
    };
    result == 1
}

/// True if the certificate is for this numeric address.
pub(super) fn is_for_address(certificate: &X509Ref, address: &str) -> bool {
    let Ok(address) = CString::new(address) else { return false };
    // SAFETY: the certificate and the zero-terminated address live during the call.
    let result = unsafe { openssl_sys::X509_check_ip_asc(certificate.as_ptr(), address.as_ptr(), 0) };
    result == 1
}

/// Offers the server to resume a session.
pub(super) fn offer_session(ssl: &mut SslRef, session: &SslSession) -> Result<(), ErrorStack> {
    // SAFETY: OpenSSL counts the references to the session itself, and lets a client offer the session of another
    // context of the same method; all contexts here use one method.
    unsafe { ssl.set_session(session) }
}

/// Takes our certificate and those above it from a PEM file.
pub(super) fn take_chain(context: &mut SslContextBuilder, file: &CStr) -> Result<(), ErrorStack> {
    // SAFETY: the context and the zero-terminated name live during the call.
    let result = unsafe { openssl_sys::SSL_CTX_use_certificate_chain_file(context.as_ptr(), file.as_ptr()) };
    if result == 1 { Ok(()) } else { Err(ErrorStack::get()) }
}

/// Trusts the authorities in a PEM file and in hashed directories.
pub(super) fn trust(
    context: &mut SslContextBuilder,
    file: Option<&CStr>,
    directories: Option<&CStr>,
) -> Result<(), ErrorStack> {
    let file = file.map_or(ptr::null(), CStr::as_ptr);
    let directories = directories.map_or(ptr::null(), CStr::as_ptr);
    // SAFETY: the context and the zero-terminated names live during the call; one of the names may be NULL.
    let result = unsafe { openssl_sys::SSL_CTX_load_verify_locations(context.as_ptr(), file, directories) };
    if result == 1 { Ok(()) } else { Err(ErrorStack::get()) }
}

/// The certificates between ours and its authority.
pub(super) fn chain_above(context: &SslContextRef) -> Option<&StackRef<X509>> {
    let mut chain = ptr::null_mut();
    // SAFETY: writes one pointer, which is NULL where there are none.
    unsafe { openssl_sys::SSL_CTX_get_extra_chain_certs(context.as_ptr(), &mut chain) };
    // SAFETY: not NULL, and the stack belongs to the context, which the result borrows.
    (!chain.is_null()).then(|| unsafe { StackRef::from_ptr(chain) })
}

/// The directories of the system's authorities: what the environment says and what was built in. Each may be a list.
pub(super) fn system_directories() -> Vec<OsString> {
    // SAFETY: takes nothing and gives a text that stays.
    let variable = unsafe { openssl_sys::X509_get_default_cert_dir_env() };
    // SAFETY: as above.
    let directory = unsafe { openssl_sys::X509_get_default_cert_dir() };
    env::var_os(constant_text(variable)).into_iter().chain([constant_text(directory)]).collect()
}

/// A text of OpenSSL's own.
fn constant_text(text: *const c_char) -> OsString {
    // SAFETY: the callers pass zero-terminated texts that stay.
    OsStr::from_bytes(unsafe { CStr::from_ptr(text) }.to_bytes()).to_owned()
}

/// Appends decrypted bytes to the buffer, as many as there is room for. Returns their number.
pub(super) fn read_behind<S: Read + Write>(
    stream: &mut SslStream<S>,
    buffer: &mut Vec<u8>,
) -> Result<usize, Error> {
    let count = stream.ssl_read_uninit(buffer.spare_capacity_mut())?;
    let length = buffer.len() + count;
    // SAFETY: the call has just written `count` bytes there.
    unsafe { buffer.set_len(length) };
    Ok(count)
}

/// Begins to use new keys, and asks the peer to do so too. The message goes out with the next handshake step.
#[cfg(test)]
pub(super) fn update_keys<S>(stream: &mut SslStream<S>) {
    unsafe extern "C" {
        fn SSL_key_update(ssl: *mut openssl_sys::SSL, kind: std::ffi::c_int) -> std::ffi::c_int;
    }
    // SAFETY: the connection lives during the call; 1 is SSL_KEY_UPDATE_REQUESTED.
    let result = unsafe { SSL_key_update(stream.ssl().as_ptr(), 1) };
    assert_eq!(result, 1);
}
