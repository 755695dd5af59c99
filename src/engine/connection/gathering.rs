//! Bursts: when an application sends many messages at a time, their bytes are left to the pool, which writes all of
//! them at once while the application continues.

use std::process;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How long an application that ends waits for what it has left to the pool.
const LONGEST_END: Duration = Duration::from_secs(1);

/// Connections with bytes that were left to another thread, in the whole process. It changes only when a burst begins to be
/// gathered, and when it is written.
static UNWRITTEN: AtomicUsize = AtomicUsize::new(0);

/// The process that counts them; 0 before the first.
static PROCESS: AtomicU32 = AtomicU32::new(0);

/// A connection's place among those with bytes that were left to another thread.
pub(super) struct LeftToPool(());

impl LeftToPool {
    pub(super) fn new() -> LeftToPool {
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

/// At the end of an application: waits until the pool has written what was left to it, so that nothing that its calls have
/// taken is lost, a second at most. Takes no lock, because an application may end anywhere, a signal handler included.
#[allow(
    clippy::disallowed_methods,
    reason = "announcing an event takes a lock, which the ending thread may hold"
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
