//! `MQTTClientExt_setAuthentication` and `MQTTClientExt_reauthenticate`: AUTH packets of MQTT 5.

use crate::capi_support::authenticator::*;
use crate::handle::*;
use crate::support::broker::{Listener, Peer};
use crate::support::c_interface::*;
use crate::support::packet::*;
use crate::support::wait::until;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr;
use std::thread;

const AUTH: u8 = 15;

fn with(authenticator: &Authenticator, listener: &Listener, version: c_int) -> Handle {
    let handle = Handle::to(&CString::new(listener.uri()).unwrap(), version);
    let (method, context) = (c"METHOD".as_ptr(), authenticator.context());
    let code = unsafe { MQTTClientExt_setAuthentication(handle.0, method, context, Some(authenticate)) };
    assert_eq!(code, 0);
    handle
}

/// The code of a connect with this time limit, while `serve` plays the server.
fn connect(
    handle: &Handle,
    listener: &Listener,
    timeout: c_int,
    serve: impl FnOnce(&mut Peer) + Send,
) -> (c_int, Peer) {
    thread::scope(|scope| {
        let server = scope.spawn(|| {
            let mut peer = listener.accept();
            serve(&mut peer);
            peer
        });
        let mut options = MQTTClient_connectOptions { connectTimeout: timeout, ..connect_options(5) };
        let none = ptr::null_mut();
        let mut response = unsafe { MQTTClient_connect5(handle.0, &raw mut options, none, none) };
        let code = response.reasonCode;
        free(&mut response);
        (code, server.join().unwrap())
    })
}

fn accept(peer: &mut Peer, data: &[u8]) {
    peer.send(&connack(5, false, 0, &authentication(b"METHOD", data)));
}

fn last_error(handle: &Handle) -> String {
    let mut buffer = [0; 300];
    unsafe { MQTTClientExt_getLastError(handle.0, ptr::null_mut(), buffer.as_mut_ptr(), 300) };
    unsafe { CStr::from_ptr(buffer.as_ptr()) }.to_str().unwrap().to_owned()
}

#[test]
fn the_callback_gives_the_data_of_connect_and_answers_each_step() {
    for (with_callbacks, strict) in [(false, false), (true, true)] {
        let listener = Listener::new();
        let authenticator = Authenticator::new(&[(b"first", 0), (b"second", 0), (b"", 0), (b"not sent", 0)]);
        let handle = with(&authenticator, &listener, 5);
        if with_callbacks {
            let code =
                unsafe { MQTTClient_setCallbacks(handle.0, ptr::null_mut(), None, Some(arrived), None) };
            assert_eq!(code, 0);
        }
        if strict {
            let (name, value) = (c"strict".as_ptr(), c"true".as_ptr());
            assert_eq!(unsafe { MQTTClientExt_setOption(handle.0, name, value, ptr::null_mut(), 0) }, 0);
        }
        let (code, _peer) = connect(&handle, &listener, 30, |peer| {
            assert_eq!(peer.expect(CONNECT).connect().properties, authentication(b"METHOD", b"first"));
            peer.send_bytewise(&auth(0x18, b"challenge"));
            assert_eq!(peer.expect(AUTH).body, auth(0x18, b"second")[2..]);
            peer.send(&auth(0x18, b""));
            assert_eq!(peer.expect(AUTH).body, auth(0x18, b"")[2..]);
            accept(peer, b"proof");
        });
        assert_eq!(code, 0, "{}", last_error(&handle));
        let steps = [(BEGIN, &b""[..]), (CONTINUE, b"challenge"), (CONTINUE, b""), (COMPLETE, b"proof")];
        assert_eq!(authenticator.steps(), steps.map(|(step, data)| (step, data.to_vec())));
        assert_eq!(unsafe { MQTTClient_isConnected(handle.0) }, 1);
    }
}

unsafe extern "C" fn arrived(
    _: *mut c_void,
    topic: *mut c_char,
    _: c_int,
    mut message: *mut MQTTClient_message,
) -> c_int {
    unsafe { MQTTClient_freeMessage(&raw mut message) };
    unsafe { MQTTClient_free(topic.cast()) };
    1
}

