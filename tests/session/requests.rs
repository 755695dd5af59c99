//! Requests that do not wait, one by one: how they are sent, what the server excludes, and which answer completes them.

use crate::support::requests::*;
use crate::support::*;
use paho_c_rs::protocol::{
    PropertyId, PropertyValue, PropertyView, QoS, QoS::AtLeastOnce, QoS::AtMostOnce, QoS::ExactlyOnce,
    ReasonCode, Version,
};
use paho_c_rs::session::{
    ConnectOptions, LARGE_PAYLOAD, OutgoingPublish, RequestError, SentMessage, Success,
};

const LEVELS: [QoS; 3] = [AtMostOnce, AtLeastOnce, ExactlyOnce];

/// Not connected, messages are taken nevertheless.
fn offline() -> Client {
    let mut client = Client::new();
    client.session.set_buffer_options(ANY_TIME);
    client
}

#[test]
fn what_may_go_goes_at_once_as_a_waiting_publish_would_send_it() {
    for version in ALL_VERSIONS {
        for qos in LEVELS {
            for size in [0, 100, LARGE_PAYLOAD, 300_000] {
                let payload = vec![b'x'; size];
                let mut waiting = Client::connected(version);
                let sent = waiting.publish(qos, &payload).unwrap();
                let mut expected = waiting.written();
                if sent.payload_follows {
                    expected.extend(&payload);
                }
                for reply in [None, reply(1)] {
                    let mut client = Client::connected(version);
                    client.send_with(reply, qos, &payload, PropertyView::empty()).unwrap();
                    assert!(client.written() == expected, "{version:?} {qos:?} {size} {reply:?}");
                }
            }
        }
    }
}

#[test]
fn at_most_once_is_complete_with_its_last_byte() {
    let mut client = Client::connected(Version::V311);
    client.send(1, AtMostOnce, "first").unwrap();
    client.send(0, AtLeastOnce, "between").unwrap();
    client.send_with(None, AtMostOnce, b"unheard", PropertyView::empty()).unwrap();
    client.send(2, AtMostOnce, "second").unwrap();
    let length = client.session.outgoing().len();
    drop(client.session.outgoing().take());
    let first = 2 + 3 + 5;
    client.session.bytes_written(client.now, first - 1);
    assert_eq!(client.ended(), []);
    client.session.bytes_written(client.now, 1);
    assert_eq!(client.ended(), [ended(1, 0, "published first")]);
    client.session.bytes_written(client.now, length - first - 1);
    assert_eq!(client.ended(), []);
    client.session.bytes_written(client.now, 1);
    assert_eq!(client.ended(), [ended(2, 0, "published second")]);
}

#[test]
fn the_last_acknowledgement_completes_a_message() {
    let mut client = Client::connected(Version::V311);
    assert_eq!(client.token(1, AtLeastOnce, "one"), 1);
    assert_eq!(client.token(2, ExactlyOnce, "two"), 2);
    client.written();
    client.answer_to(&pubrec(2));
    client.answer_to(&pubcomp(1));
    client.answer_to(&puback(9));
    assert_eq!(client.ended(), [], "neither type nor id fit");
    client.answer_to(&pubcomp(2));
    client.answer_to(&puback(1));
    client.answer_to(&puback(1));
    assert_eq!(client.ended(), [ended(2, 2, "published two"), ended(1, 1, "published one")]);
}

