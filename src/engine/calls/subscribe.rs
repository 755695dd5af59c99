//! Subscribing, unsubscribing, and waiting for messages to be complete.

use crate::engine::CallError;
use crate::engine::client::{Client, Guard};
use crate::engine::drivers::connection::Loss;
use crate::engine::inbox::waiting_calls::Answer;
use crate::engine::runtime::clock;
use crate::protocol::{Filter, PacketId, PropertyView};
use crate::session::{Moment, RequestError};
use std::sync::Arc;
use std::time::Duration;

/// Longest time that a call which ended the connection waits for connectionLost to return.
const CALLBACK_LIMIT: Duration = Duration::from_secs(5);

impl Client {
    /// Subscribes and waits for the answer, at most as long as the command timeout. A maximum QoS is part of each filter.
    /// Without an answer in time the connection is closed and connectionLost called.
    pub fn subscribe(
        self: &Arc<Self>,
        filters: &[Filter<'_>],
        properties: PropertyView<'_>,
    ) -> Result<Answer, CallError> {
        self.request(|state| state.session.subscribe(filters, properties))
    }

    /// Unsubscribes, like `subscribe`.
    pub fn unsubscribe(
        self: &Arc<Self>,
        filters: &[&[u8]],
        properties: PropertyView<'_>,
    ) -> Result<Answer, CallError> {
        self.request(|state| state.session.unsubscribe(filters, properties))
    }

    fn request(
        self: &Arc<Self>,
        queue: impl FnOnce(&mut Guard<'_>) -> Result<PacketId, RequestError>,
    ) -> Result<Answer, CallError> {
        let deadline = self.command_deadline();
        let mut state = self.state.lock();
        let mark = self.trace_mark(&mut state);
        let id = queue(&mut state)?;
        self.trace_sent(&mut state, mark);
        let generation = state.connector.generation();
        self.flush(&mut state);
        let found = self.wait_until(&mut state, Some(deadline), |state| {
            if let Some(answer) = state.calls.take_answer(id) {
                return Some(Ok(answer));
            }
            state.connection_of(generation).is_none().then_some(Err(CallError::Failed))
        });
        match found {
            Some(result) => result,
            None => {
                self.lose(&mut state, Loss::Failed("the server did not answer in time".into()));
                self.await_notices(&mut state, CALLBACK_LIMIT);
                Err(CallError::Failed)
            }
        }
    }

    /// Waits until the message with this token is complete, at most as long as given (`Failed`), and until its
    /// callbacks have run.
    pub fn wait_for_completion(self: &Arc<Self>, token: i32, timeout: Duration) -> Result<(), CallError> {
        if timeout.is_zero() {
            return Err(CallError::Failed);
        }
        let Some(id) = u16::try_from(token).ok().and_then(PacketId::new) else {
            return if self.is_connected() { Ok(()) } else { Err(CallError::NotConnected) };
        };
        let mut state = self.state.lock();
        let deadline: Moment = clock::after(timeout);
        let found = self.wait_until(&mut state, Some(deadline), |state| {
            if !state.session.is_connected() {
                return Some(Err(CallError::NotConnected));
            }
            (!state.session.is_pending(id)).then_some(Ok(()))
        });
        if matches!(found, Some(Ok(()))) {
            self.await_notice_of(&mut state, id.get());
        }
        found.unwrap_or(Err(CallError::Failed))
    }
}
