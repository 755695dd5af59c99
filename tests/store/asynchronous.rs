//! The store of asynchronous clients: requests that wait survive the process, with each library's records, through
//! hooks, and when the process is killed.

use crate::support::ledger::Ledger;
use crate::support::library::{debian_library, library_path};
use crate::support::mosquitto::Directory;
use crate::support::packet::{PUBCOMP, PUBLISH, PUBREC, PUBREL, Publish, acknowledgement};
use crate::support::store_client::{StoreClient, StoreProgram, other_library};
use crate::support::wait::until;
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The original; None where it is not installed.
fn original() -> Option<PathBuf> {
    let original = debian_library("libpaho-mqtt3a.so.1");
    if !original.exists() {
        assert!(!Path::new("/usr/bin/apt-get").exists(), "install the package libpaho-mqtt1.3");
        eprintln!("skipped: this system has no original library");
        return None;
    }
    Some(original)
}

/// The records below a directory, by name. A file that is renamed meanwhile is left out.
fn records(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for store in fs::read_dir(directory).unwrap() {
        for record in fs::read_dir(store.unwrap().path()).unwrap() {
            let path = record.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            match fs::read(path) {
                Ok(bytes) => found.insert(name, bytes),
                Err(error) if error.kind() == ErrorKind::NotFound => None,
                Err(error) => panic!("{name}: {error}"),
            };
        }
    }
    found.retain(|name, _| !name.starts_with("tmp-"));
    found
}

/// The payloads of the messages that came, in their order, without repetitions.
fn payloads(ledger: &Ledger) -> Vec<String> {
    let mut payloads = Vec::new();
    for incoming in ledger.broker.log() {
        if incoming.packet.kind() == PUBLISH {
            let payload = String::from_utf8_lossy(&incoming.packet.publish().payload).into_owned();
            if !payloads.contains(&payload) {
                payloads.push(payload);
            }
        }
    }
    payloads
}

/// A client that sends while it is not connected, with its store below a directory.
fn create(
    library: &Path,
    ledger: &Ledger,
    program: &StoreProgram,
    directory: &Path,
    level: u8,
) -> StoreClient {
    let mut client = program.start(library, &ledger.broker.uri());
    client.expect(&format!("create id 0 {} {level} o", directory.display()), "create 0");
    client
}

/// Waits until nothing is pending, and ends.
fn finish(mut client: StoreClient, directory: &Path) {
    until("the end of all requests", || client.ask("pending") == "pending 0");
    client.expect("disconnect 0", "disconnect 0");
    client.expect("destroy", "destroy 0");
    client.end();
    assert!(fs::read_dir(directory).unwrap().next().is_none(), "nothing is left");
}

#[test]
fn requests_that_wait_have_the_records_of_the_original() {
    for level in [4, 5] {
        let (directory, ledger) = (Directory::new("requests"), Ledger::new());
        let program = StoreProgram::asynchronous();
        let mut client = create(&library_path(), &ledger, &program, directory.path(), level);
        client.expect("send 0 t/zero zz", "send 0 0");
        client.expect("send 1 t/one hello", "send 0 1");
        let (five, properties): (_, &[u8]) = if level == 5 { ("5", b"\0") } else { ("", b"") };
        let number = i32::to_ne_bytes;
        let zero =
            [&number(3)[..], &number(0), b"t/zero\0", &number(2), b"zz", &number(0), &number(0)].concat();
        let one =
            [&number(3)[..], &number(1), b"t/one\0", &number(5), b"hello", &number(1), &number(0)].concat();
        let expected: BTreeMap<_, _> = [
            (format!("c{five}-1"), [&zero[..], properties].concat()),
            (format!("c{five}-2"), [&one[..], properties].concat()),
        ]
        .into();
        assert_eq!(records(directory.path()), expected);
        client.kill();
    }
}

