//! Requests in progress whose requesters get a completion, and completions not yet fetched.

use std::collections::VecDeque;

use super::packet_id_map::PacketIdMap;
use super::queue::give_back;
use super::shared_packet::{Logged, PacketLog};
use super::{Cause, Completion, FailedRequest, SentMessage, SharedPacket, Success};
use crate::protocol::{Acknowledgement, PacketId, Properties, ReasonCode, Version};

/// A request that waits for the server's answer.
#[derive(Debug)]
struct Awaiting<R> {
    /// Place in the order of sending.
    order: u64,
    requester: R,
    /// `None`: SUBSCRIBE or UNSUBSCRIBE.
    message: Option<SentMessage>,
    /// It may be answered on another connection.
    lasts: bool,
}

/// A QoS 0 message whose last byte is not written.
#[derive(Debug)]
struct Unwritten<R> {
    order: u64,
    /// Where it ends in the byte stream of the connection.
    end: u64,
    requester: R,
    message: Unreported,
    version: Version,
}

/// Where a message is until it is reported.
#[derive(Debug)]
enum Unreported {
    InLog(Logged),
    Alone(SharedPacket),
}

/// A list that has become empty gives back its memory if it had room for more than this.
const KEPT_PLACES: usize = 1024;

/// Requests sent with a requester and not complete, and completions that wait to be fetched. Requests without one
/// leave nothing here.
#[derive(Debug)]
pub(super) struct Outstanding<R> {
    by_id: PacketIdMap<Awaiting<R>>,
    unwritten: VecDeque<Unwritten<R>>,
    /// The packets of those that are small. Many clients have none.
    log: Option<Box<PacketLog>>,
    next_order: u64,
    completions: VecDeque<Completion<R>>,
    /// An application's DISCONNECT is the last packet of this connection.
    pub(super) disconnecting: bool,
    /// The requester.
    pub(super) disconnect_requester: Option<R>,
}

impl<R> Default for Outstanding<R> {
    fn default() -> Self {
        Outstanding {
            by_id: PacketIdMap::default(),
            unwritten: VecDeque::new(),
            log: None,
            next_order: 0,
            completions: VecDeque::new(),
            disconnecting: false,
            disconnect_requester: None,
        }
    }
}

impl<R> Outstanding<R> {
    /// A request is waiting for the server's answer.
    #[inline]
    pub(super) fn awaits_answers(&self) -> bool {
        !self.by_id.is_empty()
    }

    /// The request with this id was sent; it may be answered on another connection if it `lasts`.
    #[inline]
    pub(super) fn sent(&mut self, id: PacketId, requester: R, message: Option<SentMessage>, lasts: bool) {
        let order = self.take_order();
        self.by_id.insert(id, Awaiting { order, requester, message, lasts });
    }

    /// A QoS 0 message was queued for writing; `end`: where it ends in the byte stream.
    pub(super) fn sent_at_most_once(&mut self, end: u64, requester: R, message: SentMessage) {
        let SentMessage { packet, version } = message;
        self.await_write(end, requester, Unreported::Alone(packet), version);
    }

    /// The same for one that is copied.
    #[inline]
    pub(super) fn sent_copy(&mut self, end: u64, requester: R, packet: &[u8], version: Version) {
        let message = Unreported::InLog(self.log.get_or_insert_default().push(packet));
        self.await_write(end, requester, message, version);
    }

    #[inline]
    fn await_write(&mut self, end: u64, requester: R, message: Unreported, version: Version) {
        let order = self.take_order();
        self.unwritten.push_back(Unwritten { order, end, requester, message, version });
    }

    /// The last acknowledgement of a message came.
    pub(super) fn acknowledged(&mut self, last: &Acknowledgement<'_>) {
        let Some(Awaiting { requester, message: Some(message), .. }) = self.by_id.remove(last.packet_id)
        else {
            return;
        };
        let (reason, properties) = (last.reason, last.properties.to_owned());
        let result = if reason.is_error() {
            let packet_type = Some(last.kind.packet_type());
            Err(FailedRequest { reason, properties, packet_type, ..FailedRequest::new(Cause::Refused) })
        } else {
            Ok(Success::Published { message, reason, properties })
        };
        self.complete(requester, last.packet_id.get(), result);
    }

