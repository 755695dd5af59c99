//! Arguments that are wrong in one way or in several, on clients that are not connected.

use crate::handle::*;
use crate::support::c_interface::*;
use crate::support::library::has_tls;
use std::ffi::{CStr, CString, c_char, c_int, c_ulong, c_void};
use std::ptr;

const URI: &CStr = c"tcp://127.0.0.1:1";

/// Creates, tells code and whether the handle was set, and destroys.
fn create(
    uri: *const c_char,
    id: *const c_char,
    kind: c_int,
    options: *mut MQTTClient_createOptions,
) -> (c_int, bool) {
    let untouched = ptr::without_provenance_mut(7);
    let mut handle: MQTTClient = untouched;
    let code =
        unsafe { MQTTClient_createWithOptions(&raw mut handle, uri, id, kind, ptr::null_mut(), options) };
    let set = handle != untouched;
    if set {
        unsafe { MQTTClient_destroy(&raw mut handle) };
    }
    (code, set)
}

#[test]
fn create_checks_in_order() {
    let no_options = ptr::null_mut();
    let mut wrong_id = MQTTClient_createOptions { struct_id: struct_id(b"MQTC"), ..create_options(0) };
    let mut wrong_version = MQTTClient_createOptions { struct_version: 1, ..create_options(0) };
    let bad = c"\xc0\x80".as_ptr();
    let (id, uri, tls) = (c"id".as_ptr(), URI.as_ptr(), c"http://h".as_ptr());
    assert_eq!(create(ptr::null(), bad, 0, no_options), (-6, false));
    assert_eq!(create(uri, ptr::null(), 1, no_options), (-6, false));
    assert_eq!(create(tls, bad, 0, &raw mut wrong_id), (-5, false));
    assert_eq!(create(tls, c"".as_ptr(), 0, &raw mut wrong_id), (-2, false));
    assert_eq!(create(tls, id, 0, &raw mut wrong_id), (-14, false));
    assert_eq!(create(uri, id, 0, &raw mut wrong_id), (-8, false));
    assert_eq!(create(uri, id, 1, &raw mut wrong_version), (-8, false));
    for kind in [2, 3, -1] {
        assert_eq!(create(uri, id, kind, no_options), (-2, true), "type {kind}");
    }
    assert_eq!(create(uri, id, NONE, no_options), (0, true));
    assert_eq!(create(uri, c"".as_ptr(), NONE, &mut create_options(77)), (0, true));
    let longest = CString::new(vec![b'x'; 65_536]).unwrap();
    assert_eq!(create(uri, longest.as_ptr(), NONE, no_options), (-5, false));
    assert_eq!(unsafe { MQTTClient_create(ptr::null_mut(), uri, id, NONE, ptr::null_mut()) }, -6);
}

#[test]
fn create_knows_the_schemes() {
    for uri in [c"tcp://h", c"mqtt://h:1", c"ws://h/p", c"h", c"h:1883", c"[::1]:1883", c"", c"unix:///s"] {
        assert_eq!(create(uri.as_ptr(), c"id".as_ptr(), NONE, ptr::null_mut()).0, 0, "{uri:?}");
    }
    for uri in [c"TCP://h", c"http://h", c"UNIX:///s", c"://h", c"h/tcp://"] {
        assert_eq!(create(uri.as_ptr(), c"id".as_ptr(), NONE, ptr::null_mut()).0, -14, "{uri:?}");
    }
    let expected = if has_tls() { 0 } else { -14 };
    for uri in [c"ssl://h", c"mqtts://h", c"tls://h", c"wss://h"] {
        assert_eq!(create(uri.as_ptr(), c"id".as_ptr(), NONE, ptr::null_mut()).0, expected, "{uri:?}");
    }
}

/// NULL, a value that never was a handle, an address, and a handle that is gone.
fn no_handles() -> [MQTTClient; 4] {
    let mut gone = Handle::new(0);
    let stale = gone.0;
    unsafe { MQTTClient_destroy(&raw mut gone.0) };
    static SOMETHING: u64 = 0;
    [ptr::null_mut(), ptr::without_provenance_mut(12_345), (&raw const SOMETHING).cast_mut().cast(), stale]
}

