//! Starts the log, and gives it what it needs: the environment, the name of the library, the transports' lines.

use crate::engine::runtime::{environment, version_info};
use crate::trace::{self, Environment, Level};
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

/// The first handle of the process, or the first after the last one went, is being created: reads the
/// environment and writes the start-up block. Call it without a lock held.
pub fn start_log() {
    transport::set_log(&TransportLog);
    let product = || version_info::entries(version_info::Product::OF_THIS_BUILD);
    trace::initialize(&Environment::read(environment::variable), product);
}
