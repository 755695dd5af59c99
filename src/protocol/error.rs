//! What can be wrong with bytes received and with packets to be sent.

use super::{Breach, Breaches, ReasonCode};
use core::fmt;

/// Why received bytes were rejected. The connection can continue only after [`DecodeError::Breach`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// The bytes cannot be taken apart by the rules of the standard (reason 0x81). The text says where.
    Malformed(&'static str),
    /// Well formed, but not allowed (reason 0x82). The text says what.
    Protocol(&'static str),
    /// The packet is larger than we accept (reason 0x95).
    PacketTooLarge,
    /// A CONNECT of a protocol name or level that does not exist (reason 0x84).
    UnsupportedVersion,
    /// Nothing can be done with the packet, but where the next one begins is certain. Or the receiver is strict.
    Breach(Breach),
}

impl DecodeError {
    /// The reason to give to the peer in an MQTT 5 DISCONNECT.
    pub fn reason(&self) -> ReasonCode {
        match self {
            DecodeError::Malformed(_) => ReasonCode::MALFORMED_PACKET,
            DecodeError::Protocol(_) => ReasonCode::PROTOCOL_ERROR,
            DecodeError::PacketTooLarge => ReasonCode::PACKET_TOO_LARGE,
            DecodeError::UnsupportedVersion => ReasonCode::UNSUPPORTED_PROTOCOL_VERSION,
            DecodeError::Breach(breach) => breach.reason(),
        }
    }

    /// What was wrong, as a short phrase.
    pub fn text(&self) -> &'static str {
        match self {
            DecodeError::Malformed(text) | DecodeError::Protocol(text) => text,
            DecodeError::PacketTooLarge => "packet larger than the maximum packet size",
            DecodeError::UnsupportedVersion => "unknown protocol name or level",
            DecodeError::Breach(breach) => breach.text(),
        }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.text())
    }
}

impl core::error::Error for DecodeError {}

/// A received packet and what is against the standard in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decoded<P> {
    /// The packet, as it came.
    pub packet: P,
    /// What should not have been sent so.
    pub breaches: Breaches,
}

impl<P> Decoded<P> {
    /// The packet if it is as the standard wants it.
    ///
    /// # Errors
    /// The first breach.
    pub fn strictly(self) -> Result<P, DecodeError> {
        match self.breaches.iter().next() {
            Some(breach) => Err(DecodeError::Breach(breach)),
            None => Ok(self.packet),
        }
    }
}

/// Why a packet could not be encoded. The output is left as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncodeError {
    /// A string or binary field of more than 65535 bytes.
    StringTooLong,
    /// The packet would need a remaining length above
    /// [`MAXIMUM_REMAINING_LENGTH`](super::MAXIMUM_REMAINING_LENGTH).
    PacketTooLarge,
    /// A property's value does not fit the type of its identifier.
    PropertyOutOfRange,
    /// A string property that is not UTF-8.
    BadUtf8,
    /// A subscription option outside its range.
    OptionOutOfRange,
    /// A PUBLISH of QoS 1 or 2 without packet identifier.
    PacketIdMissing,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            EncodeError::StringTooLong => "string longer than 65535 bytes",
            EncodeError::PacketTooLarge => "packet longer than the protocol allows",
            EncodeError::PropertyOutOfRange => "property value does not fit its type",
            EncodeError::BadUtf8 => "property string is not UTF-8",
            EncodeError::OptionOutOfRange => "subscription option out of range",
            EncodeError::PacketIdMissing => "message of QoS 1 or 2 without packet identifier",
        })
    }
}

impl core::error::Error for EncodeError {}
