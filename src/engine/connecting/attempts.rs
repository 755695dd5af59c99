//! Making connections: one attempt after the other.

use crate::engine::asynchronous::{Asynchronous, Phase};
use crate::engine::client::{Client, ConnectOutcome, Guard, State};
use crate::engine::connecting::plan::AsyncError;
use crate::engine::connecting::plan::{Cause, ConnectPlan, Connection};
use crate::engine::inbox::deliveries::Notice;
use crate::engine::inbox::results::{Conclusion, Ended};
use crate::engine::runtime::clock;
use crate::engine::runtime::poller::{Readiness, Token};
use crate::engine::runtime::pool::{self, Pool};
use crate::protocol::{Properties, ReasonCode, Version, packet_length};
use crate::session::{Attempt, AttemptFailure, Attempts, Backoff, Reply};
use crate::trace::{Level, trace};
use crate::transport::{OpenError, Opening, Progress, ServerUri, Stream};
use std::io;
use std::sync::Arc;
use std::time::Instant;

/// What the log says of a server that is silent.
const NO_CONNACK: &str = "the server did not answer CONNECT in time";

/// Why an attempt came to nothing.
pub(in crate::engine) struct Setback {
    cause: Cause,
    /// What exactly went wrong, for the log.
    detail: String,
    reason: ReasonCode,
    properties: Properties,
}

impl Setback {
    fn new(cause: Cause, detail: impl ToString) -> Setback {
        let (reason, properties) = (ReasonCode::SUCCESS, Properties::new());
        Setback { cause, detail: detail.to_string(), reason, properties }
    }

    #[inline(never)]
    fn of_opening(error: &OpenError) -> Setback {
        let cause = match error {
            OpenError::Resolve(_) | OpenError::Unix(_) => Cause::NotFound,
            OpenError::TimedOut(_) => Cause::TimedOut,
            OpenError::WebSocket(_) => Cause::NotUpgraded,
            _ => Cause::NotReached,
        };
        Setback::new(cause, error)
    }

    fn of_refusal(code: u8, version: Version, properties: Properties) -> Setback {
        let reason = match version {
            Version::V5 => ReasonCode(code),
            Version::V31 | Version::V311 => ReasonCode::SUCCESS,
        };
        let detail = format!("the server refused the connection with code {code}");
        Setback { cause: Cause::ConnectRefused(code), detail, reason, properties }
    }

    /// What it means for the version to be tried next.
    fn for_the_plan(&self) -> AttemptFailure {
        match self.cause {
            Cause::ConnectRefused(1) => AttemptFailure::VersionRefused,
            _ => AttemptFailure::Other,
        }
    }
}

impl Client {
    /// Takes a connect request; its result comes through the callbacks. While a connection is being made, the running
    /// attempt continues for the new request, and the old one ends. On a connected client the request is ignored.
    pub fn start_connect(
        self: &Arc<Self>,
        plan: ConnectPlan,
        reply: Option<Reply>,
    ) -> Result<(), AsyncError> {
        let mut state = self.state.lock();
        self.leave_to_parent(&mut state);
        if state.destroyed || self.join_pool(&mut state).is_err() {
            return Err(AsyncError::Failed);
        }
        let Some(part) = state.asynchronous() else { return Err(AsyncError::Failed) };
        if part.is_connecting() && part.requested {
            let old = std::mem::replace(&mut part.connect_reply, reply);
            self.conclude_connect(&mut state, old, Cause::Discarded);
        } else if matches!(part.phase, Phase::Connected) && !state.session.is_disconnecting() {
            self.conclude_connect(&mut state, reply, Cause::Ignored);
        } else {
            self.begin_plan(&mut state, plan, reply);
        }
        self.settle(&mut state);
        Ok(())
    }

