//! What the tests of the asynchronous interface share.

#![allow(dead_code, reason = "each test program uses its own part of this")]
#![allow(
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block,
    reason = "it calls functions of the C interface with what it made for them"
)]
#![allow(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

pub(crate) mod black_hole;
pub(crate) mod client;
pub(crate) mod crowd;
pub(crate) mod cuts;
pub(crate) mod handle;
pub(crate) mod storm_of_calls;
pub(crate) mod teller;
pub(crate) mod witness;
