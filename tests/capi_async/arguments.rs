//! Arguments that are wrong in one way or in several, on clients that are not connected.

use crate::async_support::handle::*;
use crate::support::c_interface::*;
use crate::support::library::has_tls;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::io::Read;
use std::net::TcpListener;
use std::ptr;

const URI: &CStr = c"tcp://127.0.0.1:1";

/// Creates, tells code and what the handle is afterwards, and destroys.
fn create(
    uri: *const c_char,
    id: *const c_char,
    kind: c_int,
    options: Option<MQTTAsync_createOptions>,
) -> (c_int, &'static str) {
    let untouched = ptr::without_provenance_mut(7);
    let mut handle: MQTTAsync = untouched;
    let options = options.as_ref().map_or(ptr::null_mut(), |options| ptr::from_ref(options).cast_mut());
    let code =
        unsafe { MQTTAsync_createWithOptions(&raw mut handle, uri, id, kind, ptr::null_mut(), options) };
    if handle == untouched {
        return (code, "untouched");
    }
    if handle.is_null() {
        return (code, "NULL");
    }
    unsafe { MQTTAsync_destroy(&raw mut handle) };
    (code, "set")
}

#[test]
fn create_checks_in_order() {
    let options = create_options(0);
    let wrong_id = MQTTAsync_createOptions { struct_id: struct_id(b"MQTC"), ..options };
    let wrong_version = MQTTAsync_createOptions { struct_version: 4, ..options };
    let negative = MQTTAsync_createOptions { struct_version: -1, ..options };
    let none_buffered = MQTTAsync_createOptions { maxBufferedMessages: 0, ..wrong_id };
    let bad = c"\xc0\x80".as_ptr();
    let (id, uri, unknown) = (c"id".as_ptr(), URI.as_ptr(), c"http://h".as_ptr());
    assert_eq!(create(ptr::null(), bad, 0, Some(none_buffered)), (-6, "untouched"));
    assert_eq!(create(uri, ptr::null(), 1, None), (-6, "untouched"));
    assert_eq!(create(unknown, bad, 0, Some(none_buffered)), (-5, "untouched"));
    assert_eq!(create(unknown, c"".as_ptr(), 0, Some(none_buffered)), (-2, "untouched"));
    assert_eq!(create(unknown, id, 0, Some(none_buffered)), (-14, "untouched"));
    assert_eq!(create(uri, id, 5, Some(none_buffered)), (-19, "untouched"));
    for wrong in [wrong_id, wrong_version, negative] {
        assert_eq!(create(uri, id, 5, Some(wrong)), (-8, "untouched"));
    }
    for kind in [2, 3, -1] {
        assert_eq!(create(uri, id, kind, Some(options)), (-2, "NULL"), "type {kind}");
    }
    for struct_version in 0..=3 {
        let options = MQTTAsync_createOptions { struct_version, MQTTVersion: 77, ..options };
        assert_eq!(create(uri, id, NONE, Some(options)), (0, "set"));
    }
    assert_eq!(create(uri, c"".as_ptr(), NONE, None), (0, "set"));
    let longest = CString::new(vec![b'x'; 65_536]).unwrap();
    assert_eq!(create(uri, longest.as_ptr(), NONE, None), (-5, "untouched"));
    assert_eq!(unsafe { MQTTAsync_create(ptr::null_mut(), uri, id, NONE, ptr::null_mut()) }, -6);
}

#[test]
fn create_knows_the_schemes() {
    for uri in [c"tcp://h", c"mqtt://h:1", c"ws://h/p", c"h", c"h:1883", c"[::1]:1883", c""] {
        assert_eq!(create(uri.as_ptr(), c"id".as_ptr(), NONE, None).0, 0, "{uri:?}");
    }
    for uri in [c"TCP://h", c"http://h", c"://h", c"h/tcp://"] {
        assert_eq!(create(uri.as_ptr(), c"id".as_ptr(), NONE, None).0, -14, "{uri:?}");
    }
    let expected = if has_tls() { 0 } else { -14 };
    for uri in [c"ssl://h", c"mqtts://h", c"tls://h", c"wss://h"] {
        assert_eq!(create(uri.as_ptr(), c"id".as_ptr(), NONE, None).0, expected, "{uri:?}");
    }
}

/// NULL, a value that never was a handle, an address, and a handle that is gone.
fn no_handles() -> [MQTTAsync; 4] {
    let mut gone = Handle::new(0);
    let stale = gone.0;
    unsafe { MQTTAsync_destroy(&raw mut gone.0) };
    static SOMETHING: u64 = 0;
    [ptr::null_mut(), ptr::without_provenance_mut(12_345), (&raw const SOMETHING).cast_mut().cast(), stale]
}

#[test]
fn what_is_no_handle_is_refused_everywhere() {
    let _other = Handle::new(0);
    for handle in no_handles() {
        refused_everywhere(handle);
        let mut copy = handle;
        unsafe { MQTTAsync_destroy(&raw mut copy) };
        assert!(copy.is_null());
    }
}

