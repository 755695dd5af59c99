//! The beginning and the end of connections: CONNECT, CONNACK and its limits, what becomes of the session.

use crate::support::*;
use paho_c_rs::protocol::AcknowledgementType::PubAck;
use paho_c_rs::protocol::{Connect, Decoded, Filter, Packet, PropertyId, PropertyValue, PropertyView, QoS};
use paho_c_rs::protocol::{ReasonCode, SubscribeOptions, Version, Will, split_frame};
use paho_c_rs::session::{
    ConnectOptions, Failure, LARGE_PAYLOAD, Moment, OutgoingPublish, RequestError, Session, StoreCommand,
};

fn protocol_error(result: Result<Option<Seen>, Failure>) -> Option<ReasonCode> {
    match result {
        Err(Failure::Protocol { reason, .. }) => Some(reason),
        _ => None,
    }
}

#[test]
fn connect_carries_every_option() {
    for version in ALL_VERSIONS {
        let list = properties(&[(PropertyId::ReceiveMaximum, PropertyValue::TwoByteInteger(9))]);
        let list = if version == Version::V5 { list.view() } else { PropertyView::empty() };
        let properties = PropertyView::empty();
        let will = Will { topic: b"w", payload: b"gone", qos: QoS::AtLeastOnce, retain: true, properties };
        let asked = ConnectOptions {
            clean: true,
            keep_alive: 7,
            will: Some(will),
            user_name: Some(b"user"),
            password: Some(b"secret"),
            properties: list,
            ..options(version)
        };
        let mut client = Client::new();
        let sent = client.begin_connect(&asked);
        let expected = Connect {
            version,
            client_id: b"client",
            clean: true,
            keep_alive: 7,
            will: Some(will),
            user_name: Some(b"user"),
            password: Some(b"secret"),
            properties: list,
        };
        assert_eq!(sent, encoded(Packet::Connect(expected), version));
        assert!(!client.session.is_connected());
        assert_eq!(client.session.version(), version);
        client.receive(&connack(version, false, 0, &[])).unwrap();
        assert!(client.session.is_connected());
    }
}

#[test]
fn connect_that_cannot_be_encoded_leaves_the_session_idle() {
    let mut client = Client::new();
    let long = vec![b'u'; 65_536];
    let asked = ConnectOptions { user_name: Some(&long), ..options(Version::V311) };
    assert!(client.session.connect(Moment(0), &asked).is_err());
    assert!(client.written().is_empty());
    assert_eq!(client.receive(&connack(Version::V311, false, 0, &[])), Ok(None));
    assert!(!client.session.is_connected());
}

#[test]
fn refusals_are_reported_with_their_code() {
    for (version, code) in [(Version::V31, 2), (Version::V311, 5), (Version::V5, 0x87), (Version::V5, 1)] {
        let mut client = Client::new();
        client.begin_connect(&options(version));
        let answer = connack(version, false, code, &[]);
        assert_eq!(client.receive(&answer), Ok(Some(Seen::Refused { code })));
        assert!(!client.session.is_connected());
        assert!(client.written().is_empty(), "nothing is said to a server that refused");
    }
}

/// Packets before CONNACK.
fn firsts(version: Version) -> Vec<Vec<u8>> {
    vec![
        message_from_server(version, QoS::AtMostOnce, 0, b"x", false),
        puback(1),
        pubrel(1),
        vec![0x90, 0x03, 0x00, 0x01, 0x00],
        vec![0xD0, 0x00],
        vec![0xC0, 0x00],
        vec![0xF0, 0x00],
    ]
}

#[test]
fn a_strict_client_takes_nothing_but_connack_first() {
    for version in ALL_VERSIONS {
        for first in [firsts(version), vec![vec![0xE0, 0x00]]].concat() {
            let mut client = Client::new();
            client.session.set_strict(true);
            client.begin_connect(&options(version));
            assert_eq!(
                protocol_error(client.receive(&first)),
                Some(ReasonCode::PROTOCOL_ERROR),
                "{first:02x?}"
            );
            assert!(client.written().is_empty());
            assert_eq!(client.receive(&connack(version, false, 0, &[])), Ok(None));
            assert!(!client.session.is_connected());
        }
    }
}

#[test]
fn packets_before_connack_do_not_fail_the_connection() {
    for version in ALL_VERSIONS {
        for first in firsts(version) {
            let mut client = Client::new();
            client.begin_connect(&options(version));
            assert_eq!(client.receive(&first), Ok(None));
            assert!(client.written().is_empty());
            assert!(client.session.take_early_packets().is_none());
            let seen = client.receive(&connack(version, false, 0, &[]));
            assert_eq!(seen, Ok(Some(Seen::Connected { session_present: false })));
            let kept = matches!(first[0], 0x30 | 0x62).then_some(first);
            assert_eq!(client.session.take_early_packets(), kept);
            assert!(client.session.take_early_packets().is_none());
        }
    }
}

