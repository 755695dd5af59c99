//! Lines for the log, which belongs to a layer above.

use std::fmt;
use std::sync::OnceLock;

/// How grave a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// A step on the way to a connection.
    Protocol,
    /// Something is wrong, or not as safe as it could be.
    Error,
}

/// Takes one line, without its end.
pub type Log = fn(Severity, fmt::Arguments<'_>);

static LOG: OnceLock<Log> = OnceLock::new();

/// Where lines go from now on. Only the first call counts.
pub fn set_log(log: Log) {
    LOG.get_or_init(|| log);
}

pub(super) fn protocol(text: fmt::Arguments<'_>) {
    line(Severity::Protocol, text);
}

pub(super) fn error(text: fmt::Arguments<'_>) {
    line(Severity::Error, text);
}

fn line(severity: Severity, text: fmt::Arguments<'_>) {
    if let Some(log) = LOG.get() {
        log(severity, text);
    }
}
