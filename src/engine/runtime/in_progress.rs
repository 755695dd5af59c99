//! How many of something are in progress in this process.

use std::sync::atomic::{AtomicUsize, Ordering};

/// A forked child forgets what it has inherited: nothing of that is in progress there. What was counted in before the fork may
/// count itself out nevertheless.
pub(in crate::engine) struct InProgress(AtomicUsize);

impl InProgress {
    pub(in crate::engine) const fn new() -> InProgress {
        InProgress(AtomicUsize::new(0))
    }

    pub(in crate::engine) fn count_in(&self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }

    /// Changes nothing where it was forgotten.
    pub(in crate::engine) fn count_out(&self) {
        let mut count = self.0.load(Ordering::Acquire);
        while count > 0 {
            match self.0.compare_exchange_weak(count, count - 1, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return,
                Err(now) => count = now,
            }
        }
    }

    pub(in crate::engine) fn is_any(&self) -> bool {
        self.0.load(Ordering::Acquire) > 0
    }

    pub(in crate::engine) fn forget_all(&self) {
        self.0.store(0, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_forgotten_is_not_counted_out_again() {
        let count = InProgress::new();
        count.count_in();
        count.count_in();
        count.count_out();
        assert!(count.is_any());
        count.forget_all();
        count.count_out();
        assert!(!count.is_any());
        count.count_in();
        assert!(count.is_any());
    }
}
