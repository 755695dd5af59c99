//! Two peers, a random driver, a link that breaks at any byte: QoS 1 arrives at least once, QoS 2 exactly
//! once, in order, in both directions; every token completes once.

use std::collections::BTreeMap;

use crate::support::broker::Broker;
use crate::support::*;
use paho_c_rs::protocol::{Framing, PacketId, QoS, Version, split_frame};
use paho_c_rs::session::{ConnectOptions, StoreCommand};

/// What the store holds, in the order of writing.
#[derive(Default)]
struct Store {
    outgoing: Vec<(PacketId, paho_c_rs::session::SharedPacket, Version)>,
    released: Vec<PacketId>,
    incoming: BTreeMap<PacketId, (std::sync::Arc<Vec<u8>>, Version)>,
}

impl Store {
    fn apply(&mut self, command: StoreCommand) {
        match command {
            StoreCommand::PutOutgoing { id, packet, version } => {
                let again = packet[0] & 8 != 0;
                let known = self.outgoing.iter_mut().find(|(known, ..)| *known == id);
                assert_eq!(known.is_some(), again, "id {id} is in use, or not, and comes again, or not");
                match known {
                    Some(known) => *known = (id, packet, version),
                    None => self.outgoing.push((id, packet, version)),
                }
            }
            StoreCommand::PutRelease { id, .. } => self.released.push(id),
            StoreCommand::RemoveReplaced { id, .. } => panic!("{id} has one version only"),
            StoreCommand::RemoveRequest { stored } => panic!("no request waits: {stored:?}"),
            StoreCommand::RemoveOutgoing { id } => {
                self.outgoing.retain(|(known, ..)| *known != id);
                self.released.retain(|known| *known != id);
            }
            StoreCommand::PutIncoming { id, packet, version } => {
                self.incoming.insert(id, (packet, version));
            }
            StoreCommand::RemoveIncoming { id } => assert!(self.incoming.remove(&id).is_some()),
            StoreCommand::Clear => *self = Store::default(),
        }
    }
}

struct Driver {
    random: Random,
    version: Version,
    client: Client,
    store: Store,
    broker: Broker,
    /// Bytes on the way to the broker.
    upstream: Vec<u8>,
    /// Received by the client, not yet a whole packet.
    input: Vec<u8>,
    connections: u32,
    number: u32,
    /// Messages accepted from the program, in order, and the tokens that wait.
    accepted: Vec<(QoS, Vec<u8>)>,
    tokens: BTreeMap<u16, u32>,
    completed: u32,
    /// Sent by the broker, and delivered to the program.
    offered: Vec<(QoS, Vec<u8>)>,
    delivered: Vec<(QoS, Vec<u8>)>,
}

const LEVELS: [QoS; 3] = [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce];

impl Driver {
    fn new(seed: u64, version: Version) -> Driver {
        Driver {
            random: Random::new(seed),
            version,
            client: Client::storing(),
            store: Store::default(),
            broker: Broker::new(version),
            upstream: Vec::new(),
            input: Vec::new(),
            connections: 0,
            number: 0,
            accepted: Vec::new(),
            tokens: BTreeMap::new(),
            completed: 0,
            offered: Vec::new(),
            delivered: Vec::new(),
        }
    }

    fn connect(&mut self) {
        let maximum_in_flight = 1 + self.random.below(20) as u16;
        self.broker.receive_maximum = match self.version {
            Version::V5 => 1 + self.random.below(12) as u16,
            _ => u16::MAX,
        };
        self.broker.holds_back = self.random.one_in(3);
        let asked = ConnectOptions { maximum_in_flight, ..options(self.version) };
        self.client.session.connect(self.client.now, &asked).unwrap();
        self.input.clear();
    }

    fn cut(&mut self) {
        self.broker.cut();
        self.upstream.clear();
        self.client.session.connection_closed();
        if self.random.one_in(4) {
            self.restart();
        }
        self.connect();
    }

    /// The program ends and starts again with what the store holds.
    fn restart(&mut self) {
        let pending: Vec<_> = self.client.session.pending().collect();
        self.client = Client { now: self.client.now, ..Client::storing() };
        for (id, packet, version) in &self.store.outgoing {
            let released = self.store.released.contains(id);
            assert!(self.client.session.restore_outgoing(*id, packet.clone(), *version, released));
        }
        for (id, (packet, version)) in &self.store.incoming {
            assert!(self.client.session.restore_incoming(*id, packet.clone(), *version, false));
        }
        assert_eq!(self.client.session.pending().collect::<Vec<_>>(), pending, "the store knows all of them");
    }

