//! Directories in which nothing can be written: what cannot be stored is not sent, and what was stored before stays.

use crate::store_support::world::{Api, World};
use crate::support::abi::{PERSISTENCE_ERROR, V3_1_1};
use crate::support::client::Client;
use crate::support::ledger::Ledger;
use crate::support::mosquitto::Directory;
use crate::support::options::version;
use crate::support::packet::{PUBLISH, Publish};
use crate::support::store_client::StoreClient;
use crate::support::wait::{LIMIT, until};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const CASES: [(Api, u8); 4] =
    [(Api::Synchronous, 4), (Api::Synchronous, 5), (Api::Asynchronous, 4), (Api::Asynchronous, 5)];

/// How nothing can be written any more.
#[derive(Clone, Copy, Debug)]
enum Obstacle {
    Full,
    ReadOnly,
    /// Files cannot become long; this works on every system.
    LengthLimit,
}

impl Obstacle {
    fn set(self, client: &mut StoreClient, directory: &Path, there: bool) {
        let (directory, there) = (directory.display(), i32::from(there));
        let (command, answer) = match self {
            Obstacle::Full => (format!("fill {directory} {there}"), "fill 0"),
            Obstacle::ReadOnly => (format!("readonly {directory} {there}"), "readonly 0"),
            Obstacle::LengthLimit => (format!("limit {}", if there == 1 { 30 } else { 1 << 20 }), "limit 0"),
        };
        client.expect(&command, answer);
    }
}

/// A program with a file system of its own in the directory. None: this system does not let it.
fn with_disk(world: &World) -> Option<StoreClient> {
    let mut client = world.start_program();
    let mounted = client.ask(&format!("mount {}", world.directory.path().display()));
    if mounted != "mount 0" {
        eprintln!("skipped: programs cannot have a file system of their own here ({mounted})");
        return None;
    }
    Some(client)
}

/// The files of the store as the program sees them.
fn records(world: &World, client: &StoreClient) -> BTreeMap<String, Vec<u8>> {
    let store = world.directory.join(format!("id-127.0.0.1-{}", world.ledger.broker.port()));
    let seen = PathBuf::from(format!("/proc/{}/root{}", client.process_id(), store.display()));
    let entries = fs::read_dir(seen).unwrap().map(|entry| entry.unwrap().path());
    let read =
        |path: PathBuf| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(path).unwrap());
    entries.map(read).collect()
}

fn connect(world: &World, client: &mut StoreClient) {
    world.create_in(client);
    client.expect("connect 0", "connect 0");
}

fn what_cannot_be_stored_is_not_sent(obstacle: Obstacle, api: Api, level: u8) {
    let world = World::new(api, level);
    let disk = !matches!(obstacle, Obstacle::LengthLimit);
    let Some(mut client) = (if disk { with_disk(&world) } else { Some(world.start_program()) }) else {
        return;
    };
    let directory = world.directory.path();
    let publish =
        |client: &mut StoreClient, qos, payload: &str| client.ask(&world.publish(qos, payload, 0).0);
    let answer = |code: i32, token| world.publish(0, "", token).1.replace(" 0 ", &format!(" {code} "));
    let long = "x".repeat(100);
    world.ledger.ignore(&[(PUBLISH, 1)]);
    connect(&world, &mut client);
    assert_eq!(publish(&mut client, 1, "before"), answer(0, 1));
    until("the first message", || world.ledger.arrived("before") == 1);

    obstacle.set(&mut client, directory, true);
    assert_eq!(publish(&mut client, 1, &long), answer(-2, 0), "{obstacle:?} {api:?}");
    assert_eq!(publish(&mut client, 2, &long), answer(-2, 0), "{obstacle:?} {api:?}");
    client.expect("pending", "pending 0 1");
    assert_eq!(publish(&mut client, 0, "between"), answer(0, 0), "QoS 0 is not stored");
    until("the message of QoS 0", || world.ledger.arrived("between") == 1);
    if api == Api::Asynchronous {
        client.expect("disconnect 0", "disconnect 0");
        assert_eq!(publish(&mut client, 1, &long), answer(-2, 0), "no request either");
        client.expect("connect 0", "connect 0");
    }
    let first = Publish::new("t", 1, 1, b"before").encode(level);
    let five = if level == 5 { "5" } else { "" };
    let mut found = records(&world, &client);
    let mut kept = found.remove(&format!("s{five}-1.msg")).expect("what was stored before stays");
    kept[0] &= !8;
    assert_eq!((kept, found.len()), (first, 0), "{obstacle:?} {api:?}: nothing else is there: {found:?}");

    obstacle.set(&mut client, directory, false);
    world.ledger.ignore(&[]);
    assert_eq!(publish(&mut client, 2, "after"), answer(0, 2), "no token was used");
    client.expect("wait 2 10000", "wait 0");
    assert_eq!((world.ledger.arrived("after"), world.ledger.arrived(&long)), (1, 0));
}

