//! The fate of requests when a connection ends: each has exactly one result.

use crate::async_support::handle::*;
use crate::async_support::teller::{Kind, Teller};
use crate::support::broker::Listener;
use crate::support::c_interface::*;
use crate::support::packet::{CONNECT, PUBACK, PUBLISH, SUBSCRIBE, acknowledgement};
use std::ffi::{CString, c_char, c_int, c_void};
use std::ptr;
use std::sync::mpsc::{Sender, channel};

fn client(listener: &Listener) -> Handle {
    Handle::with(&CString::new(listener.uri()).unwrap(), &buffer_options(4, 10))
}

/// Starts to connect; the teller hears of the result.
fn start(handle: &Handle, teller: &Teller, clean: bool) {
    let mut options = MQTTAsync_connectOptions { cleansession: clean.into(), ..connect_options(4) };
    teller.listen_to_connect(&mut options, 4);
    assert_eq!(unsafe { MQTTAsync_connect(handle.0, &raw const options) }, 0);
}

fn response(teller: &Teller) -> MQTTAsync_responseOptions {
    let mut response = response_options();
    teller.listen(&mut response, 4);
    response
}

fn send(handle: &Handle, teller: &Teller, qos: c_int) {
    let (topic, none) = (c"t".as_ptr(), ptr::null());
    assert_eq!(unsafe { MQTTAsync_send(handle.0, topic, 0, none, qos, 0, &mut response(teller)) }, 0);
}

fn subscribe(handle: &Handle, teller: &Teller) {
    assert_eq!(unsafe { MQTTAsync_subscribe(handle.0, c"t".as_ptr(), 1, &mut response(teller)) }, 0);
}

#[test]
fn an_attempt_fails_when_the_client_is_destroyed_or_disconnects() {
    let (listener, teller) = (Listener::new(), Teller::new(Kind::Any));
    let handle = client(&listener);
    start(&handle, &teller, true);
    let _silent = listener.accept();
    assert_eq!(unsafe { MQTTAsync_disconnect(handle.0, ptr::null()) }, -3);
    assert_eq!(teller.next(), "3: 0 failed -11 NULL");
    start(&handle, &teller, true);
    let _silent = listener.accept();
    drop(handle);
    assert_eq!(teller.told(), ["3: 0 failed -11 NULL"]);
}

#[test]
fn what_is_under_way_fails_when_a_clean_session_is_lost() {
    let (listener, teller) = (Listener::new(), Teller::new(Kind::Any));
    let handle = client(&listener);
    start(&handle, &teller, true);
    let (mut peer, _) = listener.accept_client(false);
    assert_eq!(teller.next(), "3: 0 done");
    send(&handle, &teller, 1);
    subscribe(&handle, &teller);
    peer.expect(PUBLISH);
    peer.expect(SUBSCRIBE);
    peer.close();
    assert_eq!([teller.next(), teller.next()], ["3: 1 failed -11 NULL", "3: 2 failed -11 NULL"]);
    drop(handle);
    assert!(teller.told().is_empty());
}

#[test]
fn a_message_of_a_kept_session_is_sent_again_and_a_subscribe_fails() {
    let (listener, teller) = (Listener::new(), Teller::new(Kind::Any));
    let handle = client(&listener);
    start(&handle, &teller, false);
    let (mut peer, _) = listener.accept_client(false);
    assert_eq!(teller.next(), "3: 0 done");
    send(&handle, &teller, 1);
    subscribe(&handle, &teller);
    peer.expect(PUBLISH);
    peer.expect(SUBSCRIBE);
    peer.close();
    assert_eq!(teller.next(), "3: 2 failed -11 NULL");
    start(&handle, &teller, false);
    let (mut peer, _) = listener.accept_client(true);
    assert_eq!(teller.next(), "3: 0 done");
    let again = peer.expect(PUBLISH);
    assert!(again.publish().dup);
    peer.send(&acknowledgement(PUBACK, again.id()));
    assert_eq!(teller.next(), "3: 1 done");
    drop(handle);
    assert!(teller.told().is_empty());
}

