//! What an accepted connection does with packets that should not come: each row of the table of reactions.

use crate::support::*;
use paho_c_rs::protocol::{
    Breach, Framing, PacketType, PropertyId, PropertyValue, QoS, ReasonCode, Version, split_frame,
};
use paho_c_rs::session::{ConnectOptions, Event, Failure, Oddity, RequestError};

const MALFORMED: u8 = 0x81;
const PROTOCOL_ERROR: u8 = 0x82;
const TOPIC_NAME_INVALID: u8 = 0x90;
const TOPIC_ALIAS_INVALID: u8 = 0x94;
const PACKET_TOO_LARGE: u8 = 0x95;

/// The connection fails, the server of version 5 is told why, and nothing comes after that.
fn assert_fails(client: &mut Client, packet: &[u8], reason: u8) {
    let version = client.session.version();
    client.written();
    let outcome = client.receive(packet);
    let Err(Failure::Protocol { reason: given, text }) = outcome else {
        panic!("{packet:02x?}: {outcome:?}")
    };
    assert_eq!(given, ReasonCode(reason), "{packet:02x?}: {text}");
    assert!(!client.session.is_connected());
    assert_eq!(client.publish(QoS::AtMostOnce, b"").err(), Some(RequestError::NotConnected));
    assert_eq!(client.receive(&message_from_server(version, QoS::AtLeastOnce, 1, b"", false)), Ok(None));
    let told = if version == Version::V5 { vec![format!("DISCONNECT {reason:#04x}")] } else { vec![] };
    assert_eq!(summary(&client.written(), version), told, "{packet:02x?}");
}

/// Whatever is against the standard in it, the connection goes on.
fn assert_bears(client: &mut Client, packet: &[u8]) -> Option<Seen> {
    let seen = client.receive(packet);
    assert!(client.session.is_connected(), "{packet:02x?}: {seen:?}");
    seen.unwrap()
}

#[test]
fn what_leaves_the_framing_in_doubt_ends_the_connection() {
    let cases: [(&[u8], u8); 6] = [
        (&[0x00, 0x00], PROTOCOL_ERROR),
        (&[0x20, 0x02, 0x00, 0x00], PROTOCOL_ERROR),
        (&[0x30, 0x00], MALFORMED),
        (b"\x30\x02\0\x05", MALFORMED),
        (b"\x32\x03\0\x01t", MALFORMED),
        (&[0x40, 0x01, 0x00], MALFORMED),
    ];
    for version in ALL_VERSIONS {
        for (packet, reason) in cases {
            assert_fails(&mut Client::connected(version), packet, reason);
            assert_fails(&mut Client::strict(version), packet, reason);
        }
    }
    let unknown_property: [&[u8]; 4] = [
        b"\x30\x06\0\x01t\x02\x7F\0",
        b"\x40\x06\0\x01\0\x02\x7F\0",
        b"\x90\x06\0\x01\x02\x7F\0\0",
        b"\xE0\x04\x8B\x02\x7F\0",
    ];
    let too_short: [&[u8]; 2] = [b"\x30\x06\0\x01t\x09\x01\0", b"\x90\x04\0\x01\x05\0"];
    for packet in unknown_property.into_iter().chain(too_short) {
        assert_fails(&mut Client::connected(Version::V5), packet, MALFORMED);
        assert_fails(&mut Client::strict(Version::V5), packet, MALFORMED);
    }
}

/// Packets with which nothing can be done.
const POINTLESS: [(&[u8], u8); 7] = [
    (b"\x10\x0c\0\x04MQTT\x04\x02\0\0\0\0", PROTOCOL_ERROR),
    (b"\x82\x06\0\x01\0\x01t\0", PROTOCOL_ERROR),
    (b"\xA2\x05\0\x01\0\x01t", PROTOCOL_ERROR),
    (&[0xC0, 0x00], PROTOCOL_ERROR),
    (&[0xF0, 0x00], PROTOCOL_ERROR),
    (b"\xF0\x06\x18\x04\x15\0\x01m", PROTOCOL_ERROR),
    (b"\x36\x05\0\x01t\0\x01", MALFORMED),
];

