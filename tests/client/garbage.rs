//! What the broker must not send: it is taken as it comes, or ignored. Only what leaves the framing in doubt ends the
//! connection, with the right reason where MQTT has one, and the program is told.

use crate::support::abi::{FAILURE, V3_1, V3_1_1, V5};
use crate::support::broker::{Broker, Listener, Reaction};
use crate::support::callbacks::Event;
use crate::support::client::Client;
use crate::support::message::Delivered;
use crate::support::options::version;
use crate::support::packet::{
    self, DISCONNECT, PUBACK, PUBCOMP, PUBLISH, PUBREC, PUBREL, Publish, SUBACK, SUBSCRIBE, UNSUBACK,
    UNSUBSCRIBE,
};
use crate::support::program::in_own_process;
use crate::support::properties::Property;
use crate::support::wait::{LIMIT, next, until};
use std::ffi::c_int;
use std::sync::mpsc::channel;
use std::time::Duration;

const MALFORMED: &[u8] = &[0x81];
const PROTOCOL_ERROR: &[u8] = &[0x82];

/// Connects, lets the broker send `bytes`, and gives the reason of the DISCONNECT that follows (None: there is
/// none). Fails unless the connection ends and the program hears of it.
fn reaction_to(level: c_int, bytes: &[u8]) -> Option<u8> {
    let listener = Listener::new();
    let client = Client::new(&listener.uri(), level);
    let events = client.events();
    let (ready, wait) = channel();
    let bytes = bytes.to_vec();
    let broker = std::thread::spawn(move || {
        let (mut peer, _) = listener.accept_client(false);
        wait.recv_timeout(LIMIT).unwrap();
        peer.send(&bytes);
        let answer = peer.next();
        if answer.is_some() {
            peer.expect_end();
        }
        answer
    });
    client.connect_ok(&version(level));
    ready.send(()).unwrap();
    assert_eq!(events.next(), Event::Lost { with_cause: false });
    assert!(!client.is_connected());
    let answer = broker.join().expect("the connection ends");
    assert_eq!(events.rest(), []);
    answer.map(|packet| {
        assert_eq!(packet.kind(), DISCONNECT, "{packet:?}");
        packet.disconnect_reason()
    })
}

/// Checks the reaction with 3.1.1 (no packet) and with 5.0 (a DISCONNECT with one of these reasons).
fn closes(what: &str, bytes: impl Fn(u8) -> Vec<u8>, reasons: &[u8]) {
    closes_3(what, &bytes(4));
    closes_5(what, &bytes(5), reasons);
}

fn closes_3(what: &str, bytes: &[u8]) {
    assert_eq!(reaction_to(V3_1_1, bytes), None, "{what}");
}

fn closes_5(what: &str, bytes: &[u8], reasons: &[u8]) {
    let reason = reaction_to(V5, bytes);
    assert!(
        reason.is_some_and(|reason| reasons.contains(&reason)),
        "{what}: {reason:02x?}, not {reasons:02x?}"
    );
}

/// Checks that the connection outlives these bytes; gives what the client sent in answer to them.
fn tolerates(level: c_int, bytes: &[u8]) -> Vec<packet::Packet> {
    let bytes = bytes.to_vec();
    let broker = Broker::with(move |incoming| match incoming.packet.kind() {
        PUBLISH if incoming.packet.publish().qos == 0 => Reaction::Send(bytes.clone()),
        _ => Reaction::Answer,
    });
    let client = Client::new(&broker.uri(), level);
    let events = client.events();
    client.connect_ok(&version(level));
    client.publish_ok("t", 0, b"");
    // The answer to the first shows that the client has read the bytes, that to the second that the broker has read
    // what the client said to them.
    client.subscribe_ok("afterwards", 0);
    client.subscribe_ok("and again", 0);
    assert!(client.is_connected());
    assert!(!events.rest().iter().any(|event| matches!(event, Event::Lost { .. })));
    let ours = |packet: &packet::Packet| !matches!(packet.kind(), packet::CONNECT | PUBLISH | SUBSCRIBE);
    broker.log().into_iter().map(|incoming| incoming.packet).filter(ours).collect()
}

