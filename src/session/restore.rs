//! What the store kept of an earlier life of the client.

use std::sync::Arc;

use super::in_flight::{Message, first_answer};
use super::received_messages::QueuedBefore;
use super::state::Session;
use super::topic_alias::without_alias;
use super::{Moment, ReceivedMessage, packet_bytes};
use crate::protocol::AcknowledgementType::{PubComp, PubRec};
use crate::protocol::{PacketId, PropertyId, Publish, Version};

impl<R: Copy> Session<R> {
    /// Puts a message of an earlier process in flight, after those restored before: `packet` is its PUBLISH as it was
    /// stored, `released`: its PUBREL was sent. The packet ids of new messages continue after that of the last one
    /// restored, so that the ids show the order after the next restart, too. False if it is not a QoS 1 or 2 PUBLISH of
    /// this version and id, or no server would accept it.
    pub fn restore_outgoing(
        &mut self,
        id: PacketId,
        packet: Arc<[u8]>,
        version: Version,
        released: bool,
    ) -> bool {
        let publish = packet_bytes::decode_publish_to_server(&packet, version);
        let Some(publish) = publish.filter(|publish| publish.packet_id == Some(id)) else { return false };
        let Some(first) = first_answer(publish.qos) else { return false };
        let Some(packet) = of_any_connection(&publish, &packet) else { return false };
        let released = released && first == PubRec;
        let (awaited, packet) = if released { (PubComp, None) } else { (first, Some(packet)) };
        if !self.in_flight.contains(id) {
            self.identifiers.take(id);
            self.in_flight.push(Message::new(id, awaited, version, packet, Moment::default()));
        }
        true
    }

    /// Remembers a received QoS 2 message of an earlier life. `delivered`: the program has it, or it is queued for the
    /// program; in version 5 that is always so. False if `packet` is none of this version and id.
    pub fn restore_incoming(
        &mut self,
        id: PacketId,
        packet: Arc<Vec<u8>>,
        version: Version,
        delivered: bool,
    ) -> bool {
        let Some(message) = ReceivedMessage::new(packet, version) else { return false };
        if message.publish().packet_id != Some(id) {
            return false;
        }
        if delivered || version == Version::V5 {
            self.received.insert_delivered(id);
        } else {
            self.received.insert_stored(id, message);
        }
        true
    }

    /// A received QoS 2 message of an earlier life waits for the program, and is not among those restored by
    /// [`restore_incoming`](Session::restore_incoming). If it was not acknowledged the server sends it again.
    pub fn restore_queued(&mut self, id: PacketId, topic: &[u8], payload: &[u8]) {
        if self.received.get(id).is_none() {
            self.queued_before.insert(id, QueuedBefore { topic: topic.into(), payload: payload.into() });
        }
    }

    /// Whether the server is still to send the message again that was restored by
    /// [`restore_queued`](Session::restore_queued).
    #[must_use]
    pub fn awaits_repetition(&self, id: PacketId) -> bool {
        self.queued_before.contains(id)
    }
}

/// The packet in a form that does not depend on the connection on which it was sent. `None`: it has only meant something
/// there.
fn of_any_connection(publish: &Publish<'_>, packet: &Arc<[u8]>) -> Option<Arc<[u8]>> {
    if publish.properties.two_byte(PropertyId::TopicAlias).is_none() {
        return Some(packet.clone());
    }
    let has_topic = !publish.topic.is_empty();
    has_topic.then(|| without_alias(publish).ok()).flatten()
}
