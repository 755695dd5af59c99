//! Queues for the application: received messages, notices and results, in the order in which they came.

pub(in crate::engine) mod bounds;
mod catching_up;
pub(in crate::engine) mod deliveries;
pub(in crate::engine) mod message;
mod notice;
pub(in crate::engine) mod spare;
pub(in crate::engine) mod waiting_calls;
