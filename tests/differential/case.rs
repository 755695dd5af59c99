//! One random case: a sequence of calls, and what the server does meanwhile.

use crate::incoming;
use crate::random::Random;
use crate::support::packet;
use std::fmt::Write;

/// How the library is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Synchronous, with callbacks.
    Callbacks,
    /// Synchronous, without callbacks: messages are received by calls.
    Receive,
    /// Asynchronous.
    Asynchronous,
}

/// A step: a line for the driver, and what the server does in it.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Connect {
        line: String,
        answer: ConnectAnswer,
    },
    Publish {
        line: String,
        qos: u8,
        answer: PublishAnswer,
    },
    Subscribe {
        line: String,
        answer: Vec<u8>,
    },
    Unsubscribe {
        line: String,
        answer: Vec<u8>,
    },
    /// The server sends this, in pieces of at most so many bytes.
    Incoming {
        packets: Vec<Vec<u8>>,
        piece: usize,
    },
    /// The server closes the connection.
    Cut,
    Call(String),
    Disconnect(String),
}

#[derive(Clone, Debug)]
pub(crate) enum ConnectAnswer {
    /// The whole CONNACK.
    Packet(Vec<u8>, bool),
    Close,
}

/// What answers a PUBLISH; the packet identifier is put in front of `rest`.
#[derive(Clone, Debug)]
pub(crate) enum PublishAnswer {
    /// The flow of its QoS; `rest` follows the identifier of PUBACK or PUBREC, `complete` that of PUBCOMP.
    Normal {
        rest: Vec<u8>,
        complete: Vec<u8>,
    },
    None,
    Cut,
}

pub(crate) struct Case {
    pub(crate) seed: u64,
    pub(crate) mode: Mode,
    pub(crate) level: u8,
    pub(crate) steps: Vec<Step>,
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "-".to_owned();
    }
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

const TOPICS: [&str; 6] = ["a/b", "a/c/d", "sensors/kitchen/temperature", "x", "a/\u{e4}", "/"];

impl Case {
    pub(crate) fn new(mode: Mode, seed: u64) -> Case {
        let mut random = Random::new(seed);
        let level = random.pick(&[3, 4, 4, 5, 5, 5]);
        let mut maker = Maker { level, random };
        let mut steps = maker.steps();
        if mode == Mode::Receive {
            without_disconnects_of_the_server(&mut steps);
        }
        Case { seed, mode, level, steps }
    }
}

/// Without callbacks the original reads on after the DISCONNECT of an MQTT 5 server; here it ends the connection.
fn without_disconnects_of_the_server(steps: &mut [Step]) {
    for step in steps {
        if let Step::Incoming { packets, .. } = step {
            packets.retain(|packet| packet[0] != 0xE0);
        }
    }
}

struct Maker {
    level: u8,
    random: Random,
}

impl Maker {
    fn steps(&mut self) -> Vec<Step> {
        let mut steps = vec![self.connect(true)];
        for _ in 0..4 + self.random.below(7) {
            steps.push(self.step());
            if matches!(steps.last(), Some(Step::Cut | Step::Disconnect(_))) {
                steps.push(self.connect(false));
            }
        }
        steps
    }

    fn step(&mut self) -> Step {
        match self.random.below(20) {
            0..6 => self.publish(),
            6..9 => self.subscribe(),
            9..11 => self.unsubscribe(),
            11..16 => Step::Incoming {
                packets: incoming::packets(self.level, &mut self.random),
                piece: self.random.pick(&[1, 2, 7, 1000, 100_000]),
            },
            16 => Step::Cut,
            17 => Step::Disconnect(format!("disconnect {}", self.random.pick(&[0, 50]))),
            18 => Step::Call("pending".to_owned()),
            _ => Step::Call("connected".to_owned()),
        }
    }

    fn connect(&mut self, first: bool) -> Step {
        let clean = u8::from(self.random.chance(if first { 70 } else { 30 }));
        // With a session expiry interval: without one the original sends again what the session has lost.
        let line = format!(
            "connect {clean} {} {} {} 16",
            self.random.pick(&[0, 20, 60]),
            u8::from(self.random.chance(20)),
            u8::from(self.random.chance(20)),
        );
        Step::Connect { line, answer: self.connect_answer(clean == 0 && !first) }
    }

