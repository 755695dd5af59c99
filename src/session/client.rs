//! The session itself: its state, the dispatch of what is received, and what programs ask.

use std::sync::Arc;

use super::identifier_table::IdentifierTable;
use super::identifiers::Identifiers;
use super::in_flight::{InFlight, Message, Place, first_answer};
use super::keep_alive::{Action, KeepAlive};
use super::limits::Limits;
use super::received::{Received, ReceivedMessages};
use super::subscribing::Request;
use super::topic_alias::{IncomingAliases, OutgoingAliases};
use super::{Event, Failure, Moment, Outgoing, ReceivedMessage, StoreCommand, packet_bytes};
use crate::protocol::{
    AcknowledgementType, DecodeError, Disconnect, Frame, Packet, PacketId, PacketType, PropertyView,
    ReasonCode, Version, encode_ping_request,
};

/// Where a connection stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Phase {
    /// No byte stream.
    Idle,
    /// CONNECT queued.
    Connecting,
    /// CONNACK accepted.
    Connected,
    /// The end was announced by either side, or is forced by a failure: nothing more is queued or taken in.
    Closing,
}

/// What the last CONNECT asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Settings {
    pub(super) clean: bool,
    /// Seconds.
    pub(super) keep_alive: u16,
    pub(super) maximum_in_flight: u16,
    /// Milliseconds; 0: off.
    pub(super) retry_millis: u64,
    pub(super) resume_without_session_present: bool,
    pub(super) keep_expired_session: bool,
    /// Seconds.
    pub(super) session_expiry: u32,
    /// Bytes; 0: no limit.
    pub(super) maximum_incoming: u32,
    pub(super) topic_alias_maximum: u16,
}

/// The state of one client, over all its connections.
///
/// Connection life: idle, then [`connect`](Session::connect), CONNACK through [`receive`](Session::receive),
/// [`connection_closed`](Session::connection_closed), and idle again.
#[derive(Debug)]
pub struct Session {
    pub(super) client_id: Box<[u8]>,
    /// Given by a version 5 server in place of an empty client id.
    pub(super) assigned_client_id: Option<Box<[u8]>>,
    pub(super) stores: bool,
    pub(super) store_commands: Vec<StoreCommand>,

    pub(super) phase: Phase,
    /// This connection was accepted at some time.
    pub(super) accepted: bool,
    pub(super) version: Version,
    pub(super) settings: Settings,
    pub(super) limits: Limits,
    pub(super) keep_alive: KeepAlive,
    pub(super) outgoing: Outgoing,
    /// Bytes on this connection that came from the caller's memory behind a head in `outgoing`.
    pub(super) followed: u64,
    /// Bytes written on this connection.
    pub(super) written: u64,
    pub(super) outgoing_aliases: OutgoingAliases,
    pub(super) incoming_aliases: IncomingAliases,

    pub(super) identifiers: Identifiers,
    pub(super) in_flight: InFlight,
    /// SUBSCRIBE and UNSUBSCRIBE without answer.
    pub(super) requests: IdentifierTable<Request>,
    pub(super) received: ReceivedMessages,
    /// Most messages in flight for a new one to be taken.
    pub(super) window: usize,
    /// PUBLISH packets of QoS 1 and 2 sent on this connection whose messages are not complete.
    pub(super) unacknowledged: usize,
    /// The next message of an unfinished resume pass.
    pub(super) resume_at: Option<Place>,
    /// When to look for messages to resend within the connection.
    pub(super) next_retry: Moment,
}

impl Session {
    /// A client without any history. `stores`: store commands are wanted.
    pub fn new(client_id: &[u8], stores: bool) -> Session {
        Session {
            client_id: client_id.into(),
            assigned_client_id: None,
            stores,
            store_commands: Vec::new(),
            phase: Phase::Idle,
            accepted: false,
            version: Version::V311,
            settings: Settings::default(),
            limits: Limits::default(),
            keep_alive: KeepAlive::default(),
            outgoing: Outgoing::default(),
            followed: 0,
            written: 0,
            outgoing_aliases: OutgoingAliases::default(),
            incoming_aliases: IncomingAliases::default(),
            identifiers: Identifiers::default(),
            in_flight: InFlight::default(),
            requests: IdentifierTable::default(),
            received: ReceivedMessages::default(),
            window: 0,
            unacknowledged: 0,
            resume_at: None,
            next_retry: Moment::default(),
        }
    }

    /// The client id given to [`Session::new`].
    pub fn client_id(&self) -> &[u8] {
        &self.client_id
    }

    /// CONNACK was accepted, and neither side has ended the connection since.
    #[inline]
    pub fn is_connected(&self) -> bool {
        self.phase == Phase::Connected
    }

