//! Disconnecting, and the end of the client.

use crate::engine::asynchronous::Phase;
use crate::engine::calls::patience::Patience;
use crate::engine::client::{Client, Guard};
use crate::engine::connecting::plan::AsyncError;
use crate::engine::runtime::clock;
use crate::protocol::{Properties, ReasonCode};
use crate::session::Reply;
use std::sync::Arc;
use std::time::Duration;

impl Client {
    /// Takes a disconnect: it is carried out after all earlier requests, when nothing is in flight any more, or on the
    /// timeout. Not connected: any attempt to connect ends, and the result is `NotConnected`.
    pub fn start_disconnect(
        self: &Arc<Self>,
        timeout: Duration,
        reason: ReasonCode,
        properties: Properties,
        reply: Option<Reply>,
    ) -> Result<(), AsyncError> {
        if self.is_of_the_parent() {
            self.disconnect_copy();
            return Err(AsyncError::NotConnected);
        }
        let mut state = self.state.lock();
        state.session.set_wants_connection(false);
        let Some(part) = state.asynchronous() else { return Err(AsyncError::Failed) };
        part.wants_connection = false;
        if !state.session.is_connected() {
            self.stop_connecting(&mut state);
            self.settle(&mut state);
            return Err(AsyncError::NotConnected);
        }
        let (now, timeout) = (clock::now(), clock::millis(timeout));
        let written = state.session.written();
        let queued = state.session.queue_disconnect(now, timeout, reason, properties.view(), reply);
        if let Some(part) = state.asynchronous()
            && queued.is_ok()
        {
            part.note_disconnect(Patience::new(now, timeout, written));
        }
        self.settle(&mut state);
        Ok(queued?)
    }

    /// Closes the connection once the session has queued DISCONNECT at the program's wish and everything is written.
    pub(in crate::engine) fn close_if_asked(self: &Arc<Self>, state: &mut Guard<'_>) {
        if !state.session.is_disconnecting() {
            return;
        }
        let (now, written) = (clock::now(), state.session.written());
        let is_writing = state.link.as_ref().is_some_and(|link| link.writing);
        let is_done = !is_writing
            && state.session.outgoing().is_empty()
            && state.link.as_ref().is_none_or(|link| link.unsent.is_empty());
        let Some(part) = state.asynchronous() else { return };
        match &mut part.phase {
            _ if is_done => {}
            Phase::Closing { patience, .. } => {
                if !patience.is_over(now, written, is_writing) {
                    return;
                }
            }
            _ => return part.begin_closing(false),
        }
        if let Some(link) = state.link.as_ref() {
            link.stream.finish();
        }
        self.close(state);
        self.after_loss(state);
    }

    /// The end: everything that was accepted gets its result, on the calling thread.
    pub(in crate::engine) fn conclude_everything(self: &Arc<Self>, state: &mut Guard<'_>) {
        if !self.is_asynchronous() {
            return;
        }
        self.stop_connecting(state);
        // A thread of the pool may have gone on with it after the others were waited for.
        self.wait_for_openers(state);
        self.collect(state);
        let (results, pool) = (state.deliveries.take_results(), state.pool.clone());
        // A callback that still runs is one of those that destroy each other's clients: it waits for this one.
        let in_lane = state.deliveries.running.is_none();
        crate::locks::MutexGuard::unlocked(state, || {
            self.deliver_here(results, in_lane, pool.as_ref());
        });
    }
}
