//! Messages that a server sends before CONNACK.

use super::Failure;
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
    pub(super) fn push(&mut self, frame: Frame<'_>) -> Result<(), Failure> {
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

    /// All of them; `None` if there are none.
    pub(super) fn take(&mut self) -> Option<Vec<u8>> {
        if self.count == 0 { None } else { Some(std::mem::take(self).bytes) }
    }
}
