//! MQTT packets as a broker of the tests writes and reads them; short, and no concern of speed.

use std::fmt;

pub(crate) const CONNECT: u8 = 1;
pub(crate) const CONNACK: u8 = 2;
pub(crate) const PUBLISH: u8 = 3;
pub(crate) const PUBACK: u8 = 4;
pub(crate) const PUBREC: u8 = 5;
pub(crate) const PUBREL: u8 = 6;
pub(crate) const PUBCOMP: u8 = 7;
pub(crate) const SUBSCRIBE: u8 = 8;
pub(crate) const SUBACK: u8 = 9;
pub(crate) const UNSUBSCRIBE: u8 = 10;
pub(crate) const UNSUBACK: u8 = 11;
pub(crate) const PINGREQ: u8 = 12;
pub(crate) const PINGRESP: u8 = 13;
pub(crate) const DISCONNECT: u8 = 14;
pub(crate) const AUTH: u8 = 15;

/// A packet as it came, with the protocol level of its connection.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Packet {
    pub(crate) level: u8,
    pub(crate) first: u8,
    pub(crate) body: Vec<u8>,
}

impl fmt::Debug for Packet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMES: [&str; 16] = [
            "type 0",
            "CONNECT",
            "CONNACK",
            "PUBLISH",
            "PUBACK",
            "PUBREC",
            "PUBREL",
            "PUBCOMP",
            "SUBSCRIBE",
            "SUBACK",
            "UNSUBSCRIBE",
            "UNSUBACK",
            "PINGREQ",
            "PINGRESP",
            "DISCONNECT",
            "AUTH",
        ];
        let shown = &self.body[..self.body.len().min(64)];
        write!(
            f,
            "{}[{:#04x}, {} bytes: {:02x?}]",
            NAMES[self.kind() as usize],
            self.first,
            self.body.len(),
            shown
        )
    }
}

/// What a PUBLISH says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Publish {
    pub(crate) dup: bool,
    pub(crate) qos: u8,
    pub(crate) retain: bool,
    pub(crate) topic: Vec<u8>,
    pub(crate) id: u16,
    pub(crate) properties: Vec<u8>,
    pub(crate) payload: Vec<u8>,
}

/// What a CONNECT says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Connect {
    pub(crate) name: Vec<u8>,
    pub(crate) level: u8,
    pub(crate) flags: u8,
    pub(crate) keep_alive: u16,
    pub(crate) properties: Vec<u8>,
    pub(crate) client_id: Vec<u8>,
    pub(crate) rest: Vec<u8>,
}

/// What a SUBSCRIBE or UNSUBSCRIBE says; an UNSUBSCRIBE has no option bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subscribe {
    pub(crate) id: u16,
    pub(crate) properties: Vec<u8>,
    pub(crate) filters: Vec<(Vec<u8>, u8)>,
}

impl Packet {
    pub(crate) fn kind(&self) -> u8 {
        self.first >> 4
    }

    pub(crate) fn flags(&self) -> u8 {
        self.first & 15
    }

    /// The packet identifier of an acknowledgement, SUBSCRIBE or UNSUBSCRIBE.
    pub(crate) fn id(&self) -> u16 {
        if self.kind() == PUBLISH {
            self.publish().id
        } else {
            u16::from_be_bytes([self.body[0], self.body[1]])
        }
    }

    pub(crate) fn publish(&self) -> Publish {
        assert_eq!(self.kind(), PUBLISH, "{self:?}");
        let mut rest = &self.body[..];
        let topic = take_string(&mut rest);
        let qos = (self.first >> 1) & 3;
        let id = if qos > 0 { take_u16(&mut rest) } else { 0 };
        let properties = if self.level == 5 { take_properties(&mut rest) } else { Vec::new() };
        let (dup, retain) = (self.first & 8 != 0, self.first & 1 != 0);
        Publish { dup, qos, retain, topic, id, properties, payload: rest.to_vec() }
    }

    pub(crate) fn connect(&self) -> Connect {
        assert_eq!(self.kind(), CONNECT, "{self:?}");
        let mut rest = &self.body[..];
        let name = take_string(&mut rest);
        let level = take(&mut rest, 1)[0];
        let flags = take(&mut rest, 1)[0];
        let keep_alive = take_u16(&mut rest);
        let properties = if level == 5 { take_properties(&mut rest) } else { Vec::new() };
        let client_id = take_string(&mut rest);
        Connect { name, level, flags, keep_alive, properties, client_id, rest: rest.to_vec() }
    }

