//! Making and ending the clients of both interfaces.

use core::ffi::{c_char, c_int, c_void};
use core::ptr;
use std::sync::Arc;

use super::faults::Fault;
use super::handle::{self, InterfaceProgram};
use super::persistence_abi::MQTTCLIENT_PERSISTENCE_DEFAULT;
use super::transport_options::parse_uri;
use super::{library, store_calls, text};
use crate::engine::{self, Client, ServerUri};

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
        let server_uri = unsafe { text::bytes(server_uri) }.ok_or(Fault::NullParameter)?;
        // SAFETY: the caller's promise.
        let client_id = unsafe { text::bytes(client_id) }.ok_or(Fault::NullParameter)?;
        if !text::is_mqtt_string(client_id) {
            return Err(Fault::BadUtf8);
        }
        if client_id.is_empty() && persistence_type == MQTTCLIENT_PERSISTENCE_DEFAULT {
            return Err(Fault::Persistence);
        }
        let server = parse_uri(server_uri).ok_or(Fault::BadProtocol)?;
        Ok(Identity { server, client_id })
    }
}

/// Makes a client and a handle for it. `None` if the process has no room for one more.
pub(crate) fn create(make: impl FnOnce() -> Arc<Client>) -> Option<(*mut c_void, Arc<Client>)> {
    library::handle_created();
    let client = make();
    let Some(handle) = engine::register(client.clone()) else {
        library::handle_destroyed();
        return None;
    };
    Some((ptr::without_provenance_mut(handle), client))
}

/// Destroys the client whose handle is in the application's variable, which becomes NULL; handles of the other
/// interface are not touched. Does nothing inside functions of a store.
pub(crate) fn destroy<P: InterfaceProgram>(variable: &mut *mut c_void) {
    if store_calls::is_inside() {
        return;
    }
    let handle = std::mem::replace(variable, ptr::null_mut());
    if handle::find::<P>(handle).is_none() {
        return;
    }
    if let Some(client) = engine::unregister(handle.addr()) {
        client.destroy();
        drop(client);
        library::handle_destroyed();
    }
}
