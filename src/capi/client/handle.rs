//! Maps handles to clients.

use std::sync::Arc;

use super::abi::MQTTClient;
use super::callbacks::Program;
use super::codes::Fault;
use crate::capi::shared::handle as any_handle;
pub(crate) use crate::capi::shared::handle::is_version_5;
use crate::engine::Client;

/// The client of a handle. `None` for NULL and for what is not, or no longer, a handle of this interface.
#[inline]
pub(crate) fn find(handle: MQTTClient) -> Option<Arc<Client>> {
    any_handle::find::<Program>(handle)
}

/// The application data of a client.
pub(crate) fn program(client: &Client) -> Option<&Program> {
    any_handle::program(client)
}

/// The client of a handle, for functions that return -1 for an invalid handle.
#[inline]
pub(crate) fn find_or_fail(handle: MQTTClient) -> Result<Arc<Client>, Fault> {
    find(handle).ok_or(Fault::Failure)
}

/// The client of a handle, for functions that also reject clients of version 5.
#[inline]
pub(crate) fn find_before_5(handle: MQTTClient) -> Result<Arc<Client>, Fault> {
    find_or_fail(handle)
        .and_then(|client| if is_version_5(&client) { Err(Fault::WrongVersion) } else { Ok(client) })
}
