//! What was queued to be sent, counted over all connections.

use crate::protocol::QoS;

/// Packets that were queued, and bytes that were written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Packets that are no messages.
    pub others: u64,
    /// PINGREQ, which is among them.
    pub pings: u64,
    /// PUBLISH packets, by QoS.
    pub messages: [u64; 3],
    /// Their bytes, by QoS.
    pub message_bytes: [u64; 3],
    /// Bytes that were written to connections.
    pub written: u64,
}

impl Counts {
    /// A message of so many bytes, as a packet, was queued.
    #[inline]
    pub(super) fn message(&mut self, qos: QoS, length: usize) {
        // There are three.
        let index = qos as usize;
        if let (Some(messages), Some(bytes)) =
            (self.messages.get_mut(index), self.message_bytes.get_mut(index))
        {
            *messages += 1;
            *bytes += length as u64;
        }
    }

    /// Another packet was queued.
    #[inline]
    pub(super) fn other(&mut self) {
        self.others += 1;
    }
}
