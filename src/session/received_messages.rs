//! Received QoS 2 messages that the server has not released yet.

use std::collections::VecDeque;

use super::ReceivedMessage;
use super::packet_id_map::PacketIdMap;
use crate::protocol::PacketId;

/// Outdated entries are taken out of the order when there are more than this beside the others.
const MOST_OUTDATED: usize = 64;

/// What is known of a received QoS 2 message whose PUBREL has not come.
#[derive(Debug)]
pub(super) enum Received {
    /// Version 5: delivered when it came. 3.x: delivered before its release, to make room.
    Delivered,
    /// 3.x: to be delivered on PUBREL. The number says when it came.
    Stored(ReceivedMessage, u64),
    /// 3.x: delivered, and to be delivered again on another connection until the application acknowledges it.
    Offered(ReceivedMessage),
}

/// By packet id, and those that are stored in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct ReceivedMessages {
    table: PacketIdMap<Received>,
    /// The stored ones, with some among them that are gone.
    order: VecDeque<(PacketId, u64)>,
    next: u64,
    pub(super) stored: usize,
    pub(super) bytes: usize,
    pub(super) offered_bytes: usize,
    /// Messages that an earlier process has queued for the application, in case they come again.
    pub(super) queued_before: PacketIdMap<QueuedBefore>,
    /// Memory for those that come next.
    pub(super) spare: SparePackets,
}

impl ReceivedMessages {
    pub(super) fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    pub(super) fn get(&self, id: PacketId) -> Option<&Received> {
        self.table.get(id)
    }

    pub(super) fn clear(&mut self) {
        *self = ReceivedMessages::default();
    }

    pub(super) fn insert_delivered(&mut self, id: PacketId) {
        let before = self.table.insert(id, Received::Delivered);
        self.forget(before.as_ref());
    }

    /// A message that takes the place of an earlier one with its id has the place of that in the order too.
    pub(super) fn insert_stored(&mut self, id: PacketId, message: ReceivedMessage) {
        let number = match self.table.get(id) {
            Some(Received::Stored(_, number)) => *number,
            _ => {
                self.next += 1;
                self.order.push_back((id, self.next));
                self.next
            }
        };
        self.stored += 1;
        self.bytes += message.size();
        let before = self.table.insert(id, Received::Stored(message, number));
        self.forget(before.as_ref());
    }

    pub(super) fn remove(&mut self, id: PacketId) -> Option<Received> {
        let removed = self.table.remove(id)?;
        self.forget(Some(&removed));
        Some(removed)
    }

    /// The stored message that has waited longest.
    pub(super) fn oldest(&self) -> Option<PacketId> {
        self.order.front().map(|(id, _)| *id)
    }

    /// Takes out the message that has waited longest. It counts as delivered.
    pub(super) fn take_oldest(&mut self) -> Option<(PacketId, ReceivedMessage)> {
        let id = self.oldest()?;
        let received = self.table.insert(id, Received::Delivered)?;
        self.forget(Some(&received));
        match received {
            Received::Stored(message, _) => Some((id, message)),
            Received::Delivered | Received::Offered(_) => None,
        }
    }

    /// The message, which is kept in case it is to be delivered again.
    pub(super) fn offer(&mut self, id: PacketId) -> Option<ReceivedMessage> {
        let message = match self.table.get(id)? {
            Received::Stored(message, _) => message.clone(),
            Received::Offered(message) => message.repeated(),
            Received::Delivered => return None,
        };
        self.offered_bytes += message.size();
        let before = self.table.insert(id, Received::Offered(message.clone()));
        self.forget(before.as_ref());
        Some(message)
    }

    /// Takes account of one that is gone. The first in the order is one that is there, whenever this has returned.
    fn forget(&mut self, gone: Option<&Received>) {
        if let Some(Received::Offered(message)) = gone {
            self.offered_bytes -= message.size();
        }
        let Some(Received::Stored(message, _)) = gone else { return };
        self.stored -= 1;
        self.bytes -= message.size();
        while self.order.front().is_some_and(|first| !self.is_current(*first)) {
            self.order.pop_front();
        }
        if self.order.len() > 2 * self.stored + MOST_OUTDATED {
            let table = &self.table;
            self.order.retain(|(id, number)| is_current(table, *id, *number));
        }
    }

    fn is_current(&self, (id, number): (PacketId, u64)) -> bool {
        is_current(&self.table, id, number)
    }
}

fn is_current(table: &PacketIdMap<Received>, id: PacketId, number: u64) -> bool {
    matches!(table.get(id), Some(Received::Stored(_, current)) if *current == number)
}

/// A QoS 2 message of an earlier life that waits for the application. In version 5 it was queued before it was stored: if the server sends it again, it is not to be delivered
/// again.
#[derive(Debug)]
pub(super) struct QueuedBefore {
    pub(super) topic: Box<[u8]>,
    pub(super) payload: Box<[u8]>,
}

/// What is more than this is given back. As much as the application may have had before the next read.
const MOST_SPARE_BYTES: usize = 1 << 20;

/// Emptied packets: memory of messages that the application has had, for those to come.
///
/// Messages of QoS 2 that wait in number are received by one thread and handed over by another. The C library gives
/// each thread memory of its own, which another one does not use: when the threads change their parts it would hold all
/// of it twice.
#[derive(Debug, Default)]
pub(super) struct SparePackets {
    packets: Vec<Vec<u8>>,
    bytes: usize,
}

impl SparePackets {
    pub(super) fn give(&mut self, packet: Vec<u8>) {
        if self.bytes + packet.capacity() <= MOST_SPARE_BYTES {
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
    use crate::protocol::Version;
    use std::sync::Arc;

    fn id(number: u16) -> PacketId {
        PacketId::new(number).unwrap()
    }

    fn message(size: usize) -> ReceivedMessage {
        ReceivedMessage::of_decoded(Arc::new(vec![0; size]), Version::V311)
    }

    #[test]
    fn the_oldest_is_the_one_that_came_first_of_those_that_are_there() {
        let mut received = ReceivedMessages::default();
        (1..=5).for_each(|number| received.insert_stored(id(number), message(10)));
        received.remove(id(1));
        received.remove(id(3));
        received.insert_stored(id(2), message(20));
        received.insert_stored(id(1), message(10));
        received.insert_delivered(id(4));
        assert_eq!((received.stored, received.bytes), (3, 40));
        let order =
            std::iter::from_fn(|| received.take_oldest()).map(|(id, message)| (id.get(), message.size()));
        assert_eq!(order.collect::<Vec<_>>(), [(2, 20), (5, 10), (1, 10)]);
        assert_eq!((received.stored, received.bytes), (0, 0));
        assert!(matches!(received.remove(id(5)), Some(Received::Delivered)));
    }

    #[test]
    fn what_is_gone_does_not_fill_the_order() {
        let mut received = ReceivedMessages::default();
        received.insert_stored(id(1), message(1));
        for round in 0..100_000_u32 {
            let number = id((round % 10) as u16 + 2);
            received.insert_stored(number, message(1));
            received.remove(number);
            assert!(received.order.len() <= MOST_OUTDATED + 2);
        }
        assert_eq!(received.take_oldest().map(|(id, _)| id.get()), Some(1));
    }

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
    fn spare_packets_do_not_fill_the_memory() {
        let mut spare = SparePackets::default();
        (0..2000).for_each(|_| spare.give(Vec::with_capacity(1000)));
        assert_eq!((spare.bytes, spare.packets.len()), (1_048_000, 1048));
        spare.give(Vec::with_capacity(MOST_SPARE_BYTES));
        assert_eq!(spare.packets.len(), 1048);
    }
}
