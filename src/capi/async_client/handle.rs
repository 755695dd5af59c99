//! Maps handles to clients.

use std::sync::Arc;

use super::abi::MQTTAsync;
use super::callbacks::{Asynchronous, Program};
use super::codes::Fault;
use crate::capi::shared::handle as any_handle;
pub(crate) use crate::capi::shared::handle::is_version_5;
use crate::engine::Client;

/// The client of a handle. `None` for NULL and for what is not, or no longer, a handle of this interface.
#[inline]
pub(crate) fn find(handle: MQTTAsync) -> Option<Arc<Client>> {
    any_handle::find::<Asynchronous>(handle)
}

/// The client of a handle, for functions that return -1 for an invalid handle.
#[inline]
pub(crate) fn find_or_fail(handle: MQTTAsync) -> Result<Arc<Client>, Fault> {
    find(handle).ok_or(Fault::FAILURE)
}

/// The application data of a client.
pub(crate) fn program(client: &Client) -> Option<&Program> {
    any_handle::program(client)
}
