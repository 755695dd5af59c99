//! Other systems: one of the waiting threads, the leader, waits for all sockets, and the others for the leader. It takes one
//! event for itself; the next thread takes another one, or leads.
//!
//! Where reading and writing are two events of the system (kqueue), both may come for a socket that was armed once; so the
//! table says what is armed, and the second is dropped.

use super::wakeup::{Readiness, Token, Wakeup};
use crate::engine::runtime::signals::SignalMask;
use crate::locks::{Condvar, Hold, Mutex, MutexGuard};
use polling::{Event, Events};
use std::collections::{HashMap, VecDeque};
use std::io;
use std::num::NonZeroUsize;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Events that a leader fetches at a time.
const FETCHED: NonZeroUsize = NonZeroUsize::new(64).unwrap();

/// The system's poller, and what the threads share that wait on it.
pub(in crate::engine) struct Poller {
    system: polling::Poller,
    state: Mutex<State>,
    /// An event, a call or the leader's place is there for one of the followers.
    changed: Condvar,
    /// Signals that threads block while they wait: all.
    blocked: SignalMask,
}

struct State {
    sockets: HashMap<RawFd, Registration>,
    /// The descriptors by the keys that the system knows them by. A descriptor's number is used again, a key is not.
    keys: HashMap<usize, RawFd>,
    last_key: usize,
    /// Memory for events; the leader has it.
    events: Option<Events>,
    ready: VecDeque<(Token, Readiness)>,
    /// `wake` was called.
    is_called: bool,
    /// Threads that wait for the leader.
    followers: usize,
    /// The application watches the descriptor.
    is_watched: bool,
}

struct Registration {
    key: usize,
    token: Token,
    /// What is waited for; None: nothing, since an event has come or from the beginning.
    armed: Option<Readiness>,
}

impl Poller {
    pub(in crate::engine) fn new() -> io::Result<Poller> {
        let state = State {
            sockets: HashMap::new(),
            keys: HashMap::new(),
            last_key: 0,
            events: Some(Events::with_capacity(FETCHED)),
            ready: VecDeque::new(),
            is_called: false,
            followers: 0,
            is_watched: false,
        };
        Ok(Poller {
            system: polling::Poller::new()?,
            state: Mutex::new(state),
            changed: Condvar::new(),
            blocked: SignalMask::all(),
        })
    }

    /// Takes the lock of the poller for a fork.
    pub(in crate::engine) fn hold<O: Send + Sync + 'static>(
        hold: &mut Hold,
        owner: &Arc<O>,
        poller: impl FnOnce(&O) -> &Poller,
    ) {
        hold.take_of(owner, |owner| &poller(owner).state);
    }

    /// Readable while there is an event that was not fetched, and after `wake`.
    pub(in crate::engine) fn descriptor(&self) -> RawFd {
        self.state.lock().is_watched = true;
        self.system.as_raw_fd()
    }

    /// Registers a socket, disarmed.
    pub(in crate::engine) fn add(&self, socket: BorrowedFd<'_>, token: Token) -> io::Result<()> {
        let mut state = self.state.lock();
        if state.forget(socket).is_some() {
            // One of this number was closed without `remove`, which has taken it out for the system but not for the crate.
            let _ = self.system.delete(socket);
        }
        let key = state.next_key();
        // SAFETY: a socket that is closed goes out of the system's poller, and the crate keeps no more than its number.
        unsafe { self.system.add(socket.as_raw_fd(), Event::none(key)) }?;
        state.keys.insert(key, socket.as_raw_fd());
        state.sockets.insert(socket.as_raw_fd(), Registration { key, token, armed: None });
        Ok(())
    }

    /// Asks for the next event of the socket, once.
    pub(in crate::engine) fn arm(
        &self,
        socket: BorrowedFd<'_>,
        token: Token,
        wanted: Readiness,
    ) -> io::Result<()> {
        let mut state = self.state.lock();
        let registration = state.sockets.get_mut(&socket.as_raw_fd()).ok_or(io::ErrorKind::NotFound)?;
        (registration.token, registration.armed) = (token, Some(wanted));
        let armed = self.system.modify(socket, Event::new(registration.key, wanted.read, wanted.write));
        if armed.is_err() {
            registration.armed = None;
        }
        armed
    }

    /// Takes the socket out. An event already fetched by some thread may still be on its way.
    pub(in crate::engine) fn remove(&self, socket: BorrowedFd<'_>) {
        let mut state = self.state.lock();
        if state.forget(socket).is_some() {
            // The socket was registered, so there is nothing to learn from an error.
            let _ = self.system.delete(socket);
        }
    }

    /// Waits for one event, at most so many milliseconds.
    pub(in crate::engine) fn wait_one(&self, millis: u64) -> Wakeup {
        let before = self.blocked.apply();
        let found = self.fetch(Some(Instant::now() + Duration::from_millis(millis)));
        before.apply();
        found.unwrap_or(Wakeup::Look)
    }

    /// An event that is there already.
    pub(in crate::engine) fn take_one(&self) -> Option<Wakeup> {
        self.fetch(None)
    }

    /// One event, or None when the time is over. Without a limit it does not wait.
    fn fetch(&self, limit: Option<Instant>) -> Option<Wakeup> {
        let mut state = self.state.lock();
        let mut has_looked = false;
        let found = loop {
            if let Some(found) = state.take() {
                break Some(found);
            }
            if has_looked && limit.is_none_or(|limit| Instant::now() >= limit) {
                break None;
            }
            has_looked = true;
            match (state.events.take(), limit) {
                (Some(events), _) => {
                    if self.lead(&mut state, events, limit).is_err() {
                        // The system's poller would be broken: the wait must not spin.
                        let pause = || std::thread::park_timeout(Duration::from_millis(10));
                        MutexGuard::unlocked(&mut state, pause);
                        break None;
                    }
                }
                (None, Some(limit)) => {
                    state.followers += 1;
                    self.changed.wait_until(&mut state, limit);
                    state.followers -= 1;
                }
                (None, None) => break None,
            }
        };
        // Another one leads from now on, or takes what is left.
        if state.events.is_some() && state.followers > 0 {
            self.changed.notify_one();
        }
        found
    }

    /// Waits for all.
    fn lead(
        &self,
        state: &mut MutexGuard<'_, State>,
        mut events: Events,
        limit: Option<Instant>,
    ) -> io::Result<()> {
        let limit = limit.unwrap_or_else(Instant::now);
        let waited = MutexGuard::unlocked(state, || self.system.wait_deadline(&mut events, limit));
        events.iter().for_each(|event| state.take_up(&event));
        events.clear();
        state.events = Some(events);
        waited.map(|_| ())
    }

    /// Ends the wait of one thread.
    pub(in crate::engine) fn wake(&self) {
        let mut state = self.state.lock();
        state.is_called = true;
        if state.followers > 0 {
            self.changed.notify_one();
        } else if state.events.is_none() || state.is_watched {
            // Without memory for it the leader finds out when its time is over.
            let _ = self.system.notify();
        }
    }
}

