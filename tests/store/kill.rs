//! The process is killed at every system call of an exchange, and at random moments under load. Every message whose
//! publish call had returned arrives after the restart, those of QoS 2 once.

use crate::store_support::kills::kill_under_load;
use crate::store_support::world::{Api, World};
use crate::support::ledger::Ledger;
use crate::support::packet::{PUBCOMP, PUBREC, PUBREL, Publish, acknowledgement};
use crate::support::tracer::kill_at;
use std::fs;
use std::path::Path;

/// When the client connects.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Connects {
    /// Before it is traced.
    Before,
    /// Before it is traced, and with functions to be called back.
    WithCallbacks,
    /// When it has been given the messages.
    After,
}

fn kill_at_every_system_call(api: Api, level: u8, qos: u8, connects: Connects) {
    let mut world = World::new(api, level);
    let messages = [world.publish(qos, "first", 1), world.publish(qos, "second", 2)];
    let mut commands = vec![messages[0].0.as_str(), messages[1].0.as_str(), "wait 1 10000", "wait 2 10000"];
    if connects == Connects::After {
        commands.insert(2, "connect 0");
    }
    for stop in 1.. {
        let mut client = world.create();
        if connects == Connects::WithCallbacks {
            client.expect("callbacks", "callbacks 0");
        }
        if connects != Connects::After {
            client.expect("connect 0", "connect 0");
        }
        let killed = kill_at(&mut client, &commands, stop);
        let lines = client.kill();
        world.finish();
        for ((_, taken), payload) in messages.iter().zip(["first", "second"]) {
            let (returned, arrived) = (lines.contains(taken), world.ledger.arrived(payload));
            assert!(!returned || arrived >= 1, "{payload} is lost when killed at stop {stop}: {lines:?}");
            assert!(
                qos == 1 || arrived <= 1,
                "{payload} arrived {arrived} times, killed at stop {stop}: {lines:?}"
            );
        }
        if !killed {
            assert_eq!(
                lines.iter().filter(|line| line.ends_with(" 0")).count(),
                commands.len() - 2,
                "{lines:?}"
            );
            assert!(stop > 30, "the exchange was traced");
            println!("killed at each of {} stops", stop - 1);
            return;
        }
        world.renew();
    }
}

#[test]
fn at_every_system_call_qos_1() {
    kill_at_every_system_call(Api::Synchronous, 4, 1, Connects::Before);
}

#[test]
fn at_every_system_call_qos_2() {
    kill_at_every_system_call(Api::Synchronous, 4, 2, Connects::Before);
}

#[test]
fn at_every_system_call_qos_1_mqtt_5() {
    kill_at_every_system_call(Api::Synchronous, 5, 1, Connects::Before);
}

#[test]
fn at_every_system_call_qos_2_mqtt_5() {
    kill_at_every_system_call(Api::Synchronous, 5, 2, Connects::Before);
}

#[test]
fn asynchronous_at_every_system_call_qos_1() {
    kill_at_every_system_call(Api::Asynchronous, 4, 1, Connects::Before);
}

#[test]
fn asynchronous_at_every_system_call_qos_2() {
    kill_at_every_system_call(Api::Asynchronous, 4, 2, Connects::Before);
}

#[test]
fn asynchronous_at_every_system_call_qos_1_mqtt_5() {
    kill_at_every_system_call(Api::Asynchronous, 5, 1, Connects::Before);
}

#[test]
fn asynchronous_at_every_system_call_qos_2_mqtt_5() {
    kill_at_every_system_call(Api::Asynchronous, 5, 2, Connects::Before);
}

#[test]
fn with_callbacks_at_every_system_call() {
    kill_at_every_system_call(Api::Synchronous, 5, 2, Connects::WithCallbacks);
}

#[test]
fn requests_that_wait_at_every_system_call_qos_1() {
    kill_at_every_system_call(Api::Asynchronous, 4, 1, Connects::After);
}

#[test]
fn requests_that_wait_at_every_system_call_qos_2() {
    kill_at_every_system_call(Api::Asynchronous, 4, 2, Connects::After);
}

#[test]
fn requests_that_wait_at_every_system_call_qos_2_mqtt_5() {
    kill_at_every_system_call(Api::Asynchronous, 5, 2, Connects::After);
}

/// A message of QoS 2 is on its way to the client while that is killed: the program gets it once in all - unless it was
/// killed between getting it and saying so. `silent_lives`: so often it is started and killed while the server says nothing,
/// and the program gets what waits in the store.
fn kill_while_receiving(level: u8, silent_lives: usize) {
    let mut world = World::new(Api::Synchronous, level);
    let publish = Publish::new("t/i", 2, 7, b"incoming");
    for stop in 1.. {
        let mut client = world.start();
        let ledger = &world.ledger;
        ledger.broker.send(0, &publish.clone().encode(level));
        let killed = kill_at(&mut client, &["receive 10000", "receive 1"], stop);
        let mut lines = client.kill();
        for _ in 0..silent_lives {
            let mut client = world.start();
            lines.push(client.ask("receive 1"));
            client.kill();
        }
        // What a broker sends again depends on how far the exchange had come.
        let released = ledger.broker.log().iter().any(|incoming| incoming.packet.kind() == PUBREC);
        let completed = ledger.broker.log().iter().any(|incoming| incoming.packet.kind() == PUBCOMP);
        let again = match (released, completed) {
            (false, _) => publish.clone().again().encode(level),
            (true, false) => acknowledgement(PUBREL, 7),
            (true, true) => Vec::new(),
        };
        ledger.book.lock().unwrap().greeting = again;
        let mut client = world.start();
        while !completed && !has_completed(ledger, 1 + silent_lives) {
            lines.push(client.ask("receive 1"));
        }
        lines.push(client.ask("receive 0"));
        let delivered = lines.iter().filter(|line| line.contains("incoming")).count();
        assert!(delivered <= 1, "delivered {delivered} times when killed at stop {stop}: {lines:?}");
        assert!(
            delivered == 1 || completed || was_handed_over(world.directory.path()),
            "lost at stop {stop}: {lines:?}"
        );
        if !killed {
            assert!(stop > 20, "the exchange was traced");
            return;
        }
        drop(client);
        world.renew();
    }
}

fn has_completed(ledger: &Ledger, connection: usize) -> bool {
    let log = ledger.broker.log();
    log.iter().any(|incoming| incoming.connection == connection && incoming.packet.kind() == PUBCOMP)
}

/// Nothing waits in the store: the program had been given everything.
fn was_handed_over(directory: &Path) -> bool {
    let stores = fs::read_dir(directory).unwrap().map(|store| store.unwrap().path());
    stores.flat_map(|store| fs::read_dir(store).unwrap()).count() == 0
}

#[test]
fn while_a_message_arrives() {
    kill_while_receiving(4, 0);
}

#[test]
fn while_a_message_arrives_mqtt_5() {
    kill_while_receiving(5, 0);
}

#[test]
fn while_a_message_arrives_and_again_before_its_release() {
    kill_while_receiving(4, 1);
}

#[test]
fn while_a_message_arrives_and_again_before_its_release_mqtt_5() {
    kill_while_receiving(5, 1);
}

#[test]
fn under_load() {
    for (level, qos) in [(4, 1), (5, 2)] {
        kill_under_load(Api::Synchronous, level, qos, 15);
    }
}

#[test]
fn asynchronous_under_load() {
    for (level, qos) in [(4, 1), (5, 2)] {
        kill_under_load(Api::Asynchronous, level, qos, 15);
    }
}
