//! The file store: where it is, what is in it, who may read it, and what becomes of it when something is wrong.

use crate::support::abi::{PERSISTENCE_ERROR, PERSISTENCE_NONE, PERSISTENCE_USER, V3_1_1, V5};
use crate::support::broker::Broker;
use crate::support::client::{Client, Owner};
use crate::support::ledger::Ledger;
use crate::support::library::library_path;
use crate::support::mosquitto::Directory;
use crate::support::options::{lasting, version};
use crate::support::packet::{PUBLISH, PUBREC, PUBREL, Publish, acknowledgement};
use crate::support::program::in_own_process;
use crate::support::store_client::StoreProgram;
use crate::support::wait::LIMIT;
use std::collections::BTreeMap;
use std::ffi::{c_int, c_void};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const URI: &str = "tcp://127.0.0.1:1883";

#[track_caller]
fn create(uri: &str, level: c_int, base: &Path) -> Owner {
    let (code, client) = Client::create_in(uri, "id", level, base);
    assert_eq!(code, 0, "create in {}", base.display());
    client
}

/// The names below a directory, without the directories themselves unless they are empty.
fn names(directory: &Path) -> Vec<String> {
    fn walk(base: &Path, directory: &Path, found: &mut Vec<String>) {
        let entries: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
        for path in &entries {
            if path.is_dir() {
                walk(base, path, found);
            } else {
                found.push(path.strip_prefix(base).unwrap().to_str().unwrap().to_owned());
            }
        }
        if entries.is_empty() && directory != base {
            found.push(directory.strip_prefix(base).unwrap().to_str().unwrap().to_owned());
        }
    }
    let mut found = Vec::new();
    walk(directory, directory, &mut found);
    found.sort();
    found
}

/// The records in the store of the client `id`, by name.
fn records(base: &Path, uri: &str) -> BTreeMap<String, Vec<u8>> {
    let Ok(entries) = fs::read_dir(store_of(base, uri)) else { return BTreeMap::new() };
    let read = |path: PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap().trim_end_matches(".msg").to_owned();
        (name, fs::read(path).unwrap())
    };
    entries.map(|entry| read(entry.unwrap().path())).filter(|(name, _)| !name.starts_with("tmp-")).collect()
}

fn store_of(base: &Path, uri: &str) -> PathBuf {
    base.join(format!("id-{}", uri.trim_start_matches("tcp://").replace(':', "-")))
}

/// Puts records where a client of this server will find them.
fn plant(base: &Path, uri: &str, records: &[(&str, &[u8])]) {
    let store = store_of(base, uri);
    fs::create_dir_all(&store).unwrap();
    for (name, bytes) in records {
        fs::write(store.join(format!("{name}.msg")), bytes).unwrap();
    }
}

#[test]
fn directories_have_the_names_of_the_original() {
    let cases = [
        ("cid", "tcp://127.0.0.1:1883", "cid-127.0.0.1-1883"),
        ("cid", "mqtt://127.0.0.1:1883", "cid-127.0.0.1-1883"),
        ("cid", "127.0.0.1:1883", "cid-127.0.0.1-1883"),
        ("cid", "tcp://127.0.0.1", "cid-127.0.0.1"),
        ("cid", "tcp://[::1]:1883", "cid-[--1]-1883"),
        ("cid", "ws://host:9001/mqtt/path", "cid-host-9001/mqtt/path"),
        ("a/b", "tcp://h:1", "a/b-h-1"),
        ("a:b*? c", "tcp://h:1", "a:b*? c-h-1"),
        ("a\\b", "tcp://h:1", "a\\b-h-1"),
        ("/a", "tcp://h:1", "a-h-1"),
        ("..", "tcp://h:1", "..-h-1"),
    ];
    for (id, uri, expected) in cases {
        let directory = Directory::new("names");
        let base = directory.join("p//q/");
        let (code, client) = Client::create_in(uri, id, V3_1_1, &base);
        assert_eq!((code, names(&base)), (0, vec![expected.to_owned()]), "{id} {uri}");
        client.destroy();
        assert!(!base.join(expected).exists(), "an empty store goes with its client: {id} {uri}");
        assert!(base.exists());
    }
}

