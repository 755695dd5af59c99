//! Random valid calls, as lines for the driver.

use crate::case::{Mode, Subject, hex};
use crate::random::Random;
use std::fmt::Write;

pub(crate) struct Calls {
    pub(crate) mode: Mode,
    pub(crate) level: u8,
    pub(crate) subject: Subject,
    /// The last connect asked for automatic reconnect.
    pub(crate) automatic: bool,
    /// Few messages may be in flight.
    pub(crate) narrow: bool,
}

const TOPICS: [&str; 6] = ["a/b", "a/c/d", "sensors/kitchen/temperature", "x", "a/\u{e4}", "/"];

/// A property as the driver reads it.
fn property(identifier: u8, random: &mut Random) -> String {
    let string = |random: &mut Random| hex(&vec![b's'; random.below(30)]);
    let value = match identifier {
        0x01 | 0x17 | 0x19 => random.below(2).to_string(),
        // Larger than all messages here: the original does not enforce its own limit.
        0x27 => (100_000 + random.below(100_000)).to_string(),
        0x02 | 0x11 | 0x18 => (1 + random.below(100_000)).to_string(),
        0x21 | 0x22 => (1 + random.below(300)).to_string(),
        0x0B => random.pick(&[1, 127, 128, 20_000, 268_435_455]).to_string(),
        0x26 => format!("{}/{}", string(random), string(random)),
        _ => string(random),
    };
    format!("{identifier}:{value}")
}

/// Some of these, as an argument with a blank in front.
fn properties(argument: &str, usual: &[u8], random: &mut Random) -> String {
    let mut list = Vec::new();
    for &identifier in usual {
        if random.chance(25) {
            list.push(property(identifier, random));
        }
    }
    for _ in 0..random.pick(&[0, 0, 0, 1, 2]) {
        list.push(property(0x26, random));
    }
    if list.is_empty() { String::new() } else { format!(" {argument}={}", list.join(",")) }
}

impl Calls {
    /// The arguments of create beyond those that every case has.
    pub(crate) fn create(&mut self, random: &mut Random) -> String {
        let mut line = String::new();
        if self.mode == Mode::Asynchronous && self.subject == Subject::Calls {
            for option in ["offline", "anytime", "delete", "volatile0"] {
                if random.chance(30) {
                    write!(line, " {option}=1").unwrap();
                }
            }
            if random.chance(30) {
                write!(line, " buffered={}", 1 + random.below(4)).unwrap();
            }
        }
        line
    }

    pub(crate) fn connect(&mut self, clean: bool, random: &mut Random) -> String {
        let mut line =
            format!("connect clean={} keep={}", u8::from(clean), random.pick(&[0, 20, 60, 65_535]));
        if random.chance(20) {
            let (qos, retained) = (random.below(3), random.below(2));
            write!(line, " will={} willqos={qos} willretained={retained}", hex(b"wills/a")).unwrap();
            line += random.pick(&["", " willbinary=1"]);
            if self.level == 5 {
                line += &properties("willproperties", &[0x01, 0x02, 0x03, 0x08, 0x09, 0x18], random);
            }
        }
        if self.mode != Mode::Asynchronous && self.level == 4 && random.chance(10) {
            line += " anyversion=1";
        }
        if random.chance(20) {
            write!(line, " credentials={}", 1 + random.below(4)).unwrap();
        }
        self.narrow = random.chance(10);
        if self.narrow {
            write!(line, " inflight={}", 1 + random.below(3)).unwrap();
        } else if random.chance(10) {
            line += " inflight=20";
        }
        self.automatic = self.mode == Mode::Asynchronous && random.chance(5);
        if self.automatic {
            line += " automatic=1";
        } else if self.mode != Mode::Asynchronous && random.chance(5) {
            line += " second=1";
        }
        if self.level == 5 {
            // Always with a session expiry interval: without one the original sends again what the session has lost.
            write!(line, " properties=17:1000").unwrap();
            for identifier in [0x21, 0x22, 0x27, 0x17, 0x19, 0x26] {
                if random.chance(12) {
                    write!(line, ",{}", property(identifier, random)).unwrap();
                }
            }
        }
        line
    }

    pub(crate) fn publish(&mut self, random: &mut Random) -> String {
        let length = random.pick(&[0, 1, 10, 200, 3000]);
        let payload: Vec<u8> = (0..length).map(|index| (index * 7 + 1) as u8).collect();
        let mut line = format!(
            "publish topic={} qos={} retained={} payload={}",
            hex(random.pick(&TOPICS).as_bytes()),
            random.below(3),
            u8::from(random.chance(20)),
            hex(&payload)
        );
        line += random.pick(&["", " whole=1"]);
        if random.chance(10) {
            line += " quiet=1";
        }
        if self.level == 5 && random.chance(40) {
            line += &properties("properties", &[0x01, 0x02, 0x03, 0x08, 0x09], random);
        }
        line
    }

    /// The line, and the QoS of each filter.
    pub(crate) fn subscribe(&mut self, random: &mut Random) -> (String, Vec<u8>) {
        let mut line = "subscribe".to_owned();
        let mut wanted = Vec::new();
        for index in 0..random.pick(&[1, 1, 1, 2, 3, 5]) {
            let qos = random.below(3) as u8;
            write!(line, " filter{index}={} qos{index}={qos}", hex(format!("f{index}/#").as_bytes()))
                .unwrap();
            if self.level == 5 && random.chance(30) {
                write!(line, " options{index}={}", random.below(12)).unwrap();
            }
            wanted.push(qos);
        }
        line += random.pick(&["", " many=1"]);
        if self.level == 5 && random.chance(30) {
            line += &properties("properties", &[0x0B], random);
        }
        (line, wanted)
    }

    /// The line, and the number of filters.
    pub(crate) fn unsubscribe(&mut self, random: &mut Random) -> (String, usize) {
        let count = random.pick(&[1, 1, 2, 3]);
        let mut line = "unsubscribe".to_owned();
        for index in 0..count {
            write!(line, " filter{index}={}", hex(format!("f{index}/#").as_bytes())).unwrap();
        }
        line += random.pick(&["", " many=1"]);
        if self.level == 5 && random.chance(30) {
            line += &properties("properties", &[], random);
        }
        (line, count)
    }

    pub(crate) fn disconnect(&mut self, random: &mut Random) -> String {
        let mut line = format!("disconnect time={}", random.pick(&[0, 0, 0, 50]));
        if self.level == 5 && random.chance(40) {
            write!(line, " reason={}", random.pick(&[0, 4, 0x81])).unwrap();
            line += &properties("properties", &[0x11, 0x1F], random);
        }
        line
    }

    /// A call that asks for the state of the client.
    pub(crate) fn question(&mut self, random: &mut Random) -> String {
        match random.below(6) {
            0 | 1 => "pending".to_owned(),
            2 => "connected".to_owned(),
            3 if self.mode == Mode::Receive && random.chance(20) => "yield".to_owned(),
            3 if self.mode == Mode::Asynchronous => format!("complete token={}", random.below(6)),
            4 => format!("wait token={} time={}", random.below(6), random.pick(&[0, 150])),
            _ => "pending".to_owned(),
        }
    }
}
