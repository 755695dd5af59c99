//! The connection of a client: reading and writing, gathering what is written, and how much is read.

pub(in crate::engine) mod back_pressure;
pub(in crate::engine) mod gathering;
pub(in crate::engine) mod held;
pub(in crate::engine) mod link;
pub(in crate::engine) mod message;
pub(in crate::engine) mod quick_ack;
pub(in crate::engine) mod reader;
pub(in crate::engine) mod serve;
pub(in crate::engine) mod session_log;
pub(in crate::engine) mod spare;
pub(in crate::engine) mod writer;
