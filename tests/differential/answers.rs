//! Random answers of the server to requests: with reasons, properties and failures; `odd` ones come more often when it is
//! the server that a case is about.

use crate::case::{ConnectAnswer, PublishAnswer};
use crate::incoming::{self, Incoming};
use crate::random::Random;
use crate::support::packet;

pub(crate) struct Answers {
    pub(crate) level: u8,
}

impl Answers {
    pub(crate) fn connect(&self, odd: bool, may_be_present: bool, random: &mut Random) -> ConnectAnswer {
        if !random.chance(if odd { 20 } else { 5 }) {
            return ConnectAnswer::Accept(self.acceptance(may_be_present, random));
        }
        let level = self.level;
        match random.below(6) {
            0 => ConnectAnswer::Refuse(Vec::new()),
            // Accepts, and ends the connection: it depends on the time whether a queued message is sent.
            1 if odd => ConnectAnswer::Refuse(packet::packet(0x20, &[0xFE | u8::from(may_be_present), 0])),
            2 if level == 5 => {
                ConnectAnswer::Refuse(packet::packet(0xE0, &[random.pick(&[0x87, 0x97, 0x8B])]))
            }
            _ if level == 5 => {
                let codes = [
                    0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8C, 0x90, 0x95, 0x97,
                    0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9F,
                ];
                let list = if random.chance(40) { incoming::connack_properties(random) } else { Vec::new() };
                ConnectAnswer::Refuse(packet::connack(level, false, random.pick(&codes), &list))
            }
            _ => ConnectAnswer::Refuse(packet::connack(level, false, 1 + random.below(6) as u8, &[])),
        }
    }

    fn acceptance(&self, may_be_present: bool, random: &mut Random) -> Vec<u8> {
        let list = if self.level == 5 && random.chance(40) {
            incoming::connack_properties(random)
        } else {
            Vec::new()
        };
        let mut bytes = packet::connack(self.level, may_be_present, 0, &list);
        if may_be_present && random.chance(20) {
            // Messages of the session, right after it.
            let incoming = Incoming { level: self.level, receive: false };
            bytes.extend(incoming.messages(random).concat());
        }
        bytes
    }

    pub(crate) fn publish(&self, odd: bool, random: &mut Random) -> PublishAnswer {
        match random.below(if odd { 10 } else { 30 }) {
            0 | 1 => PublishAnswer::Late,
            2 => PublishAnswer::Cut,
            _ if self.level != 5 => PublishAnswer::usual(),
            _ => {
                let rest = self.reason(random);
                let complete = if random.chance(20) { self.reason(random) } else { Vec::new() };
                PublishAnswer::Flow { rest, complete }
            }
        }
    }

    /// What follows the packet identifier of an acknowledgement of MQTT 5.
    fn reason(&self, random: &mut Random) -> Vec<u8> {
        let errors = [0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99];
        match random.below(10) {
            0 => vec![0x10],
            1 => vec![0x00],
            2 => vec![random.pick(&errors)],
            3 => {
                let error = random.pick(&errors);
                let reason = random.pick(&[0x00, 0x10, 0x10, error]);
                [&[reason][..], &packet::properties(5, &incoming::acknowledgement_properties(random))]
                    .concat()
            }
            _ => Vec::new(),
        }
    }

    pub(crate) fn subscribe(&self, odd: bool, wanted: &[u8], random: &mut Random) -> Option<Vec<u8>> {
        if !random.chance(if odd { 60 } else { 20 }) {
            return None;
        }
        let errors = [0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2];
        let code = |&qos: &u8| match random.below(8) {
            0 => 0x80,
            1 => random.pick(&errors),
            2 => random.below(3) as u8,
            _ => qos,
        };
        let codes = wanted.iter().map(code).collect();
        Some(self.with_properties(codes, random))
    }

    pub(crate) fn unsubscribe(&self, odd: bool, count: usize, random: &mut Random) -> Option<Vec<u8>> {
        if self.level != 5 || !random.chance(if odd { 60 } else { 20 }) {
            return None;
        }
        let codes = (0..count).map(|_| random.pick(&[0, 0, 0, 0x11, 0x80, 0x83, 0x87, 0x8F, 0x91])).collect();
        Some(self.with_properties(codes, random))
    }

    fn with_properties(&self, codes: Vec<u8>, random: &mut Random) -> Vec<u8> {
        if self.level != 5 {
            return codes;
        }
        let list = if random.chance(30) { incoming::acknowledgement_properties(random) } else { Vec::new() };
        [packet::properties(5, &list), codes].concat()
    }
}
