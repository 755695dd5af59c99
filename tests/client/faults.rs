//! Faults after every packet of every exchange of QoS 1 and 2, in both directions: the packet is lost, or the
//! connection is cut behind it, or its answer is swallowed. After reconnecting a message of QoS 1 has arrived at
//! least once, one of QoS 2 exactly once, and each token has completed once.

use crate::support::abi::{V3_1_1, V5};
use crate::support::broker::{Broker, Incoming, Reaction};
use crate::support::callbacks::{Event, Events};
use crate::support::client::{Client, Owner};
use crate::support::library::library_path;
use crate::support::message::Delivered;
use crate::support::mosquitto::{Directory, Mosquitto};
use crate::support::options::lasting;
use crate::support::packet::{self, PUBACK, PUBCOMP, PUBLISH, PUBREC, PUBREL, Publish};
use crate::support::program::{Running, compile};
use crate::support::tls::{Identity, Subject};
use crate::support::wait::LIMIT;
use std::collections::HashSet;
use std::ffi::c_int;
use std::process::Command;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

const TOPIC: &str = "faults";
const PAYLOAD: &[u8] = b"once";
/// The client asks the broker with this topic to begin, and the broker tells with the other that all is done.
const START: &str = "start";
const END: &str = "end";
const STEP: Duration = Duration::from_millis(20);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// The packet passes, then the connection ends.
    Cut,
    /// The packet does not pass, and the connection ends.
    Lose,
    /// The packet passes, and what answers it does not.
    Swallow,
}

#[derive(Clone, Copy, Debug)]
enum Direction {
    Outgoing,
    Incoming,
}

#[derive(Clone, Copy, Debug)]
struct Case {
    level: c_int,
    callbacks: bool,
    qos: u8,
    /// Number of the packet in the exchange, from 1.
    at: usize,
    fault: Fault,
}

/// The faults that make a difference. Losing a packet of the broker is cutting behind the client's packet
/// before it, and nothing answers the last packet.
fn faults(direction: Direction, qos: u8) -> Vec<(usize, Fault)> {
    let last = if qos == 1 { 2 } else { 4 };
    let from_client = |at: usize| (at % 2 == 1) == matches!(direction, Direction::Outgoing);
    let mut all = Vec::new();
    for at in 1..=last {
        all.push((at, Fault::Cut));
        if from_client(at) {
            all.push((at, Fault::Lose));
        }
        if at < last {
            all.push((at, Fault::Swallow));
        }
    }
    all
}

/// What the broker remembers of the session, over all connections.
struct Session {
    case: Case,
    armed: bool,
    /// The connection whose packets count, and whether they do not.
    current: usize,
    deaf: bool,
    /// Identifiers of QoS 2 messages from the client that are not released.
    held: HashSet<u16>,
    arrived: Vec<Publish>,
    /// What the broker sends again when the client comes back.
    outgoing: Option<Vec<u8>>,
    fault: Sender<()>,
}

impl Session {
    fn react(&mut self, incoming: &Incoming) -> Reaction {
        let packet = &incoming.packet;
        let level = packet.level;
        match packet.kind() {
            packet::CONNECT => {
                self.deaf = false;
                self.current = incoming.connection;
                let connack = packet::connack(level, incoming.connection > 0, 0, &[]);
                Reaction::Send([connack, self.outgoing.clone().unwrap_or_default()].concat())
            }
            PUBLISH if packet.publish().qos == 0 => {
                let publish = Publish::new(TOPIC, self.case.qos, 7, PAYLOAD);
                self.outgoing = Some(publish.clone().again().encode(level));
                self.send(1, publish.encode(level))
            }
            PUBLISH | PUBREL | PUBACK | PUBREC | PUBCOMP => self.exchange(incoming),
            _ => Reaction::Answer,
        }
    }

