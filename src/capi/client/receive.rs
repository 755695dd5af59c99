//! `MQTTClient_receive` and `MQTTClient_yield`.

use core::ffi::{c_char, c_int, c_ulong};
use core::ptr;
use std::sync::Arc;
use std::time::Duration;

use super::abi::{MQTTClient, MQTTClient_message};
use super::codes::{Fault, code_of};
use super::handle;
use crate::capi::shared::boundary::{client_entry, entry};
use crate::capi::shared::messages::Delivery;
use crate::capi::shared::option_values::milliseconds;
use crate::capi::shared::store_calls;
use crate::engine::{Client, Message, RequestError, yield_all};

/// How long `MQTTClient_yield` works.
const YIELD_TIME: Duration = Duration::from_millis(100);

/// Receives the next message on a client without callbacks, waiting for it if necessary.
///
/// @param handle the client
/// @param topicName set to the topic, zero-terminated, to be freed with MQTTClient_free()
/// @param topicLen set to the length of the topic in bytes
/// @param message set to the message, to be freed with MQTTClient_freeMessage(); NULL if none was
///   received
/// @param timeout maximum time to wait, in milliseconds; 0 to take only what has already arrived
/// @return the first that applies
/// - -1 (MQTTCLIENT_FAILURE): handle is not a valid client handle
/// - -6 (MQTTCLIENT_NULL_PARAMETER): topicName, topicLen or message is NULL
/// - -1 (MQTTCLIENT_FAILURE): the client is connected with callbacks; or the connection was lost, in
///   which case *topicName and *message are NULL
/// - -3 (MQTTCLIENT_DISCONNECTED): not connected
/// - 0 (MQTTCLIENT_SUCCESS): a message was received; or the call timed out, in which case *message is
///   NULL
/// - -7 (MQTTCLIENT_TOPICNAME_TRUNCATED): a message was received whose topic contains zero bytes
/// - -99: out of memory
///
/// @note This call also keeps the connection alive: an application without callbacks must call it, or
///   MQTTClient_yield(), regularly.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_receive(
    handle: MQTTClient,
    topicName: *mut *mut c_char,
    topicLen: *mut c_int,
    message: *mut *mut MQTTClient_message,
    timeout: c_ulong,
) -> c_int {
    let output = Output { topic: topicName, length: topicLen, message };
    // Most messages have come together with others, and take no call during which the thread must not be cancelled.
    let at_once = entry!("MQTTClient_receive", Err(Err(Fault::FAILURE)), {
        let client = handle::find_or_fail(handle);
        let message =
            client.as_ref().ok().filter(|_| output.is_whole()).and_then(|client| client.receive_at_once());
        message.map(|message| code_of(output.deliver(message))).ok_or(client)
    });
    match at_once {
        Ok(code) => code,
        Err(client) => client_entry!("MQTTClient_receive", Fault::FAILURE.code(), {
            code_of(client.and_then(|client| receive(&client, &output, milliseconds(timeout))))
        }),
    }
}

fn receive(client: &Arc<Client>, output: &Output, timeout: Duration) -> Result<(), Fault> {
    if !output.is_whole() {
        return Err(Fault::NULL_PARAMETER);
    }
    match client.receive(timeout) {
        Ok(Some(message)) => output.deliver(message),
        Ok(None) => {
            output.clear();
            Ok(())
        }
        Err(RequestError::Failed) if !client.is_connected() => {
            output.clear();
            Err(Fault::FAILURE)
        }
        Err(error) => Err(error.into()),
    }
}

/// The application's variables for a message.
struct Output {
    topic: *mut *mut c_char,
    length: *mut c_int,
    message: *mut *mut MQTTClient_message,
}

impl Output {
    /// None of them is NULL; the other functions rely on that.
    fn is_whole(&self) -> bool {
        !(self.topic.is_null() || self.length.is_null() || self.message.is_null())
    }

    fn deliver(&self, mut message: Message) -> Result<(), Fault> {
        let delivery = Delivery::from_message(&mut message).ok_or(Fault::OUT_OF_MEMORY)?;
        // SAFETY: not NULL, so the application's variable.
        unsafe { self.topic.write(delivery.topic()) };
        // SAFETY: not NULL, so the application's variable.
        unsafe { self.length.write(delivery.topic_length()) };
        // SAFETY: not NULL, so the application's variable.
        unsafe { self.message.write(delivery.message()) };
        let truncated = delivery.topic_has_zero();
        delivery.give_away();
        if truncated { Err(Fault::TOPIC_TRUNCATED) } else { Ok(()) }
    }

    /// No message. The length stays what it was.
    fn clear(&self) {
        // SAFETY: not NULL, so the application's variable.
        unsafe { self.topic.write(ptr::null_mut()) };
        // SAFETY: not NULL, so the application's variable.
        unsafe { self.message.write(ptr::null_mut()) };
    }
}

/// Lets the library work for 100 milliseconds on all clients without callbacks: it sends pings and
/// acknowledgements and receives messages, which are kept for MQTTClient_receive(). Needed by
/// applications that do not call other waiting functions often enough to keep their connections alive.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn MQTTClient_yield() {
    client_entry!("MQTTClient_yield", (), {
        if !store_calls::is_inside() {
            yield_all(YIELD_TIME);
        }
    });
}
