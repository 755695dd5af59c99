//! Every record cut at every length and with each of its bytes changed: the client starts, connects and stays connected,
//! and what else was in the store is delivered.

use crate::store_support::world::{Api, World};
use crate::support::packet::{PUBREL, Publish, acknowledgement};
use crate::support::store_client::StoreClient;
use std::fs;

const RELEASE: [u8; 4] = [0x62, 2, 0, 4];

/// A message that waits for the program.
fn queued(payload: &[u8], level: u8) -> Vec<u8> {
    let properties: &[u8] = if level == 5 { b"\x07\x26\0\x01a\0\x01b" } else { b"" };
    let length = (payload.len() as u32).to_le_bytes();
    let rest = b"\x01\0\0\0\x01\0\0\0\0\0\0\0\x06\0\0\0t/i\0\x03\0\0\0";
    [&length[..], payload, rest, properties].concat()
}

/// A message that waits to be sent.
fn requested(payload: &[u8], token: u8, level: u8) -> Vec<u8> {
    let properties: &[u8] = if level == 5 { b"\x07\x26\0\x01a\0\x01b" } else { b"" };
    let length = (payload.len() as u32).to_le_bytes();
    let head = [3, 0, 0, 0, token, 0, 0, 0, b't', b'/', b'q', 0];
    [&head[..], &length, payload, b"\x01\0\0\0\0\0\0\0", properties].concat()
}

fn subscription(level: u8) -> Vec<u8> {
    let head = b"\x08\0\0\0\x02\0\0\0\x01\0\0\0t/sub\0\x01\0\0\0";
    let options: &[u8] = if level == 5 { b"MQSO\0\0\0\0\x01\x01\x02\0\0" } else { b"" };
    [&head[..], options].concat()
}

fn end_of_subscription(level: u8) -> Vec<u8> {
    let properties: &[u8] = if level == 5 { b"\0" } else { b"" };
    [&b"\x0a\0\0\0\x03\0\0\0\x01\0\0\0t/u1\0"[..], properties].concat()
}

fn publish(id: u16, payload: &[u8], level: u8) -> Vec<u8> {
    let properties = if level == 5 { b"\x26\0\x01a\0\x01b".to_vec() } else { Vec::new() };
    Publish { properties, ..Publish::new("t/p", 2, id, payload) }.encode(level)
}

/// One record of each kind, by the beginning of its name.
fn records(level: u8) -> Vec<(&'static str, u32, Vec<u8>)> {
    vec![
        ("s", 1, publish(1, b"damaged", level)),
        ("sc", 4, RELEASE.to_vec()),
        ("r", 7, publish(7, b"damaged", level)),
        ("q", 1, queued(b"damaged", level)),
        ("c", 1, requested(b"damaged", 21, level)),
        ("c", 2, subscription(level)),
        ("c", 3, end_of_subscription(level)),
    ]
}

/// The record cut at every length, with bits of each byte changed, and with something behind it.
fn damages(record: &[u8]) -> Vec<Vec<u8>> {
    let cut = (0..record.len()).map(|length| record[..length].to_vec());
    let changed = (0..record.len()).flat_map(|index| [0x01, 0x04, 0xFF].map(|bits| (index, bits)));
    let changed = changed.map(|(index, bits)| {
        let mut record = record.to_vec();
        record[index] ^= bits;
        record
    });
    cut.chain(changed).chain([[record, b"x"].concat()]).collect()
}

/// Puts a damaged record among others.
fn plant(world: &World, name: &str, damaged: &[u8]) {
    let level = world.level;
    let store = world.directory.join(format!("id-127.0.0.1-{}", world.ledger.broker.port()));
    let _ = fs::remove_dir_all(&store);
    fs::create_dir(&store).unwrap();
    let five = if level == 5 { "5" } else { "" };
    let put = |name: &str, bytes: &[u8]| fs::write(store.join(format!("{name}.msg")), bytes).unwrap();
    put(&format!("s{five}-2"), &publish(2, b"sent", level));
    put(&format!("s{five}-4"), &publish(4, b"released", level));
    put(&format!("sc{five}-4"), &RELEASE);
    // Of an earlier version in any case: one of version 5 was delivered when it came.
    put("r-8", &publish(8, b"received", 4));
    put(&format!("q{five}-5"), &queued(b"queued", level));
    put(&format!("c{five}-9"), &requested(b"requested", 9, level));
    put(name, damaged);
}

/// Lets a client take up the records; gives the messages that it has received.
fn take_up(world: &World, client: &mut StoreClient) -> Vec<String> {
    world.create_in(client);
    client.expect("connect 0", "connect 0");
    let mut received = Vec::new();
    let holds = |received: &[String], what: &str| received.iter().any(|line: &String| line.contains(what));
    while !holds(&received, " queued ") || !holds(&received, " received ") {
        match world.api {
            Api::Synchronous => received.push(client.ask("receive 1")),
            Api::Asynchronous => received.extend(client.arrival()),
        }
    }
    world.settle(client);
    client.expect("disconnect 0", "disconnect 0");
    client.expect("destroy", "destroy 0");
    received
}

fn damaged_records_stop_nobody(api: Api, level: u8) {
    let world = World::new(api, level);
    world.ledger.book.lock().unwrap().greeting = acknowledgement(PUBREL, 8);
    let mut client = world.start_program();
    let mut count = 0;
    for (stem, number, record) in records(level) {
        let name = format!("{stem}{}-{number}", if level == 5 { "5" } else { "" });
        for damaged in damages(&record) {
            plant(&world, &name, &damaged);
            let received = take_up(&world, &mut client);
            count += 1;
            let what = format!("{name} {damaged:02x?}: {received:?}");
            assert_eq!(world.ledger.arrived("sent"), count, "{what}");
            assert_eq!(world.ledger.arrived("released"), 0, "{what}");
            let requests = if api == Api::Asynchronous { count } else { 0 };
            assert_eq!(world.ledger.arrived("requested"), requests, "{what}");
            assert_eq!(world.ledger.broker.connections(), count, "it has stayed connected: {what}");
        }
    }
    println!("{count} damaged records");
}

#[test]
fn synchronous() {
    damaged_records_stop_nobody(Api::Synchronous, 4);
}

#[test]
fn synchronous_mqtt_5() {
    damaged_records_stop_nobody(Api::Synchronous, 5);
}

#[test]
fn asynchronous() {
    damaged_records_stop_nobody(Api::Asynchronous, 4);
}

#[test]
fn asynchronous_mqtt_5() {
    damaged_records_stop_nobody(Api::Asynchronous, 5);
}
