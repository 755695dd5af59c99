//! What comes while connections are cut and processes are killed is delivered, and at QoS 2 once.

use crate::store_support::incoming::{cut_while_receiving, kill_at_every_system_call, kill_while_receiving};
use crate::store_support::world::{Api, World};
use crate::support::abi::{V3_1_1, V5};
use crate::support::broker::{Broker, Reaction};
use crate::support::client::Client;
use crate::support::mosquitto::Directory;
use crate::support::options::lasting;
use crate::support::packet::{CONNECT, PUBCOMP, PUBLISH, PUBREC, PUBREL, Publish, acknowledgement, connack};
use crate::support::wait::until;
use std::time::Duration;

#[test]
fn while_the_process_is_killed() {
    for level in [4, 5] {
        println!("{} kills", kill_while_receiving(Api::Synchronous, level, 600));
    }
}

#[test]
fn while_an_asynchronous_client_is_killed() {
    for level in [4, 5] {
        println!("{} kills", kill_while_receiving(Api::Asynchronous, level, 600));
    }
}

#[test]
fn while_connections_are_cut() {
    for level in [4, 5] {
        println!("{} cuts", cut_while_receiving(level, 60));
    }
}

#[test]
fn at_every_system_call() {
    println!("killed at each of {} stops", kill_at_every_system_call(4));
}

#[test]
fn at_every_system_call_mqtt_5() {
    println!("killed at each of {} stops", kill_at_every_system_call(5));
}

/// A message that is complete but waits for the program is not taken for the next one of the same identifier, topic and
/// payload.
#[test]
fn equal_messages_of_one_identifier_are_all_delivered() {
    let message = Publish::new("t/i", 2, 7, b"same");
    // Whether the second one comes while the process lives. In version 5 it would be in the store already.
    for (level, comes_at_once) in [(4, true), (4, false), (5, false)] {
        let world = World::new(Api::Synchronous, level);
        let has_come = |kind, times| {
            let log = world.ledger.broker.log();
            log.iter().filter(|incoming| incoming.packet.kind() == kind).count() >= times
        };
        world.ledger.ignore(&[(PUBLISH, 1)]);
        let mut client = world.start();
        client.ask(&world.publish(1, "to-be-waited-for", 1).0);
        world.ledger.broker.send(0, &message.encode(level));
        until("the end of the first delivery", || {
            client.ask("wait 1 10");
            has_come(PUBCOMP, 1)
        });
        let rest_of_second = if !comes_at_once {
            // It had been sent, and was lost with the process.
            message.clone().again().encode(level)
        } else {
            world.ledger.ignore(&[(PUBLISH, 1), (PUBREC, 7)]);
            world.ledger.broker.send(0, &message.encode(level));
            until("the second message", || {
                client.ask("wait 1 10");
                has_come(PUBREC, 2)
            });
            acknowledgement(PUBREL, 7)
        };
        client.kill();
        world.ledger.ignore(&[]);
        world.ledger.book.lock().unwrap().greeting = rest_of_second;
        let mut client = world.start();
        for _ in 0..2 {
            client.expect("receive 10000", "receive 0 t/i same 2");
        }
        until("the end of the second delivery", || {
            client.expect("receive 1", "receive 0");
            has_come(PUBCOMP, 2)
        });
    }
}

/// Messages that no server may send, as they come: a topic with wildcards, one that is not UTF-8, identifier 0, properties
/// that should not be there.
#[test]
fn what_is_taken_from_a_server_is_taken_from_the_store() {
    for level in [V3_1_1, V5] {
        let directory = Directory::new("odd");
        let properties = if level == V5 { vec![1, 2, 3, 0, 1, 0xFF] } else { vec![] };
        let odd = |topic: &[u8], qos, id| Publish {
            topic: topic.to_vec(),
            properties: properties.clone(),
            ..Publish::new("", qos, id, b"x")
        };
        let messages = [odd(b"a/+", 1, 0), odd(b"\xFF/#", 1, 9), odd(b"\xFE+", 2, 0)];
        let bytes: Vec<u8> = messages.iter().flat_map(|message| message.encode(level as u8)).collect();
        let broker = Broker::with(move |incoming| match (incoming.packet.kind(), incoming.connection) {
            (PUBLISH, 0) => Reaction::Send(bytes.clone()),
            // The release of the last message comes in the next life.
            (PUBREC, _) => Reaction::Silence,
            (CONNECT, 1) => {
                let connack = connack(incoming.packet.level, true, 0, &[]);
                Reaction::Send([connack, acknowledgement(PUBREL, 0)].concat())
            }
            _ => Reaction::Answer,
        });
        let create = || {
            let (code, client) = Client::create_in(&broker.uri(), "odd", level, directory.path());
            assert_eq!(code, 0);
            client
        };
        let client = create();
        client.connect_ok(&lasting(level));
        client.publish_ok("trigger", 1, b"");
        until("the answer to the last message", || {
            client.wait(1, Duration::from_millis(1));
            broker.log().iter().any(|incoming| incoming.packet.kind() == PUBREC)
        });
        client.destroy();
        let client = create();
        client.connect_ok(&lasting(level));
        for message in &messages {
            let given = client.receive_ok();
            assert_eq!((&given.topic, given.payload), (&message.topic, b"x".to_vec()));
            assert_eq!(given.properties.len(), if level == V5 { 2 } else { 0 });
        }
    }
}
