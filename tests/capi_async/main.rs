//! The asynchronous C interface, called as a C program calls it: what each function answers, and what the callbacks are
//! given.

#![allow(
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block,
    reason = "the tests call functions of the C interface with what they made for them or with what the test is about"
)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "what cannot be set up fails the test")]

mod acknowledge;
mod arguments;
#[path = "../async_support/mod.rs"]
mod async_support;
mod authentication;
#[path = "../capi_support/mod.rs"]
mod capi_support;
mod connect_checks;
mod credentials;
mod crossed;
mod deliveries;
mod destroying;
mod event_loop;
mod extensions;
mod fates;
mod first_packets;
mod guard_page;
mod information;
mod oddities;
mod requests;
mod resubscribe;
mod results;
#[path = "../support/mod.rs"]
mod support;
mod time_limits;
mod upgrade;
