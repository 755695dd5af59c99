//! The synchronous API, used as a program uses it, against scripted servers and mosquitto.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test ends by failing"
)]

mod burst;
mod callbacks;
mod cancelled;
mod connect;
mod faults;
mod flow;
mod garbage;
mod independence;
#[cfg(target_os = "linux")]
mod joined;
mod keep_alive;
mod memory;
mod ownership;
mod qos_matrix;
mod quick_ack;
mod reentrancy;
mod single_threaded;
mod subscribe;
#[path = "../support/mod.rs"]
mod support;
mod trace;
mod v5;
