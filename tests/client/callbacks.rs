//! The callbacks: what they are given, when, how often, and what their results mean.

use crate::support::abi::{FAILURE, V3_1_1, V5};
use crate::support::broker::{Broker, Reaction};
use crate::support::callbacks::{ALL, Event, Verdict, Wanted};
use crate::support::client::Client;
use crate::support::library::library;
use crate::support::message::Delivered;
use crate::support::mosquitto::Mosquitto;
use crate::support::options::{lasting, version};
use crate::support::packet::{
    self, DISCONNECT, PUBACK, PUBCOMP, PUBLISH, PUBREC, PUBREL, Publish, SUBSCRIBE,
};
use crate::support::properties::{Property, REASON_STRING};
use crate::support::wait::{LIMIT, next, until};
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A broker that sends back what it gets, with the same QoS.
fn echo() -> Broker {
    let id = AtomicUsize::new(0);
    Broker::with(move |incoming| match incoming.packet.kind() {
        PUBLISH => {
            let mut publish = incoming.packet.publish();
            let answer = crate::support::broker::polite_answer(&incoming.packet).unwrap_or_default();
            publish.id = (id.fetch_add(1, Ordering::Relaxed) % 65535 + 1) as u16;
            Reaction::Send([answer, publish.encode(incoming.packet.level)].concat())
        }
        _ => Reaction::Answer,
    })
}

#[test]
fn the_length_of_an_ordinary_topic_is_not_told() {
    for level in [V3_1_1, V5] {
        let broker = echo();
        let client = Client::new(&broker.uri(), level);
        let events = client.events();
        client.connect_ok(&version(level));
        client.publish_ok("some/topic", 0, b"x");
        let message = events.message();
        assert_eq!((message.topic.as_slice(), message.topic_length), (&b"some/topic"[..], 0));
        assert_eq!((message.qos, message.id, message.dup, message.retained), (0, 0, 0, 0));
    }
}

#[test]
fn a_payload_ends_with_a_zero_byte_that_is_not_counted() {
    let broker = echo();
    let client = Client::new(&broker.uri(), V3_1_1);
    let (sender, receiver) = channel();
    let sender = Mutex::new(sender);
    client.on_event(ALL, move |_, event| {
        if let Event::Message(message) = event {
            let end = (message.pointers.payload + message.payload.len()) as *const u8;
            // SAFETY: the library promises one byte more than the payload.
            let byte = unsafe { *end };
            sender.lock().unwrap().send((message.payload.len(), byte)).unwrap();
        }
        Verdict::Accept
    });
    client.connect_ok(&version(V3_1_1));
    for length in (0..40).chain([4095, 4096, 65536]) {
        client.publish_ok("t", 0, &vec![7; length]);
        assert_eq!(next(&receiver, "the message"), (length, 0));
    }
}

#[test]
fn a_refused_message_comes_again_and_keeps_its_place() {
    for level in [V3_1_1, V5] {
        let broker = echo();
        let client = Client::new(&broker.uri(), level);
        let (sender, receiver) = channel();
        let (sender, attempts) = (Mutex::new(sender), AtomicUsize::new(0));
        client.on_event(ALL, move |_, event| {
            let Event::Message(message) = event else { return Verdict::Accept };
            sender.lock().unwrap().send(message.clone()).unwrap();
            if attempts.fetch_add(1, Ordering::SeqCst) < 3 { Verdict::Refuse } else { Verdict::Accept }
        });
        client.connect_ok(&version(level));
        client.publish_ok("t", 0, b"first");
        client.publish_ok("t", 0, b"second");
        let attempts: Vec<Delivered> = (0..4).map(|_| next(&receiver, "the refused message")).collect();
        assert!(attempts.iter().all(|attempt| *attempt == attempts[0]), "the same pointers: {attempts:?}");
        assert_eq!(attempts[0].payload, b"first");
        assert_eq!(next(&receiver, "the message behind it").payload, b"second");
        assert!(client.is_connected());
    }
}

#[test]
fn a_refused_message_survives_disconnect_and_goes_with_destroy() {
    let broker = echo();
    let client = Client::new(&broker.uri(), V3_1_1);
    let (sender, receiver) = channel();
    let sender = Mutex::new(sender);
    client.on_event(ALL, move |_, event| {
        if let Event::Message(_) = event {
            let _ = sender.lock().unwrap().send(());
        }
        Verdict::Refuse
    });
    client.connect_ok(&lasting(V3_1_1));
    client.publish_ok("t", 1, b"never wanted");
    next(&receiver, "the message");
    assert_eq!(client.disconnect(0), 0);
    client.destroy();
    while receiver.try_recv().is_ok() {}
    assert_eq!(receiver.recv_timeout(Duration::from_millis(300)), Err(RecvTimeoutError::Timeout));
}

