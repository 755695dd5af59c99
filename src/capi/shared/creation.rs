//! Making and ending the clients of both interfaces.

use core::ffi::{c_char, c_int, c_void};
use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

use super::faults::Fault;
use super::handle;
use super::persistence_abi::MQTTCLIENT_PERSISTENCE_DEFAULT;
use super::program::Interface;
use super::transport_options::parse_uri;
use super::{store_calls, text, user_function};
use crate::engine::{self, Client, ServerUri, prepare_for_forks, start_log};
use crate::trace;

/// Client identifier and server of a client.
pub(crate) struct Identity<'a> {
    pub(crate) server: ServerUri,
    pub(crate) client_id: &'a [u8],
}

impl<'a> Identity<'a> {
    /// # Safety
    /// The texts are NULL or strings, unchanged during `'a`.
    pub(crate) unsafe fn check(
        server_uri: *const c_char,
        client_id: *const c_char,
        persistence_type: c_int,
    ) -> Result<Identity<'a>, Fault> {
        // SAFETY: the caller's promise.
        let server_uri = unsafe { text::bytes(server_uri) }.ok_or(Fault::NULL_PARAMETER)?;
        // SAFETY: the caller's promise.
        let client_id = unsafe { text::bytes(client_id) }.ok_or(Fault::NULL_PARAMETER)?;
        if !text::is_mqtt_string(client_id) {
            return Err(Fault::BAD_UTF8);
        }
        if client_id.is_empty() && persistence_type == MQTTCLIENT_PERSISTENCE_DEFAULT {
            return Err(Fault::PERSISTENCE);
        }
        let server = parse_uri(server_uri).ok_or(Fault::BAD_PROTOCOL)?;
        Ok(Identity { server, client_id })
    }
}

/// Makes a client and a handle for it. `None` if the process has no room for one more.
pub(crate) fn create(make: impl FnOnce() -> Arc<Client>) -> Option<(*mut c_void, Arc<Client>)> {
    handle_created();
    let client = make();
    let Some(handle) = engine::register(client.clone()) else {
        handle_destroyed();
        return None;
    };
    Some((ptr::without_provenance_mut(handle), client))
}

/// Destroys the client whose handle is in the application's variable, which becomes NULL; handles of the other
/// interface are not touched. Does nothing inside functions of a store.
pub(crate) fn destroy<I: Interface>(variable: &mut *mut c_void) {
    if store_calls::is_inside() {
        return;
    }
    let handle = std::mem::replace(variable, ptr::null_mut());
    if handle::find::<I>(handle).is_none() {
        return;
    }
    if let Some(client) = engine::unregister(handle.addr()) {
        client.destroy();
        drop(client);
        handle_destroyed();
    }
}

/// Handles that exist.
static HANDLES: AtomicUsize = AtomicUsize::new(0);

/// Counts a new handle. The first one starts the log. No lock may be held: the log calls the application.
fn handle_created() {
    prepare_for_forks();
    if HANDLES.fetch_add(1, Ordering::AcqRel) == 0 {
        user_function::prepare();
        start_log();
    }
}

/// Counts a handle that is gone. The last one ends the log, which starts again if another thread has
/// made a first handle meanwhile. No lock may be held.
fn handle_destroyed() {
    if HANDLES.fetch_sub(1, Ordering::AcqRel) == 1 {
        trace::TRACER.shutdown();
        if is_initialized() {
            start_log();
        }
    }
}

/// Whether the library is in use: from the first handle of the process to the last.
pub(crate) fn is_initialized() -> bool {
    HANDLES.load(Ordering::Acquire) > 0
}