/// Checks that a message arrives although something is wrong with it; gives it with the answers it gets.
fn delivers(level: c_int, bytes: Vec<u8>) -> (Delivered, Vec<(u8, u16)>) {
    let broker = Broker::with(move |incoming| match incoming.packet.kind() {
        PUBLISH if incoming.packet.publish().qos == 0 => Reaction::Send(bytes.clone()),
        _ => Reaction::Answer,
    });
    let client = Client::new(&broker.uri(), level);
    let events = client.events();
    client.connect_ok(&version(level));
    client.publish_ok("t", 0, b"");
    let message = events.message();
    client.subscribe_ok("afterwards", 0);
    client.subscribe_ok("and again", 0);
    assert!(client.is_connected());
    let answers = broker.log().into_iter().map(|incoming| incoming.packet);
    let answers = answers.filter(|packet| matches!(packet.kind(), PUBACK | PUBREC | PUBCOMP));
    (message, answers.map(|packet| (packet.kind(), packet.id())).collect())
}

/// Packets with which nothing can be done.
fn pointless(level: u8) -> Vec<(&'static str, Vec<u8>)> {
    let connect = b"\0\x04MQTT\x04\x02\0\x3C\0\x01c";
    let id_and_properties = [&[0, 1][..], &packet::properties(level, &[])].concat();
    let mut qos_3 = Publish::new("t", 2, 1, b"x").encode(level);
    qos_3[0] |= 6;
    let mut packets = vec![
        ("CONNECT", packet::packet(0x10, connect)),
        ("SUBSCRIBE", packet::packet(0x82, &[&id_and_properties[..], b"\0\x01t\0"].concat())),
        ("UNSUBSCRIBE", packet::packet(0xA2, &[&id_and_properties[..], b"\0\x01t"].concat())),
        ("PINGREQ", vec![0xC0, 0]),
        ("QoS 3", qos_3),
        ("AUTH", vec![0xF0, 6, 0x18, 4, 0x15, 0, 1, b'x']),
        ("AUTH without a method", vec![0xF0, 0]),
    ];
    if level < 5 {
        packets.push(("DISCONNECT", vec![0xE0, 0]));
        packets.push(("DISCONNECT with a reason", vec![0xE0, 1, 0x8B]));
    }
    packets
}

#[test]
fn packets_that_no_server_sends_are_dropped() {
    for level in [V3_1, V3_1_1, V5] {
        let packets = pointless(level as u8).into_iter().flat_map(|(_, bytes)| bytes).collect::<Vec<u8>>();
        assert_eq!(tolerates(level, &packets), []);
    }
}

#[test]
fn type_0_and_a_second_connack_end_the_connection() {
    closes("type 0", |_| vec![0, 0], PROTOCOL_ERROR);
    closes("a second CONNACK", |level| packet::connack(level, false, 0, &[]), PROTOCOL_ERROR);
}

/// Topics that no server may send, and two that look as if.
const TOPICS: [&[u8]; 6] =
    [b"a/#", b"a/+/b", b"caf\xE9/t", b"", b"a/\x0E\t\x7F\xC2\x85\xEF\xBF\xBF/t", b"a\0b"];

#[test]
fn a_message_with_a_bad_topic_is_delivered_as_it_came() {
    for level in [V3_1, V3_1_1, V5] {
        for (number, topic) in TOPICS.into_iter().enumerate() {
            let qos = number as u8 % 3;
            let publish = Publish { topic: topic.to_vec(), ..Publish::new("", qos, 7, b"x") };
            let (message, answers) = delivers(level, publish.encode(level as u8));
            assert_eq!((message.topic.as_slice(), message.payload.as_slice()), (topic, &b"x"[..]));
            let expected: &[(u8, u16)] = match qos {
                0 => &[],
                1 => &[(PUBACK, 7)],
                _ => &[(PUBREC, 7), (PUBCOMP, 7)],
            };
            assert_eq!(answers, expected, "{topic:?} at QoS {qos}");
        }
    }
}

