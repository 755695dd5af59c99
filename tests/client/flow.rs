//! Publishing: tokens, the limit of messages in flight, resumption, and large packets.

use crate::support::abi::{DISCONNECTED, FAILURE, V3_1_1, V5};
use crate::support::broker::{Broker, Listener, Reaction};
use crate::support::client::Client;
use crate::support::library::library;
use crate::support::options::{lasting, version};
use crate::support::packet::{self, PUBACK, PUBCOMP, PUBLISH, PUBREC, PUBREL, Publish};
use crate::support::wait::{LIMIT, next, within};
use std::ffi::{c_char, c_int};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

const SHORT: Duration = Duration::from_millis(120);

/// A broker that answers no PUBLISH.
fn silent() -> Broker {
    Broker::with(|incoming| match incoming.packet.kind() {
        PUBLISH => Reaction::Silence,
        _ => Reaction::Answer,
    })
}

#[test]
fn publish_waits_at_the_limit() {
    for (reliable, maximum, limit) in [(true, -1, 1), (false, -1, 10), (true, 3, 3), (false, 20, 20)] {
        let broker = silent();
        let client = Client::new(&broker.uri(), V3_1_1);
        let _events = client.events();
        let mut connect = version(V3_1_1).in_flight(maximum);
        connect.reliable = reliable;
        client.connect_ok(&connect);
        for number in 0..limit {
            client.publish_ok("t", 1 + number % 2, b"");
        }
        let (sender, receiver) = channel();
        let waiting = client.clone();
        std::thread::spawn(move || sender.send(waiting.publish("t", 0, b"waits").0));
        assert!(receiver.recv_timeout(SHORT).is_err(), "QoS 0 waits at {limit} as well");
        broker.send(0, &packet::acknowledgement(PUBACK, 1));
        assert_eq!(next(&receiver, "the publish"), 0);
    }
}

static TRACED: OnceLock<Mutex<Sender<String>>> = OnceLock::new();

unsafe extern "C" fn traced(_level: c_int, message: *mut c_char) {
    let line = crate::support::message::text(message).unwrap_or_default();
    if let Some(sender) = TRACED.get() {
        let _ = sender.lock().unwrap().send(line);
    }
}

#[test]
fn waiting_at_the_limit_is_traced() {
    let (sender, lines) = channel();
    TRACED.set(Mutex::new(sender)).unwrap();
    let broker = silent();
    let client = Client::named(&broker.uri(), "traced-one", V3_1_1);
    client.connect_ok(&version(V3_1_1));
    // SAFETY: the callback lives as long as the program.
    unsafe { (library().set_trace_callback)(Some(traced)) };
    // SAFETY: level 3 is MINIMUM.
    unsafe { (library().set_trace_level)(3) };
    client.publish_ok("t", 1, b"");
    let (sender, receiver) = channel();
    let waiting = client.clone();
    std::thread::spawn(move || sender.send(waiting.publish("t", 1, b"").0));
    while !next(&lines, "the line").contains("Blocking publish on queue full for client traced-one") {}
    broker.send(0, &packet::acknowledgement(PUBACK, 1));
    assert_eq!(next(&receiver, "the publish"), 0);
    // SAFETY: no callback is no function to call.
    unsafe { (library().set_trace_callback)(None) };
}

#[test]
fn disconnect_ends_a_waiting_publish() {
    for callbacks in [true, false] {
        let broker = silent();
        let client = Client::new(&broker.uri(), V3_1_1);
        let _events = callbacks.then(|| client.events());
        client.connect_ok(&lasting(V3_1_1));
        let token = client.publish_ok("t", 1, b"");
        let (sender, receiver) = channel();
        let waiting = client.clone();
        std::thread::spawn(move || sender.send(waiting.publish("t", 1, b"")));
        assert!(receiver.recv_timeout(SHORT).is_err());
        assert_eq!(client.disconnect(0), 0);
        assert_eq!(next(&receiver, "the publish"), (FAILURE, None), "and no token");
        assert_eq!(client.pending(), [token]);
    }
}

