//! The calls of OpenSSL for which there is no safe wrapper.

#![allow(unsafe_code, reason = "the one place for it in this layer")]

use foreign_types::ForeignTypeRef;
use openssl::error::ErrorStack;
use openssl::ssl::{Error, SslRef, SslSession, SslStream};
use openssl::x509::X509Ref;
use std::ffi::CString;
use std::io::{Read, Write};
use std::ptr;

/// Forgets errors that other code has left behind on this thread: OpenSSL would take them for those of the next call.
pub(super) fn clear_errors() {
    // SAFETY: concerns the calling thread's error queue only.
    unsafe { openssl_sys::ERR_clear_error() }
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
    // context of the same method; all of ours are of one method.
    unsafe { ssl.set_session(session) }
}

/// Reads decrypted bytes behind what the buffer holds. How many, at most as there is room for.
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
