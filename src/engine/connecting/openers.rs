//! The threads that open streams for a client, with its lock released.

use crate::system::thread_number;
use crate::transport::Event;
use std::sync::Arc;

/// Those at work now.
#[derive(Default)]
pub(in crate::engine) struct Openers {
    present: Vec<Opener>,
    /// Number of those that there have been.
    count: u64,
}

/// A thread at work on an opening. It may be inside one of the application's TLS functions.
struct Opener {
    number: u64,
    thread: u64,
    /// Ends its wait, if it waits for the opening itself.
    give_up: Option<Arc<Event>>,
}

impl Openers {
    pub(in crate::engine) fn enter(&mut self, give_up: Option<Arc<Event>>) -> u64 {
        self.count += 1;
        self.present.push(Opener { number: self.count, thread: thread_number(), give_up });
        self.count
    }

    /// In a forked child only this thread is left, which had that number in the parent. True: it is at work on an opening.
    pub(in crate::engine) fn begin_in_child(&mut self, thread: u64) -> bool {
        self.present.retain(|opener| opener.thread == thread);
        self.present.iter_mut().for_each(|opener| opener.thread = thread_number());
        !self.present.is_empty()
    }

    pub(in crate::engine) fn leave(&mut self, number: u64) {
        self.present.retain(|opener| opener.number != number);
    }

    /// The calling thread is at work on an opening: the call comes from one of the application's TLS functions.
    pub(in crate::engine) fn are_here(&self) -> bool {
        !self.present.is_empty() && self.present.iter().any(|opener| opener.thread == thread_number())
    }

    /// Number of those that there have been, if any is at work now.
    pub(in crate::engine) fn last(&self) -> Option<u64> {
        (!self.present.is_empty()).then_some(self.count)
    }

    /// Another thread than this one that came no later than `last` is still at work.
    pub(in crate::engine) fn is_any_left(&self, own: u64, last: u64) -> bool {
        self.present.iter().any(|opener| opener.thread != own && opener.number <= last)
    }

    /// Ends the waits of those that wait for their openings themselves.
    pub(in crate::engine) fn interrupt(&self) {
        self.present.iter().filter_map(|opener| opener.give_up.as_ref()).for_each(|give_up| give_up.happen());
    }
}