/// One library takes requests while there is no connection, and others whose answers are missing, and is killed. The
/// other takes them up, in their order.
fn hand_over(from: &Path, to: &Path, level: u8) {
    let (directory, ledger) = (Directory::new("async"), Ledger::new());
    let program = StoreProgram::asynchronous();
    ledger.ignore(&[(PUBLISH, 1), (PUBLISH, 2), (PUBREL, 3)]);
    let mut first = create(from, &ledger, &program, directory.path(), level);
    first.expect("connect 0", "connect 0");
    for (qos, payload) in [(1, "one"), (2, "two"), (2, "three")] {
        assert!(first.ask(&format!("send {qos} t {payload}")).starts_with("send 0 "));
    }
    until("the release", || ledger.broker.log().iter().any(|incoming| incoming.packet.kind() == PUBREL));
    first.expect("disconnect 0", "disconnect 0");
    for (qos, payload) in [(1, "four"), (0, "five"), (2, "six")] {
        assert!(first.ask(&format!("send {qos} t {payload}")).starts_with("send 0 "));
    }
    first.kill();

    ledger.ignore(&[]);
    let mut second = create(to, &ledger, &program, directory.path(), level);
    second.expect("connect 0", "connect 0");
    finish(second, directory.path());
    for payload in ["two", "three", "six"] {
        assert_eq!(ledger.arrived(payload), 1, "{payload} of QoS 2 has come once");
    }
    assert_eq!(payloads(&ledger), ["one", "two", "three", "four", "five", "six"]);
}

#[test]
fn the_original_takes_up_our_requests() {
    let Some(original) = original() else { return };
    for level in [4, 5] {
        hand_over(&library_path(), &original, level);
    }
}

#[test]
fn we_take_up_the_requests_of_the_original() {
    let Some(original) = original() else { return };
    for level in [4, 5] {
        hand_over(&original, &library_path(), level);
    }
}

#[test]
fn we_take_up_our_own_requests() {
    for level in [4, 5] {
        hand_over(&library_path(), &library_path(), level);
    }
}

#[test]
fn requests_are_taken_up_on_another_processor() {
    let Some(other) = other_library() else { return };
    for level in [4, 5] {
        hand_over(&library_path(), &other, level);
        hand_over(&other, &library_path(), level);
    }
}

/// The original has records of UNSUBSCRIBE that it cannot read itself.
#[test]
fn stored_subscriptions_are_sent() {
    let (directory, ledger) = (Directory::new("subscriptions"), Ledger::new());
    let store = directory.join(format!("id-127.0.0.1-{}", ledger.broker.port()));
    fs::create_dir(&store).unwrap();
    let subscribe = b"\x08\0\0\0\x03\0\0\0\x02\0\0\0t/sub\0\x01\0\0\0second/t\0\0\0\0\0";
    fs::write(store.join("c-3.msg"), subscribe).unwrap();
    fs::write(store.join("c-4.msg"), b"\x0a\0\0\0\x04\0\0\0\x01\0\0\0t/u1\0").unwrap();
    let program = StoreProgram::asynchronous();
    let mut client = create(&library_path(), &ledger, &program, directory.path(), 4);
    client.expect("connect 0", "connect 0");
    let subscribe = ledger.broker.expect(crate::support::packet::SUBSCRIBE).packet.subscribe();
    assert_eq!(subscribe.id, 3);
    assert_eq!(subscribe.filters, [(b"t/sub".to_vec(), 1), (b"second/t".to_vec(), 0)]);
    let unsubscribe = ledger.broker.expect(crate::support::packet::UNSUBSCRIBE).packet.subscribe();
    assert_eq!((unsubscribe.id, unsubscribe.filters), (4, vec![(b"t/u1".to_vec(), 0)]));
    finish(client, directory.path());
}

#[test]
fn a_message_that_is_in_flight_already_is_not_sent_as_a_request_too() {
    let (directory, ledger) = (Directory::new("both"), Ledger::new());
    let store = directory.join(format!("id-127.0.0.1-{}", ledger.broker.port()));
    fs::create_dir(&store).unwrap();
    fs::write(store.join("s-1.msg"), Publish::new("t", 2, 1, b"once").encode(4)).unwrap();
    fs::write(store.join("c-1.msg"), b"\x03\0\0\0\x01\0\0\0t\0\x04\0\0\0once\x02\0\0\0\0\0\0\0").unwrap();
    let program = StoreProgram::asynchronous();
    let mut client = create(&library_path(), &ledger, &program, directory.path(), 4);
    client.expect("pending", "pending 0 1");
    client.expect("connect 0", "connect 0");
    finish(client, directory.path());
    assert_eq!(ledger.arrived("once"), 1);
}

