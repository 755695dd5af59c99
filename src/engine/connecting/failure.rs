//! Why there is no connection.

use crate::protocol::{Properties, ReasonCode, Version, refusal_text};
use crate::session::{AttemptFailure, Cause, FailedRequest};
use crate::transport::OpenError;

/// A stream could not be opened.
#[inline(never)]
pub(in crate::engine) fn not_open(error: &OpenError) -> FailedRequest {
    let cause = match error {
        OpenError::Resolve(_) | OpenError::Unix(_) => Cause::NotFound,
        OpenError::TimedOut(_) => Cause::TimedOut,
        OpenError::WebSocket(_) => Cause::NotUpgraded,
        _ => Cause::NotReached,
    };
    FailedRequest::with_detail(cause, error)
}

/// CONNACK refused the connection.
pub(in crate::engine) fn refused(code: u8, version: Version, properties: Properties) -> FailedRequest {
    let (reason, text) = match version {
        Version::V5 => (ReasonCode(code), ReasonCode(code).text()),
        Version::V31 | Version::V311 => (ReasonCode::SUCCESS, refusal_text(code)),
    };
    let detail = format!("the server refused the connection with code {}", with_text(code, text));
    let failure = FailedRequest::with_detail(Cause::ConnectRefused(code), detail);
    FailedRequest { reason, properties, ..failure }
}

/// The application has ended the authentication.
#[inline(never)]
pub(in crate::engine) fn not_authenticated() -> FailedRequest {
    FailedRequest::with_detail(Cause::Unusable, "the application refused to go on with the authentication")
}

/// A code of the server as the log shows it.
pub(in crate::engine) fn with_text(code: u8, text: Option<&str>) -> String {
    text.map_or_else(|| code.to_string(), |text| format!("{code} ({text})"))
}

/// The connection was accepted, but the store could not be cleared for the new session.
pub(in crate::engine) fn not_cleared(code: i32) -> FailedRequest {
    FailedRequest::with_detail(Cause::NotCleared(code), format!("the store could not be cleared: {code}"))
}

/// The meaning of a failure for the version to be tried next.
pub(super) fn for_attempts(failure: &FailedRequest) -> AttemptFailure {
    match failure.cause {
        Cause::ConnectRefused(1) => AttemptFailure::VersionRefused,
        _ => AttemptFailure::Other,
    }
}
