//! Decides whether a connection is wanted: by a connect call, by the library after a loss or a failure, or by nobody after
//! a disconnect.

use super::disconnect_limit::DisconnectLimit;
use super::plan::ConnectPlan;
use super::{Connector, Phase};
use crate::engine::requester::Requester;
use crate::engine::runtime::clock;
use crate::session::{Attempt, Attempts, Backoff, Moment, RequestError};
use crate::transport::OpenSettings;
use std::sync::Arc;

/// User name and password.
pub type Credentials = (Option<Vec<u8>>, Option<Vec<u8>>);

/// The next step when an established connection has ended.
pub(in crate::engine) enum AfterLoss {
    Nothing,
    /// The attempt that was asked for meanwhile.
    Attempt,
    /// All servers in turn, from the next one on.
    Round,
    /// The same after a pause, with automatic reconnect.
    Pause,
}

/// The answer to a request to connect again.
pub(in crate::engine) enum Again {
    /// There is a connection, or one is being made.
    Already,
    /// It is made when the present one is closed.
    WhenClosed,
    /// All servers in turn.
    Round,
    /// The same, as if the library made it by itself.
    AutomaticRound,
}

impl Connector {
    /// Sets how streams are opened from now on; TLS sessions are kept where they fit.
    pub(in crate::engine) fn use_transport(&mut self, settings: Arc<OpenSettings>) {
        self.transport = settings.resuming(&self.transport);
    }

    /// Begins with what a connect asks for. `requester`: who waits for its result; the one before is returned.
    pub(in crate::engine) fn begin(
        &mut self,
        plan: Arc<ConnectPlan>,
        requester: Option<Requester>,
    ) -> Option<Requester> {
        self.attempts = Attempts::new(plan.servers.len().max(1), plan.version);
        let (shortest, longest) = plan.automatic_reconnect.unwrap_or((1, 60));
        self.backoff = Backoff::new(shortest, longest);
        (self.requested, self.wants_connection, self.plan) = (true, true, Some(plan));
        self.result = None;
        std::mem::replace(&mut self.requester, requester)
    }

    /// A connect while one is under way waits for the same result, in place of the one before, which is returned. Err: none
    /// is under way.
    pub(in crate::engine) fn join(
        &mut self,
        requester: Option<Requester>,
    ) -> Result<Option<Requester>, Option<Requester>> {
        match self.is_connecting() && self.requested {
            true => Ok(std::mem::replace(&mut self.requester, requester)),
            false => Err(requester),
        }
    }

    /// The attempt to make, or under way; None: none is left in this round, or it has been given up.
    pub(in crate::engine) fn attempt(&self) -> Option<(Arc<ConnectPlan>, Attempt)> {
        let attempt = self.attempts.current().filter(|_| !(self.pumped && self.interrupted))?;
        Some((self.plan.clone()?, attempt))
    }

    /// All servers in turn, from the one after the last on, without a request.
    pub(in crate::engine) fn begin_round(&mut self) {
        self.requested = false;
        self.attempts.begin_round();
    }

    /// The application wants no connection any more.
    pub(in crate::engine) fn want_none(&mut self) {
        self.wants_connection = false;
    }

    /// The same, and none follows one that is being closed. Returns the requester that waited for a connection.
    pub(in crate::engine) fn stop(&mut self) -> Option<Requester> {
        self.want_none();
        if let Phase::Closing { connects, .. } = &mut self.phase {
            *connects = false;
        }
        self.requester.take()
    }

    /// The application asks to connect again. `is_closing`: DISCONNECT is queued.
    pub(in crate::engine) fn reconnect(&mut self, is_closing: bool) -> Result<Again, RequestError> {
        let Some(plan) = &self.plan else { return Err(RequestError::Failed) };
        let is_automatic = plan.automatic_reconnect.is_some();
        if is_automatic && !self.wants_connection {
            return Err(RequestError::Failed);
        }
        self.backoff.reset();
        let again = match self.phase {
            Phase::Closing { connects: true, .. } => Again::WhenClosed,
            _ if is_closing => {
                self.attempts.begin_round();
                self.begin_closing(true);
                Again::WhenClosed
            }
            Phase::Connected | Phase::RenewingCredentials => return Ok(Again::Already),
            _ if self.is_connecting() => return Ok(Again::Already),
            _ if is_automatic => Again::AutomaticRound,
            _ => Again::Round,
        };
        self.wants_connection = true;
        Ok(again)
    }

