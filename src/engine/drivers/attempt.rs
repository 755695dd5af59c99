//! One attempt after the other: the stream is opened, CONNECT sent, the answer judged.

use crate::engine::client::{Client, Guard, State};
use crate::engine::connecting::plan::{ConnectPlan, ConnectReason};
use crate::engine::connecting::{Phase, ServerAnswer, failure};
use crate::engine::inbox::deliveries::Notice;
use crate::engine::requester::Completion;
use crate::engine::runtime::clock;
use crate::engine::runtime::poller::Readiness;
use crate::engine::runtime::{pool, signals, stack};
use crate::engine::statistics::Announced;
use crate::locks::MutexGuard;
use crate::protocol::{Properties, ReasonCode};
use crate::session::{Attempt, Cause, FailedRequest, Moment, Success};
use crate::trace::{Level, trace};
use crate::transport::{self, Event, OpenError, Opening, Progress, Stream};
use std::io;
use std::sync::Arc;

/// Text for the log: the server is silent.
const NO_CONNACK: &str = "the server did not answer CONNECT in time";

impl Client {
    /// Makes attempts until one is in progress or none is left in this round. Makes none for a client that is being
    /// destroyed.
    pub(in crate::engine) fn attempt(self: &Arc<Self>, state: &mut Guard<'_>) {
        if state.destroyed {
            return self.abandon_attempt(state);
        }
        while let Some((plan, attempt)) = state.connector.attempt() {
            match self.begin_attempt(state, &plan, attempt) {
                Ok(()) => return,
                Err(failure) => self.attempt_failed(state, failure),
            }
        }
    }

    fn begin_attempt(
        self: &Arc<Self>,
        state: &mut Guard<'_>,
        plan: &ConnectPlan,
        attempt: Attempt,
    ) -> Result<(), FailedRequest> {
        state.connector.limit_time(plan, attempt);
        let server = match plan.servers.get(attempt.server) {
            Some(Some(server)) => server,
            Some(None) => {
                return Err(FailedRequest::with_detail(
                    Cause::NotReached,
                    "the server URI has an unknown scheme",
                ));
            }
            None => &self.server,
        };
        state.counters.connects.attempts += 1;
        let level = if state.connector.is_pumped() { Level::Minimum } else { Level::Protocol };
        trace!(
            level,
            "Connecting to serverURI {} with MQTT version {}",
            server.masked(),
            attempt.version.level()
        );
        if !state.connector.is_pumped() {
            state.connector.begin_generation();
        }
        let quick_acks = state.options.quick_acks;
        state.connector.begin_opening(server, quick_acks);
        self.advance_opening(state)
    }

    /// Advances the opening as far as possible. The lock is released meanwhile, because TLS may call the application.
    fn advance_opening(self: &Arc<Self>, state: &mut Guard<'_>) -> Result<(), FailedRequest> {
        let (generation, is_pumped) = (state.connector.generation(), state.connector.is_pumped());
        let is_left_to_pool = !is_pumped && state.mode.external_pool().is_none() && !pool::is_pool_thread();
        if is_left_to_pool && state.connector.needs_tls() {
            // A thread of the application may have too small a stack for OpenSSL.
            self.set_alarm(state, clock::now());
            return Ok(());
        }
        let Some(mut opening) = self.take_opening(state) else { return Ok(()) };
        let progress = match is_pumped {
            true => self.pump_opening(state, &mut opening),
            false => {
                // An event loop of the application runs on its thread.
                let needs_stack = state.mode.external_pool().is_some() && needs_larger_stack(&opening);
                // A worker that the application keeps leaves the network to another one.
                let pool = state.mode.pool().filter(|_| state.connector.asks_application()).cloned();
                self.open(state, needs_stack, None, || match pool {
                    Some(pool) => pool.while_calling(|| opening.advance()),
                    None => opening.advance(),
                })
            }
        };
        // The attempt may have been cancelled meanwhile.
        if !is_still_opening(state, generation) {
            return Ok(());
        }
        match progress {
            Ok(Progress::Waiting) => {
                let registered = self.register(state, opening);
                registered.map_err(|error| FailedRequest::with_detail(Cause::NotReached, error))
            }
            Ok(Progress::Open(stream)) => {
                state.counters.stream_opened(opening.times());
                self.begin_connection(state, stream)
            }
            Err(error) => Err(failure::not_open(&error)),
        }
    }

