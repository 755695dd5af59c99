//! The threads that open streams for a client, with its lock released.

use crate::engine::client::{Client, Guard, State};
use crate::transport::Event;
use rustix::thread::{Pid, gettid};
use std::sync::Arc;

/// Those at work now.
#[derive(Default)]
pub(in crate::engine) struct Openers {
    present: Vec<Opener>,
    /// How many there have been.
    count: u64,
}

/// A thread at work on an opening. It may be inside one of the program's TLS functions.
struct Opener {
    number: u64,
    thread: Pid,
    /// Ends its wait, if it waits for the opening itself.
    give_up: Option<Arc<Event>>,
}

impl Openers {
    fn enter(&mut self, give_up: Option<Arc<Event>>) -> u64 {
        self.count += 1;
        self.present.push(Opener { number: self.count, thread: gettid(), give_up });
        self.count
    }

    /// In a forked child only this thread is left, which had that number in the parent. True: it is at work on an opening.
    pub(in crate::engine) fn begin_in_child(&mut self, thread: Pid) -> bool {
        self.present.retain(|opener| opener.thread == thread);
        self.present.iter_mut().for_each(|opener| opener.thread = gettid());
        !self.present.is_empty()
    }

    fn leave(&mut self, number: u64) {
        self.present.retain(|opener| opener.number != number);
    }
}

impl Client {
    /// Does this part of an opening with the lock released. `give_up`: what ends it early, where it waits.
    pub(in crate::engine) fn while_opening<T>(
        &self,
        state: &mut Guard<'_>,
        give_up: Option<Arc<Event>>,
        work: impl FnOnce() -> T,
    ) -> T {
        let number = state.openers.enter(give_up);
        let result = crate::locks::MutexGuard::unlocked(state, work);
        state.openers.leave(number);
        self.changed.notify_all();
        result
    }

    /// Reports to the application's TLS function why a connection has ended before CONNACK, as it does if the server
    /// wants another certificate.
    pub(in crate::engine) fn tell_failure(&self, state: &mut Guard<'_>) {
        if let Some(stream) = state.failed_stream.take() {
            self.while_opening(state, None, || stream.tell_failure());
        }
    }

    /// Waits until the threads at work on an opening now are through with it: only then the program's TLS functions are not
    /// called any more. Called in one of these functions it does not wait for itself.
    pub(in crate::engine) fn wait_for_openers(&self, state: &mut Guard<'_>) {
        if state.openers.present.is_empty() {
            return;
        }
        let (own, last) = (gettid(), state.openers.count);
        let is_awaited = |opener: &Opener| opener.thread != own && opener.number <= last;
        while state.openers.present.iter().any(is_awaited) {
            self.changed.wait(state);
        }
    }
}

impl State {
    /// The calling thread is opening a stream for this client: the call comes from one of the program's TLS functions.
    pub(in crate::engine) fn is_opening_here(&self) -> bool {
        let present = &self.openers.present;
        !present.is_empty() && present.iter().any(|opener| opener.thread == gettid())
    }

    /// Ends a connect under way, wherever it waits.
    pub(in crate::engine) fn interrupt(&mut self) {
        self.interrupted = true;
        let waits = self.openers.present.iter().filter_map(|opener| opener.give_up.as_ref());
        waits.for_each(|give_up| give_up.happen());
    }
}
