//! Messages in both directions within one connection, SUBSCRIBE and UNSUBSCRIBE, store commands.

use crate::support::*;
use paho_c_rs::protocol::AcknowledgementType::{PubAck, PubComp, PubRec};
use paho_c_rs::protocol::{
    Breach, Filter, PacketId, PacketType, PropertyId, PropertyValue, PropertyView, QoS, SubscribeOptions,
    Version,
};
use paho_c_rs::session::{
    Chunk, LARGE_PAYLOAD, Moment, OutgoingPublish, RequestError, Sent, Session, StoreCommand,
};

fn acknowledged(id: u16, by: paho_c_rs::protocol::AcknowledgementType, reason: u8) -> Option<Seen> {
    Some(Seen::Acknowledged { id, by, reason })
}

fn delivered(qos: QoS, payload: &[u8], dup: bool, released: bool) -> Option<Seen> {
    Some(Seen::Message { topic: b"t".to_vec(), payload: payload.to_vec(), qos, dup, released })
}

#[test]
fn qos_0_is_one_packet() {
    let mut client = Client::connected(Version::V311);
    let sent = client.publish(QoS::AtMostOnce, b"hello").unwrap();
    assert_eq!(sent, Sent { id: None, payload_follows: false });
    assert_eq!(client.written(), b"\x30\x08\x00\x01thello");
    assert!(!client.session.has_in_flight());
}

#[test]
fn a_large_qos_0_payload_follows_its_head() {
    let payload = vec![7; LARGE_PAYLOAD];
    for version in ALL_VERSIONS {
        let mut client = Client::connected(version);
        let sent = client.publish(QoS::AtMostOnce, &payload).unwrap();
        assert!(sent.payload_follows);
        let mut bytes = client.written();
        assert!(bytes.len() < 20);
        bytes.extend_from_slice(&payload);
        assert_eq!(bytes, message_from_server(version, QoS::AtMostOnce, 0, &payload, false));
    }
}

#[test]
fn a_large_qos_1_payload_is_shared_with_the_store() {
    let payload = vec![7; LARGE_PAYLOAD];
    for version in ALL_VERSIONS {
        let mut client = Client { session: Session::new(b"c", true), now: Moment(0) };
        client.connect(&options(version), true, &[]);
        client.publish(QoS::AtMostOnce, b"before").unwrap();
        client.publish(QoS::AtLeastOnce, &payload).unwrap();
        client.publish(QoS::AtMostOnce, b"behind").unwrap();
        let taken = client.session.outgoing().take();
        let pieces: Vec<_> = taken.chunks().map(<[u8]>::to_vec).collect();
        assert_eq!(pieces[1], message_from_server(version, QoS::AtLeastOnce, 1, &payload, false));
        assert_eq!(summary(&pieces.concat(), version), ["PUBLISH 0", "PUBLISH 1", "PUBLISH 0"]);
        let commands = client.session.take_store_commands();
        let [StoreCommand::PutOutgoing { packet, .. }] = &commands[..] else { panic!("{commands:?}") };
        assert_eq!(**packet, *pieces[1]);
        assert_eq!(Chunk::Shared(packet.clone()).as_slice(), &**packet);
    }
}

#[test]
fn qos_1_is_complete_with_puback() {
    for version in ALL_VERSIONS {
        let mut client = Client::connected(version);
        let number = client.publish_id(QoS::AtLeastOnce, b"x");
        assert_eq!(client.written(), message_from_server(version, QoS::AtLeastOnce, number, b"x", false));
        assert!(client.session.is_pending(id(number)) && client.session.has_in_flight());
        assert_eq!(client.receive(&puback(number)), Ok(acknowledged(1, PubAck, 0)));
        assert!(!client.session.is_pending(id(number)) && !client.session.has_in_flight());
        assert_eq!(client.receive(&puback(number)), Ok(None));
        assert!(client.written().is_empty());
    }
}

#[test]
fn qos_2_is_complete_with_pubcomp() {
    for version in ALL_VERSIONS {
        let mut client = Client::connected(version);
        assert_eq!(client.publish_id(QoS::ExactlyOnce, b"x"), 1);
        client.written();
        for _ in 0..2 {
            assert_eq!(client.receive(&pubrec(1)), Ok(None));
            assert_eq!(client.written(), [0x62, 2, 0, 1]);
            assert!(client.session.is_pending(id(1)));
        }
        assert_eq!(client.receive(&pubcomp(1)), Ok(acknowledged(1, PubComp, 0)));
        assert!(!client.session.has_in_flight());
        assert_eq!(client.receive(&pubcomp(1)), Ok(None));
        assert!(client.written().is_empty());
    }
}

