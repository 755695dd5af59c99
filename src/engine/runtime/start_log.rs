//! Starts the log, and gives it what it needs: the environment, the name of the library, the transports' lines.

use crate::engine::runtime::{environment, version_info};
use crate::trace::{self, Environment, Level, trace};
use crate::transport::{self, Severity};
use std::fmt;

fn log_of_transport(severity: Severity, text: fmt::Arguments<'_>) {
    let level = match severity {
        Severity::Protocol => Level::Protocol,
        Severity::Error => Level::Error,
    };
    trace!(level, "{text}");
}

/// The first handle of the process, or the first after the last one went, is being created: reads the
/// environment and writes the start-up block. Call it without a lock held.
pub fn start_log() {
    transport::set_log(log_of_transport);
    let product = || version_info::entries(version_info::Product::OF_THIS_BUILD);
    trace::TRACER.initialize(&Environment::read(environment::variable), product);
}
