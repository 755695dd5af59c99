//! Packets that a server sends by itself, mostly valid.

use crate::random::Random;
use crate::support::packet::{self, Publish};

/// A property with its value.
fn property(identifier: u8, random: &mut Random) -> Vec<u8> {
    let value = match identifier {
        0x01 => vec![random.pick(&[0, 1])],
        0x17 | 0x19 | 0x24 | 0x25 | 0x28 | 0x29 | 0x2A => vec![random.pick(&[0, 1])],
        0x02 | 0x11 | 0x18 | 0x27 => (1 + random.below(100_000) as u32).to_be_bytes().to_vec(),
        // Enough for all messages of a case: the original keeps it for later connections.
        0x21 => (20 + random.below(300) as u16).to_be_bytes().to_vec(),
        0x13 | 0x22 | 0x23 => (1 + random.below(300) as u16).to_be_bytes().to_vec(),
        0x0B => packet::length(1 + random.below(300)),
        0x26 => [packet::string(b"key"), packet::string(&vec![b'v'; random.below(20)])].concat(),
        _ => packet::string(&vec![b's'; random.below(20)]),
    };
    [&[identifier][..], &value].concat()
}

/// A property with a value that the standard does not allow, but that has the form of its type.
fn odd_property(identifier: u8, random: &mut Random) -> Vec<u8> {
    let value = match identifier {
        0x01 | 0x17 | 0x19 | 0x24 | 0x25 | 0x28 | 0x29 | 0x2A => vec![random.pick(&[2, 255])],
        0x02 | 0x11 | 0x18 | 0x27 => vec![0; 4],
        0x13 | 0x22 | 0x23 => vec![0; 2],
        0x21 => vec![0, 7],
        0x0B => vec![0],
        0x26 => [packet::string(b"\xFF\xC0"), packet::string(b"\0")].concat(),
        _ => packet::string(b"\xE9t\xE9"),
    };
    [&[identifier][..], &value].concat()
}

const EVERY_PROPERTY: [u8; 27] = [
    0x01, 0x02, 0x03, 0x08, 0x09, 0x0B, 0x11, 0x12, 0x13, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x1C, 0x1F,
    0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2A,
];

/// Some of these, each at most once, and user properties; now and then one that does not belong or is out of range.
fn properties(usual: &[u8], random: &mut Random) -> Vec<u8> {
    let mut list = Vec::new();
    for &identifier in usual {
        if random.chance(30) {
            list.extend(property(identifier, random));
        }
    }
    for _ in 0..random.pick(&[0, 0, 1, 2]) {
        list.extend(property(0x26, random));
    }
    match random.below(12) {
        0 => list.extend(property(random.pick(&EVERY_PROPERTY), random)),
        1 => {
            let identifier = random.pick(usual);
            list.extend(odd_property(identifier, random));
        }
        _ => {}
    }
    list
}

pub(crate) fn connack_properties(random: &mut Random) -> Vec<u8> {
    let usual = [0x11, 0x21, 0x22, 0x1F, 0x28, 0x29, 0x2A, 0x1A, 0x1C];
    let mut list = properties(&usual, random);
    // The original takes no notice of these limits, and sends what the server will refuse.
    // So it does of a session that the server will not keep.
    while holds_any(&list, &[0x24, 0x25, 0x27]) || list.windows(5).any(|bytes| bytes == [0x11, 0, 0, 0, 0]) {
        list = properties(&usual, random);
    }
    list
}

/// Whether a list that was made here may hold one of these, by their bytes.
fn holds_any(list: &[u8], identifiers: &[u8]) -> bool {
    list.iter().any(|byte| identifiers.contains(byte))
}

pub(crate) fn acknowledgement_properties(random: &mut Random) -> Vec<u8> {
    properties(&[0x1F], random)
}

/// What a server of this version sends by itself.
pub(crate) struct Incoming {
    pub(crate) level: u8,
    /// Messages are received by calls: without callbacks the original reads on after the DISCONNECT of an MQTT 5 server,
    /// here it ends the connection.
    pub(crate) receive: bool,
}

impl Incoming {
    /// One to four packets, or pairs of them.
    pub(crate) fn packets(&self, random: &mut Random) -> Vec<Vec<u8>> {
        (0..1 + random.below(4)).flat_map(|_| self.some(random)).collect()
    }

