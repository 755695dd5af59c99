//! What the layer above is to do in the persistent store.

use std::sync::Arc;

use super::SharedPacket;
use crate::protocol::{PacketId, Version};

/// How the layer above names what it has stored of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StoredRequest(pub u32);

/// One change of the store. Commands are carried out in the order in which they were made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StoreCommand {
    /// Keep an outgoing QoS 1 or 2 PUBLISH, with DUP when it is sent again. To be done before the packet is written.
    PutOutgoing {
        /// Packet id.
        id: PacketId,
        /// The whole packet.
        packet: SharedPacket,
        /// Version in which it is encoded.
        version: Version,
    },
    /// PUBREC arrived, or PUBREL is sent again: keep the PUBREL.
    PutRelease {
        /// Packet id.
        id: PacketId,
        /// Version of the connection.
        version: Version,
    },
    /// The outgoing message was kept again in another version: remove what was kept in this one.
    RemoveReplaced {
        /// Packet id.
        id: PacketId,
        /// Version in which it was encoded before.
        version: Version,
    },
    /// The outgoing message is complete: remove it and its PUBREL.
    RemoveOutgoing {
        /// Packet id.
        id: PacketId,
    },
    /// Keep a received QoS 2 PUBLISH. Version 5: the message has been delivered already.
    PutIncoming {
        /// Packet id.
        id: PacketId,
        /// The whole packet as received.
        packet: Arc<Vec<u8>>,
        /// Version in which it is encoded.
        version: Version,
    },
    /// The received message was released.
    RemoveIncoming {
        /// Packet id.
        id: PacketId,
    },
    /// The request that was stored under this name was sent, or has failed: remove it.
    RemoveRequest {
        /// Its name.
        stored: StoredRequest,
    },
    /// A new session starts: remove all of the above except requests.
    Clear,
}
