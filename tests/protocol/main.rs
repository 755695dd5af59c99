//! MQTT on the wire: encoding and decoding.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends by failing")]

mod examples;
mod malformed;
mod random_input;
mod round_trip;
mod support;
mod topics;
