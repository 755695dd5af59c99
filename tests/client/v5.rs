//! What MQTT 5 adds: subscription options, properties in both directions, limits and wishes of the server.

use crate::support::abi::{FAILURE, SubscribeOptions, V5};
use crate::support::broker::{Broker, Reaction};
use crate::support::callbacks::Event;
use crate::support::client::{Answer, Client, Owner};
use crate::support::mosquitto::Mosquitto;
use crate::support::options::{lasting, version};
use crate::support::packet::{self, CONNECT, PINGREQ, PUBLISH, SUBSCRIBE, UNSUBSCRIBE};
use crate::support::properties::{
    ASSIGNED_CLIENT_IDENTIFIER, CONTENT_TYPE, CORRELATION_DATA, MESSAGE_EXPIRY_INTERVAL,
    PAYLOAD_FORMAT_INDICATOR, Property, RECEIVE_MAXIMUM, RESPONSE_TOPIC, SERVER_KEEP_ALIVE,
    SESSION_EXPIRY_INTERVAL, SUBSCRIPTION_IDENTIFIER, TOPIC_ALIAS,
};
use crate::support::wait::{LIMIT, next};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

fn connected(uri: &str) -> Owner {
    let client = Client::new(uri, V5);
    client.connect_ok(&version(V5));
    client
}

fn options(no_local: u8, retain_as_published: u8, retain_handling: u8) -> Option<SubscribeOptions> {
    Some(SubscribeOptions { no_local, retain_as_published, retain_handling, ..SubscribeOptions::DEFAULT })
}

/// A broker that puts these properties into its CONNACK.
fn announcing(properties: &'static [u8]) -> Broker {
    Broker::with(move |incoming| match incoming.packet.kind() {
        CONNECT => Reaction::Send(packet::connack(5, false, 0, properties)),
        _ => Reaction::Answer,
    })
}

fn payloads_until_end(client: &Client) -> Vec<(String, i32)> {
    let mut payloads = Vec::new();
    loop {
        let message = client.receive_ok();
        if message.topic == b"end" {
            return payloads;
        }
        payloads.push((message.payload_text(), message.retained));
    }
}

fn end(client: &Client) {
    client.publish_ok("end", 0, b"");
}

#[test]
fn no_local_keeps_own_messages_away() {
    let broker = Mosquitto::start();
    let (client, other) = (connected(&broker.uri()), connected(&broker.uri()));
    client.subscribe5("only/others", 0, options(1, 0, 0), &[]);
    client.subscribe5("everybody", 0, options(0, 0, 0), &[]);
    client.subscribe_ok("end", 0);
    client.publish_ok("only/others", 0, b"own");
    client.publish_ok("everybody", 0, b"own");
    end(&client);
    assert_eq!(payloads_until_end(&client), [("own".into(), 0)]);
    other.publish_ok("only/others", 0, b"other's");
    end(&other);
    assert_eq!(payloads_until_end(&client), [("other's".into(), 0)]);
}

#[test]
fn retain_as_published_keeps_the_flag() {
    let broker = Mosquitto::start();
    let client = connected(&broker.uri());
    client.subscribe5("as/published", 0, options(0, 1, 0), &[]);
    client.subscribe5("not", 0, options(0, 0, 0), &[]);
    client.subscribe_ok("end", 0);
    for topic in ["as/published", "not"] {
        client.publish5(topic, 0, topic.as_bytes(), 1, &[]);
        client.publish5(topic, 0, topic.as_bytes(), 0, &[]);
    }
    end(&client);
    let expected = [("as/published", 1), ("as/published", 0), ("not", 0), ("not", 0)];
    assert_eq!(payloads_until_end(&client), expected.map(|(topic, retained)| (topic.to_owned(), retained)));
}

