//! Reading what an earlier life of the client has left in its store, and putting it into order.

use std::collections::HashSet;
use std::sync::Arc;

use crate::engine::inbox::message::{Message, QueuePlace};
use crate::engine::store::records::Records;
use crate::persistence::{
    Fetched, Key, Kind, QueueRecord, SEQUENCE_NUMBERS, StoreError, order_after_largest_gap, packet_image,
};
use crate::protocol::{PacketId, PropertyView, Publish, QoS};
use crate::trace::{Level, trace};

/// Number of packet identifiers.
const IDENTIFIERS: u32 = 65_535;

/// The records that were found, in the order in which they are to be restored.
#[derive(Default)]
pub(super) struct Found {
    pub(super) sent: Vec<Sent>,
    pub(super) received: Vec<Record>,
    pub(super) requests: Vec<Record>,
    pub(super) queued: Vec<Message>,
}

/// A PUBLISH that is not complete.
pub(super) struct Sent {
    pub(super) record: Record,
    /// Its PUBREL was sent.
    pub(super) released: bool,
}

/// The record under a key.
pub(super) struct Record {
    pub(super) key: Key,
    pub(super) bytes: Arc<[u8]>,
}

impl Records {
    /// Everything there is.
    pub(super) fn find_all(&mut self) -> Result<Found, StoreError> {
        let mut found = Found::default();
        let keys = self.store.keys()?;
        self.find_in_flight(&keys, &mut found)?;
        if self.has_requests && !self.options.restores_queues {
            let keys = self.keys_again();
            keys.into_iter().filter(|key| !key.kind.is_in_flight()).for_each(|key| self.remove(key));
            return Ok(found);
        }
        if self.has_requests {
            let keys = in_order(&self.keys_again(), Kind::Command);
            self.requests.resume(keys.iter().map(|key| key.number));
            self.find_requests(keys, &mut found);
        }
        let keys = in_order(&self.keys_again(), Kind::Queued);
        self.queue.resume(keys.iter().map(|key| key.number));
        self.find_queued(keys, &mut found);
        Ok(found)
    }

    /// Records that could not be read before.
    pub(super) fn find_again(&mut self) -> Found {
        let mut found = Found::default();
        let keys = std::mem::take(&mut self.aside);
        let in_flight = self.find_in_flight(&keys, &mut found);
        self.report(in_flight, "messages in flight cannot be read");
        self.find_requests(in_order(&keys, Kind::Command), &mut found);
        self.find_queued(in_order(&keys, Kind::Queued), &mut found);
        found
    }

    /// The keys again: an error here is ignored.
    fn keys_again(&mut self) -> Vec<Key> {
        self.store.keys().unwrap_or_else(|error| {
            self.report(Err(error), "the records cannot be listed");
            Vec::new()
        })
    }

    fn find_in_flight(&mut self, keys: &[Key], found: &mut Found) -> Result<(), StoreError> {
        let listed: HashSet<Key> = keys.iter().copied().filter(|key| key.kind.is_in_flight()).collect();
        for key in keys.iter().copied().filter(|key| key.kind.is_in_flight()) {
            if key.version_5 && !self.version_5 {
                return Err(StoreError::new(format_args!("{key} is of MQTT 5, and the client is not")));
            }
            let Some(bytes) = self.fetch(key)? else { continue };
            match key.kind {
                Kind::Sent => {
                    let released = self.has(Key { kind: Kind::Release, ..key }, &listed);
                    found.sent.push(Sent { record: Record { key, bytes: bytes.into() }, released });
                }
                Kind::Received => found.received.push(Record { key, bytes: bytes.into() }),
                _ => self.check_release(key, &bytes, &listed),
            }
        }
        // Where a message was kept in both versions, the one of version 5 is the newer.
        found.sent.sort_by_key(|sent| !sent.record.key.version_5);
        order_after_largest_gap(&mut found.sent, IDENTIFIERS, |sent| sent.record.key.number);
        Ok(())
    }

    /// Whether there is a record of this kind and number in either version: the store is asked for that of the client's
    /// version, and has already listed the other.
    fn has(&mut self, key: Key, listed: &HashSet<Key>) -> bool {
        let own = Key { version_5: self.version_5, ..key };
        self.store.contains(own) || listed.contains(&own.of_other_version())
    }

    /// A PUBREL without message is of no use.
    fn check_release(&mut self, key: Key, bytes: &[u8], listed: &HashSet<Key>) {
        let valid = u16::try_from(key.number).is_ok_and(|id| bytes == packet_image::release(id));
        if !valid {
            self.set_aside(key, "it is not the PUBREL of this message");
        } else if !self.has(Key { kind: Kind::Sent, ..key }, listed) {
            self.remove(key);
        }
    }

    fn find_requests(&mut self, keys: Vec<Key>, found: &mut Found) {
        for key in keys {
            if let Ok(Some(bytes)) = self.fetch(key) {
                found.requests.push(Record { key, bytes: bytes.into() });
            }
        }
    }

    fn find_queued(&mut self, keys: Vec<Key>, found: &mut Found) {
        for key in keys {
            let Ok(Some(bytes)) = self.fetch(key) else { continue };
            match queued_message(&bytes, key) {
                Some(message) => {
                    if !message.dup {
                        self.note_queued(&message, key);
                    }
                    found.queued.push(message);
                }
                None => self.set_aside(key, "it is not a received message"),
            }
        }
    }

    /// The record, unless it alone cannot be had.
    fn fetch(&mut self, key: Key) -> Result<Option<Vec<u8>>, StoreError> {
        match self.store.get(key)? {
            Fetched::Bytes(bytes) => Ok(Some(bytes)),
            Fetched::Unreadable(cause) => {
                self.set_aside(key, &cause);
                Ok(None)
            }
        }
    }

    /// A record that cannot be used is kept: it may be of use to another program, or later.
    pub(super) fn set_aside(&mut self, key: Key, cause: &str) {
        trace!(Level::Error, "Persistence of client {}: {key} is ignored: {cause}", self.name);
        self.aside.push(key);
    }
}

fn in_order(keys: &[Key], kind: Kind) -> Vec<Key> {
    let mut keys: Vec<Key> = keys.iter().copied().filter(|key| key.kind == kind).collect();
    order_after_largest_gap(&mut keys, SEQUENCE_NUMBERS, |key| key.number);
    keys
}

fn queued_message(bytes: &[u8], key: Key) -> Option<Message> {
    let record = QueueRecord::read(bytes, key.version_5)?;
    let qos = QoS::from_bits(record.qos)?;
    let packet_id = (qos != QoS::AtMostOnce).then_some(PacketId::received(record.packet_id));
    if packet_id.is_none() && record.packet_id != 0 {
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
