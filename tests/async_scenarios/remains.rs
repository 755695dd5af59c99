//! Nothing of a client stays behind, in whatever it was interrupted: no thread, no descriptor.

use crate::async_support::black_hole::black_hole;
use crate::async_support::handle::*;
use crate::async_support::witness::Witness;
use crate::support::broker::Listener;
use crate::support::c_interface::*;
use crate::support::packet::*;
use crate::support::program::in_own_process;
use crate::support::wait::until;
use std::ffi::CString;
use std::fs::read_dir;

#[test]
fn nothing_stays_of_clients_that_are_destroyed() {
    in_own_process("remains::nothing_stays_child", &[]);
}

fn threads() -> usize {
    let is_ours = |entry: std::io::Result<std::fs::DirEntry>| {
        let name = std::fs::read_to_string(entry.unwrap().path().join("comm")).unwrap_or_default();
        name.starts_with("MQTTClient")
    };
    read_dir("/proc/self/task").unwrap().map(is_ours).filter(|ours| *ours).count()
}

fn descriptors() -> usize {
    read_dir("/proc/self/fd").unwrap().count()
}

/// A client that is destroyed in one of its states.
fn live(state: usize) {
    let (listener, witness, (hole, _queue)) = (Listener::new(), Witness::new(), black_hole());
    let hole = format!("tcp://{}", hole.local_addr().unwrap());
    let uri = CString::new(if state == 1 { hole } else { listener.uri() }).unwrap();
    let handle = Handle::with(&uri, &buffer_options(4, 100));
    witness.watch(&handle);
    let options =
        MQTTAsync_connectOptions { automaticReconnect: 1, minRetryInterval: 100, ..connect_options(4) };
    assert_eq!(witness.send(&handle, "waits", 1, 4), 0);
    if state == 0 {
        return drop(witness.close(handle));
    }
    assert_eq!(witness.connect(&handle, "connect", options), 0);
    if state == 1 {
        return drop(witness.close(handle));
    }
    let mut peer = listener.accept();
    peer.expect(CONNECT);
    if state == 2 {
        return drop(witness.close(handle));
    }
    peer.send(&connack(4, false, 0, &[]));
    witness.until("connected");
    match state {
        3 => {}
        4 => {
            peer.close();
            witness.until("lost");
        }
        5 => assert_eq!(witness.send_large(&handle, "large", 0, 4, 20_000_000), 0),
        _ => {
            assert_eq!(witness.send_large(&handle, "large", 0, 4, 20_000_000), 0);
            assert_eq!(witness.disconnect(&handle, "bye", 0), 0);
        }
    }
    drop(witness.close(handle));
}

#[test]
#[ignore = "run by nothing_stays_of_clients_that_are_destroyed in a process of its own"]
fn nothing_stays_child() {
    live(3);
    until("the end of the first threads", || threads() == 0);
    let before = descriptors();
    for state in (0..7).chain(0..7) {
        live(state);
        // A thread that has ended is listed for a moment after whoever waited for it goes on.
        until("the end of the threads", || threads() == 0);
        assert_eq!(descriptors(), before, "state {state}");
    }
}
