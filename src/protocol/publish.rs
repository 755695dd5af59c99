//! PUBLISH.

use super::reader::Reader;
use super::utf8::check_topic_name;
use super::{
    Breach, DecodeError, Decoded, EncodeError, Frame, PacketId, PropertyId, PropertyView, QoS, Version,
    property_rules, utf8, variable_byte_integer, writer,
};

/// The first byte without flags, and at QoS 1.
const PUBLISH: u8 = 0x30;
const PUBLISH_ONCE: u8 = 0x32;
const DUP: u8 = 0b1000;
const RETAIN: u8 = 0b0001;

/// A message on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Publish<'a> {
    /// Sent before with the same packet identifier. Some servers set it at QoS 0, where it means nothing.
    pub dup: bool,
    /// Quality of service.
    pub qos: QoS,
    /// To the server: keep the message. From the server: it is a kept one.
    pub retain: bool,
    /// The topic name: UTF-8 without wildcards, and empty only in version 5 with a topic alias, unless breaches say
    /// otherwise.
    pub topic: &'a [u8],
    /// Set exactly at QoS 1 and 2.
    pub packet_id: Option<PacketId>,
    /// Properties; not encoded before version 5.
    pub properties: PropertyView<'a>,
    /// The application's data.
    pub payload: &'a [u8],
}

