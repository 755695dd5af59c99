//! `MQTTClient_create`, `MQTTClient_createWithOptions`, `MQTTClient_destroy`, `MQTTClient_global_init`.

use core::ffi::{c_char, c_int, c_void};
use core::ptr;
use std::sync::Arc;

use super::abi::{MQTTClient, MQTTClient_createOptions, MQTTClient_init_options};
use super::codes::{Fault, code_of};
use super::handle::{Program, Synchronous};
use crate::capi::shared::abi::MQTTVERSION_DEFAULT;
use crate::capi::shared::boundary::client_entry;
use crate::capi::shared::creation::{self, Identity};
use crate::capi::shared::{open_store, structure};
use crate::engine::{Client, StoreOptions};

/// Does nothing; kept for compatibility. The library and OpenSSL initialize themselves on first use.
///
/// @param inits ignored; may be NULL
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MQTTClient_global_init(inits: *mut MQTTClient_init_options) {
    // OpenSSL initialises itself on first use, so the options make no difference.
    let _ = inits;
}

/// Creates a client without options, for MQTT 3.1.1 and 3.1. Does not use the network.
///
/// @param handle set to the new client
/// @param serverURI see MQTTClient_createWithOptions()
/// @param clientId see MQTTClient_createWithOptions()
/// @param persistence_type see MQTTClient_createWithOptions()
/// @param persistence_context see MQTTClient_createWithOptions()
/// @return as MQTTClient_createWithOptions()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MQTTClient_create(
    handle: *mut MQTTClient,
    serverURI: *const c_char,
    clientId: *const c_char,
    persistence_type: c_int,
    persistence_context: *mut c_void,
) -> c_int {
    let (kind, context) = (persistence_type, persistence_context);
    // SAFETY: the same demands.
    unsafe { MQTTClient_createWithOptions(handle, serverURI, clientId, kind, context, ptr::null_mut()) }
}

/// Creates a client. Does not use the network.
///
/// Messages in flight that an earlier client with the same identifier and server left in a persistent
/// store are restored: outgoing messages are sent again after the next connect, received messages are
/// delivered.
///
/// @param handle set to the new client, which must be released with MQTTClient_destroy()
/// @param serverURI address of the server; see "Server URIs" at the top of this header
/// @param clientId client identifier, UTF-8; empty to let the server assign one
/// @param persistence_type where messages in flight are stored: MQTTCLIENT_PERSISTENCE_NONE (memory),
///   MQTTCLIENT_PERSISTENCE_DEFAULT (files) or MQTTCLIENT_PERSISTENCE_USER (functions of the
///   application)
/// @param persistence_context for files the directory, NULL for the working directory; for functions of
///   the application a pointer to an MQTTClient_persistence structure, which must stay valid until the
///   client is destroyed; otherwise ignored
/// @param options selects the MQTT version; NULL for MQTT 3.1.1 and 3.1
/// @return the first that applies
/// - -6 (MQTTCLIENT_NULL_PARAMETER): handle, serverURI or clientId is NULL
/// - -5 (MQTTCLIENT_BAD_UTF8_STRING): clientId is not UTF-8 or is longer than 65535 bytes
/// - -2 (MQTTCLIENT_PERSISTENCE_ERROR): clientId is empty, but messages are to be stored in files
/// - -14 (MQTTCLIENT_BAD_PROTOCOL): the scheme of the URI is unknown, or needs TLS and the library was
///   built without it
/// - -8 (MQTTCLIENT_BAD_STRUCTURE): options has an invalid struct_id or struct_version
/// - -1 (MQTTCLIENT_FAILURE): there are too many clients
/// - -2 (MQTTCLIENT_PERSISTENCE_ERROR): the store cannot be used: persistence_type or
///   persistence_context is invalid, the directory cannot be created or is in use by another process,
///   or it contains MQTT 5.0 messages and the client is for an earlier version. *handle is set all the
///   same, to a client without persistence that must be destroyed
/// - the result of a failing function of the application's store; *handle is set as for -2
/// - 0 (MQTTCLIENT_SUCCESS): the client was created
///
/// *handle is unchanged after a failure, except where noted.
/// @note All strings are copied. The functions of an MQTTClient_persistence structure may be called on
///   any thread, one at a time in the whole process. They must not call the API; every handle is
///   rejected while they run.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_createWithOptions(
    handle: *mut MQTTClient,
    serverURI: *const c_char,
    clientId: *const c_char,
    persistence_type: c_int,
    persistence_context: *mut c_void,
    options: *mut MQTTClient_createOptions,
) -> c_int {
    client_entry!("MQTTClient_createWithOptions", Fault::FAILURE.code(), {
        if handle.is_null() {
            return Fault::NULL_PARAMETER.code();
        }
        let (kind, context) = (persistence_type, persistence_context);
        // SAFETY: not NULL, so the application's variable; the others are what the application passes as such.
        code_of(unsafe { create(handle, serverURI, clientId, kind, context, options) })
    })
}

/// # Safety
/// `handle` can be written to. The other pointers are NULL or what their names say.
unsafe fn create(
    handle: *mut MQTTClient,
    server_uri: *const c_char,
    client_id: *const c_char,
    persistence_type: c_int,
    persistence_context: *mut c_void,
    options: *const MQTTClient_createOptions,
) -> Result<(), Fault> {
    // SAFETY: the caller's promise.
    let Identity { server, client_id } = unsafe { Identity::check(server_uri, client_id, persistence_type) }?;
    // SAFETY: the caller's promise.
    let version_level = unsafe { version_level(options) }?;
    let make = || Client::new(server, client_id, version_level, Arc::new(Program::new()));
    let (created, client) = creation::create(make).ok_or(Fault::FAILURE)?;
    // SAFETY: the caller's promise.
    unsafe { handle.write(created) };
    let options = StoreOptions::default();
    // SAFETY: the caller's promise.
    unsafe { open_store::open(&client, persistence_type, persistence_context, options, |store| store) }
        .map_err(Fault)
}

/// # Safety
/// `options` is NULL or points to create options.
unsafe fn version_level(options: *const MQTTClient_createOptions) -> Result<c_int, Fault> {
    if options.is_null() {
        return Ok(MQTTVERSION_DEFAULT);
    }
    // SAFETY: the caller's promise, and not NULL.
    Ok(unsafe { structure::read(options) }?.MQTTVersion)
}

/// Destroys a client and sets *handle to NULL. A connected client is disconnected first.
///
/// Messages, topic names and token arrays that the application has received remain valid. Unfinished
/// deliveries are abandoned; with a persistent store and a continuing session, the next client with the
/// same identifier and server resumes them.
///
/// @param handle the variable that holds the client; nothing happens if it is NULL or *handle is not a
///   valid client handle
/// @note When the call returns, no callback of the client is running and none will run. May be called
///   in callbacks; in a callback of the same client, the running callback completes and no further one
///   is made.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_destroy(handle: *mut MQTTClient) {
    client_entry!("MQTTClient_destroy", (), {
        // SAFETY: NULL or the application's variable.
        let Some(handle) = (unsafe { handle.as_mut() }) else { return };
        creation::destroy::<Synchronous>(handle);
    });
}
