//! Connecting as the two interfaces ask for it: the synchronous one waits for the result, the asynchronous one is notified.

use crate::engine::client::{Busy, Client, Guard, PROCESS, State};
use crate::engine::connecting::plan::{ConnectPlan, Connected};
use crate::engine::connecting::{Phase, failure};
use crate::engine::drivers::after_input::Runner;
use crate::engine::drivers::callbacks::NOTICE_LIMIT;
use crate::engine::inbox::deliveries::Notice;
use crate::engine::requester::{Completion, Requester};
use crate::engine::runtime::clock;
use crate::protocol::{PropertyView, ReasonCode};
use crate::session::{Cause, FailedRequest, RequestError};
use crate::transport::OpenError;
use std::io;
use std::process;
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl Client {
    /// Connects, on the calling thread. An existing connection is closed first, without connectionLost. Of several calls at
    /// the same time one waits for the other.
    pub fn connect(self: &Arc<Self>, plan: &Arc<ConnectPlan>) -> Result<Connected, FailedRequest> {
        if self.state.lock().connector.openers.are_here() {
            return Err(not_begun("a TLS callback of this connect cannot connect"));
        }
        self.report_loss(&mut self.state.lock());
        let _one_at_a_time = self.connecting.lock();
        let _busy = Busy::new(self);
        let mut state = self.state.lock();
        self.prepare_connect(&mut state, plan)?;
        let result = self.pump_connect(&mut state);
        match result {
            Ok(_) => self.dispatch(&mut state),
            // A DISCONNECT in place of CONNACK is reported before the failure that it causes.
            Err(_) => self.await_notices(&mut state, NOTICE_LIMIT),
        }
        result
    }

    /// Ends an existing connection and takes over what the plan says.
    ///
    /// This and others here are not inlined: OpenSSL is called further down on the same stack, which may be a small one.
    #[inline(never)]
    fn prepare_connect(
        self: &Arc<Self>,
        state: &mut Guard<'_>,
        plan: &Arc<ConnectPlan>,
    ) -> Result<(), FailedRequest> {
        if state.destroyed {
            return Err(not_begun("the client has been destroyed"));
        }
        state.connector.forget_interrupt();
        self.leave_to_parent(state);
        self.disconnect_quietly(state);
        // The lock was free while DISCONNECT was written.
        if state.destroyed {
            return Err(not_begun("the client has been destroyed"));
        }
        self.use_options(state, plan.transport.clone());
        if plan.connect_timeout.is_zero() {
            return Err(not_begun("the connect timeout is not positive"));
        }
        self.join_pool(state).map_err(|error| not_begun(format!("no thread: {error}")))?;
        state.connector.begin(plan.clone(), None);
        Ok(())
    }

    pub(super) fn disconnect_quietly(self: &Arc<Self>, state: &mut Guard<'_>) {
        if state.connection.is_some() {
            self.say_goodbye(state, ReasonCode::SUCCESS, PropertyView::default());
        }
    }

    /// A client with callbacks is served by the pool from its first connect on.
    pub(in crate::engine) fn join_pool(&self, state: &mut State) -> io::Result<()> {
        self.process.store(process::id(), Ordering::Relaxed);
        // From here on options that decide about it come too late.
        let lane = self.lane();
        let own = state.options.is_external.then_some(lane);
        state.mode.join_pool(&PROCESS, own)
    }

    /// Drives the attempts to their end. Each opens its stream without a pause; what is waited for here is CONNACK.
    fn pump_connect(self: &Arc<Self>, state: &mut Guard<'_>) -> Result<Connected, FailedRequest> {
        self.attempt(state);
        while let Phase::AwaitingConnAck { until } = *state.connector.phase() {
            let generation = state.connector.generation();
            self.wait_until(state, Some(until), |state| {
                let is_over = state.connector.answer().is_some() || state.connection_of(generation).is_none();
                is_over.then_some(())
            });
            self.check_connection(state, clock::now());
        }
        state.connector.end_pump().unwrap_or_else(|| {
            let failure = failure::not_open(&OpenError::GivenUp);
            self.log_failure(&failure);
            Err(failure)
        })
    }

    /// Takes a connect request; its result comes through the callbacks. While a connection is being made, the running
    /// attempt continues for the new request, and the old one ends. On a connected client the request is ignored.
    pub fn start_connect(
        self: &Arc<Self>,
        plan: ConnectPlan,
        requester: Option<Requester>,
    ) -> Result<(), RequestError> {
        let mut state = self.state.lock();
        self.leave_to_parent(&mut state);
        if state.destroyed || self.join_pool(&mut state).is_err() {
            return Err(RequestError::Failed);
        }
        let is_closing = state.session.is_disconnecting();
        match state.connector.join(requester) {
            Ok(old) => self.fail_connect(&mut state, old, Cause::Discarded),
            Err(requester) if matches!(state.connector.phase(), Phase::Connected) && !is_closing => {
                self.fail_connect(&mut state, requester, Cause::Ignored);
            }
            Err(requester) => self.begin_plan(&mut state, plan, requester),
        }
        self.after_input(&mut state, Runner::Found);
        Ok(())
    }

    /// Begins with what a connect asks for; what the library was doing by itself to connect again ends.
    fn begin_plan(self: &Arc<Self>, state: &mut Guard<'_>, plan: ConnectPlan, requester: Option<Requester>) {
        let is_closing = state.session.is_disconnecting();
        if !is_closing {
            self.abandon_attempt(state);
        }
        state.session.set_wants_connection(true);
        self.set_version_level(plan.version.map_or(0, |version| version.level().into()));
        self.use_options(state, plan.transport.clone());
        let old = state.connector.begin(Arc::new(plan), requester);
        match is_closing {
            true => state.connector.begin_closing(true),
            false => self.attempt(state),
        }
        self.fail_connect(state, old, Cause::Discarded);
    }

    #[inline(never)]
    pub(super) fn fail_connect(&self, state: &mut State, requester: Option<Requester>, cause: Cause) {
        if let Some(requester) = requester {
            state.deliveries.push_notice(Notice::Completed(Completion::failed(requester, 0, cause)));
        }
    }
}

#[inline(never)]
fn not_begun(detail: impl ToString) -> FailedRequest {
    FailedRequest::with_detail(Cause::NotReached, detail)
}
