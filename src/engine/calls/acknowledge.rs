//! Acknowledging messages for the application.

use crate::engine::client::Client;
use crate::engine::runtime::poller::Readiness;
use crate::protocol::PacketId;
use crate::session::AcknowledgeFault;
use std::sync::Arc;

impl Client {
    /// The application is done with a message that it was given under this token.
    ///
    /// # Errors
    /// See [`AcknowledgeFault`].
    pub fn acknowledge(self: &Arc<Self>, token: i32) -> Result<(), AcknowledgeFault> {
        let mut state = self.state.lock();
        let connection = u16::try_from(token >> 16).map_err(|_| AcknowledgeFault::Unknown)?;
        let id = PacketId::received((token & 0xffff) as u16);
        let mark = self.trace_mark(&mut state);
        state.session.acknowledge_message(connection, id)?;
        self.trace_sent(&mut state, mark);
        self.flush(&mut state);
        // There may be room for more messages.
        if state.deliveries.is_reading_stopped() && self.may_read(&mut state) {
            self.arm(&mut state, Readiness { read: true, write: false });
            self.notify_waiters(&state);
        }
        Ok(())
    }
}
