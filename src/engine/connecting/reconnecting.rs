//! Connecting again: by the program's wish, or by the library after a loss and after a failure; and giving that up.

use crate::engine::application::Credentials;
use crate::engine::asynchronous::Phase;
use crate::engine::client::{Client, Guard, State};
use crate::engine::connecting::plan::AsyncError;
use crate::engine::connecting::plan::{Cause, ConnectPlan};
use crate::engine::inbox::deliveries::Notice;
use crate::engine::runtime::clock;
use crate::session::Backoff;
use crate::trace::{Level, trace};
use std::sync::Arc;

impl Client {
    /// What the last connect request said of automatic reconnect.
    pub fn automatic_reconnect(&self) -> Option<(u32, u32)> {
        self.state.lock().asynchronous()?.plan.as_ref()?.automatic_reconnect
    }

    /// Connects again as the last connect asked. With automatic reconnect the delays restart.
    pub fn reconnect(self: &Arc<Self>) -> Result<(), AsyncError> {
        let mut state = self.state.lock();
        let (destroyed, is_closing) = (state.destroyed, state.session.is_disconnecting());
        let Some(part) = state.asynchronous() else { return Err(AsyncError::Failed) };
        let Some(plan) = part.plan.clone() else { return Err(AsyncError::Failed) };
        if destroyed || (plan.automatic_reconnect.is_some() && !part.wants_connection) {
            return Err(AsyncError::Failed);
        }
        part.backoff.reset();
        match part.phase {
            Phase::Closing { connects: true, .. } => {}
            _ if is_closing => {
                part.attempts.begin_round();
                part.begin_closing(true);
            }
            Phase::Connected | Phase::RenewingCredentials => return Ok(()),
            _ if part.is_connecting() => return Ok(()),
            _ if plan.automatic_reconnect.is_some() => self.begin_again(&mut state),
            _ => self.begin_round(&mut state),
        }
        state.session.set_wants_connection(true);
        if let Some(part) = state.asynchronous() {
            part.wants_connection = true;
        }
        self.settle(&mut state);
        Ok(())
    }

    /// An automatic attempt: the program may renew its credentials first.
    pub(in crate::engine) fn begin_again(self: &Arc<Self>, state: &mut Guard<'_>) {
        if !self.application.interest().update_credentials {
            return self.begin_round(state);
        }
        let generation = state.generation;
        let Some(part) = state.asynchronous() else { return };
        part.phase = Phase::RenewingCredentials;
        let (user_name, password) = part
            .plan
            .as_ref()
            .map(|plan| (plan.user_name.clone(), plan.password.clone()))
            .unwrap_or_default();
        state.deliveries.push_notice(Notice::RenewCredentials { generation, user_name, password });
    }

    /// The application has returned: continues with its answer.
    pub(in crate::engine) fn take_credentials(
        self: &Arc<Self>,
        state: &mut Guard<'_>,
        generation: u32,
        renewed: Option<Credentials>,
    ) {
        let is_same = state.generation == generation;
        let Some(part) = state.asynchronous() else { return };
        // Otherwise the program has disconnected meanwhile, or given others to connect with.
        if is_same && matches!(part.phase, Phase::RenewingCredentials) {
            if let (Some((user_name, password)), Some(plan)) = (renewed, part.plan.as_deref()) {
                part.plan = Some(Arc::new(ConnectPlan { user_name, password, ..plan.clone() }));
            }
            self.begin_round(state);
        }
        self.settle(state);
    }

    /// With automatic reconnect the next round begins after a pause.
    pub(in crate::engine) fn retry_later(&self, state: &mut State) {
        let Some(part) = state.asynchronous() else { return };
        let automatic = part.plan.as_ref().is_some_and(|plan| plan.automatic_reconnect.is_some());
        if automatic && part.wants_connection {
            let now = clock::now();
            let since_attempt = now.millis_since(part.attempted_at);
            let pause = part.backoff.next_delay_millis(crate::engine::asynchronous::random(), since_attempt);
            part.phase = Phase::WaitingToRetry { until: now.plus_millis(pause) };
        }
    }

    /// An established connection has ended, requested or not. If one is still wanted and there are several servers, the
    /// next one is tried at once.
    pub(in crate::engine) fn after_loss(self: &Arc<Self>, state: &mut Guard<'_>) {
        let Some(part) = state.asynchronous() else { return };
        let phase = std::mem::replace(&mut part.phase, Phase::Idle);
        part.disconnecting = false;
        match phase {
            Phase::Closing { connects: true, .. } => return self.attempt(state),
            Phase::Connected if part.wants_connection => {}
            _ => return,
        }
        if !part.attempts.has_several_servers() {
            if part.plan.as_ref().is_some_and(|plan| plan.connects_again_in_the_original()) {
                trace!(
                    Level::Minimum,
                    "Client {} does not reconnect automatically; Paho C would, once, with MQTTVersion 0",
                    self.name()
                );
            }
            return self.retry_later(state);
        }
        // A server may close each connection as soon as it is made, so there has to be some delay.
        let (now, earliest) = (clock::now(), part.attempted_at.plus_millis(Backoff::SHORTEST_DISTANCE));
        match now < earliest {
            true => part.phase = Phase::WaitingToRetry { until: earliest },
            false => self.begin_round(state),
        }
    }

    /// Gives up making a connection.
    pub(in crate::engine) fn stop_connecting(&self, state: &mut State) {
        let Some(part) = state.asynchronous() else { return };
        part.wants_connection = false;
        let reply = part.connect_reply.take();
        match &mut part.phase {
            Phase::Closing { connects, .. } => *connects = false,
            _ => self.abandon_attempt(state),
        }
        self.conclude_connect(state, reply, Cause::Discarded);
    }

    /// Ends the attempt under way, or the wait for one, without a word.
    pub(in crate::engine) fn abandon_attempt(&self, state: &mut State) {
        let pool = state.pool.clone();
        let Some(part) = state.asynchronous() else { return };
        let phase = std::mem::replace(&mut part.phase, Phase::Idle);
        if let (Phase::Opening { opening: Some(opening), registered: true }, Some(pool)) = (&phase, pool) {
            opening.waits().iter().for_each(|wait| pool.poller.remove(wait.descriptor));
        }
        self.close(state);
    }
}

#[cfg(test)]
#[path = "reconnecting_tests.rs"]
mod tests;
