//! How soon a program hears of a connection that is no more.

use crate::async_support::handle::*;
use crate::async_support::witness::Witness;
use crate::support::broker::{Listener, Peer};
use crate::support::c_interface::*;
use crate::support::packet::*;
use std::ffi::CString;
use std::time::{Duration, Instant};

/// What a loaded machine may add.
const SLACK: Duration = Duration::from_secs(3);

fn connected(keep_alive: u16) -> (Witness, Handle, Peer) {
    let (listener, witness) = (Listener::new(), Witness::new());
    let handle = Handle::to(&CString::new(listener.uri()).unwrap(), 4);
    witness.watch(&handle);
    let options = MQTTAsync_connectOptions { keepAliveInterval: keep_alive.into(), ..connect_options(4) };
    assert_eq!(witness.connect(&handle, "connect", options), 0);
    let (peer, _) = listener.accept_client(false);
    witness.expect(["connect: done", "connected"]);
    (witness, handle, peer)
}

/// The server is silent from now on. The loss must be told one and a half intervals and a second later.
fn silent_since(witness: &Witness, started: Instant, keep_alive: u16) {
    while witness.next() != "lost" {}
    let silence = started.elapsed();
    let least = Duration::from_secs(keep_alive.into());
    let most = least * 3 / 2 + Duration::from_secs(1);
    assert!(silence >= least && silence <= most + SLACK, "{silence:?}");
}

#[test]
fn a_silent_server_with_nothing_to_send() {
    let (witness, handle, mut peer) = connected(1);
    let started = Instant::now();
    silent_since(&witness, started, 1);
    peer.expect(PINGREQ);
    while peer.next().is_some() {}
    assert!(witness.close(handle).is_empty());
}

#[test]
fn a_silent_server_that_does_not_take_what_is_sent() {
    // On a loaded machine the connection may be lost before all is handed over: then once more.
    let begin = || {
        let (witness, handle, peer) = connected(1);
        // Else the system goes on taking, a little now and then: it lets the room of both sides grow.
        socket2::Socket::from(peer.handle()).set_recv_buffer_size(64 << 10).unwrap();
        let started = Instant::now();
        let is_sent = witness.send_large(&handle, "large", 1, 4, 30_000_000) == 0
            && witness.send(&handle, "behind", 0, 4) == 0;
        if !is_sent {
            drop(witness.close(handle));
            return None;
        }
        Some((witness, handle, peer, started))
    };
    let (witness, handle, _peer, started) = (0..5).find_map(|_| begin()).unwrap();
    silent_since(&witness, started, 1);
    assert_eq!(witness.close(handle), ["behind: failed -11"]);
}

#[test]
fn a_silent_server_that_takes_what_is_sent_again_and_again() {
    let (witness, handle, mut peer) = connected(1);
    let started = Instant::now();
    let reader = std::thread::spawn(move || while peer.next().is_some() {});
    // The program goes on sending; that is no sign of the server.
    let mut sent = 0;
    while witness.rest().is_empty() && started.elapsed() < Duration::from_secs(60) {
        sent += usize::from(witness.send(&handle, "unanswered", 2, 4) == 0);
        std::thread::park_timeout(Duration::from_millis(50));
    }
    let silence = started.elapsed();
    assert!(silence <= Duration::from_millis(2500) + SLACK && sent > 3, "{silence:?}, {sent} sent");
    drop(witness.close(handle));
    reader.join().unwrap();
}

/// The system says when the server has closed or reset the connection.
#[test]
fn an_end_that_the_system_tells() {
    for reset in [false, true] {
        for waiting in [false, true] {
            let (witness, handle, peer) = connected(60);
            if waiting {
                assert_eq!(witness.send_large(&handle, "large", 1, 4, 30_000_000), 0);
            }
            if reset {
                let socket = socket2::Socket::from(peer.handle());
                socket.set_linger(Some(Duration::ZERO)).unwrap();
                drop(socket);
            }
            let started = Instant::now();
            match reset {
                true => drop(peer),
                false => peer.close(),
            }
            while witness.next() != "lost" {}
            let noticed = started.elapsed();
            assert!(noticed < Duration::from_millis(100) + SLACK, "reset {reset}: {noticed:?}");
            drop(witness.close(handle));
        }
    }
}
