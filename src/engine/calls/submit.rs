//! Requests of the asynchronous interface: messages, subscriptions, and waiting for them.

use crate::engine::client::{Client, State};
use crate::engine::drivers::after_input::Runner;
use crate::engine::inbox::deliveries::Notice;
use crate::engine::requester::Requester;
use crate::engine::runtime::callback_threads::inside_a_callback;
use crate::engine::runtime::clock;
use crate::protocol::{PropertyView, QoS, TopicFilter};
use crate::session::{Moment, OutgoingPublish, RequestError};
use std::sync::Arc;
use std::time::Duration;

impl Client {
    /// Takes a message: it goes out at once if nothing is in its way, else it waits its turn. `assigned` gets the token, 0
    /// for QoS 0, before the message can be concluded; the lock is held, so it must only store it.
    #[inline]
    pub fn send(
        self: &Arc<Self>,
        publish: &OutgoingPublish<'_>,
        requester: Option<Requester>,
        assigned: impl FnOnce(u16),
    ) -> Result<(), RequestError> {
        let mut state = self.state.lock();
        let now = clock::now();
        let mark = self.trace_mark(&mut state);
        let (store, session) = state.store_and_session();
        let accepted = store.send(session, now, publish, requester)?;
        state.note_question();
        self.trace_sent(&mut state, mark);
        self.trace_waiting(&state);
        assigned(accepted.token);
        self.limit_time(&mut state, now, accepted.token);
        if let Some(displaced) = accepted.displaced {
            state.deliveries.push_notice(Notice::Completed(displaced));
        }
        // A burst is left to the pool, which writes all of it at once while this thread continues.
        let burst = state.calls.note_message(now);
        if !(burst && self.gather(&mut state)) {
            self.flush(&mut state);
        }
        self.collect(&mut state);
        self.dispatch(&mut state);
        if burst {
            self.let_results_be_reported(&mut state);
        }
        Ok(())
    }

    /// Takes a subscription, or the end of one; only on a connected client.
    pub fn start_request<'a, F: TopicFilter<'a>>(
        self: &Arc<Self>,
        filters: &[F],
        properties: PropertyView<'a>,
        requester: Option<Requester>,
        assigned: impl FnOnce(u16),
    ) -> Result<(), RequestError> {
        let mut state = self.state.lock();
        let (store, session) = state.store_and_session();
        let token = store.queue_request(session, filters, properties, requester)?;
        assigned(token);
        self.limit_time(&mut state, clock::now(), token);
        self.after_input(&mut state, Runner::Found);
        Ok(())
    }

    /// The request that was just taken under this token fails if it is not answered in time, if there is a limit.
    #[inline]
    fn limit_time(&self, state: &mut State, now: Moment, token: u16) {
        if state.options.request_timeout != 0 && token != 0 {
            self.set_time_limit(state, now, token);
        }
    }

    #[inline(never)]
    fn set_time_limit(&self, state: &mut State, now: Moment, token: u16) {
        let until = clock::past(now, state.options.request_timeout);
        state.session.limit_time(token, until);
        if state.mode.pool().is_none() && self.join_pool(state).is_err() {
            // Found out with the first connect.
            return;
        }
        self.set_alarm(state, until);
    }

    /// Why no message of this QoS would be taken now. Without QoS only the lack of a connection counts.
    pub fn message_refusal(&self, qos: Option<QoS>) -> Option<RequestError> {
        self.state.lock().session.message_refusal(qos)
    }

    /// Why no subscription, or end of one, would be taken now.
    pub fn request_refusal(&self) -> Option<RequestError> {
        self.state.lock().session.request_refusal()
    }

    /// The application has set callbacks: messages that waited for one are offered at once.
    pub fn callbacks_changed(self: &Arc<Self>) {
        let mut state = self.state.lock();
        if state.deliveries.message_count() > 0 {
            state.deliveries.end_pause();
            self.after_input(&mut state, Runner::Found);
        }
    }

    /// The tokens of all messages not yet concluded: of those that wait, in order, then of those in flight.
    pub fn pending_requests(&self) -> Vec<u16> {
        self.state.lock().session.pending_requests().collect()
    }

    /// True if no message with this token waits or is in flight, and its result has been reported.
    pub fn request_is_complete(&self, token: u16) -> bool {
        let mut state = self.state.lock();
        state.session.request_is_complete(token) && self.is_reported(&mut state, token)
    }

    /// Waits until no message with this token waits or is in flight, at most as long as given (`Failed`), and until its
    /// result has been reported.
    pub fn wait_for_request(self: &Arc<Self>, token: u16, timeout: Duration) -> Result<(), RequestError> {
        let mut state = self.state.lock();
        // In an event loop of the application nobody would do the work while its callback waits.
        let is_callback = state.mode.external_pool().is_some() && inside_a_callback();
        let deadline = clock::after(if is_callback { Duration::ZERO } else { timeout });
        let found = self.wait_until(&mut state, Some(deadline), |state| {
            if !state.session.is_connected() {
                return Some(Err(RequestError::NotConnected));
            }
            state.session.request_is_complete(token).then_some(Ok(()))
        });
        if matches!(found, Some(Ok(()))) {
            self.await_notice_of(&mut state, token);
        }
        if let Some(pool) = state.mode.external_pool() {
            // What is due next may have changed meanwhile, and the event loop was not woken for that.
            pool.poller().wake();
        }
        found.unwrap_or(Err(RequestError::Failed))
    }
}
