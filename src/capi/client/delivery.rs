//! `MQTTClient_waitForCompletion`, `MQTTClient_getPendingDeliveryTokens`,
//! `MQTTClient_setCommandTimeout`.

use core::ffi::{c_int, c_ulong};

use super::abi::{MQTTCLIENT_SUCCESS, MQTTClient, MQTTClient_deliveryToken};
use super::codes::{Fault, code_of};
use super::handle;
use crate::capi::shared::boundary::client_entry;
use crate::capi::shared::functions::list_pending;
use crate::capi::shared::option_values::milliseconds;

/// Shortest command time-out, in milliseconds.
const SHORTEST_COMMAND_TIMEOUT: c_ulong = 5000;

/// Waits until the delivery of a message is complete: acknowledged by the server, or rejected by an
/// MQTT 5.0 server.
///
/// @param handle the client
/// @param dt the token of the message, from the publishing call
/// @param timeout maximum time to wait, in milliseconds
/// @return
/// - 0 (MQTTCLIENT_SUCCESS): the delivery is complete, or the token is unknown
/// - -1 (MQTTCLIENT_FAILURE): handle is not a valid client handle, or the call timed out (a timeout of
///   0 always times out)
/// - -3 (MQTTCLIENT_DISCONNECTED): not connected
///
/// @note May be called in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_waitForCompletion(
    handle: MQTTClient,
    dt: MQTTClient_deliveryToken,
    timeout: c_ulong,
) -> c_int {
    client_entry!("MQTTClient_waitForCompletion", Fault::FAILURE.code(), {
        code_of(
            handle::find_or_fail(handle)
                .and_then(|client| Ok(client.wait_for_completion(dt, milliseconds(timeout))?)),
        )
    })
}

/// Returns the tokens of all messages whose delivery is not complete, in the order of sending.
///
/// @param handle the client; it need not be connected
/// @param tokens set to an array that ends with -1, to be freed with MQTTClient_free(); NULL if there
///   are no such messages or the call failed
/// @return
/// - 0 (MQTTCLIENT_SUCCESS): tokens was set
/// - -1 (MQTTCLIENT_FAILURE): handle is not a valid client handle
/// - -6 (MQTTCLIENT_NULL_PARAMETER): tokens is NULL
/// - -99: out of memory
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_getPendingDeliveryTokens(
    handle: MQTTClient,
    tokens: *mut *mut MQTTClient_deliveryToken,
) -> c_int {
    client_entry!("MQTTClient_getPendingDeliveryTokens", Fault::FAILURE.code(), {
        // SAFETY: NULL or the application's variable.
        code_of(unsafe { list_pending(tokens, || handle::find_or_fail(handle)) })
    })
}

/// Sets how long subscribe and unsubscribe calls wait for the server's answer. The default is 10
/// seconds.
///
/// @param handle the client
/// @param milliSeconds time in milliseconds, at least 5000
/// @return
/// - 0 (MQTTCLIENT_SUCCESS): the time was set
/// - -1 (MQTTCLIENT_FAILURE): milliSeconds is less than 5000, or handle is not a valid client handle;
///   nothing has changed
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_setCommandTimeout(
    handle: MQTTClient,
    milliSeconds: c_ulong,
) -> c_int {
    client_entry!("MQTTClient_setCommandTimeout", Fault::FAILURE.code(), {
        match handle::find(handle) {
            Some(client) if milliSeconds >= SHORTEST_COMMAND_TIMEOUT => {
                client.set_command_timeout(milliseconds(milliSeconds));
                MQTTCLIENT_SUCCESS
            }
            _ => Fault::FAILURE.code(),
        }
    })
}
