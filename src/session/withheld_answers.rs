//! Answers to received packets that wait for the application, in the order in which they will be sent.

use std::collections::VecDeque;
use std::sync::Arc;

use super::packet_id_map::PacketIdMap;
use crate::protocol::{AcknowledgementType, PacketId};

/// Connections are numbered up to this, then from 1 again: the name of a message is a positive number in C.
const LAST_CONNECTION: u16 = 0x7fff;

/// An answer that has not been queued.
#[derive(Debug)]
pub(super) struct Withheld {
    pub(super) id: PacketId,
    pub(super) kind: AcknowledgementType,
    /// By the application.
    pub(super) acknowledged: bool,
    /// What it answers has come. If not, the message was delivered before its release.
    pub(super) asked_for: bool,
    /// The server does not wait for it any more: nothing is sent.
    pub(super) void: bool,
    /// The packet, to be stored when the message is acknowledged.
    pub(super) packet: Option<Arc<Vec<u8>>>,
}

impl Withheld {
    fn is_due(&self) -> bool {
        self.acknowledged && self.asked_for
    }
}

/// The answers that are withheld.
#[derive(Debug, Default)]
pub(super) struct WithheldAnswers {
    /// The connection that they belong to, from 1 on.
    pub(super) connection: u16,
    /// In the order in which they are sent.
    order: VecDeque<Withheld>,
    /// How many were taken out of the order on this connection.
    sent: usize,
    /// The places of those in it, counted from the first of the connection.
    places: PacketIdMap<usize>,
    pub(super) unacknowledged: usize,
    /// Bytes of the packets to be stored, and of answers that are void.
    pub(super) bytes: usize,
}

impl WithheldAnswers {
    pub(super) fn begin_connection(&mut self) {
        self.connection = self.connection % LAST_CONNECTION + 1;
        self.end_connection();
    }

    pub(super) fn end_connection(&mut self) {
        *self = WithheldAnswers { connection: self.connection, ..WithheldAnswers::default() };
    }

    pub(super) fn contains(&self, id: PacketId) -> bool {
        self.places.contains(id)
    }

    pub(super) fn get_mut(&mut self, id: PacketId) -> Option<&mut Withheld> {
        let place = *self.places.get(id)?;
        self.order.get_mut(place - self.sent)
    }

    /// False: there is one for this identifier already.
    pub(super) fn push(&mut self, withheld: Withheld) -> bool {
        if self.contains(withheld.id) {
            return false;
        }
        self.places.insert(withheld.id, self.sent + self.order.len());
        self.unacknowledged += usize::from(!withheld.acknowledged);
        self.bytes += size(withheld.packet.as_ref());
        self.order.push_back(withheld);
        true
    }

    /// The kind of the answer, and the packet to be stored. `None`: no such message waits.
    pub(super) fn acknowledge(
        &mut self,
        id: PacketId,
    ) -> Option<(AcknowledgementType, Option<Arc<Vec<u8>>>)> {
        let withheld = self.get_mut(id).filter(|withheld| !withheld.acknowledged)?;
        withheld.acknowledged = true;
        let (kind, packet) = (withheld.kind, withheld.packet.take());
        self.unacknowledged -= 1;
        self.bytes -= size(packet.as_ref());
        Some((kind, packet))
    }

    /// The first, if it may be sent.
    pub(super) fn take_due(&mut self) -> Option<(AcknowledgementType, PacketId)> {
        loop {
            self.order.front().filter(|first| first.is_due())?;
            let due = self.order.pop_front()?;
            self.sent += 1;
            if !due.void {
                self.places.remove(due.id);
                return Some((due.kind, due.id));
            }
            self.bytes -= size_of::<Withheld>();
        }
    }

    /// The server has released a message without waiting for PUBREC: its identifier may come with another one.
    pub(super) fn forget_pubrec(&mut self, id: PacketId) {
        if self.get_mut(id).is_none_or(|withheld| withheld.kind != AcknowledgementType::PubRec) {
            return;
        }
        self.acknowledge(id);
        if let Some(withheld) = self.get_mut(id) {
            withheld.void = true;
            // It stays in the order, where a server could pile them up.
            self.bytes += size_of::<Withheld>();
        }
        self.places.remove(id);
    }
}

fn size(packet: Option<&Arc<Vec<u8>>>) -> usize {
    packet.map_or(0, |packet| packet.capacity())
}
