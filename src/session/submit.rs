//! Requests of applications that do not wait: sent at once where that is possible, kept in order otherwise.

use super::queue::{QueuedKind, QueuedPublish};
use super::state::{Phase, Session};
use super::{
    Accepted, BufferOptions, Cause, Completion, FailedRequest, LARGE_PAYLOAD, Moment, OutgoingPublish,
    RequestError, SentMessage, SharedPacket, StoreCommand, StoredRequest,
};
use crate::protocol::{
    Disconnect, EncodeError, PacketId, PacketType, PropertyId, PropertyView, QoS, ReasonCode, TopicFilter,
    Version, encode_request,
};

impl<R: Copy> Session<R> {
    /// What is done with messages that cannot be sent at once.
    pub fn set_buffer_options(&mut self, options: BufferOptions) {
        self.queue.options = options;
    }

    /// The application called connect (true) or disconnect (false).
    pub fn set_wants_connection(&mut self, wants: bool) {
        self.queue.wants_connection = wants;
    }

    /// Takes a message and sends it as soon as that is possible: now, if there is a connection, nothing waits before
    /// it and the window is open. It is copied; after this call nothing follows from the caller's memory.
    ///
    /// With `requester` there is exactly one completion, which may wait to be fetched when this returns. A message that
    /// the server has excluded for this connection is taken all the same and fails.
    ///
    /// # Errors
    /// See [`RequestError`].
    #[inline]
    pub fn send(
        &mut self,
        now: Moment,
        publish: &OutgoingPublish<'_>,
        requester: Option<R>,
    ) -> Result<Accepted<R>, RequestError> {
        if !self.sends_at_once(publish.qos) {
            return self.enqueue(publish, requester);
        }
        let copies = publish.qos == QoS::AtMostOnce && publish.payload.len() >= LARGE_PAYLOAD;
        let sent = if copies {
            self.send_large(publish, requester)
        } else {
            self.send_and_report(now, publish, requester)
        };
        match sent {
            Ok(id) => Ok(Accepted { token: id.map_or(0, PacketId::get), displaced: None }),
            Err(error) => self.turn_down(publish, requester, error),
        }
    }

    /// [`send`](Session::send) and [`send_kept`](Session::send_kept) would not let a message of this level wait.
    #[inline]
    pub fn sends_at_once(&self, qos: QoS) -> bool {
        self.phase == Phase::Connected && self.queue.is_empty() && self.may_publish(qos) && self.has_space()
    }

    /// Of QoS 0, with a payload that is to be copied.
    fn send_large(
        &mut self,
        publish: &OutgoingPublish<'_>,
        requester: Option<R>,
    ) -> Result<Option<PacketId>, RequestError> {
        let (packet, version) = (self.publish_whole(publish)?, self.version);
        if let Some(requester) = requester {
            let end = self.queued_in_all();
            self.outstanding.sent_at_most_once(end, requester, SentMessage { packet, version });
        }
        Ok(None)
    }

    #[inline]
    fn send_and_report(
        &mut self,
        now: Moment,
        publish: &OutgoingPublish<'_>,
        requester: Option<R>,
    ) -> Result<Option<PacketId>, RequestError> {
        let start = self.outgoing.bytes().len();
        let id = self.publish(now, publish)?.id;
        if id.is_some() {
            self.expect_completion(id, requester);
        } else if let Some(requester) = requester {
            let end = self.queued_in_all();
            let packet = self.outgoing.bytes().get(start..).unwrap_or_default();
            self.outstanding.sent_copy(end, requester, packet, self.version);
        }
        Ok(id)
    }

    /// The message that was put in flight last came with this.
    pub(super) fn expect_completion(&mut self, id: Option<PacketId>, requester: Option<R>) {
        let version = self.version;
        let Some(message) = self.in_flight.last() else { return };
        if let (Some(id), Some(requester), Some(packet)) = (id, requester, message.packet.clone()) {
            self.outstanding.sent(id, requester, Some(SentMessage { packet, version }), message.lasts);
        }
    }

    /// The message cannot be sent on this connection.
    #[cold]
    pub(super) fn turn_down(
        &mut self,
        publish: &OutgoingPublish<'_>,
        requester: Option<R>,
        error: RequestError,
    ) -> Result<Accepted<R>, RequestError> {
        if matches!(error, RequestError::Encode(_) | RequestError::NoFreePacketId) {
            return Err(error);
        }
        let id = self.new_id(publish.qos)?;
        if let Some(id) = id {
            self.identifiers.take(id);
        }
        self.not_sent(id, requester, error, PacketType::Publish);
        Ok(Accepted { token: id.map_or(0, PacketId::get), displaced: None })
    }

