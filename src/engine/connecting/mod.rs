//! Making connections. The `Connector` remembers how far a client is with its connection and decides what comes next: the
//! servers and versions in turn, one attempt at a time (`attempt`), the next round after a loss, and the end by a
//! disconnect (`reconnect`). It knows no lock and no application: `drivers` does what it asks for.
//!
//! A client of the synchronous interface *pumps*: the thread inside connect drives each attempt to its end, and the result
//! is left here for it. One of the asynchronous interface is *driven* by the pool, as far as possible without waiting.

mod attempt;
mod disconnect_limit;
pub(in crate::engine) mod failure;
pub(in crate::engine) mod openers;
pub(in crate::engine) mod plan;
mod reconnect;

pub(in crate::engine) use attempt::ServerAnswer;
pub use reconnect::Credentials;
pub(in crate::engine) use reconnect::{AfterLoss, Again};

use crate::engine::requester::Requester;
use crate::engine::runtime::clock;
use crate::session::{Attempts, Backoff, FailedRequest, Moment};
use crate::transport::{OpenSettings, Opening, Stream};
use disconnect_limit::DisconnectLimit;
use openers::Openers;
use plan::{ConnectPlan, Connected};
use std::sync::Arc;
use std::time::Instant;

/// Time after connect in which callbacks can still be set.
const MOMENT_MILLIS: u64 = 20;

/// Progress of the connection.
pub(in crate::engine) enum Phase {
    /// There is none and none is being made; or calls of the synchronous interface have taken it over.
    Idle,
    /// A stream is being opened. `opening`: None while a thread advances it. `registered`: its descriptors are with the
    /// poller.
    Opening { opening: Option<Box<Opening>>, registered: bool },
    /// CONNECT is sent; the server has until this moment to answer.
    AwaitingConnAck { until: Moment },
    /// Driven.
    Connected,
    /// DISCONNECT is queued: the connection is closed when it is written, or when that takes too long. `connects`: the
    /// application has asked for the next connection meanwhile.
    Closing { limit: DisconnectLimit, connects: bool },
    /// The next attempt begins then.
    WaitingToRetry { until: Moment },
    /// The next attempt begins when the application has renewed its credentials.
    RenewingCredentials,
}

/// The part of a client that makes its connections.
pub(in crate::engine) struct Connector {
    pumped: bool,
    /// Counts connections and attempts, so that what belongs to an old one is recognised.
    generation: u32,
    phase: Phase,
    /// As the last connect asked.
    plan: Option<Arc<ConnectPlan>>,
    /// Settings with which streams were opened last.
    transport: Arc<OpenSettings>,
    /// Servers and versions still to be tried in this round.
    attempts: Attempts,
    /// When the attempt under way has failed, whatever stage it is in.
    deadline: Instant,
    /// When the last attempt began.
    attempted_at: Moment,
    answer: Option<ServerAnswer>,
    /// Its connection ended before CONNACK: the reason may have to be reported to the application's TLS function.
    failed_stream: Option<Arc<dyn Stream>>,
    /// The result of a pumped connect.
    result: Option<Result<Connected, FailedRequest>>,
    pub(in crate::engine) openers: Openers,
    /// disconnect was called: a pumped connect gives up.
    interrupted: bool,
    /// The attempts under way were asked for by connect; otherwise the library makes them by itself.
    requested: bool,
    /// The connect request whose result is due.
    requester: Option<Requester>,
    /// connect was called and disconnect has not been called since.
    wants_connection: bool,
    backoff: Backoff,
    /// Time limit of the disconnect that waits to be carried out.
    disconnecting: Option<DisconnectLimit>,
    /// Why the last connection ended, for the log and for the call that finds out.
    cause: String,
}

impl Connector {
    /// `pumped`: by the thread inside connect; otherwise it is driven by the pool.
    pub(in crate::engine) fn new(pumped: bool) -> Connector {
        Connector {
            pumped,
            generation: 0,
            phase: Phase::Idle,
            plan: None,
            transport: Arc::default(),
            attempts: Attempts::new(1, None),
            deadline: Instant::now(),
            attempted_at: Moment::default(),
            answer: None,
            failed_stream: None,
            result: None,
            openers: Openers::default(),
            interrupted: false,
            requested: false,
            requester: None,
            wants_connection: false,
            backoff: Backoff::new(1, 60),
            disconnecting: None,
            cause: String::new(),
        }
    }

    #[inline]
    pub(in crate::engine) fn generation(&self) -> u32 {
        self.generation
    }

    /// From now on, whatever belongs to an earlier attempt or connection is recognised.
    pub(in crate::engine) fn begin_generation(&mut self) {
        self.generation = self.generation.wrapping_add(1);
    }

    pub(in crate::engine) fn cause(&self) -> &str {
        &self.cause
    }

    pub(in crate::engine) fn set_cause(&mut self, cause: String) {
        self.cause = cause;
    }

    pub(in crate::engine) fn is_pumped(&self) -> bool {
        self.pumped
    }

    /// The connection was asked for by connect; otherwise the library makes it by itself.
    pub(in crate::engine) fn is_requested(&self) -> bool {
        self.requested
    }

    /// The pauses of automatic reconnect, if the last connect asked for it.
    pub(in crate::engine) fn automatic_reconnect(&self) -> Option<(u32, u32)> {
        self.plan.as_ref()?.automatic_reconnect
    }

    /// Driven: a connection is being made, or a disconnect waits. A connect that has only just been requested does not count
    /// yet: applications set callbacks right after it.
    pub(in crate::engine) fn is_busy(&self) -> bool {
        let just_asked = self.requested && clock::now() < self.attempted_at.plus_millis(MOMENT_MILLIS);
        !self.pumped && ((self.is_connecting() && !just_asked) || self.disconnecting.is_some())
    }

    /// A connection is being made.
    pub(in crate::engine) fn is_connecting(&self) -> bool {
        matches!(self.phase, Phase::Opening { .. } | Phase::AwaitingConnAck { .. })
    }

    pub(in crate::engine) fn phase(&self) -> &Phase {
        &self.phase
    }

    /// When this part wants to be looked at.
    pub(in crate::engine) fn next_moment(&self) -> Option<Moment> {
        match &self.phase {
            _ if self.pumped => None,
            Phase::Opening { opening, .. } => {
                opening.as_ref().map(|opening| clock::moment_of(opening.next_moment()))
            }
            Phase::AwaitingConnAck { until } | Phase::WaitingToRetry { until } => Some(*until),
            Phase::Closing { limit, .. } => Some(limit.next_check()),
            Phase::Idle | Phase::Connected | Phase::RenewingCredentials => None,
        }
    }
}
