//! The TLS options and HTTP headers as both C interfaces lay them out.

#![allow(non_snake_case, reason = "the names are those of the C interface")]

use core::ffi::{c_char, c_int, c_uchar, c_uint, c_void};

use super::assert_layout;

/// `ssl_error_cb`
pub(crate) type ErrorCallback =
    Option<unsafe extern "C" fn(str: *const c_char, len: usize, u: *mut c_void) -> c_int>;

/// `ssl_psk_cb`
pub(crate) type PreSharedKeyCallback = Option<
    unsafe extern "C" fn(
        hint: *const c_char,
        identity: *mut c_char,
        max_identity_len: c_uint,
        psk: *mut c_uchar,
        max_psk_len: c_uint,
        u: *mut c_void,
    ) -> c_uint,
>;

/// `MQTTClient_SSLOptions` and `MQTTAsync_SSLOptions`, which are the same.
#[repr(C)]
pub(crate) struct SslOptions {
    pub(crate) struct_id: [c_char; 4],
    pub(crate) struct_version: c_int,
    pub(crate) trustStore: *const c_char,
    pub(crate) keyStore: *const c_char,
    pub(crate) privateKey: *const c_char,
    pub(crate) privateKeyPassword: *const c_char,
    pub(crate) enabledCipherSuites: *const c_char,
    pub(crate) enableServerCertAuth: c_int,
    pub(crate) sslVersion: c_int,
    pub(crate) verify: c_int,
    pub(crate) CApath: *const c_char,
    pub(crate) ssl_error_cb: ErrorCallback,
    pub(crate) ssl_error_context: *mut c_void,
    pub(crate) ssl_psk_cb: PreSharedKeyCallback,
    pub(crate) ssl_psk_context: *mut c_void,
    pub(crate) disableDefaultTrustStore: c_int,
    pub(crate) protos: *const c_uchar,
    pub(crate) protos_len: c_uint,
}

assert_layout!(
    SslOptions, size 128, align 8,
    struct_id @ 0, struct_version @ 4, trustStore @ 8, keyStore @ 16, privateKey @ 24,
    privateKeyPassword @ 32, enabledCipherSuites @ 40, enableServerCertAuth @ 48, sslVersion @ 52,
    verify @ 56, CApath @ 64, ssl_error_cb @ 72, ssl_error_context @ 80, ssl_psk_cb @ 88,
    ssl_psk_context @ 96, disableDefaultTrustStore @ 104, protos @ 112, protos_len @ 120,
);
