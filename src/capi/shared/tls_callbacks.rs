//! The application's functions for TLS. They are called in this file only.

use core::ffi::{CStr, c_char, c_int, c_uchar, c_uint, c_void};
use core::ptr;

use super::abi::MQTTApi_SSLOptions;
use super::user_function::UserFunction;
use crate::engine::TlsCallbacks;

type ErrorFunction = unsafe extern "C" fn(*const c_char, usize, *mut c_void) -> c_int;
type PreSharedKeyFunction =
    unsafe extern "C" fn(*const c_char, *mut c_char, c_uint, *mut c_uchar, c_uint, *mut c_void) -> c_uint;

/// Functions from the TLS options, and what they are to get back.
pub(crate) struct ProgramFunctions {
    error: Option<ErrorFunction>,
    error_context: *mut c_void,
    pre_shared_key: Option<PreSharedKeyFunction>,
    pre_shared_key_context: *mut c_void,
}

impl ProgramFunctions {
    /// `None`: the application has set neither.
    pub(crate) fn of(options: &MQTTApi_SSLOptions) -> Option<ProgramFunctions> {
        let (error, pre_shared_key) = (options.ssl_error_cb, options.ssl_psk_cb);
        (error.is_some() || pre_shared_key.is_some()).then_some(ProgramFunctions {
            error,
            error_context: options.ssl_error_context,
            pre_shared_key,
            pre_shared_key_context: options.ssl_psk_context,
        })
    }
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
