//! Calls in a process that has no client. In a process of its own, so that no other test makes one.

use crate::support::c_interface::*;
use crate::support::program::in_own_process;
use std::ptr;

#[test]
fn connect_needs_a_client_in_the_process() {
    in_own_process("first_call::connect_needs_a_client_in_the_process_child", &[]);
}

#[test]
#[ignore = "run by the test in a process of its own"]
fn connect_needs_a_client_in_the_process_child() {
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