    /// Waits until the stream is open, or the call is interrupted. OpenSSL gets a thread of its own only where the calling
    /// one has too small a stack; the application's TLS functions are then called on that one.
    #[inline(never)]
    fn pump_opening(&self, state: &mut Guard<'_>, opening: &mut Opening) -> Result<Progress, OpenError> {
        let give_up = Arc::new(Event::new().map_err(OpenError::Connect)?);
        let needs_stack = needs_larger_stack(opening);
        let open = || transport::open(opening, &give_up).map(Progress::Open);
        self.open(state, needs_stack, Some(give_up.clone()), open)
    }

    fn open(
        &self,
        state: &mut Guard<'_>,
        needs_stack: bool,
        give_up: Option<Arc<Event>>,
        open: impl FnOnce() -> Result<Progress, OpenError> + Send,
    ) -> Result<Progress, OpenError> {
        if !needs_stack {
            return self.while_opening(state, give_up, open);
        }
        let work = || {
            let mut state = self.state.lock();
            // The lock was free.
            if state.connector.is_interrupted() {
                return Err(OpenError::GivenUp);
            }
            self.while_opening(&mut state, give_up, open)
        };
        let result = MutexGuard::unlocked(state, || signals::run_on_larger_stack(work));
        result.unwrap_or_else(|error| Err(OpenError::Connect(error)))
    }

    /// Has the poller watch what an opening waits for.
    fn register(&self, state: &mut State, opening: Box<Opening>) -> io::Result<()> {
        let token = self.token(state.connector.generation());
        let waits = state.connector.put_back(opening);
        let Some(pool) = state.mode.pool() else { return Ok(()) };
        waits.iter().try_for_each(|wait| {
            pool.poller().add(wait.descriptor, token)?;
            pool.poller().arm(wait.descriptor, token, Readiness { read: wait.read, write: wait.write })
        })
    }

    /// The stream is open: sends CONNECT. A driven connection is served by the pool from here on.
    #[inline(never)]
    fn begin_connection(
        self: &Arc<Self>,
        state: &mut Guard<'_>,
        stream: Arc<dyn Stream>,
    ) -> Result<(), FailedRequest> {
        let Some((plan, attempt)) = state.connector.attempt() else { return Ok(()) };
        let is_pumped = state.connector.is_pumped();
        let Some(authentication) = self.begin_authentication(state, &plan, attempt.version)? else {
            return Ok(());
        };
        self.attach(state, stream);
        if !is_pumped {
            self.serve_by_pool(state)
                .map_err(|error| FailedRequest::with_detail(Cause::NotReached, error))?;
        }
        state.connector.await_connack();
        state.calls.take_early_loss();
        let mark = self.trace_mark(state);
        let mut options = plan.options(attempt.version, is_pumped);
        if let Some(properties) = &authentication {
            options.properties = properties.view();
        }
        let encoded = state.session.connect(clock::now(), &options);
        encoded.map_err(|error| {
            FailedRequest::with_detail(Cause::NotSent, format!("CONNECT cannot be encoded: {error}"))
        })?;
        self.trace_sent(state, mark);
        self.flush(state);
        self.arm(state, Readiness { read: true, write: false });
        Ok(())
    }

    /// From here on the pool watches the connection, if there is a pool.
    fn serve_by_pool(&self, state: &mut State) -> io::Result<()> {
        let token = self.token(state.connector.generation());
        if let (Some(pool), Some(connection)) = (state.mode.pool(), state.connection.as_mut()) {
            pool.poller().add(connection.stream().descriptor(), token)?;
            connection.serve_by_pool();
        }
        Ok(())
    }

    /// An attempt came to nothing: the next one, or the end of the round.
    #[inline(never)]
    fn attempt_failed(self: &Arc<Self>, state: &mut Guard<'_>, failure: FailedRequest) {
        self.close(state);
        self.log_failure(&failure);
        state.counters.attempt_failed(&failure);
        let failed = state.connector.attempt_failed(failure);
        if state.connector.attempt().is_some() {
            trace!(Level::Minimum, "Connect failed, more to try");
            return;
        }
        if let Some((requester, failure)) = failed {
            let completion = Completion { requester, token: 0, result: Err(failure) };
            state.deliveries.push_notice(Notice::Completed(completion));
        }
        state.connector.retry_later(random());
    }

