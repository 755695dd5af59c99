//! What a stage of an opening returns when it cannot continue: that it waits, and for what; and an event to wait for.

use rustix::event::{EventfdFlags, eventfd};
use rustix::io::write;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// A descriptor to wait for. Several can be waited for at the same time; any of them is enough.
#[derive(Clone, Copy, Debug)]
pub struct Wait<'a> {
    /// What to wait on.
    pub descriptor: BorrowedFd<'a>,
    /// Until it can be read, or has ended.
    pub read: bool,
    /// Until it can be written, or has ended.
    pub write: bool,
}

impl<'a> Wait<'a> {
    pub(super) fn to_read(descriptor: BorrowedFd<'a>) -> Wait<'a> {
        Wait { descriptor, read: true, write: false }
    }

    pub(super) fn to_write(descriptor: BorrowedFd<'a>) -> Wait<'a> {
        Wait { descriptor, read: false, write: true }
    }
}

/// What one look at a stage gave.
pub(super) enum Turn<Stage, Result> {
    /// Nothing yet.
    Waiting(Stage),
    Done(Result),
}

/// Not happened yet, or happened: from then on its descriptor can be read.
pub struct Event(OwnedFd);

impl Event {
    /// An event that has not happened. Fails if there are no descriptors left.
    pub fn new() -> io::Result<Event> {
        Ok(Event(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?))
    }

    /// Lets it happen. Does not wait.
    pub fn happen(&self) {
        // The counter is never read back. If it is full, the event has already happened.
        let _ = write(&self.0, &1u64.to_ne_bytes());
    }
}

impl AsFd for Event {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
