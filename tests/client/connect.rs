//! Connecting: what is sent, whom, in which order, and what comes back.

use crate::support::abi::{DEFAULT_VERSION, DISCONNECTED, FAILURE, V3_1, V3_1_1, V5};
use crate::support::broker::{Broker, Listener, Reaction};
use crate::support::callbacks::Event;
use crate::support::client::Client;
use crate::support::options::{Will, lasting, version};
use crate::support::packet::{CONNECT, DISCONNECT, PUBLISH, connack};
use crate::support::properties::{Property, SESSION_EXPIRY_INTERVAL};
use crate::support::wait::{LIMIT, until};
use std::time::{Duration, Instant};

/// A broker that answers every CONNECT with this code.
fn refusing(code: u8) -> Broker {
    Broker::with(move |incoming| Reaction::Send(connack(incoming.packet.connect().level, false, code, &[])))
}

/// An URI on which nobody listens.
fn nobody() -> String {
    Listener::new().uri()
}

fn levels(broker: &Broker) -> Vec<u8> {
    let connects = broker.log().into_iter().filter(|incoming| incoming.packet.kind() == CONNECT);
    connects.map(|incoming| incoming.packet.connect().level).collect()
}

#[test]
fn a_refusal_is_returned_with_its_code() {
    for code in 1..=5 {
        for level in [V3_1, V3_1_1] {
            let broker = refusing(code);
            let client = Client::new(&broker.uri(), level);
            let events = client.events();
            assert_eq!(client.connect(&version(level)).code, i32::from(code));
            assert!(!client.is_connected());
            assert_eq!(levels(&broker), [level as u8], "one attempt with a chosen version");
            assert_eq!(events.rest(), []);
        }
    }
}

#[test]
fn a_refusal_of_version_5_is_its_reason_code() {
    for code in [128, 133, 135, 159] {
        let broker = refusing(code);
        let client = Client::new(&broker.uri(), V5);
        let connected = client.connect(&version(V5));
        assert_eq!((connected.code, connected.has_list), (i32::from(code), false));
    }
}

#[test]
fn the_default_version_falls_back_to_3_1() {
    let broker = Broker::with(|incoming| match incoming.packet.connect().level {
        4 => Reaction::SendAndCut(connack(4, false, 1, &[])),
        _ => Reaction::Answer,
    });
    let client = Client::new(&broker.uri(), DEFAULT_VERSION);
    let connected = client.connect_ok(&version(DEFAULT_VERSION));
    assert_eq!(connected.version, 3);
    assert_eq!(levels(&broker), [4, 3]);
    let names: Vec<_> = broker.log().iter().map(|incoming| incoming.packet.connect().name).collect();
    assert_eq!(names, [&b"MQTT"[..], b"MQIsdp"]);
}

#[test]
fn the_default_version_returns_the_second_refusal() {
    let broker = refusing(5);
    let client = Client::new(&broker.uri(), DEFAULT_VERSION);
    assert_eq!(client.connect(&version(DEFAULT_VERSION)).code, 5);
    assert_eq!(levels(&broker), [4, 3]);
}

#[test]
fn the_default_version_is_3_1_1_where_that_works() {
    let broker = Broker::polite();
    let client = Client::new(&broker.uri(), DEFAULT_VERSION);
    assert_eq!(client.connect_ok(&version(DEFAULT_VERSION)).version, 4);
    assert_eq!(levels(&broker), [4]);
}

#[test]
fn servers_are_tried_in_order_and_replace_the_one_of_create() {
    let (unused, refuses, accepts, last) =
        (Broker::polite(), refusing(3), Broker::polite(), Broker::polite());
    let client = Client::new(&unused.uri(), V3_1_1);
    let servers = [nobody(), refuses.uri(), accepts.uri(), last.uri()];
    let connected = client.connect_ok(&version(V3_1_1).servers(&servers));
    assert_eq!(connected.server, Some(format!("127.0.0.1:{}", accepts.port())));
    assert_eq!((unused.connections(), refuses.connections(), last.connections()), (0, 1, 0));
}