#[test]
fn no_connection_is_made_where_the_application_refuses() {
    const REFUSED: &str = "the application refused to go on with the authentication";
    for step in [BEGIN, CONTINUE, COMPLETE] {
        let listener = Listener::new();
        let code = |of| c_int::from(of == step);
        let authenticator =
            Authenticator::new(&[(b"a", code(BEGIN)), (b"b", code(CONTINUE)), (b"", code(COMPLETE))]);
        let handle = with(&authenticator, &listener, 5);
        let (code, _peer) = connect(&handle, &listener, 30, |peer| {
            if step == BEGIN {
                return peer.expect_end();
            }
            peer.expect(CONNECT);
            peer.send(&auth(0x18, b"challenge"));
            if step == CONTINUE {
                return peer.expect_end();
            }
            peer.expect(AUTH);
            accept(peer, b"wrong proof");
            assert_eq!(peer.expect(DISCONNECT).disconnect_reason(), 0x80);
            peer.expect_end();
        });
        assert_eq!((code, last_error(&handle).as_str()), (-1, REFUSED));
        assert_eq!(unsafe { MQTTClient_isConnected(handle.0) }, 0);
    }
}

#[test]
fn a_server_that_refuses_or_is_silent_or_uses_another_method_has_the_usual_codes() {
    let refuse = |peer: &mut Peer| peer.send(&connack(5, false, 0x8c, &[]));
    let be_silent = |peer: &mut Peer| peer.expect_end();
    let change = |peer: &mut Peer| {
        let properties = properties(5, &authentication(b"OTHER", b"x"));
        peer.send(&packet(0xf0, &[&[0x18][..], &properties].concat()));
    };
    let unasked = |peer: &mut Peer| {
        // Success before CONNACK means nothing, and is ignored.
        peer.send(&auth(0, b"x"));
        peer.send(&connack(5, false, 0x87, &[]));
    };
    type Serve<'a> = &'a (dyn Fn(&mut Peer) + Sync);
    let cases: [(c_int, Serve<'_>); 4] = [(0x8c, &refuse), (-1, &be_silent), (-1, &change), (0x87, &unasked)];
    for (code, serve) in cases {
        let listener = Listener::new();
        let authenticator = Authenticator::new(&[(b"a", 0), (b"b", 0)]);
        let handle = with(&authenticator, &listener, 5);
        let (found, _peer) = connect(&handle, &listener, 1, |peer| {
            peer.expect(CONNECT);
            peer.send(&auth(0x18, b"challenge"));
            peer.expect(AUTH);
            serve(peer);
        });
        assert_eq!(found, code, "{}", last_error(&handle));
        assert_eq!(authenticator.steps().len(), 2);
    }
}

#[test]
fn other_versions_and_clients_without_callback_do_as_before() {
    let listener = Listener::new();
    let authenticator = Authenticator::new(&[]);
    let handle = with(&authenticator, &listener, 4);
    thread::scope(|scope| {
        scope.spawn(|| listener.accept_client(false));
        handle.connect(4);
    });
    assert_eq!(unsafe { MQTTClientExt_reauthenticate(handle.0) }, -53);

    let handle = with(&authenticator, &listener, 5);
    let none = ptr::null_mut();
    assert_eq!(unsafe { MQTTClientExt_setAuthentication(handle.0, ptr::null(), none, None) }, 0);
    let (code, mut peer) = connect(&handle, &listener, 30, |peer| {
        assert_eq!(peer.expect(CONNECT).connect().properties, b"");
        peer.send(&auth(0x18, b"challenge"));
        peer.send(&connack(5, false, 0, &[]));
    });
    assert_eq!(code, 0);
    assert_eq!(unsafe { MQTTClientExt_reauthenticate(handle.0) }, -53);
    peer.send(&auth(0x18, b"challenge"));
    MQTTClient_yield();
    assert_eq!(unsafe { MQTTClient_isConnected(handle.0) }, 1);
}

/// A connected client whose callback has answered so far.
fn connected(authenticator: &Authenticator, listener: &Listener) -> (Handle, Peer) {
    let handle = with(authenticator, listener, 5);
    let (code, peer) = connect(&handle, listener, 30, |peer| {
        peer.expect(CONNECT);
        accept(peer, b"");
    });
    assert_eq!(code, 0);
    (handle, peer)
}

#[test]
fn a_connected_client_authenticates_again() {
    for with_callbacks in [false, true] {
        let listener = Listener::new();
        let answers = [(&b"first"[..], 0), (b"", 0), (b"renew", 0), (b"answer", 0), (b"", 0), (b"more", 1)];
        let authenticator = Authenticator::new(&answers);
        let handle = with(&authenticator, &listener, 5);
        if with_callbacks {
            let code =
                unsafe { MQTTClient_setCallbacks(handle.0, ptr::null_mut(), None, Some(arrived), None) };
            assert_eq!(code, 0);
        }
        assert_eq!(unsafe { MQTTClientExt_reauthenticate(handle.0) }, -3);
        let (code, mut peer) = connect(&handle, &listener, 30, |peer| {
            peer.expect(CONNECT);
            accept(peer, b"");
        });
        assert_eq!(code, 0);
        let work = |count| {
            until("the step", || {
                MQTTClient_yield();
                authenticator.steps().len() == count
            });
        };
        assert_eq!(unsafe { MQTTClientExt_reauthenticate(handle.0) }, 0);
        assert_eq!(peer.expect(AUTH).body, auth(0x19, b"renew")[2..]);
        assert_eq!(unsafe { MQTTClientExt_reauthenticate(handle.0) }, -54);
        peer.send(&auth(0x18, b"challenge"));
        work(4);
        assert_eq!(peer.expect(AUTH).body, auth(0x18, b"answer")[2..]);
        peer.send(&auth(0, b"proof"));
        work(5);
        assert_eq!(
            authenticator.steps()[2..],
            [(RENEW, Vec::new()), (CONTINUE, b"challenge".to_vec()), (COMPLETE, b"proof".to_vec())]
        );
        assert_eq!(unsafe { MQTTClientExt_reauthenticate(handle.0) }, -55, "the callback refuses");
        assert_eq!(unsafe { MQTTClient_isConnected(handle.0) }, 1);
    }
}

#[test]
fn the_connection_ends_when_the_application_does_not_accept_the_server_again() {
    let listener = Listener::new();
    let authenticator = Authenticator::new(&[(b"first", 0), (b"", 0), (b"renew", 0), (b"", 1)]);
    let (handle, mut peer) = connected(&authenticator, &listener);
    assert_eq!(unsafe { MQTTClientExt_reauthenticate(handle.0) }, 0);
    peer.expect(AUTH);
    peer.send(&auth(0, b"wrong proof"));
    until("the end", || {
        MQTTClient_yield();
        unsafe { MQTTClient_isConnected(handle.0) == 0 }
    });
    assert_eq!(peer.expect(DISCONNECT).disconnect_reason(), 0x80);
    assert!(last_error(&handle).contains("refused"), "{}", last_error(&handle));
}

#[test]
fn misuse_has_its_codes() {
    let handle = Handle::new(5);
    let stale = Handle::new(5).0;
    let (mut nothing, none) = (0, ptr::null_mut());
    for bad in [ptr::null_mut(), stale, (&raw mut nothing).cast()] {
        let code = unsafe { MQTTClientExt_setAuthentication(bad, c"M".as_ptr(), none, Some(authenticate)) };
        assert_eq!(code, -1);
        assert_eq!(unsafe { MQTTClientExt_reauthenticate(bad) }, -1);
    }
    let set = |method| unsafe { MQTTClientExt_setAuthentication(handle.0, method, none, Some(authenticate)) };
    assert_eq!(set(ptr::null()), -6);
    assert_eq!(set(c"\xff".as_ptr()), -5);
    for (code, text) in [
        (-53, c"Connection was made without authentication callback"),
        (-54, c"Authentication is in progress"),
        (-55, c"Application refused the authentication"),
    ] {
        assert_eq!(unsafe { CStr::from_ptr(MQTTExt_strerror(code)) }, text);
    }
}
