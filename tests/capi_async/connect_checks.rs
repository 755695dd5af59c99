//! What a connect call answers before it does anything.

use crate::async_support::handle::*;
use crate::async_support::teller::{on_failure5, on_success5};
use crate::support::c_interface::*;
use crate::support::library::has_tls;
use std::ffi::{CString, c_int};
use std::ptr;

/// A connect on a client of this version.
fn connect_as(level: c_int, change: impl FnOnce(&mut MQTTAsync_connectOptions)) -> c_int {
    let handle = Handle::new(level);
    let mut options = connect_options(if level >= 5 { 5 } else { 0 });
    change(&mut options);
    unsafe { MQTTAsync_connect(handle.0, &raw const options) }
}

fn connect(change: impl FnOnce(&mut MQTTAsync_connectOptions)) -> c_int {
    connect_as(0, change)
}

fn tls_options(id: &[u8; 4], struct_version: c_int) -> MQTTAsync_SSLOptions {
    let mut options = unsafe { std::mem::zeroed::<MQTTAsync_SSLOptions>() };
    (options.struct_id, options.struct_version) = (struct_id(id), struct_version);
    options
}

#[test]
fn checks_in_order() {
    let mut will_id =
        MQTTAsync_willOptions { struct_id: struct_id(b"MQTX"), qos: 3, ..will_options(ptr::null()) };
    let mut will_version = MQTTAsync_willOptions { struct_version: 2, qos: 3, ..will_options(ptr::null()) };
    let mut will_qos = MQTTAsync_willOptions { qos: -1, ..will_options(ptr::null()) };
    let mut will_null = will_options(ptr::null());
    let mut will_empty = will_options(c"".as_ptr());
    let mut will = will_options(c"t".as_ptr());
    let (mut tls_id, mut tls_version) = (tls_options(b"MQTX", 5), tls_options(b"MQTS", 6));
    let mut tls = tls_options(b"MQTS", 5);
    let bad = c"\xed\xa0\x80".as_ptr();
    // Each step mends the first fault of the one before; all later faults are there too.
    let mut options = MQTTAsync_connectOptions {
        struct_id: struct_id(b"MQTX"),
        struct_version: 5,
        will: &raw mut will_id,
        ssl: &raw mut tls_id,
        MQTTVersion: 5,
        username: bad,
        password: bad,
        cleansession: 1,
        ..connect_options(5)
    };
    let (four, five) = (Handle::new(4), Handle::new(5));
    let call =
        |handle: &Handle, options: &MQTTAsync_connectOptions| unsafe { MQTTAsync_connect(handle.0, options) };
    assert_eq!(unsafe { MQTTAsync_connect(ptr::null_mut(), ptr::null()) }, -6);
    assert_eq!(unsafe { MQTTAsync_connect(ptr::null_mut(), &raw const options) }, -8);
    options.struct_id = struct_id(b"MQTC");
    for struct_version in [-1, 9] {
        assert_eq!(call(&four, &MQTTAsync_connectOptions { struct_version, ..options }), -8);
    }
    assert_eq!(unsafe { MQTTAsync_connect(ptr::null_mut(), &raw const options) }, -1);
    let wills = [
        (-8, &raw mut will_id),
        (-8, &raw mut will_version),
        (-9, &raw mut will_qos),
        (-6, &raw mut will_null),
        (-17, &raw mut will_empty),
    ];
    for (code, will) in wills {
        options.will = will;
        assert_eq!(call(&four, &options), code);
    }
    options.will = &raw mut will;
    assert_eq!(call(&four, &options), -8, "TLS options");
    options.ssl = &raw mut tls_version;
    assert_eq!(call(&four, &options), -8, "TLS options");
    options.ssl = &raw mut tls;
    assert_eq!(call(&four, &options), -16);
    assert_eq!(call(&five, &MQTTAsync_connectOptions { MQTTVersion: 6, ..options }), -16);
    assert_eq!(call(&five, &options), -5);
    options.username = ptr::null();
    assert_eq!(call(&five, &options), -5);
    options.password = ptr::null();
    assert_eq!(call(&five, &options), -8, "too short for MQTT 5.0");
    options.struct_version = 6;
    assert_eq!(call(&five, &options), -15, "cleansession");
    options.cleansession = 0;
    let expected = if has_tls() { 0 } else { -13 };
    assert_eq!(call(&five, &options), expected);
    options.ssl = ptr::null_mut();
    assert_eq!(call(&five, &options), 0);
}