    /// The client's packet of an exchange: it has the number `at`, the answer the next one.
    fn exchange(&mut self, incoming: &Incoming) -> Reaction {
        if self.deaf || incoming.connection != self.current {
            return Reaction::Silence;
        }
        let at = match incoming.packet.kind() {
            PUBLISH => 1,
            PUBREL => 3,
            PUBACK | PUBREC => 2,
            _ => 4,
        };
        if self.strikes(at, Fault::Lose) {
            return Reaction::Cut;
        }
        let answer = self.process(incoming);
        if self.strikes(at, Fault::Cut) {
            return Reaction::Cut;
        }
        if self.strikes(at, Fault::Swallow) {
            return Reaction::Silence;
        }
        match answer {
            Some(answer) => self.send(at + 1, answer),
            None => Reaction::Silence,
        }
    }

    /// The broker's packet number `at` of an exchange.
    fn send(&mut self, at: usize, bytes: Vec<u8>) -> Reaction {
        if self.strikes(at, Fault::Cut) {
            return Reaction::SendAndCut(bytes);
        }
        self.strikes(at, Fault::Swallow);
        Reaction::Send(bytes)
    }

    fn strikes(&mut self, at: usize, fault: Fault) -> bool {
        let strikes = self.armed && self.case.at == at && self.case.fault == fault;
        if strikes {
            self.armed = false;
            self.deaf = true;
            self.fault.send(()).unwrap();
        }
        strikes
    }

    fn process(&mut self, incoming: &Incoming) -> Option<Vec<u8>> {
        let packet = &incoming.packet;
        let id = packet.id();
        match packet.kind() {
            PUBLISH if packet.publish().qos == 1 => {
                self.arrived.push(packet.publish());
                Some(packet::acknowledgement(PUBACK, id))
            }
            PUBLISH => {
                if self.held.insert(id) {
                    self.arrived.push(packet.publish());
                }
                Some(packet::acknowledgement(PUBREC, id))
            }
            PUBREL => {
                self.held.remove(&id);
                Some(packet::acknowledgement(PUBCOMP, id))
            }
            PUBREC => {
                let release = packet::acknowledgement(PUBREL, id);
                self.outgoing = Some(release.clone());
                Some(release)
            }
            _ => {
                self.outgoing = None;
                Some(Publish::new(END, 0, 0, b"").encode(packet.level))
            }
        }
    }
}

/// One run: the broker, the client, and what both saw.
struct Run {
    case: Case,
    broker: Broker,
    session: Arc<Mutex<Session>>,
    fault: Receiver<()>,
    client: Owner,
    events: Option<Events>,
    seen: Vec<Event>,
    messages: Vec<Delivered>,
}

impl Run {
    fn start(case: Case) -> Run {
        let (sender, fault) = channel();
        let session = Arc::new(Mutex::new(Session {
            case,
            armed: true,
            current: 0,
            deaf: false,
            held: HashSet::new(),
            arrived: Vec::new(),
            outgoing: None,
            fault: sender,
        }));
        let shared = session.clone();
        let broker = Broker::with(move |incoming| shared.lock().unwrap().react(incoming));
        let client = Client::new(&broker.uri(), case.level);
        let events = case.callbacks.then(|| client.events());
        client.connect_ok(&lasting(case.level));
        Run { case, broker, session, fault, client, events, seen: Vec::new(), messages: Vec::new() }
    }

    /// Lets the client work until `done`; gives up with the test's time limit.
    fn work_until(&mut self, what: &str, mut done: impl FnMut(&mut Run) -> bool) {
        let end = std::time::Instant::now() + LIMIT;
        while !done(self) {
            assert!(std::time::Instant::now() < end, "{what}: {:?}; saw {:?}", self.case, self.seen);
            match &self.events {
                Some(events) => {
                    let event = events.0.recv_timeout(STEP);
                    self.seen.extend(event);
                }
                None => {
                    let (_, message) = self.client.receive(STEP);
                    self.messages.extend(message);
                }
            }
        }
    }

