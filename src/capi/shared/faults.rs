//! What can go wrong in the calls of both interfaces, and the return codes for it: numbers and texts.

use core::cell::UnsafeCell;
use core::ffi::{CStr, c_char, c_int};
use std::io::Write;

use super::text::terminated;
use crate::engine::Client;
use crate::protocol::{EncodeError, ReasonCode, terminated_refusal_text};

/// Why a function did not do what it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(all(feature = "sync-api", feature = "async-api")),
    allow(dead_code, reason = "some are for one of the interfaces only")
)]
pub(crate) enum Fault {
    /// Failed or out of time, for no reason that has an own code.
    Failure,
    /// The store cannot be used.
    Persistence,
    /// The store failed, with the code of the application's own function.
    Store(c_int),
    /// Not connected.
    Disconnected,
    /// All packet identifiers are in use, in the synchronous interface.
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
    /// All packet identifiers are in use, in the asynchronous interface.
    NoMorePacketIds,
    /// Not an MQTT version.
    BadVersion,
    /// As many messages wait as may.
    MaximumBufferedMessages,
    /// TLS options, and no TLS in this library.
    TlsNotSupported,
    /// Scheme not supported.
    BadProtocol,
    /// An option or a callback of another MQTT version.
    BadOption,
    /// A function or a version that is not for this client.
    WrongVersion,
    /// The will has an empty topic.
    EmptyWillTopic,
    /// The number of messages that may wait is not positive.
    BadBufferLimit,
    /// Out of memory.
    OutOfMemory,
    /// What the server answered, or what it announced it would: a CONNACK code or an MQTT 5.0 reason
    /// code.
    Reason(u8),
}

impl Fault {
    /// The number in C. Each means the same wherever it is returned; the headers have the names.
    pub(crate) fn code(self) -> c_int {
        match self {
            Fault::Failure => -1,
            Fault::Persistence => -2,
            Fault::Disconnected => -3,
            Fault::MaximumInFlight => -4,
            Fault::BadUtf8 => -5,
            Fault::NullParameter => -6,
            Fault::TopicTruncated => -7,
            Fault::BadStructure => -8,
            Fault::BadQoS => -9,
            Fault::NoMorePacketIds => -10,
            Fault::BadVersion => -11,
            Fault::MaximumBufferedMessages => -12,
            Fault::TlsNotSupported => -13,
            Fault::BadProtocol => -14,
            Fault::BadOption => -15,
            Fault::WrongVersion => -16,
            Fault::EmptyWillTopic => -17,
            Fault::BadBufferLimit => -19,
            Fault::OutOfMemory => -99,
            Fault::Store(code) => code,
            Fault::Reason(code) => code.into(),
        }
    }
}

/// The code of a result: 0 for success.
#[inline]
pub(crate) fn code_of(result: Result<(), Fault>) -> c_int {
    result.map_or_else(Fault::code, |()| 0)
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

/// On a client that is not connected that is the fault, whatever else is wrong. Asked only when
/// something is, so that a good call does not take the client's lock twice.
#[cold]
pub(crate) fn unless_disconnected(client: &Client, fault: Fault) -> Fault {
    if client.is_connected() { fault } else { Fault::Disconnected }
}

/// The text of a return code: that of one interface alone, or one that both have.
pub(crate) fn text(code: c_int, of_interface: Option<&'static CStr>) -> *const c_char {
    let text = match code {
        0 => c"Success",
        -1 => c"Failure",
        -3 => c"Disconnected",
        -4 => c"Maximum in-flight messages amount reached",
        -5 => c"Invalid UTF8 string",
        -6 => c"Invalid (NULL) parameter",
        -7 => c"Topic containing NULL characters has been truncated",
        -8 => c"Bad structure",
        -9 => c"Invalid QoS value",
        -14 => c"Invalid protocol scheme",
        -15 => c"Options for wrong MQTT version",
        -16 => c"Client created for another version of MQTT",
        -17 => c"Zero length will topic on connect",
        _ => match of_interface.or_else(|| of_server(code)) {
            Some(text) => text,
            None => return unknown(code),
        },
    };
    text.as_ptr()
}

/// The text of a code that a server has sent: of CONNACK before MQTT 5.0, and the reason codes of MQTT 5.0.
fn of_server(code: c_int) -> Option<&'static CStr> {
    let code = u8::try_from(code).ok()?;
    Some(terminated(terminated_refusal_text(code).or_else(|| ReasonCode(code).terminated_text())?))
}

/// Room for "Unknown error code -2147483648" and its end.
const TEXT_SIZE: usize = 32;

thread_local! {
    /// In an UnsafeCell because the application may read it at any time.
    static TEXT: UnsafeCell<[u8; TEXT_SIZE]> = const { UnsafeCell::new([0; TEXT_SIZE]) };
}

/// The text for a return code that has none of its own, written into this thread's memory. A thread that is ending has
/// none left and gets the text without number.
fn unknown(code: c_int) -> *const c_char {
    let mut text = [0; TEXT_SIZE];
    // The room suffices for every number, and the last byte stays 0.
    let _ = write!(&mut text[..TEXT_SIZE - 1], "Unknown error code {code}");
    let written = TEXT.try_with(|memory| {
        // SAFETY: the memory is this thread's and no reference to it exists.
        unsafe { memory.get().write(text) };
        memory.get().cast::<c_char>().cast_const()
    });
    written.unwrap_or(c"Unknown error code".as_ptr())
}
