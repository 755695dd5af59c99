//! Packets in memory that several hold: a queue to the socket, a message in flight, a completion.

use std::collections::VecDeque;
use std::ops::Deref;
use std::sync::Arc;

/// Payloads of at least this many bytes are not copied into the outgoing buffer: QoS 1 and 2 packets are
/// queued as [`Chunk::Shared`](super::Chunk), QoS 0 payloads follow from the caller's memory.
pub const LARGE_PAYLOAD: usize = 8192;

/// A whole packet. It never changes.
#[derive(Clone, Debug)]
pub struct SharedPacket(Memory);

#[derive(Clone, Debug)]
enum Memory {
    /// In a block of its own.
    Alone(Arc<[u8]>),
    /// Together with others.
    Within { block: Arc<Vec<u8>>, start: u32, length: u32 },
}

impl SharedPacket {
    /// `head` followed by `tail`.
    pub(super) fn join(head: &[u8], tail: &[u8]) -> SharedPacket {
        // An iterator of known length is the one safe way to a shared slice with a single allocation. Memory that is not
        // cleared first would be a Vec, with a second one for its count: then the C library returns the memory of large packets
        // to the system and fetches it again, which takes longer than the clearing.
        let mut joined: Arc<[u8]> = std::iter::repeat_n(0, head.len() + tail.len()).collect();
        let halves = Arc::get_mut(&mut joined).and_then(|bytes| bytes.split_at_mut_checked(head.len()));
        if let Some((front, back)) = halves {
            front.copy_from_slice(head);
            back.copy_from_slice(tail);
        }
        SharedPacket(Memory::Alone(joined))
    }

    /// A part of a block.
    #[inline]
    #[allow(
        clippy::cast_possible_truncation,
        reason = "a packet is shorter than 2^28 bytes, a block hardly longer"
    )]
    fn within(block: &Arc<Vec<u8>>, start: usize, length: usize) -> SharedPacket {
        SharedPacket(Memory::Within { block: block.clone(), start: start as u32, length: length as u32 })
    }
}

impl Deref for SharedPacket {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match &self.0 {
            Memory::Alone(bytes) => bytes,
            Memory::Within { block, start, length } => {
                let start = *start as usize;
                block.get(start..start + *length as usize).unwrap_or_default()
            }
        }
    }
}

impl PartialEq for SharedPacket {
    fn eq(&self, other: &SharedPacket) -> bool {
        **self == **other
    }
}

impl Eq for SharedPacket {}

impl From<&[u8]> for SharedPacket {
    #[inline]
    fn from(bytes: &[u8]) -> SharedPacket {
        SharedPacket(Memory::Alone(Arc::from(bytes)))
    }
}

impl From<Arc<[u8]>> for SharedPacket {
    fn from(bytes: Arc<[u8]>) -> SharedPacket {
        SharedPacket(Memory::Alone(bytes))
    }
}

impl From<Vec<u8>> for SharedPacket {
    fn from(bytes: Vec<u8>) -> SharedPacket {
        let length = bytes.len();
        SharedPacket::within(&Arc::new(bytes), 0, length)
    }
}

/// A block takes packets as long as it has no more than this.
const MOST_IN_A_BLOCK: usize = 64 << 10;

/// The first packet of a block makes it this large.
const NEW_BLOCK: usize = 2 << 10;

/// A block that is done with is used again unless it is larger than this, so that an idle client holds little.
const LARGEST_USED_AGAIN: usize = 16 << 10;
const MOST_USED_AGAIN: usize = 4;

/// Packets that are kept for a short time, first in, first out. Many lie in one block: memory that one thread allocates and
/// another one frees takes longer than everything else that is done with a small message.
#[derive(Debug, Default)]
pub(super) struct PacketLog {
    /// Packets are put at its end, as long as nobody else holds it: none of them was taken out.
    open: Arc<Vec<u8>>,
    /// The blocks before it, from the first one on that has a packet which was not taken out.
    blocks: VecDeque<Arc<Vec<u8>>>,
    /// How many there have been before these.
    gone: u64,
    /// Blocks whose packets were all taken out: memory for those to come, as soon as nobody else holds them.
    used: Vec<Arc<Vec<u8>>>,
}

