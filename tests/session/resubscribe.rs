//! Subscriptions that are made again when the server has lost the session.

use crate::support::*;
use paho_c_rs::protocol::{
    Decoded, Filter, Framing, Packet, Properties, PropertyId, PropertyValue, PropertyView, QoS,
    SubscribeOptions, Version, split_frame,
};

const RETAIN_HANDLING: u8 = 1;

fn keeping(version: Version) -> Client {
    let mut client = Client::new();
    client.session.set_keeps_subscriptions(true);
    client.connect(&options(version), false, &[]);
    client
}

fn filter(filter: &str, no_local: bool) -> Filter<'_> {
    let maximum_qos = QoS::ExactlyOnce;
    let options =
        SubscribeOptions { no_local, retain_handling: RETAIN_HANDLING, ..SubscribeOptions::new(maximum_qos) };
    Filter { filter: filter.as_bytes(), options }
}

fn identifier(number: u32) -> Properties {
    properties(&[(PropertyId::SubscriptionIdentifier, PropertyValue::VariableByteInteger(number))])
}

impl Client {
    /// Subscribes, and the server answers with these codes.
    fn subscribes(&mut self, filters: &[Filter<'_>], properties: PropertyView<'_>, codes: &[u8]) {
        let id = self.session.queue_request(filters, properties, None).unwrap();
        self.advance();
        self.answers(0x90, id, codes);
    }

    fn unsubscribes(&mut self, filter: &str, codes: &[u8]) {
        let id = self.session.queue_request(&[filter.as_bytes()], PropertyView::empty(), None).unwrap();
        self.advance();
        self.answers(0xb0, id, codes);
    }

    fn answers(&mut self, kind: u8, id: u16, codes: &[u8]) {
        let mut body = id.to_be_bytes().to_vec();
        body.extend((self.session.version() == Version::V5).then_some(0));
        body.extend(codes);
        let mut packet = vec![kind, body.len() as u8];
        packet.extend(body);
        self.receive(&packet).unwrap();
    }

    /// The next connection, which the library has made by itself. What is subscribed then: the id, and each filter with its
    /// subscription identifier and options.
    fn reconnects(&mut self, session_present: bool) -> Vec<(u16, Vec<String>)> {
        self.close();
        let version = self.session.version();
        self.connect(&options(version), session_present, &[]);
        if !session_present {
            self.session.resubscribe();
        }
        let written = self.written();
        packets(&written).into_iter().map(|packet| in_words(packet, version)).collect()
    }
}

fn in_words(packet: &[u8], version: Version) -> (u16, Vec<String>) {
    let Ok(Framing::Complete(frame)) = split_frame(packet, 0) else { panic!("not whole") };
    let Ok(Packet::Subscribe(subscribe)) = Packet::decode(frame, version).and_then(Decoded::strictly) else {
        panic!("no SUBSCRIBE: {packet:02x?}")
    };
    let number = subscribe.properties.iter().find_map(|property| match property.value {
        PropertyValue::VariableByteInteger(number) => Some(number),
        _ => None,
    });
    let filters = subscribe.filters.map(|Filter { filter, options }| {
        let text = String::from_utf8_lossy(filter);
        let SubscribeOptions { maximum_qos, no_local, retain_handling, .. } = options;
        format!("{text} {} {no_local} {retain_handling} {number:?}", maximum_qos.bits())
    });
    (subscribe.packet_id.get(), filters.collect())
}

#[test]
fn granted_subscriptions_are_made_again_with_all_that_belongs_to_them() {
    let mut client = keeping(Version::V5);
    client.subscribes(&[filter("a", true), filter("refused", false)], identifier(7).view(), &[0, 0x87]);
    client.subscribes(&[filter("b", false)], PropertyView::empty(), &[1]);
    client.subscribes(&[filter("c", false)], PropertyView::empty(), &[2]);
    let again = client.reconnects(false);
    let expected = [vec!["a 2 true 1 Some(7)"], vec!["b 2 false 1 None", "c 2 false 1 None"]];
    let filters: Vec<_> = again.iter().map(|(_, filters)| filters.clone()).collect();
    assert_eq!(filters, expected);
    for (id, filters) in again {
        client.answers(0x90, id, &vec![1; filters.len()]);
    }
    assert_eq!(client.ended(), [], "the application has its results");
    assert_eq!(client.reconnects(false).len(), 2);
    assert_eq!(client.reconnects(true), []);
}

#[test]
fn it_is_so_in_earlier_versions() {
    for version in [Version::V31, Version::V311] {
        let mut client = keeping(version);
        client.subscribes(&[filter("a", true), filter("b", true)], PropertyView::empty(), &[0, 0x80]);
        client.subscribes(&[filter("c", false)], PropertyView::empty(), &[2]);
        client.unsubscribes("c", &[]);
        let again: Vec<_> = client.reconnects(false).into_iter().flat_map(|(_, filters)| filters).collect();
        assert_eq!(again, ["a 2 false 0 None"]);
    }
}

#[test]
fn what_has_ended_or_failed_is_not_made_again() {
    let mut client = keeping(Version::V5);
    client.subscribes(&[filter("ended", false)], PropertyView::empty(), &[0]);
    client.subscribes(&[filter("kept", false)], PropertyView::empty(), &[0]);
    client.unsubscribes("ended", &[0x11]);
    client.unsubscribes("kept", &[0x87]);
    // Not answered: the application hears that these have failed.
    let overdue = client.session.queue_request(&[filter("overdue", false)], PropertyView::empty(), None);
    let overdue = overdue.unwrap();
    client.session.limit_time(overdue, client.now);
    client.advance();
    client.session.give_up_overdue(client.now);
    client.answers(0x90, overdue, &[0]);
    client.session.queue_request(&[filter("lost", false)], PropertyView::empty(), None).unwrap();
    client.advance();
    let again = client.reconnects(false);
    assert_eq!(again, [(1, vec!["kept 2 false 1 None".to_owned()])]);
    client.answers(0x90, 1, &[0x87]);
    assert_eq!(client.reconnects(false), [], "the server has refused it this time");
}

#[test]
fn the_last_options_count() {
    let mut client = keeping(Version::V5);
    client.subscribes(&[filter("a", true)], identifier(1).view(), &[0]);
    client.subscribes(&[filter("a", false)], identifier(2).view(), &[0]);
    client.subscribes(&[filter("a", true)], identifier(3).view(), &[0x97]);
    assert_eq!(client.reconnects(false), [(1, vec!["a 2 false 1 Some(2)".to_owned()])]);
}

#[test]
fn many_are_spread_over_packets_that_the_server_takes() {
    let mut client = keeping(Version::V5);
    for number in 0..100 {
        let text = format!("filter/{number:02}/{}", "x".repeat(90));
        client.subscribes(&[filter(&text, false)], PropertyView::empty(), &[0]);
    }
    client.close();
    let limit = [(PropertyId::MaximumPacketSize, PropertyValue::FourByteInteger(1000))];
    client.connect(&options(Version::V5), false, &limit);
    client.session.resubscribe();
    let written = client.written();
    let packets = packets(&written);
    assert!(packets.iter().all(|packet| packet.len() <= 1000));
    let filters: usize = packets.iter().map(|packet| in_words(packet, Version::V5).1.len()).sum();
    assert_eq!(filters, 100);
}

#[test]
fn no_more_than_ten_thousand_are_kept() {
    let mut client = keeping(Version::V311);
    for block in 0..101 {
        let texts: Vec<_> = (0..100).map(|number| format!("{block}/{number}")).collect();
        let filters: Vec<_> = texts.iter().map(|text| filter(text, false)).collect();
        client.subscribes(&filters, PropertyView::empty(), &[0; 100]);
    }
    let again = client.reconnects(false);
    assert_eq!(again.iter().map(|(_, filters)| filters.len()).sum::<usize>(), 10_000);
}

#[test]
fn nothing_is_kept_unless_that_is_wanted_or_after_a_connect_of_the_application() {
    let mut client = Client::connected(Version::V311);
    client.subscribes(&[filter("a", false)], PropertyView::empty(), &[0]);
    assert_eq!(client.reconnects(false), []);
    let mut client = keeping(Version::V311);
    client.subscribes(&[filter("a", false)], PropertyView::empty(), &[0]);
    client.session.forget_subscriptions();
    assert_eq!(client.reconnects(false), []);
}

/// The answer to the first filter counts as that to all; about the others it says nothing.
#[test]
fn filters_that_the_server_answers_by_themselves_stay() {
    let mut client = keeping(Version::V5);
    for name in ["a", "b", "c"] {
        client.subscribes(&[filter(name, false)], PropertyView::empty(), &[0]);
    }
    for _ in 0..3 {
        let again = client.reconnects(false);
        let [(id, filters)] = &again[..] else { panic!("{again:?}") };
        assert_eq!(filters.len(), 3);
        for _ in 0..3 {
            client.answers(0x90, *id, &[0]);
        }
    }
}
