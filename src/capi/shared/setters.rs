//! The exported functions that set what of a client is not text: the same in both interfaces (`MQTTClientExt.h`,
//! `MQTTAsyncExt.h`).

use core::ffi::c_void;

use super::faults::Fault;
use super::handle;
use super::program::{Interface, Slot};
use super::upgrade_abi::MQTTExt_prepareUpgrade;

/// Exports them under the names of one interface. The headers are made from what is in the macro, without the dollar signs.
macro_rules! functions {
    (
        $Interface:ty,
        $MQTTApi:ty,
        $MQTTApiExt_setUpgrade:ident$(,)?
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
