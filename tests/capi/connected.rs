//! Checks that need a connection, and results of requests.

use crate::handle::*;
use crate::support::c_interface::*;
use paho_c_rs::protocol::{Properties, Property, PropertyId, PropertyValue};
use std::ffi::{CStr, CString, c_char, c_int};
use std::ptr;

/// A server that answers with these codes, and a connected client.
fn connected(version: c_int, codes: &[u8], properties: Properties) -> (Server, Handle) {
    let server = Server::start(Script { codes: codes.to_vec(), properties, ..Script::default() });
    let handle = Handle::to(&server.uri, version);
    handle.connect(version);
    (server, handle)
}

fn reason_string() -> Properties {
    let mut properties = Properties::new();
    properties
        .push(&Property { id: PropertyId::ReasonString, value: PropertyValue::Utf8String(b"why") })
        .unwrap();
    properties
}

#[test]
fn publish_checks_in_order() {
    let (_server, handle) = connected(4, &[], Properties::new());
    let publish = |topic: *const c_char, length, payload: *const u8, qos| {
        let mut token = 99;
        let code =
            unsafe { MQTTClient_publish(handle.0, topic, length, payload.cast(), qos, 0, &raw mut token) };
        assert_eq!(token, if code == 0 && qos > 0 { 1 } else { 99 });
        code
    };
    let too_long = CString::new(vec![b'x'; 65_536]).unwrap();
    let topic = c"t".as_ptr();
    assert_eq!(publish(ptr::null(), -1, ptr::null(), 3), -5);
    assert_eq!(publish(c"\xff".as_ptr(), -1, ptr::null(), 3), -5);
    assert_eq!(publish(too_long.as_ptr(), -1, ptr::null(), 3), -5);
    for qos in [3, -1, 128, 256] {
        assert_eq!(publish(topic, -1, ptr::null(), qos), -9);
    }
    assert_eq!(publish(topic, -1, b"x".as_ptr(), 0), -6);
    assert_eq!(publish(topic, 1, ptr::null(), 0), -6);
    assert_eq!(publish(topic, 0, ptr::null(), 0), 0);
    assert_eq!(publish(c"".as_ptr(), 1, b"x".as_ptr(), 0), 0, "an empty topic is let through");
    assert_eq!(publish(topic, 1, b"x".as_ptr(), 1), 0);
    assert_eq!(unsafe { MQTTClient_waitForCompletion(handle.0, 1, 10_000) }, 0);
    assert_eq!(unsafe { MQTTClient_publish(handle.0, topic, 0, ptr::null(), 0, 0, ptr::null_mut()) }, 0);
}

#[test]
fn any_value_but_zero_means_retained() {
    let (server, handle) = connected(4, &[], Properties::new());
    for (retained, first_byte) in [(0, 0x30), (2, 0x31), (-1, 0x31)] {
        let code = unsafe {
            MQTTClient_publish(handle.0, c"t".as_ptr(), 0, ptr::null(), 0, retained, ptr::null_mut())
        };
        assert_eq!(code, 0);
        assert_eq!(server.wait_for(3).0, first_byte);
    }
}

#[test]
fn subscribe_checks_filter_by_filter() {
    let (_server, handle) = connected(4, &[0], Properties::new());
    let (good, bad) = (c"t".as_ptr().cast_mut(), c"\xff".as_ptr().cast_mut());
    let many = |topics: &[*mut c_char], qos: &mut [c_int]| unsafe {
        MQTTClient_subscribeMany(handle.0, topics.len() as c_int, topics.as_ptr(), qos.as_mut_ptr())
    };
    assert_eq!(many(&[good, bad], &mut [3, 0]), -9);
    assert_eq!(many(&[good, bad], &mut [2, 3]), -5);
    assert_eq!(many(&[bad, good], &mut [3, 3]), -5);
    assert_eq!(many(&[good, ptr::null_mut()], &mut [0, 0]), -5);
    assert_eq!(many(&[], &mut []), -1);
    unsafe {
        let (topics, mut qos) = ([good], [0]);
        assert_eq!(MQTTClient_subscribeMany(handle.0, -1, topics.as_ptr(), qos.as_mut_ptr()), -1);
        assert_eq!(MQTTClient_subscribeMany(handle.0, 1, ptr::null(), qos.as_mut_ptr()), -6);
        assert_eq!(MQTTClient_subscribeMany(handle.0, 1, topics.as_ptr(), ptr::null_mut()), -6);
        assert_eq!(MQTTClient_subscribe(handle.0, good, 128), -9);
        assert_eq!(MQTTClient_unsubscribeMany(handle.0, 0, topics.as_ptr()), -1);
        assert_eq!(MQTTClient_unsubscribeMany(handle.0, 1, ptr::null()), -6);
        assert_eq!(MQTTClient_unsubscribeMany(handle.0, 2, [good, bad].as_ptr()), -5);
        assert_eq!(MQTTClient_unsubscribe(handle.0, ptr::null()), -5);
        assert_eq!(MQTTClient_isConnected(handle.0), 1);
    }
}

