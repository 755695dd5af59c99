//! Long runs for `make soak`, and short ones of the same for every day.

#![allow(
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block,
    reason = "the tests call functions of the C interface with what they made for them"
)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test ends by failing"
)]

mod acknowledge_cuts;
mod async_cuts;
mod async_storm;
#[path = "../async_support/mod.rs"]
mod async_support;
#[path = "../capi_support/mod.rs"]
mod capi_support;
mod failures;
mod floods;
mod forks;
mod fuzz;
mod independence;
mod shared_handles;
mod store_kills;
mod store_received;
#[path = "../store_support/mod.rs"]
mod store_support;
#[path = "../support/mod.rs"]
mod support;
