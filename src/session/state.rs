//! The session itself: its state, what applications ask, and what the time demands.

use super::backlog::Backlog;
use super::before_connack::EarlyPackets;
use super::counts::Counts;
use super::id_allocator::IdAllocator;
use super::in_flight::{InFlight, Place};
use super::keep_alive::{Action, KeepAlive};
use super::limits::Limits;
use super::oddities::Oddities;
use super::outstanding::Outstanding;
use super::packet_id_map::PacketIdMap;
use super::queue::Queue;
use super::received_messages::ReceivedMessages;
use super::request::Request;
use super::subscriptions::Subscriptions;
use super::time_limits::TimeLimits;
use super::topic_alias::Aliases;
use super::withheld_answers::WithheldAnswers;
use super::{Failure, Moment, Outgoing, StoreCommand};
use crate::protocol::{PacketId, Version, encode_ping_request};

/// In this time the answers are read that have come while nothing was read. Milliseconds.
const ANSWERS_ARE_READ: u64 = 1000;

/// Without keep-alive, a server that has taken nothing for this long, though something waits and nothing more is read
/// from it, counts as gone. Milliseconds.
const LONGEST_STALL: u64 = 60_000;

/// The state of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Phase {
    /// No byte stream.
    Idle,
    /// CONNECT queued.
    Connecting,
    /// CONNACK came, and the application judges whether it trusts the server: it takes part in the authentication.
    Judging,
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
    pub(super) prompt_loss: bool,
    /// Seconds.
    pub(super) session_expiry: u32,
    /// Bytes; 0: no limit.
    pub(super) maximum_incoming: u32,
    pub(super) topic_alias_maximum: u16,
}

/// The authentication of a connection in which the application takes part, and how far it is.
#[derive(Clone, Debug)]
pub(super) struct Authentication {
    /// The method, that of CONNECT.
    pub(super) method: Box<[u8]>,
    /// On an open connection.
    pub(super) renewal: Renewal,
}

/// How far the client is with authenticating again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Renewal {
    /// It does not.
    No,
    /// The application is asked for its first data.
    Asked,
    /// They were sent.
    UnderWay,
}

/// How far the bytes of this connection have come.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Bytes that came from the caller's memory after a head in [`Outgoing`].
    pub(super) followed: u64,
    /// Bytes written.
    pub(super) written: u64,
    pub(super) backlog: Backlog,
}

/// Which messages of ours may be sent, and when again.
#[derive(Debug, Default)]
pub(super) struct Flow {
    /// Most messages in flight for a new one to be taken.
    pub(super) window: usize,
    /// PUBLISH packets of QoS 1 and 2 sent on this connection whose messages are not complete.
    pub(super) unacknowledged: usize,
    /// Messages in flight that end with this connection.
    pub(super) passing_messages: usize,
    /// Messages in flight of which the application knows that they have failed.
    pub(super) given_up: usize,
    /// The next message of an unfinished resume pass.
    pub(super) resume_at: Option<Place>,
    /// When to look for messages to resend within the connection.
    pub(super) next_retry: Moment,
}

/// What a session has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Messages that were sent and are not complete.
    pub in_flight: usize,
    /// Requests that wait to be sent.
    pub queued: usize,
    /// Of these, and of received messages that wait for their release, those that a store keeps.
    pub stored: usize,
}

/// The state of one client, over all its connections.
///
/// Connection life: idle, then [`connect`](Session::connect), CONNACK through [`receive`](Session::receive),
/// [`connection_closed`](Session::connection_closed), and idle again.
///
/// `R` is what a requester wants back with the completion of its request. The session keeps it, and does not look into
/// it.
#[derive(Debug)]
pub struct Session<R> {
    pub(super) client_id: Box<[u8]>,
    /// Given by a version 5 server in place of an empty client id.
    pub(super) assigned_client_id: Option<Box<[u8]>>,
    pub(super) stores: bool,
    pub(super) store_commands: Vec<StoreCommand>,
    pub(super) strict: bool,
    /// Messages of QoS 1 and 2 are acknowledged by the application.
    pub(super) acknowledges_by_hand: bool,

    pub(super) phase: Phase,
    /// This connection was accepted at some time.
    pub(super) accepted: bool,
    pub(super) version: Version,
    pub(super) settings: Settings,
    pub(super) limits: Limits,
    pub(super) keep_alive: KeepAlive,
    pub(super) outgoing: Outgoing,
    pub(super) progress: Progress,
    /// Of this connection the written bytes are in `progress`.
    pub(super) sent: Counts,
    pub(super) aliases: Aliases,
    pub(super) authentication: Option<Box<Authentication>>,
    pub(super) early: EarlyPackets,
    pub(super) oddities: Oddities,

