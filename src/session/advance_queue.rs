//! The queue's way to the server.

use super::in_flight::first_answer;
use super::queue::{QueuedKind, QueuedPublish, QueuedRequest};
use super::state::{Phase, Session};
use super::topic_alias::LastingForm;
use super::{
    LARGE_PAYLOAD, Moment, OutgoingPublish, RequestError, SentMessage, SharedPacket, StoreCommand,
    packet_bytes,
};
use crate::protocol::{Framing, Packet, PacketId, PacketType, QoS, Version, split_frame};

/// Requests stay in the queue while this many bytes wait to be written.
const SEND_BUDGET: u64 = 262_144;

/// A request made for a connection of another version that cannot be put into words of this one.
const LEFT_BEHIND: RequestError = RequestError::NotConnected;

/// What the queue can do next.
enum Step {
    Publish,
    Subscription,
    Disconnect,
}

impl<R: Copy> Session<R> {
    /// Sends what may go now. To be called after CONNACK, after anything received, after
    /// [`bytes_written`](Session::bytes_written) and [`handle_timeout`](Session::handle_timeout), and after requests.
    ///
    /// First in, first out, except that the window holds back messages only: while a QoS 1 or 2 message waits for it,
    /// SUBSCRIBE and UNSUBSCRIBE pass, and messages of every level wait for it.
    ///
    /// True: see [`is_disconnecting`](Session::is_disconnecting).
    #[inline]
    pub fn advance_queue(&mut self, now: Moment) -> bool {
        if !self.queue.is_empty() {
            self.send_what_may_go(now);
        }
        self.outstanding.disconnecting
    }

    /// An application's disconnect was carried out: write what is in [`outgoing`](Session::outgoing), close the byte
    /// stream, and report that by [`connection_closed`](Session::connection_closed).
    #[inline]
    pub fn is_disconnecting(&self) -> bool {
        self.outstanding.disconnecting
    }

    /// The next message in the queue waits for acknowledgements of those in flight.
    pub fn waits_for_window(&self) -> bool {
        self.phase == Phase::Connected
            && self.queue.first_publish().is_some_and(|first| !self.may_publish(first.message.qos()))
    }

    /// The window is open to a message of this level, and none waits to be resent before it.
    #[inline]
    pub(super) fn may_publish(&self, qos: QoS) -> bool {
        self.flow.resume_at.is_none() && (qos == QoS::AtMostOnce || self.in_flight.len() < self.flow.window)
    }

    /// What was sent before is mostly written.
    #[inline]
    pub(super) fn has_space(&self) -> bool {
        self.unwritten() < SEND_BUDGET
    }

    #[inline(never)]
    fn send_what_may_go(&mut self, now: Moment) {
        while self.phase == Phase::Connected {
            // A disconnect that is due waits neither for acknowledgements nor for bytes to be written: what may be sent
            // before it is put in front of it.
            let due = self.queue.deadline().is_some_and(|deadline| deadline <= now);
            if !due && !self.has_space() {
                return;
            }
            match self.next_step(due) {
                None => return,
                Some(Step::Publish) => self.send_first_publish(now),
                Some(Step::Subscription) => self.send_first_subscription(),
                Some(Step::Disconnect) => self.carry_out_disconnect(),
            }
        }
    }

    fn next_step(&self, due: bool) -> Option<Step> {
        let publish = self.queue.first_publish();
        let request = self.queue.first_request();
        let publish = publish.filter(|publish| request.is_none_or(|other| publish.sequence < other.sequence));
        if publish.is_some_and(|publish| self.may_publish(publish.message.qos())) {
            return Some(Step::Publish);
        }
        if !request?.is_disconnect() {
            return Some(Step::Subscription);
        }
        let done = publish.is_none() && !self.has_outgoing_in_flight();
        (done || due).then_some(Step::Disconnect)
    }

