//! The examples in the introductions of the headers: they compile without a warning, and do what they say.

use crate::support::library::library_path;
use crate::support::mosquitto::{Directory, Mosquitto};
use crate::support::program::{Ended, Running};
use crate::support::wait::LIMIT;
use crate::toolchain::{Language, compiler, headers, output};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

const SERVER: &str = "tcp://localhost:1883";

/// The example of a header, as an application's author would copy it, for this server.
fn example(header: &str, server: &str) -> String {
    let text = fs::read_to_string(headers().join(header)).unwrap();
    let (_, rest) = text.split_once("@code{.c}\n").expect("an example in the introduction");
    let (code, _) = rest.split_once(" * @endcode").expect("its end");
    let lines = code.lines().map(|line| line.strip_prefix(" *").unwrap());
    let lines: Vec<&str> = lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    lines.join("\n").replace(SERVER, server)
}

struct Example {
    directory: Directory,
    program: PathBuf,
}

impl Example {
    fn compile(header: &str, server: &str) -> Example {
        let directory = Directory::new("header-example");
        let (source, program) = (directory.join("example.c"), directory.join("example"));
        fs::write(&source, format!("{}\n", example(header, server))).unwrap();
        for language in [Language::C("-std=c99"), Language::C("-std=gnu17")] {
            let mut command = compiler(language, &headers());
            command.arg(&source).args(["-x", "none"]).arg(library_path()).arg("-o").arg(&program);
            output(&mut command);
        }
        Example { directory, program }
    }

    fn start(&self) -> Running {
        let mut command = Command::new(&self.program);
        command.env("LD_LIBRARY_PATH", library_path().parent().unwrap());
        Running::start(command.current_dir(self.directory.path()))
    }
}

#[track_caller]
fn assert_said(ended: &Ended, output: &str) {
    assert!(ended.status.success() && ended.errors.is_empty(), "{ended:?}");
    assert_eq!(ended.output, output);
}

#[test]
fn the_synchronous_example_receives_what_it_publishes() {
    let broker = Mosquitto::start();
    let ended = Example::compile("MQTTClient.h", &broker.uri()).start().wait(LIMIT);
    assert_said(&ended, "example/greeting: Hello\n");
}

#[test]
fn the_asynchronous_example_receives_what_it_sends_until_enter_is_pressed() {
    let broker = Mosquitto::start();
    let example = Example::compile("MQTTAsync.h", &broker.uri());
    let mut running = example.start();
    running.wait_for_output("example/greeting: Hello\n");
    drop(running.input());
    assert_said(&running.wait(LIMIT), "example/greeting: Hello\n");
}

#[test]
fn the_example_of_a_store_says_whether_its_message_was_delivered() {
    let broker = Mosquitto::start();
    let example = Example::compile("MQTTClientPersistence.h", &broker.uri());
    assert_said(&example.start().wait(LIMIT), "Delivered\n");
    drop(broker);
    assert_eq!(example.start().wait(LIMIT).output, "Still stored\n");
}

#[test]
fn the_example_of_subscribe_options_is_granted_its_subscription() {
    let broker = Mosquitto::start();
    let ended = Example::compile("MQTTSubscribeOpts.h", &broker.uri()).start().wait(LIMIT);
    assert_said(&ended, "Granted QoS or error: 1\n");
}

#[test]
fn the_examples_of_our_own_headers_say_what_they_do() {
    let broker = Mosquitto::start();
    let synchronous = Example::compile("MQTTClientExt.h", &broker.uri()).start().wait(LIMIT);
    assert_said(
        &synchronous,
        "tcp.keepalife: there is no option tcp.keepalife\nconnected, TCP keep-alive after 30 s\n",
    );
    let asynchronous = Example::compile("MQTTAsyncExt.h", &broker.uri()).start().wait(LIMIT);
    assert_said(
        &asynchronous,
        "callback.lane does not take the value mine, but process or client\n\
         its callbacks run in the lane of the client\n",
    );
    let without_client = Example::compile("MQTTExt.h", SERVER).start().wait(LIMIT);
    assert_said(&without_client, "group workers shares jobs/+\njobs/print: 1\njobs: 0\n");
}

#[test]
fn the_examples_of_properties_and_reason_codes_print_them() {
    let properties = Example::compile("MQTTProperties.h", SERVER).start().wait(LIMIT);
    assert_said(&properties, "2 properties, expiry 3600 s\n");
    let reason_codes = Example::compile("MQTTReasonCodes.h", SERVER).start().wait(LIMIT);
    assert_said(&reason_codes, "Failed: Quota exceeded (151)\n");
}
