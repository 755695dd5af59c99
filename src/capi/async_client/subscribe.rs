//! `MQTTAsync_subscribe`, `MQTTAsync_subscribeMany`.

use core::ffi::{c_char, c_int};

use super::abi::MQTTAsync;
use super::codes::{Fault, code_of, unless_disconnected};
use super::handle;
use super::response_abi::MQTTAsync_responseOptions;
use super::response_options::ResponseOptions;
use crate::capi::shared::boundary::client_entry;
use crate::capi::shared::property_list::properties_if;
use crate::capi::shared::subscriptions::filters_with_qos;
use crate::engine::Client;
use crate::protocol::Filter;

/// Requests a subscription to a topic filter.
///
/// onSuccess gets the granted QoS; onFailure gets code 128 (MQTT_BAD_SUBSCRIBE) if the server rejects
/// the subscription. With MQTT 5.0 onSuccess5 gets the server's reason code, 0, 1 or 2, and its
/// properties; onFailure5 gets a reason code of 128 or above. Code -11 (MQTTASYNC_OPERATION_INCOMPLETE)
/// means that the connection ended before the answer.
///
/// @param handle the client
/// @param topic topic filter, UTF-8, at most 65535 bytes; see "Topics and wildcards" at the top of this
///   header
/// @param qos maximum QoS of messages for this subscription: 0, 1 or 2
/// @param response callbacks, and with MQTT 5.0 subscribeOptions and properties; or NULL. Its token is
///   set before the request can complete
/// @return the first that applies
/// - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle
/// - -3 (MQTTASYNC_DISCONNECTED): not connected
/// - -5 (MQTTASYNC_BAD_UTF8_STRING): topic is NULL, not UTF-8 or too long
/// - -9 (MQTTASYNC_BAD_QOS): qos is not 0, 1 or 2
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
pub unsafe extern "C-unwind" fn MQTTAsync_subscribe(
    handle: MQTTAsync,
    topic: *const c_char,
    qos: c_int,
    response: *mut MQTTAsync_responseOptions,
) -> c_int {
    client_entry!("MQTTAsync_subscribe", Fault::FAILURE.code(), {
        let topic = topic.cast_mut();
        // SAFETY: NULL or the application's options.
        let response = unsafe { ResponseOptions::new(response) };
        let request = Request { count: 1, topics: &raw const topic, qos: &raw const qos, response };
        // SAFETY: lists of one element.
        code_of(unsafe { request.run(handle) })
    })
}

/// Requests subscriptions to several topic filters with one packet.
///
/// onSuccess gets the granted QoS of each filter, with 128 (MQTT_BAD_SUBSCRIBE) where the server
/// rejected the subscription; onSuccess5 gets the server's reason codes. onFailure and onFailure5 are
/// called if there is only one filter and the server rejects it, and for code -11
/// (MQTTASYNC_OPERATION_INCOMPLETE).
///
/// @param handle the client
/// @param count number of filters
/// @param topic the filters
/// @param qos maximum QoS of each filter
/// @param response as for MQTTAsync_subscribe(). With MQTT 5.0 and several filters, the options are in
///   subscribeOptionsList if subscribeOptionsCount is count; if it is 0 the defaults are used
/// @return as MQTTAsync_subscribe(), for the first invalid filter, and
/// - -1 (MQTTASYNC_FAILURE): count is not positive
/// - -6 (MQTTASYNC_NULL_PARAMETER): topic or qos is NULL, or subscribeOptionsList is NULL although
///   subscribeOptionsCount is count
/// - -15 (MQTTASYNC_BAD_MQTT_OPTION): with MQTT 5.0, subscribeOptionsCount is neither 0 nor count
///
/// @note As for MQTTAsync_subscribe().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsync_subscribeMany(
    handle: MQTTAsync,
    count: c_int,
    topic: *const *mut c_char,
    qos: *const c_int,
    response: *mut MQTTAsync_responseOptions,
) -> c_int {
    client_entry!("MQTTAsync_subscribeMany", Fault::FAILURE.code(), {
        // SAFETY: NULL or the application's options.
        let response = unsafe { ResponseOptions::new(response) };
        // SAFETY: what the application passes as such.
        code_of(unsafe { Request { count, topics: topic, qos, response }.run(handle) })
    })
}

/// The arguments of a subscribe call.
struct Request {
    count: c_int,
    topics: *const *mut c_char,
    qos: *const c_int,
    response: ResponseOptions,
}

impl Request {
    /// # Safety
    /// The lists are NULL or have `count` elements, which are what their names say.
    unsafe fn run(&self, handle: MQTTAsync) -> Result<(), Fault> {
        let client = handle::find_or_fail(handle)?;
        let is_version_5 = handle::is_version_5(&client);
        // SAFETY: the caller's promise.
        let filters = unsafe { filters_with_qos(self.count, self.topics, self.qos) }
            .map_err(|fault| unless_disconnected(&client, fault))?;
        let filters = if is_version_5 { self.with_options(filters) } else { Ok(filters) };
        let filters = filters.map_err(|fault| unless_refused(&client, fault))?;
        let requester =
            self.response.requester(is_version_5).map_err(|fault| unless_refused(&client, fault))?;
        // SAFETY: the caller's promise.
        let properties = unsafe { properties_if(is_version_5, self.response.properties()) }
            .map_err(|fault| unless_refused(&client, fault))?;
        let assigned = |token: u16| self.response.write_token(token.into());
        Ok(client.start_request(&filters, properties.view(), requester, assigned)?)
    }

    /// The filters with the options of MQTT 5.0.
    fn with_options<'a>(&self, mut filters: Vec<Filter<'a>>) -> Result<Vec<Filter<'a>>, Fault> {
        let count = filters.len();
        for (index, filter) in filters.iter_mut().enumerate() {
            if let Some(given) = self.response.of_subscription(index, count)? {
                given.apply_to(&mut filter.options);
            }
        }
        Ok(filters)
    }
}

/// Where the client would not take a request now, that is the fault, whatever else is wrong. Asked only when something is
/// wrong.
#[cold]
pub(super) fn unless_refused(client: &Client, fault: Fault) -> Fault {
    client.request_refusal().map_or(fault, Fault::from)
}
