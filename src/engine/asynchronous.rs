//! What an asynchronous client remembers beside its session.

use crate::engine::calls::patience::Patience;
use crate::engine::client::State;
use crate::engine::connecting::plan::ConnectPlan;
use crate::engine::runtime::clock;
use crate::session::{Attempts, Backoff, Moment, Reply};
use crate::transport::Opening;
use std::sync::Arc;
use std::time::Instant;

/// How soon after connect callbacks can be set.
const MOMENT_MILLIS: u64 = 20;

/// How far the connection is.
pub(in crate::engine) enum Phase {
    /// There is none and none is being made.
    Idle,
    /// A stream is being opened. `opening`: None while a thread advances it. `registered`: its descriptors are with the
    /// poller.
    Opening {
        opening: Option<Box<Opening>>,
        registered: bool,
    },
    /// CONNECT is sent; the server has until this moment to answer.
    AwaitingConnAck {
        until: Moment,
    },
    Connected,
    /// DISCONNECT is queued: the connection is closed when it is written, or when that takes too long. `connects`: the
    /// program has asked for the next connection meanwhile.
    Closing {
        patience: Patience,
        connects: bool,
    },
    /// The next attempt begins then.
    WaitingToRetry {
        until: Moment,
    },
    /// The next attempt begins when the program has renewed its credentials.
    RenewingCredentials,
}

/// The asynchronous part of a client's state.
pub(in crate::engine) struct Asynchronous {
    pub(in crate::engine) phase: Phase,
    /// As the last connect asked.
    pub(in crate::engine) plan: Option<Arc<ConnectPlan>>,
    /// Servers and versions still to be tried in this round.
    pub(in crate::engine) attempts: Attempts,
    /// The attempts under way were asked for by connect; otherwise the library makes them by itself.
    pub(in crate::engine) requested: bool,
    /// The connect request whose result is due.
    pub(in crate::engine) connect_reply: Option<Reply>,
    /// connect was called and disconnect has not been called since.
    pub(in crate::engine) wants_connection: bool,
    pub(in crate::engine) backoff: Backoff,
    /// When the last attempt began.
    pub(in crate::engine) attempted_at: Moment,
    /// A disconnect waits to be carried out.
    pub(in crate::engine) disconnecting: bool,
    /// How long it may take.
    pub(in crate::engine) patience: Patience,
    /// When the attempt under way has failed, whatever stage it is in.
    pub(in crate::engine) deadline: Instant,
}

impl Default for Asynchronous {
    fn default() -> Asynchronous {
        Asynchronous {
            phase: Phase::Idle,
            plan: None,
            attempts: Attempts::new(1, None),
            requested: false,
            connect_reply: None,
            wants_connection: false,
            backoff: Backoff::new(1, 60),
            attempted_at: Moment::default(),
            disconnecting: false,
            patience: Patience::default(),
            deadline: Instant::now(),
        }
    }
}

impl Asynchronous {
    /// A connection is being made, or a disconnect waits. A connect that has only just been requested does not count
    /// yet: applications set callbacks right after it.
    pub(in crate::engine) fn is_busy(&self) -> bool {
        let just_asked = self.requested && clock::now() < self.attempted_at.plus_millis(MOMENT_MILLIS);
        (self.is_connecting() && !just_asked) || self.disconnecting
    }

    /// A connection is being made.
    pub(in crate::engine) fn is_connecting(&self) -> bool {
        matches!(self.phase, Phase::Opening { .. } | Phase::AwaitingConnAck { .. })
    }

    /// The program has asked for a disconnect. Of several the first one that is due counts.
    pub(in crate::engine) fn note_disconnect(&mut self, patience: Patience) {
        let is_first = !std::mem::replace(&mut self.disconnecting, true);
        self.patience = if is_first { patience } else { self.patience.min(patience) };
    }

    /// DISCONNECT is queued. `connects`: a connection is to be made when this one is closed.
    pub(in crate::engine) fn begin_closing(&mut self, connects: bool) {
        let patience = match self.phase {
            Phase::Closing { patience, .. } => patience,
            _ => self.patience.begin(clock::now()),
        };
        self.phase = Phase::Closing { patience, connects };
    }

    /// When this part wants to be looked at.
    pub(in crate::engine) fn next_moment(&self) -> Option<Moment> {
        match &self.phase {
            Phase::Opening { opening, .. } => {
                opening.as_ref().map(|opening| clock::moment_of(opening.next_moment()))
            }
            Phase::AwaitingConnAck { until } | Phase::WaitingToRetry { until } => Some(*until),
            Phase::Closing { patience, .. } => Some(patience.until()),
            Phase::Idle | Phase::Connected | Phase::RenewingCredentials => None,
        }
    }
}

impl State {
    /// In a forked child: what was being done to connect is the parent's.
    pub(in crate::engine) fn forget_connecting(&mut self) {
        if let Some(part) = self.asynchronous() {
            (part.phase, part.connect_reply) = (Phase::Idle, None);
            (part.requested, part.wants_connection, part.disconnecting) = (false, false, false);
        }
    }

    /// The asynchronous part, of clients that have one.
    pub(in crate::engine) fn asynchronous(&mut self) -> Option<&mut Asynchronous> {
        self.asynchronous.as_deref_mut()
    }
}

/// A random number for the pauses between attempts.
pub(in crate::engine) fn random() -> u64 {
    // Without the system's random numbers all delays are equal, which is not a reason to fail.
    getrandom::u64().unwrap_or_default()
}