#[test]
fn the_last_server_decides_the_result() {
    let (first, second) = (refusing(5), refusing(3));
    let client = Client::new("tcp://127.0.0.1:1", V3_1_1);
    let both = version(V3_1_1).servers(&[first.uri(), second.uri()]);
    assert_eq!(client.connect(&both).code, 3);
    let nobody_last = version(V3_1_1).servers(&[first.uri(), nobody()]);
    assert_eq!(client.connect(&nobody_last).code, FAILURE);
}

#[test]
fn every_server_gets_both_versions() {
    let (first, second) = (refusing(5), Broker::polite());
    let client = Client::new("tcp://127.0.0.1:1", DEFAULT_VERSION);
    client.connect_ok(&version(DEFAULT_VERSION).servers(&[first.uri(), second.uri()]));
    assert_eq!((levels(&first), levels(&second)), (vec![4, 3], vec![4]));
}

#[test]
fn an_mqtt_scheme_in_the_server_list_works() {
    let broker = Broker::polite();
    let client = Client::new("tcp://127.0.0.1:1", V3_1_1);
    client.connect_ok(&version(V3_1_1).servers(&[format!("mqtt://127.0.0.1:{}", broker.port())]));
}

#[test]
fn white_space_around_a_uri_is_ignored() {
    let broker = Broker::polite();
    let line = format!("  {}\t\r\n", broker.uri());
    let client = Client::new(&line, V3_1_1);
    let connected = client.connect_ok(&version(V3_1_1));
    assert_eq!(connected.server, Some(format!("127.0.0.1:{}", broker.port())));
    let client = Client::new("\n tcp://127.0.0.1:1", V3_1_1);
    client.connect_ok(&version(V3_1_1).servers(&[line]));
}

#[test]
fn every_form_of_an_address_works() {
    let broker = Broker::polite();
    let port = broker.port();
    for uri in
        [format!("127.0.0.1:{port}"), format!("mqtt://127.0.0.1:{port}"), format!("tcp://127.0.0.1:{port}/x")]
    {
        Client::new(&uri, V3_1_1).connect_ok(&version(V3_1_1));
    }
    let connected = Client::new(&format!("tcp://localhost:{port}"), V3_1_1).connect_ok(&version(V3_1_1));
    assert_eq!(connected.server, Some(format!("localhost:{port}")));
}

#[test]
fn ipv6_works() {
    let broker = Broker::at("[::1]:0", |_| Reaction::Answer);
    let client = Client::new(&format!("tcp://[::1]:{}", broker.port()), V3_1_1);
    let connected = client.connect_ok(&version(V3_1_1));
    assert_eq!(connected.server, Some(format!("[::1]:{}", broker.port())));
}

#[test]
fn a_name_with_two_addresses_works_on_the_one_that_answers() {
    let broker = Broker::at("[::1]:0", |_| Reaction::Answer);
    let v6 =
        std::net::ToSocketAddrs::to_socket_addrs(&("localhost", 1)).unwrap().any(|address| address.is_ipv6());
    if v6 {
        Client::new(&format!("tcp://localhost:{}", broker.port()), V3_1_1).connect_ok(&version(V3_1_1));
    }
}

#[test]
fn a_server_that_never_answers_costs_the_connect_timeout() {
    let listener = Listener::new();
    for level in [DEFAULT_VERSION, V3_1_1, V5] {
        let client = Client::new(&listener.uri(), level);
        let started = Instant::now();
        assert_eq!(client.connect(&version(level).timeout(1)).code, FAILURE);
        let took = started.elapsed();
        assert!(took >= Duration::from_millis(950), "{took:?} with version {level}");
        assert!(took < Duration::from_secs(3), "{took:?} with version {level}");
    }
}

#[test]
fn each_server_has_the_whole_time() {
    let (silent, answers) = (Listener::new(), Broker::polite());
    let client = Client::new("tcp://127.0.0.1:1", V3_1_1);
    client.connect_ok(&version(V3_1_1).timeout(1).servers(&[silent.uri(), answers.uri()]));
}

#[test]
fn no_time_is_no_connection() {
    let broker = Broker::polite();
    for timeout in [0, -1] {
        let client = Client::new(&broker.uri(), V3_1_1);
        assert_eq!(client.connect(&version(V3_1_1).timeout(timeout)).code, FAILURE);
    }
}