    /// The request with this id fails instead of being sent.
    pub(super) fn not_sent(
        &mut self,
        id: Option<PacketId>,
        requester: Option<R>,
        error: RequestError,
        packet_type: PacketType,
    ) {
        if let Some(id) = id {
            self.identifiers.release(id);
        }
        if let Some(requester) = requester {
            let failed = FailedRequest {
                reason: error.reason().unwrap_or(ReasonCode::SUCCESS),
                packet_type: Some(packet_type),
                ..FailedRequest::new(Cause::NotSent)
            };
            self.outstanding.complete(requester, id.map_or(0, PacketId::get), Err(failed));
        }
    }

    /// Why no message of this QoS would be taken now; where that is not known, only the lack of a connection counts.
    pub fn message_refusal(&self, qos: Option<QoS>) -> Option<RequestError> {
        if self.phase != Phase::Connected && !self.queue.takes_offline() {
            return Some(RequestError::NotConnected);
        }
        if let Err(error) = self.new_id(qos?) {
            return Some(error);
        }
        let full = self.queue.is_full() && !self.queue.options.delete_oldest;
        full.then_some(RequestError::TooManyBuffered)
    }

    /// Why no subscription, or end of one, would be taken now.
    pub fn request_refusal(&self) -> Option<RequestError> {
        if self.phase != Phase::Connected {
            return Some(RequestError::NotConnected);
        }
        self.new_id(QoS::AtLeastOnce).err()
    }

    #[inline(never)]
    pub(super) fn enqueue(
        &mut self,
        publish: &OutgoingPublish<'_>,
        requester: Option<R>,
    ) -> Result<Accepted<R>, RequestError> {
        if self.phase != Phase::Connected && !self.queue.takes_offline() {
            return Err(RequestError::NotConnected);
        }
        let id = self.new_id(publish.qos)?;
        let full = self.queue.is_full();
        if full && !self.queue.options.delete_oldest {
            return Err(RequestError::TooManyBuffered);
        }
        let message = self.lasting_message(publish, id)?;
        if let Some(id) = id {
            self.identifiers.take(id);
        }
        self.queue.push_publish(id, message, requester);
        let displaced = if full { self.displace_oldest() } else { None };
        Ok(Accepted { token: id.map_or(0, PacketId::get), displaced })
    }

    pub(super) fn new_id(&self, qos: QoS) -> Result<Option<PacketId>, RequestError> {
        if qos == QoS::AtMostOnce {
            return Ok(None);
        }
        self.identifiers.next_free().map(Some).ok_or(RequestError::NoFreePacketId)
    }

    /// The message in one block of memory, in the version in which it will most likely be sent. Properties are kept
    /// in any case.
    fn lasting_message(
        &mut self,
        publish: &OutgoingPublish<'_>,
        id: Option<PacketId>,
    ) -> Result<SentMessage, EncodeError> {
        let offline = self.phase != Phase::Connected;
        let version = if offline && !publish.properties.is_empty() { Version::V5 } else { self.version };
        let publish = publish.with_id(id);
        // The head is put together at the end of the outgoing bytes and taken away again.
        let bytes = self.outgoing.bytes();
        let start = bytes.len();
        publish.encode_head(version, bytes)?;
        let packet = SharedPacket::join(bytes.get(start..).unwrap_or_default(), publish.payload);
        bytes.truncate(start);
        Ok(SentMessage { packet, version })
    }

    fn displace_oldest(&mut self) -> Option<Completion<R>> {
        let oldest = self.queue.pop_publish()?;
        self.remove_stored(oldest.stored);
        if let Some(id) = oldest.id {
            self.identifiers.release(id);
        }
        let packet_type = Some(PacketType::Publish);
        let failed = FailedRequest { packet_type, ..FailedRequest::new(Cause::Displaced) };
        Some(Completion { requester: oldest.requester?, token: oldest.token(), result: Err(failed) })
    }