    /// Begins with what a connect asks for; what the library was doing by itself to connect again ends.
    fn begin_plan(self: &Arc<Self>, state: &mut Guard<'_>, mut plan: ConnectPlan, reply: Option<Reply>) {
        let is_closing = state.session.is_disconnecting();
        if !is_closing {
            self.abandon_attempt(state);
        }
        state.session.set_wants_connection(true);
        let Some(part) = state.asynchronous() else { return };
        let old = std::mem::replace(&mut part.connect_reply, reply);
        (part.requested, part.wants_connection) = (true, true);
        part.attempts = Attempts::new(plan.servers.len().max(1), plan.version);
        let (shortest, longest) = plan.automatic_reconnect.unwrap_or((1, 60));
        part.backoff = Backoff::new(shortest, longest);
        self.set_version_level(plan.version.map_or(0, |version| version.level().into()));
        plan.transport = self.transport(plan.transport);
        part.plan = Some(Arc::new(plan.following(part.plan.as_deref())));
        match is_closing {
            true => part.begin_closing(true),
            false => self.attempt(state),
        }
        self.conclude_connect(state, old, Cause::Discarded);
    }

    #[inline(never)]
    pub(in crate::engine) fn conclude_connect(&self, state: &mut State, reply: Option<Reply>, cause: Cause) {
        if let Some(reply) = reply {
            state.deliveries.push_notice(Notice::Concluded(Conclusion::failed(reply, cause)));
        }
    }

    /// Tries all servers once, starting after the one tried last.
    pub(in crate::engine) fn begin_round(self: &Arc<Self>, state: &mut Guard<'_>) {
        if let Some(part) = state.asynchronous() {
            part.requested = false;
            part.attempts.begin_round();
        }
        self.attempt(state);
    }

    /// Makes attempts until one is in progress or none is left in this round. Makes none for a client that is being
    /// destroyed.
    pub(in crate::engine) fn attempt(self: &Arc<Self>, state: &mut Guard<'_>) {
        if state.destroyed {
            return self.abandon_attempt(state);
        }
        while let Some((plan, attempt)) = state.asynchronous().and_then(Asynchronous::next_attempt) {
            match self.open(state, &plan, attempt) {
                Ok(()) => return,
                Err(setback) => self.set_back(state, setback),
            }
        }
    }

    fn open(
        self: &Arc<Self>,
        state: &mut Guard<'_>,
        plan: &ConnectPlan,
        attempt: Attempt,
    ) -> Result<(), Setback> {
        let server = match plan.servers.get(attempt.server) {
            Some(Some(server)) => server,
            Some(None) => {
                return Err(Setback::new(Cause::NotReached, "the server URI has an unknown scheme"));
            }
            None => &self.server,
        };
        trace!(
            Level::Protocol,
            "Connecting to serverURI {} with MQTT version {}",
            server.masked(),
            attempt.version.level()
        );
        state.generation = state.generation.wrapping_add(1);
        if let Some(part) = state.asynchronous() {
            part.attempted_at = clock::now();
            if attempt.new_time_limit {
                part.deadline = Instant::now() + plan.connect_timeout;
            }
            let opening = Opening::start(server, &plan.transport, part.deadline);
            let opening = opening.with_messages(packet_length).with_quick_acks(self.quick_acks);
            part.phase = Phase::Opening { opening: Some(opening), registered: false };
        }
        self.advance_opening(state)
    }

    /// Advances the opening as far as possible. The lock is released meanwhile, because TLS may call the application.
    fn advance_opening(self: &Arc<Self>, state: &mut Guard<'_>) -> Result<(), Setback> {
        let (Some(pool), generation) = (state.pool.clone(), state.generation) else { return Ok(()) };
        let Some(part) = state.asynchronous() else { return Ok(()) };
        let Phase::Opening { opening, registered } = &mut part.phase else { return Ok(()) };
        if opening.as_ref().is_some_and(|opening| opening.needs_tls()) && !pool::is_pool_thread() {
            // A thread of the application may have too small a stack for OpenSSL.
            self.set_alarm(state, clock::now());
            return Ok(());
        }
        let Some(mut taken) = opening.take() else { return Ok(()) };
        if std::mem::take(registered) {
            taken.waits().iter().for_each(|wait| pool.poller.remove(wait.descriptor));
        }
        let progress = self.while_opening(state, None, || taken.advance());
        if state.generation != generation {
            return Ok(());
        }
        let token = self.token(generation);
        let Some(part) = state.asynchronous() else { return Ok(()) };
        // The attempt may have been cancelled meanwhile.
        let Phase::Opening { opening, registered } = &mut part.phase else { return Ok(()) };
        match progress {
            Ok(Progress::Waiting) => {
                *registered = true;
                let opening = opening.insert(taken);
                register(opening, &pool, token).map_err(|error| Setback::new(Cause::NotReached, error))
            }
            Ok(Progress::Open(stream)) => self.begin_connection(state, stream, &pool),
            Err(error) => Err(Setback::of_opening(&error)),
        }
    }

