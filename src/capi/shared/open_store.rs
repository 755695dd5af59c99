//! The store that a create call asks for.

use core::ffi::{c_char, c_int, c_void};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::persistence_abi::{
    MQTTCLIENT_PERSISTENCE_DEFAULT, MQTTCLIENT_PERSISTENCE_ERROR, MQTTCLIENT_PERSISTENCE_NONE,
    MQTTCLIENT_PERSISTENCE_USER,
};
use super::text;
use super::user_store::UserStore;
use crate::engine::{Client, FileOptions, FileStore, Store, StoreOptions, environment};
use crate::trace::{Level, trace};

/// Gives a new client its store, and what an earlier life of the client has left in it. `wrap` may put something
/// between the two. The error is the code for the application; the client then works without store.
///
/// # Safety
/// `context` is what the interface wants for this `kind`: for files NULL or a text, for functions of the application
/// NULL or its structure, which stays in place until the client is destroyed.
pub(crate) unsafe fn open(
    client: &Client,
    kind: c_int,
    context: *mut c_void,
    options: StoreOptions,
    wrap: impl FnOnce(Box<dyn Store>) -> Box<dyn Store>,
) -> Result<(), c_int> {
    if kind == MQTTCLIENT_PERSISTENCE_NONE {
        return Ok(());
    }
    // SAFETY: the caller's promise.
    let store = unsafe { store(client, kind, context) };
    let store = store.ok_or(MQTTCLIENT_PERSISTENCE_ERROR)?;
    client.open_store(wrap(store), options).map_err(|error| error.code)
}

/// `None`: the store cannot be made; the reason is logged.
///
/// # Safety
/// As for [`open`].
unsafe fn store(client: &Client, kind: c_int, context: *mut c_void) -> Option<Box<dyn Store>> {
    match kind {
        // SAFETY: the caller's promise.
        MQTTCLIENT_PERSISTENCE_DEFAULT => unsafe { file_store(client, context.cast()) },
        MQTTCLIENT_PERSISTENCE_USER => {
            let server = &client.server().text;
            // SAFETY: the caller's promise.
            let store = unsafe { UserStore::new(context.cast(), client.client_id(), server) };
            if store.is_none() {
                trace!(Level::Error, "A member of the MQTTClient_persistence structure is NULL");
            }
            Some(Box::new(store?))
        }
        _ => {
            trace!(Level::Error, "Unknown persistence type {kind}");
            None
        }
    }
}

fn file_options() -> FileOptions {
    let sync = environment::variable("PAHO_C_RS_FILE_STORE_SYNC").is_some_and(|value| value != "0");
    let shared = environment::variable("PAHO_C_RS_FILE_STORE_SHARED").is_some();
    FileOptions { sync, shared }
}

/// # Safety
/// `base` is NULL or a text.
unsafe fn file_store(client: &Client, base: *const c_char) -> Option<Box<dyn Store>> {
    // SAFETY: the caller's promise.
    let base = unsafe { text::bytes(base) }.unwrap_or(b".");
    let base = Path::new(OsStr::from_bytes(base));
    let client_id = std::str::from_utf8(client.client_id()).ok()?;
    match FileStore::new(base, client_id, &client.server().text, file_options()) {
        Ok(store) => Some(Box::new(store)),
        Err(error) => {
            trace!(Level::Error, "Persistence of client {client_id} cannot be used: {error}");
            None
        }
    }
}
