//! What happens where memory is short: an error, and the program goes on. And that no server makes a client take more and
//! more of it.

use crate::support::abi::{DISCONNECTED, FAILURE, V3_1_1};
use crate::support::broker::{Broker, Listener, Peer, Reaction};
use crate::support::callbacks::{ALL, Event, Verdict};
use crate::support::client::Client;
use crate::support::options::version;
use crate::support::packet::{
    DISCONNECT, PINGREQ, PUBACK, PUBCOMP, PUBLISH, PUBREC, PUBREL, Publish, acknowledgement,
};
use crate::support::program::in_own_process;
use crate::support::wait::LIMIT;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const MIB: usize = 1 << 20;
const OUT_OF_MEMORY: i32 = -99;

/// From now on this process gets only so much memory beyond what it has.
fn limit_memory(beyond: usize) {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    let used = pages.split(' ').next().unwrap().parse::<usize>().unwrap() * 4096;
    let limit = (used + beyond) as libc::rlim_t;
    let limits = libc::rlimit { rlim_cur: limit, rlim_max: limit };
    // SAFETY: the structure lives through the call.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &limits) }, 0);
}

/// A broker that answers any message of QoS 0 by one that is larger than what a client has left.
fn broker() -> Broker {
    Broker::with(|incoming| match incoming.packet.kind() {
        PUBLISH if incoming.packet.publish().qos == 0 => {
            Reaction::Send(Publish::new("large", 0, 0, &vec![0; 150 * MIB]).encode(4))
        }
        _ => Reaction::Answer,
    })
}

#[test]
fn a_message_that_does_not_fit_is_an_error() {
    let broker = broker();
    in_own_process("memory::a_message_that_does_not_fit_is_an_error_child", &[("TEST_URI", &broker.uri())]);
}

#[test]
#[ignore = "run by a_message_that_does_not_fit_is_an_error in a process of its own"]
fn a_message_that_does_not_fit_is_an_error_child() {
    let uri = std::env::var("TEST_URI").unwrap();
    let payload = vec![0; 100 * MIB];
    let client = Client::new(&uri, V3_1_1);
    client.connect_ok(&version(V3_1_1));
    limit_memory(64 * MIB);
    assert_eq!(client.publish("t", 1, &payload), (OUT_OF_MEMORY, None));
    let token = client.publish_ok("t", 1, b"small");
    assert_eq!(client.wait(token, LIMIT), 0, "the connection goes on");
    client.publish_ok("t", 0, b"send something large");
    assert_eq!(client.receive(LIMIT), (FAILURE, None));
    assert_eq!(client.receive(LIMIT), (DISCONNECTED, None));
    client.connect_ok(&version(V3_1_1));
}

#[test]
fn the_first_client_of_a_small_process_finds_room_for_its_handle() {
    in_own_process("memory::the_first_client_of_a_small_process_finds_room_for_its_handle_child", &[]);
}

#[test]
#[ignore = "run by the_first_client_of_a_small_process_finds_room_for_its_handle in a process of its own"]
fn the_first_client_of_a_small_process_finds_room_for_its_handle_child() {
    let broker = Broker::polite();
    crate::support::library::library();
    limit_memory(10 * MIB);
    let client = Client::new(&broker.uri(), V3_1_1);
    client.connect_ok(&version(V3_1_1));
    client.publish_ok("t", 0, b"");
}

/// What the floods of a broker may cost a process beyond their bound.
const MARGIN: usize = 2 * MIB;
const QUEUE: usize = 16 * MIB;

/// The most memory that this process has had.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() << 10
}

/// A child process with a client, `role`, connected to what `serve` is at the other side of. The child ends when `serve` has
/// returned; `serve` also gets a connection on which it can say something to the child before.
fn against(role: &str, serve: impl FnOnce(Peer, &mut TcpStream) + Send + 'static) {
    let (listener, control) = (Listener::new(), TcpListener::bind("127.0.0.1:0").unwrap());
    let (uri, address) = (listener.uri(), control.local_addr().unwrap().to_string());
    let server = std::thread::spawn(move || {
        let (mut control, _) = control.accept().unwrap();
        let (peer, _) = listener.accept_client(false);
        serve(peer, &mut control);
    });
    let values = [("TEST_URI", uri.as_str()), ("TEST_CONTROL", &address), ("TEST_ROLE", role)];
    in_own_process("memory::a_client_in_a_flood", &values);
    server.join().unwrap();
}

