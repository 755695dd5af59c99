//! Maps handles to clients, and to the applications that own them.

use core::ffi::c_int;
use std::sync::Arc;

use super::abi::MQTTClient;
use super::codes::Fault;
use crate::capi::shared::handle as any_handle;
pub(crate) use crate::capi::shared::handle::is_version_5;
use crate::capi::shared::messages::Delivery;
use crate::capi::shared::program::{self, Interface};
use crate::engine::Client;

/// The application that owns a handle.
pub(crate) type Program = program::ProgramOf<Synchronous>;

/// This interface.
pub(crate) struct Synchronous;

impl Interface for Synchronous {
    const ASYNCHRONOUS: bool = false;
    type UpdateConnectOptions = ();

    /// 0 means that strlen gives it.
    fn topic_length(delivery: &Delivery) -> c_int {
        if delivery.topic_has_zero() { delivery.topic_length() } else { 0 }
    }
}

/// The client of a handle. `None` for NULL and for what is not, or no longer, a handle of this interface.
#[inline]
pub(crate) fn find(handle: MQTTClient) -> Option<Arc<Client>> {
    any_handle::find::<Synchronous>(handle)
}

/// The application data of a client.
pub(crate) fn program(client: &Client) -> Option<&Program> {
    any_handle::program(client)
}

/// The client of a handle, for functions that return -1 for an invalid handle.
#[inline]
pub(crate) fn find_or_fail(handle: MQTTClient) -> Result<Arc<Client>, Fault> {
    find(handle).ok_or(Fault::FAILURE)
}

/// The client of a handle, for functions that also reject clients of version 5.
#[inline]
pub(crate) fn find_before_5(handle: MQTTClient) -> Result<Arc<Client>, Fault> {
    find_or_fail(handle)
        .and_then(|client| if is_version_5(&client) { Err(Fault::WRONG_VERSION) } else { Ok(client) })
}
