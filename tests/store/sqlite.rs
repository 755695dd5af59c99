//! The example with a store in SQLite: what it had published when it was killed arrives when it is started again.

use crate::support::ledger::Ledger;
use crate::support::mosquitto::Directory;
use crate::support::packet::PUBREL;
use crate::support::program::{InPlaceOfOriginal, Running};
use crate::support::wait::{LIMIT, until};
use std::path::Path;
use std::process::Command;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/c_examples/sqlite_store.c");
const HEADERS: &str = concat!("-I", env!("CARGO_MANIFEST_DIR"), "/include");

#[test]
fn messages_survive_the_program() {
    if !Path::new("/usr/include/sqlite3.h").exists() {
        eprintln!("skipped: this system has no SQLite");
        return;
    }
    let (directory, libraries) = (Directory::new("sqlite"), InPlaceOfOriginal::new());
    let (program, file) = (directory.join("sqlite_store"), directory.join("messages.db"));
    let mut compiler = Command::new("cc");
    compiler.args(["-std=c99", "-O1", "-Wall", "-Wextra", "-Werror", HEADERS, EXAMPLE, "-o"]).arg(&program);
    compiler.arg(libraries.path("libpaho-mqtt3c.so.1")).arg("-lsqlite3");
    assert!(compiler.status().unwrap().success());

    let ledger = Ledger::new();
    let mut command = Command::new(&program);
    command.arg(ledger.broker.uri()).arg(&file).arg("2");
    libraries.apply(&mut command);
    ledger.ignore(&[(PUBREL, 1)]);
    let first = Running::start(&mut command);
    until("the release", || ledger.broker.log().iter().any(|incoming| incoming.packet.kind() == PUBREL));
    drop(first);

    ledger.ignore(&[]);
    let ended = Running::start(&mut command).wait(LIMIT);
    assert!(ended.status.success(), "{ended:?}");
    assert!(ended.output.contains("Message with token 1 is left from last time"), "{ended:?}");
    assert!(ended.output.contains("Message 2 was stored, sent, confirmed and removed"), "{ended:?}");
    // The first is the one of the first life, and the second life has sent one of the same text.
    assert_eq!((ledger.arrived("Message 1"), ledger.arrived("Message 2")), (2, 1));

    let again = Running::start(&mut command).wait(LIMIT);
    assert!(!again.output.contains("left from last time"), "{again:?}");
}
