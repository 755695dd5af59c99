//! The programs of Debian's package paho.mqtt.c-examples that use the asynchronous API, compiled against the original,
//! run on the library under test and on the original: what they print, how they end and what they send is the same.

use crate::support::broker::Broker;
use crate::support::debian_programs::{On, Stage, assert_same, compare_recorded, sort_lines, subscribed};
use crate::support::library::MULTIARCH;
use crate::support::mosquitto::Mosquitto;
use crate::support::packet::{CONNECT, PUBLISH, Packet, Publish};
use crate::support::program::{Ended, Running};
use crate::support::wait::LIMIT;
use std::io::Write;

#[test]
fn mqttasync_publish() {
    let Some(stage) = Stage::set() else { return };
    compare_recorded(&stage, "MQTTAsync_publish", &[]);
}

/// The first messages of a program that sends the time again and again, and what it prints meanwhile.
fn messages_of_publish_time(stage: &Stage, on: On) -> (Packet, Vec<Publish>) {
    let broker = Broker::polite();
    let mut program = stage.start("MQTTAsync_publish_time", &[], broker.port(), on);
    let connect = broker.expect(CONNECT).packet;
    let messages: Vec<Publish> = (0..10).map(|_| broker.expect(PUBLISH).packet.publish()).collect();
    for message in &messages {
        program.wait_for_output(std::str::from_utf8(&message.payload).unwrap());
    }
    (connect, messages)
}

#[test]
fn mqttasync_publish_time() {
    let Some(stage) = Stage::set() else { return };
    let (original, expected) = messages_of_publish_time(&stage, On::Original);
    let (ours, messages) = messages_of_publish_time(&stage, On::Ours);
    assert_eq!(ours, original);
    for (message, expected) in messages.into_iter().zip(expected) {
        assert_eq!(message.payload.len(), expected.payload.len());
        assert_eq!(Publish { payload: expected.payload.clone(), ..message }, expected);
    }
}

/// paho_c_pub with this version: each QoS, retained, an empty message, a will and credentials.
fn compare_publisher(version: &str) {
    let Some(stage) = Stage::set() else { return };
    for qos in ["0", "1", "2"] {
        let base = ["-t", "a/topic", "-m", "hello", "-h", "localhost", "-V", version, "-q", qos];
        compare_recorded(&stage, "paho_c_pub", &[&base[..], &["-r"]].concat());
    }
    let empty = ["-V", version, "-t", "t", "-n", "-u", "user", "-P", "password", "-k", "77"];
    let will = ["--will-topic", "w", "--will-payload", "gone", "--will-qos", "1"];
    compare_recorded(&stage, "paho_c_pub", &[&empty[..], &will[..]].concat());
}

#[test]
fn paho_c_pub_3_1_1() {
    compare_publisher("311");
}

#[test]
fn paho_c_pub_5() {
    compare_publisher("5");
    let Some(stage) = Stage::set() else { return };
    for qos in ["0", "1", "2"] {
        let base = ["-V", "5", "-t", "t", "-m", "x", "-q", qos];
        let properties = ["--message-expiry", "9", "--user-property", "a", "b"];
        compare_recorded(&stage, "paho_c_pub", &[&base[..], &properties[..]].concat());
    }
}

/// Everything the subscribing program prints while the publishing one publishes to it.
fn example_pair(stage: &Stage, on: On) -> (Ended, Ended) {
    let broker = Mosquitto::start_with("log_type all");
    let mut subscriber = stage.start("MQTTAsync_subscribe", &[], broker.port(), on);
    subscribed(&broker, "ExampleClientSub");
    let publisher = stage.run("MQTTAsync_publish", &[], broker.port(), on);
    subscriber.wait_for_output("message: ");
    subscriber.input().write_all(b"Q\n").unwrap();
    (publisher, subscriber.wait(LIMIT))
}

#[test]
fn mqttasync_subscribe() {
    let Some(stage) = Stage::set() else { return };
    let (mut original, mut ours) = (example_pair(&stage, On::Original), example_pair(&stage, On::Ours));
    assert!(ours.1.output.contains("Hello World!"), "{ours:?}");
    for pair in [&mut original, &mut ours] {
        sort_lines(&mut pair.0.output);
        sort_lines(&mut pair.1.output);
    }
    assert_same("the publisher", &original.0, &ours.0);
    assert_same("the subscriber", &original.1, &ours.1);
}

/// What paho_c_sub prints of what paho_c_pub sends it; the first message is retained from before it subscribed.
fn program_pair(stage: &Stage, version: &str, qos: &str, on: On) -> (Vec<Ended>, Ended) {
    let broker = Mosquitto::start_with("log_type all");
    let port = broker.port().to_string();
    let common = ["-t", "pair", "-h", "127.0.0.1", "-p", &port, "-V", version, "-q", qos];
    let publish = |more: &[&str]| {
        stage.run("paho_c_pub", &[&common[..], &["-i", "pub"], more].concat(), broker.port(), on)
    };
    let mut published = vec![publish(&["-r", "-m", "kept"])];
    let will = ["-i", "sub", "--will-topic", "w", "--will-payload", "gone"];
    let mut subscriber = stage.start("paho_c_sub", &[&common[..], &will].concat(), broker.port(), on);
    subscribed(&broker, "sub");
    subscriber.wait_for_output("kept\n");
    published.extend(["first", "second", "third"].map(|message| publish(&["-m", message])));
    subscriber.wait_for_output("third\n");
    subscriber.signal(libc::SIGINT);
    (published, subscriber.wait(LIMIT))
}

fn compare_pair(version: &str) {
    let Some(stage) = Stage::set() else { return };
    for qos in ["0", "1", "2"] {
        let what = format!("version {version}, QoS {qos}");
        let original = program_pair(&stage, version, qos, On::Original);
        let ours = program_pair(&stage, version, qos, On::Ours);
        assert_eq!(ours.1.output, "kept\nfirst\nsecond\nthird\n", "{what}");
        assert_same(&format!("the subscriber, {what}"), &original.1, &ours.1);
        for (original, ours) in original.0.iter().zip(&ours.0) {
            assert_same(&format!("a publisher, {what}"), original, ours);
        }
    }
}

#[test]
fn paho_c_pub_and_sub_3_1_1() {
    compare_pair("311");
}

#[test]
fn paho_c_pub_and_sub_5() {
    compare_pair("5");
}

#[test]
fn the_programs_really_run_on_the_library_under_test() {
    let Some(stage) = Stage::set() else { return };
    let broker = Broker::polite();
    for program in ["MQTTAsync_publish", "paho_c_pub"] {
        let arguments = ["-t", "t", "-m", "x", "-h", "127.0.0.1"];
        let mut command = stage.command(program, &arguments, broker.port(), On::Ours);
        command.env("LD_DEBUG", "files");
        let ended = Running::start(&mut command).wait(LIMIT);
        let trace = ended.errors + &ended.output;
        assert!(
            trace.contains("calling init: ") && trace.contains("/paho-c-rs-libraries-"),
            "{program}: {trace}"
        );
        assert!(
            !trace.contains(&format!("calling init: /lib/{MULTIARCH}/libpaho")),
            "{program} loads the original"
        );
    }
}
