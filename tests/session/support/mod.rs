//! Tools of the session tests: a session in simulated time, its output taken apart into packets.

#![allow(dead_code, reason = "each test program uses its own part")]

pub(crate) mod broker;
pub(crate) mod requests;

use paho_c_rs::protocol::{
    Acknowledgement, AcknowledgementType, ConnAck, Decoded, Framing, Packet, PacketId, PacketType,
    Properties, Property, PropertyId, PropertyValue, PropertyView, Publish, QoS, ReasonCode, Version,
    split_frame,
};
use paho_c_rs::session::{
    ConnectOptions, Event, Failure, Moment, OutgoingPublish, RequestError, Sent, Session,
};

pub(crate) const ALL_VERSIONS: [Version; 3] = [Version::V31, Version::V311, Version::V5];

/// An event that owns its contents.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Seen {
    Connected { session_present: bool },
    Authenticate { reason: u8 },
    Refused { code: u8 },
    Message { topic: Vec<u8>, payload: Vec<u8>, qos: QoS, dup: bool, released: bool },
    Acknowledged { id: u16, by: AcknowledgementType, reason: u8 },
    Subscribed { id: u16, codes: Vec<u8> },
    Unsubscribed { id: u16, codes: Vec<u8> },
    ServerDisconnected { reason: u8 },
    RefusedByDisconnect { reason: u8 },
    Unusable { cause: &'static str },
}

fn message(publish: Publish<'_>, released: bool) -> Seen {
    let Publish { topic, payload, qos, dup, .. } = publish;
    Seen::Message { topic: topic.to_vec(), payload: payload.to_vec(), qos, dup, released }
}

impl From<Event<'_>> for Seen {
    fn from(event: Event<'_>) -> Seen {
        match event {
            Event::Connected { session_present, .. } => Seen::Connected { session_present },
            Event::Refused { code, .. } => Seen::Refused { code },
            Event::Message(publish) => message(publish, false),
            Event::Released(received) => message(received.publish(), true),
            Event::Acknowledged { id, packet_type, reason, .. } => {
                Seen::Acknowledged { id: id.get(), by: packet_type, reason: reason.0 }
            }
            Event::Subscribed { id, codes, .. } => Seen::Subscribed { id: id.get(), codes: codes.to_vec() },
            Event::Unsubscribed { id, codes, .. } => {
                Seen::Unsubscribed { id: id.get(), codes: codes.to_vec() }
            }
            Event::ServerDisconnected { reason, .. } => Seen::ServerDisconnected { reason: reason.0 },
            Event::RefusedByDisconnect { reason, .. } => Seen::RefusedByDisconnect { reason: reason.0 },
            Event::Authenticate { reason, .. } => Seen::Authenticate { reason: reason.0 },
            Event::Unusable { cause } => Seen::Unusable { cause },
        }
    }
}

pub(crate) fn options(version: Version) -> ConnectOptions<'static> {
    ConnectOptions {
        version,
        clean: false,
        keep_alive: 60,
        will: None,
        user_name: None,
        password: None,
        properties: PropertyView::empty(),
        maximum_in_flight: 65_535,
        retry_interval: 0,
        resume_without_session_present: true,
        keep_expired_session: true,
        prompt_loss: false,
    }
}

pub(crate) fn id(number: u16) -> PacketId {
    PacketId::new(number).unwrap()
}

