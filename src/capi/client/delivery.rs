//! `MQTTClient_waitForCompletion`, `MQTTClient_getPendingDeliveryTokens`,
//! `MQTTClient_setCommandTimeout`.

use core::ffi::{c_int, c_ulong};
use core::ptr;

use super::abi::{MQTTCLIENT_SUCCESS, MQTTClient, MQTTClient_deliveryToken};
use super::codes::{Fault, code_of};
use super::handle;
use crate::capi::shared::boundary::client_entry;
use crate::capi::shared::c_heap;
use crate::capi::shared::option_values::milliseconds;
use crate::protocol::PacketId;

/// Shortest command time-out, in milliseconds.
const SHORTEST_COMMAND_TIMEOUT: c_ulong = 5000;
/// What ends an array of tokens.
const NO_TOKEN: MQTTClient_deliveryToken = -1;

/// Waits until the delivery of a message is complete: acknowledged with QoS 1 or 2, or refused by an
/// MQTT 5.0 server.
///
/// handle: the client. dt: the message's token from the publish call. timeout: milliseconds to wait at
/// most.
///
/// Returns
///
/// - 0 (MQTTCLIENT_SUCCESS) complete; also for a token that was never given
/// - -1 (MQTTCLIENT_FAILURE) handle is no client, or the time was over first, which a timeout of 0
///   always is
/// - -3 (MQTTCLIENT_DISCONNECTED) not connected
///
/// May be called in any callback.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_waitForCompletion(
    handle: MQTTClient,
    dt: MQTTClient_deliveryToken,
    timeout: c_ulong,
) -> c_int {
    client_entry!("MQTTClient_waitForCompletion", Fault::Failure.code(), {
        code_of(
            handle::find_or_fail(handle)
                .and_then(|client| Ok(client.wait_for_completion(dt, milliseconds(timeout))?)),
        )
    })
}

/// The tokens of all messages whose delivery is not complete, in the order they were sent.
///
/// handle: the client; it need not be connected. tokens: where the array goes; it ends with -1 and is to
/// be released with MQTTClient_free(). *tokens becomes NULL if there are none, and if the result is -1.
///
/// Returns
///
/// - 0 (MQTTCLIENT_SUCCESS) done
/// - -1 (MQTTCLIENT_FAILURE) handle is no client
/// - -6 (MQTTCLIENT_NULL_PARAMETER) tokens is NULL
/// - -99 memory is short
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_getPendingDeliveryTokens(
    handle: MQTTClient,
    tokens: *mut *mut MQTTClient_deliveryToken,
) -> c_int {
    client_entry!("MQTTClient_getPendingDeliveryTokens", Fault::Failure.code(), {
        if tokens.is_null() {
            return Fault::NullParameter.code();
        }
        // SAFETY: not NULL, so the program's variable.
        unsafe { tokens.write(ptr::null_mut()) };
        code_of(handle::find_or_fail(handle).and_then(|client| {
            let array = token_array(&client.pending_tokens())?;
            // SAFETY: as above.
            unsafe { tokens.write(array) };
            Ok(())
        }))
    })
}

fn token_array(pending: &[PacketId]) -> Result<*mut MQTTClient_deliveryToken, Fault> {
    if pending.is_empty() {
        return Ok(ptr::null_mut());
    }
    let ids = pending.iter().map(|id| MQTTClient_deliveryToken::from(id.get()));
    let tokens: Vec<_> = ids.chain([NO_TOKEN]).collect();
    c_heap::copy_slice(&tokens).map(ptr::NonNull::as_ptr).ok_or(Fault::OutOfMemory)
}

/// Sets how long subscribe and unsubscribe calls wait for the server's answer. It is 10 seconds until
/// set.
///
/// handle: the client. milliSeconds: at least 5000.
///
/// Returns
///
/// - 0 (MQTTCLIENT_SUCCESS) set
/// - -1 (MQTTCLIENT_FAILURE) milliSeconds is below 5000, or handle is no client; nothing has changed
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_setCommandTimeout(
    handle: MQTTClient,
    milliSeconds: c_ulong,
) -> c_int {
    client_entry!("MQTTClient_setCommandTimeout", Fault::Failure.code(), {
        match handle::find(handle) {
            Some(client) if milliSeconds >= SHORTEST_COMMAND_TIMEOUT => {
                client.set_command_timeout(milliseconds(milliSeconds));
                MQTTCLIENT_SUCCESS
            }
            _ => Fault::Failure.code(),
        }
    })
}
