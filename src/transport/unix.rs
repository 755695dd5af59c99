//! Sockets of this machine, named by a file.

use socket2::{Domain, SockAddr, Socket, Type};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

/// How soon to try again when the server has not accepted enough of those before: there is no event for that.
const PAUSE: Duration = Duration::from_millis(10);

/// A connection on its way.
pub(super) struct UnixConnect {
    address: SockAddr,
    next: Instant,
}

impl UnixConnect {
    pub(super) fn new(path: &Path) -> io::Result<UnixConnect> {
        Ok(UnixConnect { address: SockAddr::unix(path)?, next: Instant::now() })
    }

    /// The socket, if the server has room for us.
    pub(super) fn advance(&mut self, now: Instant) -> io::Result<Option<Socket>> {
        if now < self.next {
            return Ok(None);
        }
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        match socket.connect(&self.address) {
            Ok(()) => Ok(Some(socket)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.next = now + PAUSE;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    pub(super) fn next_moment(&self) -> Instant {
        self.next
    }
}
