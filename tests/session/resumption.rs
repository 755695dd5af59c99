//! Sending again: after a reconnect, within a connection, after a restart; the window of messages in flight.

use crate::support::*;
use paho_c_rs::protocol::AcknowledgementType::PubComp;
use paho_c_rs::protocol::{AcknowledgementType, PropertyId, PropertyValue, QoS, Version};
use paho_c_rs::session::{ConnectOptions, LARGE_PAYLOAD, RequestError, Session};

fn receive_maximum(maximum: u16) -> [(PropertyId, PropertyValue<'static>); 1] {
    [(PropertyId::ReceiveMaximum, PropertyValue::TwoByteInteger(maximum))]
}

/// QoS 1 with id 1, QoS 2 with id 2, QoS 2 after PUBREC with id 3, QoS 1 with id 4.
fn with_messages_in_flight(version: Version) -> Client {
    let mut client = Client::connected(version);
    for qos in [QoS::AtLeastOnce, QoS::ExactlyOnce, QoS::ExactlyOnce, QoS::AtLeastOnce] {
        client.publish_id(qos, b"payload");
    }
    client.written();
    client.receive(&pubrec(3)).unwrap();
    client.written();
    client.session.connection_closed();
    assert_eq!(client.pending(), [1, 2, 3, 4]);
    client
}

#[test]
fn everything_in_flight_is_resent_in_order_before_anything_else() {
    for version in ALL_VERSIONS {
        let mut client = with_messages_in_flight(version);
        for _ in 0..3 {
            let resent = client.connect(&options(version), true, &[]);
            let expected = ["PUBLISH 1 dup", "PUBLISH 2 dup", "PUBREL 3", "PUBLISH 4 dup"];
            assert_eq!(summary(&resent, version), expected);
            assert_eq!(
                packets(&resent)[1],
                message_from_server(version, QoS::ExactlyOnce, 2, b"payload", true),
                "nothing but DUP changes"
            );
            assert!(client.session.window_is_open());
        }
        for packet in [puback(1), pubrec(2), pubcomp(3), puback(4)] {
            client.receive(&packet).unwrap();
        }
        assert_eq!(summary(&client.written(), version), ["PUBREL 2"]);
        let resent = client.connect(&options(version), true, &[]);
        assert_eq!(summary(&resent, version), ["PUBREL 2"]);
    }
}

#[test]
fn a_resume_pass_keeps_to_the_receive_maximum() {
    let mut client = with_messages_in_flight(Version::V5);
    let resent = client.connect(&options(Version::V5), true, &receive_maximum(1));
    assert_eq!(summary(&resent, Version::V5), ["PUBLISH 1 dup"]);
    assert!(!client.session.window_is_open());
    assert_eq!(client.publish(QoS::AtLeastOnce, b"new").err(), Some(RequestError::WindowFull));
    assert_eq!(summary(&client.answer_to(&puback(1)), Version::V5), ["PUBLISH 2 dup", "PUBREL 3"]);
    assert_eq!(summary(&client.answer_to(&pubrec(2)), Version::V5), ["PUBREL 2"]);
    assert!(client.answer_to(&pubcomp(3)).is_empty(), "its PUBLISH is of an earlier connection");
    assert_eq!(client.publish(QoS::AtLeastOnce, b"new").err(), Some(RequestError::WindowFull));
    assert_eq!(summary(&client.answer_to(&pubcomp(2)), Version::V5), ["PUBLISH 4 dup"]);
    assert!(!client.session.window_is_open());
    client.receive(&puback(4)).unwrap();
    assert!(client.session.window_is_open());
    assert_eq!(client.publish_id(QoS::AtLeastOnce, b"new"), 5);
}

#[test]
fn a_message_completed_before_its_resend_is_passed_over() {
    let mut client = with_messages_in_flight(Version::V5);
    client.connect(&options(Version::V5), true, &receive_maximum(1));
    let refused = acknowledgement(AcknowledgementType::PubRec, 2, 0x97, Version::V5);
    assert_eq!(summary(&client.answer_to(&refused), Version::V5), ["PUBREL 3"]);
    assert_eq!(summary(&client.answer_to(&puback(1)), Version::V5), ["PUBLISH 4 dup"]);
}

#[test]
fn a_long_resume_pass_waits_for_the_bytes_to_leave() {
    let mut client = Client::connected(Version::V311);
    let payload = vec![1; 100_000];
    for _ in 0..20 {
        client.publish_id(QoS::AtLeastOnce, &payload);
    }
    client.written();
    client.begin_connect(&options(Version::V311));
    client.receive(&connack(Version::V311, true, 0, &[])).unwrap();
    let queued = client.session.outgoing().len();
    assert!((200_000..500_000).contains(&queued), "{queued}");
    assert!(!client.session.window_is_open());
    let resent = client.written();
    let expected: Vec<_> = (1..=20).map(|number| format!("PUBLISH {number} dup")).collect();
    assert_eq!(summary(&resent, Version::V311), expected);
    assert!(client.session.window_is_open());
}

#[test]
fn an_interrupted_resume_pass_starts_anew() {
    let mut client = with_messages_in_flight(Version::V5);
    client.connect(&options(Version::V5), true, &receive_maximum(1));
    client.receive(&puback(1)).unwrap();
    client.session.connection_closed();
    let resent = client.connect(&options(Version::V5), true, &[]);
    assert_eq!(summary(&resent, Version::V5), ["PUBLISH 2 dup", "PUBREL 3", "PUBLISH 4 dup"]);
}

#[test]
fn what_the_new_connection_does_not_take_stays_in_flight() {
    let mut client = with_messages_in_flight(Version::V5);
    let limits = [(PropertyId::MaximumQoS, PropertyValue::Byte(1))];
    let resent = client.connect(&options(Version::V5), true, &limits);
    assert_eq!(summary(&resent, Version::V5), ["PUBLISH 1 dup", "PUBREL 3", "PUBLISH 4 dup"]);
    let limits = [(PropertyId::MaximumPacketSize, PropertyValue::FourByteInteger(8))];
    let resent = client.connect(&options(Version::V5), true, &limits);
    assert_eq!(summary(&resent, Version::V5), ["PUBREL 3"]);
    assert_eq!(client.pending(), [1, 2, 3, 4]);
}

#[test]
fn messages_follow_a_change_of_the_version() {
    for size in [10, LARGE_PAYLOAD] {
        let mut client = Client::connected(Version::V311);
        let payload = vec![3; size];
        client.publish_id(QoS::AtLeastOnce, &payload);
        for version in [Version::V5, Version::V31, Version::V5, Version::V311] {
            let resent = client.connect(&options(version), true, &[]);
            assert_eq!(resent, message_from_server(version, QoS::AtLeastOnce, 1, &payload, true));
        }
    }
}

#[test]
fn the_window_is_the_smaller_of_both_maxima() {
    for (own, server, expected) in
        [(1, None, 1), (10, None, 10), (10, Some(3), 3), (2, Some(5), 2), (0, None, 0)]
    {
        let asked = ConnectOptions { maximum_in_flight: own, ..options(Version::V5) };
        let limits: Vec<_> = server.into_iter().flat_map(receive_maximum).collect();
        let mut client = Client::new();
        client.connect(&asked, false, &limits);
        for _ in 0..expected {
            assert!(client.session.window_is_open());
            client.publish_id(QoS::ExactlyOnce, b"x");
        }
        assert!(!client.session.window_is_open());
        assert_eq!(client.publish(QoS::AtLeastOnce, b"x").err(), Some(RequestError::WindowFull));
        assert!(client.publish(QoS::AtMostOnce, b"x").is_ok(), "QoS 0 is never held back");
        if expected == 0 {
            continue;
        }
        client.receive(&pubrec(1)).unwrap();
        assert!(!client.session.window_is_open(), "PUBREC makes no room");
        client.receive(&pubcomp(1)).unwrap();
        assert!(client.session.window_is_open());
    }
}

/// Its PUBREL had arrived on the connection before, and PUBCOMP was lost.
#[test]
fn a_pubrel_that_was_sent_again_may_be_unknown_to_the_server() {
    let unknown = acknowledgement(PubComp, 1, 0x92, Version::V5);
    let mut client = Client::connected(Version::V5);
    client.publish_id(QoS::ExactlyOnce, b"x");
    client.receive(&pubrec(1)).unwrap();
    let sent = client.connect(&options(Version::V5), true, &[]);
    assert_eq!(summary(&sent, Version::V5), ["PUBREL 1"]);
    let done = Seen::Acknowledged { id: 1, by: PubComp, reason: 0 };
    assert_eq!(client.receive(&unknown), Ok(Some(done)));
    assert!(!client.session.has_in_flight());

    client.publish_id(QoS::ExactlyOnce, b"y");
    client.written();
    let again = client.connect(&options(Version::V5), true, &[]);
    assert_eq!(summary(&again, Version::V5), ["PUBLISH 2 dup"]);
    client.receive(&pubrec(2)).unwrap();
    let failed = Seen::Acknowledged { id: 2, by: PubComp, reason: 0x92 };
    let unknown = acknowledgement(PubComp, 2, 0x92, Version::V5);
    assert_eq!(client.receive(&unknown), Ok(Some(failed)), "its PUBREL was sent once");
}

#[test]
fn version_3_resends_after_the_retry_interval() {
    for (asked, effective) in [(2, 10_000), (15, 15_000)] {
        let mut client = Client::new();
        let asked = ConnectOptions { retry_interval: asked, keep_alive: 0, ..options(Version::V311) };
        client.connect(&asked, true, &[]);
        client.publish_id(QoS::AtLeastOnce, b"x");
        client.publish_id(QoS::ExactlyOnce, b"x");
        client.written();
        client.pass(3000);
        client.receive(&pubrec(2)).unwrap();
        client.publish_id(QoS::AtLeastOnce, b"y");
        client.written();
        let start = client.now;
        let mut log = Vec::new();
        while log.len() < 5 {
            client.now = client.session.next_deadline().unwrap();
            client.session.handle_timeout(client.now).unwrap();
            assert!(client.session.next_deadline() > Some(client.now));
            let at = client.now.millis_since(start) + 3000;
            log.extend(summary(&client.written(), Version::V311).into_iter().map(|packet| (at, packet)));
        }
        let at = |millis: u64, packet: &str| (millis, packet.to_owned());
        let expected = [
            at(effective, "PUBLISH 1 dup"),
            at(effective + 3000, "PUBREL 2"),
            at(effective + 3000, "PUBLISH 3 dup"),
            at(effective * 2, "PUBLISH 1 dup"),
            at(effective * 2 + 3000, "PUBREL 2"),
        ];
        assert_eq!(log[..5], expected);
    }
}

#[test]
fn nothing_is_resent_within_a_connection_unless_asked_for() {
    let asked = |version, retry| ConnectOptions { retry_interval: retry, keep_alive: 0, ..options(version) };
    for asked in [asked(Version::V31, 0), asked(Version::V311, 0), asked(Version::V5, 5)] {
        let mut client = with_messages_in_flight(asked.version);
        client.connect(&asked, true, &[]);
        client.connect(&asked, true, &[]);
        assert_eq!(client.session.next_deadline(), None);
        for _ in 0..100 {
            client.pass(10_000);
            client.session.handle_timeout(client.now).unwrap();
            assert!(client.written().is_empty());
        }
    }
}

#[test]
fn nothing_is_resent_onto_a_stream_that_is_stuck() {
    let mut client = Client::new();
    let asked = ConnectOptions { retry_interval: 10, keep_alive: 0, ..options(Version::V311) };
    client.connect(&asked, true, &[]);
    client.publish_id(QoS::AtLeastOnce, b"x");
    let stuck = client.session.outgoing().take();
    for _ in 0..100 {
        client.pass(11_000);
        client.session.handle_timeout(client.now).unwrap();
        assert!(client.session.outgoing().is_empty());
    }
    client.session.bytes_written(client.now, stuck.len());
    client.pass(11_000);
    client.session.handle_timeout(client.now).unwrap();
    assert_eq!(summary(&client.written(), Version::V311), ["PUBLISH 1 dup"]);
}

#[test]
fn a_restart_goes_on_where_the_store_left_off() {
    for version in ALL_VERSIONS {
        let one = message_from_server(version, QoS::AtLeastOnce, 65_535, b"one", true);
        let two = message_from_server(version, QoS::ExactlyOnce, 1, b"two", false);
        let three = message_from_server(version, QoS::ExactlyOnce, 2, b"three", false);
        let incoming = message_from_server(version, QoS::ExactlyOnce, 9, b"in", true);
        let mut client = Client::new();
        let session: &mut Session<usize> = &mut client.session;
        assert!(session.restore_outgoing(id(65_535), one.into(), version, false));
        assert!(session.restore_outgoing(id(1), two.into(), version, true));
        assert!(session.restore_outgoing(id(2), three.clone().into(), version, false));
        assert!(session.restore_incoming(id(9), incoming.clone().into(), version, false));
        assert!(!session.restore_outgoing(id(3), three.clone().into(), version, false), "another id");
        assert!(!session.restore_outgoing(id(2), three[..4].into(), version, false), "cut short");
        assert!(!session.restore_incoming(id(9), three.into(), version, false), "another id");
        assert!(!session.restore_incoming(id(9), pubrel(9).into(), version, false), "no message");
        assert_eq!(client.pending(), [65_535, 1, 2]);

        let resent = client.connect(&options(version), true, &[]);
        assert_eq!(summary(&resent, version), ["PUBLISH 65535 dup", "PUBREL 1", "PUBLISH 2 dup"]);
        assert_eq!(client.publish_id(QoS::AtLeastOnce, b"new"), 3, "ids in use are skipped");
        let released = client.receive(&pubrel(9)).unwrap();
        let delivered_before = version == Version::V5;
        assert_eq!(released.is_none(), delivered_before);
        assert!(!matches!(released, Some(Seen::Message { dup: true, .. })));
    }
}

#[test]
fn new_ids_go_on_after_the_last_message_restored() {
    let packet = |number| message_from_server(Version::V311, QoS::AtLeastOnce, number, b"m", false).into();
    for (restored, next) in [(&[500, 510][..], 511), (&[65_534, 65_535], 1), (&[65_535, 1, 9], 10)] {
        let mut client = Client::new();
        for &number in restored {
            assert!(client.session.restore_outgoing(id(number), packet(number), Version::V311, false));
        }
        client.connect(&options(Version::V311), true, &[]);
        assert_eq!(client.publish_id(QoS::AtLeastOnce, b"new"), next);
    }
}

#[test]
fn an_unreleased_message_survives_a_change_of_the_version() {
    let mut client = Client::connected(Version::V311);
    client.receive(&message_from_server(Version::V311, QoS::ExactlyOnce, 1, b"kept", false)).unwrap();
    client.connect(&options(Version::V5), true, &[]);
    let again = message_from_server(Version::V5, QoS::ExactlyOnce, 1, b"kept", true);
    assert_eq!(client.receive(&again), Ok(None));
    let released = client.receive(&pubrel(1)).unwrap();
    assert!(matches!(released, Some(Seen::Message { payload, .. }) if payload == b"kept"));

    client.receive(&message_from_server(Version::V5, QoS::ExactlyOnce, 2, b"seen", false)).unwrap();
    client.connect(&options(Version::V311), true, &[]);
    let again = message_from_server(Version::V311, QoS::ExactlyOnce, 2, b"seen", true);
    assert_eq!(client.receive(&again), Ok(None));
    assert_eq!(client.receive(&pubrel(2)), Ok(None), "delivered already");
}
