//! CONNECT.

use super::reader::Reader;
use super::utf8::check_topic_name;
use super::{
    DecodeError, EncodeError, PacketType, PropertyId, PropertyView, QoS, Version, property_rules, writer,
};
use core::fmt;

const USER_NAME: u8 = 0b1000_0000;
const PASSWORD: u8 = 0b0100_0000;
const WILL_RETAIN: u8 = 0b0010_0000;
const WILL_QOS_SHIFT: u8 = 3;
const WILL_QOS: u8 = 0b0001_1000;
const WILL: u8 = 0b0000_0100;
const CLEAN: u8 = 0b0000_0010;
const RESERVED: u8 = 0b0000_0001;

/// The message the server publishes when the connection is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Will<'a> {
    /// Its topic name, UTF-8.
    pub topic: &'a [u8],
    /// Its data, up to 65535 bytes.
    pub payload: &'a [u8],
    /// Its quality of service.
    pub qos: QoS,
    /// Whether the server keeps it.
    pub retain: bool,
    /// Its properties; not encoded before version 5.
    pub properties: PropertyView<'a>,
}

/// The first packet of a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Connect<'a> {
    /// The version spoken on the connection.
    pub version: Version,
    /// The client identifier, UTF-8, possibly empty.
    pub client_id: &'a [u8],
    /// Clean session; clean start in version 5.
    pub clean: bool,
    /// Seconds between packets from the client; 0: any time.
    pub keep_alive: u16,
    /// Published by the server when the connection is lost.
    pub will: Option<Will<'a>>,
    /// UTF-8.
    pub user_name: Option<&'a [u8]>,
    /// Any bytes. Not shown by `Debug`.
    pub password: Option<&'a [u8]>,
    /// Properties; not encoded before version 5.
    pub properties: PropertyView<'a>,
}

impl<'a> Connect<'a> {
    /// Appends the whole packet, in the form of [`Connect::version`].
    ///
    /// # Errors
    /// A field over 65535 bytes, a packet larger than the protocol allows.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        writer::begin_packet(out, PacketType::Connect.first_byte(), self.remaining_length()?)?;
        writer::put_binary(out, self.version.protocol_name().as_bytes());
        out.extend_from_slice(&[self.version.level(), self.flags()]);
        writer::put_two_byte_integer(out, self.keep_alive);
        self.properties.put(self.version, out);
        writer::put_binary(out, self.client_id);
        if let Some(will) = self.will {
            will.properties.put(self.version, out);
            writer::put_binary(out, will.topic);
            writer::put_binary(out, will.payload);
        }
        for field in [self.user_name, self.password].into_iter().flatten() {
            writer::put_binary(out, field);
        }
        Ok(())
    }

    fn remaining_length(&self) -> Result<usize, EncodeError> {
        let mut remaining = writer::binary_length(self.version.protocol_name().as_bytes())?
            + 4
            + self.properties.field_length(self.version)
            + writer::binary_length(self.client_id)?;
        if let Some(will) = self.will {
            remaining += will.properties.field_length(self.version)
                + writer::binary_length(will.topic)?
                + writer::binary_length(will.payload)?;
        }
        for field in [self.user_name, self.password].into_iter().flatten() {
            remaining += writer::binary_length(field)?;
        }
        Ok(remaining)
    }

    fn flags(&self) -> u8 {
        let flag = |set: bool, bit: u8| if set { bit } else { 0 };
        let will = self
            .will
            .map_or(0, |will| WILL | will.qos.bits() << WILL_QOS_SHIFT | flag(will.retain, WILL_RETAIN));
        flag(self.user_name.is_some(), USER_NAME)
            | flag(self.password.is_some(), PASSWORD)
            | will
            | flag(self.clean, CLEAN)
    }

    /// A password without a user name is accepted in all versions: applications send it.
    pub(super) fn decode(first_byte: u8, reader: &mut Reader<'a>) -> Result<Connect<'a>, DecodeError> {
        let version = read_version(reader)?;
        PacketType::Connect.check_flags(first_byte, version, &mut reader.breaches);
        let flags = reader.byte()?;
        check_flags(flags)?;
        let keep_alive = reader.two_byte_integer()?;
        let properties = property_rules::CONNECT.read(reader, version)?;
        check_authentication(properties)?;
        let connect = Connect {
            version,
            client_id: reader.utf8_string()?,
            clean: flags & CLEAN != 0,
            keep_alive,
            will: if flags & WILL == 0 { None } else { Some(read_will(reader, version, flags)?) },
            user_name: if flags & USER_NAME == 0 { None } else { Some(reader.utf8_string()?) },
            password: if flags & PASSWORD == 0 { None } else { Some(reader.binary()?) },
            properties,
        };
        reader.expect_end();
        Ok(connect)
    }
}

impl fmt::Debug for Connect<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Connect")
            .field("version", &self.version)
            .field("client_id", &self.client_id)
            .field("clean", &self.clean)
            .field("keep_alive", &self.keep_alive)
            .field("will", &self.will)
            .field("user_name", &self.user_name)
            .field("password", &self.password.map(|_| "(not shown)"))
            .field("properties", &self.properties)
            .finish()
    }
}

fn read_version(reader: &mut Reader<'_>) -> Result<Version, DecodeError> {
    let name = reader.utf8_string()?;
    let version = Version::from_level(reader.byte()?).ok_or(DecodeError::UnsupportedVersion)?;
    if name == version.protocol_name().as_bytes() {
        Ok(version)
    } else {
        Err(DecodeError::UnsupportedVersion)
    }
}

fn check_flags(flags: u8) -> Result<(), DecodeError> {
    if flags & RESERVED != 0 {
        Err(DecodeError::Malformed("reserved connect flag"))
    } else if flags & WILL == 0 && flags & (WILL_QOS | WILL_RETAIN) != 0 {
        Err(DecodeError::Malformed("will options without will"))
    } else {
        Ok(())
    }
}

fn check_authentication(properties: PropertyView<'_>) -> Result<(), DecodeError> {
    if properties.first(PropertyId::AuthenticationData).is_some()
        && properties.first(PropertyId::AuthenticationMethod).is_none()
    {
        return Err(DecodeError::Protocol("authentication data without method"));
    }
    Ok(())
}

fn read_will<'a>(reader: &mut Reader<'a>, version: Version, flags: u8) -> Result<Will<'a>, DecodeError> {
    let Some(qos) = QoS::from_bits((flags & WILL_QOS) >> WILL_QOS_SHIFT) else {
        return Err(DecodeError::Malformed("will of QoS 3"));
    };
    let properties = property_rules::WILL.read(reader, version)?;
    let topic = reader.binary()?;
    check_topic_name(topic, &mut reader.breaches);
    if topic.is_empty() {
        return Err(DecodeError::Protocol("will without topic"));
    }
    let payload = reader.binary()?;
    Ok(Will { topic, payload, qos, retain: flags & WILL_RETAIN != 0, properties })
}
