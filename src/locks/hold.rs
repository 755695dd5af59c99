//! Locks that a thread holds while it forks. The child then finds what they protect whole, and the locks free.

use super::{Mutex, RawLock, foreign_work};
use lock_api::{RawMutex, RawMutexTimed};
use std::any::Any;
use std::mem;
use std::ptr::NonNull;
use std::sync::Arc;
use std::time::Instant;

/// Locks held together. They are free again when this is dropped, or in the child by `release_in_child`.
pub struct Hold {
    limit: Instant,
    held: Vec<Held>,
    stops_foreign_work: bool,
}

struct Held {
    lock: NonNull<RawLock>,
    /// What the lock is in, unless it is always there.
    owner: Option<Arc<dyn Any + Send + Sync>>,
}

impl Hold {
    /// None so far. No lock is waited for beyond `limit`.
    pub fn new(limit: Instant) -> Hold {
        Hold { limit, held: Vec::new(), stops_foreign_work: false }
    }

    /// Takes a lock that is always there. False: it was not free in time.
    pub fn take<T>(&mut self, mutex: &'static Mutex<T>) -> bool {
        self.add(raw(mutex), None)
    }

    /// As `take`, after a look at what the lock protects. `None`: it was not free in time.
    pub fn take_and_look<T, R>(&mut self, mutex: &'static Mutex<T>, look: impl FnOnce(&T) -> R) -> Option<R> {
        let guard = mutex.try_lock_until(self.limit)?;
        let seen = look(&guard);
        mem::forget(guard);
        self.held.push(Held { lock: NonNull::from(raw(mutex)), owner: None });
        Some(seen)
    }

    /// Takes a lock that is part of something. False: it was not free in time.
    pub fn take_of<O, T>(&mut self, owner: &Arc<O>, mutex: impl FnOnce(&O) -> &Mutex<T>) -> bool
    where
        O: Send + Sync + 'static,
    {
        self.add(raw(mutex(owner)), Some(owner.clone()))
    }

    /// Waits until no other thread is at work in a library that does not prepare for forks, and lets none begin.
    pub fn stop_foreign_work(&mut self) {
        self.stops_foreign_work = true;
        foreign_work::stop(self.limit);
    }

    fn add(&mut self, lock: &RawLock, owner: Option<Arc<dyn Any + Send + Sync>>) -> bool {
        let is_held = lock.try_lock_until(self.limit);
        if is_held {
            self.held.push(Held { lock: NonNull::from(lock), owner });
        }
        is_held
    }

    /// Frees the locks in a forked child. Of their owners nothing is dropped: the parent's threads may have been at work
    /// on them.
    pub fn release_in_child(mut self) {
        if mem::take(&mut self.stops_foreign_work) {
            foreign_work::go_on_alone();
        }
        for held in mem::take(&mut self.held) {
            held.release();
            mem::forget(held.owner);
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        if self.stops_foreign_work {
            foreign_work::go_on();
        }
        while let Some(held) = self.held.pop() {
            held.release();
        }
    }
}

impl Held {
    fn release(&self) {
        // SAFETY: the lock is always there, or its owner is.
        let lock = unsafe { self.lock.as_ref() };
        // SAFETY: taken by `add`, and released once.
        unsafe { lock.unlock() };
    }
}

fn raw<T>(mutex: &Mutex<T>) -> &RawLock {
    // SAFETY: only what was locked through it is unlocked through it.
    unsafe { mutex.raw() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn what_is_held_is_free_afterwards() {
        static FIRST: Mutex<u32> = Mutex::new(1);
        let second = Arc::new(Mutex::new(2));
        let mut hold = Hold::new(Instant::now() + Duration::from_secs(1));
        assert_eq!(hold.take_and_look(&FIRST, |first| *first), Some(1));
        assert!(hold.take_of(&second, |second| second));
        assert!(FIRST.is_locked() && second.is_locked());
        assert!(!Hold::new(Instant::now()).take(&FIRST), "it is not waited for");
        drop(hold);
        assert!(!FIRST.is_locked() && !second.is_locked());
        assert_eq!(Arc::strong_count(&second), 1);
    }
}
