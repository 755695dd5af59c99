//! Incoming messages.

use std::sync::Arc;

use super::received_messages::Received;
use super::state::Session;
use super::{Event, Failure, ReceivedMessage, StoreCommand};
use crate::protocol::{
    Acknowledgement, AcknowledgementType, Frame, PacketId, Publish, QoS, ReasonCode, Version,
};

impl<R: Copy> Session<R> {
    #[inline(always)]
    pub(super) fn receive_publish<'a>(
        &mut self,
        publish: Publish<'a>,
        frame: Frame<'a>,
    ) -> Result<Option<Event<'a>>, Failure> {
        if !publish.properties.is_empty() {
            let maximum = self.settings.topic_alias_maximum;
            if let Some(breach) = self.aliases.incoming.note(publish.topic, publish.properties, maximum) {
                self.judge(frame, breach)?;
            }
        }
        match (publish.qos, publish.packet_id) {
            (_, Some(id)) if self.acknowledges_by_hand => Ok(self.receive_unacknowledged(publish, id, frame)),
            (QoS::AtLeastOnce, Some(id)) => {
                self.acknowledge(AcknowledgementType::PubAck, id);
                Ok(Some(Event::Message(publish)))
            }
            (QoS::ExactlyOnce, Some(id)) => Ok(self.receive_exactly_once(publish, id, frame)),
            _ => Ok(Some(Event::Message(publish))),
        }
    }

    /// Version 5 delivers at first sight and remembers the id; 3.x keeps the packet, the newest if it comes
    /// twice, and delivers on PUBREL.
    pub(super) fn receive_exactly_once<'a>(
        &mut self,
        publish: Publish<'a>,
        id: PacketId,
        frame: Frame<'a>,
    ) -> Option<Event<'a>> {
        let delivers_now = self.version == Version::V5;
        self.acknowledge(AcknowledgementType::PubRec, id);
        if delivers_now && self.was_queued_before(&publish, id) {
            self.received.insert_delivered(id);
            self.store_incoming(id, frame);
            return None;
        }
        match self.received.get(id) {
            Some(Received::Delivered) => return None,
            Some(Received::Stored(..)) if delivers_now => return None,
            _ => {}
        }
        if delivers_now {
            self.received.insert_delivered(id);
            if self.stores {
                self.store_incoming(id, frame);
            }
            return Some(Event::Message(Publish { dup: false, ..publish }));
        }
        let message = ReceivedMessage::of_decoded(self.store_incoming(id, frame), self.version);
        self.received.insert_stored(id, message);
        None
    }

    /// The message was queued for the application in an earlier life, which ended before the message itself was stored:
    /// the server does not know that it arrived.
    #[inline]
    pub(super) fn was_queued_before(&mut self, publish: &Publish<'_>, id: PacketId) -> bool {
        let Some(message) = self.received.queued_before.remove(id) else { return false };
        publish.dup && *message.topic == *publish.topic && *message.payload == *publish.payload
    }

    /// The server will not send this message again.
    pub(super) fn receive_release(&mut self, release: Acknowledgement<'_>) -> Option<Event<'static>> {
        let id = release.packet_id;
        if self.acknowledges_by_hand {
            return self.release_unacknowledged(id);
        }
        self.acknowledge(AcknowledgementType::PubComp, id);
        let Some(received) = self.received.remove(id) else {
            self.received.queued_before.remove(id);
            return None;
        };
        self.store(|| StoreCommand::RemoveIncoming { id });
        match received {
            Received::Delivered => None,
            Received::Stored(message, _) => Some(Event::Released(message)),
            Received::Offered(message) => Some(Event::Released(message.repeated())),
        }
    }

    /// Queues an acknowledgement that says success.
    #[inline]
    pub(super) fn acknowledge(&mut self, kind: AcknowledgementType, id: PacketId) {
        self.answer(Acknowledgement::success(kind, id));
    }

    /// Queues "no such message".
    pub(super) fn deny(&mut self, kind: AcknowledgementType, id: PacketId) {
        let reason = ReasonCode::PACKET_IDENTIFIER_NOT_FOUND;
        self.answer(Acknowledgement { reason, ..Acknowledgement::success(kind, id) });
    }

    #[inline]
    fn answer(&mut self, acknowledgement: Acknowledgement<'_>) {
        // Only too many properties could make this fail, and there are none.
        let bytes = self.outgoing.bytes();
        let before = bytes.len();
        let encoded = acknowledgement.encode(self.version, bytes);
        debug_assert!(encoded.is_ok());
        self.progress.backlog.add(bytes.len() - before);
        self.sent.other();
    }

    pub(super) fn copy_of(&mut self, frame: Frame<'_>) -> Arc<Vec<u8>> {
        let mut packet = self.received.spare.take(frame.length);
        frame.put(&mut packet);
        Arc::new(packet)
    }

    pub(super) fn store_incoming(&mut self, id: PacketId, frame: Frame<'_>) -> Arc<Vec<u8>> {
        let packet = self.copy_of(frame);
        let version = self.version;
        self.store(|| StoreCommand::PutIncoming { id, packet: packet.clone(), version });
        packet
    }

    /// How many messages wait for their release, and how many bytes they take.
    #[inline]
    pub fn unreleased(&self) -> (usize, usize) {
        (self.received.stored, self.received.bytes)
    }

    /// The memory of a [`ReceivedMessage`] that is done with, for those to come.
    pub fn give_back(&mut self, packet: Vec<u8>) {
        self.received.spare.give(packet);
    }

    /// Delivers the message that has waited longest for its release before that comes, to make room for others. As they
    /// are released in the same order, usually, messages keep theirs.
    pub fn deliver_unreleased(&mut self) -> Option<Event<'static>> {
        if self.acknowledges_by_hand {
            return self.deliver_unreleased_by_hand();
        }
        let (id, message) = self.received.take_oldest()?;
        self.store(|| StoreCommand::RemoveIncoming { id });
        Some(Event::Released(message))
    }
}
