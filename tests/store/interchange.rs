//! The original and this library take up what the other has left, and call a program's own store alike.

use crate::support::ledger::Ledger;
use crate::support::library::{library_path, original};
use crate::support::mosquitto::Directory;
use crate::support::packet::{PUBLISH, PUBREC, PUBREL, Publish, acknowledgement};
use crate::support::store_client::{StoreClient, StoreProgram, other_library};
use std::path::{Path, PathBuf};

/// Both libraries; None where the original is not installed.
fn both() -> Option<[PathBuf; 2]> {
    if !original().exists() {
        assert!(!Path::new("/usr/bin/apt-get").exists(), "install the package libpaho-mqtt1.3");
        eprintln!("skipped: this system has no original library");
        return None;
    }
    Some([library_path(), original()])
}

/// Starts a client on a library, with its store below `directory`, and connects it.
fn connected(library: &Path, ledger: &Ledger, program: &StoreProgram, create: &str) -> StoreClient {
    let mut client = program.start(library, &ledger.broker.uri());
    client.expect(create, "create 0");
    client.expect("connect 0", "connect 0");
    client
}

/// Lets the client work by this command until the broker has got this packet.
fn work_until(client: &mut StoreClient, ledger: &Ledger, command: &str, kind: u8, id: u16) {
    let has_come = || {
        let log = ledger.broker.log();
        log.iter().any(|incoming| incoming.packet.kind() == kind && incoming.packet.id() == id)
    };
    while !has_come() {
        client.ask(command);
    }
}

/// One library publishes, with the answers to some packets missing, and is killed. The other takes up its messages and
/// completes them; the broker has got each of them, those of QoS 2 once.
fn hand_over(from: &Path, to: &Path, level: u8) {
    let directory = Directory::new("interchange");
    let (ledger, program) = (Ledger::new(), StoreProgram::new());
    let create = format!("create id 0 {} {level}", directory.path().display());
    ledger.ignore(&[(PUBLISH, 1), (PUBLISH, 2), (PUBREL, 3), (PUBREC, 7)]);
    let mut first = connected(from, &ledger, &program, &create);
    first.expect("publish 1 t one", "publish 0 1");
    first.expect("publish 2 t two", "publish 0 2");
    first.expect("publish 2 t three", "publish 0 3");
    // In MQTT 5 it is delivered when it comes, and the original forgets what it has not handed over then.
    let keeps_incoming = level == 4 || from == library_path();
    if keeps_incoming {
        ledger.broker.send(0, &Publish::new("t/i", 2, 7, b"incoming").encode(level));
        work_until(&mut first, &ledger, "wait 1 10", PUBREC, 7);
    }
    work_until(&mut first, &ledger, "wait 1 10", PUBREL, 3);
    first.kill();

    ledger.ignore(&[]);
    ledger.book.lock().unwrap().greeting =
        if keeps_incoming { acknowledgement(PUBREL, 7) } else { Vec::new() };
    let mut second = connected(to, &ledger, &program, &create);
    if keeps_incoming {
        second.expect("receive 10000", "receive 0 t/i incoming 2");
    }
    for token in [1, 2, 3] {
        second.expect(&format!("wait {token} 10000"), "wait 0");
    }
    second.expect("pending", "pending 0");
    second.expect("disconnect 0", "disconnect 0");
    second.expect("destroy", "destroy 0");
    second.end();
    assert!(ledger.arrived("one") >= 1, "QoS 1 at least once");
    assert_eq!((ledger.arrived("two"), ledger.arrived("three")), (1, 1), "QoS 2 once");
    assert!(ledger.is_settled(), "everything was released");
    assert!(std::fs::read_dir(directory.path()).unwrap().next().is_none(), "nothing is left");
}

#[test]
fn the_original_goes_on_where_this_library_was_killed() {
    let Some([ours, original]) = both() else { return };
    for level in [4, 5] {
        hand_over(&ours, &original, level);
    }
}

#[test]
fn this_library_goes_on_where_the_original_was_killed() {
    let Some([ours, original]) = both() else { return };
    for level in [4, 5] {
        hand_over(&original, &ours, level);
    }
}

#[test]
fn this_library_goes_on_where_it_was_killed() {
    for level in [4, 5] {
        hand_over(&library_path(), &library_path(), level);
    }
}

#[test]
fn each_goes_on_where_this_library_was_killed_on_another_processor() {
    let (Some(other), ours) = (other_library(), library_path()) else { return };
    for level in [4, 5] {
        hand_over(&other, &ours, level);
        hand_over(&ours, &other, level);
    }
    for level in [4, 5] {
        hand_over_received(&other, &ours, level);
        hand_over_received(&ours, &other, level);
    }
}

