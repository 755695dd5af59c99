//! What one client remembers and decides: connection life, QoS flows in both directions, the in-flight
//! window, packet ids, keep-alive, resumption after a reconnect, and the plan of a connect call.
//!
//! Pure: the time is passed in as a [`Moment`]; bytes to send, events, store commands and the next deadline
//! are pulled out. Nothing here reads a clock, a socket or a file, takes a lock or starts a thread.
//!
//! A [`Session`] lives as long as its client. Each connection goes through [`Session::connect`], frames fed
//! to [`Session::receive`], and [`Session::connection_closed`].

#![forbid(unsafe_code)]
#![warn(clippy::indexing_slicing)]

mod acknowledgements;
mod advance_queue;
mod attempts;
mod authentication;
mod backlog;
mod backoff;
mod before_connack;
mod completion;
mod connect;
mod counts;
mod event;
mod give_up;
mod handle_packet;
mod handle_publish;
mod id_allocator;
mod in_flight;
mod keep_alive;
mod limits;
mod manual_acknowledgement;
mod moment;
mod oddities;
mod outgoing;
mod outstanding;
mod packet_bytes;
mod packet_id_map;
mod publish;
mod queue;
mod received_messages;
mod request;
mod resend;
mod restore;
mod resubscribe;
mod shared_packet;
mod state;
mod store_command;
mod submit;
mod subscribe;
mod subscriptions;
mod time_limits;
mod topic_alias;
mod withheld_answers;

pub use attempts::{Attempt, AttemptFailure, Attempts};
pub use authentication::with_authentication;
pub use backoff::Backoff;
pub use completion::{Cause, Completion, FailedRequest, SentMessage, Success};
pub use counts::Counts;
pub use event::{Event, Failure, ReceivedMessage};
pub use manual_acknowledgement::AcknowledgeFault;
pub use moment::Moment;
pub use oddities::Oddity;
pub use outgoing::{Chunk, Outgoing};
pub use queue::{Accepted, BufferOptions};
pub use request::{ConnectOptions, OutgoingPublish, RequestError, Sent};
pub use shared_packet::{LARGE_PAYLOAD, SharedPacket};
pub use state::{Load, Session};
pub use store_command::{StoreCommand, StoredRequest};
