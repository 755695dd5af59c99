//! Many threads on the same clients, doing what they like: nothing crashes or hangs, each call gives one of the codes it may
//! give, and each accepted request has exactly one result. A short run here; `make soak` takes its time.

use crate::async_support::storm_of_calls::storm;

#[test]
fn threads_do_what_they_like_with_shared_clients() {
    storm(|round| round < 300);
}
