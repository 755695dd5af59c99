//! A received message on its way to the program.

use super::heap::HeapBytes;
use crate::protocol::{Properties, Publish, QoS};
use std::any::Any;

/// A received message. Its parts already lie on the C heap, so that nothing is copied when the program takes it.
pub struct Message {
    /// Topic name; may contain zero bytes.
    pub topic: HeapBytes,
    /// Application message.
    pub payload: HeapBytes,
    /// Quality of service it came with.
    pub qos: QoS,
    /// RETAIN flag.
    pub retain: bool,
    /// DUP flag; never set for QoS 2.
    pub dup: bool,
    /// Packet identifier, 0 for QoS 0.
    pub packet_id: u16,
    /// MQTT 5 properties, empty before.
    pub properties: Properties,
    /// Set by the C interface when the program refused the message: the very object that it has seen and must be
    /// offered again. Dropping it frees its memory.
    pub handed_out: Option<Box<dyn Any + Send>>,
}

impl Message {
    /// Copies the packet's contents. None: no memory.
    #[inline]
    pub(super) fn copy_of(publish: &Publish<'_>) -> Option<Message> {
        Some(Message {
            topic: HeapBytes::copy_of(publish.topic)?,
            payload: HeapBytes::copy_of(publish.payload)?,
            qos: publish.qos,
            retain: publish.retain,
            dup: publish.dup,
            packet_id: publish.packet_id.map_or(0, Into::into),
            properties: publish.properties.to_owned(),
            handed_out: None,
        })
    }

    /// Bytes that count against the bound of what is kept for the program.
    pub(super) fn size(&self) -> usize {
        self.topic.len() + self.payload.len()
    }
}
