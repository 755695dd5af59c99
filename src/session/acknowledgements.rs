//! The server's answers to messages of ours.

use super::client::Session;
use super::{Event, Moment, StoreCommand};
use crate::protocol::AcknowledgementType::{PubAck, PubComp, PubRec, PubRel};
use crate::protocol::{Acknowledgement, PacketId, Version};

impl Session {
    /// PUBACK, PUBREC, PUBREL or PUBCOMP. What fits no message, or not what it waits for, has no effect on
    /// any.
    #[inline]
    pub(super) fn receive_acknowledgement<'a>(
        &mut self,
        now: Moment,
        acknowledgement: Acknowledgement<'a>,
    ) -> Option<Event<'a>> {
        let Acknowledgement { kind, packet_id: id, .. } = acknowledgement;
        match kind {
            PubRel => self.receive_release(acknowledgement),
            PubRec => self.receive_pubrec(now, acknowledgement),
            PubAck | PubComp => {
                let awaited = self.in_flight.get(id).map(|message| message.awaited);
                if awaited == Some(kind) { self.complete(now, acknowledgement) } else { None }
            }
        }
    }

    fn receive_pubrec<'a>(&mut self, now: Moment, pubrec: Acknowledgement<'a>) -> Option<Event<'a>> {
        let id = pubrec.packet_id;
        match self.in_flight.get(id).map(|message| message.awaited) {
            Some(PubRec) if pubrec.reason.is_error() => return self.complete(now, pubrec),
            _ if pubrec.reason.is_error() => {}
            Some(PubRec) => self.release(now, id),
            Some(PubComp) => self.acknowledge(PubRel, id),
            Some(PubAck | PubRel) => {}
            None if self.version == Version::V5 => self.deny(PubRel, id),
            None => self.acknowledge(PubRel, id),
        }
        None
    }

    /// The server has the message: from now on PUBREL stands for it.
    fn release(&mut self, now: Moment, id: PacketId) {
        let Some(message) = self.in_flight.get_mut(id) else { return };
        message.awaited = PubComp;
        message.packet = None;
        message.sent_at = now;
        let version = self.version;
        self.store(|| StoreCommand::PutRelease { id, version });
        self.acknowledge(PubRel, id);
    }

    /// The message is done with: there may be room for one that waits to be resent.
    #[inline]
    fn complete<'a>(&mut self, now: Moment, last: Acknowledgement<'a>) -> Option<Event<'a>> {
        let Acknowledgement { kind: packet_type, packet_id: id, reason, properties } = last;
        self.forget(id);
        self.store(|| StoreCommand::RemoveOutgoing { id });
        if self.replies.awaits_answers() {
            self.replies.acknowledged(&last);
        }
        if self.resume_at.is_some() {
            self.continue_resume(now);
        }
        Some(Event::Acknowledged { id, packet_type, reason, properties })
    }

    #[inline]
    fn forget(&mut self, id: PacketId) {
        self.identifiers.release(id);
        let Some(removed) = self.in_flight.remove(id) else { return };
        self.unacknowledged -= usize::from(removed.counted);
        if self.resume_at == Some(removed.place) {
            self.resume_at = removed.next;
        }
    }
}
