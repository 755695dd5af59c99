//! `pthread_cancel` of threads that are inside the API.

#![cfg(all(feature = "sync-api", feature = "async-api"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends by failing")]

mod support;

use std::process::Command;
use support::broker::{Broker, Reaction};
use support::library::library_path;
use support::mosquitto::Directory;
use support::packet::PUBLISH;
use support::program::{Running, compile};
use support::wait::LIMIT;

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
