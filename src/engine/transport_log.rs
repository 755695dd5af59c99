//! The transports' lines for the log.

use super::trace::{self, Level};
use crate::transport::{self, Log, Severity};
use std::fmt;

struct TransportLog;

impl Log for TransportLog {
    fn is_wanted(&self, severity: Severity) -> bool {
        trace::enabled(level(severity))
    }

    fn line(&self, severity: Severity, text: fmt::Arguments<'_>) {
        trace::line(level(severity), text);
    }
}

fn level(severity: Severity) -> Level {
    match severity {
        Severity::Protocol => Level::Protocol,
        Severity::Error => Level::Error,
    }
}

/// Lets the transports write into the log.
pub(super) fn connect() {
    transport::set_log(&TransportLog);
}
