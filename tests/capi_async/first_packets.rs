//! What the application is told of a server's first packets, and in which order.

use crate::async_support::handle::*;
use crate::async_support::teller::text;
use crate::support::c_interface::*;
use paho_c_rs::protocol::{Properties, Property, PropertyId, PropertyValue};
use std::ffi::{c_char, c_int, c_void};
use std::sync::mpsc::{Sender, channel};

/// Tells the same listener as the results.
unsafe extern "C" fn disconnected(context: *mut c_void, _: *mut MQTTProperties, reason: MQTTReasonCodes) {
    let lines = unsafe { &*context.cast::<Sender<String>>() };
    lines.send(format!("disconnected {reason}")).unwrap();
}

unsafe extern "C" fn failed(context: *mut c_void, data: *mut MQTTAsync_failureData5) {
    let (lines, data) = unsafe { (&*context.cast::<Sender<String>>(), &*data) };
    let message = text(data.message);
    lines.send(format!("failed {} reason {} {message}", data.code, data.reasonCode)).unwrap();
}

unsafe extern "C" fn connected(context: *mut c_void, _: *mut MQTTAsync_successData5) {
    unsafe { &*context.cast::<Sender<String>>() }.send("connected".into()).unwrap();
}

unsafe extern "C" fn arrived(
    context: *mut c_void,
    topic: *mut c_char,
    _: c_int,
    mut message: *mut MQTTAsync_message,
) -> c_int {
    unsafe { &*context.cast::<Sender<String>>() }.send(format!("message {}", text(topic))).unwrap();
    unsafe {
        MQTTAsync_freeMessage(&raw mut message);
        MQTTAsync_free(topic.cast());
    }
    1
}

/// What a client of MQTT 5 is told, in this order, when it connects to such a server.
fn told_of(script: Script, expected: &[&str]) {
    let server = Server::start(script);
    let handle = Handle::to(&server.uri, 5);
    let (lines, told) = channel::<String>();
    let context = Box::into_raw(Box::new(lines)).cast();
    let mut options = MQTTAsync_connectOptions {
        onSuccess5: Some(connected),
        onFailure5: Some(failed),
        context,
        ..connect_options(5)
    };
    unsafe {
        assert_eq!(MQTTAsync_setCallbacks(handle.0, context, None, Some(arrived), None), 0);
        assert_eq!(MQTTAsync_setDisconnected(handle.0, context, Some(disconnected)), 0);
        assert_eq!(MQTTAsync_connect(handle.0, &raw mut options), 0);
    }
    for line in expected {
        assert_eq!(told.recv().unwrap(), *line);
    }
}

#[test]
fn disconnect_in_place_of_connack_is_the_reason_of_the_failure() {
    let script = Script { early: vec![0xE0, 1, 0x97], no_connack: true, ..Script::default() };
    told_of(script, &["disconnected 151", "failed -1 reason 151 Received disconnect"]);
}

#[test]
fn receive_maximum_0_is_named_in_the_failure() {
    let mut properties = Properties::new();
    let value = PropertyValue::TwoByteInteger(0);
    properties.push(&Property { id: PropertyId::ReceiveMaximum, value }).unwrap();
    let script = Script { properties, ..Script::default() };
    told_of(script, &["failed -1 reason 130 CONNACK with Receive Maximum 0"]);
}

#[test]
fn a_message_before_connack_comes_after_the_success() {
    let early = b"\x32\x09\0\x03a/+\0\x07\0x".to_vec();
    told_of(Script { early, ..Script::default() }, &["connected", "message a/+"]);
}

#[test]
fn announcements_that_make_no_sense_count_as_absent() {
    // Maximum QoS 2, Retain and Wildcard Available 2, Maximum Packet Size 0; Maximum QoS again.
    let early = b"\x20\x10\0\0\x0D\x24\x02\x25\x02\x28\x02\x27\0\0\0\0\x24\x01".to_vec();
    told_of(Script { early, no_connack: true, ..Script::default() }, &["connected"]);
}

#[test]
fn a_longer_connack_of_version_3_is_taken() {
    for version in [3, 4] {
        let early = vec![0x20, 4, 0, 0, 0, 0];
        let server = Server::start(Script { early, no_connack: true, ..Script::default() });
        Handle::to(&server.uri, version).connect(version);
    }
}