#[test]
fn what_is_no_handle_is_refused_everywhere() {
    let _other = Handle::new(0);
    let (topic, null) = (c"t".as_ptr(), ptr::null_mut());
    let list = [topic.cast_mut()];
    let mut qos = [1];
    for handle in no_handles() {
        unsafe {
            assert_eq!(MQTTClient_connect(handle, &mut connect_options(0)), -6);
            let response = MQTTClient_connect5(handle, &mut connect_options(5), null, null);
            assert_eq!(response.reasonCode, -6);
            assert_eq!(MQTTClient_disconnect(handle, 0), -1);
            assert_eq!(MQTTClient_disconnect5(handle, 0, 0, ptr::null_mut()), -1);
            assert_eq!(MQTTClient_isConnected(handle), 0);
            assert_eq!(MQTTClient_publish(handle, topic, 0, null.cast(), 0, 0, ptr::null_mut()), -1);
            let response = MQTTClient_publish5(handle, topic, 0, null.cast(), 0, 0, null, ptr::null_mut());
            assert_eq!(response.reasonCode, -1);
            assert_eq!(MQTTClient_publishMessage(handle, topic, &mut message(b"", 0), ptr::null_mut()), -1);
            let response = MQTTClient_publishMessage5(handle, topic, &mut message(b"", 0), ptr::null_mut());
            assert_eq!(response.reasonCode, -1);
            assert_eq!(MQTTClient_subscribe(handle, topic, 0), -1);
            assert_eq!(MQTTClient_subscribe5(handle, topic, 0, ptr::null_mut(), null).reasonCode, -1);
            assert_eq!(MQTTClient_subscribeMany(handle, 1, list.as_ptr(), qos.as_mut_ptr()), -1);
            let response =
                MQTTClient_subscribeMany5(handle, 1, list.as_ptr(), qos.as_mut_ptr(), ptr::null_mut(), null);
            assert_eq!(response.reasonCode, -1);
            assert_eq!(MQTTClient_unsubscribe(handle, topic), -1);
            assert_eq!(MQTTClient_unsubscribe5(handle, topic, null).reasonCode, -1);
            assert_eq!(MQTTClient_unsubscribeMany(handle, 1, list.as_ptr()), -1);
            assert_eq!(MQTTClient_unsubscribeMany5(handle, 1, list.as_ptr(), null).reasonCode, -1);
            assert_eq!(MQTTClient_waitForCompletion(handle, 1, 1), -1);
            let mut tokens = ptr::without_provenance_mut(8);
            assert_eq!(MQTTClient_getPendingDeliveryTokens(handle, &raw mut tokens), -1);
            assert!(tokens.is_null());
            assert_eq!(MQTTClient_setCommandTimeout(handle, 5000), -1);
            assert_eq!(receive(handle, 0), (-1, 7, 7, 7));
            assert_eq!(MQTTClient_setCallbacks(handle, null.cast(), None, Some(arrived), None), -1);
            assert_eq!(MQTTClient_setDisconnected(handle, null.cast(), None), -1);
            assert_eq!(MQTTClient_setPublished(handle, null.cast(), None), -1);
            let mut copy = handle;
            MQTTClient_destroy(&raw mut copy);
            assert!(copy.is_null());
        }
    }
    assert_eq!(qos, [1]);
}

unsafe extern "C" fn arrived(_: *mut c_void, _: *mut c_char, _: c_int, _: *mut MQTTClient_message) -> c_int {
    1
}

/// Code and what the three variables, which begin with 7, hold afterwards.
fn receive(handle: MQTTClient, timeout: c_ulong) -> (c_int, usize, c_int, usize) {
    let (mut topic, mut length, mut message) =
        (ptr::without_provenance_mut(7), 7, ptr::without_provenance_mut::<MQTTClient_message>(7));
    let code =
        unsafe { MQTTClient_receive(handle, &raw mut topic, &raw mut length, &raw mut message, timeout) };
    (code, topic.addr(), length, message.addr())
}

#[test]
fn publish_on_clients_that_are_not_connected() {
    let handle = Handle::new(0);
    let bad = c"\xff".as_ptr();
    let mut token = 99;
    unsafe {
        assert_eq!(MQTTClient_publish(handle.0, ptr::null(), -1, ptr::null(), 5, 0, &raw mut token), -3);
        assert_eq!(MQTTClient_publish(handle.0, bad, 1, ptr::null(), 0, 0, &raw mut token), -3);
        let response = MQTTClient_publish5(
            handle.0,
            c"t".as_ptr(),
            0,
            ptr::null(),
            1,
            0,
            ptr::null_mut(),
            &raw mut token,
        );
        assert_eq!((response.reasonCode, response.version), (-3, 1));
    }
    assert_eq!(token, 99);
}

#[test]
fn messages_are_checked_before_the_handle() {
    let mut wrong_id = MQTTClient_message { struct_id: struct_id(b"MQTX"), ..message(b"", 0) };
    let mut wrong_version = MQTTClient_message { struct_version: 2, ..message(b"", 0) };
    let mut negative = MQTTClient_message { struct_version: -1, ..message(b"", 0) };
    let handle = Handle::new(5);
    for any in [ptr::null_mut(), handle.0] {
        for message in [&raw mut wrong_id, &raw mut wrong_version, &raw mut negative] {
            unsafe {
                assert_eq!(MQTTClient_publishMessage(any, c"t".as_ptr(), message, ptr::null_mut()), -8);
                let response = MQTTClient_publishMessage5(any, c"t".as_ptr(), message, ptr::null_mut());
                assert_eq!(response.reasonCode, -8);
            }
        }
        unsafe {
            assert_eq!(MQTTClient_publishMessage(any, c"t".as_ptr(), ptr::null_mut(), ptr::null_mut()), -6);
            let response = MQTTClient_publishMessage5(any, c"t".as_ptr(), ptr::null_mut(), ptr::null_mut());
            assert_eq!(response.reasonCode, -6);
        }
    }
}

