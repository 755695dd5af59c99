//! Whether this thread is inside a function of a program's store. A client is locked meanwhile, so such a function would
//! wait for itself if it called functions of clients: it finds no clients instead.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many calls there are on all threads. Spares programs without stores the look at their thread.
static CALLS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static CALLS_OF_THREAD: Cell<usize> = const { Cell::new(0) };
}

/// A call of such a function; it lasts until this is dropped.
pub(crate) struct StoreCall(());

impl StoreCall {
    pub(crate) fn begin() -> StoreCall {
        CALLS.fetch_add(1, Ordering::Relaxed);
        CALLS_OF_THREAD.set(CALLS_OF_THREAD.get() + 1);
        StoreCall(())
    }
}

impl Drop for StoreCall {
    fn drop(&mut self) {
        CALLS_OF_THREAD.set(CALLS_OF_THREAD.get() - 1);
        CALLS.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The caller is such a function.
#[inline]
pub(crate) fn is_inside() -> bool {
    // What this thread has added it sees.
    CALLS.load(Ordering::Relaxed) != 0 && CALLS_OF_THREAD.get() != 0
}
