//! The C interface.

#[cfg(feature = "async-api")]
pub mod async_client;
#[cfg(feature = "sync-api")]
pub mod client;
pub mod shared;
