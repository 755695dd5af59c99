//! What the connect options say about TLS.

use super::tls_sessions::SessionCache;
use foreign_types::ForeignType;
use openssl::ssl::SslContext;
use std::ffi::{CStr, CString};
use std::fmt;
use std::sync::Arc;

/// A version of TLS that can be asked for as the lowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsVersion {
    /// TLS 1.0
    Tls1_0,
    /// TLS 1.1
    Tls1_1,
    /// TLS 1.2
    Tls1_2,
}

/// An `SSL_CTX` that the application has made, with a reference of its own.
#[derive(Clone)]
pub struct TlsContext(pub(in crate::transport) SslContext);

/// Everything about TLS in the connect options. The PEM text itself may be given in place of a file name.
#[derive(Clone, Default)]
pub struct TlsSettings {
    /// Certificates of authorities: a PEM file.
    pub trust_store: Option<CString>,
    /// Certificates of authorities: a directory, hashed.
    pub ca_path: Option<CString>,
    /// Without `trust_store` and `ca_path` the system's authorities are trusted.
    pub trusts_system_store: bool,
    /// Our certificate and those above it: a PEM file.
    pub key_store: Option<CString>,
    /// Our key: a PEM file, or a `pkcs11:` URI. None: it is in `key_store`.
    pub private_key: Option<CString>,
    /// What the key is encrypted with.
    pub private_key_password: Option<Vec<u8>>,
    /// OpenSSL's cipher list for TLS 1.2 and below.
    pub cipher_list: Option<String>,
    /// The server's certificate has to be that of a trusted authority.
    pub checks_chain: bool,
    /// The server's certificate has to be for the host that was asked for.
    pub checks_host: bool,
    /// Nothing below this version, even if the system allows it, nor only what is above because the system wants that.
    pub lowest_version: Option<TlsVersion>,
    /// ALPN: names, each preceded by its length.
    pub protocols: Vec<u8>,
    /// In its place: certificates, keys, ciphers and whatever else it has come from this.
    pub context: Option<TlsContext>,
    /// The application's functions.
    pub callbacks: Option<Arc<dyn TlsCallbacks>>,
    /// What earlier connections with these settings have left; shared by all clones.
    pub sessions: SessionCache,
}

/// The application's functions for TLS. Called on the thread that opens the connection, with no lock of the library
/// held - except for a server that renegotiates on an open connection, where OpenSSL calls from inside a read.
pub trait TlsCallbacks: Send + Sync {
    /// One line about a failure, with a line end. False: nothing more about this failure.
    fn error(&self, line: &CStr) -> bool;
    /// True: `pre_shared_key` can be called.
    fn has_pre_shared_key(&self) -> bool;
    /// Writes a zero-terminated identity and the key; the length of the key, 0: there is none.
    fn pre_shared_key(&self, hint: Option<&CStr>, identity: &mut [u8], key: &mut [u8]) -> usize;
    /// Equal for equal functions with equal contexts.
    fn identity(&self) -> [usize; 4];
}

impl TlsSettings {
    pub(in crate::transport) fn has_pre_shared_key(&self) -> bool {
        self.callbacks.as_ref().is_some_and(|callbacks| callbacks.has_pre_shared_key())
    }

    /// Certificates of the system's authorities are taken. With a key shared beforehand and no wish to have
    /// certificates checked, none is to be trusted.
    pub(in crate::transport) fn trusts_system_store(&self) -> bool {
        let names_others = self.trust_store.is_some() || self.ca_path.is_some();
        let needs_none = self.has_pre_shared_key() && !self.checks_chain;
        self.trusts_system_store && !names_others && !needs_none
    }

    fn context_identity(&self) -> Option<usize> {
        self.context.as_ref().map(|context| context.0.as_ptr().addr())
    }

    fn callback_identity(&self) -> Option<[usize; 4]> {
        self.callbacks.as_ref().map(|callbacks| callbacks.identity())
    }
}

/// Equal settings lead to equally trusted connections if the files they name have not changed: then the session of one
/// may be resumed by the other.
impl PartialEq for TlsSettings {
    fn eq(&self, other: &Self) -> bool {
        self.trust_store == other.trust_store
            && self.ca_path == other.ca_path
            && self.trusts_system_store == other.trusts_system_store
            && self.key_store == other.key_store
            && self.private_key == other.private_key
            && self.private_key_password == other.private_key_password
            && self.cipher_list == other.cipher_list
            && self.checks_chain == other.checks_chain
            && self.checks_host == other.checks_host
            && self.lowest_version == other.lowest_version
            && self.protocols == other.protocols
            && self.context_identity() == other.context_identity()
            && self.callback_identity() == other.callback_identity()
    }
}

impl Eq for TlsSettings {}

/// Without secrets: keys may be given in place of file names.
impl fmt::Debug for TlsSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsSettings")
            .field("checks_chain", &self.checks_chain)
            .field("checks_host", &self.checks_host)
            .finish_non_exhaustive()
    }
}
