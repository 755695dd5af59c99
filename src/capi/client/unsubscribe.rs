//! `MQTTClient_unsubscribe`, `MQTTClient_unsubscribe5`, `MQTTClient_unsubscribeMany`,
//! `MQTTClient_unsubscribeMany5`.

use core::ffi::{c_char, c_int};
use core::ptr;

use super::abi::{MQTTCLIENT_SUCCESS, MQTTClient, MQTTResponse};
use super::codes::Fault;
use super::subscribe::ask;
use super::{handle, response};
use crate::capi::shared::boundary::client_entry;
use crate::capi::shared::property_abi::MQTTProperties;
use crate::capi::shared::subscriptions::filters;

/// Removes a subscription and waits for the server's answer. For all MQTT versions.
///
/// @param handle the client
/// @param topic topic filter, as subscribed to
/// @return
/// - 0 (MQTTCLIENT_SUCCESS): the server answered
/// - 17 and above, with MQTT 5.0: reason code of the server, for example
///   MQTTREASONCODE_NO_SUBSCRIPTION_FOUND
/// - -1 (MQTTCLIENT_FAILURE): handle is not a valid client handle; or no answer within the command
///   time-out: the connection was closed and connectionLost called
/// - -3 (MQTTCLIENT_DISCONNECTED): not connected
/// - -4 (MQTTCLIENT_MAX_MESSAGES_INFLIGHT): all 65535 packet identifiers are in use
/// - -5 (MQTTCLIENT_BAD_UTF8_STRING): topic is NULL, not UTF-8 or longer than 65535 bytes
///
/// @note Waits at most as long as set with MQTTClient_setCommandTimeout(). May be called in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MQTTClient_unsubscribe(handle: MQTTClient, topic: *const c_char) -> c_int {
    // SAFETY: the same demands.
    let response = unsafe { MQTTClient_unsubscribe5(handle, topic, ptr::null_mut()) };
    // SAFETY: made just now, and freed once.
    unsafe { response::MQTTResponse_free(response) };
    response.reasonCode
}

/// Removes a subscription and waits for the server's answer. For MQTT 5.0; with earlier versions the
/// properties are ignored.
///
/// @param handle the client
/// @param topic topic filter, as subscribed to
/// @param props properties of the UNSUBSCRIBE packet, or NULL; the caller keeps ownership
/// @return a response whose reasonCode is that of MQTTClient_unsubscribe(); -1 also means that the
///   properties cannot be sent. Its properties are those of the UNSUBACK packet, or NULL. Release it
///   with MQTTResponse_free().
/// @note As for MQTTClient_unsubscribe().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_unsubscribe5(
    handle: MQTTClient,
    topic: *const c_char,
    props: *mut MQTTProperties,
) -> MQTTResponse {
    client_entry!("MQTTClient_unsubscribe5", response::from_fault(Fault::FAILURE), {
        let topic = topic.cast_mut();
        // SAFETY: a list of one element, and what the application passes as such.
        unsafe { unsubscribe(handle, 1, &raw const topic, props) }
    })
}

/// Removes several subscriptions with one packet and waits for the server's answer. For MQTT 3.1 and
/// 3.1.1.
///
/// @param handle the client
/// @param count number of filters
/// @param topic the filters, as subscribed to
/// @return
/// - 0 (MQTTCLIENT_SUCCESS): the server answered
/// - -1 (MQTTCLIENT_FAILURE): count is not positive, or as for MQTTClient_unsubscribe()
/// - -6 (MQTTCLIENT_NULL_PARAMETER): topic is NULL
/// - -16 (MQTTCLIENT_WRONG_MQTT_VERSION): the client is for MQTT 5.0
/// - other negative codes: as for MQTTClient_unsubscribe(), for the first invalid filter; nothing was
///   sent
///
/// @note As for MQTTClient_unsubscribe().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_unsubscribeMany(
    handle: MQTTClient,
    count: c_int,
    topic: *const *mut c_char,
) -> c_int {
    client_entry!("MQTTClient_unsubscribeMany", Fault::FAILURE.code(), {
        if let Err(fault) = handle::find_before_5(handle) {
            return fault.code();
        }
        // SAFETY: what the application passes as such.
        unsafe { unsubscribe(handle, count, topic, ptr::null()) }.reasonCode
    })
}

/// Removes several subscriptions with one packet and waits for the server's answer. For MQTT 5.0; with
/// earlier versions the properties are ignored.
///
/// @param handle the client
/// @param count number of filters
/// @param topic the filters, as subscribed to
/// @param props properties of the UNSUBSCRIBE packet, or NULL; the caller keeps ownership
/// @return a response. With MQTT 5.0 its reasonCode is that of the first filter and reasonCodes has one
///   for each filter (NULL for a single one). Negative codes are those of MQTTClient_unsubscribeMany()
///   except -16. Release it with MQTTResponse_free().
/// @note As for MQTTClient_unsubscribe().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_unsubscribeMany5(
    handle: MQTTClient,
    count: c_int,
    topic: *const *mut c_char,
    props: *mut MQTTProperties,
) -> MQTTResponse {
    client_entry!("MQTTClient_unsubscribeMany5", response::from_fault(Fault::FAILURE), {
        // SAFETY: what the application passes as such.
        unsafe { unsubscribe(handle, count, topic, props) }
    })
}

/// # Safety
/// `topics` is NULL or has `count` elements, each NULL or a string; `properties` is NULL or a list of
/// properties.
unsafe fn unsubscribe(
    handle: MQTTClient,
    count: c_int,
    topics: *const *mut c_char,
    properties: *const MQTTProperties,
) -> MQTTResponse {
    // SAFETY: the caller's promise.
    let filters = || unsafe { filters(count, topics) };
    // SAFETY: the caller's promise.
    unsafe { ask(handle, filters, properties, |_| MQTTCLIENT_SUCCESS) }
}