    pub(super) identifiers: IdAllocator,
    pub(super) in_flight: InFlight,
    /// SUBSCRIBE and UNSUBSCRIBE without answer.
    pub(super) requests: PacketIdMap<Request>,
    pub(super) received: ReceivedMessages,
    /// Made when it is first needed.
    pub(super) manual: Option<Box<WithheldAnswers>>,
    pub(super) flow: Flow,
    /// Those that are made again when the server has lost the session, if any are.
    pub(super) subscriptions: Option<Box<Subscriptions>>,
    /// Made when it is first needed.
    pub(super) time_limits: Option<Box<TimeLimits>>,

    pub(super) queue: Queue<R>,
    pub(super) outstanding: Outstanding<R>,
}

impl<R: Copy> Session<R> {
    /// A client without any history. `stores`: store commands are wanted.
    pub fn new(client_id: &[u8], stores: bool) -> Session<R> {
        Session {
            client_id: client_id.into(),
            assigned_client_id: None,
            stores,
            store_commands: Vec::new(),
            strict: false,
            acknowledges_by_hand: false,
            phase: Phase::Idle,
            accepted: false,
            version: Version::V311,
            settings: Settings::default(),
            limits: Limits::default(),
            keep_alive: KeepAlive::default(),
            outgoing: Outgoing::default(),
            progress: Progress::default(),
            sent: Counts::default(),
            aliases: Aliases::default(),
            authentication: None,
            early: EarlyPackets::default(),
            oddities: Oddities::default(),
            identifiers: IdAllocator::default(),
            in_flight: InFlight::default(),
            requests: PacketIdMap::default(),
            received: ReceivedMessages::default(),
            manual: None,
            flow: Flow::default(),
            subscriptions: None,
            time_limits: None,
            queue: Queue::default(),
            outstanding: Outstanding::default(),
        }
    }

    /// From now on store commands are wanted, or not.
    pub fn set_stores(&mut self, stores: bool) {
        self.stores = stores;
    }

    /// The last CONNECT asked for a clean session, or a clean start in version 5.
    pub fn asked_for_clean_session(&self) -> bool {
        self.settings.clean
    }

    /// CONNACK was accepted, by the application too if it authenticates, and neither side has ended the connection since.
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

    /// What is to be written. After [`receive`](Session::receive), [`bytes_written`](Session::bytes_written)
    /// and [`handle_timeout`](Session::handle_timeout) there may be more in it, also when they fail.
    #[inline]
    pub fn outgoing(&mut self) -> &mut Outgoing {
        &mut self.outgoing
    }

    /// `count` bytes of the stream were handed to the kernel: bytes of [`outgoing`](Session::outgoing), of
    /// payloads that follow it, or of a part of either. A resume pass that paused continues.
    #[inline]
    pub fn bytes_written(&mut self, now: Moment, count: usize) {
        self.progress.written += count as u64;
        self.keep_alive.written(now, self.progress.written);
        if self.flow.resume_at.is_some() && self.phase == Phase::Connected {
            self.continue_resume(now);
        }
        if self.outstanding.has_written(self.progress.written) {
            self.outstanding.complete_written(self.progress.written);
        }
    }

    /// Bytes of this connection that were handed to the kernel.
    pub fn written(&self) -> u64 {
        self.progress.written
    }

    /// Bytes queued on this connection and not yet written.
    pub(super) fn unwritten(&self) -> u64 {
        self.queued_in_all().saturating_sub(self.progress.written)
    }

    pub(super) fn queued_in_all(&self) -> u64 {
        self.outgoing.queued_in_all() + self.progress.followed
    }

    /// A QoS 1 or 2 message would be taken: fewer than the limit are in flight, none waits to be resent.
    #[inline]
    pub fn window_is_open(&self) -> bool {
        self.in_flight.len() < self.flow.window && self.flow.resume_at.is_none()
    }

    /// The outgoing QoS 1 or 2 message is not complete.
    #[inline]
    pub fn is_pending(&self, id: PacketId) -> bool {
        self.in_flight.get(id).is_some_and(|message| !message.given_up)
    }

