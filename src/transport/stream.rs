//! What the engine sees of a transport.

use super::resolve::{self, ResolveError};
use super::uri::{Scheme, ServerUri};
use super::{race, tcp};
use std::fmt;
use std::io::{self, IoSlice};
use std::os::fd::BorrowedFd;
use std::sync::Arc;
use std::time::Instant;

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

/// Why no stream could be opened. The text names the cause for a log line.
#[derive(Debug)]
pub enum OpenError {
    /// The name could not be resolved.
    Resolve(ResolveError),
    /// No address accepted the connection; the last error.
    Connect(io::Error),
    /// The time limit passed first.
    TimedOut,
    /// This library has no such transport.
    Unsupported(Scheme),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::Resolve(error) => error.fmt(f),
            OpenError::Connect(error) => write!(f, "TCP connect failed: {error}"),
            OpenError::TimedOut => f.write_str("TCP connect timed out"),
            OpenError::Unsupported(scheme) => {
                write!(f, "the transport {scheme:?} is not part of this library")
            }
        }
    }
}

/// Opens a stream to the server, with all stages inside the one time limit. Blocks the calling thread only.
pub fn open(uri: &ServerUri, deadline: Instant) -> Result<Arc<dyn Stream>, OpenError> {
    match uri.scheme {
        Scheme::Tcp => {
            let addresses = resolve::resolve(&uri.host, uri.port, deadline).map_err(OpenError::Resolve)?;
            Ok(Arc::new(tcp::TcpTransport::new(race::connect(&addresses, deadline)?)))
        }
        other => Err(OpenError::Unsupported(other)),
    }
}
