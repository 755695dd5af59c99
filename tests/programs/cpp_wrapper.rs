//! A program of the C++ wrapper (Debian's libpaho-mqttpp-dev), whose library runs on the one under test: publish,
//! subscribe, consume, reconnect and MQTT 5 properties.

use crate::support::mosquitto::{Directory, Mosquitto};
use crate::support::program::{InPlaceOfOriginal, Running};
use crate::support::proxy::Proxy;
use crate::support::wait::LIMIT;
use std::env;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Compiles the program; None where the wrapper cannot be had.
fn program(directory: &Directory) -> Option<PathBuf> {
    if !Path::new("/usr/include/mqtt/async_client.h").exists() {
        assert!(!Path::new("/usr/bin/apt-get").exists(), "install the package libpaho-mqttpp-dev");
        eprintln!("skipped: this system has no libpaho-mqttpp-dev");
        return None;
    }
    let target = directory.join("cpp_wrapper");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c/cpp_wrapper.cpp");
    let mut command = Command::new(env::var_os("CXX").unwrap_or_else(|| "c++".into()));
    command.args(["-std=c++17", "-O1", "-Wall", "-Wextra", "-Werror", "-o"]).arg(&target).arg(source);
    let output = command.args(["-lpaho-mqttpp3", "-lpaho-mqtt3as"]).output().expect("a C++ compiler");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(target)
}

/// What the program says; its connection is cut in between.
fn run(version: &str) -> Option<String> {
    let directory = Directory::new("cpp-wrapper");
    let program = program(&directory)?;
    let (broker, libraries) = (Mosquitto::start(), InPlaceOfOriginal::new());
    let proxy = Proxy::to(broker.port());
    let mut command = Command::new(program);
    command.args([&proxy.uri(), version]);
    libraries.apply(&mut command);
    let mut running = Running::start(&mut command);
    running.wait_for_output("cut me\n");
    proxy.cut();
    running.input().write_all(b"\n").unwrap();
    let ended = running.wait(LIMIT);
    assert!(ended.status.success(), "{ended:?}");
    assert_eq!(ended.errors, "");
    Some(ended.output)
}

#[test]
fn a_wrapped_client_of_3_1_1() {
    let Some(said) = run("4") else { return };
    let expected = [
        "connected 4",
        "published to nobody",
        "subscribed 2",
        "wrapper/topic first0 0",
        "wrapper/topic first1 1",
        "wrapper/topic first2 2",
        "cut me",
        "connected again",
        "subscribed 2",
        "wrapper/topic second0 0",
        "wrapper/topic second1 1",
        "wrapper/topic second2 2",
        "disconnected",
    ];
    assert_eq!(said.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn a_wrapped_client_of_5() {
    let Some(said) = run("5") else { return };
    let expected = [
        "connected 5",
        "published to nobody",
        "subscribed 2",
        "wrapper/topic first0 0 name=of first0 text",
        "wrapper/topic first1 1 name=of first1 text",
        "wrapper/topic first2 2 name=of first2 text",
        "cut me",
        "connected again",
        "subscribed 2",
        "wrapper/topic second0 0 name=of second0 text",
        "wrapper/topic second1 1 name=of second1 text",
        "wrapper/topic second2 2 name=of second2 text",
        "disconnected",
    ];
    assert_eq!(said.lines().collect::<Vec<_>>(), expected);
}
