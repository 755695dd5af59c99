//! The properties of MQTT 5: identifiers, their types, and single values.

use super::reader::Reader;
use super::{DecodeError, EncodeError, MAXIMUM_REMAINING_LENGTH, is_utf8, variable_byte_integer, writer};

/// The data type of a property's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum PropertyType {
    /// One byte.
    Byte = 0,
    /// Two bytes, big-endian.
    TwoByteInteger = 1,
    /// Four bytes, big-endian.
    FourByteInteger = 2,
    /// One to four bytes, seven bits in each.
    VariableByteInteger = 3,
    /// Up to 65535 bytes.
    BinaryData = 4,
    /// Up to 65535 bytes of UTF-8.
    Utf8String = 5,
    /// Two strings: a name and a value.
    Utf8StringPair = 6,
}

/// The packets that a property may be in, as a set: one bit for each.
pub(super) mod packets {
    pub(in crate::protocol) const CONNECT: u16 = 1 << 0;
    pub(in crate::protocol) const WILL: u16 = 1 << 1;
    pub(in crate::protocol) const CONNACK: u16 = 1 << 2;
    pub(in crate::protocol) const PUBLISH: u16 = 1 << 3;
    /// PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK and UNSUBACK.
    pub(in crate::protocol) const ACKNOWLEDGEMENT: u16 = 1 << 4;
    pub(in crate::protocol) const SUBSCRIBE: u16 = 1 << 5;
    pub(in crate::protocol) const UNSUBSCRIBE: u16 = 1 << 6;
    pub(in crate::protocol) const DISCONNECT: u16 = 1 << 7;
    pub(in crate::protocol) const AUTH: u16 = 1 << 8;
    pub(super) const EVERY_PACKET: u16 = u16::MAX;
}

/// One line for each property: its identifier, number, type, its name in C, and the packets it may be in.
macro_rules! property_ids {
    ($($variant:ident = $number:literal, $type:ident, $name:literal, $packets:expr;)*) => {
        /// The identifier of a property.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum PropertyId {
            $(#[doc = concat!("Number ", stringify!($number), ", of type [`PropertyType::", stringify!($type), "`].")]
            $variant = $number,)*
        }

        impl PropertyId {
            /// The identifier with this number; `None` for a number the standard does not know.
            #[inline]
            pub fn from_number(number: u32) -> Option<PropertyId> {
                match number {
                    $($number => Some(PropertyId::$variant),)*
                    _ => None,
                }
            }

            /// The data type of this property's value.
            #[inline]
            pub fn property_type(self) -> PropertyType {
                match self {
                    $(PropertyId::$variant => PropertyType::$type,)*
                }
            }

            /// The name that C programs know, with the zero byte that ends it.
            pub fn name(self) -> &'static str {
                match self {
                    $(PropertyId::$variant => concat!($name, "\0"),)*
                }
            }

            /// All properties that one of `packets` may contain; bit n of the set is the property with number n.
            pub(super) const fn set_of(packets: u16) -> u64 {
                use self::packets::*;
                let mut set = 0;
                $(if packets & ($packets) != 0 {
                    set |= 1 << $number;
                })*
                set
            }
        }
    };
}

property_ids! {
    PayloadFormatIndicator = 1, Byte, "PAYLOAD_FORMAT_INDICATOR", PUBLISH | WILL;
    MessageExpiryInterval = 2, FourByteInteger, "MESSAGE_EXPIRY_INTERVAL", PUBLISH | WILL;
    ContentType = 3, Utf8String, "CONTENT_TYPE", PUBLISH | WILL;
    ResponseTopic = 8, Utf8String, "RESPONSE_TOPIC", PUBLISH | WILL;
    CorrelationData = 9, BinaryData, "CORRELATION_DATA", PUBLISH | WILL;
    SubscriptionIdentifier = 11, VariableByteInteger, "SUBSCRIPTION_IDENTIFIER", PUBLISH | SUBSCRIBE;
    SessionExpiryInterval = 17, FourByteInteger, "SESSION_EXPIRY_INTERVAL", CONNECT | CONNACK | DISCONNECT;
    AssignedClientIdentifier = 18, Utf8String, "ASSIGNED_CLIENT_IDENTIFIER", CONNACK;
    ServerKeepAlive = 19, TwoByteInteger, "SERVER_KEEP_ALIVE", CONNACK;
    AuthenticationMethod = 21, Utf8String, "AUTHENTICATION_METHOD", CONNECT | CONNACK | AUTH;
    AuthenticationData = 22, BinaryData, "AUTHENTICATION_DATA", CONNECT | CONNACK | AUTH;
    RequestProblemInformation = 23, Byte, "REQUEST_PROBLEM_INFORMATION", CONNECT;
    WillDelayInterval = 24, FourByteInteger, "WILL_DELAY_INTERVAL", WILL;
    RequestResponseInformation = 25, Byte, "REQUEST_RESPONSE_INFORMATION", CONNECT;
    ResponseInformation = 26, Utf8String, "RESPONSE_INFORMATION", CONNACK;
    ServerReference = 28, Utf8String, "SERVER_REFERENCE", CONNACK | DISCONNECT;
    ReasonString = 31, Utf8String, "REASON_STRING", CONNACK | ACKNOWLEDGEMENT | DISCONNECT | AUTH;
    ReceiveMaximum = 33, TwoByteInteger, "RECEIVE_MAXIMUM", CONNECT | CONNACK;
    TopicAliasMaximum = 34, TwoByteInteger, "TOPIC_ALIAS_MAXIMUM", CONNECT | CONNACK;
    TopicAlias = 35, TwoByteInteger, "TOPIC_ALIAS", PUBLISH;
    MaximumQoS = 36, Byte, "MAXIMUM_QOS", CONNACK;
    RetainAvailable = 37, Byte, "RETAIN_AVAILABLE", CONNACK;
    UserProperty = 38, Utf8StringPair, "USER_PROPERTY", EVERY_PACKET;
    MaximumPacketSize = 39, FourByteInteger, "MAXIMUM_PACKET_SIZE", CONNECT | CONNACK;
    WildcardSubscriptionAvailable = 40, Byte, "WILDCARD_SUBSCRIPTION_AVAILABLE", CONNACK;
    SubscriptionIdentifiersAvailable = 41, Byte, "SUBSCRIPTION_IDENTIFIERS_AVAILABLE", CONNACK;
    SharedSubscriptionAvailable = 42, Byte, "SHARED_SUBSCRIPTION_AVAILABLE", CONNACK;
}