#[test]
fn packets_that_no_server_sends_are_dropped() {
    for version in ALL_VERSIONS {
        for (packet, reason) in POINTLESS {
            let mut client = Client::connected(version);
            assert_eq!(assert_bears(&mut client, packet), None);
            assert!(client.written().is_empty(), "no answer");
            assert_fails(&mut Client::strict(version), packet, reason);
        }
    }
}

#[test]
fn flags_and_bytes_that_say_nothing_change_nothing() {
    let cases: [(&[u8], &[u8], u8); 8] = [
        (&[0xD0, 0x01, 0x00], &[], MALFORMED),
        (&[0xD1, 0x00], &[], MALFORMED),
        (&[0x42, 0x02, 0x00, 0x01], &[], MALFORMED),
        (&[0x60, 0x02, 0x00, 0x01], &[0x70, 2, 0, 1], MALFORMED),
        (&[0x6A, 0x02, 0x00, 0x01], &[0x70, 2, 0, 1], MALFORMED),
        (&[0x62, 0x02, 0x00, 0x00], &[0x70, 2, 0, 0], MALFORMED),
        (&[0x40, 0x02, 0x00, 0x00], &[], MALFORMED),
        (&[0x91, 0x04, 0x00, 0x07, 0x00, 0x00], &[], MALFORMED),
    ];
    for version in ALL_VERSIONS {
        for (packet, answer, reason) in cases {
            let mut client = Client::connected(version);
            assert_bears(&mut client, packet);
            assert_eq!(client.written(), answer, "{packet:02x?}");
            // 3.1 leaves the flags open.
            let only_flags = packet[0] & 0xF0 != packet[0] && packet[0] != 0x62 || packet[0] == 0x60;
            if version == Version::V31 && only_flags {
                assert_bears(&mut Client::strict(version), packet);
            } else {
                assert_fails(&mut Client::strict(version), packet, reason);
            }
        }
    }
}

/// A PUBLISH with the bytes of topic, id and property length as given.
fn publish(version: Version, flags: u8, topic: &[u8], id: &[u8]) -> Vec<u8> {
    let properties: &[u8] = if version == Version::V5 { &[0] } else { &[] };
    let body = [&[0, topic.len() as u8], topic, id, properties].concat();
    [&[0x30 | flags, body.len() as u8], &body[..]].concat()
}

#[test]
fn messages_that_no_server_may_send_are_delivered_as_they_came() {
    let topics: [(&[u8], u8); 5] = [
        (b"a/+", TOPIC_NAME_INVALID),
        (b"#", TOPIC_NAME_INVALID),
        (b"a\xFF", MALFORMED),
        (b"a\xC0\x80", MALFORMED),
        (b"", PROTOCOL_ERROR),
    ];
    for version in ALL_VERSIONS {
        for (topic, reason) in topics {
            let packet = publish(version, 0, topic, &[]);
            let seen = assert_bears(&mut Client::connected(version), &packet);
            assert!(matches!(&seen, Some(Seen::Message { topic: given, .. }) if given == topic), "{seen:?}");
            assert_fails(&mut Client::strict(version), &packet, reason);
        }
        let valid: [&[u8]; 2] = [b"a\0b", b"a/\x0E\x7F\xC2\x85\xEF\xBF\xBF"];
        for topic in valid {
            let packet = publish(version, 0, topic, &[]);
            assert!(matches!(
                assert_bears(&mut Client::strict(version), &packet),
                Some(Seen::Message { .. })
            ));
        }
    }
}

#[test]
fn identifier_0_is_acknowledged_like_any_other() {
    for version in ALL_VERSIONS {
        let mut client = Client::connected(version);
        let at_least_once = publish(version, 2, b"a", &[0, 0]);
        assert!(matches!(assert_bears(&mut client, &at_least_once), Some(Seen::Message { .. })));
        assert_eq!(client.written(), [0x40, 2, 0, 0]);
        let exactly_once = publish(version, 4, b"a", &[0, 0]);
        let first = assert_bears(&mut client, &exactly_once);
        assert_eq!(client.written(), [0x50, 2, 0, 0]);
        let released = assert_bears(&mut client, &[0x62, 2, 0, 0]);
        assert_eq!(client.written(), [0x70, 2, 0, 0]);
        assert_eq!((first.is_some(), released.is_some()), (version == Version::V5, version != Version::V5));
        for packet in [at_least_once, exactly_once] {
            assert_fails(&mut Client::strict(version), &packet, MALFORMED);
        }
    }
}

