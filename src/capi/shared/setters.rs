//! The exported functions that set what of a client is not text: the same in both interfaces (`MQTTClientExt.h`,
//! `MQTTAsyncExt.h`).

use core::ffi::c_void;
#[cfg(feature = "tls")]
use core::ptr::NonNull;

#[cfg(not(feature = "tls"))]
use super::extension_codes::MQTTEXT_NOT_SUPPORTED;
use super::faults::Fault;
use super::handle;
use super::program::{Interface, Slot};
use super::upgrade_abi::MQTTExt_prepareUpgrade;
#[cfg(feature = "tls")]
use crate::engine::TlsContext;

/// Exports them under the names of one interface. The headers are made from what is in the macro, without the dollar signs.
macro_rules! functions {
    (
        $Interface:ty,
        $MQTTApi:ty,
        $MQTTApiExt_setUpgrade:ident,
        $MQTTApiExt_setSSLContext:ident$(,)?
    ) => {
        /// Sets the callback that completes the request which turns a connection into a WebSocket ("ws://" and
        /// "wss://"): a path with a signature, or headers, that are valid for a short time only.
        ///
        /// @code{.c}
        /// static int sign(void *context, MQTTExt_upgrade *upgrade)
        /// {
        ///     static char path[1024];
        ///     snprintf(path, sizeof path, "%s?token=%s", upgrade->path, next_token(context));
        ///     upgrade->path = path;
        ///     return 0;
        /// }
        ///
        /// $MQTTApiExt_setUpgrade(handle, tokens, sign);
        /// @endcode
        ///
        /// @param handle the client
        /// @param context passed to the callback
        /// @param callback the callback; NULL for none, as at first
        /// @return
        /// - 0 (MQTTEXT_SUCCESS): the callback was set. It is used from the next call of a connect function on,
        ///   for each request, also those of automatic reconnects
        /// - -1 (MQTTEXT_FAILURE): handle is not a valid client handle
        ///
        /// @note May be called in callbacks. The headers of the connect options are sent as well, before those
        ///   of the callback.
        #[unsafe(no_mangle)]
        pub extern "C-unwind" fn $MQTTApiExt_setUpgrade(
            handle: $MQTTApi,
            context: *mut ::core::ffi::c_void,
            callback: $crate::capi::shared::upgrade_abi::MQTTExt_prepareUpgrade,
        ) -> ::core::ffi::c_int {
            use $crate::capi::shared::{boundary::client_entry, faults, program::Slot, setters};
            client_entry!(stringify!($MQTTApiExt_setUpgrade), faults::Fault::FAILURE.code(), {
                let slot = Slot::new(context, callback);
                faults::code_of(setters::set_upgrade::<$Interface>(handle, slot))
            })
        }

        /// Sets the SSL_CTX of OpenSSL with which connections with TLS are made, in place of one that the library
        /// makes from the connect options: for keys in hardware, certificates in memory, or whatever else the
        /// options cannot say.
        ///
        /// The SSL options remain necessary, but only their members enableServerCertAuth and verify, and the
        /// error function, count. enableServerCertAuth 1 demands a trusted certificate of the server; with 0 the
        /// context decides.
        ///
        /// @param handle the client
        /// @param sslContext the SSL_CTX, of the OpenSSL library that this library is linked with. A reference
        ///   is taken, and released when another one is set or the client and its connections have ended. It
        ///   must not be changed any more. NULL for none, as at first
        /// @return
        /// - 0 (MQTTEXT_SUCCESS): it is used from the next call of a connect function on
        /// - -1 (MQTTEXT_FAILURE): handle is not a valid client handle
        /// - -59 (MQTTEXT_NOT_SUPPORTED): this library is one without TLS
        ///
        /// @note May be called in callbacks. Sessions of such connections are not resumed by the library.
        #[unsafe(no_mangle)]
        pub unsafe extern "C-unwind" fn $MQTTApiExt_setSSLContext(
            handle: $MQTTApi,
            sslContext: *mut ::core::ffi::c_void,
        ) -> ::core::ffi::c_int {
            use $crate::capi::shared::{boundary::client_entry, faults, setters};
            client_entry!(stringify!($MQTTApiExt_setSSLContext), faults::Fault::FAILURE.code(), {
                // SAFETY: NULL, or what the application passes as such.
                faults::code_of(unsafe { setters::set_tls_context::<$Interface>(handle, sslContext) })
            })
        }
    };
}
pub(crate) use functions;

pub(crate) fn set_upgrade<I: Interface>(
    handle: *mut c_void,
    slot: Slot<MQTTExt_prepareUpgrade>,
) -> Result<(), Fault> {
    let client = handle::find::<I>(handle).ok_or(Fault::FAILURE)?;
    let program = handle::program::<I>(&client).ok_or(Fault::FAILURE)?;
    program.upgrader.set(slot);
    Ok(())
}

/// # Safety
/// `context` is NULL or an `SSL_CTX`.
#[cfg(feature = "tls")]
pub(crate) unsafe fn set_tls_context<I: Interface>(
    handle: *mut c_void,
    context: *mut c_void,
) -> Result<(), Fault> {
    let client = handle::find::<I>(handle).ok_or(Fault::FAILURE)?;
    let program = handle::program::<I>(&client).ok_or(Fault::FAILURE)?;
    // SAFETY: the caller's promise.
    let context = NonNull::new(context).map(|context| unsafe { TlsContext::of(context) });
    // What is replaced may end with it: not while the lock is held.
    let before = std::mem::replace(&mut *program.tls_context.lock(), context);
    drop(before);
    Ok(())
}

/// # Safety
/// None: nothing is looked at.
#[cfg(not(feature = "tls"))]
pub(crate) unsafe fn set_tls_context<I: Interface>(handle: *mut c_void, _: *mut c_void) -> Result<(), Fault> {
    handle::find::<I>(handle).ok_or(Fault::FAILURE)?;
    Err(Fault(MQTTEXT_NOT_SUPPORTED))
}
