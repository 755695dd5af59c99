//! A pool without threads, for one client: it works while the application, from an event loop of its own, calls `process`.

use super::crew::Crew;
use super::{Pool, PoolPlace, Served};
use crate::engine::runtime::clock;
use crate::engine::runtime::lane::Lane;
use crate::engine::runtime::poller::Wakeup;
use crate::engine::runtime::registry::Registry;
use crate::engine::runtime::watch::TICK;
use std::io;
use std::os::fd::RawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Events that one call takes at most.
const MOST_EVENTS: usize = 64;

/// Resets the mark, also when a callback has ended the work in an unusual way.
struct AtWork<'a>(&'a AtomicBool);

impl<'a> AtWork<'a> {
    fn begin(mark: &'a AtomicBool) -> Option<AtWork<'a>> {
        (!mark.swap(true, Ordering::AcqRel)).then_some(AtWork(mark))
    }
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl<C: Served> Pool<C> {
    /// `lane`: that of the client alone. It is counted in already.
    pub(in crate::engine) fn of_event_loop(
        registry: &'static Registry<C>,
        lane: Arc<Lane<C>>,
        place: &'static PoolPlace<C>,
    ) -> io::Result<Pool<C>> {
        let crew = Crew { is_external: true, ..Crew::default() };
        crew.threads.lock().users = 1;
        Ok(Pool { crew, ..Pool::new(registry, lane, place)? })
    }

    /// The application drives it.
    pub(in crate::engine) fn is_external(&self) -> bool {
        self.crew.is_external
    }

    /// The application asks for the next alarm soon, when this work is done.
    pub(super) fn is_processing(&self) -> bool {
        self.crew.is_at_work.load(Ordering::Acquire)
    }

    /// It is readable when `process` has something to do.
    pub(in crate::engine) fn descriptor(&self) -> RawFd {
        self.poller.descriptor()
    }

    /// Milliseconds until `process` has something to do even if the descriptor is not readable.
    pub(in crate::engine) fn time_left(&self) -> Option<u64> {
        self.alarms.next().map(|next| next.millis_since(clock::now()))
    }

    /// Serves what is ready and what is due, and runs callbacks. False: a thread does so already, perhaps this one.
    pub(in crate::engine) fn process(self: &Arc<Self>) -> bool {
        let Some(_work) = AtWork::begin(&self.crew.is_at_work) else { return false };
        let mut taken = 0;
        while let Some(found) = self.poller.take_one() {
            self.take(found);
            taken += 1;
            if taken == MOST_EVENTS {
                // An edge-triggered watcher would not be notified of the rest.
                self.poller.wake();
                break;
            }
        }
        self.finish();
        true
    }

    /// For a call that waits: does the same as soon as there is something to do, or after a short time. False: another
    /// thread does so.
    pub(in crate::engine) fn wait_and_process(self: &Arc<Self>, millis: u64) -> bool {
        let Some(_work) = AtWork::begin(&self.crew.is_at_work) else { return false };
        let limit = millis.min(TICK.as_millis() as u64).min(self.time_left().unwrap_or(u64::MAX));
        let found = self.poller.wait_one(limit);
        self.take(found);
        self.finish();
        true
    }

    fn take(self: &Arc<Self>, found: Wakeup) {
        if let Wakeup::Ready(token, readiness) = found {
            self.serve(token, readiness);
        }
    }

    fn finish(self: &Arc<Self>) {
        if !self.is_of_the_parent.load(Ordering::Relaxed) {
            self.look_around(clock::now());
        }
    }
}
