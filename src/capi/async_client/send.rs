//! `MQTTAsync_send`, `MQTTAsync_sendMessage`.

use core::ffi::{c_char, c_int, c_void};
use core::ptr;
use std::sync::Arc;

use super::abi::{MQTTAsync, MQTTAsync_message};
use super::codes::{Fault, code_of};
use super::handle;
use super::response_abi::MQTTAsync_responseOptions;
use super::response_options::ResponseOptions;
use crate::capi::shared::boundary::client_entry;
use crate::capi::shared::messages::{self, Fields};
use crate::capi::shared::option_values::quality;
use crate::capi::shared::property_list::properties_if;
use crate::capi::shared::text;
use crate::engine::{Client, OutgoingPublish};
use crate::protocol::QoS;

/// Sends a message. Does not wait for the network. Messages are sent in the order of the calls.
///
/// For QoS 0 onSuccess or onSuccess5 is called when the message has been written to the network, for
/// QoS 1 and 2 when the server has acknowledged it. Failures: code -11 (MQTTASYNC_OPERATION_INCOMPLETE)
/// if the session or the client ended first; -12 (MQTTASYNC_MAX_BUFFERED_MESSAGES) if the message was
/// discarded in favour of a newer one, see deleteOldestMessages; with MQTT 5.0, code 0 and a reasonCode
/// of 128 or above if the server rejected the message.
///
/// A client created with sendWhileDisconnected also accepts messages while it is not connected: between
/// MQTTAsync_connect() and MQTTAsync_disconnect(), or at any time with allowDisconnectedSendAtAnyTime.
/// They are sent after the next connect.
///
/// @param handle the client
/// @param destinationName topic, UTF-8, at most 65535 bytes
/// @param payloadlen length of the payload in bytes
/// @param payload the payload
/// @param qos 0 at most once, 1 at least once, 2 exactly once
/// @param retained non-zero: the server retains the message for future subscribers
/// @param response callbacks, and with MQTT 5.0 properties; or NULL. Its token is set before the
///   request can complete: the packet identifier, or 0 for QoS 0
/// @return the first that applies
/// - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle
/// - -3 (MQTTASYNC_DISCONNECTED): not connected, and the message may not be buffered
/// - -5 (MQTTASYNC_BAD_UTF8_STRING): destinationName is NULL, not UTF-8 or too long
/// - -9 (MQTTASYNC_BAD_QOS): qos is not 0, 1 or 2
/// - -6 (MQTTASYNC_NULL_PARAMETER): payloadlen is negative, or positive while payload is NULL
/// - -10 (MQTTASYNC_NO_MORE_MSGIDS): all 65535 packet identifiers are in use
/// - -12 (MQTTASYNC_MAX_BUFFERED_MESSAGES): the maximum number of messages is already waiting to be
///   sent, connected or not
/// - -15 (MQTTASYNC_BAD_MQTT_OPTION): response has callbacks for another MQTT version than the client's
///   or, with MQTT 5.0, struct_version 0
/// - -99: out of memory
/// - -1: the packet would be longer than 268435455 bytes, or the properties cannot be sent
/// - -2 (MQTTASYNC_PERSISTENCE_ERROR): the message could not be stored, and is not sent
/// - 0 (MQTTASYNC_SUCCESS): the message was accepted
///
/// @note After a failure no callback is made and response->token is unchanged. The caller keeps
///   ownership of all arguments. May be called in callbacks and from several threads at once.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsync_send(
    handle: MQTTAsync,
    destinationName: *const c_char,
    payloadlen: c_int,
    payload: *const c_void,
    qos: c_int,
    retained: c_int,
    response: *mut MQTTAsync_responseOptions,
) -> c_int {
    client_entry!("MQTTAsync_send", Fault::FAILURE.code(), {
        let fields = Fields { payload_length: payloadlen, payload, qos, retained, properties: ptr::null() };
        // SAFETY: NULL or the application's options.
        let response = unsafe { ResponseOptions::new(response) };
        code_of(handle::find_or_fail(handle).and_then(|client| {
            // SAFETY: what the application passes as such.
            unsafe { send(&client, destinationName, &fields, &response) }
        }))
    })
}

/// Sends a message given as a structure.
///
/// @param handle the client
/// @param destinationName topic, UTF-8, at most 65535 bytes
/// @param msg the message, initialized with MQTTAsync_message_initializer; dup and msgid are ignored.
///   With MQTT 5.0 its properties are sent, not those in response
/// @param response as for MQTTAsync_send()
/// @return the first that applies
/// - -6 (MQTTASYNC_NULL_PARAMETER): msg is NULL
/// - -8 (MQTTASYNC_BAD_STRUCTURE): msg has an invalid struct_id or struct_version
/// - otherwise as MQTTAsync_send()
///
/// @note As for MQTTAsync_send(). The caller keeps ownership of msg.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsync_sendMessage(
    handle: MQTTAsync,
    destinationName: *const c_char,
    msg: *const MQTTAsync_message,
    response: *mut MQTTAsync_responseOptions,
) -> c_int {
    client_entry!("MQTTAsync_sendMessage", Fault::FAILURE.code(), {
        // SAFETY: NULL or the application's message.
        let fields = unsafe { messages::read(msg) };
        // SAFETY: NULL or the application's options.
        let response = unsafe { ResponseOptions::new(response) };
        code_of(fields.and_then(|fields| {
            let client = handle::find_or_fail(handle)?;
            // SAFETY: what the application passes as such.
            unsafe { send(&client, destinationName, &fields, &response) }
        }))
    })
}

/// # Safety
/// The pointers are NULL or what their names say, and stay unchanged during the call.
#[inline]
unsafe fn send(
    client: &Arc<Client>,
    topic: *const c_char,
    fields: &Fields,
    response: &ResponseOptions,
) -> Result<(), Fault> {
    let is_version_5 = handle::is_version_5(client);
    // SAFETY: the caller's promise.
    let topic = unsafe { text::mqtt_string(topic) }.ok_or(Fault::BAD_UTF8);
    let topic = topic.map_err(|fault| unless_refused(client, None, fault))?;
    let qos = quality(fields.qos).map_err(|fault| unless_refused(client, None, fault))?;
    // SAFETY: the caller's promise.
    let payload = unsafe { text::block(fields.payload, fields.payload_length) }.ok_or(Fault::NULL_PARAMETER);
    let payload = payload.map_err(|fault| unless_refused(client, None, fault))?;
    let requester =
        response.requester(is_version_5).map_err(|fault| unless_refused(client, Some(qos), fault))?;
    let list = if fields.properties.is_null() { response.properties() } else { fields.properties };
    // SAFETY: the caller's promise.
    let properties = unsafe { properties_if(is_version_5, list) }
        .map_err(|fault| unless_refused(client, Some(qos), fault))?;
    if !messages::can_be_copied(payload) {
        return Err(unless_refused(client, Some(qos), Fault::OUT_OF_MEMORY));
    }
    let (retain, properties) = (fields.retained != 0, properties.view());
    let message = OutgoingPublish { topic, payload, qos, retain, properties };
    Ok(client.send(&message, requester, |token| response.write_token(token.into()))?)
}

/// Where the client would not take a message now, that is the fault, whatever else is wrong; until its QoS is known
/// only the lack of a connection counts. Asked only when something is wrong, so that a good call does not take the
/// client's lock twice.
#[cold]
fn unless_refused(client: &Client, qos: Option<QoS>, fault: Fault) -> Fault {
    client.message_refusal(qos).map_or(fault, Fault::from)
}
