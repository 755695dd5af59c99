//! Acknowledgements that the server has not read yet, and what follows when nothing is read from a server that has too many
//! of them before it.

/// With so many bytes of unsent acknowledgements nothing more is to be read: what one more read can add to them makes at
/// most 256 KiB in all.
const MOST_UNSENT: u64 = 192 << 10;

/// From here on it is looked at what was written, so that the count is true when it comes near the bound.
const WORTH_A_LOOK: u64 = MOST_UNSENT / 4;

/// Counts acknowledgements in a byte stream that has other packets between them. Only two places of the stream are
/// remembered, so the count is what was queued since the older of them: never too small, and exact when the stream is
/// written to its end.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    /// Bytes of acknowledgements queued on this connection.
    queued: u64,
    /// As many of them were written, at least.
    written: u64,
    /// Everything up to here in the stream, with so many bytes of acknowledgements, is watched for being written.
    mark: (u64, u64),
}

impl Backlog {
    /// One more was queued.
    #[inline]
    pub(super) fn add(&mut self, length: usize) {
        self.queued += length as u64;
    }

    /// So many that nothing more is to be read, perhaps: see [`are_too_many`](Backlog::are_too_many).
    #[inline]
    pub(super) fn may_be_too_many(&self) -> bool {
        self.unwritten() >= WORTH_A_LOOK
    }

    /// The same for certain. `written` and `end`: places in the stream.
    pub(super) fn are_too_many(&mut self, written: u64, end: u64) -> bool {
        self.advance(written, end);
        self.unwritten() >= MOST_UNSENT
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
