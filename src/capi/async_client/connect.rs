//! `MQTTAsync_connect`, `MQTTAsync_reconnect`, `MQTTAsync_disconnect`, `MQTTAsync_isConnected`.

use core::ffi::c_int;

use super::abi::MQTTAsync;
use super::codes::{Fault, code_of};
use super::connect_options::ConnectOptions;
use super::disconnect_options::DisconnectOptions;
use super::handle;
use super::options_abi::{MQTTAsync_connectOptions, MQTTAsync_disconnectOptions};
use crate::capi::shared::boundary::client_entry;
use crate::capi::shared::property_list::properties_if;

/// Requests a connection to the server. The result is reported once, by onSuccess or onFailure of the
/// options, with MQTT 5.0 by onSuccess5 or onFailure5.
///
/// The servers in options->serverURIs are tried in order; without a list, the one given at creation is
/// used. Each attempt is allowed connectTimeout seconds. With MQTTVERSION_DEFAULT, MQTT 3.1.1 is tried
/// first and MQTT 3.1 after any failure, except that a server which accepted one of them before is
/// tried again with that one.
///
/// With automaticReconnect, a lost connection is made again with the same options, after delays that
/// grow from minRetryInterval to maxRetryInterval seconds, until MQTTAsync_disconnect() is called. This
/// also applies if the first connect fails, after onFailure was called. Such connections are reported
/// only to the callback set with MQTTAsync_setConnected(). With several servers, a lost connection is
/// followed by an attempt to connect to the next server, even without automaticReconnect.
///
/// If a connect is already in progress, its request fails with -11 (MQTTASYNC_OPERATION_INCOMPLETE) and
/// the attempt continues, with its original options, for the new request. An attempt of automatic
/// reconnect is abandoned and replaced. On a connected client the new request fails with -18
/// (MQTTASYNC_COMMAND_IGNORED). While the client is disconnecting, the request waits.
///
/// The code passed to onFailure is one of those below; -11 (MQTTASYNC_OPERATION_INCOMPLETE) if
/// disconnect or destroy ended the attempt; -18; -2 or the result of the application's function if the
/// store could not be cleared for a new session; or the code sent by the server. With MQTT 5.0 the
/// server's code is in reasonCode, and code is -1.
///
/// @param handle the client
/// @param options connect options, initialized with MQTTAsync_connectOptions_initializer, for MQTT 5.0
///   with MQTTAsync_connectOptions_initializer5; only the members that exist in struct_version are read
/// @return the first that applies
/// - -6 (MQTTASYNC_NULL_PARAMETER): options is NULL
/// - -8 (MQTTASYNC_BAD_STRUCTURE): options has an invalid struct_id or struct_version
/// - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle
/// - -6: a server URI has a TLS scheme and options->ssl is NULL; or serverURIs or an element of it is
///   NULL
/// - -8, -9 (MQTTASYNC_BAD_QOS), -6, -17 (MQTTASYNC_0_LEN_WILL_TOPIC), -5 (MQTTASYNC_BAD_UTF8_STRING),
///   -1: the will has an invalid structure or QoS, a topic that is NULL, empty, or not UTF-8 or longer
///   than 65535 bytes, or a payload longer than 65535 bytes
/// - -8: ssl has an invalid struct_id or struct_version
/// - -16 (MQTTASYNC_WRONG_MQTT_VERSION): MQTTVersion is not one of the MQTTVERSION_ values; or it is 5
///   and the client was created for, or last connected with, another version
/// - -5: user name or password is not UTF-8 or is longer than 65535 bytes
/// - -8: MQTT 5.0 with a struct_version below 6
/// - -15 (MQTTASYNC_BAD_MQTT_OPTION): cleansession is set with MQTT 5.0; or cleanstart, onSuccess5,
///   onFailure5, connectProperties or willProperties with an earlier version
/// - -13 (MQTTASYNC_SSL_NOT_SUPPORTED): ssl is not NULL and the library was built without TLS
/// - -1: the binary password is longer than 65535 bytes, or the properties cannot be sent
/// - 0 (MQTTASYNC_SUCCESS): the request was accepted
///
/// @note After a failure no callback is made and nothing has changed. The options may be freed once the
///   call returns. May be called in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsync_connect(
    handle: MQTTAsync,
    options: *const MQTTAsync_connectOptions,
) -> c_int {
    client_entry!("MQTTAsync_connect", Fault::FAILURE.code(), {
        // SAFETY: NULL or the application's options.
        let options = unsafe { ConnectOptions::new(options) };
        code_of(options.and_then(|options| connect(handle, &options)))
    })
}