#[test]
fn what_cannot_be_mqtt_fails_the_connection_at_once() {
    let beginnings: [&[u8]; 8] = [
        b"HTTP/1.1 400 Bad Request",
        b"SSH-2.0-OpenSSH_9.2",
        b"220 ready",
        b"<html>",
        b"\x15\x03\x01\0\x02\x02",
        b"\x16\x03",
        b"\0",
        b"\x36",
    ];
    for version in ALL_VERSIONS {
        for beginning in beginnings {
            let mut client = Client::new();
            client.begin_connect(&options(version));
            assert!(client.session.expect(beginning).is_err(), "{beginning:?}");
        }
        for beginning in [&b"\x20"[..], b"\x32", b"\x32\x20\0\x05abc", b"\xD0", b"\xE0", b"\x62\x02"] {
            let mut client = Client::new();
            client.begin_connect(&options(version));
            assert_eq!(client.session.expect(beginning), Ok(()));
            client.session.set_strict(true);
            assert_eq!(client.session.expect(beginning).is_ok(), beginning == b"\x20");
        }
    }
}

#[test]
fn messages_before_connack_are_bounded_and_gone_when_it_does_not_come() {
    let message = message_from_server(Version::V311, QoS::AtMostOnce, 0, b"x", false);
    let mut client = Client::new();
    client.begin_connect(&options(Version::V311));
    for _ in 0..4096 {
        assert_eq!(client.receive(&message), Ok(None));
    }
    assert_eq!(protocol_error(client.receive(&message)), Some(ReasonCode::PROTOCOL_ERROR), "too many");
    let large = message_from_server(Version::V311, QoS::AtMostOnce, 0, &vec![b'x'; 20 << 20], false);
    client.begin_connect(&options(Version::V311));
    assert_eq!(client.receive(&large), Ok(None), "one of any size");
    assert_eq!(protocol_error(client.receive(&message)), Some(ReasonCode::PROTOCOL_ERROR), "too large");
    for answer in [connack(Version::V311, false, 5, &[]), vec![]] {
        client.begin_connect(&options(Version::V311));
        client.receive(&message).unwrap();
        if !answer.is_empty() {
            client.receive(&answer).unwrap();
        }
        client.session.connection_closed();
        client.connect(&options(Version::V311), false, &[]);
        assert!(client.session.take_early_packets().is_none());
    }
}

#[test]
fn disconnect_in_place_of_connack_tells_its_reason() {
    for packet in [&[0xE0u8, 0x01, 0x97][..], &[0xE0, 0x02, 0x97, 0], b"\xE0\x06\x97\x04\x03\0\x01x"] {
        let mut client = Client::new();
        client.begin_connect(&options(Version::V5));
        assert_eq!(client.receive(packet), Ok(Some(Seen::RefusedByDisconnect { reason: 0x97 })));
        assert_eq!(client.receive(&connack(Version::V5, false, 0, &[])), Ok(None));
        assert!(client.written().is_empty());
    }
    for version in [Version::V31, Version::V311] {
        let mut client = Client::new();
        client.begin_connect(&options(version));
        assert_eq!(client.receive(&[0xE0, 0x01, 0x97]), Ok(None), "it means nothing there");
        assert!(client.receive(&connack(version, false, 0, &[])).unwrap().is_some());
    }
}

#[test]
fn requests_need_a_connection() {
    let mut client = Client::new();
    let filters = [Filter { filter: b"t", options: SubscribeOptions::new(QoS::AtMostOnce) }];
    for connecting in [false, true] {
        if connecting {
            client.begin_connect(&options(Version::V311));
        }
        let refused = Some(RequestError::NotConnected);
        assert_eq!(client.publish(QoS::AtMostOnce, b"x").err(), refused);
        assert_eq!(client.publish(QoS::ExactlyOnce, b"x").err(), refused);
        let none = PropertyView::empty();
        assert_eq!(client.session.request(&filters, none).err(), refused);
        assert_eq!(client.session.request(&[&b"t"[..]], none).err(), refused);
        client.session.disconnect(ReasonCode::SUCCESS, none).unwrap();
        assert!(client.written().is_empty());
    }
}