#[test]
fn without_a_directory_the_working_directory_is_taken_whatever_it_becomes() {
    in_own_process("files::the_working_directory_of_create_counts", &[]);
}

#[test]
#[ignore = "changes the working directory: run in a process of its own"]
fn the_working_directory_of_create_counts() {
    let directory = Directory::new("working");
    std::env::set_current_dir(directory.path()).unwrap();
    let broker = Broker::with(|incoming| match incoming.packet.kind() {
        PUBLISH => crate::support::broker::Reaction::Silence,
        _ => crate::support::broker::Reaction::Answer,
    });
    let (code, client) = Client::create_kept(broker.uri(), "id", None, 0, std::ptr::null_mut());
    assert_eq!(code, 0);
    std::env::set_current_dir("/").unwrap();
    client.connect_ok(&lasting(V3_1_1));
    client.publish_ok("t", 1, b"m");
    assert_eq!(names(directory.path()).len(), 1);
    assert_eq!(client.disconnect(0), 0);
    client.destroy();
    assert_eq!(records(directory.path(), &broker.uri()).len(), 1);
}

#[test]
fn only_the_owner_has_access() {
    let directory = Directory::new("modes");
    let ledger = Ledger::new();
    ledger.ignore(&[(PUBLISH, 1)]);
    let base = directory.join("base");
    let client = create(&ledger.broker.uri(), V3_1_1, &base);
    client.connect_ok(&lasting(V3_1_1));
    client.publish_ok("t", 1, b"secret");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    let store = store_of(&base, &ledger.broker.uri());
    assert_eq!((mode(&base), mode(&store), mode(&store.join("s-1.msg"))), (0o700, 0o700, 0o600));
}

#[test]
fn nothing_leads_out_of_the_directory() {
    let directory = Directory::new("out");
    let base = directory.join("p/q/r");
    for id in ["../x", "../../x", "a/../../x", "/../x"] {
        let (code, client) = Client::create_in("tcp://h:1", id, V3_1_1, &base);
        assert_eq!(code, PERSISTENCE_ERROR, "{id}");
        assert!(!client.handle().is_null(), "the handle is there all the same");
    }
    let (code, _client) = Client::create_in("tcp://h:1/../../x", "id", V3_1_1, &base);
    assert_eq!(code, PERSISTENCE_ERROR, "by the server");
    assert_eq!(names(directory.path()), Vec::<String>::new());
}

#[test]
fn records_are_those_of_the_original_at_every_step() {
    for level in [V3_1_1, V5] {
        let directory = Directory::new("steps");
        let ledger = Ledger::new();
        ledger.ignore(&[(PUBLISH, 1), (PUBREL, 2), (PUBREC, 7)]);
        let uri = ledger.broker.uri();
        let client = create(&uri, level, directory.path());
        client.connect_ok(&lasting(level).in_flight(10));
        client.publish_ok("t/one", 1, b"hello");
        client.publish_ok("t/two", 2, b"world");
        let incoming = Publish::new("t/i", 2, 7, b"QQ2").encode(level as u8);
        ledger.broker.send(0, &incoming);
        let mut kinds = Vec::new();
        while !kinds.contains(&PUBREL) || !kinds.contains(&PUBREC) {
            client.receive(Duration::from_millis(1));
            kinds = ledger.broker.log().iter().map(|incoming| incoming.packet.kind()).collect();
        }
        let found = records(directory.path(), &uri);
        let one = Publish::new("t/one", 1, 1, b"hello").encode(level as u8);
        let two = Publish::new("t/two", 2, 2, b"world").encode(level as u8);
        let five = if level == V5 { "5" } else { "" };
        let expected: BTreeMap<String, Vec<u8>> = [
            (format!("s{five}-1"), one.clone()),
            (format!("s{five}-2"), two),
            (format!("sc{five}-2"), vec![0x62, 2, 0, 2]),
            (format!("r{five}-7"), incoming.clone()),
        ]
        .into();
        assert_eq!(found, expected);

        assert_eq!(client.disconnect(0), 0);
        client.connect_ok(&lasting(level).in_flight(10));
        let again = [&[one[0] | 8], &one[1..]].concat();
        assert_eq!(records(directory.path(), &uri)[&format!("s{five}-1")], again, "sent again: DUP");
    }
}

