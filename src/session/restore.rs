//! What the store kept of an earlier life of the client.

use std::sync::Arc;

use super::in_flight::{Message, first_answer};
use super::queue::QueuedKind;
use super::received_messages::QueuedBefore;
use super::state::Session;
use super::topic_alias::without_alias;
use super::{
    Moment, OutgoingPublish, ReceivedMessage, SentMessage, SharedPacket, StoredRequest, packet_bytes,
};
use crate::protocol::AcknowledgementType::{PubComp, PubRec};
use crate::protocol::{PacketId, PropertyId, PropertyView, Publish, TopicFilter, Version, encode_request};

impl<R: Copy> Session<R> {
    /// Puts a message of an earlier process in flight, after those restored before: `packet` is its PUBLISH as it was
    /// stored, `released`: its PUBREL was sent. The packet ids of new messages continue after that of the last one
    /// restored, so that the ids show the order after the next restart, too. False if it is not a QoS 1 or 2 PUBLISH of
    /// this version and id, or no server would accept it.
    pub fn restore_outgoing(
        &mut self,
        id: PacketId,
        packet: SharedPacket,
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
            self.forget_time_limit(id);
            self.in_flight.push(Message::new(id, awaited, version, packet, Moment::default()));
        }
        true
    }

    /// Remembers a received QoS 2 message of an earlier life. `delivered`: the application has it, or it is queued for
    /// the application; in version 5 that is always so. False if `packet` is none of this version and id.
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

    /// A received QoS 2 message of an earlier life waits for the application, and is not among those restored by
    /// [`restore_incoming`](Session::restore_incoming). If it was not acknowledged the server sends it again.
    pub fn restore_queued(&mut self, id: PacketId, topic: &[u8], payload: &[u8]) {
        if self.received.get(id).is_none() {
            self.received
                .queued_before
                .insert(id, QueuedBefore { topic: topic.into(), payload: payload.into() });
        }
    }

    /// Whether the server is still to send the message again that was restored by
    /// [`restore_queued`](Session::restore_queued).
    #[must_use]
    pub fn awaits_repetition(&self, id: PacketId) -> bool {
        self.received.queued_before.contains(id)
    }

    /// Puts a message of an earlier life at the end of the queue. `token`: its packet id, 0 at QoS 0. False: it cannot
    /// be sent, or no server would take it.
    pub fn restore_send(
        &mut self,
        publish: &OutgoingPublish<'_>,
        token: u16,
        version: Version,
        stored: StoredRequest,
    ) -> bool {
        let Some(id) = self.restored_id(PacketId::new(token)) else { return false };
        let mut packet = Vec::new();
        if publish.with_id(id).encode(version, &mut packet).is_err()
            || packet_bytes::decode_publish_to_server(&packet, version).is_none()
        {
            return false;
        }
        if let Some(id) = id {
            self.identifiers.take(id);
            self.forget_time_limit(id);
        }
        let packet = SharedPacket::from(packet);
        self.queue.push_publish(id, SentMessage { packet, version }, None);
        self.queue.note_stored_publish(Some(stored));
        true
    }

    /// The same for a SUBSCRIBE or UNSUBSCRIBE.
    pub fn restore_request<'a, F: TopicFilter<'a>>(
        &mut self,
        filters: &[F],
        properties: PropertyView<'_>,
        token: u16,
        version: Version,
        stored: StoredRequest,
    ) -> bool {
        let Some(Some(id)) = PacketId::new(token).map(|id| self.restored_id(Some(id)).flatten()) else {
            return false;
        };
        let mut packet = Vec::new();
        let encoded = encode_request(version, id, properties, filters, &mut packet);
        if encoded.is_err() || !packet_bytes::is_whole(&packet, version) {
            return false;
        }
        self.identifiers.take(id);
        self.forget_time_limit(id);
        self.queue.push_request(packet.into(), QueuedKind::of(id, filters, version), None);
        self.queue.note_stored_request(Some(stored));
        true
    }

    /// The id of a restored request: its own, or another one if something else has that meanwhile. `None`: all are in
    /// use.
    fn restored_id(&self, id: Option<PacketId>) -> Option<Option<PacketId>> {
        match id {
            Some(id) if self.identifiers.is_used(id) => self.identifiers.next_free().map(Some),
            id => Some(id),
        }
    }

    /// This id is not assigned: the store has a record under it that cannot be decoded.
    pub fn reserve_identifier(&mut self, id: PacketId) {
        self.identifiers.mark(id);
    }
}

/// The packet in a form that does not depend on the connection on which it was sent. `None`: it has only meant
/// something there.
fn of_any_connection(publish: &Publish<'_>, packet: &SharedPacket) -> Option<SharedPacket> {
    if publish.properties.two_byte(PropertyId::TopicAlias).is_none() {
        return Some(packet.clone());
    }
    let has_topic = !publish.topic.is_empty();
    has_topic.then(|| without_alias(publish).ok()).flatten()
}
