//! One connection of a client: opening, arming, closing.

use crate::engine::client::{Client, State};
use crate::engine::connecting::ServerAnswer;
use crate::engine::connection::gathering::LeftToPool;
use crate::engine::connection::held::Held;
use crate::engine::connection::quick_ack::QuickAck;
use crate::engine::inbox::deliveries::Notice;
use crate::engine::runtime::poller::{Readiness, Token};
use crate::protocol::{Properties, ReasonCode, Version};
use crate::session::Outgoing;
use crate::trace::{Level, trace};
use crate::transport::Stream;
use std::io;
use std::os::fd::AsRawFd;
use std::sync::Arc;

/// A connection. `writing` and `reading` mark that a thread is inside a system call with the client's lock released; no
/// second one enters.
pub(in crate::engine) struct Link {
    pub(in crate::engine) stream: Arc<dyn Stream>,
    pub(in crate::engine) generation: u32,
    /// The connect call has succeeded: its end will be reported.
    pub(in crate::engine) established: bool,
    /// Served by the pool: registered with its poller.
    pub(in crate::engine) pooled: bool,
    /// What the poller was asked for and has not reported yet.
    pub(in crate::engine) armed: Readiness,
    pub(in crate::engine) writing: bool,
    /// The stream took only a part of `unsent`: nothing is written until it is ready for more.
    pub(in crate::engine) blocked: bool,
    pub(in crate::engine) unsent: Outgoing,
    /// A write failed: nothing more is written, and what the server sent before is read.
    pub(in crate::engine) broken: bool,
    /// Why.
    write_error: String,
    pub(in crate::engine) reading: bool,
    /// Bytes of which publish has said that they are written wait for another thread to write them.
    pub(in crate::engine) left_to_pool: Option<LeftToPool>,
    /// The next read will find something without waiting: the last one filled its buffer, or the stream has bytes already.
    pub(in crate::engine) more_to_read: bool,
    pub(in crate::engine) quick_ack: QuickAck,
    pub(in crate::engine) held: Held,
    /// The beginning of a packet whose rest has not come yet.
    pub(in crate::engine) partial: Vec<u8>,
}

/// Why a connection ended without the program's wish.
pub(in crate::engine) enum Loss {
    /// The reason for the log.
    Failed(String),
    /// MQTT 5: the server's DISCONNECT.
    ServerDisconnected(ReasonCode, Properties),
}

impl Link {
    pub(in crate::engine) fn descriptor(&self) -> i32 {
        self.stream.descriptor().as_raw_fd()
    }

    /// A write has failed, so the connection is over, whatever its socket says: some errors leave it as it was. The server may
    /// have said why it ends; reads give that, and then the end.
    pub(in crate::engine) fn note_write_error(&mut self, error: &io::Error) {
        self.broken = true;
        self.write_error = format!("writing failed: {error}");
        self.stream.shut_down();
    }

    /// Why the connection ends, if this is what reading it says.
    pub(in crate::engine) fn cause_of_end(&mut self, cause: String) -> String {
        if self.broken { std::mem::take(&mut self.write_error) } else { cause }
    }

    /// Nothing is on its way but what the last read has brought about.
    pub(in crate::engine) fn is_quiet(&self) -> bool {
        self.unsent.is_empty() && !self.writing && !self.blocked && !self.broken && !self.more_to_read
    }

    /// No thread is notified of data on this connection until it is armed again.
    pub(in crate::engine) fn is_parked(&self) -> bool {
        self.pooled && !self.armed.read && !self.reading
    }
}

impl Client {
    /// Takes a new stream as the client's connection. The calling thread serves it until `serve_by_pool`.
    pub(in crate::engine) fn attach(&self, state: &mut State, stream: Arc<dyn Stream>) {
        state.generation = state.generation.wrapping_add(1);
        state.answers.clear();
        (state.reading_stopped, state.overfull_reported) = (false, false);
        let more_to_read = stream.has_buffered();
        state.link = Some(Link {
            stream,
            generation: state.generation,
            established: false,
            pooled: false,
            armed: Readiness::default(),
            writing: false,
            blocked: false,
            unsent: Outgoing::default(),
            broken: false,
            write_error: String::new(),
            reading: false,
            left_to_pool: None,
            more_to_read,
            quick_ack: QuickAck::new(self.quick_acks),
            held: Held::default(),
            partial: Vec::new(),
        });
    }

