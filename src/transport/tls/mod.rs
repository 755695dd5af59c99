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
mod socket_io;
mod source;
mod stream;

pub use failure::TlsFailure;
pub(super) use handshake::{Handshake, Outcome};

use openssl::version;

/// Version, compiler flags, build time, platform and directory, in the words of the OpenSSL that was loaded.
pub fn version_texts() -> [&'static str; 5] {
    [version::version(), version::c_flags(), version::built_on(), version::platform(), version::dir()]
}
