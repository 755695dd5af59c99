//! The state machine of one client, in simulated time.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends by failing")]

mod authentication;
mod backoff;
mod connecting;
mod delivery;
mod fate;
mod keep_alive;
mod kept;
mod manual;
mod queue;
mod queue_random;
mod random;
mod reactions;
mod requests;
mod resubscribe;
mod resumption;
mod support;
mod time_limits;
