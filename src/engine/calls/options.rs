//! Options by name.

use crate::engine::client::Client;
use crate::engine::options::OptionFault;
use std::sync::atomic::Ordering;

impl Client {
    /// Sets an option. A fault changes nothing.
    pub fn set_option(&self, name: &str, value: &str) -> Result<(), OptionFault> {
        let mut state = self.state.lock();
        let in_use = self.lane.get().is_some() || state.connector.is_busy();
        let changed = state.options.with(name, value, in_use)?;
        if !self.is_asynchronous() {
            changed.check_synchronous(&state.options)?;
        }
        if changed.request_timeout == 0 {
            state.session.lift_time_limits();
        }
        if self.is_asynchronous() {
            state.session.set_keeps_subscriptions(changed.resubscribes);
        }
        self.has_own_lane.store(changed.has_own_lane(), Ordering::Relaxed);
        state.deliveries.bounds = changed.bounds;
        state.options = changed;
        Ok(())
    }

    /// The value of an option; `None` if there is none of this name.
    pub fn option(&self, name: &str) -> Option<String> {
        self.state.lock().options.value_of(name)
    }
}