#[test]
fn a_message_waits_in_the_store_until_the_program_has_it() {
    for level in [V3_1_1, V5] {
        let directory = Directory::new("queue");
        let ledger = Ledger::new();
        let uri = ledger.broker.uri();
        let five = if level == V5 { "5" } else { "" };
        let client = create(&uri, level, directory.path());
        client.connect_ok(&lasting(level));
        let mut publish = Publish::new("t/i", 1, 8, b"QQ1");
        publish.retain = true;
        if level == V5 {
            publish.properties = b"\x26\0\x01a\0\x01b".to_vec();
        }
        let second = Publish { id: 9, payload: b"QQ2".to_vec(), ..publish.clone() };
        ledger.broker.send(0, &[publish.encode(level as u8), second.encode(level as u8)].concat());
        let token = client.publish_ok("t", 1, b"until the messages are read");
        assert_eq!(client.wait(token, LIMIT), 0);
        let found = records(directory.path(), &uri);
        assert_eq!(found.keys().collect::<Vec<_>>(), [&format!("q{five}-1"), &format!("q{five}-2")]);
        let golden = b"\x03\0\0\0QQ1\x01\0\0\0\x01\0\0\0\0\0\0\0\x08\0\0\0t/i\0\x03\0\0\0";
        let properties: &[u8] = if level == V5 { b"\x07\x26\0\x01a\0\x01b" } else { b"" };
        assert_eq!(found[&format!("q{five}-1")], [golden, properties].concat());

        let (code, message) = client.receive(LIMIT);
        assert_eq!((code, message.unwrap().payload), (0, b"QQ1".to_vec()));
        assert_eq!(records(directory.path(), &uri).len(), 1);
        assert_eq!(client.disconnect(0), 0);
        client.destroy();

        let client = create(&uri, level, directory.path());
        client.connect_ok(&lasting(level));
        let (code, message) = client.receive(LIMIT);
        let message = message.unwrap();
        assert_eq!((code, message.topic, message.payload), (0, b"t/i".to_vec(), b"QQ2".to_vec()));
        assert_eq!((message.qos, message.retained, message.id), (1, 1, 9));
        assert_eq!(message.properties.len(), usize::from(level == V5));
        assert_eq!(records(directory.path(), &uri).len(), 0);
    }
}

#[test]
fn identifiers_are_restored_in_their_order_and_go_on_after_the_last() {
    for level in [V3_1_1, V5] {
        let directory = Directory::new("order");
        let ledger = Ledger::new();
        let uri = ledger.broker.uri();
        let packet = |id: u16| Publish::new("t", 1, id, id.to_string().as_bytes()).encode(level as u8);
        let name = |id: u16| format!("s{}-{id}", if level == V5 { "5" } else { "" });
        let all: Vec<_> = [9, 65_535, 3, 65_000].map(|id| (name(id), packet(id))).into();
        let all: Vec<_> = all.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
        plant(directory.path(), &uri, &all);
        ledger.ignore(&[(PUBLISH, 3), (PUBLISH, 9)]);
        let client = create(&uri, level, directory.path());
        assert_eq!(client.pending(), [65_000, 65_535, 3, 9]);
        client.connect_ok(&lasting(level).in_flight(10));
        let ids: Vec<u16> = (0..4).map(|_| ledger.broker.expect(PUBLISH).packet.id()).collect();
        assert_eq!(ids, [65_000, 65_535, 3, 9]);
        assert_eq!(client.publish_ok("t", 1, b"next"), 10, "after the last one restored");
    }
}

