//! `MQTTClient_setCallbacks`, `MQTTClient_setDisconnected`, `MQTTClient_setPublished`.

use core::ffi::{c_int, c_void};
use std::sync::Arc;

use super::abi::{
    MQTTClient, MQTTClient_connectionLost, MQTTClient_deliveryComplete, MQTTClient_disconnected,
    MQTTClient_messageArrived, MQTTClient_published,
};
use super::callbacks::Program;
use super::codes::{Fault, code_of};
use super::handle;
use crate::capi::shared::boundary::client_entry;
use crate::capi::shared::context::Context;
use crate::engine::Client;

/// Sets the callbacks of a client and makes it one that works in the background: after the next connect
/// threads of the library read from the connection and call the callbacks. Without this call the client
/// works only while the program is inside one of its functions, and MQTTClient_receive() gets the
/// messages.
///
/// handle: the client. context: passed to the three callbacks. cl: called when the connection is lost,
/// or NULL. ma: called for each message, not NULL. dc: called when a message of QoS 1 or 2 has been
/// delivered, or NULL.
///
/// Callbacks run on threads of the library, one at a time, for all clients of the process; in them all
/// functions of the library may be called. Set them before connecting: on a client that is connected
/// already they take effect, but it gets no thread for this connection. There is no way back.
///
/// Returns
///
/// - 0 (MQTTCLIENT_SUCCESS) set
/// - -1 (MQTTCLIENT_FAILURE) handle is no client, ma is NULL, or the client is just connecting or
///   disconnecting
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_setCallbacks(
    handle: MQTTClient,
    context: *mut c_void,
    cl: MQTTClient_connectionLost,
    ma: MQTTClient_messageArrived,
    dc: MQTTClient_deliveryComplete,
) -> c_int {
    client_entry!("MQTTClient_setCallbacks", Fault::Failure.code(), {
        if ma.is_none() {
            return Fault::Failure.code();
        }
        code_of(change(handle, |client, program| {
            program.set_callbacks(Context(context), cl, ma, dc);
            client.set_callback_mode();
        }))
    })
}

/// Sets the callback for a DISCONNECT packet of an MQTT 5.0 server. connectionLost is not called for
/// such a disconnect then.
///
/// handle: the client, one with callbacks set by MQTTClient_setCallbacks(): otherwise it is never
/// called. context: passed to the callback. co: the callback, or NULL for none.
///
/// Returns
///
/// - 0 (MQTTCLIENT_SUCCESS) set
/// - -1 (MQTTCLIENT_FAILURE) handle is no client, or the client is just connecting or disconnecting
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_setDisconnected(
    handle: MQTTClient,
    context: *mut c_void,
    co: MQTTClient_disconnected,
) -> c_int {
    client_entry!("MQTTClient_setDisconnected", Fault::Failure.code(), {
        code_of(change(handle, |_, program| program.set_disconnected(Context(context), co)))
    })
}

/// Sets the callback for the acknowledgements of published messages of QoS 1 and 2, with their MQTT 5.0
/// reason codes and properties.
///
/// handle: the client. context: passed to the callback. co: the callback, or NULL for none. On a client
/// without background threads it is called by the function of the library that reads the
/// acknowledgement.
///
/// Returns
///
/// - 0 (MQTTCLIENT_SUCCESS) set
/// - -1 (MQTTCLIENT_FAILURE) handle is no client, or the client is just connecting or disconnecting
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_setPublished(
    handle: MQTTClient,
    context: *mut c_void,
    co: MQTTClient_published,
) -> c_int {
    client_entry!("MQTTClient_setPublished", Fault::Failure.code(), {
        code_of(change(handle, |_, program| program.set_published(Context(context), co)))
    })
}

fn change(handle: MQTTClient, change: impl FnOnce(&Arc<Client>, &Program)) -> Result<(), Fault> {
    let client = handle::find_or_fail(handle)?;
    if client.is_busy() {
        return Err(Fault::Failure);
    }
    let program = handle::program(&client).ok_or(Fault::Failure)?;
    change(&client, program);
    Ok(())
}
