//! Requests that wait to be sent, and what is asked of them.

use std::collections::VecDeque;

use super::request::Request;
use super::{Completion, Moment, SentMessage, StoredRequest};
use crate::protocol::{PacketId, TopicFilter, Version};

/// A queue that has become empty gives back its memory if it had room for more than this.
const KEPT_PLACES: usize = 64;

/// What to do with messages that cannot be sent at once. By default they are rejected while there is no
/// connection, and not limited otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BufferOptions {
    /// Messages are accepted while there is no connection, from the application's connect call until its disconnect.
    pub send_while_disconnected: bool,
    /// With the former: also before the first connect call and after a disconnect.
    pub allow_at_any_time: bool,
    /// Most messages that wait, connected or not; `None`: any number.
    pub maximum_buffered: Option<usize>,
    /// A message too many displaces the oldest instead of being refused.
    pub delete_oldest: bool,
}

/// A message was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted<R> {
    /// Packet id; 0 at QoS 0.
    pub token: u16,
    /// How the message ended that was displaced by this one, if that one came with a requester.
    pub displaced: Option<Completion<R>>,
}

/// A message that waits.
#[derive(Debug)]
pub(super) struct QueuedPublish<R> {
    /// Its place among all requests.
    pub(super) sequence: u64,
    pub(super) id: Option<PacketId>,
    pub(super) message: SentMessage,
    pub(super) requester: Option<R>,
    pub(super) stored: Option<StoredRequest>,
}

impl<R> QueuedPublish<R> {
    pub(super) fn token(&self) -> u16 {
        self.id.map_or(0, PacketId::get)
    }
}

/// Another request that waits.
#[derive(Debug)]
pub(super) struct QueuedRequest<R> {
    /// Its place among all requests.
    pub(super) sequence: u64,
    pub(super) packet: Box<[u8]>,
    pub(super) kind: QueuedKind,
    pub(super) requester: Option<R>,
    pub(super) stored: Option<StoredRequest>,
}

impl<R> QueuedRequest<R> {
    pub(super) fn id(&self) -> Option<PacketId> {
        match self.kind {
            QueuedKind::Subscription { id, .. } => Some(id),
            QueuedKind::Disconnect { .. } => None,
        }
    }

    pub(super) fn is_disconnect(&self) -> bool {
        matches!(self.kind, QueuedKind::Disconnect { .. })
    }
}

/// What a request other than a message is.
#[derive(Clone, Copy, Debug)]
pub(super) enum QueuedKind {
    /// SUBSCRIBE or UNSUBSCRIBE.
    Subscription {
        id: PacketId,
        request: Request,
        /// In which the packet is encoded.
        version: Version,
    },
    /// DISCONNECT; never outlives its connection.
    Disconnect {
        deadline: Moment,
        /// The session expiry interval it announces, in seconds.
        session_expiry: Option<u32>,
    },
}

impl QueuedKind {
    pub(super) fn of<'a, F: TopicFilter<'a>>(id: PacketId, filters: &[F], version: Version) -> QueuedKind {
        let request = Request { kind: F::PACKET_TYPE, filters: filters.len(), given_up: false };
        QueuedKind::Subscription { id, request, version }
    }
}

/// Requests that wait, first in, first out. Messages are kept apart from the others, because only they may
/// have to wait for acknowledgements; sequence numbers keep the order of both.
#[derive(Debug)]
pub(super) struct Queue<R> {
    pub(super) options: BufferOptions,
    /// The application has called connect and not disconnected since.
    pub(super) wants_connection: bool,
    publishes: VecDeque<QueuedPublish<R>>,
    /// QoS 0 messages and DISCONNECTs: those without a token of their own.
    without_token: usize,
    requests: VecDeque<QueuedRequest<R>>,
    /// The earliest of the disconnects that wait.
    deadline: Option<Moment>,
    next_sequence: u64,
}

impl<R> Default for Queue<R> {
    fn default() -> Self {
        Queue {
            options: BufferOptions::default(),
            wants_connection: false,
            publishes: VecDeque::new(),
            without_token: 0,
            requests: VecDeque::new(),
            deadline: None,
            next_sequence: 0,
        }
    }
}

