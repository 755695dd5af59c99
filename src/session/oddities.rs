//! What a server does against the standard, and the one place that decides what becomes of it.

use super::Failure;
use crate::protocol::{Breach, Breaches, DecodeError, Frame, PacketType};

/// How often a server broke the standard in one way on this connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Oddity {
    /// The packet.
    pub packet_type: PacketType,
    /// What is wrong with it.
    pub breach: Breach,
    /// So many times up to now.
    pub count: u64,
}

/// The oddities of one connection. Their number is limited by those of packet types and breaches.
#[derive(Debug, Default)]
pub(super) struct Oddities {
    seen: Vec<Oddity>,
    /// As many of them have been reported.
    reported: usize,
}

impl Oddities {
    /// For what ends no connection, in a strict session either.
    pub(super) fn note(&mut self, packet_type: PacketType, breach: Breach) {
        let known = |oddity: &&mut Oddity| oddity.packet_type == packet_type && oddity.breach == breach;
        match self.seen.iter_mut().find(known) {
            Some(oddity) => oddity.count += 1,
            None => self.seen.push(Oddity { packet_type, breach, count: 1 }),
        }
    }

    /// Decides what becomes of a packet that breaks the standard: it is taken as it came and noted, or, in a `strict`
    /// session, it ends the connection.
    pub(super) fn judge(
        &mut self,
        frame: Frame<'_>,
        breaches: Breaches,
        strict: bool,
    ) -> Result<(), Failure> {
        if strict {
            let first = breaches.iter().next();
            return first.map_or(Ok(()), |breach| Err(DecodeError::Breach(breach).into()));
        }
        if let Some(packet_type) = PacketType::of(frame.first_byte) {
            breaches.iter().for_each(|breach| self.note(packet_type, breach));
        }
        Ok(())
    }

    /// Some were not reported yet.
    #[inline]
    pub(super) fn has_new(&self) -> bool {
        self.reported < self.seen.len()
    }

    /// Those that were not reported yet. They count as reported.
    pub(super) fn take_new(&mut self) -> Vec<Oddity> {
        let new = self.seen.get(self.reported..).unwrap_or_default().to_vec();
        self.reported = self.seen.len();
        new
    }

    /// All of them. They are forgotten.
    pub(super) fn take(&mut self) -> Vec<Oddity> {
        std::mem::take(self).seen
    }
}
