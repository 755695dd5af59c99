//! What can go wrong in the synchronous interface, and the number each fault has in C.

use core::ffi::c_int;

use super::abi::{
    MQTTCLIENT_0_LEN_WILL_TOPIC, MQTTCLIENT_BAD_MQTT_OPTION, MQTTCLIENT_BAD_MQTT_VERSION,
    MQTTCLIENT_BAD_PROTOCOL, MQTTCLIENT_BAD_QOS, MQTTCLIENT_BAD_STRUCTURE, MQTTCLIENT_BAD_UTF8_STRING,
    MQTTCLIENT_DISCONNECTED, MQTTCLIENT_FAILURE, MQTTCLIENT_MAX_MESSAGES_INFLIGHT, MQTTCLIENT_NULL_PARAMETER,
    MQTTCLIENT_SUCCESS, MQTTCLIENT_TOPICNAME_TRUNCATED, MQTTCLIENT_WRONG_MQTT_VERSION,
};
use crate::capi::shared::option_fault::OptionFault;
use crate::capi::shared::persistence_abi::MQTTCLIENT_PERSISTENCE_ERROR;
use crate::capi::shared::property_conversion::ConversionFault;
use crate::engine::{CallError, Cause, FailedRequest, RequestError};
use crate::protocol::{EncodeError, ReasonCode};

/// Out of memory. The code has no public name.
const OUT_OF_MEMORY: c_int = -99;

/// Why a function did not do what it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Failed or out of time, for no reason that has an own code.
    Failure,
    /// The store cannot be used.
    Persistence,
    /// The same, with the code of the application's own function.
    Store(c_int),
    /// Not connected.
    Disconnected,
    /// All packet identifiers are in use.
    MaximumInFlight,
    /// A text is not UTF-8, or too long for a packet.
    BadUtf8,
    /// An argument is NULL.
    NullParameter,
    /// The topic contains zero bytes.
    TopicTruncated,
    /// Wrong eyecatcher or version of a structure.
    BadStructure,
    /// A QoS is not 0, 1 or 2.
    BadQoS,
    /// Not an MQTT version.
    BadVersion,
    /// Scheme not supported.
    BadProtocol,
    /// An option of another MQTT version.
    BadOption,
    /// A function for another MQTT version than the handle's.
    WrongVersion,
    /// The will has an empty topic.
    EmptyWillTopic,
    /// Out of memory.
    OutOfMemory,
    /// What the server answered, or what it announced it would: a CONNACK code or an MQTT 5.0 reason
    /// code.
    Reason(u8),
}

impl Fault {
    /// The number in C.
    pub(crate) fn code(self) -> c_int {
        match self {
            Fault::Failure => MQTTCLIENT_FAILURE,
            Fault::Persistence => MQTTCLIENT_PERSISTENCE_ERROR,
            Fault::Store(code) => code,
            Fault::Disconnected => MQTTCLIENT_DISCONNECTED,
            Fault::MaximumInFlight => MQTTCLIENT_MAX_MESSAGES_INFLIGHT,
            Fault::BadUtf8 => MQTTCLIENT_BAD_UTF8_STRING,
            Fault::NullParameter => MQTTCLIENT_NULL_PARAMETER,
            Fault::TopicTruncated => MQTTCLIENT_TOPICNAME_TRUNCATED,
            Fault::BadStructure => MQTTCLIENT_BAD_STRUCTURE,
            Fault::BadQoS => MQTTCLIENT_BAD_QOS,
            Fault::BadVersion => MQTTCLIENT_BAD_MQTT_VERSION,
            Fault::BadProtocol => MQTTCLIENT_BAD_PROTOCOL,
            Fault::BadOption => MQTTCLIENT_BAD_MQTT_OPTION,
            Fault::WrongVersion => MQTTCLIENT_WRONG_MQTT_VERSION,
            Fault::EmptyWillTopic => MQTTCLIENT_0_LEN_WILL_TOPIC,
            Fault::OutOfMemory => OUT_OF_MEMORY,
            Fault::Reason(code) => code.into(),
        }
    }
}

/// The code of a result: 0 for success.
#[inline]
pub(crate) fn code_of(result: Result<(), Fault>) -> c_int {
    result.map_or_else(Fault::code, |()| MQTTCLIENT_SUCCESS)
}

impl From<OptionFault> for Fault {
    fn from(fault: OptionFault) -> Self {
        match fault {
            OptionFault::BadStructure => Fault::BadStructure,
            OptionFault::BadQoS => Fault::BadQoS,
            OptionFault::NullParameter => Fault::NullParameter,
            OptionFault::EmptyWillTopic => Fault::EmptyWillTopic,
            OptionFault::BadUtf8 => Fault::BadUtf8,
            OptionFault::BadLength => Fault::Failure,
            OptionFault::NoNameForFiles => Fault::Persistence,
            OptionFault::BadProtocol => Fault::BadProtocol,
        }
    }
}

impl From<CallError> for Fault {
    fn from(error: CallError) -> Self {
        match error {
            CallError::NotConnected => Fault::Disconnected,
            CallError::Failed => Fault::Failure,
            CallError::NoFreePacketId => Fault::MaximumInFlight,
            CallError::Request(error) => error.into(),
        }
    }
}

impl From<RequestError> for Fault {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::NotConnected => Fault::Disconnected,
            RequestError::NoFreePacketId => Fault::MaximumInFlight,
            RequestError::NotStored => Fault::Persistence,
            RequestError::WindowFull => Fault::Failure,
            RequestError::Encode(error) => error.into(),
            RequestError::QoSNotSupported => ReasonCode::QOS_NOT_SUPPORTED.into(),
            RequestError::RetainNotSupported => ReasonCode::RETAIN_NOT_SUPPORTED.into(),
            RequestError::PacketTooLarge => ReasonCode::PACKET_TOO_LARGE.into(),
        }
    }
}

impl From<ReasonCode> for Fault {
    fn from(reason: ReasonCode) -> Self {
        Fault::Reason(reason.0)
    }
}

impl From<EncodeError> for Fault {
    fn from(error: EncodeError) -> Self {
        match error {
            EncodeError::StringTooLong | EncodeError::BadUtf8 => Fault::BadUtf8,
            EncodeError::PacketTooLarge
            | EncodeError::PropertyOutOfRange
            | EncodeError::OptionOutOfRange
            | EncodeError::PacketIdMissing => Fault::Failure,
        }
    }
}

impl From<ConversionFault> for Fault {
    fn from(fault: ConversionFault) -> Self {
        match fault {
            ConversionFault::Entry(_) => Fault::Failure,
            ConversionFault::Encode(error) => error.into(),
        }
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
