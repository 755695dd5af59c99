//! What programs are built against: headers, layouts, exported names, what `make install` and packages install; what they cost.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, reason = "a test ends by failing")]

mod cost_history;
mod documentation;
mod extensions;
mod guides;
mod header_examples;
mod headers;
mod install;
#[path = "../../cbindgen/layout.rs"]
mod layout;
mod layouts;
mod packaging;
mod properties_cost;
#[path = "../../cbindgen/rewrite.rs"]
mod rewrite;
#[path = "../support/mod.rs"]
mod support;
mod symbols;
mod toolchain;
