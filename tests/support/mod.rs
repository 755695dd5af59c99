//! What the tests of the whole library share: the library under test as a C program sees it, brokers, and
//! the means to wait for what must happen.
//!
//! Nothing here uses a line of the library's own source: layouts, packets and names are written down a
//! second time, so that a mistake in the one is seen by the other.

#![allow(dead_code, reason = "each test program uses its own part of this")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, reason = "a test ends by failing")]

pub(crate) mod abi;
pub(crate) mod broker;
pub(crate) mod c_interface;
pub(crate) mod callbacks;
pub(crate) mod client;
pub(crate) mod debian_programs;
pub(crate) mod faulty_server;
pub(crate) mod http_proxy;
pub(crate) mod ledger;
pub(crate) mod library;
pub(crate) mod message;
pub(crate) mod mosquitto;
pub(crate) mod options;
pub(crate) mod outbox;
pub(crate) mod packet;
pub(crate) mod program;
pub(crate) mod properties;
pub(crate) mod proxy;
pub(crate) mod relay;
pub(crate) mod store_client;
pub(crate) mod threads;
pub(crate) mod tls;
pub(crate) mod tracer;
pub(crate) mod wait;
pub(crate) mod websocket;