#[test]
fn what_was_queued_before_the_connect_is_sent_after_it() {
    let (listener, teller) = (Listener::new(), Teller::new(Kind::Any));
    let handle = client(&listener);
    send(&handle, &teller, 1);
    send(&handle, &teller, 0);
    start(&handle, &teller, true);
    let (mut peer, _) = listener.accept_client(false);
    let first = peer.expect(PUBLISH);
    assert_eq!(peer.expect(PUBLISH).publish().qos, 0);
    peer.send(&acknowledgement(PUBACK, first.id()));
    let mut told = [teller.next(), teller.next(), teller.next()];
    told.sort();
    assert_eq!(told, ["3: 0 done", "3: 0 done", "3: 1 done"]);
}

unsafe extern "C" fn lost(context: *mut c_void, cause: *mut c_char) {
    assert!(cause.is_null());
    let _ = unsafe { &*context.cast::<Sender<c_int>>() }.send(-1);
}

unsafe extern "C" fn disconnected(context: *mut c_void, _: *mut MQTTProperties, reason: MQTTReasonCodes) {
    let _ = unsafe { &*context.cast::<Sender<c_int>>() }.send(reason);
}

#[test]
fn a_disconnect_of_the_server_is_a_loss_where_nobody_else_listens() {
    for (listens, told) in [(true, 0x8B), (false, -1)] {
        let (listener, (sender, seen)) = (Listener::new(), channel::<c_int>());
        let handle = Handle::with(&CString::new(listener.uri()).unwrap(), &create_options(5));
        let context = ptr::from_ref(&sender).cast_mut().cast();
        let function = listens.then_some(disconnected as unsafe extern "C" fn(_, _, _));
        let (teller, mut options) = (Teller::new(Kind::Plain), connect_options(5));
        teller.listen_to_connect(&mut options, 5);
        unsafe {
            assert_eq!(MQTTAsync_setConnectionLostCallback(handle.0, context, Some(lost)), 0);
            assert_eq!(MQTTAsync_setDisconnected(handle.0, context, function), 0);
            assert_eq!(MQTTAsync_connect(handle.0, &raw const options), 0);
        }
        let (mut peer, _) = listener.accept_client(false);
        assert!(teller.next().contains("done"));
        peer.send(&[0xE0, 1, 0x8B]);
        assert_eq!(seen.recv(), Ok(told));
        peer.expect_end();
        drop(handle);
        assert_eq!(seen.try_iter().count(), 0, "one of the two");
    }
}

unsafe extern "C" fn arrived(
    context: *mut c_void,
    _: *mut c_char,
    _: c_int,
    _: *mut MQTTAsync_message,
) -> c_int {
    let _ = unsafe { &*context.cast::<Sender<c_int>>() }.send(1);
    1
}

unsafe extern "C" fn connected(context: *mut c_void, _: *mut c_char) {
    let _ = unsafe { &*context.cast::<Sender<c_int>>() }.send(0);
}

/// What the program hears, in order, of a connection in which these bytes come in one piece with CONNACK.
fn told_of(behind: &[u8], count: usize) -> Vec<c_int> {
    let (listener, (sender, seen)) = (Listener::new(), channel::<c_int>());
    let handle = Handle::with(&CString::new(listener.uri()).unwrap(), &create_options(5));
    let context = ptr::from_ref(&sender).cast_mut().cast();
    let options = connect_options(5);
    unsafe {
        assert_eq!(MQTTAsync_setCallbacks(handle.0, context, Some(lost), Some(arrived), None), 0);
        assert_eq!(MQTTAsync_setConnected(handle.0, context, Some(connected)), 0);
        assert_eq!(MQTTAsync_setDisconnected(handle.0, context, Some(disconnected)), 0);
        assert_eq!(MQTTAsync_connect(handle.0, &raw const options), 0);
    }
    let mut peer = listener.accept();
    peer.expect(CONNECT);
    peer.send(&[&[0x20, 3, 0, 0, 0], behind].concat());
    let told = (0..count).map(|_| seen.recv().unwrap()).collect();
    drop(handle);
    assert_eq!(seen.try_iter().count(), 0);
    told
}

#[test]
fn what_lies_behind_connack_is_told_after_the_connection() {
    let message = [0x30, 4, 0, 1, b't', 0];
    assert_eq!(told_of(&message, 2), [0, 1]);
    assert_eq!(told_of(&[&message[..], &[0xE0, 1, 0x8B]].concat(), 3), [0, 1, 0x8B]);
    assert_eq!(told_of(&[0x20, 3, 0, 0, 0], 2), [0, -1], "a second CONNACK");
}