fn published(client: &mut Client) -> SentMessage {
    match client.session.next_completion().unwrap().result {
        Ok(Success::Published { message, .. }) => message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_completed_message_is_shown_as_it_was_requested() {
    let user = [(PropertyId::MessageExpiryInterval, PropertyValue::FourByteInteger(7))];
    let user = properties(&user);
    for qos in LEVELS {
        let mut client = Client::connected(Version::V5);
        // What the session does not judge is shown all the same.
        let (topic, payload) = (b"a/#", b"p");
        let publish = OutgoingPublish { topic, payload, qos, retain: true, properties: user.view() };
        client.session.send(client.now, &publish, reply(1)).unwrap();
        client.written();
        for answer in [puback(1), pubrec(1), pubcomp(1)] {
            client.answer_to(&answer);
        }
        let message = published(&mut client);
        let shown = message.publish();
        assert_eq!(
            (shown.topic, shown.payload, shown.qos, shown.retain),
            (&topic[..], &payload[..], qos, true)
        );
        assert_eq!(shown.properties, user.view());
        assert_eq!(client.session.next_completion(), None);
    }
}

#[test]
fn an_acknowledgement_with_an_error_fails_the_message() {
    use paho_c_rs::protocol::AcknowledgementType::{PubAck, PubComp, PubRec};
    let mut client = Client::connected(Version::V5);
    for (number, qos) in [(1, AtLeastOnce), (2, ExactlyOnce), (3, ExactlyOnce), (4, AtLeastOnce)] {
        client.token(number, qos, "x");
    }
    client.written();
    client.answer_to(&acknowledgement(PubAck, 1, 0x97, Version::V5));
    client.answer_to(&acknowledgement(PubRec, 2, 0x87, Version::V5));
    client.answer_to(&acknowledgement(PubRec, 3, 0, Version::V5));
    client.answer_to(&acknowledgement(PubComp, 3, 0x92, Version::V5));
    client.answer_to(&acknowledgement(PubAck, 4, 0x10, Version::V5));
    let expected = [
        ended(1, 1, "Refused 0x97 PUBACK"),
        ended(2, 2, "Refused 0x87 PUBREC"),
        ended(3, 3, "Refused 0x92 PUBCOMP"),
        ended(4, 4, "published, reason 0x10"),
    ];
    assert_eq!(client.ended(), expected);
}

#[test]
fn subscriptions_are_completed_by_their_answers() {
    let mut client = Client::connected(Version::V311);
    assert_eq!(client.subscribe(1), Ok(1));
    assert_eq!(client.unsubscribe(2), Ok(2));
    assert_eq!(client.token(3, AtLeastOnce, "m"), 3);
    assert_eq!(client.advanced(), ["SUBSCRIBE 1", "UNSUBSCRIBE 2", "PUBLISH 3 m"]);
    client.answer_to(&[0x90, 3, 0, 3, 1]);
    client.answer_to(&[0x90, 3, 0, 2, 1]);
    assert_eq!(client.ended(), [], "the ids belong to other packets");
    client.answer_to(&[0xB0, 2, 0, 2]);
    client.answer_to(&[0x90, 3, 0, 1, 0x80]);
    client.answer_to(&puback(3));
    let expected =
        [ended(2, 2, "unsubscribed []"), ended(1, 1, "subscribed [128]"), ended(3, 3, "published m")];
    assert_eq!(client.ended(), expected);
}

#[test]
fn what_the_server_excludes_fails_instead_of_being_sent() {
    let limits = [
        (PropertyId::MaximumQoS, PropertyValue::Byte(1)),
        (PropertyId::MaximumPacketSize, PropertyValue::FourByteInteger(40)),
    ];
    let request_all = |client: &mut Client| {
        client.send(1, ExactlyOnce, "x").unwrap();
        client.send(2, AtMostOnce, &"x".repeat(40)).unwrap();
        client.send_with(None, ExactlyOnce, b"x", PropertyView::empty()).unwrap();
        client.send(4, AtLeastOnce, "fits").unwrap();
    };
    let failed = [ended(1, 1, "NotSent 0x9b PUBLISH"), ended(2, 0, "NotSent 0x95 PUBLISH")];
    let mut online = Client::new();
    online.connect(&options(Version::V5), false, &limits);
    request_all(&mut online);
    assert_eq!(online.ended(), failed);
    assert_eq!(brief(&online.written(), Version::V5), ["PUBLISH 3 fits"]);

    let mut before = offline();
    request_all(&mut before);
    before.connect(&options(Version::V5), false, &limits);
    assert_eq!(before.advanced(), ["PUBLISH 3 fits"]);
    assert_eq!(before.ended(), failed);
    assert_eq!(before.pending_tokens(), [3]);

    let filter = [b'f'; 40];
    let filters = [&filter[..]];
    assert_eq!(before.session.queue_request(&filters, PropertyView::empty(), reply(5)), Ok(4));
    assert!(before.advance().is_empty());
    assert_eq!(before.ended(), [ended(5, 4, "NotSent 0x95 UNSUBSCRIBE")]);
    assert!(before.session.request_is_complete(4));
}

#[test]
fn a_message_with_an_unknown_alias_fails_with_its_connection() {
    let alias = properties(&[(PropertyId::TopicAlias, PropertyValue::TwoByteInteger(3))]);
    let request_all = |client: &mut Client| {
        for (number, topic, qos) in
            [(1, &b""[..], AtLeastOnce), (2, b"", ExactlyOnce), (3, b"t", AtLeastOnce)]
        {
            let properties = alias.view();
            let publish = OutgoingPublish { topic, payload: b"x", qos, retain: false, properties };
            client.session.send(client.now, &publish, reply(number)).unwrap();
        }
    };
    let check = |mut client: Client, sent: &[String]| {
        assert_eq!(sent, ["PUBLISH 1 x", "PUBLISH 2 x", "PUBLISH 3 x"]);
        assert_eq!(client.pending_tokens(), [1, 2, 3]);
        assert_eq!(client.close(), [ended(1, 1, "discarded"), ended(2, 2, "discarded")]);
        let again = client.connect(&options(Version::V5), true, &[]);
        assert_eq!(brief(&again, Version::V5), ["PUBLISH 3 dup x"]);
        client.answer_to(&puback(3));
        assert_eq!(client.ended(), [ended(3, 3, "published x")]);
    };
    let mut online = Client::connected(Version::V5);
    request_all(&mut online);
    let sent = brief(&online.written(), Version::V5);
    check(online, &sent);
    let mut before = offline();
    request_all(&mut before);
    before.connect(&options(Version::V5), true, &[]);
    let sent = before.advanced();
    check(before, &sent);
}

#[test]
fn what_cannot_be_encoded_is_refused() {
    let long = [b't'; 65_536];
    for mut client in [Client::connected(Version::V311), offline()] {
        let publish = OutgoingPublish {
            topic: &long,
            payload: b"",
            qos: AtLeastOnce,
            retain: false,
            properties: PropertyView::empty(),
        };
        assert!(matches!(client.session.send(client.now, &publish, reply(1)), Err(RequestError::Encode(_))));
        assert_eq!(client.token(2, AtLeastOnce, "m"), 1, "nothing was changed");
    }
}

#[test]
fn requests_follow_the_version_of_the_connection_that_sends_them() {
    let user = properties(&[(PropertyId::PayloadFormatIndicator, PropertyValue::Byte(1))]);
    for version in ALL_VERSIONS {
        let mut client = offline();
        client.send_with(reply(1), AtLeastOnce, b"with", user.view()).unwrap();
        client.send(2, AtLeastOnce, "without").unwrap();
        client.connect(&options(version), false, &[]);
        let bytes = client.advance();
        assert_eq!(brief(&bytes, version), ["PUBLISH 1 with", "PUBLISH 2 without"]);
        client.answer_to(&puback(1));
        let message = published(&mut client);
        assert_eq!(message.publish().properties, user.view(), "as requested");
    }
    for (first, second) in [(Version::V5, Version::V311), (Version::V311, Version::V5)] {
        let mut client = Client::connected(first);
        client.subscribe(1).unwrap();
        client.unsubscribe(2).unwrap();
        assert_eq!(client.close(), []);
        client.connect(&options(second), false, &[]);
        assert_eq!(client.advanced(), ["SUBSCRIBE 1", "UNSUBSCRIBE 2"]);
    }
}

#[test]
fn a_topic_alias_belongs_to_the_connection_that_sends_the_message() {
    let limits = [(PropertyId::TopicAliasMaximum, PropertyValue::TwoByteInteger(5))];
    let alias = properties(&[(PropertyId::TopicAlias, PropertyValue::TwoByteInteger(5))]);
    let mut client = offline();
    client.send_with(reply(1), AtLeastOnce, b"m", alias.view()).unwrap();
    client.connect(&options(Version::V5), false, &limits);
    assert_eq!(client.advanced(), ["PUBLISH 1 m"]);
    client.close();
    // The full topic is there again, the alias is not.
    let resent = client.connect(&options(Version::V5), true, &[]);
    assert_eq!(brief(&resent, Version::V5), ["PUBLISH 1 dup m"]);
    assert_eq!(client.answer_to(&puback(1)), []);
    assert_eq!(published(&mut client).publish().properties, alias.view());
}

#[test]
fn a_reason_and_properties_go_with_a_disconnect() {
    let expiry = properties(&[(PropertyId::SessionExpiryInterval, PropertyValue::FourByteInteger(0))]);
    let kept = properties(&[(PropertyId::SessionExpiryInterval, PropertyValue::FourByteInteger(60))]);
    let asked =
        ConnectOptions { properties: kept.view(), keep_expired_session: false, ..options(Version::V5) };
    let mut client = Client::new();
    client.connect(&asked, false, &[]);
    client.token(1, AtLeastOnce, "m");
    client.written();
    let reason = ReasonCode::DISCONNECT_WITH_WILL_MESSAGE;
    client.session.queue_disconnect(client.now, 0, reason, expiry.view(), reply(2)).unwrap();
    assert_eq!(client.advance(), [0xE0, 7, 4, 5, 0x11, 0, 0, 0, 0]);
    assert_eq!(client.close(), [ended(1, 1, "discarded"), ended(2, 0, "disconnected")], "the session ended");
}