impl State {
    fn next_key(&mut self) -> usize {
        loop {
            // The crate has use for the largest one.
            self.last_key = if self.last_key >= usize::MAX - 1 { 0 } else { self.last_key + 1 };
            if !self.keys.contains_key(&self.last_key) {
                return self.last_key;
            }
        }
    }

    fn forget(&mut self, socket: BorrowedFd<'_>) -> Option<Registration> {
        let registration = self.sockets.remove(&socket.as_raw_fd())?;
        self.keys.remove(&registration.key);
        Some(registration)
    }

    /// An event of the system: for a thread, if the socket is armed for it.
    fn take_up(&mut self, event: &Event) {
        let socket = self.keys.get(&event.key).and_then(|descriptor| self.sockets.get_mut(descriptor));
        let Some(registration) = socket else { return };
        let Some(wanted) = registration.armed else { return };
        let found = Readiness { read: wanted.read && event.readable, write: wanted.write && event.writable };
        if found.read || found.write {
            registration.armed = None;
            self.ready.push_back((registration.token, found));
        }
    }

    fn take(&mut self) -> Option<Wakeup> {
        if std::mem::take(&mut self.is_called) {
            return Some(Wakeup::Look);
        }
        self.ready.pop_front().map(|(token, readiness)| Wakeup::Ready(token, readiness))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsFd;
    use std::os::unix::net::UnixStream;

    const BOTH: Readiness = Readiness { read: true, write: true };

    #[test]
    fn the_second_half_of_an_event_is_dropped() {
        let (poller, (near, _far)) = (Poller::new().unwrap(), UnixStream::pair().unwrap());
        let token = Token::new(1, 1);
        poller.add(near.as_fd(), token).unwrap();
        let mut state = poller.state.lock();
        let key = state.last_key;
        state.take_up(&Event::readable(key));
        assert!(state.take().is_none(), "it is not armed");
        drop(state);

        poller.arm(near.as_fd(), token, BOTH).unwrap();
        let mut state = poller.state.lock();
        state.take_up(&Event::readable(key));
        state.take_up(&Event::writable(key));
        let found = state.take();
        assert!(matches!(found, Some(Wakeup::Ready(_, Readiness { read: true, write: false }))));
        assert!(state.take().is_none());
    }

    #[test]
    fn an_event_of_before_does_not_use_up_what_is_armed_now() {
        let (poller, (near, _far)) = (Poller::new().unwrap(), UnixStream::pair().unwrap());
        let token = Token::new(1, 1);
        poller.add(near.as_fd(), token).unwrap();
        poller.arm(near.as_fd(), token, Readiness { read: true, write: false }).unwrap();
        let mut state = poller.state.lock();
        let key = state.last_key;
        state.take_up(&Event::writable(key));
        assert!(state.take().is_none());
        state.take_up(&Event::readable(key));
        assert!(state.take().is_some());
        drop(state);

        poller.arm(near.as_fd(), token, BOTH).unwrap();
        poller.remove(near.as_fd());
        poller.add(near.as_fd(), Token::new(2, 1)).unwrap();
        poller.arm(near.as_fd(), Token::new(2, 1), BOTH).unwrap();
        let mut state = poller.state.lock();
        state.take_up(&Event::all(key));
        assert!(state.take().is_none(), "it was that of the socket that had this number");
    }
}
