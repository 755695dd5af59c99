//! `pthread_cancel` of a thread that is inside the API. The C library would end such a thread in the middle of a system
//! call, with locks held and work half done, and by an unwinding that cannot pass through Rust. So a call cannot be
//! cancelled; what was asked for meanwhile happens when it returns.

use core::ffi::c_int;
use core::ptr;

unsafe extern "C" {
    fn pthread_setcancelstate(state: c_int, old: *mut c_int) -> c_int;
}

unsafe extern "C-unwind" {
    fn pthread_testcancel();
}

/// The numbers of the C library for a thread that can be cancelled, and for one that cannot.
const ENABLED: c_int = if cfg!(target_vendor = "apple") { 1 } else { 0 };
const DISABLED: c_int = 1 - ENABLED;

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