#[test]
fn a_loss_ends_a_waiting_publish() {
    let broker = silent();
    let client = Client::new(&broker.uri(), V3_1_1);
    let _events = client.events();
    client.connect_ok(&lasting(V3_1_1));
    client.publish_ok("t", 1, b"");
    let (sender, receiver) = channel();
    let waiting = client.clone();
    std::thread::spawn(move || sender.send(waiting.publish("t", 1, b"").0));
    assert!(receiver.recv_timeout(SHORT).is_err());
    broker.cut(0);
    assert_eq!(next(&receiver, "the publish"), FAILURE);
}

#[test]
fn wait_for_completion_has_a_code_for_everything() {
    for callbacks in [true, false] {
        let broker = silent();
        let client = Client::new(&broker.uri(), V3_1_1);
        let _events = callbacks.then(|| client.events());
        assert_eq!(client.wait(1, SHORT), DISCONNECTED, "never connected");
        client.connect_ok(&lasting(V3_1_1));
        assert_eq!(client.wait(77, LIMIT), 0, "an unknown token");
        assert_eq!(client.wait(0, LIMIT), 0, "the token of QoS 0");
        let token = client.publish_ok("t", 1, b"");
        let started = Instant::now();
        assert_eq!(client.wait(token, SHORT), FAILURE, "time over");
        assert!(started.elapsed() >= SHORT - Duration::from_millis(10));
        assert_eq!(client.wait(token, Duration::ZERO), FAILURE, "no time");
        assert_eq!(client.wait(77, Duration::ZERO), FAILURE, "no time, whatever the token");
        broker.send(0, &packet::acknowledgement(PUBACK, token as u16));
        assert_eq!(client.wait(token, LIMIT), 0);
        assert_eq!(client.wait(token, LIMIT), 0, "completed before");
        assert_eq!(client.disconnect(0), 0);
        assert_eq!(client.wait(token, LIMIT), DISCONNECTED);
    }
}

#[test]
fn waiting_ends_with_the_answer() {
    for callbacks in [true, false] {
        let broker = Broker::polite();
        let client = Client::new(&broker.uri(), V3_1_1);
        let _events = callbacks.then(|| client.events());
        client.connect_ok(&version(V3_1_1));
        let started = Instant::now();
        for round in 0..60 {
            let token = client.publish_ok("t", 1 + round % 2, b"");
            assert_eq!(client.wait(token, LIMIT), 0);
        }
        assert!(started.elapsed() < Duration::from_secs(3), "60 round trips in {:?}", started.elapsed());
    }
}

#[test]
fn pending_tokens_are_listed_in_order() {
    let broker = silent();
    let client = Client::new(&broker.uri(), V3_1_1);
    assert_eq!(client.pending_tokens(), (0, None), "no list before there is anything");
    let _events = client.events();
    client.connect_ok(&lasting(V3_1_1).in_flight(10));
    let tokens: Vec<c_int> = (0..5).map(|number| client.publish_ok("t", 1 + number % 2, b"")).collect();
    assert_eq!(tokens, [1, 2, 3, 4, 5]);
    assert_eq!(client.pending(), tokens);
    broker.send(0, &packet::acknowledgement(PUBACK, 3));
    assert_eq!(client.wait(3, LIMIT), 0);
    assert_eq!(client.pending(), [1, 2, 4, 5]);
    assert_eq!(client.disconnect(0), 0);
    assert_eq!(client.pending(), [1, 2, 4, 5], "while disconnected");
}