#[test]
fn error_reasons_complete_a_message() {
    let answer = |kind, reason| acknowledgement(kind, 1, reason, Version::V5);
    for (qos, kind) in [(QoS::AtLeastOnce, PubAck), (QoS::ExactlyOnce, PubRec)] {
        let mut client = Client::connected(Version::V5);
        client.publish_id(qos, b"x");
        client.written();
        assert_eq!(client.receive(&answer(kind, 0x97)), Ok(acknowledged(1, kind, 0x97)));
        assert!(!client.session.has_in_flight());
        assert!(client.written().is_empty(), "no PUBREL for a message that was not taken");
    }
    let mut client = Client::connected(Version::V5);
    client.publish_id(QoS::ExactlyOnce, b"x");
    assert_eq!(client.receive(&answer(PubRec, 0x10)), Ok(None), "no matching subscribers is a success");
    assert_eq!(client.receive(&answer(PubRec, 0x97)), Ok(None), "too late");
    assert_eq!(client.receive(&answer(PubComp, 0x92)), Ok(acknowledged(1, PubComp, 0x92)));
}

#[test]
fn acknowledgements_that_fit_nothing_change_nothing() {
    for version in ALL_VERSIONS {
        let mut client = Client::connected(version);
        client.publish_id(QoS::AtLeastOnce, b"one");
        client.publish_id(QoS::ExactlyOnce, b"two");
        client.publish_id(QoS::ExactlyOnce, b"three");
        client.receive(&pubrec(3)).unwrap();
        client.written();
        let of_subscribing: [&[u8]; 4] =
            [&[0x90, 3, 0, 1, 0], &[0x90, 4, 0, 2, 0, 0], &[0xB0, 4, 0, 1, 0, 0], &[0xB0, 2, 0, 3]];
        let of_subscribing = of_subscribing.map(<[u8]>::to_vec);
        for packet in [pubcomp(1), pubcomp(2), puback(9), pubcomp(9)].into_iter().chain(of_subscribing) {
            assert_eq!(client.receive(&packet), Ok(None), "{packet:02x?}");
            assert!(client.written().is_empty(), "{packet:02x?}");
        }
        assert_eq!(client.pending(), [1, 2, 3]);
        let denied = if version == Version::V5 { "PUBREL 9 reason 0x92" } else { "PUBREL 9" };
        assert_eq!(summary(&client.answer_to(&pubrec(9)), version), [denied]);
    }
    let mut client = Client::connected(Version::V5);
    assert!(client.answer_to(&acknowledgement(PubRec, 9, 0x80, Version::V5)).is_empty());
}

/// Some servers acknowledge messages of QoS 2 with PUBACK.
#[test]
fn puback_completes_a_message_of_qos_2() {
    for version in ALL_VERSIONS {
        let mut client = Client::storing();
        client.connect(&options(version), false, &[]);
        for payload in [b"one", b"two"] {
            client.publish_id(QoS::ExactlyOnce, payload);
        }
        client.receive(&pubrec(2)).unwrap();
        client.session.take_store_commands();
        client.written();
        for number in [1, 2] {
            assert_eq!(client.receive(&puback(number)), Ok(acknowledged(number, PubAck, 0)));
            let removed = [StoreCommand::RemoveOutgoing { id: id(number) }];
            assert_eq!(client.session.take_store_commands(), removed);
        }
        assert!(!client.session.has_in_flight() && client.written().is_empty());
    }
    let refused = acknowledgement(PubAck, 1, 0x87, Version::V5);
    for released in [false, true] {
        let mut client = Client::connected(Version::V5);
        client.publish_id(QoS::ExactlyOnce, b"x");
        if released {
            client.receive(&pubrec(1)).unwrap();
        }
        assert_eq!(client.receive(&refused), Ok(acknowledged(1, PubAck, 0x87)));
        assert!(!client.session.has_in_flight());
    }
}