    /// The version of this connection, or of the last one.
    #[inline]
    pub fn version(&self) -> Version {
        self.version
    }

    /// The largest packet to take from the server, in bytes: what our CONNECT announced. 0: no limit.
    #[inline]
    pub fn maximum_incoming(&self) -> u32 {
        self.settings.maximum_incoming
    }

    /// One packet from the server.
    ///
    /// # Errors
    /// The connection must be closed, see [`Failure`].
    #[inline]
    pub fn receive<'a>(&mut self, now: Moment, frame: Frame<'a>) -> Result<Option<Event<'a>>, Failure> {
        self.keep_alive.received(now);
        let outcome = match self.phase {
            Phase::Connected if is_of_delivery(frame.first_byte) => self.receive_delivery(now, frame),
            Phase::Connected => self.receive_other(frame),
            Phase::Connecting => self.receive_first(now, frame),
            Phase::Idle | Phase::Closing => Ok(None),
        };
        match outcome {
            Ok(event) => Ok(event),
            Err(failure) => Err(self.fail(failure)),
        }
    }

    /// The bytes received are not a packet: [`split_frame`](crate::protocol::split_frame) gave this error. As for the
    /// failures of [`receive`](Session::receive), the server is told where that is possible.
    pub fn reject(&mut self, error: DecodeError) -> Failure {
        self.fail(error.into())
    }

    #[inline]
    fn receive_delivery<'a>(&mut self, now: Moment, frame: Frame<'a>) -> Result<Option<Event<'a>>, Failure> {
        match Packet::decode(frame, self.version)? {
            Packet::Publish(publish) => self.receive_publish(publish, frame),
            Packet::Acknowledgement(acknowledgement) => {
                Ok(self.receive_acknowledgement(now, acknowledgement))
            }
            _ => Ok(None),
        }
    }

    #[inline(never)]
    fn receive_other<'a>(&mut self, frame: Frame<'a>) -> Result<Option<Event<'a>>, Failure> {
        match PacketType::of(frame.first_byte) {
            Some(PacketType::ConnAck) => return Err(Failure::protocol("second CONNACK")),
            Some(PacketType::Auth) => return Err(Failure::protocol("AUTH without authentication method")),
            Some(PacketType::Disconnect) if self.version != Version::V5 => {
                return Err(Failure::protocol("DISCONNECT from a server of version 3"));
            }
            Some(
                PacketType::SubAck | PacketType::UnsubAck | PacketType::PingResp | PacketType::Disconnect,
            ) => {}
            _ => return Err(Failure::protocol("packet that only a client sends")),
        }
        match Packet::decode(frame, self.version)? {
            Packet::SubAck(suback) => self.receive_suback(suback),
            Packet::UnsubAck(unsuback) => self.receive_unsuback(unsuback),
            Packet::Disconnect(Disconnect { reason, properties }) => {
                self.phase = Phase::Closing;
                Ok(Some(Event::ServerDisconnected { reason, properties }))
            }
            _ => {
                self.keep_alive.answered();
                Ok(None)
            }
        }
    }

    /// Nothing more is said on this connection than why it ends, to a server that understands it.
    pub(super) fn fail(&mut self, failure: Failure) -> Failure {
        if let Failure::Protocol { reason, .. } = failure
            && self.phase == Phase::Connected
            && self.version == Version::V5
        {
            self.queue_disconnect(reason);
        }
        if self.phase != Phase::Idle {
            self.phase = Phase::Closing;
        }
        failure
    }

    fn queue_disconnect(&mut self, reason: ReasonCode) {
        let disconnect = Disconnect { reason, properties: PropertyView::empty() };
        let encoded = disconnect.encode(self.version, self.outgoing.bytes());
        debug_assert!(encoded.is_ok());
    }

    /// What is to be written. After [`receive`](Session::receive), [`bytes_written`](Session::bytes_written) and
    /// [`handle_timeout`](Session::handle_timeout) there may be more in it, also when they fail.
    #[inline]
    pub fn outgoing(&mut self) -> &mut Outgoing {
        &mut self.outgoing
    }

    /// `count` bytes of the stream were handed to the kernel: bytes of [`outgoing`](Session::outgoing), of payloads that
    /// follow it, or of a part of either. A resume pass that paused continues.
    #[inline]
    pub fn bytes_written(&mut self, now: Moment, count: usize) {
        self.written += count as u64;
        self.keep_alive.written(now, self.written);
        if self.resume_at.is_some() && self.phase == Phase::Connected {
            self.continue_resume(now);
        }
    }

    /// Bytes queued on this connection and not yet written.
    pub(super) fn unwritten(&self) -> u64 {
        self.queued_in_all().saturating_sub(self.written)
    }

    fn queued_in_all(&self) -> u64 {
        self.outgoing.queued_in_all() + self.followed
    }

    /// A QoS 1 or 2 message would be taken: fewer than the limit are in flight, none waits to be resent.
    #[inline]
    pub fn window_is_open(&self) -> bool {
        self.in_flight.len() < self.window && self.resume_at.is_none()
    }

    /// The outgoing QoS 1 or 2 message is not complete.
    #[inline]
    pub fn is_pending(&self, id: PacketId) -> bool {
        self.in_flight.contains(id)
    }

    /// Outgoing messages that are not complete, in sending order.
    pub fn pending(&self) -> impl Iterator<Item = PacketId> + '_ {
        self.in_flight.iter().map(|message| message.id)
    }

    /// Some outgoing QoS 1 or 2 message is not complete.
    #[inline]
    pub fn has_outgoing_in_flight(&self) -> bool {
        self.in_flight.len() > 0
    }

    /// An outgoing message is not complete, or an incoming QoS 2 message not released.
    pub fn has_in_flight(&self) -> bool {
        self.in_flight.len() > 0 || !self.received.is_empty()
    }

    /// When [`handle_timeout`](Session::handle_timeout) has to be called. What happens before only moves it to later,
    /// except CONNACK and `handle_timeout` itself: after those it must be asked again. `None`: never.
    pub fn next_deadline(&self) -> Option<Moment> {
        if self.phase != Phase::Connected {
            return None;
        }
        let retry = (self.settings.retry_millis != 0).then_some(self.next_retry);
        self.keep_alive.deadline().into_iter().chain(retry).min()
    }

    /// Does what is due: PINGREQ, resending. Called too early, it does nothing.
    ///
    /// # Errors
    /// [`Failure::KeepAlive`]: the server has been silent for too long.
    pub fn handle_timeout(&mut self, now: Moment) -> Result<(), Failure> {
        if self.phase != Phase::Connected {
            return Ok(());
        }
        match self.keep_alive.check(now) {
            Action::Close => return Err(self.fail(Failure::KeepAlive)),
            Action::Ping => {
                encode_ping_request(self.outgoing.bytes());
                let position = self.queued_in_all();
                self.keep_alive.ping_queued(now, position);
            }
            Action::Nothing => {}
        }
        self.resend_overdue(now);
        Ok(())
    }

    /// What is to be done in the store, since the last call. To be carried out before the outgoing bytes are written.
    #[inline]
    pub fn take_store_commands(&mut self) -> Vec<StoreCommand> {
        std::mem::take(&mut self.store_commands)
    }

    #[inline]
    pub(super) fn store(&mut self, command: impl FnOnce() -> StoreCommand) {
        if self.stores {
            self.store_commands.push(command());
        }
    }

    /// Puts a message of an earlier life in flight, behind those restored before: `packet` is its PUBLISH as it was
    /// stored, `released`: its PUBREL was sent. False if that is no QoS 1 or 2 PUBLISH of this version and id.
    pub fn restore_outgoing(
        &mut self,
        id: PacketId,
        packet: Arc<[u8]>,
        version: Version,
        released: bool,
    ) -> bool {
        let publish = packet_bytes::decode_publish(&packet, version);
        let Some(publish) = publish.filter(|publish| publish.packet_id == Some(id)) else { return false };
        let Some(first) = first_answer(publish.qos) else { return false };
        let released = released && first == AcknowledgementType::PubRec;
        let (awaited, packet) =
            if released { (AcknowledgementType::PubComp, None) } else { (first, Some(packet)) };
        if !self.in_flight.contains(id) {
            self.identifiers.mark(id);
            self.in_flight.push(Message::new(id, awaited, version, packet, Moment::default()));
        }
        true
    }

    /// Remembers a received QoS 2 message of an earlier life. False if `packet` is none of this version and id.
    pub fn restore_incoming(&mut self, id: PacketId, packet: Arc<[u8]>, version: Version) -> bool {
        let Some(message) = ReceivedMessage::new(packet, version) else { return false };
        if message.publish().packet_id != Some(id) {
            return false;
        }
        let received = match version {
            Version::V5 => Received::Delivered,
            Version::V31 | Version::V311 => Received::Stored(message),
        };
        self.received.insert(id, received);
        true
    }
}

/// PUBLISH and its acknowledgements.
#[inline]
fn is_of_delivery(first_byte: u8) -> bool {
    (0x30..0x80).contains(&first_byte)
}
