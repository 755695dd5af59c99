//! SUBSCRIBE and UNSUBSCRIBE.

use super::request::{Request, RequestKind};
use super::state::{Phase, Session};
use super::{Event, RequestError, Success};
use crate::protocol::{
    Breach, EncodeError, Filter, PacketId, PacketType, PropertyView, ReasonCode, SubAck, UnsubAck, Version,
    encode_subscribe, encode_unsubscribe,
};

impl<R: Copy> Session<R> {
    /// Queues SUBSCRIBE. The answer is [`Event::Subscribed`] with the id given here.
    ///
    /// # Errors
    /// See [`RequestError`]; nothing was changed.
    pub fn subscribe(
        &mut self,
        filters: &[Filter<'_>],
        properties: PropertyView<'_>,
    ) -> Result<PacketId, RequestError> {
        self.request(RequestKind::Subscribe, filters.len(), |version, id, out| {
            encode_subscribe(version, id, properties, filters, out)
        })
    }

    /// Queues UNSUBSCRIBE. The answer is [`Event::Unsubscribed`] with the id given here.
    ///
    /// # Errors
    /// See [`RequestError`]; nothing was changed.
    pub fn unsubscribe(
        &mut self,
        filters: &[&[u8]],
        properties: PropertyView<'_>,
    ) -> Result<PacketId, RequestError> {
        self.request(RequestKind::Unsubscribe, filters.len(), |version, id, out| {
            encode_unsubscribe(version, id, properties, filters, out)
        })
    }

    fn request(
        &mut self,
        kind: RequestKind,
        filters: usize,
        encode: impl FnOnce(Version, PacketId, &mut Vec<u8>) -> Result<(), EncodeError>,
    ) -> Result<PacketId, RequestError> {
        if self.phase != Phase::Connected {
            return Err(RequestError::NotConnected);
        }
        let id = self.identifiers.next_free().ok_or(RequestError::NoFreePacketId)?;
        let bytes = self.outgoing.bytes();
        let start = bytes.len();
        encode(self.version, id, bytes)?;
        if let Err(error) = self.limits.check_size(bytes.len() - start) {
            bytes.truncate(start);
            return Err(error);
        }
        self.identifiers.take(id);
        self.requests.insert(id, Request::new(kind, filters));
        Ok(id)
    }

    pub(super) fn receive_suback<'a>(&mut self, suback: SubAck<'a>) -> Option<Event<'a>> {
        let SubAck { packet_id: id, properties, codes } = suback;
        let request = self.take_request(id, RequestKind::Subscribe)?;
        self.note_count(PacketType::SubAck, codes, request.filters);
        let codes = one_for_each_filter(codes, request.filters, ReasonCode::UNSPECIFIED_ERROR);
        self.outstanding
            .answered(id, || Success::Subscribed { codes: codes.clone(), properties: properties.to_owned() });
        Some(Event::Subscribed { id, codes, properties })
    }

    pub(super) fn receive_unsuback<'a>(&mut self, unsuback: UnsubAck<'a>) -> Option<Event<'a>> {
        let UnsubAck { packet_id: id, properties, codes } = unsuback;
        let request = self.take_request(id, RequestKind::Unsubscribe)?;
        let filters = if self.version == Version::V5 { request.filters } else { 0 };
        self.note_count(PacketType::UnsubAck, codes, filters);
        let codes = one_for_each_filter(codes, filters, ReasonCode::SUCCESS);
        self.outstanding.answered(id, || Success::Unsubscribed {
            codes: codes.clone(),
            properties: properties.to_owned(),
        });
        Some(Event::Unsubscribed { id, codes, properties })
    }

    fn note_count(&mut self, packet_type: PacketType, codes: &[u8], filters: usize) {
        if codes.len() != filters {
            self.oddities.note(packet_type, Breach::CodesMiscounted);
        }
    }

    /// The request that this answer belongs to. The first answer counts: some servers send one for each filter.
    fn take_request(&mut self, id: PacketId, kind: RequestKind) -> Option<Request> {
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
