//! Requests that the server has not answered in time fail, and are given up.

use super::packet_id_map::PacketIdMap;
use super::state::{Phase, Session};
use super::{Moment, StoreCommand};
use crate::protocol::AcknowledgementType::{PubAck, PubComp, PubRec};
use crate::protocol::PacketId;

impl<R: Copy> Session<R> {
    /// The request with this token fails unless it has been answered by then.
    #[inline(never)]
    pub fn limit_time(&mut self, token: u16, until: Moment) {
        if let Some(id) = PacketId::new(token) {
            self.time_limits.get_or_insert_default().insert(id, until);
        }
    }

    /// No request that was taken until now has a time limit.
    pub fn lift_time_limits(&mut self) {
        self.time_limits = None;
    }

    /// When [`give_up_overdue`](Session::give_up_overdue) has something to do; connected or not. Never while nothing is read
    /// from the server.
    #[inline]
    pub fn next_time_limit(&self) -> Option<Moment> {
        self.time_limits.as_ref()?.next().filter(|_| !self.keep_alive.is_reading_stopped())
    }

    /// Requests whose time is over fail. What was sent of them is not sent again; a message of QoS 2 that the server may have
    /// is released, so that its id can be used again.
    #[inline]
    pub fn give_up_overdue(&mut self, now: Moment) {
        if self.next_time_limit().is_some_and(|next| next <= now) {
            self.give_up(now);
        }
    }

    /// The id belongs to another request, which has no time limit.
    pub(super) fn forget_time_limit(&mut self, id: PacketId) {
        if let Some(limits) = &mut self.time_limits {
            limits.remove(id);
        }
    }

    #[inline(never)]
    fn give_up(&mut self, now: Moment) {
        let Some(mut limits) = self.time_limits.take() else { return };
        let due = limits.take_overdue(now, |id| self.is_unanswered(id));
        self.time_limits = Some(limits);
        let mut queued = PacketIdMap::default();
        for id in due {
            if self.in_flight.contains(id) {
                self.give_up_message(now, id);
            } else if self.requests.contains(id) {
                self.give_up_request(id);
            } else {
                queued.insert(id, ());
            }
        }
        if !queued.is_empty() {
            self.give_up_queued(&queued);
        }
    }

    /// The request with this id has no result yet.
    pub(super) fn is_unanswered(&self, id: PacketId) -> bool {
        self.identifiers.is_used(id) && !self.is_given_up(id)
    }

    /// The application knows that it has failed.
    fn is_given_up(&self, id: PacketId) -> bool {
        self.in_flight.get(id).is_some_and(|message| message.given_up)
            || self.requests.get(id).is_some_and(|request| request.given_up)
    }

    /// A message that was sent. The server may still answer it, and counts it for its Receive Maximum: on this connection it
    /// stays in flight.
    fn give_up_message(&mut self, now: Moment, id: PacketId) {
        let is_open = matches!(self.phase, Phase::Connected | Phase::Closing);
        let Some(message) = self.in_flight.get_mut(id) else { return };
        message.given_up = true;
        message.packet = None;
        let (version, lasts, awaited) = (message.version, message.lasts, message.awaited);
        let may_be_answered = is_open && message.counts;
        if awaited == PubAck {
            // The server keeps nothing of it.
            message.lasts = false;
        }
        self.flow.given_up += 1;
        self.flow.passing_messages += usize::from(lasts && awaited == PubAck);
        self.outstanding.give_up(id);
        match awaited {
            PubAck => {
                if lasts {
                    self.store(|| StoreCommand::RemoveOutgoing { id });
                }
                if !may_be_answered {
                    self.forget(id);
                }
            }
            // The server may have it from an earlier connection, and its PUBLISH will not be sent again: no answer would come.
            PubRec if !may_be_answered && self.phase == Phase::Connected => self.release(now, id),
            PubRec if lasts => self.store(|| StoreCommand::PutRelease { id, version }),
            _ => {}
        }
    }

    /// A SUBSCRIBE or UNSUBSCRIBE that was sent: an answer that comes later means nothing any more.
    fn give_up_request(&mut self, id: PacketId) {
        if let Some(request) = self.requests.get_mut(id) {
            request.given_up = true;
        }
        if let Some(subscriptions) = &mut self.subscriptions {
            subscriptions.forget_request(id);
        }
        self.outstanding.give_up(id);
    }

    fn give_up_queued(&mut self, overdue: &PacketIdMap<()>) {
        for (id, requester, stored) in self.queue.take_out(|id| overdue.contains(id)) {
            self.remove_stored(stored);
            self.identifiers.release(id);
            self.outstanding.fail_unanswered(requester, id);
        }
    }

    /// At the start of a connection: the server may have messages of QoS 2 that were given up, and may have acknowledged them.
    /// They are released, as those whose PUBREC came, so that it does not take a later message with that id for the same.
    pub(super) fn release_given_up(&mut self) {
        if self.flow.given_up == 0 {
            return;
        }
        let mut next = self.in_flight.first();
        while let Some(place) = next {
            next = self.in_flight.after(place);
            if let Some(message) = self.in_flight.at_mut(place).filter(|message| message.given_up) {
                message.awaited = PubComp;
            }
        }
    }
}
