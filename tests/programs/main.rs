//! Programs that were compiled against the original, on the library under test.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test ends by failing"
)]

mod authentication;
mod cpp_wrapper;
mod debian;
mod debian_async;
mod debian_tls;
mod examples;
mod languages;
#[path = "../support/mod.rs"]
mod support;
mod tools;
mod tools_alone;
