//! Handles do not wait for each other, and the process does not suffer from them.

use crate::support::abi::{FAILURE, NULL_PARAMETER, V3_1_1};
use crate::support::broker::{Broker, Listener, Reaction};
use crate::support::callbacks::{ALL, Event, Verdict};
use crate::support::client::Client;
use crate::support::mosquitto::Mosquitto;
use crate::support::options::version;
use crate::support::packet::{Publish, SUBSCRIBE};
use crate::support::program::in_own_process;
use crate::support::wait::{LIMIT, next, until};
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

/// The whole life of another handle, which must not take long.
fn live(broker: &Broker, callbacks: bool) {
    let started = Instant::now();
    let client = Client::new(&broker.uri(), V3_1_1);
    let _events = callbacks.then(|| client.events());
    client.connect_ok(&version(V3_1_1));
    client.subscribe_ok("t", 1);
    let token = client.publish_ok("t", 2, b"");
    assert_eq!(client.wait(token, LIMIT), 0);
    assert_eq!(client.unsubscribe("t"), 0);
    assert_eq!(client.disconnect(0), 0);
    client.destroy();
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
}

#[test]
fn nobody_waits_for_a_connect() {
    let (silent, broker) = (Listener::new(), Broker::polite());
    for callbacks in [false, true] {
        let client = Client::new(&silent.uri(), V3_1_1);
        let _events = callbacks.then(|| client.events());
        let (sender, receiver) = channel();
        let connecting = client.clone();
        std::thread::spawn(move || sender.send(connecting.connect(&version(V3_1_1).timeout(30)).code));
        let peer = silent.accept();
        live(&broker, false);
        live(&broker, true);
        assert!(receiver.try_recv().is_err(), "it is still connecting");
        drop(peer);
        assert_eq!(next(&receiver, "the connect"), FAILURE);
    }
}

#[test]
fn nobody_waits_for_a_subscribe() {
    let silent = Broker::with(|incoming| match incoming.packet.kind() {
        SUBSCRIBE => Reaction::Silence,
        _ => Reaction::Answer,
    });
    let broker = Broker::polite();
    for connection in 0..2 {
        let client = Client::new(&silent.uri(), V3_1_1);
        let _events = (connection == 1).then(|| client.events());
        client.connect_ok(&version(V3_1_1));
        let (sender, receiver) = channel();
        let subscribing = client.clone();
        std::thread::spawn(move || sender.send(subscribing.subscribe3("t", 1)));
        silent.expect(SUBSCRIBE);
        live(&broker, false);
        live(&broker, true);
        assert!(receiver.try_recv().is_err(), "it is still subscribing");
        silent.cut(connection);
        assert_eq!(next(&receiver, "the subscribe"), FAILURE);
    }
}

#[test]
fn calls_do_not_wait_for_callbacks_of_others() {
    let broker = Broker::polite();
    let slow = Client::new(&broker.uri(), V3_1_1);
    let ((enter, entered), (go_on, wait)) = (channel(), channel::<()>());
    let ends = Mutex::new((enter, wait));
    slow.on_event(ALL, move |_, event| {
        if let Event::Message(_) = event {
            let (enter, wait) = &*ends.lock().unwrap();
            let _ = enter.send(());
            let _ = wait.recv_timeout(LIMIT);
        }
        Verdict::Accept
    });
    slow.connect_ok(&version(V3_1_1));
    broker.send(0, &Publish::new("t", 0, 0, b"").encode(4));
    next(&entered, "messageArrived");
    live(&broker, false);
    live(&broker, true);
    let token = slow.publish_ok("t", 1, b"");
    assert_eq!(slow.wait(token, LIMIT), 0, "not even those of the same handle");
    slow.subscribe_ok("t", 1);
    go_on.send(()).unwrap();
}

#[test]
fn connect_can_be_ended_by_destroying_the_handle() {
    let silent = Listener::new();
    let client = Client::new(&silent.uri(), V3_1_1);
    let (sender, receiver) = channel();
    let connecting = client.clone();
    std::thread::spawn(move || sender.send(connecting.connect(&version(V3_1_1).timeout(60)).code));
    let _peer = silent.accept();
    client.destroy();
    assert_eq!(next(&receiver, "the connect"), FAILURE);
}

#[test]
fn a_broken_connection_raises_no_signal() {
    in_own_process("independence::a_broken_connection_raises_no_signal_child", &[]);
}

#[test]
#[ignore = "run by a_broken_connection_raises_no_signal in a process of its own"]
fn a_broken_connection_raises_no_signal_child() {
    let broker = Broker::polite();
    for callbacks in [false, true] {
        let client = Client::new(&broker.uri(), V3_1_1);
        let _events = callbacks.then(|| client.events());
        // SAFETY: this sets the disposition that a C program starts with.
        unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
        client.connect_ok(&version(V3_1_1));
        broker.cut(broker.connections() - 1);
        until("the refusal to write", || client.publish("t", 0, b"x").0 != 0);
    }
}

#[test]
fn nothing_of_the_library_stays() {
    in_own_process("independence::nothing_of_the_library_stays_child", &[]);
}

