//! Clients at work: the only layer with threads and clocks. Ties a session to a stream behind one lock.
//!
//! Where to look: `client` is what a client consists of; `connect`, `publish`, `requests`, `receive`, `disconnect` are the
//! calls; `reader` and `writer` move bytes; `wait` is how a call waits; `pool`, `serve`, `lane`, `callbacks` are the
//! threads of clients with callbacks; `registry` turns handles into clients.

mod alarms;
mod application;
mod asynchronous;
mod back_pressure;
mod busy_wait;
mod callbacks;
mod client;
mod clock;
mod connect;
mod deliveries;
mod disconnect;
pub mod environment;
mod fork;
mod fork_handlers;
mod gathering;
mod handle_memory;
mod lane;
mod link;
mod message;
mod openers;
mod poller;
mod pool;
mod publish;
mod queued_records;
mod quick_ack;
mod reader;
mod receive;
mod records;
mod registry;
mod requests;
mod restoring;
mod serve;
mod session_log;
mod signals;
mod spare;
#[cfg(test)]
mod stand_ins;
mod start_log;
mod stored_records;
pub mod version_info;
mod wait;
mod writer;

pub use application::{Application, Credentials, Interest};
pub use asynchronous::{AsyncError, Cause, Completion, ConnectPlan, Connection, Outcome, OwnedWill};
pub use client::{Answer, Client};
pub use connect::{ConnectError, ConnectRequest, Connected};
pub use fork_handlers::prepare_for_forks;
pub use gathering::{await_gathered, gathers_in_this_process};
pub use message::Message;
pub use receive::yield_all;
pub use records::StoreOptions;
pub use registry::{lookup, register, unregister};
pub use start_log::start_log;

pub use crate::persistence::{Fetched, FileOptions, FileStore, Key, Kind, Store, StoreError};
pub use crate::session::{BufferOptions, OutgoingPublish, Reply, RequestError, SentMessage};
pub use crate::transport::{OpenSettings, ServerUri};
#[cfg(feature = "tls")]
pub use crate::transport::{TlsCallbacks, TlsSettings, TlsVersion};

/// Why a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallError {
    /// There is no connection.
    NotConnected,
    /// The connection broke, or the time is over.
    Failed,
    /// All packet identifiers are in use.
    NoFreePacketId,
    /// The request cannot be sent as it is.
    Request(RequestError),
}
