//! A received message on its way to the application.

use crate::engine::inbox::spare;
use crate::persistence::{Key, Kind};
use crate::protocol::{PropertyView, Publish, QoS};
use std::any::Any;
use std::sync::Arc;

/// A received message. It lies where the read that brought it has put it, together with others: queueing it copies and
/// allocates nothing.
pub struct Message {
    block: Option<Arc<Vec<u8>>>,
    topic_start: u32,
    topic_length: u16,
    payload: Part,
    properties: Part,
    /// Quality of service it came with.
    pub qos: QoS,
    /// RETAIN flag.
    pub retain: bool,
    /// DUP flag; never set for QoS 2.
    pub dup: bool,
    /// Packet identifier, 0 for QoS 0.
    pub packet_id: u16,
    /// The number of the connection on which it came, if the application has to acknowledge it there; otherwise 0.
    pub(in crate::engine) connection: u16,
    /// Where it is kept until the application has it.
    pub(in crate::engine) place: QueuePlace,
    /// Set by the C interface when the application refused the message: the very object that it has seen and must be
    /// offered again. Dropping it frees its memory.
    pub handed_out: Option<Box<dyn Any + Send>>,
}

impl Message {
    /// The message of a packet that was decoded from the block. None: it lies elsewhere.
    #[inline(always)]
    pub(in crate::engine) fn in_block(block: &Arc<Vec<u8>>, publish: &Publish<'_>) -> Option<Message> {
        let topic = Part::of(block, publish.topic)?;
        Some(Message {
            topic_start: topic.start,
            topic_length: u16::try_from(topic.length).ok()?,
            payload: Part::of(block, publish.payload)?,
            properties: Part::of(block, publish.properties.encoded())?,
            block: Some(block.clone()),
            qos: publish.qos,
            retain: publish.retain,
            dup: publish.dup,
            packet_id: publish.packet_id.map_or(0, Into::into),
            connection: 0,
            place: QueuePlace::NONE,
            handed_out: None,
        })
    }

    /// A message of its own, for a packet that the session gives up.
    pub(in crate::engine) fn copy_of(publish: &Publish<'_>) -> Option<Message> {
        let block = Arc::new([publish.topic, publish.properties.encoded(), publish.payload].concat());
        let (topic, rest) = block.split_at_checked(publish.topic.len())?;
        let (properties, payload) = rest.split_at_checked(publish.properties.encoded().len())?;
        let properties = PropertyView::parse(properties).unwrap_or_default();
        Message::in_block(&block, &Publish { topic, properties, payload, ..*publish })
    }

    /// The application has its contents: only the objects it was given count from now on.
    #[inline]
    pub fn give_up_contents(&mut self) {
        if let Some(block) = self.block.take() {
            spare::offer_block(block);
        }
    }

    fn block(&self) -> &[u8] {
        self.block.as_deref().map_or(&[], Vec::as_slice)
    }

    /// Topic name; may contain zero bytes.
    pub fn topic(&self) -> &[u8] {
        Part { start: self.topic_start, length: self.topic_length.into() }.within(self.block())
    }

    /// What the application knows it by: its packet identifier, and above that the connection where it is to be acknowledged.
    #[inline]
    pub fn token(&self) -> i32 {
        i32::from(self.packet_id) | i32::from(self.connection) << 16
    }

    /// Application message.
    pub fn payload(&self) -> &[u8] {
        self.payload.within(self.block())
    }

    /// MQTT 5 properties, empty before.
    pub fn properties(&self) -> PropertyView<'_> {
        if self.properties.length == 0 {
            return PropertyView::empty();
        }
        PropertyView::parse(self.properties.within(self.block())).unwrap_or_default()
    }

    /// Memory that it keeps from being freed: all of its block.
    #[inline]
    pub(in crate::engine) fn held(&self) -> usize {
        self.block.as_ref().map_or(0, |block| block.capacity())
    }

    /// All of its block.
    pub(in crate::engine) fn memory(&self) -> Option<Arc<Vec<u8>>> {
        self.block.clone()
    }

    /// Both lie in one block, which is held once.
    #[inline]
    pub(in crate::engine) fn shares_block(&self, other: &Message) -> bool {
        matches!((&self.block, &other.block), (Some(one), Some(two)) if Arc::ptr_eq(one, two))
    }
}

impl Drop for Message {
    /// The last message of a block gives its memory to the next read of this thread.
    #[inline]
    fn drop(&mut self) {
        self.give_up_contents();
    }
}

/// Under which key a received message is kept, if it is. Three bytes, because every message has one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(in crate::engine) struct QueuePlace([u8; 3]);

/// After the largest number.
const VERSION_5: u32 = 1 << 23;

impl QueuePlace {
    /// The message is not kept.
    pub(in crate::engine) const NONE: QueuePlace = QueuePlace([0; 3]);

    pub(in crate::engine) fn of(key: Key) -> QueuePlace {
        let version = if key.version_5 { VERSION_5 } else { 0 };
        let [low, middle, high, _] = ((key.number + 1) | version).to_le_bytes();
        QueuePlace([low, middle, high])
    }

    pub(in crate::engine) fn key(self) -> Option<Key> {
        let [low, middle, high] = self.0;
        let place = u32::from_le_bytes([low, middle, high, 0]);
        let number = (place & !VERSION_5).checked_sub(1)?;
        Some(Key::new(Kind::Queued, place & VERSION_5 != 0, number))
    }
}

/// Where in its block a part of a message lies. A packet is shorter than 2^28 bytes, a block hardly longer.
#[derive(Clone, Copy, Default)]
struct Part {
    start: u32,
    length: u32,
}

impl Part {
    /// None: the part does not lie in the block.
    #[inline(always)]
    #[allow(
        clippy::cast_possible_truncation,
        reason = "what lies in a block has places and lengths below 2^32"
    )]
    fn of(block: &[u8], part: &[u8]) -> Option<Part> {
        if part.is_empty() {
            return Some(Part::default());
        }
        // By this calculation, a part that begins before the block is far beyond its end.
        let start = part.as_ptr().addr().wrapping_sub(block.as_ptr().addr());
        let inside = start < block.len() && part.len() <= block.len() - start;
        inside.then_some(Part { start: start as u32, length: part.len() as u32 })
    }

    #[inline]
    fn within(self, block: &[u8]) -> &[u8] {
        let start = self.start as usize;
        block.get(start..start + self.length as usize).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_small() {
        assert!(size_of::<Message>() <= 7 * size_of::<u64>());
    }

    #[test]
    fn a_message_is_a_view_of_its_block() {
        let block = Arc::new(b"..topicpayload".to_vec());
        let publish =
            Publish { topic: &block[2..7], payload: &block[7..], ..Publish::empty(QoS::AtMostOnce) };
        let message = Message::in_block(&block, &publish).unwrap();
        assert_eq!((message.topic(), message.payload()), (&b"topic"[..], &b"payload"[..]));
        assert!(message.properties().is_empty());
        assert!(Message::in_block(&block, &Publish { topic: b"elsewhere", ..publish }).is_none());
    }
}
