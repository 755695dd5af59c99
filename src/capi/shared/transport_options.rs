//! Reading what the connect options say about servers and the ways to them: TLS, headers of WebSocket requests, proxies.

use core::ffi::{c_char, c_int};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use super::abi::{MQTTApi_SSLOptions, MQTTApi_nameValue};
use super::faults::Fault;
#[cfg(feature = "tls")]
use super::ssl_options;
use super::text;
use crate::engine::{OpenSettings, ServerUri, environment};
use crate::trace::{Level, trace};

/// The server a URI names, if this library has the URI's scheme.
pub(crate) fn parse_uri(uri: &[u8]) -> Option<ServerUri> {
    ServerUri::parse(OsStr::from_bytes(uri)).ok()
}

/// The servers of a list of URIs, as [`parse_uri`] has it; none if the count is not positive.
///
/// # Safety
/// `list` is NULL or has `count` elements, each NULL or a string; they stay unchanged during the call.
pub(crate) unsafe fn servers(
    count: c_int,
    list: *const *mut c_char,
) -> Result<Vec<Option<ServerUri>>, Fault> {
    let count = usize::try_from(count).unwrap_or(0);
    if count > 0 && list.is_null() {
        return Err(Fault::NULL_PARAMETER);
    }
    let uri = |index| {
        // SAFETY: the caller's promise, for indexes below the count.
        let uri = unsafe { list.wrapping_add(index).read() };
        // SAFETY: the caller's promise.
        unsafe { text::bytes(uri) }.map(parse_uri).ok_or(Fault::NULL_PARAMETER)
    };
    (0..count).map(uri).collect()
}

/// Pointers from the connect options of either interface, which are alike.
pub(crate) struct TransportOptions {
    /// `ssl`
    pub(crate) tls: *const MQTTApi_SSLOptions,
    /// `httpHeaders`
    pub(crate) http_headers: *const MQTTApi_nameValue,
    /// `httpProxy`
    pub(crate) http_proxy: *const c_char,
    /// `httpsProxy`
    pub(crate) https_proxy: *const c_char,
}

impl TransportOptions {
    /// A server that is reached with TLS needs TLS options.
    pub(crate) fn check_for<'a>(
        &self,
        servers: impl IntoIterator<Item = &'a ServerUri>,
    ) -> Result<(), Fault> {
        if !self.tls.is_null() {
            return Ok(());
        }
        let Some(server) = servers.into_iter().find(|server| server.scheme.needs_tls()) else {
            return Ok(());
        };
        trace!(
            Level::Error,
            "Connecting to {} needs TLS options, but ssl of the connect options is NULL",
            server.masked()
        );
        Err(Fault::NULL_PARAMETER)
    }

    /// All that they say, copied. A library without TLS does not look at the TLS options.
    ///
    /// # Safety
    /// The pointers are NULL or to what their names say.
    pub(crate) unsafe fn settings(&self) -> Result<OpenSettings, Fault> {
        Ok(OpenSettings {
            #[cfg(feature = "tls")]
            // SAFETY: the caller's promise.
            tls: unsafe { ssl_options::read(self.tls) }?,
            // SAFETY: the caller's promise.
            http_headers: unsafe { headers(self.http_headers) },
            // SAFETY: the caller's promise.
            http_proxy: unsafe { proxy(self.http_proxy) },
            // SAFETY: the caller's promise.
            https_proxy: unsafe { proxy(self.https_proxy) },
            obeys_environment: !environment::is_privileged(),
            ..OpenSettings::default()
        })
    }
}

/// The headers up to the entry that has no name or no value, copied. None for NULL.
///
/// # Safety
/// `list` is NULL or a list that ends with such an entry, of zero-terminated texts, unchanged during the call.
unsafe fn headers(list: *const MQTTApi_nameValue) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut headers = Vec::new();
    let mut next = list;
    while !next.is_null() {
        // SAFETY: the caller's promise: every entry before had a name and a value, so there is another one.
        let entry = unsafe { next.read() };
        // SAFETY: the caller's promise.
        let name = unsafe { text::bytes(entry.name) };
        // SAFETY: the caller's promise.
        let value = unsafe { text::bytes(entry.value) };
        let (Some(name), Some(value)) = (name, value) else { break };
        headers.push((name.to_vec(), value.to_vec()));
        next = next.wrapping_add(1);
    }
    headers
}

/// The URL of a proxy, copied. `None` for NULL.
///
/// # Safety
/// `url` is NULL or a zero-terminated text.
unsafe fn proxy(url: *const c_char) -> Option<String> {
    // SAFETY: the caller's promise.
    unsafe { text::bytes(url) }.map(|bytes| String::from_utf8_lossy(bytes).into_owned())
}