#[test]
fn one_subscription_before_version_5() {
    for (granted, code) in [(0, 0), (1, 0), (2, 0), (128, 128)] {
        let (_server, handle) = connected(4, &[granted], Properties::new());
        assert_eq!(unsafe { MQTTClient_subscribe(handle.0, c"t".as_ptr(), 2) }, code);
        let response =
            unsafe { MQTTClient_subscribe5(handle.0, c"t".as_ptr(), 2, ptr::null_mut(), ptr::null_mut()) };
        let shown = (response.version, response.reasonCode, response.reasonCodeCount);
        assert_eq!(shown, (1, code, 0));
        assert!(response.reasonCodes.is_null() && response.properties.is_null());
        assert_eq!(unsafe { MQTTClient_unsubscribe(handle.0, c"t".as_ptr()) }, 0);
    }
}

#[test]
fn several_subscriptions_before_version_5() {
    for (codes, code, written) in [
        (&[1, 128][..], 0, [1, 128]),
        (&[128, 128], 0, [128, 128]),
        (&[0], 0, [0, 128]),
        (&[0, 1, 2], 0, [0, 1]),
    ] {
        let (_server, handle) = connected(4, codes, Properties::new());
        let topics = [c"a".as_ptr().cast_mut(), c"b".as_ptr().cast_mut()];
        let mut qos = [2, 2];
        let found = unsafe { MQTTClient_subscribeMany(handle.0, 2, topics.as_ptr(), qos.as_mut_ptr()) };
        assert_eq!((found, qos), (code, written), "{codes:?}");
        assert_eq!(unsafe { MQTTClient_isConnected(handle.0) }, 1);
    }
}

#[test]
fn one_subscription_with_version_5() {
    for granted in [0, 1, 2, 135] {
        let (_server, handle) = connected(5, &[granted], Properties::new());
        let response =
            unsafe { MQTTClient_subscribe5(handle.0, c"t".as_ptr(), 2, ptr::null_mut(), ptr::null_mut()) };
        assert_eq!((response.reasonCode, response.reasonCodeCount), (granted.into(), 1));
        assert!(response.reasonCodes.is_null() && response.properties.is_null());
    }
}

#[test]
fn several_subscriptions_with_version_5() {
    let (_server, handle) = connected(5, &[1, 128], reason_string());
    let topics = [c"a".as_ptr().cast_mut(), c"b".as_ptr().cast_mut()];
    let mut qos = [2, 2];
    unsafe {
        let (list, none) = (topics.as_ptr(), ptr::null_mut());
        let mut response =
            MQTTClient_subscribeMany5(handle.0, 2, list, qos.as_mut_ptr(), none, ptr::null_mut());
        assert_eq!((response.reasonCode, response.reasonCodeCount, qos), (1, 2, [2, 2]));
        assert_eq!(std::slice::from_raw_parts(response.reasonCodes, 2), [1, 128]);
        assert_eq!(MQTTProperties_hasProperty(response.properties, 31), 1);
        free(&mut response);
        let mut response = MQTTClient_unsubscribeMany5(handle.0, 2, list, ptr::null_mut());
        assert_eq!((response.reasonCode, response.reasonCodeCount), (1, 2));
        free(&mut response);
    }
}

#[test]
fn unsubscribe_tells_the_reason_of_version_5() {
    let (_server, handle) = connected(5, &[17], Properties::new());
    assert_eq!(unsafe { MQTTClient_unsubscribe(handle.0, c"t".as_ptr()) }, 17);
}

#[test]
fn options_and_properties_reach_the_wire() {
    let (server, handle) = connected(5, &[0], Properties::new());
    let mut options = MQTTSubscribe_options {
        struct_id: struct_id(b"MQSO"),
        struct_version: 0,
        noLocal: 0xff,
        retainAsPublished: 1,
        retainHandling: 0xfe,
    };
    let identifier = MQTTProperty { identifier: 11, value: MQTTProperty_value { integer4: 5 } };
    let mut list = NO_PROPERTIES;
    unsafe {
        assert_eq!(MQTTProperties_add(&raw mut list, &raw const identifier), 0);
        let response = MQTTClient_subscribe5(handle.0, c"t".as_ptr(), 1, &raw mut options, &raw mut list);
        assert_eq!(response.reasonCode, 0);
        MQTTProperties_free(&raw mut list);
    }
    assert_eq!(server.wait_for(8).1, b"\0\x01\x02\x0b\x05\0\x01t\x2d");
}

