//! The way in from C: no panic crosses it.

use core::ffi::c_int;
use core::ptr;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::system::{CANCEL_DISABLED as DISABLED, CANCEL_ENABLED as ENABLED};
use crate::trace::{self, Level};

/// Runs the body of an exported function. Should it panic, the panic ends here and the caller in C gets
/// `$failure`, which is evaluated only then.
macro_rules! entry {
    ($function:expr, $failure:expr, $body:expr) => {
        $crate::capi::shared::boundary::guarded($function, || $failure, || $body)
    };
}
pub(crate) use entry;

/// The same for a function that may wait, use the network or call the application: during it the calling thread
/// cannot be cancelled. The function has to be `extern "C-unwind"`, because a thread that was to be ended meanwhile
/// ends there.
macro_rules! client_entry {
    ($function:expr, $failure:expr, $body:expr) => {{
        let held = $crate::capi::shared::boundary::hold();
        let result = $crate::capi::shared::boundary::guarded($function, || $failure, || $body);
        held.release();
        result
    }};
}
pub(crate) use client_entry;

/// What [`entry!`] expands to.
#[inline]
pub(crate) fn guarded<T>(function: &str, failure: impl FnOnce() -> T, body: impl FnOnce() -> T) -> T {
    // Unwind safety: the engine's locks do not poison, and what they guard stays consistent between statements.
    let result = catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|payload| {
        report(function, payload);
        failure()
    });
    // The body has released all locks, so this is where log lines can be passed to the application.
    trace::deliver();
    result
}

/// Writes the panic to the log. The log or the payload's destructor could be what panics, hence the
/// second guard.
#[cold]
fn report(function: &str, payload: Box<dyn Any + Send>) {
    let text = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no text")
        .to_owned();
    let logged = catch_unwind(AssertUnwindSafe(|| {
        trace::trace!(Level::Fatal, "Internal error in {function}: {text}");
        drop(payload);
    }));
    if let Err(second) = logged {
        std::mem::forget(second);
    }
}

// `pthread_cancel` of a thread that is inside the API. The C library would end such a thread in the middle of a system
// call, with locks held and work half done, and by an unwinding that cannot pass through Rust. So a call cannot be
// cancelled; what was asked for meanwhile happens when it returns.

unsafe extern "C" {
    fn pthread_setcancelstate(state: c_int, old: *mut c_int) -> c_int;
}

unsafe extern "C-unwind" {
    fn pthread_testcancel();
}

/// That the calling thread cannot be cancelled. Without destructor, because nothing may have one where a thread ends.
#[derive(Clone, Copy)]
pub(crate) struct Held {
    before: c_int,
}

/// From now on the calling thread cannot be cancelled.
#[inline]
pub(crate) fn hold() -> Held {
    let mut before = DISABLED;
    // SAFETY: the number is one of two, and the variable lives through the call.
    unsafe { pthread_setcancelstate(DISABLED, &raw mut before) };
    Held { before }
}

impl Held {
    /// Restores what was before `hold`. If the thread is to end it does so here: so this is the last thing that an exported
    /// function does, outside of everything that has a destructor.
    #[inline]
    pub(crate) fn release(self) {
        if self.before == ENABLED {
            // SAFETY: the number is one of two; what was before is not asked for.
            unsafe { pthread_setcancelstate(ENABLED, ptr::null_mut()) };
            // SAFETY: no frame up to the exported function has anything to be dropped.
            unsafe { pthread_testcancel() };
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_panic_becomes_the_failure_value() {
        assert_eq!(entry!("test", -1, if true { panic!("for the test") } else { 0 }), -1);
        assert_eq!(entry!("test", -1, 5), 5);
    }
}
