//! Ways to a server with both APIs: proxies, TLS, WebSockets, sockets of this machine; and how connecting fails.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test ends by failing"
)]

#[path = "../async_support/mod.rs"]
mod async_support;
#[path = "../capi_support/mod.rs"]
mod capi_support;
mod failure_causes;
mod given_up;
mod interrupted;
mod proxies;
#[path = "../support/mod.rs"]
mod support;
mod tls;
mod tls_async;
mod tls_matrix;
mod tls_sessions;
mod tls_tokens;
mod unix;
mod websocket;
mod wrong_ports;
