//! `MQTTAsync_isComplete`, `MQTTAsync_waitForCompletion`, `MQTTAsync_getPendingTokens`.

use core::ffi::{c_int, c_ulong};

use super::abi::{MQTTAsync, MQTTAsync_token};
use super::codes::{Fault, code_of};
use super::handle;
use crate::capi::shared::boundary::client_entry;
use crate::capi::shared::functions::list_pending;
use crate::capi::shared::option_values::milliseconds;

/// Returns the tokens of all messages that are not complete: first those not yet sent, in order, with 0
/// for each QoS 0 message, then those with QoS 1 and 2 that the server has not acknowledged.
///
/// @param handle the client; it need not be connected
/// @param tokens set to an array that ends with -1, to be freed with MQTTAsync_free(); NULL if there
///   are no such messages or the call failed
/// @return
/// - 0 (MQTTASYNC_SUCCESS): tokens was set
/// - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle
/// - -6 (MQTTASYNC_NULL_PARAMETER): tokens is NULL
/// - -99: out of memory
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsync_getPendingTokens(
    handle: MQTTAsync,
    tokens: *mut *mut MQTTAsync_token,
) -> c_int {
    client_entry!("MQTTAsync_getPendingTokens", Fault::FAILURE.code(), {
        // SAFETY: NULL or the application's variable.
        code_of(unsafe { list_pending(tokens, || handle::find_or_fail(handle)) })
    })
}

/// Returns whether a request is complete.
///
/// @param handle the client; it need not be connected
/// @param token token of the request
/// @return
/// - 1 (MQTTASYNC_TRUE): the request is complete, is a subscribe or unsubscribe that has been sent, or
///   is unknown
/// - 0: it is waiting to be sent, or is a QoS 1 or 2 message that the server has not acknowledged
/// - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsync_isComplete(handle: MQTTAsync, token: MQTTAsync_token) -> c_int {
    client_entry!("MQTTAsync_isComplete", Fault::FAILURE.code(), {
        handle::find(handle).map_or(Fault::FAILURE.code(), |client| {
            // Other numbers were never given out as tokens.
            u16::try_from(token).map_or(true, |token| client.request_is_complete(token)).into()
        })
    })
}

/// Waits until a request is complete in the sense of MQTTAsync_isComplete().
///
/// @param handle the client
/// @param token token of the request
/// @param timeout maximum time to wait, in milliseconds
/// @return
/// - 0 (MQTTASYNC_SUCCESS): the request is complete
/// - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle, or the call timed out
/// - -3 (MQTTASYNC_DISCONNECTED): not connected, or no longer connected
///
/// @note Do not wait in a callback: only requests that are already complete are found to be.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsync_waitForCompletion(
    handle: MQTTAsync,
    token: MQTTAsync_token,
    timeout: c_ulong,
) -> c_int {
    client_entry!("MQTTAsync_waitForCompletion", Fault::FAILURE.code(), {
        code_of(handle::find_or_fail(handle).and_then(|client| match u16::try_from(token) {
            Ok(token) => Ok(client.wait_for_request(token, milliseconds(timeout))?),
            // Other numbers were never given out as tokens.
            Err(_) if client.is_connected() => Ok(()),
            Err(_) => Err(Fault::DISCONNECTED),
        }))
    })
}
