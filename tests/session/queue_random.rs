//! A program that never waits, a random driver, a link that breaks at any byte: each request ends exactly once, order
//! is kept, QoS 1 arrives at least once and QoS 2 exactly once.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::broker::Broker;
use crate::support::requests::*;
use crate::support::*;
use paho_c_rs::protocol::{Framing, PropertyView, QoS, Version, split_frame};
use paho_c_rs::session::{BufferOptions, Completion, ConnectOptions, RequestError, Success};

const LEVELS: [QoS; 3] = [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce];

/// What was asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Asked {
    Publish { token: u16, qos: QoS },
    Subscribe { token: u16 },
    Unsubscribe { token: u16 },
    Disconnect,
}

struct Driver {
    random: Random,
    version: Version,
    /// Some connects clean the session.
    cleans: bool,
    settling: bool,
    client: Client,
    broker: Broker,
    /// Taken from the session, not yet by the link.
    unsent: Vec<u8>,
    /// On the way to the broker, and to the client, not yet a whole packet.
    upstream: Vec<u8>,
    input: Vec<u8>,
    number: usize,
    /// Requests with a reply and without completion.
    open: BTreeMap<usize, Asked>,
    /// All messages taken, in order, and those of them that nobody sends any more.
    messages: Vec<(QoS, Vec<u8>)>,
    given_up: BTreeSet<Vec<u8>>,
    /// A message too many displaces another.
    delete_oldest: bool,
    /// How requests ended, counted.
    counts: BTreeMap<&'static str, u32>,
}

fn payload_of(number: usize) -> Vec<u8> {
    let mut payload = (number as u32).to_be_bytes().to_vec();
    match number % 20 {
        0 => payload.resize(9000, 0),
        7 => payload.resize(500, 0),
        _ => {}
    }
    payload
}

impl Driver {
    fn new(seed: u64, version: Version, cleans: bool) -> Driver {
        let mut random = Random::new(seed);
        let maximum_buffered = random.one_in(2).then(|| 1 + random.below(30) as usize);
        let delete_oldest = random.one_in(2);
        let mut client = Client::new();
        client.session.set_buffer_options(BufferOptions { maximum_buffered, delete_oldest, ..ANY_TIME });
        Driver {
            random,
            version,
            cleans,
            settling: false,
            client,
            broker: Broker::new(version),
            unsent: Vec::new(),
            upstream: Vec::new(),
            input: Vec::new(),
            number: 0,
            open: BTreeMap::new(),
            messages: Vec::new(),
            given_up: BTreeSet::new(),
            delete_oldest,
            counts: BTreeMap::new(),
        }
    }

    fn connect(&mut self) {
        let clean = self.cleans && !self.settling && self.random.one_in(2);
        let maximum_in_flight = 1 + self.random.below(20) as u16;
        self.broker.receive_maximum = match self.version {
            Version::V5 => 1 + self.random.below(12) as u16,
            _ => u16::MAX,
        };
        self.broker.holds_back = self.random.one_in(3);
        let keep_expired_session = !clean;
        let asked =
            ConnectOptions { maximum_in_flight, clean, keep_expired_session, ..options(self.version) };
        self.client.session.connect(self.client.now, &asked).unwrap();
        self.input.clear();
    }

    fn cut(&mut self) {
        self.broker.cut();
        self.upstream.clear();
        self.unsent.clear();
        self.client.session.connection_closed();
        self.take_completions();
    }

    fn step(&mut self) {
        let time = self.random.below(3000);
        self.client.pass(time);
        match self.random.below(100) {
            0..40 => self.publish(),
            40..43 => self.subscribe(),
            43..63 => self.move_up(),
            63..83 => self.move_down(),
            83..88 => self.broker.release_held(),
            88..94 => self.client.session.handle_timeout(self.client.now).unwrap(),
            94 => self.disconnect(),
            95..98 => {
                self.cut();
                self.connect();
            }
            _ => self.stay_away(),
        }
        self.advance();
    }

    /// No connection for a while.
    fn stay_away(&mut self) {
        self.cut();
        for _ in 0..self.random.below(40) {
            self.publish();
            assert!(!self.client.session.advance_queue(self.client.now));
        }
        self.connect();
    }