#[test]
fn versions_that_a_client_can_use() {
    for version in [1, 2, 6, -1, 7] {
        assert_eq!(connect_as(0, |options| options.MQTTVersion = version), -16, "{version}");
        assert_eq!(connect_as(5, |options| options.MQTTVersion = version), -16, "{version}");
    }
    for level in [0, 3, 4] {
        assert_eq!(connect_as(level, |options| *options = connect_options(5)), -16, "{level}");
    }
    for version in [0, 3, 4] {
        assert_eq!(connect_as(5, |options| *options = connect_options(version)), 0, "{version}");
    }
    assert_eq!(connect_as(5, |_| ()), 0);
    assert_eq!(connect_as(77, |_| ()), 0);
}

#[test]
fn a_client_becomes_one_for_the_version_it_was_connected_with() {
    let handle = Handle::new(5);
    let wrong = MQTTAsync_connectOptions { cleanstart: 1, ..connect_options(4) };
    unsafe {
        assert_eq!(MQTTAsync_connect(handle.0, &raw const wrong), -15);
        assert_eq!(MQTTAsync_connect(handle.0, &connect_options(4)), 0);
        assert_eq!(MQTTAsync_connect(handle.0, &connect_options(5)), -16);
    }
}

#[test]
fn options_of_another_version() {
    let mut list = NO_PROPERTIES;
    let list = &raw mut list;
    for version in [0, 3, 4] {
        let with = |change: fn(&mut MQTTAsync_connectOptions, *mut MQTTProperties)| {
            connect(|options| {
                options.MQTTVersion = version;
                change(options, list);
            })
        };
        assert_eq!(with(|options, _| options.cleanstart = 1), -15);
        assert_eq!(with(|options, _| options.onSuccess5 = Some(on_success5)), -15);
        assert_eq!(with(|options, _| options.onFailure5 = Some(on_failure5)), -15);
        assert_eq!(with(|options, list| options.connectProperties = list), -15);
        assert_eq!(with(|options, list| options.willProperties = list), -15);
        assert_eq!(with(|_, _| ()), 0);
    }
}

#[test]
fn texts_that_no_packet_can_carry() {
    let text = CString::new(vec![b'x'; 65_536]).unwrap();
    let long = text.as_ptr();
    assert_eq!(connect(|options| options.username = long), -5);
    assert_eq!(connect(|options| options.password = long), -5);
    let mut will = will_options(long);
    assert_eq!(connect(|options| options.will = &raw mut will), -5);
    let mut will = MQTTAsync_willOptions { message: long, ..will_options(c"t".as_ptr()) };
    assert_eq!(connect(|options| options.will = &raw mut will), -1);
    for length in [65_536, -1] {
        let mut will = will_options(c"t".as_ptr());
        will.payload = MQTTAsync_willOptions_payload { len: length, data: long.cast() };
        assert_eq!(connect(|options| options.will = &raw mut will), -1);
        let password = MQTTAsync_connectOptions_binarypwd { len: length, data: long.cast() };
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
    assert_eq!(connect(|options| (options.serverURIcount, options.serverURIs) = (1, list)), 0);
    assert_eq!(connect(|options| options.serverURIcount = -1), 0);
}

#[test]
fn properties_that_cannot_be_sent() {
    let mut text = MQTTProperty { identifier: 3, value: MQTTProperty_value { integer4: 0 } };
    text.value.texts.data = MQTTLenString { len: 1, data: c"\xff".as_ptr().cast_mut() };
    let mut list = NO_PROPERTIES;
    assert_eq!(unsafe { MQTTProperties_add(&raw mut list, &raw const text) }, 0);
    let properties = &raw mut list;
    assert_eq!(connect_as(5, |options| options.connectProperties = properties), -5);
    let mut will = will_options(c"t".as_ptr());
    let will = &raw mut will;
    assert_eq!(connect_as(5, |options| (options.will, options.willProperties) = (will, properties)), -5);
    unsafe { (*list.array).identifier = 4 };
    assert_eq!(connect_as(5, |options| options.connectProperties = properties), -1);
    unsafe { (*list.array).identifier = 3 };
    unsafe { MQTTProperties_free(&raw mut list) };
}
