//! Linux: the threads wait together on one epoll instance.

use super::wakeup::{Readiness, Token, Wakeup};
use crate::engine::runtime::signals::SignalMask;
use crate::locks::Hold;
use crate::system::epoll_pwait;
use rustix::event::{EventfdFlags, epoll, eventfd};
use rustix::io::write;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::sync::Arc;
use std::time::Duration;

/// The token of the descriptor used by `wake`; no connection has it.
const WAKE: u64 = u64::MAX;

/// An epoll instance with one-shot registrations.
pub(in crate::engine) struct Poller {
    epoll: OwnedFd,
    waker: OwnedFd,
    /// Signals that threads block while they wait: all.
    blocked: SignalMask,
}

impl Poller {
    pub(in crate::engine) fn new() -> io::Result<Poller> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let waker = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        // Edge triggered: each write wakes one thread, and need not be read back.
        let flags = epoll::EventFlags::IN | epoll::EventFlags::ET;
        epoll::add(&epoll, &waker, epoll::EventData::new_u64(WAKE), flags)?;
        Ok(Poller { epoll, waker, blocked: SignalMask::all() })
    }

    /// Readable while there is an event.
    pub(in crate::engine) fn descriptor(&self) -> RawFd {
        self.epoll.as_raw_fd()
    }

    /// Registers a socket, disarmed.
    pub(in crate::engine) fn add(&self, socket: BorrowedFd<'_>, token: Token) -> io::Result<()> {
        let data = epoll::EventData::new_u64(token.0);
        Ok(epoll::add(&self.epoll, socket, data, epoll::EventFlags::ONESHOT)?)
    }

    /// Asks for the next event of the socket, once.
    pub(in crate::engine) fn arm(
        &self,
        socket: BorrowedFd<'_>,
        token: Token,
        wanted: Readiness,
    ) -> io::Result<()> {
        let mut flags = epoll::EventFlags::ONESHOT;
        flags.set(epoll::EventFlags::IN | epoll::EventFlags::RDHUP, wanted.read);
        flags.set(epoll::EventFlags::OUT, wanted.write);
        Ok(epoll::modify(&self.epoll, socket, epoll::EventData::new_u64(token.0), flags)?)
    }

    /// Takes the socket out. An event already fetched by some thread may still be on its way.
    pub(in crate::engine) fn remove(&self, socket: BorrowedFd<'_>) {
        // The socket was registered, so there is nothing to learn from an error.
        let _ = epoll::delete(&self.epoll, socket);
    }

    /// Waits for one event, at most so many milliseconds.
    pub(in crate::engine) fn wait_one(&self, millis: u64) -> Wakeup {
        self.fetch(millis).unwrap_or(Wakeup::Look)
    }

    /// An event that is there already.
    pub(in crate::engine) fn take_one(&self) -> Option<Wakeup> {
        self.fetch(0)
    }

    /// One event, or None when the time is over.
    fn fetch(&self, millis: u64) -> Option<Wakeup> {
        let millis = i32::try_from(millis).unwrap_or(i32::MAX);
        match epoll_pwait(self.epoll.as_fd(), millis, self.blocked.as_set()) {
            Ok(None) => None,
            Ok(Some((token, flags))) if token != WAKE => {
                let flags = epoll::EventFlags::from_bits_retain(flags);
                Some(Wakeup::Ready(Token(token), readiness(flags)))
            }
            Ok(_) => Some(Wakeup::Look),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Some(Wakeup::Look),
            // Any other error would be a broken epoll descriptor: the wait must not spin.
            Err(_) => {
                std::thread::park_timeout(Duration::from_millis(10));
                Some(Wakeup::Look)
            }
        }
    }

    /// Takes the locks of the poller for a fork: it has none.
    pub(in crate::engine) fn hold<O>(_: &mut Hold, _: &Arc<O>, _: impl FnOnce(&O) -> &Poller) {}

    /// Ends the wait of one thread.
    pub(in crate::engine) fn wake(&self) {
        // EAGAIN means that the counter is full, so a thread has already been woken.
        let _ = write(&self.waker, &1u64.to_ne_bytes());
    }
}

/// Errors and hang-ups are found by the read or write that follows.
fn readiness(flags: epoll::EventFlags) -> Readiness {
    let ended = flags.intersects(epoll::EventFlags::ERR | epoll::EventFlags::HUP);
    Readiness {
        read: ended || flags.intersects(epoll::EventFlags::IN | epoll::EventFlags::RDHUP),
        write: ended || flags.contains(epoll::EventFlags::OUT),
    }
}