    /// Waits for the fault, for the client to be without connection, and connects again.
    fn break_and_resume(&mut self) {
        self.work_until("the fault", |run| run.fault.try_recv().is_ok());
        if self.case.fault == Fault::Swallow {
            assert_eq!(self.client.disconnect(0), 0);
        } else if self.case.callbacks {
            self.work_until("connectionLost", |run| run.seen.contains(&Event::Lost { with_cause: false }));
        } else {
            self.work_until("the loss", |run| !run.client.is_connected());
        }
        let connected = self.client.connect_ok(&lasting(self.case.level));
        assert!(connected.session_present || self.case.level == V5, "{:?}", self.case);
    }

    fn finish(&mut self) {
        assert_eq!(self.client.pending(), [], "{:?}", self.case);
        assert_eq!(self.client.disconnect(1000), 0);
        if let Some(events) = &self.events {
            self.seen.extend(events.rest());
        }
    }

    fn outgoing(&mut self) {
        let token = self.client.publish_ok(TOPIC, c_int::from(self.case.qos), PAYLOAD);
        self.break_and_resume();
        assert_eq!(self.client.wait(token, LIMIT), 0, "completion: {:?}", self.case);
        if self.case.callbacks {
            self.work_until("deliveryComplete", |run| run.seen.contains(&Event::Complete(token)));
        }
        self.finish();
        if self.case.callbacks {
            let completed = self.seen.iter().filter(|event| matches!(event, Event::Complete(_))).count();
            assert_eq!(completed, 1, "deliveryComplete once: {:?}, {:?}", self.case, self.seen);
            let published = self.seen.iter().filter(|event| matches!(event, Event::Published { .. })).count();
            assert_eq!(published, usize::from(self.case.level == V5), "{:?}, {:?}", self.case, self.seen);
        }
        let session = self.session.lock().unwrap();
        assert!(session.held.is_empty(), "released: {:?}", self.case);
        let arrived: Vec<_> = session.arrived.iter().map(|publish| &publish.payload).collect();
        self.check_count(arrived.len());
        assert!(arrived.iter().all(|payload| *payload == PAYLOAD));
        self.check_resent();
    }

    /// A PUBLISH that is sent again has DUP and nothing else that differs.
    fn check_resent(&self) {
        let publishes: Vec<_> =
            self.broker.log().into_iter().filter(|incoming| incoming.packet.kind() == PUBLISH).collect();
        for (index, incoming) in publishes.iter().enumerate() {
            let publish = incoming.packet.publish();
            assert_eq!(publish.dup, index > 0, "DUP: {:?}", self.case);
            assert_eq!(Publish { dup: false, ..publish }, publishes[0].packet.publish());
        }
    }

    fn check_count(&self, count: usize) {
        let right = if self.case.qos == 1 { count >= 1 } else { count == 1 };
        assert!(right, "arrived {count} times: {:?}, {:?}", self.case, self.broker.log());
    }

    fn incoming(&mut self) {
        self.client.subscribe_ok(TOPIC, c_int::from(self.case.qos));
        self.client.publish_ok(START, 0, b"");
        self.break_and_resume();
        if self.case.fault == Fault::Cut && self.case.at == if self.case.qos == 1 { 2 } else { 4 } {
            // The exchange was complete when the connection ended: only its end is left to say.
            self.broker.send(1, &Publish::new(END, 0, 0, b"").encode(self.case.level as u8));
        }
        self.work_until("the end of the exchange", Run::has_end);
        self.finish();
        for event in &self.seen {
            if let Event::Message(message) = event {
                self.messages.push(message.clone());
            }
        }
        let count = self.messages.iter().filter(|message| message.payload == PAYLOAD).count();
        self.check_count(count);
    }

    fn has_end(run: &mut Run) -> bool {
        let end = |message: &Delivered| message.topic == END.as_bytes();
        run.messages.iter().any(end)
            || run.seen.iter().any(|event| matches!(event, Event::Message(message) if end(message)))
    }
}

