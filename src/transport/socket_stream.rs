//! A stream that is a socket: TCP, or a socket of this machine.

use super::stream::Stream;
use crate::system::{HOLD, SEND_FLAGS, quick_ack};
use rustix::buffer::spare_capacity;
use rustix::net::{RecvFlags, SendAncillaryBuffer, SendFlags, recv, send, sendmsg};
use socket2::Socket;
use std::io::{self, IoSlice};
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::atomic::{AtomicBool, Ordering};

/// Reads of what came before the end that are made for an orderly close.
const MOST_UNREAD: usize = 64;

/// A connected, non-blocking socket.
pub(super) struct SocketStream {
    socket: Socket,
    is_tcp: bool,
    /// The kernel may hold the bytes of the next write.
    holds_next: AtomicBool,
}

impl SocketStream {
    pub(super) fn new(socket: Socket, is_tcp: bool) -> SocketStream {
        SocketStream { socket, is_tcp, holds_next: AtomicBool::new(false) }
    }

    #[inline]
    fn send_flags(&self) -> SendFlags {
        if !self.holds_next.load(Ordering::Relaxed) {
            return SEND_FLAGS;
        }
        self.holds_next.store(false, Ordering::Relaxed);
        SEND_FLAGS | HOLD
    }
}

impl Stream for SocketStream {
    #[inline]
    fn read(&self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        let (count, _) = recv(&self.socket, spare_capacity(buffer), RecvFlags::DONTWAIT)?;
        Ok(count)
    }

    #[inline]
    fn write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        match slices {
            [one] => Ok(send(&self.socket, one, self.send_flags())?),
            many => Ok(sendmsg(&self.socket, many, &mut SendAncillaryBuffer::default(), self.send_flags())?),
        }
    }

    fn finish(&self) {
        end_our_direction(&self.socket);
    }

    fn shut_down(&self) {
        // An error means that the peer was faster: the stream has ended either way.
        let _ = self.socket.shutdown(Shutdown::Both);
    }

    fn quick_ack(&self) -> bool {
        self.is_tcp && quick_ack(&self.socket)
    }

    fn hold_next(&self) {
        self.holds_next.store(self.is_tcp && !HOLD.is_empty(), Ordering::Relaxed);
    }

    fn push(&self) {
        // To switch off Nagle's algorithm, which is off already, sends what is held. Where that fails, the time does it.
        let _ = self.socket.set_tcp_nodelay(true);
    }

    fn descriptor(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// Closes our direction, and reads what came before.
pub(super) fn end_our_direction(socket: &Socket) {
    let _ = socket.shutdown(Shutdown::Write);
    // Closing a socket with unread bytes would reset the connection and could take away what was just written.
    let mut unread = Vec::with_capacity(4096);
    for _ in 0..MOST_UNREAD {
        unread.clear();
        if !matches!(recv(socket, spare_capacity(&mut unread), RecvFlags::DONTWAIT), Ok((1.., _))) {
            break;
        }
    }
}