/// Where a packet lies in the log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Logged {
    block: u64,
    start: usize,
    length: usize,
}

impl PacketLog {
    /// Puts a copy of a packet behind the others.
    #[inline]
    pub(super) fn push(&mut self, packet: &[u8]) -> Logged {
        let length = packet.len();
        if self.open.capacity() - self.open.len() < length {
            self.make_room(length);
        }
        let start = self.open.len();
        if let Some(open) = Arc::get_mut(&mut self.open) {
            open.extend_from_slice(packet);
        }
        Logged { block: self.gone + self.blocks.len() as u64, start, length }
    }

    #[inline(never)]
    fn make_room(&mut self, length: usize) {
        if self.open.len() + length > MOST_IN_A_BLOCK {
            self.close_block();
        }
        if let Some(open) = Arc::get_mut(&mut self.open) {
            open.reserve(length.max(NEW_BLOCK));
        }
    }

    fn close_block(&mut self) {
        let free = self.used.iter_mut().position(|block| Arc::get_mut(block).is_some());
        let mut next = free.map(|at| self.used.swap_remove(at)).unwrap_or_default();
        Arc::get_mut(&mut next).into_iter().for_each(Vec::clear);
        self.blocks.push_back(std::mem::replace(&mut self.open, next));
    }

    /// Takes out a packet and those before it. What was put in after it stays.
    #[inline]
    pub(super) fn take(&mut self, place: Logged) -> SharedPacket {
        while self.gone < place.block {
            self.remove_first();
        }
        if self.blocks.is_empty() {
            self.close_block();
        }
        match self.blocks.front() {
            Some(block) => SharedPacket::within(block, place.start, place.length),
            None => SharedPacket::from(Vec::new()),
        }
    }

    fn remove_first(&mut self) {
        let Some(block) = self.blocks.pop_front() else { return };
        self.gone += 1;
        if block.capacity() <= LARGEST_USED_AGAIN && self.used.len() < MOST_USED_AGAIN {
            self.used.push(block);
        }
    }

    /// Nothing in it is needed any more.
    pub(super) fn clear(&mut self) {
        if !self.open.is_empty() {
            self.close_block();
        }
        while !self.blocks.is_empty() {
            self.remove_first();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_pieces_become_one_packet() {
        for length in [0, 10, LARGE_PAYLOAD, 70_000] {
            let tail = vec![7; length];
            let packet = SharedPacket::join(b"head", &tail);
            assert_eq!(*packet, [&b"head"[..], &tail].concat());
        }
    }

    #[test]
    fn packets_come_out_as_they_were_put_in() {
        let mut log = PacketLog::default();
        let packet = |number: usize| vec![number as u8; number * 37 % 9000];
        let (mut places, mut taken) = (VecDeque::new(), VecDeque::new());
        let mut out = 0;
        for number in 0..5000 {
            places.push_back(log.push(&packet(number)));
            for _ in 0..number % 3 {
                let Some(place) = places.pop_front() else { break };
                taken.push_back((out, log.take(place)));
                out += 1;
            }
            while taken.len() > number % 50 {
                let (number, held) = taken.pop_front().unwrap();
                assert_eq!(*held, *packet(number));
            }
        }
    }

    #[test]
    fn memory_is_used_again_when_nobody_holds_it() {
        let mut log = PacketLog::default();
        let mut seen = Vec::new();
        for _ in 0..100 {
            let place = log.push(&[1; 100]);
            let packet = log.take(place);
            seen.push(packet.as_ptr());
            log.clear();
        }
        seen.sort_unstable();
        seen.dedup();
        assert!(seen.len() <= MOST_USED_AGAIN, "{}", seen.len());
        assert!(log.used.len() <= MOST_USED_AGAIN);
    }
}
