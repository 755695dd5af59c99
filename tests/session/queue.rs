//! The queue of requests that do not wait: what is kept, in which order it leaves, and within which limits.

use crate::support::requests::*;
use crate::support::*;
use paho_c_rs::protocol::{PropertyView, QoS, QoS::AtLeastOnce, QoS::AtMostOnce, QoS::ExactlyOnce, Version};
use paho_c_rs::session::{BufferOptions, ConnectOptions, RequestError};

const LEVELS: [QoS; 3] = [AtMostOnce, AtLeastOnce, ExactlyOnce];

fn with_window(maximum_in_flight: u16) -> ConnectOptions<'static> {
    ConnectOptions { maximum_in_flight, ..options(Version::V311) }
}

/// Connected, with that window.
fn client_with_window(window: u16) -> Client {
    let mut client = Client::new();
    client.connect(&with_window(window), false, &[]);
    client
}

/// Not connected, messages are taken nevertheless.
fn offline() -> Client {
    let mut client = Client::new();
    client.session.set_buffer_options(ANY_TIME);
    client
}
#[test]
fn messages_are_taken_offline_by_the_programs_choice() {
    let rule = |while_disconnected, at_any_time, wants_connection| {
        let mut client = Client::new();
        client.session.set_buffer_options(BufferOptions {
            send_while_disconnected: while_disconnected,
            allow_at_any_time: at_any_time,
            ..BufferOptions::default()
        });
        client.session.set_wants_connection(wants_connection);
        let outcome = client.send(1, AtLeastOnce, "m").map(|accepted| accepted.token);
        assert_eq!(client.subscribe(2), Err(RequestError::NotConnected), "never offline");
        assert_eq!(client.unsubscribe(3), Err(RequestError::NotConnected));
        assert_eq!(client.disconnect(4, 0), Err(RequestError::NotConnected));
        assert_eq!(client.ended(), [], "who was refused is not told again");
        outcome
    };
    for wants_connection in [false, true] {
        for at_any_time in [false, true] {
            assert_eq!(rule(false, at_any_time, wants_connection), Err(RequestError::NotConnected));
            let taken = if at_any_time || wants_connection { Ok(1) } else { Err(RequestError::NotConnected) };
            assert_eq!(rule(true, at_any_time, wants_connection), taken);
        }
    }
}

#[test]
fn buffered_messages_go_out_in_order_behind_what_is_resent() {
    for clean in [false, true] {
        let mut client = Client::connected(Version::V311);
        client.session.set_buffer_options(ANY_TIME);
        assert_eq!(client.token(1, AtLeastOnce, "before"), 1);
        client.written();
        assert_eq!(client.close(), []);
        assert_eq!(client.token(2, ExactlyOnce, "a"), 2);
        assert_eq!(client.token(3, AtMostOnce, "b"), 0);
        assert_eq!(client.token(4, AtLeastOnce, "c"), 3);
        assert_eq!(client.pending_tokens(), [2, 0, 3, 1]);
        let resent = client.connect(&ConnectOptions { clean, ..options(Version::V311) }, true, &[]);
        let buffered = ["PUBLISH 2 a", "PUBLISH 0 b", "PUBLISH 3 c"];
        if clean {
            assert!(resent.is_empty());
            assert_eq!(client.ended(), [ended(1, 1, "discarded")]);
            assert_eq!(client.pending_tokens(), [2, 0, 3]);
            assert_eq!(client.advanced(), buffered, "the queue is outside the session");
            assert_eq!(client.token(5, AtLeastOnce, "d"), 4, "ids go on after those that waited");
            client.connect(&ConnectOptions { clean, ..options(Version::V311) }, false, &[]);
            assert_eq!(client.token(6, AtLeastOnce, "e"), 1, "and begin at 1 where none waits");
        } else {
            assert_eq!(brief(&resent, Version::V311), ["PUBLISH 1 dup before"]);
            assert_eq!(client.advanced(), buffered);
            assert_eq!(client.ended(), [ended(3, 0, "published b")]);
            client.answer_to(&puback(1));
            assert_eq!(client.ended(), [ended(1, 1, "published before")]);
        }
    }
}

