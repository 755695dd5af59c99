//! What the session has to do with a store: messages that are taken only if they are kept, requests that wait under the
//! store's name for them, and what an earlier life has left.

use crate::support::{ALL_VERSIONS, Client, Seen, id, message_from_server, options, pubrel};
use paho_c_rs::protocol::{Filter, PropertyView, Publish, QoS, SubscribeOptions, Version};
use paho_c_rs::session::{
    BufferOptions, LARGE_PAYLOAD, Moment, OutgoingPublish, RequestError, Session, StoreCommand, StoredRequest,
};

fn message(qos: QoS, payload: &[u8]) -> OutgoingPublish<'_> {
    OutgoingPublish { topic: b"t", payload, qos, retain: false, properties: PropertyView::empty() }
}

#[test]
fn a_message_that_is_not_kept_has_changed_nothing() {
    let large = vec![7; LARGE_PAYLOAD];
    for version in ALL_VERSIONS {
        for payload in [&b"small"[..], &large] {
            let mut client = Client::connected(version);
            let now = client.now;
            let refused =
                client.session.publish_kept(now, &message(QoS::ExactlyOnce, payload), |_, _, _| false);
            assert_eq!(refused, Err(RequestError::NotStored));
            assert_eq!(client.pending(), Vec::<u16>::new());
            assert!(client.session.outgoing().is_empty());
            let mut kept = Vec::new();
            let sent = client.session.publish_kept(
                now,
                &message(QoS::AtLeastOnce, payload),
                |id, packet, version| {
                    kept.push((id, packet.to_vec(), version));
                    true
                },
            );
            assert_eq!(sent.unwrap().id, Some(id(1)), "the identifier was not used");
            let written: Vec<u8> = client.session.outgoing().chunks().flatten().copied().collect();
            assert_eq!(kept, [(id(1), written, version)], "what is kept is what is sent");
            assert_eq!(client.session.take_store_commands(), [], "it is kept already");
        }
    }
}

#[test]
fn a_message_in_another_version_takes_the_place_of_what_was_kept() {
    let mut client = Client::new();
    client.session.set_stores(true);
    let packet = message_from_server(Version::V311, QoS::AtLeastOnce, 1, b"m", false);
    assert!(client.session.restore_outgoing(id(1), packet.into(), Version::V311, false));
    client.connect(&options(Version::V5), true, &[]);
    let commands = client.session.take_store_commands();
    let [
        StoreCommand::PutOutgoing { version: Version::V5, .. },
        StoreCommand::RemoveReplaced { version, .. },
    ] = &commands[..]
    else {
        panic!("{commands:?}")
    };
    assert_eq!(*version, Version::V311);
}

/// A session that takes messages while it is not connected.
fn offline() -> Session<usize> {
    let mut session = Session::new(b"id", true);
    session.set_buffer_options(BufferOptions {
        send_while_disconnected: true,
        allow_at_any_time: true,
        maximum_buffered: Some(2),
        delete_oldest: true,
    });
    session
}

#[test]
fn requests_that_wait_are_removed_when_they_are_sent_or_displaced() {
    let mut session = offline();
    let now = Moment(0);
    for number in 1..=3 {
        let stored = Some(StoredRequest(number));
        let taken =
            session.send_kept(now, &message(QoS::AtLeastOnce, b"m"), None, stored, |_, _, _| panic!());
        assert_eq!(taken.unwrap().token, number as u16);
    }
    assert_eq!(session.take_store_commands(), [StoreCommand::RemoveRequest { stored: StoredRequest(1) }]);
    assert_eq!(session.pending_requests().collect::<Vec<_>>(), [2, 3]);

    let mut client = Client { session, ..Client::new() };
    client.connect(&options(Version::V311), true, &[]);
    client.session.take_store_commands();
    client.session.advance_queue(client.now);
    let commands = client.session.take_store_commands();
    let [StoreCommand::PutOutgoing { id: sent, .. }, removed] = &commands[..2] else {
        panic!("{commands:?}")
    };
    assert_eq!(*sent, id(2));
    let stored = StoredRequest(2);
    assert_eq!(*removed, StoreCommand::RemoveRequest { stored }, "removed after it is kept as sent");
}

#[test]
fn a_message_that_goes_out_at_once_is_taken_only_if_it_is_kept() {
    let mut client = Client::connected(Version::V311);
    let now = client.now;
    assert!(client.session.sends_at_once(QoS::AtLeastOnce));
    let refused =
        client.session.send_kept(now, &message(QoS::AtLeastOnce, b"m"), None, None, |_, _, _| false);
    assert_eq!(refused, Err(RequestError::NotStored));
    assert_eq!(client.pending(), Vec::<u16>::new());
}

