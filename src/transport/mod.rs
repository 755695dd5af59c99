//! Byte streams that know no MQTT.
//!
//! Where to look: `opening` leads through the stages - `resolve`, `race` (TCP) or `unix`, `proxy`, `tls`, `websocket` - to a
//! `stream`; `uri` and `settings` say what is wanted.

#![deny(unsafe_code)]

mod event;
mod log;
mod opening;
mod pieces;
mod proxy;
mod quick_ack;
mod race;
mod resolve;
mod settings;
mod socket_stream;
mod stream;
#[cfg(feature = "tls")]
mod tls;
mod unix;
mod uri;
mod websocket;

pub use event::Event;
pub use log::{Log, Severity, set_log};
pub use opening::{OpenError, Opening, Progress, Wait, open};
pub use resolve::ResolveError;
pub use settings::OpenSettings;
pub use stream::{MessageLength, Readiness, Stream};
#[cfg(feature = "tls")]
pub use tls::{SessionCache, TlsCallbacks, TlsFailure, TlsSettings, TlsVersion, version as tls_version};
pub use uri::{Scheme, ServerUri, UnsupportedScheme};