#[test]
fn identifier_0_is_acknowledged_with_0() {
    for level in [V3_1, V3_1_1, V5] {
        let (message, answers) = delivers(level, Publish::new("t", 1, 0, b"x").encode(level as u8));
        assert_eq!((message.id, answers), (0, vec![(PUBACK, 0)]));
        let (message, answers) = delivers(level, Publish::new("t", 2, 0, b"x").encode(level as u8));
        assert_eq!((message.id, message.qos, answers), (0, 2, vec![(PUBREC, 0), (PUBCOMP, 0)]));
    }
}

#[test]
fn properties_that_should_not_be_there_are_delivered() {
    use Property::{Bytes, Integer, Pair};
    let cases: [(&[u8], &[Property]); 9] = [
        (&[1, 2], &[Integer(1, 2)]),
        (&[1, 0, 1, 1], &[Integer(1, 0), Integer(1, 1)]),
        (&[2, 0, 0, 0, 1, 2, 0, 0, 0, 2], &[Integer(2, 1), Integer(2, 2)]),
        (&[0x0B, 0], &[Integer(0x0B, 0)]),
        (&[0x21, 0, 0], &[Integer(0x21, 0)]),
        (&[0x23, 0, 0], &[Integer(0x23, 0)]),
        (&[0x23, 0, 9], &[Integer(0x23, 9)]),
        (&[3, 0, 2, 0xFF, 0xFE], &[Bytes(3, vec![0xFF, 0xFE])]),
        (&[0x26, 0, 1, 0xFF, 0, 1, 0xFE], &[Pair(0x26, vec![0xFF], vec![0xFE])]),
    ];
    for (number, (bytes, properties)) in cases.into_iter().enumerate() {
        let qos = number as u8 % 3;
        let publish = Publish { properties: bytes.to_vec(), ..Publish::new("t", qos, 7, b"x") };
        let (message, _) = delivers(V5, publish.encode(5));
        assert_eq!(message.properties, properties);
    }
    let no_topic = Publish { properties: vec![0x23, 0, 9], ..Publish::new("", 1, 7, b"x") };
    let (message, answers) = delivers(V5, no_topic.encode(5));
    assert_eq!((message.topic, answers), (vec![], vec![(PUBACK, 7)]), "an alias that stands for nothing");
}

#[test]
fn the_log_has_one_line_for_each_kind_and_a_count_at_the_end() {
    let values = [("MQTT_C_CLIENT_TRACE", "ON"), ("MQTT_C_CLIENT_TRACE_LEVEL", "ERROR")];
    let printed = in_own_process("garbage::the_log_has_one_line_for_each_kind_child", &values);
    let lines: Vec<&str> =
        printed.lines().filter_map(|line| line.split_once("Tolerated ")).map(|(_, rest)| rest).collect();
    let expected = [
        "from the server of client odd ?[2J: PUBLISH: topic name contains wildcards",
        "from the server of client odd ?[2J: PINGREQ: packet that only a client sends",
        "3 times from the server of client odd ?[2J: PUBLISH: topic name contains wildcards",
    ];
    assert_eq!(lines, expected);
}

#[test]
#[ignore = "run by the_log_has_one_line_for_each_kind_and_a_count_at_the_end in a process of its own"]
fn the_log_has_one_line_for_each_kind_child() {
    let odd = Publish::new("a/+", 0, 0, b"x").encode(4);
    let bytes = [&odd[..], &odd, &[0xC0, 0], &odd].concat();
    let broker = Broker::with(move |incoming| match incoming.packet.kind() {
        PUBLISH => Reaction::Send(bytes.clone()),
        _ => Reaction::Answer,
    });
    let client = Client::named(&broker.uri(), "odd \x1B[2J", V3_1_1);
    let events = client.events();
    client.connect_ok(&version(V3_1_1));
    client.publish_ok("t", 0, b"");
    (0..3).for_each(|_| drop(events.message()));
    assert_eq!(client.disconnect(0), 0);
}