/// What is planted, and the identifiers that the client then says are pending; None: create fails.
type Mixture = (&'static [(&'static str, &'static [u8])], c_int, Option<&'static [c_int]>, &'static str);

const ONE: &[u8] = b"\x34\x0a\0\x03t/i\0\x01one";
const ONE_5: &[u8] = b"\x34\x0b\0\x03t/i\0\x01\0one";
const RELEASE_1: &[u8] = b"\x62\x02\0\x01";

#[test]
fn records_of_both_versions_are_understood() {
    let mixtures: [Mixture; 9] = [
        (&[("s-1", ONE)], V3_1_1, Some(&[1]), "plain"),
        (&[("s5-1", ONE_5)], V3_1_1, None, "a message of MQTT 5 for a client of an earlier version"),
        (&[("sc5-1", RELEASE_1)], V3_1_1, None, "the same with a PUBREL"),
        (&[("r5-1", ONE_5)], V3_1_1, None, "the same with a received message"),
        (&[("q5-1", b"")], V3_1_1, Some(&[]), "what is queued may be of either version"),
        (&[("s-1", ONE), ("sc-1", RELEASE_1)], V5, Some(&[1]), "an earlier client's message and PUBREL"),
        (&[("s-1", ONE), ("s5-1", ONE_5)], V5, Some(&[1]), "both"),
        (&[("sc-1", RELEASE_1)], V3_1_1, Some(&[]), "a PUBREL without message"),
        (&[("s-2", ONE)], V3_1_1, Some(&[]), "under the name of another"),
    ];
    for (planted, level, expected, what) in mixtures {
        let directory = Directory::new("mixture");
        plant(directory.path(), URI, planted);
        let (code, client) = Client::create_in(URI, "id", level, directory.path());
        assert!(!client.handle().is_null());
        match expected {
            Some(expected) => assert_eq!((code, client.pending()), (0, expected.to_vec()), "{what}"),
            None => assert_eq!((code, client.pending()), (PERSISTENCE_ERROR, Vec::new()), "{what}"),
        }
        client.destroy();
        let left = records(directory.path(), URI).len();
        let gone = usize::from(what == "a PUBREL without message");
        assert_eq!(left, planted.len() - gone, "{what}");
    }
}

#[test]
fn a_message_of_an_earlier_version_goes_on_in_mqtt_5() {
    let directory = Directory::new("upgrade");
    let ledger = Ledger::new();
    let uri = ledger.broker.uri();
    let two = Publish::new("t/i", 1, 2, b"two").encode(4);
    let received = Publish::new("t/i", 2, 7, b"received").encode(4);
    plant(directory.path(), &uri, &[("s-1", ONE), ("sc-1", RELEASE_1), ("s-2", &two), ("r-7", &received)]);
    ledger.ignore(&[(PUBREL, 1), (PUBLISH, 2)]);
    let client = create(&uri, V5, directory.path());
    client.connect_ok(&lasting(V5).in_flight(10));
    assert_eq!(ledger.broker.expect(PUBREL).packet.id(), 1);
    assert_eq!(ledger.broker.expect(PUBLISH).packet.publish().payload, b"two");
    let found = records(directory.path(), &uri);
    assert_eq!(found["s5-2"], [&[0x3A, 0x0B], &two[2..9], &[0], b"two"].concat());
    assert!(!found.contains_key("s-2"), "the form of the earlier version has been replaced: {found:?}");
    ledger.broker.send(0, &acknowledgement(PUBREL, 7));
    let (_, message) = client.receive(LIMIT);
    assert_eq!(message.unwrap().payload, b"received", "what the program has not seen is not dropped");
}

#[test]
fn a_clean_session_removes_the_records_of_this_client_and_nothing_else() {
    for level in [V3_1_1, V5] {
        let directory = Directory::new("clean");
        let ledger = Ledger::new();
        let uri = ledger.broker.uri();
        let one = if level == V5 { ("s5-1", ONE_5) } else { ("s-1", ONE) };
        let others: [(&str, &[u8]); 4] =
            [("README", b"text"), ("s-1x", b"text"), ("x-1", ONE), ("s-1.msg.old", b"text")];
        plant(directory.path(), &uri, &[one, ("q-3", b"damaged"), ("c-1", b"damaged")]);
        plant(directory.path(), &uri, &others);
        fs::write(store_of(directory.path(), &uri).join("README"), "no record").unwrap();
        let other = directory.join("id-other-1");
        fs::create_dir(&other).unwrap();
        fs::write(other.join("s-1.msg"), ONE).unwrap();

        let client = create(&uri, level, directory.path());
        assert_eq!(client.pending(), [1]);
        client.connect_ok(&version(level));
        assert_eq!(client.pending(), []);
        let left: Vec<String> = records(directory.path(), &uri).into_keys().collect();
        assert_eq!(left, ["README", "s-1.msg.old", "s-1x", "x-1"]);
        assert!(other.join("s-1.msg").exists());
        assert_eq!(client.disconnect(0), 0);
    }
}

#[test]
fn foreign_and_unreadable_things_are_left_alone() {
    let directory = Directory::new("foreign");
    let two = Publish::new("t", 1, 2, b"two").encode(4);
    plant(directory.path(), URI, &[("s-2", &two), ("tmp-9", ONE), ("foo", ONE)]);
    let store = store_of(directory.path(), URI);
    fs::create_dir(store.join("s-3.msg")).unwrap();
    fs::write(store.join("README"), "text").unwrap();
    symlink("/dev/zero", store.join("s-4.msg")).unwrap();
    symlink(store.join("nowhere"), store.join("s-5.msg")).unwrap();
    // A file with holes that is longer than any record, and one whose name is no text.
    fs::File::create(store.join("s-6.msg")).unwrap().set_len(600 << 20).unwrap();
    let client = create(URI, V3_1_1, directory.path());
    assert_eq!(client.pending(), [2]);
    client.destroy();
    let mut left: Vec<_> = fs::read_dir(&store).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["README", "foo.msg", "s-2.msg", "s-3.msg", "s-4.msg", "s-5.msg", "s-6.msg"]);
}