#[test]
#[ignore = "run by nothing_of_the_library_stays in a process of its own"]
fn nothing_of_the_library_stays_child() {
    let broker = Broker::polite();
    live(&broker, true);
    let threads = || std::fs::read_dir("/proc/self/task").unwrap().filter(is_ours).count();
    let files = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    until("the end of the first threads", || threads() == 0);
    until("the end of the broker's connections", || broker.has_ended(0));
    for round in 1..20 {
        let before = files();
        live(&broker, round % 2 == 0);
        // A thread that has ended is listed for a moment after whoever waited for it goes on.
        until("the end of the threads", || threads() == 0);
        until("the end of the connection", || broker.has_ended(round));
        // The broker of the test keeps one descriptor for each connection.
        until("the end of the descriptors", || files() <= before + 1);
    }
}

#[test]
fn a_forked_child_has_clients_of_its_own_and_leaves_those_of_the_parent() {
    in_own_process("independence::a_forked_child_child", &[]);
}

#[test]
#[ignore = "run by a_forked_child_has_clients_of_its_own_and_leaves_those_of_the_parent in a process of its own"]
fn a_forked_child_child() {
    let mosquitto = Mosquitto::start();
    let inherited = Client::new(&mosquitto.uri(), V3_1_1);
    let ((enter, entered), (go_on, wait)) = (channel(), channel::<()>());
    let ends = Mutex::new((enter, wait));
    inherited.on_event(ALL, move |_, event| {
        if let Event::Message(_) = event {
            let (enter, wait) = &*ends.lock().unwrap();
            let _ = enter.send(());
            let _ = wait.recv_timeout(LIMIT);
        }
        Verdict::Accept
    });
    inherited.connect_ok(&version(V3_1_1));
    inherited.subscribe_ok("parent", 1);
    inherited.publish_ok("parent", 1, b"");
    next(&entered, "messageArrived");
    // SAFETY: the child uses the library and leaves by _exit.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let lived = std::panic::catch_unwind(|| live_in_a_child(&mosquitto.uri(), &inherited)).is_ok();
        // SAFETY: ends the child without the handlers of the parent.
        unsafe { libc::_exit(i32::from(!lived)) };
    }
    let mut status = 0;
    // SAFETY: waits for the child, which ends.
    unsafe { libc::waitpid(child, &mut status, 0) };
    assert_eq!(status, 0, "the child failed");
    go_on.send(()).unwrap();
    let token = inherited.publish_ok("t", 1, b"");
    assert_eq!(inherited.wait(token, LIMIT), 0, "the parent's connection goes on");
    disconnect_in_a_child(&inherited);
    let token = inherited.publish_ok("t", 1, b"");
    assert_eq!(inherited.wait(token, LIMIT), 0, "and still does");
}

fn disconnect_in_a_child(inherited: &Client) {
    // SAFETY: the child uses the library and leaves by _exit.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let ended = inherited.disconnect(1000) == 0 && !inherited.is_connected();
        // SAFETY: ends the child without the handlers of the parent.
        unsafe { libc::_exit(i32::from(!ended)) };
    }
    let mut status = 0;
    // SAFETY: waits for the child, which ends.
    unsafe { libc::waitpid(child, &mut status, 0) };
    assert_eq!(status, 0, "the child failed");
}

/// A thread of the parent is inside a callback, and so holds what callbacks pass through.
fn live_in_a_child(uri: &str, inherited: &Client) {
    let client = Client::new(uri, V3_1_1);
    let events = client.events();
    client.connect_ok(&version(V3_1_1));
    client.subscribe_ok("child", 1);
    client.publish_ok("child", 1, b"x");
    events.message();
    client.destroy();
    let started = Instant::now();
    inherited.destroy();
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
}

#[test]
fn a_handle_destroyed_while_it_connects_leaves_nothing() {
    in_own_process("independence::a_handle_destroyed_while_it_connects_leaves_nothing_child", &[]);
}

#[test]
#[ignore = "run by a_handle_destroyed_while_it_connects_leaves_nothing in a process of its own"]
fn a_handle_destroyed_while_it_connects_leaves_nothing_child() {
    let broker = Broker::polite();
    for round in 0..600 {
        let client = Client::new(&broker.uri(), V3_1_1);
        let _events = client.events();
        if round % 2 == 0 {
            client.connect_ok(&version(V3_1_1));
        }
        let connecting = client.clone();
        let thread = std::thread::spawn(move || connecting.connect(&version(V3_1_1)).code);
        (0..round / 2 * 200).for_each(|_| std::hint::spin_loop());
        client.destroy();
        let code = thread.join().unwrap();
        assert!(matches!(code, 0 | FAILURE | NULL_PARAMETER), "{code}");
    }
    let threads = || std::fs::read_dir("/proc/self/task").unwrap().filter(is_ours).count();
    until("the end of the threads", || threads() == 0);
    until("the end of the connections", || (0..broker.connections()).all(|number| broker.has_ended(number)));
}

/// The library's threads have the name that the original gives its own.
fn is_ours(entry: &std::io::Result<std::fs::DirEntry>) -> bool {
    let name = std::fs::read_to_string(entry.as_ref().unwrap().path().join("comm")).unwrap_or_default();
    name.starts_with("MQTTClient")
}
