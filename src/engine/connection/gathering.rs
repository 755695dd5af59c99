//! Bursts: when an application sends many messages at a time, their bytes are left to the pool, which writes all of
//! them at once while the application continues.

use crate::engine::runtime::in_progress::InProgress;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How long an application that ends waits for what it has left to the pool.
const LONGEST_END: Duration = Duration::from_secs(1);

/// Connections with bytes that were left to another thread, in the whole process. It changes only when a burst begins to be
/// gathered, and when it is written.
static UNWRITTEN: InProgress = InProgress::new();

/// The process that counts them; 0 before the first.
static PROCESS: AtomicU32 = AtomicU32::new(0);

/// Messages that their callers write themselves after a message that was left to the pool alone: so many at first, and more
/// with each further one.
const FIRST_PAUSE: u32 = 8;
const LONGEST_PAUSE: u32 = 256;

/// Whether it pays to leave messages to the pool. To wake a thread for a single message costs more than to write it, and so it
/// is for an application that sends often but waits for an answer each time.
#[derive(Default)]
pub(super) struct Gathering {
    /// Messages that were left to the pool since the last write.
    left: u32,
    /// The last pause; 0 after more than one message was left at a time.
    last_pause: u32,
    /// Messages of bursts that are still written by their callers.
    pause: u32,
}

impl Gathering {
    /// One more message of a burst. True: it may be left to the pool.
    #[inline]
    pub(super) fn may_leave(&mut self) -> bool {
        let may_leave = self.pause == 0;
        self.pause = self.pause.saturating_sub(1);
        may_leave
    }

    #[inline]
    pub(super) fn note_left(&mut self) {
        self.left += 1;
    }

    /// Everything is written.
    #[inline]
    pub(super) fn note_written(&mut self) {
        match std::mem::take(&mut self.left) {
            0 => {}
            1 => {
                self.last_pause = (self.last_pause * 2).clamp(FIRST_PAUSE, LONGEST_PAUSE);
                self.pause = self.last_pause;
            }
            _ => self.last_pause = 0,
        }
    }
}

/// A connection's place among those with bytes that were left to another thread.
pub(super) struct LeftToPool(());

impl LeftToPool {
    pub(super) fn new() -> LeftToPool {
        UNWRITTEN.count_in();
        LeftToPool(())
    }
}

impl Drop for LeftToPool {
    fn drop(&mut self) {
        UNWRITTEN.count_out();
    }
}

/// From now on `await_gathered` waits at the end of this process; before, and in a forked child, it does not. True: no
/// process has had it so far.
pub fn gathers_in_this_process() -> bool {
    let process = process::id();
    let before = PROCESS.swap(process, Ordering::AcqRel);
    if before != process {
        UNWRITTEN.forget_all();
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
    while UNWRITTEN.is_any() && begin.elapsed() < LONGEST_END {
        thread::sleep(Duration::from_micros(200));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Messages of a burst, each written before the next one: the places of those that were left to the pool.
    fn left_alone(count: usize) -> Vec<usize> {
        let mut gathering = Gathering::default();
        let leave = |&_: &usize| {
            let leaves = gathering.may_leave();
            if leaves {
                gathering.note_left();
            }
            gathering.note_written();
            leaves
        };
        (0..count).filter(leave).collect()
    }

    #[test]
    fn messages_that_are_left_alone_are_left_ever_more_seldom() {
        assert_eq!(left_alone(1000), [0, 9, 26, 59, 124, 253, 510, 767]);
    }

    #[test]
    fn messages_that_are_left_together_go_on_being_left() {
        let mut gathering = Gathering::default();
        for _ in 0..100 {
            for _ in 0..2 {
                assert!(gathering.may_leave());
                gathering.note_left();
            }
            gathering.note_written();
        }
    }

    #[test]
    fn one_burst_that_pays_shortens_the_next_pause() {
        let mut gathering = Gathering { last_pause: LONGEST_PAUSE, ..Gathering::default() };
        gathering.note_left();
        gathering.note_left();
        gathering.note_written();
        gathering.note_left();
        gathering.note_written();
        assert_eq!(gathering.pause, FIRST_PAUSE);
    }
}
