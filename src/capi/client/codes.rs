//! The faults of the synchronous interface.

use core::ffi::{CStr, c_int};

use super::abi::{MQTTCLIENT_BAD_MQTT_VERSION, MQTTCLIENT_SSL_NOT_SUPPORTED};
pub(crate) use crate::capi::shared::faults::{Fault, code_of, unless_disconnected};
use crate::capi::shared::persistence_abi::MQTTCLIENT_PERSISTENCE_ERROR;
use crate::engine::{CallError, Cause, FailedRequest, RequestError};
use crate::protocol::ReasonCode;

impl From<CallError> for Fault {
    fn from(error: CallError) -> Self {
        match error {
            CallError::NotConnected => Fault::Disconnected,
            CallError::Failed => Fault::Failure,
            CallError::NoFreePacketId => Fault::MaximumInFlight,
            CallError::Request(error) => of_request(error),
        }
    }
}

fn of_request(error: RequestError) -> Fault {
    match error {
        RequestError::NotConnected => Fault::Disconnected,
        RequestError::NoFreePacketId => Fault::MaximumInFlight,
        RequestError::NotStored => Fault::Persistence,
        RequestError::WindowFull => Fault::Failure,
        RequestError::Encode(error) => error.into(),
        RequestError::QoSNotSupported => Fault::Reason(ReasonCode::QOS_NOT_SUPPORTED.0),
        RequestError::RetainNotSupported => Fault::Reason(ReasonCode::RETAIN_NOT_SUPPORTED.0),
        RequestError::PacketTooLarge => Fault::Reason(ReasonCode::PACKET_TOO_LARGE.0),
    }
}

impl From<FailedRequest> for Fault {
    fn from(failure: FailedRequest) -> Self {
        match failure.cause {
            Cause::ConnectRefused(code) => Fault::Reason(code),
            Cause::NotConnected => Fault::Disconnected,
            Cause::NotCleared(code) => Fault::Store(code),
            _ => Fault::Failure,
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