#[test]
fn a_full_queue_refuses_messages_offline_and_online() {
    let limited = BufferOptions { maximum_buffered: Some(3), ..ANY_TIME };
    let mut client = offline();
    client.session.set_buffer_options(limited);
    for number in 1..=3 {
        client.send(number, LEVELS[number % 3], "m").unwrap();
    }
    let before = client.pending_tokens();
    assert_eq!(before, [1, 2, 0]);
    for qos in LEVELS {
        assert_eq!(client.send(9, qos, "more"), Err(RequestError::TooManyBuffered));
    }
    assert_eq!(client.pending_tokens(), before);
    client.connect(&with_window(1), false, &[]);
    assert_eq!(client.advanced(), ["PUBLISH 1 m"]);
    client.subscribe(4).unwrap();
    assert_eq!(client.advanced(), ["SUBSCRIBE 3"]);
    client.send(5, AtMostOnce, "m").unwrap();
    assert_eq!(client.send(9, AtMostOnce, "more"), Err(RequestError::TooManyBuffered), "connected or not");
    client.answer_to(&puback(1));
    assert_eq!(client.advanced(), ["PUBLISH 2 m", "PUBLISH 0 m", "PUBLISH 0 m"]);
    assert!(client.send(6, AtMostOnce, "m").is_ok());

    let mut unlimited = client_with_window(1);
    for number in 0..1000 {
        unlimited.send(number, AtLeastOnce, "m").unwrap();
    }
    assert_eq!(unlimited.pending_tokens().len(), 1000);
}

#[test]
fn the_oldest_message_makes_room() {
    let mut client = offline();
    let options = BufferOptions { maximum_buffered: Some(3), delete_oldest: true, ..ANY_TIME };
    client.session.set_buffer_options(options);
    let mut displaced = Vec::new();
    for number in 1..=6 {
        let qos = LEVELS[number % 2];
        let accepted = client.send(number, qos, &number.to_string()).unwrap();
        displaced.extend(accepted.displaced.as_ref().map(in_words));
    }
    let expected = [ended(1, 1, "displaced"), ended(2, 0, "displaced"), ended(3, 2, "displaced")];
    assert_eq!(displaced, expected);
    assert!(client.session.request_is_complete(1));
    assert_eq!(client.pending_tokens(), [0, 3, 0]);
    let unheard = client.send_with(None, AtMostOnce, b"7", PropertyView::empty()).unwrap();
    assert_eq!(in_words(&unheard.displaced.unwrap()), ended(4, 0, "displaced"));
    client.connect(&with_window(10), false, &[]);
    assert_eq!(client.advanced(), ["PUBLISH 3 5", "PUBLISH 0 6", "PUBLISH 0 7"]);
    assert_eq!(client.ended(), [ended(6, 0, "published 6")], "nothing twice");
}

#[test]
fn a_closed_window_holds_back_messages_only() {
    let mut client = client_with_window(1);
    client.token(1, AtLeastOnce, "1");
    client.token(2, ExactlyOnce, "2");
    client.token(3, AtMostOnce, "3");
    client.subscribe(4).unwrap();
    client.token(5, AtLeastOnce, "5");
    client.unsubscribe(6).unwrap();
    assert!(client.session.waits_for_window());
    assert_eq!(client.advanced(), ["PUBLISH 1 1", "SUBSCRIBE 3", "UNSUBSCRIBE 5"]);
    client.answer_to(&puback(1));
    assert_eq!(client.advanced(), ["PUBLISH 2 2", "PUBLISH 0 3"], "order is kept among messages");
    client.answer_to(&pubrec(2));
    assert_eq!(client.advanced(), [""; 0]);
    client.answer_to(&pubcomp(2));
    assert_eq!(client.advanced(), ["PUBLISH 4 5"]);
    assert!(!client.session.waits_for_window());
    // Without anything waiting for the window, requests keep the order in which they were made.
    client.token(7, AtMostOnce, "7");
    client.subscribe(8).unwrap();
    client.token(9, AtMostOnce, "9");
    assert_eq!(client.advanced(), ["PUBLISH 0 7", "SUBSCRIBE 6", "PUBLISH 0 9"]);
}