#[test]
fn a_handle_of_the_synchronous_interface_is_no_handle() {
    // The library of one interface alone has no handles of the other. What cargo builds has both.
    if !crate::support::library::exports("MQTTClient_create") {
        return;
    }
    let (mut handle, null) = (ptr::null_mut(), ptr::null_mut());
    unsafe {
        assert_eq!(MQTTClient_create(&raw mut handle, URI.as_ptr(), c"id".as_ptr(), NONE, null), 0);
        refused_everywhere(handle);
        let mut copy = handle;
        MQTTAsync_destroy(&raw mut copy);
        assert!(copy.is_null());
        let is_alive = |handle| MQTTClient_setCommandTimeout(handle, 5000) == 0;
        assert!(is_alive(handle));
        let asynchronous = Handle::new(0);
        assert!(!is_alive(asynchronous.0));
        MQTTClient_destroy(&raw mut handle);
    }
}

fn refused_everywhere(handle: MQTTAsync) {
    let (topic, null) = (c"t".as_ptr(), ptr::null_mut::<c_void>());
    let (list, qos) = ([topic.cast_mut()], [1]);
    let mut response = untouched();
    let answer = &raw mut response;
    unsafe {
        assert_eq!(MQTTAsync_connect(handle, &connect_options(0)), -1);
        assert_eq!(MQTTAsync_reconnect(handle), -1);
        assert_eq!(MQTTAsync_disconnect(handle, ptr::null()), -1);
        assert_eq!(MQTTAsync_isConnected(handle), 0);
        assert_eq!(MQTTAsync_send(handle, topic, 0, null, 0, 0, answer), -1);
        assert_eq!(MQTTAsync_sendMessage(handle, topic, &message(b"", 0), answer), -1);
        assert_eq!(MQTTAsync_subscribe(handle, topic, 0, answer), -1);
        assert_eq!(MQTTAsync_subscribeMany(handle, 1, list.as_ptr(), qos.as_ptr(), answer), -1);
        assert_eq!(MQTTAsync_unsubscribe(handle, topic, answer), -1);
        assert_eq!(MQTTAsync_unsubscribeMany(handle, 1, list.as_ptr(), answer), -1);
        assert_eq!(MQTTAsync_isComplete(handle, 1), -1);
        assert_eq!(MQTTAsync_waitForCompletion(handle, 1, 1), -1);
        let mut tokens = ptr::without_provenance_mut(8);
        assert_eq!(MQTTAsync_getPendingTokens(handle, &raw mut tokens), -1);
        assert!(tokens.is_null());
        assert_eq!(setters(handle), [-1; 9]);
    }
    assert_eq!(response.token, 7_777_777);
}

/// The answers of all functions that set callbacks; the last three are those that work at any time.
fn setters(handle: MQTTAsync) -> [c_int; 9] {
    let null = ptr::null_mut();
    unsafe {
        [
            MQTTAsync_setCallbacks(handle, null, None, Some(arrived), None),
            MQTTAsync_setMessageArrivedCallback(handle, null, Some(arrived)),
            MQTTAsync_setConnectionLostCallback(handle, null, None),
            MQTTAsync_setDeliveryCompleteCallback(handle, null, None),
            MQTTAsync_setConnected(handle, null, None),
            MQTTAsync_setDisconnected(handle, null, None),
            MQTTAsync_setUpdateConnectOptions(handle, null, None),
            MQTTAsync_setBeforePersistenceWrite(handle, null, None),
            MQTTAsync_setAfterPersistenceRead(handle, null, None),
        ]
    }
}

unsafe extern "C" fn arrived(_: *mut c_void, _: *mut c_char, _: c_int, _: *mut MQTTAsync_message) -> c_int {
    1
}

#[test]
fn callbacks_can_be_set_except_while_connecting() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let uri = CString::new(format!("tcp://{}", listener.local_addr().unwrap())).unwrap();
    let handle = Handle::to(&uri, 0);
    unsafe {
        assert_eq!(MQTTAsync_setCallbacks(handle.0, ptr::null_mut(), None, None, None), -1);
        assert_eq!(MQTTAsync_setMessageArrivedCallback(handle.0, ptr::null_mut(), None), -1);
        assert_eq!(setters(handle.0), [0; 9]);
        assert_eq!(MQTTAsync_connect(handle.0, &connect_options(0)), 0);
        // The server has CONNECT and does not answer.
        let (mut server, _) = listener.accept().unwrap();
        assert_eq!(server.read(&mut [0; 1]).unwrap(), 1);
        until("callbacks are refused", || setters(handle.0) != [0; 9]);
        assert_eq!(setters(handle.0), [-1, -1, -1, -1, -1, -1, 0, 0, 0]);
        assert_eq!(MQTTAsync_disconnect(handle.0, ptr::null()), -3);
        assert_eq!(setters(handle.0), [0; 9]);
    }
}

#[test]
fn callbacks_can_be_set_right_behind_connect() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let uri = CString::new(format!("tcp://{}", listener.local_addr().unwrap())).unwrap();
    // The time for it is short, and a test may be interrupted that long.
    until("a moment without interruption", || {
        let handle = Handle::to(&uri, 0);
        unsafe {
            assert_eq!(setters(handle.0), [0; 9]);
            assert_eq!(MQTTAsync_connect(handle.0, &connect_options(0)), 0);
            setters(handle.0) == [0; 9]
        }
    });
}

