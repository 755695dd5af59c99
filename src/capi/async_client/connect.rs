//! `MQTTAsync_connect`, `MQTTAsync_reconnect`, `MQTTAsync_disconnect`, `MQTTAsync_isConnected`.

use core::ffi::c_int;

use super::abi::MQTTAsync;
use super::codes::{Fault, code_of};
use super::connect_options::ConnectOptions;
use super::disconnect_options::DisconnectOptions;
use super::handle;
use super::options_abi::{MQTTAsync_connectOptions, MQTTAsync_disconnectOptions};
use crate::capi::shared::boundary::client_entry;
use crate::capi::shared::property_conversion::properties_if;

/// Asks for a connection to the server. The result is told by onSuccess or onFailure of the options, on
/// MQTT 5.0 by onSuccess5 or onFailure5: one of them is called, once.
///
/// handle: the client.
/// options: what kind of connection; begin with MQTTAsync_connectOptions_initializer, for MQTT 5.0 with
/// MQTTAsync_connectOptions_initializer5. Only the fields that options->struct_version has are read. For
/// MQTT 5.0 the client must have been created with MQTTVersion 5.
///
/// With options->serverURIs the servers are tried in order, otherwise the one given at create; each
/// attempt may take connectTimeout seconds, any time if that is negative. MQTTVERSION_DEFAULT asks for
/// MQTT 3.1.1, and for 3.1 where a server does not take that. With automaticReconnect a connection that is
/// lost is made again, with these options and growing pauses between minRetryInterval and
/// maxRetryInterval seconds, until MQTTAsync_disconnect(); so it is when the first connect fails, after
/// onFailure has said so. Such connections are told by the callback of MQTTAsync_setConnected() alone.
///
/// While a connect is under way, a second one takes its place: the first fails with -11, the attempt goes
/// on with the options of the first. An attempt that automatic reconnect makes ends instead, and this one
/// begins with its own options. On a client that is connected the request fails with -18
/// (MQTTASYNC_COMMAND_IGNORED); while a disconnect is being carried out it waits for its end.
///
/// In the result of a success serverURI is the server used: without its scheme if it is the one given at
/// create, otherwise as it stands in serverURIs. In the result of a failure code is one of those below,
/// -11 (MQTTASYNC_OPERATION_INCOMPLETE) when the request was given up by a disconnect or destroy, or
/// what the server answered; MQTT 5.0 has that in reasonCode, and -1 in code.
///
/// All texts and properties are copied; nothing in the options has to live on.
///
/// Returns, the first that applies
///
/// - -6 (MQTTASYNC_NULL_PARAMETER) options is NULL
/// - -8 (MQTTASYNC_BAD_STRUCTURE) options has a wrong struct_id or struct_version
/// - -1 (MQTTASYNC_FAILURE) handle is no client
/// - -8, -9 (MQTTASYNC_BAD_QOS), -6, -17 (MQTTASYNC_0_LEN_WILL_TOPIC), -5 (MQTTASYNC_BAD_UTF8_STRING)
///   the will: wrong structure, QoS not 0, 1 or 2, topic NULL, empty, or not UTF-8 or longer than 65535
///   bytes; -1 its payload is longer than that
/// - -8 ssl has a wrong struct_id or struct_version
/// - -16 (MQTTASYNC_WRONG_MQTT_VERSION) MQTTVersion is not one of the MQTTVERSION_ values; or it is 5 on
///   a client that was created for, or last connected with, another version
/// - -5 user name or password is not UTF-8 or longer than 65535 bytes
/// - -8 MQTT 5.0 with a struct_version below 6
/// - -15 (MQTTASYNC_BAD_MQTT_OPTION) cleansession is set with MQTT 5.0; cleanstart, onSuccess5,
///   onFailure5, connectProperties or willProperties are set with an earlier version
/// - -13 (MQTTASYNC_SSL_NOT_SUPPORTED) ssl is given, and this library has no TLS
/// - -1 the binary password is too long, or the properties cannot be sent; -6 serverURIs or an entry of
///   it is NULL
/// - 0 (MQTTASYNC_SUCCESS) accepted
///
/// If the result is not 0, none of the callbacks is called and nothing has changed. May be called in any
/// callback.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsync_connect(
    handle: MQTTAsync,
    options: *const MQTTAsync_connectOptions,
) -> c_int {
    client_entry!("MQTTAsync_connect", Fault::Failure.code(), {
        // SAFETY: NULL or the program's options.
        let options = unsafe { ConnectOptions::new(options) };
        code_of(options.and_then(|options| connect(handle, &options)))
    })
}

