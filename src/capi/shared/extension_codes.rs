//! The return codes of the functions that the original does not have (`MQTTExt.h`), and their texts.

use core::ffi::{CStr, c_char, c_int};

use super::boundary::entry;
use super::faults::{self, Fault};
use crate::engine::{AcknowledgeFault, OptionFault, RenewalFault};
use crate::protocol::TopicFault;

/// Return code: the call succeeded.
pub const MQTTEXT_SUCCESS: c_int = 0;
/// Return code: the handle is not a valid handle of this library, or the call failed for a reason that
/// has no code of its own.
pub const MQTTEXT_FAILURE: c_int = -1;
/// Return code: a string is not valid UTF-8, or is longer than 65535 bytes.
pub const MQTTEXT_BAD_UTF8_STRING: c_int = -5;
/// Return code: a required argument is NULL.
pub const MQTTEXT_NULL_PARAMETER: c_int = -6;
/// Return code: the client is not connected.
pub const MQTTEXT_DISCONNECTED: c_int = -3;
/// Return code: a structure has an invalid struct_id or an unsupported struct_version.
pub const MQTTEXT_BAD_STRUCTURE: c_int = -8;
/// Return code: a topic or topic filter is empty.
pub const MQTTEXT_EMPTY_TOPIC: c_int = -41;
/// Return code: a topic contains a wildcard, "+" or "#". Only topic filters may.
pub const MQTTEXT_TOPIC_HAS_WILDCARD: c_int = -42;
/// Return code: a wildcard of a topic filter does not occupy a whole level, or "#" is not the last level.
pub const MQTTEXT_MISPLACED_WILDCARD: c_int = -43;
/// Return code: a topic filter begins with "$share/", but no group name without wildcards, "/" and filter
/// follow.
pub const MQTTEXT_BAD_SHARE: c_int = -44;
/// Return code: there is no option of this name.
pub const MQTTEXT_UNKNOWN_OPTION: c_int = -45;
/// Return code: the option does not take this value.
pub const MQTTEXT_INVALID_VALUE: c_int = -46;
/// Return code: the option can only be set before the client is used.
pub const MQTTEXT_TOO_LATE: c_int = -47;
/// Return code: the buffer is too small for the result, which was cut.
pub const MQTTEXT_BUFFER_TOO_SMALL: c_int = -48;
/// Return code: the client acknowledges messages itself, because its option "acknowledgement" was not
/// "manual" when it connected.
pub const MQTTEXT_AUTOMATIC_ACKNOWLEDGEMENT: c_int = -49;
/// Return code: a message of QoS 0 has no acknowledgement.
pub const MQTTEXT_NO_ACKNOWLEDGEMENT: c_int = -50;
/// Return code: no message with this msgid was received, or it was acknowledged before.
pub const MQTTEXT_UNKNOWN_MESSAGE: c_int = -51;
/// Return code: the connection on which the message was received has ended. The server sends the message
/// again, unless the session has ended as well.
pub const MQTTEXT_EARLIER_CONNECTION: c_int = -52;
/// Return code: the connection was made without the authentication callback, or not with MQTT 5.0.
pub const MQTTEXT_NO_AUTHENTICATION: c_int = -53;
/// Return code: an authentication is already in progress.
pub const MQTTEXT_AUTHENTICATION_IN_PROGRESS: c_int = -54;
/// Return code: the authentication callback returned a value other than 0, or an answer that is too long.
pub const MQTTEXT_AUTHENTICATION_REFUSED: c_int = -55;
/// Return code: the client has threads of the library, because its option event.loop is not "external".
pub const MQTTEXT_NO_EVENT_LOOP: c_int = -56;
/// Return code: this is being done already, by the caller of this callback.
pub const MQTTEXT_BUSY: c_int = -57;
/// Code for failure callbacks: the server did not answer the request within the time that the option
/// "request.timeout" gives it.
pub const MQTTEXT_REQUEST_TIMED_OUT: c_int = -58;
/// Return code: this library was built without what the function is for.
pub const MQTTEXT_NOT_SUPPORTED: c_int = -59;

