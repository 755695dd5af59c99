//! The log as a program and its users see it, beside that of the original where that is installed.

use crate::support::abi::{V3_1_1, V5};
use crate::support::broker::{Broker, Reaction};
use crate::support::client::Client;
use crate::support::library::{library, library_path, original};
use crate::support::message::text;
use crate::support::mosquitto::Directory;
use crate::support::options::{Will, version};
use crate::support::packet::{self, PUBLISH, SUBSCRIBE};
use crate::support::program::in_own_process;
use crate::support::wait::{LIMIT, until};
use std::ffi::{CStr, c_char, c_int};
use std::path::Path;
use std::sync::Mutex;
use std::thread;

const PROTOCOL: c_int = 4;
const MINIMUM: c_int = 3;

/// A broker that sends each subscriber a message of each QoS.
fn broker() -> Broker {
    Broker::with(|incoming| match incoming.packet.kind() {
        SUBSCRIBE => {
            let level = incoming.packet.level;
            let mut bytes = packet::suback(level, incoming.packet.id(), &[2]);
            for qos in 0..3 {
                let message = packet::Publish::new("t", qos, 20 + u16::from(qos), b"to the client");
                bytes.extend(message.encode(level));
            }
            Reaction::Send(bytes)
        }
        _ => Reaction::Answer,
    })
}

/// Runs `session_child` with a library and gives what it has written to the log.
fn log_of(library: &Path, level: &str, credentials: bool) -> String {
    let (broker, directory) = (broker(), Directory::new("trace"));
    let log = directory.join("log");
    let values = [
        ("PAHO_C_RS_LIBRARY", library.to_str().unwrap()),
        ("TEST_URI", &broker.uri()),
        ("TEST_CREDENTIALS", if credentials { "1" } else { "" }),
        ("MQTT_C_CLIENT_TRACE", log.to_str().unwrap()),
        ("MQTT_C_CLIENT_TRACE_LEVEL", level),
        ("MQTT_C_CLIENT_TRACE_MAX_LINES", "100000"),
    ];
    in_own_process("trace::session_child", &values);
    std::fs::read_to_string(&log).unwrap()
}

#[test]
#[ignore = "run by other tests in a process of its own"]
fn session_child() {
    let uri = std::env::var("TEST_URI").unwrap();
    // Keeps the library from ending in between, which would empty the file.
    let _first = Client::new(&uri, V3_1_1);
    let credentials = std::env::var("TEST_CREDENTIALS").is_ok_and(|value| !value.is_empty());
    for level in [V3_1_1, V5] {
        let client = Client::named(&uri, "cid", level);
        let mut options = version(level);
        if credentials {
            options.user = Some("secret-user".to_owned());
            options.password = Some("secret-password".to_owned());
            let will = ("w".to_owned(), "secret-will".to_owned());
            options.will = Some(Will { topic: will.0, message: will.1, qos: 1, retained: 0 });
        }
        client.connect_ok(&options);
        client.subscribe_ok("t", 2);
        for _ in 0..3 {
            client.receive_ok();
        }
        for qos in 0..3 {
            let token = client.publish_ok("t", qos, b"hello");
            assert_eq!(client.wait(token, LIMIT), 0);
        }
        assert_eq!(client.unsubscribe("t"), 0);
        assert_eq!(client.disconnect(0), 0);
        client.destroy();
    }
}

/// The lines without time stamps and without what must differ.
fn comparable(log: &str) -> Vec<String> {
    let start_up = ["=", "   ", "Product name", "Version", "Build level", "OpenSSL", "/proc/version"];
    let lines =
        log.lines().filter(|line| !line.is_empty() && !start_up.iter().any(|text| line.starts_with(text)));
    lines.map(|line| without_socket(line.get(20..).expect("a time stamp"))).collect()
}

/// Which number a socket has depends on what else is open.
fn without_socket(line: &str) -> String {
    match line.split_once(' ') {
        Some((number, rest)) if number.parse::<u32>().is_ok() => format!("S {rest}"),
        _ => line.to_owned(),
    }
}

/// In an order that does not depend on which of two directions is traced first.
fn by_direction(lines: &[String]) -> (Vec<&String>, Vec<&String>) {
    lines.iter().partition(|line| line.contains("->"))
}

