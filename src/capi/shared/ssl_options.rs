//! Reading the TLS options.

use core::ffi::{c_char, c_int};
use core::{ptr, slice};
use std::ffi::CString;
use std::sync::Arc;

use super::option_fault::OptionFault;
use super::ssl_options_abi::SslOptions;
use super::tls_callbacks::ProgramFunctions;
use super::version_abi::{MQTT_SSL_VERSION_TLS_1_0, MQTT_SSL_VERSION_TLS_1_1, MQTT_SSL_VERSION_TLS_1_2};
use super::{structure, text};
use crate::engine::{TlsSettings, TlsVersion, environment};

/// Newest `struct_version`.
const NEWEST: c_int = 5;
/// First versions with the fields of these names.
const WITH_SSL_VERSION: c_int = 1;
const WITH_VERIFY: c_int = 2;
const WITH_ERROR_CALLBACK: c_int = 3;
const WITH_PSK_CALLBACK: c_int = 4;
const WITH_PROTOCOLS: c_int = 5;

/// The TLS options of the application, copied; `None` for NULL. Fields that their version does not have count as 0.
///
/// # Safety
/// `options` is NULL or points to TLS options of either interface whose fields are what the header says, unchanged during
/// the call.
pub(crate) unsafe fn read(options: *const SslOptions) -> Result<Option<TlsSettings>, OptionFault> {
    if options.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's promise, and not NULL.
    let version = unsafe { structure::version_of(options, b"MQTS", NEWEST) };
    let version = version.ok_or(OptionFault::BadStructure)?;
    let fields = Fields { options, version };
    // SAFETY: the caller's promise.
    Ok(Some(unsafe { fields.settings() }))
}

/// True: every server of the process has to prove its identity, whatever the options say.
fn verifies_always() -> bool {
    environment::variable("PAHO_C_RS_TLS_VERIFY").is_some_and(|value| value == "required")
}

/// Access to single fields of options whose head has been checked.
struct Fields {
    /// Not NULL: points to as many fields as `version` has.
    options: *const SslOptions,
    version: c_int,
}

/// The value of a field if the version has it.
macro_rules! field {
    ($fields:expr, $name:ident, since $since:expr, else $none:expr) => {
        if $fields.version >= $since {
            // SAFETY: the version has this field.
            unsafe { (*$fields.options).$name }
        } else {
            $none
        }
    };
}

impl Fields {
    /// # Safety
    /// The texts are NULL or zero-terminated.
    unsafe fn settings(&self) -> TlsSettings {
        // SAFETY: the caller's promise, here and below.
        let bytes = |field: *const c_char| unsafe { text::bytes(field) };
        let name = |field: *const c_char| bytes(field).and_then(|bytes| CString::new(bytes).ok());
        let ciphers = field!(self, enabledCipherSuites, since 0, else ptr::null());
        let password = field!(self, privateKeyPassword, since 0, else ptr::null());
        TlsSettings {
            trust_store: name(field!(self, trustStore, since 0, else ptr::null())),
            ca_path: name(field!(self, CApath, since WITH_VERIFY, else ptr::null())),
            trusts_system_store: field!(self, disableDefaultTrustStore, since WITH_PSK_CALLBACK, else 0) == 0,
            key_store: name(field!(self, keyStore, since 0, else ptr::null())),
            private_key: name(field!(self, privateKey, since 0, else ptr::null())),
            private_key_password: bytes(password).map(<[u8]>::to_vec),
            cipher_list: bytes(ciphers).map(|bytes| String::from_utf8_lossy(bytes).into_owned()),
            checks_chain: field!(self, enableServerCertAuth, since 0, else 0) != 0 || verifies_always(),
            checks_host: field!(self, verify, since WITH_VERIFY, else 0) != 0 || verifies_always(),
            lowest_version: lowest_version(field!(self, sslVersion, since WITH_SSL_VERSION, else 0)),
            // SAFETY: the caller's promise.
            protocols: unsafe { self.protocols() },
            callbacks: self.functions().map(|functions| Arc::new(functions) as _),
            ..TlsSettings::default()
        }
    }

    fn functions(&self) -> Option<ProgramFunctions> {
        let functions = ProgramFunctions {
            error: field!(self, ssl_error_cb, since WITH_ERROR_CALLBACK, else None),
            error_context: field!(self, ssl_error_context, since WITH_ERROR_CALLBACK, else ptr::null_mut()),
            pre_shared_key: field!(self, ssl_psk_cb, since WITH_PSK_CALLBACK, else None),
            pre_shared_key_context: field!(self, ssl_psk_context, since WITH_PSK_CALLBACK, else ptr::null_mut()),
        };
        Some(functions).filter(|functions| functions.error.is_some() || functions.pre_shared_key.is_some())
    }

    /// # Safety
    /// `protos` is NULL or points to as many bytes as `protos_len` says.
    unsafe fn protocols(&self) -> Vec<u8> {
        let protocols = field!(self, protos, since WITH_PROTOCOLS, else ptr::null());
        let length = field!(self, protos_len, since WITH_PROTOCOLS, else 0);
        if protocols.is_null() || length == 0 {
            return Vec::new();
        }
        let length = usize::try_from(length).unwrap_or(0);
        // SAFETY: the caller's promise, and not NULL.
        unsafe { slice::from_raw_parts(protocols, length) }.to_vec()
    }
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
