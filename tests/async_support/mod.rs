//! What the tests of the asynchronous interface share.

#![allow(dead_code, reason = "each test program uses its own part of this")]

pub(crate) mod black_hole;
pub(crate) mod crowd;
pub(crate) mod cuts;
pub(crate) mod handle;
pub(crate) mod storm_of_calls;
pub(crate) mod teller;
pub(crate) mod witness;
