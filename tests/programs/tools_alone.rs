//! What the command line tools do where the original does nothing useful: standard input to its end, repetitions,
//! failures with a cause and an exit status, lost connections, a full disk.

#![cfg(all(feature = "tls", feature = "sync-api", feature = "async-api"))]

use crate::support::broker::{Broker, Incoming, Listener, Reaction};
use crate::support::mosquitto::{Directory, Mosquitto};
use crate::support::packet::{CONNECT, DISCONNECT, PUBLISH, SUBSCRIBE};
use crate::support::program::{Ended, Running};
use crate::support::tls::{Identity, Subject};
use crate::support::wait::{LIMIT, until};
use crate::tools::{Tools, Whose};
use std::fs;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;

const PUBLISHERS: [&str; 2] = ["paho_c_pub", "paho_cs_pub"];
const SUBSCRIBERS: [&str; 2] = ["paho_c_sub", "paho_cs_sub"];

fn payloads(broker: &Broker) -> Vec<String> {
    let packets = broker.log().into_iter().map(|incoming| incoming.packet);
    let messages = packets.filter(|packet| packet.kind() == PUBLISH).map(|packet| packet.publish());
    messages.map(|message| String::from_utf8(message.payload).unwrap()).collect()
}

/// What is published of this standard input.
fn published(tools: &Tools, line: &str, input: &str) -> Vec<String> {
    let broker = Broker::polite();
    let mut program = tools.start(Whose::Ours, line, broker.port());
    // A program that does not read it ends first.
    let _ = program.input().write_all(input.as_bytes());
    let ended = program.wait(LIMIT);
    assert!(ended.status.success() && ended.errors.is_empty(), "{line}: {ended:?}");
    payloads(&broker)
}

#[test]
fn standard_input_is_published_to_its_end() {
    let tools = Tools::build();
    for name in PUBLISHERS {
        let published = |arguments: &str, input: &str| {
            published(&tools, &format!("{name} t {{server}} -q 1{arguments}"), input)
        };
        assert_eq!(published("", "one\n\ntwo\nthree"), ["one\n", "\n", "two\n", "three"]);
        assert_eq!(published("", ""), [""; 0]);
        assert_eq!(published(" --delimiter --", "one--two-three--"), ["one--", "two-three--"]);
        assert_eq!(published(" --maxdatalen 3", "abcdefgh\nij\n"), ["abc", "def", "gh\n", "ij\n"]);
        assert_eq!(published(" --no-delimiter --maxdatalen 5", "one\ntwo\n"), ["one\nt", "wo\n"]);
        assert_eq!(published(" --file -", "one\ntwo\n"), ["one\ntwo\n"]);
        assert_eq!(published(" -f /dev/stdin", "one\ntwo\n"), ["one\ntwo\n"]);
        assert_eq!(published(" -m x --repeat 3 --repeat-delay 0.01", "one\n"), ["x", "x", "x"]);
        let long = "x".repeat(300_000) + "\n";
        assert_eq!(published(" --maxdatalen 1000000", &(long.clone() + &long)), [long.clone(), long]);
    }
}

fn run(tools: &Tools, line: &str, react: fn(&Incoming) -> Reaction) -> Ended {
    let broker = Broker::with(react);
    tools.run(Whose::Ours, line, broker.port())
}

#[track_caller]
fn assert_fails(ended: &Ended, code: i32, cause: &str) {
    assert_eq!(ended.status.code(), Some(code), "{ended:?}");
    assert!(ended.errors.contains(cause), "{cause}: {ended:?}");
}

/// Acknowledges with 0x87, not authorized.
fn refuse_publish(incoming: &Incoming) -> Reaction {
    if incoming.packet.kind() != PUBLISH {
        return Reaction::Answer;
    }
    let [high, low] = incoming.packet.id().to_be_bytes();
    Reaction::Send(vec![0x40, 3, high, low, 0x87])
}

fn refuse_subscription(incoming: &Incoming) -> Reaction {
    if incoming.packet.kind() != SUBSCRIBE {
        return Reaction::Answer;
    }
    let [high, low] = incoming.packet.id().to_be_bytes();
    match incoming.packet.level {
        5 => Reaction::Send(vec![0x90, 4, high, low, 0, 0x87]),
        _ => Reaction::Send(vec![0x90, 3, high, low, 0x80]),
    }
}

