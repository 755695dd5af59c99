//! Time limits of requests: what is not answered in time fails once, is not sent again, and leaves its id when that is safe.

use crate::support::requests::*;
use crate::support::*;
use paho_c_rs::protocol::AcknowledgementType::{PubAck, PubComp, PubRec};
use paho_c_rs::protocol::{
    PropertyId, PropertyValue, QoS::AtLeastOnce, QoS::AtMostOnce, QoS::ExactlyOnce, Version,
};
use paho_c_rs::session::{ConnectOptions, Moment, StoreCommand};

const LIMIT: u64 = 5000;

fn unanswered(number: usize, token: u16) -> Ended {
    ended(number, token, "unanswered")
}

impl Client {
    /// The request with this token has that time from now on.
    fn limit(&mut self, token: u16) {
        self.session.limit_time(token, self.now.plus_millis(LIMIT));
    }

    /// After that time.
    fn overdue(&mut self) -> Vec<Ended> {
        self.pass(LIMIT);
        self.session.give_up_overdue(self.now);
        self.ended()
    }
}

fn stored(client: &mut Client) -> Vec<String> {
    let commands = client.session.take_store_commands();
    let words = commands.iter().map(|command| match command {
        StoreCommand::PutOutgoing { id, .. } => format!("put {id}"),
        StoreCommand::PutRelease { id, .. } => format!("release {id}"),
        StoreCommand::RemoveOutgoing { id } => format!("remove {id}"),
        StoreCommand::Clear => "clear".to_owned(),
        other => format!("{other:?}"),
    });
    words.collect()
}

#[test]
fn nothing_fails_before_its_time_and_nothing_that_was_answered() {
    let mut client = Client::connected(Version::V311);
    let token = client.token(1, AtLeastOnce, "answered");
    client.limit(token);
    client.pass(1);
    let late = client.token(2, AtLeastOnce, "late");
    client.limit(late);
    client.written();
    client.answer_to(&puback(token));
    assert_eq!(client.ended(), [ended(1, token, "published answered")]);
    client.pass(LIMIT - 1);
    client.session.give_up_overdue(client.now);
    assert_eq!(client.ended(), []);
    assert_eq!(client.session.next_time_limit(), Some(client.now.plus_millis(1)));
    client.pass(1);
    client.session.give_up_overdue(client.now);
    assert_eq!(client.ended(), [unanswered(2, late)]);
    assert_eq!(client.session.next_time_limit(), None);
}

#[test]
fn an_answer_that_comes_too_late_means_nothing_and_frees_the_identifier() {
    for version in ALL_VERSIONS {
        for (qos, answer) in [(AtLeastOnce, PubAck), (ExactlyOnce, PubRec)] {
            let mut client = Client::connected(version);
            let token = client.token(1, qos, "m");
            client.limit(token);
            client.written();
            assert_eq!(client.overdue(), [unanswered(1, token)]);
            assert!(client.session.request_is_complete(token));
            assert_eq!((client.pending_tokens(), client.session.has_in_flight()), (vec![], false));
            assert_eq!(client.token(2, qos, "next"), token + 1, "the server may still answer");
            client.written();
            assert_eq!(client.receive(&acknowledgement(answer, token, 0, version)), Ok(None));
            if qos == ExactlyOnce {
                assert_eq!(summary(&client.written(), version), [format!("PUBREL {token}")]);
                assert_eq!(client.receive(&acknowledgement(PubComp, token, 0, version)), Ok(None));
            }
            assert_eq!((client.ended(), client.pending_tokens()), (vec![], vec![token + 1]));
        }
    }
}

#[test]
fn a_message_of_qos_1_is_forgotten_with_its_connection() {
    let mut client = Client::storing();
    client.connect(&options(Version::V311), false, &[]);
    client.session.take_store_commands();
    let token = client.token(1, AtLeastOnce, "m");
    client.limit(token);
    client.written();
    assert_eq!(client.overdue(), [unanswered(1, token)]);
    assert_eq!(stored(&mut client), ["put 1", "remove 1"]);
    assert_eq!(client.close(), []);
    assert!(client.connect(&options(Version::V311), true, &[]).is_empty(), "it is not sent again");
    assert_eq!(stored(&mut client), Vec::<String>::new());
}

