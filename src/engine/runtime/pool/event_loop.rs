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
use std::sync::atomic::Ordering;

/// Events that one call takes at most.
const MOST_EVENTS: usize = 64;

/// One call of `process` runs no more callbacks than this, and those of the turn with which it gets there.
const MOST_CALLBACKS: u64 = 256;

/// The calling thread is at work until this is dropped, also when a callback has ended the work in an unusual way.
struct AtWork<'a, C: Served>(&'a Pool<C>);

impl<'a, C: Served> AtWork<'a, C> {
    fn begin(pool: &'a Pool<C>) -> Option<AtWork<'a, C>> {
        let event_loop = &pool.crew.event_loop;
        if event_loop.is_at_work.swap(true, Ordering::SeqCst) {
            return None;
        }
        event_loop.begun_at.store(pool.lane.progress(), Ordering::Relaxed);
        Some(AtWork(pool))
    }
}

impl<C: Served> Drop for AtWork<'_, C> {
    fn drop(&mut self) {
        let event_loop = &self.0.crew.event_loop;
        event_loop.is_at_work.store(false, Ordering::SeqCst);
        if event_loop.has_come.swap(false, Ordering::SeqCst) {
            self.0.poller.wake();
        }
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
        self.crew.event_loop.is_at_work.load(Ordering::SeqCst)
    }

    /// It is readable when `process` has something to do.
    pub(in crate::engine) fn descriptor(&self) -> RawFd {
        self.poller.descriptor()
    }

    /// Milliseconds until `process` has something to do even if the descriptor is not readable. While another thread is at
    /// work it has nothing to do, and the descriptor is readable afterwards.
    pub(in crate::engine) fn time_left(&self) -> Option<u64> {
        if self.is_processing() && self.comes_back_later() {
            return None;
        }
        self.time_to_alarm()
    }

    fn time_to_alarm(&self) -> Option<u64> {
        self.alarms.next().map(|next| next.millis_since(clock::now()))
    }

    /// Serves what is ready and what is due, and runs callbacks. False: a thread does so already, perhaps this one.
    pub(in crate::engine) fn process(self: &Arc<Self>) -> bool {
        let Some(_work) = AtWork::begin(self) else {
            self.leave_to_other();
            return false;
        };
        self.serve_taken();
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
        let Some(_work) = AtWork::begin(self) else { return false };
        let limit = millis.min(TICK.as_millis() as u64).min(self.time_to_alarm().unwrap_or(u64::MAX));
        let event_loop = &self.crew.event_loop;
        event_loop.is_waiting.store(true, Ordering::SeqCst);
        let limit = if event_loop.taken.lock().is_empty() { limit } else { 0 };
        let found = self.poller.wait_one(limit);
        event_loop.is_waiting.store(false, Ordering::SeqCst);
        self.serve_taken();
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
        if self.is_of_the_parent.load(Ordering::Relaxed) {
            return;
        }
        self.look_around(clock::now());
        if self.lane.others_wait() {
            // The callbacks that are left are for the next call.
            self.poller.wake();
        }
    }

    /// Another thread is at work, perhaps in a callback that takes long. Until it has finished the descriptor must not be
    /// readable, for nothing could be done about that.
    fn leave_to_other(&self) {
        let event_loop = &self.crew.event_loop;
        if event_loop.is_waiting.load(Ordering::SeqCst) {
            // It gets the event itself.
            return;
        }
        let events = std::iter::from_fn(|| self.poller.take_one()).take(MOST_EVENTS);
        for found in events {
            if let Wakeup::Ready(token, readiness) = found {
                event_loop.taken.lock().push((token, readiness));
            }
        }
        if event_loop.is_waiting.load(Ordering::SeqCst) {
            self.poller.wake();
        }
        self.comes_back_later();
    }

    /// The application's loop is woken when the other thread has finished. False: it has.
    fn comes_back_later(&self) -> bool {
        let event_loop = &self.crew.event_loop;
        event_loop.has_come.store(true, Ordering::SeqCst);
        let is_at_work = self.is_processing();
        if !is_at_work && event_loop.has_come.swap(false, Ordering::SeqCst) {
            self.poller.wake();
        }
        is_at_work
    }

    /// Serves what the application's loop has taken and left.
    fn serve_taken(self: &Arc<Self>) {
        let taken = std::mem::take(&mut *self.crew.event_loop.taken.lock());
        for (token, readiness) in taken {
            self.serve(token, readiness);
        }
    }

    /// Runs the callbacks that wait in a lane: all of them, or as many as one call of `process` may.
    pub(super) fn run_callbacks_in(&self, lane: &Lane<C>, prepare: impl FnMut()) {
        if !self.is_external() {
            return lane.drain(prepare);
        }
        let begun_at = self.crew.event_loop.begun_at.load(Ordering::Relaxed);
        if lane.progress().wrapping_sub(begun_at) < MOST_CALLBACKS {
            lane.run_turn(prepare);
        }
    }
}
