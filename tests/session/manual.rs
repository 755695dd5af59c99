//! Messages that the application acknowledges itself: what goes out when, and what comes again.

use std::collections::BTreeSet;

use crate::support::broker::Broker;
use crate::support::*;
use paho_c_rs::protocol::{Framing, PacketId, QoS, Version, split_frame};
use paho_c_rs::session::AcknowledgeFault::{AtMostOnce, Automatic, EarlierConnection, Unknown};
use paho_c_rs::session::{AcknowledgeFault, StoreCommand};

const QOS: [QoS; 3] = [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce];

fn by_hand(version: Version) -> Client {
    let mut client = Client::storing();
    client.session.set_manual_acknowledgement(true);
    client.connect(&options(version), false, &[]);
    client
}

/// A message from the server, released if need be. What went out for it.
fn deliver(client: &mut Client, version: Version, qos: QoS, number: u16) -> Vec<u8> {
    let seen = client.receive(&message_from_server(version, qos, number, b"x", false));
    let mut written = client.written();
    if qos == QoS::ExactlyOnce && version != Version::V5 {
        assert_eq!(seen, Ok(None));
        assert_eq!(written, pubrec(number));
        let seen = client.receive(&pubrel(number));
        assert!(matches!(seen, Ok(Some(Seen::Message { released: true, dup: false, .. }))));
        written = client.written();
    } else {
        assert!(matches!(seen, Ok(Some(Seen::Message { released: false, .. }))));
    }
    written
}

fn acknowledge(client: &mut Client, number: u16) -> Result<Vec<u8>, AcknowledgeFault> {
    let connection = client.session.connection_of_messages();
    client.session.acknowledge_message(connection, id(number))?;
    Ok(client.written())
}

#[test]
fn nothing_is_acknowledged_before_the_application_says_so() {
    for version in ALL_VERSIONS {
        let answers = [&puback(7)[..], if version == Version::V5 { &pubrec(8) } else { &pubcomp(8) }];
        let mut client = by_hand(version);
        assert!(deliver(&mut client, version, QoS::AtLeastOnce, 7).is_empty());
        assert!(deliver(&mut client, version, QoS::ExactlyOnce, 8).is_empty());
        assert_eq!(client.session.unacknowledged().0, 2);
        assert_eq!(acknowledge(&mut client, 7).unwrap(), answers[0]);
        assert_eq!(acknowledge(&mut client, 8).unwrap(), answers[1]);
        assert_eq!(acknowledge(&mut client, 7), Err(Unknown));
        assert_eq!(acknowledge(&mut client, 8), Err(Unknown));
        assert_eq!(client.session.unacknowledged(), (0, 0));
        let completes = if version == Version::V5 { pubcomp(8) } else { Vec::new() };
        if version == Version::V5 {
            assert_eq!(client.answer_to(&pubrel(8)), completes);
        }
        assert!(!client.session.has_in_flight());
    }
}

#[test]
fn acknowledgements_go_out_in_the_order_in_which_the_messages_came() {
    for version in ALL_VERSIONS {
        let last = if version == Version::V5 { "PUBREC 2" } else { "PUBCOMP 2" };
        let mut client = by_hand(version);
        for (number, qos) in [(1, QOS[1]), (2, QOS[2]), (3, QOS[1]), (4, QOS[1])] {
            deliver(&mut client, version, qos, number);
        }
        assert_eq!(acknowledge(&mut client, 4).unwrap(), b"");
        assert_eq!(acknowledge(&mut client, 2).unwrap(), b"");
        assert_eq!(acknowledge(&mut client, 4), Err(Unknown), "it is acknowledged already");
        assert_eq!(summary(&acknowledge(&mut client, 1).unwrap(), version), ["PUBACK 1", last]);
        assert_eq!(summary(&acknowledge(&mut client, 3).unwrap(), version), ["PUBACK 3", "PUBACK 4"]);
    }
}

