//! A broker with messages for a client: it keeps its side of their delivery over all connections, and may cut those.

use super::broker::{Broker, Incoming, Reaction, polite_answer};
use super::packet::{self, CONNECT, PUBACK, PUBCOMP, PUBLISH, PUBREC, PUBREL, Publish, acknowledgement};
use std::sync::{Arc, Mutex};

/// How many messages are on their way at a time.
const WINDOW: usize = 10;

/// A message that has been sent.
struct Sent {
    id: u16,
    number: usize,
    /// PUBREC has come.
    released: bool,
}

/// What the broker remembers.
struct Book {
    level: u8,
    current: usize,
    /// The messages have the numbers 1 to this.
    total: usize,
    next: usize,
    in_flight: Vec<Sent>,
    /// A connection is cut when so many more packets have come.
    until_cut: Option<usize>,
    random: u64,
    /// Nothing is sent until the client sends something, or connects again.
    waits: bool,
}

/// The broker with its book.
pub(crate) struct Outbox {
    pub(crate) broker: Broker,
    book: Arc<Mutex<Book>>,
}

/// Odd numbers go with QoS 1, even ones with QoS 2.
pub(crate) fn qos_of(number: usize) -> u8 {
    2 - (number % 2) as u8
}

impl Outbox {
    /// A broker with messages that have the numbers 1 to `total` as payload.
    pub(crate) fn new(total: usize) -> Outbox {
        let random = u64::from(std::process::id()) * 2_654_435_761 + total as u64;
        let (level, current, next, in_flight, until_cut) = (4, 0, 1, Vec::new(), None);
        let book = Book { level, current, total, next, in_flight, until_cut, random, waits: false };
        let book = Arc::new(Mutex::new(book));
        let shared = book.clone();
        let broker = Broker::with(move |incoming| shared.lock().unwrap().react(incoming));
        Outbox { broker, book }
    }

    /// Nothing is sent to the next client until that has published something.
    pub(crate) fn wait_for_client(self) -> Outbox {
        self.book.lock().unwrap().waits = true;
        self
    }

    /// Every message has been acknowledged.
    pub(crate) fn is_done(&self) -> bool {
        let book = self.book.lock().unwrap();
        book.in_flight.is_empty() && book.next > book.total
    }

    /// Connections are cut at random from now on, or not any more.
    pub(crate) fn cut(&self, cuts: bool) {
        self.book.lock().unwrap().until_cut = cuts.then_some(1);
    }
}

impl Book {
    fn react(&mut self, incoming: &Incoming) -> Reaction {
        let packet = &incoming.packet;
        if incoming.connection < self.current {
            return Reaction::Silence;
        }
        let mut answer = Vec::new();
        match packet.kind() {
            CONNECT => {
                self.level = packet.connect().level;
                self.current = incoming.connection;
                self.waits &= incoming.connection == 0;
                answer = packet::connack(self.level, incoming.connection > 0, 0, &[]);
                answer.extend(self.in_flight.iter().flat_map(|sent| self.again(sent)));
            }
            PUBLISH => self.waits = false,
            PUBACK | PUBCOMP => {
                let done =
                    |sent: &Sent| sent.id == packet.id() && sent.released == (packet.kind() == PUBCOMP);
                self.in_flight.retain(|sent| !done(sent));
            }
            PUBREC => {
                let sent = self.in_flight.iter_mut().filter(|sent| sent.id == packet.id());
                sent.for_each(|sent| sent.released = true);
                answer = acknowledgement(PUBREL, packet.id());
            }
            _ => return polite_answer(packet).map_or(Reaction::Silence, Reaction::Send),
        }
        answer.extend(self.send_more());
        if self.cuts_now() { Reaction::SendAndCut(answer) } else { Reaction::Send(answer) }
    }

    fn publish(&self, sent: &Sent) -> Publish {
        Publish::new("t/i", qos_of(sent.number), sent.id, sent.number.to_string().as_bytes())
    }

    fn again(&self, sent: &Sent) -> Vec<u8> {
        match sent.released {
            true => acknowledgement(PUBREL, sent.id),
            false => self.publish(sent).again().encode(self.level),
        }
    }

    fn send_more(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        while !self.waits && self.in_flight.len() < WINDOW && self.next <= self.total {
            let is_free = |id: &u16| self.in_flight.iter().all(|sent| sent.id != *id);
            let id = (1..).find(is_free).unwrap();
            let sent = Sent { id, number: self.next, released: false };
            bytes.extend(self.publish(&sent).encode(self.level));
            self.in_flight.push(sent);
            self.next += 1;
        }
        bytes
    }

    fn cuts_now(&mut self) -> bool {
        let Some(left) = self.until_cut.as_mut() else { return false };
        *left -= 1;
        if *left > 0 {
            return false;
        }
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        *left = 1 + (self.random % 40) as usize;
        true
    }
}
