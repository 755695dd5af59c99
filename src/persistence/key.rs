//! The names of records.

use std::fmt;

/// What a record is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// A PUBLISH of QoS 1 or 2 that was sent and is not complete; numbered by packet identifier.
    Sent,
    /// The PUBREL that was sent for it; numbered alike.
    Release,
    /// A PUBLISH of QoS 2 that was received and is not released; numbered by packet identifier.
    Received,
    /// A received message that the application has not got yet; numbered in order.
    Queued,
    /// A request of the application that was not sent yet; numbered in order.
    Command,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 5] = [Kind::Sent, Kind::Release, Kind::Received, Kind::Queued, Kind::Command];

    fn stem(self) -> &'static str {
        match self {
            Kind::Sent => "s",
            Kind::Release => "sc",
            Kind::Received => "r",
            Kind::Queued => "q",
            Kind::Command => "c",
        }
    }

    /// The record belongs to a message in flight.
    pub fn is_in_flight(self) -> bool {
        matches!(self, Kind::Sent | Kind::Release | Kind::Received)
    }

    fn allows(self, number: u32) -> bool {
        match self {
            Kind::Sent | Kind::Release => (1..=65_535).contains(&number),
            // Servers exist that send 0.
            Kind::Received => number <= 65_535,
            Kind::Queued | Kind::Command => number < super::SEQUENCE_NUMBERS,
        }
    }
}

/// The name of a record: a stem for its kind, `5` if it was written by a client of MQTT 5, and a number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Key {
    /// What the record is about.
    pub kind: Kind,
    /// Written by a client of MQTT 5.
    pub version_5: bool,
    /// Packet identifier (1 to 65535; of a received message also 0) or number in order (0 to 999999).
    pub number: u32,
}

impl Key {
    /// The longest name.
    pub const LONGEST: usize = 10;

    /// A key of this kind.
    pub const fn new(kind: Kind, version_5: bool, number: u32) -> Key {
        Key { kind, version_5, number }
    }

    /// The key with this name; `None` for any other text.
    pub fn parse(name: &str) -> Option<Key> {
        let (stem, digits) = name.split_once('-')?;
        let (stem, version_5) = match stem.strip_suffix('5') {
            Some(stem) => (stem, true),
            None => (stem, false),
        };
        let kind = Kind::ALL.into_iter().find(|kind| kind.stem() == stem)?;
        let number = decimal(digits).filter(|number| kind.allows(*number))?;
        Some(Key { kind, version_5, number })
    }

    /// The key of the same record as a client of the other version would write it.
    pub fn of_other_version(self) -> Key {
        Key { version_5: !self.version_5, ..self }
    }
}

/// A number as the library writes it: without sign and leading zeros.
pub(super) fn decimal(digits: &str) -> Option<u32> {
    let plain =
        digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    if plain { digits.parse().ok() } else { None }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = if self.version_5 { "5" } else { "" };
        write!(f, "{}{version}-{}", self.kind.stem(), self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_original() {
        let names = [
            (Key::new(Kind::Sent, false, 1), "s-1"),
            (Key::new(Kind::Sent, true, 65_535), "s5-65535"),
            (Key::new(Kind::Release, false, 7), "sc-7"),
            (Key::new(Kind::Release, true, 65_535), "sc5-65535"),
            (Key::new(Kind::Received, false, 10), "r-10"),
            (Key::new(Kind::Received, true, 10), "r5-10"),
            (Key::new(Kind::Queued, false, 0), "q-0"),
            (Key::new(Kind::Queued, true, 999_999), "q5-999999"),
            (Key::new(Kind::Command, false, 3), "c-3"),
            (Key::new(Kind::Command, true, 999_999), "c5-999999"),
        ];
        for (key, name) in names {
            assert_eq!(key.to_string(), name);
            assert_eq!(Key::parse(name), Some(key));
            assert_eq!(key.of_other_version().of_other_version(), key);
            assert!(name.len() <= Key::LONGEST);
        }
    }

    #[test]
    fn nothing_else_is_a_name() {
        let others = [
            "",
            "s",
            "s-",
            "-1",
            "s1",
            "S-1",
            "s-0",
            "s-65536",
            "s--1",
            "s-+1",
            "s-01",
            "s-1x",
            "s-1.msg",
            " s-1",
            "s-1 ",
            "q-1000000",
            "c-00",
            "x-1",
            "5-1",
            "s55-1",
            "tmp-1",
            "sc-",
            "s-99999999999",
            "s-１",
        ];
        for name in others {
            assert_eq!(Key::parse(name), None, "{name:?}");
        }
    }
}
