//! Byte streams that know no MQTT.
//!
//! Where to look: `opening` leads through the stages - `resolve`, `race` (TCP) or `unix`, `proxy`, `tls`, `websocket` - to a
//! `stream`; `uri` and `settings` say what is wanted.

#![deny(unsafe_code)]

mod log;
mod opening;
mod pieces;
mod proxy;
mod race;
mod resolve;
mod settings;
mod socket_stream;
mod stage_times;
mod stream;
#[cfg(feature = "tls")]
mod tls;
mod unix;
mod uri;
mod wait;
mod websocket;

pub use log::{Log, Severity, set_log};
pub use opening::{MAY_EXPECT_TLS, OpenError, Opening, Progress, open};
pub use resolve::ResolveError;
pub use settings::{OpenSettings, SocketSettings, UpgradeCallback, UpgradeFunction, UpgradeParts};
#[cfg(feature = "tls")]
pub use settings::{SessionCache, TlsCallbacks, TlsContext, TlsSettings, TlsVersion};
pub use stage_times::StageTimes;
pub use stream::{MessageLength, Readiness, Stream};
#[cfg(feature = "tls")]
pub use tls::{TlsFailure, version_texts as tls_version};
pub use uri::{Scheme, ServerUri, UnsupportedScheme};
pub use wait::Wait;

pub use crate::system::Event;
