//! Mutex and condition variable as small as they can be: a word each, on which threads sleep.
//!
//! Nothing about them is kept anywhere else. So a forked child can keep using them: those that were free at the fork
//! work, and the forking thread releases those it held. Locks that keep their waiting threads in tables of the process
//! (as `parking_lot` does) leave the child with tables full of threads that it does not have.

mod foreign_work;
mod hold;

pub use foreign_work::{Foreign, ForeignWork};
pub use hold::Hold;

use crate::system::{self, wake};
use lock_api::{GuardNoSend, RawMutex, RawMutexTimed};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Protects data of type `T`.
pub type Mutex<T> = lock_api::Mutex<RawLock, T>;
/// The lock, held.
pub type MutexGuard<'a, T> = lock_api::MutexGuard<'a, RawLock, T>;
/// As `Mutex`; a thread that holds it may take it again.
pub type ReentrantMutex<T> = lock_api::ReentrantMutex<RawLock, ThreadIdentity, T>;
/// That lock, held.
pub type ReentrantMutexGuard<'a, T> = lock_api::ReentrantMutexGuard<'a, RawLock, ThreadIdentity, T>;

const FREE: u32 = 0;
const HELD: u32 = 1;
/// Held, and a thread may be sleeping until it is free.
const AWAITED: u32 = 2;

/// How often a thread looks again before it sleeps: most locks are held for less than a microsecond.
const LOOKS: u32 = 10;
/// So many times it only pauses in between, each time twice as long. After that it lets other threads run: the one that
/// holds the lock may need this processor.
const PAUSES: u32 = 3;

/// The lock itself.
pub struct RawLock(AtomicU32);

// SAFETY: only the thread whose exchange has found it free holds it, until it stores `FREE` again.
unsafe impl RawMutex for RawLock {
    #[allow(clippy::declare_interior_mutable_const, reason = "the way of lock_api to make one")]
    const INIT: RawLock = RawLock(AtomicU32::new(FREE));
    type GuardMarker = GuardNoSend;

    #[inline]
    fn lock(&self) {
        if !self.try_lock() {
            self.wait(None);
        }
    }

    #[inline]
    fn try_lock(&self) -> bool {
        self.0.compare_exchange(FREE, HELD, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    #[inline]
    unsafe fn unlock(&self) {
        if self.0.swap(FREE, Ordering::Release) == AWAITED {
            wake(&self.0, 1);
        }
    }

    #[inline]
    fn is_locked(&self) -> bool {
        self.0.load(Ordering::Relaxed) != FREE
    }
}

// SAFETY: as above.
unsafe impl RawMutexTimed for RawLock {
    type Duration = Duration;
    type Instant = Instant;

    fn try_lock_for(&self, limit: Duration) -> bool {
        self.try_lock_until(Instant::now() + limit)
    }

    fn try_lock_until(&self, limit: Instant) -> bool {
        self.try_lock() || self.wait(Some(limit))
    }
}

impl RawLock {
    /// Takes it as soon as it is free. False: the time is over.
    #[cold]
    fn wait(&self, limit: Option<Instant>) -> bool {
        let mut seen = self.spin();
        if seen == FREE && self.try_lock() {
            return true;
        }
        loop {
            // Other threads may be sleeping too, so a thread that takes the lock here wakes one of them later.
            if seen != AWAITED && self.0.swap(AWAITED, Ordering::Acquire) == FREE {
                return true;
            }
            if !sleep(&self.0, AWAITED, limit) {
                return self.try_lock();
            }
            seen = self.spin();
        }
    }

    /// Its value after a moment, or as soon as it is free or a thread sleeps.
    fn spin(&self) -> u32 {
        for round in 1..=LOOKS {
            if round <= PAUSES {
                (0..1 << round).for_each(|_| std::hint::spin_loop());
            } else {
                std::thread::yield_now();
            }
            let seen = self.0.load(Ordering::Relaxed);
            if seen != HELD {
                return seen;
            }
        }
        HELD
    }
}

/// Sleeps while the word has this value, or until woken. Returns false on a timeout.
fn sleep(word: &AtomicU32, value: u32, limit: Option<Instant>) -> bool {
    let left = limit.map(|limit| limit.saturating_duration_since(Instant::now()));
    if left.is_some_and(|left| left.is_zero()) {
        return false;
    }
    system::sleep(word, value, left);
    true
}

/// Lets threads that hold a lock wait until another thread notifies them.
pub struct Condvar {
    /// Changes with every notification.
    told: AtomicU32,
    /// Number of waiting threads. Without any, a notification makes no system call.
    waiting: AtomicU32,
}

impl Condvar {
    /// One without waiting threads.
    pub const fn new() -> Condvar {
        Condvar { told: AtomicU32::new(0), waiting: AtomicU32::new(0) }
    }

    /// Waits for a notification, with the lock released. May return early.
    pub fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
        self.wait_at_most(guard, None);
    }

    /// As `wait`, up to the given moment at most. False: it had passed already.
    pub fn wait_until<T>(&self, guard: &mut MutexGuard<'_, T>, limit: Instant) -> bool {
        self.wait_at_most(guard, Some(limit))
    }

    fn wait_at_most<T>(&self, guard: &mut MutexGuard<'_, T>, limit: Option<Instant>) -> bool {
        // Both before the lock is released, so that the next thread to take it sees this one waiting.
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let told = self.told.load(Ordering::Relaxed);
        let has_slept = MutexGuard::unlocked(guard, || sleep(&self.told, told, limit));
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        has_slept
    }

    /// Ends the wait of one thread.
    #[inline]
    pub fn notify_one(&self) {
        self.notify(1);
    }

    /// Ends the wait of every thread.
    #[inline]
    pub fn notify_all(&self) {
        self.notify(i32::MAX as u32);
    }

    #[inline]
    fn notify(&self, count: u32) {
        if self.waiting.load(Ordering::Relaxed) > 0 {
            self.told.fetch_add(1, Ordering::Relaxed);
            wake(&self.told, count);
        }
    }
}

impl Default for Condvar {
    fn default() -> Condvar {
        Condvar::new()
    }
}

/// Distinguishes threads for `ReentrantMutex`.
pub struct ThreadIdentity;

// SAFETY: the address of a thread-local variable differs from that of every other running thread, and is never 0.
unsafe impl lock_api::GetThreadId for ThreadIdentity {
    #[allow(clippy::declare_interior_mutable_const, reason = "the way of lock_api to make one")]
    const INIT: ThreadIdentity = ThreadIdentity;

