//! A forked child has the clients of its parent, but not the threads that serve them, and shares their connections. It
//! may disconnect or destroy them or connect them again; the parent's connections are not affected.

use crate::engine::client::{Client, State};
use crate::locks::Hold;
use rustix::thread::Pid;
use std::process;
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl Client {
    /// Takes the locks of this client for a fork. False: its own lock was not free in time.
    pub(in crate::engine) fn hold(self: &Arc<Self>, hold: &mut Hold) -> bool {
        let is_held = hold.take_of(self, |client| &client.state);
        self.application.clone().hold(hold);
        if !self.lane.shared {
            self.lane.hold(hold);
        }
        is_held
    }

    /// In a forked child, after `hold`: forgets what the parent's other threads were doing. `thread`: the number that the
    /// calling thread had in the parent. True: it is at work on an opening of this client.
    pub(in crate::engine) fn begin_in_child(&self, thread: Pid) -> bool {
        let mut state = self.state.lock();
        (state.waiters, state.receivers) = (0, 0);
        if state.pool.is_some() {
            // No thread would serve it here, and calls would wait for ever.
            state.deliveries.leave_callbacks_to_parent();
            self.leave_to_parent(&mut state);
        } else if let Some(link) = &mut state.link {
            (link.reading, link.writing) = (false, false);
        }
        state.deliveries.leave_to_parent();
        if !self.lane.shared {
            self.lane.leave_to_parent();
        }
        let is_opening = state.connector.openers.begin_in_child(thread);
        if !is_opening {
            self.busy.store(0, Ordering::Relaxed);
        }
        is_opening
    }

    /// Connected in the process from which this one was forked, and not in this one.
    pub(in crate::engine) fn is_of_the_parent(&self) -> bool {
        let connected_in = self.process.load(Ordering::Relaxed);
        connected_in != 0 && connected_in != process::id()
    }

    /// Drops what the parent continues to use, without sending anything to the server.
    pub(in crate::engine) fn leave_to_parent(&self, state: &mut State) {
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
        state.connector.forget();
        if !self.lane.shared {
            self.lane.leave_to_parent();
        }
    }

    /// Disconnects the child's copy only. A client whose lock a thread of the parent held at the fork is left as it was;
    /// that happens only if the functions for forks were not called.
    pub(in crate::engine) fn disconnect_copy(&self) {
        if let Some(mut state) = self.state.try_lock() {
            self.leave_to_parent(&mut state);
        }
    }

    /// Destroys the child's copy; as `disconnect_copy`.
    pub(in crate::engine) fn destroy_copy(&self) {
        if let Some(mut state) = self.state.try_lock() {
            state.destroyed = true;
            self.leave_to_parent(&mut state);
        }
    }
}
