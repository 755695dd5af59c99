//! TLS, by the system's OpenSSL: the options are OpenSSL's own.

#[cfg(test)]
mod blocked;
mod check;
mod context;
mod failure;
mod handshake;
mod loaded;
mod openssl_calls;
#[cfg(openssl_engines)]
mod openssl_engine;
mod openssl_pin;
mod openssl_store;
mod sessions;
mod settings;
mod socket_io;
mod source;
mod stream;
pub mod version;

pub use failure::TlsFailure;
pub(super) use handshake::{Handshake, Outcome};
pub use sessions::SessionCache;
pub use settings::{TlsCallbacks, TlsSettings, TlsVersion};
