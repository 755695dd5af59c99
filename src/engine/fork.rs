//! A forked child has the clients of its parent, but not the threads that serve them, and shares their connections. It
//! may disconnect or destroy them or connect them anew; the parent's connections go on in each case.

use super::client::{Client, State};
use std::process;
use std::sync::atomic::Ordering;

impl Client {
    /// Connected in the process from which this one was forked, and not in this one.
    pub(super) fn is_of_the_parent(&self) -> bool {
        let connected_in = self.process.load(Ordering::Relaxed);
        connected_in != 0 && connected_in != process::id()
    }

    /// Gives up what the parent goes on with, without a word to the server.
    pub(super) fn leave_to_parent(&self, state: &mut State) {
        if !self.is_of_the_parent() {
            return;
        }
        if state.link.take().is_some() {
            state.session.connection_closed();
        }
        // Its threads are not there, so nothing of them may be given back.
        std::mem::forget(state.pool.take());
        state.alarm = None;
        state.deliveries.leave_to_parent();
        if !self.lane.shared {
            self.lane.begin_anew();
        }
    }

    /// Disconnects the child's copy only. If a thread of the parent held the lock at the fork all is left as it was.
    pub(super) fn disconnect_copy(&self) {
        if let Some(mut state) = self.state.try_lock() {
            self.leave_to_parent(&mut state);
        }
    }

    /// Destroys the child's copy. A thread of the parent may have held the lock at the fork: then it stays held, and all
    /// is left as it was.
    pub(super) fn destroy_copy(&self) {
        if let Some(mut state) = self.state.try_lock() {
            state.destroyed = true;
            self.leave_to_parent(&mut state);
        }
    }
}