#[test]
fn a_clean_session_forgets_its_tokens() {
    for (level, callbacks) in [(V3_1_1, true), (V3_1_1, false), (V5, true), (V5, false)] {
        let broker = silent();
        let client = Client::new(&broker.uri(), level);
        let _events = callbacks.then(|| client.events());
        client.connect_ok(&version(level).in_flight(10));
        assert_eq!((client.publish_ok("t", 1, b""), client.publish_ok("t", 2, b"")), (1, 2));
        assert_eq!(client.disconnect(0), 0);
        if level == V3_1_1 {
            assert_eq!(client.pending(), []);
        }
        client.connect_ok(&version(level).in_flight(10));
        assert_eq!(client.pending(), []);
        assert_eq!(client.publish_ok("t", 1, b""), 1, "counted from the beginning");
        let publishes = broker.log().iter().filter(|incoming| incoming.packet.kind() == PUBLISH).count();
        assert!(publishes <= 3, "nothing is sent again");
    }
}

#[test]
fn tokens_wrap_and_leave_out_those_in_flight() {
    let broker = Broker::with(|incoming| match incoming.packet.kind() {
        PUBLISH if matches!(incoming.packet.id(), 1 | 3) => Reaction::Silence,
        _ => Reaction::Answer,
    });
    let client = Client::new(&broker.uri(), V3_1_1);
    let _events = client.events();
    client.connect_ok(&lasting(V3_1_1).in_flight(1000));
    for expected in 1..=65535 {
        assert_eq!(client.publish_ok("t", 1, b""), expected);
    }
    assert_eq!(client.publish_ok("t", 1, b""), 2);
    assert_eq!(client.publish_ok("t", 1, b""), 4);
    assert_eq!(client.wait(4, LIMIT), 0);
    assert_eq!(client.pending(), [1, 3]);
}

#[test]
fn resumption_sends_everything_again_in_order() {
    for (level, callbacks) in [(V3_1_1, true), (V3_1_1, false), (V5, true), (V5, false)] {
        let broker = Broker::with(|incoming| match (incoming.connection, incoming.packet.kind()) {
            (_, packet::CONNECT) => {
                Reaction::Send(packet::connack(incoming.packet.level, incoming.connection > 0, 0, &[]))
            }
            (0, PUBLISH) if incoming.packet.id() == 2 => Reaction::Answer,
            (0, PUBLISH | PUBREL) => Reaction::Silence,
            _ => Reaction::Answer,
        });
        let client = Client::new(&broker.uri(), level);
        let _events = callbacks.then(|| client.events());
        client.connect_ok(&lasting(level).in_flight(10));
        for qos in [1, 2, 2, 1] {
            client.publish_ok("t", qos, b"x");
        }
        let end = Instant::now() + LIMIT;
        while !broker.log().iter().any(|incoming| incoming.packet.kind() == PUBREL) {
            client.wait(2, Duration::from_millis(20));
            assert!(Instant::now() < end, "no PUBREL");
        }
        assert_eq!(client.disconnect(0), 0);
        client.connect_ok(&lasting(level).in_flight(10));
        let token = client.publish_ok("t", 1, b"new");
        assert_eq!(client.wait(token, LIMIT), 0);
        assert_eq!(client.disconnect(10_000), 0);
        assert_eq!(client.pending(), []);
        let sent: Vec<(u8, u16, u8)> = broker
            .log()
            .iter()
            .filter(|incoming| incoming.connection == 1 && matches!(incoming.packet.kind(), PUBLISH | PUBREL))
            .map(|incoming| (incoming.packet.kind(), incoming.packet.id(), incoming.packet.flags() & 8))
            .take(5)
            .collect();
        assert_eq!(&sent[..4], [(PUBLISH, 1, 8), (PUBREL, 2, 0), (PUBLISH, 3, 8), (PUBLISH, 4, 8)]);
        assert_eq!(token, 5);
    }
}

#[test]
fn disconnect_waits_as_long_as_it_may() {
    let broker = silent();
    let client = Client::new(&broker.uri(), V3_1_1);
    let _events = client.events();
    client.connect_ok(&lasting(V3_1_1));
    client.publish_ok("t", 1, b"");
    let started = Instant::now();
    assert_eq!(client.disconnect(300), 0);
    let took = started.elapsed();
    assert!(took >= Duration::from_millis(280) && took < Duration::from_secs(5), "{took:?}");
}

