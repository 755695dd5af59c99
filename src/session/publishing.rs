//! New messages on their way to the server.

use std::sync::Arc;

use super::client::{Phase, Session};
use super::in_flight::{Message, first_answer};
use super::topic_alias::ResolvedAlias;
use super::{LARGE_PAYLOAD, Moment, OutgoingPublish, RequestError, Sent, StoreCommand, packet_bytes};
use crate::protocol::{AcknowledgementType, PacketId, Publish, Version};

/// The type of a question that is not asked.
type NeverAsked = fn(PacketId, &[u8], Version) -> bool;

impl Session {
    /// Queues a message. QoS 1 and 2: it is in flight, and stored, from now on.
    ///
    /// # Errors
    /// See [`RequestError`]; nothing was changed.
    #[inline]
    pub fn publish(&mut self, now: Moment, publish: &OutgoingPublish<'_>) -> Result<Sent, RequestError> {
        let alias = self.check(publish)?;
        match first_answer(publish.qos) {
            None => self.publish_at_most_once(publish, alias),
            Some(awaited) => self.publish_in_flight(now, publish, awaited, alias, None::<NeverAsked>),
        }
    }

    /// Like [`publish`](Session::publish), but a QoS 1 or 2 message is only taken if `keep` has stored it: it is given the
    /// packet identifier, the packet, and the version in which it is encoded. No store command follows.
    ///
    /// # Errors
    /// [`RequestError::NotStored`] when `keep` gave false; otherwise as for `publish`. Nothing was changed.
    pub fn publish_kept(
        &mut self,
        now: Moment,
        publish: &OutgoingPublish<'_>,
        keep: impl FnOnce(PacketId, &[u8], Version) -> bool,
    ) -> Result<Sent, RequestError> {
        let Some(awaited) = first_answer(publish.qos) else { return self.publish(now, publish) };
        let alias = self.check(publish)?;
        self.publish_in_flight(now, publish, awaited, alias, Some(keep))
    }

    /// Whether the message may be sent on this connection; gives the alias it uses, if any.
    #[inline]
    fn check(&self, publish: &OutgoingPublish<'_>) -> Result<Option<ResolvedAlias>, RequestError> {
        if self.phase != Phase::Connected {
            return Err(RequestError::NotConnected);
        }
        if self.version == Version::V5 { self.check_limits(publish) } else { Ok(None) }
    }

    /// What the server announced; gives the alias the message uses, if any.
    pub(super) fn check_limits(
        &self,
        publish: &OutgoingPublish<'_>,
    ) -> Result<Option<ResolvedAlias>, RequestError> {
        // Any id will do to find the packet's length.
        self.limits.check(&publish.with_id(Some(PacketId::MIN)))?;
        if publish.properties.is_empty() {
            return Ok(None);
        }
        self.outgoing_aliases.resolve(publish, self.limits.topic_alias_maximum)
    }

    #[inline]
    fn publish_at_most_once(
        &mut self,
        publish: &OutgoingPublish<'_>,
        alias: Option<ResolvedAlias>,
    ) -> Result<Sent, RequestError> {
        let payload_follows = publish.payload.len() >= LARGE_PAYLOAD;
        let packet = publish.with_id(None);
        if payload_follows {
            packet.encode_head(self.version, self.outgoing.bytes())?;
            self.followed += publish.payload.len() as u64;
        } else {
            packet.encode(self.version, self.outgoing.bytes())?;
        }
        if let Some(alias) = alias {
            self.outgoing_aliases.define(alias);
        }
        Ok(Sent { id: None, payload_follows })
    }