    /// Queues a SUBSCRIBE or UNSUBSCRIBE after what is already waiting; [`advance_queue`](Session::advance_queue) sends it.
    /// Returns its token. Its completion is [`Success::Subscribed`](super::Success::Subscribed) or
    /// [`Success::Unsubscribed`](super::Success::Unsubscribed) unless it fails.
    ///
    /// # Errors
    /// See [`RequestError`].
    pub fn queue_request<'a, F: TopicFilter<'a>>(
        &mut self,
        filters: &[F],
        properties: PropertyView<'_>,
        requester: Option<R>,
    ) -> Result<u16, RequestError> {
        if self.phase != Phase::Connected {
            return Err(RequestError::NotConnected);
        }
        let version = self.version;
        let id = self.identifiers.next_free().ok_or(RequestError::NoFreePacketId)?;
        let mut packet = Vec::new();
        encode_request(version, id, properties, filters, &mut packet)?;
        self.identifiers.take(id);
        self.queue.push_request(packet.into(), QueuedKind::of(id, filters, version), requester);
        Ok(id.get())
    }

    /// Takes the application's wish to disconnect. [`advance_queue`](Session::advance_queue) carries it out when
    /// everything queued before it was sent and no QoS 1 or 2 message is in flight, or after `timeout_millis`, whatever
    /// waits then. Messages taken meanwhile wait for the next connection. `reason` and `properties` count in version 5
    /// only. Its completion is [`Success::Disconnected`](super::Success::Disconnected) when the connection is closed,
    /// or [`Cause::NotConnected`] if that ended otherwise.
    ///
    /// # Errors
    /// [`RequestError::NotConnected`], [`RequestError::Encode`].
    pub fn queue_disconnect(
        &mut self,
        now: Moment,
        timeout_millis: u64,
        reason: ReasonCode,
        properties: PropertyView<'_>,
        requester: Option<R>,
    ) -> Result<(), RequestError> {
        if self.phase != Phase::Connected {
            return Err(RequestError::NotConnected);
        }
        let mut packet = Vec::new();
        Disconnect { reason, properties }.encode_in_full(self.version, &mut packet)?;
        let kind = QueuedKind::Disconnect {
            deadline: now.plus_millis(timeout_millis),
            session_expiry: properties.four_byte(PropertyId::SessionExpiryInterval),
        };
        self.queue.push_request(packet.into(), kind, requester);
        Ok(())
    }

    /// How the next request ended that came with a requester. To be asked until `None` after every other call.
    ///
    /// After [`receive`](Session::receive): of an [`Event::Connected`](super::Event::Connected) these come before the
    /// event (they end with the old session), otherwise after it.
    #[inline]
    pub fn next_completion(&mut self) -> Option<Completion<R>> {
        self.outstanding.next_completion()
    }

    /// Tokens of messages that are not complete: those that wait in the queue's order, 0 at QoS 0, then those in
    /// flight in sending order.
    pub fn pending_requests(&self) -> impl Iterator<Item = u16> + '_ {
        let queued = self.queue.publishes().map(super::queue::QueuedPublish::token);
        queued.chain(self.pending().map(PacketId::get))
    }

    /// No request with this token waits in the queue and no message with it is in flight. SUBSCRIBE and UNSUBSCRIBE
    /// are complete in this sense once they were sent.
    pub fn request_is_complete(&self, token: u16) -> bool {
        match PacketId::new(token) {
            Some(id) => !self.is_unanswered(id) || self.requests.contains(id),
            None => !self.queue.has_without_token(),
        }
    }
}

/// Requests that a store keeps while they wait.
impl<R: Copy> Session<R> {
    /// The token that the next request gets: 0 for a message of QoS 0.
    ///
    /// # Errors
    /// [`RequestError::NoFreePacketId`]
    pub fn next_token(&self, qos: QoS) -> Result<u16, RequestError> {
        Ok(self.new_id(qos)?.map_or(0, PacketId::get))
    }

    /// A message may be taken that has to wait.
    ///
    /// # Errors
    /// See [`RequestError`].
    pub fn may_wait(&self) -> Result<(), RequestError> {
        if self.phase != Phase::Connected && !self.queue.takes_offline() {
            return Err(RequestError::NotConnected);
        }
        if self.queue.is_full() && !self.queue.options.delete_oldest {
            return Err(RequestError::TooManyBuffered);
        }
        Ok(())
    }

