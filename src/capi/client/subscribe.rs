//! `MQTTClient_subscribe`, `MQTTClient_subscribe5`, `MQTTClient_subscribeMany`,
//! `MQTTClient_subscribeMany5`.

use core::ffi::{c_char, c_int};
use core::ptr;

use super::abi::{MQTTCLIENT_SUCCESS, MQTTClient, MQTTResponse};
use super::codes::{Fault, of_request, unless_disconnected};
use super::{handle, response};
use crate::capi::shared::abi::MQTT_BAD_SUBSCRIBE;
use crate::capi::shared::boundary::client_entry;
use crate::capi::shared::property_abi::MQTTProperties;
use crate::capi::shared::property_list::properties_if;
use crate::capi::shared::subscriptions::{MQTTSubscribe_options, filters_with_qos};
use crate::engine::Answer;
use crate::protocol::{Filter, TopicFilter};

/// Subscribes to a topic filter and waits for the server's answer. For MQTT 3.1 and 3.1.1.
///
/// @param handle the client
/// @param topic topic filter, UTF-8, at most 65535 bytes; see "Topics and wildcards" at the top of this
///   header
/// @param qos maximum QoS of messages for this subscription: 0, 1 or 2
/// @return
/// - 0 (MQTTCLIENT_SUCCESS): subscribed; the server may have granted a lower QoS
/// - 128 (MQTT_BAD_SUBSCRIBE): the server rejected the subscription
/// - -1 (MQTTCLIENT_FAILURE): handle is not a valid client handle; or no answer within the command
///   time-out: the connection was closed and connectionLost called
/// - -3 (MQTTCLIENT_DISCONNECTED): not connected
/// - -4 (MQTTCLIENT_MAX_MESSAGES_INFLIGHT): all 65535 packet identifiers are in use
/// - -5 (MQTTCLIENT_BAD_UTF8_STRING): topic is NULL, not UTF-8 or too long
/// - -9 (MQTTCLIENT_BAD_QOS): qos is not 0, 1 or 2
/// - -16 (MQTTCLIENT_WRONG_MQTT_VERSION): the client is for MQTT 5.0
///
/// @note Waits at most as long as set with MQTTClient_setCommandTimeout(). May be called in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_subscribe(
    handle: MQTTClient,
    topic: *const c_char,
    qos: c_int,
) -> c_int {
    client_entry!("MQTTClient_subscribe", Fault::FAILURE.code(), {
        if let Err(fault) = handle::find_before_5(handle) {
            return fault.code();
        }
        // SAFETY: what the application passes as such.
        unsafe { subscribe_one(handle, topic, qos, ptr::null(), ptr::null()) }.reasonCode
    })
}

/// Subscribes to a topic filter with options and properties and waits for the server's answer. For MQTT
/// 5.0; with earlier versions options and properties are ignored.
///
/// @param handle the client
/// @param topic topic filter, UTF-8, at most 65535 bytes
/// @param qos maximum QoS of messages for this subscription: 0, 1 or 2
/// @param opts subscription options, or NULL for the defaults; the caller keeps ownership
/// @param props properties of the SUBSCRIBE packet, or NULL; the caller keeps ownership
/// @return a response. With MQTT 5.0 its reasonCode is the granted QoS, or 128 and above if the server
///   rejected the subscription; with earlier versions it is 0 or 128. Negative codes are those of
///   MQTTClient_subscribe() except -16; -1 also means that the properties cannot be sent. Its
///   properties are those of the SUBACK packet, or NULL. Release it with MQTTResponse_free().
/// @note As for MQTTClient_subscribe().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_subscribe5(
    handle: MQTTClient,
    topic: *const c_char,
    qos: c_int,
    opts: *mut MQTTSubscribe_options,
    props: *mut MQTTProperties,
) -> MQTTResponse {
    client_entry!("MQTTClient_subscribe5", response::from_fault(Fault::FAILURE), {
        // SAFETY: what the application passes as such.
        unsafe { subscribe_one(handle, topic, qos, opts, props) }
    })
}

/// Subscribes to several topic filters with one packet and waits for the server's answer. For MQTT 3.1
/// and 3.1.1.
///
/// @param handle the client
/// @param count number of filters
/// @param topic the filters
/// @param qos maximum QoS of each filter; overwritten with the granted QoS, or with 128
///   (MQTT_BAD_SUBSCRIBE) where the server rejected the subscription
/// @return
/// - 0 (MQTTCLIENT_SUCCESS): the server answered; qos holds the results
/// - -1 (MQTTCLIENT_FAILURE): count is not positive, or as for MQTTClient_subscribe()
/// - -6 (MQTTCLIENT_NULL_PARAMETER): topic or qos is NULL
/// - other negative codes: as for MQTTClient_subscribe(), for the first invalid filter; nothing was
///   sent
///
/// @note As for MQTTClient_subscribe().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_subscribeMany(
    handle: MQTTClient,
    count: c_int,
    topic: *const *mut c_char,
    qos: *mut c_int,
) -> c_int {
    client_entry!("MQTTClient_subscribeMany", Fault::FAILURE.code(), {
        if let Err(fault) = handle::find_before_5(handle) {
            return fault.code();
        }
        let request = Request { count, topics: topic, qos, options: ptr::null(), properties: ptr::null() };
        // SAFETY: what the application passes as such.
        unsafe { request.run_for_many(handle) }.reasonCode
    })
}