#[test]
fn retain_handling_chooses_when_retained_messages_are_sent() {
    let broker = Mosquitto::start();
    let client = connected(&broker.uri());
    client.subscribe_ok("end", 0);
    client.publish5("kept", 0, b"kept", 1, &[]);
    let mut seen = Vec::new();
    for handling in [2, 1, 1, 0, 0] {
        client.subscribe5("kept", 0, options(0, 0, handling), &[]);
        end(&client);
        seen.push(payloads_until_end(&client).len());
    }
    assert_eq!(seen, [0, 0, 0, 1, 1], "never, only when new, always");
    client.unsubscribe("kept");
    client.subscribe5("kept", 0, options(0, 0, 1), &[]);
    end(&client);
    assert_eq!(payloads_until_end(&client), [("kept".into(), 1)]);
}

#[test]
fn subscription_options_reach_the_wire() {
    let broker = Broker::polite();
    let client = connected(&broker.uri());
    let mut expected = Vec::new();
    for no_local in 0..2 {
        for retain_as_published in 0..2 {
            for retain_handling in 0..3 {
                let qos = retain_handling;
                client.subscribe5(
                    "t",
                    i32::from(qos),
                    options(no_local, retain_as_published, retain_handling),
                    &[],
                );
                expected.push(qos | no_local << 2 | retain_as_published << 3 | retain_handling << 4);
            }
        }
    }
    let bytes: Vec<u8> =
        expected.iter().map(|_| broker.expect(SUBSCRIBE).packet.subscribe().filters[0].1).collect();
    assert_eq!(bytes, expected);

    let many = [options(1, 0, 2).unwrap(), SubscribeOptions::DEFAULT];
    client.subscribe_many5(&["a", "b"], &mut [2, 1], Some(&many), &[]);
    let filters = broker.expect(SUBSCRIBE).packet.subscribe().filters;
    assert_eq!(filters, [(b"a".to_vec(), 0b10_0110), (b"b".to_vec(), 1)]);
}

#[test]
fn the_reason_codes_of_a_subscribe_are_all_given() {
    let broker = Broker::with(|incoming| match incoming.packet.kind() {
        SUBSCRIBE => {
            let id = incoming.packet.id().to_be_bytes();
            let body = [&id[..], &[4, 0x1F, 0, 1, b'y', 1, 0x87, 0, 0x9E]].concat();
            Reaction::Send(packet::packet(0x90, &body))
        }
        _ => Reaction::Answer,
    });
    let client = connected(&broker.uri());
    let mut qos = [2, 2, 2, 2];
    let answer = client.subscribe_many5(&["a", "b", "c", "d"], &mut qos, None, &[]);
    let expected = Answer {
        code: 1,
        count: 4,
        codes: Some(vec![1, 0x87, 0, 0x9E]),
        properties: Some(vec![Property::text(crate::support::properties::REASON_STRING, "y")]),
    };
    assert_eq!((answer, qos), (expected, [2, 2, 2, 2]));
    assert!(client.is_connected());
}

#[test]
fn a_refused_subscription_is_a_reason_code() {
    let broker = Broker::with(|incoming| match incoming.packet.kind() {
        SUBSCRIBE => Reaction::Send(packet::suback(5, incoming.packet.id(), &[0x87])),
        _ => Reaction::Answer,
    });
    let client = connected(&broker.uri());
    let refused = Answer { code: 0x87, count: 1, codes: None, properties: None };
    assert_eq!(client.subscribe5("t", 1, None, &[]), refused);
}

#[test]
fn unsubscribe_tells_that_there_was_nothing_to_end() {
    let broker = Mosquitto::start();
    let client = connected(&broker.uri());
    client.subscribe_ok("a", 1);
    assert_eq!(client.unsubscribe5("a", &[]).code, 0);
    assert_eq!(client.unsubscribe5("a", &[]), Answer { code: 17, count: 1, codes: None, properties: None });
    assert_eq!(client.unsubscribe("a"), 17);
    client.subscribe_ok("b", 1);
    assert_eq!(client.unsubscribe_many5(&["a", "b"], &[]).codes, Some(vec![17, 0]));
}

