//! Authenticating again on an open connection.

use crate::engine::application::AuthenticationStep;
use crate::engine::client::Client;
use crate::engine::runtime::callback_threads::Inside;
use crate::protocol::ReasonCode;
use std::sync::Arc;

/// Why no authentication has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RenewalFault {
    /// There is no connection.
    NotConnected,
    /// The connection was made without an authentication in which the application takes part.
    NotAuthenticated,
    /// One is under way.
    UnderWay,
    /// The application did not answer, or with too much.
    Refused,
}

impl Client {
    /// Begins to authenticate again. The application is asked on the calling thread.
    ///
    /// # Errors
    /// See [`RenewalFault`]; nothing was sent.
    pub fn reauthenticate(self: &Arc<Self>) -> Result<(), RenewalFault> {
        let mut state = self.state.lock();
        if !state.is_connected() {
            return Err(RenewalFault::NotConnected);
        }
        if !state.session.authenticates() {
            return Err(RenewalFault::NotAuthenticated);
        }
        if !state.session.begin_renewal() {
            return Err(RenewalFault::UnderWay);
        }
        let generation = state.connector.generation();
        drop(state);
        let answer = {
            let _inside = Inside::enter();
            self.application.authenticate(AuthenticationStep::Renew, &[])
        };
        let mut state = self.state.lock();
        if state.connection_of(generation).is_none() {
            return Err(RenewalFault::NotConnected);
        }
        let sent = answer.is_some_and(|data| {
            self.send_authentication(&mut state, ReasonCode::RE_AUTHENTICATE, &data).is_ok()
        });
        if !sent {
            state.session.cancel_renewal();
            return Err(RenewalFault::Refused);
        }
        Ok(())
    }
}
