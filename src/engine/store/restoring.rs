//! Opening a client's store, and taking up what an earlier life of the client has left in it.

use std::collections::HashMap;
use std::sync::Arc;

use crate::engine::client::{Client, State};
use crate::engine::connection::message::Message;
use crate::engine::store::queued_records::QueuePlace;
use crate::engine::store::records::{Records, StoreOptions};
use crate::engine::store::stored_records::{Found, Record, Sent};
use crate::persistence::{Key, Kind, Store, StoreError, packet_image};
use crate::protocol::{PacketId, QoS, Version};
use crate::trace::{Level, trace};

impl Client {
    /// Gives the client its store, and takes up what is in it. To be called once, before anything else.
    ///
    /// Records that cannot be decoded are logged and left alone. After an error the client works without a store; this
    /// one is closed with the client.
    ///
    /// # Errors
    /// The store cannot be opened or read, or there are messages of MQTT 5 in it while the client is for an earlier one.
    pub fn open_store(&self, mut store: Box<dyn Store>, options: StoreOptions) -> Result<(), StoreError> {
        let mut state = self.state.lock();
        let version_5 = self.version_level() >= i32::from(Version::V5.level());
        let opened = store.open().map(|warning| self.warn(warning));
        let mut records = Records::new(store, options, version_5, self.name());
        match opened.and_then(|()| records.find_all(!state.connector.is_pumped())) {
            Ok(found) => {
                state.session.set_stores(true);
                state.records = Some(Box::new(records));
                state.take_up(found);
                Ok(())
            }
            Err(error) => {
                trace!(Level::Error, "Persistence of client {} cannot be used: {error}", self.name());
                state.failed_store = Some(records.store);
                Err(error)
            }
        }
    }

    /// The store gives records in another form from now on: those that could not be understood are looked at again.
    pub fn read_records_again(&self) {
        let mut state = self.state.lock();
        let found = state.records.as_deref_mut().filter(|records| !records.aside.is_empty());
        if let Some(found) = found.map(Records::find_again) {
            state.take_up(found);
        }
    }

    fn warn(&self, warning: Option<String>) {
        if let Some(warning) = warning {
            trace!(Level::Error, "Persistence of client {}: {warning}", self.name());
        }
    }
}

impl State {
    fn take_up(&mut self, found: Found) {
        let mut in_flight = HashMap::new();
        for Sent { record: Record { key, bytes }, released } in found.sent {
            let packet = bytes.clone();
            let restored = packet_id(key)
                .is_some_and(|id| self.session.restore_outgoing(id, bytes, version(key), released));
            self.set_aside_unless(restored, key, "it is not a PUBLISH of QoS 1 or 2 with this identifier");
            if restored {
                in_flight.insert(key.number, (packet, key.version_5));
            }
        }
        let queued = exactly_once(&found.queued);
        for Record { key, bytes } in found.received {
            let delivered = queued.get(&key.number).is_some_and(|message| is_same(message, key, &bytes));
            // A server may give a message the identifier 0.
            let restored = u16::try_from(key.number).is_ok_and(|number| {
                let id = PacketId::received(number);
                let packet = Arc::new(bytes.to_vec());
                self.session.restore_incoming(id, packet, version(key), delivered)
            });
            self.set_aside_unless(restored, key, "it is not a PUBLISH of QoS 2 with this identifier");
            if restored && delivered && !key.version_5 {
                self.complete_release(key);
            }
        }
        for (_, message) in queued {
            let id = PacketId::received(message.packet_id);
            self.session.restore_queued(id, message.topic(), message.payload());
            self.note_interrupted_arrival(message.place, id);
        }
        for Record { key, bytes } in found.requests {
            let restored = self.restore_request(key, &bytes, &in_flight);
            self.set_aside_unless(restored, key, "it is not a request that can be sent");
        }
        for mut message in found.queued {
            message.dup &= message.qos != QoS::ExactlyOnce;
            self.deliveries.push_message(message);
        }
        self.reserve_what_is_aside();
    }

    /// Before version 5 a message is queued when the server releases it, and the process ended before the record of the
    /// message in flight was removed. If that stayed, the message would be delivered again when the process is killed once
    /// more after the program took it, and before the server repeats PUBREL.
    fn complete_release(&mut self, received: Key) {
        if let Some(records) = self.records.as_deref_mut() {
            records.remove(received);
        }
    }

    /// In version 5 a message is queued when it comes, and the process ended before it was stored as a message in flight.
    fn note_interrupted_arrival(&mut self, place: QueuePlace, id: PacketId) {
        let key = place.key().filter(|key| key.version_5 && self.session.awaits_repetition(id));
        if let (Some(key), Some(records)) = (key, self.records.as_deref_mut()) {
            records.interrupted_arrivals.insert(key, id);
        }
    }

    fn set_aside_unless(&mut self, restored: bool, key: Key, cause: &str) {
        if let Some(records) = self.records.as_deref_mut().filter(|_| !restored) {
            records.set_aside(key, cause);
        }
    }

    /// No new message takes the place of one that is not understood, or not yet.
    fn reserve_what_is_aside(&mut self) {
        let Some(records) = self.records.as_deref() else { return };
        let of_ours = records.aside.iter().filter(|key| matches!(key.kind, Kind::Sent | Kind::Release));
        of_ours.filter_map(|key| packet_id(*key)).for_each(|id| self.session.reserve_identifier(id));
    }
}

/// Restored messages in flight, by packet identifier: the packet, and whether it is of MQTT 5.
pub(in crate::engine) type InFlight = HashMap<u32, (Arc<[u8]>, bool)>;

/// The last message of QoS 2 with each packet identifier, unless its delivery is known to be complete: DUP says so.
fn exactly_once(queued: &[Message]) -> HashMap<u32, &Message> {
    let queued = queued.iter().filter(|message| message.qos == QoS::ExactlyOnce && !message.dup);
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
