//! `MQTTClient_subscribe`, `MQTTClient_subscribe5`, `MQTTClient_subscribeMany`,
//! `MQTTClient_subscribeMany5`.

use core::ffi::{c_char, c_int};
use core::ptr;

use super::abi::{MQTTCLIENT_SUCCESS, MQTTClient, MQTTResponse};
use super::codes::Fault;
use super::publish::unless_disconnected;
use super::{handle, response};
use crate::capi::shared::boundary::client_entry;
use crate::capi::shared::option_values::quality;
use crate::capi::shared::property_abi::MQTTProperties;
use crate::capi::shared::property_conversion::properties_if;
use crate::capi::shared::subscribe_options_abi::MQTTSubscribe_options;
use crate::capi::shared::text;
use crate::capi::shared::version_abi::MQTT_BAD_SUBSCRIBE;
use crate::engine::Answer;
use crate::protocol::{Filter, SubscribeOptions};

/// Retain handling has two bits, of which 3 means nothing.
const RETAIN_HANDLING_BITS: u8 = 0b11;

/// Subscribes to a topic filter and waits for the server's answer. For MQTT 3.1 and 3.1.1.
///
/// handle: the client. topic: the filter, UTF-8, at most 65535 bytes. qos: the highest QoS messages may
/// be delivered with, 0, 1 or 2; a message comes with this or its own QoS, whichever is lower.
///
/// The wait ends after the command time-out, see MQTTClient_setCommandTimeout(). May be called in any
/// callback.
///
/// Returns
///
/// - 0 (MQTTCLIENT_SUCCESS) subscribed; the server may have granted a lower QoS
/// - 128 (MQTT_BAD_SUBSCRIBE) the server refused
/// - -1 (MQTTCLIENT_FAILURE) handle is no client; or no answer in time: the connection was closed then
///   and connectionLost has been called
/// - -3 (MQTTCLIENT_DISCONNECTED) not connected
/// - -4 (MQTTCLIENT_MAX_MESSAGES_INFLIGHT) all 65535 packet identifiers are in use
/// - -5 (MQTTCLIENT_BAD_UTF8_STRING) topic is NULL, not UTF-8 or too long
/// - -9 (MQTTCLIENT_BAD_QOS) qos is not 0, 1 or 2
/// - -16 (MQTTCLIENT_WRONG_MQTT_VERSION) the client is one for MQTT 5.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_subscribe(
    handle: MQTTClient,
    topic: *const c_char,
    qos: c_int,
) -> c_int {
    client_entry!("MQTTClient_subscribe", Fault::Failure.code(), {
        if let Err(fault) = handle::find_before_5(handle) {
            return fault.code();
        }
        // SAFETY: what the program passes as such.
        unsafe { subscribe_one(handle, topic, qos, ptr::null(), ptr::null()) }.reasonCode
    })
}

/// Subscribes to a topic filter with options and properties and waits for the server's answer. For MQTT
/// 5.0; other clients ignore options and properties.
///
/// opts: the options, or NULL for none set. props: properties of the SUBSCRIBE packet, or NULL. Both
/// stay the program's. All else is as for MQTTClient_subscribe().
///
/// Returns a response. On MQTT 5.0 its reasonCode is 0, 1 or 2, the QoS granted, or 128 and above: the
/// server refused; on earlier versions 0 or 128. Negative values are those of MQTTClient_subscribe()
/// without -16; -1 also means that the properties cannot be sent. Its properties, if not NULL, are those
/// of the server's answer. Release it with MQTTResponse_free().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_subscribe5(
    handle: MQTTClient,
    topic: *const c_char,
    qos: c_int,
    opts: *mut MQTTSubscribe_options,
    props: *mut MQTTProperties,
) -> MQTTResponse {
    client_entry!("MQTTClient_subscribe5", response::from_fault(Fault::Failure), {
        // SAFETY: what the program passes as such.
        unsafe { subscribe_one(handle, topic, qos, opts, props) }
    })
}

/// Subscribes to several topic filters at once and waits for the server's answer. For MQTT 3.1 and
/// 3.1.1.
///
/// count: how many filters. topic: the filters. qos: the highest QoS for each; on success each is
/// overwritten with the QoS granted, or with 128 (MQTT_BAD_SUBSCRIBE) where the server refused. All else
/// is as for MQTTClient_subscribe().
///
/// Returns
///
/// - 0 (MQTTCLIENT_SUCCESS) the server answered; qos tells how
/// - -1 (MQTTCLIENT_FAILURE) as for MQTTClient_subscribe(); also if count is not positive
/// - -6 (MQTTCLIENT_NULL_PARAMETER) topic or qos is NULL
/// - other negative values as for MQTTClient_subscribe(); the first filter with a fault decides, and
///   nothing is sent
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_subscribeMany(
    handle: MQTTClient,
    count: c_int,
    topic: *const *mut c_char,
    qos: *mut c_int,
) -> c_int {
    client_entry!("MQTTClient_subscribeMany", Fault::Failure.code(), {
        if let Err(fault) = handle::find_before_5(handle) {
            return fault.code();
        }
        let request = Request { count, topics: topic, qos, options: ptr::null(), properties: ptr::null() };
        // SAFETY: what the program passes as such.
        unsafe { request.run_for_many(handle) }.reasonCode
    })
}

