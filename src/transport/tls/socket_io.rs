//! The socket as OpenSSL sees it: reads ahead, so that the small pieces OpenSSL asks for cost no system call each.

use rustix::buffer::spare_capacity;
use rustix::net::{RecvFlags, SendFlags, recv, send};
use socket2::Socket;
use std::cell::Cell;
use std::io::{self, Read, Write};
use std::sync::Arc;

/// One system call reads at most this much.
const BUFFER: usize = 64 << 10;

thread_local! {
    /// Shared by all connections that a thread reads for: what stays with one is only what came for later.
    static BUFFER_OF_THREAD: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

pub(super) struct SocketIo {
    socket: Arc<Socket>,
    /// What was read ahead; the part before `position` is used up.
    ahead: Vec<u8>,
    position: usize,
    /// The last read got less than it could have: the next one of this turn would find nothing.
    is_drained: bool,
}

impl SocketIo {
    pub(super) fn new(socket: Arc<Socket>) -> SocketIo {
        SocketIo { socket, ahead: Vec::new(), position: 0, is_drained: false }
    }

    /// The socket may have something again.
    pub(super) fn begin_turn(&mut self) {
        self.is_drained = false;
    }

    /// Gives the buffer back if nothing is in it.
    pub(super) fn end_turn(&mut self) {
        if self.has_buffered() {
            self.ahead.drain(..self.position);
            self.ahead.shrink_to_fit();
        } else if self.ahead.capacity() > 0 {
            let mut buffer = std::mem::take(&mut self.ahead);
            buffer.clear();
            BUFFER_OF_THREAD.set(buffer);
        }
        self.position = 0;
    }

    /// Bytes that have come and OpenSSL has not asked for yet.
    pub(super) fn has_buffered(&self) -> bool {
        self.position < self.ahead.len()
    }

    fn read_ahead(&mut self) -> io::Result<usize> {
        if self.is_drained {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        if self.ahead.capacity() < BUFFER {
            self.ahead = BUFFER_OF_THREAD.take();
        }
        self.ahead.clear();
        self.ahead.reserve_exact(BUFFER);
        self.position = 0;
        let (count, _) = recv(&self.socket, spare_capacity(&mut self.ahead), RecvFlags::DONTWAIT)?;
        self.is_drained = count > 0 && count < self.ahead.capacity();
        Ok(count)
    }
}

impl Read for SocketIo {
    fn read(&mut self, wanted: &mut [u8]) -> io::Result<usize> {
        if !self.has_buffered() && self.read_ahead()? == 0 {
            return Ok(0);
        }
        let there = self.ahead.get(self.position..).unwrap_or_default();
        let count = wanted.len().min(there.len());
        if let (Some(to), Some(from)) = (wanted.get_mut(..count), there.get(..count)) {
            to.copy_from_slice(from);
        }
        self.position += count;
        Ok(count)
    }
}

impl Write for SocketIo {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(send(&self.socket, bytes, SendFlags::NOSIGNAL | SendFlags::DONTWAIT)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
