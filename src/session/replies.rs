//! Requests in progress that have to report their result, and results not yet fetched.

use std::collections::VecDeque;

use super::identifier_table::IdentifierTable;
use super::{Completion, FailureCause, Reply, RequestOutcome, SentMessage};
use crate::protocol::{Acknowledgement, PacketId, Properties, ReasonCode};

/// A request that waits for the server's answer.
#[derive(Debug)]
struct Awaiting {
    /// Place in the order of sending.
    order: u64,
    reply: Reply,
    /// `None`: SUBSCRIBE or UNSUBSCRIBE.
    message: Option<SentMessage>,
    /// It may be answered on another connection.
    lasts: bool,
}

/// A QoS 0 message whose last byte is not written.
#[derive(Debug)]
struct Unwritten {
    order: u64,
    /// Where it ends in the byte stream of the connection.
    end: u64,
    reply: Reply,
    message: SentMessage,
}

/// A list that has become empty gives back its memory if it had room for more than this.
const KEPT_PLACES: usize = 1024;

/// Requests sent with a [`Reply`] and not complete, and completions that wait to be fetched. Requests without one
/// leave nothing here.
#[derive(Debug, Default)]
pub(super) struct Replies {
    by_id: IdentifierTable<Awaiting>,
    unwritten: VecDeque<Unwritten>,
    next_order: u64,
    completions: VecDeque<Completion>,
    /// A program's DISCONNECT is the last packet of this connection.
    pub(super) disconnecting: bool,
    /// The requester.
    pub(super) disconnect_reply: Option<Reply>,
}

impl Replies {
    /// A request is waiting for the server's answer.
    #[inline]
    pub(super) fn awaits_answers(&self) -> bool {
        !self.by_id.is_empty()
    }

    /// The request with this id was sent; it may be answered on another connection if it `lasts`.
    #[inline]
    pub(super) fn sent(&mut self, id: PacketId, reply: Reply, message: Option<SentMessage>, lasts: bool) {
        let order = self.take_order();
        self.by_id.insert(id, Awaiting { order, reply, message, lasts });
    }

    /// A QoS 0 message was queued for writing; `end`: where it ends in the byte stream.
    #[inline]
    pub(super) fn sent_at_most_once(&mut self, end: u64, reply: Reply, message: SentMessage) {
        let order = self.take_order();
        self.unwritten.push_back(Unwritten { order, end, reply, message });
    }

    /// The last acknowledgement of a message came.
    pub(super) fn acknowledged(&mut self, last: &Acknowledgement<'_>) {
        let Some(Awaiting { reply, message: Some(message), .. }) = self.by_id.remove(last.packet_id) else {
            return;
        };
        let (reason, properties) = (last.reason, last.properties.to_owned());
        let outcome = if reason.is_error() {
            let packet_type = Some(last.kind.packet_type());
            RequestOutcome::Failed { cause: FailureCause::Refused, reason, properties, packet_type }
        } else {
            RequestOutcome::Published { message, reason, properties }
        };
        self.complete(reply, last.packet_id.get(), outcome);
    }

    /// The answer to a SUBSCRIBE or UNSUBSCRIBE came.
    pub(super) fn answered(&mut self, id: PacketId, outcome: impl FnOnce() -> RequestOutcome) {
        if let Some(Awaiting { reply, .. }) = self.by_id.remove(id) {
            self.complete(reply, id.get(), outcome());
        }
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
            let Some(Unwritten { reply, message, .. }) = self.unwritten.pop_front() else { return };
            let (reason, properties) = (ReasonCode::SUCCESS, Properties::new());
            self.complete(reply, 0, RequestOutcome::Published { message, reason, properties });
        }
        give_back(&mut self.unwritten);
    }

    pub(super) fn complete(&mut self, reply: Reply, token: u16, outcome: RequestOutcome) {
        self.completions.push_back(Completion { reply, token, outcome });
    }

    /// The same for a request that may have come without [`Reply`], and failed.
    pub(super) fn fail(&mut self, reply: Option<Reply>, token: u16, cause: FailureCause) {
        if let Some(reply) = reply {
            self.complete(reply, token, RequestOutcome::failed(cause));
        }
    }

    #[inline]
    pub(super) fn next_completion(&mut self) -> Option<Completion> {
        let next = self.completions.pop_front()?;
        give_back(&mut self.completions);
        Some(next)
    }

    /// Discards, in the order of sending, what cannot be completed without the connection; with `in_flight` also the
    /// QoS 1 and 2 messages, which could.
    pub(super) fn discard(&mut self, in_flight: bool) {
        if self.unwritten.is_empty() && self.by_id.is_empty() {
            return;
        }
        let mut lost: Vec<(u64, u16, Reply)> =
            self.unwritten.drain(..).map(|unwritten| (unwritten.order, 0, unwritten.reply)).collect();
        let dropped = |awaiting: &Awaiting| in_flight || !awaiting.lasts;
        for (id, awaiting) in self.by_id.take_if(dropped) {
            lost.push((awaiting.order, id.get(), awaiting.reply));
        }
        lost.sort_unstable_by_key(|(order, ..)| *order);
        for (_, token, reply) in lost {
            self.complete(reply, token, RequestOutcome::failed(FailureCause::Discarded));
        }
    }

    /// The connection that a program's DISCONNECT ended is closed.
    pub(super) fn disconnected(&mut self) {
        if let Some(reply) = self.disconnect_reply.take() {
            self.complete(reply, 0, RequestOutcome::Disconnected);
        }
    }

    fn take_order(&mut self) -> u64 {
        self.next_order += 1;
        self.next_order
    }
}

#[inline]
fn give_back<T>(list: &mut VecDeque<T>) {
    if list.is_empty() && list.capacity() > KEPT_PLACES {
        *list = VecDeque::new();
    }
}
