//! Numbers about a client: what it has done, what it has to do, what its server has announced.

mod announced;
mod counters;
mod traffic;

pub use announced::Announced;
pub(in crate::engine) use counters::Counters;
pub use counters::{Connects, LastFailure};
pub use traffic::Traffic;
