//! Outgoing QoS 1 and 2 messages that are not complete, in sending order.

use super::packet_id_map::PacketIdMap;
use super::{Moment, SharedPacket};
use crate::protocol::{AcknowledgementType, PacketId, QoS, Version};

/// "No message" among the places.
const NOWHERE: u16 = u16::MAX;
/// More places than this are given back when the last message is complete.
const KEPT_PLACES: usize = 256;

/// The answer a new message waits for; `None` for QoS 0.
#[inline]
pub(super) fn first_answer(qos: QoS) -> Option<AcknowledgementType> {
    match qos {
        QoS::AtMostOnce => None,
        QoS::AtLeastOnce => Some(AcknowledgementType::PubAck),
        QoS::ExactlyOnce => Some(AcknowledgementType::PubRec),
    }
}

/// One message.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) id: PacketId,
    /// PUBACK, PUBREC, or PUBCOMP once PUBREL has taken the place of the PUBLISH.
    pub(super) awaited: AcknowledgementType,
    /// The version in which `packet` is encoded.
    pub(super) version: Version,
    /// The PUBLISH went out on this connection: it counts for the server's Receive Maximum.
    pub(super) counts: bool,
    /// It may be sent on another connection, and is stored. False: it fails when this one ends.
    pub(super) lasts: bool,
    /// PUBREL was sent on an earlier connection, or before, and again since.
    pub(super) release_repeated: bool,
    /// Its time was over: the application knows that it has failed.
    pub(super) given_up: bool,
    /// The encoded PUBLISH; `None` after PUBREC, and if it is given up.
    pub(super) packet: Option<SharedPacket>,
    /// When it, or its PUBREL, was queued last.
    pub(super) sent_at: Moment,
    previous: u16,
    next: u16,
}

impl Message {
    #[inline]
    pub(super) fn new(
        id: PacketId,
        awaited: AcknowledgementType,
        version: Version,
        packet: Option<SharedPacket>,
        sent_at: Moment,
    ) -> Message {
        Message {
            id,
            awaited,
            version,
            counts: false,
            lasts: true,
            release_repeated: false,
            given_up: false,
            packet,
            sent_at,
            previous: NOWHERE,
            next: NOWHERE,
        }
    }
}

/// A place in the list, good until the message there is removed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Place(u16);

/// The messages: a slab with a doubly linked list through it, and an index by packet id. Every operation
/// takes constant time, in whatever order messages complete.
#[derive(Debug)]
pub(super) struct InFlight {
    places: Vec<Message>,
    index: PacketIdMap<u16>,
    count: usize,
    first: u16,
    last: u16,
    /// Free places, linked through `next`.
    free: u16,
}

impl Default for InFlight {
    fn default() -> Self {
        InFlight {
            places: Vec::new(),
            index: PacketIdMap::default(),
            count: 0,
            first: NOWHERE,
            last: NOWHERE,
            free: NOWHERE,
        }
    }
}

