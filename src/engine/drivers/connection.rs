//! The connection of a client: it begins with a stream, the poller watches it, and it ends.

use crate::engine::client::{Client, State};
use crate::engine::connecting::ServerAnswer;
use crate::engine::connecting::failure::with_text;
use crate::engine::connection::Connection;
use crate::engine::inbox::deliveries::Notice;
use crate::engine::runtime::poller::{Readiness, Token};
use crate::protocol::{Properties, ReasonCode, Version};
use crate::trace::{Level, trace};
use crate::transport::Stream;
use std::sync::Arc;

/// Why a connection ended without the application's wish.
pub(in crate::engine) enum Loss {
    /// The reason for the log.
    Failed(String),
    /// MQTT 5: the server's DISCONNECT.
    ServerDisconnected(ReasonCode, Properties),
}

impl Client {
    /// Takes a new stream as the client's connection. The calling thread serves it until `serve_by_pool`.
    pub(in crate::engine) fn attach(&self, state: &mut State, stream: Arc<dyn Stream>) {
        state.calls.forget_answers();
        state.connector.begin_generation();
        state.deliveries.resume_reading();
        state.connection =
            Some(Connection::new(stream, state.connector.generation(), state.options.quick_acks));
    }

    /// Asks the poller for these events besides those it was asked for already, but not for more to read where enough has
    /// come. The only place that does.
    #[inline]
    pub(in crate::engine) fn arm(&self, state: &mut State, wanted: Readiness) {
        let is_new = |connection: &Connection| connection.is_pooled() && connection.to_arm(wanted).is_some();
        if state.connection.as_ref().is_some_and(is_new) {
            self.ask_poller(state, wanted);
        }
    }

    #[inline(never)]
    fn ask_poller(&self, state: &mut State, mut wanted: Readiness) {
        wanted.read = wanted.read && self.may_read(state);
        let Some(connection) = state.connection.as_mut().filter(|connection| connection.is_pooled()) else {
            return;
        };
        let Some(all) = connection.to_arm(wanted) else { return };
        let token = self.token(connection.generation());
        let Some(pool) = state.mode.pool() else { return };
        if all.read && connection.stream().has_buffered() {
            pool.look_again(token);
        }
        match pool.poller().arm(connection.stream().descriptor(), token, connection.stream().waits_for(all)) {
            Ok(()) => connection.note_armed(all),
            Err(error) => {
                // The caller need not report the consequences of the loss.
                pool.look_again(token);
                self.lose(state, Loss::Failed(format!("the socket cannot be waited for: {error}")));
            }
        }
    }

    /// Asks for more to read: of the poller, unless the calling worker looks for it itself.
    #[inline]
    pub(in crate::engine) fn arm_or_keep(&self, state: &mut State) {
        let reading = Readiness { read: true, write: false };
        let is_stream = state.connection.as_ref().is_some_and(Connection::is_stream);
        let may_look = is_stream || state.mode.pool().is_some_and(|pool| pool.spins());
        if !may_look || !self.keep(state, reading) {
            self.arm(state, reading);
        }
    }

    /// True if the calling worker looks at the connection itself from now on.
    fn keep(&self, state: &mut State, reading: Readiness) -> bool {
        if !self.may_read(state) {
            return false;
        }
        let (Some(connection), Some(pool)) = (state.connection.as_mut(), state.mode.pool()) else {
            return false;
        };
        let kept =
            connection.can_be_kept() && pool.keep(self.token(connection.generation()), connection.stream());
        if kept {
            connection.note_armed(reading);
        }
        kept
    }

    pub(in crate::engine) fn token(&self, generation: u32) -> Token {
        Token::new(self.index(), generation)
    }

    /// Ends the connection and notifies all threads that wait for it. No callback is queued.
    pub(in crate::engine) fn close(&self, state: &mut State) {
        state.connector.set_failed_stream(None);
        let Some(connection) = state.connection.take() else { return };
        // While the descriptor is open: once closed, its number may be that of another file.
        if let (true, Some(pool)) = (connection.is_pooled(), state.mode.pool()) {
            pool.poller().remove(connection.stream().descriptor());
        }
        self.trace_all_oddities(state);
        trace!(Level::Minimum, "Removed socket {}", connection.descriptor());
        connection.stream().shut_down();
        state.session.connection_closed();
        state.carry_out_store_commands();
        state.store.tidy();
        self.changed.notify_all();
    }

    /// Ends a broken connection. This is reported if it had been established.
    pub(in crate::engine) fn lose(&self, state: &mut State, loss: Loss) {
        // Whatever a server does after our DISCONNECT is not a loss.
        let asked_for = state.session.is_disconnecting();
        let was_connected = !asked_for && state.connection.as_ref().is_some_and(Connection::is_established);
        let was_accepted = !asked_for
            && !state.session.authenticates()
            && matches!(state.connector.answer(), Some(ServerAnswer::Accepted { .. }));
        let by_callback = state.mode.pool().is_some();
        let by_server =
            matches!(loss, Loss::ServerDisconnected(..)) && state.session.version() == Version::V5;
        let unfinished = state.connection.as_ref().filter(|connection| !connection.is_established());
        let failed_stream = unfinished.map(|connection| connection.stream().clone());
        // Results from before the loss are reported before it.
        self.collect(state);
        self.close(state);
        state.connector.set_failed_stream(failed_stream);
        let interest = self.application.interest();
        let reason_of_server = match &loss {
            Loss::ServerDisconnected(reason, _) => Some(*reason),
            Loss::Failed(_) => None,
        };
        let notice = match loss {
            Loss::ServerDisconnected(reason, properties) => {
                state.connector.set_cause(format!(
                    "the server disconnected with reason {}",
                    with_text(reason.0, reason.text())
                ));
                let is_told = by_callback && interest.disconnected;
                is_told.then_some(Notice::Disconnected(reason, properties))
            }
            Loss::Failed(cause) => {
                state.connector.set_cause(cause);
                None
            }
        };
        let in_place_of_connack = matches!(state.connector.answer(), Some(ServerAnswer::Disconnected { .. }));
        let connection_lost = interest.connection_lost.then_some(Notice::ConnectionLost);
        // Before it was accepted the connect fails, which is logged for itself.
        let level = if was_connected || was_accepted { Level::Error } else { Level::Minimum };
        trace!(level, "Connection of client {} ended: {}", self.name(), state.connector.cause());
        // As in the original: what ends with the connection is reported before its loss, but after the server's
        // DISCONNECT.
        if !by_server {
            self.collect(state);
        }
        if was_connected || was_accepted {
            let State { connector, counters, .. } = state;
            counters.connection_lost(reason_of_server, connector.cause());
        }
        if was_connected {
            state.calls.note_loss(by_callback);
            state.deliveries.push_notices(notice.or(connection_lost));
        } else if was_accepted {
            state.calls.note_early_loss(notice.or(connection_lost));
        } else if in_place_of_connack && !asked_for {
            state.deliveries.push_notices(notice);
        }
        self.collect(state);
    }
}

#[cfg(test)]
#[path = "connection_tests.rs"]
mod tests;
