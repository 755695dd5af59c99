//! A stream over TCP.

use super::stream::Stream;
use rustix::buffer::spare_capacity;
use rustix::net::{RecvFlags, SendAncillaryBuffer, SendFlags, recv, send, sendmsg};
use socket2::Socket;
use std::io::{self, IoSlice};
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd};

/// Reads of what came before the end that are made for an orderly close.
const MOST_UNREAD: usize = 64;

/// A connected, non-blocking socket with TCP_NODELAY on.
pub(super) struct TcpTransport {
    socket: Socket,
}

impl TcpTransport {
    pub(super) fn new(socket: Socket) -> TcpTransport {
        TcpTransport { socket }
    }
}

impl Stream for TcpTransport {
    #[inline]
    fn read(&self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        let (count, _) = recv(&self.socket, spare_capacity(buffer), RecvFlags::DONTWAIT)?;
        Ok(count)
    }

    #[inline]
    fn write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
        match slices {
            [one] => Ok(send(&self.socket, one, flags)?),
            many => Ok(sendmsg(&self.socket, many, &mut SendAncillaryBuffer::default(), flags)?),
        }
    }

    fn finish(&self) {
        let _ = self.socket.shutdown(Shutdown::Write);
        // Closing a socket with unread bytes would reset the connection and could take away what was just written.
        let mut unread = Vec::with_capacity(4096);
        for _ in 0..MOST_UNREAD {
            unread.clear();
            if !matches!(self.read(&mut unread), Ok(1..)) {
                break;
            }
        }
    }

    fn shut_down(&self) {
        // An error means that the peer was faster: the stream has ended either way.
        let _ = self.socket.shutdown(Shutdown::Both);
    }

    fn descriptor(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
