//! The asynchronous client in the situations of its life, against a scripted broker, as a C program sees it.

#![allow(
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block,
    reason = "the tests call functions of the C interface with what they made for them"
)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "what cannot be set up fails the test")]
#![allow(dead_code, reason = "each test program uses its own part of what the tests share")]

#[path = "../async_support/black_hole.rs"]
mod black_hole;
mod buffering;
#[path = "../capi_support/mod.rs"]
mod capi_support;
mod clock_steps;
mod closing;
#[path = "../async_support/crowd.rs"]
mod crowd;
mod ending;
mod fates;
mod independence;
mod losses;
mod quick_acks;
mod reconnecting;
mod reentrancy;
mod remains;
mod shared_senders;
mod storm;
#[path = "../async_support/storm_of_calls.rs"]
mod storm_of_calls;
#[allow(unused_imports, reason = "the same")]
#[path = "../capi_async/support.rs"]
mod support;
#[path = "../capi_async/teller.rs"]
mod teller;
mod websockets;
#[path = "../async_support/witness.rs"]
mod witness;
#[path = "../support/mod.rs"]
mod world;
