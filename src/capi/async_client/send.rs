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
use crate::capi::shared::property_conversion::properties_if;
use crate::capi::shared::text;
use crate::engine::{Client, OutgoingPublish};
use crate::protocol::QoS;

/// Sends a message. The call does not wait for the network.
///
/// handle: the client. destinationName: the topic, UTF-8, at most 65535 bytes. payloadlen, payload: the
/// message, any bytes.
/// qos: 0 at most once, 1 at least once, 2 exactly once. retained: non-zero if the server is to keep the
/// message for later subscribers.
/// response: whom to tell the result, on MQTT 5.0 also properties; NULL for none. The token is written
/// to it before the request can be complete: the packet identifier, or 0 with QoS 0. Topic, payload and
/// response stay the program's and need not live on.
///
/// Messages go out in the order of the calls. onSuccess and onSuccess5 are called, with QoS 0 when the
/// message has been given to the network, with QoS 1 and 2 when the server has confirmed it. Code -11
/// (MQTTASYNC_OPERATION_INCOMPLETE) in a failure: the session or the client ended before; -12
/// (MQTTASYNC_MAX_BUFFERED_MESSAGES): a newer message took its place, see deleteOldestMessages. On
/// MQTT 5.0 code 0 and a reasonCode of 128 and above: the server refused the message.
///
/// A client created with sendWhileDisconnected also takes messages while it is not connected, between
/// MQTTAsync_connect() and MQTTAsync_disconnect(), or with allowDisconnectedSendAtAnyTime at any time.
/// They are sent after the next connect.
///
/// Returns, the first that applies
///
/// - -1 (MQTTASYNC_FAILURE) handle is no client
/// - -3 (MQTTASYNC_DISCONNECTED) not connected, and the message may not wait until it is
/// - -5 (MQTTASYNC_BAD_UTF8_STRING) destinationName is NULL, not UTF-8 or too long
/// - -9 (MQTTASYNC_BAD_QOS) qos is not 0, 1 or 2
/// - -6 (MQTTASYNC_NULL_PARAMETER) payloadlen is negative, or positive while payload is NULL
/// - -10 (MQTTASYNC_NO_MORE_MSGIDS) all 65535 packet identifiers are in use
/// - -12 (MQTTASYNC_MAX_BUFFERED_MESSAGES) as many messages wait to be sent as the create options allow,
///   connected or not
/// - -15 (MQTTASYNC_BAD_MQTT_OPTION) response has callbacks for another MQTT version than the client's,
///   or, with MQTT 5.0, struct_version 0
/// - -99 memory is short
/// - -1 the packet would be longer than 268435455 bytes, or the properties cannot be sent
/// - 0 (MQTTASYNC_SUCCESS) accepted
///
/// If the result is not 0, none of the callbacks is called, and response->token is left alone. May be
/// called in any callback and from several threads at once.
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
    client_entry!("MQTTAsync_send", Fault::Failure.code(), {
        let fields = Fields { payload_length: payloadlen, payload, qos, retained, properties: ptr::null() };
        // SAFETY: NULL or the program's options.
        let response = unsafe { ResponseOptions::new(response) };
        code_of(handle::find_or_fail(handle).and_then(|client| {
            // SAFETY: what the program passes as such.
            unsafe { send(&client, destinationName, &fields, &response) }
        }))
    })
}

/// Sends a message given as a structure.
///
/// msg: the message; begin with MQTTAsync_message_initializer. Its dup and msgid are not used. On
/// MQTT 5.0 its properties are those of the message, in place of those in response. It stays the
/// program's. All else is as for MQTTAsync_send().
///
/// Returns as MQTTAsync_send(), and before anything else is looked at
///
/// - -6 (MQTTASYNC_NULL_PARAMETER) msg is NULL
/// - -8 (MQTTASYNC_BAD_STRUCTURE) msg has a wrong struct_id or struct_version
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsync_sendMessage(
    handle: MQTTAsync,
    destinationName: *const c_char,
    msg: *const MQTTAsync_message,
    response: *mut MQTTAsync_responseOptions,
) -> c_int {
    client_entry!("MQTTAsync_sendMessage", Fault::Failure.code(), {
        if msg.is_null() {
            return Fault::NullParameter.code();
        }
        // SAFETY: not NULL, so the program's message.
        let fields = unsafe { messages::read(msg.cast()) };
        // SAFETY: NULL or the program's options.
        let response = unsafe { ResponseOptions::new(response) };
        code_of(fields.map_err(Fault::from).and_then(|fields| {
            let client = handle::find_or_fail(handle)?;
            // SAFETY: what the program passes as such.
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
    let topic = unsafe { text::mqtt_string(topic) }.ok_or(Fault::BadUtf8);
    let topic = topic.map_err(|fault| unless_refused(client, None, fault))?;
    let qos = quality(fields.qos).map_err(|fault| unless_refused(client, None, fault.into()))?;
    // SAFETY: the caller's promise.
    let payload = unsafe { text::block(fields.payload, fields.payload_length) }.ok_or(Fault::NullParameter);
    let payload = payload.map_err(|fault| unless_refused(client, None, fault))?;
    let reply = response.reply(is_version_5).map_err(|fault| unless_refused(client, Some(qos), fault))?;
    let list = if fields.properties.is_null() { response.properties() } else { fields.properties };
    // SAFETY: the caller's promise.
    let properties = unsafe { properties_if(is_version_5, list) }
        .map_err(|fault| unless_refused(client, Some(qos), fault.into()))?;
    if !messages::can_be_copied(payload) {
        return Err(unless_refused(client, Some(qos), Fault::OutOfMemory));
    }
    let (retain, properties) = (fields.retained != 0, properties.view());
    let message = OutgoingPublish { topic, payload, qos, retain, properties };
    Ok(client.send(&message, reply, |token| response.write_token(token.into()))?)
}

/// Where the client would not take a message now, that is the fault, whatever else is wrong; until its QoS is known
/// only the lack of a connection counts. Asked only when something is wrong, so that a good call does not take the
/// client's lock twice.
#[cold]
fn unless_refused(client: &Client, qos: Option<QoS>, fault: Fault) -> Fault {
    client.message_refusal(qos).map_or(fault, Fault::from)
}