#[test]
fn each_misuse_has_its_fault_and_changes_nothing() {
    let mut client = Client::connected(Version::V311);
    assert_eq!(client.session.acknowledge_message(1, id(1)), Err(Automatic));
    let mut client = by_hand(Version::V311);
    deliver(&mut client, Version::V311, QoS::AtMostOnce, 0);
    deliver(&mut client, Version::V311, QoS::AtLeastOnce, 5);
    assert_eq!(client.session.acknowledge_message(0, PacketId::received(0)), Err(AtMostOnce));
    assert_eq!(client.session.acknowledge_message(0, id(5)), Err(Unknown));
    assert_eq!(client.session.acknowledge_message(2, id(5)), Err(Unknown));
    assert_eq!(acknowledge(&mut client, 6), Err(Unknown));
    client.session.connection_closed();
    assert_eq!(acknowledge(&mut client, 5), Err(EarlierConnection));
    client.connect(&options(Version::V311), true, &[]);
    deliver(&mut client, Version::V311, QoS::AtLeastOnce, 5);
    assert_eq!(client.session.acknowledge_message(1, id(5)), Err(EarlierConnection));
    assert_eq!(client.session.acknowledge_message(2, id(5)), Ok(()));
    assert_eq!(client.written(), puback(5));
}

#[test]
fn a_message_of_qos_2_comes_again_until_it_is_acknowledged_and_not_afterwards() {
    for version in ALL_VERSIONS {
        let again = match version {
            Version::V5 => message_from_server(version, QoS::ExactlyOnce, 2, b"x", true),
            _ => pubrel(2),
        };
        let answer = if version == Version::V5 { pubrec(2) } else { pubcomp(2) };
        let mut client = by_hand(version);
        deliver(&mut client, version, QoS::AtLeastOnce, 1);
        deliver(&mut client, version, QoS::ExactlyOnce, 2);
        client.session.connection_closed();
        client.connect(&options(version), true, &[]);
        let seen = client.receive(&again);
        assert!(matches!(seen, Ok(Some(Seen::Message { dup: true, .. }))), "{seen:?}");
        assert_eq!(client.receive(&again), Ok(None), "once on a connection");
        deliver(&mut client, version, QoS::AtLeastOnce, 1);
        assert_eq!(acknowledge(&mut client, 2).unwrap(), answer);
        client.session.connection_closed();
        client.connect(&options(version), true, &[]);
        deliver(&mut client, version, QoS::AtLeastOnce, 1);
        assert_eq!(client.receive(&again), Ok(None), "the acknowledgement may be lost");
        assert_eq!(client.written(), b"", "and comes in its turn");
        let answers = summary(&acknowledge(&mut client, 1).unwrap(), version);
        assert_eq!(
            answers,
            if version == Version::V5 { ["PUBACK 1", "PUBREC 2"] } else { ["PUBACK 1", "PUBCOMP 2"] }
        );
    }
}

#[test]
fn a_message_that_is_delivered_before_its_release_waits_for_both() {
    let mut client = by_hand(Version::V311);
    for number in [1, 2] {
        let message = message_from_server(Version::V311, QoS::ExactlyOnce, number, b"x", false);
        assert_eq!(client.answer_to(&message), pubrec(number));
        assert!(client.session.deliver_unreleased().is_some());
    }
    assert_eq!(client.session.unreleased().0, 0);
    assert!(client.session.unacknowledged().1 > 0);
    assert_eq!(client.receive(&pubrel(2)), Ok(None));
    assert_eq!(acknowledge(&mut client, 2).unwrap(), b"");
    assert_eq!(acknowledge(&mut client, 1).unwrap(), b"", "its release is to come");
    assert_eq!(summary(&client.answer_to(&pubrel(1)), Version::V311), ["PUBCOMP 1", "PUBCOMP 2"]);
    assert!(!client.session.has_in_flight());
}