#[test]
fn a_process_has_the_directory_for_itself() {
    let directory = Directory::new("lock");
    let ledger = Ledger::new();
    let (program, uri) = (StoreProgram::new(), ledger.broker.uri());
    let create = format!("create id 0 {} 4", directory.path().display());
    let mut first = program.start(&library_path(), &uri);
    first.expect(&create, "create 0");
    let mut second = program.start(&library_path(), &uri);
    second.expect(&create, "create -2");
    second.expect("connect 0", "connect 0");
    second.expect("destroy", "destroy 0");
    first.kill();
    second.expect(&create, "create 0");
    second.expect("destroy", "destroy 0");
    second.end();
    assert_eq!(names(directory.path()), Vec::<String>::new());

    let mut first = program.start(&library_path(), &uri);
    first.expect(&create, "create 0");
    let mut third = program.start_with(&library_path(), &uri, ("PAHO_C_RS_FILE_STORE_SHARED", "1"));
    third.expect(&create, "create 0");
}

/// Another process that shares the directory may have files in work under any of the temporary names.
#[test]
fn files_of_another_process_in_the_same_directory_are_not_overwritten() {
    for sharing in [false, true] {
        let directory = Directory::new("others");
        let ledger = Ledger::new();
        ledger.ignore(&[(PUBLISH, 1)]);
        let (program, uri) = (StoreProgram::new(), ledger.broker.uri());
        let create = format!("create id 0 {} 4", directory.path().display());
        let mut first = program.start(&library_path(), &uri);
        first.expect(&create, "create 0");
        let mut second = program.start_with(&library_path(), &uri, ("PAHO_C_RS_FILE_STORE_SHARED", "1"));
        second.expect(&create, "create 0");
        let mut client = if sharing { second } else { first };
        client.expect("connect 0", "connect 0");
        for token in 1..10 {
            client.expect(&format!("publish 1 t message-{token}"), &format!("publish 0 {token}"));
        }
        let names: Vec<String> = (10..50).map(|number| format!("tmp-{number}")).collect();
        let others: Vec<(&str, &[u8])> =
            names.iter().map(|name| (name.as_str(), &b"half a record"[..])).collect();
        plant(directory.path(), &uri, &others);
        for token in 2..10 {
            client.expect(&format!("wait {token} 10000"), "wait 0");
        }
        let store = store_of(directory.path(), &uri);
        for name in &names {
            assert_eq!(fs::read(store.join(format!("{name}.msg"))).unwrap(), b"half a record", "{name}");
        }
    }
}

