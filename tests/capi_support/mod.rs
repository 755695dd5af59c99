//! What the tests of both C interfaces share.

#![allow(dead_code, reason = "each test program uses its own part of this")]

pub(crate) mod guarded;
pub(crate) mod server;
