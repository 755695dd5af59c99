//! Whether the library is in use: from the first handle of the process to the last.

use core::sync::atomic::{AtomicUsize, Ordering};

use super::user_function;
use crate::engine::{prepare_for_forks, start_log};
use crate::trace;

/// Handles that exist.
static HANDLES: AtomicUsize = AtomicUsize::new(0);

/// Counts a new handle. The first one starts the log. No lock may be held: the log calls the application.
pub(crate) fn handle_created() {
    prepare_for_forks();
    if HANDLES.fetch_add(1, Ordering::AcqRel) == 0 {
        user_function::prepare();
        start_log();
    }
}

/// Counts a handle that is gone. The last one ends the log, which starts again if another thread has
/// made a first handle meanwhile. No lock may be held.
pub(crate) fn handle_destroyed() {
    if HANDLES.fetch_sub(1, Ordering::AcqRel) == 1 {
        trace::shutdown();
        if is_initialized() {
            start_log();
        }
    }
}

/// True while the process has a handle.
pub(crate) fn is_initialized() -> bool {
    HANDLES.load(Ordering::Acquire) > 0
}
