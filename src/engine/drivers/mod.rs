//! Moves the parts of a client together, with its lock, the clock, the threads and the application.

pub(in crate::engine) mod after_input;
pub(in crate::engine) mod attempt;
mod authentication;
pub(in crate::engine) mod back_pressure;
pub(in crate::engine) mod callbacks;
pub(in crate::engine) mod connect;
pub(in crate::engine) mod connection;
pub(in crate::engine) mod fork;
pub(in crate::engine) mod openings;
pub(in crate::engine) mod read;
pub(in crate::engine) mod reconnect;
pub(in crate::engine) mod serve;
pub(in crate::engine) mod session_log;
pub(in crate::engine) mod store;
pub(in crate::engine) mod wait;
pub(in crate::engine) mod write;
