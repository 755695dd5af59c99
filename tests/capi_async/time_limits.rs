//! The option `request.timeout`: requests that the server does not answer fail once, with a code of their own.

use crate::async_support::handle::*;
use crate::async_support::teller::{Kind, Teller};
use crate::support::broker::{Listener, Peer};
use crate::support::c_interface::*;
use crate::support::packet::{PUBACK, PUBLISH, SUBSCRIBE, UNSUBSCRIBE, acknowledgement, suback};
use std::ffi::{CStr, CString, c_int};
use std::ptr;
use std::time::Duration;

fn set(handle: &Handle, value: &CStr) {
    let name = c"request.timeout".as_ptr();
    assert_eq!(unsafe { MQTTAsyncExt_setOption(handle.0, name, value.as_ptr(), ptr::null_mut(), 0) }, 0);
}

fn connected(version: c_int) -> (Listener, Handle, Peer) {
    let listener = Listener::new();
    let handle = Handle::with(&CString::new(listener.uri()).unwrap(), &buffer_options(version, 10));
    let (teller, mut options) = (Teller::new(Kind::Any), connect_options(version));
    teller.listen_to_connect(&mut options, version);
    assert_eq!(unsafe { MQTTAsync_connect(handle.0, &raw const options) }, 0);
    let (peer, _) = listener.accept_client(false);
    assert!(teller.next().contains("done"));
    (listener, handle, peer)
}

fn response(teller: &Teller, version: c_int) -> MQTTAsync_responseOptions {
    let mut response = response_options();
    teller.listen(&mut response, version);
    response
}

fn send(handle: &Handle, teller: &Teller, qos: c_int, version: c_int) -> c_int {
    let (topic, none, mut response) = (c"t".as_ptr(), ptr::null(), response(teller, version));
    assert_eq!(unsafe { MQTTAsync_send(handle.0, topic, 0, none, qos, 0, &raw mut response) }, 0);
    response.token
}

#[test]
fn each_request_without_answer_fails_once() {
    for version in [4, 5] {
        let (_listener, handle, mut peer) = connected(version);
        let teller = Teller::new(Kind::Any);
        set(&handle, c"100");
        let tokens = [send(&handle, &teller, 1, version), send(&handle, &teller, 2, version)];
        let mut of_subscribe = response(&teller, version);
        assert_eq!(unsafe { MQTTAsync_subscribe(handle.0, c"t".as_ptr(), 1, &raw mut of_subscribe) }, 0);
        let mut of_unsubscribe = response(&teller, version);
        assert_eq!(unsafe { MQTTAsync_unsubscribe(handle.0, c"t".as_ptr(), &raw mut of_unsubscribe) }, 0);
        let ids = [PUBLISH, PUBLISH, SUBSCRIBE, UNSUBSCRIBE].map(|kind| peer.expect(kind).id());
        let mut told: Vec<String> = ids.iter().map(|_| teller.next()).collect();
        told.sort();
        let expected = ids.map(|id| match version {
            4 => format!("3: {id} failed -58 NULL"),
            _ => format!("5: {id} failed -58 reason 0 [] packet 0 NULL"),
        });
        assert_eq!(told, expected);
        let mut tokens_left = ptr::null_mut();
        assert_eq!(unsafe { MQTTAsync_getPendingTokens(handle.0, &raw mut tokens_left) }, 0);
        assert!(tokens_left.is_null());
        for token in tokens {
            assert_eq!(unsafe { MQTTAsync_waitForCompletion(handle.0, token, 30_000) }, 0);
        }
        // The answers come too late. What is answered after them shows that they were read.
        set(&handle, c"0");
        peer.send(&acknowledgement(PUBACK, ids[0]));
        peer.send(&suback(version as u8, ids[2], &[1]));
        let last = send(&handle, &teller, 1, version);
        let packet = peer.expect(PUBLISH);
        assert_eq!(c_int::from(packet.id()), last);
        peer.send(&acknowledgement(PUBACK, packet.id()));
        assert!(teller.next().contains(&format!(": {last} ")));
        assert!(teller.told().is_empty());
    }
}

#[test]
fn a_request_fails_although_the_client_was_never_connected() {
    let (handle, teller) =
        (Handle::with(c"tcp://127.0.0.1:1", &buffer_options(4, 10)), Teller::new(Kind::Any));
    set(&handle, c"50");
    let token = send(&handle, &teller, 1, 4);
    assert_eq!(teller.next(), format!("3: {token} failed -58 NULL"));
}

#[test]
fn a_message_that_has_failed_is_not_sent_after_a_loss() {
    let listener = Listener::new();
    let handle = Handle::with(&CString::new(listener.uri()).unwrap(), &buffer_options(4, 10));
    let teller = Teller::new(Kind::Any);
    let mut options =
        MQTTAsync_connectOptions { automaticReconnect: 1, cleansession: 0, ..connect_options(4) };
    teller.listen_to_connect(&mut options, 4);
    assert_eq!(unsafe { MQTTAsync_connect(handle.0, &raw const options) }, 0);
    let (mut peer, _) = listener.accept_client(false);
    assert!(teller.next().contains("done"));
    set(&handle, c"100");
    let lost = send(&handle, &teller, 1, 4);
    peer.expect(PUBLISH);
    peer.close();
    // The time runs on without a connection.
    assert_eq!(teller.next(), format!("3: {lost} failed -58 NULL"));
    set(&handle, c"0");
    let kept = send(&handle, &teller, 1, 4);
    let (mut peer, _) = listener.accept_client(true);
    let packet = peer.expect(PUBLISH);
    assert_eq!(c_int::from(packet.id()), kept);
    peer.send(&acknowledgement(PUBACK, packet.id()));
    assert_eq!(teller.next(), format!("3: {kept} done"));
}

#[test]
fn an_event_loop_is_asked_to_come_back_when_the_time_is_over() {
    let (handle, teller) =
        (Handle::with(c"tcp://127.0.0.1:1", &buffer_options(4, 10)), Teller::new(Kind::Any));
    let (name, value) = (c"event.loop".as_ptr(), c"external".as_ptr());
    assert_eq!(unsafe { MQTTAsyncExt_setOption(handle.0, name, value, ptr::null_mut(), 0) }, 0);
    set(&handle, c"50");
    let token = send(&handle, &teller, 1, 4);
    loop {
        let mut left = 0;
        assert_eq!(unsafe { MQTTAsyncExt_nextDeadline(handle.0, &raw mut left) }, 0);
        assert!((0..=60).contains(&left), "{left}");
        if left == 0 {
            break;
        }
        std::thread::park_timeout(Duration::from_millis(left as u64));
    }
    assert_eq!(unsafe { MQTTAsyncExt_process(handle.0) }, 0);
    assert_eq!(teller.told(), [format!("3: {token} failed -58 NULL")]);
}

#[test]
fn a_client_whose_requests_have_a_limit_cannot_be_given_to_an_event_loop_later() {
    let (handle, teller) =
        (Handle::with(c"tcp://127.0.0.1:1", &buffer_options(4, 10)), Teller::new(Kind::Any));
    set(&handle, c"60000");
    send(&handle, &teller, 1, 4);
    let (name, value) = (c"event.loop".as_ptr(), c"external".as_ptr());
    assert_eq!(unsafe { MQTTAsyncExt_setOption(handle.0, name, value, ptr::null_mut(), 0) }, -47);
    let mut descriptor = -1;
    assert_eq!(unsafe { MQTTAsyncExt_getDescriptor(handle.0, &raw mut descriptor) }, -56);
}
