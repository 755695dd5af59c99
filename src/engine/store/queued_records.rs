//! Received messages in the store, from the moment when they are queued until the application has them.

use crate::engine::inbox::message::{Message, QueuePlace};
use crate::engine::requester::Session;
use crate::engine::store::records::Records;
use crate::persistence::{Fetched, Key, Kind, QueueRecord};
use crate::protocol::{PacketId, PropertyView, Publish, QoS, Version};

impl Records {
    /// Keeps a received message, if it is one to be kept. Where it is.
    #[inline(never)]
    pub(super) fn keep(&mut self, message: &Message, version: Version) -> QueuePlace {
        if message.qos == QoS::AtMostOnce && self.has_requests {
            return QueuePlace::NONE;
        }
        self.put_queued(message, version).map_or(QueuePlace::NONE, QueuePlace::of)
    }

    /// The application has the message that was kept there.
    #[inline(never)]
    pub(super) fn handed_over(&mut self, session: &Session, place: QueuePlace) {
        let Some(key) = place.key() else { return };
        let arrival = self.interrupted_arrivals.remove(&key);
        if let Some(id) = arrival.filter(|&id| session.awaits_repetition(id)) {
            self.complete_arrival(key, id);
        }
        self.remove(key);
        self.queue.release(key.number);
    }

    /// Keeps a received message until the application has it.
    fn put_queued(&mut self, message: &Message, version: Version) -> Option<Key> {
        let key = Key::new(Kind::Queued, version == Version::V5, self.queue.take()?);
        let properties = message.properties();
        let record = QueueRecord {
            topic: message.topic(),
            payload: message.payload(),
            qos: message.qos.bits(),
            retained: message.retain,
            dup: message.dup,
            packet_id: message.packet_id,
            properties: key.version_5.then_some(properties.encoded()),
        };
        let put = record.write(|pieces| self.store.put(key, pieces));
        if put.is_some_and(|put| self.report(put, "a received message cannot be stored")) {
            self.note_queued(message, key);
            return Some(key);
        }
        self.queue.release(key.number);
        None
    }

    /// The message is kept under this key, and its delivery may not be complete.
    pub(super) fn note_queued(&mut self, message: &Message, key: Key) {
        if message.qos == QoS::ExactlyOnce {
            self.open_deliveries.insert(message.packet_id, key);
        }
    }

    /// The server has released the message with this identifier. Before version 5 it is queued just then, and is taken
    /// for the next one only if that comes while it still waits.
    pub(super) fn note_end_of_delivery(&mut self, id: PacketId) {
        if self.open_deliveries.get(&id.get()).is_some_and(|key| key.version_5) {
            self.complete_delivery(id);
        }
    }

    /// A message with this identifier is about to be put in flight. In version 5 it is the one that was queued last.
    pub(super) fn note_next_delivery(&mut self, id: PacketId, version: Version) {
        if version != Version::V5 {
            self.complete_delivery(id);
        }
    }

    /// Writes down that the next message with this identifier is another one than the one that waits, even if they are
    /// equal: after a kill they would be taken for one message. It is the DUP flag that says so, which means nothing in a
    /// record of a message of QoS 2.
    fn complete_delivery(&mut self, id: PacketId) {
        let Some(key) = self.open_deliveries.remove(&id.get()) else { return };
        if !self.queue.is_in_use(key.number) {
            return;
        }
        let Ok(Fetched::Bytes(bytes)) = self.store.get(key) else { return };
        let record = QueueRecord::read(&bytes, key.version_5);
        if let Some(record) = record.filter(|record| record.qos == 2 && record.packet_id == id.get()) {
            let put = QueueRecord { dup: true, ..record }.write(|pieces| self.store.put(key, pieces));
            self.report(put.unwrap_or(Ok(())), "the end of a delivery cannot be stored");
        }
    }

    /// Stores a queued message as one in flight, too: when it is no longer queued, the server still sends it again,
    /// perhaps only to a later process.
    fn complete_arrival(&mut self, key: Key, id: PacketId) {
        let Ok(Fetched::Bytes(bytes)) = self.store.get(key) else { return };
        let record = QueueRecord::read(&bytes, key.version_5);
        let packet = record.and_then(|record| in_flight_packet(&record, id));
        if let Some(packet) = packet {
            self.put_received(id, &packet, Version::V5);
        }
    }
}

fn in_flight_packet(record: &QueueRecord<'_>, id: PacketId) -> Option<Vec<u8>> {
    let publish = Publish {
        dup: false,
        qos: QoS::ExactlyOnce,
        retain: record.retained,
        topic: record.topic,
        packet_id: Some(id),
        properties: PropertyView::parse(record.properties?).ok()?,
        payload: record.payload,
    };
    let mut packet = Vec::new();
    publish.encode(Version::V5, &mut packet).ok()?;
    Some(packet)
}
