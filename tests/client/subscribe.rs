//! Subscribing before MQTT 5, packet by packet: what is sent, and what the answers mean.

use crate::support::abi::{BAD_QOS, FAILURE, V3_1, V3_1_1, V5};
use crate::support::broker::{Broker, Reaction};
use crate::support::client::{Answer, Client};
use crate::support::options::version;
use crate::support::packet::{self, PUBLISH, SUBSCRIBE, UNSUBSCRIBE};
use crate::support::wait::{LIMIT, next};
use std::sync::mpsc::channel;

/// A broker that answers every SUBSCRIBE with these codes.
fn granting(codes: &'static [u8]) -> Broker {
    Broker::with(move |incoming| match incoming.packet.kind() {
        SUBSCRIBE => Reaction::Send(packet::suback(incoming.packet.level, incoming.packet.id(), codes)),
        _ => Reaction::Answer,
    })
}

fn connected(broker: &Broker, level: i32) -> crate::support::client::Owner {
    let client = Client::new(&broker.uri(), level);
    client.connect_ok(&version(level));
    client
}

#[test]
fn the_packets_are_exact() {
    for level in [V3_1, V3_1_1] {
        let broker = Broker::polite();
        let client = connected(&broker, level);
        client.subscribe_ok("a/b", 2);
        let packet = broker.expect(SUBSCRIBE).packet;
        assert_eq!((packet.first, packet.body.as_slice()), (0x82, &b"\0\x01\0\x03a/b\x02"[..]));
        assert_eq!(client.subscribe_many3(&["x", "+/#"], &mut [0, 1]), 0);
        assert_eq!(broker.expect(SUBSCRIBE).packet.body, b"\0\x02\0\x01x\0\0\x03+/#\x01");
        assert_eq!(client.unsubscribe("a/b"), 0);
        let packet = broker.expect(UNSUBSCRIBE).packet;
        assert_eq!((packet.first, packet.body.as_slice()), (0xA2, &b"\0\x03\0\x03a/b"[..]));
        assert_eq!(client.unsubscribe_many(&["x", "+/#"]), 0);
        assert_eq!(broker.expect(UNSUBSCRIBE).packet.body, b"\0\x04\0\x01x\0\x03+/#");
        assert_eq!(client.publish_ok("t", 1, b""), 5, "one counter for all identifiers");
    }
}

#[test]
fn one_subscription_is_granted_or_refused() {
    for (codes, result) in [(&[0][..], 0), (&[1], 0), (&[2], 0), (&[0x80], 128), (&[0x87], 0), (&[0xFF], 0)] {
        let broker = granting(codes);
        let client = connected(&broker, V3_1_1);
        assert_eq!(client.subscribe3("t", 2), result);
        let answer = Answer { code: result, count: 0, codes: None, properties: None };
        assert_eq!(client.subscribe5("t", 2, None, &[]).code, answer.code, "subscribe5 on a 3.1.1 handle");
        assert!(client.is_connected());
    }
}

#[test]
fn what_was_granted_is_written_back() {
    let broker = granting(&[1, 0x80, 0]);
    let client = connected(&broker, V3_1_1);
    let mut qos = [2, 2, 2];
    assert_eq!(client.subscribe_many3(&["a", "b", "c"], &mut qos), 0, "even if some are refused");
    assert_eq!(qos, [1, 128, 0]);
}

#[test]
fn codes_that_did_not_come_are_failures() {
    let broker = granting(&[1]);
    let client = connected(&broker, V3_1_1);
    let mut qos = [2, 2];
    assert_eq!(client.subscribe_many3(&["a", "b"], &mut qos), 0);
    assert_eq!(qos, [1, 0x80]);
}

#[test]
fn a_subscription_of_version_5_is_told_by_its_reason() {
    for code in [0u8, 1, 2, 0x80, 0x87, 0x9E] {
        let broker = Broker::with(move |incoming| match incoming.packet.kind() {
            SUBSCRIBE => Reaction::Send(packet::suback(5, incoming.packet.id(), &[code])),
            _ => Reaction::Answer,
        });
        let client = connected(&broker, V5);
        let expected = Answer { code: i32::from(code), count: 1, codes: None, properties: None };
        assert_eq!(client.subscribe5("t", 2, None, &[]), expected);
        assert!(client.is_connected());
    }
}

#[test]
fn a_request_without_filters_is_not_sent() {
    let broker = Broker::polite();
    let client = connected(&broker, V3_1_1);
    assert_eq!(client.subscribe_many3(&[], &mut []), FAILURE);
    assert_eq!(client.unsubscribe_many(&[]), FAILURE);
    assert_eq!(client.subscribe_many3(&["a", "b"], &mut [1, 3]), BAD_QOS);
    client.publish_ok("t", 0, b"");
    broker.expect(PUBLISH);
    assert_eq!(broker.log().len(), 2, "CONNECT and PUBLISH");
}

#[test]
fn the_identifier_of_a_waiting_subscribe_is_taken() {
    let broker = Broker::with(|incoming| match incoming.packet.kind() {
        SUBSCRIBE => Reaction::Silence,
        _ => Reaction::Answer,
    });
    let client = Client::new(&broker.uri(), V3_1_1);
    let _events = client.events();
    // The SUBSCRIBE waits for as long as all those messages take.
    assert_eq!(client.set_command_timeout(LIMIT * 3), 0);
    client.connect_ok(&version(V3_1_1).in_flight(1000));
    let (sender, receiver) = channel();
    let waiting = client.clone();
    std::thread::spawn(move || sender.send(waiting.subscribe3("t", 1)));
    assert_eq!(broker.expect(SUBSCRIBE).packet.id(), 1);
    let mut last = 1;
    for _ in 0..65535 {
        let token = client.publish_ok("t", 1, b"");
        assert_ne!(token, 1, "the identifier of the SUBSCRIBE");
        last = token;
    }
    assert_eq!(last, 2, "once round, leaving out the one");
    broker.send(0, &packet::suback(4, 1, &[1]));
    assert_eq!(next(&receiver, "subscribe"), 0);
    assert_eq!(client.disconnect(LIMIT.as_millis() as i32), 0);
}