/// What ends a connection only for a strict client.
#[test]
fn a_strict_client_refuses_what_is_against_the_standard() {
    in_own_process("garbage::a_strict_client_refuses_child", &[("PAHO_C_RS_STRICT", "1")]);
}

#[test]
#[ignore = "run by a_strict_client_refuses_what_is_against_the_standard in a process of its own"]
fn a_strict_client_refuses_child() {
    for (what, bytes) in pointless(4) {
        closes_3(what, &bytes);
    }
    for (what, bytes) in pointless(5) {
        closes_5(what, &bytes, &[0x81, 0x82, 0x8C]);
    }
    closes("a wildcard", |level| Publish::new("a/#", 0, 0, b"x").encode(level), &[0x90]);
    let not_utf8 = |level| Publish { topic: b"a\xFF".to_vec(), ..Publish::new("", 0, 0, b"x") }.encode(level);
    closes("a topic that is not UTF-8", not_utf8, MALFORMED);
    closes("no topic", |level| Publish::new("", 0, 0, b"x").encode(level), PROTOCOL_ERROR);
    closes("identifier 0", |level| Publish::new("t", 1, 0, b"x").encode(level), MALFORMED);
    closes_5("a property of another packet", &with_properties(&[0x21, 0, 9]), MALFORMED);
    closes_5("the same property twice", &with_properties(&[1, 0, 1, 0]), PROTOCOL_ERROR);
    closes_5("a string that is not UTF-8", &with_properties(&[3, 0, 1, 0xFF]), MALFORMED);
    closes_5("alias 0", &with_properties(&[0x23, 0, 0]), PROTOCOL_ERROR);
    for (first, rest) in FLAGS {
        closes("wrong header flags", |level| flagged(level, first, rest), MALFORMED);
    }
    closes("PINGRESP with a body", |_| vec![0xD0, 1, 0], MALFORMED);
    assert_eq!(first_answer(&[0xD0, 0]), FAILURE, "PINGRESP before CONNACK");
}

/// Wrong first bytes of packets that are otherwise right.
const FLAGS: [(u8, u8); 8] = [
    (0x60, 0x62),
    (0x6A, 0x62),
    (0x41, 0x40),
    (0x52, 0x50),
    (0x7F, 0x70),
    (0x92, 0x90),
    (0xB2, 0xB0),
    (0xD1, 0xD0),
];

/// The packet with that first byte, of the type of the other.
fn flagged(level: u8, first: u8, right: u8) -> Vec<u8> {
    let packet = match right {
        0x90 => packet::suback(level, 1234, &[0]),
        0xB0 => packet::unsuback(level, 1234, &[0]),
        0xD0 => packet::pingresp(),
        _ => vec![right, 2, 4, 210],
    };
    [&[first][..], &packet[1..]].concat()
}

#[test]
fn wrong_header_flags_change_nothing() {
    for level in [V3_1, V3_1_1, V5] {
        for (first, right) in FLAGS {
            let answers = tolerates(level, &flagged(level as u8, first, right));
            let as_ever = tolerates(level, &flagged(level as u8, right, right));
            assert_eq!(answers, as_ever, "{first:02x}");
        }
        assert_eq!(tolerates(level, &[0xD0, 1, 0]), [], "PINGRESP with a body");
    }
}

/// The code of a connect that is answered with these bytes, and nothing else.
fn first_answer(bytes: &[u8]) -> c_int {
    let bytes = bytes.to_vec();
    let broker = Broker::with(move |_| Reaction::Send(bytes.clone()));
    let client = Client::new(&broker.uri(), V3_1_1);
    client.connect(&version(V3_1_1)).code
}

