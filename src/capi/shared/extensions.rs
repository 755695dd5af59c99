//! The exported functions that the original does not have and that take a handle: the same in both interfaces
//! (`MQTTClientExt.h`, `MQTTAsyncExt.h`).

use core::ffi::{CStr, c_char, c_int, c_void};
use std::borrow::Cow;
use std::sync::Arc;

use super::authentication_abi::MQTTExt_authenticate;
use super::extension_codes::{MQTTEXT_BUFFER_TOO_SMALL, MQTTEXT_UNKNOWN_OPTION, MQTTExt_strerror};
use super::faults::Fault;
use super::handle;
use super::program::{Interface, Slot};
use super::statistics_abi::{MQTTExt_statistics, NEWEST_STATISTICS, STATISTICS_ID};
use super::{statistics, structure, text};
use crate::engine::Client;

/// Exports them under the names of one interface. The headers are made from what is in the macro, without the dollar signs.
macro_rules! functions {
    (
        $Interface:ty,
        $MQTTApi:ty,
        $MQTTApiExt_setOption:ident,
        $MQTTApiExt_getOption:ident,
        $MQTTApiExt_getStatistics:ident,
        $MQTTApiExt_getLastError:ident,
        $MQTTApiExt_acknowledge:ident,
        $MQTTApiExt_setAuthentication:ident,
        $MQTTApiExt_reauthenticate:ident$(,)?
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

        /// Returns numbers about a client: what it has sent and received, its connections and how they
        /// ended, what it has to do, the times of the last connect, and what the server has announced.
        ///
        /// @param handle the client
        /// @param statistics initialized with MQTTExt_statistics_initializer; set to the numbers at this
        ///   moment. They count from the creation of the client on, over all its connections
        /// @return
        /// - 0 (MQTTEXT_SUCCESS): the structure was filled
        /// - -1 (MQTTEXT_FAILURE): handle is not a valid client handle
        /// - -6 (MQTTEXT_NULL_PARAMETER): statistics is NULL
        /// - -8 (MQTTEXT_BAD_STRUCTURE): struct_id or struct_version is invalid
        ///
        /// @note Does not use the network. May be called on any thread, also in callbacks.
        #[unsafe(no_mangle)]
        pub unsafe extern "C-unwind" fn $MQTTApiExt_getStatistics(
            handle: $MQTTApi,
            statistics: *mut $crate::capi::shared::statistics_abi::MQTTExt_statistics,
        ) -> ::core::ffi::c_int {
            use $crate::capi::shared::{boundary::client_entry, extensions, faults};
            client_entry!(stringify!($MQTTApiExt_getStatistics), faults::Fault::FAILURE.code(), {
                // SAFETY: NULL or what the application passes as such.
                faults::code_of(unsafe { extensions::get_statistics::<$Interface>(handle, statistics) })
            })
        }

        /// Returns why the last connect failed or the last connection was lost.
        ///
        /// The text is the one that the log has at the level ERROR. It is copied and stays as it is when the
        /// client connects again, until the next failure.
        ///
        /// @param handle the client
        /// @param code set to 0 if nothing has failed yet. A positive code is that with which the server has
        ///   refused the connection, or the reason code of its DISCONNECT; -3 (MQTTEXT_DISCONNECTED): an
        ///   established connection ended; -2, or the code of the application's function: the store could
        ///   not be cleared; -1 (MQTTEXT_FAILURE): no connection was made for another reason. May be NULL
        /// @param buffer set to the reason in words, zero-terminated; to an empty string if nothing has
        ///   failed yet. May be NULL
        /// @param size size of buffer in bytes
        /// @return
        /// - 0 (MQTTEXT_SUCCESS): code and buffer are set
        /// - -1 (MQTTEXT_FAILURE): handle is not a valid client handle
        /// - -48 (MQTTEXT_BUFFER_TOO_SMALL): code is set, and buffer holds the beginning of the text,
        ///   zero-terminated unless size is 0
        ///
        /// @note May be called on any thread, also in callbacks, for example connectionLost.
        #[unsafe(no_mangle)]
        pub unsafe extern "C-unwind" fn $MQTTApiExt_getLastError(
            handle: $MQTTApi,
            code: *mut ::core::ffi::c_int,
            buffer: *mut ::core::ffi::c_char,
            size: usize,
        ) -> ::core::ffi::c_int {
            use $crate::capi::shared::{boundary::client_entry, extensions, faults};
            client_entry!(stringify!($MQTTApiExt_getLastError), faults::Fault::FAILURE.code(), {
                // SAFETY: NULL or what the application passes as such.
                faults::code_of(unsafe {
                    extensions::get_last_error::<$Interface>(handle, code, buffer, size)
                })
            })
        }

        /// Acknowledges a received message, when the client has the option "acknowledgement" set to "manual".
        ///
        /// The server sends a message of QoS 1 or 2 again on the next connection until it is acknowledged.
        /// Messages may be acknowledged in any order; the acknowledgements are sent in the order in which
        /// the messages came, so that one waits for those before it.
        ///
        /// @code{.c}
        /// if (save(message) == 0)
        ///     $MQTTApiExt_acknowledge(handle, message->msgid);
        /// @endcode
        ///
        /// @param handle the client
        /// @param msgid field msgid of the message
        /// @return
        /// - 0 (MQTTEXT_SUCCESS): the message is acknowledged
        /// - -1 (MQTTEXT_FAILURE): handle is not a valid client handle
        /// - -49 (MQTTEXT_AUTOMATIC_ACKNOWLEDGEMENT): the client is connected without that option
        /// - -50 (MQTTEXT_NO_ACKNOWLEDGEMENT): msgid is 0, that of a message of QoS 0
        /// - -51 (MQTTEXT_UNKNOWN_MESSAGE): no message has this msgid, or it was acknowledged before
        /// - -52 (MQTTEXT_EARLIER_CONNECTION): the connection of the message has ended. The server sends it
        ///   again with another msgid, unless the session has ended as well
        ///
        /// After a failure nothing has changed.
        /// @note May be called on any thread, also in callbacks. Does not wait for the network. See
        ///   docs/manual-acknowledgement.md.
        #[unsafe(no_mangle)]
        pub extern "C-unwind" fn $MQTTApiExt_acknowledge(
            handle: $MQTTApi,
            msgid: ::core::ffi::c_int,
        ) -> ::core::ffi::c_int {
            use $crate::capi::shared::{boundary::client_entry, extensions, faults};
            client_entry!(stringify!($MQTTApiExt_acknowledge), faults::Fault::FAILURE.code(), {
                faults::code_of(extensions::acknowledge::<$Interface>(handle, msgid))
            })
        }

        /// Sets the callback with which a client authenticates itself by a method that needs more than a
        /// password (MQTT 5.0, enhanced authentication), and the method.
        ///
        /// Each CONNECT packet then has this authentication method and the data of the callback's first
        /// answer, in place of those among the connect properties. The server's AUTH packets are given to
        /// the callback, and its answers are sent back, within the time limit of the connect.
        ///
        /// @code{.c}
        /// static int authenticate(void *context, MQTTExt_authentication *step)
        /// {
        ///     if (step->step == MQTTEXT_AUTHENTICATION_BEGIN) {
        ///         step->answer = context;
        ///         step->answerLength = (int)strlen(context);
        ///     }
        ///     return 0;
        /// }
        ///
        /// $MQTTApiExt_setAuthentication(handle, "TOKEN", token, authenticate);
        /// @endcode
        ///
        /// @param handle the client
        /// @param method the authentication method; it is copied
        /// @param context passed to the callback
        /// @param callback the callback; NULL for none, as at first
        /// @return
        /// - 0 (MQTTEXT_SUCCESS): the callback was set. It is used from the next attempt to connect on
        /// - -1 (MQTTEXT_FAILURE): handle is not a valid client handle
        /// - -5 (MQTTEXT_BAD_UTF8_STRING): method is not UTF-8 or is longer than 65535 bytes
        /// - -6 (MQTTEXT_NULL_PARAMETER): method is NULL, and callback is not
        ///
        /// @note May be called in callbacks. See docs/authentication.md, with SCRAM-SHA-256 as an example.
        #[unsafe(no_mangle)]
        pub unsafe extern "C-unwind" fn $MQTTApiExt_setAuthentication(
            handle: $MQTTApi,
            method: *const ::core::ffi::c_char,
            context: *mut ::core::ffi::c_void,
            callback: $crate::capi::shared::authentication_abi::MQTTExt_authenticate,
        ) -> ::core::ffi::c_int {
            use $crate::capi::shared::{boundary::client_entry, extensions, faults, program::Slot};
            client_entry!(stringify!($MQTTApiExt_setAuthentication), faults::Fault::FAILURE.code(), {
                let slot = Slot::new(context, callback);
                // SAFETY: NULL or what the application passes as such.
                faults::code_of(unsafe { extensions::set_authentication::<$Interface>(handle, method, slot) })
            })
        }

        /// Authenticates a connected client again, with the method of its connection (MQTT 5.0).
        ///
        /// The callback gives the first data, on the calling thread, and is then called for each AUTH packet
        /// of the server: with MQTTEXT_AUTHENTICATION_COMPLETE when the server has accepted the client. A
        /// server that does not accept it ends the connection.
        ///
        /// @param handle the client
        /// @return
        /// - 0 (MQTTEXT_SUCCESS): the authentication has begun
        /// - -1 (MQTTEXT_FAILURE): handle is not a valid client handle
        /// - -3 (MQTTEXT_DISCONNECTED): the client is not connected
        /// - -53 (MQTTEXT_NO_AUTHENTICATION): the connection was made without the callback or not with
        ///   MQTT 5.0
        /// - -54 (MQTTEXT_AUTHENTICATION_IN_PROGRESS): an earlier one is not complete
        /// - -55 (MQTTEXT_AUTHENTICATION_REFUSED): the callback refused, or its answer is too long,
        ///   also for the Maximum Packet Size of the server. The connection remains
        ///
        /// @note Does not wait for the server. May be called in callbacks.
        #[unsafe(no_mangle)]
        pub extern "C-unwind" fn $MQTTApiExt_reauthenticate(handle: $MQTTApi) -> ::core::ffi::c_int {
            use $crate::capi::shared::{boundary::client_entry, extensions, faults};
            client_entry!(stringify!($MQTTApiExt_reauthenticate), faults::Fault::FAILURE.code(), {
                faults::code_of(extensions::reauthenticate::<$Interface>(handle))
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

/// # Safety
/// `structure` is NULL or points to a structure of the version that it says.
pub(crate) unsafe fn get_statistics<I: Interface>(
    handle: *mut c_void,
    structure: *mut MQTTExt_statistics,
) -> Result<(), Fault> {
    let client = find::<I>(handle)?;
    if structure.is_null() {
        return Err(Fault::NULL_PARAMETER);
    }
    // SAFETY: the caller's promise, and not NULL.
    unsafe { structure::version(structure, STATISTICS_ID, NEWEST_STATISTICS) }?;
    // SAFETY: as above; there is one version, which has all fields.
    unsafe { structure.write(statistics::of(&client.statistics())) };
    Ok(())
}

/// # Safety
/// `code` is NULL or a variable; `buffer` is NULL or has room for `size` bytes.
pub(crate) unsafe fn get_last_error<I: Interface>(
    handle: *mut c_void,
    code: *mut c_int,
    buffer: *mut c_char,
    size: usize,
) -> Result<(), Fault> {
    let failure = find::<I>(handle)?.last_failure();
    let text = failure.as_ref().map_or("", |failure| &*failure.text);
    // SAFETY: the caller's promise.
    if let Some(code) = unsafe { code.as_mut() } {
        *code = failure.as_ref().map_or(0, statistics::code_of_failure);
    }
    // SAFETY: the caller's promise.
    unsafe { text::copy_out(text, buffer, size) };
    let is_cut = !buffer.is_null() && size <= text.len();
    if is_cut { Err(Fault(MQTTEXT_BUFFER_TOO_SMALL)) } else { Ok(()) }
}

pub(crate) fn acknowledge<I: Interface>(handle: *mut c_void, msgid: c_int) -> Result<(), Fault> {
    find::<I>(handle)?.acknowledge(msgid).map_err(Fault::from)
}

/// # Safety
/// `method` is NULL or a string, unchanged during the call.
pub(crate) unsafe fn set_authentication<I: Interface>(
    handle: *mut c_void,
    method: *const c_char,
    slot: Slot<MQTTExt_authenticate>,
) -> Result<(), Fault> {
    let client = find::<I>(handle)?;
    let program = handle::program::<I>(&client).ok_or(Fault::FAILURE)?;
    // SAFETY: the caller's promise.
    unsafe { program.authenticator.set(method, slot) }
}

pub(crate) fn reauthenticate<I: Interface>(handle: *mut c_void) -> Result<(), Fault> {
    find::<I>(handle)?.reauthenticate().map_err(Fault::from)
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