    pub(super) fn log_failure(&self, failure: &FailedRequest) {
        trace!(Level::Error, "Connect of client {} failed: {}", self.name(), failure.detail);
    }

    /// Checks the connection after packets, an end of the stream or a timer.
    pub(in crate::engine) fn check_connection(self: &Arc<Self>, state: &mut Guard<'_>, now: Moment) {
        let failed = match *state.connector.phase() {
            Phase::Opening { .. } => self.advance_opening(state),
            Phase::AwaitingConnAck { until } => self.look_for_answer(state, now >= until),
            Phase::Connected | Phase::Closing { .. } if state.connection.is_none() => {
                return self.after_loss(state);
            }
            Phase::WaitingToRetry { until } if now >= until => {
                trace!(Level::Minimum, "Automatically attempting to reconnect");
                return self.begin_again(state);
            }
            _ => return,
        };
        if let Err(failure) = failed {
            self.attempt_failed(state, failure);
            self.attempt(state);
        }
    }

    /// Judges the server's answer, or that there is none. The application's TLS error function is called before.
    pub(super) fn look_for_answer(
        self: &Arc<Self>,
        state: &mut Guard<'_>,
        is_late: bool,
    ) -> Result<(), FailedRequest> {
        if let Some(stream) = state.connector.take_failed_stream() {
            let generation = state.connector.generation();
            self.while_opening(state, None, || stream.tell_failure());
            if !is_still_opening(state, generation) {
                return Ok(());
            }
        }
        let is_gone = state.connection.is_none();
        let failure = match state.connector.take_answer() {
            // The connection has ended right after it: the application is not asked any more.
            Some(ServerAnswer::Accepted { .. } | ServerAnswer::Authenticate { .. })
                if is_gone && state.session.authenticates() =>
            {
                state.calls.take_early_loss();
                FailedRequest::with_detail(Cause::NotCompleted, state.connector.cause())
            }
            Some(ServerAnswer::Accepted { session_present, properties }) => {
                if state.session.authenticates() {
                    return self.judge_authentication(state, session_present, properties);
                }
                return self.judge_acceptance(state, session_present, properties);
            }
            Some(ServerAnswer::Authenticate { data }) => return self.continue_authentication(state, &data),
            Some(ServerAnswer::Refused { code, properties }) => {
                failure::refused(code, state.session.version(), properties)
            }
            Some(ServerAnswer::Unusable { cause }) => {
                let reason = ReasonCode::PROTOCOL_ERROR;
                FailedRequest { reason, ..FailedRequest::with_detail(Cause::Unusable, cause) }
            }
            Some(ServerAnswer::Disconnected { reason, properties }) => {
                let failure = FailedRequest::with_detail(Cause::ServerDisconnected, state.connector.cause());
                FailedRequest { reason, properties, ..failure }
            }
            None if is_gone => FailedRequest::with_detail(Cause::NotCompleted, state.connector.cause()),
            None if is_late => FailedRequest::with_detail(Cause::TimedOut, NO_CONNACK),
            None => return Ok(()),
        };
        Err(failure)
    }

    pub(super) fn judge_acceptance(
        self: &Arc<Self>,
        state: &mut Guard<'_>,
        session_present: bool,
        properties: Properties,
    ) -> Result<(), FailedRequest> {
        let not_cleared = state.store.take_clearing_failure();
        if !state.connector.is_pumped() {
            // What was accepted is established already, unless the store could not be cleared.
            return not_cleared.map_or(Ok(()), |code| Err(failure::not_cleared(code)));
        }
        if let Some(code) = not_cleared {
            self.disconnect_quietly(state);
            return Err(failure::not_cleared(code));
        }
        state.counters.accepted(false, Announced::by(session_present, properties.view()));
        self.begin_service(state)?;
        state.connector.succeeded_for_pump(session_present, properties);
        Ok(())
    }

