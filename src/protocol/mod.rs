//! MQTT 3.1, 3.1.1 and 5.0 on the wire: bytes to packets and packets to bytes.
//!
//! Everything here is pure: no input or output, no clock, no threads, no randomness. Decoding borrows
//! from the bytes received and allocates nothing, whatever lengths the peer claims. The way of the bytes:
//! [`split_frame`] finds a whole packet at the start of what was received, [`Packet::decode`] checks it
//! and takes it apart. Every packet also knows how to `encode` itself onto the end of a `Vec<u8>`.
//!
//! Decoding refuses only what cannot be taken apart, see [`DecodeError`]. Whatever else is against the standard is a
//! [`Breach`]: it is returned with the packet, and the caller decides what becomes of it.

#![forbid(unsafe_code)]
#![deny(clippy::indexing_slicing)]

mod acknowledgement;
mod auth;
mod breach;
mod connack;
mod connect;
mod disconnect;
mod error;
mod frame;
mod packet;
mod packet_id;
mod property;
mod property_list;
mod property_rules;
mod publish;
mod qos;
mod reader;
mod reason;
mod suback;
mod subscribe;
mod topic;
mod utf8;
mod variable_byte_integer;
mod version;
mod writer;

pub use acknowledgement::{Acknowledgement, AcknowledgementType};
pub use auth::Auth;
pub use breach::{Breach, Breaches};
pub use connack::{ConnAck, refusal_text, terminated_refusal_text};
pub use connect::{Connect, Will};
pub use disconnect::Disconnect;
pub use error::{DecodeError, Decoded, EncodeError};
pub use frame::{Frame, Framing, PacketType, packet_length, split_frame};
pub use packet::{Packet, encode_ping_request};
pub use packet_id::PacketId;
pub use property::{Property, PropertyId, PropertyType, PropertyValue};
pub use property_list::{Properties, PropertyIterator, PropertyView};
pub use publish::Publish;
pub use qos::QoS;
pub use reason::ReasonCode;
pub use suback::{Answer, SubAck, UnsubAck};
pub use subscribe::{
    Filter, Filters, Subscribe, SubscribeOptions, TopicFilter, Unsubscribe, UnsubscribeFilters,
    encode_request,
};
pub use topic::{Shared, TopicFault, check_filter, check_topic, filter_matches};
pub use utf8::is_utf8;
pub use variable_byte_integer::{
    MAXIMUM_REMAINING_LENGTH, length as variable_byte_integer_length, split as split_variable_byte_integer,
};
pub use version::Version;
