//! The log: levels, the lines of packets, and the way of a line to the stream and to the application.
//!
//! `dispatch` knows the listeners and passes lines to them; `message` keeps a text on one line; `packets` has the line
//! of each MQTT packet; `settings` are the levels and the environment; `output` is the stream; `system` is what the log
//! needs of the C library.

mod dispatch;
mod message;
mod output;
mod packets;
mod settings;
mod system;

pub use dispatch::{
    Callback, ProductEntries, TRACER, begin_in_child, deliver, enabled, hold, is_pending, shows_packets,
};
pub use message::Text;
pub use packets::{received, sent};
pub use settings::{Environment, Level};

/// Writes one line if `level` is wanted: `trace!(Level::Protocol, "{} of {}", a, b)`. The arguments are not
/// evaluated otherwise.
macro_rules! trace {
    ($level:expr, $($text:tt)+) => {
        if $crate::trace::enabled($level) {
            $crate::trace::TRACER.line($level, format_args!($($text)+));
        }
    };
}
pub(crate) use trace;