#[test]
fn a_failed_connect_can_be_repeated() {
    let broker = Broker::with(|incoming| match incoming.connection {
        0 => Reaction::Cut,
        1 => Reaction::Send(connack(4, false, 2, &[])),
        _ => Reaction::Answer,
    });
    let client = Client::new(&broker.uri(), V3_1_1);
    let events = client.events();
    assert_eq!(client.connect(&version(V3_1_1)).code, FAILURE);
    assert_eq!(client.connect(&version(V3_1_1)).code, 2);
    client.connect_ok(&version(V3_1_1));
    assert!(client.is_connected());
    assert_eq!(events.rest(), [], "connectionLost is for connections that were made");
}

#[test]
fn connecting_again_replaces_the_connection() {
    for callbacks in [false, true] {
        let broker = Broker::polite();
        let client = Client::new(&broker.uri(), V3_1_1);
        let events = callbacks.then(|| client.events());
        client.connect_ok(&version(V3_1_1));
        client.connect_ok(&version(V3_1_1));
        assert!(client.is_connected());
        until("the end of the first connection", || broker.has_ended(0));
        client.subscribe_ok("t", 1);
        assert!(!broker.has_ended(1));
        assert_eq!(client.disconnect(0), 0);
        assert_eq!(events.map(|events| events.rest()).unwrap_or_default(), [], "no connectionLost");
    }
}

#[test]
fn destroying_a_connected_handle_disconnects() {
    for (level, callbacks) in [(V3_1_1, false), (V3_1_1, true), (V5, false), (V5, true)] {
        let broker = Broker::polite();
        let client = Client::new(&broker.uri(), level);
        let events = callbacks.then(|| client.events());
        client.connect_ok(&version(level));
        client.destroy();
        let disconnect = broker.expect(DISCONNECT).packet;
        assert_eq!(disconnect.disconnect_reason(), 0);
        until("the end of the connection", || broker.has_ended(0));
        assert_eq!(events.map(|events| events.rest()).unwrap_or_default(), []);
    }
}

#[test]
fn disconnect_sends_its_packet_and_reports_nothing() {
    for level in [V3_1_1, V5] {
        let broker = Broker::polite();
        let client = Client::new(&broker.uri(), level);
        let events = client.events();
        client.connect_ok(&version(level));
        assert_eq!(client.disconnect(0), 0);
        assert!(!client.is_connected());
        assert_eq!(broker.expect(DISCONNECT).packet.body, []);
        assert_eq!((client.disconnect(0), client.disconnect(100)), (0, 0), "again, and with nothing to do");
        assert_eq!(events.rest(), []);
    }
}

#[test]
fn disconnect5_carries_reason_and_properties() {
    let broker = Broker::polite();
    let client = Client::new(&broker.uri(), V5);
    client.connect_ok(&lasting(V5));
    let expiry = Property::Integer(SESSION_EXPIRY_INTERVAL, 5);
    assert_eq!(client.disconnect5(0, 4, &[expiry]), 0);
    assert_eq!(broker.expect(DISCONNECT).packet.body, [4, 5, 17, 0, 0, 0, 5]);
}

#[test]
fn the_connect_packet_is_exact() {
    let listener = Listener::new();
    let client = Client::named(&listener.uri(), "", V3_1_1);
    let mut connect = version(V3_1_1).keep_alive(7);
    (connect.user, connect.password) = (Some("u".into()), Some("p".into()));
    connect.will = Some(Will { topic: "w".into(), message: "m".into(), qos: 2, retained: 1 });
    let expected = b"\x10\x18\0\x04MQTT\x04\xF6\0\x07\0\0\0\x01w\0\x01m\0\x01u\0\x01p";
    std::thread::scope(|scope| {
        let broker = scope.spawn(|| {
            let mut peer = listener.accept();
            let bytes = peer.read_raw(expected.len());
            peer.send(&connack(4, false, 0, &[]));
            (bytes, peer)
        });
        client.connect_ok(&connect);
        assert_eq!(broker.join().unwrap().0, expected);
    });
}