#[test]
fn a_negative_time_is_none_for_disconnect() {
    let broker = silent();
    let client = Client::new(&broker.uri(), V3_1_1);
    let _events = client.events();
    client.connect_ok(&lasting(V3_1_1));
    client.publish_ok("t", 1, b"");
    let handle = client.clone();
    assert_eq!(within(LIMIT, "disconnect", move || handle.disconnect(-1)), 0);
}

/// The broker sends a lot before it reads what the client writes: both must go on.
fn full_in_both_directions(callbacks: bool) {
    const SIZE: usize = 8 << 20;
    let listener = Listener::new();
    let client = Client::new(&listener.uri(), V3_1_1);
    let events = callbacks.then(|| client.events());
    let (written, wait) = channel();
    let broker = std::thread::spawn(move || {
        let (mut peer, _) = listener.accept_client(false);
        let _first = peer.expect(PUBLISH);
        for number in 0..8 {
            peer.send(&Publish::new("in", 0, 0, &vec![number; 1 << 20]).encode(4));
        }
        let large = peer.expect(PUBLISH);
        assert_eq!(large.publish().payload.len(), SIZE);
        peer.send(&packet::acknowledgement(PUBACK, large.id()));
        wait.recv_timeout(LIMIT).unwrap();
        peer.answer_all();
    });
    client.connect_ok(&version(V3_1_1).in_flight(10));
    let handle = client.clone();
    let token = within(LIMIT, "the large publish", move || {
        handle.publish_ok("go", 0, b"");
        handle.publish_ok("out", 1, &vec![b'x'; SIZE])
    });
    assert_eq!(client.wait(token, LIMIT), 0);
    for number in 0..8 {
        let payload = match &events {
            Some(events) => events.find(|event| match event {
                crate::support::callbacks::Event::Message(message) => Some(message.payload),
                _ => None,
            }),
            None => client.receive_ok().payload,
        };
        assert!(payload.len() == 1 << 20 && payload.iter().all(|byte| *byte == number));
    }
    written.send(()).unwrap();
    assert_eq!(client.disconnect(1000), 0);
    broker.join().unwrap();
}

#[test]
fn a_large_publish_does_not_stop_reading_with_callbacks() {
    full_in_both_directions(true);
}

#[test]
fn a_large_publish_does_not_stop_reading_single_threaded() {
    full_in_both_directions(false);
}

#[test]
fn packets_of_several_threads_do_not_mix() {
    for level in [V3_1_1, V5] {
        let broker = Broker::polite();
        let client = Client::new(&broker.uri(), level);
        let _events = client.events();
        client.connect_ok(&version(level).in_flight(10));
        std::thread::scope(|scope| {
            for thread in 0..4u8 {
                let client = &client;
                scope.spawn(move || {
                    for number in 0..30u8 {
                        let size = if number % 10 == 0 { 2 << 20 } else { 100 };
                        let payload = [vec![thread, number], vec![thread; size]].concat();
                        client.publish_ok("t", c_int::from(number % 3), &payload);
                    }
                });
            }
        });
        assert_eq!(client.disconnect(10_000), 0);
        let mut next_number = [0; 4];
        for publish in broker.log().iter().filter(|incoming| incoming.packet.kind() == PUBLISH) {
            let payload = publish.packet.publish().payload;
            let thread = payload[0];
            assert_eq!(payload[1], next_number[thread as usize], "each thread's messages in its order");
            assert!(payload[2..].iter().all(|byte| *byte == thread));
            next_number[thread as usize] += 1;
        }
        assert_eq!(next_number, [30; 4]);
    }
}

