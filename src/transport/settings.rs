//! What the connect options say about transports.

#[cfg(feature = "tls")]
use super::tls::TlsSettings;

/// Everything that belongs to transports in the connect options. The default is a plain connection to the server itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenSettings {
    /// None: connections with TLS fail.
    #[cfg(feature = "tls")]
    pub tls: Option<TlsSettings>,
    /// Lines that follow the fixed ones in the upgrade request of a WebSocket, in this order.
    pub http_headers: Vec<(String, String)>,
    /// URL of the proxy for connections without TLS.
    pub http_proxy: Option<String>,
    /// URL of the proxy for connections with TLS.
    pub https_proxy: Option<String>,
}
