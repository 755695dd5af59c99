//! Data of a client that outlives the process: messages in flight, received messages that wait, and requests. `ClientStore`
//! is what the others see of it. It is given the session that it keeps; everything happens under the client's lock, and
//! before the bytes that follow from it are written.

pub(in crate::engine) mod client_store;
mod queued_records;
pub(in crate::engine) mod records;
mod restoring;
mod stored_records;
mod stored_requests;
