//! Disconnecting as the two interfaces ask for it, and the end of the client.

use crate::engine::client::{Busy, Client, Guard};
use crate::engine::connecting::Phase;
use crate::engine::connection::Connection;
use crate::engine::drivers::after_input::Runner;
use crate::engine::drivers::callbacks::NOTICE_LIMIT;
use crate::engine::drivers::connection::Loss;
use crate::engine::requester::Requester;
use crate::engine::runtime::callback_threads::inside_a_callback;
use crate::engine::runtime::clock;
use crate::protocol::{Properties, PropertyView, ReasonCode};
use crate::session::{BufferOptions, RequestError};
use crate::trace;
use std::sync::Arc;
use std::time::Duration;

/// Longest time that the end of a connection waits for a server that takes nothing.
const LONGEST_STALL: Duration = Duration::from_secs(1);

impl Client {
    /// Disconnects. With messages in flight in either direction it first waits for them, at most as long as given. When
    /// it returns no callback of this client is running or will run, unless it was called inside one. Not connected:
    /// nothing happens. Version, reason and properties as in `Session::disconnect`.
    pub fn disconnect(self: &Arc<Self>, timeout: Duration, reason: ReasonCode, properties: PropertyView<'_>) {
        if self.is_of_the_parent() {
            return self.disconnect_copy();
        }
        let _busy = Busy::new(self);
        let mut state = self.state.lock();
        state.connector.interrupt();
        let generation = state.connector.generation();
        self.report_loss(&mut state);
        if !timeout.is_zero() {
            let deadline = clock::after(timeout);
            self.wait_until(&mut state, Some(deadline), |state| {
                let is_over = !state.session.is_connected() || !state.session.has_in_flight();
                (is_over || state.connector.generation() != generation).then_some(())
            });
        }
        // Otherwise another thread has connected again while this one waited, and that connection stays.
        if state.connector.generation() == generation {
            self.end_connection(&mut state, reason, properties);
        }
        drop(state);
        trace::deliver();
    }

    fn end_connection(
        self: &Arc<Self>,
        state: &mut Guard<'_>,
        reason: ReasonCode,
        properties: PropertyView<'_>,
    ) {
        let generation = state.connector.generation();
        let clean = state.session.is_connected() && state.session.ends_with_connection();
        self.say_goodbye(state, reason, properties);
        if state.connector.generation() != generation {
            return;
        }
        if clean {
            state.deliveries.clear_messages();
        }
        self.stop_callbacks(state);
    }

    /// Takes a disconnect: it is carried out after all earlier requests, when nothing is in flight any more, or on the
    /// timeout. Not connected: any attempt to connect ends, and the result is `NotConnected`.
    pub fn start_disconnect(
        self: &Arc<Self>,
        timeout: Duration,
        reason: ReasonCode,
        properties: Properties,
        requester: Option<Requester>,
    ) -> Result<(), RequestError> {
        if self.is_of_the_parent() {
            self.disconnect_copy();
            return Err(RequestError::NotConnected);
        }
        let mut state = self.state.lock();
        state.session.set_wants_connection(false);
        // Or the application is still asked whether it trusts the server.
        if !state.session.is_connected() || matches!(state.connector.phase(), Phase::Opening { .. }) {
            self.stop_connecting(&mut state);
            self.after_input(&mut state, Runner::Found);
            return Err(RequestError::NotConnected);
        }
        state.connector.want_none();
        let (now, timeout) = (clock::now(), clock::millis(timeout));
        let written = state.session.written();
        let queued = state.session.queue_disconnect(now, timeout, reason, properties.view(), requester);
        if queued.is_ok() {
            state.connector.note_disconnect(now, timeout, written);
        }
        self.after_input(&mut state, Runner::Found);
        queued
    }

    /// Closes the connection once the session has queued DISCONNECT at the application's wish and everything is written.
    pub(in crate::engine) fn close_if_asked(self: &Arc<Self>, state: &mut Guard<'_>) {
        if !state.session.is_disconnecting() {
            return;
        }
        let written = state.session.written();
        let is_writing = state.connection.as_ref().is_some_and(Connection::is_being_written);
        let is_done = !is_writing
            && state.session.outgoing().is_empty()
            && state.connection.as_ref().is_none_or(|connection| connection.unsent() == 0);
        if !is_done && !state.connector.gives_up_writing(written, is_writing) {
            return;
        }
        if let Some(connection) = state.connection.as_ref() {
            connection.stream().finish();
        }
        self.close(state);
        self.after_loss(state);
    }

    /// Disconnects without waiting and drops everything. The handle must already be unregistered, so that no other
    /// call finds the client.
    pub fn destroy(self: &Arc<Self>) {
        if self.is_of_the_parent() {
            // Not dropped ever: a thread of the parent may have been at work on it.
            std::mem::forget(self.clone());
            return self.destroy_copy();
        }
        let mut state = self.state.lock();
        state.connector.interrupt();
        self.report_loss(&mut state);
        state.destroyed = true;
        // From here to the end of the connection the lock is held, so that nothing is taken that has no end.
        self.wait_for_writer(&mut state);
        state.session.set_buffer_options(BufferOptions::default());
        // In the order of sending, which the end of the connection would change.
        state.session.discard_requests();
        self.say_goodbye(&mut state, ReasonCode::SUCCESS, PropertyView::default());
        // Requests accepted while the lock was released for a slow writer.
        state.session.discard_requests();
        // No connection must come of what is under way while the lock is released.
        self.abandon_attempt(&mut state);
        self.stop_callbacks(&mut state);
        self.conclude_everything(&mut state);
        state.deliveries.clear_notices();
        state.deliveries.clear_messages();
        let in_hand = state.deliveries.take_in_hand();
        let (store, session) = state.store_and_session();
        store.handed_over(session, in_hand);
        store.close();
        // Nothing puts it into a lane from here on.
        if state.deliveries.keep_out_of_lane() {
            self.lane().take_out(self);
        }
        let (pool, alarm) = (state.mode.take_pool(), state.alarm.take());
        drop(state);
        if let Some(pool) = pool {
            pool.forget_alarm(alarm, self.index());
            pool.leave();
        }
        trace::deliver();
    }

