//! The end of the process: messages accepted by publish are written first.

use crate::engine::{await_gathered, gathers_in_this_process};

/// Called at each successful connect. Registered that late, so that it runs before what OpenSSL does at the end.
pub(super) fn arrange() {
    if gathers_in_this_process() {
        // SAFETY: `at_exit` may be called at any time. Should it not be registered, nothing but its work is missing.
        unsafe { libc::atexit(at_exit) };
    }
}

extern "C" fn at_exit() {
    await_gathered();
}
