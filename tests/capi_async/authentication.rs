//! `MQTTAsyncExt_setAuthentication` and `MQTTAsyncExt_reauthenticate`: AUTH packets of MQTT 5.

use crate::async_support::handle::*;
use crate::async_support::teller::{Kind, Teller};
use crate::capi_support::authenticator::*;
use crate::support::broker::Listener;
use crate::support::c_interface::*;
use crate::support::packet::*;
use std::ffi::{CString, c_char, c_int, c_void};
use std::ptr;
use std::sync::mpsc::{Sender, channel};

const AUTH: u8 = 15;

fn with(authenticator: &Authenticator, listener: &Listener) -> Handle {
    let handle = Handle::to(&CString::new(listener.uri()).unwrap(), 5);
    let (method, context) = (c"METHOD".as_ptr(), authenticator.context());
    let code = unsafe { MQTTAsyncExt_setAuthentication(handle.0, method, context, Some(authenticate)) };
    assert_eq!(code, 0);
    handle
}

fn begin_connect(handle: &Handle, reconnects: bool) -> Teller {
    let teller = Teller::new(Kind::Plain);
    let mut options = connect_options(5);
    options.automaticReconnect = reconnects.into();
    teller.listen_to_connect(&mut options, 5);
    assert_eq!(unsafe { MQTTAsync_connect(handle.0, &raw const options) }, 0);
    teller
}

#[test]
fn each_connection_authenticates_and_so_does_reauthenticate() {
    let listener = Listener::new();
    let answers: [(&[u8], c_int); 10] = [
        (b"first", 0),
        (b"second", 0),
        (b"", 0),
        (b"renew", 0),
        (b"more", 0),
        (b"", 0),
        (b"again", 0),
        (b"", 0),
        (b"refuses", 1),
        (b"", 0),
    ];
    let authenticator = Authenticator::new(&answers);
    let handle = with(&authenticator, &listener);
    assert_eq!(unsafe { MQTTAsyncExt_reauthenticate(handle.0) }, -3);
    let teller = begin_connect(&handle, true);
    let mut peer = listener.accept();
    assert_eq!(peer.expect(CONNECT).connect().properties, authentication(b"METHOD", b"first"));
    peer.send(&auth(0x18, b"challenge"));
    assert_eq!(peer.expect(AUTH).body, auth(0x18, b"second")[2..]);
    peer.send(&connack(5, false, 0, &authentication(b"METHOD", b"proof")));
    let told = teller.next();
    assert!(told.contains("done"), "{told}");
    assert_eq!(authenticator.steps()[2], (COMPLETE, b"proof".to_vec()));

    assert_eq!(unsafe { MQTTAsyncExt_reauthenticate(handle.0) }, 0);
    assert_eq!(peer.expect(AUTH).body, auth(0x19, b"renew")[2..]);
    assert_eq!(unsafe { MQTTAsyncExt_reauthenticate(handle.0) }, -54);
    peer.send(&auth(0x18, b"challenge"));
    assert_eq!(peer.expect(AUTH).body, auth(0x18, b"more")[2..]);
    peer.send(&auth(0, b"proof"));
    until("the end", || authenticator.steps().len() == 6);
    assert_eq!(authenticator.steps()[5], (COMPLETE, b"proof".to_vec()));

    peer.close();
    let mut peer = listener.accept();
    assert_eq!(peer.expect(CONNECT).connect().properties, authentication(b"METHOD", b"again"));
    peer.send(&connack(5, false, 0, &[]));
    until("the reconnect", || unsafe { MQTTAsync_isConnected(handle.0) } == 1);
    assert_eq!(unsafe { MQTTAsyncExt_reauthenticate(handle.0) }, -55);
    assert_eq!(unsafe { MQTTAsync_isConnected(handle.0) }, 1);
}

#[test]
fn no_connection_is_made_where_the_application_refuses() {
    for step in [BEGIN, CONTINUE, COMPLETE] {
        let listener = Listener::new();
        let code = |of| c_int::from(of == step);
        let authenticator =
            Authenticator::new(&[(b"a", code(BEGIN)), (b"b", code(CONTINUE)), (b"", code(COMPLETE))]);
        let handle = with(&authenticator, &listener);
        let teller = begin_connect(&handle, false);
        let mut peer = listener.accept();
        if step != BEGIN {
            peer.expect(CONNECT);
            peer.send(&auth(0x18, b"challenge"));
        }
        if step == COMPLETE {
            peer.expect(AUTH);
            peer.send(&connack(5, false, 0, &authentication(b"METHOD", b"wrong proof")));
            assert_eq!(peer.expect(DISCONNECT).disconnect_reason(), 0x80);
        }
        peer.expect_end();
        let told = teller.next();
        assert!(told.contains("failed"), "{told}");
        assert_eq!(unsafe { MQTTAsync_isConnected(handle.0) }, 0);
    }
}

/// The handle of a client, and what its callbacks have said, in order.
struct Judge {
    handle: MQTTAsync,
    lines: Sender<String>,
    code: c_int,
}

