//! Keep-alive: a ping in time, and the end of a connection whose server has gone silent.

use crate::support::abi::{FAILURE, V3_1_1, V5};
use crate::support::broker::{Broker, Reaction};
use crate::support::callbacks::Event;
use crate::support::client::Client;
use crate::support::options::version;
use crate::support::packet::{DISCONNECT, PINGREQ, PUBLISH, Publish};
use crate::support::program::in_own_process;
use crate::support::wait::{LIMIT, until};
use std::time::{Duration, Instant};

/// What the machine may be late on top of a time limit.
const LATE: Duration = Duration::from_millis(600);

#[test]
fn a_ping_comes_in_time_and_again() {
    for level in [V3_1_1, V5] {
        let broker = Broker::polite();
        let client = Client::new(&broker.uri(), level);
        let events = client.events();
        client.connect_ok(&version(level).keep_alive(1));
        for _ in 0..3 {
            let before = Instant::now();
            broker.expect(PINGREQ);
            assert!(before.elapsed() <= Duration::from_secs(1) + LATE, "{:?}", before.elapsed());
        }
        assert!(client.is_connected());
        assert_eq!(events.rest(), []);
    }
}

#[test]
fn an_unanswered_ping_ends_the_connection() {
    for level in [V3_1_1, V5] {
        let broker = Broker::with(|incoming| match incoming.packet.kind() {
            PINGREQ => Reaction::Silence,
            _ => Reaction::Answer,
        });
        let client = Client::new(&broker.uri(), level);
        let events = client.events();
        client.connect_ok(&version(level).keep_alive(1));
        broker.expect(PINGREQ);
        let pinged = Instant::now();
        assert_eq!(events.next(), Event::Lost { with_cause: false });
        let took = pinged.elapsed();
        assert!(took >= Duration::from_millis(900), "{took:?}: the server has 1.5 times the interval");
        assert!(took <= Duration::from_millis(2500) + LATE, "{took:?}");
        until("the end of the connection", || broker.has_ended(0));
        assert!(
            !broker.log().iter().any(|incoming| incoming.packet.kind() == DISCONNECT),
            "the will is wanted"
        );
    }
}

#[test]
fn receiving_alone_does_not_replace_a_ping() {
    let broker = Broker::polite();
    let client = Client::new(&broker.uri(), V3_1_1);
    let events = client.events();
    client.connect_ok(&version(V3_1_1).keep_alive(1));
    let started = Instant::now();
    while !broker.log().iter().any(|incoming| incoming.packet.kind() == PINGREQ) {
        assert!(started.elapsed() <= Duration::from_secs(1) + LATE, "no ping while messages come");
        broker.send(0, &Publish::new("t", 0, 0, b"").encode(4));
        events.message();
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

#[test]
fn sending_alone_does_not_replace_a_ping() {
    let broker = Broker::polite();
    let client = Client::new(&broker.uri(), V3_1_1);
    let _events = client.events();
    client.connect_ok(&version(V3_1_1).keep_alive(1));
    let started = Instant::now();
    while !broker.log().iter().any(|incoming| incoming.packet.kind() == PINGREQ) {
        assert!(started.elapsed() <= Duration::from_secs(3) + LATE, "no ping while nothing is answered");
        client.publish_ok("t", 0, b"");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

#[test]
fn no_interval_is_no_ping() {
    let broker = Broker::polite();
    let client = Client::new(&broker.uri(), V3_1_1);
    let _events = client.events();
    client.connect_ok(&version(V3_1_1).keep_alive(0));
    let with_pings = Client::new(&broker.uri(), V3_1_1);
    let _more_events = with_pings.events();
    with_pings.connect_ok(&version(V3_1_1).keep_alive(1));
    (0..2).for_each(|_| assert_eq!(broker.expect(PINGREQ).connection, 1));
    client.publish_ok("t", 0, b"");
    assert_eq!(broker.expect(PUBLISH).connection, 0);
}

/// In a process of its own: no other callback of the process runs meanwhile.
#[test]
fn pings_go_on_while_a_callback_takes_its_time() {
    in_own_process("keep_alive::pings_go_on_while_a_callback_takes_its_time_child", &[]);
}

#[test]
#[ignore = "run by pings_go_on_while_a_callback_takes_its_time in a process of its own"]
fn pings_go_on_while_a_callback_takes_its_time_child() {
    let broker = Broker::polite();
    let client = Client::new(&broker.uri(), V3_1_1);
    let (sender, receiver) = std::sync::mpsc::channel();
    let ends = std::sync::Mutex::new((sender, receiver));
    let (entered_sender, entered) = std::sync::mpsc::channel();
    let entered_sender = std::sync::Mutex::new(entered_sender);
    let go_on = ends.lock().unwrap().0.clone();
    client.on_event(crate::support::callbacks::ALL, move |_, event| {
        if let Event::Message(_) = event {
            entered_sender.lock().unwrap().send(()).unwrap();
            let _ = ends.lock().unwrap().1.recv_timeout(LIMIT);
        }
        crate::support::callbacks::Verdict::Accept
    });
    client.connect_ok(&version(V3_1_1).keep_alive(1));
    broker.send(0, &Publish::new("t", 0, 0, b"").encode(4));
    crate::support::wait::next(&entered, "messageArrived");
    (0..3).for_each(|_| drop(broker.expect(PINGREQ)));
    assert!(client.is_connected());
    go_on.send(()).unwrap();
}

/// A server that accepts a connection and then reads nothing more. It is gone with what this gives.
fn server_that_stops_reading() -> (String, std::thread::JoinHandle<std::net::TcpStream>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let uri = format!("tcp://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        assert!(std::io::Read::read(&mut stream, &mut [0; 1000]).unwrap() > 0);
        std::io::Write::write_all(&mut stream, &[0x20, 2, 0, 0]).unwrap();
        stream
    });
    (uri, server)
}

#[test]
fn a_server_that_stops_reading_is_given_up_during_a_publish() {
    // More than the network takes.
    let payload = vec![0; 32 << 20];
    for callbacks in [false, true] {
        let (uri, server) = server_that_stops_reading();
        let client = Client::new(&uri, V3_1_1);
        let events = callbacks.then(|| client.events());
        client.connect_ok(&version(V3_1_1).keep_alive(1));
        let _connection = server.join().unwrap();
        let begin = Instant::now();
        assert_eq!(client.publish("topic", 0, &payload).0, FAILURE);
        // An interval until the ping, and one and a half for its answer.
        assert!(begin.elapsed() < Duration::from_millis(2500) + 3 * LATE, "{:?}", begin.elapsed());
        assert!(!client.is_connected());
        if let Some(events) = &events {
            events.find_lost();
        }
    }
}