#[test]
fn packet_lines_are_those_of_the_original() {
    if !original().exists() {
        return;
    }
    let ours = comparable(&log_of(&library_path(), "PROTOCOL", false));
    let original = comparable(&log_of(&original(), "PROTOCOL", false));
    // Different on purpose: the flag of a clean start.
    let original: Vec<String> =
        original.iter().map(|line| line.replace("version 5 clean: 0", "version 5 clean: 1")).collect();
    assert_eq!(by_direction(&ours), by_direction(&original));
    assert!(ours.len() > 40, "{ours:?}");
}

#[test]
fn credentials_and_wills_are_in_no_line() {
    let log = log_of(&library_path(), "MAXIMUM", true);
    assert!(log.contains("-> CONNECT"));
    assert!(!log.contains("secret"), "{log}");
}

#[test]
fn time_stamps_are_in_front_and_the_start_up_block_is_first() {
    let log = log_of(&library_path(), "ERROR", false);
    let lines: Vec<&str> = log.lines().collect();
    assert_eq!(lines[0], "=".repeat(57));
    assert_eq!(lines[1], format!("{}Trace Output", " ".repeat(19)));
    assert_eq!(lines[2], "Product name: Eclipse Paho Synchronous MQTT C Client Library");
    assert_eq!(lines[3], "Version: 1.3.15");
    assert_eq!(log.matches("Trace Output").count(), 1);
    assert!(!log.contains("CONNECT"), "below the level");
}

static SEEN: Mutex<Vec<(c_int, String)>> = Mutex::new(Vec::new());
/// The client that the callback uses, until it is about to be destroyed.
static INSIDE: Mutex<Option<Client>> = Mutex::new(None);

unsafe extern "C" fn collect(level: c_int, message: *mut c_char) {
    // SAFETY: the library hands out strings that end with a NUL byte.
    let message = unsafe { CStr::from_ptr(message) }.to_str().unwrap().to_owned();
    // Any call is allowed here; this one takes the client's lock. The client may be gone by now, which it tells.
    let client = INSIDE.lock().unwrap().clone();
    if let Some(client) = client {
        client.is_connected();
    }
    SEEN.lock().unwrap().push((level, message));
}

fn set_callback(level: c_int) {
    // SAFETY: the level is a number.
    unsafe { (library().set_trace_level)(level) };
    // SAFETY: the function stays for ever.
    unsafe { (library().set_trace_callback)(Some(collect)) };
}

fn seen(text: &str) -> bool {
    SEEN.lock().unwrap().iter().any(|(_, message)| message.contains(text))
}

#[test]
fn a_callback_sees_everything_and_may_use_the_library() {
    in_own_process("trace::a_callback_sees_everything_and_may_use_the_library_child", &[]);
}

#[test]
#[ignore = "run by the test of the same name in a process of its own"]
fn a_callback_sees_everything_and_may_use_the_library_child() {
    let broker = broker();
    set_callback(PROTOCOL);
    for level in [V3_1_1, V5] {
        let client = Client::named(&broker.uri(), "cid", level);
        *INSIDE.lock().unwrap() = Some((*client).clone());
        client.on_event(crate::support::callbacks::ALL, |_, _| crate::support::callbacks::Verdict::Accept);
        client.connect_ok(&version(level));
        client.subscribe_ok("t", 2);
        let token = client.publish_ok("t", 2, b"hello");
        assert_eq!(client.wait(token, LIMIT), 0);
        until("the line of the last acknowledgement", || seen("cid <- PUBCOMP msgid:"));
        assert_eq!(client.disconnect(0), 0);
        *INSIDE.lock().unwrap() = None;
        client.destroy();
        let lines = std::mem::take(&mut *SEEN.lock().unwrap());
        // The start-up block comes at its own level, whatever is asked for.
        assert_eq!(lines[0], (MINIMUM, "=".repeat(57)));
        assert!(lines[3].1.starts_with("Version: "), "{lines:?}");
        assert!(lines.iter().any(|(level, line)| *level == PROTOCOL && line.contains("cid -> CONNECT")));
        assert!(lines.iter().all(|(_, line)| !line.contains('\n') || line.starts_with("/proc/version")));
    }
}

#[test]
fn a_publish_that_waits_says_so() {
    in_own_process("trace::a_publish_that_waits_says_so_child", &[]);
}

