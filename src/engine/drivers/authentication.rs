//! Authentications in which the application takes part (MQTT 5, AUTH).
//!
//! While a connection is made the application is asked as its TLS functions are: on the thread that makes the connection,
//! without a lock, and disconnect and destroy wait until it has answered. On an open connection it is asked by a callback.

use crate::engine::application::AuthenticationStep;
use crate::engine::client::{Client, Guard, State};
use crate::engine::connecting::plan::ConnectPlan;
use crate::engine::connecting::{ServerAnswer, failure};
use crate::engine::drivers::after_input::Runner;
use crate::engine::drivers::attempt::is_still_opening;
use crate::engine::drivers::connection::Loss;
use crate::engine::inbox::deliveries::Notice;
use crate::engine::runtime::callback_threads::Inside;
use crate::engine::runtime::clock;
use crate::protocol::{Properties, PropertyId, PropertyValue, PropertyView, ReasonCode, Version};
use crate::session::{Cause, FailedRequest, with_authentication};
use crate::trace::{Level, trace};
use std::sync::Arc;

impl State {
    /// AUTH has come.
    #[inline(never)]
    pub(super) fn note_authentication(&mut self, reason: ReasonCode, properties: PropertyView<'_>) {
        let data = data_of(properties);
        if self.session.awaits_connack() {
            return self.connector.set_answer(ServerAnswer::Authenticate { data });
        }
        let generation = self.connector.generation();
        let is_complete = reason == ReasonCode::SUCCESS;
        self.deliveries.push_notice(Notice::Authenticate { generation, is_complete, data });
    }
}

impl Client {
    /// Before CONNECT: its properties, if the application authenticates. The outer `None`: the attempt was given up meanwhile.
    #[inline(never)]
    pub(super) fn begin_authentication(
        &self,
        state: &mut Guard<'_>,
        plan: &ConnectPlan,
        version: Version,
    ) -> Result<Option<Option<Properties>>, FailedRequest> {
        let method = (version == Version::V5).then(|| self.application.authentication_method()).flatten();
        state.session.set_authentication(method.as_deref());
        let Some(method) = method else { return Ok(Some(None)) };
        let generation = state.connector.generation();
        let data = self.ask(state, AuthenticationStep::Begin, &[]);
        if !is_still_opening(state, generation) {
            return Ok(None);
        }
        let data = data.ok_or_else(failure::not_authenticated)?;
        let properties = with_authentication(plan.properties.view(), &method, &data);
        properties.map(|properties| Some(Some(properties))).map_err(too_long)
    }

    /// The server waits for an answer of the application.
    #[inline(never)]
    pub(super) fn continue_authentication(
        self: &Arc<Self>,
        state: &mut Guard<'_>,
        data: &[u8],
    ) -> Result<(), FailedRequest> {
        let generation = state.connector.generation();
        let Some(until) = state.connector.begin_asking() else { return Ok(()) };
        let answer = self.ask(state, AuthenticationStep::Continue, data);
        let mut is_late = false;
        let mut result = Ok(());
        if is_still_opening(state, generation) {
            is_late = clock::now() >= until;
            result = match answer {
                None => Err(failure::not_authenticated()),
                Some(_) if is_late || state.connection.is_none() => Ok(()),
                Some(answer) => self
                    .send_authentication(state, ReasonCode::CONTINUE_AUTHENTICATION, &answer)
                    .map_err(too_long),
            };
        }
        // The attempt may have been given up during the callback, or the write.
        if !is_still_opening(state, generation) {
            return Ok(());
        }
        state.connector.end_asking(until);
        result?;
        // The server may have said something else, or nothing for too long.
        self.look_for_answer(state, is_late)
    }

