//! Stores of named byte strings, and the names and bytes of what a client keeps in one.
//!
//! A [`Store`] is a place: files of one directory ([`FileStore`]), or whatever an application supplies. A [`Key`] is
//! the name of a record. The bytes of a record are an MQTT packet ([`packet_image`]), a received message
//! ([`QueueRecord`]) or a request ([`CommandRecord`]); names and bytes are those of the original, so that either
//! library finds what the other has left.

mod command_record;
mod file_directory;
mod file_store;
mod key;
mod native_fields;
pub mod packet_image;
mod queue_record;
mod sequence;
mod store;

pub use command_record::{Command, CommandRecord, SubscribeEntry};
pub use file_directory::{FileOptions, hold};
pub use file_store::FileStore;
pub use key::{Key, Kind};
pub use queue_record::QueueRecord;
pub use sequence::{SEQUENCE_NUMBERS, Sequence, order_after_largest_gap};
pub use store::{Fetched, Store, StoreError};
