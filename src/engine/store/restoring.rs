//! Taking up what an earlier life of the client has left in its store.

use std::collections::HashMap;
use std::sync::Arc;

use crate::engine::inbox::message::Message;
use crate::engine::requester::Session;
use crate::engine::store::records::Records;
use crate::engine::store::stored_records::{Found, Record, Sent};
use crate::persistence::{Key, Kind, packet_image};
use crate::protocol::{PacketId, QoS, Version};

impl Records {
    /// Gives the session what was found. The received messages that wait for the application.
    pub(super) fn take_up(&mut self, found: Found, session: &mut Session) -> Vec<Message> {
        let mut in_flight = HashMap::new();
        for Sent { record: Record { key, bytes }, released } in found.sent {
            let packet = bytes.clone();
            let restored = packet_id(key)
                .is_some_and(|id| session.restore_outgoing(id, bytes.into(), version(key), released));
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
                session.restore_incoming(id, packet, version(key), delivered)
            });
            self.set_aside_unless(restored, key, "it is not a PUBLISH of QoS 2 with this identifier");
            if restored && delivered && !key.version_5 {
                // Before version 5 a message is queued when the server releases it, and the process ended before the record
                // of the message in flight was removed. If that stayed, the message would be delivered again when the
                // process is killed once more after the application took it, and before the server repeats PUBREL.
                self.remove(key);
            }
        }
        for (_, message) in queued {
            let id = PacketId::received(message.packet_id);
            session.restore_queued(id, message.topic(), message.payload());
            // In version 5 a message is queued when it comes, and the process ended before it was stored as a message in
            // flight.
            let key = message.place.key().filter(|key| key.version_5 && session.awaits_repetition(id));
            self.interrupted_arrivals.extend(key.map(|key| (key, id)));
        }
        for Record { key, bytes } in found.requests {
            let restored = self.restore_request(session, key, &bytes, &in_flight);
            self.set_aside_unless(restored, key, "it is not a request that can be sent");
        }
        // No new message takes the place of one that is not understood, or not yet.
        let of_ours = self.aside.iter().filter(|key| matches!(key.kind, Kind::Sent | Kind::Release));
        of_ours.filter_map(|key| packet_id(*key)).for_each(|id| session.reserve_identifier(id));
        let mut queued = found.queued;
        queued.iter_mut().for_each(|message| message.dup &= message.qos != QoS::ExactlyOnce);
        queued
    }

    fn set_aside_unless(&mut self, restored: bool, key: Key, cause: &str) {
        if !restored {
            self.set_aside(key, cause);
        }
    }
}

/// The last message of QoS 2 with each packet identifier, unless its delivery is known to be complete: DUP says so.
fn exactly_once(queued: &[Message]) -> HashMap<u32, &Message> {
    let queued = queued.iter().filter(|message| message.qos == QoS::ExactlyOnce && !message.dup);
    queued.map(|message| (message.packet_id.into(), message)).collect()
}

/// Whether the process ended when the message was queued for the application already, but not yet taken out of the messages
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