#[test]
fn messages_come_in_order() {
    for level in [V3_1_1, V5] {
        let broker = Mosquitto::start();
        let subscriber = Client::new(&broker.uri(), level);
        let events = subscriber.events();
        subscriber.connect_ok(&version(level));
        subscriber.subscribe_ok("order", 2);
        let publisher = Client::new(&broker.uri(), level);
        let _events = publisher.events();
        publisher.connect_ok(&version(level).in_flight(50));
        for number in 0..300 {
            publisher.publish_ok("order", number % 3, number.to_string().as_bytes());
        }
        let mut last = [None; 3];
        for _ in 0..300 {
            let message = events.message();
            let number: i32 = message.payload_text().parse().unwrap();
            let last = &mut last[message.qos as usize];
            assert!(*last < Some(number), "{number} after {last:?}");
            *last = Some(number);
        }
        assert_eq!(publisher.disconnect(10_000), 0);
    }
}

#[test]
fn the_token_is_stored_before_it_completes() {
    for level in [V3_1_1, V5] {
        let broker = Broker::polite();
        let client = Client::new(&broker.uri(), level);
        let token = Arc::new(AtomicI32::new(-1));
        let (sender, receiver) = channel();
        let (sender, stored) = (Mutex::new(sender), token.clone());
        client.on_event(ALL, move |_, event| {
            if let Event::Complete(told) = event {
                let _ = sender.lock().unwrap().send((*told, stored.load(Ordering::SeqCst)));
            }
            Verdict::Accept
        });
        client.connect_ok(&version(level));
        for round in 0..100 {
            token.store(-1, Ordering::SeqCst);
            publish_into(&client, level, 1 + round % 2, &token);
            let (told, stored) = next(&receiver, "deliveryComplete");
            assert_eq!((told, stored), (round + 1, round + 1));
        }
    }
}

/// Publishes twice to a client whose deliveryComplete takes its time. `end` waits; then both have been told.
#[allow(clippy::disallowed_methods, reason = "this is what the callback takes its time with")]
fn check_told(end: impl Fn(&Client, i32)) {
    let broker = Broker::polite();
    let client = Client::new(&broker.uri(), V3_1_1);
    let told = Arc::new(AtomicI32::new(0));
    let through = told.clone();
    client.on_event(ALL, move |_, event| {
        if let Event::Complete(token) = event {
            std::thread::sleep(Duration::from_millis(100));
            through.store(*token, Ordering::SeqCst);
        }
        Verdict::Accept
    });
    client.connect_ok(&version(V3_1_1));
    client.publish_ok("t", 1, b"");
    let token = client.publish_ok("t", 1, b"");
    end(&client, token);
    assert_eq!(told.load(Ordering::SeqCst), token);
}

#[test]
fn delivery_complete_has_run_when_waiting_for_the_message_ends() {
    check_told(|client, token| assert_eq!(client.wait(token, LIMIT), 0));
}

#[test]
fn delivery_complete_has_run_when_disconnect_has_waited_for_the_messages() {
    check_told(|client, _| assert_eq!(client.disconnect(20_000), 0));
}

/// Publishes with a token that another thread can read during the call.
fn publish_into(client: &Client, level: i32, qos: i32, token: &AtomicI32) {
    let (topic, handle, none) = (c"t".as_ptr(), client.handle(), std::ptr::null_mut());
    let code = if level == V5 {
        // SAFETY: topic and token live through the call.
        unsafe { (library().publish5)(handle, topic, 0, none, qos, 0, none.cast(), token.as_ptr()) }
            .reason_code
    } else {
        // SAFETY: as above.
        unsafe { (library().publish)(handle, topic, 0, none, qos, 0, token.as_ptr()) }
    };
    assert_eq!(code, 0);
}

#[test]
fn version_5_tells_published_before_delivery_complete() {
    let broker = Broker::polite();
    let client = Client::new(&broker.uri(), V5);
    let events = client.events();
    client.connect_ok(&version(V5));
    for (qos, packet_type) in [(1, 4), (2, 7), (0, 0), (1, 4)] {
        let token = client.publish_ok("t", qos, b"");
        if qos > 0 {
            let published = Event::Published { token, packet_type, reason: 0, properties: vec![] };
            assert_eq!(events.next(), published);
            assert_eq!(events.next(), Event::Complete(token));
        }
    }
}

