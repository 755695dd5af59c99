//! What a server sends before CONNACK: messages, or the answer of another protocol.

use super::Failure;
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
    /// # Errors
    /// There are too many already.
    pub(super) fn push(&mut self, frame: Frame<'_>) -> Result<(), Failure> {
        if self.is_full_with(frame.length) {
            return Err(Failure::protocol("too many messages before CONNACK"));
        }
        self.push_past_bound(frame);
        Ok(())
    }

    /// Nothing more should be read until they are taken.
    pub(super) fn is_full(&self) -> bool {
        self.is_full_with(0)
    }

    fn is_full_with(&self, length: usize) -> bool {
        self.count >= MOST_PACKETS || (self.count > 0 && self.bytes.len() + length > MOST_BYTES)
    }

    /// Where one read has brought more.
    pub(super) fn push_past_bound(&mut self, frame: Frame<'_>) {
        let total = self.bytes.len() + frame.length;
        if total > self.bytes.capacity() {
            let capacity = total.max((2 * self.bytes.capacity()).min(MOST_BYTES));
            self.bytes.reserve_exact(capacity - self.bytes.len());
        }
        frame.put(&mut self.bytes);
        self.count += 1;
    }

    /// All of them; `None` if there are none.
    pub(super) fn take(&mut self) -> Option<Vec<u8>> {
        if self.count == 0 { None } else { Some(std::mem::take(self).bytes) }
    }
}

/// How servers of other protocols begin their answer to CONNECT, and what that says about the port.
const OTHER_PROTOCOLS: [(&[u8], &str); 2] = [
    // A TLS alert.
    (b"\x15\x03", "it speaks TLS on this port, which takes an ssl:// or wss:// URI"),
    (b"HTTP/", "it speaks HTTP on this port, which may take a ws:// URI"),
];

/// The first bytes from the server cannot become a packet that may come before CONNACK, or CONNACK itself.
#[cold]
pub(super) fn failure(beginning: impl Iterator<Item = u8> + Clone) -> Failure {
    let begins_with = |start: &[u8]| beginning.clone().take(start.len()).eq(start.iter().copied());
    let other = OTHER_PROTOCOLS.iter().find(|(start, _)| begins_with(start));
    Failure::protocol(other.map_or("the first packet is not CONNACK", |(_, text)| text))
}

/// The first bytes of a packet that are of interest here: such packets are shorter than 128 bytes.
pub(super) fn beginning_of(frame: Frame<'_>) -> impl Iterator<Item = u8> + Clone {
    let length = u8::try_from(frame.body.len()).unwrap_or(u8::MAX);
    [frame.first_byte, length].into_iter().chain(frame.body.iter().copied())
}
