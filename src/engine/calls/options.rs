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
        if changed.is_external && !self.is_asynchronous() {
            let text = "event.loop=external is for clients of the asynchronous interface";
            return Err(OptionFault::Invalid(text.to_owned()));
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