/// Each restart finds the order of sending in the identifiers.
#[test]
fn identifiers_go_on_after_the_last_one_restored() {
    let (directory, ledger) = (Directory::new("order"), Ledger::new());
    let store = directory.join(format!("id-127.0.0.1-{}", ledger.broker.port()));
    fs::create_dir(&store).unwrap();
    for (id, payload) in [(65_000, b"a"), (65_535, b"b"), (7, b"c")] {
        fs::write(store.join(format!("s-{id}.msg")), Publish::new("t", 1, id, payload).encode(4)).unwrap();
    }
    let program = StoreProgram::asynchronous();
    let mut client = create(&library_path(), &ledger, &program, directory.path(), 4);
    client.expect("send 1 t d", "send 0 8");
    client.kill();
    let mut client = create(&library_path(), &ledger, &program, directory.path(), 4);
    client.expect("send 2 t e", "send 0 9");
    client.kill();
    let mut client = create(&library_path(), &ledger, &program, directory.path(), 4);
    client.expect("connect 0", "connect 0");
    finish(client, directory.path());
    assert_eq!(payloads(&ledger), ["a", "b", "c", "d", "e"]);
}

/// The first one's record stays where files cannot be deleted, and its identifier is given to another message.
#[test]
fn another_message_of_the_same_identifier_is_no_message_in_flight() {
    let (directory, ledger) = (Directory::new("both"), Ledger::new());
    let store = directory.join(format!("id-127.0.0.1-{}", ledger.broker.port()));
    fs::create_dir(&store).unwrap();
    fs::write(store.join("s-1.msg"), Publish::new("t", 2, 1, b"first").encode(4)).unwrap();
    fs::write(store.join("c-1.msg"), b"\x03\0\0\0\x01\0\0\0t\0\x05\0\0\0other\x02\0\0\0\0\0\0\0").unwrap();
    let program = StoreProgram::asynchronous();
    let mut client = create(&library_path(), &ledger, &program, directory.path(), 4);
    client.expect("connect 0", "connect 0");
    finish(client, directory.path());
    assert_eq!((ledger.arrived("first"), ledger.arrived("other")), (1, 1));
}

#[test]
fn records_pass_through_the_hooks_in_both_directions() {
    for level in [4, 5] {
        let (directory, ledger) = (Directory::new("hooks"), Ledger::new());
        let program = StoreProgram::asynchronous();
        let five = if level == 5 { "5" } else { "" };
        ledger.ignore(&[(PUBLISH, 1)]);
        let mut first = create(&library_path(), &ledger, &program, directory.path(), level);
        first.expect("hooks 90", "hooks 0");
        first.expect("connect 0", "connect 0");
        first.expect("send 1 topic in-flight", "send 0 1");
        ledger.broker.expect(PUBLISH);
        first.expect("disconnect 0", "disconnect 0");
        first.expect("send 1 topic waiting", "send 0 2");
        let found = records(directory.path());
        let readable = |bytes: &[u8]| bytes.windows(5).any(|window| window == b"topic");
        assert_eq!(found.keys().collect::<Vec<_>>(), [&format!("c{five}-1"), &format!("s{five}-1")]);
        assert!(!found.values().any(|bytes| readable(bytes)), "{found:?}");
        first.kill();

        ledger.ignore(&[]);
        let mut second = create(&library_path(), &ledger, &program, directory.path(), level);
        second.expect("pending", "pending 0");
        assert_eq!(records(directory.path()).len(), 2, "what is not understood yet is left");
        second.expect("hooks 90", "hooks 0");
        second.expect("pending", "pending 0 2 1");
        second.expect("connect 0", "connect 0");
        finish(second, directory.path());
        assert_eq!(payloads(&ledger), ["in-flight", "waiting"]);
    }
}

#[test]
fn a_hook_that_fails_keeps_the_message_out() {
    let (directory, ledger) = (Directory::new("hooks"), Ledger::new());
    let program = StoreProgram::asynchronous();
    let mut client = create(&library_path(), &ledger, &program, directory.path(), 4);
    client.expect("hooks -1", "hooks 0");
    client.expect("send 1 t secret", "send -2 0");
    client.expect("connect 0", "connect 0");
    client.expect("send 2 t secret", "send -2 0");
    client.expect("pending", "pending 0");
    assert_eq!(records(directory.path()).len(), 0);
    client.expect("hooks 0", "hooks 0");
    client.expect("send 1 t open", "send 0 1");
    finish(client, directory.path());
    assert_eq!(payloads(&ledger), ["open"]);
}

