//! The faults of the synchronous interface.

use core::ffi::{CStr, c_int};

use super::abi::{MQTTCLIENT_BAD_MQTT_VERSION, MQTTCLIENT_SSL_NOT_SUPPORTED};
pub(crate) use crate::capi::shared::faults::{Fault, code_of, unless_disconnected};
use crate::capi::shared::persistence_abi::MQTTCLIENT_PERSISTENCE_ERROR;
use crate::engine::{Cause, FailedRequest, RequestError};

/// The fault of a request that takes a packet identifier: this interface has no code for the lack of one.
pub(crate) fn of_request(error: RequestError) -> Fault {
    if error == RequestError::NoFreePacketId { Fault::MAXIMUM_IN_FLIGHT } else { error.into() }
}

impl From<FailedRequest> for Fault {
    fn from(failure: FailedRequest) -> Self {
        match failure.cause {
            Cause::ConnectRefused(code) => Fault(code.into()),
            Cause::NotConnected => Fault::DISCONNECTED,
            Cause::NotCleared(code) => Fault(code),
            _ => Fault::FAILURE,
        }
    }
}

/// The texts of the codes that the other interface does not have.
pub(crate) fn own_text(code: c_int) -> Option<&'static CStr> {
    match code {
        MQTTCLIENT_PERSISTENCE_ERROR => Some(c"Persistence error"),
        MQTTCLIENT_SSL_NOT_SUPPORTED => Some(c"SSL is not supported"),
        MQTTCLIENT_BAD_MQTT_VERSION => Some(c"Unrecognized MQTT version"),
        _ => None,
    }
}
