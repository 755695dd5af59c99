//! How long the stages of an opening took.

use std::time::Duration;

/// A stage whose time is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Timed {
    Resolve,
    Connect,
    Proxy,
    #[cfg(feature = "tls")]
    Tls,
    WebSocket,
}

/// The time of each stage, `None` for one that there was not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StageTimes {
    /// Finding the addresses of the host.
    pub resolve: Option<Duration>,
    /// Connecting to one of them, or to a Unix domain socket.
    pub connect: Option<Duration>,
    /// The connection through a proxy.
    pub proxy: Option<Duration>,
    /// The TLS handshake.
    pub tls: Option<Duration>,
    /// The upgrade to a WebSocket.
    pub websocket: Option<Duration>,
}

impl StageTimes {
    pub(super) fn add(&mut self, stage: Timed, time: Duration) {
        let place = match stage {
            Timed::Resolve => &mut self.resolve,
            Timed::Connect => &mut self.connect,
            Timed::Proxy => &mut self.proxy,
            #[cfg(feature = "tls")]
            Timed::Tls => &mut self.tls,
            Timed::WebSocket => &mut self.websocket,
        };
        *place.get_or_insert_default() += time;
    }
}
