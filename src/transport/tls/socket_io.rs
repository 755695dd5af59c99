//! The socket as OpenSSL sees it: reads ahead, so that the small pieces OpenSSL asks for cost no system call each, and
//! takes every record whole, because OpenSSL cannot send messages of its own after one that is half sent.

use crate::system::{SEND_FLAGS, quick_ack};
use rustix::buffer::spare_capacity;
use rustix::io::Errno;
use rustix::net::{RecvFlags, recv, send};
use socket2::Socket;
use std::cell::Cell;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::sync::Arc;

/// One system call reads at most this much.
const BUFFER: usize = 64 << 10;

/// While more than this has not been sent, nothing is read: a server that reads nothing could have us answer without end.
const MOST_UNSENT: usize = 64 << 10;

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
    /// What OpenSSL has written and the socket has not taken.
    unsent: Vec<u8>,
    /// Something was read since the last write.
    is_unacknowledged: Cell<bool>,
}

impl SocketIo {
    pub(super) fn new(socket: Arc<Socket>) -> SocketIo {
        SocketIo {
            socket,
            ahead: Vec::new(),
            position: 0,
            is_drained: false,
            unsent: Vec::new(),
            is_unacknowledged: Cell::new(false),
        }
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

    /// What the last read of this turn has brought.
    pub(super) fn last_read(&self) -> &[u8] {
        &self.ahead
    }

    /// OpenSSL has taken everything that came, and the socket has nothing more at present.
    pub(super) fn is_used_up(&self) -> bool {
        self.is_drained && !self.has_buffered()
    }

    /// Something is still to be sent.
    pub(super) fn has_unsent(&self) -> bool {
        !self.unsent.is_empty()
    }

    /// So much is to be sent that nothing is read before.
    pub(super) fn is_overdue(&self) -> bool {
        self.unsent.len() > MOST_UNSENT
    }

    /// Sends what the socket has not taken before. True: nothing is left of it.
    pub(super) fn send_rest(&mut self) -> io::Result<bool> {
        if self.has_unsent() {
            let sent = self.send(&self.unsent);
            match sent {
                Ok(count) if count < self.unsent.len() => drop(self.unsent.drain(..count)),
                Ok(_) | Err(_) => self.unsent = Vec::new(),
            }
            sent?;
        }
        Ok(!self.has_unsent())
    }

    /// How much the socket takes now, which may be nothing. After an error reads give what had come before, and then the end:
    /// some errors leave the socket as it was.
    fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        match send(&self.socket, bytes, SEND_FLAGS) {
            Ok(count) => {
                self.is_unacknowledged.set(false);
                Ok(count)
            }
            Err(Errno::AGAIN | Errno::INTR) => Ok(0),
            Err(error) => {
                let _ = self.socket.shutdown(Shutdown::Both);
                Err(lasting(error))
            }
        }
    }

    /// Before the caller waits for the server's next bytes.
    pub(super) fn quick_ack(&self) {
        if self.is_unacknowledged.take() {
            quick_ack(&self.socket);
        }
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
        let received = recv(&self.socket, spare_capacity(&mut self.ahead), RecvFlags::DONTWAIT);
        let (count, _) = received.map_err(|error| match error {
            Errno::AGAIN | Errno::INTR => io::ErrorKind::WouldBlock.into(),
            error => lasting(error),
        })?;
        self.is_drained = count > 0 && count < self.ahead.capacity();
        self.is_unacknowledged.set(true);
        Ok(count)
    }
}

/// OpenSSL's wrapper takes some kinds of errors for passing ones, which are none here.
fn lasting(error: Errno) -> io::Error {
    match error {
        Errno::NOTCONN => io::Error::other("the socket is not connected"),
        error => error.into(),
    }
}

impl Read for SocketIo {
    fn read(&mut self, wanted: &mut [u8]) -> io::Result<usize> {
        if self.is_overdue() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
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
        let sent = if self.has_unsent() { 0 } else { self.send(bytes)? };
        self.unsent.extend_from_slice(bytes.get(sent..).unwrap_or_default());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