    fn send_first_publish(&mut self, now: Moment) {
        let Some(queued) = self.queue.pop_publish() else { return };
        let QueuedPublish { id, message, requester, stored, .. } = queued;
        let put = self.put_publish(now, id, &message);
        self.remove_stored(stored);
        if let Err(error) = put {
            self.not_sent(id, requester, error, PacketType::Publish);
            return;
        }
        let end = self.queued_in_all();
        match (id, requester) {
            (_, None) => {}
            (Some(id), Some(requester)) => {
                let lasts = self.in_flight.last().is_some_and(|message| message.lasts);
                self.outstanding.sent(id, requester, Some(message), lasts);
            }
            (None, Some(requester)) => self.outstanding.sent_at_most_once(end, requester, message),
        }
    }

    /// Puts a message among the outgoing bytes, and in flight at QoS 1 and 2.
    fn put_publish(
        &mut self,
        now: Moment,
        id: Option<PacketId>,
        message: &SentMessage,
    ) -> Result<(), RequestError> {
        let packet = message.packet_for(self.version).ok_or(RequestError::PacketTooLarge)?;
        let (lasting, lasts) = self.lasting_packet(&packet)?;
        self.sent.message(message.qos(), packet.len());
        if packet.len() < LARGE_PAYLOAD {
            self.outgoing.bytes().extend_from_slice(&packet);
        } else {
            self.outgoing.push_shared(packet);
        }
        if let (Some(id), Some(awaited)) = (id, first_answer(message.qos())) {
            let version = self.version;
            if lasts {
                self.store(|| StoreCommand::PutOutgoing { id, packet: lasting.clone(), version });
            }
            self.begin_flight(now, id, awaited, lasting, lasts);
        }
        Ok(())
    }

    /// What is to be kept of a message for this connection, and whether it may be sent on another one.
    fn lasting_packet(&mut self, packet: &SharedPacket) -> Result<(SharedPacket, bool), RequestError> {
        if self.version != Version::V5 {
            return Ok((packet.clone(), true));
        }
        let Some(publish) = packet_bytes::take_apart(packet, Version::V5) else {
            return Ok((packet.clone(), true));
        };
        match self.check_limits(&OutgoingPublish::of(&publish))? {
            LastingForm::AsSent => Ok((packet.clone(), true)),
            LastingForm::Nothing => Ok((packet.clone(), false)),
            LastingForm::WithTopic(alias) => {
                let lasting = alias.lasting_packet(&publish)?;
                self.aliases.outgoing.define(alias);
                Ok((lasting, true))
            }
        }
    }

    fn send_first_subscription(&mut self) {
        let Some(queued) = self.queue.pop_request() else { return };
        let QueuedRequest { packet, kind, requester, stored, .. } = queued;
        self.remove_stored(stored);
        let QueuedKind::Subscription { id, request, version } = kind else { return };
        if let Err(error) = self.put_subscription(&packet, version) {
            return self.not_sent(Some(id), requester, error, request.kind);
        }
        self.requests.insert(id, request);
        if let Some(subscriptions) = &mut self.subscriptions {
            subscriptions.note_request(&packet, version);
        }
        if let Some(requester) = requester {
            self.outstanding.sent(id, requester, None, false);
        }
    }

    /// `packet` is encoded in `version`, maybe that of an earlier connection.
    fn put_subscription(&mut self, packet: &[u8], version: Version) -> Result<(), RequestError> {
        if (version == Version::V5) == (self.version == Version::V5) {
            self.limits.check_size(packet.len())?;
            self.outgoing.bytes().extend_from_slice(packet);
            self.sent.other();
            return Ok(());
        }
        let Ok(Framing::Complete(frame)) = split_frame(packet, 0) else { return Err(LEFT_BEHIND) };
        let mut converted = Vec::new();
        let decoded = Packet::decode(frame, version).map_err(|_| LEFT_BEHIND)?;
        decoded.packet.encode(self.version, &mut converted)?;
        self.limits.check_size(converted.len())?;
        self.outgoing.bytes().extend_from_slice(&converted);
        self.sent.other();
        Ok(())
    }

    fn carry_out_disconnect(&mut self) {
        let Some(QueuedRequest { packet, kind, requester, .. }) = self.queue.pop_request() else { return };
        if let QueuedKind::Disconnect { session_expiry, .. } = kind {
            self.outgoing.bytes().extend_from_slice(&packet);
            self.sent.other();
            self.announce_end(session_expiry);
            self.outstanding.disconnecting = true;
            self.outstanding.disconnect_requester = requester;
        }
    }
}