#[test]
fn properties_of_requests_reach_the_wire() {
    let broker = Broker::polite();
    let client = connected(&broker.uri());
    let properties = [Property::Integer(SUBSCRIPTION_IDENTIFIER, 300), Property::user("k", "v")];
    client.subscribe5("t", 1, None, &properties);
    let expected = [0x0B, 0xAC, 0x02, 0x26, 0, 1, b'k', 0, 1, b'v'];
    assert_eq!(broker.expect(SUBSCRIBE).packet.subscribe().properties, expected);
    client.unsubscribe5("t", &properties[1..]);
    assert_eq!(broker.expect(UNSUBSCRIBE).packet.subscribe().properties, expected[3..]);
}

#[test]
fn properties_of_messages_arrive_as_they_were_sent() {
    let broker = Mosquitto::start();
    let client = Client::new(&broker.uri(), V5);
    let events = client.events();
    client.connect_ok(&version(V5));
    client.subscribe5("t", 2, None, &[Property::Integer(SUBSCRIPTION_IDENTIFIER, 268_435_455)]);
    let sent = vec![
        Property::Integer(PAYLOAD_FORMAT_INDICATOR, 1),
        Property::text(CONTENT_TYPE, "text/plain"),
        Property::text(RESPONSE_TOPIC, "answers/here"),
        Property::Bytes(CORRELATION_DATA, vec![0, 1, 2, 0, 255]),
        Property::user("name", "first"),
        Property::user("name", "second"),
        Property::user("ключ", "значение"),
    ];
    for qos in 0..3 {
        let (code, _) = client.publish5("t", qos, "größer".as_bytes(), 0, &sent);
        assert_eq!(code, 0);
        let message = events.find(|event| match event {
            Event::Message(message) => Some(message),
            _ => None,
        });
        let mut arrived = message.properties;
        let identifier = Property::Integer(SUBSCRIPTION_IDENTIFIER, 268_435_455);
        let before = arrived.len();
        arrived.retain(|property| *property != identifier);
        assert_eq!(arrived.len() + 1, before, "the subscription identifier, once");
        let user = |list: &[Property]| -> Vec<_> {
            list.iter().filter(|property| matches!(property, Property::Pair(..))).cloned().collect()
        };
        assert_eq!(user(&arrived), user(&sent), "user properties keep their order");
        let mut expected = sent.clone();
        arrived.sort();
        expected.sort();
        assert_eq!((arrived, message.qos), (expected, qos));
    }
}

#[test]
fn message_expiry_is_counted_by_the_server() {
    let broker = Mosquitto::start();
    let client = connected(&broker.uri());
    client.subscribe_ok("t", 1);
    client.publish5("t", 1, b"", 0, &[Property::Integer(MESSAGE_EXPIRY_INTERVAL, 1000)]);
    let properties = client.receive_ok().properties;
    assert!(
        matches!(properties[..], [Property::Integer(MESSAGE_EXPIRY_INTERVAL, 990..=1000)]),
        "{properties:?}"
    );
}

#[test]
fn the_server_assigns_an_identifier() {
    let broker = Mosquitto::start();
    let client = Client::named(&broker.uri(), "", V5);
    let connected = client.connect_ok(&version(V5));
    assert!(connected.has_list);
    let assigned = |property: &Property| matches!(property, Property::Bytes(ASSIGNED_CLIENT_IDENTIFIER, id) if !id.is_empty());
    assert!(connected.properties.iter().any(assigned), "{:?}", connected.properties);
}

#[test]
fn the_properties_of_the_connack_are_given() {
    let broker = announcing(&[0x13, 0, 60, 0x26, 0, 1, b'a', 0, 1, b'b', 0x11, 0, 0, 0, 9]);
    let client = Client::new(&broker.uri(), V5);
    let expected = [
        Property::Integer(SERVER_KEEP_ALIVE, 60),
        Property::user("a", "b"),
        Property::Integer(SESSION_EXPIRY_INTERVAL, 9),
    ];
    let connected = client.connect_ok(&version(V5));
    assert_eq!((connected.properties.as_slice(), connected.version), (&expected[..], 5));
    let plain = Broker::polite();
    let connected = Client::new(&plain.uri(), V5).connect_ok(&version(V5));
    assert_eq!((connected.has_list, connected.properties.len()), (true, 0), "a list, if an empty one");
}

