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

/// Sets the callbacks for lost connections, messages and deliveries, with one context for all three.
///
/// @param handle the client
/// @param context passed to the callbacks
/// @param cl called when the connection is lost, or NULL
/// @param ma called for each message; must not be NULL
/// @param dc called when the delivery of a QoS 1 or 2 message is complete, or NULL
/// @return
/// - 0 (MQTTASYNC_SUCCESS): the callbacks were set
/// - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle, ma is NULL, or the client is
///   currently connecting or disconnecting
///
/// @note On a connected client the callbacks take effect at once. Messages received while there is no
///   callback are kept until there is one.
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

/// Sets the callback for lost connections.
///
/// @param handle the client
/// @param context passed to the callback
/// @param cl the callback, or NULL for none
/// @return
/// - 0 (MQTTASYNC_SUCCESS): the callback was set
/// - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle, or the client is currently connecting
///   or disconnecting
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
/// @param handle the client
/// @param context passed to the callback
/// @param ma the callback, not NULL: it can be replaced but not removed
/// @return
/// - 0 (MQTTASYNC_SUCCESS): the callback was set
/// - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle, ma is NULL, or the client is
///   currently connecting or disconnecting
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

/// Sets the callback for completed deliveries of QoS 1 and 2 messages. It is called just before the
/// success callback of the message.
///
/// @param handle the client
/// @param context passed to the callback
/// @param dc the callback, or NULL for none
/// @return
/// - 0 (MQTTASYNC_SUCCESS): the callback was set
/// - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle, or the client is currently connecting
///   or disconnecting
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

/// Sets the callback for successful connects, including automatic reconnects.
///
/// @param handle the client
/// @param context passed to the callback
/// @param co the callback, or NULL for none. Its cause is "connect onSuccess called" after the success
///   callback of MQTTAsync_connect(), otherwise "automatic reconnect"
/// @return
/// - 0 (MQTTASYNC_SUCCESS): the callback was set
/// - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle, or the client is currently connecting
///   or disconnecting
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

/// Sets the callback for DISCONNECT packets of MQTT 5.0 servers. connectionLost is then not called for
/// them.
///
/// @param handle the client
/// @param context passed to the callback
/// @param co the callback, or NULL for none
/// @return
/// - 0 (MQTTASYNC_SUCCESS): the callback was set
/// - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle, or the client is currently connecting
///   or disconnecting
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

/// Sets the callback that can update user name and password before each automatic reconnect.
///
/// @param handle the client
/// @param context passed to the callback
/// @param co the callback, or NULL for none
/// @return
/// - 0 (MQTTASYNC_SUCCESS): the callback was set
/// - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle
///
/// @note New values must be allocated with MQTTAsync_malloc(). If the callback returns non-zero they
///   belong to the library; the old values always do.
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