#[test]
fn connect_tells_where_and_how() {
    let server = Server::start(Script { properties: reason_string(), ..Script::default() });
    let handle = Handle::new(5);
    let list = [c"gopher://h".as_ptr().cast_mut(), server.uri.as_ptr().cast_mut()];
    let mut options =
        MQTTClient_connectOptions { serverURIcount: 2, serverURIs: list.as_ptr(), ..connect_options(5) };
    unsafe {
        let null = ptr::null_mut();
        let mut response = MQTTClient_connect5(handle.0, &raw mut options, null, ptr::null_mut());
        assert_eq!((response.version, response.reasonCode, response.reasonCodeCount), (1, 0, 0));
        assert_eq!(MQTTProperties_propertyCount(response.properties, 31), 1);
        free(&mut response);
        let expected = server.uri.to_bytes().strip_prefix(b"tcp://").unwrap();
        assert_eq!(CStr::from_ptr(options.returned.serverURI).to_bytes(), expected);
        assert_eq!((options.returned.MQTTVersion, options.returned.sessionPresent), (5, 0));
    }
}

#[test]
fn connect5_lists_properties_even_if_there_are_none() {
    for version in [5, 4] {
        let server = Server::start(Script::default());
        let handle = Handle::to(&server.uri, 5);
        let mut options = connect_options(version);
        unsafe {
            let null = ptr::null_mut();
            let mut response = MQTTClient_connect5(handle.0, &raw mut options, null, ptr::null_mut());
            assert_eq!((response.reasonCode, response.properties.is_null()), (0, version != 5));
            free(&mut response);
        }
    }
}

#[test]
fn pending_tokens_end_with_minus_one() {
    let server = Server::start(Script { silent: true, ..Script::default() });
    let handle = Handle::to(&server.uri, 4);
    let mut options = MQTTClient_connectOptions { reliable: 0, cleansession: 0, ..connect_options(4) };
    let mut tokens: *mut c_int = ptr::null_mut();
    unsafe {
        assert_eq!(MQTTClient_connect(handle.0, &raw mut options), 0);
        for expected in 1..=3 {
            let mut token = 0;
            let (topic, payload) = (c"t".as_ptr(), ptr::null());
            assert_eq!(MQTTClient_publish(handle.0, topic, 0, payload, 1, 0, &raw mut token), 0);
            assert_eq!(token, expected);
        }
        assert_eq!(MQTTClient_getPendingDeliveryTokens(handle.0, &raw mut tokens), 0);
        assert_eq!(std::slice::from_raw_parts(tokens, 4), [1, 2, 3, -1]);
        MQTTClient_free(tokens.cast());
        assert_eq!(MQTTClient_waitForCompletion(handle.0, 1, 1), -1);
        assert_eq!(MQTTClient_waitForCompletion(handle.0, 9, 1), 0);
        assert_eq!(MQTTClient_disconnect(handle.0, 0), 0);
        assert_eq!(MQTTClient_getPendingDeliveryTokens(handle.0, &raw mut tokens), 0);
        assert_eq!(*tokens, 1);
        libc::free(tokens.cast());
    }
}

#[test]
fn receive_hands_over_messages() {
    let messages = vec![(b"a".to_vec(), b"one".to_vec()), (b"b\0c".to_vec(), Vec::new())];
    let server = Server::start(Script { messages, ..Script::default() });
    let handle = Handle::to(&server.uri, 4);
    handle.connect(4);
    let (mut topic, mut length, mut message) = (ptr::null_mut(), 7, ptr::null_mut());
    let mut receive = |timeout| unsafe {
        let code = MQTTClient_receive(handle.0, &raw mut topic, &raw mut length, &raw mut message, timeout);
        (code, topic, length, message)
    };
    unsafe {
        let (code, topic, length, mut message) = receive(10_000);
        assert_eq!((code, CStr::from_ptr(topic), length), (0, c"a", 1));
        assert_eq!(((*message).struct_version, (*message).payloadlen), (1, 3));
        assert_eq!(CStr::from_ptr((*message).payload.cast()), c"one", "there is a zero behind the payload");
        MQTTClient_freeMessage(&raw mut message);
        assert!(message.is_null());
        MQTTClient_free(topic.cast());
        let (code, topic, length, mut message) = receive(10_000);
        // A topic with a zero byte is not allowed by the protocol: whichever way it is taken, nothing is left over.
        match code {
            -7 => {
                assert_eq!((length, (*message).payload.is_null()), (3, false));
                MQTTClient_freeMessage(&raw mut message);
                libc::free(topic.cast());
                let (code, topic, _, message) = receive(1);
                assert_eq!((code, topic.is_null(), message.is_null()), (0, true, true));
            }
            _ => {
                assert_eq!((code, topic.is_null(), message.is_null()), (-1, true, true));
                assert_eq!(receive(1).0, -3);
            }
        }
    }
}
