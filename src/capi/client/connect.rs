//! `MQTTClient_connect`, `MQTTClient_connect5`, `MQTTClient_disconnect`, `MQTTClient_disconnect5`,
//! `MQTTClient_isConnected`.

use core::ffi::c_int;
use core::ptr;
use std::os::unix::ffi::OsStrExt;

use super::abi::{
    MQTTCLIENT_SUCCESS, MQTTClient, MQTTClient_connectOptions, MQTTClient_connectOptions_returned,
    MQTTResponse,
};
use super::at_exit;
use super::codes::{Fault, code_of};
use super::connect_options::ConnectOptions;
use super::handle;
use super::response;
use crate::capi::shared::boundary::client_entry;
use crate::capi::shared::library;
use crate::capi::shared::option_values::milliseconds_or_zero;
use crate::capi::shared::property_abi::MQTTProperties;
use crate::capi::shared::property_conversion::properties_if;
use crate::capi::shared::reason_code_abi::MQTTReasonCodes;
use crate::engine::{Client, ConnectRequest, Connected};
use crate::protocol::{PropertyView, ReasonCode, Version};

/// Connects to the server and waits for its answer. For MQTT 3.1 and 3.1.1; with MQTTVersion set to
/// MQTTVERSION_5 in the options a client created for them becomes one for MQTT 5.0.
///
/// handle: the client. A connected client is disconnected first.
/// options: what kind of connection; begin with MQTTClient_connectOptions_initializer. Only the fields
/// that options->struct_version has are read. On success options->returned tells the server used, the
/// MQTT version used, and whether the server still had a session; returned.serverURI belongs to the
/// client and lives as long as it.
///
/// With options->serverURIs the servers are tried in order, otherwise the one given at create. Each is
/// given connectTimeout seconds. MQTTVERSION_DEFAULT tries MQTT 3.1.1 and then, whatever the first
/// failure was, 3.1.
///
/// All texts are copied; nothing in the options has to live on.
///
/// Returns
///
/// - 0 (MQTTCLIENT_SUCCESS) connected
/// - 1 to 5, and 128 and above with MQTT 5.0: the server refused, with this code
/// - -1 (MQTTCLIENT_FAILURE) no connection, no answer in time, or connectTimeout is not positive; there
///   is no client at all in the process; a binary password or a will payload is longer than 65535 bytes
/// - -3 (MQTTCLIENT_DISCONNECTED) the connection broke while stored messages were being resent
/// - -5 (MQTTCLIENT_BAD_UTF8_STRING) user name, password or will topic is not UTF-8 or longer than 65535
///   bytes
/// - -6 (MQTTCLIENT_NULL_PARAMETER) handle is no client; options, the will's topic or an entry of
///   serverURIs is NULL
/// - -8 (MQTTCLIENT_BAD_STRUCTURE) options or will has a wrong struct_id or struct_version
/// - -9 (MQTTCLIENT_BAD_QOS) the will's QoS is not 0, 1 or 2
/// - -11 (MQTTCLIENT_BAD_MQTT_VERSION) MQTTVersion is not one of the MQTTVERSION_ values
/// - -15 (MQTTCLIENT_BAD_MQTT_OPTION) cleansession is set with MQTT 5.0, or cleanstart with an earlier
///   version
/// - -16 (MQTTCLIENT_WRONG_MQTT_VERSION) the client is one for MQTT 5.0
/// - -17 (MQTTCLIENT_0_LEN_WILL_TOPIC) the will's topic is empty
///
/// After a failure the client is not connected and can be connected again. connectionLost is not called
/// for it.
///
/// May be called in any callback.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_connect(
    handle: MQTTClient,
    options: *mut MQTTClient_connectOptions,
) -> c_int {
    client_entry!("MQTTClient_connect", Fault::Failure.code(), {
        let call = ConnectCall { options, properties: ptr::null(), will_properties: ptr::null() };
        // SAFETY: NULL or what the program passes as such.
        code_of(unsafe { call.run(handle, false) }.map(drop))
    })
}