#[test]
fn functions_for_other_versions_are_refused_first() {
    let list = [ptr::null_mut()];
    let mut qos = [9];
    let five = Handle::new(5);
    unsafe {
        assert_eq!(MQTTClient_connect(five.0, ptr::null_mut()), -16);
        assert_eq!(MQTTClient_publish(five.0, ptr::null(), -1, ptr::null(), 9, 0, ptr::null_mut()), -16);
        assert_eq!(
            MQTTClient_publishMessage(five.0, ptr::null(), &mut message(b"", 9), ptr::null_mut()),
            -16
        );
        assert_eq!(MQTTClient_subscribe(five.0, ptr::null(), 9), -16);
        assert_eq!(MQTTClient_subscribeMany(five.0, 0, list.as_ptr(), qos.as_mut_ptr()), -16);
        assert_eq!(MQTTClient_unsubscribeMany(five.0, 0, list.as_ptr()), -16);
        assert_eq!(MQTTClient_unsubscribe(five.0, ptr::null()), -3);
        assert_eq!(MQTTClient_disconnect(five.0, 0), 0);
        let three = Handle::new(4);
        let response = MQTTClient_connect5(three.0, ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
        assert_eq!(response.reasonCode, -16);
        assert_eq!(MQTTClient_disconnect5(three.0, -5, 4, ptr::null_mut()), 0);
        let response = MQTTClient_subscribe5(three.0, ptr::null(), 9, ptr::null_mut(), ptr::null_mut());
        assert_eq!(response.reasonCode, -3);
        let response = MQTTClient_unsubscribe5(three.0, ptr::null(), ptr::null_mut());
        assert_eq!(response.reasonCode, -3);
    }
}

#[test]
fn requests_on_clients_that_are_not_connected() {
    let handle = Handle::new(0);
    unsafe {
        assert_eq!(MQTTClient_subscribe(handle.0, ptr::null(), 9), -3);
        assert_eq!(MQTTClient_subscribeMany(handle.0, 0, ptr::null(), ptr::null_mut()), -3);
        assert_eq!(MQTTClient_unsubscribe(handle.0, ptr::null()), -3);
        assert_eq!(MQTTClient_unsubscribeMany(handle.0, -1, ptr::null()), -3);
        assert_eq!(MQTTClient_waitForCompletion(handle.0, 1, 10), -3);
        assert_eq!(MQTTClient_waitForCompletion(handle.0, 1, 0), -1);
        assert_eq!(receive(handle.0, 10), (-3, 7, 7, 7));
        let (topic, length, message) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
        assert_eq!(MQTTClient_receive(handle.0, topic, length, message, 0), -6);
        assert_eq!(MQTTClient_getPendingDeliveryTokens(handle.0, ptr::null_mut()), -6);
        let mut tokens = ptr::without_provenance_mut(8);
        assert_eq!(MQTTClient_getPendingDeliveryTokens(handle.0, &raw mut tokens), 0);
        assert!(tokens.is_null());
    }
}

#[test]
fn settings() {
    let handle = Handle::new(5);
    unsafe {
        assert_eq!(MQTTClient_setCommandTimeout(handle.0, 4999), -1);
        assert_eq!(MQTTClient_setCommandTimeout(handle.0, 5000), 0);
        assert_eq!(MQTTClient_setCommandTimeout(handle.0, c_ulong::MAX), 0);
        assert_eq!(MQTTClient_setCallbacks(handle.0, ptr::null_mut(), None, None, None), -1);
        assert_eq!(MQTTClient_setCallbacks(handle.0, ptr::null_mut(), None, Some(arrived), None), 0);
        assert_eq!(MQTTClient_setDisconnected(handle.0, ptr::null_mut(), None), 0);
        assert_eq!(MQTTClient_setPublished(handle.0, ptr::null_mut(), None), 0);
    }
}

#[test]
fn functions_without_result_take_null() {
    unsafe {
        MQTTClient_destroy(ptr::null_mut());
        MQTTClient_destroy(&mut ptr::null_mut());
        MQTTClient_free(ptr::null_mut());
        MQTTClient_freeMessage(ptr::null_mut());
        MQTTClient_freeMessage(&mut ptr::null_mut());
        MQTTClient_global_init(ptr::null_mut());
        MQTTResponse_free(MQTTResponse {
            version: 1,
            reasonCode: -1,
            reasonCodeCount: 3,
            reasonCodes: ptr::null_mut(),
            properties: ptr::null_mut(),
        });
        MQTTClient_free(MQTTClient_malloc(0));
        libc::free(MQTTClient_malloc(10));
        MQTTClient_free(libc::malloc(10));
    }
}
