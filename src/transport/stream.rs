//! What the engine sees of a transport.

use std::io::{self, IoSlice};
use std::os::fd::BorrowedFd;

/// A connected byte stream. Never blocks: where nothing can be read or written the error is `WouldBlock`.
/// Reading, writing and shutting down may happen at the same time from different threads.
pub trait Stream: Send + Sync {
    /// Reads what is there into the buffer's spare capacity, of which there must be some, behind what it holds. The number
    /// of bytes; 0: the peer has closed its side.
    fn read(&self, buffer: &mut Vec<u8>) -> io::Result<usize>;
    /// Writes the slices in order, as much as the stream takes.
    fn write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize>;
    /// Ends our direction: what was written still arrives, then the peer sees the end.
    fn finish(&self);
    /// Ends both directions, so that every thread inside `read`, `write` or a poll sees the end.
    fn shut_down(&self);
    /// The descriptor to wait on.
    fn descriptor(&self) -> BorrowedFd<'_>;
}
