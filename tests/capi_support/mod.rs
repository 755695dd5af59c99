//! What the tests of both C interfaces share.

#![allow(dead_code, reason = "each test program uses its own part of this")]
#![allow(
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block,
    reason = "it calls functions of the C interface with what it made for them"
)]
#![allow(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

pub(crate) mod authenticator;
pub(crate) mod guarded;
pub(crate) mod server;
pub(crate) mod upgrades;