#[test]
fn requests_on_clients_that_are_not_connected() {
    let handle = Handle::new(0);
    let mut response = untouched();
    let answer = &raw mut response;
    unsafe {
        assert_eq!(MQTTAsync_send(handle.0, ptr::null(), -1, ptr::null(), 5, 0, answer), -3);
        assert_eq!(MQTTAsync_send(handle.0, c"t".as_ptr(), 1, ptr::null(), 0, 0, answer), -3);
        assert_eq!(MQTTAsync_subscribe(handle.0, ptr::null(), 9, answer), -3);
        assert_eq!(MQTTAsync_subscribeMany(handle.0, 0, ptr::null(), ptr::null(), answer), -3);
        assert_eq!(MQTTAsync_unsubscribe(handle.0, ptr::null(), answer), -3);
        assert_eq!(MQTTAsync_unsubscribeMany(handle.0, -1, ptr::null(), answer), -3);
        response.onSuccess5 = Some(crate::async_support::teller::on_success5);
        assert_eq!(MQTTAsync_send(handle.0, c"t".as_ptr(), 0, ptr::null(), 1, 0, answer), -3);
        assert_eq!(MQTTAsync_subscribe(handle.0, c"t".as_ptr(), 0, answer), -3);
        assert_eq!(MQTTAsync_waitForCompletion(handle.0, 1, 10), -3);
        assert_eq!(MQTTAsync_waitForCompletion(handle.0, -1, 0), -3);
        for token in [0, 1, -1, 65_536, c_int::MAX] {
            assert_eq!(MQTTAsync_isComplete(handle.0, token), 1);
        }
        assert_eq!(MQTTAsync_getPendingTokens(handle.0, ptr::null_mut()), -6);
        let mut tokens = ptr::without_provenance_mut(8);
        assert_eq!(MQTTAsync_getPendingTokens(handle.0, &raw mut tokens), 0);
        assert!(tokens.is_null());
        assert_eq!(MQTTAsync_isConnected(handle.0), 0);
        assert_eq!(MQTTAsync_reconnect(handle.0), -1, "there was no connect");
    }
    assert_eq!(response.token, 7_777_777);
}

#[test]
fn disconnect_checks_the_options_before_the_handle() {
    let handle = Handle::new(5);
    let wrong_id = MQTTAsync_disconnectOptions { struct_id: struct_id(b"MQTC"), ..disconnect_options() };
    let newer = MQTTAsync_disconnectOptions { struct_version: 2, ..disconnect_options() };
    let negative = MQTTAsync_disconnectOptions { struct_version: -1, ..disconnect_options() };
    unsafe {
        for any in [ptr::null_mut(), handle.0] {
            assert_eq!(MQTTAsync_disconnect(any, &wrong_id), -8);
            assert_eq!(MQTTAsync_disconnect(any, &newer), -8);
            assert_eq!(MQTTAsync_disconnect(any, &negative), -8);
        }
        assert_eq!(MQTTAsync_disconnect(handle.0, &disconnect_options()), -3);
        assert_eq!(MQTTAsync_disconnect(handle.0, ptr::null()), -3);
    }
}

#[test]
fn messages_are_checked_before_the_handle() {
    let handle = Handle::new(5);
    let wrong_id = MQTTAsync_message { struct_id: struct_id(b"MQTX"), ..message(b"", 0) };
    let newer = MQTTAsync_message { struct_version: 2, ..message(b"", 0) };
    let negative = MQTTAsync_message { struct_version: -1, ..message(b"", 0) };
    unsafe {
        for any in [ptr::null_mut(), handle.0] {
            assert_eq!(MQTTAsync_sendMessage(any, ptr::null(), ptr::null(), ptr::null_mut()), -6);
            for message in [&wrong_id, &newer, &negative] {
                assert_eq!(MQTTAsync_sendMessage(any, c"t".as_ptr(), message, ptr::null_mut()), -8);
            }
        }
        assert_eq!(MQTTAsync_sendMessage(handle.0, ptr::null(), &message(b"", 9), ptr::null_mut()), -3);
    }
}

#[test]
fn functions_without_result_take_null() {
    unsafe {
        MQTTAsync_destroy(ptr::null_mut());
        MQTTAsync_destroy(&mut ptr::null_mut());
        MQTTAsync_free(ptr::null_mut());
        MQTTAsync_freeMessage(ptr::null_mut());
        MQTTAsync_freeMessage(&mut ptr::null_mut());
        MQTTAsync_global_init(ptr::null_mut());
        MQTTAsync_global_init(&mut MQTTAsync_init_options {
            struct_id: struct_id(b"XXXX"),
            struct_version: 9,
            do_openssl_init: 1,
        });
        MQTTAsync_free(MQTTAsync_malloc(0));
        libc::free(MQTTAsync_malloc(10));
        MQTTAsync_free(libc::malloc(10));
    }
}