#[test]
fn properties_that_should_not_be_there_come_with_the_message() {
    let lists: [(&[u8], u8); 9] = [
        (b"\x01\x00\x01\x00", PROTOCOL_ERROR),
        (b"\x02\0\0\0\x01\x02\0\0\0\x02", PROTOCOL_ERROR),
        (b"\x01\x02", PROTOCOL_ERROR),
        (b"\x0B\x00", PROTOCOL_ERROR),
        (b"\x03\0\x02\xFF\xFE", MALFORMED),
        (b"\x26\0\x01\xFF\0\x01\xFE", MALFORMED),
        (b"\x1F\0\x01x", MALFORMED),
        (b"\x21\0\0", MALFORMED),
        (b"\x23\0\x00", PROTOCOL_ERROR),
    ];
    for (list, reason) in lists {
        let body = [&b"\0\x01t"[..], &[list.len() as u8], list, b"payload"].concat();
        let packet = [&[0x30, body.len() as u8], &body[..]].concat();
        let mut client = Client::connected(Version::V5);
        let Ok(Framing::Complete(frame)) = split_frame(&packet, 0) else { panic!() };
        let event = client.session.receive(client.now, frame).unwrap();
        let Some(Event::Message(message)) = event else { panic!("{list:02x?}: {event:?}") };
        assert_eq!((message.properties.encoded(), message.payload), (list, &b"payload"[..]));
        assert_fails(&mut Client::strict(Version::V5), &packet, reason);
    }
}

#[test]
fn each_oddity_is_reported_once_and_counted() {
    let mut client = Client::connected(Version::V5);
    assert!(!client.session.has_new_oddities());
    for _ in 0..3 {
        client.receive(&publish(Version::V5, 0, b"a/+", &[])).unwrap();
        client.receive(&publish(Version::V5, 2, b"\xFF#", &[0, 0])).unwrap();
    }
    client.receive(&[0xC0, 0]).unwrap();
    assert!(client.session.has_new_oddities());
    let kinds = |oddities: Vec<Oddity>| -> Vec<_> {
        oddities.iter().map(|oddity| (oddity.packet_type, oddity.breach, oddity.count)).collect()
    };
    let all = [
        (PacketType::Publish, Breach::TopicWildcards, 6),
        (PacketType::Publish, Breach::TopicNotUtf8, 3),
        (PacketType::Publish, Breach::PacketIdZero, 3),
        (PacketType::PingReq, Breach::SentByServer, 1),
    ];
    assert_eq!(kinds(client.session.take_new_oddities()), all);
    client.receive(&[0xC0, 0]).unwrap();
    assert!(!client.session.has_new_oddities());
    assert_eq!(kinds(client.session.take_oddities())[3], (PacketType::PingReq, Breach::SentByServer, 2));
    client.connect(&options(Version::V5), false, &[]);
    assert!(client.session.take_oddities().is_empty(), "each connection has its own");
}

#[test]
fn lengths_that_are_refused_before_the_packet_is_there() {
    for version in ALL_VERSIONS {
        assert_fails(&mut Client::connected(version), &[0x30, 0x80, 0x80, 0x80, 0x80, 0x01], MALFORMED);
    }
    let list = properties(&[(PropertyId::MaximumPacketSize, PropertyValue::FourByteInteger(10))]);
    let asked = ConnectOptions { properties: list.view(), ..options(Version::V5) };
    let mut client = Client::new();
    client.begin_connect(&asked);
    assert_eq!(client.session.maximum_incoming(), 10);
    client.receive(&connack(Version::V5, false, 0, &[])).unwrap();
    let fits = message_from_server(Version::V5, QoS::AtMostOnce, 0, b"1234", false);
    assert_eq!(fits.len(), 10);
    assert!(client.receive(&fits).unwrap().is_some());
    let large = message_from_server(Version::V5, QoS::AtMostOnce, 0, b"12345", false);
    assert_fails(&mut client, &large, PACKET_TOO_LARGE);
    assert_eq!(Client::connected(Version::V5).session.maximum_incoming(), 0);
}

