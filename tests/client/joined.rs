//! Without callbacks an acknowledgement and what the application sends right after it reach the server at once. The tests are
//! the server themselves, on the thread of the application.

use crate::support::abi::V3_1_1;
use crate::support::broker::{Listener, Peer};
use crate::support::client::{Client, Owner};
use crate::support::options::version;
use crate::support::packet::{PUBACK, PUBLISH, Publish};
use std::io::ErrorKind;
use std::thread;
use std::time::Duration;

/// So many rounds are enough on any machine: no more than a few in a row have to be quick.
const ROUNDS: u16 = 20_000;

fn connected(listener: &Listener) -> (Owner, Peer) {
    let client = Client::new(&listener.uri(), V3_1_1);
    let peer = thread::scope(|scope| {
        let accepting = scope.spawn(|| listener.accept_client(false).0);
        client.connect_ok(&version(V3_1_1));
        accepting.join().unwrap()
    });
    (client, peer)
}

fn has_something(peer: &Peer) -> bool {
    let socket = peer.handle();
    socket.set_nonblocking(true).unwrap();
    let result = socket.peek(&mut [0]);
    socket.set_nonblocking(false).unwrap();
    match result {
        Ok(count) => count > 0,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::WouldBlock);
            false
        }
    }
}

/// Answers messages until the kernel holds the acknowledgement of one, which is not answered.
fn answer_until_held(client: &Client, peer: &mut Peer) {
    for id in 1..=ROUNDS {
        peer.send(&Publish::new("t", 1, id, b"message").encode(4));
        assert_eq!(client.receive_ok().payload, b"message");
        if !has_something(peer) {
            return;
        }
        client.publish_ok("t", 0, b"answer");
        assert_eq!(peer.expect(PUBACK).id(), id);
        assert_eq!(peer.expect(PUBLISH).publish().payload, b"answer");
    }
    panic!("every acknowledgement went out by itself");
}

#[test]
fn an_answer_takes_the_acknowledgement_along() {
    let listener = Listener::new();
    let (client, mut peer) = connected(&listener);
    answer_until_held(&client, &mut peer);
    client.publish_ok("t", 0, b"answer");
    peer.expect(PUBACK);
    assert_eq!(peer.expect(PUBLISH).publish().payload, b"answer");
}

#[test]
fn an_application_that_waits_instead_sends_the_acknowledgement() {
    let listener = Listener::new();
    let (client, mut peer) = connected(&listener);
    // The kernel may be slow to pass it on, but hardly each time.
    let is_sent = (0..100).any(|_| {
        answer_until_held(&client, &mut peer);
        assert!(client.receive(Duration::from_millis(1)).1.is_none());
        let is_sent = has_something(&peer);
        peer.expect(PUBACK);
        is_sent
    });
    assert!(is_sent);
}

#[test]
fn the_acknowledgement_goes_out_by_itself_when_nothing_follows() {
    let listener = Listener::new();
    let (client, mut peer) = connected(&listener);
    answer_until_held(&client, &mut peer);
    peer.expect(PUBACK);
    drop(client);
}
