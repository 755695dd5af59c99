//! SUBSCRIBE and UNSUBSCRIBE.

use super::request::Request;
use super::state::{Phase, Session};
use super::{Event, RequestError, Success};
use crate::protocol::{
    Answer, Breach, PacketId, PacketType, PropertyView, ReasonCode, TopicFilter, Version, encode_request,
};

impl<R: Copy> Session<R> {
    /// Queues SUBSCRIBE or UNSUBSCRIBE. The answer is [`Event::Subscribed`] or [`Event::Unsubscribed`] with the id given
    /// here.
    ///
    /// # Errors
    /// See [`RequestError`]; nothing was changed.
    pub fn request<'a, F: TopicFilter<'a>>(
        &mut self,
        filters: &[F],
        properties: PropertyView<'_>,
    ) -> Result<PacketId, RequestError> {
        if self.phase != Phase::Connected {
            return Err(RequestError::NotConnected);
        }
        let id = self.identifiers.next_free().ok_or(RequestError::NoFreePacketId)?;
        let bytes = self.outgoing.bytes();
        let start = bytes.len();
        encode_request(self.version, id, properties, filters, bytes)?;
        if let Err(error) = self.limits.check_size(bytes.len() - start) {
            bytes.truncate(start);
            return Err(error);
        }
        self.sent.other();
        self.identifiers.take(id);
        let request = Request { kind: F::PACKET_TYPE, filters: filters.len(), given_up: false };
        self.requests.insert(id, request);
        Ok(id)
    }

    pub(super) fn receive_answer<'a, const ENDS: bool>(
        &mut self,
        answer: Answer<'a, ENDS>,
    ) -> Option<Event<'a>> {
        let Answer { packet_id: id, properties, codes } = answer;
        let request = self.take_request(id, Answer::<ENDS>::REQUEST)?;
        let filters = if ENDS && self.version != Version::V5 { 0 } else { request.filters };
        if codes.len() != filters {
            self.oddities.note(Answer::<ENDS>::PACKET_TYPE, Breach::CodesMiscounted);
        }
        let missing = if ENDS { ReasonCode::SUCCESS } else { ReasonCode::UNSPECIFIED_ERROR };
        let sent = codes.len();
        let codes = one_for_each_filter(codes, filters, missing);
        if let Some(subscriptions) = &mut self.subscriptions {
            subscriptions.note_answer(id, &codes, sent);
        }
        self.outstanding.answered(id, || {
            let (codes, properties) = (codes.clone(), properties.to_owned());
            if ENDS {
                Success::Unsubscribed { codes, properties }
            } else {
                Success::Subscribed { codes, properties }
            }
        });
        Some(match ENDS {
            true => Event::Unsubscribed { id, codes, properties },
            false => Event::Subscribed { id, codes, properties },
        })
    }

    /// The request that this answer belongs to. The first answer counts: some servers send one for each filter.
    fn take_request(&mut self, id: PacketId, kind: PacketType) -> Option<Request> {
        let request = self.requests.get(id).copied().filter(|request| request.kind == kind)?;
        self.requests.remove(id);
        self.identifiers.release(id);
        Some(request)
    }
}

/// Some servers send another number of codes than there are filters: those too many are left out, and `missing` is in
/// the place of those that did not come.
fn one_for_each_filter(codes: &[u8], filters: usize, missing: ReasonCode) -> Box<[u8]> {
    codes.iter().copied().chain(std::iter::repeat(missing.0)).take(filters).collect()
}
