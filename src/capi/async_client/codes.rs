//! What can go wrong in the asynchronous interface, and the number each fault has in C.

use core::ffi::{CStr, c_int};

use super::abi::{
    MQTTASYNC_0_LEN_WILL_TOPIC, MQTTASYNC_BAD_MQTT_OPTION, MQTTASYNC_BAD_PROTOCOL, MQTTASYNC_BAD_QOS,
    MQTTASYNC_BAD_STRUCTURE, MQTTASYNC_BAD_UTF8_STRING, MQTTASYNC_COMMAND_IGNORED, MQTTASYNC_DISCONNECTED,
    MQTTASYNC_FAILURE, MQTTASYNC_MAX_BUFFERED, MQTTASYNC_MAX_BUFFERED_MESSAGES, MQTTASYNC_NO_MORE_MSGIDS,
    MQTTASYNC_NULL_PARAMETER, MQTTASYNC_OPERATION_INCOMPLETE, MQTTASYNC_PERSISTENCE_ERROR,
    MQTTASYNC_SSL_NOT_SUPPORTED, MQTTASYNC_SUCCESS, MQTTASYNC_WRONG_MQTT_VERSION,
};
use crate::capi::shared::option_fault::OptionFault;
use crate::capi::shared::property_conversion::ConversionFault;
use crate::engine::{AsyncError, Cause, RequestError};
use crate::protocol::{EncodeError, ReasonCode};

/// Out of memory. The code has no public name.
const OUT_OF_MEMORY: c_int = -99;

/// Why a function did not do what it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Failed, for no reason that has an own code.
    Failure,
    /// The store cannot be used.
    Persistence,
    /// The store failed, with this code.
    Store(c_int),
    /// Not connected.
    Disconnected,
    /// A text is not UTF-8, or too long for a packet.
    BadUtf8,
    /// An argument is NULL.
    NullParameter,
    /// Wrong eyecatcher or version of a structure.
    BadStructure,
    /// A QoS is not 0, 1 or 2.
    BadQoS,
    /// All packet identifiers are in use.
    NoMorePacketIds,
    /// As many messages wait as may.
    MaximumBufferedMessages,
    /// TLS options, and no TLS in this library.
    TlsNotSupported,
    /// Scheme not supported.
    BadProtocol,
    /// An option or a callback of another MQTT version.
    BadOption,
    /// Not a version this client can use.
    WrongVersion,
    /// The will has an empty topic.
    EmptyWillTopic,
    /// The number of messages that may wait is not positive.
    BadBufferLimit,
    /// Out of memory.
    OutOfMemory,
}

impl Fault {
    /// The number in C.
    pub(crate) fn code(self) -> c_int {
        match self {
            Fault::Failure => MQTTASYNC_FAILURE,
            Fault::Persistence => MQTTASYNC_PERSISTENCE_ERROR,
            Fault::Store(code) => code,
            Fault::Disconnected => MQTTASYNC_DISCONNECTED,
            Fault::BadUtf8 => MQTTASYNC_BAD_UTF8_STRING,
            Fault::NullParameter => MQTTASYNC_NULL_PARAMETER,
            Fault::BadStructure => MQTTASYNC_BAD_STRUCTURE,
            Fault::BadQoS => MQTTASYNC_BAD_QOS,
            Fault::NoMorePacketIds => MQTTASYNC_NO_MORE_MSGIDS,
            Fault::MaximumBufferedMessages => MQTTASYNC_MAX_BUFFERED_MESSAGES,
            Fault::TlsNotSupported => MQTTASYNC_SSL_NOT_SUPPORTED,
            Fault::BadProtocol => MQTTASYNC_BAD_PROTOCOL,
            Fault::BadOption => MQTTASYNC_BAD_MQTT_OPTION,
            Fault::WrongVersion => MQTTASYNC_WRONG_MQTT_VERSION,
            Fault::EmptyWillTopic => MQTTASYNC_0_LEN_WILL_TOPIC,
            Fault::BadBufferLimit => MQTTASYNC_MAX_BUFFERED,
            Fault::OutOfMemory => OUT_OF_MEMORY,
        }
    }
}

