//! A hundred clients work while others are stuck: in a connect that nobody answers, in a look-up that nobody answers, in a
//! callback that does not return. In a process of its own, because of the look-up.

use crate::async_support::black_hole::black_hole;
use crate::async_support::crowd::{Connecting, Crowd, Slow, echoing_broker};
use crate::support::mosquitto::Directory;
use crate::support::program::{compile, in_own_process};
use std::ffi::CString;

fn run(lanes: &str) {
    let directory = Directory::new("resolver");
    let shim = compile("silent_resolver.c", &["-shared", "-fPIC", "-ldl"], &directory);
    let values = [("LD_PRELOAD", shim.to_str().unwrap()), ("PAHO_C_RS_CALLBACK_LANES", lanes)];
    in_own_process("independence::stuck_clients_child", &values);
}

#[test]
fn stuck_clients_leave_the_others_alone() {
    run("process");
}

#[test]
fn stuck_clients_leave_the_others_alone_with_a_lane_for_each() {
    run("client");
}

#[test]
#[ignore = "run by stuck_clients_leave_the_others_alone in a process of its own"]
fn stuck_clients_child() {
    let broker = echoing_broker();
    let uri = CString::new(broker.uri()).unwrap();
    let crowd = Crowd::connect(&uri);
    let (hole, _queue) = black_hole();
    let connecting = [Connecting::to_a_black_hole(&hole), Connecting::to(c"tcp://never.example:1883")];
    assert_eq!(crowd.round_trips(5).len(), 500);
    Connecting::to_in_vain(c"tcp://never.example:1883");
    let slow = Slow::connect(&uri, None);
    assert_eq!(crowd.round_trips(5).len(), 500);
    // New ones come and go as well; with the process's lane nobody is told before the slow one is done.
    drop(Crowd::connect(&uri));
    assert_eq!(slow.callbacks(), 1, "it is still in its callback");
    slow.end();
    connecting.into_iter().for_each(Connecting::end);
}