#[test]
fn disconnect_is_the_last_packet() {
    for (version, expected) in
        [(Version::V31, &[0xE0u8, 0][..]), (Version::V311, &[0xE0, 0]), (Version::V5, &[0xE0, 1, 4])]
    {
        let mut client = Client::connected(version);
        let none = PropertyView::empty();
        client.publish(QoS::AtLeastOnce, b"x").unwrap();
        client.written();
        client.session.disconnect(ReasonCode(4), none).unwrap();
        assert!(!client.session.is_connected());
        assert_eq!(client.publish(QoS::AtMostOnce, b"x").err(), Some(RequestError::NotConnected));
        client.session.disconnect(ReasonCode(4), none).unwrap();
        assert_eq!(client.receive(&message_from_server(version, QoS::AtLeastOnce, 1, b"", false)), Ok(None));
        assert_eq!(client.session.next_deadline(), None);
        assert_eq!(client.written(), expected);
    }
}

/// Announcements without sense.
const SENSELESS: [(PropertyId, PropertyValue<'static>); 6] = [
    (PropertyId::MaximumPacketSize, PropertyValue::FourByteInteger(0)),
    (PropertyId::MaximumQoS, PropertyValue::Byte(2)),
    (PropertyId::RetainAvailable, PropertyValue::Byte(2)),
    (PropertyId::WildcardSubscriptionAvailable, PropertyValue::Byte(2)),
    (PropertyId::ContentType, PropertyValue::Utf8String(b"x")),
    (PropertyId::TopicAlias, PropertyValue::TwoByteInteger(1)),
];

#[test]
fn announcements_that_make_no_sense_count_as_absent() {
    for announcement in SENSELESS {
        let mut client = Client::new();
        client.connect(&options(Version::V5), false, &[announcement]);
        for qos in [QoS::AtMostOnce, QoS::ExactlyOnce] {
            assert_eq!(try_publish(&mut client, b"t", qos, true, 1), None, "{announcement:?}");
        }
        let mut strict = Client::new();
        strict.session.set_strict(true);
        strict.begin_connect(&options(Version::V5));
        let answer = strict.receive(&connack(Version::V5, false, 0, &[announcement]));
        assert!(protocol_error(answer).is_some(), "{announcement:?}");
        assert!(strict.written().is_empty());
    }
}

#[test]
fn of_a_repeated_announcement_the_first_valid_one_counts() {
    let one = |value| (PropertyId::ReceiveMaximum, PropertyValue::TwoByteInteger(value));
    for (announced, window) in [([one(0), one(2)], 2), ([one(1), one(3)], 1), ([one(2), one(0)], 2)] {
        let mut client = Client::new();
        client.connect(&options(Version::V5), false, &announced);
        let sent = (0..5).take_while(|_| client.publish(QoS::AtLeastOnce, b"x").is_ok()).count();
        assert_eq!(sent, window, "{announced:?}");
    }
    let qos = |value| (PropertyId::MaximumQoS, PropertyValue::Byte(value));
    let mut client = Client::new();
    client.connect(&options(Version::V5), false, &[qos(2), qos(1), qos(0)]);
    assert!(client.publish(QoS::AtLeastOnce, b"x").is_ok());
    assert_eq!(client.publish(QoS::ExactlyOnce, b"x").err(), Some(RequestError::QoSNotSupported));
}

#[test]
fn receive_maximum_0_is_refused_by_name() {
    let announcement = (PropertyId::ReceiveMaximum, PropertyValue::TwoByteInteger(0));
    for announced in [&[announcement][..], &[announcement, announcement]] {
        let mut client = Client::new();
        client.begin_connect(&options(Version::V5));
        let seen = client.receive(&connack(Version::V5, false, 0, announced));
        assert_eq!(seen, Ok(Some(Seen::Unusable { cause: "CONNACK with Receive Maximum 0" })));
        assert!(!client.session.is_connected());
    }
    let mut client = Client::new();
    client.begin_connect(&options(Version::V5));
    let seen = client.receive(&connack(Version::V5, false, 0x87, &[announcement]));
    assert_eq!(seen, Ok(Some(Seen::Refused { code: 0x87 })), "the server's own refusal comes first");
}

fn try_publish(
    client: &mut Client,
    topic: &[u8],
    qos: QoS,
    retain: bool,
    size: usize,
) -> Option<RequestError> {
    let payload = vec![0; size];
    let properties = PropertyView::empty();
    let publish = OutgoingPublish { topic, payload: &payload, qos, retain, properties };
    client.session.publish(client.now, &publish).err()
}

#[test]
fn limits_of_the_server_hold_for_one_connection() {
    let limits = [
        (PropertyId::MaximumQoS, PropertyValue::Byte(1)),
        (PropertyId::RetainAvailable, PropertyValue::Byte(0)),
        (PropertyId::MaximumPacketSize, PropertyValue::FourByteInteger(20)),
        (PropertyId::ReceiveMaximum, PropertyValue::TwoByteInteger(2)),
    ];
    let mut client = Client::new();
    client.connect(&options(Version::V5), false, &limits);
    let publish = try_publish;
    assert_eq!(publish(&mut client, b"t", QoS::ExactlyOnce, false, 1), Some(RequestError::QoSNotSupported));
    assert_eq!(publish(&mut client, b"t", QoS::AtMostOnce, true, 1), Some(RequestError::RetainNotSupported));
    // A head of 2 + 3 + 1 bytes, two more with a packet id.
    assert_eq!(publish(&mut client, b"t", QoS::AtMostOnce, false, 15), Some(RequestError::PacketTooLarge));
    assert_eq!(publish(&mut client, b"t", QoS::AtLeastOnce, false, 13), Some(RequestError::PacketTooLarge));
    assert!(client.written().is_empty() && client.pending().is_empty());
    assert_eq!(publish(&mut client, b"t", QoS::AtMostOnce, false, 14), None);
    assert_eq!(publish(&mut client, b"t", QoS::AtLeastOnce, false, 12), None);
    assert!(client.session.window_is_open());
    assert_eq!(publish(&mut client, b"t", QoS::AtLeastOnce, false, 12), None);
    assert!(!client.session.window_is_open());
    assert_eq!(publish(&mut client, b"t", QoS::AtLeastOnce, false, 1), Some(RequestError::WindowFull));
    assert_eq!(client.pending(), [1, 2], "refused messages take no packet id");
    let filter = Filter { filter: b"a/long/topic/filter", options: SubscribeOptions::new(QoS::AtMostOnce) };
    let none = PropertyView::empty();
    let refused = client.session.request(&[filter], none);
    assert_eq!(refused, Err(RequestError::PacketTooLarge));

    client.connect(&options(Version::V5), true, &[]);
    assert_eq!(publish(&mut client, b"t", QoS::ExactlyOnce, true, LARGE_PAYLOAD), None);
    assert!(client.session.window_is_open());
}

#[test]
fn reasons_stand_for_refused_requests() {
    let reasons = [
        (RequestError::QoSNotSupported, Some(ReasonCode(0x9B))),
        (RequestError::RetainNotSupported, Some(ReasonCode(0x9A))),
        (RequestError::PacketTooLarge, Some(ReasonCode(0x95))),
        (RequestError::WindowFull, None),
    ];
    for (error, reason) in reasons {
        assert_eq!(error.reason(), reason);
    }
}

#[test]
fn an_assigned_client_id_is_kept_for_reconnects_of_an_empty_one() {
    let assigned = [(PropertyId::AssignedClientIdentifier, PropertyValue::Utf8String(b"given"))];
    for (own, expected) in [(&b""[..], &b"given"[..]), (b"mine", b"mine")] {
        let mut client = Client { session: Session::new(own, false), now: Moment(5) };
        client.connect(&options(Version::V5), false, &assigned);
        let sent = client.begin_connect(&options(Version::V5));
        let Ok(paho_c_rs::protocol::Framing::Complete(frame)) = split_frame(&sent, 0) else { panic!() };
        let Ok(Packet::Connect(connect)) = Packet::decode(frame, Version::V5).and_then(Decoded::strictly)
        else {
            panic!()
        };
        assert_eq!(connect.client_id, expected);
    }
}

/// Connects, leaves a QoS 1 message in flight, reconnects; gives the pending ids after close and after
/// reconnect.
fn over_two_connections(asked: &ConnectOptions<'_>, session_present: bool) -> (Vec<u16>, Vec<u16>) {
    let mut client = Client::new();
    client.connect(asked, false, &[]);
    client.publish(QoS::AtLeastOnce, b"x").unwrap();
    client.written();
    client.session.connection_closed();
    let closed = client.pending();
    client.connect(asked, session_present, &[]);
    (closed, client.pending())
}

#[test]
fn what_is_in_flight_lives_as_long_as_its_session() {
    let kept = (vec![1], vec![1]);
    let dropped_at_close = (vec![], vec![]);
    let dropped_at_connack = (vec![1], vec![]);
    let base = options;
    for version in [Version::V31, Version::V311] {
        let clean = ConnectOptions { clean: true, ..base(version) };
        assert_eq!(over_two_connections(&clean, false), dropped_at_close);
        assert_eq!(over_two_connections(&base(version), true), kept);
        assert_eq!(over_two_connections(&base(version), false), kept);
    }
    let strict = |version| ConnectOptions { resume_without_session_present: false, ..base(version) };
    assert_eq!(over_two_connections(&strict(Version::V31), false), kept, "3.1 has no such flag");
    assert_eq!(over_two_connections(&strict(Version::V311), false), dropped_at_connack);
    assert_eq!(over_two_connections(&strict(Version::V311), true), kept);

    let v5 = base(Version::V5);
    assert_eq!(over_two_connections(&v5, true), kept);
    assert_eq!(over_two_connections(&v5, false), dropped_at_connack);
    assert_eq!(over_two_connections(&ConnectOptions { clean: true, ..v5 }, false), dropped_at_connack);

    let expiry = properties(&[(PropertyId::SessionExpiryInterval, PropertyValue::FourByteInteger(60))]);
    let ending = ConnectOptions { keep_expired_session: false, ..v5 };
    assert_eq!(over_two_connections(&ending, true), dropped_at_close);
    assert_eq!(over_two_connections(&ConnectOptions { properties: expiry.view(), ..ending }, true), kept);
}

#[test]
fn the_servers_or_the_last_session_expiry_counts() {
    let expiry = |seconds| (PropertyId::SessionExpiryInterval, PropertyValue::FourByteInteger(seconds));
    let asked = properties(&[expiry(60)]);
    let asked =
        ConnectOptions { keep_expired_session: false, properties: asked.view(), ..options(Version::V5) };
    for (announced, in_disconnect, kept) in
        [(None, None, true), (Some(0), None, false), (None, Some(0), false), (Some(0), Some(9), true)]
    {
        let mut client = Client::new();
        let announced: Vec<_> = announced.map(expiry).into_iter().collect();
        client.connect(&asked, false, &announced);
        client.publish(QoS::AtLeastOnce, b"x").unwrap();
        if let Some(seconds) = in_disconnect {
            let last = properties(&[expiry(seconds)]);
            client.session.disconnect(ReasonCode::SUCCESS, last.view()).unwrap();
        }
        assert_eq!(client.session.ends_with_connection(), !kept);
        client.session.connection_closed();
        assert_eq!(client.session.has_in_flight(), kept);
    }
}

#[test]
fn a_clean_session_begins_at_id_one_and_with_an_empty_store() {
    for version in [Version::V311, Version::V5] {
        let mut client = Client { session: Session::new(b"c", true), now: Moment(5) };
        client.connect(&options(version), true, &[]);
        assert_eq!(client.publish_id(QoS::AtLeastOnce, b"x"), 1);
        assert_eq!(client.publish_id(QoS::AtLeastOnce, b"x"), 2);
        client.receive(&message_from_server(version, QoS::ExactlyOnce, 9, b"in", false)).unwrap();
        client.written();
        client.session.take_store_commands();
        // Refused: nothing happens to the session.
        let clean = ConnectOptions { clean: true, ..options(version) };
        client.begin_connect(&clean);
        client.receive(&connack(version, false, 5, &[])).unwrap();
        client.session.connection_closed();
        assert_eq!(client.pending(), [1, 2]);
        assert!(client.session.take_store_commands().is_empty());
        // Accepted: all is gone before anything else is looked at.
        assert!(client.connect(&clean, false, &[]).is_empty());
        assert_eq!(client.session.take_store_commands(), [StoreCommand::Clear]);
        assert!(!client.session.has_in_flight());
        assert_eq!(client.publish_id(QoS::AtLeastOnce, b"x"), 1);
    }
}

#[test]
fn a_new_connection_carries_nothing_of_the_old_one() {
    let mut client = Client::connected(Version::V311);
    let none = PropertyView::empty();
    client.publish(QoS::AtMostOnce, b"unsent").unwrap();
    client.session.request(&[&b"t"[..]], none).unwrap();
    let sent = client.begin_connect(&options(Version::V311));
    assert_eq!(summary(&sent, Version::V311), ["CONNECT"]);
    client.receive(&connack(Version::V311, true, 0, &[])).unwrap();
    assert_eq!(client.receive(&[0xB0, 2, 0, 1]), Ok(None), "an answer to a request of the old connection");
    assert_eq!(client.publish_id(QoS::AtLeastOnce, b"x"), 2, "the counter goes on");
    assert_eq!(client.receive(&puback(2)), Ok(Some(Seen::Acknowledged { id: 2, by: PubAck, reason: 0 })));
}
