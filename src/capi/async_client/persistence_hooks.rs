//! `MQTTAsync_setBeforePersistenceWrite`, `MQTTAsync_setAfterPersistenceRead`.

use core::ffi::{c_int, c_void};

use super::abi::MQTTAsync;
use super::callback_slots::Slot;
use super::codes::{Fault, code_of};
use super::handle;
use super::set_callbacks::change;
use crate::capi::shared::boundary::client_entry;
use crate::capi::shared::persistence_abi::{MQTTPersistence_afterRead, MQTTPersistence_beforeWrite};

/// Sets the function that may change the bytes of a record before it is stored, for example to encrypt
/// them.
///
/// handle: the client. context: passed to the function. co: the function, or NULL for none.
///
/// Returns
///
/// - 0 (MQTTASYNC_SUCCESS) set
/// - -1 (MQTTASYNC_FAILURE) handle is no client
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

/// Sets the function that undoes, when a record has been fetched, what the function of
/// MQTTAsync_setBeforePersistenceWrite() did. Records that could not be understood when the client was
/// created are fetched again, through this function: so set it before anything else.
///
/// handle: the client. context: passed to the function. co: the function, or NULL for none.
///
/// Returns
///
/// - 0 (MQTTASYNC_SUCCESS) set
/// - -1 (MQTTASYNC_FAILURE) handle is no client
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
