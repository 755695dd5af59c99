//! `pthread_cancel` of threads that are inside the API.

#![cfg(all(feature = "sync-api", feature = "async-api"))]

use crate::support::broker::{Broker, Reaction};
use crate::support::library::library_path;
use crate::support::mosquitto::{Directory, Mosquitto};
use crate::support::packet::PUBLISH;
use crate::support::program::{Running, compile};
use crate::support::wait::LIMIT;
use std::env;
use std::process::Command;

#[test]
fn a_cancelled_thread_ends_when_its_call_returns() {
    let broker = Broker::with(|incoming| match incoming.packet.kind() {
        PUBLISH if incoming.packet.publish().topic == b"silent" => Reaction::Silence,
        _ => Reaction::Answer,
    });
    let directory = Directory::new("cancel");
    let headers = concat!("-I", env!("CARGO_MANIFEST_DIR"), "/include");
    let program = compile("cancel.c", &[headers, "-ldl", "-lpthread"], &directory);
    let mut command = Command::new(program);
    command.arg(library_path()).arg(broker.uri());
    let ended = Running::start(&mut command).wait(LIMIT);
    assert!(ended.status.success(), "{ended:?}");
    let each = "receive\nwaitForCompletion\npublish\nconnect\n";
    assert_eq!(ended.output, [each, each, "send\n"].concat());
}

#[test]
fn a_callback_that_does_not_return_ends_the_program_with_a_line() {
    let (broker, directory) = (Mosquitto::start(), Directory::new("leaving"));
    let target = directory.join("leaving");
    let root = env!("CARGO_MANIFEST_DIR");
    let mut compiler = Command::new(env::var_os("CXX").unwrap_or_else(|| "c++".into()));
    compiler.args(["-O1", "-Wall", "-Wextra", "-Werror", &format!("-I{root}/include"), "-o"]).arg(&target);
    compiler.arg(format!("{root}/tests/c/leaving.cpp")).args(["-ldl", "-lpthread"]);
    let output = compiler.output().expect("a C++ compiler");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for (api, place, function) in [
        ("client", "arrived", "messageArrived"),
        ("client", "delivered", "deliveryComplete"),
        ("client", "trace", "trace"),
        ("async", "arrived", "messageArrived"),
        ("async", "delivered", "deliveryComplete"),
        ("async", "success", "onSuccess"),
        ("async", "trace", "trace"),
    ] {
        for how in ["exit", "cancel", "throw"] {
            let mut command = Command::new(&target);
            command.arg(library_path()).args([&broker.uri(), api, how, place]);
            let ended = Running::start(&mut command).wait(LIMIT);
            let line = format!("MQTT: the program's {function} function was left by pthread_exit");
            assert!(
                !ended.status.success() && ended.errors.contains(&line),
                "{api} {how} {place}: {ended:?}"
            );
        }
    }
}
