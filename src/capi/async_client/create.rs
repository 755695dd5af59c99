//! `MQTTAsync_create`, `MQTTAsync_createWithOptions`, `MQTTAsync_destroy`, `MQTTAsync_global_init`.

use core::ffi::{c_char, c_int, c_void};
use core::ptr;
use std::sync::Arc;

use super::abi::{MQTTAsync, MQTTAsync_init_options};
use super::callbacks::Program;
use super::codes::{Fault, code_of};
use super::create_options::CreateOptions;
use super::options_abi::MQTTAsync_createOptions;
use crate::capi::shared::boundary::client_entry;
use crate::capi::shared::creation::{self, Identity};
use crate::capi::shared::hooked_store::HookedStore;
use crate::capi::shared::persistence;
use crate::engine::{Client, Store};

/// Prepares the library for use. Calling it is optional; the plain library has nothing to prepare.
///
/// inits: whether the program initialises OpenSSL itself, which matters to the libraries with TLS only.
/// NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MQTTAsync_global_init(inits: *mut MQTTAsync_init_options) {
    // OpenSSL initialises itself, once, whoever asks first. So the answer makes no difference.
    let _ = inits;
}

/// Creates a client. The network is not used. Equal to MQTTAsync_createWithOptions() without options:
/// messages are taken only while it is connected, then without limit, and it is for MQTT 3.1.1 and 3.1.
///
/// See there for the parameters and the results.
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

/// Creates a client. The network is not used.
///
/// handle: where the new client goes. Every client has to be released with MQTTAsync_destroy().
/// serverURI: where the server is, as scheme://host:port or host:port. Schemes: tcp or mqtt; ws for
/// WebSockets; the libraries with TLS also have ssl, tls or mqtts, and wss. An IPv6 address stands in
/// square brackets. The port may be left out.
/// clientId: the client identifier, UTF-8; may be empty if the server shall choose one.
/// persistence_type: where messages are kept that wait or are in flight: MQTTCLIENT_PERSISTENCE_NONE (in
/// memory), MQTTCLIENT_PERSISTENCE_DEFAULT (in files) or MQTTCLIENT_PERSISTENCE_USER (by functions of
/// the program). persistence_context: for files the directory, NULL meaning the working directory; for
/// functions of the program a pointer to a MQTTClient_persistence structure; otherwise not used.
/// options: begin with MQTTAsync_createOptions_initializer, or for MQTT 5.0 with
/// MQTTAsync_createOptions_initializer5; NULL for none.
///
/// All texts are copied. A MQTTClient_persistence structure has to stay in place until the client is
/// destroyed; its functions are called from any thread, one at a time in the whole process. They cannot
/// use clients: for functions that they call no handle is a client.
///
/// Returns, the first that applies
///
/// - -6 (MQTTASYNC_NULL_PARAMETER) handle, serverURI or clientId is NULL
/// - -5 (MQTTASYNC_BAD_UTF8_STRING) clientId is not UTF-8 or longer than 65535 bytes
/// - -2 (MQTTASYNC_PERSISTENCE_ERROR) clientId is empty, and messages shall be kept in files
/// - -14 (MQTTASYNC_BAD_PROTOCOL) this library does not have the URI's scheme
/// - -19 (MQTTASYNC_MAX_BUFFERED) maxBufferedMessages is not positive
/// - -8 (MQTTASYNC_BAD_STRUCTURE) options has a wrong struct_id or struct_version
/// - -2 (MQTTASYNC_PERSISTENCE_ERROR) persistence_type or persistence_context cannot be used; *handle is
///   NULL then
/// - -1 (MQTTASYNC_FAILURE) there are too many clients
/// - 0 (MQTTASYNC_SUCCESS) otherwise
///
/// Except where it says so, *handle is not changed by a failing call.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsync_createWithOptions(
    handle: *mut MQTTAsync,
    serverURI: *const c_char,
    clientId: *const c_char,
    persistence_type: c_int,
    persistence_context: *mut c_void,
    options: *mut MQTTAsync_createOptions,
) -> c_int {
    client_entry!("MQTTAsync_createWithOptions", Fault::Failure.code(), {
        if handle.is_null() {
            return Fault::NullParameter.code();
        }
        // SAFETY: NULL or what the program passes as such.
        let arguments = unsafe { Arguments::check(serverURI, clientId, persistence_type, options) };
        code_of(arguments.and_then(|arguments| {
            let options = arguments.options.store;
            let (mut created, client, hooks) = arguments.create().ok_or(Fault::Failure)?;
            let wrap = |inner| -> Box<dyn Store> { Box::new(HookedStore { inner, hooks }) };
            // SAFETY: what the program passes as such.
            let opened =
                unsafe { persistence::open(&client, persistence_type, persistence_context, options, wrap) };
            if opened.is_err() {
                creation::destroy::<Program>(&mut created);
            }
            // SAFETY: not NULL, so the program's variable.
            unsafe { handle.write(created) };
            opened.map_err(Fault::Store)
        }))
    })
}

/// What a client is created from.
struct Arguments<'a> {
    identity: Identity<'a>,
    options: CreateOptions,
}

impl<'a> Arguments<'a> {
    /// # Safety
    /// The pointers are NULL or what their names say, and unchanged during `'a`.
    unsafe fn check(
        server_uri: *const c_char,
        client_id: *const c_char,
        persistence_type: c_int,
        options: *const MQTTAsync_createOptions,
    ) -> Result<Arguments<'a>, Fault> {
        // SAFETY: the caller's promise.
        let identity = unsafe { Identity::check(server_uri, client_id, persistence_type) }?;
        // SAFETY: the caller's promise.
        let options = unsafe { CreateOptions::read(options) }?;
        Ok(Arguments { identity, options })
    }

    /// A registered client. `None` if the process has no room for one more.
    fn create(self) -> Option<(MQTTAsync, Arc<Client>, Arc<Program>)> {
        let Arguments { identity: Identity { server, client_id }, options } = self;
        let CreateOptions { version_level, buffer, .. } = options;
        let program = Arc::new(Program::new());
        let application = program.clone();
        let (handle, client) = creation::create(|| {
            Client::new_asynchronous(server, client_id, version_level, application, buffer)
        })?;
        Some((handle, client, program))
    }
}

/// Destroys a client and sets *handle to NULL. A connected client is disconnected first, with a
/// DISCONNECT packet.
///
/// handle: the client. Nothing happens if it is NULL, or if *handle is NULL or no client.
///
/// Requests that are not complete fail with -11 (MQTTASYNC_OPERATION_INCOMPLETE); their callbacks have
/// run when this returns. After that no callback of the client is running and none will run. Messages,
/// topic names and token arrays that the program has received stay valid. May be called in any callback;
/// if it is one of this very client, that callback goes on and is the last.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsync_destroy(handle: *mut MQTTAsync) {
    client_entry!("MQTTAsync_destroy", (), {
        // SAFETY: NULL or the program's variable.
        let Some(handle) = (unsafe { handle.as_mut() }) else { return };
        creation::destroy::<Program>(handle);
    });
}
