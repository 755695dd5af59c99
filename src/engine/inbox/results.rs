//! Completions on their way to the application.

use crate::engine::client::{Client, State};
use crate::engine::inbox::callbacks;
use crate::engine::inbox::deliveries::Notice;
use crate::engine::runtime::pool::{self, Pool};
use std::sync::Arc;

impl Client {
    /// Moves the completions of the session into the queue of callbacks.
    #[inline]
    pub(in crate::engine) fn collect(&self, state: &mut State) {
        while let Some(completion) = state.session.next_completion() {
            state.deliveries.push_notice(Notice::Completed(completion));
        }
    }

    /// Makes the callbacks that are still due, on the calling thread but in the lane like all others, unless that is
    /// not possible. For the end of a client, when no other thread does it any more. No lock may be held.
    pub(in crate::engine) fn deliver_here(
        self: &Arc<Self>,
        results: Vec<Notice>,
        in_lane: bool,
        pool: Option<&Arc<Pool>>,
    ) {
        if results.is_empty() {
            return;
        }
        let entered = in_lane && self.lane.enter();
        if let Some(pool) = pool {
            pool.ensure_waiting();
        }
        callbacks::as_callbacks(|| {
            for result in results {
                self.notify(result);
                self.lane.advance();
            }
        });
        if entered && self.lane.leave() {
            pool::look_at(&self.lane);
        }
    }
}