    /// CONNACK accepts the client: the application judges the server's last data.
    #[inline(never)]
    pub(super) fn judge_authentication(
        self: &Arc<Self>,
        state: &mut Guard<'_>,
        session_present: bool,
        properties: Properties,
    ) -> Result<(), FailedRequest> {
        let generation = state.connector.generation();
        let Some(until) = state.connector.begin_asking() else { return Ok(()) };
        let answer = self.ask(state, AuthenticationStep::Complete, &data_of(properties.view()));
        if answer.is_none() && is_still_opening(state, generation) && state.connection.is_some() {
            self.refuse_server(state);
        }
        // The attempt may have been given up during the callback, or the write.
        if !is_still_opening(state, generation) {
            return Ok(());
        }
        state.connector.end_asking(until);
        if answer.is_none() {
            return Err(failure::not_authenticated());
        }
        if state.connection.is_some() {
            state.session.trust(clock::now(), session_present, properties.view());
        }
        // The server may have ended the connection meanwhile.
        if !state.session.is_connected() {
            state.calls.take_early_loss();
            return Err(FailedRequest::with_detail(Cause::NotCompleted, state.connector.cause()));
        }
        state.begin_session(session_present);
        state.carry_out_store_commands();
        state.make_room_for_unreleased();
        if state.connector.is_pumped() {
            self.take_in_early(state, generation);
            return self.judge_acceptance(state, session_present, properties);
        }
        self.judge_acceptance(state, session_present, properties.clone())?;
        self.established(state, session_present, properties);
        self.take_in_early(state, generation);
        Ok(())
    }

    /// The server has sent data on an open connection. No lock may be held.
    pub(super) fn answer_renewal(self: &Arc<Self>, generation: u32, is_complete: bool, data: &[u8]) {
        let step = if is_complete { AuthenticationStep::Complete } else { AuthenticationStep::Continue };
        let answer = self.application.authenticate(step, data);
        let mut state = self.state.lock();
        if state.connection_of(generation).is_none() {
            return;
        }
        let sent = match answer {
            Some(_) if is_complete => true,
            Some(answer) => {
                self.send_authentication(&mut state, ReasonCode::CONTINUE_AUTHENTICATION, &answer).is_ok()
            }
            None => false,
        };
        if !sent {
            self.refuse_server(&mut state);
            self.finish_writing(&mut state, generation);
            if state.connection_of(generation).is_some() {
                self.lose(&mut state, Loss::Failed(failure::not_authenticated().detail.to_string()));
            }
        }
        self.after_input(&mut state, Runner::Found);
    }

    /// Sends AUTH.
    pub(in crate::engine) fn send_authentication(
        &self,
        state: &mut Guard<'_>,
        reason: ReasonCode,
        data: &[u8],
    ) -> Result<(), crate::protocol::EncodeError> {
        let mark = self.trace_mark(state);
        state.session.authenticate(reason, data)?;
        self.trace_sent(state, mark);
        self.flush(state);
        Ok(())
    }

    /// Says goodbye to a server that the application does not trust.
    fn refuse_server(&self, state: &mut Guard<'_>) {
        let mark = self.trace_mark(state);
        // A packet without properties can be encoded.
        let _ = state.session.disconnect(ReasonCode::UNSPECIFIED_ERROR, PropertyView::empty());
        self.trace_sent(state, mark);
        self.flush(state);
    }

    fn ask(&self, state: &mut Guard<'_>, step: AuthenticationStep, data: &[u8]) -> Option<Vec<u8>> {
        trace!(Level::Minimum, "Calling authenticate for client {}, step {step:?}", self.name());
        let pool = state.mode.pool().cloned();
        self.while_opening(state, None, || {
            let _inside = Inside::enter();
            let work = || self.application.authenticate(step, data);
            pool.map_or_else(work, |pool| pool.while_calling(work))
        })
    }
}

fn data_of(properties: PropertyView<'_>) -> Vec<u8> {
    match properties.first(PropertyId::AuthenticationData) {
        Some(PropertyValue::BinaryData(data)) => data.to_vec(),
        _ => Vec::new(),
    }
}

fn too_long(error: crate::protocol::EncodeError) -> FailedRequest {
    FailedRequest::with_detail(Cause::NotSent, format!("the authentication data cannot be sent: {error}"))
}