impl PropertyId {
    /// The number on the wire.
    #[inline]
    pub fn number(self) -> u8 {
        self as u8
    }
}

/// The value of a property, borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PropertyValue<'a> {
    /// One byte.
    Byte(u8),
    /// Two bytes.
    TwoByteInteger(u16),
    /// Four bytes.
    FourByteInteger(u32),
    /// At most [`MAXIMUM_REMAINING_LENGTH`].
    VariableByteInteger(u32),
    /// Any bytes.
    BinaryData(&'a [u8]),
    /// UTF-8.
    Utf8String(&'a [u8]),
    /// Name and value, both UTF-8.
    Utf8StringPair(&'a [u8], &'a [u8]),
}

/// One property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Property<'a> {
    /// What it is.
    pub id: PropertyId,
    /// Its value, of the type that belongs to the identifier.
    pub value: PropertyValue<'a>,
}

impl<'a> Property<'a> {
    /// Reads one property. Strings are not checked: see [`Property::strings_are_utf8`].
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Property<'a>, DecodeError> {
        let number = reader.variable_byte_integer()?;
        let Some(id) = PropertyId::from_number(number) else {
            return Err(DecodeError::Malformed("unknown property"));
        };
        let value = match id.property_type() {
            PropertyType::Byte => PropertyValue::Byte(reader.byte()?),
            PropertyType::TwoByteInteger => PropertyValue::TwoByteInteger(reader.two_byte_integer()?),
            PropertyType::FourByteInteger => PropertyValue::FourByteInteger(reader.four_byte_integer()?),
            PropertyType::VariableByteInteger => {
                PropertyValue::VariableByteInteger(reader.variable_byte_integer()?)
            }
            PropertyType::BinaryData => PropertyValue::BinaryData(reader.binary()?),
            PropertyType::Utf8String => PropertyValue::Utf8String(reader.binary()?),
            PropertyType::Utf8StringPair => PropertyValue::Utf8StringPair(reader.binary()?, reader.binary()?),
        };
        Ok(Property { id, value })
    }

    /// Whether all strings in the value are UTF-8.
    pub(super) fn strings_are_utf8(&self) -> bool {
        match self.value {
            PropertyValue::Utf8String(string) => is_utf8(string),
            PropertyValue::Utf8StringPair(name, value) => is_utf8(name) && is_utf8(value),
            _ => true,
        }
    }

    /// Appends the property, or leaves `out` as it was when the value does not fit the identifier.
    pub(super) fn write(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.check()?;
        out.push(self.id.number());
        match self.value {
            PropertyValue::Byte(value) => out.push(value),
            PropertyValue::TwoByteInteger(value) => out.extend_from_slice(&value.to_be_bytes()),
            PropertyValue::FourByteInteger(value) => out.extend_from_slice(&value.to_be_bytes()),
            PropertyValue::VariableByteInteger(value) => variable_byte_integer::put(out, value),
            PropertyValue::BinaryData(value) | PropertyValue::Utf8String(value) => {
                writer::put_binary(out, value);
            }
            PropertyValue::Utf8StringPair(name, value) => {
                writer::put_binary(out, name);
                writer::put_binary(out, value);
            }
        }
        Ok(())
    }

    fn check(&self) -> Result<(), EncodeError> {
        if self.value.property_type() != self.id.property_type() {
            return Err(EncodeError::PropertyOutOfRange);
        }
        match self.value {
            PropertyValue::VariableByteInteger(value) if value > MAXIMUM_REMAINING_LENGTH => {
                return Err(EncodeError::PropertyOutOfRange);
            }
            PropertyValue::BinaryData(value) | PropertyValue::Utf8String(value) => {
                writer::binary_length(value)?;
            }
            PropertyValue::Utf8StringPair(name, value) => {
                writer::binary_length(name)?;
                writer::binary_length(value)?;
            }
            _ => {}
        }
        if self.strings_are_utf8() { Ok(()) } else { Err(EncodeError::BadUtf8) }
    }
}

impl PropertyValue<'_> {
    /// The type of this value.
    pub fn property_type(&self) -> PropertyType {
        match self {
            PropertyValue::Byte(_) => PropertyType::Byte,
            PropertyValue::TwoByteInteger(_) => PropertyType::TwoByteInteger,
            PropertyValue::FourByteInteger(_) => PropertyType::FourByteInteger,
            PropertyValue::VariableByteInteger(_) => PropertyType::VariableByteInteger,
            PropertyValue::BinaryData(_) => PropertyType::BinaryData,
            PropertyValue::Utf8String(_) => PropertyType::Utf8String,
            PropertyValue::Utf8StringPair(..) => PropertyType::Utf8StringPair,
        }
    }
}
