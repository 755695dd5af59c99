//! The threads of the library: signals belong to the application, so these threads take none of them while they wait; and a
//! callback finds the mask and as much stack as on any thread of the application.

use crate::engine::runtime::stack;
use std::io;
use std::mem::MaybeUninit;
use std::panic::resume_unwind;
use std::ptr;
use std::thread::{self, Builder, JoinHandle};

/// A thread of the library has so much stack at least: OpenSSL and the application's TLS functions run on it.
const LEAST_STACK: usize = 256 << 10;

/// The signals that a thread blocks.
#[derive(Clone, Copy)]
pub(in crate::engine) struct SignalMask(libc::sigset_t);

impl SignalMask {
    /// That of the calling thread.
    pub(in crate::engine) fn current() -> SignalMask {
        let mut mask = MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: without a new mask the call only writes the present one.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, ptr::null(), mask.as_mut_ptr()) };
        // SAFETY: it was written by the call above, which cannot fail with these arguments.
        SignalMask(unsafe { mask.assume_init() })
    }

    /// All signals.
    pub(in crate::engine) fn all() -> SignalMask {
        let mut mask = MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: the pointer is valid for writing a set.
        unsafe { libc::sigfillset(mask.as_mut_ptr()) };
        // SAFETY: it was filled above.
        SignalMask(unsafe { mask.assume_init() })
    }

    /// Gives the calling thread this mask. The one before.
    pub(in crate::engine) fn apply(&self) -> SignalMask {
        let mut before = MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: the pointers are those of a set and of memory for one.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.0, before.as_mut_ptr()) };
        // SAFETY: it was written by the call above, which cannot fail with these arguments.
        SignalMask(unsafe { before.assume_init() })
    }

    /// For calls that take a mask.
    #[cfg(not(portable))]
    #[inline]
    pub(in crate::engine) fn as_set(&self) -> &libc::sigset_t {
        &self.0
    }
}

/// Starts a thread in which every signal is blocked.
pub(in crate::engine) fn spawn_without_signals(
    name: &str,
    work: impl FnOnce() + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    // The new thread inherits the mask.
    let before = SignalMask::all().apply();
    let builder = Builder::new().name(name.to_owned());
    let result = match stack::usual_size() {
        Some(size) => builder.stack_size(size.max(LEAST_STACK)).spawn(work),
        None => builder.spawn(work),
    };
    before.apply();
    result
}

/// Does work for the calling thread, which waits, on one with more stack.
#[cold]
pub(in crate::engine) fn run_on_larger_stack<T: Send>(work: impl FnOnce() -> T + Send) -> io::Result<T> {
    thread::scope(|scope| {
        let before = SignalMask::all().apply();
        let builder = Builder::new().name("MQTT_connect".into()).stack_size(LEAST_STACK);
        let thread = builder.spawn_scoped(scope, work);
        before.apply();
        Ok(thread?.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::runtime::stack::tests::with_stack_left;

    #[test]
    fn work_on_a_larger_stack_gives_its_result_or_its_panic() {
        let sizes = with_stack_left(24 << 10, || {
            let has_less = stack::is_too_small_for_tls;
            (has_less(), run_on_larger_stack(has_less).unwrap())
        });
        assert_eq!(sizes, (true, false));
        assert!(std::panic::catch_unwind(|| run_on_larger_stack(|| panic!("for the test"))).is_err());
    }
}
