//! What the connect options say about transports.

mod socket;
#[cfg(feature = "tls")]
mod tls;
#[cfg(feature = "tls")]
mod tls_sessions;
mod upgrade;

pub use socket::SocketSettings;
#[cfg(feature = "tls")]
pub use tls::{TlsCallbacks, TlsContext, TlsSettings, TlsVersion};
#[cfg(feature = "tls")]
pub use tls_sessions::SessionCache;
#[cfg(feature = "tls")]
pub(super) use tls_sessions::{Digest, Offer, Origin};
pub use upgrade::{UpgradeCallback, UpgradeFunction, UpgradeParts};

use std::sync::Arc;

/// Everything that belongs to transports in the connect options. The default is a plain connection to the server itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenSettings {
    /// None: connections with TLS fail.
    #[cfg(feature = "tls")]
    pub tls: Option<TlsSettings>,
    /// How TCP sockets are made.
    pub socket: SocketSettings,
    /// Whatever the server of a WebSocket does against the standard ends the connection.
    pub strict: bool,
    /// Lines that follow the fixed ones in the upgrade request of a WebSocket, in this order.
    pub http_headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// The application's part in that request.
    pub upgrade: Option<UpgradeCallback>,
    /// URL of the proxy for connections without TLS.
    pub http_proxy: Option<String>,
    /// URL of the proxy for connections with TLS.
    pub https_proxy: Option<String>,
    /// The environment may name proxies: the process is not privileged.
    pub obeys_environment: bool,
}

impl OpenSettings {
    /// These settings, ready to resume what connections with earlier ones have left, if that is right.
    #[cfg_attr(not(feature = "tls"), allow(unused_variables, reason = "there is nothing to resume"))]
    pub fn resuming(self: &Arc<Self>, earlier: &OpenSettings) -> Arc<OpenSettings> {
        #[cfg(feature = "tls")]
        match (&self.tls, &earlier.tls) {
            (Some(tls), Some(before)) if tls == before => {
                let tls = Some(TlsSettings { sessions: before.sessions.clone(), ..tls.clone() });
                return Arc::new(OpenSettings { tls, ..OpenSettings::clone(self) });
            }
            _ => {}
        }
        self.clone()
    }
}
