//! Whole PUBLISH packets as byte strings: how they are put together, kept, and made ready for a resend.

use super::SharedPacket;
use crate::protocol::{Decoded, Framing, Packet, PropertyId, Publish, QoS, Version, split_frame};

/// The DUP flag in the first byte of a PUBLISH.
const DUP: u8 = 0b1000;

/// The packet that these bytes are, if they are exactly one.
fn decode(packet: &[u8], version: Version) -> Option<Decoded<Packet<'_>>> {
    let Ok(Framing::Complete(frame)) = split_frame(packet, 0) else { return None };
    Packet::decode(frame, version).ok().filter(|_| frame.length == packet.len())
}

/// The received PUBLISH that `packet` holds, if it holds exactly one: as with one from the server, what breaks the standard
/// in it does no harm.
pub(super) fn decode_publish(packet: &[u8], version: Version) -> Option<Publish<'_>> {
    match decode(packet, version)?.packet {
        Packet::Publish(publish) => Some(publish),
        _ => None,
    }
}

/// The PUBLISH in `packet` that is to be sent again: a server may close the connection because of a message that it must
/// not get, again and again.
pub(super) fn decode_publish_to_server(packet: &[u8], version: Version) -> Option<Publish<'_>> {
    let Ok(Packet::Publish(publish)) = decode(packet, version)?.strictly() else { return None };
    publish.properties.first(PropertyId::SubscriptionIdentifier).is_none().then_some(publish)
}

/// Whether `packet` holds exactly one packet that is as the standard wants it.
pub(super) fn is_whole(packet: &[u8], version: Version) -> bool {
    decode(packet, version).is_some_and(|decoded| decoded.breaches.is_empty())
}

/// The outgoing PUBLISH in `packet`. Its topic and properties are not checked: they are as the application gave
/// them.
pub(super) fn take_apart(packet: &[u8], version: Version) -> Option<Publish<'_>> {
    let Ok(Framing::Complete(frame)) = split_frame(packet, 0) else { return None };
    Publish::take_apart(frame, version).ok()
}

/// The quality of service of the PUBLISH at the start of `packet`.
pub(super) fn qos(packet: &[u8]) -> QoS {
    let flags = packet.first().copied().unwrap_or_default();
    QoS::from_bits(flags >> 1 & 0b11).unwrap_or(QoS::AtMostOnce)
}

/// Makes the PUBLISH at the start of `packet` a duplicate.
pub(super) fn set_dup(packet: &mut [u8]) {
    if let Some(first) = packet.first_mut() {
        *first |= DUP;
    }
}

/// A duplicate of `packet`.
pub(super) fn duplicate(packet: &[u8]) -> SharedPacket {
    let mut copy = packet.to_vec();
    set_dup(&mut copy);
    copy.into()
}

/// `packet`, encoded in version `from`, encoded for a connection of version `to`.
pub(super) fn convert(packet: &[u8], from: Version, to: Version) -> Option<SharedPacket> {
    let publish = take_apart(packet, from)?;
    let mut bytes = Vec::with_capacity(packet.len() + 1);
    publish.encode(to, &mut bytes).ok()?;
    Some(bytes.into())
}

/// Whether the PUBLISH at the start of `packet` is marked as a duplicate.
pub(super) fn is_dup(packet: &[u8]) -> bool {
    packet.first().is_some_and(|first| first & DUP != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Frame, PacketId, QoS};

    fn publish(payload: &[u8]) -> Publish<'_> {
        let packet_id = PacketId::new(7);
        Publish { retain: true, topic: b"t/u", packet_id, payload, ..Publish::empty(QoS::ExactlyOnce) }
    }

    fn encoded(version: Version, payload: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        publish(payload).encode(version, &mut bytes).unwrap();
        bytes
    }

    fn of_frame(frame: Frame<'_>) -> Vec<u8> {
        let mut packet = Vec::new();
        frame.put(&mut packet);
        packet
    }

    #[test]
    fn a_frame_becomes_the_packet_it_was() {
        for size in [0, 1, 100, 127, 128, 16_383, 16_384, 70_000, 2_097_152, 2_200_000] {
            let packet = encoded(Version::V311, &vec![9; size]);
            let Ok(Framing::Complete(frame)) = split_frame(&packet, 0) else { panic!("incomplete") };
            assert_eq!(of_frame(frame), packet);
        }
        let ping = Frame { first_byte: 0xC0, body: &[], length: 2 };
        assert_eq!(of_frame(ping), [0xC0, 0]);
    }

    #[test]
    fn a_duplicate_differs_in_its_flag_only() {
        let packet = encoded(Version::V5, b"payload");
        let copy = duplicate(&packet);
        assert!(is_dup(&copy) && !is_dup(&packet));
        let decoded = decode_publish(&copy, Version::V5).unwrap();
        assert_eq!(decoded, Publish { dup: true, ..publish(b"payload") });
    }

    #[test]
    fn packets_change_their_version() {
        let old = encoded(Version::V31, b"payload");
        let new = convert(&old, Version::V31, Version::V5).unwrap();
        assert_eq!(*new, *encoded(Version::V5, b"payload"));
        assert_eq!(*convert(&new, Version::V5, Version::V311).unwrap(), *old);
        assert_eq!(convert(b"rubbish", Version::V311, Version::V5), None);
    }
}
