//! Acknowledgements that the server has not read yet, and what follows when nothing is read from a server that has too many
//! of them before it.

use super::Moment;
use super::client::{Phase, Session};

/// With so many bytes of unsent acknowledgements nothing more is to be read: what one more read can add to them makes at
/// most 256 KiB in all.
const MOST_UNSENT: u64 = 192 << 10;

/// From here on it is looked at what was written, so that the count is true when it comes near the bound.
const WORTH_A_LOOK: u64 = MOST_UNSENT / 4;

/// Without keep-alive, a server that has taken nothing for this long, though something waits and nothing more is read
/// from it, counts as gone. Milliseconds.
const LONGEST_STALL: u64 = 60_000;

/// Counts acknowledgements in a byte stream that has other packets between them. Only two places of the stream are
/// remembered, so the count is what was queued since the older of them: never too small, and exact when the stream is
/// written to its end.
#[derive(Debug, Default)]
pub(super) struct UnsentAcknowledgements {
    /// Bytes of acknowledgements queued on this connection.
    queued: u64,
    /// As many of them were written, at least.
    written: u64,
    /// Everything up to here in the stream, with so many bytes of acknowledgements, is watched for being written.
    mark: (u64, u64),
}

impl UnsentAcknowledgements {
    /// One more was queued.
    #[inline]
    pub(super) fn add(&mut self, length: usize) {
        self.queued += length as u64;
    }

    /// Bytes that may be unwritten.
    #[inline]
    fn unwritten(&self) -> u64 {
        self.queued - self.written
    }

    /// Takes account of what was written. `written` and `end`: places in the stream.
    fn advance(&mut self, written: u64, end: u64) {
        // The second time for the mark that the first has set.
        for _ in 0..2 {
            if written >= self.mark.0 {
                self.written = self.mark.1;
                self.mark = (end, self.queued);
            }
        }
    }
}

impl Session {
    /// So many acknowledgements wait for the server to read them that it should not be read from.
    #[inline]
    pub fn owes_too_much(&mut self) -> bool {
        self.unsent_acknowledgements.unwritten() >= WORTH_A_LOOK && self.still_owes_too_much()
    }

    #[cold]
    fn still_owes_too_much(&mut self) -> bool {
        let (written, end) = (self.written, self.queued_in_all());
        self.unsent_acknowledgements.advance(written, end);
        self.unsent_acknowledgements.unwritten() >= MOST_UNSENT
    }

    /// Nothing more is read from the server for a while. PINGREQ still goes out; a missing PINGRESP means nothing
    /// meanwhile. [`next_deadline`](Session::next_deadline) must be asked again.
    pub fn reading_stopped(&mut self, now: Moment) {
        self.keep_alive.reading_stopped(now);
    }

    /// What the server sends is read again.
    pub fn reading_resumed(&mut self, now: Moment) {
        self.keep_alive.reading_resumed(now);
    }

    /// CONNECT was queued, and CONNACK has not come.
    #[inline]
    pub fn awaits_connack(&self) -> bool {
        self.phase == Phase::Connecting
    }

    /// When a server without keep-alive that takes nothing counts as gone.
    #[inline]
    pub(super) fn end_of_stall(&self) -> Option<Moment> {
        let since = self.keep_alive.stalled_since()?;
        (self.unwritten() > 0).then(|| since.plus_millis(LONGEST_STALL))
    }
}
