//! Waiting for an answer. With callbacks the pool does the network work and wakes the caller; without, the caller does
//! it itself, and of several callers one does it for all.

use crate::engine::client::{Client, Guard, Pool, State};
use crate::engine::connection::{Connection, LONGEST_HELD};
use crate::engine::drivers::after_input::Runner;
use crate::engine::runtime::callback_threads::inside_a_callback;
use crate::engine::runtime::clock;
use crate::engine::runtime::poller::Readiness;
use crate::engine::runtime::watch::TICK;
use crate::locks::MutexGuard;
use crate::session::Moment;
use crate::trace;
use crate::transport::Stream;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Time that a call which only writes leaves the reading to another one.
pub(in crate::engine) const WRITER_LOOKS_AGAIN: u64 = 100;

impl Client {
    /// Waits until `ready` gives something, or the deadline has passed. `ready` is asked at least once. It must also
    /// give something when the connection it waits for is gone.
    pub(in crate::engine) fn wait_until<T>(
        self: &Arc<Self>,
        state: &mut Guard<'_>,
        deadline: Option<Moment>,
        mut ready: impl FnMut(&mut Guard<'_>) -> Option<T>,
    ) -> Option<T> {
        self.send_held(state);
        state.calls.begin_awaiting_server();
        let found = loop {
            if trace::is_pending() {
                MutexGuard::unlocked(state, trace::deliver);
            }
            if let Some(found) = ready(state) {
                break Some(found);
            }
            if deadline.is_some_and(|deadline| clock::now() >= deadline) {
                break None;
            }
            match state.connection.as_ref() {
                Some(connection) if connection.is_to_be_pumped() => self.pump(state, deadline),
                Some(connection) if !connection.is_pooled() && connection.is_blocked() => {
                    self.pump_out(state, deadline)
                }
                _ => self.wait_for_change(state, deadline),
            }
        };
        state.calls.end_awaiting_server();
        found
    }

    /// Sleeps until another thread has changed something.
    pub(in crate::engine) fn wait_for_change(&self, state: &mut Guard<'_>, deadline: Option<Moment>) {
        state.calls.fall_asleep();
        if let Some(connection) = state.connection.as_mut() {
            connection.begin_wait();
        }
        self.arm(state, Readiness { read: true, write: false });
        if let Some(pool) = state.mode.external_pool().cloned() {
            self.wait_in_event_loop(state, &pool, deadline);
            return state.calls.wake();
        }
        match deadline {
            Some(deadline) => {
                let left = deadline.millis_since(clock::now());
                self.changed.wait_until(state, Instant::now() + Duration::from_millis(left));
            }
            None => self.changed.wait(state),
        }
        state.calls.wake();
    }

    /// Where the application drives the pool, the calling thread does, unless another one is doing so or this is a callback.
    /// Not for long, because only the other one is woken.
    fn wait_in_event_loop(&self, state: &mut Guard<'_>, pool: &Arc<Pool>, deadline: Option<Moment>) {
        let left = deadline.map_or(u64::MAX, |deadline| deadline.millis_since(clock::now()));
        let processed = !inside_a_callback() && MutexGuard::unlocked(state, || pool.wait_and_process(left));
        if !processed {
            let limit = Instant::now() + TICK.min(Duration::from_millis(left));
            self.changed.wait_until(state, limit);
        }
    }

    /// Does the network work of a client without pool until something happened or the deadline has passed.
    pub(in crate::engine) fn pump(self: &Arc<Self>, state: &mut Guard<'_>, deadline: Option<Moment>) {
        let may_read = self.may_read(state);
        let next = state.session.next_deadline();
        let limit = Moment::earlier(deadline, next);
        let Some(connection) = state.connection.as_mut() else { return };
        if !may_read {
            return self.pump_without_reading(state, limit);
        }
        connection.begin_reading();
        let (stream, generation) = (connection.stream().clone(), connection.generation());
        let wanted = Readiness { read: true, write: connection.is_blocked() };
        let ready = if connection.take_more_to_read() {
            wanted
        } else {
            connection.begin_wait();
            let is_answer = state.take_note_of_answer();
            MutexGuard::unlocked(state, || match limit.map(time_until) {
                Some(AT_ONCE) => wait_for(&*stream, wanted, Some(AT_ONCE)),
                left if is_answer => self.wait_for_answer(&*stream, wanted, left),
                left => wait_for(&*stream, wanted, left),
            })
        };
        if let Some(connection) = state.connection_of(generation).filter(|_| ready.write) {
            connection.unblock();
        }
        if ready.read {
            self.read(state, &stream, generation);
            if state.calls.is_one_receiving() && state.deliveries.message_count() == 1 {
                state.begin_acknowledgement();
            }
        } else if let Some(connection) = state.connection_of(generation) {
            connection.end_reading();
        }
        self.after_input(state, Runner::Found);
    }

    /// As `wait_for`, where an answer may come at once.
    fn wait_for_answer(&self, stream: &dyn Stream, wanted: Readiness, left: Option<Timespec>) -> Readiness {
        let look = || Some(wait_for(stream, wanted, Some(AT_ONCE))).filter(|ready| ready.read || ready.write);
        let waited = self.busy_wait.wait(look, || wait_for(stream, wanted, left));
        self.busy_wait.note(waited.promptly, waited.found.read);
        waited.found
    }

    /// Enough waits for the application, or for the server: writes what the stream takes, and otherwise sleeps until
    /// a call of another thread has fetched something.
    fn pump_without_reading(self: &Arc<Self>, state: &mut Guard<'_>, limit: Option<Moment>) {
        if state.connection.as_ref().is_some_and(Connection::is_blocked) {
            self.pump_out(state, limit);
        } else if limit.is_none_or(|limit| limit > clock::now()) {
            self.wait_for_change(state, limit);
        }
        self.after_input(state, Runner::Found);
    }

    /// Another call reads; this one waits until the stream takes more. Not for long, because the reader may leave.
    fn pump_out(&self, state: &mut Guard<'_>, deadline: Option<Moment>) {
        let Some(connection) = state.connection.as_ref() else { return };
        let (stream, generation) = (connection.stream().clone(), connection.generation());
        let limit = deadline.into_iter().chain([clock::now().plus_millis(WRITER_LOOKS_AGAIN)]).min();
        let wanted = Readiness { read: false, write: true };
        let ready = MutexGuard::unlocked(state, || wait_for(&*stream, wanted, limit.map(time_until)));
        if let Some(connection) = state.connection_of(generation).filter(|_| ready.write) {
            connection.unblock();
        }
        self.flush(state);
    }
}

impl State {
    /// A receive call returns the only message next: what follows on it is joined with its acknowledgement, if that is all that
    /// is to be written.
    fn begin_acknowledgement(&mut self) {
        let is_one = (1..=LONGEST_HELD).contains(&self.session.outgoing().len());
        let connection = self.connection.as_mut().filter(|connection| connection.is_free_for_writing());
        if let Some(connection) = connection.filter(|connection| is_one && connection.unsent() == 0) {
            connection.begin_acknowledgement();
        }
    }
}

/// No time is left.
const AT_ONCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

/// Waits for the stream, at most as long as is `left`. Errors and hang-ups count as ready, for the read or write that
/// follows to find.
pub(in crate::engine) fn wait_for(
    stream: &dyn Stream,
    wanted: Readiness,
    left: Option<Timespec>,
) -> Readiness {
    let mut polled = [poll_entry(stream, wanted)];
    // A signal ends the wait early: the caller looks and waits again. That must not spin where the system has no memory.
    if poll(&mut polled, left.as_ref()).is_err_and(|error| error != Errno::INTR) {
        std::thread::park_timeout(Duration::from_millis(10));
    }
    let found = polled[0].revents();
    let ended = found.intersects(PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL);
    let allowed = stream.allows(Readiness {
        read: ended || found.contains(PollFlags::IN),
        write: ended || found.contains(PollFlags::OUT),
    });
    Readiness { read: wanted.read && allowed.read, write: wanted.write && allowed.write }
}

/// The events to poll for if this is wanted of the stream.
pub(in crate::engine) fn poll_entry(stream: &dyn Stream, wanted: Readiness) -> PollFd<'_> {
    let waits_for = stream.waits_for(wanted);
    let mut flags = PollFlags::empty();
    flags.set(PollFlags::IN, waits_for.read);
    flags.set(PollFlags::OUT, waits_for.write);
    PollFd::from_borrowed_fd(stream.descriptor(), flags)
}

/// The time left to a moment, for a poll.
pub(in crate::engine) fn time_until(moment: Moment) -> Timespec {
    let left = moment.millis_since(clock::now());
    Timespec { tv_sec: (left / 1000) as i64, tv_nsec: ((left % 1000) * 1_000_000) as i64 }
}
