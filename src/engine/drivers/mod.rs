//! What moves a client's parts, with its lock, the clock, the pool's threads and the application.

pub(in crate::engine) mod attempt;
pub(in crate::engine) mod connect;
pub(in crate::engine) mod openings;
pub(in crate::engine) mod reconnect;
