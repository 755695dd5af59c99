//! Something that happens once, and that a thread can wait for beside sockets.

use rustix::event::{EventfdFlags, eventfd};
use rustix::io::write;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

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
