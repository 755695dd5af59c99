//! `MQTTClient_connect`, `MQTTClient_connect5`, `MQTTClient_disconnect`, `MQTTClient_disconnect5`,
//! `MQTTClient_isConnected`.

use core::ffi::c_int;
use core::ptr;
use std::os::unix::ffi::OsStrExt;

use super::abi::{
    MQTTCLIENT_SUCCESS, MQTTClient, MQTTClient_connectOptions, MQTTClient_connectOptions_returned,
    MQTTResponse,
};
use super::codes::{Fault, code_of};
use super::connect_options::ConnectOptions;
use super::handle;
use super::response;
use crate::capi::shared::boundary::client_entry;
use crate::capi::shared::creation;
use crate::capi::shared::option_values::milliseconds_or_zero;
use crate::capi::shared::property_abi::MQTTProperties;
use crate::capi::shared::property_list::properties_if;
use crate::capi::shared::reason_codes::MQTTReasonCodes;
use crate::engine::{Client, ConnectPlan, Connected, await_gathered, gathers_in_this_process};
use crate::protocol::{PropertyView, ReasonCode, Version};

/// Connects to the server and waits for its answer. For MQTT 3.1 and 3.1.1. If options->MQTTVersion is
/// MQTTVERSION_5, the client becomes a client for MQTT 5.0.
///
/// The servers in options->serverURIs are tried in order; without a list, the one given at creation is
/// used. Each is allowed connectTimeout seconds. With MQTTVERSION_DEFAULT, MQTT 3.1.1 is tried first
/// and MQTT 3.1 after any failure. A connected client is disconnected first.
///
/// @param handle the client
/// @param options connect options, initialized with MQTTClient_connectOptions_initializer; only the
///   members that exist in struct_version are read. After a successful connect options->returned holds
///   the server and MQTT version in use and whether the server had a session.
/// @return
/// - 0 (MQTTCLIENT_SUCCESS): the client is connected
/// - 1 to 5, with MQTT 5.0 also 128 and above: the server refused the connection with this code
/// - -1 (MQTTCLIENT_FAILURE): no connection or no answer in time; connectTimeout is not positive; a URI
///   in serverURIs has an unknown scheme; the binary password or the will payload is longer than 65535
///   bytes; or there is no client at all in the process
/// - -3 (MQTTCLIENT_DISCONNECTED): the connection was lost while stored messages were being sent again
/// - -5 (MQTTCLIENT_BAD_UTF8_STRING): user name, password or will topic is not UTF-8 or is longer than
///   65535 bytes
/// - -6 (MQTTCLIENT_NULL_PARAMETER): handle is not a valid client handle; options, the will topic or an
///   element of serverURIs is NULL; or a server URI has a TLS scheme and options->ssl is NULL
/// - -8 (MQTTCLIENT_BAD_STRUCTURE): options, will or (in a library with TLS) ssl has an invalid
///   struct_id or struct_version
/// - -9 (MQTTCLIENT_BAD_QOS): the QoS of the will is not 0, 1 or 2
/// - -11 (MQTTCLIENT_BAD_MQTT_VERSION): MQTTVersion is not one of the MQTTVERSION_ values
/// - -15 (MQTTCLIENT_BAD_MQTT_OPTION): cleansession is set with MQTT 5.0, or cleanstart with an earlier
///   version
/// - -16 (MQTTCLIENT_WRONG_MQTT_VERSION): the client is for MQTT 5.0
/// - -17 (MQTTCLIENT_0_LEN_WILL_TOPIC): the will topic is empty
/// - -2 (MQTTCLIENT_PERSISTENCE_ERROR), or the result of the application's function: the store could
///   not be cleared for a new session
///
/// @note The options may be freed once the call returns. After a failure the client is not connected
///   and may connect again; connectionLost is not called. May be called in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_connect(
    handle: MQTTClient,
    options: *mut MQTTClient_connectOptions,
) -> c_int {
    client_entry!("MQTTClient_connect", Fault::FAILURE.code(), {
        let call = ConnectCall { options, properties: [ptr::null(); 2] };
        // SAFETY: NULL or what the application passes as such.
        code_of(unsafe { call.run(handle, false) }.map(drop))
    })
}

/// Connects to the server with MQTT 5.0 and waits for its answer. The client must have been created
/// with MQTTClient_createWithOptions() and MQTTVERSION_5.
///
/// @param handle the client
/// @param options connect options, initialized with MQTTClient_connectOptions_initializer5; otherwise
///   as for MQTTClient_connect()
/// @param connectProperties properties of the CONNECT packet, or NULL
/// @param willProperties properties of the will message, or NULL
/// @return a response whose reasonCode is that of MQTTClient_connect(), except that -16
///   (MQTTCLIENT_WRONG_MQTT_VERSION) means that the client is not for MQTT 5.0. After a successful
///   connect its properties are those of the CONNACK packet, otherwise NULL. Release it with
///   MQTTResponse_free().
/// @note The caller keeps ownership of all arguments. May be called in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_connect5(
    handle: MQTTClient,
    options: *mut MQTTClient_connectOptions,
    connectProperties: *mut MQTTProperties,
    willProperties: *mut MQTTProperties,
) -> MQTTResponse {
    client_entry!("MQTTClient_connect5", response::from_fault(Fault::FAILURE), {
        let call = ConnectCall { options, properties: [connectProperties, willProperties] };
        // SAFETY: NULL or what the application passes as such.
        unsafe { call.run(handle, true) }.map_or_else(response::from_fault, |connected| {
            let mut response = response::from_code(MQTTCLIENT_SUCCESS);
            if connected.version == Version::V5 {
                response.properties = response::always_listed(connected.properties.view());
            }
            response
        })
    })
}

