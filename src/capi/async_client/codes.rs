//! The faults of the asynchronous interface, and what failure callbacks get.

use core::ffi::{CStr, c_int};

use super::abi::{
    MQTTASYNC_COMMAND_IGNORED, MQTTASYNC_DISCONNECTED, MQTTASYNC_FAILURE, MQTTASYNC_MAX_BUFFERED,
    MQTTASYNC_MAX_BUFFERED_MESSAGES, MQTTASYNC_NO_MORE_MSGIDS, MQTTASYNC_OPERATION_INCOMPLETE,
    MQTTASYNC_PERSISTENCE_ERROR, MQTTASYNC_SSL_NOT_SUPPORTED, MQTTASYNC_SUCCESS,
};
use crate::capi::shared::extension_codes::MQTTEXT_REQUEST_TIMED_OUT;
pub(crate) use crate::capi::shared::faults::{Fault, code_of, unless_disconnected};
use crate::engine::Cause;
use crate::protocol::ReasonCode;

/// The texts of the codes that the other interface does not have.
pub(crate) fn own_text(code: c_int) -> Option<&'static CStr> {
    Some(match code {
        MQTTASYNC_PERSISTENCE_ERROR => c"Persistence error",
        MQTTASYNC_NO_MORE_MSGIDS => c"Too many pending commands",
        MQTTASYNC_OPERATION_INCOMPLETE => c"Operation discarded before completion",
        MQTTASYNC_MAX_BUFFERED_MESSAGES => c"No more messages can be buffered",
        MQTTASYNC_SSL_NOT_SUPPORTED => c"SSL is not supported",
        MQTTASYNC_COMMAND_IGNORED => c"Connect or disconnect command ignored",
        MQTTASYNC_MAX_BUFFERED => c"maxBufferedMessages in the connect options must be >= 0",
        _ => return None,
    })
}

/// The failure of a request in numbers and words, as a failure callback gets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FailureCodes {
    /// `code` for applications of MQTT 3: that of the library, or the server's.
    pub(crate) code: c_int,
    /// `code` for MQTT 5 applications, which find the server's code in `reasonCode`.
    pub(crate) code_5: c_int,
    /// `reasonCode`
    pub(crate) reason: ReasonCode,
    /// `message` where it is always the same: applications compare it, show it to people and may keep it.
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
            Cause::Unanswered => of_library(MQTTEXT_REQUEST_TIMED_OUT, None),
            Cause::Ignored => of_library(MQTTASYNC_COMMAND_IGNORED, None),
        }
    }
}
