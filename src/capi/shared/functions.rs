//! The exported functions that are the same in both interfaces.

use core::ffi::{CStr, c_int};
use core::ptr::{self, NonNull};
use std::sync::{Arc, OnceLock};

use super::abi::{MQTTApi_message, MQTTApi_nameValue, MQTTApi_traceCallback};
use super::faults::Fault;
use super::user_function::UserFunction;
use super::{c_heap, messages};
use crate::engine::Client;
use crate::engine::version_info::{self, Product};
use crate::trace::{Callback, Level};

/// Exports them under the names of one interface: its product, the texts of its own return codes, its functions. The
/// headers are made from what is in the macro, without the dollar signs.
macro_rules! functions {
    (
        $product:expr,
        $own_text:path,
        $MQTTApi_strerror:ident,
        $MQTTApi_getVersionInfo:ident,
        $MQTTApi_malloc:ident,
        $MQTTApi_free:ident,
        $MQTTApi_freeMessage:ident,
        $MQTTApi_setTraceLevel:ident,
        $MQTTApi_setTraceCallback:ident$(,)?
    ) => {
        /// Returns a human-readable description of a return code.
        ///
        /// The codes 1 to 5 are those with which a server refuses a connection before MQTT 5.0; above them
        /// are the reason codes of MQTT 5.0. As results of subscribing 1 and 2 are granted QoS values.
        ///
        /// @param code the return code
        /// @return a constant string, never NULL. For an unknown code it is "Unknown error code" followed by
        ///   the number, and valid until the next call on the same thread.
        #[unsafe(no_mangle)]
        pub extern "C" fn $MQTTApi_strerror(code: ::core::ffi::c_int) -> *const ::core::ffi::c_char {
            $crate::capi::shared::boundary::entry!(
                stringify!($MQTTApi_strerror),
                c"".as_ptr(),
                $crate::capi::shared::faults::text(code, $own_text(code))
            )
        }

        /// Returns information about the library as a list of names and values. The first three names are
        /// "Product name", "Version" and "Build level"; libraries with TLS add five about OpenSSL.
        ///
        /// @return a constant array that ends with a pair of NULLs; do not free it
        /// @note May be called at any time, also before a client is created.
        #[unsafe(no_mangle)]
        pub extern "C" fn $MQTTApi_getVersionInfo() -> *mut $crate::capi::shared::abi::MQTTApi_nameValue {
            static LIST: $crate::capi::shared::functions::VersionList =
                $crate::capi::shared::functions::VersionList::new();
            $crate::capi::shared::boundary::entry!(
                stringify!($MQTTApi_getVersionInfo),
                ::core::ptr::null_mut(),
                LIST.of($product)
            )
        }

        /// Allocates memory with malloc().
        ///
        /// @param size number of bytes
        /// @return the memory, to be released with MQTTApi_free() or free(), or NULL if out of memory
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $MQTTApi_malloc(size: usize) -> *mut ::core::ffi::c_void {
            $crate::capi::shared::c_heap::allocate(size)
                .map_or(::core::ptr::null_mut(), ::core::ptr::NonNull::as_ptr)
        }

        /// Frees memory returned by the library, such as topic names and token arrays. Equivalent to free().
        ///
        /// @param ptr the memory, or NULL
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $MQTTApi_free(ptr: *mut ::core::ffi::c_void) {
            // SAFETY: NULL or memory of the C heap, as the application promises.
            unsafe { $crate::capi::shared::c_heap::release(ptr) };
        }

        /// Frees a received message with its payload and properties, and sets *msg to NULL. The topic name is
        /// freed separately, with MQTTApi_free().
        ///
        /// @param msg the variable that points to the message; nothing happens if it or *msg is NULL
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $MQTTApi_freeMessage(
            msg: *mut *mut $crate::capi::shared::abi::MQTTApi_message,
        ) {
            $crate::capi::shared::boundary::entry!(
                stringify!($MQTTApi_freeMessage),
                (),
                // SAFETY: what the application passes as such.
                unsafe { $crate::capi::shared::functions::free_message(msg) }
            );
        }

        /// Sets the trace level of the whole process: lines of this level and of those that follow it in
        /// MQTTAPI_TRACE_LEVELS are written.
        ///
        /// @param level from MQTTAPI_TRACE_MAXIMUM (most lines) to MQTTAPI_TRACE_FATAL (fewest). The
        ///   default is MQTTAPI_TRACE_MINIMUM, or the value of the environment variable
        ///   MQTT_C_CLIENT_TRACE_LEVEL.
        #[unsafe(no_mangle)]
        pub extern "C-unwind" fn $MQTTApi_setTraceLevel(
            level: $crate::capi::shared::abi::MQTTAPI_TRACE_LEVELS,
        ) {
            $crate::capi::shared::boundary::client_entry!(
                stringify!($MQTTApi_setTraceLevel),
                (),
                $crate::trace::TRACER.set_level(level)
            );
        }

        /// Sets the function that is called for each line of the trace, for the whole process.
        ///
        /// @param callback the function, or NULL for none
        /// @note It may be called on any thread that uses the library and on the library's own threads, but
        ///   never twice at the same time and never with a lock held. It may call the API; lines caused by its
        ///   own calls are not passed to it.
        #[unsafe(no_mangle)]
        pub unsafe extern "C-unwind" fn $MQTTApi_setTraceCallback(
            callback: $crate::capi::shared::abi::MQTTApi_traceCallback,
        ) {
            $crate::capi::shared::boundary::client_entry!(
                stringify!($MQTTApi_setTraceCallback),
                (),
                $crate::trace::TRACER.set_callback($crate::capi::shared::functions::trace_listener(callback))
            );
        }
    };
}
pub(crate) use functions;

