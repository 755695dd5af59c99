//! The C interface, called as a C program calls it: what each function answers to what it is given.

#![allow(
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block,
    reason = "the tests call functions of the C interface with what they made for them or with what the test is about"
)]
#![allow(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod acknowledge;
mod arguments;
mod authentication;
#[path = "../capi_support/mod.rs"]
mod capi_support;
mod connect_checks;
mod connected;
mod deliveries;
mod first_call;
mod guard_page;
mod handle;
mod last_error;
mod options;
mod original;
mod property_functions;
mod statistics;
#[path = "../support/mod.rs"]
mod support;
mod tls_context;
mod topics;
mod upgrade;