pub(crate) fn properties(list: &[(PropertyId, PropertyValue<'_>)]) -> Properties {
    let mut properties = Properties::new();
    for (id, value) in list {
        properties.push(&Property { id: *id, value: *value }).unwrap();
    }
    properties
}

/// A session and the time around it.
pub(crate) struct Client {
    pub(crate) session: Session<usize>,
    pub(crate) now: Moment,
}

impl Client {
    pub(crate) fn new() -> Client {
        Client { session: Session::new(b"client", false), now: Moment(1_000_000) }
    }

    /// A client that wants its messages stored.
    pub(crate) fn storing() -> Client {
        Client { session: Session::new(b"client", true), now: Moment(1_000_000) }
    }

    /// Connected without session at the server and without limits.
    pub(crate) fn connected(version: Version) -> Client {
        let mut client = Client::new();
        client.connect(&options(version), false, &[]);
        client
    }

    /// The same for a strict client.
    pub(crate) fn strict(version: Version) -> Client {
        let mut client = Client::new();
        client.session.set_strict(true);
        client.connect(&options(version), false, &[]);
        client
    }

    /// Connects; gives the bytes that go out at once after CONNACK.
    pub(crate) fn connect(
        &mut self,
        options: &ConnectOptions<'_>,
        session_present: bool,
        limits: &[(PropertyId, PropertyValue<'_>)],
    ) -> Vec<u8> {
        self.begin_connect(options);
        let seen = self.receive(&connack(options.version, session_present, 0, limits));
        assert_eq!(seen, Ok(Some(Seen::Connected { session_present })));
        self.written()
    }

    /// Up to the CONNECT, which it gives.
    pub(crate) fn begin_connect(&mut self, options: &ConnectOptions<'_>) -> Vec<u8> {
        self.session.connect(self.now, options).unwrap();
        self.written()
    }

    /// All that is queued, written at once.
    pub(crate) fn written(&mut self) -> Vec<u8> {
        let mut all = Vec::new();
        loop {
            let taken = self.session.outgoing().take();
            if taken.is_empty() {
                return all;
            }
            all.extend(taken.chunks().flatten());
            let count = taken.len();
            self.session.outgoing().recycle(taken);
            self.session.bytes_written(self.now, count);
        }
    }

    /// One packet from the server.
    pub(crate) fn receive(&mut self, packet: &[u8]) -> Result<Option<Seen>, Failure> {
        let limit = self.session.maximum_incoming();
        let frame = match split_frame(packet, limit) {
            Ok(Framing::Complete(frame)) => frame,
            Ok(Framing::Incomplete { .. }) => panic!("a test packet is incomplete: {packet:02x?}"),
            Err(error) => return Err(self.session.reject(error)),
        };
        assert_eq!(frame.length, packet.len(), "more than one packet");
        self.session.receive(self.now, frame).map(|event| event.map(Seen::from))
    }

    /// The same, and what goes out in answer.
    pub(crate) fn answer_to(&mut self, packet: &[u8]) -> Vec<u8> {
        self.receive(packet).unwrap();
        self.written()
    }

    pub(crate) fn publish(&mut self, qos: QoS, payload: &[u8]) -> Result<Sent, RequestError> {
        let properties = PropertyView::empty();
        let publish = OutgoingPublish { topic: b"t", payload, qos, retain: false, properties };
        self.session.publish(self.now, &publish)
    }

    pub(crate) fn publish_id(&mut self, qos: QoS, payload: &[u8]) -> u16 {
        self.publish(qos, payload).unwrap().id.unwrap().get()
    }

    pub(crate) fn pending(&self) -> Vec<u16> {
        self.session.pending().map(PacketId::get).collect()
    }

    pub(crate) fn pass(&mut self, millis: u64) {
        self.now = self.now.plus_millis(millis);
    }
}

pub(crate) fn encoded(packet: Packet<'_>, version: Version) -> Vec<u8> {
    let mut bytes = Vec::new();
    packet.encode(version, &mut bytes).unwrap();
    bytes
}

pub(crate) fn connack(
    version: Version,
    session_present: bool,
    code: u8,
    limits: &[(PropertyId, PropertyValue<'_>)],
) -> Vec<u8> {
    let properties = properties(limits);
    encoded(Packet::ConnAck(ConnAck { session_present, code, properties: properties.view() }), version)
}

pub(crate) fn acknowledgement(
    kind: AcknowledgementType,
    number: u16,
    reason: u8,
    version: Version,
) -> Vec<u8> {
    let properties = PropertyView::empty();
    let reason = ReasonCode(reason);
    let acknowledgement = Acknowledgement { kind, packet_id: id(number), reason, properties };
    encoded(Packet::Acknowledgement(acknowledgement), version)
}

pub(crate) fn puback(number: u16) -> Vec<u8> {
    acknowledgement(AcknowledgementType::PubAck, number, 0, Version::V311)
}

pub(crate) fn pubrec(number: u16) -> Vec<u8> {
    acknowledgement(AcknowledgementType::PubRec, number, 0, Version::V311)
}

pub(crate) fn pubrel(number: u16) -> Vec<u8> {
    acknowledgement(AcknowledgementType::PubRel, number, 0, Version::V311)
}

pub(crate) fn pubcomp(number: u16) -> Vec<u8> {
    acknowledgement(AcknowledgementType::PubComp, number, 0, Version::V311)
}

pub(crate) fn message_from_server(
    version: Version,
    qos: QoS,
    number: u16,
    payload: &[u8],
    dup: bool,
) -> Vec<u8> {
    let packet_id = PacketId::new(number).filter(|_| qos != QoS::AtMostOnce);
    let properties = PropertyView::empty();
    let publish = Publish { dup, qos, retain: false, topic: b"t", packet_id, properties, payload };
    encoded(Packet::Publish(publish), version)
}

/// The packets in a stream of whole packets.
pub(crate) fn packets(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut packets = Vec::new();
    while !bytes.is_empty() {
        let Ok(Framing::Complete(frame)) = split_frame(bytes, 0) else { panic!("not whole: {bytes:02x?}") };
        let (packet, rest) = bytes.split_at(frame.length);
        packets.push(packet);
        bytes = rest;
    }
    packets
}

/// Each packet in a few letters: `PUBLISH 1 dup`, `PUBREL 2`, `PINGREQ`.
pub(crate) fn summary(bytes: &[u8], version: Version) -> Vec<String> {
    let one = |packet: &&[u8]| {
        let Ok(Framing::Complete(frame)) = split_frame(packet, 0) else { panic!("not whole") };
        let decoded = Packet::decode(frame, version).and_then(Decoded::strictly).unwrap();
        let name = PacketType::of(frame.first_byte).unwrap().name();
        match decoded {
            Packet::Publish(Publish { packet_id, dup, .. }) => {
                let dup = if dup { " dup" } else { "" };
                format!("{name} {}{dup}", packet_id.map_or(0, PacketId::get))
            }
            Packet::Acknowledgement(Acknowledgement { packet_id, reason, .. }) if reason.0 != 0 => {
                format!("{name} {packet_id} reason {:#04x}", reason.0)
            }
            Packet::Acknowledgement(acknowledgement) => format!("{name} {}", acknowledgement.packet_id),
            Packet::Subscribe(subscribe) => format!("{name} {}", subscribe.packet_id),
            Packet::Unsubscribe(unsubscribe) => format!("{name} {}", unsubscribe.packet_id),
            Packet::Disconnect(disconnect) => format!("{name} {:#04x}", disconnect.reason.0),
            _ => name.to_owned(),
        }
    };
    packets(bytes).iter().map(one).collect()
}

/// A small random number generator: the same numbers for the same seed.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// Below `limit`.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit.max(1)
    }

    pub(crate) fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }
}