impl InFlight {
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.count
    }

    #[inline]
    pub(super) fn contains(&self, id: PacketId) -> bool {
        self.index.contains(id)
    }

    #[inline]
    pub(super) fn get(&self, id: PacketId) -> Option<&Message> {
        self.at(Place(*self.index.get(id)?))
    }

    #[inline]
    pub(super) fn get_mut(&mut self, id: PacketId) -> Option<&mut Message> {
        let place = Place(*self.index.get(id)?);
        self.at_mut(place)
    }

    #[inline]
    pub(super) fn at(&self, place: Place) -> Option<&Message> {
        self.places.get(usize::from(place.0))
    }

    #[inline]
    pub(super) fn at_mut(&mut self, place: Place) -> Option<&mut Message> {
        self.places.get_mut(usize::from(place.0))
    }

    /// The message sent last.
    #[inline]
    pub(super) fn last(&self) -> Option<&Message> {
        self.at(Place(self.last))
    }

    /// The oldest message.
    pub(super) fn first(&self) -> Option<Place> {
        place(self.first)
    }

    /// The message sent after the one at `place`.
    pub(super) fn after(&self, place: Place) -> Option<Place> {
        self::place(self.at(place)?.next)
    }

    /// In sending order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Message> {
        let mut next = self.first();
        std::iter::from_fn(move || {
            let place = next?;
            next = self.after(place);
            self.at(place)
        })
    }

    /// Puts a message at the end. Its id must not be in flight.
    #[inline]
    pub(super) fn push(&mut self, mut message: Message) {
        let id = message.id;
        message.previous = self.last;
        let place = self.occupy(message);
        match self.at_mut(Place(self.last)) {
            Some(last) => last.next = place,
            None => self.first = place,
        }
        self.last = place;
        self.index.insert(id, place);
        self.count += 1;
    }

    /// Takes a message out; gives its place, no longer good, and its successor.
    #[inline]
    pub(super) fn remove(&mut self, id: PacketId) -> Option<Removed> {
        let place = Place(self.index.remove(id)?);
        let free = self.free;
        let message = self.at_mut(place)?;
        message.packet = None;
        let (previous, next) = (message.previous, std::mem::replace(&mut message.next, free));
        let (counted, lasts) = (std::mem::take(&mut message.counts), message.lasts);
        let given_up = message.given_up;
        self.free = place.0;
        match self.at_mut(Place(previous)) {
            Some(before) => before.next = next,
            None => self.first = next,
        }
        match self.at_mut(Place(next)) {
            Some(behind) => behind.previous = previous,
            None => self.last = previous,
        }
        self.count -= 1;
        if self.count == 0 && self.places.len() > KEPT_PLACES {
            *self = InFlight::default();
        }
        Some(Removed { place, next: self::place(next), counted, lasts, given_up })
    }

    /// Puts a message into a free place, or a new one. There is always one: places are as many as ids.
    #[inline]
    fn occupy(&mut self, message: Message) -> u16 {
        let free = self.free;
        match self.at_mut(Place(free)) {
            Some(vacant) => {
                let next_free = vacant.next;
                *vacant = message;
                self.free = next_free;
                free
            }
            None => {
                self.places.push(message);
                (self.places.len() - 1) as u16
            }
        }
    }
}

/// What is left of a removed message.
pub(super) struct Removed {
    pub(super) place: Place,
    pub(super) next: Option<Place>,
    pub(super) counted: bool,
    pub(super) lasts: bool,
    pub(super) given_up: bool,
}

fn place(index: u16) -> Option<Place> {
    (index != NOWHERE).then_some(Place(index))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;

    fn id(number: u16) -> PacketId {
        PacketId::new(number).unwrap()
    }

    fn push(in_flight: &mut InFlight, number: u16) {
        let packet = Some(SharedPacket::from(&[0u8; 4][..]));
        in_flight.push(Message::new(
            id(number),
            AcknowledgementType::PubAck,
            Version::V311,
            packet,
            Moment(0),
        ));
    }

    fn order(in_flight: &InFlight) -> Vec<u16> {
        in_flight.iter().map(|message| message.id.get()).collect()
    }

    #[test]
    fn order_is_kept_whatever_completes() {
        let mut in_flight = InFlight::default();
        let mut model = VecDeque::new();
        let mut random = 7u32;
        for _ in 0..20_000 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let number = (random >> 16) as u16 % 100 + 1;
            if in_flight.contains(id(number)) {
                assert!(in_flight.remove(id(number)).is_some());
                model.retain(|known| *known != number);
            } else {
                push(&mut in_flight, number);
                model.push_back(number);
            }
            assert_eq!(model, order(&in_flight));
            assert_eq!(in_flight.len(), model.len());
        }
        assert!(in_flight.places.len() <= 100);
    }

    #[test]
    fn every_id_fits_and_the_memory_goes_with_the_last() {
        let mut in_flight = InFlight::default();
        for number in 1..=u16::MAX {
            push(&mut in_flight, number);
        }
        assert_eq!(in_flight.len(), 65_535);
        for number in (1..=u16::MAX).rev() {
            assert!(in_flight.remove(id(number)).is_some());
            assert!(in_flight.remove(id(number)).is_none());
        }
        assert_eq!(in_flight.places.capacity(), 0);
        assert_eq!(order(&in_flight), []);
    }
}