    #[inline]
    fn publish_in_flight(
        &mut self,
        now: Moment,
        publish: &OutgoingPublish<'_>,
        awaited: AcknowledgementType,
        alias: Option<ResolvedAlias>,
        keep: Option<impl FnOnce(PacketId, &[u8], Version) -> bool>,
    ) -> Result<Sent, RequestError> {
        if !self.window_is_open() {
            return Err(RequestError::WindowFull);
        }
        let id = self.identifiers.next_free().ok_or(RequestError::NoFreePacketId)?;
        let version = self.version;
        let asks = keep.is_some();
        let keep = |packet: &[u8]| keep.is_none_or(|keep| keep(id, packet, version));
        let publish = publish.with_id(Some(id));
        let packet = match alias {
            None if publish.payload.len() >= LARGE_PAYLOAD => self.queue_shared(&publish, keep)?,
            None => self.queue_copied(&publish, keep)?,
            Some(alias) => self.queue_with_alias(&publish, alias, keep)?,
        };
        self.identifiers.take(id);
        if !asks {
            self.store(|| StoreCommand::PutOutgoing { id, packet: packet.clone(), version });
        }
        self.begin_flight(now, id, awaited, packet);
        Ok(Sent { id: Some(id), payload_follows: false })
    }

    /// The message is among the outgoing bytes, and stored; `packet`: what to keep of it.
    #[inline]
    pub(super) fn begin_flight(
        &mut self,
        now: Moment,
        id: PacketId,
        awaited: AcknowledgementType,
        packet: Arc<[u8]>,
    ) {
        let mut message = Message::new(id, awaited, self.version, Some(packet), now);
        message.counts = true;
        self.in_flight.push(message);
        self.unacknowledged += 1;
    }

    /// Queues a QoS 0 message with its payload, whatever its size; gives the packet. For a connected session.
    pub(super) fn publish_whole(&mut self, publish: &OutgoingPublish<'_>) -> Result<Arc<[u8]>, RequestError> {
        let alias = if self.version == Version::V5 { self.check_limits(publish)? } else { None };
        let publish = publish.with_id(None);
        let packet = if publish.payload.len() >= LARGE_PAYLOAD {
            self.queue_shared(&publish, |_| true)?
        } else {
            self.queue_copied(&publish, |_| true)?
        };
        if let Some(alias) = alias {
            self.outgoing_aliases.define(alias);
        }
        Ok(packet)
    }

    /// Encodes into the outgoing bytes; the packet to keep is copied from there in one piece.
    #[inline]
    fn queue_copied(
        &mut self,
        publish: &Publish<'_>,
        keep: impl FnOnce(&[u8]) -> bool,
    ) -> Result<Arc<[u8]>, RequestError> {
        let bytes = self.outgoing.bytes();
        let start = bytes.len();
        publish.encode(self.version, bytes)?;
        let packet = bytes.get(start..).unwrap_or_default();
        if !keep(packet) {
            bytes.truncate(start);
            return Err(RequestError::NotStored);
        }
        Ok(Arc::from(packet))
    }

    /// Copies the payload once, into the packet that is both sent and kept.
    fn queue_shared(
        &mut self,
        publish: &Publish<'_>,
        keep: impl FnOnce(&[u8]) -> bool,
    ) -> Result<Arc<[u8]>, RequestError> {
        // The head is put together at the end of the outgoing bytes and taken away again.
        let bytes = self.outgoing.bytes();
        let start = bytes.len();
        publish.encode_head(self.version, bytes)?;
        let packet = packet_bytes::join(bytes.get(start..).unwrap_or_default(), publish.payload);
        bytes.truncate(start);
        if !keep(&packet) {
            return Err(RequestError::NotStored);
        }
        self.outgoing.push_shared(packet.clone());
        Ok(packet)
    }

    /// The packet to keep differs from the one sent: an alias ends with the connection.
    fn queue_with_alias(
        &mut self,
        publish: &Publish<'_>,
        alias: ResolvedAlias,
        keep: impl FnOnce(&[u8]) -> bool,
    ) -> Result<Arc<[u8]>, RequestError> {
        let packet = alias.lasting_packet(publish)?;
        let bytes = self.outgoing.bytes();
        let start = bytes.len();
        publish.encode(self.version, bytes)?;
        if !keep(&packet) {
            bytes.truncate(start);
            return Err(RequestError::NotStored);
        }
        self.outgoing_aliases.define(alias);
        Ok(packet)
    }
}