fn refuse_connection(incoming: &Incoming) -> Reaction {
    // After the name, which is MQTT in these versions.
    match (incoming.packet.kind(), incoming.packet.body.get(6)) {
        (CONNECT, Some(5)) => Reaction::SendAndCut(vec![0x20, 3, 0, 0x87, 0]),
        (CONNECT, _) => Reaction::SendAndCut(vec![0x20, 2, 0, 5]),
        _ => Reaction::Answer,
    }
}

fn cut_at_publish(incoming: &Incoming) -> Reaction {
    if incoming.packet.kind() == PUBLISH { Reaction::Cut } else { Reaction::Answer }
}

#[test]
fn refusals_of_a_server_have_exit_codes_and_reasons() {
    let tools = Tools::build();
    for name in PUBLISHERS {
        let line = format!("{name} t {{server}} -m x -q 1");
        assert_fails(&run(&tools, &line, refuse_connection), 2, "Not authorized");
        assert_fails(&run(&tools, &format!("{line} -V 5"), refuse_connection), 2, "Not authorized");
        assert_fails(&run(&tools, &format!("{line} -V 5"), refuse_publish), 3, "Not authorized");
        assert_fails(&run(&tools, &line, cut_at_publish), 4, "ublish failed, rc ");
        let quiet = run(&tools, &format!("{line} --quiet"), refuse_connection);
        assert_eq!((quiet.status.code(), quiet.errors.as_str()), (Some(2), ""));
    }
    for name in SUBSCRIBERS {
        let line = format!("{name} t {{server}}");
        assert_fails(&run(&tools, &line, refuse_connection), 2, "Not authorized");
        assert_fails(&run(&tools, &line, refuse_subscription), 3, "");
        assert_fails(&run(&tools, &format!("{line} -V 5"), refuse_subscription), 3, "Not authorized");
    }
}

#[test]
fn a_certificate_or_a_file_that_is_not_good_is_named() {
    let tools = Tools::build();
    let (authority, directory) = (Identity::authority("an authority"), Directory::new("tools-tls"));
    let server = authority.issue(&Subject::named(&["localhost"])).save(&directory, "server");
    let (trusted, _) = authority.save(&directory, "authority");
    let listener = |_| format!("cafile {trusted}\ncertfile {}\nkeyfile {}\n", server.0, server.1);
    let (_broker, port) = Mosquitto::start_with_listener(listener);
    for name in PUBLISHERS {
        let run = |arguments: &str| tools.run(Whose::Ours, &format!("{name} t -m x -q 1 {arguments}"), port);
        assert!(run(&format!("-c ssl://localhost:{{port}} --cafile {trusted}")).status.success());
        assert_fails(&run("-c ssl://localhost:{port}"), 2, "certificate verify failed");
        let other = run(&format!("-c ssl://127.0.0.1:{{port}} --cafile {trusted}"));
        assert_fails(&other, 2, "not for the host 127.0.0.1");
        let accepted = run(&format!("-c ssl://127.0.0.1:{{port}} --cafile {trusted} --insecure"));
        assert!(accepted.status.success(), "{accepted:?}");
        assert_fails(&run("-c ssl://localhost:{port} --cafile /no/such/file"), 2, "/no/such/file");
        let file = |arguments: &str| tools.run(Whose::Ours, &format!("{name} t {arguments}"), port);
        assert_fails(&file("-f /no/such/file"), 5, "Can't open file /no/such/file: No such file");
        assert_fails(&file("-f /"), 5, "Can't read file /: Is a directory");
        assert_fails(&file("-f /dev/zero"), 5, "File /dev/zero does not fit");
    }
}

