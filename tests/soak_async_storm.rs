//! Many threads on the same asynchronous clients for a long time.

#![allow(
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block,
    reason = "the tests call functions of the C interface with what they made for them"
)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "what cannot be set up fails the test")]
#![allow(dead_code, reason = "each test program uses its own part of what the tests share")]

#[path = "capi_support/mod.rs"]
mod capi_support;
#[path = "async_support/storm_of_calls.rs"]
mod storm_of_calls;
#[allow(unused_imports, reason = "the same")]
#[path = "capi_async/support.rs"]
mod support;
#[path = "capi_async/teller.rs"]
mod teller;
#[path = "async_support/witness.rs"]
mod witness;
#[path = "support/mod.rs"]
mod world;

use std::time::{Duration, Instant};

/// In stretches, because each ends with a look at the results of all requests.
#[test]
#[ignore = "takes as long as SOAK_SECONDS says; run by make soak"]
fn soak_threads_do_what_they_like_with_shared_asynchronous_clients() {
    let seconds = std::env::var("SOAK_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    let end = Instant::now() + Duration::from_secs(seconds);
    while Instant::now() < end {
        storm_of_calls::storm(|round| round < 2000);
    }
}
