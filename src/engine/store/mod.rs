//! What a client keeps in its store: messages in flight, received messages that wait, and requests.

pub(in crate::engine) mod queued_records;
pub(in crate::engine) mod records;
pub(in crate::engine) mod restoring;
pub(in crate::engine) mod stored_records;
pub(in crate::engine) mod stored_requests;