    /// The stream is open: sends CONNECT.
    #[inline(never)]
    fn begin_connection(
        self: &Arc<Self>,
        state: &mut Guard<'_>,
        stream: Arc<dyn Stream>,
        pool: &Arc<Pool>,
    ) -> Result<(), Setback> {
        let Some((plan, attempt)) = state.asynchronous().and_then(Asynchronous::next_attempt) else {
            return Ok(());
        };
        self.attach(state, stream);
        let token = self.token(state.generation);
        if let Some(link) = state.link.as_mut() {
            let added = pool.poller.add(link.stream.descriptor(), token);
            added.map_err(|error| Setback::new(Cause::NotReached, error))?;
            link.pooled = true;
        }
        if let Some(part) = state.asynchronous() {
            let until = clock::moment_of(part.deadline);
            part.phase = Phase::AwaitingConnAck { until };
        }
        let mark = self.trace_mark(state);
        state.outcome = None;
        let options = plan.options(attempt.version);
        let encoded = state.session.connect(clock::now(), &options);
        encoded
            .map_err(|error| Setback::new(Cause::NotSent, format!("CONNECT cannot be encoded: {error}")))?;
        self.trace_sent(state, mark);
        self.flush(state);
        self.arm(state, Readiness { read: true, write: false });
        Ok(())
    }

    /// An attempt came to nothing: the next one, or the end of the round.
    #[inline(never)]
    fn set_back(self: &Arc<Self>, state: &mut Guard<'_>, setback: Setback) {
        self.close(state);
        trace!(Level::Error, "Connect of client {} failed: {}", self.name(), setback.detail);
        let Some(part) = state.asynchronous() else { return };
        part.phase = Phase::Idle;
        part.attempts.failed_with(setback.for_the_plan());
        if part.attempts.current().is_some() {
            trace!(Level::Minimum, "Connect failed, more to try");
            return;
        }
        let reply = part.connect_reply.take();
        if let Some(reply) = reply {
            let Setback { cause, detail, reason, properties } = setback;
            let ended = Ended::Failed { cause, detail, reason, properties, packet_type: 0 };
            state.deliveries.push_notice(Notice::Concluded(Conclusion { reply, token: 0, ended }));
        }
        self.retry_later(state);
    }

    /// Checks the connection after packets, an end of the stream or a timer.
    pub(in crate::engine) fn check_connection(self: &Arc<Self>, state: &mut Guard<'_>) {
        let (now, has_link) = (clock::now(), state.link.is_some());
        let Some(part) = state.asynchronous() else { return };
        let setback = match part.phase {
            Phase::Opening { .. } => self.advance_opening(state).err(),
            Phase::AwaitingConnAck { until } => {
                let setback = self.check_connack(state, now >= until);
                setback.filter(|_| self.tell_setback(state))
            }
            Phase::Connected | Phase::Closing { .. } if !has_link => {
                state.failed_stream = None;
                self.after_loss(state);
                None
            }
            Phase::WaitingToRetry { until } if now >= until => {
                trace!(Level::Minimum, "Automatically attempting to reconnect");
                self.begin_again(state);
                None
            }
            _ => None,
        };
        if let Some(setback) = setback {
            self.set_back(state, setback);
            self.attempt(state);
        }
    }