#[test]
fn version_5_tells_the_reason_of_a_refusal() {
    let broker = Broker::with(|incoming| match incoming.packet.kind() {
        PUBLISH if incoming.packet.publish().qos == 1 => {
            let id = incoming.packet.id().to_be_bytes();
            Reaction::Send([&[0x40, 8][..], &id, &[0x87, 4, 0x1F, 0, 1, b'x']].concat())
        }
        PUBLISH => Reaction::Send(packet::acknowledgement_because(PUBREC, incoming.packet.id(), 0x97)),
        _ => Reaction::Answer,
    });
    let client = Client::new(&broker.uri(), V5);
    let events = client.events();
    client.connect_ok(&version(V5));
    let token = client.publish_ok("t", 1, b"");
    let properties = vec![Property::text(REASON_STRING, "x")];
    assert_eq!(events.next(), Event::Published { token, packet_type: 4, reason: 0x87, properties });
    assert_eq!(events.next(), Event::Complete(token));
    let token = client.publish_ok("t", 2, b"");
    assert_eq!(events.next(), Event::Published { token, packet_type: 5, reason: 0x97, properties: vec![] });
    until("the end of the message", || client.pending().is_empty());
    let token = client.publish_ok("t", 1, b"");
    assert!(
        matches!(events.next(), Event::Published { token: told, .. } if told == token),
        "no deliveryComplete"
    );
}

#[test]
fn a_message_of_qos_2_is_delivered_where_the_version_says() {
    for level in [V3_1_1, V5] {
        let broker = Broker::with(|incoming| match incoming.packet.kind() {
            SUBSCRIBE => {
                let level = incoming.packet.level;
                let suback = packet::suback(level, incoming.packet.id(), &[2]);
                Reaction::Send([suback, Publish::new("t", 2, 9, b"once").encode(level)].concat())
            }
            PUBREC => Reaction::Silence,
            _ => Reaction::Answer,
        });
        let client = Client::new(&broker.uri(), level);
        let events = client.events();
        client.connect_ok(&version(level));
        client.subscribe_ok("t", 2);
        broker.expect(PUBREC);
        if level == V3_1_1 {
            broker.send(0, &packet::acknowledgement(PUBREL, 9));
        }
        let message = events.message();
        assert_eq!((message.dup, message.qos, message.id), (0, 2, 9));
        if level == V5 {
            broker.send(0, &Publish::new("t", 2, 9, b"again").again().encode(5));
            broker.expect(PUBREC);
            broker.send(0, &packet::acknowledgement(PUBREL, 9));
        }
        broker.expect(PUBCOMP);
        broker.send(0, &packet::acknowledgement(PUBREL, 9));
        broker.expect(PUBCOMP);
        assert_eq!(events.rest(), [], "one message, and an unknown PUBREL is answered");
    }
}

#[test]
fn a_message_of_qos_1_is_delivered_as_often_as_it_comes() {
    let broker = Broker::with(|incoming| match incoming.packet.kind() {
        PUBLISH => {
            let publish = Publish::new("t", 1, 3, b"1");
            Reaction::Send([publish.encode(4), publish.again().encode(4)].concat())
        }
        _ => Reaction::Answer,
    });
    let client = Client::new(&broker.uri(), V3_1_1);
    let events = client.events();
    client.connect_ok(&version(V3_1_1));
    client.publish_ok("t", 0, b"");
    let dups = [events.message().dup, events.message().dup];
    assert_eq!(dups, [0, 1]);
    broker.expect(PUBACK);
    broker.expect(PUBACK);
}

#[test]
fn connection_lost_comes_once_and_without_a_cause() {
    for level in [V3_1_1, V5] {
        let broker = Broker::polite();
        let client = Client::new(&broker.uri(), level);
        let (sender, receiver) = channel();
        let sender = Mutex::new(sender);
        client.on_event(ALL, move |client, event| {
            let _ = sender.lock().unwrap().send((event.clone(), client.is_connected()));
            Verdict::Accept
        });
        for connection in 0..3 {
            client.connect_ok(&version(level));
            let connections = broker.connections();
            assert_eq!(connections, connection + 1);
            broker.cut(connection);
            assert_eq!(next(&receiver, "connectionLost"), (Event::Lost { with_cause: false }, false));
        }
        assert_eq!(client.disconnect(0), 0);
        assert!(receiver.try_recv().is_err(), "no second one");
    }
}

