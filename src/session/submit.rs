//! Requests of applications that do not wait: sent at once where that is possible, kept in order otherwise.

use super::queue::QueuedKind;
use super::request::RequestKind;
use super::state::{Phase, Session};
use super::{
    Accepted, BufferOptions, Cause, Completion, FailedRequest, LARGE_PAYLOAD, Moment, OutgoingPublish,
    QueueError, RequestError, SentMessage, packet_bytes,
};
use crate::protocol::{
    Disconnect, EncodeError, Filter, PacketId, PacketType, PropertyId, PropertyView, QoS, ReasonCode,
    Version, encode_subscribe, encode_unsubscribe,
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
    /// See [`QueueError`].
    #[inline]
    pub fn send(
        &mut self,
        now: Moment,
        publish: &OutgoingPublish<'_>,
        requester: Option<R>,
    ) -> Result<Accepted<R>, QueueError> {
        if !self.sends_at_once(publish.qos) {
            return self.enqueue(publish, requester);
        }
        let copies = publish.qos == QoS::AtMostOnce && publish.payload.len() >= LARGE_PAYLOAD;
        let sent = match requester {
            Some(requester) => self.send_and_report(now, publish, requester),
            None if copies => self.publish_whole(publish).map(|_| None),
            None => self.publish(now, publish).map(|sent| sent.id),
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

    fn send_and_report(
        &mut self,
        now: Moment,
        publish: &OutgoingPublish<'_>,
        requester: R,
    ) -> Result<Option<PacketId>, RequestError> {
        let version = self.version;
        if publish.qos == QoS::AtMostOnce {
            let packet = self.publish_whole(publish)?;
            let end = self.queued_in_all();
            self.outstanding.sent_at_most_once(end, requester, SentMessage { packet, version });
            return Ok(None);
        }
        let id = self.publish(now, publish)?.id;
        self.expect_completion(id, Some(requester));
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
    ) -> Result<Accepted<R>, QueueError> {
        match error {
            RequestError::Encode(error) => return Err(QueueError::Encode(error)),
            RequestError::NoFreePacketId => return Err(QueueError::NoFreePacketId),
            _ => {}
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
    pub fn message_refusal(&self, qos: Option<QoS>) -> Option<QueueError> {
        if self.phase != Phase::Connected && !self.queue.takes_offline() {
            return Some(QueueError::NotConnected);
        }
        if let Err(error) = self.new_id(qos?) {
            return Some(error);
        }
        let full = self.queue.is_full() && !self.queue.options.delete_oldest;
        full.then_some(QueueError::TooManyBuffered)
    }

    /// Why no subscription, or end of one, would be taken now.
    pub fn request_refusal(&self) -> Option<QueueError> {
        if self.phase != Phase::Connected {
            return Some(QueueError::NotConnected);
        }
        self.new_id(QoS::AtLeastOnce).err()
    }

    #[inline(never)]
    pub(super) fn enqueue(
        &mut self,
        publish: &OutgoingPublish<'_>,
        requester: Option<R>,
    ) -> Result<Accepted<R>, QueueError> {
        if self.phase != Phase::Connected && !self.queue.takes_offline() {
            return Err(QueueError::NotConnected);
        }
        let id = self.new_id(publish.qos)?;
        let full = self.queue.is_full();
        if full && !self.queue.options.delete_oldest {
            return Err(QueueError::TooManyBuffered);
        }
        let message = self.lasting_message(publish, id)?;
        if let Some(id) = id {
            self.identifiers.take(id);
        }
        self.queue.push_publish(id, message, requester);
        let displaced = if full { self.displace_oldest() } else { None };
        Ok(Accepted { token: id.map_or(0, PacketId::get), displaced })
    }

    pub(super) fn new_id(&self, qos: QoS) -> Result<Option<PacketId>, QueueError> {
        if qos == QoS::AtMostOnce {
            return Ok(None);
        }
        self.identifiers.next_free().map(Some).ok_or(QueueError::NoFreePacketId)
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
        let packet = packet_bytes::join(bytes.get(start..).unwrap_or_default(), publish.payload);
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

    /// Queues a SUBSCRIBE after what is already waiting; [`advance_queue`](Session::advance_queue) sends it. Returns
    /// its token. Its completion is [`Success::Subscribed`](super::Success::Subscribed) unless it fails.
    ///
    /// # Errors
    /// See [`QueueError`].
    pub fn queue_subscribe(
        &mut self,
        filters: &[Filter<'_>],
        properties: PropertyView<'_>,
        requester: Option<R>,
    ) -> Result<u16, QueueError> {
        self.queue_subscription(RequestKind::Subscribe, filters.len(), requester, |version, id, out| {
            encode_subscribe(version, id, properties, filters, out)
        })
    }

    /// The same for UNSUBSCRIBE and [`Success::Unsubscribed`](super::Success::Unsubscribed).
    ///
    /// # Errors
    /// See [`QueueError`].
    pub fn queue_unsubscribe(
        &mut self,
        filters: &[&[u8]],
        properties: PropertyView<'_>,
        requester: Option<R>,
    ) -> Result<u16, QueueError> {
        self.queue_subscription(RequestKind::Unsubscribe, filters.len(), requester, |version, id, out| {
            encode_unsubscribe(version, id, properties, filters, out)
        })
    }

    fn queue_subscription(
        &mut self,
        kind: RequestKind,
        filters: usize,
        requester: Option<R>,
        encode: impl FnOnce(Version, PacketId, &mut Vec<u8>) -> Result<(), EncodeError>,
    ) -> Result<u16, QueueError> {
        if self.phase != Phase::Connected {
            return Err(QueueError::NotConnected);
        }
        let version = self.version;
        let id = self.identifiers.next_free().ok_or(QueueError::NoFreePacketId)?;
        let mut packet = Vec::new();
        encode(version, id, &mut packet)?;
        self.identifiers.take(id);
        let kind = QueuedKind::Subscription { id, kind, filters, version };
        self.queue.push_request(packet.into(), kind, requester);
        Ok(id.get())
    }

    /// Takes the application's wish to disconnect. [`advance_queue`](Session::advance_queue) carries it out when
    /// everything queued before it was sent and no QoS 1 or 2 message is in flight, or after `timeout_millis`, whatever
    /// waits then. Messages taken meanwhile wait for the next connection. `reason` and `properties` count in version 5
    /// only. Its completion is [`Success::Disconnected`](super::Success::Disconnected) when the connection is closed,
    /// or [`Cause::NotConnected`] if that ended otherwise.
    ///
    /// # Errors
    /// [`QueueError::NotConnected`], [`QueueError::Encode`].
    pub fn queue_disconnect(
        &mut self,
        now: Moment,
        timeout_millis: u64,
        reason: ReasonCode,
        properties: PropertyView<'_>,
        requester: Option<R>,
    ) -> Result<(), QueueError> {
        if self.phase != Phase::Connected {
            return Err(QueueError::NotConnected);
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
            Some(id) => !self.identifiers.is_used(id) || self.requests.contains(id),
            None => !self.queue.has_without_token(),
        }
    }
}
