//! No exchange waits for an acknowledgement that the kernel delays: before a thread waits, the library asks for it. Each test
//! runs in a process of its own, in which a shim counts how often that happens.

use crate::support::abi::{FAILURE, V3_1_1, V5};
use crate::support::broker::Broker;
use crate::support::callbacks::{ALL, Event, Verdict, Wanted};
use crate::support::client::Client;
use crate::support::mosquitto::{Directory, Mosquitto};
use crate::support::options::{self, Tls, version};
use crate::support::packet::Publish;
use crate::support::program::{compile, in_own_process};
use crate::support::tls::{Identity, Subject};
use crate::support::wait::{LIMIT, next, until};
use crate::support::websocket::accepting;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;

fn counting(child: &str, variables: &[(&str, &str)]) {
    let directory = Directory::new("quick-ack");
    let shim = compile("quick_ack.c", &["-shared", "-fPIC"], &directory);
    in_own_process(
        &format!("quick_ack::{child}"),
        &[&[("LD_PRELOAD", shim.to_str().unwrap())], variables].concat(),
    );
}

const ONLY_MESSAGES: Wanted = Wanted { lost: false, complete: false, published: false, disconnected: false };

/// How often the kernel was asked so far in this process.
fn quick_acks() -> u64 {
    let shim = libloading::os::unix::Library::this();
    // SAFETY: the shim's function has this type.
    let count = unsafe { shim.get::<extern "C" fn() -> std::ffi::c_ulong>(b"quick_acks") };
    count.expect("the shim is loaded")()
}

/// A message of QoS 0 as the server sends it.
fn message(payload: &[u8]) -> Vec<u8> {
    Publish::new("t", 0, 0, payload).encode(4)
}

fn payload_of(event: Event) -> Option<Vec<u8>> {
    match event {
        Event::Message(message) => Some(message.payload),
        _ => None,
    }
}

/// Sends what the kernel is asked to acknowledge, and waits until it is asked. With Nagle's algorithm nothing would follow
/// before that.
fn send_and_await_quick_ack(first: &str, send: impl FnOnce()) {
    let before = quick_acks();
    send();
    until(&format!("asking for the acknowledgement of {first}"), || quick_acks() > before);
    assert_eq!(quick_acks(), before + 1, "{first}");
}

#[test]
fn the_acknowledgement_is_asked_for_once_before_a_wait() {
    counting("the_acknowledgement_is_asked_for_once_before_a_wait_child", &[]);
}

#[test]
#[ignore = "run by the_acknowledgement_is_asked_for_once_before_a_wait in a process of its own"]
fn the_acknowledgement_is_asked_for_once_before_a_wait_child() {
    let broker = Broker::polite();
    let client = Client::new(&broker.uri(), V3_1_1);
    client.connect_ok(&version(V3_1_1));
    let (receiving, (sender, received)) = (Client::clone(&client), channel());
    send_and_await_quick_ack("PUBACK", || {
        client.publish_ok("t", 1, b"");
        thread::spawn(move || sender.send(receiving.receive_ok().payload));
    });
    broker.send(0, &message(b"second"));
    assert_eq!(next(&received, "the message"), b"second");

    let client = Client::new(&broker.uri(), V3_1_1);
    let events = client.events();
    client.connect_ok(&version(V3_1_1));
    send_and_await_quick_ack("PUBACK with callbacks", || {
        client.publish_ok("t", 1, b"");
    });
    send_and_await_quick_ack("PUBLISH with callbacks", || broker.send(1, &message(b"second")));
    assert_eq!(events.find(payload_of), b"second");
}

#[test]
fn a_callback_that_answers_costs_nothing() {
    counting("a_callback_that_answers_costs_nothing_child", &[]);
}

#[test]
#[ignore = "run by a_callback_that_answers_costs_nothing in a process of its own"]
fn a_callback_that_answers_costs_nothing_child() {
    const LAPS: u32 = 200;
    let broker = Mosquitto::start();
    let client = Client::new(&broker.uri(), V3_1_1);
    let (sender, done) = channel();
    let (laps, sender) = (Arc::new(AtomicU32::new(0)), Mutex::new(sender));
    let counter = laps.clone();
    client.on_event(ONLY_MESSAGES, move |client, _| {
        match counter.fetch_add(1, Ordering::Relaxed) {
            LAPS => drop(sender.lock().unwrap().send(())),
            lap if lap < LAPS => drop(client.publish_ok("lap", 0, b"answer")),
            _ => {}
        }
        Verdict::Accept
    });
    client.connect_ok(&version(V3_1_1));
    client.subscribe_ok("lap", 0);
    let mut counts = Vec::new();
    // A callback that the machine held up for longer than a tick is not waited for, so a busy machine adds some.
    while counts.len() < 5 && counts.iter().all(|count| *count >= u64::from(LAPS / 10)) {
        laps.store(0, Ordering::Relaxed);
        let before = quick_acks();
        client.publish_ok("lap", 0, b"first");
        next(&done, "the laps");
        counts.push(quick_acks() - before);
    }
    assert!(counts.iter().any(|count| *count < u64::from(LAPS / 10)), "{counts:?}");
}

#[test]
fn a_callback_that_takes_long_does_not_delay_it() {
    for lanes in ["process", "client"] {
        let values = [("PAHO_C_RS_CALLBACK_LANES", lanes)];
        counting("a_callback_that_takes_long_does_not_delay_it_child", &values);
    }
}

#[test]
#[ignore = "run by a_callback_that_takes_long_does_not_delay_it in a process of its own"]
fn a_callback_that_takes_long_does_not_delay_it_child() {
    let broker = Broker::polite();
    hold_up(&broker);
}

