//! A broker that keeps its side of the sessions over all connections, and counts what has arrived.

use super::broker::{Broker, Incoming, Reaction, polite_answer};
use super::packet::{self, CONNECT, PUBCOMP, PUBLISH, PUBREC, PUBREL};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

/// What the broker remembers.
#[derive(Default)]
pub(crate) struct Book {
    /// The client's newest connection: what comes on older ones does not count any more.
    current: usize,
    /// Identifiers of QoS 2 messages that are not released.
    held: HashSet<u16>,
    /// How often each payload has arrived.
    pub(crate) arrived: HashMap<String, usize>,
    /// Packets that get no answer: kind and identifier.
    pub(crate) unanswered: HashSet<(u8, u16)>,
    /// What is sent right behind each CONNACK.
    pub(crate) greeting: Vec<u8>,
}

/// The broker with its book.
pub(crate) struct Ledger {
    pub(crate) broker: Broker,
    pub(crate) book: Arc<Mutex<Book>>,
}

impl Ledger {
    pub(crate) fn new() -> Ledger {
        let book = Arc::new(Mutex::new(Book::default()));
        let shared = book.clone();
        let broker = Broker::with(move |incoming| shared.lock().unwrap().react(incoming));
        Ledger { broker, book }
    }

    /// From now on these packets get no answer.
    pub(crate) fn ignore(&self, packets: &[(u8, u16)]) {
        self.book.lock().unwrap().unanswered = packets.iter().copied().collect();
    }

    pub(crate) fn arrived(&self, payload: &str) -> usize {
        self.book.lock().unwrap().arrived.get(payload).copied().unwrap_or(0)
    }

    /// All messages of QoS 2 were released.
    pub(crate) fn is_settled(&self) -> bool {
        self.book.lock().unwrap().held.is_empty()
    }
}

impl Book {
    fn react(&mut self, incoming: &Incoming) -> Reaction {
        let packet = &incoming.packet;
        if incoming.connection < self.current {
            return Reaction::Silence;
        }
        if packet.kind() == CONNECT {
            let level = packet.connect().level;
            self.current = incoming.connection;
            return Reaction::Send([packet::connack(level, true, 0, &[]), self.greeting.clone()].concat());
        }
        match packet.kind() {
            PUBLISH => {
                let publish = packet.publish();
                if !is_topic_name(&publish.topic) {
                    return Reaction::Cut;
                }
                if publish.qos < 2 || self.held.insert(publish.id) {
                    let payload = String::from_utf8_lossy(&publish.payload).into_owned();
                    *self.arrived.entry(payload).or_default() += 1;
                }
            }
            PUBREL => drop(self.held.remove(&packet.id())),
            _ => {}
        }
        let answered = matches!(packet.kind(), PUBLISH | PUBREC | PUBREL | PUBCOMP);
        if answered && self.unanswered.contains(&(packet.kind(), packet.id())) {
            return Reaction::Silence;
        }
        polite_answer(packet).map_or(Reaction::Silence, Reaction::Send)
    }
}

/// What a broker takes as the topic of a message without closing the connection.
fn is_topic_name(topic: &[u8]) -> bool {
    std::str::from_utf8(topic).is_ok_and(|topic| !topic.is_empty() && !topic.contains(['+', '#']))
}
