//! A handle without callbacks: all work is done by the calling threads, and by nobody else.

use crate::support::abi::{DISCONNECTED, FAILURE, V3_1_1, V5};
use crate::support::broker::{Broker, Incoming, Reaction};
use crate::support::callbacks::Event;
use crate::support::client::{Client, Owner};
use crate::support::library::library;
use crate::support::options::{lasting, version};
use crate::support::packet::{self, DISCONNECT, PINGREQ, PUBLISH, Publish, SUBSCRIBE};
use crate::support::program::in_own_process;
use crate::support::wait::{LIMIT, until, within};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_millis(50);

fn yield_now() {
    // SAFETY: the function takes nothing.
    unsafe { (library().yield_now)() };
}

fn connected(broker: &Broker, level: i32) -> Owner {
    let client = Client::new(&broker.uri(), level);
    client.connect_ok(&version(level).in_flight(10));
    client
}

/// A broker that sends a message for each QoS 0 message it gets, and acknowledges the others.
fn echo() -> Broker {
    Broker::with(|incoming| match incoming.packet.kind() {
        PUBLISH if incoming.packet.publish().qos == 0 => Reaction::Send(echoed(incoming)),
        _ => Reaction::Answer,
    })
}

fn echoed(incoming: &Incoming) -> Vec<u8> {
    let publish = incoming.packet.publish();
    publish.encode(incoming.packet.level)
}

fn thread_count() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}

#[test]
fn no_thread_is_ever_started() {
    let broker = echo();
    in_own_process("single_threaded::no_thread_is_ever_started_child", &[("TEST_URI", &broker.uri())]);
}

#[test]
#[ignore = "run by no_thread_is_ever_started in a process of its own"]
fn no_thread_is_ever_started_child() {
    let uri = std::env::var("TEST_URI").unwrap();
    let before = thread_count();
    let check = |what: &str| assert_eq!(thread_count(), before, "after {what}");
    for level in [V3_1_1, V5] {
        let client = Client::new(&uri, level);
        check("create");
        client.connect_ok(&lasting(level));
        check("connect");
        client.subscribe_ok("t", 2);
        check("subscribe");
        for qos in 1..3 {
            let token = client.publish_ok("t", qos, b"");
            check("publish");
            assert_eq!(client.wait(token, LIMIT), 0);
            check("waitForCompletion");
        }
        client.publish_ok("t", 0, b"");
        client.receive_ok();
        check("receive");
        yield_now();
        check("yield");
        assert_eq!(client.disconnect(1000), 0);
        check("disconnect");
        client.destroy();
        check("destroy");
    }
}

#[test]
fn an_acknowledgement_is_not_read_before_an_api_call() {
    for level in [V3_1_1, V5] {
        let broker = Broker::polite();
        let client = Client::new(&broker.uri(), level);
        client.connect_ok(&lasting(level).in_flight(10));
        let tokens = [client.publish_ok("t", 1, b""), client.publish_ok("t", 2, b"")];
        broker.expect(PUBLISH);
        broker.expect(PUBLISH);
        assert_eq!(client.pending(), tokens, "the broker has answered, nobody has read it");
        assert_eq!(client.disconnect(0), 0);
        assert_eq!(client.pending(), tokens, "still after a disconnect that does not wait");
        assert!(!broker.log().iter().any(|incoming| incoming.packet.kind() == packet::PUBREL));
    }
}

#[test]
fn a_loss_is_not_noticed_before_an_api_call() {
    let broker = Broker::polite();
    let client = connected(&broker, V3_1_1);
    broker.cut(0);
    assert!(client.is_connected());
    let (code, message) = client.receive(LIMIT);
    assert_eq!((code, message), (FAILURE, None));
    assert!(!client.is_connected());
    assert_eq!(client.receive(SOON), (DISCONNECTED, None));
    assert_eq!(client.publish("t", 0, b"").0, DISCONNECTED);
    assert_eq!(client.subscribe("t", 0), DISCONNECTED);
    assert_eq!(client.unsubscribe("t"), DISCONNECTED);
    assert_eq!(client.wait(1, SOON), DISCONNECTED);
    client.connect_ok(&version(V3_1_1));
}

#[test]
fn receive_ends_with_its_time() {
    let broker = Broker::polite();
    let client = connected(&broker, V3_1_1);
    let started = Instant::now();
    assert_eq!(client.receive(Duration::from_millis(150)), (0, None));
    let took = started.elapsed();
    assert!(took >= Duration::from_millis(140) && took < Duration::from_secs(5), "{took:?}");
    assert_eq!(client.receive(Duration::ZERO), (0, None));
}

