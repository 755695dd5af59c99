//! Tests of what waits for the application.

use super::*;
use crate::protocol::{PacketId, Publish, QoS, ReasonCode};
use std::sync::Arc;

const MOST_ENTRIES: usize = 4096;
const MOST_BYTES: usize = 16 << 20;
const FOR_A_CALL: usize = 16;

fn message(payload: &[u8]) -> Message {
    let block = Arc::new(payload.to_vec());
    let publish = Publish { payload: &block, ..Publish::empty(QoS::AtMostOnce) };
    Message::in_block(&block, &publish).unwrap()
}

fn names(deliveries: &mut Deliveries) -> Vec<String> {
    std::iter::from_fn(|| deliveries.take())
        .map(|delivery| match delivery {
            Delivery::Message(message) => String::from_utf8(message.payload().to_vec()).unwrap(),
            Delivery::Notice(Notice::ConnectionLost) => "lost".into(),
            Delivery::Notice(_) => "notice".into(),
        })
        .collect()
}

#[test]
fn messages_and_notices_keep_their_order() {
    let mut deliveries = Deliveries { messages_by_callback: true, ..Deliveries::default() };
    deliveries.push_message(message(b"1"));
    deliveries.push_notices([Notice::ConnectionLost]);
    deliveries.push_message(message(b"2"));
    assert_eq!(names(&mut deliveries), ["1", "lost", "2"]);
}

#[test]
fn a_refused_message_waits_and_holds_the_later_ones_back() {
    let mut deliveries = Deliveries { messages_by_callback: true, ..Deliveries::default() };
    deliveries.push_message(message(b"1"));
    deliveries.push_message(message(b"2"));
    deliveries.push_notices([Notice::ConnectionLost]);
    let Some(Delivery::Message(refused)) = deliveries.take() else { panic!() };
    assert_eq!(deliveries.refuse(refused, Moment(1000)), Moment(1100));
    assert_eq!(names(&mut deliveries), ["lost"]);
    deliveries.end_pause();
    assert_eq!(names(&mut deliveries), ["1", "2"]);
}

#[test]
fn the_pause_grows_to_a_second() {
    let mut deliveries = Deliveries { messages_by_callback: true, ..Deliveries::default() };
    deliveries.push_message(message(b"1"));
    let mut pauses = Vec::new();
    for _ in 0..6 {
        let refused = deliveries.take_message().unwrap();
        pauses.push(deliveries.refuse(refused, Moment(0)).0);
    }
    assert_eq!(pauses, [100, 200, 400, 800, 1000, 1000]);
}

/// Messages of one byte each that lie in one block of that size.
fn block_of(count: usize, size: usize) -> Vec<Message> {
    let block = Arc::new(vec![0; size]);
    let one = |at| Publish { payload: &block[at..=at], ..Publish::empty(QoS::AtMostOnce) };
    (0..count).map(|at| Message::in_block(&block, &one(at)).unwrap()).collect()
}

#[test]
fn a_block_counts_as_long_as_one_message_lies_in_it() {
    let mut deliveries = Deliveries { messages_by_callback: true, ..Deliveries::default() };
    block_of(3, 1000)
        .into_iter()
        .chain(block_of(2, 500))
        .for_each(|message| deliveries.push_message(message));
    assert_eq!(deliveries.bytes, 1500);
    let held: Vec<_> = (0..5)
        .map(|_| {
            deliveries.take();
            deliveries.bytes
        })
        .collect();
    assert_eq!(held, [1500, 1500, 500, 500, 0]);
    // A refused message is back where it was.
    block_of(2, 1000).into_iter().for_each(|message| deliveries.push_message(message));
    for _ in 0..2 {
        let message = deliveries.take_message().unwrap();
        deliveries.refuse(message, Moment(0));
        assert_eq!(deliveries.bytes, 1000);
        deliveries.take_message();
    }
    assert_eq!(deliveries.bytes, 0);
}

#[test]
fn few_messages_that_hold_much_memory_fill_the_queue() {
    let mut deliveries = Deliveries::default();
    for _ in 0..MOST_BYTES / (64 << 10) {
        assert!(!deliveries.is_full());
        block_of(1, 64 << 10).into_iter().for_each(|message| deliveries.push_message(message));
    }
    assert!(deliveries.is_full() && !deliveries.is_overfull());
    deliveries.take_message();
    assert!(!deliveries.is_full());
    block_of(1, MOST_BYTES * FOR_A_CALL).into_iter().for_each(|message| deliveries.push_message(message));
    assert!(deliveries.is_overfull());
    deliveries.clear_messages();
    assert_eq!((deliveries.bytes, deliveries.is_full()), (0, false));
}

#[test]
fn messages_and_notices_are_counted_together() {
    let mut deliveries = Deliveries::default();
    deliveries.push_notices((0..MOST_ENTRIES - 1).map(|_| Notice::ConnectionLost));
    assert!(!deliveries.is_full());
    deliveries.push_message(message(b""));
    assert!(deliveries.is_full());
    deliveries.clear_connection_notices();
    assert!(!deliveries.is_full());
}

#[test]
fn what_a_notice_brings_from_the_server_is_counted() {
    use crate::protocol::{Properties, Property, PropertyId, PropertyValue};
    let mut properties = Properties::new();
    let value = PropertyValue::Utf8StringPair(b"name", &[b'v'; 60_000]);
    properties.push(&Property { id: PropertyId::UserProperty, value }).unwrap();
    let notice = || Notice::Disconnected(ReasonCode::SUCCESS, properties.clone());
    let mut deliveries = Deliveries::default();
    deliveries.push_notices((0..MOST_BYTES / 60_000 + 1).map(|_| notice()));
    assert!(deliveries.is_full());
    deliveries.take();
    deliveries.clear_notices();
    assert_eq!(deliveries.bytes, 0);
}

#[test]
fn the_notices_of_a_request_are_known_however_many_wait() {
    let complete = |number| Notice::DeliveryComplete(PacketId::new(number).unwrap());
    let mut deliveries = Deliveries::default();
    deliveries.push_notices((1..=1000).map(complete));
    assert!(deliveries.has_notice_of(1000) && deliveries.has_notice_of(1) && !deliveries.has_notice_of(1001));
    deliveries.push_notices([complete(1001), complete(1)]);
    assert!(deliveries.has_notice_of(1001));
    for told in 1..=1001 {
        deliveries.take();
        assert!(deliveries.has_notice_of(told), "the program is being told");
        deliveries.callback_returned();
        assert_eq!(deliveries.has_notice_of(told), told == 1, "{told}: there are two of the first");
    }
    deliveries.take();
    deliveries.callback_returned();
    assert!(!deliveries.has_notice_of(1));
}

#[test]
fn the_bounds_are_those_that_were_set() {
    let mut deliveries = Deliveries::default();
    deliveries.push_message(message(&[0; 10]));
    deliveries.bounds = Bounds { entries: 2, bytes: 1000 };
    assert!(!deliveries.is_full());
    deliveries.push_message(message(&[0; 10]));
    assert!(deliveries.is_full() && !deliveries.is_overfull());
    deliveries.bounds = Bounds { entries: 100, bytes: 20 };
    assert!(deliveries.is_full());
    deliveries.bounds = Bounds { entries: 100, bytes: 21 };
    assert!(!deliveries.is_full());
    (0..30).for_each(|_| deliveries.push_message(message(&[0; 10])));
    deliveries.bounds = Bounds { entries: 2, bytes: usize::MAX };
    assert!(deliveries.is_overfull());
}