    /// A pumped connection is established: from here on the pool serves it, or the application's calls do.
    fn begin_service(self: &Arc<Self>, state: &mut Guard<'_>) -> Result<(), FailedRequest> {
        // Another thread has disconnected: it has stopped the callbacks, and they stay so.
        if state.connector.is_interrupted() && state.connection.is_none() {
            return Err(lost_early());
        }
        state.calls.take_unreported_loss();
        let by_callback = state.mode.pool().is_some();
        state.deliveries.resume(by_callback);
        self.flush(state);
        if state.connection.is_none() || !state.session.is_connected() {
            return end_early(state);
        }
        if let Some(connection) = state.connection.as_mut() {
            connection.establish();
        }
        self.serve_by_pool(state).map_err(|error| {
            FailedRequest::with_detail(Cause::NotReached, format!("the socket cannot be waited for: {error}"))
        })?;
        let Some(connection) = state.connection.as_mut().filter(|connection| connection.is_pooled()) else {
            return Ok(());
        };
        let blocked = connection.is_blocked();
        connection.quick_ack();
        self.arm(state, Readiness { read: true, write: blocked });
        if let Some(deadline) = self.session_deadline(state) {
            self.set_alarm(state, deadline);
        }
        Ok(())
    }

    /// Driven, after each packet: reports the connection to the application before anything that follows CONNACK, including
    /// an end of the connection.
    #[inline]
    pub(in crate::engine) fn note_acceptance(&self, state: &mut State) {
        let accepted = matches!(state.connector.answer(), Some(ServerAnswer::Accepted { .. }));
        if !accepted || state.session.authenticates() || state.store.could_not_clear() {
            return;
        }
        if let Some(ServerAnswer::Accepted { session_present, properties }) = state.connector.take_answer() {
            self.established(state, session_present, properties);
        }
    }

    /// CONNACK was accepted: messages are already being sent again, waiting requests follow, then the application
    /// is notified.
    pub(super) fn established(&self, state: &mut State, session_present: bool, properties: Properties) {
        state.deliveries.resume(true);
        if let Some(connection) = state.connection.as_mut() {
            connection.establish();
        }
        let is_automatic = !state.connector.is_requested();
        state.counters.accepted(is_automatic, Announced::by(session_present, properties.view()));
        let version = state.session.version();
        let (listed, requester) = state.connector.succeeded();
        let server = listed.map_or_else(|| self.server.text.clone(), |server| server.given);
        self.collect(state);
        if !session_present {
            self.renew_subscriptions(state, is_automatic);
        }
        let reason = if requester.is_some() { ConnectReason::Requested } else { ConnectReason::Reconnected };
        if let Some(requester) = requester {
            let server = server.into_encoded_bytes().into();
            let result = Ok(Success::Connected { server, version, session_present, properties });
            state.deliveries.push_notice(Notice::Completed(Completion { requester, token: 0, result }));
        }
        if self.application.interest().connected {
            state.deliveries.push_notice(Notice::Connected(reason));
        }
    }
}

impl Client {
    /// The server has none of the session's subscriptions. After an automatic reconnect they are made again, if the
    /// application wants that; after its own connect it makes them itself.
    fn renew_subscriptions(&self, state: &mut State, is_automatic: bool) {
        if !is_automatic {
            return state.session.forget_subscriptions();
        }
        let mark = self.trace_mark(state);
        state.session.resubscribe();
        self.trace_sent(state, mark);
    }
}

/// The calling thread's stack is too small for what OpenSSL does in an opening.
fn needs_larger_stack(opening: &Opening) -> bool {
    opening.needs_tls() && stack::is_too_small_for_tls()
}

/// The attempt has not been given up while the lock was released.
pub(super) fn is_still_opening(state: &State, generation: u32) -> bool {
    state.connector.generation() == generation && matches!(state.connector.phase(), Phase::Opening { .. })
}

/// The connection was accepted but is already lost. This is reported as any loss, unless stored messages were being
/// sent again.
fn end_early(state: &mut State) -> Result<(), FailedRequest> {
    match state.calls.take_early_loss() {
        Some(notice) if !state.session.has_outgoing_in_flight() => {
            state.calls.note_loss(true);
            state.deliveries.push_notices(notice);
            Ok(())
        }
        _ => Err(lost_early()),
    }
}

fn lost_early() -> FailedRequest {
    FailedRequest::with_detail(Cause::NotConnected, "the connection ended while it was being established")
}

/// A random number for the pauses between attempts.
pub(super) fn random() -> u64 {
    // Without the system's random numbers all delays are equal, which is not a reason to fail.
    getrandom::u64().unwrap_or_default()
}

#[cfg(test)]
#[path = "attempt_tests.rs"]
mod tests;
