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
    now().plus_millis(millis(limit))
}

/// Whole milliseconds, rounded up.
pub(in crate::engine) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX).min(u64::MAX / 4)
}

/// The same time in the session's form.
pub(in crate::engine) fn moment_of(time: Instant) -> Moment {
    now().plus_millis(millis(time.saturating_duration_since(Instant::now())))
}
