//! Measures how clients that are stuck change the round trips of a hundred others. Prints the medians.

use crate::async_support::black_hole::black_hole;
use crate::async_support::crowd::{Connecting, Crowd, Slow, echoing_broker};
use crate::support::mosquitto::Directory;
use crate::support::program::{compile, in_own_process};
use std::ffi::CString;
use std::time::Duration;

#[test]
#[ignore = "measures; run by make soak"]
fn soak_stuck_clients_cost_the_others_nothing() {
    let directory = Directory::new("resolver");
    let shim = compile("silent_resolver.c", &["-shared", "-fPIC", "-ldl"], &directory);
    for lanes in ["process", "client"] {
        let values = [("LD_PRELOAD", shim.to_str().unwrap()), ("PAHO_C_RS_CALLBACK_LANES", lanes)];
        println!("lanes: {lanes}");
        let output = in_own_process("independence::measure", &values);
        output
            .lines()
            .filter(|line| line.contains("median") || line.contains("isConnected"))
            .for_each(|line| println!("{line}"));
    }
}

#[test]
#[ignore = "run by the measurement in a process of its own"]
fn measure() {
    let broker = echoing_broker();
    let uri = CString::new(broker.uri()).unwrap();
    let crowd = Crowd::connect(&uri);
    let (hole, _queue) = black_hole();
    crowd.round_trips(20);
    let alone = median(&crowd, "alone", || false);
    let connecting = Connecting::to_a_black_hole(&hole);
    let with_hole = median(&crowd, "beside a connect to a black hole", || false);
    let resolving = Connecting::to(c"tcp://never.example:1883");
    let with_resolver = median(&crowd, "and a resolver that never answers", || false);
    let slow = Slow::connect(&uri, Some(Duration::from_millis(200)));
    let with_callback = median(&crowd, "and callbacks of 200 ms", || slow.callbacks() < 10);
    for stuck in [with_hole, with_resolver, with_callback] {
        let change = stuck.abs_diff(alone);
        assert!(change < Duration::from_millis(10), "changed by {change:?}");
    }
    println!("isConnected, isComplete, setConnected: {}", crowd.calls());
    slow.end();
    connecting.end();
    resolving.end();
}

/// Measures for as long as it is to go on, and a little at least.
fn median(crowd: &Crowd, what: &str, goes_on: impl Fn() -> bool) -> Duration {
    let mut trips = crowd.round_trips(100);
    while goes_on() {
        trips.extend(crowd.round_trips(20));
    }
    trips.sort();
    let (median, last) = (trips[trips.len() / 2], trips[trips.len() * 99 / 100]);
    println!("{what}: median {median:?}, 99 of 100 within {last:?}");
    median
}
