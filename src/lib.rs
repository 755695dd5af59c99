//! The Eclipse Paho MQTT C client, re-made in Rust.
//!
//! The layers and their allowed dependencies (`tests/layering` fails on any other arrow):
//!
//! ```text
//! protocol <- session, trace <- engine <- capi       persistence, transport <- engine
//! system <- locks <- all but protocol and session
//! ```
//!
//! `capi` is the C interface; a Rust program has better clients to choose from.

// Without `internals` nothing is reachable but the exported functions, and re-exports are for tests too.
#![cfg_attr(not(feature = "internals"), allow(unreachable_pub, unused_imports))]
// What one API or TLS needs is not used in a library without. What the whole library does not use has to go.
#![cfg_attr(not(all(feature = "sync-api", feature = "async-api", feature = "tls")), allow(dead_code))]
#![cfg_attr(all(feature = "sync-api", feature = "async-api", feature = "tls"), deny(dead_code))]

mod system;

// The layers are private, so that the compiler sees what is no longer used. Tests look inside: they switch on `internals`
// for themselves, and no library is built with it.
#[cfg(not(feature = "internals"))]
mod capi;
#[cfg(not(feature = "internals"))]
mod engine;
#[cfg(not(feature = "internals"))]
mod locks;
#[cfg(not(feature = "internals"))]
mod persistence;
#[cfg(not(feature = "internals"))]
mod protocol;
#[cfg(not(feature = "internals"))]
mod session;
#[cfg(not(feature = "internals"))]
mod trace;
#[cfg(not(feature = "internals"))]
mod transport;

#[cfg(feature = "internals")]
#[doc(hidden)]
pub mod capi;
#[cfg(feature = "internals")]
#[doc(hidden)]
pub mod engine;
#[cfg(feature = "internals")]
#[doc(hidden)]
pub mod locks;
#[cfg(feature = "internals")]
#[doc(hidden)]
pub mod persistence;
#[cfg(feature = "internals")]
#[doc(hidden)]
pub mod protocol;
#[cfg(feature = "internals")]
#[doc(hidden)]
pub mod session;
#[cfg(feature = "internals")]
#[doc(hidden)]
pub mod trace;
#[cfg(feature = "internals")]
#[doc(hidden)]
pub mod transport;
