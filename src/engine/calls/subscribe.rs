//! Subscribing, unsubscribing, and waiting for messages to be complete.

use crate::engine::client::Client;
use crate::engine::drivers::connection::Loss;
use crate::engine::inbox::waiting_calls::Answer;
use crate::engine::runtime::clock;
use crate::protocol::{PacketId, PropertyView, TopicFilter};
use crate::session::{Moment, RequestError};
use std::sync::Arc;
use std::time::Duration;

/// Longest time that a call which ended the connection waits for connectionLost to return.
const CALLBACK_LIMIT: Duration = Duration::from_secs(5);

impl Client {
    /// Subscribes or unsubscribes and waits for the answer, at most as long as the command timeout. A maximum QoS is part
    /// of each filter. Without an answer in time the connection is closed and connectionLost called.
    pub fn request<'a, F: TopicFilter<'a>>(
        self: &Arc<Self>,
        filters: &[F],
        properties: PropertyView<'_>,
    ) -> Result<Answer, RequestError> {
        let deadline = self.command_deadline();
        let mut state = self.state.lock();
        let mark = self.trace_mark(&mut state);
        let id = state.session.request(filters, properties)?;
        self.trace_sent(&mut state, mark);
        let generation = state.connector.generation();
        self.flush(&mut state);
        let found = self.wait_until(&mut state, Some(deadline), |state| {
            if let Some(answer) = state.calls.take_answer(id) {
                return Some(Ok(answer));
            }
            state.connection_of(generation).is_none().then_some(Err(RequestError::Failed))
        });
        match found {
            Some(result) => result,
            None => {
                self.lose(&mut state, Loss::Failed("the server did not answer in time".into()));
                self.await_notices(&mut state, CALLBACK_LIMIT);
                Err(RequestError::Failed)
            }
        }
    }

    /// Waits until the message with this token is complete, at most as long as given (`Failed`), and until its
    /// callbacks have run.
    pub fn wait_for_completion(self: &Arc<Self>, token: i32, timeout: Duration) -> Result<(), RequestError> {
        if timeout.is_zero() {
            return Err(RequestError::Failed);
        }
        let Some(id) = u16::try_from(token).ok().and_then(PacketId::new) else {
            return if self.is_connected() { Ok(()) } else { Err(RequestError::NotConnected) };
        };
        let mut state = self.state.lock();
        let deadline: Moment = clock::after(timeout);
        let found = self.wait_until(&mut state, Some(deadline), |state| {
            if !state.session.is_connected() {
                return Some(Err(RequestError::NotConnected));
            }
            (!state.session.is_pending(id)).then_some(Ok(()))
        });
        if matches!(found, Some(Ok(()))) {
            self.await_notice_of(&mut state, id.get());
        }
        found.unwrap_or(Err(RequestError::Failed))
    }
}