#[test]
fn pubrec_completes_a_message_of_qos_1_and_is_answered() {
    for version in ALL_VERSIONS {
        let mut client = Client::connected(version);
        client.publish_id(QoS::AtLeastOnce, b"x");
        client.written();
        assert_eq!(client.receive(&pubrec(1)), Ok(acknowledged(1, PubRec, 0)));
        assert_eq!(client.written(), [0x62, 2, 0, 1]);
        assert!(!client.session.has_in_flight());
        assert_eq!(client.receive(&pubcomp(1)), Ok(None));
    }
    let mut client = Client::connected(Version::V5);
    client.publish_id(QoS::AtLeastOnce, b"x");
    client.written();
    let refused = acknowledgement(PubRec, 1, 0x87, Version::V5);
    assert_eq!(client.receive(&refused), Ok(acknowledged(1, PubRec, 0x87)));
    assert!(client.written().is_empty(), "the server does not wait for PUBREL");
}

/// It may belong to an earlier message with this identifier.
#[test]
fn a_message_that_got_pubcomp_too_early_is_sent_again() {
    for version in ALL_VERSIONS {
        let mut client = Client::connected(version);
        client.publish_id(QoS::AtLeastOnce, b"one");
        client.publish_id(QoS::ExactlyOnce, b"two");
        for number in [1, 2] {
            assert_eq!(client.receive(&pubcomp(number)), Ok(None));
        }
        let noted = client.session.take_new_oddities();
        let noted: Vec<_> = noted.iter().map(|oddity| (oddity.packet_type, oddity.breach)).collect();
        assert_eq!(noted, [(PacketType::PubComp, Breach::NotAwaited)], "one line in the log");
        let sent = client.connect(&options(version), true, &[]);
        assert_eq!(summary(&sent, version), ["PUBLISH 1 dup", "PUBLISH 2 dup"]);
    }
}

#[test]
fn pubrels_follow_the_order_of_pubrecs() {
    let mut client = Client::connected(Version::V311);
    for _ in 0..3 {
        client.publish_id(QoS::ExactlyOnce, b"x");
    }
    client.written();
    for number in [2, 3, 1] {
        client.receive(&pubrec(number)).unwrap();
    }
    assert_eq!(summary(&client.written(), Version::V311), ["PUBREL 2", "PUBREL 3", "PUBREL 1"]);
    assert_eq!(client.pending(), [1, 2, 3]);
}

#[test]
fn incoming_qos_0_and_1() {
    for version in ALL_VERSIONS {
        let mut client = Client::connected(version);
        let qos_0 = message_from_server(version, QoS::AtMostOnce, 0, b"x", false);
        assert_eq!(client.receive(&qos_0), Ok(delivered(QoS::AtMostOnce, b"x", false, false)));
        assert!(client.written().is_empty());
        let mut with_dup = qos_0.clone();
        with_dup[0] |= 8;
        assert_eq!(
            client.receive(&with_dup),
            Ok(delivered(QoS::AtMostOnce, b"x", true, false)),
            "as it came"
        );
        for dup in [false, true] {
            let qos_1 = message_from_server(version, QoS::AtLeastOnce, 258, b"x", dup);
            assert_eq!(client.receive(&qos_1), Ok(delivered(QoS::AtLeastOnce, b"x", dup, false)));
            assert_eq!(client.written(), [0x40, 2, 1, 2]);
        }
        assert!(!client.session.has_in_flight());
    }
}

#[test]
fn incoming_qos_2_in_3_x_is_delivered_on_pubrel() {
    for version in [Version::V31, Version::V311] {
        let mut client = Client::connected(version);
        let first = message_from_server(version, QoS::ExactlyOnce, 5, b"first", false);
        let again = message_from_server(version, QoS::ExactlyOnce, 5, b"again", true);
        for packet in [&first, &again] {
            assert_eq!(client.receive(packet), Ok(None));
            assert_eq!(client.written(), [0x50, 2, 0, 5]);
        }
        assert!(client.session.has_in_flight());
        assert_eq!(client.receive(&pubrel(5)), Ok(delivered(QoS::ExactlyOnce, b"again", false, true)));
        assert_eq!(client.written(), [0x70, 2, 0, 5]);
        assert!(!client.session.has_in_flight());
        assert_eq!(client.receive(&pubrel(5)), Ok(None));
        assert_eq!(client.written(), [0x70, 2, 0, 5], "PUBCOMP answers every PUBREL");
    }
}

