//! What can go wrong in the calls of both interfaces, and the return codes for it: numbers and texts.

use core::cell::UnsafeCell;
use core::ffi::{CStr, c_char, c_int};
use std::io::Write;

use super::text::terminated;
use crate::engine::{Client, RequestError};
use crate::protocol::{EncodeError, ReasonCode, terminated_refusal_text};

/// Why a function did not do what it was asked for: the number that it returns in C. Each number means the same wherever
/// it is returned; the headers have the names. Positive ones are what the server answered, or what it announced it would:
/// a CONNACK code or an MQTT 5.0 reason code. The code of an application's own store function may be any number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault(pub(crate) c_int);

impl Fault {
    /// Failed or out of time, for no reason that has an own code.
    pub(crate) const FAILURE: Fault = Fault(-1);
    /// The store cannot be used.
    pub(crate) const PERSISTENCE: Fault = Fault(-2);
    /// Not connected.
    pub(crate) const DISCONNECTED: Fault = Fault(-3);
    /// All packet identifiers are in use, in the synchronous interface.
    pub(crate) const MAXIMUM_IN_FLIGHT: Fault = Fault(-4);
    /// A text is not UTF-8, or too long for a packet.
    pub(crate) const BAD_UTF8: Fault = Fault(-5);
    /// An argument is NULL.
    pub(crate) const NULL_PARAMETER: Fault = Fault(-6);
    /// The topic contains zero bytes.
    pub(crate) const TOPIC_TRUNCATED: Fault = Fault(-7);
    /// Wrong eyecatcher or version of a structure.
    pub(crate) const BAD_STRUCTURE: Fault = Fault(-8);
    /// A QoS is not 0, 1 or 2.
    pub(crate) const BAD_QOS: Fault = Fault(-9);
    /// All packet identifiers are in use, in the asynchronous interface.
    pub(crate) const NO_MORE_PACKET_IDS: Fault = Fault(-10);
    /// Not an MQTT version.
    pub(crate) const BAD_VERSION: Fault = Fault(-11);
    /// As many messages wait as may.
    pub(crate) const MAXIMUM_BUFFERED_MESSAGES: Fault = Fault(-12);
    /// TLS options, and no TLS in this library.
    pub(crate) const TLS_NOT_SUPPORTED: Fault = Fault(-13);
    /// Scheme not supported.
    pub(crate) const BAD_PROTOCOL: Fault = Fault(-14);
    /// An option or a callback of another MQTT version.
    pub(crate) const BAD_OPTION: Fault = Fault(-15);
    /// A function or a version that is not for this client.
    pub(crate) const WRONG_VERSION: Fault = Fault(-16);
    /// The will has an empty topic.
    pub(crate) const EMPTY_WILL_TOPIC: Fault = Fault(-17);
    /// The number of messages that may wait is not positive.
    pub(crate) const BAD_BUFFER_LIMIT: Fault = Fault(-19);
    /// Out of memory.
    pub(crate) const OUT_OF_MEMORY: Fault = Fault(-99);

    /// The number in C.
    pub(crate) fn code(self) -> c_int {
        self.0
    }
}

/// The code of a result: 0 for success.
#[inline]
pub(crate) fn code_of(result: Result<(), Fault>) -> c_int {
    result.map_or_else(Fault::code, |()| 0)
}

impl From<RequestError> for Fault {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::NotConnected => Fault::DISCONNECTED,
            RequestError::Failed | RequestError::WindowFull => Fault::FAILURE,
            RequestError::NoFreePacketId => Fault::NO_MORE_PACKET_IDS,
            RequestError::TooManyBuffered => Fault::MAXIMUM_BUFFERED_MESSAGES,
            RequestError::NotStored => Fault::PERSISTENCE,
            RequestError::Encode(error) => error.into(),
            RequestError::QoSNotSupported
            | RequestError::RetainNotSupported
            | RequestError::PacketTooLarge => Fault(error.reason().map_or(0, |reason| reason.0.into())),
        }
    }
}

impl From<EncodeError> for Fault {
    fn from(error: EncodeError) -> Self {
        match error {
            EncodeError::StringTooLong | EncodeError::BadUtf8 => Fault::BAD_UTF8,
            EncodeError::PacketTooLarge
            | EncodeError::PropertyOutOfRange
            | EncodeError::OptionOutOfRange
            | EncodeError::PacketIdMissing => Fault::FAILURE,
        }
    }
}

/// On a client that is not connected that is the fault, whatever else is wrong. Asked only when
/// something is, so that a good call does not take the client's lock twice.
#[cold]
pub(crate) fn unless_disconnected(client: &Client, fault: Fault) -> Fault {
    if client.is_connected() { fault } else { Fault::DISCONNECTED }
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
