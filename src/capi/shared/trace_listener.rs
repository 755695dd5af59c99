//! The application's trace callback, which both interfaces have. It is called in this file only.

use core::ffi::{CStr, c_char, c_int};
use std::sync::Arc;

use super::user_function::UserFunction;
use crate::trace::{Callback, Level};

/// `MQTTClient_traceCallback` and `MQTTAsync_traceCallback`.
type TraceCallback = unsafe extern "C" fn(level: c_int, message: *mut c_char);

/// The callback as the log calls it. `None` for NULL.
pub(crate) fn trace_listener(callback: Option<TraceCallback>) -> Option<Callback> {
    let callback = callback?;
    Some(Arc::new(move |level: Level, text: &CStr| {
        // SAFETY: a callback of the application, with the arguments it is documented to get. The text outlives the
        // call; the parameter is not const for historical reasons, it is only read.
        unsafe { callback.call("trace", (level as c_int, text.as_ptr().cast_mut())) };
    }))
}