/// Sends this again and again, until the client's side takes nothing or is closed. Counts as it goes: once may be more than a
/// client takes.
fn flood(peer: &Peer, bytes: Vec<u8>, sent: &Arc<AtomicUsize>) {
    let (mut stream, sent) = (peer.handle(), sent.clone());
    stream.set_write_timeout(None).unwrap();
    std::thread::spawn(move || {
        for piece in std::iter::repeat(&bytes).flat_map(|bytes| bytes.chunks(4096)) {
            if stream.write_all(piece).is_err() {
                return;
            }
            sent.fetch_add(piece.len(), Ordering::Relaxed);
        }
    });
}

/// The client side of the tests that follow.
#[test]
#[ignore = "run by the tests of floods in processes of their own"]
fn a_client_in_a_flood() {
    let value = |name| std::env::var(name).unwrap();
    let mut control = TcpStream::connect(value("TEST_CONTROL")).unwrap();
    let mut await_word = move || drop(control.read(&mut [0]));
    let client = Client::new(&value("TEST_URI"), V3_1_1);
    match value("TEST_ROLE").as_str() {
        "slow callback" => {
            let (go_on, waits) = channel::<()>();
            let waits = Mutex::new(waits);
            client.on_event(ALL, move |_, event| {
                if let Event::Message(_) = event {
                    let _ = waits.lock().unwrap().recv();
                }
                Verdict::Accept
            });
            client.connect_ok(&version(V3_1_1).keep_alive(1));
            let before = peak();
            await_word();
            assert!(client.is_connected());
            assert!(peak() - before < QUEUE + MARGIN, "{} bytes more", peak() - before);
            drop(go_on);
        }
        "callbacks" => {
            let events = client.events();
            client.connect_ok(&version(V3_1_1).keep_alive(1));
            let before = peak();
            events.find_lost();
            assert!(peak() - before < MARGIN, "{} bytes more", peak() - before);
        }
        "no callbacks" => {
            client.connect_ok(&version(V3_1_1).keep_alive(1));
            let before = peak();
            assert_eq!(client.receive(LIMIT), (FAILURE, None));
            assert!(peak() - before < MARGIN, "{} bytes more", peak() - before);
        }
        role => panic!("{role}"),
    }
}

/// The kernel's buffers between server and client grow for a while after nothing is read any more. A client that read on would
/// take several times as much in the time of three pings.
const KERNEL: usize = 2 << 20;

/// Nothing is read while the queue is full, for however long; the connection is kept alive all the same.
#[test]
fn a_callback_that_never_returns_bounds_what_is_read() {
    for payload in [0, 100, 20_000] {
        against("slow callback", move |mut peer, control| {
            let sent = Arc::new(AtomicUsize::new(0));
            let messages = Publish::new("t", 0, 0, &vec![0; payload]).encode(4).repeat(1000);
            flood(&peer, messages, &sent);
            // Each ping is a time at which the client looks after the connection. At some time it is full.
            let until_next_ping = |_| {
                let before = sent.load(Ordering::Relaxed);
                peer.expect(PINGREQ);
                (before > 0 && before == sent.load(Ordering::Relaxed)).then_some(before)
            };
            let before = (0..30).find_map(until_next_ping).expect("it reads more and more");
            (0..3).for_each(|_| drop(peer.expect(PINGREQ)));
            let more = sent.load(Ordering::Relaxed) - before;
            assert!(more < KERNEL, "more was read: {more} bytes");
            control.write_all(b"!").unwrap();
            while peer.next().is_some() {}
        });
    }
}