#[test]
fn publish_that_ends_too_early() {
    closes("an empty PUBLISH", |_| vec![0x30, 0], MALFORMED);
    closes("half a topic length", |_| vec![0x30, 1, 0], MALFORMED);
    closes("a topic beyond the end", |_| vec![0x30, 3, 0, 9, b't'], MALFORMED);
    closes("no identifier", |_| vec![0x32, 3, 0, 1, b't'], MALFORMED);
    closes("half an identifier", |_| vec![0x32, 4, 0, 1, b't', 0], MALFORMED);
    closes_5("no property length", &[0x30, 3, 0, 1, b't'], MALFORMED);
}

fn with_properties(properties: &[u8]) -> Vec<u8> {
    Publish { properties: properties.to_vec(), ..Publish::new("t", 0, 0, b"x") }.encode(5)
}

#[test]
fn publish_with_properties_that_cannot_be_read() {
    closes_5("an unknown property", &with_properties(&[0x7F, 0]), MALFORMED);
    closes_5("a length beyond the end", &[0x30, 5, 0, 1, b't', 9, 1], MALFORMED);
    closes_5("a byte beyond the end", &[0x30, 5, 0, 1, b't', 1, 1], MALFORMED);
    closes_5("two bytes beyond the end", &[0x30, 6, 0, 1, b't', 2, 0x23, 0], MALFORMED);
    closes_5("four bytes beyond the end", &[0x30, 8, 0, 1, b't', 4, 2, 0, 0, 0], MALFORMED);
    closes_5("a variable integer beyond the end", &[0x30, 6, 0, 1, b't', 2, 0x0B, 0x80], MALFORMED);
    closes_5("a string beyond the end", &[0x30, 8, 0, 1, b't', 4, 3, 0, 9, b'a'], MALFORMED);
}

#[test]
fn acknowledgements_that_are_too_short() {
    for first in [0x40, 0x50, 0x62, 0x70, 0xB0] {
        closes("no identifier", |_| vec![first, 0], MALFORMED);
        closes("half an identifier", |_| vec![first, 1, 0], MALFORMED);
    }
    closes("half a SUBACK", |_| vec![0x90, 1, 0], MALFORMED);
}

#[test]
fn lengths_of_more_than_four_bytes() {
    closes("a fifth byte", |_| vec![0x30, 0x80, 0x80, 0x80, 0x80, 1], MALFORMED);
    closes("five full bytes", |_| vec![0x30, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], MALFORMED);
}

#[test]
fn acknowledgements_of_nothing_are_ignored() {
    for level in [V3_1_1, V5] {
        for kind in [PUBACK, PUBCOMP] {
            assert_eq!(tolerates(level, &packet::acknowledgement(kind, 1234)), []);
        }
        assert_eq!(tolerates(level, &packet::suback(level as u8, 1234, &[0])), []);
        assert_eq!(tolerates(level, &packet::unsuback(level as u8, 1234, &[0])), []);
        assert_eq!(tolerates(level, &packet::pingresp()), []);
        let answers = tolerates(level, &packet::acknowledgement(PUBREL, 1234));
        assert_eq!(
            answers.iter().map(|answer| (answer.kind(), answer.id())).collect::<Vec<_>>(),
            [(PUBCOMP, 1234)]
        );
        let answers = tolerates(level, &packet::acknowledgement(PUBREC, 1234));
        assert!(answers.iter().all(|answer| answer.kind() == PUBREL), "{answers:?}");
    }
}