#[test]
fn options_choose_what_is_kept_and_taken_up() {
    let (directory, ledger) = (Directory::new("options"), Ledger::new());
    let program = StoreProgram::asynchronous();
    ledger.ignore(&[(PUBLISH, 1)]);
    let mut client = program.start(&library_path(), &ledger.broker.uri());
    client.expect(&format!("create id 0 {} 4 oz", directory.path().display()), "create 0");
    client.expect("connect 0", "connect 0");
    client.expect("send 1 t in-flight", "send 0 1");
    client.expect("disconnect 0", "disconnect 0");
    client.expect("send 0 t zero", "send 0 0");
    client.expect("send 1 t one", "send 0 2");
    assert_eq!(records(directory.path()).into_keys().collect::<Vec<_>>(), ["c-1", "s-1"]);
    client.kill();
    let mut client = program.start(&library_path(), &ledger.broker.uri());
    client.expect(&format!("create id 0 {} 4 or", directory.path().display()), "create 0");
    client.expect("pending", "pending 0 1");
    assert_eq!(records(directory.path()).into_keys().collect::<Vec<_>>(), ["s-1"]);
}

#[test]
fn a_clean_session_leaves_what_waits() {
    let (directory, ledger) = (Directory::new("clean"), Ledger::new());
    let program = StoreProgram::asynchronous();
    ledger.ignore(&[(PUBLISH, 1)]);
    let mut client = create(&library_path(), &ledger, &program, directory.path(), 4);
    client.expect("connect 0", "connect 0");
    client.expect("send 2 t in-flight", "send 0 1");
    ledger.broker.expect(PUBLISH);
    client.expect("disconnect 0", "disconnect 0");
    client.expect("send 1 t waiting", "send 0 2");
    ledger.ignore(&[]);
    client.expect("connect 1", "connect 0");
    finish(client, directory.path());
    assert_eq!(payloads(&ledger), ["in-flight", "waiting"]);
    let resent = ledger.broker.log().into_iter().filter(|incoming| {
        incoming.connection == 1 && incoming.packet.kind() == PUBLISH && incoming.packet.publish().dup
    });
    assert_eq!(resent.count(), 0, "the message in flight has gone with its session");
}

/// What a session calls of a program's own store, step by step. `hooks`: other functions of the program change what is put.
fn calls(library: &Path, level: u8, hooks: bool) -> Vec<(String, Vec<String>)> {
    let (ledger, program) = (Ledger::new(), StoreProgram::asynchronous());
    let mut client = program.start(library, &ledger.broker.uri());
    let mut seen = Vec::new();
    let mut step = |client: &mut StoreClient, commands: &[&str]| {
        let answers: Vec<String> = commands.iter().map(|command| client.ask(command)).collect();
        if commands.contains(&"connect 0") {
            until("the end of all requests", || client.ask("pending") == "pending 0");
        }
        let mut calls: Vec<String> = client.ask("calls").split('|').map(str::to_owned).collect();
        // Different on purpose: a message is put in flight before it is taken out of the requests, so that it is always
        // in one of them; it is not read back; nothing is removed that is never there.
        calls.retain(|call| !call.is_empty() && !call.starts_with("get c") && !call.ends_with("-0"));
        // A received message is kept until it is taken.
        calls
            .retain(|call| !["put q", "get q", "remove q"].iter().any(|of_queue| call.starts_with(of_queue)));
        if commands.contains(&"destroy") {
            // The original ends a session here that was never there.
            calls.retain(|call| call != "keys");
        }
        calls.sort();
        seen.push((format!("{commands:?} {answers:?}"), calls));
    };
    let create = format!("create id 2 . {level} o");
    step(&mut client, &[&create]);
    if hooks {
        step(&mut client, &["hooks 90"]);
    }
    step(&mut client, &["send 1 t/off early", "send 0 t/off zero", "pending"]);
    step(&mut client, &["connect 0", "wait 1 10000"]);
    step(&mut client, &["send 1 t/one hello", "wait 2 10000"]);
    step(&mut client, &["send 2 t/two world", "wait 3 10000"]);
    step(&mut client, &["subscribe t/sub 2"]);
    step(&mut client, &["unsubscribe t/sub"]);
    ledger.broker.send(0, &Publish::new("t/i", 2, 7, b"QQ2").encode(level));
    ledger.broker.expect(PUBCOMP);
    step(&mut client, &["await 1"]);
    step(&mut client, &["disconnect 0"]);
    // A disconnect uses up a number in the original.
    step(&mut client, &["destroy"]);
    if hooks {
        // The next create of the original deletes what it cannot read without them.
        return seen;
    }
    step(&mut client, &[&create, "send 2 t/off late", "destroy"]);
    step(&mut client, &[&create, "pending"]);
    step(&mut client, &["connect 0", "wait 1 10000"]);
    // At destroy the original would clean the session that has ended here once more.
    step(&mut client, &["disconnect 0", "connect 1", "disconnect 0"]);
    seen
}

