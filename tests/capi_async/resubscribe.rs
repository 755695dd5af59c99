//! The option `resubscribe`: subscriptions are made again when the server has lost the session.

use crate::async_support::handle::*;
use crate::async_support::teller::{Kind, Teller};
use crate::support::broker::{Listener, Peer};
use crate::support::c_interface::*;
use crate::support::packet::{PUBACK, PUBLISH, SUBSCRIBE, acknowledgement, suback};
use std::ffi::{CString, c_int};
use std::ptr;

/// Connected, with a subscription to "t" that was granted.
fn subscribed(automatic_reconnect: c_int) -> (Listener, Handle, Peer, Teller) {
    let (listener, teller) = (Listener::new(), Teller::new(Kind::Any));
    let handle = Handle::with(&CString::new(listener.uri()).unwrap(), &buffer_options(4, 10));
    let (name, value) = (c"resubscribe".as_ptr(), c"true".as_ptr());
    assert_eq!(unsafe { MQTTAsyncExt_setOption(handle.0, name, value, ptr::null_mut(), 0) }, 0);
    let mut options =
        MQTTAsync_connectOptions { automaticReconnect: automatic_reconnect, ..connect_options(4) };
    teller.listen_to_connect(&mut options, 4);
    assert_eq!(unsafe { MQTTAsync_connect(handle.0, &raw const options) }, 0);
    let (mut peer, _) = listener.accept_client(false);
    assert_eq!(teller.next(), "3: 0 done");
    let mut response = response_options();
    teller.listen(&mut response, 4);
    assert_eq!(unsafe { MQTTAsync_subscribe(handle.0, c"t".as_ptr(), 1, &raw mut response) }, 0);
    let asked = peer.expect(SUBSCRIBE).subscribe();
    peer.send(&suback(4, asked.id, &[1]));
    assert_eq!(teller.next(), format!("3: {} done", asked.id));
    (listener, handle, peer, teller)
}

/// Sends a message, which the server has to find next.
fn send(handle: &Handle, peer: &mut Peer) {
    let topic = c"t".as_ptr();
    assert_eq!(unsafe { MQTTAsync_send(handle.0, topic, 0, ptr::null(), 1, 0, ptr::null_mut()) }, 0);
    let id = peer.expect(PUBLISH).id();
    peer.send(&acknowledgement(PUBACK, id));
}

#[test]
fn an_automatic_reconnect_makes_subscriptions_again_without_a_result() {
    let (listener, handle, peer, teller) = subscribed(1);
    peer.close();
    let (mut peer, _) = listener.accept_client(false);
    let again = peer.expect(SUBSCRIBE).subscribe();
    assert_eq!(again.filters, [(b"t".to_vec(), 1)]);
    peer.send(&suback(4, again.id, &[1]));
    send(&handle, &mut peer);
    peer.close();
    let (mut peer, _) = listener.accept_client(true);
    send(&handle, &mut peer);
    drop(handle);
    assert!(teller.told().is_empty());
}

#[test]
fn after_a_connect_of_the_application_nothing_is_made_again() {
    let (listener, handle, mut peer, teller) = subscribed(0);
    // One that is not answered shows when the loss is known.
    let mut response = response_options();
    teller.listen(&mut response, 4);
    assert_eq!(unsafe { MQTTAsync_subscribe(handle.0, c"u".as_ptr(), 1, &raw mut response) }, 0);
    peer.expect(SUBSCRIBE);
    peer.close();
    assert!(teller.next().ends_with("failed -11 NULL"));
    let options = connect_options(4);
    assert_eq!(unsafe { MQTTAsync_connect(handle.0, &raw const options) }, 0);
    let (mut peer, _) = listener.accept_client(false);
    send(&handle, &mut peer);
}
