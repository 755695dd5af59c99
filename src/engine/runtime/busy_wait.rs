//! Busy-waiting. If a server answers within a few dozen microseconds, putting a core to sleep and waking it again takes
//! longer than the answer. After several such answers in a row a thread spins briefly for the next one instead of
//! sleeping. If answers take longer it sleeps again: on slower networks it hardly ever spins, and it never spins for
//! messages that are not answers.
//!
//! `PAHO_C_RS_BUSY_WAIT=never` in the environment keeps it so everywhere.

use crate::engine::runtime::environment;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Time to spin: longer than a server on this machine takes, shorter than most networks take.
const LONGEST_SPIN: Duration = Duration::from_micros(200);

/// An answer that reaches a sleeping thread this soon would probably reach a spinning one within `LONGEST_SPIN`: waking up
/// takes the longest.
const PROMPT: Duration = Duration::from_micros(500);

/// A prompt answer is a reason to spin; anything else that arrives promptly, or a long sleep, is a reason not to.
const ANSWER: u32 = 2;
const OTHER: u32 = 1;
const SLEPT_LONG: u32 = 2 * ANSWER;

/// The threshold for spinning: four answers in a row. Each failed spin makes it four times as high, up to hundreds;
/// each successful one lowers it to a quarter.
const ENOUGH: u32 = 4 * ANSWER;
const STEP: u32 = 4;
const MOST_NEEDED: u32 = ENOUGH * STEP * STEP * STEP;

/// With one processor only, the server could not even run meanwhile.
static IS_ALLOWED: LazyLock<bool> =
    LazyLock::new(|| !is_forbidden() && thread::available_parallelism().is_ok_and(|count| count.get() > 1));

static IS_FORBIDDEN: LazyLock<bool> =
    LazyLock::new(|| environment::variable("PAHO_C_RS_BUSY_WAIT").is_some_and(|value| value == "never"));

/// The environment forbids it to the whole process.
pub(in crate::engine) fn is_forbidden() -> bool {
    *IS_FORBIDDEN
}

/// Finds out now whether it is allowed, instead of when it is first asked.
pub(in crate::engine) fn settle() {
    LazyLock::force(&IS_ALLOWED);
}

/// The memory of a place where threads wait for answers: whether to sleep there.
#[derive(Default)]
pub(in crate::engine) struct BusyWait {
    /// Measure of how promptly answers come, see the constants.
    score: AtomicU32,
    /// From which score on it is worth it, less `ENOUGH`.
    needed_more: AtomicU32,
    /// A thread is spinning: only one at a time does.
    taken: AtomicBool,
    /// The application has sent something since.
    asked: AtomicBool,
}

/// The result of a wait.
pub(in crate::engine) struct Waited<T> {
    pub(in crate::engine) found: T,
    /// It did not take long.
    pub(in crate::engine) promptly: bool,
}

impl BusyWait {
    /// Waits by `sleep`, which always gives something; before that, where it is worth it, by asking `look` again and again.
    pub(in crate::engine) fn wait<T>(
        &self,
        look: impl FnMut() -> Option<T>,
        sleep: impl FnOnce() -> T,
    ) -> Waited<T> {
        if !*IS_ALLOWED {
            return Waited { found: sleep(), promptly: false };
        }
        let start = Instant::now();
        if self.is_worth_it() {
            let seen = self.watch(start, look);
            let promptly = seen.is_some();
            return Waited { found: seen.unwrap_or_else(sleep), promptly };
        }
        let found = sleep();
        Waited { found, promptly: start.elapsed() < PROMPT }
    }

    /// The next wait spins, unless another thread does.
    #[inline]
    pub(in crate::engine) fn is_worth_it(&self) -> bool {
        self.score.load(Ordering::Relaxed) >= self.needed() && *IS_ALLOWED
    }

    #[inline]
    fn needed(&self) -> u32 {
        ENOUGH + self.needed_more.load(Ordering::Relaxed)
    }

    /// The application has sent something: only from now on the answer can be expected.
    #[inline]
    pub(in crate::engine) fn note_question(&self) {
        if self.taken.load(Ordering::Relaxed) {
            self.asked.store(true, Ordering::Relaxed);
        }
    }

    /// Takes note of the result of a wait: an answer to something that the application had sent, or something else.
    pub(in crate::engine) fn note(&self, promptly: bool, is_answer: bool) {
        let score = self.score.load(Ordering::Relaxed);
        let next = match (promptly, is_answer) {
            (true, true) => (score + ANSWER).min(self.needed() + ENOUGH),
            (true, false) => score.saturating_sub(OTHER),
            (false, _) => score.saturating_sub(SLEPT_LONG),
        };
        self.score.store(next, Ordering::Relaxed);
    }

