//! Bursts: when an application sends many messages at a time, their bytes are left to the pool, which writes all of
//! them at once while the application continues.

use crate::engine::client::{Client, Guard, State};
use crate::engine::connection::link::Link;
use crate::engine::runtime::clock;
use crate::engine::runtime::poller::Readiness;
use crate::session::Moment;
use std::process;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// More messages than this within a millisecond are a burst.
const BURST: u32 = 4;

/// Gathered bytes are written when there are this many, at the latest.
const MOST_GATHERED: usize = 64 << 10;

/// How long a program that ends waits for what it has left to the pool.
const LONGEST_END: Duration = Duration::from_secs(1);

/// How long the end of a connection waits for a server that takes nothing.
const LONGEST_STALL: Duration = Duration::from_secs(1);

/// Connections with bytes that were left to another thread, in the whole process. It changes only when a burst begins to be
/// gathered, and when it is written.
static UNWRITTEN: AtomicUsize = AtomicUsize::new(0);

/// The process that counts them; 0 before the first.
static PROCESS: AtomicU32 = AtomicU32::new(0);

/// Counts the messages of a millisecond.
#[derive(Default)]
pub(in crate::engine) struct Burst {
    moment: Moment,
    count: u32,
}

impl Burst {
    /// One more. True: they are many.
    #[inline]
    pub(in crate::engine) fn note(&mut self, now: Moment) -> bool {
        if self.moment != now {
            *self = Burst { moment: now, count: 0 };
        }
        self.count += 1;
        self.count > BURST
    }
}

/// A connection's place among those with bytes that were left to another thread.
pub(in crate::engine) struct LeftToPool(());

impl LeftToPool {
    fn new() -> LeftToPool {
        UNWRITTEN.fetch_add(1, Ordering::AcqRel);
        LeftToPool(())
    }
}

impl Drop for LeftToPool {
    fn drop(&mut self) {
        // One that was inherited in a fork may not be counted any more.
        let _ = UNWRITTEN.fetch_update(Ordering::AcqRel, Ordering::Acquire, |count| count.checked_sub(1));
    }
}

impl Link {
    /// What is queued may count as written: another thread writes it, and the end of the connection waits for that. Not when
    /// this end has begun.
    #[inline]
    pub(in crate::engine) fn promise(&mut self) -> bool {
        if self.established {
            self.left_to_pool.get_or_insert_with(LeftToPool::new);
        }
        self.established
    }
}

impl Client {
    /// Leaves the bytes of a burst to the pool. A lone message is not delayed: it never comes here. False: the caller has
    /// to write them.
    #[inline]
    pub(in crate::engine) fn gather(&self, state: &mut State) -> bool {
        let queued = state.session.outgoing().len();
        match &mut state.link {
            // A call of the asynchronous interface does not say that anything is written.
            Some(link) if link.pooled && queued < MOST_GATHERED && !link.blocked && !link.broken => {
                if !self.is_asynchronous() && !link.promise() {
                    return false;
                }
            }
            _ => return false,
        }
        self.arm(state, Readiness { read: false, write: true });
        true
    }

    /// Before the connection is closed: waits until the stream has taken what was left to the pool up to now, as long as it
    /// takes something at all.
    pub(in crate::engine) fn await_left_to_pool(&self, state: &mut Guard<'_>) {
        let generation = state.generation;
        let unsent = state.link.as_ref().map_or(0, |link| link.unsent.len());
        let mut seen = state.session.written();
        let end = seen + (state.session.outgoing().len() + unsent) as u64;
        let mut limit = clock::after(LONGEST_STALL);
        while state.link_of(generation).is_some_and(|link| link.left_to_pool.is_some() && !link.broken) {
            let written = state.session.written();
            if written > seen {
                (seen, limit) = (written, clock::after(LONGEST_STALL));
            }
            if written >= end || clock::now() >= limit {
                return;
            }
            self.wait_to_be_told(state, Some(limit));
        }
    }
}

/// From now on `await_gathered` waits at the end of this process; before, and in a forked child, it does not. True: no
/// process has had it so far.
pub fn gathers_in_this_process() -> bool {
    let process = process::id();
    let before = PROCESS.swap(process, Ordering::AcqRel);
    if before != process {
        UNWRITTEN.store(0, Ordering::Release);
    }
    before == 0
}

/// For the end of a program, so that what its calls have taken is not lost with it: waits until the pool has written what
/// was left to it, a second at most. Takes no lock, because a program may end anywhere, a signal handler included.
#[allow(
    clippy::disallowed_methods,
    reason = "telling of an event takes a lock, which the ending thread may hold"
)]
pub fn await_gathered() {
    if PROCESS.load(Ordering::Acquire) != process::id() {
        return;
    }
    let begin = Instant::now();
    while UNWRITTEN.load(Ordering::Acquire) > 0 && begin.elapsed() < LONGEST_END {
        thread::sleep(Duration::from_micros(200));
    }
}