fn connect(handle: MQTTAsync, options: &ConnectOptions) -> Result<(), Fault> {
    let client = handle::find_or_fail(handle)?;
    let plan = options.plan(&client)?;
    Ok(client.start_connect(plan, options.requester())?)
}

/// Connects again with the options of the last connect. While automatic reconnect is waiting, the next
/// attempt is made at once.
///
/// @param handle the client
/// @return
/// - 0 (MQTTASYNC_SUCCESS): the request was accepted, or the client is already connected
/// - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle; MQTTAsync_connect() was never called;
///   or automatic reconnect is on and the application has disconnected
///
/// @note The callbacks of the last connect are not called again. A success is reported to the callback
///   set with MQTTAsync_setConnected(), a failure not at all. May be called in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsync_reconnect(handle: MQTTAsync) -> c_int {
    client_entry!("MQTTAsync_reconnect", Fault::FAILURE.code(), {
        code_of(handle::find_or_fail(handle).and_then(|client| Ok(client.reconnect()?)))
    })
}

/// Requests a disconnect, to be carried out after all earlier requests, and ends automatic reconnect
/// and any connect in progress. The result is reported by onSuccess or onFailure of the options, with
/// MQTT 5.0 by onSuccess5 or onFailure5.
///
/// If the session ends with the connection, as with cleansession, requests that are not complete fail
/// with -11 (MQTTASYNC_OPERATION_INCOMPLETE). Requests not yet sent are kept for the next connection.
///
/// @param handle the client
/// @param options disconnect options, initialized with MQTTAsync_disconnectOptions_initializer, for
///   MQTT 5.0 with MQTTAsync_disconnectOptions_initializer5; NULL for no waiting and no callbacks. A
///   reasonCode other than MQTTREASONCODE_NORMAL_DISCONNECTION makes an MQTT 5.0 server publish the
///   will message
/// @return the first that applies
/// - -8 (MQTTASYNC_BAD_STRUCTURE): options has an invalid struct_id or struct_version
/// - -1 (MQTTASYNC_FAILURE): handle is not a valid client handle, or the properties cannot be sent
/// - -5 (MQTTASYNC_BAD_UTF8_STRING): a string in the properties is not UTF-8
/// - -3 (MQTTASYNC_DISCONNECTED): not connected, or already disconnecting; attempts to connect have
///   ended
/// - 0 (MQTTASYNC_SUCCESS): the request was accepted
///
/// @note After a failure no callback is made. connectionLost is not called. May be called in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsync_disconnect(
    handle: MQTTAsync,
    options: *const MQTTAsync_disconnectOptions,
) -> c_int {
    client_entry!("MQTTAsync_disconnect", Fault::FAILURE.code(), {
        // SAFETY: NULL or the application's options.
        let options = unsafe { DisconnectOptions::new(options) };
        code_of(options.and_then(|options| disconnect(handle, &options)))
    })
}

fn disconnect(handle: MQTTAsync, options: &DisconnectOptions) -> Result<(), Fault> {
    let client = handle::find_or_fail(handle)?;
    let is_version_5 = handle::is_version_5(&client);
    // SAFETY: NULL or the list of the application's options.
    let properties = unsafe { properties_if(is_version_5, options.properties()) }?;
    let requester = options.requester(is_version_5);
    Ok(client.start_disconnect(options.timeout(), options.reason(), properties, requester)?)
}

/// Returns whether a client is connected. Does not wait.
///
/// @param handle the client
/// @return
/// - 1 (MQTTASYNC_TRUE): the client is connected, also while a disconnect is waiting for messages in
///   flight
/// - 0: it is not, or handle is not a valid client handle. Always 0 in connectionLost
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsync_isConnected(handle: MQTTAsync) -> c_int {
    client_entry!(
        "MQTTAsync_isConnected",
        0,
        handle::find(handle).is_some_and(|client| client.is_connected()).into()
    )
}