#[test]
fn receive_gives_the_length_of_the_topic() {
    for level in [V3_1_1, V5] {
        let broker = echo();
        let client = connected(&broker, level);
        client.publish_ok("a/topic", 0, b"payload");
        let message = client.receive_ok();
        assert_eq!((message.topic.as_slice(), message.topic_length), (&b"a/topic"[..], 7));
        assert_eq!((message.payload.as_slice(), message.qos, message.id), (&b"payload"[..], 0, 0));
    }
}

#[test]
fn messages_wait_for_receive_while_other_calls_read_them() {
    for level in [V3_1_1, V5] {
        let broker = echo();
        let client = connected(&broker, level);
        for number in 0..20 {
            client.publish_ok("t", 0, format!("{number}").as_bytes());
            let token = client.publish_ok("t", 1 + number % 2, b"");
            assert_eq!(client.wait(token, LIMIT), 0);
        }
        for number in 0..20 {
            assert_eq!(client.receive_ok().payload_text(), number.to_string());
        }
    }
}

#[test]
fn yield_takes_its_time_and_reads_acknowledgements() {
    let broker = Broker::polite();
    let client = connected(&broker, V3_1_1);
    let tokens = [client.publish_ok("t", 1, b""), client.publish_ok("t", 2, b"")];
    assert_eq!(client.pending(), tokens);
    let started = Instant::now();
    yield_now();
    let took = started.elapsed();
    assert!(took >= Duration::from_millis(90) && took < Duration::from_secs(5), "{took:?}");
    until("the end of both messages", || {
        yield_now();
        client.pending().is_empty()
    });
}

#[test]
fn yield_without_a_handle_is_harmless() {
    if !crate::support::library::testing_the_original() {
        yield_now();
    }
}

#[test]
fn receive_keeps_the_connection_alive() {
    for level in [V3_1_1, V5] {
        let broker = Broker::polite();
        let client = Client::new(&broker.uri(), level);
        client.connect_ok(&version(level).keep_alive(1));
        let started = Instant::now();
        let pinged = |broker: &Broker| broker.log().iter().filter(|i| i.packet.kind() == PINGREQ).count();
        while pinged(&broker) < 2 {
            assert_eq!(client.receive(Duration::from_millis(200)), (0, None));
            assert!(started.elapsed() < LIMIT, "no pings");
        }
    }
}

#[test]
fn disconnect_waits_for_messages_in_flight() {
    let broker = Broker::polite();
    let client = Client::new(&broker.uri(), V3_1_1);
    client.connect_ok(&lasting(V3_1_1).in_flight(10));
    client.publish_ok("t", 2, b"");
    client.publish_ok("t", 1, b"");
    assert_eq!(client.disconnect(10_000), 0);
    assert_eq!(client.pending(), []);
    broker.expect(packet::PUBREL);
    broker.expect(DISCONNECT);
}

#[test]
fn a_publish_at_the_limit_reads_the_acknowledgement_it_waits_for() {
    let broker = Broker::polite();
    let client = Client::new(&broker.uri(), V3_1_1);
    client.connect_ok(&version(V3_1_1));
    let mut tokens = Vec::new();
    for qos in [1, 2, 1, 2] {
        tokens.push(client.publish_ok("t", qos, b""));
        assert_eq!(client.pending(), [*tokens.last().unwrap()]);
    }
    client.publish_ok("t", 0, b"");
    assert_eq!(client.pending(), [], "QoS 0 waits for room as well");
    assert_eq!(tokens, [1, 2, 3, 4]);
}

#[test]
fn several_threads_wait_on_one_handle() {
    let broker = echo();
    let owner = connected(&broker, V3_1_1);
    let client = owner.clone();
    within(LIMIT * 2, "the threads", move || {
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let client = &client;
                scope.spawn(move || {
                    for round in 0..25 {
                        let token = client.publish_ok("t", 1 + (thread + round) % 2, b"");
                        assert_eq!(client.wait(token, LIMIT), 0);
                        client.publish_ok("echo", 0, b"");
                    }
                });
            }
            scope.spawn(|| (0..50).for_each(|_| drop(client.receive_ok())));
            scope.spawn(|| (0..50).for_each(|_| drop(client.receive_ok())));
            scope.spawn(|| (0..25).for_each(|_| client.subscribe_ok("s", 1)));
        });
        assert_eq!(client.pending(), []);
    });
    assert_eq!(owner.disconnect(1000), 0);
}

#[test]
fn a_waiting_call_is_ended_by_disconnect() {
    let broker = Broker::with(|incoming| match incoming.packet.kind() {
        PUBLISH => Reaction::Silence,
        _ => Reaction::Answer,
    });
    let client = connected(&broker, V3_1_1);
    let (waiting, (sender, receiver)) = (client.clone(), channel());
    let token = client.publish_ok("t", 1, b"");
    std::thread::spawn(move || {
        let code = waiting.wait(token, LIMIT);
        let _ = sender.send(code);
    });
    broker.expect(PUBLISH);
    assert_eq!(client.disconnect(0), 0);
    assert_eq!(crate::support::wait::next(&receiver, "the end of waitForCompletion"), DISCONNECTED);
}

