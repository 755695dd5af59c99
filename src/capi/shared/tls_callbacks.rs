//! The application's functions for TLS. They are called in this file only.

use core::ffi::{CStr, c_uint, c_void};
use core::ptr;

use super::ssl_options_abi::{ErrorCallback, PreSharedKeyCallback};
use super::user_function::UserFunction;
use crate::engine::TlsCallbacks;

/// Functions from the TLS options, and what they are to get back.
pub(crate) struct ProgramFunctions {
    pub(crate) error: ErrorCallback,
    pub(crate) error_context: *mut c_void,
    pub(crate) pre_shared_key: PreSharedKeyCallback,
    pub(crate) pre_shared_key_context: *mut c_void,
}

// SAFETY: the contexts are only values to the library; it gives them back on whichever thread opens the connection, as the
// interface says.
unsafe impl Send for ProgramFunctions {}
// SAFETY: as above; nothing is ever changed.
unsafe impl Sync for ProgramFunctions {}

impl TlsCallbacks for ProgramFunctions {
    fn error(&self, line: &CStr) -> bool {
        let Some(call) = self.error else { return false };
        // SAFETY: the application's function, with a text that outlives the call, and its context.
        unsafe { call.call("ssl_error_cb", (line.as_ptr(), line.count_bytes(), self.error_context)) > 0 }
    }

    fn has_pre_shared_key(&self) -> bool {
        self.pre_shared_key.is_some()
    }

    fn pre_shared_key(&self, hint: Option<&CStr>, identity: &mut [u8], key: &mut [u8]) -> usize {
        let Some(call) = self.pre_shared_key else { return 0 };
        let length = |room: &[u8]| c_uint::try_from(room.len()).unwrap_or(c_uint::MAX);
        let (identity_room, key_room) = (length(identity), length(key));
        let hint = hint.map_or(ptr::null(), CStr::as_ptr);
        // SAFETY: the application's function, with buffers of the given lengths that outlive the call, and its context.
        let length = unsafe {
            let arguments = (
                hint,
                identity.as_mut_ptr().cast(),
                identity_room,
                key.as_mut_ptr(),
                key_room,
                self.pre_shared_key_context,
            );
            call.call("ssl_psk_cb", arguments)
        };
        usize::try_from(length).unwrap_or(0)
    }

    fn identity(&self) -> [usize; 4] {
        [
            self.error.map_or(0, |call| call as usize),
            self.error_context.addr(),
            self.pre_shared_key.map_or(0, |call| call as usize),
            self.pre_shared_key_context.addr(),
        ]
    }
}
