//! Byte streams that know no MQTT: server URIs, name resolution, TCP.

#![forbid(unsafe_code)]

mod race;
mod resolve;
mod stream;
mod tcp;
mod uri;

pub use resolve::ResolveError;
pub use stream::{OpenError, Stream, open};
pub use uri::{Scheme, ServerUri, UnsupportedScheme};
