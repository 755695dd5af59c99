//! Lines about what a session has just queued.

use crate::engine::client::{Client, State};
use crate::session::Oddity;
use crate::trace::{self, Level, trace};

impl Client {
    /// The end of the queue of outgoing bytes; None while packet lines are not logged.
    #[inline]
    pub(in crate::engine) fn trace_mark(&self, state: &mut State) -> Option<usize> {
        trace::shows_packets().then(|| state.session.outgoing().len())
    }

    /// Writes the lines of the packets queued since the mark was taken.
    #[inline]
    pub(in crate::engine) fn trace_sent(&self, state: &mut State, mark: Option<usize>) {
        if let Some(mark) = mark {
            self.trace_sent_with(state, mark, &[]);
        }
    }

    /// The same, for a PUBLISH whose payload is not queued but written from the application's memory.
    #[cold]
    pub(in crate::engine) fn trace_sent_with(&self, state: &mut State, mark: usize, payload: &[u8]) {
        let socket = state.socket();
        let version = state.session.version();
        let queued: Vec<u8> = state.session.outgoing().chunks().flatten().copied().skip(mark).collect();
        trace::sent(socket, &self.client_id, version, &queued, payload, 0);
    }

    /// Says what the server has done against the standard, each kind once for each connection.
    #[cold]
    pub(in crate::engine) fn trace_new_oddities(&self, state: &mut State) {
        for Oddity { packet_type, breach, .. } in state.session.take_new_oddities() {
            let (name, packet, what) = (self.name(), packet_type.name(), breach.text());
            trace!(Level::Error, "Tolerated from the server of client {name}: {packet}: {what}");
        }
    }

    /// The connection ends: says how often it was done, if more than once.
    #[cold]
    pub(in crate::engine) fn trace_all_oddities(&self, state: &mut State) {
        self.trace_new_oddities(state);
        for Oddity { packet_type, breach, count } in state.session.take_oddities() {
            let (name, packet, what) = (self.name(), packet_type.name(), breach.text());
            if count > 1 {
                trace!(
                    Level::Error,
                    "Tolerated {count} times from the server of client {name}: {packet}: {what}"
                );
            }
        }
    }

    /// Says that a message waits until others are acknowledged, if one does.
    #[inline]
    pub(in crate::engine) fn trace_waiting(&self, state: &State) {
        if trace::enabled(Level::Minimum) && state.session.waits_for_window() {
            trace!(Level::Minimum, "Blocking on server receive maximum for client {}", self.name());
        }
    }
}
