//! Receiving without callbacks.

use crate::engine::client::{Client, Guard, PROCESS};
use crate::engine::connection::Connection;
use crate::engine::drivers::wait::{poll_entry, time_until};
use crate::engine::inbox::message::Message;
use crate::engine::runtime::clock;
use crate::engine::runtime::poller::Readiness;
use crate::session::{Moment, RequestError};
use crate::trace;
use crate::transport::Stream;
use rustix::event::{PollFd, poll};
use std::sync::Arc;
use std::time::Duration;

impl Client {
    /// The next message, or None when the time is over. Messages that came before the connection broke are handed out
    /// first, then the loss is reported once (`Failed`), then `NotConnected`; what came before a
    /// disconnect of the application waits for the next connection. Not for clients with callbacks (`Failed`).
    #[inline]
    pub fn receive(self: &Arc<Self>, timeout: Duration) -> Result<Option<Message>, RequestError> {
        let mut state = self.state.lock();
        if state.connection.as_ref().is_some_and(Connection::is_pooled) {
            return Err(RequestError::Failed);
        }
        if state.connection.is_none() && !state.calls.has_unreported_loss() {
            return Err(RequestError::NotConnected);
        }
        if let Some(message) = self.waiting_message(&mut state) {
            return Ok(Some(message));
        }
        if state.connection.is_none() {
            return Err(no_connection(&mut state));
        }
        let deadline = clock::after(timeout);
        state.calls.begin_receiving();
        if timeout.is_zero() {
            self.look_once(&mut state);
        }
        let found = self.wait_until(&mut state, Some(deadline), |state| match state.take_message() {
            Some(message) => Some(Ok(message)),
            None => (state.connection.is_none()).then(|| Err(no_connection(state))),
        });
        state.calls.end_receiving();
        found.transpose()
    }

    /// A message that has come already, if taking it makes no system call. None: `receive` knows more.
    #[inline]
    pub fn receive_at_once(&self) -> Option<Message> {
        let mut state = self.state.lock();
        let is_served_here = state.connection.as_ref().is_some_and(|connection| !connection.is_pooled());
        let looks = state.deliveries.message_count() % LOOK_EVERY == 0;
        let is_simple =
            is_served_here && !looks && !state.deliveries.is_reading_stopped() && state.store.is_none();
        if is_simple { state.take_message() } else { None }
    }

    /// A message that has come already. Now and then the network is looked at all the same, so that an application
    /// which never runs out of messages keeps its connection alive.
    #[inline]
    fn waiting_message(self: &Arc<Self>, state: &mut Guard<'_>) -> Option<Message> {
        let message = state.take_message()?;
        if state.deliveries.is_reading_stopped() && state.calls.is_one_asleep() {
            self.changed.notify_all();
        }
        if state.connection.is_some() && state.deliveries.message_count() % LOOK_EVERY == LOOK_EVERY - 1 {
            self.check_time(state);
        }
        Some(message)
    }
}

/// Keep-alive is looked at once in so many messages.
const LOOK_EVERY: usize = 64;

fn no_connection(state: &mut Guard<'_>) -> RequestError {
    match state.calls.take_unreported_loss() {
        true => RequestError::Failed,
        false => RequestError::NotConnected,
    }
}

/// Does the network work of all clients without callbacks for that long.
pub fn yield_all(time: Duration) {
    let end = clock::after(time);
    loop {
        let clients = PROCESS.registry.all();
        let streams: Vec<_> = clients.iter().filter_map(|client| client.waiting_stream()).collect();
        wait_for_any(&streams, end);
        for client in &clients {
            client.look_once(&mut client.state.lock());
        }
        trace::deliver();
        if clock::now() >= end {
            return;
        }
    }
}

/// A stream to wait for, what for, and how long at most.
type Waiting = (Arc<dyn Stream>, Readiness, Option<Moment>);

impl Client {
    /// The stream of a client whose network work is done by the application's calls, unless another call is at it.
    fn waiting_stream(&self) -> Option<Waiting> {
        let mut state = self.state.lock();
        let read = state.connection.is_some() && self.may_read(&mut state);
        let next = state.session.next_deadline();
        let connection = state.connection.as_mut().filter(|connection| connection.is_to_be_pumped())?;
        let wanted = Readiness { read, write: connection.is_blocked() };
        if wanted == Readiness::default() {
            return None;
        }
        connection.begin_wait();
        let next = if connection.has_more_to_read() && read { Some(clock::now()) } else { next };
        Some((connection.stream().clone(), wanted, next))
    }

    /// One look at the network without waiting, unless another call is at it.
    fn look_once(self: &Arc<Self>, state: &mut Guard<'_>) {
        if state.connection.as_ref().is_some_and(Connection::is_to_be_pumped) {
            self.pump(state, Some(clock::now()));
        }
    }
}

/// Waits for any of the streams, at most to the moment given.
fn wait_for_any(streams: &[Waiting], end: Moment) {
    let limit = streams.iter().filter_map(|(_, _, next)| *next).chain([end]).min().unwrap_or(end);
    let mut polled: Vec<PollFd<'_>> =
        streams.iter().map(|(stream, wanted, _)| poll_entry(&**stream, *wanted)).collect();
    // A signal ends the wait early: the caller looks and waits again.
    let _ = poll(&mut polled, Some(&time_until(limit)));
}