/// The pointers of a connect call.
struct ConnectCall {
    options: *mut MQTTClient_connectOptions,
    /// Those of CONNECT and of the will.
    properties: [*const MQTTProperties; 2],
}

impl ConnectCall {
    /// `is_version_5`: for which handles the called function is.
    ///
    /// # Safety
    /// The pointers are NULL or what their names say, and stay unchanged during the call.
    unsafe fn run(&self, handle: MQTTClient, is_version_5: bool) -> Result<Connected, Fault> {
        let client = handle::find(handle);
        if client.as_ref().is_some_and(|client| handle::is_version_5(client) != is_version_5) {
            return Err(Fault::WRONG_VERSION);
        }
        if !creation::is_initialized() {
            return Err(Fault::FAILURE);
        }
        let client = client.filter(|_| !self.options.is_null()).ok_or(Fault::NULL_PARAMETER)?;
        // SAFETY: the caller's promise, and not NULL.
        let options = unsafe { ConnectOptions::read(self.options, self.properties, client.server()) }?;
        let ConnectOptions { version_level, takes_results, plan } = options;
        client.set_version_level(version_level);
        let connected = client.connect(&plan)?;
        arrange_end_of_process();
        if takes_results {
            let returned = returned(&client, &plan, &connected);
            // SAFETY: the options are new enough to have this field.
            unsafe { (*self.options).returned = returned };
        }
        Ok(connected)
    }
}

#[inline(never)]
fn returned(
    client: &Client,
    plan: &ConnectPlan,
    connected: &Connected,
) -> MQTTClient_connectOptions_returned {
    let listed = plan.servers.get(connected.server).and_then(Option::as_ref);
    let server = listed.unwrap_or_else(|| client.server());
    let text = handle::program(client).map(|program| program.returned_texts.keep(server.text.as_bytes()));
    MQTTClient_connectOptions_returned {
        serverURI: text.unwrap_or(ptr::null()),
        MQTTVersion: connected.version.level().into(),
        sessionPresent: connected.session_present.into(),
    }
}

/// Has messages accepted by publish written before the process ends. Called at each successful connect: registered that
/// late, so that it runs before what OpenSSL does at the end.
fn arrange_end_of_process() {
    if gathers_in_this_process() {
        // SAFETY: `at_exit` may be called at any time. Should it not be registered, nothing but its work is missing.
        unsafe { libc::atexit(at_exit) };
    }
}

extern "C" fn at_exit() {
    await_gathered();
}

/// Disconnects from the server.
///
/// @param handle the client
/// @param timeout milliseconds to wait for messages in flight to be completed; 0 or a negative value:
///   do not wait
/// @return
/// - 0 (MQTTCLIENT_SUCCESS): the client is disconnected, or was not connected
/// - -1 (MQTTCLIENT_FAILURE): handle is not a valid client handle
///
/// @note Calls that are waiting on other threads return. When this call returns, no callback of the
///   client is running and none will run before it connects again. In a callback of the same client,
///   the running callback completes and no further one is made. connectionLost is not called.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_disconnect(handle: MQTTClient, timeout: c_int) -> c_int {
    client_entry!("MQTTClient_disconnect", Fault::FAILURE.code(), {
        code_of(handle::find_or_fail(handle).map(|client| {
            let timeout = milliseconds_or_zero(timeout);
            client.disconnect(timeout, ReasonCode::SUCCESS, PropertyView::empty());
        }))
    })
}

/// Disconnects from the server with a reason code and properties, which are sent with MQTT 5.0 only.
///
/// @param handle the client
/// @param timeout milliseconds to wait for messages in flight to be completed; 0 or a negative value:
///   do not wait
/// @param reason reason code to send. The server publishes the will message unless it is
///   MQTTREASONCODE_NORMAL_DISCONNECTION
/// @param props properties of the DISCONNECT packet, or NULL; the caller keeps ownership
/// @return
/// - 0 (MQTTCLIENT_SUCCESS): the client is disconnected, or was not connected
/// - -1 (MQTTCLIENT_FAILURE): handle is not a valid client handle, or the properties cannot be sent;
///   nothing was done
/// - -5 (MQTTCLIENT_BAD_UTF8_STRING): a string in the properties is not UTF-8; nothing was done
///
/// @note As for MQTTClient_disconnect().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_disconnect5(
    handle: MQTTClient,
    timeout: c_int,
    reason: MQTTReasonCodes,
    props: *mut MQTTProperties,
) -> c_int {
    client_entry!("MQTTClient_disconnect5", Fault::FAILURE.code(), {
        code_of(handle::find_or_fail(handle).and_then(|client| {
            // SAFETY: NULL or the application's list.
            let properties = unsafe { properties_if(handle::is_version_5(&client), props) }?;
            // The packet has one byte for the reason.
            let reason = ReasonCode(reason as u8);
            client.disconnect(milliseconds_or_zero(timeout), reason, properties.view());
            Ok(())
        }))
    })
}

/// Returns whether a client is connected. Does not wait.
///
/// @param handle the client
/// @return
/// - 1: the client is connected
/// - 0: it is not, or handle is not a valid client handle. Always 0 in connectionLost and disconnected
///
/// @note Without callbacks a lost connection is noticed only inside API calls.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_isConnected(handle: MQTTClient) -> c_int {
    client_entry!(
        "MQTTClient_isConnected",
        0,
        handle::find(handle).is_some_and(|client| client.is_connected()).into()
    )
}