#[test]
fn the_connect_packet_of_version_5_is_exact() {
    let listener = Listener::new();
    let client = Client::named(&listener.uri(), "id", V5);
    let mut connect = version(V5).keep_alive(258).property(Property::user("a", "b"));
    connect.will = Some(Will { topic: "w".into(), message: "m".into(), qos: 1, retained: 0 });
    connect.will_properties =
        vec![Property::Integer(crate::support::properties::PAYLOAD_FORMAT_INDICATOR, 1)];
    let expected: &[u8] =
        b"\x10\x21\0\x04MQTT\x05\x0E\x01\x02\x07\x26\0\x01a\0\x01b\0\x02id\x02\x01\x01\0\x01w\0\x01m";
    let expected = [&[0x10, (expected.len() - 2) as u8], &expected[2..]].concat();
    std::thread::scope(|scope| {
        let broker = scope.spawn(|| {
            let mut peer = listener.accept();
            let bytes = peer.read_raw(expected.len());
            peer.send(&connack(5, false, 0, &[]));
            (bytes, peer)
        });
        client.connect_ok(&connect);
        assert_eq!(broker.join().unwrap().0, expected);
    });
}

#[test]
fn session_present_is_returned() {
    for (level, present) in [(V3_1_1, true), (V3_1_1, false), (V5, true), (V5, false)] {
        let broker =
            Broker::with(move |incoming| Reaction::Send(connack(incoming.packet.level, present, 0, &[])));
        let client = Client::new(&broker.uri(), level);
        let connected = client.connect_ok(&lasting(level));
        assert_eq!((connected.session_present, connected.version), (present, level));
    }
}

#[test]
fn a_will_is_kept_for_the_connection_that_is_lost() {
    let broker = Broker::with(|incoming| match incoming.packet.kind() {
        PUBLISH => Reaction::Send(vec![0x03, 0]),
        _ => Reaction::Answer,
    });
    let client = Client::new(&broker.uri(), V3_1_1);
    let events = client.events();
    client.connect_ok(&version(V3_1_1));
    client.publish_ok("t", 0, b"answer with nonsense");
    assert_eq!(events.next(), Event::Lost { with_cause: false });
    until("the end of the connection", || broker.has_ended(0));
    let disconnects = broker.log().iter().filter(|incoming| incoming.packet.kind() == DISCONNECT).count();
    assert_eq!(disconnects, 0, "a DISCONNECT would make the server discard the will");
}

#[test]
fn a_disconnect_is_never_taken_for_a_loss() {
    let rounds = if crate::support::library::testing_the_original() { 10 } else { 300 };
    for level in [V3_1_1, V5] {
        let broker = Broker::with(|incoming| match incoming.packet.kind() {
            DISCONNECT => Reaction::Cut,
            _ => Reaction::Answer,
        });
        let client = Client::new(&broker.uri(), level);
        let events = client.events();
        for _ in 0..rounds {
            client.connect_ok(&version(level));
            assert_eq!(client.disconnect(0), 0);
        }
        client.connect_ok(&version(level));
        client.destroy();
        assert_eq!(events.rest().len(), 0, "the server closes as soon as it has the packet");
    }
}

/// A broker that says this right behind its CONNACK, in the same segment.
fn saying_behind_connack(bytes: &'static [u8]) -> Broker {
    Broker::with(move |incoming| match incoming.packet.kind() {
        CONNECT => {
            let connack = connack(incoming.packet.connect().level, false, 0, &[]);
            Reaction::Send([connack, bytes.to_vec()].concat())
        }
        _ => Reaction::Answer,
    })
}

#[test]
fn a_connection_that_ends_right_behind_connack_is_made_and_lost() {
    let disconnect = saying_behind_connack(&[0xE0, 1, 0x9C]);
    let client = Client::new(&disconnect.uri(), V5);
    let events = client.events();
    client.connect_ok(&version(V5));
    assert_eq!(events.next(), Event::Disconnected { reason: 0x9C, properties: Vec::new() });
    let garbage = saying_behind_connack(&[0x0F, 0]);
    let client = Client::new(&garbage.uri(), V3_1_1);
    let events = client.events();
    client.connect_ok(&version(V3_1_1));
    assert_eq!(events.next(), Event::Lost { with_cause: false });
    let client = Client::new(&garbage.uri(), V3_1_1);
    client.connect_ok(&version(V3_1_1));
    assert_eq!(client.receive(LIMIT), (FAILURE, None));
    assert_eq!(client.receive(LIMIT), (DISCONNECTED, None));
}