#[test]
fn a_handle_with_callbacks_does_not_change_the_others() {
    let broker = echo();
    let with_callbacks = Client::new(&broker.uri(), V3_1_1);
    let events = with_callbacks.events();
    with_callbacks.connect_ok(&version(V3_1_1));
    let client = connected(&broker, V3_1_1);
    client.publish_ok("t", 0, b"one");
    assert_eq!(client.receive_ok().payload, b"one");
    assert_eq!(with_callbacks.receive(SOON), (FAILURE, None));
    let token = client.publish_ok("t", 1, b"");
    broker.expect(PUBLISH);
    broker.expect(PUBLISH);
    assert_eq!(client.pending(), [token], "nobody else reads for it");
    with_callbacks.publish_ok("t", 0, b"two");
    assert_eq!(events.message().payload, b"two");
}

#[test]
fn a_loss_of_one_handle_leaves_the_others_alone() {
    let broker = echo();
    let (first, second) = (connected(&broker, V3_1_1), connected(&broker, V3_1_1));
    broker.cut(1);
    for number in 0..3 {
        first.publish_ok("t", 0, format!("{number}").as_bytes());
        assert_eq!(first.receive_ok().payload_text(), number.to_string());
    }
    assert!(first.is_connected());
    assert_eq!(second.receive(LIMIT), (FAILURE, None));
}

#[test]
fn messages_before_a_loss_are_given_before_it() {
    let broker = Broker::with(|incoming| match incoming.packet.kind() {
        PUBLISH => Reaction::SendAndCut(
            [Publish::new("t", 0, 0, b"1").encode(4), Publish::new("t", 0, 0, b"2").encode(4)].concat(),
        ),
        _ => Reaction::Answer,
    });
    let client = connected(&broker, V3_1_1);
    client.publish_ok("t", 0, b"");
    until("the end of the connection", || broker.has_ended(0) || broker.log().len() > 1);
    assert_eq!(client.receive_ok().payload, b"1");
    assert_eq!(client.receive_ok().payload, b"2");
    assert_eq!(client.receive(LIMIT), (FAILURE, None));
    assert_eq!(client.receive(LIMIT), (DISCONNECTED, None));
}

#[test]
fn a_message_that_was_not_fetched_waits_for_the_next_connection() {
    let broker = echo();
    let client = Client::new(&broker.uri(), V3_1_1);
    client.connect_ok(&lasting(V3_1_1));
    client.publish_ok("t", 0, b"1");
    let token = client.publish_ok("t", 1, b"");
    assert_eq!(client.wait(token, LIMIT), 0, "and the message before it has been read");
    assert_eq!(client.disconnect(0), 0);
    assert_eq!(client.receive(LIMIT), (DISCONNECTED, None));
    client.connect_ok(&lasting(V3_1_1));
    assert_eq!(client.receive_ok().payload, b"1");
}

#[test]
fn callbacks_set_on_a_connected_handle_are_accepted() {
    let broker = echo();
    let client = connected(&broker, V3_1_1);
    let events = client.events();
    let token = client.publish_ok("t", 1, b"");
    assert_eq!(client.wait(token, LIMIT), 0);
    assert_eq!(events.next(), Event::Complete(token));
}

#[test]
fn a_loss_that_another_call_has_told_is_none_for_receive() {
    let broker = Broker::with(|incoming| match incoming.packet.kind() {
        SUBSCRIBE => Reaction::Cut,
        _ => Reaction::Answer,
    });
    let client = connected(&broker, V3_1_1);
    assert_eq!(client.subscribe("t", 0), FAILURE);
    assert_eq!(client.receive(LIMIT), (DISCONNECTED, None));
}

#[test]
fn messages_of_a_session_end_when_a_clean_one_begins() {
    for (level, kept, clean) in [(V3_1_1, lasting(V3_1_1), version(V3_1_1)), (V5, lasting(V5), version(V5))] {
        let broker = echo();
        let client = Client::new(&broker.uri(), level);
        client.connect_ok(&kept);
        client.publish_ok("t", 0, b"of the session before");
        let token = client.publish_ok("t", 1, b"");
        assert_eq!(client.wait(token, LIMIT), 0, "and the message before it has been read");
        broker.cut(0);
        until("the loss is noticed", || {
            yield_now();
            !client.is_connected()
        });
        client.connect_ok(&clean);
        client.publish_ok("t", 0, b"new");
        assert_eq!(client.receive_ok().payload, b"new", "version {level}");
    }
}
