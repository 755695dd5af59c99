//! `MQTTAsync_isComplete`, `MQTTAsync_waitForCompletion`, `MQTTAsync_getPendingTokens`.

use core::ffi::{c_int, c_ulong};
use core::ptr;

use super::abi::{MQTTAsync, MQTTAsync_token};
use super::codes::{Fault, code_of};
use super::handle;
use crate::capi::shared::boundary::client_entry;
use crate::capi::shared::c_heap;
use crate::capi::shared::option_values::milliseconds;

/// What ends an array of tokens.
const NO_TOKEN: MQTTAsync_token = -1;

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
    client_entry!("MQTTAsync_getPendingTokens", Fault::Failure.code(), {
        if tokens.is_null() {
            return Fault::NullParameter.code();
        }
        // SAFETY: not NULL, so the application's variable.
        unsafe { tokens.write(ptr::null_mut()) };
        code_of(handle::find_or_fail(handle).and_then(|client| {
            let array = token_array(&client.pending_requests())?;
            // SAFETY: as above.
            unsafe { tokens.write(array) };
            Ok(())
        }))
    })
}

fn token_array(pending: &[u16]) -> Result<*mut MQTTAsync_token, Fault> {
    if pending.is_empty() {
        return Ok(ptr::null_mut());
    }
    let tokens: Vec<_> =
        pending.iter().map(|token| MQTTAsync_token::from(*token)).chain([NO_TOKEN]).collect();
    c_heap::copy_slice(&tokens).map(ptr::NonNull::as_ptr).ok_or(Fault::OutOfMemory)
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
    client_entry!("MQTTAsync_isComplete", Fault::Failure.code(), {
        handle::find(handle).map_or(Fault::Failure.code(), |client| {
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
    client_entry!("MQTTAsync_waitForCompletion", Fault::Failure.code(), {
        code_of(handle::find_or_fail(handle).and_then(|client| match u16::try_from(token) {
            Ok(token) => Ok(client.wait_for_request(token, milliseconds(timeout))?),
            // Other numbers were never given out as tokens.
            Err(_) if client.is_connected() => Ok(()),
            Err(_) => Err(Fault::Disconnected),
        }))
    })
}
