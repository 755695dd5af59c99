//! `MQTTAsync_unsubscribe`, `MQTTAsync_unsubscribeMany`.

use core::ffi::{c_char, c_int};

use super::abi::MQTTAsync;
use super::codes::{Fault, code_of, unless_disconnected};
use super::handle;
use super::response_abi::MQTTAsync_responseOptions;
use super::response_options::ResponseOptions;
use super::subscribe::unless_refused;
use crate::capi::shared::boundary::client_entry;
use crate::capi::shared::property_list::properties_if;
use crate::capi::shared::subscriptions::filters;

/// Requests the removal of a subscription.
///
/// onSuccess and onSuccess5 are called when the server has answered, whatever its answer; onSuccess5
/// gets its reason code and properties. Code -11 (MQTTASYNC_OPERATION_INCOMPLETE) means that the
/// connection ended before the answer.
///
/// @param handle the client
/// @param topic topic filter, as subscribed to
/// @param response callbacks, and with MQTT 5.0 properties; or NULL. Its token is set before the
///   request can complete
/// @return the first that applies
/// - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle
/// - -3 (MQTTASYNC_DISCONNECTED): not connected
/// - -5 (MQTTASYNC_BAD_UTF8_STRING): topic is NULL, not UTF-8 or longer than 65535 bytes
/// - -10 (MQTTASYNC_NO_MORE_MSGIDS): all 65535 packet identifiers are in use
/// - -15 (MQTTASYNC_BAD_MQTT_OPTION): response has callbacks for another MQTT version than the client's
///   or, with MQTT 5.0, struct_version 0
/// - -1: the properties cannot be sent
/// - -2 (MQTTASYNC_PERSISTENCE_ERROR): the request could not be stored
/// - 0 (MQTTASYNC_SUCCESS): the request was accepted
///
/// @note After a failure no callback is made and response->token is unchanged. The caller keeps
///   ownership of all arguments. May be called in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsync_unsubscribe(
    handle: MQTTAsync,
    topic: *const c_char,
    response: *mut MQTTAsync_responseOptions,
) -> c_int {
    client_entry!("MQTTAsync_unsubscribe", Fault::FAILURE.code(), {
        let topic = topic.cast_mut();
        // SAFETY: NULL or the application's options.
        let response = unsafe { ResponseOptions::new(response) };
        // SAFETY: a list of one element.
        code_of(unsafe { unsubscribe(handle, 1, &raw const topic, response) })
    })
}

/// Requests the removal of several subscriptions with one packet.
///
/// @param handle the client
/// @param count number of filters
/// @param topic the filters, as subscribed to
/// @param response as for MQTTAsync_unsubscribe(); onSuccess5 gets the reason codes of all filters
/// @return as MQTTAsync_unsubscribe(), for the first invalid filter, and
/// - -1 (MQTTASYNC_FAILURE): count is not positive
/// - -6 (MQTTASYNC_NULL_PARAMETER): topic is NULL
///
/// @note As for MQTTAsync_unsubscribe().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsync_unsubscribeMany(
    handle: MQTTAsync,
    count: c_int,
    topic: *const *mut c_char,
    response: *mut MQTTAsync_responseOptions,
) -> c_int {
    client_entry!("MQTTAsync_unsubscribeMany", Fault::FAILURE.code(), {
        // SAFETY: NULL or the application's options.
        let response = unsafe { ResponseOptions::new(response) };
        // SAFETY: what the application passes as such.
        code_of(unsafe { unsubscribe(handle, count, topic, response) })
    })
}

/// # Safety
/// `topics` is NULL or has `count` elements, each NULL or a string.
unsafe fn unsubscribe(
    handle: MQTTAsync,
    count: c_int,
    topics: *const *mut c_char,
    response: ResponseOptions,
) -> Result<(), Fault> {
    let client = handle::find_or_fail(handle)?;
    let is_version_5 = handle::is_version_5(&client);
    // SAFETY: the caller's promise.
    let filters = unsafe { filters(count, topics) }.map_err(|fault| unless_disconnected(&client, fault))?;
    let requester = response.requester(is_version_5).map_err(|fault| unless_refused(&client, fault))?;
    // SAFETY: the list of the application's options.
    let properties = unsafe { properties_if(is_version_5, response.properties()) }
        .map_err(|fault| unless_refused(&client, fault))?;
    let assigned = |token: u16| response.write_token(token.into());
    Ok(client.start_request(&filters, properties.view(), requester, assigned)?)
}