    /// Like [`send`](Session::send), but a QoS 1 or 2 message that goes out at once is only taken if `keep` has stored
    /// it, as for [`publish_kept`](Session::publish_kept). A message that waits is stored as `stored`, which
    /// [`StoreCommand::RemoveRequest`] names when it has been sent, or has failed.
    ///
    /// # Errors
    /// See [`RequestError`].
    pub fn send_kept(
        &mut self,
        now: Moment,
        publish: &OutgoingPublish<'_>,
        requester: Option<R>,
        stored: Option<StoredRequest>,
        keep: impl FnOnce(PacketId, &[u8], Version) -> bool,
    ) -> Result<Accepted<R>, RequestError> {
        if !self.sends_at_once(publish.qos) {
            let accepted = self.enqueue(publish, requester)?;
            self.queue.note_stored_publish(stored);
            return Ok(accepted);
        }
        let accepted = self.send_at_once_kept(now, publish, requester, keep)?;
        self.remove_stored(stored);
        Ok(accepted)
    }

    fn send_at_once_kept(
        &mut self,
        now: Moment,
        publish: &OutgoingPublish<'_>,
        requester: Option<R>,
        keep: impl FnOnce(PacketId, &[u8], Version) -> bool,
    ) -> Result<Accepted<R>, RequestError> {
        if publish.qos == QoS::AtMostOnce {
            return self.send(now, publish, requester);
        }
        match self.publish_kept(now, publish, keep) {
            Ok(sent) => {
                self.expect_completion(sent.id, requester);
                Ok(Accepted { token: sent.id.map_or(0, PacketId::get), displaced: None })
            }
            Err(RequestError::NotStored) => Err(RequestError::NotStored),
            Err(error) => self.turn_down(publish, requester, error),
        }
    }

    /// The stored record of a request is no longer needed.
    pub(super) fn remove_stored(&mut self, stored: Option<StoredRequest>) {
        if let Some(stored) = stored {
            self.store(|| StoreCommand::RemoveRequest { stored });
        }
    }

    /// The SUBSCRIBE or UNSUBSCRIBE that was queued last is stored under this name.
    pub fn note_stored_request(&mut self, stored: StoredRequest) {
        self.queue.note_stored_request(Some(stored));
    }
}

/// Requests that end with their connection, their session or their client.
impl<R: Copy> Session<R> {
    /// The connection is gone, and everything sent on it that it alone could complete has been discarded: the
    /// disconnects that waited, or were carried out, end now.
    pub(super) fn complete_disconnects(&mut self) {
        if std::mem::take(&mut self.outstanding.disconnecting) {
            self.outstanding.disconnected();
        }
        for disconnect in self.queue.take_disconnects() {
            self.outstanding.fail(disconnect.requester, 0, Cause::NotConnected);
        }
    }

    /// The ids of waiting requests stay in use whatever happens to the session, and new messages continue after the
    /// last of them.
    pub(super) fn keep_queued_ids(&mut self) {
        for id in self.queue.ids() {
            self.identifiers.mark(id);
        }
        if let Some(id) = self.queue.publishes().filter_map(|queued| queued.id).next_back() {
            self.identifiers.take(id);
        }
    }

    /// The client ends: every request that came with a requester and has no completion yet is discarded, those that
    /// were sent first, in the order of sending, then those that wait, in theirs. The session itself and what the
    /// store holds stay as they are.
    pub fn discard_requests(&mut self) {
        self.outstanding.discard(true);
        if std::mem::take(&mut self.outstanding.disconnecting) {
            let requester = self.outstanding.disconnect_requester.take();
            self.outstanding.fail(requester, 0, Cause::Discarded);
        }
        while let Some((requester, token)) = self.pop_first() {
            self.outstanding.fail(requester, token, Cause::Discarded);
        }
    }

    fn pop_first(&mut self) -> Option<(Option<R>, u16)> {
        let publish = self.queue.first_publish().map(|first| first.sequence);
        let request = self.queue.first_request().map(|first| first.sequence);
        let (id, requester) = if request.is_none() || publish.is_some_and(|publish| Some(publish) < request) {
            let QueuedPublish { id, requester, .. } = self.queue.pop_publish()?;
            (id, requester)
        } else {
            let request = self.queue.pop_request()?;
            (request.id(), request.requester)
        };
        if let Some(id) = id {
            self.identifiers.release(id);
        }
        Some((requester, id.map_or(0, |id| id.get())))
    }
}