#[test]
fn incoming_qos_2_in_5_is_delivered_at_first_sight() {
    let mut client = Client::connected(Version::V5);
    for (dup, expected) in
        [(true, delivered(QoS::ExactlyOnce, b"x", false, false)), (true, None), (false, None)]
    {
        let packet = message_from_server(Version::V5, QoS::ExactlyOnce, 5, b"x", dup);
        assert_eq!(client.receive(&packet), Ok(expected));
        assert_eq!(client.written(), [0x50, 2, 0, 5]);
    }
    for _ in 0..2 {
        assert_eq!(client.receive(&pubrel(5)), Ok(None));
        assert_eq!(client.written(), [0x70, 2, 0, 5]);
    }
    let packet = message_from_server(Version::V5, QoS::ExactlyOnce, 5, b"y", false);
    assert_eq!(client.receive(&packet), Ok(delivered(QoS::ExactlyOnce, b"y", false, false)), "a new message");
}

fn filters(count: usize) -> Vec<Filter<'static>> {
    vec![Filter { filter: b"a/b", options: SubscribeOptions::new(QoS::AtLeastOnce) }; count]
}

#[test]
fn answers_to_subscribe_and_unsubscribe_are_matched_by_id_and_type() {
    for version in ALL_VERSIONS {
        let mut client = Client::connected(version);
        let none = PropertyView::empty();
        client.session.request(&filters(1), none).unwrap();
        client.session.request(&[&b"a/b"[..]], none).unwrap();
        assert_eq!(client.publish_id(QoS::AtLeastOnce, b"x"), 3, "one counter for all");
        assert_eq!(summary(&client.written(), version), ["SUBSCRIBE 1", "UNSUBSCRIBE 2", "PUBLISH 3"]);
        let v5 = version == Version::V5;
        let suback: fn(bool, u8) -> Vec<u8> = |v5, number| {
            if v5 { vec![0x90, 4, 0, number, 0, 1] } else { vec![0x90, 3, 0, number, 1] }
        };
        let unsuback: fn(bool, u8) -> Vec<u8> = |v5, number| {
            if v5 { vec![0xB0, 4, 0, number, 0, 17] } else { vec![0xB0, 2, 0, number] }
        };
        for ignored in [suback(v5, 2), unsuback(v5, 1), suback(v5, 3), unsuback(v5, 3), suback(v5, 9)] {
            assert_eq!(client.receive(&ignored), Ok(None));
        }
        let codes = if v5 { vec![17] } else { vec![] };
        assert_eq!(client.receive(&unsuback(v5, 2)), Ok(Some(Seen::Unsubscribed { id: 2, codes })));
        let granted = Seen::Subscribed { id: 1, codes: vec![1] };
        assert_eq!(client.receive(&suback(v5, 1)), Ok(Some(granted)));
        assert_eq!(client.receive(&suback(v5, 1)), Ok(None));
    }
}

/// SUBACK or UNSUBACK for the request with identifier 1.
fn answer_with_codes(version: Version, first_byte: u8, codes: &[u8]) -> Vec<u8> {
    let properties: &[u8] = if version == Version::V5 { &[0] } else { &[] };
    let body = [&[0, 1], properties, codes].concat();
    [&[first_byte, body.len() as u8], &body[..]].concat()
}

#[test]
fn filters_without_a_code_in_suback_have_failed() {
    for version in ALL_VERSIONS {
        for (sent, expected) in [
            (&[][..], [0x80, 0x80]),
            (&[1], [1, 0x80]),
            (&[0x87], [0x87, 0x80]),
            (&[1, 2], [1, 2]),
            (&[1, 2, 0], [1, 2]),
        ] {
            let mut client = Client::connected(version);
            client.session.request(&filters(2), PropertyView::empty()).unwrap();
            let suback = answer_with_codes(version, 0x90, sent);
            let seen = Seen::Subscribed { id: 1, codes: expected.to_vec() };
            assert_eq!(client.receive(&suback), Ok(Some(seen)));
            assert_eq!(client.receive(&suback), Ok(None), "only the first counts");
            assert!(client.session.is_connected());
        }
    }
}

