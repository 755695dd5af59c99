//! `MQTTClient_setCallbacks`, `MQTTClient_setDisconnected`, `MQTTClient_setPublished`.

use core::ffi::{c_int, c_void};
use std::sync::Arc;

use super::abi::{
    MQTTClient, MQTTClient_connectionLost, MQTTClient_deliveryComplete, MQTTClient_disconnected,
    MQTTClient_messageArrived, MQTTClient_published,
};
use super::codes::{Fault, code_of};
use super::handle;
use crate::capi::shared::boundary::client_entry;
use crate::capi::shared::functions::setters;
use crate::capi::shared::program::{Slot, Slots};
use crate::engine::Client;

/// Sets the callbacks of a client and switches it to background operation: from the next connect on,
/// threads of the library receive messages and run the callbacks. Without callbacks the client works
/// only inside API calls, and messages are fetched with MQTTClient_receive().
///
/// @param handle the client
/// @param context passed to the three callbacks
/// @param cl called when the connection is lost, or NULL
/// @param ma called for each message; must not be NULL
/// @param dc called when the delivery of a QoS 1 or 2 message is complete, or NULL
/// @return
/// - 0 (MQTTCLIENT_SUCCESS): the callbacks were set
/// - -1 (MQTTCLIENT_FAILURE): handle is not a valid client handle, ma is NULL, or the client is
///   currently connecting or disconnecting
///
/// @note Set the callbacks before connecting. On a connected client they take effect, but without
///   background threads until the next connect. Callbacks can be replaced, but background operation
///   cannot be switched off again.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_setCallbacks(
    handle: MQTTClient,
    context: *mut c_void,
    cl: MQTTClient_connectionLost,
    ma: MQTTClient_messageArrived,
    dc: MQTTClient_deliveryComplete,
) -> c_int {
    client_entry!("MQTTClient_setCallbacks", Fault::FAILURE.code(), {
        if ma.is_none() {
            return Fault::FAILURE.code();
        }
        let changed = change(handle, |slots| {
            slots.connection_lost = Slot::new(context, cl);
            slots.message_arrived = Slot::new(context, ma);
            slots.delivery_complete = Slot::new(context, dc);
        });
        code_of(changed.map(|client| client.set_callback_mode()))
    })
}

setters! {
    set, MQTTClient;

    /// Sets the callback for DISCONNECT packets of MQTT 5.0 servers. connectionLost is then not called for
    /// them.
    ///
    /// @param handle the client; the callback is made only if it also has callbacks set with
    ///   MQTTClient_setCallbacks()
    /// @param context passed to the callback
    /// @param co the callback, or NULL for none
    /// @return
    /// - 0 (MQTTCLIENT_SUCCESS): the callback was set
    /// - -1 (MQTTCLIENT_FAILURE): handle is not a valid client handle, or the client is currently
    ///   connecting or disconnecting
    MQTTClient_setDisconnected(co: MQTTClient_disconnected) sets disconnected;

    /// Sets the callback for the MQTT 5.0 acknowledgements of published messages with QoS 1 and 2. It
    /// reports their reason codes and properties.
    ///
    /// @param handle the client
    /// @param context passed to the callback
    /// @param co the callback, or NULL for none
    /// @return
    /// - 0 (MQTTCLIENT_SUCCESS): the callback was set
    /// - -1 (MQTTCLIENT_FAILURE): handle is not a valid client handle, or the client is currently
    ///   connecting or disconnecting
    ///
    /// @note On a client without background threads the callback runs inside the API call that receives the
    ///   acknowledgement.
    MQTTClient_setPublished(co: MQTTClient_published) sets published;
}

fn change(handle: MQTTClient, set: impl FnOnce(&mut Slots<()>)) -> Result<Arc<Client>, Fault> {
    let client = handle::find_or_fail(handle)?;
    if client.is_busy() {
        return Err(Fault::FAILURE);
    }
    handle::program(&client).ok_or(Fault::FAILURE)?.change(set);
    Ok(client)
}

fn set(handle: MQTTClient, set: impl FnOnce(&mut Slots<()>)) -> Result<(), Fault> {
    change(handle, set).map(drop)
}
