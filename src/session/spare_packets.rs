//! Memory of messages that the application has had, for those to come.
//!
//! Messages of QoS 2 that wait in number are received by one thread and handed over by another. The C library gives each
//! thread memory of its own, which another one does not use: when the threads change their parts it would hold all of it
//! twice.

/// What is more than this is given back. As much as the application may have had before the next read.
const MOST_BYTES: usize = 1 << 20;

/// Emptied packets.
#[derive(Debug, Default)]
pub(super) struct SparePackets {
    packets: Vec<Vec<u8>>,
    bytes: usize,
}

impl SparePackets {
    pub(super) fn give(&mut self, packet: Vec<u8>) {
        if self.bytes + packet.capacity() <= MOST_BYTES {
            self.bytes += packet.capacity();
            self.packets.push(packet);
        }
    }

    /// Room for so many bytes, and for not many more.
    pub(super) fn take(&mut self, length: usize) -> Vec<u8> {
        let Some(mut packet) = self.packets.pop() else { return Vec::with_capacity(length) };
        self.bytes -= packet.capacity();
        if packet.capacity() < length || packet.capacity() / 2 > length {
            return Vec::with_capacity(length);
        }
        packet.clear();
        packet
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_used_again() {
        let mut spare = SparePackets::default();
        for (given, asked, is_used) in [(100, 200, false), (1000, 600, true), (1000, 100, false)] {
            spare.give(vec![1; given]);
            let taken = spare.take(asked);
            assert_eq!((taken.len(), taken.capacity()), (0, if is_used { given } else { asked }));
        }
        assert_eq!((spare.bytes, spare.take(10).capacity()), (0, 10));
    }

    #[test]
    fn they_do_not_fill_the_memory() {
        let mut spare = SparePackets::default();
        (0..2000).for_each(|_| spare.give(Vec::with_capacity(1000)));
        assert_eq!((spare.bytes, spare.packets.len()), (1_048_000, 1048));
        spare.give(Vec::with_capacity(MOST_BYTES));
        assert_eq!(spare.packets.len(), 1048);
    }
}
