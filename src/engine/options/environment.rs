//! What the environment says about new clients: `PAHO_C_RS_OPTIONS` with the names of the options, and the older variables
//! for some of them.

use super::values::Options;
use crate::engine::runtime::busy_wait;
use crate::engine::runtime::environment::variable;
use crate::trace::{Level, trace};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// What it says, and what is wrong with it. Found out once for the process.
static FROM_ENVIRONMENT: LazyLock<(Options, Vec<String>)> = LazyLock::new(from_environment);

/// The log already says what is wrong with the variable.
static REPORTED: AtomicBool = AtomicBool::new(false);

/// Finds it out now, instead of when it is first asked.
pub(in crate::engine) fn settle() {
    LazyLock::force(&FROM_ENVIRONMENT);
}

fn from_environment() -> (Options, Vec<String>) {
    let is = |name, value: &str| variable(name).is_some_and(|given| given == value);
    let has_to_verify_tls = is("PAHO_C_RS_TLS_VERIFY", "required");
    let mut options = Options {
        strict: is("PAHO_C_RS_STRICT", "1"),
        has_own_lane: is("PAHO_C_RS_CALLBACK_LANES", "client"),
        quick_acks: !is("PAHO_C_RS_QUICKACK", "never"),
        may_spin: !busy_wait::is_forbidden(),
        verifies_tls: has_to_verify_tls,
        has_to_verify_tls,
        ..Options::default()
    };
    let text = variable("PAHO_C_RS_OPTIONS").unwrap_or_default();
    let faults = options.set_all(&text.to_string_lossy());
    (options, faults)
}

impl Options {
    /// Those of a client that is being made. May write to the log: no lock may be held.
    pub(in crate::engine) fn of_new_client() -> Options {
        let (options, faults) = &*FROM_ENVIRONMENT;
        if !faults.is_empty() && !REPORTED.swap(true, Ordering::Relaxed) {
            faults.iter().for_each(|fault| trace!(Level::Error, "PAHO_C_RS_OPTIONS: {fault}"));
        }
        options.clone()
    }

    /// Sets what `name=value,name=value` says; what is wrong with the rest.
    fn set_all(&mut self, text: &str) -> Vec<String> {
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        let faults = entries.filter_map(|entry| match entry.split_once('=') {
            Some((name, value)) => match self.with(name.trim_end(), value.trim_start(), false) {
                Ok(changed) if changed.needs_calls() => {
                    Some(format!("{entry} can only be set by a program, which has to do its part"))
                }
                Ok(changed) => {
                    *self = changed;
                    None
                }
                Err(fault) => Some(fault.to_string()),
            },
            None => Some(format!("{entry} is not name=value")),
        });
        faults.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_taken_as_far_as_it_is_right() {
        let mut options = Options::default();
        let faults = options.set_all(
            " strict = true,, no.such=1,busy.wait,tcp.keepalive=x,tcp.user.timeout=5,event.loop=external ",
        );
        assert!(options.strict && options.socket.user_timeout.is_some());
        assert_eq!(
            faults,
            [
                "there is no option no.such",
                "busy.wait is not name=value",
                "tcp.keepalive does not take the value x, but 0 to 32767 seconds",
                "event.loop=external can only be set by a program, which has to do its part",
            ]
        );
    }
}
