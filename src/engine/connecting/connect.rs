//! Connecting: the servers and versions in turn, each within the time limit.

use crate::engine::client::{Busy, Client, ConnectOutcome, Guard, State};
use crate::engine::inbox::callbacks::NOTICE_LIMIT;
use crate::engine::runtime::clock;
use crate::engine::runtime::poller::Readiness;
use crate::engine::runtime::pool::Pool;
use crate::protocol::{Properties, PropertyView, ReasonCode, Version, Will, packet_length};
use crate::session::{Attempt, Attempts, ConnectOptions, Moment};
use crate::trace::{Level, trace};
use crate::transport::{self, Event, OpenError, OpenSettings, Opening, ServerUri, Stream};
use std::io;
use std::process;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// What a connect call asks for. Borrowed for the call.
pub struct ConnectRequest<'a> {
    /// Tried in this order; None: an entry that names no server this library can reach. Empty: the server given at create.
    pub servers: Vec<Option<ServerUri>>,
    /// None: 3.1.1, and after any failure 3.1 within the same time limit.
    pub version: Option<Version>,
    /// cleansession, or cleanstart in MQTT 5.
    pub clean: bool,
    /// Seconds; 0: no keep-alive.
    pub keep_alive: u16,
    /// For each server, all stages together. None: fails at once.
    pub connect_timeout: Option<Duration>,
    /// Will message.
    pub will: Option<Will<'a>>,
    /// User name.
    pub user_name: Option<&'a [u8]>,
    /// Password.
    pub password: Option<&'a [u8]>,
    /// MQTT 5 properties of CONNECT.
    pub properties: PropertyView<'a>,
    /// Window of unacknowledged QoS 1 and 2 messages, at least 1.
    pub maximum_in_flight: u16,
    /// Seconds after which unacknowledged messages are sent again on a live connection; 0: never.
    pub retry_interval: u32,
    /// TLS, proxies, headers of a WebSocket request.
    pub transport: Arc<OpenSettings>,
}

/// An accepted connection.
#[derive(Debug)]
pub struct Connected {
    /// Which of the servers; 0 for the one given at create.
    pub server: usize,
    /// The version that the server accepted.
    pub version: Version,
    /// The server had a session.
    pub session_present: bool,
    /// MQTT 5 properties of CONNACK.
    pub properties: Properties,
}

/// Why there is no connection.
#[derive(Debug)]
pub enum ConnectError {
    /// The server's return code (1 to 5) or reason code.
    Refused {
        /// Return code or reason code.
        code: u8,
    },
    /// No server answered in time, the connection broke, or another thread disconnected. The text names the cause.
    Failed(String),
    /// The connection was accepted and broke while stored messages were sent again.
    Disconnected,
    /// The connection was accepted, but the store could not be cleared for the new session: the store's code.
    Store(i32),
}

impl Client {
    /// Connects, on the calling thread. An existing connection is closed first, without connectionLost. Of several calls at
    /// the same time one waits for the other.
    pub fn connect(self: &Arc<Self>, request: &ConnectRequest<'_>) -> Result<Connected, ConnectError> {
        if self.state.lock().is_opening_here() {
            return Err(ConnectError::Failed("a TLS callback of this connect cannot connect".into()));
        }
        self.report_loss(&mut self.state.lock());
        let _one_at_a_time = self.connecting.lock();
        let _busy = Busy::new(self);
        let mut state = self.state.lock();
        let time_limit = self.prepare_connect(&mut state, request)?;
        let result = self.try_servers(&mut state, request, time_limit);
        state.failed_stream = None;
        match result {
            Ok(_) => self.dispatch(&mut state),
            // A DISCONNECT in place of CONNACK is reported before the failure that it causes.
            Err(_) => self.await_notices(&mut state, NOTICE_LIMIT),
        }
        result
    }

    /// Ends an existing connection and takes what is to stay of the request. The time limit for a server.
    ///
    /// This and others here are not inlined: OpenSSL is called further down on the same stack, which may be a small one.
    #[inline(never)]
    fn prepare_connect(
        self: &Arc<Self>,
        state: &mut Guard<'_>,
        request: &ConnectRequest<'_>,
    ) -> Result<Duration, ConnectError> {
        if state.destroyed {
            return Err(ConnectError::Failed("the client has been destroyed".into()));
        }
        state.interrupted = false;
        self.leave_to_parent(state);
        self.disconnect_quietly(state);
        // The lock was free while DISCONNECT was written.
        if state.destroyed {
            return Err(ConnectError::Failed("the client has been destroyed".into()));
        }
        state.transport = self.transport(request.transport.resuming(&state.transport));
        let Some(time_limit) = request.connect_timeout else {
            return Err(ConnectError::Failed("the connect timeout is not positive".into()));
        };
        self.join_pool(state).map_err(|error| ConnectError::Failed(format!("no thread: {error}")))?;
        Ok(time_limit)
    }

