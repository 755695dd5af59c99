//! The programs of Debian's package paho.mqtt.c-examples, compiled against the original, run on the library under
//! test and on the original: what they print, how they end and what they send is the same.

use crate::support::debian_programs::{On, Stage, assert_same, compare_recorded, subscribed};
use crate::support::library::MULTIARCH;
use crate::support::mosquitto::Mosquitto;
use crate::support::program::{Ended, Running};
use crate::support::wait::LIMIT;
use std::io::Write;

#[test]
fn mqttclient_publish() {
    let Some(stage) = Stage::set() else { return };
    compare_recorded(&stage, "MQTTClient_publish", &[]);
}

#[test]
fn mqttclient_publish_async() {
    let Some(stage) = Stage::set() else { return };
    compare_recorded(&stage, "MQTTClient_publish_async", &[]);
}

#[test]
fn paho_cs_pub_sends_the_same_bytes() {
    let Some(stage) = Stage::set() else { return };
    for version in ["31", "311", "5"] {
        for qos in ["0", "1", "2"] {
            let base = ["-t", "a/topic", "-m", "hello", "-h", "localhost", "-V", version, "-q", qos, "-r"];
            compare_recorded(&stage, "paho_cs_pub", &base);
        }
        let will = [
            "-V",
            version,
            "-t",
            "t",
            "-n",
            "--will-topic",
            "w",
            "--will-payload",
            "gone",
            "--will-qos",
            "1",
        ];
        compare_recorded(
            &stage,
            "paho_cs_pub",
            &[&will[..], &["-u", "user", "-P", "password", "-k", "77"]].concat(),
        );
    }
    let five = ["-V", "5", "-t", "t", "-m", "x", "--message-expiry", "9", "--user-property", "a", "b"];
    compare_recorded(&stage, "paho_cs_pub", &five);
}

/// Everything the subscribing program prints while the publishing one publishes to it.
fn mqttclient_pair(stage: &Stage, on: On) -> (Ended, Ended) {
    let broker = Mosquitto::start_with("log_type all");
    let mut subscriber = stage.start("MQTTClient_subscribe", &[], broker.port(), on);
    subscribed(&broker, "ExampleClientSub");
    let publisher = stage.run("MQTTClient_publish", &[], broker.port(), on);
    subscriber.wait_for_output("message: ");
    subscriber.input().write_all(b"Q\n").unwrap();
    (publisher, subscriber.wait(LIMIT))
}

#[test]
fn mqttclient_subscribe() {
    let Some(stage) = Stage::set() else { return };
    let original = mqttclient_pair(&stage, On::Original);
    let ours = mqttclient_pair(&stage, On::Ours);
    assert!(ours.1.output.contains("Hello World!"), "{ours:?}");
    assert_same("the publisher", &original.0, &ours.0);
    assert_same("the subscriber", &original.1, &ours.1);
}

/// What paho_cs_sub prints of what paho_cs_pub sends it.
fn cs_pair(stage: &Stage, version: &str, qos: &str, on: On) -> (Vec<Ended>, Ended) {
    let broker = Mosquitto::start_with("log_type all");
    let port = broker.port().to_string();
    let common = ["-t", "pair", "-h", "127.0.0.1", "-p", &port, "-V", version, "-q", qos];
    let mut subscriber =
        stage.start("paho_cs_sub", &[&common[..], &["-i", "sub"]].concat(), broker.port(), on);
    subscribed(&broker, "sub");
    let published = ["first", "second", "third"].map(|message| {
        stage.run("paho_cs_pub", &[&common[..], &["-i", "pub", "-m", message]].concat(), broker.port(), on)
    });
    subscriber.wait_for_output("third");
    subscriber.signal(libc::SIGINT);
    (published.into(), subscriber.wait(LIMIT))
}

fn compare_cs_pair(version: &str) {
    let Some(stage) = Stage::set() else { return };
    for qos in ["0", "1", "2"] {
        let what = format!("version {version}, QoS {qos}");
        let original = cs_pair(&stage, version, qos, On::Original);
        let ours = cs_pair(&stage, version, qos, On::Ours);
        assert_eq!(ours.1.output, "first\nsecond\nthird\n", "{what}");
        assert_same(&format!("the subscriber, {what}"), &original.1, &ours.1);
        for (original, ours) in original.0.iter().zip(&ours.0) {
            assert_same(&format!("a publisher, {what}"), original, ours);
        }
    }
}

#[test]
fn paho_cs_pub_and_sub_3_1() {
    compare_cs_pair("31");
}

#[test]
fn paho_cs_pub_and_sub_3_1_1() {
    compare_cs_pair("311");
}

#[test]
fn paho_cs_pub_and_sub_5() {
    compare_cs_pair("5");
}

/// The lines about packets in a trace, from the client identifier on: time and socket differ in each run.
fn packet_lines(output: &str) -> Vec<&str> {
    let packets = output.lines().filter(|line| line.contains(" -> ") || line.contains(" <- "));
    packets.filter_map(|line| line.find("paho-cs-pub ").map(|start| &line[start..])).collect()
}

#[test]
fn the_trace_of_packets_is_the_same() {
    let Some(stage) = Stage::set() else { return };
    for version in ["311", "5"] {
        for qos in ["0", "1", "2"] {
            let arguments = ["-t", "t", "-m", "text", "-V", version, "-q", qos, "--trace", "protocol"];
            let original = stage.run_recorded("paho_cs_pub", &arguments, On::Original).0;
            let ours = stage.run_recorded("paho_cs_pub", &arguments, On::Ours).0;
            let (original, ours) = (original.output + &original.errors, ours.output + &ours.errors);
            // The original never tells the flag of a clean start.
            let original = original.replace("version 5 clean: 0", "version 5 clean: 1");
            let expected = packet_lines(&original);
            assert!(!expected.is_empty(), "{original}");
            assert_eq!(packet_lines(&ours), expected, "version {version}, QoS {qos}: {ours}");
        }
    }
}

#[test]
fn the_programs_fail_the_same_way() {
    let Some(stage) = Stage::set() else { return };
    let nobody = crate::support::broker::Listener::new().port().to_string();
    for arguments in [
        vec!["-t", "t", "-m", "x", "-h", "127.0.0.1", "-p", &nobody],
        vec!["-t", "t", "-m", "x", "-c", "nonsense://localhost:1883"],
    ] {
        let original = stage.run("paho_cs_pub", &arguments, 1, On::Original);
        let ours = stage.run("paho_cs_pub", &arguments, 1, On::Ours);
        assert_eq!(ours.status, original.status, "{arguments:?}");
        assert_eq!((ours.output, ours.errors), (original.output, original.errors), "{arguments:?}");
    }
}

#[test]
fn the_programs_really_run_on_the_library_under_test() {
    let Some(stage) = Stage::set() else { return };
    for program in ["MQTTClient_subscribe", "paho_cs_sub"] {
        let mut command = stage.command(program, &["t"], 1, On::Ours);
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