    /// Asks the poller for these events besides those it was asked for already, but not for more to read where enough has
    /// come. The only place that does.
    pub(in crate::engine) fn arm(&self, state: &mut State, mut wanted: Readiness) {
        if !state.link.as_ref().is_some_and(|link| link.pooled) {
            return;
        }
        wanted.read = wanted.read && self.may_read(state);
        let Some(link) = state.link.as_mut().filter(|link| link.pooled) else { return };
        let all = Readiness { read: link.armed.read || wanted.read, write: link.armed.write || wanted.write };
        if all == link.armed {
            return;
        }
        let token = self.token(link.generation);
        let Some(pool) = &state.pool else { return };
        if all.read && link.stream.has_buffered() {
            pool.look_again(token);
        }
        match pool.poller.arm(link.stream.descriptor(), token, link.stream.waits_for(all)) {
            Ok(()) => link.armed = all,
            Err(error) => {
                // The caller need not report the consequences of the loss.
                pool.look_again(token);
                self.lose(state, Loss::Failed(format!("the socket cannot be waited for: {error}")));
            }
        }
    }

    pub(in crate::engine) fn token(&self, generation: u32) -> Token {
        Token((self.index() as u64) << 32 | u64::from(generation))
    }

    /// Ends the connection and notifies all threads that wait for it. No callback is queued.
    pub(in crate::engine) fn close(&self, state: &mut State) {
        state.connector.set_failed_stream(None);
        let Some(link) = state.link.take() else { return };
        // While the descriptor is open: once closed, its number may be that of another file.
        if let (true, Some(pool)) = (link.pooled, &state.pool) {
            pool.poller.remove(link.stream.descriptor());
        }
        self.trace_all_oddities(state);
        trace!(Level::Minimum, "Removed socket {}", link.descriptor());
        link.stream.shut_down();
        state.session.connection_closed();
        state.carry_out_store_commands();
        state.tidy_store();
        self.changed.notify_all();
    }

    /// Ends a broken connection. This is reported if it had been established.
    pub(in crate::engine) fn lose(&self, state: &mut State, loss: Loss) {
        // Whatever a server does after our DISCONNECT is not a loss.
        let asked_for = state.session.is_disconnecting();
        let was_connected = !asked_for && state.link.as_ref().is_some_and(|link| link.established);
        let was_accepted =
            !asked_for && matches!(state.connector.answer(), Some(ServerAnswer::Accepted { .. }));
        let by_callback = state.pool.is_some();
        let by_server =
            matches!(loss, Loss::ServerDisconnected(..)) && state.session.version() == Version::V5;
        let unfinished = state.link.as_ref().filter(|link| !link.established);
        let failed_stream = unfinished.map(|link| link.stream.clone());
        // Results from before the loss are reported before it.
        self.collect(state);
        self.close(state);
        state.connector.set_failed_stream(failed_stream);
        let interest = self.application.interest();
        let notice = match loss {
            Loss::ServerDisconnected(reason, properties) => {
                state.cause = format!("the server disconnected with reason {}", reason.0);
                let is_told = by_callback && interest.disconnected;
                is_told.then_some(Notice::Disconnected(reason, properties))
            }
            Loss::Failed(cause) => {
                state.cause = cause;
                None
            }
        };
        let in_place_of_connack = matches!(state.connector.answer(), Some(ServerAnswer::Disconnected { .. }));
        let connection_lost = interest.connection_lost.then_some(Notice::ConnectionLost);
        trace!(Level::Minimum, "Connection of client {} ended: {}", self.name(), state.cause);
        // As in the original: what ends with the connection is reported before its loss, but after the server's
        // DISCONNECT.
        if !by_server {
            self.collect(state);
        }
        if was_connected {
            state.loss_unreported = state.receivers > 0 || by_callback;
            state.deliveries.push_notices(notice.or(connection_lost));
        } else if was_accepted {
            state.early_loss = Some(notice.or(connection_lost));
        } else if in_place_of_connack && !asked_for {
            state.deliveries.push_notices(notice);
        }
        self.collect(state);
    }
}

#[cfg(test)]
#[path = "link_tests.rs"]
mod tests;
