//! `MQTTClient_create`, `MQTTClient_createWithOptions`, `MQTTClient_destroy`, `MQTTClient_global_init`.

use core::ffi::{c_char, c_int, c_void};
use core::ptr;
use std::sync::Arc;

use super::abi::{MQTTClient, MQTTClient_createOptions, MQTTClient_init_options};
use super::callbacks::Program;
use super::codes::{Fault, code_of};
use crate::capi::shared::boundary::client_entry;
use crate::capi::shared::creation::{self, Identity};
use crate::capi::shared::version_abi::MQTTVERSION_DEFAULT;
use crate::capi::shared::{persistence, structure};
use crate::engine::{Client, StoreOptions};

/// Newest `struct_version` of the create options.
const OPTIONS_VERSION: c_int = 0;

/// Prepares the library for use. Calling it is optional; the plain library has nothing to prepare.
///
/// inits: whether the program initialises OpenSSL itself, which matters to the libraries with TLS only.
/// NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MQTTClient_global_init(inits: *mut MQTTClient_init_options) {
    // OpenSSL initialises itself, once, whoever asks first. So the answer makes no difference.
    let _ = inits;
}

/// Creates a client. The network is not used. Equal to MQTTClient_createWithOptions() without options.
///
/// See there for the parameters and the results.
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

/// Creates a client. The network is not used.
///
/// handle: where the new client goes. Every client has to be released with MQTTClient_destroy().
/// serverURI: where the server is, as scheme://host:port or host:port. Schemes: tcp or mqtt; ws for
/// WebSockets; the libraries with TLS also have ssl, tls or mqtts, and wss. An IPv6 address stands in
/// square brackets. The port may be left out.
/// clientId: the client identifier, UTF-8; may be empty if the server shall choose one.
/// persistence_type: where messages in flight are kept: MQTTCLIENT_PERSISTENCE_NONE (in memory),
/// MQTTCLIENT_PERSISTENCE_DEFAULT (in files) or MQTTCLIENT_PERSISTENCE_USER (by functions of the
/// program). persistence_context: for files the directory, NULL meaning the working directory; for
/// functions of the program a pointer to a MQTTClient_persistence structure; otherwise not used.
/// options: the MQTT version the client is for; NULL means MQTT 3.1.1 or 3.1.
///
/// Messages in flight that an earlier client of this identifier and server has left in the store are
/// taken up: they are sent again after the next connect, and received messages wait to be fetched.
///
/// All texts are copied. A MQTTClient_persistence structure has to stay in place until the client is
/// destroyed; its functions are called from any thread, one at a time in the whole process. They cannot
/// use clients: for functions that they call no handle is a client.
///
/// Returns, the first that applies
///
/// - -6 (MQTTCLIENT_NULL_PARAMETER) handle, serverURI or clientId is NULL
/// - -5 (MQTTCLIENT_BAD_UTF8_STRING) clientId is not UTF-8 or longer than 65535 bytes
/// - -2 (MQTTCLIENT_PERSISTENCE_ERROR) clientId is empty, and messages shall be kept in files
/// - -14 (MQTTCLIENT_BAD_PROTOCOL) this library does not have the URI's scheme
/// - -8 (MQTTCLIENT_BAD_STRUCTURE) options has a wrong struct_id or struct_version
/// - -2 (MQTTCLIENT_PERSISTENCE_ERROR) persistence_type or persistence_context cannot be used; the
///   directory cannot be made, or another process has it open; there are messages of MQTT 5.0 in the
///   store, and the client is for an earlier version. Or the result of the function of the program that
///   failed. A client has been created nevertheless, which works without persistence and has to be
///   destroyed
/// - -1 (MQTTCLIENT_FAILURE) there are too many clients
/// - 0 (MQTTCLIENT_SUCCESS) otherwise
///
/// Except where it says so, *handle is not changed by a failing call.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_createWithOptions(
    handle: *mut MQTTClient,
    serverURI: *const c_char,
    clientId: *const c_char,
    persistence_type: c_int,
    persistence_context: *mut c_void,
    options: *mut MQTTClient_createOptions,
) -> c_int {
    client_entry!("MQTTClient_createWithOptions", Fault::Failure.code(), {
        if handle.is_null() {
            return Fault::NullParameter.code();
        }
        // SAFETY: NULL or what the program passes as such.
        let arguments = unsafe { Arguments::check(serverURI, clientId, persistence_type, options) };
        code_of(arguments.and_then(|arguments| {
            let (created, client) = arguments.create().ok_or(Fault::Failure)?;
            // SAFETY: not NULL, so the program's variable.
            unsafe { handle.write(created) };
            // SAFETY: what the program passes as such.
            unsafe {
                let options = StoreOptions::default();
                persistence::open(&client, persistence_type, persistence_context, options, |store| store)
            }
            .map_err(Fault::Store)
        }))
    })
}

/// What a client is created from.
struct Arguments<'a> {
    identity: Identity<'a>,
    version_level: c_int,
}

impl<'a> Arguments<'a> {
    /// # Safety
    /// The pointers are NULL or what their names say, and unchanged during `'a`.
    unsafe fn check(
        server_uri: *const c_char,
        client_id: *const c_char,
        persistence_type: c_int,
        options: *const MQTTClient_createOptions,
    ) -> Result<Arguments<'a>, Fault> {
        // SAFETY: the caller's promise.
        let identity = unsafe { Identity::check(server_uri, client_id, persistence_type) }?;
        // SAFETY: the caller's promise.
        let version_level = unsafe { version_level(options) }?;
        Ok(Arguments { identity, version_level })
    }

    /// A registered client. `None` if the process has no room for one more.
    fn create(self) -> Option<(MQTTClient, Arc<Client>)> {
        let Arguments { identity: Identity { server, client_id }, version_level } = self;
        creation::create(|| Client::new(server, client_id, version_level, Arc::new(Program::new())))
    }
}

/// # Safety
/// `options` is NULL or points to create options.
unsafe fn version_level(options: *const MQTTClient_createOptions) -> Result<c_int, Fault> {
    if options.is_null() {
        return Ok(MQTTVERSION_DEFAULT);
    }
    // SAFETY: the caller's promise, and not NULL.
    unsafe { structure::version_of(options, b"MQCO", OPTIONS_VERSION) }.ok_or(Fault::BadStructure)?;
    // SAFETY: every version has this field.
    Ok(unsafe { (*options).MQTTVersion })
}

/// Destroys a client and sets *handle to NULL. A connected client is disconnected first, with a
/// DISCONNECT packet.
///
/// handle: the client. Nothing happens if it is NULL, or if *handle is NULL or no client.
///
/// Messages, topic names and token arrays that the program has received stay valid; messages in flight
/// are forgotten. When this returns no callback of the client is running and none will run. May be
/// called in any callback; if it is one of this very client, that callback goes on and is the last.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTClient_destroy(handle: *mut MQTTClient) {
    client_entry!("MQTTClient_destroy", (), {
        // SAFETY: NULL or the program's variable.
        let Some(handle) = (unsafe { handle.as_mut() }) else { return };
        creation::destroy::<Program>(handle);
    });
}
