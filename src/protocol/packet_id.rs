//! Packet identifiers.

use core::fmt;

/// A packet identifier. Those given out by this side are never 0, which [`PacketId::new`] guarantees; a server may send 0
/// against the standard, and has it acknowledged like any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PacketId(u16);

impl PacketId {
    /// The smallest that is given out.
    pub const MIN: PacketId = PacketId(1);
    /// The largest.
    pub const MAX: PacketId = PacketId(u16::MAX);

    /// The identifier with this number; `None` for 0.
    #[inline]
    pub fn new(number: u16) -> Option<PacketId> {
        (number != 0).then_some(PacketId(number))
    }

    /// The identifier in a received packet, 0 included.
    #[inline]
    pub fn received(number: u16) -> PacketId {
        PacketId(number)
    }

    /// The number.
    #[inline]
    pub fn get(self) -> u16 {
        self.0
    }
}

impl From<PacketId> for u16 {
    #[inline]
    fn from(id: PacketId) -> u16 {
        id.0
    }
}

impl fmt::Display for PacketId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
