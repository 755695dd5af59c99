//! A TLS connection.

use super::failure::TlsFailure;
use super::openssl_calls::{clear_errors, read_behind};
use super::socket_io::SocketIo;
use crate::locks::{Foreign, ForeignWork, Mutex};
use crate::system::quick_ack;
use crate::transport::pieces::Pieces;
use crate::transport::settings::OpenSettings;
use crate::transport::socket_stream::end_our_direction;
use crate::transport::stream::{Readiness, Stream};
use openssl::ssl::{self, ErrorCode, ShutdownState, SslStream};
use socket2::Socket;
use std::io::{self, IoSlice};
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Most bytes in one record.
const RECORD: usize = 16 << 10;

/// A TLS connection over a non-blocking socket. OpenSSL takes one call at a time, so there is a lock, but no call waits for
/// the network inside it.
pub(in crate::transport) struct TlsStream {
    socket: Arc<Socket>,
    settings: Arc<OpenSettings>,
    inner: Mutex<Inner>,
    /// A read finds something, although the socket may have nothing.
    has_buffered: AtomicBool,
    /// Something was written that the socket has not taken: it is sent as soon as the socket can be written.
    has_unsent: AtomicBool,
    /// Reading continues when the socket can be written, because too much has to be sent first; writing continues when
    /// the socket can be read, because TLS itself needs data first.
    read_needs_write: AtomicBool,
    write_needs_read: AtomicBool,
}

struct Inner {
    stream: Foreign<SslStream<SocketIo>>,
    /// Bytes of a record that the socket has not taken completely. They were not reported to the caller as written: it
    /// will pass them again, when all of the record is sent.
    ahead: usize,
    /// Where small slices are put together.
    gathered: Vec<u8>,
    /// How the connection ended, after bytes that were still to be returned.
    ended: Option<io::Result<usize>>,
    /// OpenSSL takes no further calls.
    is_over: bool,
    /// TLS itself was broken, not only the connection below.
    is_breached: bool,
    /// The reason, until it is reported to the application.
    failure: Option<TlsFailure>,
}

impl TlsStream {
    pub(super) fn new(
        socket: Arc<Socket>,
        stream: Foreign<SslStream<SocketIo>>,
        settings: Arc<OpenSettings>,
    ) -> TlsStream {
        let inner = Inner {
            stream,
            ahead: 0,
            gathered: Vec::new(),
            ended: None,
            is_over: false,
            is_breached: false,
            failure: None,
        };
        TlsStream {
            has_buffered: AtomicBool::new(inner.has_buffered()),
            has_unsent: AtomicBool::new(inner.stream.get_ref().has_unsent()),
            socket,
            settings,
            inner: Mutex::new(inner),
            read_needs_write: AtomicBool::new(false),
            write_needs_read: AtomicBool::new(false),
        }
    }
}

impl TlsStream {
    /// The outcome of a call.
    fn note(&self, inner: &Inner) {
        let is_overdue = inner.stream.get_ref().is_overdue();
        self.has_unsent.store(inner.stream.get_ref().has_unsent(), Ordering::Release);
        self.read_needs_write.store(is_overdue, Ordering::Release);
        self.has_buffered.store(inner.has_buffered() && !is_overdue, Ordering::Release);
    }
}

impl Stream for TlsStream {
    fn read(&self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        let _work = ForeignWork::begin();
        let mut inner = self.inner.lock();
        let result = inner.read(buffer);
        self.note(&inner);
        result
    }

    fn write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let _work = ForeignWork::begin();
        let mut inner = self.inner.lock();
        let (result, wants_to_read) = inner.write(slices);
        self.write_needs_read.store(wants_to_read, Ordering::Release);
        self.note(&inner);
        result
    }

    fn finish(&self) {
        let _work = ForeignWork::begin();
        // Code inside a callback of OpenSSL may end the connection too.
        if let Some(mut inner) = self.inner.try_lock() {
            inner.say_goodbye();
        }
        end_our_direction(&self.socket);
    }

    fn shut_down(&self) {
        // An error means that the peer was faster: the stream has ended either way.
        let _ = self.socket.shutdown(Shutdown::Both);
    }

    fn tell_failure(&self) {
        let failure = self.inner.lock().failure.take();
        if let (Some(failure), Some(tls)) = (failure, &self.settings.tls) {
            failure.tell(tls);
        }
    }

    fn quick_ack(&self) -> bool {
        quick_ack(&self.socket)
    }

    fn descriptor(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    fn has_buffered(&self) -> bool {
        self.has_buffered.load(Ordering::Acquire)
    }

    fn waits_for(&self, wanted: Readiness) -> Readiness {
        let crossed_read = wanted.read && self.read_needs_write.load(Ordering::Acquire);
        let crossed_write = wanted.write && self.write_needs_read.load(Ordering::Acquire);
        let has_unsent = self.has_unsent.load(Ordering::Acquire) && (wanted.read || wanted.write);
        Readiness {
            read: (wanted.read && !crossed_read) || crossed_write,
            write: (wanted.write && !crossed_write) || crossed_read || has_unsent,
        }
    }

    fn allows(&self, ready: Readiness) -> Readiness {
        let crossed_read = self.read_needs_write.load(Ordering::Acquire);
        let crossed_write = self.write_needs_read.load(Ordering::Acquire);
        // Whichever comes first, a read or a write, sends the rest.
        let sends = ready.write && self.has_unsent.load(Ordering::Acquire);
        Readiness {
            read: sends || (ready.read && !crossed_read),
            write: sends || if crossed_write { ready.read } else { ready.write },
        }
    }
}