/// However soon the call comes that follows the one that failed.
#[test]
fn connection_lost_has_run_when_the_next_call_returns() {
    for round in 0..24 {
        let broker = Broker::polite();
        let client = Client::new(&broker.uri(), V3_1_1);
        let lost = Arc::new(AtomicUsize::new(0));
        let count = lost.clone();
        client.on_event(ALL, move |_, event| {
            if let Event::Lost { .. } = event {
                // The machine is busy with something else.
                std::thread::yield_now();
                count.fetch_add(1, Ordering::SeqCst);
            }
            Verdict::Accept
        });
        client.connect_ok(&version(V3_1_1).in_flight(1));
        broker.cut(0);
        let qos = round / 3 % 2;
        while client.publish("t", qos, b"").0 == 0 {}
        match round % 3 {
            0 => assert!(client.disconnect(0) <= 0),
            1 => drop(client.connect(&version(V3_1_1))),
            _ => client.destroy(),
        }
        assert_eq!(lost.load(Ordering::SeqCst), 1, "round {round}");
    }
}

#[test]
fn messages_before_a_loss_come_before_it() {
    let broker = Broker::with(|incoming| match incoming.packet.kind() {
        PUBLISH => {
            let two = [Publish::new("t", 0, 0, b"1").encode(4), Publish::new("t", 0, 0, b"2").encode(4)];
            Reaction::SendAndCut(two.concat())
        }
        _ => Reaction::Answer,
    });
    let client = Client::new(&broker.uri(), V3_1_1);
    let events = client.events();
    client.connect_ok(&version(V3_1_1));
    client.publish_ok("t", 0, b"");
    assert_eq!(events.message().payload, b"1");
    assert_eq!(events.message().payload, b"2");
    assert_eq!(events.next(), Event::Lost { with_cause: false });
}

#[test]
fn connection_lost_may_connect_again() {
    let broker = Broker::polite();
    let client = Client::new(&broker.uri(), V3_1_1);
    let (sender, receiver) = channel();
    let sender = Mutex::new(sender);
    client.on_event(ALL, move |client, event| {
        if let Event::Lost { .. } = event {
            let started = Instant::now();
            let code = client.connect(&version(V3_1_1)).code;
            let _ = sender.lock().unwrap().send((code, started.elapsed()));
        }
        Verdict::Accept
    });
    client.connect_ok(&version(V3_1_1));
    for connection in 0..3 {
        broker.cut(connection);
        let (code, took) = next(&receiver, "the connect inside connectionLost");
        assert_eq!(code, 0);
        assert!(took < Duration::from_secs(2), "{took:?}");
    }
    client.subscribe_ok("t", 1);
}

#[test]
fn a_disconnect_of_the_server_is_told_with_its_reason() {
    let broker = Broker::with(|incoming| match incoming.packet.kind() {
        PUBLISH => Reaction::Send(packet::packet(DISCONNECT << 4, &[0x8B, 4, 0x1F, 0, 1, b'x'])),
        _ => Reaction::Answer,
    });
    let client = Client::new(&broker.uri(), V5);
    let events = client.events();
    client.connect_ok(&version(V5));
    client.publish_ok("t", 0, b"");
    let properties = vec![Property::text(REASON_STRING, "x")];
    assert_eq!(events.next(), Event::Disconnected { reason: 0x8B, properties });
    assert!(!client.is_connected());
    until("the end of the connection", || broker.has_ended(0));
    assert_eq!(client.disconnect(0), 0);
    assert_eq!(events.rest(), [], "and not as a loss as well");
    let sent = broker.log().iter().filter(|incoming| incoming.packet.kind() == DISCONNECT).count();
    assert_eq!(sent, 0, "a DISCONNECT is not answered");
}

#[test]
fn a_disconnect_of_the_server_is_a_loss_where_nobody_else_listens() {
    let broker = Broker::with(|incoming| match incoming.packet.kind() {
        PUBLISH => Reaction::SendAndCut(packet::packet(DISCONNECT << 4, &[])),
        _ => Reaction::Answer,
    });
    let client = Client::new(&broker.uri(), V5);
    let events = client.chosen_events(Wanted { disconnected: false, ..ALL });
    client.connect_ok(&version(V5));
    client.publish_ok("t", 0, b"");
    assert_eq!(events.next(), Event::Lost { with_cause: false });
}

#[test]
fn an_unanswered_subscribe_loses_the_connection() {
    let broker = Broker::with(|incoming| match incoming.packet.kind() {
        SUBSCRIBE => Reaction::Silence,
        _ => Reaction::Answer,
    });
    let client = Client::new(&broker.uri(), V3_1_1);
    let events = client.events();
    client.connect_ok(&version(V3_1_1));
    assert_eq!(client.set_command_timeout(Duration::from_millis(4999)), FAILURE);
    assert_eq!(client.set_command_timeout(Duration::from_millis(5000)), 0);
    let started = Instant::now();
    assert_eq!(client.subscribe("t", 1), FAILURE);
    assert!(started.elapsed() >= Duration::from_millis(4900));
    assert_eq!(events.0.try_recv(), Ok(Event::Lost { with_cause: false }), "before the call returned");
    assert!(!client.is_connected());
}