    fn step(&mut self) {
        let time = self.random.below(3000);
        self.client.pass(time);
        match self.random.below(100) {
            0..30 => self.publish(),
            30..50 => self.offer(),
            50..70 => self.move_up(),
            70..90 => self.move_down(),
            90..93 => self.broker.release_held(),
            93..98 => self.client.session.handle_timeout(self.client.now).unwrap(),
            _ => self.cut(),
        }
        self.carry_out_store_commands();
    }

    fn carry_out_store_commands(&mut self) {
        for command in self.client.session.take_store_commands() {
            self.store.apply(command);
        }
    }

    fn next_payload(&mut self) -> Vec<u8> {
        self.number += 1;
        let mut payload = self.number.to_be_bytes().to_vec();
        if self.random.one_in(20) {
            payload.resize(9000, 0);
        }
        payload
    }

    fn publish(&mut self) {
        let qos = LEVELS[self.random.below(3) as usize];
        if !self.client.session.is_connected() || !self.client.session.window_is_open() {
            return;
        }
        let payload = self.next_payload();
        let sent = self.client.publish(qos, &payload).unwrap();
        if sent.payload_follows {
            let head = self.client.session.outgoing().take();
            self.upstream.extend(head.chunks().flatten());
            self.upstream.extend(&payload);
            self.client.session.bytes_written(self.client.now, head.len() + payload.len());
        }
        self.accepted.push((qos, payload));
        if let Some(id) = sent.id {
            assert_eq!(self.tokens.insert(id.get(), self.number), None, "a token in use was given");
        }
    }

    fn offer(&mut self) {
        let qos = LEVELS[self.random.below(3) as usize];
        let payload = self.next_payload();
        if self.broker.send(qos, &payload) {
            self.offered.push((qos, payload));
        }
    }

    /// What the client wrote goes to the broker, up to some byte.
    fn move_up(&mut self) {
        self.carry_out_store_commands();
        let queued = self.client.session.outgoing().len() as u64;
        let count = if self.random.one_in(2) { queued } else { self.random.below(queued + 1) };
        let mut taken = self.client.session.outgoing().take();
        let bytes: Vec<u8> = taken.chunks().flatten().copied().take(count as usize).collect();
        taken.advance(bytes.len());
        self.upstream.extend(&bytes);
        // The link takes the rest later, before anything else.
        let rest: Vec<u8> = taken.chunks().flatten().copied().collect();
        let behind = self.client.session.outgoing().take();
        assert!(behind.is_empty());
        self.client.session.bytes_written(self.client.now, bytes.len());
        self.broker_receives();
        self.upstream.extend(&rest);
        self.client.session.bytes_written(self.client.now, rest.len());
    }

    fn broker_receives(&mut self) {
        let upstream = std::mem::take(&mut self.upstream);
        let mut rest = &upstream[..];
        while let Ok(Framing::Complete(frame)) = split_frame(rest, 0) {
            self.broker.receive(frame);
            rest = &rest[frame.length..];
        }
        self.upstream = rest.to_vec();
    }

    /// What the broker sent goes to the client, up to some byte.
    fn move_down(&mut self) {
        let count = self.random.below(self.broker.output.len() as u64 + 1) as usize;
        self.move_down_bytes(count);
    }

    fn move_down_bytes(&mut self, count: usize) {
        self.input.extend(self.broker.output.drain(..count));
        let input = std::mem::take(&mut self.input);
        let mut rest = &input[..];
        while let Ok(Framing::Complete(frame)) = split_frame(rest, 0) {
            let event = self.client.session.receive(self.client.now, frame).unwrap().map(Seen::from);
            self.notice(event);
            rest = &rest[frame.length..];
        }
        self.input = rest.to_vec();
    }

    fn notice(&mut self, event: Option<Seen>) {
        match event {
            None => {}
            Some(Seen::Connected { .. }) => self.connections += 1,
            Some(Seen::Message { payload, qos, .. }) => self.delivered.push((qos, payload)),
            Some(Seen::Acknowledged { id, .. }) => {
                assert!(self.tokens.remove(&id).is_some(), "token {id} completed twice");
                self.completed += 1;
            }
            Some(other) => panic!("{other:?}"),
        }
    }