    /// The answer to a SUBSCRIBE or UNSUBSCRIBE came.
    pub(super) fn answered(&mut self, id: PacketId, success: impl FnOnce() -> Success) {
        if let Some(Awaiting { requester, .. }) = self.by_id.remove(id) {
            self.complete(requester, id.get(), Ok(success()));
        }
    }

    /// A request that was sent has timed out.
    pub(super) fn give_up(&mut self, id: PacketId) {
        if let Some(Awaiting { requester, .. }) = self.by_id.remove(id) {
            self.fail_unanswered(Some(requester), id);
        }
    }

    /// A request has timed out.
    pub(super) fn fail_unanswered(&mut self, requester: Option<R>, id: PacketId) {
        self.fail(requester, id.get(), Cause::Unanswered);
    }

    /// A QoS 0 message ends at or before this place in the byte stream.
    #[inline]
    pub(super) fn has_written(&self, position: u64) -> bool {
        self.unwritten.front().is_some_and(|first| first.end <= position)
    }

    /// Completes the QoS 0 messages that end at or before this place.
    #[inline(never)]
    pub(super) fn complete_written(&mut self, position: u64) {
        while self.has_written(position) {
            let Some(Unwritten { requester, message, version, .. }) = self.unwritten.pop_front() else {
                return;
            };
            let packet = match message {
                Unreported::InLog(place) => self.log.get_or_insert_default().take(place),
                Unreported::Alone(packet) => packet,
            };
            let message = SentMessage { packet, version };
            let (reason, properties) = (ReasonCode::SUCCESS, Properties::new());
            self.complete(requester, 0, Ok(Success::Published { message, reason, properties }));
        }
        self.forget_written();
    }

    /// The memory of messages that are complete.
    fn forget_written(&mut self) {
        if let Some(log) = self.log.as_mut().filter(|_| self.unwritten.is_empty()) {
            log.clear();
        }
        give_back(&mut self.unwritten, KEPT_PLACES);
    }

    #[inline]
    pub(super) fn complete(&mut self, requester: R, token: u16, result: Result<Success, FailedRequest>) {
        self.completions.push_back(Completion { requester, token, result });
    }

    /// The same for a request that may have come without a requester, and failed.
    pub(super) fn fail(&mut self, requester: Option<R>, token: u16, cause: Cause) {
        if let Some(requester) = requester {
            self.completions.push_back(Completion::failed(requester, token, cause));
        }
    }

    #[inline]
    pub(super) fn next_completion(&mut self) -> Option<Completion<R>> {
        let next = self.completions.pop_front()?;
        give_back(&mut self.completions, KEPT_PLACES);
        Some(next)
    }

    /// Discards, in the order of sending, what cannot be completed without the connection; with `in_flight` also the
    /// QoS 1 and 2 messages, which could.
    pub(super) fn discard(&mut self, in_flight: bool) {
        if self.unwritten.is_empty() && self.by_id.is_empty() {
            return;
        }
        let mut lost: Vec<(u64, u16, R)> =
            self.unwritten.drain(..).map(|unwritten| (unwritten.order, 0, unwritten.requester)).collect();
        self.forget_written();
        let dropped = |awaiting: &Awaiting<R>| in_flight || !awaiting.lasts;
        for (id, awaiting) in self.by_id.take_if(dropped) {
            lost.push((awaiting.order, id.get(), awaiting.requester));
        }
        lost.sort_unstable_by_key(|(order, ..)| *order);
        for (_, token, requester) in lost {
            self.completions.push_back(Completion::failed(requester, token, Cause::Discarded));
        }
    }

    /// The connection that an application's DISCONNECT ended is closed.
    pub(super) fn disconnected(&mut self) {
        if let Some(requester) = self.disconnect_requester.take() {
            self.complete(requester, 0, Ok(Success::Disconnected));
        }
    }

    fn take_order(&mut self) -> u64 {
        self.next_order += 1;
        self.next_order
    }
}
