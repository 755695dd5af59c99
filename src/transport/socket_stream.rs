//! A stream that is a socket: TCP, or a socket of this machine.

use super::stream::Stream;
use crate::system::{SEND_FLAGS, quick_ack};
use rustix::buffer::spare_capacity;
use rustix::net::{RecvFlags, SendAncillaryBuffer, recv, send, sendmsg};
use socket2::Socket;
use std::io::{self, IoSlice};
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd};

/// Reads of what came before the end that are made for an orderly close.
const MOST_UNREAD: usize = 64;

/// A connected, non-blocking socket.
pub(super) struct SocketStream {
    socket: Socket,
    is_tcp: bool,
}

impl SocketStream {
    pub(super) fn new(socket: Socket, is_tcp: bool) -> SocketStream {
        SocketStream { socket, is_tcp }
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
            [one] => Ok(send(&self.socket, one, SEND_FLAGS)?),
            many => Ok(sendmsg(&self.socket, many, &mut SendAncillaryBuffer::default(), SEND_FLAGS)?),
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
