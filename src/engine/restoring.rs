//! Opening a client's store, and taking up what an earlier life of the client has left in it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::client::{Client, State};
use super::message::Message;
use super::records::{QueuePlace, Records};
use super::trace::{Level, trace};
use crate::persistence::{
    Fetched, Key, Kind, QueueRecord, SEQUENCE_NUMBERS, Store, StoreError, order_after_largest_gap,
    packet_image,
};
use crate::protocol::{PacketId, PropertyView, Publish, QoS, Version};

/// How many packet identifiers there are.
const IDENTIFIERS: u32 = 65_535;

/// What was found, in the order in which it is to be taken up.
#[derive(Default)]
struct Found {
    sent: Vec<Sent>,
    received: Vec<Record>,
    queued: Vec<Message>,
}

/// A PUBLISH that is not complete.
struct Sent {
    record: Record,
    /// Its PUBREL was sent.
    released: bool,
}

struct Record {
    key: Key,
    bytes: Arc<[u8]>,
}

impl Client {
    /// Gives the client its store, and takes up what is in it. To be called once, before anything else.
    ///
    /// What cannot be understood is told in the log and left where it is. After an error the client works without store;
    /// this one is closed with the client.
    ///
    /// # Errors
    /// The store cannot be opened or read, or there are messages of MQTT 5 in it while the client is for an earlier one.
    pub fn open_store(&self, mut store: Box<dyn Store>) -> Result<(), StoreError> {
        let mut state = self.state.lock();
        let version_5 = self.version_level() >= i32::from(Version::V5.level());
        let opened = store.open().map(|warning| self.warn(warning));
        let mut records = Records::new(store, self.name());
        match opened.and_then(|()| records.find(version_5)) {
            Ok(found) => {
                found.take_up(&mut state, self.name());
                state.session.set_stores(true);
                state.records = Some(Box::new(records));
                Ok(())
            }
            Err(error) => {
                trace!(Level::Error, "Persistence of client {} cannot be used: {error}", self.name());
                state.failed_store = Some(records.store);
                Err(error)
            }
        }
    }

    fn warn(&self, warning: Option<String>) {
        if let Some(warning) = warning {
            trace!(Level::Error, "Persistence of client {}: {warning}", self.name());
        }
    }
}

impl Records {
    fn find(&mut self, version_5: bool) -> Result<Found, StoreError> {
        let mut found = Found::default();
        self.find_in_flight(version_5, &mut found)?;
        self.find_queued(&mut found);
        Ok(found)
    }

    fn find_in_flight(&mut self, version_5: bool, found: &mut Found) -> Result<(), StoreError> {
        let keys = self.store.keys()?;
        let listed: HashSet<Key> = keys.iter().copied().filter(|key| key.kind.is_in_flight()).collect();
        for key in keys.into_iter().filter(|key| key.kind.is_in_flight()) {
            if key.version_5 && !version_5 {
                return Err(StoreError::new(format_args!("{key} is of MQTT 5, and the client is not")));
            }
            let Some(bytes) = self.fetch(key)? else { continue };
            match key.kind {
                Kind::Sent => {
                    let released = self.has(Key { kind: Kind::Release, ..key }, version_5, &listed);
                    found.sent.push(Sent { record: Record { key, bytes: bytes.into() }, released });
                }
                Kind::Received => found.received.push(Record { key, bytes: bytes.into() }),
                _ => self.check_release(key, &bytes, version_5, &listed),
            }
        }
        // Where a message was kept in both versions, the one of version 5 is the newer.
        found.sent.sort_by_key(|sent| !sent.record.key.version_5);
        order_after_largest_gap(&mut found.sent, IDENTIFIERS, |sent| sent.record.key.number);
        Ok(())
    }

    /// Whether there is a record of this kind and number in either version: the store is asked for that of the client's
    /// version, and has told of the other.
    fn has(&mut self, key: Key, version_5: bool, listed: &HashSet<Key>) -> bool {
        let own = Key { version_5, ..key };
        self.store.contains(own) || listed.contains(&own.of_other_version())
    }

