//! Nothing is lost, doubled or put out of order by connections that are cut at any moment, ten thousand times.

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

/// Twenty clients with a broker each, because each waits most of the time to connect again.
#[test]
#[ignore = "takes long; part of make soak"]
fn soak_ten_thousand_cuts() {
    std::thread::scope(|scope| {
        for number in 0..20 {
            scope.spawn(move || cuts::survive(500, number));
        }
    });
}
