//! Connecting and disconnecting again while a connection is being closed: DISCONNECT waits behind a message that the server
//! does not read.

use crate::async_support::handle::*;
use crate::async_support::witness::Witness;
use crate::support::broker::{Listener, Peer};
use crate::support::c_interface::*;
use crate::support::packet::*;
use std::ffi::CString;
use std::ptr;
use std::time::{Duration, Instant};

/// A client whose message `large` is half written.
fn stuck() -> (Listener, Witness, Handle, Peer) {
    let (listener, witness) = (Listener::new(), Witness::new());
    let handle = Handle::with(&CString::new(listener.uri()).unwrap(), &buffer_options(4, 100));
    witness.watch(&handle);
    assert_eq!(witness.connect(&handle, "connect", connect_options(4)), 0);
    let (peer, _) = listener.accept_client(false);
    witness.expect(["connect: done", "connected"]);
    assert_eq!(witness.send_large(&handle, "large", 0, 4, 30_000_000), 0);
    (listener, witness, handle, peer)
}

/// A client whose disconnect `bye` is on its way but cannot leave.
fn closing() -> (Listener, Witness, Handle, Peer) {
    let (listener, witness, handle, peer) = stuck();
    assert_eq!(witness.disconnect(&handle, "bye", 0), 0);
    assert_eq!(unsafe { MQTTAsync_isConnected(handle.0) }, 0);
    (listener, witness, handle, peer)
}

#[test]
fn a_connect_waits_for_the_end_of_the_connection() {
    let (listener, witness, handle, mut peer) = closing();
    assert_eq!(witness.connect(&handle, "next", connect_options(4)), 0);
    assert_eq!(witness.connect(&handle, "next but one", connect_options(4)), 0);
    witness.expect(["next: failed -11"]);
    peer.expect(PUBLISH);
    peer.expect(DISCONNECT);
    peer.expect_end();
    witness.expect(["large: done", "bye: done"]);
    let _next = listener.accept_client(false);
    witness.expect(["next but one: done", "connected"]);
    assert_eq!(unsafe { MQTTAsync_isConnected(handle.0) }, 1);
    assert!(witness.close(handle).is_empty());
}

#[test]
fn a_reconnect_waits_for_the_end_of_the_connection() {
    let (listener, witness, handle, mut peer) = closing();
    assert_eq!(unsafe { MQTTAsync_reconnect(handle.0) }, 0);
    assert_eq!(unsafe { MQTTAsync_reconnect(handle.0) }, 0);
    peer.expect(PUBLISH);
    peer.expect(DISCONNECT);
    peer.expect_end();
    witness.expect(["large: done", "bye: done"]);
    let _next = listener.accept_client(false);
    witness.expect(["connected again"]);
    assert!(witness.close(handle).is_empty());
}

#[test]
fn a_server_that_ends_the_connection_meanwhile_does_not_end_the_wish_for_the_next() {
    let (listener, witness, handle, peer) = closing();
    assert_eq!(witness.connect(&handle, "next", connect_options(4)), 0);
    peer.close();
    witness.expect(["large: failed -11", "bye: done"]);
    let _next = listener.accept_client(false);
    witness.expect(["next: done", "connected"]);
    assert!(witness.close(handle).is_empty());
}

#[test]
fn a_disconnect_ends_that_wish_and_leaves_the_first_one_alone() {
    let (_listener, witness, handle, mut peer) = closing();
    assert_eq!(unsafe { MQTTAsync_disconnect(handle.0, ptr::null()) }, -3);
    assert_eq!(witness.connect(&handle, "next", connect_options(4)), 0);
    assert_eq!(unsafe { MQTTAsync_disconnect(handle.0, ptr::null()) }, -3);
    witness.expect(["next: failed -11"]);
    peer.expect(PUBLISH);
    peer.expect(DISCONNECT);
    peer.expect_end();
    witness.expect(["large: done", "bye: done"]);
    assert!(witness.close(handle).is_empty());
}

#[test]
fn a_server_that_does_not_read_costs_the_time_limit() {
    for (limit, least) in [(0, 1000), (1500, 1500)] {
        let (_listener, witness, handle, _peer) = stuck();
        let (begin, least) = (Instant::now(), Duration::from_millis(least));
        assert_eq!(witness.disconnect(&handle, "bye", limit), 0);
        witness.expect(["large: failed -11", "bye: done"]);
        // A second more if the network took some of the message after the call.
        let took = begin.elapsed();
        assert!((least..least + Duration::from_secs(2)).contains(&took), "{took:?}");
        assert!(witness.close(handle).is_empty());
    }
}

#[test]
fn the_end_of_the_client_meanwhile() {
    let (_listener, witness, handle, _peer) = closing();
    assert_eq!(witness.connect(&handle, "next", connect_options(4)), 0);
    let mut told = witness.close(handle);
    told.sort();
    assert_eq!(told, ["bye: failed -11", "large: failed -11", "next: failed -11"]);
}
