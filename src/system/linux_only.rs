//! Calls that only Linux has: `portable` does without them.

use rustix::event::{EventfdFlags, eventfd};
use rustix::fs::{self, RenameFlags};
use rustix::io::{Errno, write};
use rustix::thread::futex::{self, Flags, Timespec};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::atomic::AtomicU32;
use std::time::Duration;

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

/// Sleeps while the word has this value, or until woken, at most so long. May return early.
#[inline]
pub(crate) fn sleep(word: &AtomicU32, value: u32, left: Option<Duration>) {
    let left = left.map(|left| Timespec {
        tv_sec: left.as_secs().try_into().unwrap_or(i64::MAX),
        tv_nsec: left.subsec_nanos().into(),
    });
    // The caller looks again, and so finds out about a signal, another value or a timeout.
    let _ = futex::wait(word, Flags::PRIVATE, value, left.as_ref());
}

/// Wakes that many of the threads that sleep on the word.
#[inline]
pub(crate) fn wake(word: &AtomicU32, count: u32) {
    // The word is there, so there is nothing that could fail.
    let _ = futex::wake(word, Flags::PRIVATE, count);
}

/// Waits for one event of an epoll instance, at most so many milliseconds, with this mask of signals: the data and the flags
/// of the event. Two calls less than to set and restore the mask for that.
#[inline]
pub(crate) fn epoll_pwait(
    epoll: BorrowedFd<'_>,
    millis: i32,
    mask: &libc::sigset_t,
) -> io::Result<Option<(u64, u32)>> {
    let mut event = libc::epoll_event { events: 0, u64: 0 };
    let (epoll, place) = (epoll.as_raw_fd(), &raw mut event);
    // SAFETY: the pointers are those of memory for one event and of a set.
    let count = unsafe { libc::epoll_pwait(epoll, place, 1, millis, mask) };
    match count {
        ..0 => Err(io::Error::last_os_error()),
        0 => Ok(None),
        _ => Ok(Some((event.u64, event.events))),
    }
}

/// Gives a file of the directory a name that none has.
pub(crate) fn rename_without_replacing(directory: impl AsFd, old: &str, new: &str) -> Result<(), Errno> {
    fs::renameat_with(&directory, old, &directory, new, RenameFlags::NOREPLACE)
}
