//! Reading what the connect options say about transports: TLS, headers of WebSocket requests, proxies.

use core::ffi::{c_char, c_void};

use super::option_fault::OptionFault;
#[cfg(feature = "tls")]
use super::ssl_options;
use super::{assert_layout, text};
use crate::engine::{OpenSettings, ServerUri, environment};

/// Pointers from the connect options of either interface, which are alike; NULL where the options are too old to have them.
pub(crate) struct TransportOptions {
    /// `ssl`
    pub(crate) tls: *const c_void,
    /// `httpHeaders`
    pub(crate) http_headers: *const c_void,
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
    ) -> Result<(), OptionFault> {
        let lacks = self.tls.is_null() && servers.into_iter().any(|server| server.scheme.needs_tls());
        if lacks { Err(OptionFault::NullParameter) } else { Ok(()) }
    }

    /// All that they say, copied. A library without TLS does not look at the TLS options.
    ///
    /// # Safety
    /// The pointers are NULL or to what their names say.
    pub(crate) unsafe fn settings(&self) -> Result<OpenSettings, OptionFault> {
        Ok(OpenSettings {
            #[cfg(feature = "tls")]
            // SAFETY: the caller's promise.
            tls: unsafe { ssl_options::read(self.tls.cast()) }?,
            // SAFETY: the caller's promise.
            http_headers: unsafe { headers(self.http_headers.cast()) },
            // SAFETY: the caller's promise.
            http_proxy: unsafe { proxy(self.http_proxy) },
            // SAFETY: the caller's promise.
            https_proxy: unsafe { proxy(self.https_proxy) },
            obeys_environment: !environment::is_privileged(),
            ..OpenSettings::default()
        })
    }
}

/// `MQTTClient_nameValue` and `MQTTAsync_nameValue`, which are the same.
#[repr(C)]
#[derive(Clone, Copy)]
struct NameValue {
    name: *const c_char,
    value: *const c_char,
}

assert_layout!(NameValue, size 16, align 8, name @ 0, value @ 8);

/// The headers up to the entry that has no name or no value, copied. None for NULL.
///
/// # Safety
/// `list` is NULL or a list that ends with such an entry, of zero-terminated texts, unchanged during the call.
unsafe fn headers(list: *const NameValue) -> Vec<(Vec<u8>, Vec<u8>)> {
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
