//! The C interface.

pub mod shared;
#[cfg(feature = "sync-api")]
pub mod client;
#[cfg(feature = "async-api")]
pub mod async_client;