#[test]
fn a_slow_reader_holds_the_publisher_and_loses_nothing() {
    let listener = Listener::new();
    let client = Client::new(&listener.uri(), V3_1_1);
    let _events = client.events();
    let (begin, begun) = channel::<()>();
    let broker = std::thread::spawn(move || {
        let (mut peer, _) = listener.accept_client(false);
        begun.recv_timeout(LIMIT).unwrap();
        let mut count = 0;
        while let Some(packet) = peer.next() {
            if packet.kind() == PUBLISH {
                assert_eq!(packet.publish().payload, vec![count as u8; 100_000]);
                count += 1;
            }
        }
        count
    });
    client.connect_ok(&version(V3_1_1));
    let (sender, receiver) = channel();
    let publishing = client.clone();
    std::thread::spawn(move || {
        (0..200).for_each(|number| assert_eq!(publishing.publish("t", 0, &vec![number as u8; 100_000]).0, 0));
        let _ = sender.send(());
    });
    assert!(receiver.recv_timeout(SHORT).is_err(), "20 MB do not fit anywhere");
    begin.send(()).unwrap();
    next(&receiver, "the publishing");
    assert_eq!(client.disconnect(0), 0);
    assert_eq!(broker.join().unwrap(), 200);
}

#[test]
fn acknowledgements_are_sent_once_and_in_order() {
    for level in [V3_1_1, V5] {
        let broker = Broker::with(|incoming| match incoming.packet.kind() {
            PUBLISH => {
                let messages = (1..=100).map(|id| Publish::new("t", 1 + (id % 2) as u8, id, b"x"));
                Reaction::Send(messages.flat_map(|message| message.encode(incoming.packet.level)).collect())
            }
            _ => Reaction::Answer,
        });
        let client = Client::new(&broker.uri(), level);
        let events = client.events();
        client.connect_ok(&version(level));
        client.publish_ok("t", 0, b"");
        (0..100).for_each(|_| drop(events.message()));
        (0..50).for_each(|_| drop(broker.expect(PUBCOMP)));
        let log = broker.log();
        let of =
            |kind| log.iter().filter(|i| i.packet.kind() == kind).map(|i| i.packet.id()).collect::<Vec<_>>();
        assert_eq!(of(PUBACK), (1..=50).map(|n| 2 * n).collect::<Vec<_>>());
        assert_eq!(of(PUBREC), (0..50).map(|n| 2 * n + 1).collect::<Vec<_>>());
        assert_eq!(of(PUBCOMP), of(PUBREC));
    }
}

#[test]
fn a_qos_that_does_not_exist_is_refused() {
    let broker = Broker::polite();
    let client = Client::new(&broker.uri(), V3_1_1);
    client.connect_ok(&version(V3_1_1));
    for qos in [3, -1, 128, 1 << 20] {
        assert_eq!(client.publish("t", qos, b""), (crate::support::abi::BAD_QOS, None));
        assert_eq!(client.subscribe("t", qos), crate::support::abi::BAD_QOS);
    }
    client.publish_ok("t", 0, b"only this");
    broker.expect(PUBLISH);
    assert_eq!(broker.log().len(), 2);
}

#[test]
fn any_retained_but_zero_is_retained() {
    let broker = Broker::polite();
    let client = Client::new(&broker.uri(), V3_1_1);
    client.connect_ok(&version(V3_1_1));
    for (retained, flag) in [(0, false), (1, true), (2, true), (-4, true)] {
        assert_eq!(client.publish3("t", 0, b"", retained).0, 0);
        assert_eq!(broker.expect(PUBLISH).packet.publish().retain, flag);
    }
}

#[test]
fn the_token_of_a_refused_publish_is_left_alone() {
    let broker = Broker::polite();
    let client = Client::new(&broker.uri(), V3_1_1);
    assert_eq!(client.publish("t", 1, b""), (DISCONNECTED, None));
    client.connect_ok(&version(V3_1_1));
    assert_eq!(client.publish("t", 0, b""), (0, None));
    let shared = Arc::new(client.publish_ok("t", 1, b""));
    assert_eq!(*shared, 1);
}
