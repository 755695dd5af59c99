//! The beginning and the end of a connection.

use super::before_connack::{self, EarlyPackets};
use super::id_allocator::IdAllocator;
use super::in_flight::InFlight;
use super::keep_alive::KeepAlive;
use super::limits::{Limits, valid_string};
use super::oddities::Oddities;
use super::received_messages::SparePackets;
use super::state::{Phase, Progress, Session, Settings};
use super::topic_alias::Aliases;
use super::{ConnectOptions, Event, Failure, Moment, StoreCommand};
use crate::protocol::{
    Breach, ConnAck, Connect, Disconnect, EncodeError, Frame, Framing, Packet, PacketType, PropertyId,
    PropertyView, ReasonCode, Version, split_frame,
};

/// The shortest time after which a message is resent within a connection, in seconds.
const SHORTEST_RETRY: u32 = 10;

impl<R: Copy> Session<R> {
    /// Starts on a new byte stream: forgets all that belonged to the last connection and queues CONNECT.
    ///
    /// # Errors
    /// The CONNECT cannot be encoded; the session is idle then.
    pub fn connect(&mut self, now: Moment, options: &ConnectOptions<'_>) -> Result<(), EncodeError> {
        self.connection_closed();
        self.outgoing.reset();
        self.sent.written += self.progress.written;
        self.progress = Progress::default();
        self.queue_connect(options)?;
        self.phase = Phase::Connecting;
        self.version = options.version;
        self.settings = Settings::of(options);
        self.limits = Limits::default();
        self.early = EarlyPackets::default();
        self.oddities = Oddities::default();
        self.keep_alive.start(now, 0, false);
        if self.acknowledges_by_hand {
            self.manual.get_or_insert_default().begin_connection();
        }
        Ok(())
    }

    fn queue_connect(&mut self, options: &ConnectOptions<'_>) -> Result<(), EncodeError> {
        let client_id = match &self.assigned_client_id {
            Some(assigned) if options.version == Version::V5 => assigned,
            _ => &self.client_id,
        };
        let connect = Connect {
            version: options.version,
            client_id,
            clean: options.clean,
            keep_alive: options.keep_alive,
            will: options.will,
            user_name: options.user_name,
            password: options.password,
            properties: options.properties,
        };
        connect.encode(self.outgoing.bytes())?;
        self.sent.other();
        Ok(())
    }

