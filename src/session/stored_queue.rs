//! Requests that a store keeps while they wait, and those that it has kept of an earlier life.

use super::queue::QueuedKind;
use super::request::RequestKind;
use super::state::{Phase, Session};
use super::{
    Accepted, Moment, OutgoingPublish, QueueError, RequestError, SentMessage, StoreCommand, StoredRequest,
    packet_bytes,
};
use crate::protocol::{
    EncodeError, Filter, PacketId, PropertyView, QoS, Version, encode_subscribe, encode_unsubscribe,
};

impl<R: Copy> Session<R> {
    /// [`send`](Session::send) and [`send_kept`](Session::send_kept) would not let a message of this level wait.
    #[inline]
    pub fn sends_at_once(&self, qos: QoS) -> bool {
        self.goes_at_once(qos)
    }

    /// The token that the next request gets: 0 for a message of QoS 0.
    ///
    /// # Errors
    /// [`QueueError::NoFreePacketId`]
    pub fn next_token(&self, qos: QoS) -> Result<u16, QueueError> {
        Ok(self.new_id(qos)?.map_or(0, PacketId::get))
    }

    /// A message may be taken that has to wait.
    ///
    /// # Errors
    /// See [`QueueError`].
    pub fn may_wait(&self) -> Result<(), QueueError> {
        if self.phase != Phase::Connected && !self.queue.takes_offline() {
            return Err(QueueError::NotConnected);
        }
        if self.queue.is_full() && !self.queue.options.delete_oldest {
            return Err(QueueError::TooManyBuffered);
        }
        Ok(())
    }

    /// Like [`send`](Session::send), but a QoS 1 or 2 message that goes out at once is only taken if `keep` has stored
    /// it, as for [`publish_kept`](Session::publish_kept). A message that waits is stored as `stored`, which
    /// [`StoreCommand::RemoveRequest`] names when it has been sent, or has failed.
    ///
    /// # Errors
    /// See [`QueueError`].
    pub fn send_kept(
        &mut self,
        now: Moment,
        publish: &OutgoingPublish<'_>,
        requester: Option<R>,
        stored: Option<StoredRequest>,
        keep: impl FnOnce(PacketId, &[u8], Version) -> bool,
    ) -> Result<Accepted<R>, QueueError> {
        if !self.goes_at_once(publish.qos) {
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
    ) -> Result<Accepted<R>, QueueError> {
        if publish.qos == QoS::AtMostOnce {
            return self.send(now, publish, requester);
        }
        match self.publish_kept(now, publish, keep) {
            Ok(sent) => {
                self.expect_completion(sent.id, requester);
                Ok(Accepted { token: sent.id.map_or(0, PacketId::get), displaced: None })
            }
            Err(RequestError::NotStored) => Err(QueueError::NotStored),
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

    /// Puts a message of an earlier life at the end of the queue. `token`: its packet id, 0 at QoS 0. False: it cannot be
    /// sent, or no server would take it.
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
        }
        let packet = packet_bytes::join(&packet, &[]);
        self.queue.push_publish(id, SentMessage { packet, version }, None);
        self.queue.note_stored_publish(Some(stored));
        true
    }

    /// The same for a SUBSCRIBE.
    pub fn restore_subscribe(
        &mut self,
        filters: &[Filter<'_>],
        properties: PropertyView<'_>,
        token: u16,
        version: Version,
        stored: StoredRequest,
    ) -> bool {
        self.restore_subscription(RequestKind::Subscribe, filters.len(), token, version, stored, |id, out| {
            encode_subscribe(version, id, properties, filters, out)
        })
    }

    /// The same for an UNSUBSCRIBE.
    pub fn restore_unsubscribe(
        &mut self,
        filters: &[&[u8]],
        properties: PropertyView<'_>,
        token: u16,
        version: Version,
        stored: StoredRequest,
    ) -> bool {
        self.restore_subscription(
            RequestKind::Unsubscribe,
            filters.len(),
            token,
            version,
            stored,
            |id, out| encode_unsubscribe(version, id, properties, filters, out),
        )
    }

    fn restore_subscription(
        &mut self,
        kind: RequestKind,
        filters: usize,
        token: u16,
        version: Version,
        stored: StoredRequest,
        encode: impl FnOnce(PacketId, &mut Vec<u8>) -> Result<(), EncodeError>,
    ) -> bool {
        let Some(Some(id)) = PacketId::new(token).map(|id| self.restored_id(Some(id)).flatten()) else {
            return false;
        };
        let mut packet = Vec::new();
        if encode(id, &mut packet).is_err() || !packet_bytes::is_whole(&packet, version) {
            return false;
        }
        self.identifiers.take(id);
        let kind = QueuedKind::Subscription { id, kind, filters, version };
        self.queue.push_request(packet.into(), kind, None);
        self.queue.note_stored_request(Some(stored));
        true
    }

    /// The id of a restored request: its own, or another one if something else has that meanwhile. `None`: all are in use.
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