    /// Outgoing messages that are not complete, in sending order.
    pub fn pending(&self) -> impl Iterator<Item = PacketId> + '_ {
        self.in_flight.iter().filter(|message| !message.given_up).map(|message| message.id)
    }

    /// Some outgoing QoS 1 or 2 message is not complete.
    #[inline]
    pub fn has_outgoing_in_flight(&self) -> bool {
        self.in_flight.len() > self.flow.given_up
    }

    /// An outgoing message is not complete, or an incoming QoS 2 message not released.
    pub fn has_in_flight(&self) -> bool {
        self.has_outgoing_in_flight() || !self.received.is_empty()
    }

    /// What was sent until now, on all connections.
    pub fn counts(&self) -> Counts {
        Counts { written: self.sent.written + self.progress.written, ..self.sent }
    }

    /// What it has to do.
    pub fn load(&self) -> Load {
        let (queued, stored) = self.queue.load();
        Load {
            in_flight: self.in_flight.len() - self.flow.given_up,
            queued,
            stored: self.in_flight.len() - self.flow.given_up + self.received.stored + stored,
        }
    }

    /// When [`handle_timeout`](Session::handle_timeout) has to be called, and
    /// [`advance_queue`](Session::advance_queue) after it. What happens before only moves it to later, except CONNACK,
    /// [`queue_disconnect`](Session::queue_disconnect), [`reading_stopped`](Session::reading_stopped) and
    /// `handle_timeout` itself: after those it must be asked again.
    /// `None`: never.
    #[inline]
    pub fn next_deadline(&self) -> Option<Moment> {
        if self.phase != Phase::Connected {
            return None;
        }
        let retry = (self.settings.retry_millis != 0).then_some(self.flow.next_retry);
        let of_server = Moment::earlier(self.keep_alive.deadline(), self.end_of_stall());
        Moment::earlier(of_server, Moment::earlier(retry, self.queue.deadline()))
    }

    /// Does what is due: PINGREQ, resending. Called too early, it does nothing.
    ///
    /// # Errors
    /// [`Failure::KeepAlive`]: the server has been silent for too long. [`Failure::Stalled`]: it takes nothing.
    pub fn handle_timeout(&mut self, now: Moment) -> Result<(), Failure> {
        if self.phase != Phase::Connected {
            return Ok(());
        }
        if self.end_of_stall().is_some_and(|end| now >= end) {
            return Err(self.fail(Failure::Stalled));
        }
        match self.keep_alive.check(now) {
            Action::Close => return Err(self.fail(Failure::KeepAlive)),
            Action::Ping => {
                encode_ping_request(self.outgoing.bytes());
                self.sent.other();
                self.sent.pings += 1;
                let position = self.queued_in_all();
                self.keep_alive.ping_queued(now, position);
            }
            Action::Nothing => {}
        }
        self.resend_overdue(now);
        Ok(())
    }

    /// What is to be done in the store, since the last call. To be carried out before the outgoing bytes are
    /// written.
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

    /// So many acknowledgements wait for the server to read them that it should not be read from.
    #[inline]
    pub fn owes_too_much(&mut self) -> bool {
        self.progress.backlog.may_be_too_many() && self.still_owes_too_much()
    }

    #[cold]
    fn still_owes_too_much(&mut self) -> bool {
        let (written, end) = (self.progress.written, self.queued_in_all());
        self.progress.backlog.are_too_many(written, end)
    }

    /// Nothing more is read from the server for a while. PINGREQ still goes out; a missing PINGRESP means nothing
    /// meanwhile. [`next_deadline`](Session::next_deadline) must be asked again.
    pub fn reading_stopped(&mut self, now: Moment) {
        self.keep_alive.reading_stopped(now);
    }

    /// What the server sends is read again.
    pub fn reading_resumed(&mut self, now: Moment) {
        if let Some(limits) = self.time_limits.as_mut().filter(|_| self.keep_alive.is_reading_stopped()) {
            limits.put_off(now.plus_millis(ANSWERS_ARE_READ));
        }
        self.keep_alive.reading_resumed(now);
    }

    /// CONNECT was queued, and CONNACK has not come.
    #[inline]
    pub fn awaits_connack(&self) -> bool {
        self.phase == Phase::Connecting
    }

    /// CONNACK came, the application has not judged it, and the messages after it are many: no more are to be read.
    #[inline]
    pub fn is_full_before_judgement(&self) -> bool {
        self.phase == Phase::Judging && self.early.is_full()
    }

    /// CONNECT was queued, and the connection is not accepted.
    pub fn is_being_accepted(&self) -> bool {
        matches!(self.phase, Phase::Connecting | Phase::Judging)
    }

    /// When a server without keep-alive that takes nothing counts as gone.
    #[inline]
    fn end_of_stall(&self) -> Option<Moment> {
        let since = self.keep_alive.stalled_since()?;
        (self.unwritten() > 0).then(|| since.plus_millis(LONGEST_STALL))
    }
}
