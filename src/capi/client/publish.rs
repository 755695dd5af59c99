//! `MQTTClient_publish`, `MQTTClient_publish5`, `MQTTClient_publishMessage`,
//! `MQTTClient_publishMessage5`.

use core::ffi::{c_char, c_int, c_void};
use core::ptr;
use std::sync::Arc;

use super::abi::{MQTTClient, MQTTClient_deliveryToken, MQTTClient_message, MQTTResponse};
use super::codes::{Fault, code_of, of_request, unless_disconnected};
use super::{handle, response};
use crate::capi::shared::boundary::client_entry;
use crate::capi::shared::messages::{self, Fields};
use crate::capi::shared::option_values::quality;
use crate::capi::shared::property_abi::MQTTProperties;
use crate::capi::shared::property_list::properties_if;
use crate::capi::shared::text;
use crate::engine::{Client, OutgoingPublish};
use crate::protocol::{PacketId, QoS};

/// Publishes a message. For MQTT 3.1 and 3.1.1.
///
/// Blocks while the maximum number of messages in flight is reached, without a time limit, and until
/// the message is written. It does not wait for the acknowledgement; MQTTClient_waitForCompletion()
/// does.
///
/// @param handle the client
/// @param topicName topic, UTF-8, at most 65535 bytes
/// @param payloadlen length of the payload in bytes
/// @param payload the payload
/// @param qos 0 at most once, 1 at least once, 2 exactly once
/// @param retained non-zero: the server retains the message for future subscribers
/// @param dt set to the delivery token of a QoS 1 or 2 message, before the message is written; or NULL.
///   Unchanged for QoS 0 and after a failure
/// @return
/// - 0 (MQTTCLIENT_SUCCESS): the message was published. A QoS 1 or 2 message that could not be written
///   is sent again after the next connect
/// - -1 (MQTTCLIENT_FAILURE): handle is not a valid client handle; the connection was lost while the
///   call was waiting, or for QoS 0 writing; or the packet would be longer than 268435455 bytes
/// - -2 (MQTTCLIENT_PERSISTENCE_ERROR): the message could not be stored, and was not sent
/// - -3 (MQTTCLIENT_DISCONNECTED): not connected
/// - -4 (MQTTCLIENT_MAX_MESSAGES_INFLIGHT): all 65535 packet identifiers are in use
/// - -5 (MQTTCLIENT_BAD_UTF8_STRING): topicName is NULL, not UTF-8 or too long
/// - -6 (MQTTCLIENT_NULL_PARAMETER): payloadlen is negative, or positive while payload is NULL
/// - -9 (MQTTCLIENT_BAD_QOS): qos is not 0, 1 or 2
/// - -16 (MQTTCLIENT_WRONG_MQTT_VERSION): the client is for MQTT 5.0
/// - -99: out of memory
///
/// @note The caller keeps ownership of topic and payload. May be called in callbacks and from several
///   threads at once. On a client with callbacks, bursts of messages may be written by a thread of the
///   library; MQTTClient_disconnect() and exit() wait for it.
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
    client_entry!("MQTTClient_publish", Fault::FAILURE.code(), {
        code_of(handle::find_before_5(handle).and_then(|client| {
            let fields =
                Fields { payload_length: payloadlen, payload, qos, retained, properties: ptr::null() };
            // SAFETY: what the application passes as such.
            unsafe { publish(&client, topicName, &fields, dt) }
        }))
    })
}

/// Publishes a message with properties. For MQTT 5.0; with earlier versions the properties are ignored.
///
/// @param handle the client
/// @param topicName topic, UTF-8, at most 65535 bytes; may be empty if properties has a topic alias.
///   The server closes the connection if it does not know the alias
/// @param payloadlen length of the payload in bytes
/// @param payload the payload
/// @param qos 0 at most once, 1 at least once, 2 exactly once
/// @param retained non-zero: the server retains the message for future subscribers
/// @param properties properties of the PUBLISH packet, or NULL; the caller keeps ownership
/// @param dt set to the delivery token of a QoS 1 or 2 message, or NULL
/// @return a response whose reasonCode is that of MQTTClient_publish() except -16; -1 also means that
///   the properties cannot be sent. MQTTREASONCODE_QOS_NOT_SUPPORTED,
///   MQTTREASONCODE_RETAIN_NOT_SUPPORTED and MQTTREASONCODE_PACKET_TOO_LARGE mean that the server
///   announced such a limit when the client connected; nothing was sent. The response holds nothing
///   that needs to be freed.
/// @note As for MQTTClient_publish().
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
    client_entry!("MQTTClient_publish5", response::from_fault(Fault::FAILURE), {
        response::from_code(code_of(handle::find_or_fail(handle).and_then(|client| {
            let fields = Fields { payload_length: payloadlen, payload, qos, retained, properties };
            // SAFETY: what the application passes as such.
            unsafe { publish(&client, topicName, &fields, dt) }
        })))
    })
}