#[test]
fn a_store_of_the_program_sees_the_same_calls() {
    let Some(original) = original() else { return };
    for (level, hooks) in [(4, false), (5, false), (4, true), (5, true)] {
        let (ours, original) = (calls(&library_path(), level, hooks), calls(&original, level, hooks));
        for (ours, original) in ours.iter().zip(&original) {
            assert_eq!(ours, original, "MQTT version {level}, hooks: {hooks}");
        }
        assert_eq!(ours.len(), original.len());
    }
}

/// Received messages that no function takes are kept, and handed over by the next process.
#[test]
fn received_messages_survive_until_they_are_taken() {
    let (directory, ledger) = (Directory::new("received"), Ledger::new());
    let store = directory.join(format!("id-127.0.0.1-{}", ledger.broker.port()));
    fs::create_dir(&store).unwrap();
    let queued = b"\x03\0\0\0QQ1\x01\0\0\0\x01\0\0\0\0\0\0\0\x08\0\0\0t/i\0\x03\0\0\0";
    fs::write(store.join("q-1.msg"), queued).unwrap();
    fs::write(store.join("r-7.msg"), Publish::new("t/i", 2, 7, b"QQ2").encode(4)).unwrap();
    let program = StoreProgram::asynchronous();
    let mut client = create(&library_path(), &ledger, &program, directory.path(), 4);
    client.expect("connect 0", "connect 0");
    ledger.broker.send(0, &acknowledgement(PUBREL, 7));
    let mut received = String::new();
    until("both messages", || {
        received.push_str(client.ask("received").trim_start_matches("received"));
        received == " t/i QQ1 1 t/i QQ2 2"
    });
    finish(client, directory.path());
}

/// One library is killed with messages that it has received and the program has not taken; the other delivers them.
#[test]
fn received_messages_go_from_one_library_to_the_other() {
    let Some(original) = original() else { return };
    let ours = library_path();
    // In MQTT 5 the original forgets what it has not handed over.
    for (from, to, level) in
        [(&ours, &original, 4), (&original, &ours, 4), (&ours, &original, 5), (&ours, &ours, 5)]
    {
        let (directory, ledger) = (Directory::new("received"), Ledger::new());
        let program = StoreProgram::asynchronous();
        ledger.ignore(&[(PUBREC, 7)]);
        let mut first = program.start(from, &ledger.broker.uri());
        first.expect(&format!("create id 0 {} {level} on", directory.path().display()), "create 0");
        first.expect("connect 0", "connect 0");
        let messages = [Publish::new("t/i", 1, 8, b"first"), Publish::new("t/i", 2, 7, b"second")];
        ledger.broker.send(0, &messages.map(|message| message.encode(level)).concat());
        let (kept, kinds) = if level == 5 { (3, ["q5-1", "q5-2", "r5-7"]) } else { (2, ["q-1", "r-7", ""]) };
        // The original creates a record's file before it writes into it.
        until("the records", || {
            let found = records(directory.path());
            found.len() == kept && found.values().all(|bytes| !bytes.is_empty())
        });
        assert!(records(directory.path()).keys().eq(kinds[..kept].iter()), "{:?}", records(directory.path()));
        first.kill();

        ledger.ignore(&[]);
        ledger.book.lock().unwrap().greeting = acknowledgement(PUBREL, 7);
        let mut second = program.start(to, &ledger.broker.uri());
        second.expect(&format!("create id 0 {} {level} o", directory.path().display()), "create 0");
        second.expect("connect 0", "connect 0");
        second.expect("await 2", "await 0");
        second.expect("received", "received t/i first 1 t/i second 2");
        until("the end of the delivery", || {
            ledger.broker.log().iter().any(|incoming| incoming.packet.kind() == PUBCOMP)
        });
        finish(second, directory.path());
    }
}