/// The functions that set one callback with its context, of the client that a handle is for. `$change` is what changes
/// callbacks: for `cbindgen/headers.rs`, which writes them out for the headers, each is on a line.
macro_rules! setters {
    ($change:ident, $MQTTApi:ty; $($(#[$text:meta])* $MQTTApi_set:ident($function:ident: $type:ty) sets $slot:ident;)+) => {
        $($(#[$text])*
        #[unsafe(no_mangle)]
        pub unsafe extern "C-unwind" fn $MQTTApi_set(
            handle: $MQTTApi,
            context: *mut ::core::ffi::c_void,
            $function: $type,
        ) -> ::core::ffi::c_int {
            use $crate::capi::shared::{boundary::client_entry, faults, program::Slot};
            client_entry!(stringify!($MQTTApi_set), faults::Fault::FAILURE.code(), {
                faults::code_of($change(handle, |slots| slots.$slot = Slot::new(context, $function)))
            })
        })+
    };
}
pub(crate) use setters;

/// Frees the message in a variable, if there is one.
///
/// # Safety
/// `variable` is NULL or one of the application's, with a message of the library or NULL in it.
pub(crate) unsafe fn free_message(variable: *mut *mut MQTTApi_message) {
    // SAFETY: the caller's promise.
    let Some(variable) = (unsafe { variable.as_mut() }) else { return };
    if let Some(message) = NonNull::new(core::mem::replace(variable, ptr::null_mut())) {
        // SAFETY: a message of the library, which the application gives up.
        unsafe { messages::release(message) };
    }
}

/// What ends an array of tokens.
const NO_TOKEN: c_int = -1;

/// Sets the variable to the tokens of all messages of a client that are not complete; NULL if there are none.
///
/// # Safety
/// `variable` is NULL or one of the application's.
pub(crate) unsafe fn list_pending(
    variable: *mut *mut c_int,
    find: impl FnOnce() -> Result<Arc<Client>, Fault>,
) -> Result<(), Fault> {
    // SAFETY: the caller's promise.
    let variable = unsafe { variable.as_mut() }.ok_or(Fault::NULL_PARAMETER)?;
    *variable = ptr::null_mut();
    let mut tokens: Vec<c_int> = find()?.pending_requests().into_iter().map(c_int::from).collect();
    if !tokens.is_empty() {
        tokens.push(NO_TOKEN);
        *variable = c_heap::copy_slice(&tokens).ok_or(Fault::OUT_OF_MEMORY)?.as_ptr();
    }
    Ok(())
}

/// The trace callback as the log calls it; the application's is called here only. `None` for NULL.
pub(crate) fn trace_listener(callback: MQTTApi_traceCallback) -> Option<Callback> {
    let callback = callback?;
    Some(Arc::new(move |level: Level, text: &CStr| {
        // SAFETY: a callback of the application, with the arguments it is documented to get. The text outlives the
        // call; the parameter is not const for historical reasons, it is only read.
        unsafe { callback.call("trace", (level as c_int, text.as_ptr().cast_mut())) };
    }))
}

/// Names, values, and the pair of NULLs at the end. Made by the first question.
pub(crate) struct VersionList(OnceLock<Vec<MQTTApi_nameValue>>);

// SAFETY: the pointers are to constant texts.
unsafe impl Send for VersionList {}
// SAFETY: as above.
unsafe impl Sync for VersionList {}

impl VersionList {
    /// The list, not made yet.
    pub(crate) const fn new() -> VersionList {
        VersionList(OnceLock::new())
    }

    /// The first element.
    pub(crate) fn of(&'static self, product: Product) -> *mut MQTTApi_nameValue {
        let list = self.0.get_or_init(|| {
            let entries = version_info::entries(product).into_iter();
            let entries = entries.map(|(name, value)| (name.as_ptr(), value.as_ptr()));
            let entries = entries.chain([(ptr::null(), ptr::null())]);
            entries.map(|(name, value)| MQTTApi_nameValue { name, value }).collect()
        });
        list.as_ptr().cast_mut()
    }
}