#[test]
fn without_manual_acknowledgement_what_was_not_acknowledged_is_delivered_once_more() {
    let mut client = by_hand(Version::V311);
    deliver(&mut client, Version::V311, QoS::ExactlyOnce, 2);
    client.session.connection_closed();
    client.session.set_manual_acknowledgement(false);
    client.connect(&options(Version::V311), true, &[]);
    assert!(matches!(client.receive(&pubrel(2)), Ok(Some(Seen::Message { .. }))));
    assert_eq!(client.written(), pubcomp(2));
}

/// An application that acknowledges what it has handled, at random, over a link that breaks at any byte.
struct Driver {
    random: Random,
    version: Version,
    client: Client,
    broker: Broker,
    /// What the store holds of received messages.
    store: std::collections::BTreeMap<PacketId, std::sync::Arc<Vec<u8>>>,
    input: Vec<u8>,
    number: u32,
    offered: Vec<(QoS, Vec<u8>)>,
    /// Given to the application and not acknowledged: connection, identifier, quality, payload.
    held: Vec<(u16, PacketId, QoS, Vec<u8>)>,
    acknowledged: BTreeSet<Vec<u8>>,
    cuts: u32,
    stale: u32,
}

impl Driver {
    fn new(seed: u64, version: Version) -> Driver {
        let mut driver = Driver {
            random: Random::new(seed),
            version,
            client: Client::storing(),
            broker: Broker::new(version),
            store: std::collections::BTreeMap::new(),
            input: Vec::new(),
            number: 0,
            offered: Vec::new(),
            held: Vec::new(),
            acknowledged: BTreeSet::new(),
            cuts: 0,
            stale: 0,
        };
        driver.connect();
        driver
    }

    fn connect(&mut self) {
        self.client.session.set_manual_acknowledgement(true);
        self.client.session.connect(self.client.now, &options(self.version)).unwrap();
        self.input.clear();
    }

    fn cut(&mut self) {
        self.cuts += 1;
        self.broker.cut();
        self.client.session.connection_closed();
        if self.random.one_in(4) {
            self.carry_out_store_commands();
            self.client = Client { now: self.client.now, ..Client::storing() };
            for (id, packet) in &self.store {
                let packet = packet.clone();
                assert!(self.client.session.restore_incoming(*id, packet, self.version, false));
            }
            self.held.clear();
        }
        self.connect();
    }

    fn carry_out_store_commands(&mut self) {
        for command in self.client.session.take_store_commands() {
            match command {
                StoreCommand::PutIncoming { id, packet, .. } => drop(self.store.insert(id, packet)),
                StoreCommand::RemoveIncoming { id } => drop(self.store.remove(&id)),
                StoreCommand::Clear => self.store.clear(),
                other => panic!("{other:?}"),
            }
        }
    }

    fn offer(&mut self) {
        let qos = QOS[self.random.below(3) as usize];
        self.number += 1;
        let payload = self.number.to_be_bytes().to_vec();
        if self.broker.send(qos, &payload) {
            self.offered.push((qos, payload));
        }
    }

    fn move_up(&mut self) {
        self.carry_out_store_commands();
        let bytes = self.client.written();
        let mut rest = &bytes[..];
        while let Ok(Framing::Complete(frame)) = split_frame(rest, 0) {
            self.broker.receive(frame);
            rest = &rest[frame.length..];
        }
    }

    fn move_down(&mut self, count: usize) {
        self.input.extend(self.broker.output.drain(..count));
        let input = std::mem::take(&mut self.input);
        let mut rest = &input[..];
        while let Ok(Framing::Complete(frame)) = split_frame(rest, 0) {
            let event = self.client.session.receive(self.client.now, frame).unwrap();
            let message = match &event {
                Some(paho_c_rs::session::Event::Message(publish)) => Some(*publish),
                Some(paho_c_rs::session::Event::Released(message)) => Some(message.publish()),
                _ => None,
            };
            let message = message.map(|publish| (publish.packet_id, publish.qos, publish.payload.to_vec()));
            if let Some((Some(id), qos, payload)) = message {
                let known = self.acknowledged.contains(&payload);
                assert!(qos != QoS::ExactlyOnce || !known, "delivered after its acknowledgement");
                self.held.push((self.client.session.connection_of_messages(), id, qos, payload));
            }
            rest = &rest[frame.length..];
        }
        self.input = rest.to_vec();
    }

