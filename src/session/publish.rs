//! New messages on their way to the server.

use super::in_flight::{Message, first_answer};
use super::state::{Phase, Session};
use super::topic_alias::{LastingForm, ResolvedAlias};
use super::{LARGE_PAYLOAD, Moment, OutgoingPublish, RequestError, Sent, SharedPacket, StoreCommand};
use crate::protocol::{AcknowledgementType, PacketId, Publish, Version};

/// The type of a question that is not asked.
type NeverAsked = fn(PacketId, &[u8], Version) -> bool;

impl<R: Copy> Session<R> {
    /// Queues a message. QoS 1 and 2: it is in flight, and stored, from now on.
    ///
    /// # Errors
    /// See [`RequestError`]; nothing was changed.
    #[inline]
    pub fn publish(&mut self, now: Moment, publish: &OutgoingPublish<'_>) -> Result<Sent, RequestError> {
        let lasting = self.check(publish)?;
        match first_answer(publish.qos) {
            None => self.publish_at_most_once(publish, lasting),
            Some(awaited) => self.publish_in_flight(now, publish, awaited, lasting, None::<NeverAsked>),
        }
    }

    /// Like [`publish`](Session::publish), but a QoS 1 or 2 message is only taken if `keep` has stored it: it is given the
    /// packet identifier, the packet, and the version in which it is encoded. No store command follows. It is not asked
    /// for a message that ends with the connection, because its topic alias is not known.
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
        let lasting = self.check(publish)?;
        self.publish_in_flight(now, publish, awaited, lasting, Some(keep))
    }

    /// Whether the message may be sent on this connection; gives what is to be kept of it.
    #[inline]
    fn check(&self, publish: &OutgoingPublish<'_>) -> Result<LastingForm, RequestError> {
        if self.phase != Phase::Connected {
            return Err(RequestError::NotConnected);
        }
        if self.version == Version::V5 { self.check_limits(publish) } else { Ok(LastingForm::AsSent) }
    }

    /// What the server announced. Topic aliases are not checked: they go out as they are given.
    pub(super) fn check_limits(&self, publish: &OutgoingPublish<'_>) -> Result<LastingForm, RequestError> {
        // Any id will do to find the packet's length.
        self.limits.check(&publish.with_id(Some(PacketId::MIN)))?;
        if publish.properties.is_empty() && !publish.topic.is_empty() {
            return Ok(LastingForm::AsSent);
        }
        Ok(self.aliases.outgoing.lasting_form(publish))
    }

    #[inline]
    fn publish_at_most_once(
        &mut self,
        publish: &OutgoingPublish<'_>,
        lasting: LastingForm,
    ) -> Result<Sent, RequestError> {
        let payload_follows = publish.payload.len() >= LARGE_PAYLOAD;
        let packet = publish.with_id(None);
        let bytes = self.outgoing.bytes();
        let start = bytes.len();
        if payload_follows {
            packet.encode_head(self.version, bytes)?;
            self.progress.followed += publish.payload.len() as u64;
            self.sent.message(publish.qos, bytes.len() - start + publish.payload.len());
        } else {
            packet.encode(self.version, bytes)?;
            self.sent.message(publish.qos, bytes.len() - start);
        }
        if let LastingForm::WithTopic(alias) = lasting {
            self.aliases.outgoing.define(alias);
        }
        Ok(Sent { id: None, payload_follows })
    }

    #[inline]
    fn publish_in_flight(
        &mut self,
        now: Moment,
        publish: &OutgoingPublish<'_>,
        awaited: AcknowledgementType,
        lasting: LastingForm,
        keep: Option<impl FnOnce(PacketId, &[u8], Version) -> bool>,
    ) -> Result<Sent, RequestError> {
        if !self.window_is_open() {
            return Err(RequestError::WindowFull);
        }
        let id = self.identifiers.next_free().ok_or(RequestError::NoFreePacketId)?;
        let version = self.version;
        let lasts = !matches!(lasting, LastingForm::Nothing);
        let asks = keep.is_some();
        let keep = |packet: &[u8]| !lasts || keep.is_none_or(|keep| keep(id, packet, version));
        let publish = publish.with_id(Some(id));
        let packet = match lasting {
            LastingForm::WithTopic(alias) => self.queue_with_alias(&publish, alias, keep)?,
            _ if publish.payload.len() >= LARGE_PAYLOAD => self.queue_shared(&publish, keep)?,
            _ => self.queue_copied(&publish, keep)?,
        };
        self.identifiers.take(id);
        if lasts && !asks {
            self.store(|| StoreCommand::PutOutgoing { id, packet: packet.clone(), version });
        }
        self.begin_flight(now, id, awaited, packet, lasts);
        Ok(Sent { id: Some(id), payload_follows: false })
    }

    /// The message is among the outgoing bytes, and stored if it `lasts`: if it may be sent on another connection.
    /// `packet`: what to keep of it.
    #[inline]
    pub(super) fn begin_flight(
        &mut self,
        now: Moment,
        id: PacketId,
        awaited: AcknowledgementType,
        packet: SharedPacket,
        lasts: bool,
    ) {
        let mut message = Message::new(id, awaited, self.version, Some(packet), now);
        message.counts = true;
        message.lasts = lasts;
        self.flow.passing_messages += usize::from(!lasts);
        self.in_flight.push(message);
        self.flow.unacknowledged += 1;
    }

    /// Queues a QoS 0 message with its large payload; gives the packet. For a connected session.
    pub(super) fn publish_whole(
        &mut self,
        publish: &OutgoingPublish<'_>,
    ) -> Result<SharedPacket, RequestError> {
        let lasting = self.check(publish)?;
        let packet = self.queue_shared(&publish.with_id(None), |_| true)?;
        if let LastingForm::WithTopic(alias) = lasting {
            self.aliases.outgoing.define(alias);
        }
        Ok(packet)
    }

    /// Encodes into the outgoing bytes; the packet to keep is copied from there in one piece.
    #[inline]
    fn queue_copied(
        &mut self,
        publish: &Publish<'_>,
        keep: impl FnOnce(&[u8]) -> bool,
    ) -> Result<SharedPacket, RequestError> {
        let bytes = self.outgoing.bytes();
        let start = bytes.len();
        publish.encode(self.version, bytes)?;
        let packet = bytes.get(start..).unwrap_or_default();
        if !keep(packet) {
            bytes.truncate(start);
            return Err(RequestError::NotStored);
        }
        self.sent.message(publish.qos, packet.len());
        Ok(packet.into())
    }

    /// Copies the payload once, into the packet that is both sent and kept.
    fn queue_shared(
        &mut self,
        publish: &Publish<'_>,
        keep: impl FnOnce(&[u8]) -> bool,
    ) -> Result<SharedPacket, RequestError> {
        // The head is put together at the end of the outgoing bytes and taken away again.
        let bytes = self.outgoing.bytes();
        let start = bytes.len();
        publish.encode_head(self.version, bytes)?;
        let packet = SharedPacket::join(bytes.get(start..).unwrap_or_default(), publish.payload);
        bytes.truncate(start);
        if !keep(&packet) {
            return Err(RequestError::NotStored);
        }
        self.sent.message(publish.qos, packet.len());
        self.outgoing.push_shared(packet.clone());
        Ok(packet)
    }

    /// The packet to keep differs from the one sent: an alias ends with the connection.
    fn queue_with_alias(
        &mut self,
        publish: &Publish<'_>,
        alias: ResolvedAlias,
        keep: impl FnOnce(&[u8]) -> bool,
    ) -> Result<SharedPacket, RequestError> {
        let packet = alias.lasting_packet(publish)?;
        let bytes = self.outgoing.bytes();
        let start = bytes.len();
        publish.encode(self.version, bytes)?;
        if !keep(&packet) {
            bytes.truncate(start);
            return Err(RequestError::NotStored);
        }
        self.sent.message(publish.qos, bytes.len() - start);
        self.aliases.outgoing.define(alias);
        Ok(packet)
    }
}