    fn watch<T>(&self, mut start: Instant, mut look: impl FnMut() -> Option<T>) -> Option<T> {
        if self.taken.swap(true, Ordering::Acquire) {
            return None;
        }
        self.asked.store(false, Ordering::Relaxed);
        let mut may_begin_anew = true;
        let seen = loop {
            if let Some(seen) = look() {
                break Some(seen);
            }
            // Once, for an application may send without end.
            if may_begin_anew && self.asked.load(Ordering::Relaxed) {
                (start, may_begin_anew) = (Instant::now(), false);
            }
            if start.elapsed() >= LONGEST_SPIN {
                break None;
            }
            // Let other threads run on this processor first.
            thread::yield_now();
        };
        self.taken.store(false, Ordering::Release);
        self.learn(seen.is_some());
        seen
    }

    /// Records whether a spin was successful.
    fn learn(&self, was_worth_it: bool) {
        let needed = self.needed();
        let next = if was_worth_it { needed / STEP } else { needed * STEP };
        self.needed_more.store(next.clamp(ENOUGH, MOST_NEEDED) - ENOUGH, Ordering::Relaxed);
        if !was_worth_it {
            self.score.store(0, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test ends when something is not as expected")]

    use super::*;

    /// True if the next wait looks before it sleeps.
    fn stays_awake(place: &BusyWait) -> bool {
        let mut looked = false;
        place.wait(|| std::mem::replace(&mut looked, true).then_some(()), || ());
        looked
    }

    fn after_prompt_answers(count: u32) -> BusyWait {
        let place = BusyWait::default();
        (0..count).for_each(|_| place.note(true, true));
        place
    }

    #[test]
    fn four_prompt_answers_are_enough() {
        assert!(!stays_awake(&after_prompt_answers(3)));
        assert_eq!(stays_awake(&after_prompt_answers(4)), *IS_ALLOWED);
    }

    #[test]
    fn slow_answers_end_it() {
        let place = after_prompt_answers(100);
        (0..3).for_each(|_| place.note(false, true));
        assert!(!stays_awake(&place));
    }

    #[test]
    fn a_server_that_is_prompt_now_and_then_lets_sleep() {
        let place = BusyWait::default();
        for _ in 0..100 {
            (0..2).for_each(|_| place.note(true, true));
            place.note(false, true);
            assert!(!stays_awake(&place));
        }
    }

    #[test]
    fn being_awake_in_vain_ends_it_for_longer_each_time() {
        if !*IS_ALLOWED {
            return;
        }
        let place = BusyWait::default();
        for answers in [4, 16, 64, 256, 256] {
            (0..answers).for_each(|_| {
                assert!(place.score.load(Ordering::Relaxed) < place.needed(), "{answers}");
                place.note(true, true);
            });
            let waited = place.wait(|| None, || "slept");
            assert_eq!((waited.found, waited.promptly), ("slept", false));
        }
        (0..256).for_each(|_| place.note(true, true));
        for _ in 0..4 {
            assert!(stays_awake(&place), "it is worth it again");
        }
        assert_eq!(place.needed(), ENOUGH);
    }

    #[test]
    fn the_time_begins_anew_with_a_question() {
        if !*IS_ALLOWED {
            return;
        }
        let (place, begin) = (after_prompt_answers(100), Instant::now());
        let mut asks = true;
        let look = || {
            if std::mem::take(&mut asks) {
                while begin.elapsed() < LONGEST_SPIN / 2 {}
            }
            place.note_question();
            None
        };
        place.wait(look, || ());
        assert!(begin.elapsed() >= LONGEST_SPIN * 3 / 2);
    }

    #[test]
    fn messages_that_nobody_asked_for_do_not_keep_awake() {
        let place = BusyWait::default();
        for _ in 0..100 {
            place.note(true, true);
            (0..2).for_each(|_| place.note(true, false));
        }
        assert!(!stays_awake(&place));
    }

    #[test]
    fn an_answer_in_two_pieces_does() {
        let place = BusyWait::default();
        for _ in 0..100 {
            place.note(true, true);
            place.note(true, false);
        }
        assert_eq!(stays_awake(&place), *IS_ALLOWED);
    }

    #[test]
    fn one_thread_at_a_time_stays_awake() {
        let place = after_prompt_answers(100);
        let inner = place.wait(|| Some(stays_awake(&place)), || false);
        assert!(!inner.found);
    }
}