    /// A PUBREL without message is of no use.
    fn check_release(&mut self, key: Key, bytes: &[u8], version_5: bool, listed: &HashSet<Key>) {
        let valid = u16::try_from(key.number).is_ok_and(|id| bytes == packet_image::release(id));
        if !valid {
            self.skip(key, "it is not the PUBREL of this message");
        } else if !self.has(Key { kind: Kind::Sent, ..key }, version_5, listed) {
            self.remove(key);
        }
    }

    fn find_queued(&mut self, found: &mut Found) {
        let keys = match self.store.keys() {
            Ok(keys) => keys,
            Err(error) => {
                trace!(Level::Error, "Persistence of client {}: received messages: {error}", self.name);
                return;
            }
        };
        let mut keys: Vec<Key> = keys.into_iter().filter(|key| key.kind == Kind::Queued).collect();
        order_after_largest_gap(&mut keys, SEQUENCE_NUMBERS, |key| key.number);
        self.queue.resume(keys.iter().map(|key| key.number));
        for key in keys {
            let Ok(Some(bytes)) = self.fetch(key) else { continue };
            match queued_message(&bytes, key) {
                Some(message) => found.queued.push(message),
                None => self.skip(key, "it is no received message"),
            }
        }
    }

    /// The record, unless it alone cannot be had.
    fn fetch(&mut self, key: Key) -> Result<Option<Vec<u8>>, StoreError> {
        match self.store.get(key)? {
            Fetched::Bytes(bytes) => Ok(Some(bytes)),
            Fetched::Unreadable(cause) => {
                self.skip(key, &cause);
                Ok(None)
            }
        }
    }

    fn skip(&self, key: Key, cause: &str) {
        skip(&self.name, key, cause);
    }
}

/// A record that cannot be used stays: it may be of use to somebody else.
fn skip(name: &str, key: Key, cause: &str) {
    trace!(Level::Error, "Persistence of client {name}: {key} is left aside: {cause}");
}

fn queued_message(bytes: &[u8], key: Key) -> Option<Message> {
    let record = QueueRecord::read(bytes, key.version_5)?;
    let qos = QoS::from_bits(record.qos)?;
    let packet_id = PacketId::new(record.packet_id);
    if packet_id.is_some() != (qos != QoS::AtMostOnce) {
        return None;
    }
    let publish = Publish {
        dup: record.dup,
        qos,
        retain: record.retained,
        topic: record.topic,
        packet_id,
        properties: PropertyView::parse(record.properties.unwrap_or_default()).ok()?,
        payload: record.payload,
    };
    let mut message = Message::copy_of(&publish)?;
    message.place = QueuePlace::of(key);
    Some(message)
}

impl Found {
    fn take_up(self, state: &mut State, name: &str) {
        for Sent { record: Record { key, bytes }, released } in self.sent {
            let restored = packet_id(key)
                .is_some_and(|id| state.session.restore_outgoing(id, bytes, version(key), released));
            if !restored {
                skip(name, key, "it is no PUBLISH of QoS 1 or 2 with this identifier");
            }
        }
        let queued = exactly_once(&self.queued);
        for Record { key, bytes } in self.received {
            let delivered = queued.get(&key.number).is_some_and(|message| is_same(message, key, &bytes));
            let restored = packet_id(key)
                .is_some_and(|id| state.session.restore_incoming(id, bytes, version(key), delivered));
            if !restored {
                skip(name, key, "it is no PUBLISH of QoS 2 with this identifier");
            }
        }
        self.queued.into_iter().for_each(|message| state.deliveries.push_message(message));
    }
}

/// The last message of QoS 2 with each packet identifier.
fn exactly_once(queued: &[Message]) -> HashMap<u32, &Message> {
    let queued = queued.iter().filter(|message| message.qos == QoS::ExactlyOnce);
    queued.map(|message| (message.packet_id.into(), message)).collect()
}

/// Whether the process ended when the message was queued for the program already, but not yet taken out of the messages
/// in flight.
fn is_same(message: &Message, key: Key, packet: &[u8]) -> bool {
    let [_, _, topic, _, payload] = packet_image::publish_pieces(packet, key.version_5);
    topic == message.topic() && payload == message.payload()
}

fn packet_id(key: Key) -> Option<PacketId> {
    u16::try_from(key.number).ok().and_then(PacketId::new)
}

/// Records of MQTT 3.1 and 3.1.1 are alike.
fn version(key: Key) -> Version {
    if key.version_5 { Version::V5 } else { Version::V311 }
}