#[test]
fn on_a_full_disk() {
    CASES.iter().for_each(|(api, level)| what_cannot_be_stored_is_not_sent(Obstacle::Full, *api, *level));
}

#[test]
fn in_a_read_only_directory() {
    CASES.iter().for_each(|(api, level)| what_cannot_be_stored_is_not_sent(Obstacle::ReadOnly, *api, *level));
}

#[test]
fn beyond_the_length_limit_of_files() {
    CASES
        .iter()
        .for_each(|(api, level)| what_cannot_be_stored_is_not_sent(Obstacle::LengthLimit, *api, *level));
}

/// What an earlier life has stored is read and sent even if nothing can be written.
#[test]
fn stored_messages_are_sent_from_a_read_only_directory() {
    for (api, level) in CASES {
        let world = World::new(api, level);
        let Some(mut client) = with_disk(&world) else { return };
        world.ledger.ignore(&[(PUBLISH, 1), (PUBLISH, 2)]);
        connect(&world, &mut client);
        client.ask(&world.publish(1, "one", 0).0);
        client.ask(&world.publish(2, "two", 0).0);
        until("both messages", || world.ledger.arrived("one") + world.ledger.arrived("two") == 2);
        client.expect("disconnect 0", "disconnect 0");
        client.expect("destroy", "destroy 0");
        world.ledger.ignore(&[]);
        Obstacle::ReadOnly.set(&mut client, world.directory.path(), true);
        world.create_in(&mut client);
        client.expect("pending", "pending 0 1 2");
        client.expect("connect 0", "connect 0");
        client.expect("wait 1 10000", "wait 0");
        client.expect("wait 2 10000", "wait 0");
        assert_eq!(world.ledger.arrived("two"), 1, "{api:?} {level}");
    }
}

/// What is complete goes as soon as it can, so that it is not sent again.
#[test]
fn records_that_could_not_be_removed_are_removed_later() {
    for (api, level) in CASES {
        let world = World::new(api, level);
        let Some(mut client) = with_disk(&world) else { return };
        world.ledger.ignore(&[(PUBLISH, 1)]);
        connect(&world, &mut client);
        client.ask(&world.publish(2, "one", 0).0);
        until("the message", || world.ledger.arrived("one") == 1);
        Obstacle::ReadOnly.set(&mut client, world.directory.path(), true);
        client.expect("disconnect 0", "disconnect 0");
        world.ledger.ignore(&[]);
        client.expect("connect 0", "connect 0");
        world.settle(&mut client);
        assert_eq!(records(&world, &client).len(), 1, "{api:?} {level}");
        Obstacle::ReadOnly.set(&mut client, world.directory.path(), false);
        client.expect("disconnect 0", "disconnect 0");
        client.expect("destroy", "destroy 0");
        world.create_in(&mut client);
        client.expect("pending", "pending 0");
        assert_eq!(records(&world, &client).len(), 0, "{api:?} {level}");
    }
}

#[test]
fn where_no_directory_can_be_made_create_says_so() {
    let directory = Directory::new("nodir");
    fs::write(directory.join("file"), "no directory").unwrap();
    let ledger = Ledger::new();
    for base in [directory.join("file"), directory.join("file/below"), PathBuf::from("/proc/nothing")] {
        let (code, client) = Client::create_in(&ledger.broker.uri(), "id", V3_1_1, &base);
        assert_eq!(code, PERSISTENCE_ERROR, "{}", base.display());
        client.connect_ok(&version(V3_1_1));
        let token = client.publish_ok("t", 1, b"works without store");
        assert_eq!(client.wait(token, LIMIT), 0);
    }
}
