//! Making connections: the servers and versions in turn, and again after a loss.

pub(in crate::engine) mod attempts;
pub(in crate::engine) mod connect;
pub(in crate::engine) mod openers;
pub(in crate::engine) mod plan;
pub(in crate::engine) mod reconnecting;
