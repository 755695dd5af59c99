//! The way in from C: no panic crosses it.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

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
        let held = $crate::capi::shared::cancellation::hold();
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

#[cfg(test)]
mod tests {
    #[test]
    fn a_panic_becomes_the_failure_value() {
        assert_eq!(entry!("test", -1, if true { panic!("for the test") } else { 0 }), -1);
        assert_eq!(entry!("test", -1, 5), 5);
    }
}