#[test]
fn a_pubcomp_that_nothing_waits_for_completes_nothing() {
    for (qos, wrong, right) in [(1, PUBCOMP, PUBACK), (2, PUBCOMP, PUBREC)] {
        let broker = Broker::with(move |incoming| match incoming.packet.kind() {
            PUBLISH if incoming.packet.publish().qos > 0 => {
                Reaction::Send(packet::acknowledgement(wrong, incoming.packet.id()))
            }
            PUBLISH => Reaction::Send(Publish::new("t", 0, 0, b"behind it").encode(4)),
            _ => Reaction::Answer,
        });
        let client = Client::new(&broker.uri(), V3_1_1);
        let events = client.events();
        client.connect_ok(&version(V3_1_1).in_flight(5));
        let token = client.publish_ok("t", qos, b"");
        client.publish_ok("t", 0, b"");
        assert_eq!(events.message().payload, b"behind it");
        assert_eq!(client.pending(), [token], "type {wrong} is no answer to QoS {qos}");
        broker.send(0, &packet::acknowledgement(right, token as u16));
        assert_eq!(events.next(), Event::Complete(token));
    }
}

#[test]
fn a_suback_of_another_subscribe_is_not_taken() {
    let broker = Broker::with(|incoming| match incoming.packet.kind() {
        SUBSCRIBE => {
            let (level, id) = (incoming.packet.level, incoming.packet.id());
            Reaction::Send(
                [packet::suback(level, id + 100, &[0x80]), packet::suback(level, id, &[1])].concat(),
            )
        }
        _ => Reaction::Answer,
    });
    for level in [V3_1_1, V5] {
        let client = Client::new(&broker.uri(), level);
        client.connect_ok(&version(level));
        client.subscribe_ok("t", 1);
    }
}

#[test]
fn acknowledgements_of_the_other_qos_complete_a_message() {
    for (qos, kind, level) in [(1, PUBREC, V3_1_1), (2, PUBACK, V3_1_1), (1, PUBREC, V5), (2, PUBACK, V5)] {
        for with_callbacks in [true, false] {
            let broker = Broker::with(move |incoming| match incoming.packet.kind() {
                PUBLISH => Reaction::Send(packet::acknowledgement(kind, incoming.packet.id())),
                _ => Reaction::Answer,
            });
            let client = Client::new(&broker.uri(), level);
            let events = with_callbacks.then(|| client.events());
            client.connect_ok(&version(level).in_flight(1));
            for token in 1..=3 {
                assert_eq!(client.publish_ok("t", qos, b""), token);
                assert_eq!(client.wait(token, LIMIT), 0);
                if let (Some(events), V5) = (&events, level) {
                    let (packet_type, reason, properties) = (kind.into(), 0, vec![]);
                    assert_eq!(events.next(), Event::Published { token, packet_type, reason, properties });
                }
                if let Some(events) = &events {
                    assert_eq!(events.next(), Event::Complete(token));
                }
                if kind == PUBREC {
                    assert_eq!(i32::from(broker.expect(PUBREL).packet.id()), token);
                }
            }
            assert_eq!(client.pending(), []);
        }
    }
}

#[test]
fn acknowledgements_with_properties_that_should_not_be_there_are_taken() {
    // A content type, which belongs to messages.
    let oddly = |kind: u8, id: u16, codes: &[u8]| {
        let (flags, reason) =
            (if kind == PUBREL { 2 } else { 0 }, if codes.is_empty() { &[0][..] } else { &[] });
        packet::packet(kind << 4 | flags, &[&id.to_be_bytes(), reason, b"\x04\x03\0\x01x", codes].concat())
    };
    let broker = Broker::with(move |incoming| {
        let id = match incoming.packet.kind() {
            packet::CONNECT | DISCONNECT => return Reaction::Answer,
            _ => incoming.packet.id(),
        };
        Reaction::Send(match incoming.packet.kind() {
            PUBLISH if incoming.packet.publish().qos == 1 => oddly(PUBACK, id, &[]),
            PUBLISH => oddly(PUBREC, id, &[]),
            PUBREL => oddly(PUBCOMP, id, &[]),
            PUBREC => oddly(PUBREL, id, &[]),
            SUBSCRIBE => [oddly(SUBACK, id, &[1]), Publish::new("t", 2, 7, b"x").encode(5)].concat(),
            UNSUBSCRIBE => oddly(UNSUBACK, id, &[0x11]),
            _ => return Reaction::Answer,
        })
    });
    for with_callbacks in [true, false] {
        let client = Client::new(&broker.uri(), V5);
        let events = with_callbacks.then(|| client.events());
        client.connect_ok(&version(V5));
        assert_eq!(client.subscribe5("t", 2, None, &[]).code, 1);
        for qos in [1, 2] {
            let token = client.publish_ok("t", qos, b"");
            assert_eq!(client.wait(token, LIMIT), 0);
        }
        assert_eq!(client.unsubscribe5("t", &[]).code, 0x11);
        match events {
            Some(events) => assert_eq!(events.message().payload, b"x"),
            None => assert_eq!(client.receive_ok().payload, b"x"),
        }
        assert_eq!(client.pending(), []);
    }
}