#[test]
fn the_server_sets_the_keep_alive() {
    let broker = announcing(&[0x13, 0, 1]);
    let client = Client::new(&broker.uri(), V5);
    let _events = client.events();
    client.connect_ok(&version(V5).keep_alive(600));
    let started = Instant::now();
    broker.expect(PINGREQ);
    assert!(started.elapsed() <= Duration::from_millis(1500), "{:?}", started.elapsed());
}

#[test]
fn receive_maximum_limits_what_is_in_flight() {
    let broker = Broker::with(|incoming| match incoming.packet.kind() {
        CONNECT if incoming.connection == 0 => Reaction::Send(packet::connack(5, false, 0, &[0x21, 0, 2])),
        PUBLISH => Reaction::Silence,
        _ => Reaction::Answer,
    });
    let client = Client::new(&broker.uri(), V5);
    let _events = client.events();
    client.connect_ok(&version(V5).in_flight(5));
    client.publish_ok("t", 1, b"1");
    client.publish_ok("t", 2, b"2");
    let (sender, receiver) = channel();
    let third = client.clone();
    std::thread::spawn(move || sender.send(third.publish("t", 1, b"3").0));
    broker.expect(PUBLISH);
    broker.expect(PUBLISH);
    assert!(receiver.recv_timeout(Duration::from_millis(150)).is_err(), "it waits for room");
    broker.send(0, &packet::acknowledgement(packet::PUBACK, 1));
    assert_eq!(next(&receiver, "the third publish"), 0);
    assert_eq!(broker.expect(PUBLISH).packet.publish().payload, b"3");

    assert_eq!(client.disconnect(0), 0);
    client.connect_ok(&version(V5).in_flight(5));
    for number in 0..5 {
        client.publish_ok("t", 1, &[number]);
    }
    assert_eq!(client.pending().len(), 5, "the limit went with its connection");
}

#[test]
fn a_receive_maximum_of_nothing_is_an_error() {
    let broker = announcing(&[0x21, 0, 0]);
    let client = Client::new(&broker.uri(), V5);
    assert_eq!(client.connect(&version(V5)).code, FAILURE);
}

#[test]
fn what_the_server_does_not_take_is_not_sent() {
    let broker = announcing(&[0x27, 0, 0, 0, 50, 0x24, 1, 0x25, 0]);
    let client = connected(&broker.uri());
    assert_eq!(client.publish("t", 0, &[b'x'; 100]).0, 0x95, "larger than the maximum packet size");
    assert_eq!(client.publish("t", 2, b"x").0, 0x9B, "above the maximum QoS");
    assert_eq!(client.publish5("t", 0, b"x", 1, &[]).0, 0x9A, "retain is not available");
    assert!(client.is_connected());
    assert_eq!(client.pending(), []);
    client.publish_ok("t", 1, b"small enough");
    assert_eq!(broker.expect(PUBLISH).packet.publish().payload, b"small enough");
}

#[test]
fn topic_aliases_are_left_to_the_program() {
    let broker = announcing(&[0x22, 0, 10]);
    let client = connected(&broker.uri());
    let alias = [Property::Integer(TOPIC_ALIAS, 3)];
    assert_eq!(client.publish5("long/topic", 0, b"1", 0, &alias).0, 0);
    assert_eq!(client.publish5("", 0, b"2", 0, &alias).0, 0);
    let publishes =
        [broker.expect(PUBLISH), broker.expect(PUBLISH)].map(|incoming| incoming.packet.publish());
    assert_eq!(
        (publishes[0].topic.as_slice(), publishes[1].topic.as_slice()),
        (&b"long/topic"[..], &b""[..])
    );
    assert!(publishes.iter().all(|publish| publish.properties == [0x23, 0, 3]));
}