    pub(crate) fn messages(&self, random: &mut Random) -> Vec<Vec<u8>> {
        (0..1 + random.below(3)).flat_map(|_| publish(self.level, random)).collect()
    }

    /// A packet, or two that belong together.
    fn some(&self, random: &mut Random) -> Vec<Vec<u8>> {
        let level = self.level;
        match random.below(24) {
            0 => vec![packet::pingresp()],
            2 => vec![stray_acknowledgement(level, random)],
            3 if level == 5 && self.receive => vec![packet::pingresp()],
            3 if level == 5 => {
                let reasons = [
                    0x00, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8B, 0x8D, 0x8E, 0x93, 0x95, 0x97, 0x98, 0x9C, 0x9D,
                ];
                vec![disconnect(random.pick(&reasons), random)]
            }
            3 => vec![packet::packet(0xE0, &[])],
            4 => vec![client_packet(level, random)],
            5 => vec![odd_publish(level, random)],
            _ => publish(level, random),
        }
    }
}

const TOPICS: [&[u8]; 8] = [b"a/b", b"f0/x", b"f1", b"$SYS/x", b"a/+/b", b"a/#", b"caf\xE9", b"a\x01\x7Fb"];

fn publish(level: u8, random: &mut Random) -> Vec<Vec<u8>> {
    let qos = random.below(3) as u8;
    let topic = if random.chance(80) { TOPICS[random.below(4)] } else { random.pick(&TOPICS) };
    let message = Publish {
        dup: qos > 0 && random.chance(15),
        qos,
        retain: random.chance(20),
        topic: topic.to_vec(),
        id: 1 + random.below(6) as u16,
        properties: properties(&[0x01, 0x02, 0x03, 0x08, 0x09, 0x0B], random),
        payload: (0..random.pick(&[0, 1, 20, 500, 5000])).map(|index: usize| (index * 13) as u8).collect(),
    };
    let mut packets = vec![message.encode(level)];
    if qos == 2 && random.chance(85) {
        packets.push(packet::acknowledgement(packet::PUBREL, message.id));
    }
    packets
}

fn odd_publish(level: u8, random: &mut Random) -> Vec<u8> {
    let mut message = Publish::new("a/b", 1, 1 + random.below(6) as u16, b"odd");
    match random.below(5) {
        0 => message.topic.clear(),
        1 => message.id = 0,
        2 => (message.qos, message.dup) = (0, true),
        3 => message.properties = odd_property(random.pick(&EVERY_PROPERTY), random),
        _ => message.topic = b"a\0b".to_vec(),
    }
    message.encode(level)
}

/// No message of a case has these.
pub(crate) const STRAY_IDS: [u16; 3] = [0, 100, 1000];

fn stray_acknowledgement(level: u8, random: &mut Random) -> Vec<u8> {
    let kind = random.pick(&[packet::PUBACK, packet::PUBREC, packet::PUBREL, packet::PUBCOMP]);
    let id = random.pick(&STRAY_IDS);
    match random.below(4) {
        0 if level == 5 => packet::acknowledgement_because(kind, id, random.pick(&[0, 0x10, 0x92])),
        1 => packet::packet(kind << 4 | random.below(16) as u8, &u16::to_be_bytes(id)),
        _ => packet::acknowledgement(kind, id),
    }
}

fn disconnect(reason: u8, random: &mut Random) -> Vec<u8> {
    match random.below(3) {
        0 => packet::packet(0xE0, &[reason]),
        1 => {
            let list = properties(&[0x1F, 0x1C], random);
            packet::packet(0xE0, &[&[reason][..], &packet::properties(5, &list)].concat())
        }
        _ => packet::packet(0xE0, &[]),
    }
}

/// What no server sends.
fn client_packet(level: u8, random: &mut Random) -> Vec<u8> {
    match random.below(5) {
        0 => packet::packet(0xC0, &[]),
        3 => packet::packet(0xF0, if level == 5 { &[0x18, 0] } else { &[] }),
        1 => packet::packet(
            0x82,
            &[&[0, 9][..], &packet::properties(level, &[]), &packet::string(b"x"), &[1]].concat(),
        ),
        2 => packet::packet(
            0xA2,
            &[&[0, 9][..], &packet::properties(level, &[]), &packet::string(b"x")].concat(),
        ),
        _ => packet::packet(
            0x36,
            &[&packet::string(b"q3")[..], &[0, 9], &packet::properties(level, &[]), b"x"].concat(),
        ),
    }
}
