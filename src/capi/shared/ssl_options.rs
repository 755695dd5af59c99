//! Reading the TLS options.

use core::ffi::{c_char, c_int};
use core::slice;
use std::ffi::CString;
use std::sync::Arc;

use super::abi::{
    MQTT_SSL_VERSION_TLS_1_0, MQTT_SSL_VERSION_TLS_1_1, MQTT_SSL_VERSION_TLS_1_2, MQTTApi_SSLOptions,
};
use super::faults::Fault;
use super::tls_callbacks::ProgramFunctions;
use super::{structure, text};
use crate::engine::{TlsSettings, TlsVersion};

/// The TLS options of the application, copied; `None` for NULL.
///
/// # Safety
/// `options` is NULL or points to TLS options whose fields are what the header says, unchanged during the call.
pub(crate) unsafe fn read(options: *const MQTTApi_SSLOptions) -> Result<Option<TlsSettings>, Fault> {
    if options.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's promise, and not NULL.
    let options = unsafe { structure::read(options) }?;
    // SAFETY: the caller's promise, here and below.
    let bytes = |field: *const c_char| unsafe { text::bytes(field) };
    let name = |field: *const c_char| bytes(field).and_then(|bytes| CString::new(bytes).ok());
    Ok(Some(TlsSettings {
        trust_store: name(options.trustStore),
        ca_path: name(options.CApath),
        trusts_system_store: options.disableDefaultTrustStore == 0,
        key_store: name(options.keyStore),
        private_key: name(options.privateKey),
        private_key_password: bytes(options.privateKeyPassword).map(<[u8]>::to_vec),
        cipher_list: bytes(options.enabledCipherSuites)
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned()),
        checks_chain: options.enableServerCertAuth != 0,
        checks_host: options.verify != 0,
        lowest_version: lowest_version(options.sslVersion),
        // SAFETY: the caller's promise.
        protocols: unsafe { protocols(&options) },
        callbacks: ProgramFunctions::of(&options).map(|functions| Arc::new(functions) as _),
        ..TlsSettings::default()
    }))
}

/// # Safety
/// `protos` is NULL or points to as many bytes as `protos_len` says.
unsafe fn protocols(options: &MQTTApi_SSLOptions) -> Vec<u8> {
    if options.protos.is_null() {
        return Vec::new();
    }
    let length = usize::try_from(options.protos_len).unwrap_or(0);
    // SAFETY: the caller's promise, and not NULL.
    unsafe { slice::from_raw_parts(options.protos, length) }.to_vec()
}

/// Values that name no version ask for nothing.
fn lowest_version(value: c_int) -> Option<TlsVersion> {
    match value {
        MQTT_SSL_VERSION_TLS_1_0 => Some(TlsVersion::Tls1_0),
        MQTT_SSL_VERSION_TLS_1_1 => Some(TlsVersion::Tls1_1),
        MQTT_SSL_VERSION_TLS_1_2 => Some(TlsVersion::Tls1_2),
        _ => None,
    }
}