impl<R> Queue<R> {
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.publishes.is_empty() && self.requests.is_empty()
    }

    /// How many requests wait, and how many of them are stored.
    pub(super) fn load(&self) -> (usize, usize) {
        let publishes = self.publishes.iter().filter(|publish| publish.stored.is_some());
        let requests = self.requests.iter().filter(|request| request.stored.is_some());
        (self.publishes.len() + self.requests.len(), publishes.count() + requests.count())
    }

    /// Messages are accepted while there is no connection.
    pub(super) fn takes_offline(&self) -> bool {
        let BufferOptions { send_while_disconnected, allow_at_any_time, .. } = self.options;
        send_while_disconnected && (self.wants_connection || allow_at_any_time)
    }

    /// As many messages wait as may.
    pub(super) fn is_full(&self) -> bool {
        self.options.maximum_buffered.is_some_and(|maximum| self.publishes.len() >= maximum)
    }

    pub(super) fn deadline(&self) -> Option<Moment> {
        self.deadline
    }

    /// A QoS 0 message or a disconnect waits.
    pub(super) fn has_without_token(&self) -> bool {
        self.without_token > 0
    }

    /// The messages in their order.
    pub(super) fn publishes(&self) -> impl DoubleEndedIterator<Item = &QueuedPublish<R>> {
        self.publishes.iter()
    }

    pub(super) fn first_publish(&self) -> Option<&QueuedPublish<R>> {
        self.publishes.front()
    }

    pub(super) fn first_request(&self) -> Option<&QueuedRequest<R>> {
        self.requests.front()
    }

    /// All packet ids in here.
    pub(super) fn ids(&self) -> impl Iterator<Item = PacketId> + '_ {
        let of_publishes = self.publishes.iter().filter_map(|queued| queued.id);
        of_publishes.chain(self.requests.iter().filter_map(QueuedRequest::id))
    }

    pub(super) fn push_publish(&mut self, id: Option<PacketId>, message: SentMessage, requester: Option<R>) {
        self.without_token += usize::from(id.is_none());
        let sequence = self.take_sequence();
        self.publishes.push_back(QueuedPublish { sequence, id, message, requester, stored: None });
    }

    pub(super) fn push_request(&mut self, packet: Box<[u8]>, kind: QueuedKind, requester: Option<R>) {
        if let QueuedKind::Disconnect { deadline, .. } = kind {
            self.without_token += 1;
            self.deadline = Some(self.deadline.map_or(deadline, |earliest| earliest.min(deadline)));
        }
        let sequence = self.take_sequence();
        self.requests.push_back(QueuedRequest { sequence, packet, kind, requester, stored: None });
    }

    /// Under which name the last message is stored.
    pub(super) fn note_stored_publish(&mut self, stored: Option<StoredRequest>) {
        if let Some(last) = self.publishes.back_mut() {
            last.stored = stored;
        }
    }

    /// The same for the last of the other requests.
    pub(super) fn note_stored_request(&mut self, stored: Option<StoredRequest>) {
        if let Some(last) = self.requests.back_mut() {
            last.stored = stored;
        }
    }

    pub(super) fn pop_publish(&mut self) -> Option<QueuedPublish<R>> {
        let queued = self.publishes.pop_front()?;
        self.without_token -= usize::from(queued.id.is_none());
        give_back(&mut self.publishes, KEPT_PLACES);
        Some(queued)
    }

    pub(super) fn pop_request(&mut self) -> Option<QueuedRequest<R>> {
        let queued = self.requests.pop_front()?;
        give_back(&mut self.requests, KEPT_PLACES);
        if queued.is_disconnect() {
            self.without_token -= 1;
            self.deadline = self.requests.iter().filter_map(deadline_of).min();
        }
        Some(queued)
    }

    /// Takes out the disconnects: their connection is gone.
    pub(super) fn take_disconnects(&mut self) -> Vec<QueuedRequest<R>> {
        if self.deadline.take().is_none() {
            return Vec::new();
        }
        let requests = std::mem::take(&mut self.requests);
        let (disconnects, others): (Vec<_>, Vec<_>) =
            requests.into_iter().partition(QueuedRequest::is_disconnect);
        self.requests = others.into();
        self.without_token -= disconnects.len();
        disconnects
    }

    /// Takes out the messages and subscriptions whose ids fit, in their order.
    pub(super) fn take_out(
        &mut self,
        fits: impl Fn(PacketId) -> bool,
    ) -> Vec<(PacketId, Option<R>, Option<StoredRequest>)> {
        let mut taken = Vec::new();
        for publish in std::mem::take(&mut self.publishes) {
            match publish.id.filter(|id| fits(*id)) {
                Some(id) => taken.push((publish.sequence, id, publish.requester, publish.stored)),
                None => self.publishes.push_back(publish),
            }
        }
        for request in std::mem::take(&mut self.requests) {
            match request.id().filter(|id| fits(*id)) {
                Some(id) => taken.push((request.sequence, id, request.requester, request.stored)),
                None => self.requests.push_back(request),
            }
        }
        taken.sort_unstable_by_key(|(sequence, ..)| *sequence);
        taken.into_iter().map(|(_, id, requester, stored)| (id, requester, stored)).collect()
    }

    fn take_sequence(&mut self) -> u64 {
        self.next_sequence += 1;
        self.next_sequence
    }
}

fn deadline_of<R>(request: &QueuedRequest<R>) -> Option<Moment> {
    match request.kind {
        QueuedKind::Disconnect { deadline, .. } => Some(deadline),
        QueuedKind::Subscription { .. } => None,
    }
}

/// Gives the memory of an empty list back that has more than so many places.
#[inline]
pub(super) fn give_back<T>(list: &mut VecDeque<T>, kept_places: usize) {
    if list.is_empty() && list.capacity() > kept_places {
        *list = VecDeque::new();
    }
}
