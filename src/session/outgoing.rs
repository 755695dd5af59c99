//! Bytes on their way to the socket.

use std::collections::VecDeque;

use super::SharedPacket;

/// A buffer handed back is kept for the next packets up to this capacity, so that an idle client holds
/// little.
const LARGEST_SPARE_BUFFER: usize = 65_536;

/// A piece of the outgoing byte stream.
#[derive(Debug)]
pub enum Chunk {
    /// Encoded packets, one after the other.
    Bytes(Vec<u8>),
    /// One packet that is also kept in flight.
    Shared(SharedPacket),
}

impl Chunk {
    /// The bytes of this piece.
    pub fn as_slice(&self) -> &[u8] {
        match self {
            Chunk::Bytes(bytes) => bytes,
            Chunk::Shared(packet) => packet,
        }
    }
}

/// Whole packets in the order in which they must be written.
#[derive(Debug, Default)]
pub struct Outgoing {
    /// The bytes before `tail`.
    chunks: VecDeque<Chunk>,
    /// Packets are encoded at its end.
    tail: Vec<u8>,
    /// An empty buffer whose capacity is used for the next `tail`.
    spare: Vec<u8>,
    /// Bytes of the first piece that are written already.
    written: usize,
    /// Bytes that left, in whatever way, since the connection began.
    removed: u64,
}

impl Outgoing {
    /// True when there is nothing to write.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.tail.is_empty() && self.chunks.is_empty()
    }

    /// Bytes waiting here.
    #[inline]
    pub fn len(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.as_slice().len()).sum::<usize>() + self.tail.len() - self.written
    }

    /// The buffer at the end: packets are encoded into it.
    #[inline]
    pub fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.tail
    }

    /// Appends one packet without copying it.
    pub fn push_shared(&mut self, packet: SharedPacket) {
        if !self.tail.is_empty() {
            let bytes = std::mem::replace(&mut self.tail, std::mem::take(&mut self.spare));
            self.chunks.push_back(Chunk::Bytes(bytes));
        }
        self.chunks.push_back(Chunk::Shared(packet));
    }

    /// Drops everything.
    pub fn clear(&mut self) {
        self.removed += self.len() as u64;
        self.chunks.clear();
        self.tail.clear();
        self.written = 0;
    }

    /// Takes everything out. An emptied buffer may come back through [`Outgoing::give_back`].
    #[inline]
    pub fn take(&mut self) -> Outgoing {
        self.removed += self.len() as u64;
        Outgoing {
            chunks: std::mem::take(&mut self.chunks),
            tail: std::mem::replace(&mut self.tail, std::mem::take(&mut self.spare)),
            written: std::mem::take(&mut self.written),
            ..Outgoing::default()
        }
    }

    /// The pieces that are still to be written, in order, none of them empty.
    pub fn chunks(&self) -> impl Iterator<Item = &[u8]> {
        let tail = Some(self.tail.as_slice()).filter(|tail| !tail.is_empty());
        let mut skip = self.written;
        self.chunks
            .iter()
            .map(Chunk::as_slice)
            .chain(tail)
            .map(move |piece| piece.get(std::mem::take(&mut skip)..).unwrap_or_default())
    }

    /// That many bytes from the front were written.
    #[inline]
    pub fn advance(&mut self, count: usize) {
        self.removed += count as u64;
        let mut gone = self.written + count;
        while let Some(piece) =
            self.chunks.front().map(|chunk| chunk.as_slice().len()).filter(|&piece| gone >= piece)
        {
            self.chunks.pop_front();
            gone -= piece;
        }
        if self.chunks.is_empty() && gone >= self.tail.len() {
            self.tail.clear();
            gone = 0;
        }
        self.written = gone;
    }

    /// Offers a buffer whose capacity may be used again. Its contents are dropped.
    #[inline]
    pub fn give_back(&mut self, mut buffer: Vec<u8>) {
        if buffer.capacity() > LARGEST_SPARE_BUFFER || buffer.capacity() <= self.spare.capacity() {
            return;
        }
        buffer.clear();
        if self.tail.capacity() == 0 {
            self.tail = buffer;
        } else {
            self.spare = buffer;
        }
    }

    /// Takes everything out if it lies in one buffer, as it does unless packets are large; otherwise an empty
    /// buffer.
    #[inline]
    pub fn take_buffer(&mut self) -> Vec<u8> {
        if !self.chunks.is_empty() || self.written > 0 {
            return Vec::new();
        }
        self.removed += self.tail.len() as u64;
        std::mem::replace(&mut self.tail, std::mem::take(&mut self.spare))
    }

    /// One buffer of which the first bytes are written.
    pub fn of_buffer(tail: Vec<u8>, written: usize) -> Outgoing {
        Outgoing { tail, written, ..Outgoing::default() }
    }

    /// Takes back what was taken, now that everything in it is written.
    #[inline]
    pub fn recycle(&mut self, mut written: Outgoing) {
        self.give_back(std::mem::take(&mut written.tail));
    }

    /// Bytes ever queued on this connection.
    pub(super) fn queued_in_all(&self) -> u64 {
        self.removed + self.len() as u64
    }

    /// A new connection: nothing queued, nothing counted.
    pub(super) fn reset(&mut self) {
        self.clear();
        self.removed = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled() -> Outgoing {
        let mut outgoing = Outgoing::default();
        outgoing.bytes().extend_from_slice(b"one");
        outgoing.push_shared(SharedPacket::from(&b"two"[..]));
        outgoing.push_shared(SharedPacket::from(&b"three"[..]));
        outgoing.bytes().extend_from_slice(b"four");
        outgoing
    }

    fn contents(outgoing: &Outgoing) -> Vec<u8> {
        outgoing.chunks().flatten().copied().collect()
    }

    #[test]
    fn packets_keep_their_order_and_are_counted() {
        let mut outgoing = filled();
        assert_eq!(contents(&outgoing), b"onetwothreefour");
        assert_eq!(outgoing.len(), 15);
        let taken = outgoing.take();
        assert!(outgoing.is_empty() && !taken.is_empty());
        outgoing.bytes().extend_from_slice(b"more");
        assert_eq!(contents(&taken), b"onetwothreefour");
        assert_eq!(outgoing.queued_in_all(), 19);
        outgoing.clear();
        assert_eq!(outgoing.queued_in_all(), 19);
        outgoing.reset();
        assert_eq!(outgoing.queued_in_all(), 0);
    }

    #[test]
    fn written_bytes_leave_from_the_front_in_any_portion() {
        for portion in 1..=15 {
            let mut outgoing = filled();
            let mut seen = Vec::new();
            while !outgoing.is_empty() {
                let left = contents(&outgoing);
                let count = portion.min(left.len());
                seen.extend_from_slice(&left[..count]);
                outgoing.advance(count);
                assert_eq!(outgoing.len(), left.len() - count);
                assert!(outgoing.chunks().all(|piece| !piece.is_empty()));
                assert_eq!(outgoing.queued_in_all(), 15);
            }
            assert_eq!(seen, b"onetwothreefour");
        }
    }

    #[test]
    fn a_written_buffer_is_used_again() {
        let mut outgoing = Outgoing::default();
        outgoing.bytes().extend_from_slice(&[0; 100]);
        let taken = outgoing.take();
        outgoing.recycle(taken);
        assert!(outgoing.is_empty() && outgoing.bytes().capacity() >= 100);
        outgoing.give_back(Vec::with_capacity(LARGEST_SPARE_BUFFER + 1));
        assert!(outgoing.spare.capacity() <= LARGEST_SPARE_BUFFER);
    }
}
