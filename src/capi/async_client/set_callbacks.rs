//! The functions that set the callbacks of a client.

use core::ffi::{c_int, c_void};

use super::abi::{
    MQTTAsync, MQTTAsync_connected, MQTTAsync_connectionLost, MQTTAsync_deliveryComplete,
    MQTTAsync_disconnected, MQTTAsync_messageArrived, MQTTAsync_updateConnectOptions,
};
use super::callback_slots::{Slot, Slots};
use super::codes::{Fault, code_of};
use super::handle;
use crate::capi::shared::boundary::client_entry;

/// Sets three callbacks and the context that all three are called with.
///
/// handle: the client. context: passed to the callbacks. cl: called when the connection is lost, or
/// NULL. ma: called for each message, not NULL. dc: called when a message of QoS 1 or 2 has been
/// delivered, or NULL.
///
/// Callbacks run on threads of the library, one at a time, for all clients of the process; in them all
/// functions of the library may be called. They may be set while the client is connected, and take
/// effect at once. Messages that come while there is no callback for them wait until there is.
///
/// Returns
///
/// - 0 (MQTTASYNC_SUCCESS) set
/// - -1 (MQTTASYNC_FAILURE) handle is no client, ma is NULL, or the client is just connecting or
///   disconnecting
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsync_setCallbacks(
    handle: MQTTAsync,
    context: *mut c_void,
    cl: MQTTAsync_connectionLost,
    ma: MQTTAsync_messageArrived,
    dc: MQTTAsync_deliveryComplete,
) -> c_int {
    client_entry!("MQTTAsync_setCallbacks", Fault::Failure.code(), {
        if ma.is_none() {
            return Fault::Failure.code();
        }
        code_of(change_unless_busy(handle, |slots| {
            slots.connection_lost = Slot::new(context, cl);
            slots.message_arrived = Slot::new(context, ma);
            slots.delivery_complete = Slot::new(context, dc);
        }))
    })
}

/// Sets the callback for the loss of the connection.
///
/// handle: the client. context: passed to the callback. cl: the callback, or NULL for none. It is not
/// called for the program's own disconnect.
///
/// Returns
///
/// - 0 (MQTTASYNC_SUCCESS) set
/// - -1 (MQTTASYNC_FAILURE) handle is no client, or the client is just connecting or disconnecting
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsync_setConnectionLostCallback(
    handle: MQTTAsync,
    context: *mut c_void,
    cl: MQTTAsync_connectionLost,
) -> c_int {
    client_entry!("MQTTAsync_setConnectionLostCallback", Fault::Failure.code(), {
        code_of(change_unless_busy(handle, |slots| slots.connection_lost = Slot::new(context, cl)))
    })
}

/// Sets the callback for messages.
///
/// handle: the client. context: passed to the callback. ma: the callback; it can be replaced, but not
/// removed.
///
/// Returns
///
/// - 0 (MQTTASYNC_SUCCESS) set
/// - -1 (MQTTASYNC_FAILURE) handle is no client, ma is NULL, or the client is just connecting or
///   disconnecting
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsync_setMessageArrivedCallback(
    handle: MQTTAsync,
    context: *mut c_void,
    ma: MQTTAsync_messageArrived,
) -> c_int {
    client_entry!("MQTTAsync_setMessageArrivedCallback", Fault::Failure.code(), {
        if ma.is_none() {
            return Fault::Failure.code();
        }
        code_of(change_unless_busy(handle, |slots| slots.message_arrived = Slot::new(context, ma)))
    })
}

/// Sets the callback for messages of QoS 1 and 2 that have been delivered. It is called just before the
/// callback that came with the message, if any did.
///
/// handle: the client. context: passed to the callback. dc: the callback, or NULL for none.
///
/// Returns
///
/// - 0 (MQTTASYNC_SUCCESS) set
/// - -1 (MQTTASYNC_FAILURE) handle is no client, or the client is just connecting or disconnecting
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsync_setDeliveryCompleteCallback(
    handle: MQTTAsync,
    context: *mut c_void,
    dc: MQTTAsync_deliveryComplete,
) -> c_int {
    client_entry!("MQTTAsync_setDeliveryCompleteCallback", Fault::Failure.code(), {
        code_of(change_unless_busy(handle, |slots| slots.delivery_complete = Slot::new(context, dc)))
    })
}

/// Sets the callback for connections that were made, whether the program asked for them or the library
/// made them again.
///
/// handle: the client. context: passed to the callback. co: the callback, or NULL for none. Its cause is
/// "connect onSuccess called" after the success callback of a connect call, otherwise "automatic
/// reconnect".
///
/// Returns
///
/// - 0 (MQTTASYNC_SUCCESS) set
/// - -1 (MQTTASYNC_FAILURE) handle is no client, or the client is just connecting or disconnecting
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsync_setConnected(
    handle: MQTTAsync,
    context: *mut c_void,
    co: MQTTAsync_connected,
) -> c_int {
    client_entry!("MQTTAsync_setConnected", Fault::Failure.code(), {
        code_of(change_unless_busy(handle, |slots| slots.connected = Slot::new(context, co)))
    })
}

/// Sets the callback for a DISCONNECT packet of an MQTT 5.0 server. connectionLost is not called for
/// such a disconnect.
///
/// handle: the client. context: passed to the callback. co: the callback, or NULL for none.
///
/// Returns
///
/// - 0 (MQTTASYNC_SUCCESS) set
/// - -1 (MQTTASYNC_FAILURE) handle is no client, or the client is just connecting or disconnecting
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsync_setDisconnected(
    handle: MQTTAsync,
    context: *mut c_void,
    co: MQTTAsync_disconnected,
) -> c_int {
    client_entry!("MQTTAsync_setDisconnected", Fault::Failure.code(), {
        code_of(change_unless_busy(handle, |slots| slots.disconnected = Slot::new(context, co)))
    })
}

/// Sets the callback that may renew user name and password before each automatic reconnect.
///
/// handle: the client. context: passed to the callback. co: the callback, or NULL for none. What it puts
/// in the place of user name or password comes from MQTTAsync_malloc() and belongs to the library from
/// then on, if the callback returns non-zero; what stood there is the library's in any case.
///
/// Returns
///
/// - 0 (MQTTASYNC_SUCCESS) set
/// - -1 (MQTTASYNC_FAILURE) handle is no client
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsync_setUpdateConnectOptions(
    handle: MQTTAsync,
    context: *mut c_void,
    co: MQTTAsync_updateConnectOptions,
) -> c_int {
    client_entry!("MQTTAsync_setUpdateConnectOptions", Fault::Failure.code(), {
        code_of(change(handle, |slots| slots.update_connect_options = Slot::new(context, co)))
    })
}

fn change_unless_busy(handle: MQTTAsync, set: impl FnOnce(&mut Slots)) -> Result<(), Fault> {
    if handle::find_or_fail(handle)?.is_busy() { Err(Fault::Failure) } else { change(handle, set) }
}

/// Changes callbacks of a client, whatever it is doing.
pub(super) fn change(handle: MQTTAsync, set: impl FnOnce(&mut Slots)) -> Result<(), Fault> {
    let client = handle::find_or_fail(handle)?;
    handle::program(&client).ok_or(Fault::Failure)?.change(set);
    client.callbacks_changed();
    Ok(())
}
