//! The functions that set the callbacks of a client.

use core::ffi::{c_int, c_void};

use super::abi::{
    MQTTAsync, MQTTAsync_connected, MQTTAsync_connectionLost, MQTTAsync_deliveryComplete,
    MQTTAsync_disconnected, MQTTAsync_messageArrived, MQTTAsync_updateConnectOptions,
};
use super::callbacks::UpdateConnectOptions;
use super::codes::{Fault, code_of};
use super::handle;
use crate::capi::shared::boundary::client_entry;
use crate::capi::shared::functions::setters;
use crate::capi::shared::persistence_abi::{MQTTPersistence_afterRead, MQTTPersistence_beforeWrite};
use crate::capi::shared::program::{Slot, Slots};

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
    client_entry!("MQTTAsync_setCallbacks", Fault::FAILURE.code(), {
        if ma.is_none() {
            return Fault::FAILURE.code();
        }
        code_of(change_unless_busy(handle, |slots| {
            slots.connection_lost = Slot::new(context, cl);
            slots.message_arrived = Slot::new(context, ma);
            slots.delivery_complete = Slot::new(context, dc);
        }))
    })
}

setters! {
    change_unless_busy, MQTTAsync;

    /// Sets the callback for lost connections.
    ///
    /// @param handle the client
    /// @param context passed to the callback
    /// @param cl the callback, or NULL for none
    /// @return
    /// - 0 (MQTTASYNC_SUCCESS): the callback was set
    /// - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle, or the client is currently connecting
    ///   or disconnecting
    MQTTAsync_setConnectionLostCallback(cl: MQTTAsync_connectionLost) sets connection_lost;
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
    client_entry!("MQTTAsync_setMessageArrivedCallback", Fault::FAILURE.code(), {
        if ma.is_none() {
            return Fault::FAILURE.code();
        }
        code_of(change_unless_busy(handle, |slots| slots.message_arrived = Slot::new(context, ma)))
    })
}

setters! {
    change_unless_busy, MQTTAsync;

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
    MQTTAsync_setDeliveryCompleteCallback(dc: MQTTAsync_deliveryComplete) sets delivery_complete;

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
    MQTTAsync_setConnected(co: MQTTAsync_connected) sets connected;

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
    MQTTAsync_setDisconnected(co: MQTTAsync_disconnected) sets disconnected;
}

setters! {
    change, MQTTAsync;

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
    MQTTAsync_setUpdateConnectOptions(co: MQTTAsync_updateConnectOptions) sets update_connect_options;
}

setters! {
    change, MQTTAsync;

    /// Sets the function that can transform records before they are stored, for example to encrypt them.
    ///
    /// @param handle the client
    /// @param context passed to the function
    /// @param co the function, or NULL for none
    /// @return
    /// - 0 (MQTTASYNC_SUCCESS): the function was set
    /// - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle
    MQTTAsync_setBeforePersistenceWrite(co: MQTTPersistence_beforeWrite) sets before_write;
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
    client_entry!("MQTTAsync_setAfterPersistenceRead", Fault::FAILURE.code(), {
        code_of(change(handle, |slots| slots.after_read = Slot::new(context, co)).map(|()| {
            if let Some(client) = handle::find(handle) {
                client.read_records_again();
            }
        }))
    })
}

fn change_unless_busy(
    handle: MQTTAsync,
    set: impl FnOnce(&mut Slots<UpdateConnectOptions>),
) -> Result<(), Fault> {
    if handle::find_or_fail(handle)?.is_busy() { Err(Fault::FAILURE) } else { change(handle, set) }
}

/// Changes callbacks of a client, whatever it is doing.
fn change(handle: MQTTAsync, set: impl FnOnce(&mut Slots<UpdateConnectOptions>)) -> Result<(), Fault> {
    let client = handle::find_or_fail(handle)?;
    handle::program(&client).ok_or(Fault::FAILURE)?.change(set);
    client.callbacks_changed();
    Ok(())
}
