//! `MQTTClient_publish`, `MQTTClient_publish5`, `MQTTClient_publishMessage`,
//! `MQTTClient_publishMessage5`.

use core::ffi::{c_char, c_int, c_void};
use core::ptr;
use std::sync::Arc;

use super::abi::{MQTTClient, MQTTClient_deliveryToken, MQTTClient_message, MQTTResponse};
use super::codes::{Fault, code_of};
use super::{handle, response};
use crate::capi::shared::boundary::client_entry;
use crate::capi::shared::messages::{self, Fields};
use crate::capi::shared::option_values::quality;
use crate::capi::shared::property_abi::MQTTProperties;
use crate::capi::shared::property_conversion::properties_if;
use crate::capi::shared::text;
use crate::engine::{Client, OutgoingPublish};
use crate::protocol::QoS;

/// Publishes a message. For MQTT 3.1 and 3.1.1.
///
/// handle: the client. topicName: the topic, UTF-8, at most 65535 bytes. payloadlen, payload: the
/// message, any bytes.
/// qos: 0 at most once, 1 at least once, 2 exactly once. retained: non-zero if the server is to keep the
/// message for later subscribers. dt: where the delivery token goes, or NULL.
///
/// The call waits until the message is written, and before that as long as there are as many messages in
/// flight as the connect options allow; it does not wait for the acknowledgement. When a program with
/// callbacks publishes many messages in a row, the library's own thread writes them, many at a time and
/// at once; disconnect and exit() wait for that. With QoS 1 and 2 *dt is set before the message is
/// written, and the result is 0 even if writing fails: the message is kept and sent again after the next
/// connect. With QoS 0, and when the result is not 0, *dt is left alone.
///
/// Topic and payload stay the program's. May be called in any callback and from several threads at once.
///
/// Returns
///
/// - 0 (MQTTCLIENT_SUCCESS) published
/// - -1 (MQTTCLIENT_FAILURE) handle is no client; the connection broke while the call waited or, with
///   QoS 0, while it wrote; the packet would be longer than 268435455 bytes
/// - -3 (MQTTCLIENT_DISCONNECTED) not connected
/// - -4 (MQTTCLIENT_MAX_MESSAGES_INFLIGHT) all 65535 packet identifiers are in use
/// - -5 (MQTTCLIENT_BAD_UTF8_STRING) topicName is NULL, not UTF-8 or too long
/// - -6 (MQTTCLIENT_NULL_PARAMETER) payloadlen is negative, or positive while payload is NULL
/// - -9 (MQTTCLIENT_BAD_QOS) qos is not 0, 1 or 2
/// - -16 (MQTTCLIENT_WRONG_MQTT_VERSION) the client is one for MQTT 5.0
/// - -99 memory is short
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_publish(
    handle: MQTTClient,
    topicName: *const c_char,
    payloadlen: c_int,
    payload: *const c_void,
    qos: c_int,
    retained: c_int,
    dt: *mut MQTTClient_deliveryToken,
) -> c_int {
    client_entry!("MQTTClient_publish", Fault::Failure.code(), {
        code_of(handle::find_before_5(handle).and_then(|client| {
            let fields =
                Fields { payload_length: payloadlen, payload, qos, retained, properties: ptr::null() };
            // SAFETY: what the program passes as such.
            unsafe { publish(&client, topicName, &fields, dt) }
        }))
    })
}

/// Publishes a message with properties. For MQTT 5.0; other clients ignore the properties.
///
/// properties: properties of the PUBLISH packet, or NULL. They stay the program's. With a topic alias
/// topicName may be empty: the server ends the connection if it does not know the alias. All else is as
/// for MQTTClient_publish().
///
/// Returns a response whose reasonCode is that of MQTTClient_publish() without -16, or, from what the
/// server announced when it was connected to, MQTTREASONCODE_QOS_NOT_SUPPORTED,
/// MQTTREASONCODE_RETAIN_NOT_SUPPORTED or MQTTREASONCODE_PACKET_TOO_LARGE: nothing was sent then. -1 also
/// means that the properties cannot be sent. There is nothing to free.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_publish5(
    handle: MQTTClient,
    topicName: *const c_char,
    payloadlen: c_int,
    payload: *const c_void,
    qos: c_int,
    retained: c_int,
    properties: *mut MQTTProperties,
    dt: *mut MQTTClient_deliveryToken,
) -> MQTTResponse {
    client_entry!("MQTTClient_publish5", response::from_fault(Fault::Failure), {
        response::from_code(code_of(handle::find_or_fail(handle).and_then(|client| {
            let fields = Fields { payload_length: payloadlen, payload, qos, retained, properties };
            // SAFETY: what the program passes as such.
            unsafe { publish(&client, topicName, &fields, dt) }
        })))
    })
}