    /// The next attempt waits for other credentials than these.
    pub(in crate::engine) fn begin_renewal(&mut self) -> Credentials {
        self.phase = Phase::RenewingCredentials;
        let plan = self.plan.as_ref();
        plan.map(|plan| (plan.user_name.clone(), plan.password.clone())).unwrap_or_default()
    }

    /// Some: they are used from now on. False: the application has disconnected meanwhile, or given others to connect with.
    pub(in crate::engine) fn renew(&mut self, renewed: Option<Credentials>) -> bool {
        if !matches!(self.phase, Phase::RenewingCredentials) {
            return false;
        }
        if let (Some(credentials), Some(plan)) = (renewed, &mut self.plan) {
            let plan = Arc::make_mut(plan);
            (plan.user_name, plan.password) = credentials;
        }
        true
    }

    /// An established connection has ended, requested or not. If one is still wanted and there are several servers, the
    /// next one is tried at once.
    pub(in crate::engine) fn after_loss(&mut self) -> AfterLoss {
        self.disconnecting = None;
        match std::mem::replace(&mut self.phase, Phase::Idle) {
            Phase::Closing { connects: true, .. } => return AfterLoss::Attempt,
            Phase::Connected if self.wants_connection => {}
            _ => return AfterLoss::Nothing,
        }
        if !self.attempts.has_several_servers() {
            return AfterLoss::Pause;
        }
        // A server may close each connection as soon as it is made, so there has to be some delay.
        let until = self.attempted_at.plus_millis(Backoff::SHORTEST_DISTANCE);
        if clock::now() >= until {
            return AfterLoss::Round;
        }
        self.phase = Phase::WaitingToRetry { until };
        AfterLoss::Nothing
    }

    /// Paho C connects again by itself, once, after a loss. Here only automatic reconnect does.
    pub(in crate::engine) fn would_connect_in_the_original(&self) -> bool {
        self.plan.as_ref().is_some_and(|plan| plan.version.is_none() && plan.automatic_reconnect.is_none())
    }

    /// With automatic reconnect the next round begins after a pause. `random`: any number.
    pub(in crate::engine) fn retry_later(&mut self, random: u64) {
        if self.automatic_reconnect().is_some() && self.wants_connection {
            let now = clock::now();
            let pause = self.backoff.next_delay_millis(random, now.millis_since(self.attempted_at));
            self.phase = Phase::WaitingToRetry { until: clock::past(now, pause) };
        }
    }

    /// The application has asked for a disconnect, within this time. That many bytes have left on this connection. Of several
    /// disconnects the first one that is due counts.
    pub(in crate::engine) fn note_disconnect(&mut self, now: Moment, limit_millis: u64, written: u64) {
        // From the end of this millisecond, so that no disconnect ends before its time.
        let limit = DisconnectLimit::new(now.plus_millis(1), limit_millis, written);
        self.disconnecting = Some(self.disconnecting.map_or(limit, |earlier| earlier.min(limit)));
    }

    /// DISCONNECT is queued. `connects`: a connection is to be made when this one is closed.
    pub(in crate::engine) fn begin_closing(&mut self, connects: bool) {
        let limit = match self.phase {
            Phase::Closing { limit, .. } => limit,
            _ => self.disconnecting.unwrap_or_default().queued(clock::now()),
        };
        self.phase = Phase::Closing { limit, connects };
    }

    /// DISCONNECT and what was queued before it are not all written. True: the connection is closed all the same.
    pub(in crate::engine) fn gives_up_writing(&mut self, written: u64, is_writing: bool) -> bool {
        if let Phase::Closing { limit, .. } = &mut self.phase {
            return limit.has_passed(clock::now(), written, is_writing);
        }
        self.begin_closing(false);
        false
    }

    /// In a forked child: what was being done to connect is the parent's.
    pub(in crate::engine) fn forget(&mut self) {
        if !self.pumped {
            (self.phase, self.requester, self.disconnecting) = (Phase::Idle, None, None);
            (self.requested, self.wants_connection) = (false, false);
        }
    }
}
