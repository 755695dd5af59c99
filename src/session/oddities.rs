//! What a server does against the standard, and the one place that decides what becomes of it.

use super::Failure;
use super::client::Session;
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
}

impl Session {
    /// A strict session ends the connection whenever the server breaks the standard; otherwise only where the meaning of
    /// what follows is in doubt.
    pub fn set_strict(&mut self, strict: bool) {
        self.strict = strict;
    }

    /// Decides what becomes of a packet that breaks the standard: it is taken as it came and noted, or it ends the
    /// connection.
    #[cold]
    pub(super) fn judge(&mut self, frame: Frame<'_>, breaches: impl Into<Breaches>) -> Result<(), Failure> {
        let breaches = breaches.into();
        if self.strict {
            let first = breaches.iter().next();
            return first.map_or(Ok(()), |breach| Err(DecodeError::Breach(breach).into()));
        }
        if let Some(packet_type) = PacketType::of(frame.first_byte) {
            breaches.iter().for_each(|breach| self.oddities.note(packet_type, breach));
        }
        Ok(())
    }

    /// The server has broken the standard in a way that was not reported yet.
    #[inline]
    pub fn has_new_oddities(&self) -> bool {
        self.oddities.reported < self.oddities.seen.len()
    }

    /// Those of which this is true. They count as reported.
    pub fn take_new_oddities(&mut self) -> Vec<Oddity> {
        let new = self.oddities.seen.get(self.oddities.reported..).unwrap_or_default().to_vec();
        self.oddities.reported = self.oddities.seen.len();
        new
    }

    /// All oddities of the connection, which ends. They are forgotten.
    pub fn take_oddities(&mut self) -> Vec<Oddity> {
        std::mem::take(&mut self.oddities).seen
    }
}