/// PUBREL is answered in any case, so a server can ask for any number of answers.
#[test]
fn a_server_that_reads_no_acknowledgements_is_not_read_from_and_given_up() {
    for role in ["callbacks", "no callbacks"] {
        against(role, |mut peer, _| {
            let releases: Vec<u8> = (1..2000).flat_map(|id| acknowledgement(PUBREL, id)).collect();
            while peer.try_send(&releases) {}
        });
    }
}

/// Messages come in front of the answer that a call waits for, and nobody fetches them.
#[test]
fn a_call_does_not_read_more_and_more_messages_while_it_waits() {
    let listener = Listener::new();
    let client = Client::new(&listener.uri(), V3_1_1);
    let messages = Publish::new("t", 0, 0, &[0; 100]).encode(4).repeat(COUNT);
    let server = std::thread::spawn(move || {
        let (mut peer, _) = listener.accept_client(false);
        let id = peer.expect(PUBLISH).id();
        let mut writer = peer.handle();
        // Much more than a call takes in, and then the answer.
        writer.set_write_timeout(None).unwrap();
        writer.write_all(&messages).unwrap();
        writer.write_all(&acknowledgement(PUBACK, id)).unwrap();
        peer.expect(DISCONNECT);
    });
    client.connect_ok(&version(V3_1_1).in_flight(1));
    let token = client.publish_ok("t", 1, b"");
    let before = peak();
    assert_eq!(client.wait(token, Duration::from_secs(1)), FAILURE, "the call ends by its own limit");
    assert_eq!(client.publish("t", 1, b"").0, FAILURE, "the window is closed, and nobody fetches");
    assert!(peak() - before < 65_536 * 128 + QUEUE, "{} bytes more", peak() - before);
    assert!(client.is_connected());
    // As soon as the program fetches, everything arrives.
    for _ in 0..COUNT {
        client.receive_ok();
    }
    assert_eq!(client.wait(token, LIMIT), 0);
    drop(client);
    server.join().unwrap();
}

/// Messages of 100 bytes: more than the sockets between the two sides hold beside the bound.
const COUNT: usize = 250_000;

/// More than the bound, all of QoS 2 and none released.
#[test]
fn messages_that_are_never_released_are_bounded() {
    let messages: Vec<_> = (1..60_000).map(|id| Publish::new("t", 2, id, &[0; 2000]).encode(4)).collect();
    let messages = messages.concat();
    against("slow callback", move |mut peer, control| {
        flood(&peer, messages, &Arc::default());
        (0..3).for_each(|_| while peer.next().unwrap().kind() != PINGREQ {});
        control.write_all(b"!").unwrap();
        while peer.next().is_some() {}
    });
}

/// The oldest of them make room before they are released; each arrives once, and all in their order.
#[test]
fn messages_delivered_before_their_release_arrive_once_and_in_order() {
    const COUNT: u16 = 5000;
    let listener = Listener::new();
    let client = Client::new(&listener.uri(), V3_1_1);
    let events = client.events();
    let server = std::thread::spawn(move || {
        let (mut peer, _) = listener.accept_client(false);
        for id in 1..=COUNT {
            peer.send(&Publish::new("t", 2, id, &id.to_be_bytes()).encode(4));
        }
        (1..=COUNT).for_each(|id| assert_eq!(peer.expect(PUBREC).id(), id));
        // A server that has not seen the answer sends the message once more.
        peer.send(&Publish::new("t", 2, 1, &1_u16.to_be_bytes()).again().encode(4));
        assert_eq!(peer.expect(PUBREC).id(), 1);
        (1..=COUNT).for_each(|id| peer.send(&acknowledgement(PUBREL, id)));
        (1..=COUNT).for_each(|id| assert_eq!(peer.expect(PUBCOMP).id(), id));
        peer.send(&Publish::new("t", 0, 0, b"end").encode(4));
        peer.expect(DISCONNECT);
    });
    client.connect_ok(&version(V3_1_1));
    for id in 1..=COUNT {
        assert_eq!(events.message().payload, id.to_be_bytes());
    }
    assert_eq!(events.message().payload, b"end");
    drop((client, events));
    server.join().unwrap();
}
