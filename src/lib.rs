//! The Eclipse Paho MQTT C client, re-made in Rust.
//!
//! The layers and their allowed dependencies (`tests/layering` fails on any other arrow):
//!
//! ```text
//! protocol <- session, trace <- engine <- capi       persistence, transport -> engine       all but the first two -> locks
//! ```
//!
//! `capi` is the C interface; a Rust program has better clients to choose from.

pub mod capi;
pub mod engine;
pub mod locks;
pub mod persistence;
pub mod protocol;
pub mod session;
pub mod trace;
pub mod transport;
