//! How much may wait for the application.

/// A call that waits for an answer has reading go on up to so many times the bound.
const FOR_A_CALL: usize = 16;

/// From this many entries on, or this many bytes of memory held by them, nothing more is read from the connection until
/// some are taken - unless a call waits for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) struct Bounds {
    pub(in crate::engine) entries: usize,
    pub(in crate::engine) bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds { entries: 4096, bytes: 16 << 20 }
    }
}

impl Bounds {
    /// So much waits for the application that no more should be read.
    #[inline]
    pub(in crate::engine) fn are_reached(self, entries: usize, bytes: usize) -> bool {
        entries >= self.entries || bytes >= self.bytes
    }

    /// So much waits that no more must be read, even for a call that waits for an answer.
    pub(in crate::engine) fn are_reached_for_a_call(self, entries: usize, bytes: usize) -> bool {
        let times = |bound: usize| bound.saturating_mul(FOR_A_CALL);
        Bounds { entries: times(self.entries), bytes: times(self.bytes) }.are_reached(entries, bytes)
    }

    /// So much does not fit.
    pub(in crate::engine) fn are_exceeded(self, entries: usize, bytes: usize) -> bool {
        entries > self.entries || bytes > self.bytes
    }
}
