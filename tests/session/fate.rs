//! The fate of pending requests: every kind of request, every way in which a connection, a session or a client ends.
//! And disconnecting, which waits for some of them.

use crate::support::requests::*;
use crate::support::*;
use paho_c_rs::protocol::{QoS::AtLeastOnce, QoS::AtMostOnce, QoS::ExactlyOnce, Version};
use paho_c_rs::session::{ConnectOptions, Moment};

/// Numbers of the requests that `busy` makes.
const RELEASED: usize = 1;
const SUBSCRIBE: usize = 2;
const IN_FLIGHT: usize = 3;
const UNSUBSCRIBE: usize = 4;
const HALF_WRITTEN: usize = 5;
const QUEUED: usize = 6;
const QUEUED_AT_MOST_ONCE: usize = 7;

/// Which session ends with its connection.
const CLEAN: [(Version, bool); 4] =
    [(Version::V31, true), (Version::V311, true), (Version::V5, true), (Version::V5, false)];
/// Which is kept.
const KEPT: [(Version, bool); 3] = [(Version::V31, false), (Version::V311, false), (Version::V5, false)];

fn asked(version: Version, clean: bool, window: u16) -> ConnectOptions<'static> {
    ConnectOptions {
        clean,
        maximum_in_flight: window,
        resume_without_session_present: false,
        keep_expired_session: false,
        ..options(version)
    }
}

/// A client with one request of each kind.
fn busy(options: &ConnectOptions<'_>) -> Client {
    let mut client = Client::new();
    client.session.set_buffer_options(ANY_TIME);
    client.connect(options, false, &[]);
    assert_eq!(client.token(RELEASED, ExactlyOnce, "released"), 1);
    assert_eq!(client.subscribe(SUBSCRIBE), Ok(2));
    client.advance();
    client.answer_to(&pubrec(1));
    assert_eq!(client.token(IN_FLIGHT, AtLeastOnce, "flies"), 3);
    assert_eq!(client.unsubscribe(UNSUBSCRIBE), Ok(4));
    client.advance();
    client.send(HALF_WRITTEN, AtMostOnce, "half").unwrap();
    let half = client.session.outgoing().take();
    client.session.bytes_written(client.now, half.len() - 1);
    assert_eq!(client.token(QUEUED, AtLeastOnce, "queued"), 5);
    client.send(QUEUED_AT_MOST_ONCE, AtMostOnce, "queued too").unwrap();
    client.session.advance_queue(client.now);
    assert_eq!(client.pending_tokens(), [5, 0, 1, 3]);
    assert_eq!(client.ended(), []);
    client
}

const WINDOW: u16 = 2;

/// What ends with every connection, in the order of sending, and with a clean one.
fn discarded(clean: bool) -> Vec<Ended> {
    let all = [(RELEASED, 1), (SUBSCRIBE, 2), (IN_FLIGHT, 3), (UNSUBSCRIBE, 4), (HALF_WRITTEN, 0)];
    all.into_iter()
        .filter(|(number, _)| clean || ![RELEASED, IN_FLIGHT].contains(number))
        .map(|(number, token)| ended(number, token, "discarded"))
        .collect()
}

/// Sessions of version 5 are kept for a minute by this property.
fn for_a_minute() -> paho_c_rs::protocol::Properties {
    use paho_c_rs::protocol::{PropertyId, PropertyValue};
    properties(&[(PropertyId::SessionExpiryInterval, PropertyValue::FourByteInteger(60))])
}

fn kept_and_clean() -> Vec<(Client, bool, Version)> {
    let minute = for_a_minute();
    let clean = CLEAN.map(|(version, clean)| (busy(&asked(version, clean, WINDOW)), true, version));
    let kept = KEPT.map(|(version, clean)| {
        let options = asked(version, clean, WINDOW);
        let properties = if version == Version::V5 { minute.view() } else { options.properties };
        (busy(&ConnectOptions { properties, ..options }), false, version)
    });
    clean.into_iter().chain(kept).collect()
}

#[test]
fn a_loss() {
    for (mut client, clean, version) in kept_and_clean() {
        assert_eq!(client.close(), discarded(clean), "{version:?}");
        let pending: &[u16] = if clean { &[5, 0] } else { &[5, 0, 1, 3] };
        assert_eq!(client.pending_tokens(), pending, "what was not written waits on");
    }
}

