//! What the tests of stores share.

#![allow(dead_code, reason = "each test program uses its own part of this")]

pub(crate) mod incoming;
pub(crate) mod kills;
pub(crate) mod world;
