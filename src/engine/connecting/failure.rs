//! Why there is no connection.

use super::plan::Cause;
use crate::protocol::{Properties, ReasonCode, Version};
use crate::session::AttemptFailure;
use crate::transport::OpenError;

/// Why no connection was made. Each interface has its codes for the causes.
#[derive(Debug)]
pub struct ConnectFailure {
    /// Why.
    pub cause: Cause,
    /// What exactly went wrong, for the log.
    pub detail: String,
    /// MQTT 5 reason code; success where the cause has none.
    pub reason: ReasonCode,
    /// MQTT 5 properties of the packet that refused the connection.
    pub properties: Properties,
}

impl ConnectFailure {
    pub(in crate::engine) fn new(cause: Cause, detail: impl ToString) -> ConnectFailure {
        let (reason, properties) = (ReasonCode::SUCCESS, Properties::new());
        ConnectFailure { cause, detail: detail.to_string(), reason, properties }
    }

    #[inline(never)]
    pub(in crate::engine) fn of_opening(error: &OpenError) -> ConnectFailure {
        let cause = match error {
            OpenError::Resolve(_) | OpenError::Unix(_) => Cause::NotFound,
            OpenError::TimedOut(_) => Cause::TimedOut,
            OpenError::WebSocket(_) => Cause::NotUpgraded,
            _ => Cause::NotReached,
        };
        ConnectFailure::new(cause, error)
    }

    pub(in crate::engine) fn of_refusal(
        code: u8,
        version: Version,
        properties: Properties,
    ) -> ConnectFailure {
        let reason = match version {
            Version::V5 => ReasonCode(code),
            Version::V31 | Version::V311 => ReasonCode::SUCCESS,
        };
        let detail = format!("the server refused the connection with code {code}");
        ConnectFailure { cause: Cause::ConnectRefused(code), detail, reason, properties }
    }

    /// The connection was accepted, but the store could not be cleared for the new session.
    pub(in crate::engine) fn not_cleared(code: i32) -> ConnectFailure {
        ConnectFailure::new(Cause::NotCleared(code), format!("the store could not be cleared: {code}"))
    }

    /// What it means for the version to be tried next.
    pub(super) fn for_attempts(&self) -> AttemptFailure {
        match self.cause {
            Cause::ConnectRefused(1) => AttemptFailure::VersionRefused,
            _ => AttemptFailure::Other,
        }
    }
}