#[test]
fn a_lost_connection_is_made_again() {
    let tools = Tools::build();
    for name in SUBSCRIBERS {
        let broker = Broker::polite();
        let mut program = tools.start(Whose::Ours, &format!("{name} t {{server}}"), broker.port());
        assert_eq!(broker.expect(SUBSCRIBE).connection, 0);
        broker.cut(0);
        assert_eq!(broker.expect(SUBSCRIBE).connection, 1, "{name}");
        broker.send(1, b"\x30\x07\x00\x01thear");
        program.wait_for_output("hear");
        program.signal(libc::SIGTERM);
        let ended = program.wait(LIMIT);
        assert!(ended.status.success() && ended.errors.contains("Connection lost"), "{name}: {ended:?}");
    }
    for name in PUBLISHERS {
        let broker = Broker::polite();
        let mut program = tools.start(Whose::Ours, &format!("{name} t {{server}} -q 1"), broker.port());
        let mut input = program.input();
        input.write_all(b"one\n").unwrap();
        broker.expect(PUBLISH);
        broker.cut(0);
        until("the end of the first connection", || broker.has_ended(0));
        if name == "paho_c_pub" {
            // It says so at once. What it sends before it knows fails with the connection.
            program.wait_for_error("Connection lost");
        }
        input.write_all(b"two\nthree\n").unwrap();
        drop(input);
        let ended = program.wait(LIMIT);
        assert!(ended.errors.contains("Connection lost"), "{name}: {ended:?}");
        let sent = payloads(&broker);
        assert!(
            sent.contains(&"two\n".to_owned()) && sent.contains(&"three\n".to_owned()),
            "{name}: {sent:?}"
        );
    }
}

#[test]
fn a_signal_ends_what_is_not_done() {
    let tools = Tools::build();
    for name in PUBLISHERS.iter().chain(&SUBSCRIBERS) {
        let silent = Listener::new();
        let message = if name.ends_with("pub") { " -m x" } else { "" };
        let program = tools.start(Whose::Ours, &format!("{name} t {{server}}{message}"), silent.port());
        until("the attempt to connect", || silent.has_waiting());
        program.signal(libc::SIGINT);
        assert_eq!(program.wait(LIMIT).status.signal(), Some(libc::SIGINT), "{name}");
    }
    for name in PUBLISHERS {
        let broker = Broker::polite();
        let line = format!("{name} t {{server}} -m x -q 1 --repeat 3 --repeat-delay 1000");
        let program = tools.start(Whose::Ours, &line, broker.port());
        broker.expect(PUBLISH);
        program.signal(libc::SIGTERM);
        broker.expect(DISCONNECT);
        assert_eq!(program.wait(LIMIT).status.signal(), Some(libc::SIGTERM), "{name}");
        assert_eq!(payloads(&broker), ["x"]);
    }
}

/// Runs a subscriber whose standard output the shell has redirected.
fn with_output(tools: &Tools, name: &str, broker: &Broker, redirection: &str) -> Running {
    let plain = tools.command(Whose::Ours, name);
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("exec \"$0\" \"$@\" {redirection}")).arg(plain.get_program());
    command.args(["t", "-h", "127.0.0.1", "-p", &broker.port().to_string()]);
    for (variable, value) in plain.get_envs() {
        match value {
            Some(value) => command.env(variable, value),
            None => command.env_remove(variable),
        };
    }
    Running::start(&mut command)
}

#[test]
fn output_that_cannot_be_written_ends_a_subscriber() {
    let tools = Tools::build();
    for name in SUBSCRIBERS {
        for (redirection, cause) in [("> /dev/full", "No space left"), (">&-", "Bad file descriptor")] {
            let broker = Broker::polite();
            let program = with_output(&tools, name, &broker, redirection);
            broker.expect(SUBSCRIBE);
            broker.send(0, b"\x30\x07\x00\x01thear");
            assert_fails(&program.wait(LIMIT), 5, cause);
            until("the end of the connection", || broker.has_ended(0));
        }
    }
}

/// The words that begin with two dashes.
fn long_options(text: &str) -> Vec<&str> {
    let words = text.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '-'));
    words.filter(|word| word.starts_with("--") && word.len() > 4).collect()
}

#[test]
fn every_option_of_the_help_is_in_the_man_page() {
    let tools = Tools::build();
    for (name, page) in [
        ("paho_c_pub", "paho_c_pub.1"),
        ("paho_cs_pub", "paho_c_pub.1"),
        ("paho_c_sub", "paho_c_sub.1"),
        ("paho_cs_sub", "paho_c_sub.1"),
    ] {
        let manual =
            fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("man").join(page)).unwrap();
        let help = tools.run(Whose::Ours, &format!("{name} --help"), 1);
        assert!(help.status.success() && help.output.contains("Product name: "), "{help:?}");
        let options = long_options(help.output.split("Library information").next().unwrap());
        assert!(options.len() > 30, "{options:?}");
        for option in options {
            // mdoc writes the first dash itself.
            assert!(manual.contains(&format!("Fl {}", &option[1..])), "{option} is not in {page}");
        }
    }
}
