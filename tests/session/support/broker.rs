//! A model of a server: one session that survives its connections.

use std::collections::{BTreeMap, VecDeque};

use paho_c_rs::protocol::AcknowledgementType::{PubAck, PubComp, PubRec, PubRel};
use paho_c_rs::protocol::{
    Acknowledgement, AcknowledgementType, Decoded, Frame, Packet, PropertyId, PropertyValue, PropertyView,
    Publish, QoS, SubAck, UnsubAck, Version,
};

use super::{acknowledgement, connack, message_from_server};

/// A message to the client that is not complete.
#[derive(Debug)]
struct Unfinished {
    id: u16,
    qos: QoS,
    payload: Vec<u8>,
    /// PUBREC came.
    released: bool,
}

/// The server's side of one client.
#[derive(Debug)]
pub(crate) struct Broker {
    version: Version,
    pub(crate) has_session: bool,
    pub(crate) connected: bool,
    /// The session begins and ends with the connection.
    clean: bool,
    /// Payloads taken from the client, in order.
    pub(crate) arrived: Vec<(QoS, Vec<u8>)>,
    /// Ids of QoS 2 messages taken and not released.
    taken: BTreeMap<u16, ()>,
    unfinished: Vec<Unfinished>,
    last_id: u16,
    /// QoS 1 and 2 messages of this connection without final acknowledgement, and their limit.
    open: BTreeMap<u16, ()>,
    pub(crate) receive_maximum: u16,
    /// Acknowledgements held back.
    held: VecDeque<Vec<u8>>,
    pub(crate) holds_back: bool,
    /// Bytes to the client.
    pub(crate) output: Vec<u8>,
}

impl Broker {
    pub(crate) fn new(version: Version) -> Broker {
        Broker {
            version,
            has_session: false,
            connected: false,
            clean: false,
            arrived: Vec::new(),
            taken: BTreeMap::new(),
            unfinished: Vec::new(),
            last_id: 0,
            open: BTreeMap::new(),
            receive_maximum: u16::MAX,
            held: VecDeque::new(),
            holds_back: false,
            output: Vec::new(),
        }
    }

    /// The byte stream is gone.
    pub(crate) fn cut(&mut self) {
        self.connected = false;
        self.end_clean_session();
        self.output.clear();
        self.held.clear();
        self.open.clear();
    }

    fn end_clean_session(&mut self) {
        if self.clean {
            self.has_session = false;
            self.taken.clear();
            self.unfinished.clear();
        }
    }

    pub(crate) fn has_unfinished(&self) -> bool {
        !self.unfinished.is_empty()
    }

    /// Sends a message to the client; QoS 1 and 2 at most 100 at a time.
    pub(crate) fn send(&mut self, qos: QoS, payload: &[u8]) -> bool {
        if !self.connected || self.unfinished.len() >= 100 {
            return false;
        }
        let mut id = 0;
        if qos != QoS::AtMostOnce {
            while id == 0 || self.unfinished.iter().any(|message| message.id == id) {
                self.last_id = self.last_id % 120 + 1;
                id = self.last_id;
            }
            self.unfinished.push(Unfinished { id, qos, payload: payload.to_vec(), released: false });
        }
        self.output.extend(message_from_server(self.version, qos, id, payload, false));
        true
    }

    /// One packet of the client.
    pub(crate) fn receive(&mut self, frame: Frame<'_>) {
        match Packet::decode(frame, self.version).and_then(Decoded::strictly).unwrap() {
            Packet::Connect(connect) => self.accept(connect.clean),
            Packet::Publish(publish) => self.take(publish),
            Packet::Acknowledgement(acknowledgement) => self.go_on(acknowledgement),
            Packet::Subscribe(subscribe) => {
                let codes = vec![0; subscribe.filters.count()];
                let (packet_id, properties) = (subscribe.packet_id, PropertyView::empty());
                let suback = Packet::SubAck(SubAck { packet_id, properties, codes: &codes });
                self.output.extend(super::encoded(suback, self.version));
            }
            Packet::Unsubscribe(unsubscribe) => {
                let codes = vec![0; unsubscribe.filters.count()];
                let codes = if self.version == Version::V5 { &codes[..] } else { &[] };
                let (packet_id, properties) = (unsubscribe.packet_id, PropertyView::empty());
                let unsuback = Packet::UnsubAck(UnsubAck { packet_id, properties, codes });
                self.output.extend(super::encoded(unsuback, self.version));
            }
            Packet::Disconnect(_) => self.cut(),
            Packet::PingReq => self.output.extend([0xD0, 0]),
            other => panic!("not expected by the server: {other:?}"),
        }
    }

    /// What was held back goes out.
    pub(crate) fn release_held(&mut self) {
        for packet in std::mem::take(&mut self.held) {
            self.output.extend(packet);
        }
    }

    fn accept(&mut self, clean: bool) {
        self.connected = true;
        self.clean = clean;
        self.end_clean_session();
        let limits = [(PropertyId::ReceiveMaximum, PropertyValue::TwoByteInteger(self.receive_maximum))];
        let limits = if self.version == Version::V5 { &limits[..] } else { &[] };
        self.output.extend(connack(self.version, self.has_session, 0, limits));
        self.has_session = true;
        for message in &self.unfinished {
            self.output.extend(if message.released {
                acknowledgement(PubRel, message.id, 0, self.version)
            } else {
                message_from_server(self.version, message.qos, message.id, &message.payload, true)
            });
        }
    }

    fn take(&mut self, publish: Publish<'_>) {
        let id = publish.packet_id.map_or(0, |id| id.get());
        if id != 0 {
            self.open.insert(id, ());
            assert!(self.open.len() <= usize::from(self.receive_maximum), "more than the Receive Maximum");
        }
        let new = publish.qos != QoS::ExactlyOnce || self.taken.insert(id, ()).is_none();
        assert!(publish.dup || new, "a new message under an id in use");
        if new {
            self.arrived.push((publish.qos, publish.payload.to_vec()));
        }
        match publish.qos {
            QoS::AtMostOnce => {}
            QoS::AtLeastOnce => {
                self.open.remove(&id);
                self.answer(PubAck, id);
            }
            QoS::ExactlyOnce => self.answer(PubRec, id),
        }
    }

    fn go_on(&mut self, acknowledgement: Acknowledgement<'_>) {
        let id = acknowledgement.packet_id.get();
        assert!(!acknowledgement.reason.is_error(), "{acknowledgement:?}");
        match acknowledgement.kind {
            PubRel => {
                self.taken.remove(&id);
                self.open.remove(&id);
                self.answer(PubComp, id);
            }
            PubRec => {
                let message = self.unfinished.iter_mut().find(|message| message.id == id);
                message.expect("PUBREC for a message in flight").released = true;
                self.output.extend(super::pubrel(id));
            }
            PubAck | PubComp => self.unfinished.retain(|message| message.id != id),
        }
    }

    fn answer(&mut self, kind: AcknowledgementType, id: u16) {
        let packet = acknowledgement(kind, id, 0, self.version);
        if self.holds_back || !self.held.is_empty() {
            self.held.push_back(packet);
        } else {
            self.output.extend(packet);
        }
    }
}