impl<'a> Publish<'a> {
    /// A message without contents.
    #[inline]
    pub fn empty(qos: QoS) -> Publish<'a> {
        let (topic, payload): (&[u8], &[u8]) = (&[], &[]);
        let properties = PropertyView::empty();
        Publish { dup: false, qos, retain: false, topic, packet_id: None, properties, payload }
    }

    /// Appends the whole packet.
    ///
    /// # Errors
    /// A topic over 65535 bytes, a packet larger than the protocol allows, QoS 1 or 2 without packet
    /// identifier.
    #[inline(always)]
    pub fn encode(&self, version: Version, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let remaining = self.remaining_length(version)?;
        out.reserve(writer::MAXIMUM_HEADER + remaining);
        self.put_head(version, remaining, out)?;
        out.extend_from_slice(self.payload);
        Ok(())
    }

    /// Appends everything up to the payload, which must follow; the lengths count it.
    ///
    /// # Errors
    /// As [`Publish::encode`].
    #[inline]
    pub fn encode_head(&self, version: Version, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let remaining = self.remaining_length(version)?;
        out.reserve(writer::MAXIMUM_HEADER + remaining - self.payload.len());
        self.put_head(version, remaining, out)
    }

    /// Bytes of the whole packet, payload included.
    ///
    /// # Errors
    /// As [`Publish::encode`].
    #[inline]
    pub fn packet_length(&self, version: Version) -> Result<usize, EncodeError> {
        let remaining = self.remaining_length(version)?;
        Ok(1 + variable_byte_integer::length(remaining) + remaining)
    }

    #[inline]
    fn remaining_length(&self, version: Version) -> Result<usize, EncodeError> {
        let packet_id = match (self.qos, self.packet_id) {
            (QoS::AtMostOnce, _) => 0,
            (_, Some(_)) => 2,
            (_, None) => return Err(EncodeError::PacketIdMissing),
        };
        let remaining = writer::binary_length(self.topic)?
            + packet_id
            + self.properties.field_length(version)
            + self.payload.len();
        writer::check_remaining_length(remaining)?;
        Ok(remaining)
    }

    #[inline(always)]
    fn put_head(&self, version: Version, remaining: usize, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        writer::put_header(out, self.first_byte(), remaining)?;
        writer::put_binary(out, self.topic);
        if let (QoS::AtLeastOnce | QoS::ExactlyOnce, Some(packet_id)) = (self.qos, self.packet_id) {
            writer::put_two_byte_integer(out, packet_id.get());
        }
        self.properties.put(version, out);
        Ok(())
    }

    #[inline]
    fn first_byte(&self) -> u8 {
        let dup = if self.dup { DUP } else { 0 };
        let retain = if self.retain { RETAIN } else { 0 };
        PUBLISH | dup | self.qos.bits() << 1 | retain
    }

    /// Takes a packet apart that this side has encoded: its topic and the kinds of its properties are not judged
    /// again.
    ///
    /// # Errors
    /// [`DecodeError::Malformed`] if it is not such a packet.
    pub fn take_apart(frame: Frame<'a>, version: Version) -> Result<Publish<'a>, DecodeError> {
        let qos = QoS::from_bits(frame.first_byte >> 1 & 0b11).ok_or(DecodeError::Breach(Breach::QoS3))?;
        let mut reader = Reader::new(frame.body);
        let topic = reader.binary()?;
        let packet_id = if qos == QoS::AtMostOnce { None } else { Some(reader.packet_id()?) };
        Ok(Publish {
            dup: frame.first_byte & DUP != 0,
            qos,
            retain: frame.first_byte & RETAIN != 0,
            topic,
            packet_id,
            properties: PropertyView::read_unjudged(&mut reader, version)?,
            payload: reader.rest(),
        })
    }

    /// Takes apart a received PUBLISH, as [`Packet::decode`](super::Packet::decode) does any packet.
    ///
    /// # Errors
    /// As there.
    #[inline(always)]
    pub fn of_frame(frame: Frame<'a>, version: Version) -> Result<Decoded<Publish<'a>>, DecodeError> {
        let mut reader = Reader::new(frame.body);
        let packet = Publish::decode(frame.first_byte, &mut reader, version)?;
        Ok(Decoded { packet, breaches: reader.breaches })
    }

    /// The same for what most messages are: QoS 0 or 1, an ASCII topic, no properties, not sent again, nothing to note.
    /// `None`: it is something else, or nothing at all.
    #[inline(always)]
    pub fn of_plain_frame(frame: Frame<'a>, version: Version) -> Option<Publish<'a>> {
        let qos = match frame.first_byte & !RETAIN {
            PUBLISH => QoS::AtMostOnce,
            PUBLISH_ONCE => QoS::AtLeastOnce,
            _ => return None,
        };
        let (length, rest) = frame.body.split_first_chunk()?;
        let (topic, mut rest) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
        if topic.is_empty() || !utf8::is_plain(topic) {
            return None;
        }
        let mut packet_id = None;
        if qos == QoS::AtLeastOnce {
            let (id, payload) = rest.split_first_chunk()?;
            (packet_id, rest) = (Some(PacketId::new(u16::from_be_bytes(*id))?), payload);
        }
        let payload = if version.has_properties() { rest.strip_prefix(&[0])? } else { rest };
        let retain = frame.first_byte & RETAIN != 0;
        Some(Publish { retain, topic, packet_id, payload, ..Publish::empty(qos) })
    }

    #[inline(always)]
    pub(super) fn decode(
        first_byte: u8,
        reader: &mut Reader<'a>,
        version: Version,
    ) -> Result<Publish<'a>, DecodeError> {
        let qos = QoS::from_bits(first_byte >> 1 & 0b11).ok_or(DecodeError::Breach(Breach::QoS3))?;
        let topic = reader.binary()?;
        check_topic_name(topic, &mut reader.breaches);
        let packet_id = if qos == QoS::AtMostOnce { None } else { Some(reader.packet_id()?) };
        let properties = property_rules::PUBLISH.read(reader, version)?;
        if topic.is_empty() && properties.two_byte(PropertyId::TopicAlias).is_none() {
            reader.breaches.add(Breach::TopicMissing);
        }
        Ok(Publish {
            dup: first_byte & DUP != 0,
            qos,
            retain: first_byte & RETAIN != 0,
            topic,
            packet_id,
            properties,
            payload: reader.rest(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Framing, split_frame};

    /// The message, as it is taken apart in both ways.
    fn plain(version: Version, packet: &[u8]) -> Option<Publish<'_>> {
        let Ok(Framing::Complete(frame)) = split_frame(packet, 0) else { panic!("incomplete") };
        let plain = Publish::of_plain_frame(frame, version);
        if let Some(publish) = plain {
            let decoded = Publish::of_frame(frame, version).unwrap();
            assert!(decoded.breaches.is_empty());
            assert_eq!(decoded.packet, publish);
        }
        plain
    }

    #[test]
    fn a_plain_message_is_taken_apart_at_once() {
        assert_eq!(plain(Version::V311, b"\x30\x05\0\x01tab").unwrap().payload, b"ab");
        assert!(plain(Version::V311, b"\x31\x03\0\x01t").unwrap().retain);
        assert_eq!(plain(Version::V5, b"\x30\x05\0\x01t\0b").unwrap().payload, b"b");
        assert_eq!(plain(Version::V311, b"\x32\x06\0\x01t\0\x07b").unwrap().packet_id, PacketId::new(7));
        assert_eq!(plain(Version::V5, b"\x32\x06\0\x01t\0\x07\0").unwrap().payload, b"");
    }

    #[test]
    fn everything_else_is_looked_at() {
        let others: [&[u8]; 11] = [
            b"\x32\x05\0\x01t\0\0",
            b"\x32\x04\0\x01t\0",
            b"\x34\x05\0\x01t\0\x07",
            b"\x3A\x05\0\x01t\0\x07",
            b"\x38\x03\0\x01t",
            b"\x36\x03\0\x01t",
            b"\x40\x03\0\x01t",
            b"\x30\x02\0\0",
            b"\x30\x03\0\x02t",
            b"\x30\x03\0\x01+",
            b"\x30\x01\0",
        ];
        for packet in others {
            assert_eq!(plain(Version::V311, packet), None, "{packet:?}");
        }
        assert_eq!(plain(Version::V5, b"\x30\x06\0\x01t\x02\x01\x01"), None, "properties");
        assert_eq!(plain(Version::V5, b"\x30\x03\0\x01t"), None, "they are missing");
    }
}
