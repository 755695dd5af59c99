//! Setting and getting options by name.

use super::table::{self, Effect};
use super::values::Options;
use std::fmt;

/// Why an option was not set. The text says it in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OptionFault {
    /// There is no such option.
    Unknown(String),
    /// The option does not take this value.
    Invalid(String),
    /// It can only be set before the client is used.
    TooLate(&'static str),
}

impl fmt::Display for OptionFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OptionFault::Unknown(name) => write!(f, "there is no option {name}"),
            OptionFault::Invalid(text) => f.write_str(text),
            OptionFault::TooLate(name) => write!(f, "{name} can only be set before the client is used"),
        }
    }
}

impl Options {
    /// These with the option of this name changed. `in_use`: only what can be set at any time may change.
    pub(in crate::engine) fn with(
        &self,
        name: &str,
        value: &str,
        in_use: bool,
    ) -> Result<Options, OptionFault> {
        let entry = table::find(name).ok_or_else(|| OptionFault::Unknown(name.to_owned()))?;
        let mut changed = self.clone();
        (entry.write)(&mut changed, value).ok_or_else(|| {
            OptionFault::Invalid(format!("{name} does not take the value {value}, but {}", entry.values))
        })?;
        if changed.has_to_verify_tls && !changed.verifies_tls {
            let text = "PAHO_C_RS_TLS_VERIFY in the environment requires that TLS servers are verified";
            return Err(OptionFault::Invalid(text.to_owned()));
        }
        if in_use && entry.effect == Effect::Create && changed != *self {
            return Err(OptionFault::TooLate(entry.name));
        }
        Ok(changed)
    }

    /// What a client of the synchronous interface cannot change. From the environment it may have it, without effect.
    pub(in crate::engine) fn check_synchronous(&self, before: &Options) -> Result<(), OptionFault> {
        let refused = if self.is_external {
            "event.loop=external is for clients of the asynchronous interface"
        } else if self.request_timeout != 0 && self.request_timeout != before.request_timeout {
            "request.timeout is for clients of the asynchronous interface; here each call has a time limit"
        } else if self.resubscribes && !before.resubscribes {
            "resubscribe is for clients of the asynchronous interface"
        } else {
            return Ok(());
        };
        Err(OptionFault::Invalid(refused.to_owned()))
    }

    /// The value of the option of this name.
    pub(in crate::engine) fn value_of(&self, name: &str) -> Option<String> {
        table::find(name).map(|entry| (entry.read)(self))
    }
}