#[test]
fn disconnect_from_the_server() {
    for version in [Version::V31, Version::V311] {
        assert_eq!(assert_bears(&mut Client::connected(version), &[0xE0, 0x00]), None);
        assert_eq!(assert_bears(&mut Client::connected(version), &[0xE0, 0x01, 0x8B]), None);
        assert_fails(&mut Client::strict(version), &[0xE0, 0x00], PROTOCOL_ERROR);
    }
    let misplaced: &[u8] = b"\xE0\x06\x8B\x04\x03\0\x01x";
    let trailing: &[u8] = b"\xE0\x03\x8B\0\x01";
    let flags: &[u8] = &[0xEF, 0x01, 0x8B];
    for packet in [misplaced, trailing, flags] {
        assert_fails(&mut Client::strict(Version::V5), packet, MALFORMED);
    }
    for (packet, reason) in [
        (&[0xE0u8, 0x00][..], 0),
        (&[0xE0, 0x01, 0x8B], 0x8B),
        (&[0xE0, 0x02, 0x8B, 0], 0x8B),
        (misplaced, 0x8B),
        (trailing, 0x8B),
        (flags, 0x8B),
    ] {
        let mut client = Client::connected(Version::V5);
        assert_eq!(client.receive(packet), Ok(Some(Seen::ServerDisconnected { reason })));
        assert!(!client.session.is_connected());
        assert!(client.written().is_empty(), "no answer");
    }
}

#[test]
fn an_unexpected_pingresp_is_ignored() {
    for version in ALL_VERSIONS {
        let mut client = Client::connected(version);
        assert_eq!(client.receive(&[0xD0, 0x00]), Ok(None));
        assert!(client.session.is_connected());
    }
}

#[test]
fn answers_to_unknown_requests_are_ignored() {
    let answers: [(Version, &[u8]); 4] = [
        (Version::V311, &[0x90, 3, 0, 7, 0]),
        (Version::V311, &[0xB0, 2, 0, 7]),
        (Version::V5, &[0x90, 4, 0, 7, 0, 0]),
        (Version::V5, &[0xB0, 4, 0, 7, 0, 0]),
    ];
    for (version, packet) in answers {
        let mut client = Client::connected(version);
        assert_eq!(client.receive(packet), Ok(None));
        assert!(client.session.is_connected());
    }
}

#[test]
fn incoming_topic_aliases_are_left_to_the_application() {
    let message = |topic: &[u8], alias: u8| {
        let body = [&[0, topic.len() as u8], topic, &[3, 0x23, 0, alias]].concat();
        [&[0x30, body.len() as u8], &body[..]].concat()
    };
    let list = properties(&[(PropertyId::TopicAliasMaximum, PropertyValue::TwoByteInteger(2))]);
    let asked = ConnectOptions { properties: list.view(), ..options(Version::V5) };
    let connected = |strict: bool| {
        let mut client = Client::new();
        client.session.set_strict(strict);
        client.connect(&asked, true, &[]);
        client
    };
    let arrives = |client: &mut Client, topic: &[u8], alias: u8| {
        let seen = assert_bears(client, &message(topic, alias));
        assert!(matches!(seen, Some(Seen::Message { topic: given, .. }) if given == topic));
    };
    arrives(&mut Client::connected(Version::V5), b"t", 1);
    assert_fails(&mut Client::strict(Version::V5), &message(b"t", 1), TOPIC_ALIAS_INVALID);
    for (topic, alias, reason) in
        [(&b"t"[..], 3, TOPIC_ALIAS_INVALID), (b"", 2, PROTOCOL_ERROR), (b"t", 0, PROTOCOL_ERROR)]
    {
        arrives(&mut connected(false), topic, alias);
        assert_fails(&mut connected(true), &message(topic, alias), reason);
    }
    let mut client = connected(true);
    for topic in [&b"t"[..], b""] {
        arrives(&mut client, topic, 2);
    }
    client.connect(&asked, true, &[]);
    assert_fails(&mut client, &message(b"", 2), PROTOCOL_ERROR);
}
