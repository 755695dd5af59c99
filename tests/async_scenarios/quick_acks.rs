//! Acknowledgements that the kernel delays are asked for before the pool waits. In a process of its own, with a shim that counts.

use crate::async_support::handle::*;
use crate::async_support::witness::Witness;
use crate::support::broker::Broker;
use crate::support::mosquitto::Directory;
use crate::support::packet::Publish;
use crate::support::program::{compile, in_own_process};
use crate::support::wait::until;
use std::ffi::{CString, c_ulong};

#[test]
fn the_acknowledgement_is_asked_for_after_the_callbacks() {
    let directory = Directory::new("quick-ack");
    let shim = compile("quick_ack.c", &["-shared", "-fPIC"], &directory);
    let values = [("LD_PRELOAD", shim.to_str().unwrap())];
    in_own_process("quick_acks::the_acknowledgement_is_asked_for_after_the_callbacks_child", &values);
}

/// How often the kernel was asked so far.
fn quick_acks() -> c_ulong {
    unsafe {
        let symbol = libc::dlsym(libc::RTLD_DEFAULT, c"quick_acks".as_ptr());
        assert!(!symbol.is_null(), "the shim is not loaded");
        std::mem::transmute::<*mut libc::c_void, extern "C" fn() -> c_ulong>(symbol)()
    }
}

/// The server sends its second packet only when the acknowledgement of the first was asked for, as with Nagle's algorithm.
#[test]
#[ignore = "run by the_acknowledgement_is_asked_for_after_the_callbacks in a process of its own"]
fn the_acknowledgement_is_asked_for_after_the_callbacks_child() {
    let (witness, broker) = (Witness::new(), Broker::polite());
    let handle = Handle::to(&CString::new(broker.uri()).unwrap(), 4);
    witness.watch(&handle);
    assert_eq!(witness.connect(&handle, "connect", connect_options(4)), 0);
    witness.until("connected");
    until("asking for the acknowledgement of CONNACK", || quick_acks() == 1);
    assert_eq!(witness.send(&handle, "sent", 1, 4), 0);
    until("asking for the acknowledgement of PUBACK", || quick_acks() == 2);
    broker.send(0, &Publish::new("t", 0, 0, b"second").encode(4));
    witness.until("arrived second");
    until("asking for the acknowledgement of PUBLISH", || quick_acks() == 3);
}
