//! The C interface: argument checks, conversions, and nothing else.
//!
//! Every exported function converts its arguments or returns the code for what is wrong with them, calls
//! the engine, and converts the result. The doc comments of exported functions and of C types become the
//! comments of the C headers, so they speak to C programmers.
//!
//! A file whose name ends in `abi` has the C types and constants of a header, and nothing else. What both interfaces have
//! under a prefix of their own is defined once in `shared`, as `MQTTApi_`: the types in `shared/abi.rs`, to which each
//! interface gives its names, and the functions in `shared/functions.rs`, which a macro exports for each of them. When the
//! headers are made (`cbindgen/headers.rs`) the prefixes are put in.

#![allow(non_snake_case, non_camel_case_types, reason = "the names are those of the C interface")]
#![allow(
    clippy::missing_safety_doc,
    reason = "the documentation of an exported function is the comment of its C prototype and says there what \
              every pointer has to be"
)]

#[cfg(feature = "async-api")]
pub mod async_client;
#[cfg(feature = "sync-api")]
pub mod client;
pub mod shared;
