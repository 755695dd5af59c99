//! The examples that need more than a broker: TLS, WebSockets and proxies, logins, MQTT 5 requests.

use crate::support::abi::V3_1_1;
use crate::support::client::Client;
use crate::support::http_proxy::http_proxy;
use crate::support::library::library_path;
use crate::support::mosquitto::{Directory, Mosquitto};
use crate::support::options::version;
use crate::support::program::{Ended, Running};
use crate::support::tls::{Identity, Subject, write};
use crate::support::wait::LIMIT;
use std::collections::BTreeSet;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A program of `c_examples` or of another directory, linked with the library under test.
struct Example {
    _directory: Directory,
    program: PathBuf,
}

impl Example {
    fn compile(source: &str) -> Example {
        Example::compile_with(source, &[])
    }

    fn compile_with(source: &str, libraries: &[&str]) -> Example {
        let directory = Directory::new("example");
        let program = directory.join("example");
        let (variable, default, standard) = match source.ends_with(".cpp") {
            true => ("CXX", "c++", "-std=c++17"),
            false => ("CC", "cc", "-std=c99"),
        };
        let mut command = Command::new(env::var_os(variable).unwrap_or_else(|| default.into()));
        command
            .args([standard, "-O1", "-Wall", "-Wextra", "-Werror", "-pthread", "-I"])
            .arg(root().join("include"));
        command.arg(root().join(source)).arg(library_path()).args(libraries).arg("-o").arg(&program);
        let output = command.output().expect("a compiler");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Example { _directory: directory, program }
    }

    fn start(&self, arguments: &[&str]) -> Running {
        let mut command = Command::new(&self.program);
        command.args(arguments).env("LD_LIBRARY_PATH", library_path().parent().unwrap());
        Running::start(&mut command)
    }

    #[track_caller]
    fn assert_prints(&self, arguments: &[&str], text: &str) {
        let ended = self.start(arguments).wait(LIMIT);
        assert!(ended.status.success() && ended.errors.is_empty(), "{ended:?}");
        assert_eq!(ended.output, text);
    }

    #[track_caller]
    fn assert_fails(&self, arguments: &[&str]) -> Ended {
        let ended = self.start(arguments).wait(LIMIT);
        assert_eq!(ended.status.code(), Some(1), "{ended:?}");
        ended
    }
}

#[test]
fn a_message_through_tls_with_certificates_of_both_sides() {
    let (directory, authority) = (Directory::new("tls-example"), Identity::authority("example authority"));
    let ca = write(&directory, "ca.crt", &authority.certificate_text());
    let (certificate, key) = authority.issue(&Subject::named(&["localhost"])).save(&directory, "server");
    let (own_certificate, own_key) = authority.issue(&Subject::named(&["client"])).save(&directory, "client");
    let lines = format!("certfile {certificate}\nkeyfile {key}\ncafile {ca}\nrequire_certificate true");
    let (_broker, port) = Mosquitto::start_with_listener(|_| lines.clone());
    let (example, uri) = (Example::compile("c_examples/tls_publish.c"), format!("ssl://localhost:{port}"));
    let printed = "Sent a message to demo/secret through TLS: confirmed\n";
    example.assert_prints(&[&uri, &ca, &own_certificate, &own_key], printed);
    example.assert_fails(&[&uri, &ca]);
    let by_address = example.assert_fails(&[&uri.replace("localhost", "127.0.0.1"), &ca]);
    assert!(by_address.errors.contains("TLS: "), "{by_address:?}");
}

#[test]
fn statistics_after_three_messages_and_the_reason_where_there_is_no_connection() {
    let broker = Mosquitto::start();
    let (example, uri) = (Example::compile("c_examples/insight.c"), broker.uri());
    let ended = example.start(&[&uri, "demo/insight", "3", "tcp.keepalive=30"]).wait(LIMIT);
    assert!(ended.status.success() && ended.errors.is_empty(), "{ended:?}");
    assert!(ended.output.starts_with("Connected after 1 attempt(s):\n  name: "), "{ended:?}");
    assert!(ended.output.ends_with("Sent: 3 messages with QoS 1, 0 not acknowledged\n"), "{ended:?}");
    let bad_option = example.assert_fails(&[&uri, "t", "1", "tcp.keepalive=x"]);
    assert!(bad_option.errors.contains("tcp.keepalive does not take the value x"), "{bad_option:?}");
    let bad_topic = example.assert_fails(&[&uri, "a/+"]);
    assert_eq!(bad_topic.errors, "a/+: Topic contains a wildcard\n");
    drop(broker);
    let unreachable = example.assert_fails(&[&uri]);
    assert!(unreachable.errors.contains("No connection: TCP connect failed: "), "{unreachable:?}");
}

#[test]
fn messages_are_acknowledged_when_they_are_on_the_disk_and_come_again_otherwise() {
    let (broker, directory) = (Mosquitto::start(), Directory::new("orders"));
    let file = directory.join("orders.txt");
    let (example, uri) = (Example::compile("c_examples/manual_acknowledgement.c"), broker.uri());
    let arguments = [&uri, file.to_str().unwrap(), "demo/orders", "25"];
    let sender = Client::new(&uri, V3_1_1);
    sender.connect_ok(&version(V3_1_1));
    let send = |range: std::ops::Range<i32>| {
        for number in range {
            sender.publish_ok("demo/orders", 1 + number % 2, number.to_string().as_bytes());
        }
    };
    let mut killed = example.start(&arguments);
    killed.wait_for_output("Subscribed to demo/orders\n");
    killed.signal(libc::SIGKILL);
    killed.wait(LIMIT);
    send(0..25);
    let ended = example.start(&arguments).wait(LIMIT);
    assert!(ended.output.ends_with("Saved 25 messages\n"), "{ended:?}");
    let saved = std::fs::read_to_string(&file).unwrap();
    let expected: String = (0..25).map(|number| format!("{number}\n")).collect();
    let mut lines: Vec<i32> = saved.lines().map(|line| line.parse().unwrap()).collect();
    lines.sort_unstable();
    assert_eq!(lines.iter().map(|number| format!("{number}\n")).collect::<String>(), expected);
    assert!(example.assert_fails(&[&uri, "/no/such/file"]).errors.contains("/no/such/file"));
}

