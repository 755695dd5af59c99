//! Finds callbacks that take long.

use crate::engine::runtime::lane::{CalledBack, Lane};
use crate::session::Moment;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Time after which a callback that takes long is noticed.
pub(in crate::engine) const TICK: Duration = Duration::from_millis(10);

/// The state of the callbacks in a lane.
#[derive(Default)]
pub(super) struct Watch {
    /// Some waiting thread looks every tick.
    ticking: AtomicBool,
    /// Lane progress at the last tick.
    last_progress: AtomicU64,
    /// When that was, see `Moment`.
    last_tick: AtomicU64,
    /// A callback takes long: what is read meanwhile does not wait for it.
    held_up: AtomicBool,
}

impl Watch {
    /// Callbacks begin. True: they were watched already.
    pub(super) fn begin(&self) -> bool {
        self.is_ticking() || self.ticking.swap(true, Ordering::AcqRel)
    }

    pub(super) fn is_ticking(&self) -> bool {
        self.ticking.load(Ordering::Acquire)
    }

    pub(super) fn is_held_up(&self) -> bool {
        self.held_up.load(Ordering::Acquire)
    }

    /// When the last tick was.
    pub(super) fn last_tick(&self) -> Moment {
        Moment(self.last_tick.load(Ordering::Acquire))
    }

    pub(super) fn is_overdue(&self, now: Moment) -> bool {
        self.is_ticking() && now.millis_since(self.last_tick()) > TICK.as_millis() as u64
    }

    /// Checks whether a callback has been running since the last tick. The clients that wait for its end.
    pub(super) fn tick<C: CalledBack>(&self, lane: &Lane<C>, now: Moment) -> Vec<Arc<C>> {
        if !self.is_ticking() {
            return Vec::new();
        }
        self.last_tick.store(now.0, Ordering::Release);
        let progress = lane.progress();
        let moved = self.last_progress.swap(progress, Ordering::AcqRel) != progress;
        let waiting = lane.held_up();
        self.held_up.store(!moved && waiting.is_some(), Ordering::Release);
        if waiting.is_none() && !moved {
            self.ticking.store(false, Ordering::Release);
        }
        waiting.filter(|_| !moved).unwrap_or_default()
    }
}
