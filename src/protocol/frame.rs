//! The fixed header: where a packet begins and ends in a stream of bytes.

use super::{Breach, Breaches, DecodeError, Version, variable_byte_integer, writer};

/// One whole packet, not yet looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Packet type and flags.
    pub first_byte: u8,
    /// Everything after the fixed header.
    pub body: &'a [u8],
    /// Bytes of the packet: header and body.
    pub length: usize,
}

impl Frame<'_> {
    /// Appends the packet it was split from, with the shortest header, which is no longer than the one it had.
    pub fn put(self, out: &mut Vec<u8>) {
        if writer::put_header(out, self.first_byte, self.body.len()).is_ok() {
            out.extend_from_slice(self.body);
        }
    }
}

/// What the received bytes begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing<'a> {
    /// A whole packet.
    Complete(Frame<'a>),
    /// Only the beginning of a packet, or nothing.
    Incomplete {
        /// Bytes of the whole packet, once its header has been received.
        total: Option<usize>,
    },
}

/// Finds the first packet in `input`.
///
/// `maximum_packet_size` counts the bytes of a whole packet; 0 means no limit besides the protocol's.
///
/// # Errors
/// A remaining length of more than four bytes; a packet larger than the maximum, as soon as its header
/// says so.
#[inline]
pub fn split_frame(input: &[u8], maximum_packet_size: u32) -> Result<Framing<'_>, DecodeError> {
    let (first_byte, remaining, header) = match *input {
        [first_byte, remaining @ ..0x80, ..] => (first_byte, usize::from(remaining), 2),
        [first_byte, ref rest @ ..] => match variable_byte_integer::split(rest)? {
            Some((remaining, length)) => (first_byte, remaining as usize, 1 + length),
            None => return Ok(Framing::Incomplete { total: None }),
        },
        [] => return Ok(Framing::Incomplete { total: None }),
    };
    let length = header + remaining;
    if maximum_packet_size != 0 && length > maximum_packet_size as usize {
        return Err(DecodeError::PacketTooLarge);
    }
    Ok(match input.get(header..length) {
        Some(body) => Framing::Complete(Frame { first_byte, body, length }),
        None => Framing::Incomplete { total: Some(length) },
    })
}

/// The length of the packet that begins here, once its header is there.
pub fn packet_length(input: &[u8]) -> Option<usize> {
    match split_frame(input, 0) {
        Ok(Framing::Complete(frame)) => Some(frame.length),
        Ok(Framing::Incomplete { total }) => total,
        Err(_) => None,
    }
}

/// One line for each packet type: its name here, its number, and the standard's name.
macro_rules! packet_types {
    ($($(#[$text:meta])* $variant:ident = $number:literal, $name:literal;)*) => {
        /// The kind of a packet: the upper four bits of its first byte.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum PacketType {
            $($(#[$text])* $variant = $number,)*
        }

        impl PacketType {
            /// The type in a first byte; `None` for the reserved type 0.
            #[inline]
            pub fn of(first_byte: u8) -> Option<PacketType> {
                match first_byte >> 4 {
                    $($number => Some(PacketType::$variant),)*
                    _ => None,
                }
            }

            /// The standard's name, such as `PUBLISH`.
            pub fn name(self) -> &'static str {
                match self {
                    $(PacketType::$variant => $name,)*
                }
            }
        }
    };
}

packet_types! {
    /// Client asks for a connection.
    Connect = 1, "CONNECT";
    /// Server's answer to CONNECT.
    ConnAck = 2, "CONNACK";
    /// A message.
    Publish = 3, "PUBLISH";
    /// QoS 1 message received.
    PubAck = 4, "PUBACK";
    /// QoS 2 message received.
    PubRec = 5, "PUBREC";
    /// QoS 2 message released.
    PubRel = 6, "PUBREL";
    /// QoS 2 message complete.
    PubComp = 7, "PUBCOMP";
    /// Client asks for subscriptions.
    Subscribe = 8, "SUBSCRIBE";
    /// Server's answer to SUBSCRIBE.
    SubAck = 9, "SUBACK";
    /// Client gives up subscriptions.
    Unsubscribe = 10, "UNSUBSCRIBE";
    /// Server's answer to UNSUBSCRIBE.
    UnsubAck = 11, "UNSUBACK";
    /// Client asks whether the server is there.
    PingReq = 12, "PINGREQ";
    /// Server's answer to PINGREQ.
    PingResp = 13, "PINGRESP";
    /// The last packet of a connection.
    Disconnect = 14, "DISCONNECT";
    /// Authentication exchange; MQTT 5 only.
    Auth = 15, "AUTH";
}

impl PacketType {
    /// The first byte of a packet of this type other than PUBLISH: the type and its fixed flags.
    #[inline]
    pub(super) fn first_byte(self) -> u8 {
        (self as u8) << 4 | self.fixed_flags()
    }

    /// Whether the flags in a first byte are those that each packet of this type other than PUBLISH has.
    pub fn has_fixed_flags(self, first_byte: u8) -> bool {
        first_byte & 0x0F == self.fixed_flags()
    }

    #[inline]
    fn fixed_flags(self) -> u8 {
        match self {
            PacketType::PubRel | PacketType::Subscribe | PacketType::Unsubscribe => 0b0010,
            _ => 0,
        }
    }

    /// Notes flags that a packet of this type, other than PUBLISH, should not have. MQTT 3.1 leaves them open.
    #[inline]
    pub(super) fn check_flags(self, first_byte: u8, version: Version, breaches: &mut Breaches) {
        if !self.has_fixed_flags(first_byte) && version != Version::V31 {
            breaches.add(Breach::HeaderFlags);
        }
    }
}