/// Publishes a message given as a structure. For MQTT 3.1 and 3.1.1.
///
/// @param handle the client
/// @param topicName topic, UTF-8, at most 65535 bytes
/// @param msg the message, initialized with MQTTClient_message_initializer; dup and msgid are ignored
/// @param dt set to the delivery token of a QoS 1 or 2 message, or NULL
/// @return the first that applies
/// - -6 (MQTTCLIENT_NULL_PARAMETER): msg is NULL
/// - -8 (MQTTCLIENT_BAD_STRUCTURE): msg has an invalid struct_id or struct_version
/// - otherwise as MQTTClient_publish()
///
/// @note As for MQTTClient_publish(). The caller keeps ownership of msg.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_publishMessage(
    handle: MQTTClient,
    topicName: *const c_char,
    msg: *mut MQTTClient_message,
    dt: *mut MQTTClient_deliveryToken,
) -> c_int {
    client_entry!("MQTTClient_publishMessage", Fault::FAILURE.code(), {
        // SAFETY: NULL or the application's message.
        let fields = unsafe { messages::read(msg) };
        code_of(fields.and_then(|fields| {
            let client = handle::find_before_5(handle)?;
            // SAFETY: what the application passes as such.
            unsafe { publish(&client, topicName, &fields, dt) }
        }))
    })
}

/// Publishes a message given as a structure, with its properties. For MQTT 5.0; with earlier versions
/// the properties are ignored.
///
/// @param handle the client
/// @param topicName topic, UTF-8, at most 65535 bytes; see MQTTClient_publish5()
/// @param msg the message, initialized with MQTTClient_message_initializer; dup and msgid are ignored
/// @param dt set to the delivery token of a QoS 1 or 2 message, or NULL
/// @return a response whose reasonCode is the first that applies
/// - -6 (MQTTCLIENT_NULL_PARAMETER): msg is NULL
/// - -8 (MQTTCLIENT_BAD_STRUCTURE): msg has an invalid struct_id or struct_version
/// - otherwise as MQTTClient_publish5()
///
/// @note As for MQTTClient_publish(). The caller keeps ownership of msg.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_publishMessage5(
    handle: MQTTClient,
    topicName: *const c_char,
    msg: *mut MQTTClient_message,
    dt: *mut MQTTClient_deliveryToken,
) -> MQTTResponse {
    client_entry!("MQTTClient_publishMessage5", response::from_fault(Fault::FAILURE), {
        // SAFETY: NULL or the application's message.
        let fields = unsafe { messages::read(msg) };
        response::from_code(code_of(fields.and_then(|fields| {
            let client = handle::find_or_fail(handle)?;
            // SAFETY: what the application passes as such.
            unsafe { publish(&client, topicName, &fields, dt) }
        })))
    })
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
    let read = || {
        // SAFETY: the caller's promise.
        let topic = unsafe { text::mqtt_string(topic) }.ok_or(Fault::BAD_UTF8)?;
        let qos = quality(fields.qos)?;
        // SAFETY: the caller's promise.
        let payload = unsafe { text::block(fields.payload, fields.payload_length) };
        let payload = payload.ok_or(Fault::NULL_PARAMETER)?;
        // SAFETY: the caller's promise.
        let properties = unsafe { properties_if(handle::is_version_5(client), fields.properties) }?;
        // One of QoS 0 is written from the application's memory.
        if qos != QoS::AtMostOnce && !messages::can_be_copied(payload) {
            return Err(Fault::OUT_OF_MEMORY);
        }
        Ok((topic, qos, payload, properties))
    };
    let (topic, qos, payload, properties) = read().map_err(|fault| unless_disconnected(client, fault))?;
    let message =
        OutgoingPublish { topic, payload, qos, retain: fields.retained != 0, properties: properties.view() };
    let assigned = |id: PacketId| {
        if !token.is_null() {
            // SAFETY: not NULL, so the application's variable.
            unsafe { token.write(id.get().into()) };
        }
    };
    client.publish(&message, assigned).map_err(of_request)
}
