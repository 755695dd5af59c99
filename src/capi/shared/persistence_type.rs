//! Which stores this library has.

use core::ffi::c_int;

use super::persistence_abi::MQTTCLIENT_PERSISTENCE_NONE;
use crate::engine::trace::{Level, trace};

/// True if messages can be kept in this way. Only memory is there to keep them in; to accept the other types and keep
/// nothing would be a lie.
pub(crate) fn is_available(kind: c_int) -> bool {
    if kind == MQTTCLIENT_PERSISTENCE_NONE {
        return true;
    }
    trace!(
        Level::Error,
        "Persistence type {kind} is not available in this build, only MQTTCLIENT_PERSISTENCE_NONE"
    );
    false
}