/// Connects to the server and waits for its answer. For MQTT 5.0: the client must have been created with
/// MQTTClient_createWithOptions() and MQTTVersion set to MQTTVERSION_5.
///
/// handle, options: as for MQTTClient_connect(); begin with MQTTClient_connectOptions_initializer5.
/// connectProperties: properties of the CONNECT packet, or NULL. willProperties: properties of the will,
/// or NULL. Both stay the program's.
///
/// Returns a response whose reasonCode is that of MQTTClient_connect(), except that -16
/// (MQTTCLIENT_WRONG_MQTT_VERSION) means that the client is not one for MQTT 5.0. On success its
/// properties are those of the server's answer; release them with MQTTResponse_free(). On failure they
/// are NULL.
///
/// May be called in any callback.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_connect5(
    handle: MQTTClient,
    options: *mut MQTTClient_connectOptions,
    connectProperties: *mut MQTTProperties,
    willProperties: *mut MQTTProperties,
) -> MQTTResponse {
    client_entry!("MQTTClient_connect5", response::from_fault(Fault::Failure), {
        let call = ConnectCall { options, properties: connectProperties, will_properties: willProperties };
        // SAFETY: NULL or what the program passes as such.
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
    properties: *const MQTTProperties,
    will_properties: *const MQTTProperties,
}

impl ConnectCall {
    /// `is_version_5`: for which handles the called function is.
    ///
    /// # Safety
    /// The pointers are NULL or what their names say, and stay unchanged during the call.
    unsafe fn run(&self, handle: MQTTClient, is_version_5: bool) -> Result<Connected, Fault> {
        let client = handle::find(handle);
        if client.as_ref().is_some_and(|client| handle::is_version_5(client) != is_version_5) {
            return Err(Fault::WrongVersion);
        }
        if !library::is_initialized() {
            return Err(Fault::Failure);
        }
        let client = client.filter(|_| !self.options.is_null()).ok_or(Fault::NullParameter)?;
        // SAFETY: the caller's promise, and not NULL.
        let options = unsafe { ConnectOptions::read(self.options, client.server()) }?;
        // SAFETY: the caller's promise.
        let properties = unsafe { properties_if(options.is_version_5(), self.properties) }?;
        // SAFETY: the caller's promise.
        let will_properties = unsafe { properties_if(options.is_version_5(), self.will_properties) }?;
        let takes_results = options.takes_results;
        client.set_version_level(options.version_level);
        let request = options.into_request(properties.view(), will_properties.view());
        let connected = client.connect(&request)?;
        at_exit::arrange();
        if takes_results {
            let returned = returned(&client, &request, &connected);
            // SAFETY: the options are new enough to have this field.
            unsafe { (*self.options).returned = returned };
        }
        Ok(connected)
    }
}

#[inline(never)]
fn returned(
    client: &Client,
    request: &ConnectRequest<'_>,
    connected: &Connected,
) -> MQTTClient_connectOptions_returned {
    let listed = request.servers.get(connected.server).and_then(Option::as_ref);
    let server = listed.unwrap_or_else(|| client.server());
    let text = handle::program(client).map(|program| program.returned_texts.keep(server.text.as_bytes()));
    MQTTClient_connectOptions_returned {
        serverURI: text.unwrap_or(ptr::null()),
        MQTTVersion: connected.version.level().into(),
        sessionPresent: connected.session_present.into(),
    }
}

/// Disconnects from the server.
///
/// handle: the client.
/// timeout: for how many milliseconds to wait until the messages in flight are complete; 0 or less: not
/// at all.
///
/// Calls that are waiting in other threads return. When this returns no callback of the client is
/// running and none will run until it connects again; in a callback of this very client, that callback
/// goes on and is the last. connectionLost is not called.
///
/// Returns
///
/// - 0 (MQTTCLIENT_SUCCESS) the client is disconnected, also if it was not connected
/// - -1 (MQTTCLIENT_FAILURE) handle is no client
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_disconnect(handle: MQTTClient, timeout: c_int) -> c_int {
    client_entry!("MQTTClient_disconnect", Fault::Failure.code(), {
        code_of(handle::find_or_fail(handle).map(|client| {
            let timeout = milliseconds_or_zero(timeout);
            client.disconnect(timeout, ReasonCode::SUCCESS, PropertyView::empty());
        }))
    })
}

/// Disconnects from the server with a reason and properties, which only MQTT 5.0 sends.
///
/// handle, timeout: as for MQTTClient_disconnect().
/// reason: sent to the server. Any but MQTTREASONCODE_NORMAL_DISCONNECTION makes it publish the will.
/// props: properties of the DISCONNECT packet, or NULL. They stay the program's.
///
/// Returns as MQTTClient_disconnect(); also -1, or -5 for a string that is not UTF-8, if the properties
/// cannot be sent. Nothing has happened then.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_disconnect5(
    handle: MQTTClient,
    timeout: c_int,
    reason: MQTTReasonCodes,
    props: *mut MQTTProperties,
) -> c_int {
    client_entry!("MQTTClient_disconnect5", Fault::Failure.code(), {
        code_of(handle::find_or_fail(handle).and_then(|client| {
            // SAFETY: NULL or the program's list.
            let properties = unsafe { properties_if(handle::is_version_5(&client), props) }?;
            // The packet has one byte for the reason.
            let reason = ReasonCode(reason as u8);
            client.disconnect(milliseconds_or_zero(timeout), reason, properties.view());
            Ok(())
        }))
    })
}

/// Whether a client is connected.
///
/// Returns 1 from a successful connect until the connection ends or its loss is noticed, otherwise 0; 0
/// also if handle is no client. In connectionLost and disconnected it is 0. Does not wait.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_isConnected(handle: MQTTClient) -> c_int {
    client_entry!(
        "MQTTClient_isConnected",
        0,
        handle::find(handle).is_some_and(|client| client.is_connected()).into()
    )
}