fn check(level: c_int, callbacks: bool, direction: Direction) {
    for qos in [1, 2] {
        for (at, fault) in faults(direction, qos) {
            let mut run = Run::start(Case { level, callbacks, qos, at, fault });
            match direction {
                Direction::Outgoing => run.outgoing(),
                Direction::Incoming => run.incoming(),
            }
        }
    }
}

#[test]
fn outgoing_3_1_1_single_threaded() {
    check(V3_1_1, false, Direction::Outgoing);
}

#[test]
fn outgoing_3_1_1_with_callbacks() {
    check(V3_1_1, true, Direction::Outgoing);
}

#[test]
fn outgoing_5_single_threaded() {
    check(V5, false, Direction::Outgoing);
}

#[test]
fn outgoing_5_with_callbacks() {
    check(V5, true, Direction::Outgoing);
}

#[test]
fn incoming_3_1_1_single_threaded() {
    check(V3_1_1, false, Direction::Incoming);
}

#[test]
fn incoming_3_1_1_with_callbacks() {
    check(V3_1_1, true, Direction::Incoming);
}

#[test]
fn incoming_5_single_threaded() {
    check(V5, false, Direction::Incoming);
}

#[test]
fn incoming_5_with_callbacks() {
    check(V5, true, Direction::Incoming);
}

/// Functions of the system, and how each may fail.
const FAILING: [(&str, c_int); 17] = [
    ("socket", libc::EMFILE),
    ("setsockopt", libc::EINVAL),
    ("getsockopt", libc::ENOBUFS),
    ("fcntl", libc::EINVAL),
    ("ioctl", libc::ENOTTY),
    ("connect", libc::ECONNREFUSED),
    ("send", libc::ENOBUFS),
    ("recv", libc::ENOMEM),
    ("shutdown", libc::ENOTCONN),
    ("poll", libc::ENOMEM),
    ("ppoll", libc::ENOMEM),
    ("epoll_create1", libc::EMFILE),
    ("epoll_ctl", libc::ENOSPC),
    ("epoll_wait", libc::ENOMEM),
    ("eventfd", libc::EMFILE),
    ("getrandom", libc::ENOSYS),
    ("pthread_create", libc::EAGAIN),
];

/// Lets each call of these functions fail once, see the program.
fn survive_failing_calls(uri: &str, functions: &[(&str, c_int)]) {
    let directory = Directory::new("failing");
    let headers = concat!("-I", env!("CARGO_MANIFEST_DIR"), "/include");
    let program = compile("failing_calls.c", &[headers, "-rdynamic", "-ldl", "-lpthread"], &directory);
    thread::scope(|scope| {
        for mode in ["calls", "callbacks", "async"] {
            let program = &program;
            scope.spawn(move || {
                for (function, error) in functions {
                    let mut command = Command::new(program);
                    command.arg(library_path()).args([uri, mode, function, &error.to_string(), "50"]);
                    let ended = Running::start(&mut command).wait(LIMIT * 6);
                    assert!(ended.status.success(), "{mode} {function}: {ended:?}");
                }
            });
        }
    });
}

#[test]
fn a_call_of_the_system_that_fails_costs_the_connection_at_most() {
    survive_failing_calls(&Mosquitto::start().uri(), &FAILING);
}

#[test]
fn a_send_that_fails_ends_any_connection_at_once() {
    let transfers: Vec<_> = FAILING.into_iter().filter(|(name, _)| ["send", "recv"].contains(name)).collect();
    let (_broker, port) = Mosquitto::start_with_listener(|_| "protocol websockets".to_owned());
    survive_failing_calls(&format!("ws://127.0.0.1:{port}"), &transfers);
    if cfg!(feature = "tls") {
        let (directory, subject) = (Directory::new("certificate"), Subject::named(&["localhost"]));
        let (certificate, key) = Identity::self_signed(&subject).save(&directory, "server");
        let (_broker, port) =
            Mosquitto::start_with_listener(|_| format!("certfile {certificate}\nkeyfile {key}"));
        survive_failing_calls(&format!("ssl://127.0.0.1:{port}"), &transfers);
    }
}