#[test]
fn a_disconnect_of_the_program() {
    for (mut client, clean, version) in kept_and_clean() {
        client.disconnect(9, 100).unwrap();
        assert!(!client.session.advance_queue(client.now));
        client.pass(100);
        assert!(client.session.advance_queue(client.now) && client.session.is_disconnecting());
        let mut expected = discarded(clean);
        expected.push(ended(9, 0, "disconnected"));
        assert_eq!(client.close(), expected, "{version:?}");
        assert!(!client.session.is_disconnecting());
        let pending: &[u16] = if clean { &[5, 0] } else { &[5, 0, 1, 3] };
        assert_eq!(client.pending_tokens(), pending);
    }
}

#[test]
fn a_loss_while_a_disconnect_waits() {
    for (mut client, clean, _) in kept_and_clean() {
        client.disconnect(8, 100).unwrap();
        client.disconnect(9, 1000).unwrap();
        client.session.advance_queue(client.now);
        let mut expected = discarded(clean);
        expected.extend([ended(8, 0, "not connected"), ended(9, 0, "not connected")]);
        assert_eq!(client.close(), expected);
        assert_eq!(client.session.next_deadline(), None);
    }
}

#[test]
fn a_later_connect_that_resumes_the_session() {
    let minute = for_a_minute();
    for (mut client, clean, version) in kept_and_clean() {
        client.close();
        let options = ConnectOptions { properties: minute.view(), ..asked(version, false, 10) };
        let resent = client.connect(&options, true, &[]);
        let expected: &[&str] = if clean { &[] } else { &["PUBREL 1", "PUBLISH 3 dup flies"] };
        assert_eq!(brief(&resent, version), expected);
        assert_eq!(client.ended(), []);
        assert_eq!(client.advanced(), ["PUBLISH 5 queued", "PUBLISH 0 queued too"]);
        assert_eq!(client.ended(), [ended(QUEUED_AT_MOST_ONCE, 0, "published queued too")]);
        client.answer_to(&pubcomp(1));
        client.answer_to(&puback(3));
        client.answer_to(&puback(5));
        let mut expected = vec![
            ended(RELEASED, 1, "published released"),
            ended(IN_FLIGHT, 3, "published flies"),
            ended(QUEUED, 5, "published queued"),
        ];
        if clean {
            expected.drain(..2);
        }
        assert_eq!(client.ended(), expected);
    }
}

#[test]
fn a_later_connect_that_cleans_the_session() {
    for (mut client, clean, version) in kept_and_clean() {
        client.close();
        // Asked for, or by the server that has forgotten it; 3.1 cannot tell the latter.
        let asks = version != Version::V5;
        client.connect(&asked(version, asks, 10), false, &[]);
        let expected = [ended(RELEASED, 1, "discarded"), ended(IN_FLIGHT, 3, "discarded")];
        assert_eq!(client.ended(), if clean { &[][..] } else { &expected });
        assert_eq!(client.advanced(), ["PUBLISH 5 queued", "PUBLISH 0 queued too"]);
        assert_eq!(client.ended(), [ended(QUEUED_AT_MOST_ONCE, 0, "published queued too")]);
        client.answer_to(&puback(5));
        assert_eq!(client.ended(), [ended(QUEUED, 5, "published queued")]);
    }
}

#[test]
fn the_end_of_the_client() {
    for disconnected_before in [false, true] {
        for (mut client, clean, _) in kept_and_clean() {
            client.disconnect(8, 100).unwrap();
            let mut expected = discarded(true);
            if disconnected_before {
                client.close();
                if clean {
                    expected.clear();
                }
                expected.retain(|(number, ..)| [RELEASED, IN_FLIGHT].contains(number));
            }
            expected.extend([ended(QUEUED, 5, "discarded"), ended(QUEUED_AT_MOST_ONCE, 0, "discarded")]);
            if !disconnected_before {
                expected.push(ended(8, 0, "discarded"));
            }
            client.session.discard_requests();
            assert_eq!(client.ended(), expected);
            let stays = client.session.has_outgoing_in_flight();
            assert_eq!(stays, !clean || !disconnected_before, "what the store holds stays");
            assert_eq!(client.close(), [], "nothing twice");
        }
    }
}

#[test]
fn the_end_of_the_client_during_a_disconnect() {
    let mut client = Client::connected(Version::V311);
    client.disconnect(1, 0).unwrap();
    client.disconnect(2, 0).unwrap();
    assert!(client.session.advance_queue(client.now));
    client.session.discard_requests();
    assert_eq!(client.ended(), [ended(1, 0, "discarded"), ended(2, 0, "discarded")]);
    assert_eq!(client.close(), []);
}

