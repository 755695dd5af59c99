//! The server's answers to our messages.

use super::state::Session;
use super::{Event, Moment, StoreCommand};
use crate::protocol::AcknowledgementType::{PubAck, PubComp, PubRec, PubRel};
use crate::protocol::{Acknowledgement, Breach, PacketId, PacketType, ReasonCode, Version};

impl<R: Copy> Session<R> {
    /// PUBACK, PUBREC, PUBREL or PUBCOMP. What belongs to no message has no effect on any.
    ///
    /// A message is complete as soon as the server says that it will not send another answer, even where that is
    /// not the answer for its QoS: some servers acknowledge QoS 2 messages with PUBACK.
    #[inline]
    pub(super) fn receive_acknowledgement<'a>(
        &mut self,
        now: Moment,
        acknowledgement: Acknowledgement<'a>,
    ) -> Option<Event<'a>> {
        match acknowledgement.kind {
            PubRel => self.receive_release(acknowledgement),
            PubRec => self.receive_pubrec(now, acknowledgement),
            PubAck if self.in_flight.contains(acknowledgement.packet_id) => {
                self.complete(now, acknowledgement)
            }
            PubComp => self.receive_pubcomp(now, acknowledgement),
            PubAck => None,
        }
    }

    fn receive_pubrec<'a>(&mut self, now: Moment, pubrec: Acknowledgement<'a>) -> Option<Event<'a>> {
        let id = pubrec.packet_id;
        match self.in_flight.get(id).map(|message| message.awaited) {
            Some(PubAck | PubRec) if pubrec.reason.is_error() => return self.complete(now, pubrec),
            // The server has not kept the message, so there is nothing to release.
            _ if pubrec.reason.is_error() => {}
            Some(PubRec) => self.release(now, id),
            Some(PubAck) => {
                // The server has the message, and keeps its identifier until PUBREL comes.
                self.acknowledge(PubRel, id);
                return self.complete(now, pubrec);
            }
            // PUBREC was repeated, so the PUBREL sent before may be lost.
            Some(PubComp) => self.acknowledge(PubRel, id),
            Some(PubRel) => {}
            // An exchange unknown here ends with PUBREL. Only MQTT 5 can say in it that the identifier is unknown.
            None if self.version == Version::V5 => self.deny(PubRel, id),
            None => self.acknowledge(PubRel, id),
        }
        None
    }

    /// PUBCOMP for a message that waits for PUBACK or PUBREC may belong to an earlier message with its identifier:
    /// it says nothing about this one.
    #[inline]
    fn receive_pubcomp<'a>(&mut self, now: Moment, mut pubcomp: Acknowledgement<'a>) -> Option<Event<'a>> {
        let message = self.in_flight.get(pubcomp.packet_id)?;
        if message.awaited != PubComp {
            self.oddities.note(PacketType::PubComp, Breach::NotAwaited);
            return None;
        }
        // The PUBREL sent before had done its work, and its PUBCOMP was lost with the connection.
        if message.release_repeated && pubcomp.reason == ReasonCode::PACKET_IDENTIFIER_NOT_FOUND {
            pubcomp.reason = ReasonCode::SUCCESS;
        }
        self.complete(now, pubcomp)
    }

    /// The server has the message: from now on only PUBREL is sent for it.
    pub(super) fn release(&mut self, now: Moment, id: PacketId) {
        let Some(message) = self.in_flight.get_mut(id) else { return };
        message.awaited = PubComp;
        message.packet = None;
        message.sent_at = now;
        let (version, lasts) = (self.version, message.lasts);
        if lasts {
            self.store(|| StoreCommand::PutRelease { id, version });
        }
        self.acknowledge(PubRel, id);
    }

    /// The message is done with: there may be room for one that waits to be resent.
    #[inline]
    fn complete<'a>(&mut self, now: Moment, last: Acknowledgement<'a>) -> Option<Event<'a>> {
        let Acknowledgement { kind: packet_type, packet_id: id, reason, properties } = last;
        let given_up = self.forget(id);
        if self.outstanding.awaits_answers() {
            self.outstanding.acknowledged(&last);
        }
        if self.flow.resume_at.is_some() {
            self.continue_resume(now);
        }
        (!given_up).then_some(Event::Acknowledged { id, packet_type, reason, properties })
    }

    /// The connection ends, and with it the messages that mean nothing on another one.
    pub(super) fn forget_passing_messages(&mut self) {
        if self.flow.passing_messages == 0 {
            return;
        }
        let passing: Vec<PacketId> =
            self.in_flight.iter().filter(|message| !message.lasts).map(|message| message.id).collect();
        for id in passing {
            self.forget(id);
        }
    }

    /// True: the application knows already that it has failed.
    #[inline(always)]
    pub(super) fn forget(&mut self, id: PacketId) -> bool {
        self.identifiers.release(id);
        let Some(removed) = self.in_flight.remove(id) else { return false };
        self.flow.unacknowledged -= usize::from(removed.counted);
        self.flow.given_up -= usize::from(removed.given_up);
        if removed.lasts {
            self.store(|| StoreCommand::RemoveOutgoing { id });
        } else {
            self.flow.passing_messages -= 1;
        }
        if self.flow.resume_at == Some(removed.place) {
            self.flow.resume_at = removed.next;
        }
        removed.given_up
    }
}
