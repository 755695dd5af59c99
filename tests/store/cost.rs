//! Many records and large ones: what taking up many costs, in time and in instructions as Valgrind counts them.

use crate::store_support::world::{Api, World};
use crate::support::library::library_path;
use crate::support::packet::{PUBLISH, Publish};
use std::fs;
use std::path::Path;
use std::process::Command;

/// One record: the beginning of its name, and its bytes by number.
type Kind = (&'static str, fn(u16) -> Vec<u8>);

const SENT: Kind = ("s", |number| Publish::new("t", 1, number, b"message").encode(4));
const RECEIVED: Kind = ("r", |number| Publish::new("t", 2, number, b"message").encode(4));
const QUEUED: Kind =
    ("q", |_| b"\x03\0\0\0QQ1\x01\0\0\0\x01\0\0\0\0\0\0\0\x08\0\0\0t/i\0\x03\0\0\0".to_vec());
const REQUESTED: Kind = ("c", |number| {
    let [low, high] = number.to_le_bytes();
    let token = [3, 0, 0, 0, low, high, 0, 0];
    [&token[..], b"t/one\0\x05\0\0\0hello\x01\0\0\0\0\0\0\0"].concat()
});

/// So many records where the world's client will find them.
fn plant(world: &World, (stem, record): Kind, count: u16) {
    let store = world.directory.join(format!("id-127.0.0.1-{}", world.ledger.broker.port()));
    fs::create_dir(&store).unwrap();
    for number in 1..=count {
        fs::write(store.join(format!("{stem}-{number}.msg")), record(number)).unwrap();
    }
}

/// How many instructions create takes with so many records.
fn instructions(api: Api, kind: Kind, count: u16) -> u64 {
    let world = World::new(api, 4);
    plant(&world, kind, count);
    let log = world.directory.join("valgrind");
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]);
    valgrind.arg(format!("--log-file={}", log.display())).arg(world.program.path());
    let mut client = world.program.start_by(valgrind, &library_path(), &world.ledger.broker.uri());
    world.create_in(&mut client);
    client.end();
    let log = fs::read_to_string(log).unwrap();
    let collected = log.lines().find_map(|line| line.split("refs:").nth(1)).expect("a count");
    collected.trim().replace(',', "").parse().unwrap()
}

#[test]
fn taking_up_is_linear() {
    if !Path::new("/usr/bin/valgrind").exists() {
        eprintln!("skipped: this system has no Valgrind");
        return;
    }
    let kinds =
        [(Api::Synchronous, vec![SENT, RECEIVED, QUEUED]), (Api::Asynchronous, vec![SENT, REQUESTED])];
    for (api, kinds) in kinds {
        let none = instructions(api, SENT, 0);
        for kind in kinds {
            let [some, many] = [250, 1000].map(|count| instructions(api, kind, count) - none);
            println!(
                "{api:?} {}: {} instructions for each of 250, {} of 1000",
                kind.0,
                some / 250,
                many / 1000
            );
            assert!(many < some * 5, "{api:?} {}: {some} for 250, {many} for 1000", kind.0);
        }
    }
}

#[test]
fn thirty_thousand_messages_are_taken_up_in_order() {
    for (api, kind) in [(Api::Synchronous, SENT), (Api::Asynchronous, REQUESTED)] {
        let world = World::new(api, 4);
        plant(&world, kind, 30_000);
        let mut client = world.start_program();
        world.create_in(&mut client);
        let pending = client.ask("pending");
        let tokens = pending.split(' ').skip(2).map(|token| token.parse::<u32>().unwrap());
        assert!(tokens.eq(1..=30_000), "in order: {pending:.100}");
    }
}

#[test]
fn thousands_of_foreign_files_are_left_alone() {
    for api in [Api::Synchronous, Api::Asynchronous] {
        let world = World::new(api, 4);
        plant(&world, SENT, 1);
        let store = world.directory.join(format!("id-127.0.0.1-{}", world.ledger.broker.port()));
        let names = (0..5000)
            .flat_map(|number| [format!("{number}.msg"), format!("s-{number}"), format!("x-{number}.msg")]);
        names.for_each(|name| fs::write(store.join(name), b"of somebody else").unwrap());
        let mut client = world.start();
        client.ask(&world.publish(2, "mine", 0).0);
        world.settle(&mut client);
        assert_eq!(world.ledger.arrived("mine"), 1);
        client.expect("disconnect 0", "disconnect 0");
        client.expect("connect 1", "connect 0");
        client.expect("disconnect 0", "disconnect 0");
        client.expect("destroy", "destroy 0");
        assert_eq!(fs::read_dir(store).unwrap().count(), 15_000);
    }
}

#[test]
fn a_large_message_is_stored_and_taken_up() {
    const SIZE: usize = 20 << 20;
    for (api, level) in
        [(Api::Synchronous, 4), (Api::Synchronous, 5), (Api::Asynchronous, 4), (Api::Asynchronous, 5)]
    {
        let world = World::new(api, level);
        world.ledger.ignore(&[(PUBLISH, 1)]);
        let (command, answer) = world.publish(2, &format!("@{SIZE}"), 1);
        let mut client = world.start();
        client.expect(&command, &answer);
        client.kill();
        world.ledger.ignore(&[]);
        world.finish();
        let arrived = world.ledger.book.lock().unwrap().arrived.clone();
        let arrived: Vec<(usize, usize)> =
            arrived.iter().map(|(payload, times)| (payload.len(), *times)).collect();
        assert_eq!(arrived, [(SIZE, 1)], "{api:?}");
    }
}