/// Subscribes to several topic filters at once with options and properties and waits for the server's
/// answer. For MQTT 5.0; other clients ignore options and properties.
///
/// count: how many filters. topic: the filters. qos: the highest QoS for each. opts: the options for
/// each, or NULL for none set. props: properties of the SUBSCRIBE packet, or NULL. All stay the
/// program's.
///
/// Returns a response whose negative codes are those of MQTTClient_subscribeMany(). On MQTT 5.0
/// reasonCode is that of the first filter, reasonCodes, if not NULL, has those of all, and qos is not
/// changed. On earlier versions reasonCode is 0 and qos is overwritten as by MQTTClient_subscribeMany().
/// Release the response with MQTTResponse_free().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_subscribeMany5(
    handle: MQTTClient,
    count: c_int,
    topic: *const *mut c_char,
    qos: *mut c_int,
    opts: *mut MQTTSubscribe_options,
    props: *mut MQTTProperties,
) -> MQTTResponse {
    client_entry!("MQTTClient_subscribeMany5", response::from_fault(Fault::Failure), {
        let request = Request { count, topics: topic, qos, options: opts, properties: props };
        // SAFETY: what the program passes as such.
        unsafe { request.run_for_many(handle) }
    })
}

/// # Safety
/// The pointers are NULL or what their names say.
unsafe fn subscribe_one(
    handle: MQTTClient,
    topic: *const c_char,
    mut qos: c_int,
    options: *const MQTTSubscribe_options,
    properties: *const MQTTProperties,
) -> MQTTResponse {
    let topic = topic.cast_mut();
    let request = Request { count: 1, topics: &raw const topic, qos: &raw mut qos, options, properties };
    // SAFETY: lists of one element, and the caller's promise.
    match unsafe { request.run(handle) } {
        Ok((answer, true)) => response::from_answer(&answer),
        Ok((answer, false)) => response::from_code(code_before_5(&answer)),
        Err(fault) => response::from_fault(fault),
    }
}

/// The granted QoS is not told, only a refusal.
fn code_before_5(answer: &Answer) -> c_int {
    match answer.codes.first().map(|code| c_int::from(*code)) {
        Some(MQTT_BAD_SUBSCRIBE) => MQTT_BAD_SUBSCRIBE,
        Some(_) => MQTTCLIENT_SUCCESS,
        None => Fault::Failure.code(),
    }
}

/// The arguments of a subscribe call.
struct Request {
    count: c_int,
    topics: *const *mut c_char,
    qos: *mut c_int,
    options: *const MQTTSubscribe_options,
    properties: *const MQTTProperties,
}

impl Request {
    /// # Safety
    /// As for [`Request::run`].
    unsafe fn run_for_many(&self, handle: MQTTClient) -> MQTTResponse {
        // SAFETY: the caller's promise.
        match unsafe { self.run(handle) } {
            Ok((answer, true)) => response::from_answer(&answer),
            Ok((answer, false)) => {
                // SAFETY: the caller's promise; `run` accepted the list.
                unsafe { self.write_granted(&answer) };
                response::from_code(MQTTCLIENT_SUCCESS)
            }
            Err(fault) => response::from_fault(fault),
        }
    }

    /// Sends the request. The flag tells whether the answer is one of MQTT 5.0.
    ///
    /// # Safety
    /// The lists are NULL or have `count` elements, which are what their names say.
    unsafe fn run(&self, handle: MQTTClient) -> Result<(Answer, bool), Fault> {
        let client = handle::find_or_fail(handle)?;
        let is_version_5 = handle::is_version_5(&client);
        // SAFETY: the caller's promise.
        let filters = unsafe { self.filters() }.map_err(|fault| unless_disconnected(&client, fault))?;
        // SAFETY: the caller's promise.
        let properties = unsafe { properties_if(is_version_5, self.properties) }
            .map_err(|fault| unless_disconnected(&client, fault.into()))?;
        let answer = client.subscribe(&filters, properties.view())?;
        Ok((answer, is_version_5))
    }

    /// # Safety
    /// As for [`Request::run`].
    unsafe fn filters<'a>(&self) -> Result<Vec<Filter<'a>>, Fault> {
        let count = usize::try_from(self.count).unwrap_or(0);
        if count == 0 {
            return Err(Fault::Failure);
        }
        if self.topics.is_null() || self.qos.is_null() {
            return Err(Fault::NullParameter);
        }
        // SAFETY: the caller's promise, for indexes below the count.
        (0..count).map(|index| unsafe { self.filter(index) }).collect()
    }

    /// # Safety
    /// As for [`Request::run`], and the index is below the count.
    unsafe fn filter<'a>(&self, index: usize) -> Result<Filter<'a>, Fault> {
        // SAFETY: the caller's promise.
        let topic = unsafe { self.topics.wrapping_add(index).read() };
        // SAFETY: the caller's promise.
        let filter = unsafe { text::mqtt_string(topic) }.ok_or(Fault::BadUtf8)?;
        // SAFETY: the caller's promise.
        let qos = unsafe { self.qos.wrapping_add(index).read() };
        let mut options = SubscribeOptions::new(quality(qos)?);
        if !self.options.is_null() {
            // SAFETY: not NULL, so the list has an element for each filter.
            let given = unsafe { self.options.wrapping_add(index).read() };
            options.no_local = given.noLocal & 1 != 0;
            options.retain_as_published = given.retainAsPublished & 1 != 0;
            options.retain_handling = given.retainHandling & RETAIN_HANDLING_BITS;
        }
        Ok(Filter { filter, options })
    }

    /// Overwrites the QoS list with what was granted.
    ///
    /// # Safety
    /// The list has `count` elements.
    unsafe fn write_granted(&self, answer: &Answer) {
        let count = usize::try_from(self.count).unwrap_or(0);
        for (index, code) in answer.codes.iter().take(count).enumerate() {
            // SAFETY: the index is below the count.
            unsafe { self.qos.wrapping_add(index).write((*code).into()) };
        }
    }
}
