//! From the pointer a program holds to the client behind it.

use core::ffi::{c_int, c_ulong};
use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use super::abi::MQTTClient;
use super::callbacks::Program;
use super::codes::Fault;
use crate::capi::shared::version_abi::MQTTVERSION_5;
use crate::engine::{self, Client};

/// Longest time limit in milliseconds, so that no sum of times overflows: 100 years.
const LONGEST_WAIT: u64 = 100 * 366 * 24 * 3600 * 1000;

/// The client behind a handle. `None` for NULL and for what is no handle, or no longer.
#[inline]
pub(crate) fn find(handle: MQTTClient) -> Option<Arc<Client>> {
    engine::lookup(handle.addr())
}

/// The client behind a handle, for functions that answer -1 if there is none.
#[inline]
pub(crate) fn find_or_fail(handle: MQTTClient) -> Result<Arc<Client>, Fault> {
    find(handle).ok_or(Fault::Failure)
}

/// The client behind a handle, for functions that also refuse handles whose version is 5.
#[inline]
pub(crate) fn find_before_5(handle: MQTTClient) -> Result<Arc<Client>, Fault> {
    find_or_fail(handle)
        .and_then(|client| if is_version_5(&client) { Err(Fault::WrongVersion) } else { Ok(client) })
}

/// True for a handle whose version is 5.
#[inline]
pub(crate) fn is_version_5(client: &Client) -> bool {
    client.version_level() >= MQTTVERSION_5
}

/// What belongs to the C program behind a client. `None` for a client of another interface.
pub(crate) fn program(client: &Client) -> Option<&Program> {
    let application: &dyn Any = &**client.application();
    application.downcast_ref::<Program>()
}

/// A time limit given in milliseconds.
#[inline]
#[allow(clippy::useless_conversion, reason = "an unsigned long has 32 bits on some systems")]
pub(crate) fn milliseconds(time: c_ulong) -> Duration {
    Duration::from_millis(u64::from(time).min(LONGEST_WAIT))
}

/// A time limit given in milliseconds; negative means none at all.
pub(crate) fn milliseconds_or_zero(time: c_int) -> Duration {
    Duration::from_millis(u64::try_from(time).unwrap_or(0))
}
