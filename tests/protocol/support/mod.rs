//! What the tests of the protocol layer share: encoding and decoding one packet, generated packets, and
//! damaged ones.

#![allow(dead_code, reason = "each test program uses a part of this")]

pub(crate) mod generate;
pub(crate) mod mutate;
pub(crate) mod samples;

use paho_c_rs::protocol::{
    DecodeError, Decoded, Frame, Framing, Packet, PacketId, Property, PropertyId, PropertyType,
    PropertyValue, Version, split_frame,
};

/// All versions.
pub(crate) const VERSIONS: [Version; 3] = [Version::V31, Version::V311, Version::V5];

/// All properties of the standard.
pub(crate) fn all_properties() -> impl Iterator<Item = PropertyId> {
    (0..=u8::MAX).filter_map(|number| PropertyId::from_number(number.into()))
}

/// A packet identifier that is not 0.
pub(crate) fn id(number: u16) -> PacketId {
    PacketId::new(number).expect("packet identifiers are not 0")
}

/// The bytes of a text such as `"10 0C 00 04"`; blanks are ignored.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_digit(16).expect("hex") as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// The one packet that `bytes` are.
pub(crate) fn frame(bytes: &[u8]) -> Frame<'_> {
    match split_frame(bytes, 0) {
        Ok(Framing::Complete(frame)) => {
            assert_eq!(frame.length, bytes.len(), "bytes behind the packet");
            frame
        }
        other => panic!("not a packet: {other:?}"),
    }
}

/// Frames and decodes the one packet that `bytes` are, as a strict receiver does.
pub(crate) fn decode(bytes: &[u8], version: Version) -> Result<Packet<'_>, DecodeError> {
    tolerate(bytes, version)?.strictly()
}

/// The same with the breaches found in it.
pub(crate) fn tolerate(bytes: &[u8], version: Version) -> Result<Decoded<Packet<'_>>, DecodeError> {
    Packet::decode(frame(bytes), version)
}

/// The packet's bytes.
pub(crate) fn encode(packet: &Packet<'_>, version: Version) -> Vec<u8> {
    let mut out = b"before".to_vec();
    packet.encode(version, &mut out).expect("encodes");
    assert_eq!(&out[..6], b"before", "encoding appends");
    out.split_off(6)
}

/// The packet survives the wire, and no shorter piece of it is taken for a packet.
pub(crate) fn assert_round_trip(packet: &Packet<'_>, version: Version) {
    let bytes = encode(packet, version);
    assert_eq!(decode(&bytes, version).as_ref(), Ok(packet), "{version:?} {bytes:02X?}");
    for end in [0, 1, 2, 3, bytes.len() - 1] {
        if end < bytes.len() {
            assert!(matches!(split_frame(&bytes[..end], 0), Ok(Framing::Incomplete { .. })));
        }
    }
}

/// A property that decoding accepts wherever the identifier is allowed.
pub(crate) fn sample_property(id: PropertyId) -> Property<'static> {
    let value = match id.property_type() {
        PropertyType::Byte => PropertyValue::Byte(1),
        PropertyType::TwoByteInteger => PropertyValue::TwoByteInteger(0x1234),
        PropertyType::FourByteInteger => PropertyValue::FourByteInteger(0x1234_5678),
        PropertyType::VariableByteInteger => PropertyValue::VariableByteInteger(300),
        PropertyType::BinaryData => PropertyValue::BinaryData(&[0, 0xFF]),
        PropertyType::Utf8String => PropertyValue::Utf8String("a\u{e9}".as_bytes()),
        PropertyType::Utf8StringPair => PropertyValue::Utf8StringPair(b"name", b"value"),
    };
    Property { id, value }
}