#[test]
fn restored_requests_keep_their_tokens_where_they_can() {
    let mut session = offline();
    let packet = message_from_server(Version::V311, QoS::AtLeastOnce, 1, b"m", false);
    assert!(session.restore_outgoing(id(1), packet.into(), Version::V311, false));
    let publish = message(QoS::AtLeastOnce, b"m");
    assert!(
        session.restore_send(&publish, 1, Version::V311, StoredRequest(1)),
        "that of a message in flight"
    );
    assert!(session.restore_send(&publish, 5, Version::V311, StoredRequest(2)));
    assert!(session.restore_send(&publish, 5, Version::V311, StoredRequest(3)), "another token");
    assert!(session.restore_send(&message(QoS::AtMostOnce, b"m"), 0, Version::V311, StoredRequest(4)));
    session.reserve_identifier(id(7));
    let tokens: Vec<u16> = session.pending_requests().collect();
    assert_eq!(tokens, [2, 5, 6, 0, 1]);
    assert_eq!(session.next_token(QoS::AtLeastOnce), Ok(8), "7 is reserved");
}

#[test]
fn a_message_that_was_queued_before_the_process_ended_is_not_delivered_again() {
    let publish = |payload, again| message_from_server(Version::V5, QoS::ExactlyOnce, 9, payload, again);
    for (payload, again, delivered) in [(&b"m"[..], true, false), (b"m", false, true), (b"other", true, true)]
    {
        let mut client = Client::new();
        client.session.restore_queued(id(9), b"t", b"m");
        client.connect(&options(Version::V5), true, &[]);
        let seen = client.receive(&publish(payload, again)).unwrap();
        assert_eq!(matches!(seen, Some(Seen::Message { .. })), delivered, "{payload:?} {again}");
        assert_eq!(client.receive(&publish(payload, true)), Ok(None), "it is known from now on");
    }
}

#[test]
fn a_message_that_was_released_is_not_taken_for_the_one_that_was_queued_before() {
    let mut client = Client::new();
    client.session.restore_queued(id(9), b"t", b"m");
    client.connect(&options(Version::V5), true, &[]);
    assert!(client.session.awaits_repetition(id(9)));
    assert_eq!(client.receive(&pubrel(9)), Ok(None));
    assert!(!client.session.awaits_repetition(id(9)));
    let publish = message_from_server(Version::V5, QoS::ExactlyOnce, 9, b"m", true);
    assert!(matches!(client.receive(&publish), Ok(Some(Seen::Message { .. }))), "a new message");
}

/// A server closes the connection because of such a message, and would do so again after each start.
#[test]
fn what_no_server_would_take_is_not_restored() {
    let property = |bytes: &'static [u8]| PropertyView::parse(bytes).unwrap();
    let (none, subscription) = (PropertyView::empty(), property(b"\x0b\x01"));
    let with = |topic: &'static [u8], properties| OutgoingPublish {
        topic,
        properties,
        ..message(QoS::AtLeastOnce, b"m")
    };
    let cases = [
        with(b"t/+", none),
        with(b"#", none),
        with(b"\xff", none),
        with(b"", none),
        with(b"t", subscription),
    ];
    for publish in cases {
        let mut session = offline();
        assert!(!session.restore_send(&publish, 1, Version::V5, StoredRequest(1)), "{publish:?}");
        let mut packet = Vec::new();
        let (dup, packet_id) = (false, Some(id(1)));
        let OutgoingPublish { topic, payload, qos, retain, properties } = publish;
        Publish { dup, qos, retain, topic, packet_id, properties, payload }
            .encode(Version::V5, &mut packet)
            .unwrap();
        assert!(!session.restore_outgoing(id(1), packet.into(), Version::V5, false), "{publish:?}");
    }
    for filter in [&b"\xff"[..], b""] {
        let filters = [Filter { filter, options: SubscribeOptions::new(QoS::AtMostOnce) }];
        let mut session = offline();
        assert!(!session.restore_request(&filters, none, 1, Version::V311, StoredRequest(1)), "{filter:?}");
        assert!(!session.restore_request(&[filter], none, 1, Version::V311, StoredRequest(1)), "{filter:?}");
    }
}

/// The original stores messages with their aliases, which mean nothing on another connection.
#[test]
fn a_restored_message_has_no_alias() {
    let aliased = |topic| {
        let (dup, qos, retain, packet_id) = (false, QoS::AtLeastOnce, false, Some(id(1)));
        let properties = PropertyView::parse(b"\x23\0\x01\x26\0\x01k\0\x01v").unwrap();
        let mut packet = Vec::new();
        Publish { dup, qos, retain, topic, packet_id, properties, payload: b"m" }
            .encode(Version::V5, &mut packet)
            .unwrap();
        packet
    };
    let mut client = Client::new();
    assert!(!client.session.restore_outgoing(id(1), aliased(b"").into(), Version::V5, false), "no topic");
    assert!(client.session.restore_outgoing(id(1), aliased(b"t").into(), Version::V5, false));
    let resent = client.connect(&options(Version::V5), true, &[]);
    assert_eq!(resent, b"\x3a\x0e\0\x01t\0\x01\x07\x26\0\x01k\0\x01vm");
}