#[test]
fn a_window_of_zero_lets_everything_else_pass() {
    let mut client = client_with_window(0);
    client.send(1, AtMostOnce, "0").unwrap();
    client.send(2, AtLeastOnce, "1").unwrap();
    client.send(3, AtMostOnce, "behind").unwrap();
    client.subscribe(4).unwrap();
    client.disconnect(5, 500).unwrap();
    assert_eq!(client.advanced(), ["PUBLISH 0 0", "SUBSCRIBE 2"]);
    client.pass(500);
    assert_eq!(client.advanced(), ["DISCONNECT 0x00"]);
    client.ended();
    assert_eq!(client.close(), [ended(4, 2, "discarded"), ended(5, 0, "disconnected")]);
    assert_eq!(client.pending_tokens(), [1, 0], "what could not be sent waits for another connection");
}

#[test]
fn bytes_that_do_not_leave_hold_everything_back() {
    let mut client = client_with_window(100);
    let mut taken = 0;
    while client.session.outgoing().len() < 262_144 {
        client.send(taken, AtMostOnce, &"x".repeat(9000)).unwrap();
        taken += 1;
    }
    client.send(1, AtMostOnce, "last").unwrap();
    client.subscribe(2).unwrap();
    client.session.advance_queue(client.now);
    assert_eq!(client.pending_tokens(), [0]);
    let written = client.written();
    assert_eq!(packets(&written).len(), taken);
    assert_eq!(client.ended().len(), taken);
    assert_eq!(client.advanced(), ["PUBLISH 0 last", "SUBSCRIBE 1"]);
}

#[test]
fn tokens_tell_what_is_complete() {
    let mut client = client_with_window(1);
    assert!(client.session.request_is_complete(0) && client.session.request_is_complete(77));
    client.token(1, AtLeastOnce, "1");
    client.token(2, AtLeastOnce, "2");
    assert!(client.session.request_is_complete(0));
    client.token(3, AtMostOnce, "3");
    let subscribe = client.subscribe(4).unwrap();
    let complete = |client: &Client| [0, 1, 2, 3].map(|token| client.session.request_is_complete(token));
    assert_eq!((subscribe, complete(&client)), (3, [false; 4]));
    assert_eq!(client.pending_tokens(), [2, 0, 1]);
    client.advance();
    assert_eq!(
        complete(&client),
        [false, false, false, true],
        "a SUBSCRIBE that was sent counts as complete"
    );
    client.answer_to(&puback(1));
    client.advance();
    assert_eq!(complete(&client), [true, true, false, true]);
    assert_eq!(client.pending_tokens(), [2]);
    client.answer_to(&puback(2));
    assert_eq!(complete(&client), [true; 4]);
}

#[test]
fn packet_ids_are_taken_when_the_request_is() {
    let mut client = offline();
    for number in 1..=u16::MAX {
        assert_eq!(client.token(1, AtLeastOnce, "m"), number);
    }
    assert_eq!(client.send(2, ExactlyOnce, "m"), Err(RequestError::NoFreePacketId));
    assert!(client.send(3, AtMostOnce, "m").is_ok());
    client.begin_connect(&options(Version::V311));
    client.receive(&connack(Version::V311, false, 0, &[])).unwrap();
    assert_eq!(client.subscribe(4), Err(RequestError::NoFreePacketId));
    assert_eq!(packets(&client.advance()).len(), 65_536);
}

#[test]
fn a_hundred_thousand_messages_wait_and_leave_in_order() {
    let mut client = offline();
    client.session.set_buffer_options(BufferOptions {
        maximum_buffered: Some(100_000),
        delete_oldest: true,
        ..ANY_TIME
    });
    for number in 0..200_000 {
        let accepted = client.send(number, AtMostOnce, &number.to_string()).unwrap();
        let displaced = accepted.displaced.map(|completion| completion.requester);
        assert_eq!(displaced, number.checked_sub(100_000));
    }
    client.connect(&options(Version::V311), false, &[]);
    let out = client.advance();
    let mut expected = 100_000..;
    for packet in packets(&out) {
        assert_eq!(packet[5..], *expected.next().unwrap().to_string().as_bytes());
    }
    assert_eq!(expected.next(), Some(200_000));
    let order: Vec<usize> = client.ended().into_iter().map(|(number, ..)| number).collect();
    assert!(order.into_iter().eq(100_000..200_000));
}