    pub(crate) fn subscribe(&self) -> Subscribe {
        assert!(matches!(self.kind(), SUBSCRIBE | UNSUBSCRIBE), "{self:?}");
        let mut rest = &self.body[..];
        let id = take_u16(&mut rest);
        let properties = if self.level == 5 { take_properties(&mut rest) } else { Vec::new() };
        let mut filters = Vec::new();
        while !rest.is_empty() {
            let filter = take_string(&mut rest);
            let options = if self.kind() == SUBSCRIBE { take(&mut rest, 1)[0] } else { 0 };
            filters.push((filter, options));
        }
        Subscribe { id, properties, filters }
    }

    /// The reason of a DISCONNECT; 0 if it is not written.
    pub(crate) fn disconnect_reason(&self) -> u8 {
        assert_eq!(self.kind(), DISCONNECT, "{self:?}");
        self.body.first().copied().unwrap_or(0)
    }
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (taken, left) = rest.split_at(count);
    *rest = left;
    taken
}

fn take_u16(rest: &mut &[u8]) -> u16 {
    let bytes = take(rest, 2);
    u16::from_be_bytes([bytes[0], bytes[1]])
}

fn take_string(rest: &mut &[u8]) -> Vec<u8> {
    let length = take_u16(rest) as usize;
    take(rest, length).to_vec()
}

fn take_properties(rest: &mut &[u8]) -> Vec<u8> {
    let (length, width) = variable_integer(rest).expect("a complete property length");
    take(rest, width);
    take(rest, length).to_vec()
}

/// Value and width of the variable byte integer that `bytes` begins with; None: it goes on beyond them.
pub(crate) fn variable_integer(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0;
    for (index, byte) in bytes.iter().enumerate().take(4) {
        value |= usize::from(byte & 127) << (7 * index);
        if byte & 128 == 0 {
            return Some((value, index + 1));
        }
    }
    assert!(bytes.len() < 4, "a length of more than four bytes: {:02x?}", &bytes[..4]);
    None
}

/// A variable byte integer in its shortest form.
pub(crate) fn length(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (value & 127) as u8;
        value >>= 7;
        bytes.push(if value > 0 { low | 128 } else { low });
        if value == 0 {
            return bytes;
        }
    }
}

/// Any packet: first byte, remaining length, body.
pub(crate) fn packet(first: u8, body: &[u8]) -> Vec<u8> {
    [&[first][..], &length(body.len()), body].concat()
}

pub(crate) fn string(text: &[u8]) -> Vec<u8> {
    [&(text.len() as u16).to_be_bytes()[..], text].concat()
}

/// Properties with their length in front, for 5.0; nothing for the versions before it.
pub(crate) fn properties(level: u8, encoded: &[u8]) -> Vec<u8> {
    if level == 5 { [&length(encoded.len())[..], encoded].concat() } else { Vec::new() }
}

pub(crate) fn connack(level: u8, session_present: bool, code: u8, encoded: &[u8]) -> Vec<u8> {
    let body = [&[u8::from(session_present), code][..], &properties(level, encoded)].concat();
    packet(CONNACK << 4, &body)
}

pub(crate) fn acknowledgement(kind: u8, id: u16) -> Vec<u8> {
    packet(kind << 4 | if kind == PUBREL { 2 } else { 0 }, &id.to_be_bytes())
}

/// An acknowledgement of 5.0 with a reason.
pub(crate) fn acknowledgement_because(kind: u8, id: u16, reason: u8) -> Vec<u8> {
    let body = [&id.to_be_bytes()[..], &[reason]].concat();
    packet(kind << 4 | if kind == PUBREL { 2 } else { 0 }, &body)
}

pub(crate) fn suback(level: u8, id: u16, codes: &[u8]) -> Vec<u8> {
    packet(SUBACK << 4, &[&id.to_be_bytes()[..], &properties(level, &[]), codes].concat())
}

pub(crate) fn unsuback(level: u8, id: u16, codes: &[u8]) -> Vec<u8> {
    let codes = if level == 5 { codes } else { &[] };
    packet(UNSUBACK << 4, &[&id.to_be_bytes()[..], &properties(level, &[]), codes].concat())
}

pub(crate) fn pingresp() -> Vec<u8> {
    packet(PINGRESP << 4, &[])
}

impl Publish {
    pub(crate) fn new(topic: &str, qos: u8, id: u16, payload: &[u8]) -> Publish {
        let (topic, payload) = (topic.as_bytes().to_vec(), payload.to_vec());
        Publish { dup: false, qos, retain: false, topic, id, properties: Vec::new(), payload }
    }

    pub(crate) fn again(mut self) -> Publish {
        self.dup = true;
        self
    }

    pub(crate) fn encode(&self, level: u8) -> Vec<u8> {
        let first = PUBLISH << 4 | u8::from(self.dup) << 3 | self.qos << 1 | u8::from(self.retain);
        let id = if self.qos > 0 { self.id.to_be_bytes().to_vec() } else { Vec::new() };
        let properties = properties(level, &self.properties);
        packet(first, &[&string(&self.topic)[..], &id, &properties, &self.payload].concat())
    }
}
