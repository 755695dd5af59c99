//! The values of the options of one client.

use crate::engine::inbox::bounds::Bounds;
use crate::transport::{OpenSettings, SocketSettings};
use std::sync::Arc;

/// The values of all options of one client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engine) struct Options {
    /// Whatever a server does against the standard ends the connection.
    pub(in crate::engine) strict: bool,
    /// The application acknowledges messages of QoS 1 and 2.
    pub(in crate::engine) acknowledges_by_hand: bool,
    /// Its callbacks run in a lane of its own.
    pub(in crate::engine) has_own_lane: bool,
    /// It has no threads of the library: the application calls `process`.
    pub(in crate::engine) is_external: bool,
    /// A thread may spin for an answer to it.
    pub(in crate::engine) may_spin: bool,
    /// The kernel is asked for acknowledgements that it delays.
    pub(in crate::engine) quick_acks: bool,
    /// Every TLS server has to prove its identity, whatever the connect options say.
    pub(in crate::engine) verifies_tls: bool,
    /// The environment demands that.
    pub(in crate::engine) has_to_verify_tls: bool,
    pub(in crate::engine) socket: SocketSettings,
    /// Milliseconds in which the server has to answer a request of the asynchronous interface; 0: no limit.
    pub(in crate::engine) request_timeout: u64,
    /// Subscriptions are made again when the server has lost the session.
    pub(in crate::engine) resubscribes: bool,
    /// What may wait for the application.
    pub(in crate::engine) bounds: Bounds,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            strict: false,
            acknowledges_by_hand: false,
            has_own_lane: false,
            is_external: false,
            may_spin: true,
            quick_acks: true,
            verifies_tls: false,
            has_to_verify_tls: false,
            socket: SocketSettings::default(),
            request_timeout: 0,
            resubscribes: false,
            bounds: Bounds::default(),
        }
    }
}

impl Options {
    /// Without calls that only this library has, a program with these options would stop.
    pub(super) fn needs_calls(&self) -> bool {
        self.is_external || self.acknowledges_by_hand
    }

    /// Its callbacks do not run in the lane of the process. Those of an external event loop run where that is.
    pub(in crate::engine) fn has_own_lane(&self) -> bool {
        self.has_own_lane || self.is_external
    }

    /// The settings of a connect as this client uses them.
    fn apply_to(&self, settings: &mut OpenSettings) {
        settings.strict |= self.strict;
        settings.socket.clone_from(&self.socket);
        #[cfg(feature = "tls")]
        if let Some(tls) = settings.tls.as_mut().filter(|_| self.verifies_tls) {
            (tls.checks_chain, tls.checks_host) = (true, true);
        }
    }

    /// The same settings, as this client uses them.
    pub(in crate::engine) fn transport(&self, mut settings: Arc<OpenSettings>) -> Arc<OpenSettings> {
        if self.strict || self.verifies_tls || self.socket != SocketSettings::default() {
            self.apply_to(Arc::make_mut(&mut settings));
        }
        settings
    }
}