/// Received messages that the program has not fetched are handed on too.
#[test]
fn received_messages_go_from_one_library_to_the_other() {
    let Some([ours, original]) = both() else { return };
    // The original does not store them in MQTT 5, but takes them up.
    for (from, to, level) in [(&ours, &original, 4), (&original, &ours, 4), (&ours, &original, 5)] {
        hand_over_received(from, to, level);
    }
}

fn hand_over_received(from: &Path, to: &Path, level: u8) {
    let directory = Directory::new("received");
    let (ledger, program) = (Ledger::new(), StoreProgram::new());
    let create = format!("create id 0 {} {level}", directory.path().display());
    let mut first = connected(from, &ledger, &program, &create);
    let messages = [
        Publish::new("t/i", 1, 8, b"first").encode(level),
        Publish { retain: true, ..Publish::new("t/i", 0, 0, b"second") }.encode(level),
    ];
    ledger.broker.send(0, &messages.concat());
    first.expect("publish 1 t to-read-them", "publish 0 1");
    first.expect("wait 1 10000", "wait 0");
    first.kill();
    let mut second = connected(to, &ledger, &program, &create);
    second.expect("receive 10000", "receive 0 t/i first 1");
    second.expect("receive 10000", "receive 0 t/i second 0");
    second.expect("disconnect 0", "disconnect 0");
    second.expect("destroy", "destroy 0");
    assert!(std::fs::read_dir(directory.path()).unwrap().next().is_none(), "nothing is left");
}

/// What a session with everything in it calls of a program's own store, step by step.
fn calls(library: &Path, level: u8) -> Vec<(String, Vec<String>)> {
    let (ledger, program) = (Ledger::new(), StoreProgram::new());
    let mut client = program.start(library, &ledger.broker.uri());
    let mut seen = Vec::new();
    let mut step = |client: &mut StoreClient, commands: &[&str]| {
        let answers: Vec<String> = commands.iter().map(|command| client.ask(command)).collect();
        let calls = client.ask("calls").split('|').map(str::to_owned).collect();
        seen.push((format!("{commands:?} {answers:?}"), calls));
    };
    let create = format!("create id 2 . {level}");
    step(&mut client, &[&create]);
    step(&mut client, &["connect 0"]);
    step(&mut client, &["publish 1 t/one hello", "wait 1 10000"]);
    step(&mut client, &["publish 2 t/two world", "wait 2 10000"]);
    step(&mut client, &["publish 0 t/zero zz"]);
    step(&mut client, &[&format!("publish 1 t/long {}", "a".repeat(200)), "wait 3 10000"]);
    if level == 4 {
        ledger.broker.send(0, &Publish::new("t/i", 2, 7, b"QQ2").encode(level));
        step(&mut client, &["receive 10000"]);
        ledger.broker.send(0, &Publish::new("t/i", 1, 8, b"QQ1").encode(level));
        step(&mut client, &["receive 10000"]);
        ledger.broker.send(0, &Publish::new("t/i", 0, 0, b"QQ0").encode(level));
        step(&mut client, &["receive 10000"]);
    }
    ledger.ignore(&[(PUBLISH, 4), (PUBREL, 5), (PUBLISH, 6)]);
    step(&mut client, &["publish 1 t four", "publish 2 t five", "publish 2 t six"]);
    work_until(&mut client, &ledger, "receive 1", PUBREL, 5);
    step(&mut client, &["disconnect 0"]);
    step(&mut client, &["connect 0"]);
    step(&mut client, &["disconnect 0", "destroy"]);
    step(&mut client, &[&create, "pending"]);
    ledger.ignore(&[]);
    step(&mut client, &["connect 0", "wait 4 10000", "wait 5 10000", "wait 6 10000", "pending"]);
    step(&mut client, &["fail 1", "disconnect 0"]);
    step(&mut client, &["fail 0", "connect 1", "disconnect 0"]);
    step(&mut client, &["destroy"]);
    seen
}

#[test]
fn a_store_of_the_program_sees_the_same_calls() {
    let Some([ours, original]) = both() else { return };
    for level in [4, 5] {
        let (ours, original) = (calls(&ours, level), calls(&original, level));
        for (ours, original) in ours.iter().zip(&original) {
            assert_eq!(ours, original, "MQTT version {level}");
        }
        assert_eq!(ours.len(), original.len());
    }
}

#[test]
fn a_message_that_the_programs_store_refuses_is_not_sent() {
    let (ledger, program) = (Ledger::new(), StoreProgram::new());
    let mut client = connected(&library_path(), &ledger, &program, "create id 2 . 4");
    client.expect("fail 1", "fail 1");
    client.expect("publish 1 t refused", "publish -2 0");
    client.expect("pending", "pending 0");
    client.expect("fail 0", "fail 0");
    client.expect("publish 1 t taken", "publish 0 1");
    client.expect("wait 1 10000", "wait 0");
    assert_eq!((ledger.arrived("refused"), ledger.arrived("taken")), (0, 1));
}