    fn nonzero_thread_id(&self) -> std::num::NonZeroUsize {
        thread_local! {
            static OWN: u8 = const { 0 };
        }
        OWN.with(|own| std::ptr::from_ref(own).addr().try_into().unwrap_or(std::num::NonZeroUsize::MIN))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicBool;
    use std::thread;

    #[test]
    fn one_thread_at_a_time_holds_a_lock() {
        let count = Mutex::new(0u32);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..10_000 {
                        let mut count = count.lock();
                        let seen = *count;
                        std::hint::black_box(seen);
                        *count = seen + 1;
                    }
                });
            }
        });
        assert_eq!(count.into_inner(), 80_000);
    }

    #[test]
    fn a_limit_ends_the_wait_for_a_lock() {
        let lock = Mutex::new(());
        let held = lock.lock();
        let begin = Instant::now();
        assert!(lock.try_lock().is_none());
        assert!(lock.try_lock_for(Duration::from_millis(20)).is_none());
        assert!(begin.elapsed() >= Duration::from_millis(20));
        drop(held);
        assert!(lock.try_lock_for(Duration::ZERO).is_some());
    }

    #[test]
    fn threads_are_woken_one_by_one_and_all_together() {
        let (turn, changed, entered) = (Mutex::new(0u32), Condvar::new(), AtomicU32::new(0));
        thread::scope(|scope| {
            for own in 0..8 {
                let (turn, changed, entered) = (&turn, &changed, &entered);
                scope.spawn(move || {
                    let mut turn = turn.lock();
                    entered.fetch_add(1, Ordering::Relaxed);
                    while *turn != own {
                        changed.wait(&mut turn);
                    }
                    *turn += 1;
                    changed.notify_all();
                });
            }
        });
        assert_eq!((turn.into_inner(), entered.into_inner()), (8, 8));
        assert_eq!(changed.waiting.into_inner(), 0);
    }

    #[test]
    fn a_limit_ends_the_wait_to_be_told() {
        let (lock, changed) = (Mutex::new(()), Condvar::new());
        let limit = Instant::now() + Duration::from_millis(20);
        let mut held = lock.lock();
        while changed.wait_until(&mut held, limit) {}
        assert!(Instant::now() >= limit);
    }

    #[test]
    fn one_that_is_told_before_it_sleeps_does_not_sleep() {
        let (lock, changed, told) = (Mutex::new(false), Condvar::new(), AtomicBool::new(false));
        for _ in 0..2_000 {
            thread::scope(|scope| {
                scope.spawn(|| {
                    *lock.lock() = true;
                    changed.notify_one();
                });
                let mut is_set = lock.lock();
                while !*is_set {
                    changed.wait(&mut is_set);
                }
                *is_set = false;
                told.store(true, Ordering::Relaxed);
            });
        }
        assert!(told.into_inner());
    }

    #[test]
    fn a_thread_may_take_a_reentrant_lock_again() {
        let lock = ReentrantMutex::new(());
        let first = lock.lock();
        let second = lock.lock();
        thread::scope(|scope| {
            scope.spawn(|| assert!(lock.try_lock().is_none()));
        });
        drop((first, second));
        thread::scope(|scope| {
            scope.spawn(|| assert!(lock.try_lock().is_some()));
        });
    }
}