#[test]
fn filters_without_a_code_in_unsuback_are_unsubscribed() {
    for (sent, expected) in [
        (&[][..], [0, 0]),
        (&[17], [17, 0]),
        (&[0x87], [0x87, 0]),
        (&[0, 17], [0, 17]),
        (&[0, 17, 1], [0, 17]),
    ] {
        let mut client = Client::connected(Version::V5);
        client.session.request(&[&b"a"[..], b"b"], PropertyView::empty()).unwrap();
        let unsuback = answer_with_codes(Version::V5, 0xB0, sent);
        let seen = Seen::Unsubscribed { id: 1, codes: expected.to_vec() };
        assert_eq!(client.receive(&unsuback), Ok(Some(seen)));
        assert_eq!(client.receive(&unsuback), Ok(None), "only the first counts");
        assert!(client.session.is_connected());
    }
    for version in [Version::V31, Version::V311] {
        let mut client = Client::connected(version);
        client.session.request(&[&b"a"[..], b"b"], PropertyView::empty()).unwrap();
        let seen = Seen::Unsubscribed { id: 1, codes: vec![] };
        assert_eq!(client.receive(&answer_with_codes(version, 0xB0, &[0])), Ok(Some(seen)));
    }
}

#[test]
fn answers_that_end_after_their_identifier_have_no_codes() {
    let mut client = Client::connected(Version::V5);
    let none = PropertyView::empty();
    client.session.request(&filters(1), none).unwrap();
    client.session.request(&[&b"a"[..]], none).unwrap();
    let failed = Seen::Subscribed { id: 1, codes: vec![0x80] };
    assert_eq!(client.receive(&[0x90, 2, 0, 1]), Ok(Some(failed)));
    let done = Seen::Unsubscribed { id: 2, codes: vec![0] };
    assert_eq!(client.receive(&[0xB0, 2, 0, 2]), Ok(Some(done)));
}

#[test]
fn a_request_holds_its_id_until_the_answer() {
    let mut client = Client::connected(Version::V311);
    client.session.request(&filters(1), PropertyView::empty()).unwrap();
    for expected in (2..=u16::MAX).chain([2]) {
        assert_eq!(client.publish_id(QoS::AtLeastOnce, b""), expected);
        assert!(client.receive(&puback(expected)).unwrap().is_some());
    }
    client.written();
    assert!(client.receive(&[0x90, 3, 0, 1, 0]).unwrap().is_some());
    for expected in (3..=u16::MAX).chain([1]) {
        assert_eq!(client.publish_id(QoS::AtLeastOnce, b""), expected);
        assert!(client.receive(&puback(expected)).unwrap().is_some());
    }
}

#[test]
fn packet_ids_of_messages_in_flight_are_skipped() {
    let mut client = Client::connected(Version::V311);
    for expected in 1..=u16::MAX {
        assert_eq!(client.publish_id(QoS::AtLeastOnce, b""), expected);
    }
    assert_eq!(client.publish(QoS::AtLeastOnce, b"").err(), Some(RequestError::WindowFull));
    let none = PropertyView::empty();
    let refused = client.session.request(&filters(1), none);
    assert_eq!(refused, Err(RequestError::NoFreePacketId));
    for number in [60_000, 3] {
        assert!(client.receive(&puback(number)).unwrap().is_some());
    }
    assert_eq!(client.publish_id(QoS::AtLeastOnce, b""), 3);
    assert_eq!(client.publish_id(QoS::AtLeastOnce, b""), 60_000);
    let pending = client.pending();
    assert_eq!(pending.len(), 65_535);
    assert_eq!(pending[pending.len() - 2..], [3, 60_000], "in sending order");
    client.written();
}

#[test]
fn every_change_reaches_the_store() {
    for version in [Version::V311, Version::V5] {
        let mut client = Client { session: Session::new(b"c", true), now: Moment(0) };
        client.connect(&options(version), true, &[]);
        let number = id(client.publish_id(QoS::ExactlyOnce, b"x"));
        let packet = client.written().into();
        client.receive(&pubrec(1)).unwrap();
        client.receive(&pubcomp(1)).unwrap();
        let incoming = message_from_server(version, QoS::ExactlyOnce, 5, b"y", true);
        client.receive(&incoming).unwrap();
        client.receive(&pubrel(5)).unwrap();
        client.receive(&pubrel(5)).unwrap();
        let expected = [
            StoreCommand::PutOutgoing { id: number, packet, version },
            StoreCommand::PutRelease { id: number, version },
            StoreCommand::RemoveOutgoing { id: number },
            StoreCommand::PutIncoming { id: id(5), packet: incoming.into(), version },
            StoreCommand::RemoveIncoming { id: id(5) },
        ];
        assert_eq!(client.session.take_store_commands(), expected);
        assert!(client.session.take_store_commands().is_empty());
    }
}

