//! What survives the process: stores of both APIs.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test ends by failing"
)]

mod asynchronous;
mod cost;
mod damage;
mod files;
mod full;
mod interchange;
mod kill;
mod own;
mod received;
mod sqlite;
#[path = "../store_support/mod.rs"]
mod store_support;
#[path = "../support/mod.rs"]
mod support;