    fn disconnect_quietly(self: &Arc<Self>, state: &mut Guard<'_>) {
        if state.link.is_some() {
            self.say_goodbye(state, ReasonCode::SUCCESS, PropertyView::default());
        }
    }

    /// A client with callbacks is served by the pool from its first connect on.
    pub(in crate::engine) fn join_pool(&self, state: &mut Guard<'_>) -> io::Result<()> {
        self.process.store(process::id(), Ordering::Relaxed);
        if self.callback_mode() && state.pool.is_none() {
            state.pool = Some(Pool::join()?);
        }
        Ok(())
    }

    fn try_servers(
        self: &Arc<Self>,
        state: &mut Guard<'_>,
        request: &ConnectRequest<'_>,
        time_limit: Duration,
    ) -> Result<Connected, ConnectError> {
        let mut attempts = Attempts::new(request.servers.len().max(1), request.version);
        let mut deadline = Instant::now();
        let mut result = Err(ConnectError::Failed("there is no server to connect to".into()));
        while let Some(attempt) = attempts.current() {
            if attempt.new_time_limit {
                deadline = Instant::now() + time_limit;
            }
            result = self.try_one(state, request, attempt, deadline);
            self.report_failure(&result);
            if result.is_ok() || state.interrupted {
                break;
            }
            attempts.failed(Instant::now() < deadline);
            if attempts.current().is_some() {
                trace!(Level::Minimum, "Connect failed, more to try");
            }
        }
        result
    }

    #[inline(never)]
    fn report_failure(&self, result: &Result<Connected, ConnectError>) {
        let cause = match result {
            Err(ConnectError::Failed(cause)) => cause,
            Err(ConnectError::Refused { code, .. }) => {
                &format!("the server refused the connection with code {code}")
            }
            Ok(_) | Err(ConnectError::Disconnected | ConnectError::Store(_)) => return,
        };
        trace!(Level::Error, "Connect of client {} failed: {cause}", self.name());
    }

    fn try_one(
        self: &Arc<Self>,
        state: &mut Guard<'_>,
        request: &ConnectRequest<'_>,
        attempt: Attempt,
        deadline: Instant,
    ) -> Result<Connected, ConnectError> {
        let server = match request.servers.get(attempt.server) {
            Some(Some(server)) => server,
            Some(None) => return Err(ConnectError::Failed("the server URI has an unknown scheme".into())),
            None => &self.server,
        };
        let version = attempt.version;
        trace!(
            Level::Minimum,
            "Connecting to serverURI {} with MQTT version {}",
            server.masked(),
            version.level()
        );
        let stream = self.open_stream(state, server, deadline)?;
        self.attach(state, stream);
        self.send_connect(state, request, version)?;
        self.finish_connect(state, attempt, deadline)
    }

    /// CONNECT has been sent.
    #[inline(never)]
    fn finish_connect(
        self: &Arc<Self>,
        state: &mut Guard<'_>,
        attempt: Attempt,
        deadline: Instant,
    ) -> Result<Connected, ConnectError> {
        let left = deadline.saturating_duration_since(Instant::now());
        let outcome = self.await_outcome(state, clock::after(left));
        self.tell_failure(state);
        self.take_outcome(state, outcome, attempt)
    }

    #[inline(never)]
    fn open_stream(
        &self,
        state: &mut Guard<'_>,
        server: &ServerUri,
        deadline: Instant,
    ) -> Result<Arc<dyn Stream>, ConnectError> {
        if state.interrupted {
            return Err(not_open(&OpenError::GivenUp));
        }
        let give_up = Arc::new(Event::new().map_err(|error| not_open(&OpenError::Connect(error)))?);
        let settings = state.transport.clone();
        let stream = self.while_opening(state, Some(give_up.clone()), || {
            let opening = Opening::start(server, &settings, deadline).with_messages(packet_length);
            transport::open(opening.with_quick_acks(self.quick_acks), &give_up)
        });
        match stream {
            Ok(stream) if !state.interrupted => Ok(stream),
            Ok(_) => Err(not_open(&OpenError::GivenUp)),
            Err(error) => Err(not_open(&error)),
        }
    }

