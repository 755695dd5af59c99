//! How much stack threads have: those of the library, and those of the application that call it.

use crate::system::stack_bounds;
use std::mem::MaybeUninit;

/// More than the rest of a connect takes, most of it in OpenSSL: 14 KiB with OpenSSL 3.0, 18 with 3.5 and its larger keys.
const ENOUGH_FOR_TLS: usize = 32 << 10;

/// The stack that a thread gets of which nothing else is said: that of `ulimit -s`, mostly.
pub(in crate::engine) fn usual_size() -> Option<usize> {
    let mut attributes = MaybeUninit::<libc::pthread_attr_t>::uninit();
    // SAFETY: the pointer is valid for writing attributes.
    if unsafe { libc::pthread_attr_init(attributes.as_mut_ptr()) } != 0 {
        return None;
    }
    let mut size = 0;
    // SAFETY: the attributes were made above.
    let result = unsafe { libc::pthread_attr_getstacksize(attributes.as_ptr(), &raw mut size) };
    // SAFETY: they are not used any more.
    unsafe { libc::pthread_attr_destroy(attributes.as_mut_ptr()) };
    (result == 0 && size > 0).then_some(size)
}

/// The calling thread has not enough stack left for the work of OpenSSL. False also where that is not known.
pub(in crate::engine) fn is_too_small_for_tls() -> bool {
    left().is_some_and(|left| left < ENOUGH_FOR_TLS)
}

/// What the calling thread has left. None: it is the first thread, whose stack grows; or it uses a stack that is not its own.
#[inline(never)]
fn left() -> Option<usize> {
    let (lowest, size) = stack_bounds()?;
    let here = 0u8;
    (&raw const here).addr().checked_sub(lowest).filter(|left| *left < size)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::hint::black_box;
    use std::thread::Builder;

    /// Runs work on a thread that has used its stack up to about this. The smallest stack of a system may be larger.
    pub(in crate::engine::runtime) fn with_stack_left<T: Send + 'static>(bytes: usize, work: fn() -> T) -> T {
        Builder::new().stack_size(256 << 10).spawn(move || use_up_to(bytes, work)).unwrap().join().unwrap()
    }

    fn use_up_to<T>(bytes: usize, work: fn() -> T) -> T {
        let frame = [0u8; 1 << 10];
        let result = if left().unwrap() > bytes { use_up_to(bytes, work) } else { work() };
        black_box(&frame);
        result
    }

    #[test]
    fn a_small_stack_is_known() {
        assert!(with_stack_left(24 << 10, is_too_small_for_tls));
        assert!(!with_stack_left(64 << 10, is_too_small_for_tls));
    }
}