    /// A packet before the connection was accepted: it should be CONNACK.
    #[inline(never)]
    pub(super) fn receive_first<'a>(
        &mut self,
        now: Moment,
        frame: Frame<'a>,
    ) -> Result<Option<Event<'a>>, Failure> {
        if PacketType::of(frame.first_byte) == Some(PacketType::ConnAck) {
            let Some(Packet::ConnAck(connack)) = self.decode(frame)? else { return Ok(None) };
            return Ok(Some(self.receive_connack(now, connack)));
        }
        if self.authenticates() && PacketType::of(frame.first_byte) == Some(PacketType::Auth) {
            return self.receive_auth(frame);
        }
        if !may_come_first(frame.first_byte) {
            return Err(before_connack::failure(before_connack::beginning_of(frame)));
        }
        self.judge(frame, Breach::BeforeConnAck)?;
        match PacketType::of(frame.first_byte) {
            Some(PacketType::Publish | PacketType::PubRel) => self.keep_early(frame).map(|()| None),
            Some(PacketType::Disconnect) if self.version == Version::V5 => {
                let Some(Packet::Disconnect(disconnect)) = self.decode(frame)? else { return Ok(None) };
                let Disconnect { reason, properties } = disconnect;
                self.phase = Phase::Closing;
                Ok(Some(Event::RefusedByDisconnect { reason, properties }))
            }
            _ => Ok(None),
        }
    }

    fn receive_connack<'a>(&mut self, now: Moment, connack: ConnAck<'a>) -> Event<'a> {
        let ConnAck { session_present, code, properties } = connack;
        if code != 0 {
            self.phase = Phase::Closing;
            return Event::Refused { code, properties };
        }
        let limits = Limits::of_connack(properties);
        if limits.receive_maximum == 0 {
            self.phase = Phase::Closing;
            return Event::Unusable { cause: "CONNACK with Receive Maximum 0" };
        }
        self.limits = limits;
        if self.authenticates() {
            self.phase = Phase::Judging;
        } else {
            self.accept(now, session_present, properties);
        }
        Event::Connected { session_present, properties }
    }

    /// The beginning of an incomplete packet. What can be rejected already is rejected at once: bytes of another
    /// protocol before CONNACK can look like the beginning of a packet whose rest never arrives.
    ///
    /// # Errors
    /// As for [`receive`](Session::receive).
    pub fn expect(&mut self, beginning: &[u8]) -> Result<(), Failure> {
        let Some(&first_byte) = beginning.first().filter(|_| self.phase == Phase::Connecting) else {
            return Ok(());
        };
        let is_connack = PacketType::of(first_byte) == Some(PacketType::ConnAck);
        let is_auth = self.authenticates() && PacketType::of(first_byte) == Some(PacketType::Auth);
        let may_follow = !self.strict && may_come_first(first_byte) && has_room_for_topic(beginning);
        if is_connack || is_auth || may_follow {
            return Ok(());
        }
        Err(self.fail(before_connack::failure(beginning.iter().copied())))
    }

    /// A packet after CONNACK, which the application judges.
    #[cold]
    pub(super) fn receive_before_judgement<'a>(
        &mut self,
        frame: Frame<'a>,
    ) -> Result<Option<Event<'a>>, Failure> {
        match PacketType::of(frame.first_byte) {
            Some(PacketType::Publish | PacketType::PubRel) => {
                self.early.push_past_bound(frame);
                Ok(None)
            }
            // Nothing was sent that these could answer.
            Some(PacketType::PubAck | PacketType::PubRec | PacketType::PubComp) => Ok(None),
            _ => self.receive_other(frame),
        }
    }

    /// The application trusts the server, whose CONNACK this was. Nothing unless it was asked.
    pub fn trust(&mut self, now: Moment, session_present: bool, properties: PropertyView<'_>) {
        if self.phase == Phase::Judging {
            self.accept(now, session_present, properties);
        }
    }

    /// Settles what becomes of the session before anything else of this connection is looked at.
    fn accept(&mut self, now: Moment, session_present: bool, properties: PropertyView<'_>) {
        self.phase = Phase::Connected;
        self.accepted = true;
        self.adopt_client_id(properties);
        if !self.resumes(session_present) {
            self.clear();
        }
        let settings = &self.settings;
        self.flow.window = usize::from(settings.maximum_in_flight.min(self.limits.receive_maximum));
        let seconds = self.limits.server_keep_alive.unwrap_or(settings.keep_alive);
        self.keep_alive.start(now, seconds, settings.prompt_loss);
        self.flow.next_retry = now.plus_millis(settings.retry_millis);
        self.begin_resume(now);
    }

    fn adopt_client_id(&mut self, properties: PropertyView<'_>) {
        if !self.client_id.is_empty() {
            return;
        }
        if let Some(assigned) = valid_string(properties, PropertyId::AssignedClientIdentifier) {
            self.assigned_client_id = Some(assigned.into());
        }
    }

    fn resumes(&self, session_present: bool) -> bool {
        !self.settings.clean
            && match self.version {
                // Its CONNACK has no such flag.
                Version::V31 => true,
                Version::V311 => session_present || self.settings.resume_without_session_present,
                Version::V5 => session_present,
            }
    }

    /// Queues DISCONNECT, if connected; nothing can be queued after it. The caller writes it, closes the byte
    /// stream and reports that by [`connection_closed`](Session::connection_closed). `reason` and
    /// `properties` count in version 5 only.
    ///
    /// # Errors
    /// The packet cannot be encoded; nothing was changed.
    pub fn disconnect(
        &mut self,
        reason: ReasonCode,
        properties: PropertyView<'_>,
    ) -> Result<(), EncodeError> {
        if !matches!(self.phase, Phase::Judging | Phase::Connected) {
            return Ok(());
        }
        let disconnect = Disconnect { reason, properties };
        disconnect.encode(self.version, self.outgoing.bytes())?;
        self.sent.other();
        self.announce_end(properties.four_byte(PropertyId::SessionExpiryInterval));
        Ok(())
    }

    /// DISCONNECT is queued; it gives the session that many seconds, if it says so.
    pub(super) fn announce_end(&mut self, session_expiry: Option<u32>) {
        if session_expiry.is_some() {
            self.limits.session_expiry = session_expiry;
        }
        self.phase = Phase::Closing;
    }

    /// The byte stream is gone, for whatever reason, also after our own DISCONNECT. Drops what waits to be
    /// written, the waiting SUBSCRIBE and UNSUBSCRIBE, and the session itself where it ends with its
    /// connection. What waits in the queue stays there, except disconnects.
    pub fn connection_closed(&mut self) {
        self.phase = Phase::Idle;
        self.early = EarlyPackets::default();
        self.received.spare = SparePackets::default();
        if let Some(manual) = &mut self.manual {
            manual.end_connection();
        }
        self.cancel_renewal();
        self.outgoing.clear();
        self.keep_alive = KeepAlive::default();
        self.aliases = Aliases::default();
        self.flow.resume_at = None;
        for id in self.requests.ids() {
            self.identifiers.release(id);
        }
        self.requests.clear();
        if let Some(subscriptions) = &mut self.subscriptions {
            subscriptions.end_connection();
        }
        self.forget_passing_messages();
        // A connect that was refused does not end the session of an earlier connection.
        let ends = std::mem::take(&mut self.accepted) && self.ends_with_connection();
        self.outstanding.discard(ends);
        if ends {
            self.clear();
        }
        self.complete_disconnects();
    }

    /// The session is dropped when this connection closes.
    pub fn ends_with_connection(&self) -> bool {
        match self.version {
            Version::V31 | Version::V311 => self.settings.clean,
            Version::V5 => {
                let expiry = self.limits.session_expiry.unwrap_or(self.settings.session_expiry);
                expiry == 0 && !self.settings.keep_expired_session
            }
        }
    }

    /// Starts a new session: nothing in flight in either direction, packet ids from 1.
    fn clear(&mut self) {
        self.in_flight = InFlight::default();
        (self.flow.passing_messages, self.flow.given_up) = (0, 0);
        self.outstanding.discard(true);
        self.identifiers = IdAllocator::default();
        // The application already has these ids as tokens.
        self.keep_queued_ids();
        self.received.clear();
        self.store(|| StoreCommand::Clear);
    }
}

