//! `MQTTClientExt_getLastError`: why there is no connection.

use crate::handle::*;
use crate::support::broker::Listener;
use crate::support::c_interface::*;
use std::ffi::{CStr, CString, c_char, c_int};
use std::ptr;
use std::thread;

fn last_error(handle: &Handle) -> (c_int, String) {
    let (mut code, mut buffer) = (77, [b'x' as c_char; 300]);
    let size = buffer.len();
    let rc = unsafe { MQTTClientExt_getLastError(handle.0, &raw mut code, buffer.as_mut_ptr(), size) };
    assert_eq!(rc, 0);
    (code, unsafe { CStr::from_ptr(buffer.as_ptr()) }.to_str().unwrap().to_owned())
}

#[test]
fn nothing_has_failed_at_first_and_then_the_cause_is_named() {
    let handle = Handle::new(4);
    assert_eq!(last_error(&handle), (0, String::new()));
    let mut options = connect_options(4);
    assert_eq!(unsafe { MQTTClient_connect(handle.0, &raw mut options) }, -1);
    let (code, text) = last_error(&handle);
    assert_eq!(code, -1);
    assert!(text.starts_with("TCP connect failed: ") && text.contains("refused"), "{text}");
}

#[test]
fn the_code_of_a_server_that_refuses_is_reported_and_stays() {
    let server = Server::start(Script { refusal: 5, ..Script::default() });
    let handle = Handle::to(&server.uri, 4);
    let mut options = connect_options(4);
    assert_eq!(unsafe { MQTTClient_connect(handle.0, &raw mut options) }, 5);
    let (code, text) = last_error(&handle);
    assert_eq!(code, 5);
    assert!(text.starts_with("the server refused the connection with code 5 ("), "{text}");
    assert_eq!(last_error(&handle), (code, text));
}

#[test]
fn the_end_of_a_connection_is_reported_also_where_the_server_gives_a_reason() {
    for (version, end, code, text) in [
        (4, None, -3, "the server closed the connection"),
        (5, Some([0xE0, 2, 0x8B, 0]), 0x8B, "the server disconnected with reason 139 (Server shutting down)"),
    ] {
        let listener = Listener::new();
        let handle = Handle::to(&CString::new(listener.uri()).unwrap(), version);
        let server = thread::spawn(move || {
            let (mut peer, _) = listener.accept_client(false);
            if let Some(disconnect) = end {
                peer.send(&disconnect);
            }
            peer.close();
        });
        handle.connect(version);
        server.join().unwrap();
        let (mut topic, mut length, mut message) = (ptr::null_mut(), 0, ptr::null_mut());
        let rc = unsafe {
            MQTTClient_receive(handle.0, &raw mut topic, &raw mut length, &raw mut message, 10_000)
        };
        assert_eq!(rc, -1);
        assert_eq!(last_error(&handle), (code, text.to_owned()));
    }
}

#[test]
fn what_does_not_fit_is_cut_and_misuse_has_its_codes() {
    let handle = Handle::new(4);
    let mut options = connect_options(4);
    assert_eq!(unsafe { MQTTClient_connect(handle.0, &raw mut options) }, -1);
    let (mut code, mut buffer) = (77, [b'x' as c_char; 12]);
    let to = buffer.as_mut_ptr();
    let rc = unsafe { MQTTClientExt_getLastError(handle.0, &raw mut code, to, 12) };
    assert_eq!((rc, code, unsafe { CStr::from_ptr(to) }), (-48, -1, c"TCP connect"));
    assert_eq!(unsafe { MQTTClientExt_getLastError(handle.0, ptr::null_mut(), to, 0) }, -48);
    assert_eq!(unsafe { MQTTClientExt_getLastError(handle.0, ptr::null_mut(), ptr::null_mut(), 0) }, 0);
    (code, buffer[0]) = (77, b'y' as c_char);
    let to = buffer.as_mut_ptr();
    for bad in [ptr::null_mut(), (&raw mut code).cast()] {
        assert_eq!(unsafe { MQTTClientExt_getLastError(bad, &raw mut code, to, 12) }, -1);
    }
    assert_eq!((code, buffer[0]), (77, b'y' as c_char), "nothing is set");
}