/// The code of a result: 0 for success.
#[inline]
pub(crate) fn code_of(result: Result<(), Fault>) -> c_int {
    result.map_or_else(Fault::code, |()| MQTTASYNC_SUCCESS)
}

impl From<AsyncError> for Fault {
    fn from(error: AsyncError) -> Self {
        match error {
            AsyncError::NotConnected => Fault::Disconnected,
            AsyncError::Failed => Fault::Failure,
            AsyncError::NoFreePacketId => Fault::NoMorePacketIds,
            AsyncError::TooManyBuffered => Fault::MaximumBufferedMessages,
            AsyncError::Request(error) => error.into(),
        }
    }
}

impl From<RequestError> for Fault {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::NotConnected => Fault::Disconnected,
            RequestError::NoFreePacketId => Fault::NoMorePacketIds,
            RequestError::Encode(error) => error.into(),
            RequestError::NotStored => Fault::Persistence,
            RequestError::WindowFull
            | RequestError::QoSNotSupported
            | RequestError::RetainNotSupported
            | RequestError::PacketTooLarge => Fault::Failure,
        }
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

impl From<ConversionFault> for Fault {
    fn from(fault: ConversionFault) -> Self {
        match fault {
            ConversionFault::Entry(_) => Fault::Failure,
            ConversionFault::Encode(error) => error.into(),
        }
    }
}

/// The failure of a request in numbers and words, as a failure callback gets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FailureCodes {
    /// `code` for programs of MQTT 3: that of the library, or the server's.
    pub(crate) code: c_int,
    /// `code` for MQTT 5 applications, which find the server's code in `reasonCode`.
    pub(crate) code_5: c_int,
    /// `reasonCode`
    pub(crate) reason: ReasonCode,
    /// `message` where it is always the same: programs compare it, show it to people and may keep it.
    pub(crate) message: Option<&'static CStr>,
}

impl FailureCodes {
    /// Those of a cause and of the reason that came with it.
    pub(crate) fn new(cause: Cause, reason: ReasonCode) -> FailureCodes {
        let of_library = |code, message| FailureCodes { code, code_5: code, reason, message };
        match cause {
            Cause::NotUpgraded => of_library(MQTTASYNC_FAILURE, Some(c"socket error")),
            Cause::NotReached => of_library(MQTTASYNC_FAILURE, Some(c"TCP/TLS connect failure")),
            Cause::NotCompleted => of_library(MQTTASYNC_FAILURE, Some(c"TCP connect completion failure")),
            Cause::TimedOut => of_library(MQTTASYNC_FAILURE, Some(c"TCP connect timeout")),
            Cause::ConnectRefused(code) => FailureCodes {
                code: code.into(),
                code_5: MQTTASYNC_FAILURE,
                reason: ReasonCode(code),
                message: Some(c"CONNACK return code"),
            },
            Cause::NotCleared(code) => of_library(code, Some(c"CONNACK return code")),
            Cause::Refused => {
                FailureCodes { code: reason.0.into(), code_5: MQTTASYNC_SUCCESS, reason, message: None }
            }
            Cause::ServerDisconnected => FailureCodes {
                code: reason.0.into(),
                code_5: MQTTASYNC_FAILURE,
                reason,
                message: Some(c"Received disconnect"),
            },
            Cause::NotFound | Cause::NotSent | Cause::Unusable => of_library(MQTTASYNC_FAILURE, None),
            Cause::Discarded => of_library(MQTTASYNC_OPERATION_INCOMPLETE, None),
            Cause::Displaced => of_library(MQTTASYNC_MAX_BUFFERED_MESSAGES, None),
            Cause::NotConnected => of_library(MQTTASYNC_DISCONNECTED, None),
            Cause::Ignored => of_library(MQTTASYNC_COMMAND_IGNORED, None),
        }
    }
}
