//! Requests that a store keeps while they wait.

use super::state::{Phase, Session};
use super::{Accepted, Moment, OutgoingPublish, QueueError, RequestError, StoreCommand, StoredRequest};
use crate::protocol::{PacketId, QoS, Version};

impl<R: Copy> Session<R> {
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
}