    #[inline(never)]
    fn send_connect(
        self: &Arc<Self>,
        state: &mut Guard<'_>,
        request: &ConnectRequest<'_>,
        version: Version,
    ) -> Result<(), ConnectError> {
        let options = ConnectOptions {
            version,
            clean: request.clean,
            keep_alive: request.keep_alive,
            will: request.will,
            user_name: request.user_name,
            password: request.password,
            properties: request.properties,
            maximum_in_flight: request.maximum_in_flight,
            retry_interval: request.retry_interval,
            resume_without_session_present: true,
            keep_expired_session: true,
            prompt_loss: false,
        };
        let mark = self.trace_mark(state);
        (state.outcome, state.early_loss) = (None, None);
        if let Err(error) = state.session.connect(clock::now(), &options) {
            self.close(state);
            return Err(ConnectError::Failed(format!("CONNECT cannot be encoded: {error}")));
        }
        self.trace_sent(state, mark);
        self.flush(state);
        Ok(())
    }

    fn await_outcome(self: &Arc<Self>, state: &mut Guard<'_>, deadline: Moment) -> Option<ConnectOutcome> {
        let generation = state.generation;
        let found = self.wait_until(state, Some(deadline), |state| match state.outcome.take() {
            Some(outcome) => Some(Some(outcome)),
            None => state.link_of(generation).is_none().then_some(None),
        });
        match found {
            Some(outcome) => outcome,
            None => {
                state.cause = "the server did not answer CONNECT in time".into();
                None
            }
        }
    }

    fn take_outcome(
        self: &Arc<Self>,
        state: &mut Guard<'_>,
        outcome: Option<ConnectOutcome>,
        attempt: Attempt,
    ) -> Result<Connected, ConnectError> {
        match outcome {
            Some(ConnectOutcome::Accepted { session_present, properties }) => {
                if let Some(code) = Client::clearing_failure(state) {
                    self.disconnect_quietly(state);
                    return Err(ConnectError::Store(code));
                }
                self.begin_service(state)?;
                let Attempt { server, version, .. } = attempt;
                // Reserved in 3.1. The asynchronous API passes it on all the same, as the original does.
                let session_present = session_present && version != Version::V31;
                Ok(Connected { server, version, session_present, properties })
            }
            Some(ConnectOutcome::Refused { code, .. }) => {
                self.close(state);
                Err(ConnectError::Refused { code })
            }
            Some(ConnectOutcome::Unusable { cause }) => {
                self.close(state);
                Err(ConnectError::Failed(cause.into()))
            }
            Some(ConnectOutcome::Disconnected { .. }) | None => {
                self.close(state);
                Err(ConnectError::Failed(state.cause.clone()))
            }
        }
    }

    /// The connection is established: from here on the pool serves it, or the application's calls do.
    fn begin_service(self: &Arc<Self>, state: &mut Guard<'_>) -> Result<(), ConnectError> {
        // Another thread has disconnected: it has stopped the callbacks, and they stay so.
        if state.interrupted && state.link.is_none() {
            return Err(ConnectError::Disconnected);
        }
        state.loss_unreported = false;
        state.deliveries.stopped = false;
        state.deliveries.messages_by_callback = state.pool.is_some();
        self.flush(state);
        if state.link.is_none() || !state.session.is_connected() {
            return end_early(state);
        }
        let (pool, token) = (state.pool.clone(), self.token(state.generation));
        let Some(link) = state.link.as_mut() else { return Ok(()) };
        link.established = true;
        let Some(pool) = pool else { return Ok(()) };
        if let Err(error) = pool.poller.add(link.stream.descriptor(), token) {
            self.close(state);
            return Err(ConnectError::Failed(format!("the socket cannot be waited for: {error}")));
        }
        link.pooled = true;
        let blocked = link.blocked;
        link.quick_ack();
        self.arm(state, Readiness { read: true, write: blocked });
        if let Some(deadline) = self.session_deadline(state) {
            self.set_alarm(state, deadline);
        }
        Ok(())
    }
}

#[inline(never)]
fn not_open(error: &OpenError) -> ConnectError {
    ConnectError::Failed(error.to_string())
}

/// The connection was accepted but is already lost. This is reported as any loss, unless stored messages were being
/// sent again.
fn end_early(state: &mut State) -> Result<(), ConnectError> {
    match state.early_loss.take() {
        Some(notice) if !state.session.has_outgoing_in_flight() => {
            state.loss_unreported = true;
            state.deliveries.push_notices(notice);
            Ok(())
        }
        _ => Err(ConnectError::Disconnected),
    }
}