/// The server may have kept it, and would take a later message with its identifier for the same one.
#[test]
fn a_message_of_qos_2_is_released_on_the_next_connection() {
    for version in ALL_VERSIONS {
        let mut client = Client::storing();
        client.connect(&options(version), false, &[]);
        client.session.take_store_commands();
        let token = client.token(1, ExactlyOnce, "m");
        client.limit(token);
        client.written();
        assert_eq!(client.overdue(), [unanswered(1, token)]);
        assert_eq!(stored(&mut client), ["put 1", "release 1"]);
        assert_eq!(client.close(), []);
        assert_eq!(summary(&client.connect(&options(version), true, &[]), version), ["PUBREL 1"]);
        let unknown = if version == Version::V5 { 0x92 } else { 0 };
        assert_eq!(client.receive(&acknowledgement(PubComp, 1, unknown, version)), Ok(None));
        assert_eq!(client.ended(), []);
        assert_eq!(stored(&mut client), ["release 1", "remove 1"]);
    }
}

#[test]
fn a_released_message_goes_on_silently() {
    let mut client = Client::connected(Version::V311);
    let token = client.token(1, ExactlyOnce, "m");
    client.limit(token);
    client.written();
    assert_eq!(summary(&client.answer_to(&pubrec(token)), Version::V311), ["PUBREL 1"]);
    assert_eq!(client.overdue(), [unanswered(1, token)]);
    client.close();
    let again = client.connect(&options(Version::V311), true, &[]);
    assert_eq!(summary(&again, Version::V311), ["PUBREL 1"]);
    assert_eq!(client.receive(&pubcomp(token)), Ok(None));
    assert_eq!(client.ended(), []);
}

#[test]
fn what_was_sent_on_an_earlier_connection_fails_without_one() {
    let mut client = Client::connected(Version::V311);
    let tokens = [client.token(1, AtLeastOnce, "one"), client.token(2, ExactlyOnce, "two")];
    for token in tokens {
        client.limit(token);
    }
    client.written();
    assert_eq!(client.close(), []);
    assert_eq!(client.overdue(), [unanswered(1, 1), unanswered(2, 2)]);
    let again = client.connect(&options(Version::V311), true, &[]);
    assert_eq!(summary(&again, Version::V311), ["PUBREL 2"]);
}

#[test]
fn what_waits_is_never_sent() {
    let mut client = Client::new();
    client.session.set_buffer_options(ANY_TIME);
    let first = client.token(1, AtLeastOnce, "overdue");
    client.limit(first);
    client.token(2, AtMostOnce, "at most once");
    client.pass(1);
    let second = client.token(3, ExactlyOnce, "in time");
    client.limit(second);
    client.pass(LIMIT - 1);
    client.session.give_up_overdue(client.now);
    assert_eq!(client.ended(), [unanswered(1, first)]);
    client.connect(&options(Version::V311), false, &[]);
    assert_eq!(client.advanced(), ["PUBLISH 0 at most once", "PUBLISH 2 in time"]);
}

#[test]
fn subscriptions_fail_whether_sent_or_not() {
    let mut client = Client::new();
    client.connect(&ConnectOptions { maximum_in_flight: 1, ..options(Version::V5) }, false, &[]);
    let sent = client.subscribe(1).unwrap();
    client.limit(sent);
    assert_eq!(client.advanced(), ["SUBSCRIBE 1"]);
    let waiting = client.unsubscribe(2).unwrap();
    client.limit(waiting);
    assert_eq!(client.overdue(), [unanswered(1, sent), unanswered(2, waiting)]);
    assert_eq!(client.advanced(), Vec::<String>::new());
    assert_eq!(client.subscribe(3), Ok(waiting + 1), "the first may still be answered");
    client.receive(&[0x90, 4, 0, 1, 0, 1]).unwrap();
    assert_eq!(client.ended(), []);
}

