//! What the engine sees of a transport.

use std::io::{self, IoSlice};
use std::os::fd::BorrowedFd;

/// What can be done, or is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Readiness {
    /// Reading.
    pub read: bool,
    /// Writing.
    pub write: bool,
}

/// The length of the message that begins with these bytes; `None` while that is unknown. For streams that carry
/// messages: what is written to them consists of whole messages, though not each write does.
pub type MessageLength = fn(&[u8]) -> Option<usize>;

/// A connected byte stream. Never blocks: where nothing can be read or written the error is `WouldBlock`.
/// Reading, writing and shutting down may happen at the same time from different threads.
pub trait Stream: Send + Sync {
    /// Reads what is there into the buffer's spare capacity, of which there must be some, after what it holds. The
    /// number of bytes; 0: the peer has closed its side.
    fn read(&self, buffer: &mut Vec<u8>) -> io::Result<usize>;
    /// Writes the slices in order, as much as the stream takes. What it did not take has to come again first.
    fn write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize>;
    /// Ends our direction: what was written still arrives, then the peer sees the end.
    fn finish(&self);
    /// Ends both directions, so that every thread inside `read`, `write` or a poll sees the end.
    fn shut_down(&self);
    /// Reports to the application's TLS function why TLS has failed after the handshake, if it has and this was not yet
    /// reported. The caller must not hold a lock.
    fn tell_failure(&self) {}
    /// The descriptor to wait on.
    fn descriptor(&self) -> BorrowedFd<'_>;

    /// Has the kernel send the acknowledgement of what was read, if it delays one. False: not possible with this stream.
    fn quick_ack(&self) -> bool {
        false
    }

    /// The kernel may hold the bytes of the next write until the write after it, at most for 200 ms or the connection's
    /// retransmission time. Without effect on streams that cannot do so.
    fn hold_next(&self) {}

    /// Has the kernel send what it holds.
    fn push(&self) {}

    /// True: a read finds something at once, although the descriptor may have nothing to read.
    #[inline]
    fn has_buffered(&self) -> bool {
        false
    }

    /// What to wait for on the descriptor if this is wanted of the stream. Streams with a protocol of their own may have to
    /// write before they can read on, and the reverse.
    #[inline]
    fn waits_for(&self, wanted: Readiness) -> Readiness {
        wanted
    }

    /// What can be done with the stream when its descriptor is ready for this.
    #[inline]
    fn allows(&self, ready: Readiness) -> Readiness {
        ready
    }
}
