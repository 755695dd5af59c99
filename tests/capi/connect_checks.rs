//! What a connect call answers before it uses the network.

use crate::handle::*;
use crate::support::c_interface::*;
use std::ffi::{CString, c_int};
use std::ptr;

fn connect(change: impl FnOnce(&mut MQTTClient_connectOptions)) -> c_int {
    let handle = Handle::new(0);
    // Should the checks let it through, it fails at once and not in half a minute.
    let mut options = MQTTClient_connectOptions { connectTimeout: 0, ..connect_options(0) };
    change(&mut options);
    unsafe { MQTTClient_connect(handle.0, &raw mut options) }
}

#[test]
fn checks_in_order() {
    let topic = c"t".as_ptr();
    let mut will_id =
        MQTTClient_willOptions { struct_id: struct_id(b"MQTX"), qos: 3, ..will_options(ptr::null()) };
    let mut will_version = MQTTClient_willOptions { struct_version: 2, qos: 3, ..will_options(ptr::null()) };
    let mut will_qos = MQTTClient_willOptions { qos: 3, ..will_options(ptr::null()) };
    let mut will_negative = MQTTClient_willOptions { qos: -1, ..will_options(ptr::null()) };
    let mut will_null = will_options(ptr::null());
    let mut will_empty = will_options(c"".as_ptr());
    let mut will = will_options(topic);
    let bad = c"\xed\xa0\x80".as_ptr();
    // Each step mends the first fault of the one before; all later faults are there too.
    let steps: [(c_int, *mut MQTTClient_willOptions, [u8; 4], c_int); 10] = [
        (-8, &raw mut will_id, *b"MQTX", 8),
        (-8, &raw mut will_id, *b"MQTC", 9),
        (-8, &raw mut will_id, *b"MQTC", -1),
        (-8, &raw mut will_id, *b"MQTC", 8),
        (-8, &raw mut will_version, *b"MQTC", 8),
        (-9, &raw mut will_qos, *b"MQTC", 8),
        (-9, &raw mut will_negative, *b"MQTC", 8),
        (-6, &raw mut will_null, *b"MQTC", 8),
        (-17, &raw mut will_empty, *b"MQTC", 8),
        (-5, &raw mut will, *b"MQTC", 8),
    ];
    for (code, will, id, version) in steps {
        let found = connect(|options| {
            options.struct_id = struct_id(&id);
            options.struct_version = version;
            options.will = will;
            (options.username, options.MQTTVersion, options.cleanstart) = (bad, 6, 1);
        });
        assert_eq!(found, code);
    }
    assert_eq!(connect(|options| (options.password, options.MQTTVersion) = (bad, 6)), -5);
    for version in [1, 2, 6, -1] {
        assert_eq!(connect(|options| (options.MQTTVersion, options.cleanstart) = (version, 1)), -11);
    }
    assert_eq!(connect(|options| options.MQTTVersion = 5), -15, "cleansession");
    for version in [0, 3, 4] {
        assert_eq!(connect(|options| (options.MQTTVersion, options.cleanstart) = (version, 1)), -15);
    }
    assert_eq!(connect(|_| ()), -1);
    let handle = Handle::new(0);
    assert_eq!(unsafe { MQTTClient_connect(handle.0, ptr::null_mut()) }, -6);
}

#[test]
fn texts_that_no_packet_can_carry() {
    let text = CString::new(vec![b'x'; 65_536]).unwrap();
    let long = text.as_ptr();
    assert_eq!(connect(|options| options.username = long), -5);
    assert_eq!(connect(|options| options.password = long), -5);
    let mut will = will_options(long);
    assert_eq!(connect(|options| options.will = &raw mut will), -5);
    let mut will = MQTTClient_willOptions { message: long, ..will_options(c"t".as_ptr()) };
    assert_eq!(connect(|options| options.will = &raw mut will), -1);
    for length in [65_536, -1] {
        let mut will = will_options(c"t".as_ptr());
        will.payload = MQTTClient_willOptions_payload { len: length, data: long.cast() };
        assert_eq!(connect(|options| options.will = &raw mut will), -1);
        let password = MQTTClient_connectOptions_binarypwd { len: length, data: long.cast() };
        assert_eq!(connect(|options| options.binarypwd = password), -1);
    }
}

#[test]
fn lists_of_servers() {
    let (null, unknown) = ([ptr::null_mut()], [c"gopher://h".as_ptr().cast_mut()]);
    assert_eq!(connect(|options| options.serverURIcount = 1), -6);
    let list = null.as_ptr();
    assert_eq!(connect(|options| (options.serverURIcount, options.serverURIs) = (1, list)), -6);
    let list = unknown.as_ptr();
    let seconds = 30;
    let code = connect(|options| {
        (options.serverURIcount, options.serverURIs, options.connectTimeout) = (1, list, seconds);
    });
    assert_eq!(code, -1);
    assert_eq!(connect(|options| options.serverURIcount = -1), -1);
}

#[test]
fn a_handle_changes_kind_with_the_version_it_is_connected_with() {
    let handle = Handle::new(0);
    let mut five = MQTTClient_connectOptions { connectTimeout: 0, ..connect_options(5) };
    let mut three = MQTTClient_connectOptions { connectTimeout: 0, ..connect_options(4) };
    let mut wrong = MQTTClient_connectOptions { connectTimeout: 0, MQTTVersion: 9, ..connect_options(4) };
    let connect5 = |options| unsafe {
        MQTTClient_connect5(handle.0, options, ptr::null_mut(), ptr::null_mut()).reasonCode
    };
    unsafe {
        assert_eq!(connect5(&raw mut five), -16);
        assert_eq!(MQTTClient_connect(handle.0, &raw mut wrong), -11, "changes nothing");
        assert_eq!(MQTTClient_connect(handle.0, &raw mut five), -1);
        assert_eq!(MQTTClient_connect(handle.0, &raw mut five), -16);
        assert_eq!(connect5(&raw mut three), -1);
        assert_eq!(connect5(&raw mut three), -16);
        assert_eq!(MQTTClient_connect(handle.0, &raw mut three), -1);
    }
}

#[test]
fn properties_that_cannot_be_sent() {
    let handle = Handle::new(5);
    let mut options = MQTTClient_connectOptions { connectTimeout: 0, ..connect_options(5) };
    let mut text = MQTTProperty { identifier: 3, value: MQTTProperty_value { integer4: 0 } };
    text.value.texts.data = MQTTLenString { len: 1, data: c"\xff".as_ptr().cast_mut() };
    let mut list = NO_PROPERTIES;
    assert_eq!(unsafe { MQTTProperties_add(&raw mut list, &raw const text) }, 0);
    let connect =
        |options, list| unsafe { MQTTClient_connect5(handle.0, options, list, ptr::null_mut()).reasonCode };
    assert_eq!(connect(&raw mut options, &raw mut list), -5);
    unsafe { (*list.array).identifier = 4 };
    assert_eq!(connect(&raw mut options, &raw mut list), -1);
    unsafe { (*list.array).identifier = 3 };
    unsafe { MQTTProperties_free(&raw mut list) };
}