#[test]
fn other_clients_at_work_do_not_delay_it() {
    counting("other_clients_at_work_do_not_delay_it_child", &[]);
}

#[test]
#[ignore = "run by other_clients_at_work_do_not_delay_it in a process of its own"]
fn other_clients_at_work_do_not_delay_it_child() {
    let directory = Directory::new("busy");
    let unix = directory.join("socket");
    let _mosquitto = Mosquitto::start_with(&format!("listener 0 {}", unix.display()));
    // On a socket that is never asked for acknowledgements, with no callback that would have to wait for the other one.
    let busy = Client::new(&format!("unix://{}", unix.display()), V3_1_1);
    busy.on_event(ONLY_MESSAGES, |_, _| Verdict::Accept);
    busy.connect_ok(&version(V3_1_1));
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !ended.load(Ordering::Acquire) {
                let token = busy.publish_ok("busy", 1, b"");
                assert_eq!(busy.wait(token, LIMIT), 0);
            }
        });
        hold_up(&Broker::polite());
        ended.store(true, Ordering::Release);
    });
}

/// A callback that does not return before it was asked.
fn hold_up(broker: &Broker) {
    let client = Client::new(&broker.uri(), V3_1_1);
    let (sender, done) = channel();
    let sender = Mutex::new(sender);
    let before = Arc::new(AtomicU64::new(u64::MAX));
    let seen = before.clone();
    client.on_event(ALL, move |_, event| {
        if payload_of(event.clone()).is_some_and(|payload| payload == b"long") {
            until("asking while the callback runs", || quick_acks() > seen.load(Ordering::Acquire));
            sender.lock().unwrap().send(()).unwrap();
        }
        Verdict::Accept
    });
    client.connect_ok(&version(V3_1_1));
    client.subscribe_ok("t", 0);
    before.store(quick_acks(), Ordering::Release);
    broker.send(0, &message(b"long"));
    next(&done, "the end of the callback");
}

/// What a connection does: a wait for a message with each API of receiving.
fn exchange(uri: &str, options: &options::Connect) {
    for callbacks in [false, true] {
        let client = Client::new(uri, options.version);
        let events = callbacks.then(|| client.events());
        client.connect_ok(options);
        client.subscribe_ok("topic", 2);
        for qos in 0..3 {
            client.publish_ok("topic", qos, b"own");
            match &events {
                Some(events) => events.find(payload_of),
                None => client.receive_ok().payload,
            };
        }
        assert_eq!(client.disconnect(1000), 0);
    }
}

#[test]
fn every_transport_over_tcp_asks_and_no_other() {
    counting("every_transport_over_tcp_asks_and_no_other_child", &[]);
}

#[test]
fn nobody_asks_where_it_is_switched_off() {
    counting("every_transport_over_tcp_asks_and_no_other_child", &[("PAHO_C_RS_QUICKACK", "never")]);
}

#[test]
#[ignore = "run by every_transport_over_tcp_asks_and_no_other in a process of its own"]
fn every_transport_over_tcp_asks_and_no_other_child() {
    let asks = std::env::var_os("PAHO_C_RS_QUICKACK").is_none();
    let directory = Directory::new("transports");
    let identity = Identity::authority("test authority").issue(&Subject::named(&["localhost"]));
    let (certificate, key) = identity.save(&directory, "server");
    let files = format!("certfile {certificate}\nkeyfile {key}");
    let (plain, (_tls, tls_port)) = (Mosquitto::start(), Mosquitto::start_with_listener(|_| files.clone()));
    let (_web, web_port) = Mosquitto::start_with_listener(|_| "protocol websockets".to_owned());
    let unix = directory.join("socket");
    let _unix = Mosquitto::start_with(&format!("listener 0 {}", unix.display()));
    let with_tls = version(V5).tls(&Tls { checks_chain: false, ..Tls::default() });
    for (uri, options, is_tcp) in [
        (plain.uri(), version(V5), true),
        (format!("ssl://localhost:{tls_port}"), with_tls, true),
        (format!("ws://localhost:{web_port}"), version(V5), true),
        (format!("unix://{}", unix.display()), version(V5), false),
    ] {
        let before = quick_acks();
        exchange(&uri, &options);
        assert_eq!(quick_acks() > before, is_tcp && asks, "{uri}");
    }
}

#[test]
fn answers_in_pieces_do_not_delay_the_opening_of_a_stream() {
    counting("answers_in_pieces_do_not_delay_the_opening_of_a_stream_child", &[]);
}

/// A WebSocket server and a proxy send the rest of their answers when the first piece was acknowledged.
#[test]
#[ignore = "run by answers_in_pieces_do_not_delay_the_opening_of_a_stream in a process of its own"]
fn answers_in_pieces_do_not_delay_the_opening_of_a_stream_child() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = thread::spawn(move || {
        for answers in [|_: &str| "HTTP/1.1 200 OK\r\n\r\n".to_owned(), accepting] {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 4096];
            let count = stream.read(&mut request).unwrap();
            let answer = answers(std::str::from_utf8(&request[..count]).unwrap());
            let (first, second) = answer.split_at(12);
            send_and_await_quick_ack(first, || stream.write_all(first.as_bytes()).unwrap());
            stream.write_all(second.as_bytes()).unwrap();
        }
    });
    let through =
        options::Connect { http_proxy: Some(format!("http://127.0.0.1:{port}")), ..version(V3_1_1) };
    let client = Client::new("tcp://127.0.0.1:1", V3_1_1);
    assert_eq!(client.connect(&through).code, FAILURE, "the server is gone after the proxy's answer");
    let client = Client::new(&format!("ws://127.0.0.1:{port}"), V3_1_1);
    assert_eq!(client.connect(&version(V3_1_1)).code, FAILURE, "the server is gone after its answer");
    server.join().unwrap();
}
