//! Packets in one direction, counted.

use crate::session::Counts;

/// The packet types that matter here: the upper half of the first byte.
const PUBLISH: u8 = 3;
const PING_RESPONSE: u8 = 13;

/// What was sent, or received.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// MQTT packets of all kinds.
    pub packets: u64,
    /// Their bytes.
    pub bytes: u64,
    /// PUBLISH packets, by QoS.
    pub messages: [u64; 3],
    /// Their bytes, by QoS.
    pub message_bytes: [u64; 3],
}

impl Traffic {
    /// What a session has sent.
    pub(in crate::engine) fn sent(counts: &Counts) -> Traffic {
        let Counts { others, messages, message_bytes, written, .. } = *counts;
        Traffic { packets: others + messages.iter().sum::<u64>(), bytes: written, messages, message_bytes }
    }
}

/// Packets of one kind.
#[derive(Clone, Copy, Debug, Default)]
struct Kind {
    packets: u64,
    bytes: u64,
}

impl Kind {
    #[inline]
    fn count(&mut self, length: usize) {
        self.packets += 1;
        self.bytes += length as u64;
    }
}

/// What was received. A message costs two additions.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::engine) struct Received {
    /// By the bits for the QoS, of which one combination is none.
    messages: [Kind; 4],
    others: Kind,
}

impl Received {
    /// Counts a packet of this length. True for a PINGRESP.
    #[inline]
    pub(in crate::engine) fn count(&mut self, first_byte: u8, length: usize) -> bool {
        if first_byte >> 4 == PUBLISH {
            // The bits are below 4.
            self.messages[usize::from(first_byte >> 1 & 3)].count(length);
            return false;
        }
        self.others.count(length);
        first_byte >> 4 == PING_RESPONSE
    }

    pub(in crate::engine) fn traffic(&self) -> Traffic {
        let [zero, one, two, none] = self.messages;
        let all = [zero, one, two, none, self.others];
        Traffic {
            packets: all.iter().map(|kind| kind.packets).sum(),
            bytes: all.iter().map(|kind| kind.bytes).sum(),
            messages: [zero.packets, one.packets, two.packets],
            message_bytes: [zero.bytes, one.bytes, two.bytes],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_counted_by_kind_and_quality() {
        let mut received = Received::default();
        for (first_byte, length) in [(0x30, 6), (0x3D, 7), (0x40, 4), (0x32, 136), (0x36, 9)] {
            assert!(!received.count(first_byte, length));
        }
        assert!(received.count(0xD0, 2));
        let traffic = received.traffic();
        assert_eq!((traffic.packets, traffic.bytes), (6, 6 + 7 + 4 + 136 + 9 + 2));
        assert_eq!((traffic.messages, traffic.message_bytes), ([1, 1, 1], [6, 136, 7]));
    }
}
