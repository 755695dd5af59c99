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

/// The tokens of all messages that are not complete: first those not sent yet in the order they will be,
/// among them 0 for each message of QoS 0, then those of QoS 1 and 2 that the server has not confirmed.
///
/// handle: the client; it need not be connected. tokens: where the array goes; it ends with -1 and is to
/// be released with MQTTAsync_free(). *tokens becomes NULL if there are none, and if the result is -1.
///
/// Returns
///
/// - 0 (MQTTASYNC_SUCCESS) done
/// - -1 (MQTTASYNC_FAILURE) handle is no client
/// - -6 (MQTTASYNC_NULL_PARAMETER) tokens is NULL
/// - -99 memory is short
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsync_getPendingTokens(
    handle: MQTTAsync,
    tokens: *mut *mut MQTTAsync_token,
) -> c_int {
    client_entry!("MQTTAsync_getPendingTokens", Fault::Failure.code(), {
        if tokens.is_null() {
            return Fault::NullParameter.code();
        }
        // SAFETY: not NULL, so the program's variable.
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

/// Whether a request is complete.
///
/// handle: the client; it need not be connected. token: that of the request.
///
/// Returns
///
/// - 1 (MQTTASYNC_TRUE) complete; also for a subscribe or unsubscribe that has been sent, and for a
///   token that was never given
/// - 0 it waits to be sent, or is a message of QoS 1 or 2 that the server has not confirmed
/// - -1 (MQTTASYNC_FAILURE) handle is no client
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsync_isComplete(handle: MQTTAsync, token: MQTTAsync_token) -> c_int {
    client_entry!("MQTTAsync_isComplete", Fault::Failure.code(), {
        handle::find(handle).map_or(Fault::Failure.code(), |client| {
            // A number that is no token was never given.
            u16::try_from(token).map_or(true, |token| client.request_is_complete(token)).into()
        })
    })
}

/// Waits until a request is complete, in the sense of MQTTAsync_isComplete().
///
/// handle: the client. token: that of the request. timeout: milliseconds to wait at most.
///
/// Returns
///
/// - 0 (MQTTASYNC_SUCCESS) complete
/// - -1 (MQTTASYNC_FAILURE) handle is no client, or the time was over first
/// - -3 (MQTTASYNC_DISCONNECTED) not connected, or not any more
///
/// In a callback only what is complete already will be found to be.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsync_waitForCompletion(
    handle: MQTTAsync,
    token: MQTTAsync_token,
    timeout: c_ulong,
) -> c_int {
    client_entry!("MQTTAsync_waitForCompletion", Fault::Failure.code(), {
        code_of(handle::find_or_fail(handle).and_then(|client| match u16::try_from(token) {
            Ok(token) => Ok(client.wait_for_request(token, milliseconds(timeout))?),
            // A number that is no token was never given.
            Err(_) if client.is_connected() => Ok(()),
            Err(_) => Err(Fault::Disconnected),
        }))
    })
}