    fn advance(&mut self) {
        if self.client.session.advance_queue(self.client.now) {
            if self.random.one_in(2) {
                self.flush();
            }
            self.cut();
            self.connect();
        }
        self.take_completions();
    }

    fn next(&mut self) -> usize {
        self.number += 1;
        self.number
    }

    fn asked(&mut self, number: usize, asked: Asked) {
        assert_eq!(self.open.insert(number, asked), None);
    }

    fn publish(&mut self) {
        let number = self.next();
        let qos = LEVELS[self.random.below(3) as usize];
        // Of a displaced message without reply nobody hears, the test included.
        let wants_reply = self.delete_oldest || !self.random.one_in(5);
        let reply = if wants_reply { reply(number) } else { None };
        let payload = payload_of(number);
        match self.client.send_with(reply, qos, &payload, PropertyView::empty()) {
            Ok(accepted) => {
                self.messages.push((qos, payload));
                if wants_reply {
                    self.asked(number, Asked::Publish { token: accepted.token, qos });
                }
                if let Some(displaced) = accepted.displaced {
                    self.note(&displaced);
                }
            }
            Err(error) => assert_eq!(error, RequestError::TooManyBuffered),
        }
        self.take_completions();
    }

    fn subscribe(&mut self) {
        if !self.client.session.is_connected() {
            return;
        }
        let number = self.next();
        let asked = if self.random.one_in(2) {
            Asked::Subscribe { token: self.client.subscribe(number).unwrap() }
        } else {
            Asked::Unsubscribe { token: self.client.unsubscribe(number).unwrap() }
        };
        self.asked(number, asked);
    }

    fn disconnect(&mut self) {
        if !self.client.session.is_connected() {
            return;
        }
        let number = self.next();
        let timeout = self.random.below(10_000);
        self.client.disconnect(number, timeout).unwrap();
        self.asked(number, Asked::Disconnect);
    }

    /// The link takes some of what waits.
    fn move_up(&mut self) {
        self.take_bytes();
        let count = match self.random.below(3) {
            0 => self.random.below(self.unsent.len() as u64 + 1) as usize,
            _ => self.unsent.len(),
        };
        self.write(count);
    }

    fn flush(&mut self) {
        self.take_bytes();
        self.write(self.unsent.len());
    }

    fn take_bytes(&mut self) {
        let taken = self.client.session.outgoing().take();
        self.unsent.extend(taken.chunks().flatten());
    }

    fn write(&mut self, count: usize) {
        self.upstream.extend(self.unsent.drain(..count));
        // The broker sees it before the program hears of it, or the other way round.
        self.client.session.bytes_written(self.client.now, count);
        let upstream = std::mem::take(&mut self.upstream);
        let mut rest = &upstream[..];
        while let Ok(Framing::Complete(frame)) = split_frame(rest, 0) {
            self.broker.receive(frame);
            rest = &rest[frame.length..];
        }
        self.upstream = rest.to_vec();
    }

    fn move_down(&mut self) {
        let count = self.random.below(self.broker.output.len() as u64 + 1) as usize;
        self.move_down_bytes(count);
    }

    fn move_down_bytes(&mut self, count: usize) {
        self.input.extend(self.broker.output.drain(..count));
        let input = std::mem::take(&mut self.input);
        let mut rest = &input[..];
        while let Ok(Framing::Complete(frame)) = split_frame(rest, 0) {
            self.client.session.receive(self.client.now, frame).unwrap();
            rest = &rest[frame.length..];
            self.take_completions();
        }
        self.input = rest.to_vec();
    }

    fn take_completions(&mut self) {
        while let Some(completion) = self.client.session.next_completion() {
            self.note(&completion);
        }
    }

