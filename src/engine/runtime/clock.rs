//! The engine's clock: monotonic time in the form that the session takes.

use crate::session::Moment;
use rustix::time::{ClockId, clock_gettime};
use std::time::{Duration, Instant};

/// Milliseconds since some fixed moment in the past. Setting the wall clock does not move it.
#[inline]
pub(in crate::engine) fn now() -> Moment {
    let time = clock_gettime(ClockId::Monotonic);
    Moment((time.tv_sec as u64) * 1000 + (time.tv_nsec as u64) / 1_000_000)
}

/// The moment when a time limit that starts now has passed; limits beyond any use are cut.
pub(in crate::engine) fn after(limit: Duration) -> Moment {
    past(now(), millis(limit))
}

/// The first moment at which `limit` milliseconds have certainly passed since some time that was read as `start`. The clock
/// cuts what is less than a millisecond, so the moment `limit` milliseconds later may come too early.
pub(in crate::engine) fn past(start: Moment, limit: u64) -> Moment {
    start.plus_millis(limit.saturating_add(u64::from(limit > 0)))
}

/// Whole milliseconds, rounded up.
pub(in crate::engine) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX).min(u64::MAX / 4)
}

/// The same time in the session's form.
pub(in crate::engine) fn moment_of(time: Instant) -> Moment {
    after(time.saturating_duration_since(Instant::now()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_limit_never_passes_early() {
        for limit in [1, 2, 20] {
            // Begins shortly before the next millisecond, where most is cut.
            let begin = loop {
                let begin = Instant::now();
                if clock_gettime(ClockId::Monotonic).tv_nsec % 1_000_000 > 900_000 {
                    break begin;
                }
            };
            let until = after(Duration::from_millis(limit));
            while now() < until {
                std::hint::spin_loop();
            }
            assert!(begin.elapsed() >= Duration::from_millis(limit), "{limit}: {:?}", begin.elapsed());
        }
        assert!(after(Duration::ZERO) <= now(), "no time: it has passed at once");
    }
}