    /// The end: everything that was accepted gets its result, on the calling thread.
    pub(in crate::engine) fn conclude_everything(self: &Arc<Self>, state: &mut Guard<'_>) {
        if !state.mode.is_asynchronous() {
            return;
        }
        self.stop_connecting(state);
        // A thread of the pool may have gone on with it after the others were waited for.
        self.wait_for_openers(state);
        self.collect(state);
        let (results, pool) = (state.deliveries.take_results(), state.mode.pool().cloned());
        // A callback that still runs is one of those that destroy each other's clients: it waits for this one.
        let in_lane = state.deliveries.running().is_none();
        crate::locks::MutexGuard::unlocked(state, || {
            self.deliver_here(results, in_lane, pool.as_ref());
        });
    }

    /// For a connection that was lost, not closed by the current call: reports the loss before the call continues,
    /// unless an earlier call has already. The asynchronous interface reports the results of its requests instead.
    pub(in crate::engine) fn report_loss(self: &Arc<Self>, state: &mut Guard<'_>) {
        if state.mode.is_asynchronous() || self.is_of_the_parent() {
            return;
        }
        if let Some(generation) = state
            .connection
            .as_ref()
            .filter(|connection| connection.is_broken())
            .map(|connection| connection.generation())
        {
            // The server may have said why: that is being read.
            let limit = Some(clock::after(NOTICE_LIMIT));
            self.wait_until(state, limit, |state| state.connection_of(generation).is_none().then_some(()));
            if state.connection_of(generation).is_some() {
                self.lose(state, Loss::Failed("writing failed".into()));
            }
        }
        self.await_loss_notice(state);
    }

    /// Reports the results of requests, but no more messages or changes of the connection. After that no callback
    /// starts, and a running one is waited for. Inside a callback it cannot wait: callbacks that are due follow it. All
    /// this holds until the application connects again, which another thread may do meanwhile.
    fn stop_callbacks(self: &Arc<Self>, state: &mut Guard<'_>) {
        state.deliveries.stop();
        self.wait_for_openers(state);
        if !state.deliveries.are_stopped() {
            return;
        }
        state.deliveries.clear_connection_notices();
        self.changed.notify_all();
        if !inside_a_callback() {
            self.await_notices(state, NOTICE_LIMIT);
            // As long as this client has its turn, it is not held up by another.
            while state.deliveries.are_stopped()
                && state.deliveries.running().is_some()
                && state.deliveries.has_notices()
            {
                self.await_notices(state, NOTICE_LIMIT);
            }
            if !state.deliveries.are_stopped() {
                return;
            }
            // The results of an asynchronous client are still reported, after this.
            if state.mode.is_asynchronous() {
                state.deliveries.clear_connection_notices();
            } else {
                state.deliveries.clear_notices();
            }
        }
        self.wait_for_callbacks(state);
    }

    /// Sends DISCONNECT after what is queued, unless a packet is stuck half-written, and closes.
    pub(in crate::engine) fn say_goodbye(
        &self,
        state: &mut Guard<'_>,
        reason: ReasonCode,
        properties: PropertyView<'_>,
    ) {
        let Some(connection) = state.connection.as_mut() else { return };
        let generation = connection.generation();
        // Whatever the server does from here on is not a loss.
        connection.begin_end();
        self.wait_for_writer(state);
        let can_write =
            state.connection_of(generation).is_some_and(|connection| connection.is_free_for_writing());
        if state.session.is_connected() && can_write {
            let mark = self.trace_mark(state);
            if state.session.disconnect(reason, properties).is_ok() {
                self.trace_sent(state, mark);
                self.flush(state);
            }
        }
        // During the write another call may have closed this connection, or even opened the next one.
        let Some(connection) = state.connection_of(generation) else { return };
        connection.stream().finish();
        self.close(state);
    }

    /// Waits until no other thread is inside a write, and until what was promised to be written is.
    fn wait_for_writer(&self, state: &mut Guard<'_>) {
        let generation = state.connector.generation();
        self.send_held(state);
        self.wait_for_write(state, generation);
        if state.connector.generation() == generation {
            self.await_left_to_pool(state);
        }
    }

    /// Before the connection is closed: waits until the stream has taken what was left to the pool up to now, as long as it
    /// takes something at all.
    fn await_left_to_pool(&self, state: &mut Guard<'_>) {
        let generation = state.connector.generation();
        let unsent = state.connection.as_ref().map_or(0, |connection| connection.unsent());
        let mut seen = state.session.written();
        let end = seen + (state.session.outgoing().len() + unsent) as u64;
        let mut limit = clock::after(LONGEST_STALL);
        while state.connection_of(generation).is_some_and(|connection| connection.has_promised()) {
            let written = state.session.written();
            if written > seen {
                (seen, limit) = (written, clock::after(LONGEST_STALL));
            }
            if written >= end || clock::now() >= limit {
                return;
            }
            self.wait_for_change(state, Some(limit));
        }
    }
}

#[cfg(test)]
#[path = "disconnect_tests.rs"]
mod tests;