    fn connect_answer(&mut self, may_be_present: bool) -> ConnectAnswer {
        let (level, random) = (self.level, &mut self.random);
        let present = may_be_present;
        match random.below(24) {
            0 => {
                let code = if level == 5 {
                    random.pick(&[0x80, 0x85, 0x87, 0x88, 0x9F])
                } else {
                    1 + random.below(6) as u8
                };
                ConnectAnswer::Packet(packet::connack(level, false, code, &[]), false)
            }
            1 => ConnectAnswer::Close,
            2 => ConnectAnswer::Packet(packet::packet(0x20, &[present as u8 | 0xFE, 0]), level != 5),
            3 if level == 5 => {
                ConnectAnswer::Packet(packet::packet(0xE0, &[random.pick(&[0x87, 0x97, 0x8B])]), false)
            }
            4..12 if level == 5 => ConnectAnswer::Packet(
                packet::connack(level, present, 0, &incoming::connack_properties(random)),
                true,
            ),
            _ => ConnectAnswer::Packet(packet::connack(level, present, 0, &[]), true),
        }
    }

    fn publish(&mut self) -> Step {
        let qos = self.random.below(3) as u8;
        let topic = hex(self.random.pick(&TOPICS).as_bytes());
        let length = self.random.pick(&[0, 1, 10, 200, 3000]);
        let payload: Vec<u8> = (0..length).map(|index| (index * 7 + 1) as u8).collect();
        let properties = if self.random.chance(30) { self.random.pick(&[1, 2, 8, 11]) } else { 0 };
        let line = format!(
            "publish {topic} {qos} {} {} {properties}",
            u8::from(self.random.chance(20)),
            hex(&payload)
        );
        Step::Publish { line, qos, answer: self.publish_answer() }
    }

    fn publish_answer(&mut self) -> PublishAnswer {
        let (level, random) = (self.level, &mut self.random);
        let reason =
            |random: &mut Random| match random.below(10) {
                0 => vec![0x10],
                1 => vec![0x00],
                2 => [&[0x10][..], &packet::properties(5, &incoming::acknowledgement_properties(random))]
                    .concat(),
                3 => vec![random.pick(&[0x80, 0x83, 0x87, 0x97, 0x99])],
                4 => [&[0x87][..], &packet::properties(5, &incoming::acknowledgement_properties(random))]
                    .concat(),
                _ => Vec::new(),
            };
        let rest = if level == 5 { reason(random) } else { Vec::new() };
        match random.below(20) {
            0 => PublishAnswer::None,
            1 => PublishAnswer::Cut,
            3 if level == 5 => PublishAnswer::Normal { rest, complete: reason(random) },
            _ => PublishAnswer::Normal { rest, complete: Vec::new() },
        }
    }

    fn subscribe(&mut self) -> Step {
        let count = self.random.pick(&[1, 1, 1, 2, 3, 5]);
        let mut line = "subscribe".to_owned();
        let mut codes = Vec::new();
        for index in 0..count {
            let qos = self.random.below(3) as u8;
            write!(line, " {} {qos}", hex(format!("f{index}/#").as_bytes())).unwrap();
            codes.push(match self.random.below(12) {
                0 => 0x80,
                1 if self.level == 5 => self.random.pick(&[0x83, 0x87, 0x8F, 0x97]),
                2 => 0,
                _ => qos,
            });
        }
        Step::Subscribe { line, answer: self.with_properties(codes) }
    }

    fn unsubscribe(&mut self) -> Step {
        let count = self.random.pick(&[1, 1, 2, 3]);
        let mut line = "unsubscribe".to_owned();
        for index in 0..count {
            write!(line, " {}", hex(format!("f{index}/#").as_bytes())).unwrap();
        }
        if self.level != 5 {
            return Step::Unsubscribe { line, answer: Vec::new() };
        }
        let codes: Vec<u8> = (0..count).map(|_| self.random.pick(&[0, 0, 0, 0x11, 0x87])).collect();
        Step::Unsubscribe { line, answer: self.with_properties(codes) }
    }

    fn with_properties(&mut self, codes: Vec<u8>) -> Vec<u8> {
        if self.level != 5 {
            return codes;
        }
        let list = if self.random.chance(20) {
            incoming::acknowledgement_properties(&mut self.random)
        } else {
            Vec::new()
        };
        [packet::properties(5, &list), codes].concat()
    }
}