/// Whether a packet that begins so is borne before CONNACK. Other protocols hardly ever begin so.
fn may_come_first(first_byte: u8) -> bool {
    match PacketType::of(first_byte) {
        Some(PacketType::Publish) => first_byte & 0b0110 != 0b0110,
        Some(packet_type) => packet_type.has_fixed_flags(first_byte),
        None => false,
    }
}

/// Not if this begins a PUBLISH whose topic is longer than the packet.
fn has_room_for_topic(beginning: &[u8]) -> bool {
    let Ok(Framing::Incomplete { total: Some(total) }) = split_frame(beginning, 0) else { return true };
    let Some((first_byte, lengths)) = beginning.split_first() else { return true };
    let header = 2 + lengths.iter().take_while(|&&byte| byte >= 0x80).count();
    match beginning.get(header..header + 2) {
        Some(&[high, low]) if PacketType::of(*first_byte) == Some(PacketType::Publish) => {
            header + 2 + usize::from(u16::from_be_bytes([high, low])) <= total
        }
        _ => true,
    }
}

impl Settings {
    fn of(options: &ConnectOptions<'_>) -> Settings {
        let properties = options.properties;
        let retry_seconds = match options.version {
            Version::V5 => 0,
            _ if options.retry_interval == 0 => 0,
            Version::V31 | Version::V311 => options.retry_interval.max(SHORTEST_RETRY),
        };
        Settings {
            clean: options.clean,
            keep_alive: options.keep_alive,
            maximum_in_flight: options.maximum_in_flight,
            retry_millis: u64::from(retry_seconds) * 1000,
            resume_without_session_present: options.resume_without_session_present,
            keep_expired_session: options.keep_expired_session,
            prompt_loss: options.prompt_loss,
            session_expiry: properties.four_byte(PropertyId::SessionExpiryInterval).unwrap_or(0),
            maximum_incoming: properties.four_byte(PropertyId::MaximumPacketSize).unwrap_or(0),
            topic_alias_maximum: properties.two_byte(PropertyId::TopicAliasMaximum).unwrap_or(0),
        }
    }
}