    fn note(&mut self, completion: &Completion<usize>) {
        let number = completion.requester;
        let asked = self.open.remove(&number).expect("one completion for each request");
        let (_, token, words) = in_words(completion);
        match (&asked, &completion.result) {
            (Asked::Publish { token: given, qos }, Ok(Success::Published { message, .. })) => {
                let publish = message.publish();
                assert_eq!((token, publish.qos, publish.payload), (*given, *qos, &payload_of(number)[..]));
                self.count(["at most once", "at least once", "exactly once"][usize::from(qos.bits())]);
            }
            (Asked::Publish { token: given, qos }, _) => {
                assert_eq!(token, *given);
                let fits = match &words[..] {
                    "displaced" => true,
                    "discarded" => *qos == QoS::AtMostOnce || self.cleans,
                    _ => false,
                };
                assert!(fits, "{asked:?}: {words}");
                self.given_up.insert(payload_of(number));
                self.count(if words == "displaced" { "displaced" } else { "discarded" });
            }
            (Asked::Subscribe { token: given }, _) => {
                assert!(["subscribed [0]", "discarded"].contains(&&words[..]) && token == *given, "{words}");
                self.count("subscribe");
            }
            (Asked::Unsubscribe { token: given }, _) => {
                assert!(words.starts_with("unsubscribed") || words == "discarded", "{words}");
                assert_eq!(token, *given);
                self.count("unsubscribe");
            }
            (Asked::Disconnect, _) => {
                assert!(["disconnected", "not connected"].contains(&&words[..]) && token == 0, "{words}");
                self.count(if words == "disconnected" { "disconnected" } else { "overtaken" });
            }
        }
    }

    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    /// No more cuts: everything must come to its end.
    fn settle(&mut self) {
        self.cut();
        self.settling = true;
        self.connect();
        self.broker.holds_back = false;
        for _ in 0..5000 {
            if self.open.is_empty() && self.client.pending_tokens().is_empty() {
                break;
            }
            self.client.pass(1000);
            self.flush();
            self.broker.release_held();
            self.move_down_bytes(self.broker.output.len());
            self.advance();
        }
        assert_eq!(self.open, BTreeMap::new());
        assert_eq!(self.client.pending_tokens(), []);
        assert!((0..1000).all(|token| self.client.session.request_is_complete(token)));
        self.flush();
    }

    /// `complete`: nothing may be missing but what was given up.
    fn check(&self, complete: bool) {
        let place: BTreeMap<&[u8], usize> =
            self.messages.iter().enumerate().map(|(place, (_, payload))| (&payload[..], place)).collect();
        let mut seen = BTreeSet::new();
        let mut last = None;
        for (qos, payload) in &self.broker.arrived {
            let place = place[&payload[..]];
            if seen.insert(place) {
                assert!(last < Some(place), "order among all messages");
                last = Some(place);
            } else {
                // A server that forgot the session, on a connect whose CONNACK was lost, takes messages anew.
                assert!(*qos == QoS::AtLeastOnce || !complete, "twice");
            }
        }
        for (place, (qos, payload)) in self.messages.iter().enumerate() {
            let may_miss = !complete || *qos == QoS::AtMostOnce || self.given_up.contains(payload);
            assert!(may_miss || seen.contains(&place), "message {place} is missing");
        }
    }
}

fn run(version: Version, cleans: bool) {
    let mut counts: BTreeMap<&'static str, u32> = BTreeMap::new();
    for seed in 1..=80 {
        let mut driver = Driver::new(seed, version, cleans);
        driver.connect();
        for _ in 0..600 {
            driver.step();
        }
        if seed % 10 == 0 {
            driver.client.session.discard_requests();
            let discarded = driver.client.ended();
            assert_eq!(discarded.len(), driver.open.len(), "the end of the client ends all");
            for (number, _, what) in discarded {
                assert!(driver.open.remove(&number).is_some() && what == "discarded");
            }
            continue;
        }
        driver.settle();
        driver.check(!cleans);
        for (what, count) in driver.counts {
            *counts.entry(what).or_default() += count;
        }
    }
    // The driver goes where it should.
    let ways = ["displaced", "discarded", "subscribe", "unsubscribe", "disconnected", "overtaken"];
    assert!(ways.iter().all(|way| counts[way] > 10), "{counts:?}");
    for level in ["at most once", "at least once", "exactly once"] {
        assert!(counts[level] > 1000, "{counts:?}");
    }
}

#[test]
fn every_request_ends_once_in_3_1() {
    run(Version::V31, false);
}

#[test]
fn every_request_ends_once_in_3_1_1() {
    run(Version::V311, false);
}

#[test]
fn every_request_ends_once_in_5() {
    run(Version::V5, false);
}

#[test]
fn every_request_ends_once_with_sessions_that_end_too() {
    for version in ALL_VERSIONS {
        run(version, true);
    }
}