fn connect(handle: MQTTAsync, options: &ConnectOptions) -> Result<(), Fault> {
    let client = handle::find_or_fail(handle)?;
    let plan = options.plan(&client)?;
    Ok(client.start_connect(plan, options.result_callbacks().into_reply())?)
}

/// Connects again with the options of the last connect. While automatic reconnect is at work, the next
/// attempt is made at once instead of after its pause.
///
/// handle: the client. The callbacks of the last connect are not called again: success is told by the
/// callback of MQTTAsync_setConnected(), failure not at all.
///
/// Returns
///
/// - 0 (MQTTASYNC_SUCCESS) accepted; on a client that is connected nothing happens
/// - -1 (MQTTASYNC_FAILURE) handle is no client; it has never been connected; or automatic reconnect is
///   on and the program has disconnected
///
/// May be called in any callback.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsync_reconnect(handle: MQTTAsync) -> c_int {
    client_entry!("MQTTAsync_reconnect", Fault::Failure.code(), {
        code_of(handle::find_or_fail(handle).and_then(|client| Ok(client.reconnect()?)))
    })
}

/// Asks for the end of the connection, behind all requests made before it, and ends automatic reconnect
/// and any connect under way. The result is told by onSuccess or onFailure of the options, on MQTT 5.0
/// by onSuccess5 or onFailure5. connectionLost is not called.
///
/// handle: the client.
/// options: begin with MQTTAsync_disconnectOptions_initializer, for MQTT 5.0 with
/// MQTTAsync_disconnectOptions_initializer5; NULL means a timeout of 0 and no callbacks. timeout: for how
/// many milliseconds from now to wait until the messages in flight are complete; 0 or less: not at all.
/// reasonCode and properties are sent to a server of MQTT 5.0; a reason other than
/// MQTTREASONCODE_NORMAL_DISCONNECTION makes it publish the will.
///
/// When a session ends with the connection, as with cleansession, requests that are not complete fail
/// with -11 (MQTTASYNC_OPERATION_INCOMPLETE). Requests not sent yet wait for the next connection.
///
/// Returns, the first that applies
///
/// - -8 (MQTTASYNC_BAD_STRUCTURE) options has a wrong struct_id or struct_version
/// - -1 (MQTTASYNC_FAILURE) handle is no client, or the properties cannot be sent
/// - -3 (MQTTASYNC_DISCONNECTED) not connected; the client does not try to be any more, either
/// - 0 (MQTTASYNC_SUCCESS) accepted
///
/// If the result is not 0, none of the callbacks is called. May be called in any callback.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsync_disconnect(
    handle: MQTTAsync,
    options: *const MQTTAsync_disconnectOptions,
) -> c_int {
    client_entry!("MQTTAsync_disconnect", Fault::Failure.code(), {
        // SAFETY: NULL or the program's options.
        let options = unsafe { DisconnectOptions::new(options) };
        code_of(options.and_then(|options| disconnect(handle, &options)))
    })
}

fn disconnect(handle: MQTTAsync, options: &DisconnectOptions) -> Result<(), Fault> {
    let client = handle::find_or_fail(handle)?;
    let is_version_5 = handle::is_version_5(&client);
    // SAFETY: NULL or the list of the program's options.
    let properties = unsafe { properties_if(is_version_5, options.properties()) }?;
    let reply = options.reply(is_version_5);
    Ok(client.start_disconnect(options.timeout(), options.reason(), properties, reply)?)
}

/// Whether a client is connected.
///
/// Returns 1 (MQTTASYNC_TRUE) from a successful connect until the connection ends or its loss is
/// noticed, otherwise 0; 0 also if handle is no client. It is 1 while a disconnect waits for its time
/// limit, and 0 in connectionLost. Does not wait.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsync_isConnected(handle: MQTTAsync) -> c_int {
    client_entry!(
        "MQTTAsync_isConnected",
        0,
        handle::find(handle).is_some_and(|client| client.is_connected()).into()
    )
}