/// Subscribes to several topic filters with one packet, with options and properties, and waits for the
/// server's answer. For MQTT 5.0; with earlier versions options and properties are ignored.
///
/// @param handle the client
/// @param count number of filters
/// @param topic the filters
/// @param qos maximum QoS of each filter. Unchanged with MQTT 5.0; with earlier versions overwritten as
///   by MQTTClient_subscribeMany()
/// @param opts options of each filter, or NULL for the defaults; the caller keeps ownership
/// @param props properties of the SUBSCRIBE packet, or NULL; the caller keeps ownership
/// @return a response. With MQTT 5.0 its reasonCode is that of the first filter and reasonCodes has one
///   for each filter (NULL for a single one); with earlier versions reasonCode is 0. Negative codes are
///   those of MQTTClient_subscribeMany() except -16. Release it with MQTTResponse_free().
/// @note As for MQTTClient_subscribe().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_subscribeMany5(
    handle: MQTTClient,
    count: c_int,
    topic: *const *mut c_char,
    qos: *mut c_int,
    opts: *mut MQTTSubscribe_options,
    props: *mut MQTTProperties,
) -> MQTTResponse {
    client_entry!("MQTTClient_subscribeMany5", response::from_fault(Fault::FAILURE), {
        let request = Request { count, topics: topic, qos, options: opts, properties: props };
        // SAFETY: what the application passes as such.
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
    unsafe { request.run(handle, code_before_5) }
}

/// The granted QoS is not returned, only a rejection.
fn code_before_5(answer: &Answer) -> c_int {
    match answer.codes.first().map(|code| c_int::from(*code)) {
        Some(MQTT_BAD_SUBSCRIBE) => MQTT_BAD_SUBSCRIBE,
        Some(_) => MQTTCLIENT_SUCCESS,
        None => Fault::FAILURE.code(),
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
    /// Before MQTT 5.0 the QoS list is overwritten.
    ///
    /// # Safety
    /// As for [`Request::run`].
    unsafe fn run_for_many(&self, handle: MQTTClient) -> MQTTResponse {
        let granted = |answer: &Answer| {
            // SAFETY: the caller's promise; the list was accepted.
            unsafe { self.write_granted(answer) };
            MQTTCLIENT_SUCCESS
        };
        // SAFETY: the caller's promise.
        unsafe { self.run(handle, granted) }
    }

    /// Sends the request; `code_before_5` as for [`ask`].
    ///
    /// # Safety
    /// The lists are NULL or have `count` elements, which are what their names say.
    unsafe fn run(&self, handle: MQTTClient, code_before_5: impl FnOnce(&Answer) -> c_int) -> MQTTResponse {
        // SAFETY: the caller's promise.
        let filters = || unsafe { self.filters() };
        // SAFETY: the caller's promise.
        unsafe { ask(handle, filters, self.properties, code_before_5) }
    }

    /// # Safety
    /// As for [`Request::run`].
    unsafe fn filters<'a>(&self) -> Result<Vec<Filter<'a>>, Fault> {
        // SAFETY: the caller's promise.
        let mut filters = unsafe { filters_with_qos(self.count, self.topics, self.qos) }?;
        if !self.options.is_null() {
            for (index, filter) in filters.iter_mut().enumerate() {
                // SAFETY: not NULL, so the list has an element for each filter.
                let given = unsafe { self.options.wrapping_add(index).read() };
                given.apply_to(&mut filter.options);
            }
        }
        Ok(filters)
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

/// Sends a request and waits for its answer, which `code_before_5` makes a code of if it is not one of MQTT 5.0.
///
/// # Safety
/// `properties` is NULL or a list of properties.
pub(super) unsafe fn ask<'a, F: TopicFilter<'a>>(
    handle: MQTTClient,
    filters: impl FnOnce() -> Result<Vec<F>, Fault>,
    properties: *const MQTTProperties,
    code_before_5: impl FnOnce(&Answer) -> c_int,
) -> MQTTResponse {
    let response = handle::find_or_fail(handle).and_then(|client| {
        let is_version_5 = handle::is_version_5(&client);
        let read = filters().and_then(|filters| {
            // SAFETY: the caller's promise.
            Ok((filters, unsafe { properties_if(is_version_5, properties) }?))
        });
        let (filters, properties) = read.map_err(|fault| unless_disconnected(&client, fault))?;
        let answer = client.request(&filters, properties.view()).map_err(of_request)?;
        Ok(match is_version_5 {
            true => response::from_answer(&answer),
            false => response::from_code(code_before_5(&answer)),
        })
    });
    response.unwrap_or_else(response::from_fault)
}
