//! Clients at work: the only layer with threads and clocks. Ties a session to a stream behind one lock.
//!
//! Where to look: `client` is what a client consists of; `calls` is what the two APIs call; `drivers` moves the parts of a
//! client together; `connecting` decides how connections are made; `connection` is one that is made; `inbox` is what waits
//! for the application, with the callbacks; `options` is what can be set by name; `statistics` counts what it does; `store` is
//! what is kept on disk; `runtime` is what all clients share.

mod application;
mod calls;
mod client;
mod connecting;
mod connection;
mod drivers;
mod inbox;
mod options;
mod requester;
mod runtime;
#[cfg(test)]
mod stand_ins;
mod statistics;
mod store;

pub use application::{Application, AuthenticationStep, Interest};
pub use calls::authenticate::RenewalFault;
pub use calls::event_loop::EventLoopFault;
pub use calls::receive::yield_all;
pub use calls::statistics::Statistics;
pub use client::{Client, lookup, register, unregister};
pub use connecting::Credentials;
pub use connecting::plan::{ConnectPlan, ConnectReason, Connected, OwnedWill};
pub use connection::gathering::{await_gathered, gathers_in_this_process};
pub use drivers::fork::prepare_for_forks;
pub use inbox::message::Message;
pub use inbox::waiting_calls::Answer;
pub use options::OptionFault;
pub use requester::{Completion, Requester};
pub use runtime::start_log::start_log;
pub use runtime::{environment, version_info};
pub use statistics::{Announced, Connects, LastFailure, Traffic};
pub use store::records::StoreOptions;

pub use crate::persistence::{Fetched, FileOptions, FileStore, Key, Kind, Store, StoreError};
pub use crate::session::{
    AcknowledgeFault, BufferOptions, Cause, FailedRequest, OutgoingPublish, RequestError, SentMessage,
    Success,
};
pub use crate::transport::{OpenSettings, ServerUri, UpgradeCallback, UpgradeFunction, UpgradeParts};
#[cfg(feature = "tls")]
pub use crate::transport::{TlsCallbacks, TlsContext, TlsSettings, TlsVersion};