#[test]
#[ignore = "run by the test of the same name in a process of its own"]
fn a_publish_that_waits_says_so_child() {
    let broker = Broker::with(|incoming| match incoming.packet.kind() {
        PUBLISH => Reaction::Silence,
        _ => Reaction::Answer,
    });
    set_callback(MINIMUM);
    let client = Client::named(&broker.uri(), "cid", V3_1_1);
    client.connect_ok(&version(V3_1_1));
    let first = client.publish_ok("t", 1, b"");
    thread::scope(|scope| {
        scope.spawn(|| client.publish_ok("t", 1, b""));
        until("the line about waiting", || seen("Blocking publish on queue full for client cid"));
        broker.send(0, &packet::acknowledgement(packet::PUBACK, first as u16));
    });
    until("the line about going on", || seen("Resuming publish now queue not full for client cid"));
    assert_eq!(client.disconnect(0), 0);
}

/// What a level-ERROR log says about the end of a connection that the server ends after a subscribe.
fn lines_about_an_end(level: c_int, last_words: &'static [u8]) -> Vec<String> {
    let broker = Broker::with(move |incoming| match incoming.packet.kind() {
        SUBSCRIBE => Reaction::SendAndCut(last_words.to_vec()),
        _ => Reaction::Answer,
    });
    let level = level.to_string();
    let values = [
        ("TEST_URI", broker.uri()),
        ("TEST_LEVEL", level),
        ("MQTT_C_CLIENT_TRACE", "ON".into()),
        ("MQTT_C_CLIENT_TRACE_LEVEL", "ERROR".into()),
    ];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let printed = in_own_process("trace::the_end_of_a_connection_child", &values);
    printed.lines().filter(|line| line.contains(" of client cid ")).map(str::to_owned).collect()
}

#[test]
#[ignore = "its log is read by another test"]
fn the_end_of_a_connection_child() {
    let level = std::env::var("TEST_LEVEL").unwrap().parse().unwrap();
    let client = Client::named(&std::env::var("TEST_URI").unwrap(), "cid", level);
    client.connect_ok(&version(level));
    client.subscribe("t", 1);
    until("the loss is noticed", || !client.is_connected());
    client.destroy();
}

#[test]
fn the_end_of_a_connection_by_the_server_is_an_error_with_its_reason() {
    let closed = lines_about_an_end(V3_1_1, b"");
    assert_eq!(closed.len(), 1, "{closed:?}");
    assert!(closed[0].ends_with("Connection of client cid ended: the server closed the connection"));
    let taken_over = lines_about_an_end(V5, b"\xE0\x02\x8E\0");
    assert_eq!(taken_over.len(), 1, "{taken_over:?}");
    let reason =
        "Connection of client cid ended: the server disconnected with reason 142 (Session taken over)";
    assert!(taken_over[0].ends_with(reason), "{taken_over:?}");
}

#[test]
fn the_end_of_a_connection_by_the_application_is_no_error() {
    let log = log_of(&library_path(), "ERROR", false);
    assert!(!log.contains("ended"), "{log}");
}

#[test]
fn the_library_says_what_it_is() {
    // SAFETY: the function takes nothing.
    let entries = unsafe { (library().version_info)() };
    let mut found = Vec::new();
    for index in 0.. {
        // SAFETY: the array goes on until the entry with NULL, which has not been seen yet.
        let entry = unsafe { entries.add(index) };
        // SAFETY: as above.
        let entry = unsafe { &*entry };
        let Some(name) = text(entry.name) else { break };
        found.push((name, text(entry.value).unwrap()));
    }
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).take(3).collect();
    assert_eq!(names, ["Product name", "Version", "Build level"]);
    assert_eq!(found[1].1, "1.3.15");
    let file = std::fs::read(library_path()).unwrap();
    assert_eq!(texts_behind(&file, "MQTTClientV3_Version "), [found[1].1.as_str()]);
    assert_eq!(texts_behind(&file, "MQTTClientV3_Timestamp "), [found[2].1.as_str()]);
}

/// What stands behind each occurrence of a text, up to the next byte that is not printable.
fn texts_behind<'a>(file: &'a [u8], text: &str) -> Vec<&'a str> {
    let starts = file.windows(text.len()).enumerate().filter(|(_, part)| *part == text.as_bytes());
    let rests = starts.map(|(at, _)| &file[at + text.len()..]);
    let printable = |rest: &'a [u8]| {
        let end = rest.iter().position(|byte| !(b' '..=b'~').contains(byte)).unwrap_or(rest.len());
        std::str::from_utf8(&rest[..end]).unwrap()
    };
    rests.map(printable).collect()
}