/// Returns a human-readable description of a return code of the functions in MQTTExt.h,
/// MQTTClientExt.h and MQTTAsyncExt.h.
///
/// @param code the return code
/// @return a constant string, never NULL. For an unknown code it is "Unknown error code" followed by
///   the number, and valid until the next call on the same thread.
#[unsafe(no_mangle)]
pub extern "C" fn MQTTExt_strerror(code: c_int) -> *const c_char {
    entry!("MQTTExt_strerror", c"".as_ptr(), faults::text(code, own_text(code)))
}

fn own_text(code: c_int) -> Option<&'static CStr> {
    Some(match code {
        MQTTEXT_EMPTY_TOPIC => c"Topic is empty",
        MQTTEXT_TOPIC_HAS_WILDCARD => c"Topic contains a wildcard",
        MQTTEXT_MISPLACED_WILDCARD => c"Wildcard is not a whole level, or # is not the last one",
        MQTTEXT_BAD_SHARE => c"Shared subscription lacks a group name or a filter",
        MQTTEXT_UNKNOWN_OPTION => c"No such option",
        MQTTEXT_INVALID_VALUE => c"Option does not take this value",
        MQTTEXT_TOO_LATE => c"Option can only be set before the client is used",
        MQTTEXT_BUFFER_TOO_SMALL => c"Buffer is too small",
        MQTTEXT_AUTOMATIC_ACKNOWLEDGEMENT => c"Client acknowledges messages itself",
        MQTTEXT_NO_ACKNOWLEDGEMENT => c"Message of QoS 0 has no acknowledgement",
        MQTTEXT_UNKNOWN_MESSAGE => c"No such message waits for its acknowledgement",
        MQTTEXT_EARLIER_CONNECTION => c"Connection of the message has ended",
        MQTTEXT_NO_AUTHENTICATION => c"Connection was made without authentication callback",
        MQTTEXT_AUTHENTICATION_IN_PROGRESS => c"Authentication is in progress",
        MQTTEXT_AUTHENTICATION_REFUSED => c"Application refused the authentication",
        MQTTEXT_NO_EVENT_LOOP => c"Client has no external event loop",
        MQTTEXT_BUSY => c"Being done already",
        MQTTEXT_NOT_SUPPORTED => c"Not supported by this library",
        MQTTEXT_REQUEST_TIMED_OUT => c"Server did not answer the request in time",
        _ => return None,
    })
}

impl From<RenewalFault> for Fault {
    fn from(fault: RenewalFault) -> Self {
        Fault(match fault {
            RenewalFault::NotConnected => MQTTEXT_DISCONNECTED,
            RenewalFault::NotAuthenticated => MQTTEXT_NO_AUTHENTICATION,
            RenewalFault::UnderWay => MQTTEXT_AUTHENTICATION_IN_PROGRESS,
            RenewalFault::Refused => MQTTEXT_AUTHENTICATION_REFUSED,
        })
    }
}

impl From<TopicFault> for Fault {
    fn from(fault: TopicFault) -> Self {
        Fault(match fault {
            TopicFault::BadString => MQTTEXT_BAD_UTF8_STRING,
            TopicFault::Empty => MQTTEXT_EMPTY_TOPIC,
            TopicFault::HasWildcard => MQTTEXT_TOPIC_HAS_WILDCARD,
            TopicFault::MisplacedWildcard => MQTTEXT_MISPLACED_WILDCARD,
            TopicFault::BadShare => MQTTEXT_BAD_SHARE,
        })
    }
}

impl From<AcknowledgeFault> for Fault {
    fn from(fault: AcknowledgeFault) -> Self {
        Fault(match fault {
            AcknowledgeFault::Automatic => MQTTEXT_AUTOMATIC_ACKNOWLEDGEMENT,
            AcknowledgeFault::AtMostOnce => MQTTEXT_NO_ACKNOWLEDGEMENT,
            AcknowledgeFault::Unknown => MQTTEXT_UNKNOWN_MESSAGE,
            AcknowledgeFault::EarlierConnection => MQTTEXT_EARLIER_CONNECTION,
        })
    }
}

impl From<&OptionFault> for Fault {
    fn from(fault: &OptionFault) -> Self {
        Fault(match fault {
            OptionFault::Unknown(_) => MQTTEXT_UNKNOWN_OPTION,
            OptionFault::Invalid(_) => MQTTEXT_INVALID_VALUE,
            OptionFault::TooLate(_) => MQTTEXT_TOO_LATE,
        })
    }
}
