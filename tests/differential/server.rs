//! The server of a case: answers as the current step says, and keeps what it received. It has no thread: its owner polls.

use crate::case::{ConnectAnswer, Plan, PublishAnswer};
use crate::support::packet::{self, Packet, Publish};
use rustix::event::{PollFd, PollFlags};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};

/// The packet identifier of the message that ends each step.
const BARRIER_ID: u16 = 65_535;

pub(crate) struct Server {
    level: u8,
    listener: TcpListener,
    connection: Option<Connection>,
    pub(crate) plan: Plan,
    /// What came in the current step.
    pub(crate) received: Vec<Packet>,
    pub(crate) barriers: usize,
    /// How often it has sent something but the ends of steps.
    pub(crate) sent: usize,
    /// Messages whose acknowledgement has to wait for a later step.
    late: Vec<(u8, u16)>,
    /// Answers that must not get between the pieces of what is being sent.
    held: Option<Vec<u8>>,
}

struct Connection {
    stream: TcpStream,
    input: Vec<u8>,
    /// The server has sent its end of the stream.
    ended: bool,
}

impl Server {
    pub(crate) fn new(level: u8) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Server {
            level,
            listener,
            connection: None,
            plan: Plan::default(),
            received: Vec::new(),
            barriers: 0,
            sent: 0,
            late: Vec::new(),
            held: None,
        }
    }

    pub(crate) fn uri(&self) -> String {
        format!("tcp://127.0.0.1:{}", self.listener.local_addr().unwrap().port())
    }

    pub(crate) fn readiness(&self) -> Vec<PollFd<'_>> {
        let connection =
            self.connection.iter().map(|connection| PollFd::new(&connection.stream, PollFlags::IN));
        std::iter::once(PollFd::new(&self.listener, PollFlags::IN)).chain(connection).collect()
    }

    /// Whether the client still has its connection.
    pub(crate) fn is_open(&self) -> bool {
        self.connection.is_some()
    }

    /// Whether something that is sent can be answered.
    pub(crate) fn can_send(&self) -> bool {
        self.connection.as_ref().is_some_and(|connection| !connection.ended)
    }

    pub(crate) fn has_received(&self, kind: u8) -> bool {
        self.received.iter().any(|packet| packet.kind() == kind)
    }

    pub(crate) fn accept(&mut self) {
        let (stream, _) = self.listener.accept().unwrap();
        stream.set_nodelay(true).unwrap();
        self.connection = Some(Connection { stream, input: Vec::new(), ended: false });
        self.late.clear();
        self.held = None;
    }

    /// Reads what is there, and answers it; only when it is readable.
    pub(crate) fn read(&mut self) {
        let Some(connection) = &mut self.connection else { return };
        let mut chunk = [0; 16_384];
        match connection.stream.read(&mut chunk) {
            Ok(count @ 1..) => connection.input.extend_from_slice(&chunk[..count]),
            _ => self.connection = None,
        }
        while let Some(packet) = self.next_packet() {
            self.answer(&packet);
            let is_barrier = packet.kind() == packet::PUBACK && packet.body == BARRIER_ID.to_be_bytes();
            if is_barrier {
                self.barriers += 1;
            } else if packet.kind() != packet::PINGREQ {
                self.received.push(packet);
            }
        }
    }

    fn next_packet(&mut self) -> Option<Packet> {
        let input = &mut self.connection.as_mut()?.input;
        let (length, width) = packet::variable_integer(input.get(1..)?)?;
        let end = 1 + width + length;
        let body = input.get(1 + width..end)?.to_vec();
        let first = input[0];
        input.drain(..end);
        Some(Packet { level: self.level, first, body })
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.sent += 1;
        if let Some(held) = &mut self.held {
            held.extend_from_slice(bytes);
        } else {
            self.write(bytes);
        }
    }

    /// A part of what is sent whole; answers have to wait until `end_pieces`.
    pub(crate) fn send_piece(&mut self, bytes: &[u8]) {
        self.held.get_or_insert_default();
        self.write(bytes);
    }

    pub(crate) fn end_pieces(&mut self) {
        let held = self.held.take().unwrap_or_default();
        self.write(&held);
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some(connection) = self.connection.as_mut().filter(|connection| !connection.ended) {
            let _ = connection.stream.write_all(bytes);
        }
    }

    pub(crate) fn send_barrier(&mut self) {
        let message = Publish::new("~barrier", 1, BARRIER_ID, b"").encode(self.level);
        self.write(&message);
    }

    /// Ends the stream. The client's last packets are still read, so that no reset takes away what it has not read.
    pub(crate) fn end(&mut self) {
        if let Some(connection) = &mut self.connection {
            connection.ended = true;
            let _ = connection.stream.shutdown(Shutdown::Write);
        }
    }

    pub(crate) fn drop_connection(&mut self) {
        self.connection = None;
    }

    /// The acknowledgements that had to wait, the last one first.
    pub(crate) fn acknowledge_late(&mut self) {
        while let Some((qos, id)) = self.late.pop() {
            self.send(&packet::acknowledgement(if qos == 1 { packet::PUBACK } else { packet::PUBREC }, id));
        }
    }

    fn answer(&mut self, received: &Packet) {
        match received.kind() {
            packet::CONNECT => self.answer_connect(),
            packet::PUBLISH => self.answer_publish(&received.publish()),
            packet::PUBREC => self.send(&packet::acknowledgement(packet::PUBREL, received.id())),
            packet::PUBREL => {
                let complete = match &self.plan.publish {
                    PublishAnswer::Flow { complete, .. } => &complete[..],
                    _ => &[],
                };
                let body = [&received.id().to_be_bytes()[..], complete].concat();
                self.send(&packet::packet(packet::PUBCOMP << 4, &body));
            }
            packet::SUBSCRIBE | packet::UNSUBSCRIBE => self.answer_filters(received),
            packet::PINGREQ => self.send(&packet::pingresp()),
            packet::DISCONNECT => self.end(),
            _ => {}
        }
    }

    fn answer_connect(&mut self) {
        // What connects again by itself gets the usual answer.
        let (bytes, ends) = match std::mem::take(&mut self.plan.connect) {
            ConnectAnswer::Usual => (packet::connack(self.level, false, 0, &[]), false),
            ConnectAnswer::Accept(bytes) => (bytes, false),
            ConnectAnswer::Refuse(bytes) => (bytes, true),
        };
        self.send(&bytes);
        if ends {
            self.end();
        }
    }

    fn answer_filters(&mut self, request: &Packet) {
        let (kind, planned) = match request.kind() {
            packet::SUBSCRIBE => (packet::SUBACK, &self.plan.subscribe),
            _ => (packet::UNSUBACK, &self.plan.unsubscribe),
        };
        let rest = planned.clone().unwrap_or_else(|| {
            let filters = request.subscribe().filters;
            let codes = filters.iter().map(|(_, options)| options & 3);
            let codes = if kind == packet::SUBACK || self.level == 5 { codes.collect() } else { Vec::new() };
            [packet::properties(self.level, &[]), codes].concat()
        });
        self.send(&packet::packet(kind << 4, &[&request.id().to_be_bytes()[..], &rest].concat()));
    }

    fn answer_publish(&mut self, message: &Publish) {
        // What is sent again is answered as it should be.
        let answer = if message.dup { PublishAnswer::usual() } else { self.plan.publish.clone() };
        match answer {
            PublishAnswer::Flow { rest, .. } if message.qos > 0 => {
                let kind = if message.qos == 1 { packet::PUBACK } else { packet::PUBREC };
                self.send(&packet::packet(kind << 4, &[&message.id.to_be_bytes()[..], &rest].concat()));
            }
            PublishAnswer::Late if message.qos > 0 => self.late.push((message.qos, message.id)),
            PublishAnswer::Cut => self.end(),
            _ => {}
        }
    }
}
