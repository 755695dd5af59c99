//! The exported functions that the original does not have and that take a handle: the same in both interfaces
//! (`MQTTClientExt.h`, `MQTTAsyncExt.h`).

use core::ffi::{CStr, c_char, c_int, c_void};
use std::borrow::Cow;
use std::sync::Arc;

use super::extension_codes::{MQTTEXT_BUFFER_TOO_SMALL, MQTTEXT_UNKNOWN_OPTION, MQTTExt_strerror};
use super::faults::Fault;
use super::handle;
use super::program::Interface;
use super::text;
use crate::engine::Client;

/// Exports them under the names of one interface. The headers are made from what is in the macro, without the dollar signs.
macro_rules! functions {
    (
        $Interface:ty,
        $MQTTApi:ty,
        $MQTTApiExt_setOption:ident,
        $MQTTApiExt_getOption:ident$(,)?
    ) => {
        /// Sets an option of a client by its name. docs/options.md lists all options, their values and
        /// when a new value takes effect: now, with the next connect, or only before the client is used.
        ///
        /// An option that is not set has the value of the environment variable PAHO_C_RS_OPTIONS, or its
        /// default.
        ///
        /// @param handle the client
        /// @param name name of the option
        /// @param value the new value as text
        /// @param errstr set to the reason of a failure in words, cut if it does not fit; to an empty
        ///   string after success. May be NULL
        /// @param size size of errstr in bytes
        /// @return
        /// - 0 (MQTTEXT_SUCCESS): the option was set
        /// - -1 (MQTTEXT_FAILURE): handle is not a valid client handle
        /// - -6 (MQTTEXT_NULL_PARAMETER): name or value is NULL
        /// - -45 (MQTTEXT_UNKNOWN_OPTION): there is no option of this name
        /// - -46 (MQTTEXT_INVALID_VALUE): the option does not take this value, or the environment does
        ///   not allow it
        /// - -47 (MQTTEXT_TOO_LATE): the option can only be set before the client is used
        ///
        /// After a failure nothing has changed.
        /// @note Name and value are copied. May be called in callbacks.
        #[unsafe(no_mangle)]
        pub unsafe extern "C-unwind" fn $MQTTApiExt_setOption(
            handle: $MQTTApi,
            name: *const ::core::ffi::c_char,
            value: *const ::core::ffi::c_char,
            errstr: *mut ::core::ffi::c_char,
            size: usize,
        ) -> ::core::ffi::c_int {
            use $crate::capi::shared::{boundary::client_entry, extensions, faults::Fault};
            client_entry!(stringify!($MQTTApiExt_setOption), Fault::FAILURE.code(), {
                // SAFETY: NULL or what the application passes as such.
                unsafe { extensions::set_option::<$Interface>(handle, name, value, errstr, size) }
            })
        }

        /// Returns the value of an option of a client as text. docs/options.md lists all options.
        ///
        /// @param handle the client
        /// @param name name of the option
        /// @param buffer set to the value, zero-terminated; NULL to get only its size
        /// @param size before the call the size of buffer in bytes; set to the size of the value, with the
        ///   zero at its end
        /// @return
        /// - 0 (MQTTEXT_SUCCESS): buffer and *size are set
        /// - -1 (MQTTEXT_FAILURE): handle is not a valid client handle
        /// - -6 (MQTTEXT_NULL_PARAMETER): name or size is NULL
        /// - -45 (MQTTEXT_UNKNOWN_OPTION): there is no option of this name
        /// - -48 (MQTTEXT_BUFFER_TOO_SMALL): buffer holds the beginning of the value, zero-terminated unless
        ///   *size was 0; *size is what the value needs
        ///
        /// @note May be called in callbacks.
        #[unsafe(no_mangle)]
        pub unsafe extern "C-unwind" fn $MQTTApiExt_getOption(
            handle: $MQTTApi,
            name: *const ::core::ffi::c_char,
            buffer: *mut ::core::ffi::c_char,
            size: *mut usize,
        ) -> ::core::ffi::c_int {
            use $crate::capi::shared::{boundary::client_entry, extensions, faults};
            client_entry!(stringify!($MQTTApiExt_getOption), faults::Fault::FAILURE.code(), {
                // SAFETY: NULL or what the application passes as such.
                faults::code_of(unsafe { extensions::get_option::<$Interface>(handle, name, buffer, size) })
            })
        }
    };
}
pub(crate) use functions;

/// The client of a handle, for functions that return -1 for an invalid handle.
fn find<I: Interface>(handle: *mut c_void) -> Result<Arc<Client>, Fault> {
    handle::find::<I>(handle).ok_or(Fault::FAILURE)
}

/// The code that the function returns. The text for it is put into `errstr`.
///
/// # Safety
/// `name` and `value` are NULL or strings, unchanged during the call; `errstr` is NULL or has room for `size` bytes.
pub(crate) unsafe fn set_option<I: Interface>(
    handle: *mut c_void,
    name: *const c_char,
    value: *const c_char,
    errstr: *mut c_char,
    size: usize,
) -> c_int {
    let client = find::<I>(handle);
    // SAFETY: the caller's promise.
    let name = unsafe { given(name) };
    // SAFETY: the caller's promise.
    let value = unsafe { given(value) };
    let (code, reason) = match client.and_then(|client| Ok((client, name?, value?))) {
        Ok((client, name, value)) => match client.set_option(&name, &value) {
            Ok(()) => (0, String::new()),
            Err(fault) => (Fault::from(&fault).code(), fault.to_string()),
        },
        Err(fault) => (fault.code(), of_code(fault)),
    };
    // SAFETY: the caller's promise.
    unsafe { text::copy_out(&reason, errstr, size) };
    code
}

/// # Safety
/// `name` is NULL or a string, unchanged during the call; `size` is NULL or a variable, with the room that `buffer` has, if
/// that is not NULL.
pub(crate) unsafe fn get_option<I: Interface>(
    handle: *mut c_void,
    name: *const c_char,
    buffer: *mut c_char,
    size: *mut usize,
) -> Result<(), Fault> {
    let client = find::<I>(handle)?;
    // SAFETY: the caller's promise.
    let name = unsafe { given(name) }?;
    // SAFETY: the caller's promise.
    let size = unsafe { size.as_mut() }.ok_or(Fault::NULL_PARAMETER)?;
    let value = client.option(&name).ok_or(Fault(MQTTEXT_UNKNOWN_OPTION))?;
    let room = std::mem::replace(size, value.len() + 1);
    // SAFETY: the caller's promise.
    unsafe { text::copy_out(&value, buffer, room) };
    let is_cut = !buffer.is_null() && room < *size;
    if is_cut { Err(Fault(MQTTEXT_BUFFER_TOO_SMALL)) } else { Ok(()) }
}

/// The text of an argument that must not be NULL. What is not UTF-8 is the name or the value of nothing.
///
/// # Safety
/// `text` is NULL or a string that does not change during `'a`.
unsafe fn given<'a>(text: *const c_char) -> Result<Cow<'a, str>, Fault> {
    // SAFETY: the caller's promise.
    unsafe { text::bytes(text) }.map(String::from_utf8_lossy).ok_or(Fault::NULL_PARAMETER)
}

/// The text of a return code.
fn of_code(fault: Fault) -> String {
    // SAFETY: a constant string, or this thread's, which nothing changes meanwhile.
    unsafe { CStr::from_ptr(MQTTExt_strerror(fault.code())) }.to_string_lossy().into_owned()
}