#[test]
fn a_suback_with_other_than_the_requested_codes_does_no_harm() {
    for codes in [&[][..], &[0u8], &[0, 1, 2, 2]] {
        for level in [V3_1, V3_1_1, V5] {
            let broker = Broker::with(move |incoming| match incoming.packet.kind() {
                SUBSCRIBE => {
                    Reaction::Send(packet::suback(incoming.packet.level, incoming.packet.id(), codes))
                }
                _ => Reaction::Answer,
            });
            let client = Client::new(&broker.uri(), level);
            client.connect_ok(&version(level));
            let mut qos = [2, 2];
            let first = codes.first().map_or(0x80, |code| i32::from(*code));
            let expected = [first, codes.get(1).map_or(0x80, |code| i32::from(*code))];
            if level == V5 {
                let answer = client.subscribe_many5(&["a", "b"], &mut qos, None, &[]);
                assert_eq!((answer.code, answer.count, answer.codes), (first, 2, Some(expected.to_vec())));
                let one = client.subscribe5("a", 2, None, &[]);
                assert_eq!((one.code, one.count), (first, 1));
            } else {
                assert_eq!(client.subscribe_many3(&["a", "b"], &mut qos), 0);
                assert_eq!(qos, expected);
                assert_eq!(client.subscribe3("a", 2), if first == 0x80 { 0x80 } else { 0 });
            }
            client.publish_ok("t", 1, b"");
            assert!(client.is_connected());
        }
    }
}

#[test]
fn a_message_with_dup_at_qos_0_comes_as_such() {
    let (message, _) = delivers(V3_1_1, Publish::new("t", 0, 0, b"x").again().encode(4));
    assert_eq!(message.dup, 1);
}

#[test]
fn packets_may_come_in_any_pieces() {
    for level in [V3_1_1, V5] {
        let listener = Listener::new();
        let client = Client::new(&listener.uri(), level);
        let events = client.events();
        let (sender, receiver) = channel();
        let broker = std::thread::spawn(move || {
            let mut peer = listener.accept();
            let connect = peer.expect(packet::CONNECT).connect();
            peer.send_bytewise(&packet::connack(connect.level, false, 0, &[]));
            peer.expect(PUBLISH);
            let mut burst = Vec::new();
            for number in 0..50u8 {
                let publish = Publish::new("topic", number % 2, 1 + u16::from(number), &vec![number; 300]);
                burst.extend(publish.encode(connect.level));
            }
            peer.send_bytewise(&burst[..1000]);
            burst[1000..].chunks(7).for_each(|piece| peer.send(piece));
            peer.send(&burst);
            receiver.recv_timeout(LIMIT).unwrap();
            peer.answer_all();
        });
        client.connect_ok(&version(level));
        client.publish_ok("t", 0, b"");
        for number in (0..50u8).chain(0..50) {
            assert_eq!(events.message().payload, vec![number; 300]);
        }
        sender.send(()).unwrap();
        assert_eq!(client.disconnect(0), 0);
        broker.join().unwrap();
    }
}

#[test]
fn memory_is_not_taken_on_the_word_of_the_broker() {
    in_own_process("garbage::memory_is_not_taken_on_the_word_of_the_broker_child", &[]);
}

