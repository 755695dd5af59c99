//! Calls in a process that has no client. Alone in its file, so that no other test makes one.

use paho_c_rs::capi::client::connect::{MQTTClient_connect, MQTTClient_connect5};
use paho_c_rs::capi::client::create::{MQTTClient_create, MQTTClient_destroy};
use paho_c_rs::capi::client::receive::MQTTClient_yield;
use std::ptr;

#[test]
fn connect_needs_a_client_in_the_process() {
    let null = ptr::null_mut();
    // SAFETY: NULL is allowed everywhere here.
    let connect = || unsafe { MQTTClient_connect(null, ptr::null_mut()) };
    assert_eq!(connect(), -1);
    MQTTClient_yield();
    let mut handle = ptr::null_mut();
    let (uri, id) = (c"tcp://h".as_ptr(), c"id".as_ptr());
    // SAFETY: a variable and strings of this function.
    assert_eq!(unsafe { MQTTClient_create(&raw mut handle, uri, id, 1, null) }, 0);
    assert_eq!(connect(), -6);
    // SAFETY: NULL is allowed everywhere here.
    let response = unsafe { MQTTClient_connect5(null, ptr::null_mut(), ptr::null_mut(), ptr::null_mut()) };
    assert_eq!(response.reasonCode, -6);
    // SAFETY: the variable of this function.
    unsafe { MQTTClient_destroy(&raw mut handle) };
    assert_eq!(connect(), -1);
}
