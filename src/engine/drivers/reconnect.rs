//! Connecting again: by the application's wish, or by the library after a loss and after a failure; and giving that up.

use crate::engine::client::{Client, Guard, State};
use crate::engine::connecting::Credentials;
use crate::engine::connecting::{AfterLoss, Again, Phase};
use crate::engine::drivers::after_input::Runner;
use crate::engine::drivers::attempt::random;
use crate::engine::inbox::deliveries::Notice;
use crate::session::{Cause, RequestError};
use crate::trace::{Level, trace};
use std::sync::Arc;

impl Client {
    /// The pauses of automatic reconnect, if the last connect request asked for it.
    pub fn automatic_reconnect(&self) -> Option<(u32, u32)> {
        self.state.lock().connector.automatic_reconnect()
    }

    /// Connects again as the last connect asked. With automatic reconnect the delays restart.
    pub fn reconnect(self: &Arc<Self>) -> Result<(), RequestError> {
        let mut state = self.state.lock();
        if state.destroyed {
            return Err(RequestError::Failed);
        }
        let is_closing = state.session.is_disconnecting();
        match state.connector.reconnect(is_closing)? {
            Again::Already => return Ok(()),
            Again::WhenClosed => {}
            Again::Round => self.begin_round(&mut state),
            Again::AutomaticRound => self.begin_again(&mut state),
        }
        state.session.set_wants_connection(true);
        self.after_input(&mut state, Runner::Found);
        Ok(())
    }

    /// Tries all servers once, starting after the one tried last.
    fn begin_round(self: &Arc<Self>, state: &mut Guard<'_>) {
        state.connector.begin_round();
        self.attempt(state);
    }

    /// An automatic attempt: the application may renew its credentials first.
    pub(super) fn begin_again(self: &Arc<Self>, state: &mut Guard<'_>) {
        if !self.application.interest().update_credentials {
            return self.begin_round(state);
        }
        let generation = state.connector.generation();
        let (user_name, password) = state.connector.begin_renewal();
        state.deliveries.push_notice(Notice::RenewCredentials { generation, user_name, password });
    }

    /// The application has returned: continues with its answer.
    pub(in crate::engine) fn take_credentials(
        self: &Arc<Self>,
        state: &mut Guard<'_>,
        generation: u32,
        renewed: Option<Credentials>,
    ) {
        if state.connector.generation() == generation && state.connector.renew(renewed) {
            self.begin_round(state);
        }
        self.after_input(state, Runner::Found);
    }

    /// An established connection has ended.
    pub(in crate::engine) fn after_loss(self: &Arc<Self>, state: &mut Guard<'_>) {
        state.connector.set_failed_stream(None);
        match state.connector.after_loss() {
            AfterLoss::Nothing => {}
            AfterLoss::Attempt => self.attempt(state),
            AfterLoss::Round => self.begin_round(state),
            AfterLoss::Pause => {
                if state.connector.would_connect_in_the_original() {
                    trace!(
                        Level::Minimum,
                        "Client {} does not reconnect automatically; Paho C would, once, with MQTTVersion 0",
                        self.name()
                    );
                }
                state.connector.retry_later(random());
            }
        }
    }

    /// Gives up making a connection.
    pub(in crate::engine) fn stop_connecting(&self, state: &mut State) {
        let requester = state.connector.stop();
        if !matches!(state.connector.phase(), Phase::Closing { .. }) {
            self.abandon_attempt(state);
        }
        self.fail_connect(state, requester, Cause::Discarded);
    }
}

#[cfg(test)]
#[path = "reconnect_tests.rs"]
mod tests;