    /// No more cuts, no more messages: everything must come to its end.
    fn settle(&mut self) {
        self.cut();
        self.broker.holds_back = false;
        for _ in 0..1000 {
            self.move_up();
            self.move_up();
            self.broker.release_held();
            self.move_down_bytes(self.broker.output.len());
            self.carry_out_store_commands();
        }
        assert!(self.tokens.is_empty(), "tokens {:?} never completed", self.tokens);
        assert!(!self.client.session.has_in_flight() && !self.broker.has_unfinished());
        assert!(self.store.outgoing.is_empty() && self.store.incoming.is_empty());
        assert!(self.store.released.is_empty());
        assert!(self.client.session.window_is_open());
        let in_flight = self.accepted.iter().filter(|(qos, _)| *qos != QoS::AtMostOnce).count();
        assert_eq!(self.completed as usize, in_flight);
        check("to the broker", &self.accepted, &self.broker.arrived, true);
        // 3.x delivers QoS 2 later than QoS 1: order is kept within each.
        check("to the client", &self.offered, &self.delivered, self.version == Version::V5);
    }
}

fn at(level: QoS, messages: &[(QoS, Vec<u8>)]) -> Vec<&[u8]> {
    messages.iter().filter(|(qos, _)| *qos == level).map(|(_, payload)| &payload[..]).collect()
}

fn payloads(messages: &[(QoS, Vec<u8>)]) -> Vec<&[u8]> {
    messages.iter().map(|(_, payload)| &payload[..]).collect()
}

/// Without repeats.
fn first_sights<'a>(payloads: &[&'a [u8]]) -> Vec<&'a [u8]> {
    let mut seen = std::collections::BTreeSet::new();
    payloads.iter().copied().filter(|payload| seen.insert(*payload)).collect()
}

fn check(direction: &str, sent: &[(QoS, Vec<u8>)], arrived: &[(QoS, Vec<u8>)], across_levels: bool) {
    let exactly_once = at(QoS::ExactlyOnce, arrived);
    assert_eq!(exactly_once, at(QoS::ExactlyOnce, sent), "QoS 2 exactly once, in order, {direction}");
    let at_least_once = at(QoS::AtLeastOnce, arrived);
    assert_eq!(first_sights(&at_least_once), at(QoS::AtLeastOnce, sent), "QoS 1 {direction}");
    let at_most_once = at(QoS::AtMostOnce, arrived);
    let mut expected = at(QoS::AtMostOnce, sent).into_iter();
    assert!(at_most_once.iter().all(|payload| expected.any(|sent| sent == *payload)), "QoS 0 {direction}");
    if across_levels {
        let certain = |messages: &[(QoS, Vec<u8>)]| -> Vec<Vec<u8>> {
            let certain = messages.iter().filter(|(qos, _)| *qos != QoS::AtMostOnce);
            certain.map(|(_, payload)| payload.clone()).collect()
        };
        let (sent, arrived) = (certain(sent), certain(arrived));
        let arrived: Vec<_> = arrived.iter().map(Vec::as_slice).collect();
        assert_eq!(first_sights(&arrived), sent, "order across QoS 1 and 2 {direction}");
    }
}

fn run(version: Version) {
    let (mut completed, mut repeated, mut connections) = (0, 0, 0);
    for seed in 1..=150 {
        let mut driver = Driver::new(seed, version);
        driver.connect();
        for _ in 0..600 {
            driver.step();
        }
        driver.settle();
        completed += driver.completed;
        repeated += driver.broker.arrived.len() - first_sights(&payloads(&driver.broker.arrived)).len();
        connections += driver.connections;
    }
    // The driver goes where it should.
    assert!(connections > 600 && completed > 3000 && repeated > 100, "{connections} {completed} {repeated}");
}

#[test]
fn nothing_is_lost_or_doubled_in_3_1() {
    run(Version::V31);
}

#[test]
fn nothing_is_lost_or_doubled_in_3_1_1() {
    run(Version::V311);
}

#[test]
fn nothing_is_lost_or_doubled_in_5() {
    run(Version::V5);
}