    fn acknowledge(&mut self) {
        if self.held.is_empty() {
            return;
        }
        let at = self.random.below(self.held.len() as u64) as usize;
        let (connection, id, _, payload) = self.held.swap_remove(at);
        match self.client.session.acknowledge_message(connection, id) {
            Ok(()) => drop(self.acknowledged.insert(payload)),
            Err(EarlierConnection) => self.stale += 1,
            Err(fault) => panic!("{fault:?}"),
        }
    }

    fn step(&mut self) {
        match self.random.below(100) {
            0..25 => self.offer(),
            25..45 => self.move_up(),
            45..65 => {
                let count = self.random.below(self.broker.output.len() as u64 + 1) as usize;
                self.move_down(count);
            }
            65..93 => self.acknowledge(),
            _ => self.cut(),
        }
    }

    fn finish(&mut self) {
        while self.broker.has_unfinished() || !self.broker.output.is_empty() || !self.held.is_empty() {
            self.move_up();
            self.move_down(self.broker.output.len());
            self.acknowledge();
        }
    }
}

#[test]
fn over_a_thousand_cuts_nothing_that_is_not_acknowledged_is_lost() {
    for version in ALL_VERSIONS {
        let (mut cuts, mut stale, mut messages) = (0, 0, 0);
        for seed in 1..=5 {
            let mut driver = Driver::new(seed, version);
            while driver.cuts < 220 {
                driver.step();
            }
            driver.finish();
            for (qos, payload) in &driver.offered {
                assert!(
                    *qos == QoS::AtMostOnce || driver.acknowledged.contains(payload),
                    "{version:?}, seed {seed}: {payload:?} was never acknowledged, and is gone"
                );
            }
            (cuts, stale) = (cuts + driver.cuts, stale + driver.stale);
            messages += driver.acknowledged.len();
        }
        assert!(cuts > 1000 && stale > 300 && messages > 500, "{cuts}, {stale}, {messages}");
    }
}

/// A server that does not wait for PUBREC: the identifier comes with the next message.
#[test]
fn an_identifier_that_was_released_without_pubrec_is_not_marked() {
    let version = Version::V5;
    for acknowledged_before in [false, true] {
        let mut client = by_hand(version);
        deliver(&mut client, version, QoS::AtLeastOnce, 1);
        deliver(&mut client, version, QoS::ExactlyOnce, 2);
        if acknowledged_before {
            assert!(acknowledge(&mut client, 2).unwrap().is_empty(), "it waits for the first");
        }
        assert_eq!(client.answer_to(&pubrel(2)), pubcomp(2));
        assert_eq!(acknowledge(&mut client, 2), Err(Unknown));
        assert_eq!(client.session.unacknowledged().0, 1);
        assert_eq!(acknowledge(&mut client, 1).unwrap(), puback(1));
        assert!(!client.session.has_in_flight());
        deliver(&mut client, version, QoS::ExactlyOnce, 2);
        assert_eq!(acknowledge(&mut client, 2).unwrap(), pubrec(2));
        assert_eq!(client.answer_to(&pubrel(2)), pubcomp(2));
        assert_eq!(client.session.unacknowledged(), (0, 0));
    }
}

#[test]
fn what_a_server_releases_again_and_again_counts_as_memory() {
    let version = Version::V5;
    let mut client = by_hand(version);
    deliver(&mut client, version, QoS::AtLeastOnce, 1);
    for _ in 0..1000 {
        deliver(&mut client, version, QoS::ExactlyOnce, 2);
        client.answer_to(&pubrel(2));
    }
    let (count, bytes) = client.session.unacknowledged();
    assert!(count == 1 && bytes > 10_000, "{count} messages, {bytes} bytes");
    assert_eq!(acknowledge(&mut client, 1).unwrap(), puback(1));
    assert_eq!(client.session.unacknowledged(), (0, 0));
}
