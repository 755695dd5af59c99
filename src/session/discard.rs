//! Requests that end with their connection, their session or their client.

use super::Cause;
use super::queue::QueuedPublish;
use super::state::Session;

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
