//! Nothing is lost, doubled or put out of order by connections that are cut at any moment.

#![allow(
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block,
    reason = "the tests call functions of the C interface with what they made for them"
)]
#![allow(clippy::unwrap_used, reason = "what cannot be set up fails the test")]
#![allow(dead_code, reason = "each test program uses its own part of what the tests share")]

#[path = "capi_support/mod.rs"]
mod capi_support;
#[path = "async_support/cuts.rs"]
mod cuts;
#[allow(unused_imports, reason = "the same")]
#[path = "capi_async/support.rs"]
mod support;
#[path = "capi_async/teller.rs"]
mod teller;
#[path = "support/mod.rs"]
mod world;

#[test]
fn twenty_cuts() {
    cuts::survive(20, 0);
}