/// Publishes a message given as a structure. For MQTT 3.1 and 3.1.1.
///
/// msg: the message; begin with MQTTClient_message_initializer. Its dup and msgid are not used. It stays
/// the program's. All else is as for MQTTClient_publish().
///
/// Returns as MQTTClient_publish(), and before anything else is looked at
///
/// - -6 (MQTTCLIENT_NULL_PARAMETER) msg is NULL
/// - -8 (MQTTCLIENT_BAD_STRUCTURE) msg has a wrong struct_id or struct_version
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_publishMessage(
    handle: MQTTClient,
    topicName: *const c_char,
    msg: *mut MQTTClient_message,
    dt: *mut MQTTClient_deliveryToken,
) -> c_int {
    client_entry!("MQTTClient_publishMessage", Fault::Failure.code(), {
        // SAFETY: NULL or the program's message.
        code_of(unsafe { message_fields(msg) }.and_then(|fields| {
            let client = handle::find_before_5(handle)?;
            // SAFETY: what the program passes as such.
            unsafe { publish(&client, topicName, &fields, dt) }
        }))
    })
}

/// Publishes a message given as a structure, with its properties. For MQTT 5.0; other clients ignore the
/// properties.
///
/// msg: the message; begin with MQTTClient_message_initializer. Its dup and msgid are not used. It stays
/// the program's.
///
/// Returns as MQTTClient_publish5(), and before anything else is looked at
///
/// - -6 (MQTTCLIENT_NULL_PARAMETER) msg is NULL
/// - -8 (MQTTCLIENT_BAD_STRUCTURE) msg has a wrong struct_id or struct_version
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_publishMessage5(
    handle: MQTTClient,
    topicName: *const c_char,
    msg: *mut MQTTClient_message,
    dt: *mut MQTTClient_deliveryToken,
) -> MQTTResponse {
    client_entry!("MQTTClient_publishMessage5", response::from_fault(Fault::Failure), {
        // SAFETY: NULL or the program's message.
        response::from_code(code_of(unsafe { message_fields(msg) }.and_then(|fields| {
            let client = handle::find_or_fail(handle)?;
            // SAFETY: what the program passes as such.
            unsafe { publish(&client, topicName, &fields, dt) }
        })))
    })
}

/// # Safety
/// `message` is NULL or points to a message.
unsafe fn message_fields(message: *const MQTTClient_message) -> Result<Fields, Fault> {
    if message.is_null() {
        return Err(Fault::NullParameter);
    }
    // SAFETY: the caller's promise, and not NULL.
    Ok(unsafe { messages::read(message.cast()) }?)
}

/// # Safety
/// The pointers are NULL or what their names say, and stay unchanged during the call.
#[inline]
unsafe fn publish(
    client: &Arc<Client>,
    topic: *const c_char,
    fields: &Fields,
    token: *mut MQTTClient_deliveryToken,
) -> Result<(), Fault> {
    let topic = {
        // SAFETY: the caller's promise.
        let topic = unsafe { text::mqtt_string(topic) };
        topic.ok_or(Fault::BadUtf8).map_err(|fault| unless_disconnected(client, fault))?
    };
    let qos = quality(fields.qos).map_err(|fault| unless_disconnected(client, fault.into()))?;
    let payload = {
        // SAFETY: the caller's promise.
        let payload = unsafe { text::block(fields.payload, fields.payload_length) };
        payload.ok_or(Fault::NullParameter).map_err(|fault| unless_disconnected(client, fault))?
    };
    // SAFETY: the caller's promise.
    let properties = unsafe { properties_if(handle::is_version_5(client), fields.properties) }
        .map_err(|fault| unless_disconnected(client, fault.into()))?;
    // One of QoS 0 is written from the program's memory.
    if qos != QoS::AtMostOnce && !messages::can_be_copied(payload) {
        return Err(unless_disconnected(client, Fault::OutOfMemory));
    }
    let message =
        OutgoingPublish { topic, payload, qos, retain: fields.retained != 0, properties: properties.view() };
    Ok(client.publish(&message, |id| {
        if !token.is_null() {
            // SAFETY: not NULL, so the program's variable.
            unsafe { token.write(id.get().into()) };
        }
    })?)
}

/// On a client that is not connected that is the fault, whatever else is wrong. Asked only when
/// something is, so that a good call does not take the client's lock twice.
#[cold]
pub(super) fn unless_disconnected(client: &Client, fault: Fault) -> Fault {
    if client.is_connected() { fault } else { Fault::Disconnected }
}