/// The system calls that matter, as strace writes them down.
fn system_calls(sync: &str) -> Option<String> {
    if !Path::new("/usr/bin/strace").exists() {
        eprintln!("skipped: this system has no strace");
        return None;
    }
    let (directory, ledger, program) = (Directory::new("sync"), Ledger::new(), StoreProgram::new());
    let log = directory.join("calls");
    let mut strace = Command::new("strace");
    strace
        .args([
            "-f",
            "-e",
            "trace=mkdir,mkdirat,fsync,fdatasync,renameat,renameat2,sendto,sendmsg,write",
            "-o",
        ])
        .arg(&log);
    strace.arg(program.path()).env("PAHO_C_RS_FILE_STORE_SYNC", sync);
    let mut client = program.start_by(strace, &library_path(), &ledger.broker.uri());
    client.expect(&format!("create id 0 {} 4", directory.join("store").display()), "create 0");
    client.expect("connect 0", "connect 0");
    client.expect("publish 1 t message", "publish 0 1");
    client.expect("wait 1 10000", "wait 0");
    client.end();
    fs::read_to_string(log).ok()
}

#[test]
fn with_the_switch_a_message_is_on_the_disk_before_it_is_sent() {
    let Some(calls) = system_calls("1") else { return };
    let (create, calls) = calls.split_once("create 0").unwrap();
    let at = |what: &str| calls.find(what).unwrap_or_else(|| panic!("{what} in {calls}"));
    // The last thing with the text in it is the packet, not the file.
    let order = [at("fdatasync("), at("rename"), at(" fsync("), calls.rfind("1message").unwrap_or_default()];
    assert!(order.is_sorted(), "{calls}");
    // The store's directory and the one above it are new.
    let lines: Vec<&str> = create.lines().filter(|line| !line.contains("EEXIST")).collect();
    let made = lines.windows(2).filter(|pair| pair[0].contains("mkdir"));
    let synced = made.clone().filter(|pair| pair[1].contains(" fsync(")).count();
    assert_eq!((synced, made.count()), (2, 2), "{create}");
    let calls = system_calls("0").unwrap();
    assert!(!calls.contains("sync("), "{calls}");
}

#[test]
fn clients_of_one_process_may_share_a_directory() {
    let directory = Directory::new("shared");
    let first = create(URI, V3_1_1, directory.path());
    let second = create(URI, V3_1_1, directory.path());
    first.destroy();
    assert!(store_of(directory.path(), URI).exists(), "it is still in use");
    second.destroy();
    assert!(!store_of(directory.path(), URI).exists());
}

#[test]
fn a_directory_that_is_removed_meanwhile_comes_back() {
    let directory = Directory::new("removed");
    let ledger = Ledger::new();
    ledger.ignore(&[(PUBLISH, 1)]);
    let client = create(&ledger.broker.uri(), V3_1_1, directory.path());
    client.connect_ok(&lasting(V3_1_1));
    fs::remove_dir(store_of(directory.path(), &ledger.broker.uri())).unwrap();
    client.publish_ok("t", 1, b"m");
    assert_eq!(records(directory.path(), &ledger.broker.uri()).len(), 1);
}

#[test]
fn types_and_structures_that_are_none_are_refused() {
    let mut incomplete: [*mut c_void; 9] = [std::ptr::dangling_mut(); 9];
    incomplete[0] = std::ptr::null_mut();
    let incomplete: *mut c_void = incomplete.as_mut_ptr().cast();
    for (kind, context) in [(7, incomplete), (-1, incomplete), (PERSISTENCE_USER, std::ptr::null_mut())]
        .into_iter()
        .chain([(PERSISTENCE_USER, incomplete)])
    {
        let (code, client) = Client::create_kept(URI, "id", None, kind, context);
        assert_eq!(code, PERSISTENCE_ERROR, "{kind}");
        assert!(!client.handle().is_null());
        client.destroy();
    }
    for missing in 1..9 {
        let mut members: [*mut c_void; 9] = [std::ptr::dangling_mut(); 9];
        members[missing] = std::ptr::null_mut();
        let context = members.as_mut_ptr().cast();
        let (code, _client) = Client::create_kept(URI, "id", None, PERSISTENCE_USER, context);
        assert_eq!(code, PERSISTENCE_ERROR, "member {missing}");
    }
    assert_eq!(Client::create_kept(URI, "", None, PERSISTENCE_NONE, std::ptr::null_mut()).0, 0);
}