#[test]
#[ignore = "run by memory_is_not_taken_on_the_word_of_the_broker in a process of its own"]
fn memory_is_not_taken_on_the_word_of_the_broker_child() {
    let announced = [&[0x30, 0xFF, 0xFF, 0xFF, 0x7F, 0, 1, b't'][..], &[0; 10_000]].concat();
    for level in [V3_1_1, V5] {
        let bytes = announced.clone();
        let broker = Broker::with(move |incoming| match incoming.packet.kind() {
            PUBLISH => Reaction::Send(bytes.clone()),
            _ => Reaction::Answer,
        });
        let client = Client::new(&broker.uri(), level);
        client.connect_ok(&version(level));
        let before = data_kilobytes();
        client.publish_ok("t", 0, b"");
        broker.expect(PUBLISH);
        for _ in 0..5 {
            assert_eq!(client.receive(Duration::from_millis(20)), (0, None));
        }
        let grown = data_kilobytes().saturating_sub(before);
        assert!(grown < 64 * 1024, "{grown} KiB for a packet that has not come");
    }
}

fn data_kilobytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmData:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn nonsense_before_the_connack_fails_the_connect_at_once() {
    let answers: [&[u8]; 5] = [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x00\x00",
        b"\xFF\xFF\xFF\xFF\xFF",
        b"\x20\x00",
        b"\x20\x01\x00",
    ];
    for answer in answers {
        for level in [V3_1_1, V5] {
            let broker = Broker::with(move |_| Reaction::Send(answer.to_vec()));
            let client = Client::new(&broker.uri(), level);
            let events = client.events();
            let (sender, receiver) = channel();
            let handle = client.clone();
            std::thread::spawn(move || sender.send(handle.connect(&version(level).timeout(30)).code));
            assert_eq!(next(&receiver, &format!("{answer:?}")), FAILURE);
            until("the end of the connection", || broker.has_ended(0));
            assert_eq!(events.rest(), []);
        }
    }
}

/// A connection on which these bytes come before CONNACK, which says `code`: the payloads of the messages that arrive, and
/// their answers.
fn before_connack(level: c_int, bytes: &[u8], code: u8) -> (c_int, Vec<Vec<u8>>, Vec<(u8, u16)>) {
    let bytes = bytes.to_vec();
    let broker = Broker::with(move |incoming| match incoming.packet.kind() {
        packet::CONNECT => {
            Reaction::Send([&bytes[..], &packet::connack(incoming.packet.level, false, code, &[])].concat())
        }
        _ => Reaction::Answer,
    });
    let client = Client::new(&broker.uri(), level);
    let events = client.events();
    let result = client.connect(&version(level)).code;
    let mut payloads = Vec::new();
    if code == 0 {
        payloads.extend((0..3).map(|_| events.message().payload));
        client.subscribe_ok("afterwards", 0);
        client.subscribe_ok("and again", 0);
    }
    assert_eq!(events.rest(), []);
    let answers = broker.log().into_iter().map(|incoming| incoming.packet);
    let answers = answers.filter(|packet| matches!(packet.kind(), PUBACK | PUBREC | PUBCOMP));
    (result, payloads, answers.map(|packet| (packet.kind(), packet.id())).collect())
}

#[test]
fn what_comes_before_connack_is_delivered_after_it() {
    for level in [V3_1, V3_1_1, V5] {
        let messages: Vec<u8> =
            (0..3).flat_map(|qos| Publish::new("early", qos, 7, &[qos]).encode(level as u8)).collect();
        let bytes = [&messages[..], &packet::pingresp()].concat();
        let (code, payloads, answers) = before_connack(level, &bytes, 0);
        assert_eq!((code, payloads), (0, vec![vec![0], vec![1], vec![2]]));
        assert_eq!(answers, [(PUBACK, 7), (PUBREC, 7), (PUBCOMP, 7)]);
        assert_eq!(before_connack(level, &bytes, 0x87), (0x87, vec![], vec![]));
    }
}