    /// After each packet: reports the connection to the application before anything that follows CONNACK, including an
    /// end of the connection.
    #[inline]
    pub(in crate::engine) fn note_acceptance(&self, state: &mut State) {
        let accepted = matches!(state.outcome, Some(ConnectOutcome::Accepted { .. }));
        if !accepted || Client::could_not_clear(state) {
            return;
        }
        if let Some(ConnectOutcome::Accepted { session_present, properties }) = state.outcome.take() {
            self.established(state, session_present, properties);
        }
    }

    /// How the wait for CONNACK has failed, if it has.
    fn check_connack(&self, state: &mut State, is_late: bool) -> Option<Setback> {
        match state.outcome.take() {
            // What was accepted is established already, unless the store could not be cleared.
            Some(ConnectOutcome::Accepted { .. }) => {
                let code = Client::clearing_failure(state)?;
                Some(Setback::new(Cause::NotCleared(code), format!("the store could not be cleared: {code}")))
            }
            Some(ConnectOutcome::Refused { code, properties }) => {
                Some(Setback::of_refusal(code, state.session.version(), properties))
            }
            Some(ConnectOutcome::Unusable { cause }) => {
                let reason = ReasonCode::PROTOCOL_ERROR;
                Some(Setback { reason, ..Setback::new(Cause::Unusable, cause) })
            }
            Some(ConnectOutcome::Disconnected { reason, properties }) => {
                let detail = state.cause.clone();
                Some(Setback { cause: Cause::ServerDisconnected, detail, reason, properties })
            }
            None if state.link.is_none() => Some(Setback::new(Cause::NotCompleted, &state.cause)),
            None => is_late.then(|| Setback::new(Cause::TimedOut, NO_CONNACK)),
        }
    }

    /// Calls the application's TLS error function before the failure is reported. False: the attempt was cancelled
    /// meanwhile.
    fn tell_setback(&self, state: &mut Guard<'_>) -> bool {
        let (generation, is_told) = (state.generation, state.failed_stream.is_none());
        let Some(part) = state.asynchronous().filter(|_| !is_told) else { return true };
        // As while a thread advances an opening: no other thread takes up the attempt.
        part.phase = Phase::Opening { opening: None, registered: false };
        self.tell_failure(state);
        let is_same = state.generation == generation;
        is_same && state.asynchronous().is_some_and(|part| matches!(part.phase, Phase::Opening { .. }))
    }

    /// CONNACK was accepted: messages are already being sent again, waiting requests follow, then the application
    /// is notified.
    fn established(&self, state: &mut State, session_present: bool, properties: Properties) {
        state.deliveries.stopped = false;
        state.deliveries.messages_by_callback = true;
        if let Some(link) = state.link.as_mut() {
            link.established = true;
        }
        let version = state.session.version();
        let Some(part) = state.asynchronous() else { return };
        part.phase = Phase::Connected;
        part.backoff.reset();
        let server =
            part.listed_server().map_or_else(|| self.server.text.clone(), |server| server.given.clone());
        part.attempts.succeeded();
        let reply = part.connect_reply.take();
        self.collect(state);
        let connection = if reply.is_some() { Connection::Requested } else { Connection::Reconnected };
        if let Some(reply) = reply {
            let ended = Ended::Connected { server, version, session_present, properties };
            state.deliveries.push_notice(Notice::Concluded(Conclusion { reply, token: 0, ended }));
        }
        if self.application.interest().connected {
            state.deliveries.push_notice(Notice::Connected(connection));
        }
    }
}

/// Has the poller watch what an opening waits for.
fn register(opening: &Opening, pool: &Pool, token: Token) -> io::Result<()> {
    opening.waits().iter().try_for_each(|wait| {
        pool.poller.add(wait.descriptor, token)?;
        pool.poller.arm(wait.descriptor, token, Readiness { read: wait.read, write: wait.write })
    })
}

impl Asynchronous {
    /// The entry of the plan's list that is being tried; None: the server given at create.
    fn listed_server(&self) -> Option<&ServerUri> {
        self.plan.as_ref()?.servers.get(self.attempts.current()?.server)?.as_ref()
    }

    fn next_attempt(&mut self) -> Option<(Arc<ConnectPlan>, Attempt)> {
        Some((self.plan.clone()?, self.attempts.current()?))
    }
}