impl Inner {
    fn has_buffered(&self) -> bool {
        self.ended.is_some() || self.stream.get_ref().has_buffered() || self.stream.ssl().pending() > 0
    }

    /// Fills the buffer as far as there is something.
    fn read(&mut self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        if let Some(end) = self.ended.take() {
            return end;
        }
        // What the server sent before is read, even if nothing can be sent any more. Then the connection ends.
        let _ = self.send_rest();
        clear_errors();
        self.stream.get_mut().begin_turn();
        let before = buffer.len();
        let mut result = Ok(());
        while result.is_ok() && buffer.len() < buffer.capacity() {
            result = read_behind(&mut self.stream, buffer).map(drop);
            // A further call would find out at some expense that nothing is left.
            if result.is_ok() && self.stream.get_ref().is_used_up() && self.stream.ssl().pending() == 0 {
                break;
            }
        }
        self.stream.get_mut().end_turn();
        let count = buffer.len() - before;
        let Err(error) = result else { return Ok(count) };
        match self.judge(error) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && count > 0 => Ok(count),
            end if count > 0 => {
                self.ended = Some(end);
                Ok(count)
            }
            end => end,
        }
    }

    /// Writes as much as the socket takes. Also whether TLS has to read first.
    fn write(&mut self, slices: &[IoSlice<'_>]) -> (io::Result<usize>, bool) {
        match self.send_rest() {
            Ok(true) if !self.is_over => {}
            Ok(true) => return (Err(io::ErrorKind::BrokenPipe.into()), false),
            Ok(false) => return (Err(io::ErrorKind::WouldBlock.into()), false),
            Err(error) => return (Err(error), false),
        }
        clear_errors();
        self.stream.get_mut().begin_turn();
        let mut written = 0;
        let result = self.write_slices(slices, &mut written);
        self.stream.get_mut().end_turn();
        let Err(error) = result else {
            let takes_nothing = written == 0 && self.ahead > 0;
            let taken = if takes_nothing { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(written) };
            return (taken, false);
        };
        let wants_to_read = error.code() == ErrorCode::WANT_READ;
        match self.judge(error) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && written > 0 => {
                (Ok(written), wants_to_read)
            }
            Ok(_) => (Err(io::ErrorKind::BrokenPipe.into()), false),
            end => (end, wants_to_read),
        }
    }

    /// Sends what the socket has not taken before. A record that cannot be sent ends the connection.
    fn send_rest(&mut self) -> io::Result<bool> {
        let result = self.stream.get_mut().send_rest();
        self.is_over |= result.is_err();
        result
    }

    fn write_slices(&mut self, slices: &[IoSlice<'_>], written: &mut usize) -> Result<(), ssl::Error> {
        let mut pieces = Pieces::new(slices);
        *written = pieces.skip(self.ahead);
        self.ahead -= *written;
        loop {
            let piece = pieces.gather(RECORD, &mut self.gathered);
            if piece.is_empty() {
                return Ok(());
            }
            self.stream.ssl_write(piece)?;
            if self.stream.get_ref().has_unsent() {
                self.ahead = piece.len();
                return Ok(());
            }
            *written += piece.len();
        }
    }

    /// What an error means: nothing now, the end, or a failure.
    fn judge(&mut self, error: ssl::Error) -> io::Result<usize> {
        match error.code() {
            ErrorCode::WANT_READ | ErrorCode::WANT_WRITE => Err(io::ErrorKind::WouldBlock.into()),
            ErrorCode::ZERO_RETURN => Ok(0),
            _ => {
                self.is_over = true;
                self.is_breached |= error.code() == ErrorCode::SSL;
                let failure = TlsFailure::of_connection("TLS", &error);
                let text = failure.to_string();
                self.failure = Some(failure).filter(|_| self.is_breached);
                Err(error.into_io_error().unwrap_or_else(|_| io::Error::other(text)))
            }
        }
    }

    /// Announces the end of the stream to the server, unless a record is half sent.
    fn say_goodbye(&mut self) {
        let all_is_sent = matches!(self.send_rest(), Ok(true));
        if all_is_sent && !self.is_over {
            clear_errors();
            // The connection ends whatever comes of it.
            let _ = self.stream.shutdown();
        }
    }
}

/// A connection that was lost, but not by a breach of TLS, leaves a session that can be resumed.
impl Drop for Inner {
    fn drop(&mut self) {
        if !self.is_breached {
            self.stream.set_shutdown(ShutdownState::SENT | ShutdownState::RECEIVED);
        }
    }
}
