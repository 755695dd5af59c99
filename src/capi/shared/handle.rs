//! Maps handles to clients.

use core::ffi::c_void;
use std::sync::Arc;

use super::abi::MQTTVERSION_5;
use super::program::{Interface, ProgramOf};
use super::store_calls;
use crate::engine::{self, Client};

/// The client of a handle of an interface. `None` for NULL, for what is not, or no
/// longer, a handle, for a handle of the other interface, and inside functions of a store.
#[inline]
pub(crate) fn find<I: Interface>(handle: *mut c_void) -> Option<Arc<Client>> {
    if store_calls::is_inside() {
        return None;
    }
    engine::lookup(handle.addr()).filter(|client| client.is_asynchronous() == I::ASYNCHRONOUS)
}

/// The application data of a client. `None` for a client of another interface.
#[inline]
pub(crate) fn program<I: Interface>(client: &Client) -> Option<&ProgramOf<I>> {
    client.application().as_any().downcast_ref()
}

/// True for a handle whose version is 5.
#[inline]
pub(crate) fn is_version_5(client: &Client) -> bool {
    client.version_level() >= MQTTVERSION_5
}
