//! Many threads on the same asynchronous clients for a long time.

use std::time::{Duration, Instant};

/// In stretches, because each ends with a look at the results of all requests.
#[test]
#[ignore = "takes as long as SOAK_SECONDS says; run by make soak"]
fn soak_threads_do_what_they_like_with_shared_asynchronous_clients() {
    let seconds = std::env::var("SOAK_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    let end = Instant::now() + Duration::from_secs(seconds);
    while Instant::now() < end {
        crate::async_support::storm_of_calls::storm(|round| round < 2000);
    }
}
