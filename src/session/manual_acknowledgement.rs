//! Received messages that the application acknowledges itself.
//!
//! The answer that is withheld until then is PUBACK, in MQTT 5 PUBREC, and PUBCOMP for QoS 2 before: there a message is
//! delivered when the server releases it. Answers go out in the order in which what they answer has come (MQTT 5, section
//! 4.6), so one that is given early waits for those before it.
//!
//! What is known of a connection's messages ends with it, because the server sends them again. Only that a message of
//! QoS 2 is acknowledged is remembered, whether the server has heard of it or not: it is not delivered again.

use std::sync::Arc;

use super::state::{Phase, Session};
use super::withheld_answers::{Withheld, WithheldAnswers};
use super::{Event, StoreCommand};
use crate::protocol::AcknowledgementType::{self, PubAck, PubComp, PubRec};
use crate::protocol::{Frame, PacketId, Publish, QoS, Version};

/// Why a message was not acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcknowledgeFault {
    /// The client acknowledges messages itself.
    Automatic,
    /// A message of QoS 0 has no identifier and no acknowledgement.
    AtMostOnce,
    /// No message of this name waits for its acknowledgement.
    Unknown,
    /// The message came on a connection that has ended: the server sends it again.
    EarlierConnection,
}

impl<R: Copy> Session<R> {
    /// From the next connection on messages of QoS 1 and 2 are acknowledged by the application, or not. To be set while there
    /// is none.
    pub fn set_manual_acknowledgement(&mut self, manual: bool) {
        self.acknowledges_by_hand = manual;
        if let Some(answers) = &mut self.manual {
            answers.end_connection();
        }
    }

    /// Messages of QoS 1 and 2 are acknowledged by the application.
    #[inline]
    pub fn acknowledges_by_hand(&self) -> bool {
        self.acknowledges_by_hand
    }

    /// The connection's part of the names of its messages.
    pub fn connection_of_messages(&self) -> u16 {
        self.manual.as_ref().map_or(0, |manual| manual.connection)
    }

    /// How many messages wait for the application's acknowledgement, and the bytes that are kept of them here.
    #[inline]
    pub fn unacknowledged(&self) -> (usize, usize) {
        let withheld = self.manual.as_ref().map_or((0, 0), |manual| (manual.unacknowledged, manual.bytes));
        (withheld.0, withheld.1 + self.received.offered_bytes)
    }

    /// The application is done with a message of this connection and identifier, both as they were when it was delivered.
    ///
    /// # Errors
    /// See [`AcknowledgeFault`]; nothing was changed.
    pub fn acknowledge_message(&mut self, connection: u16, id: PacketId) -> Result<(), AcknowledgeFault> {
        if !self.acknowledges_by_hand {
            return Err(AcknowledgeFault::Automatic);
        }
        if connection == 0 {
            let is_at_most_once = id == PacketId::received(0);
            return Err(if is_at_most_once {
                AcknowledgeFault::AtMostOnce
            } else {
                AcknowledgeFault::Unknown
            });
        }
        let current = self.connection_of_messages();
        if connection > current {
            return Err(AcknowledgeFault::Unknown);
        }
        if connection < current || self.phase != Phase::Connected {
            return Err(AcknowledgeFault::EarlierConnection);
        }
        let (kind, packet) = self.withheld().acknowledge(id).ok_or(AcknowledgeFault::Unknown)?;
        match kind {
            PubRec => {
                self.received.insert_delivered(id);
                if let Some(packet) = packet {
                    let version = self.version;
                    self.store(|| StoreCommand::PutIncoming { id, packet, version });
                }
            }
            PubComp => {
                self.received.insert_delivered(id);
                self.store(|| StoreCommand::RemoveIncoming { id });
            }
            _ => {}
        }
        self.send_due_answers();
        Ok(())
    }

    fn withheld(&mut self) -> &mut WithheldAnswers {
        self.manual.get_or_insert_default()
    }

    fn send_due_answers(&mut self) {
        while let Some((kind, id)) = self.withheld().take_due() {
            if kind == PubComp {
                self.received.remove(id);
                self.received.queued_before.remove(id);
            }
            self.acknowledge(kind, id);
        }
    }

    /// Answers what is known already, after all that came before.
    fn answer_in_turn(&mut self, kind: AcknowledgementType, id: PacketId) {
        self.withheld().push(Withheld {
            id,
            kind,
            acknowledged: true,
            asked_for: true,
            void: false,
            packet: None,
        });
        self.send_due_answers();
    }

    fn withhold(&mut self, kind: AcknowledgementType, id: PacketId, packet: Option<Arc<Vec<u8>>>) -> bool {
        self.withheld().push(Withheld { id, kind, acknowledged: false, asked_for: true, void: false, packet })
    }

    /// A message that the application has to acknowledge.
    #[inline(never)]
    pub(super) fn receive_unacknowledged<'a>(
        &mut self,
        publish: Publish<'a>,
        id: PacketId,
        frame: Frame<'a>,
    ) -> Option<Event<'a>> {
        match publish.qos {
            QoS::ExactlyOnce if self.version != Version::V5 => self.receive_exactly_once(publish, id, frame),
            // On one connection a message is not sent twice: that is left to its acknowledgement.
            _ if self.withheld().contains(id) => None,
            QoS::ExactlyOnce => {
                if self.was_queued_before(&publish, id) {
                    self.received.insert_delivered(id);
                    self.store_incoming(id, frame);
                }
                if self.received.get(id).is_some() {
                    self.answer_in_turn(PubRec, id);
                    return None;
                }
                let packet = self.stores.then(|| self.copy_of(frame));
                self.withhold(PubRec, id, packet).then_some(Event::Message(publish))
            }
            _ => self.withhold(PubAck, id, None).then_some(Event::Message(publish)),
        }
    }

    /// PUBREL. A message of an earlier version than 5 is delivered now, unless it was acknowledged before. It is also delivered
    /// again on another connection.
    #[inline(never)]
    pub(super) fn release_unacknowledged(&mut self, id: PacketId) -> Option<Event<'static>> {
        if let Some(withheld) = self.withheld().get_mut(id).filter(|withheld| withheld.kind == PubComp) {
            withheld.asked_for = true;
            self.send_due_answers();
            return None;
        }
        if let Some(message) = self.received.offer(id) {
            return self.withhold(PubComp, id, None).then_some(Event::Released(message));
        }
        // Acknowledged before, or never seen.
        if self.version != Version::V5 {
            self.answer_in_turn(PubComp, id);
            return None;
        }
        self.withheld().forget_pubrec(id);
        self.send_due_answers();
        if self.received.remove(id).is_some() {
            self.store(|| StoreCommand::RemoveIncoming { id });
        }
        self.received.queued_before.remove(id);
        self.acknowledge(PubComp, id);
        None
    }

    /// Delivers the message that has waited longest for its release before that comes.
    pub(super) fn deliver_unreleased_by_hand(&mut self) -> Option<Event<'static>> {
        let id = self.received.oldest()?;
        let message = self.received.offer(id)?;
        let withheld =
            Withheld { id, kind: PubComp, acknowledged: false, asked_for: false, void: false, packet: None };
        self.withheld().push(withheld);
        Some(Event::Released(message))
    }
}
