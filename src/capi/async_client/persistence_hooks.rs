//! `MQTTAsync_setBeforePersistenceWrite`, `MQTTAsync_setAfterPersistenceRead`.

use core::ffi::{c_int, c_void};

use super::abi::MQTTAsync;
use super::callback_slots::Slot;
use super::codes::{Fault, code_of};
use super::handle;
use super::set_callbacks::change;
use crate::capi::shared::boundary::client_entry;
use crate::capi::shared::persistence_abi::{MQTTPersistence_afterRead, MQTTPersistence_beforeWrite};

/// Sets the function that can transform records before they are stored, for example to encrypt them.
///
/// @param handle the client
/// @param context passed to the function
/// @param co the function, or NULL for none
/// @return
/// - 0 (MQTTASYNC_SUCCESS): the function was set
/// - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsync_setBeforePersistenceWrite(
    handle: MQTTAsync,
    context: *mut c_void,
    co: MQTTPersistence_beforeWrite,
) -> c_int {
    client_entry!("MQTTAsync_setBeforePersistenceWrite", Fault::Failure.code(), {
        code_of(change(handle, |slots| slots.before_write = Slot::new(context, co)))
    })
}

/// Sets the function that reverses the transformation of MQTTAsync_setBeforePersistenceWrite() when a
/// record is read.
///
/// @param handle the client
/// @param context passed to the function
/// @param co the function, or NULL for none
/// @return
/// - 0 (MQTTASYNC_SUCCESS): the function was set
/// - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle
///
/// @note Set it right after creating the client: records that could not be decoded at creation are then
///   read again, with this function.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsync_setAfterPersistenceRead(
    handle: MQTTAsync,
    context: *mut c_void,
    co: MQTTPersistence_afterRead,
) -> c_int {
    client_entry!("MQTTAsync_setAfterPersistenceRead", Fault::Failure.code(), {
        code_of(change(handle, |slots| slots.after_read = Slot::new(context, co)).map(|()| {
            if let Some(client) = handle::find(handle) {
                client.read_records_again();
            }
        }))
    })
}