#[test]
fn a_given_up_message_is_not_sent_again_within_its_connection_and_leaves_no_room() {
    let mut client = Client::new();
    let with_retry = ConnectOptions { retry_interval: 10, maximum_in_flight: 1, ..options(Version::V311) };
    client.connect(&with_retry, false, &[]);
    let token = client.token(1, AtLeastOnce, "m");
    client.limit(token);
    client.written();
    assert_eq!(client.overdue(), [unanswered(1, token)]);
    client.token(2, AtLeastOnce, "waits");
    client.pass(20_000);
    client.session.handle_timeout(client.now).unwrap();
    assert_eq!(client.advanced(), Vec::<String>::new());
    client.receive(&puback(token)).unwrap();
    assert_eq!(client.advanced(), ["PUBLISH 2 waits"]);
}

#[test]
fn a_disconnect_does_not_wait_for_what_was_given_up() {
    let mut client = Client::connected(Version::V311);
    let token = client.token(1, AtLeastOnce, "m");
    client.limit(token);
    client.written();
    client.disconnect(2, 60_000).unwrap();
    assert_eq!(client.advanced(), Vec::<String>::new());
    assert_eq!(client.overdue(), [unanswered(1, token)]);
    assert_eq!(client.advanced(), ["DISCONNECT 0x00"]);
}

#[test]
fn lifted_limits_do_not_come_back_with_a_used_identifier() {
    let mut client = Client::connected(Version::V311);
    let token = client.token(1, AtLeastOnce, "m");
    client.limit(token);
    client.session.lift_time_limits();
    assert_eq!((client.session.next_time_limit(), client.overdue()), (None::<Moment>, vec![]));
}

/// The window was closed before the connection came to it, so it was not sent again.
#[test]
fn what_is_given_up_before_it_was_sent_again_does_not_keep_its_place() {
    let mut client = Client::connected(Version::V5);
    let [first, second] = [client.token(1, ExactlyOnce, "a"), client.token(2, ExactlyOnce, "b")];
    client.written();
    client.close();
    let one = [(PropertyId::ReceiveMaximum, PropertyValue::TwoByteInteger(1))];
    let resumed = client.connect(&options(Version::V5), true, &one);
    assert_eq!(summary(&resumed, Version::V5), [format!("PUBLISH {first} dup")]);
    client.limit(first);
    client.limit(second);
    assert_eq!(client.overdue(), [unanswered(1, first), unanswered(2, second)]);
    client.receive(&pubrec(first)).unwrap();
    client.receive(&pubcomp(first)).unwrap();
    client.receive(&pubcomp(second)).unwrap();
    let third = client.token(3, AtLeastOnce, "c");
    let sent = summary(&[client.written(), client.advance()].concat(), Version::V5);
    assert!(sent.contains(&format!("PUBREL {second}")), "{sent:?}");
    assert!(sent.contains(&format!("PUBLISH {third}")), "{sent:?}");
}

#[test]
fn nothing_fails_while_answers_may_not_have_been_read() {
    let mut client = Client::connected(Version::V311);
    let token = client.token(1, AtLeastOnce, "m");
    client.limit(token);
    client.written();
    client.session.reading_stopped(client.now);
    assert_eq!((client.overdue(), client.session.next_time_limit()), (vec![], None));
    client.session.reading_resumed(client.now);
    client.session.give_up_overdue(client.now);
    assert_eq!(client.ended(), []);
    let next = client.session.next_time_limit().unwrap();
    assert!(next > client.now && next < client.now.plus_millis(LIMIT), "{next:?}");
    client.receive(&puback(token)).unwrap();
    client.session.give_up_overdue(next);
    assert_eq!(client.ended(), [ended(1, token, "published m")]);
}

/// Each look at thousands takes some time, so there is not one every millisecond.
#[test]
fn many_limits_are_not_looked_at_all_the_time() {
    let mut client = Client::connected(Version::V311);
    for number in 0..5000 {
        let token = client.token(number, AtLeastOnce, "m");
        client.session.limit_time(token, client.now.plus_millis(1000 + number as u64 / 5));
    }
    client.pass(1000);
    let mut looks = 0;
    while let Some(next) = client.session.next_time_limit() {
        client.pass(next.0.saturating_sub(client.now.0));
        client.session.give_up_overdue(client.now);
        looks += 1;
    }
    assert_eq!(client.ended().len(), 5000);
    assert!(looks < 600, "{looks}");
}
