//! Byte streams that know no MQTT: server URIs, name resolution, TCP.

#![forbid(unsafe_code)]

mod opening;
mod race;
mod resolve;
mod settings;
mod stream;
mod tcp;
mod uri;

pub use opening::{OpenError, Opening, Progress, Wait, open};
pub use resolve::ResolveError;
pub use settings::OpenSettings;
pub use stream::Stream;
pub use uri::{Scheme, ServerUri, UnsupportedScheme};
