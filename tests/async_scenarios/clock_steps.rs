//! Nothing depends on the wall clock: it is set ten years forward and back while clients work. In a process of its own,
//! whose wall clock a shim lets the test set.

use crate::async_support::handle::*;
use crate::async_support::witness::Witness;
use crate::support::broker::{Broker, Listener, Reaction};
use crate::support::c_interface::*;
use crate::support::mosquitto::Directory;
use crate::support::packet::*;
use crate::support::program::{compile, in_own_process};
use crate::support::wait::next;
use std::ffi::{CString, c_long};
use std::ptr;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant, SystemTime};

const TEN_YEARS: c_long = 10 * 365 * 86_400;

#[test]
fn the_wall_clock_may_be_set() {
    let directory = Directory::new("clock");
    let shim = compile("wall_clock.c", &["-shared", "-fPIC"], &directory);
    in_own_process("clock_steps::the_wall_clock_may_be_set_child", &[("LD_PRELOAD", shim.to_str().unwrap())]);
}

/// Sets the wall clock of this process forward or back by so many seconds.
fn step(seconds: c_long) {
    let before = SystemTime::now();
    unsafe {
        let symbol = libc::dlsym(libc::RTLD_DEFAULT, c"step_wall_clock".as_ptr());
        assert!(!symbol.is_null(), "the shim is not loaded");
        std::mem::transmute::<*mut libc::c_void, extern "C" fn(c_long)>(symbol)(seconds);
    }
    let least = Duration::from_secs(seconds.unsigned_abs() - 60);
    let stepped = SystemTime::now().duration_since(before).unwrap_or_else(|error| error.duration());
    assert!(stepped > least, "the clock was not set");
}

#[test]
#[ignore = "run by the_wall_clock_may_be_set in a process of its own"]
fn the_wall_clock_may_be_set_child() {
    for seconds in [TEN_YEARS, -TEN_YEARS] {
        keep_alive_goes_on(seconds);
        waits_end_in_time(seconds);
        reconnects(seconds);
    }
}

/// A step is neither silence of the server nor the end of the pings.
fn keep_alive_goes_on(seconds: c_long) {
    let (witness, broker) = (Witness::new(), Broker::polite());
    let handle = Handle::to(&CString::new(broker.uri()).unwrap(), 4);
    witness.watch(&handle);
    let options = MQTTAsync_connectOptions { keepAliveInterval: 1, ..connect_options(4) };
    assert_eq!(witness.connect(&handle, "connect", options), 0);
    witness.expect(["connect: done", "connected"]);
    broker.expect(PINGREQ);
    step(seconds);
    let started = Instant::now();
    broker.expect(PINGREQ);
    broker.expect(PINGREQ);
    assert!(started.elapsed() > Duration::from_millis(500), "no storm of pings");
    assert_eq!(witness.send(&handle, "message", 1, 4), 0);
    witness.expect(["complete 1", "message: done"]);
    assert!(witness.close(handle).is_empty());
}

/// Time-outs of connect, disconnect and waitForCompletion are neither cut short nor drawn out.
fn waits_end_in_time(seconds: c_long) {
    let (witness, listener) = (Witness::new(), Listener::new());
    let handle = Handle::to(&CString::new(listener.uri()).unwrap(), 4);
    witness.watch(&handle);
    let options = MQTTAsync_connectOptions { connectTimeout: 1, ..connect_options(4) };
    let started = Instant::now();
    assert_eq!(witness.connect(&handle, "late", options), 0);
    let mut silent = listener.accept();
    silent.expect(CONNECT);
    step(seconds);
    witness.expect(["late: failed -1"]);
    assert!(started.elapsed() >= Duration::from_millis(990));

    assert_eq!(witness.connect(&handle, "connect", connect_options(4)), 0);
    let (mut peer, _) = listener.accept_client(false);
    witness.expect(["connect: done", "connected"]);
    assert_eq!(witness.send(&handle, "message", 1, 4), 0);
    peer.expect(PUBLISH);
    let (begun, begins) = channel();
    let number = handle.0.addr();
    let waiting = std::thread::spawn(move || {
        let started = Instant::now();
        begun.send(()).unwrap();
        let code = unsafe { MQTTAsync_waitForCompletion(ptr::without_provenance_mut(number), 1, 400) };
        (code, started.elapsed())
    });
    next(&begins, "the wait");
    step(-seconds);
    let (code, took) = waiting.join().unwrap();
    assert!(code == -1 && took >= Duration::from_millis(390), "{code}, {took:?}");

    let started = Instant::now();
    assert_eq!(witness.disconnect(&handle, "bye", 300), 0);
    step(seconds);
    witness.expect(["message: failed -11", "bye: done"]);
    assert!(started.elapsed() >= Duration::from_millis(290));
    step(-seconds);
    assert!(witness.close(handle).is_empty());
}

/// Automatic reconnect keeps its pauses.
fn reconnects(seconds: c_long) {
    let (witness, mut refused) = (Witness::new(), 0);
    let broker = Broker::with(move |incoming| match incoming.packet.kind() {
        CONNECT if incoming.connection > 0 && refused < 2 => {
            refused += 1;
            Reaction::SendAndCut(connack(4, false, 3, &[]))
        }
        PUBLISH => Reaction::Cut,
        _ => Reaction::Answer,
    });
    let handle = Handle::to(&CString::new(broker.uri()).unwrap(), 4);
    witness.watch(&handle);
    let options = MQTTAsync_connectOptions {
        automaticReconnect: 1,
        minRetryInterval: 0,
        maxRetryInterval: 1,
        ..connect_options(4)
    };
    assert_eq!(witness.connect(&handle, "connect", options), 0);
    witness.expect(["connect: done", "connected"]);
    let started = Instant::now();
    assert_eq!(witness.send(&handle, "message", 1, 4), 0);
    witness.expect(["message: failed -11", "lost"]);
    step(seconds);
    witness.expect(["connected again"]);
    assert!(started.elapsed() >= Duration::from_millis(1990), "two attempts failed before it");
    assert!(witness.close(handle).is_empty());
}