#[test]
fn callbacks_of_two_handles_never_overlap() {
    let broker = echo();
    let inside = Arc::new(AtomicUsize::new(0));
    let (sender, receiver) = channel();
    let clients: Vec<_> = (0..3).map(|_| Client::new(&broker.uri(), V3_1_1)).collect();
    for client in &clients {
        let (inside, sender) = (inside.clone(), Mutex::new(sender.clone()));
        client.on_event(ALL, move |_, _| {
            let others = inside.fetch_add(1, Ordering::SeqCst);
            std::thread::park_timeout(Duration::from_micros(200));
            inside.fetch_sub(1, Ordering::SeqCst);
            let _ = sender.lock().unwrap().send(others);
            Verdict::Accept
        });
        client.connect_ok(&version(V3_1_1).in_flight(10));
    }
    std::thread::scope(|scope| {
        for client in &clients {
            scope.spawn(move || (0..50).for_each(|_| assert!(client.publish_ok("t", 1, b"") > 0)));
        }
    });
    for _ in 0..300 {
        assert_eq!(next(&receiver, "50 messages and completions of each"), 0, "one at a time");
    }
}

#[test]
fn callbacks_need_message_arrived() {
    let broker = Broker::polite();
    let client = Client::new(&broker.uri(), V3_1_1);
    let none = std::ptr::null_mut();
    // SAFETY: without functions there is nothing to call.
    let code = unsafe { (library().set_callbacks)(client.handle(), none, None, None, None) };
    assert_eq!(code, FAILURE);
    client.connect_ok(&version(V3_1_1));
    assert_eq!(client.receive(Duration::ZERO), (0, None), "still without callbacks");
}

/// What a thread of the program would have: the stack of `ulimit -s`, and no signal blocked. As long as the thread waits it
/// takes none.
#[test]
fn callbacks_find_the_stack_and_the_signals_of_the_program() {
    let broker = echo();
    let client = Client::new(&broker.uri(), V3_1_1);
    let (sender, receiver) = channel();
    let sender = Mutex::new(sender);
    client.on_event(ALL, move |_, _| {
        // SAFETY: takes nothing.
        let thread = unsafe { libc::gettid() };
        let _ = sender.lock().unwrap().send((own_stack_size(), blocks(libc::SIGTERM), thread));
        Verdict::Accept
    });
    client.connect_ok(&version(V3_1_1));
    client.publish_ok("t", 0, b"");
    let (stack, is_blocked, thread) = next(&receiver, "messageArrived");
    assert!(stack >= usual_stack_size(), "{stack} bytes");
    assert!(!is_blocked);
    until("the thread waits and blocks signals", || blocked_signals(thread) & 1 << (libc::SIGTERM - 1) != 0);
}

/// The signals that a thread of this process blocks, as bits.
fn blocked_signals(thread: i32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/self/task/{thread}/status")).unwrap();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigBlk:")).unwrap();
    u64::from_str_radix(mask.trim(), 16).unwrap()
}

fn usual_stack_size() -> usize {
    let (mut attributes, mut size) = (MaybeUninit::uninit(), 0);
    // SAFETY: makes attributes.
    unsafe { libc::pthread_attr_init(attributes.as_mut_ptr()) };
    // SAFETY: they were made.
    unsafe { libc::pthread_attr_getstacksize(attributes.as_ptr(), &mut size) };
    size
}

fn own_stack_size() -> usize {
    let (mut attributes, mut size) = (MaybeUninit::uninit(), 0);
    // SAFETY: takes nothing.
    let me = unsafe { libc::pthread_self() };
    // SAFETY: makes attributes.
    unsafe { libc::pthread_getattr_np(me, attributes.as_mut_ptr()) };
    // SAFETY: they were made.
    unsafe { libc::pthread_attr_getstacksize(attributes.as_ptr(), &mut size) };
    // SAFETY: they are not used any more.
    unsafe { libc::pthread_attr_destroy(attributes.as_mut_ptr()) };
    size
}

fn blocks(signal: i32) -> bool {
    let mut mask = MaybeUninit::uninit();
    // SAFETY: without a new mask the call only writes the present one.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, std::ptr::null(), mask.as_mut_ptr()) };
    // SAFETY: it was written.
    unsafe { libc::sigismember(mask.as_ptr(), signal) == 1 }
}
