//! Messages that a server sends before CONNACK.

use super::Failure;
use super::client::Session;
use super::packet_bytes;
use crate::protocol::Frame;

/// Most packets, and most bytes of memory unless a single packet is larger.
const MOST_PACKETS: usize = 4096;
const MOST_BYTES: usize = 16 << 20;

/// Packets that wait until the server has accepted the connection, one after the other as they came.
#[derive(Debug, Default)]
pub(super) struct EarlyPackets {
    bytes: Vec<u8>,
    count: usize,
}

impl EarlyPackets {
    fn push(&mut self, frame: Frame<'_>) -> Result<(), Failure> {
        let total = self.bytes.len() + frame.length;
        if self.count == MOST_PACKETS || (self.count > 0 && total > MOST_BYTES) {
            return Err(Failure::protocol("too many messages before CONNACK"));
        }
        if total > self.bytes.capacity() {
            let capacity = total.max((2 * self.bytes.capacity()).min(MOST_BYTES));
            self.bytes.reserve_exact(capacity - self.bytes.len());
        }
        packet_bytes::put_frame(frame, &mut self.bytes);
        self.count += 1;
        Ok(())
    }
}

impl Session {
    /// Keeps a packet that is to be taken as if it had come right after CONNACK.
    pub(super) fn keep_early(&mut self, frame: Frame<'_>) -> Result<(), Failure> {
        self.early.push(frame)
    }

    /// The packets that came before CONNACK and are to be [received](Session::receive) now, after it: messages and their
    /// releases. Nothing unless the connection was accepted.
    #[inline]
    pub fn take_early_packets(&mut self) -> Option<Vec<u8>> {
        if !self.is_connected() || self.early.count == 0 {
            return None;
        }
        Some(std::mem::take(&mut self.early).bytes)
    }
}
