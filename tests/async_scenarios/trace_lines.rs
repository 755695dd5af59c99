//! Lines in the log that programs look for. In a process of its own, because the log is the process's.

use crate::support::*;
use crate::witness::Witness;
use crate::world::broker::Listener;
use crate::world::packet::*;
use crate::world::program::in_own_process;
use crate::world::wait::next;
use paho_c_rs::capi::async_client::abi::*;
use paho_c_rs::capi::async_client::options_abi::*;
use paho_c_rs::capi::async_client::trace::*;
use std::ffi::{CStr, CString, c_char};
use std::sync::OnceLock;
use std::sync::mpsc::{Sender, channel};

static LINES: OnceLock<Sender<String>> = OnceLock::new();

unsafe extern "C" fn traced(_: MQTTASYNC_TRACE_LEVELS, line: *mut c_char) {
    let line = unsafe { CStr::from_ptr(line) }.to_str().unwrap().to_owned();
    let _ = LINES.get().unwrap().send(line);
}

#[test]
fn messages_that_wait_for_the_window_are_in_the_log() {
    in_own_process("trace_lines::messages_that_wait_child", &[]);
}

#[test]
#[ignore = "run by messages_that_wait_for_the_window_are_in_the_log in a process of its own"]
fn messages_that_wait_child() {
    let (sender, lines) = channel();
    LINES.set(sender).unwrap();
    unsafe { MQTTAsync_setTraceCallback(Some(traced)) };
    MQTTAsync_setTraceLevel(MQTTASYNC_TRACE_MINIMUM);
    let (listener, witness) = (Listener::new(), Witness::new());
    let handle = Handle::to(&CString::new(listener.uri()).unwrap(), 4);
    let options = MQTTAsync_connectOptions { maxInflight: 1, ..connect_options(4) };
    assert_eq!(witness.connect(&handle, "connect", options), 0);
    let (mut peer, _) = listener.accept_client(false);
    witness.expect(["connect: done"]);
    for _ in 0..2 {
        for name in ["goes", "waits", "waits too"] {
            assert_eq!(witness.send(&handle, name, 1, 4), 0);
        }
        while !next(&lines, "the line").contains("Blocking on server receive maximum for client capi-async") {
        }
        for name in ["goes: done", "waits: done", "waits too: done"] {
            let id = peer.expect(PUBLISH).id();
            peer.send(&acknowledgement(PUBACK, id));
            witness.expect([name]);
        }
        let again = lines.try_iter().filter(|line| line.contains("Blocking")).count();
        assert_eq!(again, 0, "once for each time");
    }
    assert!(witness.close(handle).is_empty());
    unsafe { MQTTAsync_setTraceCallback(None) };
}
