//! Work that other threads have left to the workers.

use crate::locks::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// A queue that is mostly empty, which is seen without its lock.
pub(in crate::engine) struct Handover<T> {
    /// A fork takes the lock.
    pub(super) left: Mutex<Vec<T>>,
    has_some: AtomicBool,
}

impl<T> Handover<T> {
    pub(super) const fn new() -> Handover<T> {
        Handover { left: Mutex::new(Vec::new()), has_some: AtomicBool::new(false) }
    }

    pub(super) fn put(&self, one: T) {
        self.left.lock().push(one);
        self.has_some.store(true, Ordering::Release);
    }

    #[inline]
    pub(super) fn take(&self) -> Option<Vec<T>> {
        let has_some = self.has_some.load(Ordering::Acquire) && self.has_some.swap(false, Ordering::AcqRel);
        has_some.then(|| std::mem::take(&mut *self.left.lock()))
    }
}
