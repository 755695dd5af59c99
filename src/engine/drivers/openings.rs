//! The threads that open streams for a client, with its lock released.

use crate::engine::client::{Client, Guard, State};
use crate::system::thread_number;
use crate::transport::{Event, Opening};
use std::sync::Arc;

impl Client {
    /// Does this part of an opening with the lock released. `give_up`: what ends it early, where it waits.
    pub(super) fn while_opening<T>(
        &self,
        state: &mut Guard<'_>,
        give_up: Option<Arc<Event>>,
        work: impl FnOnce() -> T,
    ) -> T {
        let number = state.connector.openers.enter(give_up);
        let result = crate::locks::MutexGuard::unlocked(state, work);
        state.connector.openers.leave(number);
        self.changed.notify_all();
        result
    }

    /// Waits until the threads at work on an opening now are through with it: only then the application's TLS functions are
    /// not called any more. Called in one of these functions it does not wait for itself.
    pub(in crate::engine) fn wait_for_openers(&self, state: &mut Guard<'_>) {
        let Some(last) = state.connector.openers.last() else { return };
        let own = thread_number();
        while state.connector.openers.is_any_left(own, last) {
            self.changed.wait(state);
        }
    }

    /// The opening, which the poller watches no longer.
    pub(super) fn take_opening(&self, state: &mut State) -> Option<Box<Opening>> {
        let pool = state.mode.pool();
        state.connector.take_opening(|wait| {
            if let Some(pool) = pool {
                pool.poller().remove(wait.descriptor);
            }
        })
    }

    /// Ends the attempt under way, or the wait for one. Nothing is reported.
    pub(in crate::engine) fn abandon_attempt(&self, state: &mut State) {
        let opening = self.take_opening(state);
        state.connector.abandon();
        drop(opening);
        self.close(state);
    }
}