/// None is announced, so the server ends the connection.
#[test]
fn the_server_decides_about_topic_aliases() {
    for (topic, alias, qos) in [("", 1, 0), ("", 1, 1), ("t", 0, 0), ("t", 65_535, 2), ("", 0, 2)] {
        let broker = Broker::with(|incoming| match incoming.packet.kind() {
            PUBLISH => Reaction::SendAndCut(vec![0xE0, 1, 0x94]),
            _ => Reaction::Answer,
        });
        let client = Client::new(&broker.uri(), V5);
        let events = client.events();
        client.connect_ok(&lasting(V5));
        let (code, token) = client.publish5(topic, qos, b"x", 0, &[Property::Integer(TOPIC_ALIAS, alias)]);
        assert_eq!(code, 0);
        let publish = broker.expect(PUBLISH).packet.publish();
        assert_eq!((publish.topic.as_slice(), publish.qos), (topic.as_bytes(), qos as u8));
        assert_eq!(publish.properties, [&[0x23][..], &(alias as u16).to_be_bytes()].concat());
        assert_eq!(events.next(), Event::Disconnected { reason: 0x94, properties: vec![] });
        // What means nothing without its connection is not sent again.
        let pending = token.filter(|_| qos > 0 && !topic.is_empty());
        assert_eq!(client.pending(), Vec::from_iter(pending));
    }
}

#[test]
fn a_session_of_the_server_is_kept_as_long_as_asked() {
    let broker = Mosquitto::start();
    let client = Client::new(&broker.uri(), V5);
    assert!(!client.connect_ok(&lasting(V5)).session_present);
    client.subscribe_ok("t", 2);
    assert_eq!(client.disconnect(0), 0);
    connected(&broker.uri()).publish_ok("t", 1, b"while away");
    let again = client.connect_ok(&lasting(V5));
    assert!(again.session_present || crate::support::library::testing_the_original());
    assert_eq!(client.receive_ok().payload, b"while away");
    assert_eq!(client.disconnect(0), 0);
    assert!(!client.connect_ok(&version(V5)).session_present, "a clean start");
}

#[test]
fn a_limit_of_the_program_is_announced() {
    let broker = Broker::polite();
    let client = Client::new(&broker.uri(), V5);
    client.connect_ok(&version(V5).property(Property::Integer(RECEIVE_MAXIMUM, 17)));
    assert_eq!(broker.expect(CONNECT).packet.connect().properties, [0x21, 0, 17]);
    assert!(client.receive(Duration::ZERO).1.is_none());
}

#[test]
fn in_flight_messages_end_with_a_session_the_server_has_forgotten() {
    let broker = Broker::with(|incoming| match incoming.packet.kind() {
        PUBLISH if incoming.connection == 0 => Reaction::Cut,
        _ => Reaction::Answer,
    });
    let client = Client::new(&broker.uri(), V5);
    let events = client.events();
    client.connect_ok(&lasting(V5));
    client.publish_ok("t", 2, b"x");
    events.find_lost();
    assert_eq!(client.pending(), [1]);
    client.connect_ok(&lasting(V5));
    assert_eq!(client.pending(), [], "session present was 0");
    client.publish_ok("end", 1, b"");
    assert_eq!(client.disconnect(LIMIT.as_millis() as i32), 0);
    assert_eq!(broker.log().iter().filter(|incoming| incoming.packet.kind() == PUBLISH).count(), 2);
}

#[test]
fn disconnect_in_place_of_connack_reaches_the_callback() {
    let properties = [0x1C, 0, 1, b'x', 3, 0, 1, b'y'];
    let packet = packet::packet(0xE0, &[&[0x9C, 8][..], &properties].concat());
    let broker = Broker::with(move |_| Reaction::Send(packet.clone()));
    let client = Client::new(&broker.uri(), V5);
    let events = client.events();
    assert_eq!(client.connect(&version(V5)).code, FAILURE);
    let told = events.rest();
    assert!(
        matches!(&told[..], [Event::Disconnected { reason: 0x9C, .. }]),
        "before connect returns: {told:?}"
    );
    assert!(!client.is_connected());
}