#[test]
fn a_failed_attempt_changes_nothing() {
    for (mut client, ..) in kept_and_clean() {
        client.close();
        let pending = client.pending_tokens();
        for _ in 0..3 {
            client.begin_connect(&asked(Version::V311, true, 10));
            assert!(!client.session.advance_queue(client.now), "nothing before CONNACK");
            assert_eq!(client.written(), []);
            assert_eq!(client.close(), []);
        }
        assert_eq!(client.pending_tokens(), pending);
    }
}

#[test]
fn a_disconnect_waits_for_what_was_sent_before() {
    let mut client = Client::connected(Version::V311);
    client.send(1, AtLeastOnce, "a").unwrap();
    client.send(2, ExactlyOnce, "b").unwrap();
    client.disconnect(3, 5000).unwrap();
    client.send(4, AtLeastOnce, "later").unwrap();
    client.send(5, AtMostOnce, "later").unwrap();
    assert_eq!(client.advanced(), ["PUBLISH 1 a", "PUBLISH 2 b"]);
    assert!(client.session.is_connected());
    client.answer_to(&puback(1));
    client.answer_to(&pubrec(2));
    assert_eq!(client.advanced(), [""; 0]);
    client.answer_to(&pubcomp(2));
    assert_eq!(client.advanced(), ["DISCONNECT 0x00"], "at once with the last acknowledgement");
    assert!(!client.session.is_connected());
    client.ended();
    assert_eq!(client.close(), [ended(3, 0, "disconnected")]);
    assert_eq!(client.pending_tokens(), [3, 0], "for the next connection");
}

#[test]
fn a_disconnect_without_time_goes_behind_all_that_can_be_sent() {
    let mut client = Client::new();
    client.connect(&asked(Version::V311, false, 3), false, &[]);
    let mut sent = 0;
    // More than is ever let out at once.
    while client.pending_tokens().len() < 50 {
        client.send(sent, AtMostOnce, &"x".repeat(10_000)).unwrap();
        sent += 1;
    }
    client.send(1000, AtLeastOnce, "certain").unwrap();
    client.disconnect(1001, 0).unwrap();
    assert!(client.session.advance_queue(client.now));
    let written = client.written();
    assert_eq!(packets(&written).len(), sent + 2);
    let last = brief(&written, Version::V311).split_off(sent);
    assert_eq!(last, ["PUBLISH 1 certain", "DISCONNECT 0x00"]);
    assert_eq!(client.ended().len(), sent);
    assert_eq!(client.close(), [ended(1001, 0, "disconnected")]);
}

#[test]
fn the_time_limit_of_a_disconnect_counts_from_the_call_to_the_millisecond() {
    let mut client = Client::connected(Version::V311);
    let keep_alive = client.session.next_deadline().unwrap();
    client.send(1, AtLeastOnce, "m").unwrap();
    client.disconnect(2, 1234).unwrap();
    client.disconnect(3, 77).unwrap();
    client.advance();
    let deadline = Moment(client.now.0 + 77);
    assert!(deadline < keep_alive);
    assert_eq!(client.session.next_deadline(), Some(deadline));
    client.pass(76);
    client.session.handle_timeout(client.now).unwrap();
    assert!(!client.session.advance_queue(client.now));
    client.pass(1);
    client.session.handle_timeout(client.now).unwrap();
    assert!(client.session.advance_queue(client.now));
    assert_eq!(client.session.next_deadline(), None);
    assert_eq!(client.close(), [ended(2, 0, "disconnected"), ended(3, 0, "not connected")]);
}

#[test]
fn requests_without_reply_leave_no_completion() {
    let silent = |client: &mut Client, qos| {
        let empty = paho_c_rs::protocol::PropertyView::empty();
        client.send_with(None, qos, b"m", empty).unwrap();
    };
    let mut client = Client::connected(Version::V311);
    for qos in [AtMostOnce, AtLeastOnce, ExactlyOnce] {
        silent(&mut client, qos);
    }
    client.written();
    client.answer_to(&puback(1));
    let empty = paho_c_rs::protocol::PropertyView::empty();
    client.session.queue_request(&[&b"f"[..]], empty, None).unwrap();
    let reason = paho_c_rs::protocol::ReasonCode::SUCCESS;
    client.session.queue_disconnect(client.now, 0, reason, empty, None).unwrap();
    assert!(client.session.advance_queue(client.now));
    assert_eq!(client.close(), []);
    client.session.set_buffer_options(ANY_TIME);
    silent(&mut client, AtLeastOnce);
    client.session.discard_requests();
    assert_eq!(client.ended(), []);
}
