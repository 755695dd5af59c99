//! Sending again: what is in flight at the start of a connection, and what stays unanswered during one (3.x).

use super::in_flight::Place;
use super::state::Session;
use super::{LARGE_PAYLOAD, Moment, StoreCommand, packet_bytes};
use crate::protocol::{AcknowledgementType, Version};

/// Resending pauses while this many bytes wait to be written: a long list is not copied all at once.
const RESEND_BUDGET: u64 = 262_144;
/// Milliseconds until the next look when resending within a connection had to be put off.
const RETRY_PAUSE: u64 = 1000;

impl<R: Copy> Session<R> {
    /// Starts the resume pass over everything in flight, in sending order.
    pub(super) fn begin_resume(&mut self, now: Moment) {
        self.flow.unacknowledged = 0;
        self.release_given_up();
        let mut next = self.in_flight.first();
        while let Some(place) = next {
            next = self.in_flight.after(place);
            if let Some(message) = self.in_flight.at_mut(place) {
                message.counts = false;
            }
        }
        self.flow.resume_at = self.in_flight.first();
        self.continue_resume(now);
    }

    /// Resends as far as the server's Receive Maximum and the unwritten bytes allow. The rest follows when
    /// messages complete or bytes are written, always before anything new.
    pub(super) fn continue_resume(&mut self, now: Moment) {
        while let Some(place) = self.flow.resume_at {
            let full = self.flow.unacknowledged >= usize::from(self.limits.receive_maximum);
            if self.unwritten() >= RESEND_BUDGET || full && self.is_publish(place) {
                return;
            }
            self.resend(now, place);
            self.flow.resume_at = self.in_flight.after(place);
        }
    }

    /// Within a connection of version 3: resends what has been unanswered for the retry interval.
    pub(super) fn resend_overdue(&mut self, now: Moment) {
        let interval = self.settings.retry_millis;
        if interval == 0 || now < self.flow.next_retry {
            return;
        }
        // Bytes that do not even leave say nothing about the server; more of them would only pile up.
        if self.flow.resume_at.is_some() || self.unwritten() > 0 {
            self.flow.next_retry = now.plus_millis(RETRY_PAUSE);
            return;
        }
        self.flow.next_retry = now.plus_millis(interval);
        let mut next = self.in_flight.first();
        while let Some(place) = next {
            if self.unwritten() >= RESEND_BUDGET {
                self.flow.next_retry = now.plus_millis(RETRY_PAUSE);
                return;
            }
            next = self.in_flight.after(place);
            self.resend_if_overdue(now, place);
        }
    }

    fn resend_if_overdue(&mut self, now: Moment, place: Place) {
        let Some(message) = self.in_flight.at(place) else { return };
        if message.given_up && message.awaited != AcknowledgementType::PubComp {
            return;
        }
        let due = message.sent_at.plus_millis(self.settings.retry_millis);
        if due <= now {
            self.resend(now, place);
        } else {
            self.flow.next_retry = self.flow.next_retry.min(due);
        }
    }

    /// PUBLISH with DUP, or the PUBREL that has taken its place.
    fn resend(&mut self, now: Moment, place: Place) {
        let Some(message) = self.in_flight.at_mut(place) else { return };
        message.sent_at = now;
        let id = message.id;
        if message.awaited == AcknowledgementType::PubComp {
            message.release_repeated = true;
            let version = self.version;
            self.store(|| StoreCommand::PutRelease { id, version });
            self.acknowledge(AcknowledgementType::PubRel, id);
            return;
        }
        let replaced = self.adapt_version(place);
        self.resend_publish(place, replaced);
    }

    /// `replaced`: the version in which the message was encoded before.
    fn resend_publish(&mut self, place: Place, replaced: Option<Version>) {
        let Some(message) = self.in_flight.at_mut(place) else { return };
        let Some(packet) = &mut message.packet else { return };
        if !self.limits.permit_resend(packet) {
            // It stays in flight for a connection that takes it.
            return;
        }
        // The bytes themselves are stored or, if large, written: they need the flag. Others get it in the outgoing bytes.
        if (self.stores || packet.len() >= LARGE_PAYLOAD) && !packet_bytes::is_dup(packet) {
            *packet = packet_bytes::duplicate(packet);
        }
        self.sent.message(packet_bytes::qos(packet), packet.len());
        if packet.len() < LARGE_PAYLOAD {
            let bytes = self.outgoing.bytes();
            let start = bytes.len();
            bytes.extend_from_slice(packet);
            packet_bytes::set_dup(bytes.get_mut(start..).unwrap_or_default());
        } else {
            self.outgoing.push_shared(packet.clone());
        }
        let (id, packet, version) = (message.id, packet.clone(), message.version);
        self.flow.unacknowledged += usize::from(!message.counts);
        message.counts = true;
        self.store(|| StoreCommand::PutOutgoing { id, packet, version });
        if let Some(version) = replaced {
            self.store(|| StoreCommand::RemoveReplaced { id, version });
        }
    }

    /// A message encoded for a connection with properties must be encoded again for one without, and the
    /// other way round. Returns the version it was encoded for.
    fn adapt_version(&mut self, place: Place) -> Option<Version> {
        let version = self.version;
        let message = self.in_flight.at_mut(place)?;
        let before = message.version;
        if (before == Version::V5) == (version == Version::V5) {
            return None;
        }
        let old = message.packet.as_deref().unwrap_or_default();
        message.packet = Some(packet_bytes::convert(old, before, version)?);
        message.version = version;
        Some(before)
    }

    fn is_publish(&self, place: Place) -> bool {
        self.in_flight.at(place).is_some_and(|message| message.awaited != AcknowledgementType::PubComp)
    }
}
