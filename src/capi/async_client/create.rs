//! `MQTTAsync_create`, `MQTTAsync_createWithOptions`, `MQTTAsync_destroy`, `MQTTAsync_global_init`.

use core::ffi::{c_char, c_int, c_void};
use core::ptr;
use std::sync::Arc;

use super::abi::{MQTTAsync, MQTTAsync_init_options};
use super::callbacks::{Asynchronous, Program};
use super::codes::{Fault, code_of};
use super::options_abi::MQTTAsync_createOptions;
use crate::capi::shared::abi::MQTTVERSION_DEFAULT;
use crate::capi::shared::boundary::client_entry;
use crate::capi::shared::creation::{self, Identity};
use crate::capi::shared::hooked_store::HookedStore;
use crate::capi::shared::{open_store, structure};
use crate::engine::{BufferOptions, Client, Store, StoreOptions};

/// Does nothing; kept for compatibility. The library and OpenSSL initialize themselves on first use.
///
/// @param inits ignored; may be NULL
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MQTTAsync_global_init(inits: *mut MQTTAsync_init_options) {
    // OpenSSL initialises itself on first use, so the options make no difference.
    let _ = inits;
}

/// Creates a client without options, for MQTT 3.1.1 and 3.1: messages can be sent only while it is
/// connected, and any number of them may wait. Does not use the network.
///
/// @param handle set to the new client
/// @param serverURI see MQTTAsync_createWithOptions()
/// @param clientId see MQTTAsync_createWithOptions()
/// @param persistence_type see MQTTAsync_createWithOptions()
/// @param persistence_context see MQTTAsync_createWithOptions()
/// @return as MQTTAsync_createWithOptions()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MQTTAsync_create(
    handle: *mut MQTTAsync,
    serverURI: *const c_char,
    clientId: *const c_char,
    persistence_type: c_int,
    persistence_context: *mut c_void,
) -> c_int {
    let (kind, context) = (persistence_type, persistence_context);
    // SAFETY: the same demands.
    unsafe { MQTTAsync_createWithOptions(handle, serverURI, clientId, kind, context, ptr::null_mut()) }
}

