//! Many messages in a row: the library's thread writes them, and nothing of what publish has taken is lost by that.

use crate::support::abi::V3_1_1;
use crate::support::broker::{Broker, Incoming, Listener, Reaction, polite_answer};
use crate::support::client::Client;
use crate::support::library::library_path;
use crate::support::mosquitto::Directory;
use crate::support::options::version;
use crate::support::packet::{PUBACK, PUBLISH, Publish, SUBSCRIBE};
use crate::support::program::{Ended, Running, compile};
use crate::support::wait::{LIMIT, until};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const MANY: usize = 1000;

fn run(uri: &str, count: usize, how: &str) -> Ended {
    start(uri, count, how).wait(LIMIT)
}

fn start(uri: &str, count: usize, how: &str) -> Running {
    let directory = Directory::new("burst");
    let headers = concat!("-I", env!("CARGO_MANIFEST_DIR"), "/include");
    let program = compile("burst.c", &[headers, "-ldl"], &directory);
    let mut command = Command::new(program);
    command.arg(library_path()).args([uri, &count.to_string(), how]);
    Running::start(&mut command)
}

/// The payloads that came over one connection.
fn payloads(log: &[Incoming], connection: usize) -> Vec<String> {
    let publishes =
        log.iter().filter(|incoming| incoming.connection == connection && incoming.packet.kind() == PUBLISH);
    publishes.map(|incoming| String::from_utf8(incoming.packet.publish().payload).unwrap()).collect()
}

fn expect_all(broker: &Broker, connection: usize, how: &str) {
    until("the client's end", || broker.has_ended(connection));
    let all: Vec<String> = (0..MANY).map(|number| number.to_string()).collect();
    let came = payloads(&broker.log(), connection);
    assert!(came == all, "{how}: {} of {MANY}", came.len());
}

/// Sends this after each SUBACK.
fn broker_that_sends(end: Publish) -> Broker {
    Broker::with(move |incoming| match incoming.packet.kind() {
        SUBSCRIBE => {
            let answer = polite_answer(&incoming.packet).unwrap();
            Reaction::Send([answer, end.encode(incoming.packet.level)].concat())
        }
        _ => Reaction::Answer,
    })
}

/// Runs it some times, because losing something takes bad luck.
fn expect_all_to_come(how: &str) {
    for _ in 0..5 {
        let broker = broker_that_sends(Publish::new("end", 0, 0, b""));
        let ended = run(&broker.uri(), MANY, how);
        assert!(ended.status.success(), "{how}: {ended:?}");
        for connection in 0..broker.connections() {
            expect_all(&broker, connection, how);
        }
    }
}

#[test]
fn nothing_is_lost_when_main_returns() {
    expect_all_to_come("return");
}

#[test]
fn nothing_is_lost_when_the_program_exits() {
    expect_all_to_come("exit");
}

#[test]
fn nothing_is_lost_when_the_program_exits_in_a_callback() {
    expect_all_to_come("callback");
}

/// As with the original. Its asynchronous API does not acknowledge such a message, so ours need not.
#[test]
fn a_message_whose_callback_exits_is_acknowledged() {
    let broker = broker_that_sends(Publish::new("end", 1, 7, b""));
    let ended = run(&broker.uri(), 0, "callback");
    assert!(ended.status.success(), "{ended:?}");
    until("the client's end", || broker.has_ended(0));
    let log = broker.log();
    let puback = log.iter().find(|incoming| incoming.packet.kind() == PUBACK).expect("an acknowledgement");
    assert_eq!(puback.packet.id(), 7);
}

/// Another thread is inside a write, so the acknowledgement is left to it.
#[test]
fn a_message_whose_callback_exits_during_a_write_is_acknowledged() {
    let listener = Listener::new();
    let mut program = start(&listener.uri(), 0, "payload");
    let (mut peer, _) = listener.accept_client(false);
    assert_eq!(peer.handle().peek(&mut [0]).unwrap(), 1, "the large message has begun");
    peer.send(&Publish::new("end", 1, 7, b"").encode(4));
    program.wait_for_output("arrived");
    peer.expect(PUBLISH);
    assert_eq!(peer.expect(PUBACK).id(), 7);
    assert!(program.wait(LIMIT).status.success());
}

#[test]
fn nothing_is_lost_by_a_disconnect() {
    expect_all_to_come("disconnect");
}

#[test]
fn nothing_is_lost_by_a_destroy() {
    expect_all_to_come("destroy");
}

#[test]
fn a_forked_process_that_ends_disturbs_nothing() {
    expect_all_to_come("fork");
}

#[test]
fn nothing_is_lost_when_a_forked_process_exits() {
    expect_all_to_come("child");
}

#[test]
fn a_server_that_does_not_read_does_not_keep_a_program_from_ending() {
    let listener = Listener::new();
    let (ended, _peer) = std::thread::scope(|scope| {
        let program = scope.spawn(|| run(&listener.uri(), MANY, "alarm"));
        let peer = listener.accept_client(false);
        (program.join().unwrap(), peer)
    });
    assert_eq!(ended.status.code(), Some(3), "{ended:?}");
}

/// What publish has taken when the network is full is not lost by a disconnect, as long as the server goes on reading.
#[test]
fn a_disconnect_waits_for_a_slow_server() {
    let listener = Listener::new();
    let client = Client::new(&listener.uri(), V3_1_1);
    let _events = client.events();
    let (mut peer, _) = std::thread::scope(|scope| {
        let peer = scope.spawn(|| listener.accept_client(false));
        client.connect_ok(&version(V3_1_1));
        peer.join().unwrap()
    });
    let taken = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while client.publish("t", 0, &[0; 1000]).0 == 0 {
                taken.fetch_add(1, Ordering::SeqCst);
            }
        });
        until("the network is full", || {
            let before = taken.load(Ordering::SeqCst);
            std::thread::park_timeout(Duration::from_millis(200));
            before > 0 && before == taken.load(Ordering::SeqCst)
        });
        let disconnect = scope.spawn(|| client.disconnect(0));
        let mut came = 0;
        while peer.next().is_some_and(|packet| packet.kind() == PUBLISH) {
            came += 1;
        }
        assert_eq!(disconnect.join().unwrap(), 0);
        until("publish ends", || client.publish("t", 0, b"").0 != 0);
        assert!(came >= taken.load(Ordering::SeqCst), "{came} of {}", taken.load(Ordering::SeqCst));
    });
}
