//! The asynchronous client in the situations of its life, against a scripted broker, as a C program sees it.

#![allow(
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block,
    reason = "the tests call functions of the C interface with what they made for them"
)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "what cannot be set up fails the test")]

#[path = "../async_support/mod.rs"]
mod async_support;
mod buffering;
#[path = "../capi_support/mod.rs"]
mod capi_support;
mod clock_steps;
mod closing;
mod cuts;
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
#[path = "../support/mod.rs"]
mod support;
mod websockets;