unsafe extern "C" fn judge(context: *mut c_void, authentication: *mut MQTTExt_authentication) -> c_int {
    let judge = unsafe { &*context.cast::<Judge>() };
    if unsafe { (*authentication).step } != COMPLETE {
        return 0;
    }
    let connected = unsafe { MQTTAsync_isConnected(judge.handle) };
    let renewal = unsafe { MQTTAsyncExt_reauthenticate(judge.handle) };
    judge.lines.send(format!("judging, connected {connected}, renewal {renewal}")).unwrap();
    judge.code
}

unsafe extern "C" fn succeeded(context: *mut c_void, _: *mut MQTTAsync_successData5) {
    unsafe { &*context.cast::<Judge>() }.lines.send("success".into()).unwrap();
}

unsafe extern "C" fn failed(context: *mut c_void, _: *mut MQTTAsync_failureData5) {
    unsafe { &*context.cast::<Judge>() }.lines.send("failure".into()).unwrap();
}

unsafe extern "C" fn arrived(
    context: *mut c_void,
    topic: *mut c_char,
    _: c_int,
    mut message: *mut MQTTAsync_message,
) -> c_int {
    unsafe { &*context.cast::<Judge>() }.lines.send("message".into()).unwrap();
    unsafe { MQTTAsync_freeMessage(&raw mut message) };
    unsafe { MQTTAsync_free(topic.cast()) };
    1
}

#[test]
fn nothing_is_sent_or_delivered_before_the_application_trusts_the_server() {
    for code in [0, 1] {
        let listener = Listener::new();
        let handle = Handle::to(&CString::new(listener.uri()).unwrap(), 5);
        let (lines, said) = channel();
        let judge_of_server = Box::new(Judge { handle: handle.0, lines, code });
        let context = (&raw const *judge_of_server).cast_mut().cast();
        unsafe {
            assert_eq!(MQTTAsyncExt_setAuthentication(handle.0, c"METHOD".as_ptr(), context, Some(judge)), 0);
            assert_eq!(MQTTAsync_setCallbacks(handle.0, context, None, Some(arrived), None), 0);
            let mut options = connect_options(5);
            options.context = context;
            options.onSuccess5 = Some(succeeded);
            options.onFailure5 = Some(failed);
            assert_eq!(MQTTAsync_connect(handle.0, &raw const options), 0);
        }
        let mut peer = listener.accept();
        peer.expect(CONNECT);
        let message = Publish::new("topic", 1, 7, b"payload").encode(5);
        peer.send(&[connack(5, false, 0, &authentication(b"METHOD", b"proof")), message].concat());
        assert_eq!(said.recv().unwrap(), "judging, connected 0, renewal -3");
        if code == 0 {
            assert_eq!([said.recv().unwrap(), said.recv().unwrap()], ["success", "message"]);
            assert_eq!(peer.expect(PUBACK).id(), 7);
            assert_eq!(unsafe { MQTTAsync_isConnected(handle.0) }, 1);
        } else {
            assert_eq!(said.recv().unwrap(), "failure");
            assert_eq!(peer.expect(DISCONNECT).disconnect_reason(), 0x80);
            peer.expect_end();
        }
        drop(handle);
        assert_eq!(said.try_recv().ok(), None);
    }
}

#[test]
fn a_client_that_is_destroyed_while_the_server_waits_for_it_is_gone() {
    let listener = Listener::new();
    let authenticator = Authenticator::new(&[(b"a", 0), (b"b", 0)]);
    let handle = with(&authenticator, &listener);
    let teller = begin_connect(&handle, false);
    let mut peer = listener.accept();
    peer.expect(CONNECT);
    peer.send(&auth(0x18, b"challenge"));
    peer.expect(AUTH);
    drop(handle);
    let told = teller.next();
    assert!(told.contains("failed"), "{told}");
    peer.expect_end();
    assert_eq!(unsafe { MQTTAsyncExt_reauthenticate(ptr::null_mut()) }, -1);
}

/// The end comes in the same read as what the application would be asked about: the connect fails, and a later one works.
#[test]
fn a_connection_that_ends_right_after_an_answer_is_a_failure() {
    let acceptance = connack(5, false, 0, &authentication(b"METHOD", b"proof"));
    let challenge = auth(0x18, b"challenge");
    for (answer, end) in [
        (&acceptance, &[0xE0, 1, 0x9C][..]),
        (&challenge, &[0xE0, 1, 0x9C]),
        (&acceptance, &[0x00, 0]),
        (&challenge, &[0x00, 0]),
    ] {
        let listener = Listener::new();
        let authenticator = Authenticator::new(&[(b"a", 0), (b"again", 0), (b"", 0)]);
        let handle = with(&authenticator, &listener);
        let teller = begin_connect(&handle, false);
        let mut peer = listener.accept();
        peer.expect(CONNECT);
        peer.send(&[answer, end].concat());
        let told = teller.next();
        assert!(told.contains("failed"), "{told}");

        let teller = begin_connect(&handle, false);
        let mut peer = listener.accept();
        assert_eq!(peer.expect(CONNECT).connect().properties, authentication(b"METHOD", b"again"));
        peer.send(&acceptance);
        let told = teller.next();
        assert!(told.contains("done"), "{told}");
    }
}