#[test]
fn a_message_through_a_websocket_and_a_proxy() {
    let (_broker, port) = Mosquitto::start_with_listener(|_| "protocol websockets".to_owned());
    let example = Example::compile("c_examples/websocket_proxy.c");
    let uri = format!("ws://localhost:{port}");
    example.assert_prints(&[&uri], "Sent a message to demo/web through a WebSocket: confirmed\n");
    let proxy = format!("http://localhost:{}", http_proxy());
    let printed = "Sent a message to demo/web through a proxy and a WebSocket: confirmed\n";
    example.assert_prints(&[&uri, &proxy], printed);
}

#[test]
fn a_login_and_a_will_that_is_published_when_the_client_is_killed() {
    let directory = Directory::new("login-example");
    let passwords = directory.join("passwords");
    let made = Command::new("mosquitto_passwd")
        .args(["-b", "-c"])
        .arg(&passwords)
        .args(["sensor", "secret"])
        .output();
    assert!(made.expect("mosquitto_passwd").status.success());
    let broker = Mosquitto::start_with(&format!("password_file {}", passwords.display()));
    let (example, uri) = (Example::compile("c_examples/login_and_will.c"), broker.uri());
    let refused = example.assert_fails(&[&uri, "sensor", "wrong"]);
    assert!(refused.errors.contains("Connection refused: "), "{refused:?}");

    let watching = Client::new(&uri, V3_1_1);
    watching.connect_ok(&version(V3_1_1));
    watching.subscribe_ok("demo/status", 1);
    let status = || String::from_utf8(watching.receive_ok().payload).unwrap();
    let mut proper = example.start(&[&uri, "sensor", "secret"]);
    proper.wait_for_output("sensor is logged in\n");
    assert_eq!(status(), "online");
    drop(proper.input());
    assert!(proper.wait(LIMIT).status.success());
    assert_eq!(status(), "offline");

    let mut killed = example.start(&[&uri, "sensor", "secret"]);
    killed.wait_for_output("sensor is logged in\n");
    assert_eq!(status(), "online");
    killed.signal(libc::SIGKILL);
    assert_eq!(status(), "offline");
    assert_eq!(watching.disconnect(0), 0);
}

#[test]
fn requests_and_their_responses() {
    let broker = Mosquitto::start();
    let example = Example::compile("c_examples/async_request_response.c");
    example.assert_prints(&[&broker.uri(), "one", "three"], "one has 3 bytes\nthree has 5 bytes\n");
}

#[test]
fn many_clients_in_one_thread() {
    let broker = Mosquitto::start();
    let example = Example::compile("c_examples/async_event_loop.c");
    let ended = example.start(&[&broker.uri(), "50", "10"]).wait(LIMIT);
    assert!(ended.status.success() && ended.errors.is_empty(), "{ended:?}");
    assert!(
        ended.output.starts_with("50 clients in one thread: 500 messages sent and received, "),
        "{ended:?}"
    );
    drop(broker);
    example.assert_fails(&["tcp://127.0.0.1:1"]);
}

#[test]
fn clients_in_a_loop_of_libuv() {
    let header =
        Command::new("cc").args(["-include", "uv.h", "-E", "-x", "c", "/dev/null"]).output().unwrap();
    if !header.status.success() {
        eprintln!("left out: libuv is not installed");
        return;
    }
    let broker = Mosquitto::start();
    let example = Example::compile_with("examples/libuv/example.c", &["-luv"]);
    let ended = example.start(&[&broker.uri(), "3"]).wait(LIMIT);
    assert!(ended.status.success() && ended.errors.is_empty(), "{ended:?}");
    let lines: BTreeSet<&str> = ended.output.lines().collect();
    let expected = [0, 1, 2].map(|number| format!("example/libuv/{number}: hello"));
    assert_eq!(lines, expected.iter().map(String::as_str).collect());
}

/// Each message comes to one member, and every member gets some.
#[test]
fn a_group_of_clients_shares_the_messages() {
    let broker = Mosquitto::start();
    let example = Example::compile("c_examples/shared_group.c");
    let ended = example.start(&[&broker.uri(), "3", "300"]).wait(LIMIT);
    assert!(ended.status.success() && ended.errors.is_empty(), "{ended:?}");
    assert!(ended.output.ends_with("300 messages, 0 missing, 0 came twice\n"), "{ended:?}");
    let counts = ended.output.lines().filter_map(|line| line.strip_prefix("Member "));
    let counts: Vec<u32> = counts.map(|line| line.split(' ').nth(2).unwrap().parse().unwrap()).collect();
    assert_eq!((counts.len(), counts.iter().sum()), (3, 300), "{ended:?}");
    assert!(counts.iter().all(|count| *count > 0), "{ended:?}");
}

#[test]
fn clients_that_free_themselves() {
    let broker = Mosquitto::start();
    let lines: String = (1..=3).map(|n| format!("example/cpp at QoS 2: message {n}\n")).collect();
    let printed = format!("{lines}3 messages are delivered, and fetched by the other client\n");
    Example::compile("examples/cpp/example.cpp").assert_prints(&[&broker.uri()], &printed);
}
