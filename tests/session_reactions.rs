//! What an accepted connection does with packets that should not come: each row of the table of reactions.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod session_support;

use paho_c_rs::protocol::{PropertyId, PropertyValue, QoS, ReasonCode, Version};
use paho_c_rs::session::{ConnectOptions, Failure, RequestError};
use session_support::*;

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

#[test]
fn packets_that_no_server_may_send_in_any_version() {
    let cases: [(&[u8], u8); 18] = [
        (&[0x00, 0x00], PROTOCOL_ERROR),
        (b"\x10\x0c\0\x04MQTT\x04\x02\0\0\0\0", PROTOCOL_ERROR),
        (b"\x82\x06\0\x01\0\x01t\0", PROTOCOL_ERROR),
        (b"\xA2\x05\0\x01\0\x01t", PROTOCOL_ERROR),
        (&[0xC0, 0x00], PROTOCOL_ERROR),
        (&[0x20, 0x02, 0x00, 0x00], PROTOCOL_ERROR),
        (&[0xD0, 0x01, 0x00], MALFORMED),
        (&[0xD1, 0x00], MALFORMED),
        (&[0xF0, 0x00], PROTOCOL_ERROR),
        (b"\x36\x05\0\x01t\0\x01", MALFORMED),
        (&[0x30, 0x00], MALFORMED),
        (b"\x30\x02\0\x05", MALFORMED),
        (b"\x32\x03\0\x01t", MALFORMED),
        (&[0x40, 0x01, 0x00], MALFORMED),
        (&[0x40, 0x02, 0x00, 0x00], MALFORMED),
        (&[0x42, 0x02, 0x00, 0x01], MALFORMED),
        (&[0x60, 0x02, 0x00, 0x01], MALFORMED),
        (&[0xB0, 0x01, 0x00], MALFORMED),
    ];
    for version in ALL_VERSIONS {
        for (packet, reason) in cases {
            assert_fails(&mut Client::connected(version), packet, reason);
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
fn messages_that_no_server_may_send() {
    for version in ALL_VERSIONS {
        let cases = [
            (publish(version, 0, b"a/+", &[]), TOPIC_NAME_INVALID),
            (publish(version, 0, b"#", &[]), TOPIC_NAME_INVALID),
            (publish(version, 0, b"a\xFF", &[]), MALFORMED),
            (publish(version, 0, b"a\xC0\x80", &[]), MALFORMED),
            (publish(version, 0, b"", &[]), PROTOCOL_ERROR),
            (publish(version, 2, b"a", &[0, 0]), MALFORMED),
            (publish(version, 4, b"a", &[0, 0]), MALFORMED),
        ];
        for (packet, reason) in cases {
            assert_fails(&mut Client::connected(version), &packet, reason);
        }
        let zero = publish(version, 0, b"a\0b", &[]);
        assert!(matches!(Client::connected(version).receive(&zero), Ok(Some(Seen::Message { .. }))));
    }
}

#[test]
fn properties_that_no_server_may_send() {
    let cases: [(&[u8], u8); 4] = [
        (b"\x30\x06\0\x01t\x02\x7F\0", MALFORMED),
        (b"\x30\x06\0\x01t\x09\x01\0", MALFORMED),
        (b"\x30\x08\0\x01t\x04\x01\0\x01\0", PROTOCOL_ERROR),
        (b"\x30\x06\0\x01t\x02\x02\0", MALFORMED),
    ];
    for (packet, reason) in cases {
        assert_fails(&mut Client::connected(Version::V5), packet, reason);
    }
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
        assert_fails(&mut Client::connected(version), &[0xE0, 0x00], PROTOCOL_ERROR);
    }
    for (packet, reason) in
        [(&[0xE0u8, 0x00][..], 0), (&[0xE0, 0x01, 0x8B], 0x8B), (&[0xE0, 0x02, 0x8B, 0], 0x8B)]
    {
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
fn incoming_topic_aliases_stay_within_what_was_announced() {
    let message = |topic: &[u8], alias: u8| {
        let body = [&[0, topic.len() as u8], topic, &[3, 0x23, 0, alias]].concat();
        [&[0x30, body.len() as u8], &body[..]].concat()
    };
    assert_fails(&mut Client::connected(Version::V5), &message(b"t", 1), TOPIC_ALIAS_INVALID);
    let list = properties(&[(PropertyId::TopicAliasMaximum, PropertyValue::TwoByteInteger(2))]);
    let asked = ConnectOptions { properties: list.view(), ..options(Version::V5) };
    let connected = || {
        let mut client = Client::new();
        client.connect(&asked, true, &[]);
        client
    };
    assert_fails(&mut connected(), &message(b"t", 3), TOPIC_ALIAS_INVALID);
    assert_fails(&mut connected(), &message(b"", 2), PROTOCOL_ERROR);
    let mut client = connected();
    for topic in [&b"t"[..], b""] {
        let seen = client.receive(&message(topic, 2)).unwrap();
        assert!(
            matches!(seen, Some(Seen::Message { topic: given, .. }) if given == topic),
            "left to the program"
        );
    }
    client.connect(&asked, true, &[]);
    assert_fails(&mut client, &message(b"", 2), PROTOCOL_ERROR);
}