fn publish_with_alias(
    client: &mut Client,
    topic: &[u8],
    alias: u16,
    qos: QoS,
) -> Result<Option<u16>, RequestError> {
    let list = properties(&[
        (PropertyId::TopicAlias, PropertyValue::TwoByteInteger(alias)),
        (PropertyId::UserProperty, PropertyValue::Utf8StringPair(b"k", b"v")),
    ]);
    let publish = OutgoingPublish { topic, payload: b"x", qos, retain: false, properties: list.view() };
    let sent = client.session.publish(client.now, &publish)?;
    Ok(sent.id.map(PacketId::get))
}

/// Whatever the server has announced: it decides.
#[test]
fn topic_aliases_are_sent_as_given() {
    let mut client = Client::connected(Version::V5);
    for (topic, alias) in [(&b"t"[..], 0), (b"t", 65_535), (b"", 0), (b"", 7), (b"", 65_535)] {
        assert_eq!(publish_with_alias(&mut client, topic, alias, QoS::AtMostOnce), Ok(None));
        let [high, low] = alias.to_be_bytes();
        let head = [&[0x30, 14 + topic.len() as u8, 0, topic.len() as u8], topic].concat();
        let expected = [&head, &[10, 0x23, high, low, 0x26, 0, 1, b'k', 0, 1, b'v', b'x'][..]].concat();
        assert_eq!(client.written(), expected);
    }
}

#[test]
fn messages_with_a_known_alias_are_sent_again_with_their_topic() {
    let mut client = Client::storing();
    client.connect(&options(Version::V5), false, &[]);
    assert_eq!(publish_with_alias(&mut client, b"long", 3, QoS::AtMostOnce), Ok(None));
    assert_eq!(publish_with_alias(&mut client, b"", 3, QoS::AtLeastOnce), Ok(Some(1)));
    assert_eq!(publish_with_alias(&mut client, b"zero", 0, QoS::AtLeastOnce), Ok(Some(2)));
    let sent = client.written();
    assert_eq!(packets(&sent)[1], b"\x32\x10\0\0\0\x01\x0a\x23\0\x03\x26\0\x01k\0\x01vx");
    let lasting = [
        &b"\x32\x11\0\x04long\0\x01\x07\x26\0\x01k\0\x01vx"[..],
        b"\x32\x11\0\x04zero\0\x02\x07\x26\0\x01k\0\x01vx",
    ];
    let stored = client.session.take_store_commands();
    let stored: Vec<&[u8]> = stored.iter().filter_map(|command| command_packet(command)).collect();
    assert_eq!(stored, lasting);
    // Aliases end with the connection: the messages go out with their topics.
    let resent = client.connect(&options(Version::V5), true, &[]);
    let dup: Vec<Vec<u8>> = lasting.iter().map(|packet| [&[0x3A], &packet[1..]].concat()).collect();
    assert_eq!(resent, dup.concat());
}

fn command_packet(command: &StoreCommand) -> Option<&[u8]> {
    match command {
        StoreCommand::PutOutgoing { packet, .. } => Some(packet),
        _ => None,
    }
}

#[test]
fn messages_with_an_unknown_alias_end_with_the_connection() {
    let mut client = Client::storing();
    client.connect(&options(Version::V5), false, &[]);
    client.session.take_store_commands();
    for (number, alias, qos) in [
        (1, 0, QoS::AtLeastOnce),
        (2, 5, QoS::AtLeastOnce),
        (3, 5, QoS::ExactlyOnce),
        (4, 5, QoS::ExactlyOnce),
    ] {
        assert_eq!(publish_with_alias(&mut client, b"", alias, qos), Ok(Some(number)));
    }
    assert_eq!(client.publish_id(QoS::AtLeastOnce, b"another"), 5);
    assert_eq!(client.pending(), [1, 2, 3, 4, 5]);
    // A server may know the alias all the same.
    assert_eq!(client.receive(&puback(2)), Ok(acknowledged(2, PubAck, 0)));
    assert_eq!(client.receive(&pubrec(4)), Ok(None));
    let commands = client.session.take_store_commands();
    let [StoreCommand::PutOutgoing { id: stored, .. }] = &commands[..] else { panic!("{commands:?}") };
    assert_eq!(*stored, id(5));
    client.session.connection_closed();
    assert_eq!(client.pending(), [5]);
    let sent = client.connect(&options(Version::V5), true, &[]);
    assert_eq!(summary(&sent, Version::V5), ["PUBLISH 5 dup"]);
}