/// Creates a client. Does not use the network.
///
/// @param handle set to the new client, which must be released with MQTTAsync_destroy()
/// @param serverURI address of the server; see "Server URIs" at the top of this header
/// @param clientId client identifier, UTF-8; empty to let the server assign one
/// @param persistence_type where messages are stored that are buffered or in flight:
///   MQTTCLIENT_PERSISTENCE_NONE (memory), MQTTCLIENT_PERSISTENCE_DEFAULT (files) or
///   MQTTCLIENT_PERSISTENCE_USER (functions of the application)
/// @param persistence_context for files the directory, NULL for the working directory; for functions of
///   the application a pointer to an MQTTClient_persistence structure, which must stay valid until the
///   client is destroyed; otherwise ignored
/// @param options create options, initialized with MQTTAsync_createOptions_initializer, for MQTT 5.0
///   with MQTTAsync_createOptions_initializer5; or NULL
/// @return the first that applies
/// - -6 (MQTTASYNC_NULL_PARAMETER): handle, serverURI or clientId is NULL
/// - -5 (MQTTASYNC_BAD_UTF8_STRING): clientId is not UTF-8 or is longer than 65535 bytes
/// - -2 (MQTTASYNC_PERSISTENCE_ERROR): clientId is empty, but messages are to be stored in files
/// - -14 (MQTTASYNC_BAD_PROTOCOL): the scheme of the URI is unknown, or needs TLS and the library was
///   built without it
/// - -19 (MQTTASYNC_MAX_BUFFERED): maxBufferedMessages is not positive
/// - -8 (MQTTASYNC_BAD_STRUCTURE): options has an invalid struct_id or struct_version
/// - -1 (MQTTASYNC_FAILURE): there are too many clients
/// - -2 (MQTTASYNC_PERSISTENCE_ERROR), or the result of a failing function of the application's store:
///   the store cannot be used; *handle is set to NULL
/// - 0 (MQTTASYNC_SUCCESS): the client was created
///
/// *handle is unchanged after a failure, except where noted.
/// @note All strings are copied. The functions of an MQTTClient_persistence structure may be called on
///   any thread, one at a time in the whole process. They must not call the API; every handle is
///   rejected while they run.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsync_createWithOptions(
    handle: *mut MQTTAsync,
    serverURI: *const c_char,
    clientId: *const c_char,
    persistence_type: c_int,
    persistence_context: *mut c_void,
    options: *mut MQTTAsync_createOptions,
) -> c_int {
    client_entry!("MQTTAsync_createWithOptions", Fault::FAILURE.code(), {
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
    handle: *mut MQTTAsync,
    server_uri: *const c_char,
    client_id: *const c_char,
    persistence_type: c_int,
    persistence_context: *mut c_void,
    options: *const MQTTAsync_createOptions,
) -> Result<(), Fault> {
    // SAFETY: the caller's promise.
    let Identity { server, client_id } = unsafe { Identity::check(server_uri, client_id, persistence_type) }?;
    // SAFETY: the caller's promise.
    let CreateOptions { version_level, buffer, store } = unsafe { CreateOptions::read(options) }?;
    let program = Arc::new(Program::new());
    let hooks = program.clone();
    let make = || Client::new_asynchronous(server, client_id, version_level, program, buffer);
    let (mut created, client) = creation::create(make).ok_or(Fault::FAILURE)?;
    let wrap = |inner| -> Box<dyn Store> { Box::new(HookedStore { inner, hooks }) };
    // SAFETY: the caller's promise.
    let opened = unsafe { open_store::open(&client, persistence_type, persistence_context, store, wrap) };
    if opened.is_err() {
        creation::destroy::<Asynchronous>(&mut created);
    }
    // SAFETY: the caller's promise.
    unsafe { handle.write(created) };
    opened.map_err(Fault)
}

/// Destroys a client and sets *handle to NULL. A connected client is disconnected first.
///
/// Requests that are not complete fail with -11 (MQTTASYNC_OPERATION_INCOMPLETE); their callbacks have
/// run when the call returns. Messages, topic names and token arrays that the application has received
/// remain valid.
///
/// @param handle the variable that holds the client; nothing happens if it is NULL or *handle is not a
///   valid client handle
/// @note When the call returns, no callback of the client is running and none will run. May be called
///   in callbacks; in a callback of the same client, the running callback completes and no further one
///   is made.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsync_destroy(handle: *mut MQTTAsync) {
    client_entry!("MQTTAsync_destroy", (), {
        // SAFETY: NULL or the application's variable.
        let Some(handle) = (unsafe { handle.as_mut() }) else { return };
        creation::destroy::<Asynchronous>(handle);
    });
}

/// First version that says what the store is for. The initializers have said 2 since these fields are there.
const WITH_STORE_OPTIONS: c_int = 2;

/// What a client is created for.
pub(crate) struct CreateOptions {
    /// `MQTTVersion`; any number.
    pub(crate) version_level: c_int,
    pub(crate) buffer: BufferOptions,
    pub(crate) store: StoreOptions,
}

impl CreateOptions {
    /// Reads the fields which the options' version has. NULL means a client that sends only while it is
    /// connected, and any number of messages.
    ///
    /// # Safety
    /// `options` is NULL or points to create options.
    pub(crate) unsafe fn read(options: *const MQTTAsync_createOptions) -> Result<CreateOptions, Fault> {
        if options.is_null() {
            let (buffer, store) = (BufferOptions::default(), StoreOptions::default());
            let version_level = MQTTVERSION_DEFAULT;
            return Ok(CreateOptions { version_level, buffer, store });
        }
        // SAFETY: not NULL, and every version has this field.
        let maximum = unsafe { (*options).maxBufferedMessages };
        let maximum = usize::try_from(maximum).ok().filter(|maximum| *maximum > 0);
        let maximum = maximum.ok_or(Fault::BAD_BUFFER_LIMIT)?;
        // SAFETY: the caller's promise, and not NULL.
        let options = unsafe { structure::read(options) }?;
        let mut store = StoreOptions::default();
        if options.struct_version >= WITH_STORE_OPTIONS {
            store.restores_queues = options.restoreMessages != 0;
            store.keeps_at_most_once = options.persistQoS0 != 0;
        }
        Ok(CreateOptions {
            version_level: options.MQTTVersion,
            buffer: BufferOptions {
                send_while_disconnected: options.sendWhileDisconnected != 0,
                allow_at_any_time: options.allowDisconnectedSendAtAnyTime != 0,
                maximum_buffered: Some(maximum),
                delete_oldest: options.deleteOldestMessages != 0,
            },
            store,
        })
    }
}
