//! Writing: one thread is in the system call, the others append and leave their bytes to it.

use crate::engine::client::{Client, Guard, State};
use crate::engine::runtime::clock;
use crate::engine::runtime::poller::Readiness;
use crate::locks::MutexGuard;
use crate::session::Outgoing;
use crate::transport::Stream;
use std::io::{self, IoSlice};
use std::sync::Arc;
use std::time::Duration;

/// Most pieces of one write.
const PIECES: usize = 16;

/// Longer than a thread spends in a write, unless it writes a large message and the server does not read.
const LONGEST_WRITE: Duration = Duration::from_millis(200);

/// The result of a write.
pub(in crate::engine) enum Written {
    All,
    /// The stream takes no more now.
    Part,
}

/// Writes as much as the stream takes.
pub(in crate::engine) fn write_out(stream: &dyn Stream, bytes: &mut Outgoing) -> io::Result<Written> {
    while !bytes.is_empty() {
        let mut pieces = [IoSlice::new(&[]); PIECES];
        let mut count = 0;
        for (piece, chunk) in pieces.iter_mut().zip(bytes.chunks()) {
            *piece = IoSlice::new(chunk);
            count += 1;
        }
        match stream.write(pieces.get(..count).unwrap_or_default()) {
            Ok(written) => bytes.advance(written),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Written::Part),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Written::All)
}

/// The stream is as good as before: the write is only to be made again.
fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

impl Client {
    /// Writes what is queued, as far as the stream takes it. The lock is released during the system call; a thread that
    /// finds another one writing leaves its bytes to that thread. True: this call wrote, and everything it wrote was
    /// sent, even if the connection ended right after.
    #[inline]
    pub(in crate::engine) fn flush(&self, state: &mut Guard<'_>) -> bool {
        // Nothing may be sent before its record is stored.
        state.carry_out_store_commands();
        let is_written = state.session.outgoing().is_empty()
            && state.connection.as_ref().is_none_or(|connection| connection.unsent() == 0);
        !is_written && self.write_queued(state)
    }

    fn write_queued(&self, state: &mut Guard<'_>) -> bool {
        let mut written = false;
        while let Some((stream, generation)) = begin_writing(state) {
            // The rest of a half-written packet goes first.
            let behind = state.connection.as_ref().is_some_and(|connection| connection.unsent() > 0);
            let buffer = if behind { Vec::new() } else { state.session.outgoing().take_buffer() };
            written = if buffer.is_empty() {
                self.write_pieces(state, &*stream, generation)
            } else {
                self.write_buffer(state, &*stream, generation, buffer)
            };
            if !written {
                break;
            }
        }
        written
    }

    /// Before this connection is closed because of what the server has sent: writes what is queued, as far as the stream
    /// takes it, and ends our direction. Without that the kernel resets a connection that is closed with bytes unread, and
    /// the server may lose what was written last.
    pub(super) fn finish_writing(&self, state: &mut Guard<'_>, generation: u32) {
        self.flush(state);
        self.wait_for_write(state, generation);
        if let Some(connection) = state.connection_of(generation).filter(|connection| !connection.is_broken())
        {
            connection.stream().finish();
        }
    }

    /// Waits until no other thread is inside a write of this connection, which usually takes a moment only, for streams never
    /// block. That thread has also written what was queued meanwhile.
    pub(in crate::engine) fn wait_for_write(&self, state: &mut Guard<'_>, generation: u32) {
        let limit = clock::after(LONGEST_WRITE);
        while state.connection_of(generation).is_some_and(|connection| connection.is_being_written())
            && clock::now() < limit
        {
            self.wait_for_change(state, Some(limit));
        }
    }

    /// Leaves the bytes of a burst to the pool. A lone message is not delayed: it never comes here. False: the caller has
    /// to write them.
    #[inline]
    pub(in crate::engine) fn gather(&self, state: &mut State) -> bool {
        let queued = state.session.outgoing().len();
        // A call of the asynchronous interface does not say that anything is written.
        let promises = !state.mode.is_asynchronous();
        let is_left =
            state.connection.as_mut().is_some_and(|connection| connection.leaves_to_pool(queued, promises));
        if is_left {
            self.arm(state, Readiness { read: false, write: true });
        }
        is_left
    }

    /// The usual case: everything lies in one buffer and the stream takes it all.
    #[inline]
    fn write_buffer(
        &self,
        state: &mut Guard<'_>,
        stream: &dyn Stream,
        generation: u32,
        buffer: Vec<u8>,
    ) -> bool {
        let result = MutexGuard::unlocked(state, || stream.write(&[IoSlice::new(&buffer)]));
        let whole = result.as_ref().is_ok_and(|&written| written == buffer.len());
        if !whole {
            return self.write_rest(state, stream, generation, buffer, result);
        }
        let Some(connection) = state.connection_of(generation) else { return true };
        connection.end_writing();
        let written = buffer.len();
        state.session.outgoing().give_back(buffer);
        state.note_written(written);
        self.notify_waiters(state);
        true
    }

    #[cold]
    fn write_rest(
        &self,
        state: &mut Guard<'_>,
        stream: &dyn Stream,
        generation: u32,
        buffer: Vec<u8>,
        result: io::Result<usize>,
    ) -> bool {
        let (written, result) = match result {
            Ok(written) => (written, Ok(Written::Part)),
            Err(error) if is_passing(&error) => (0, Ok(Written::Part)),
            Err(error) => (0, Err(error)),
        };
        let mut rest = Outgoing::of_buffer(buffer, written);
        let result = result.and_then(|_| MutexGuard::unlocked(state, || write_out(stream, &mut rest)));
        self.end(state, generation, rest, written, result)
    }

    fn write_pieces(&self, state: &mut Guard<'_>, stream: &dyn Stream, generation: u32) -> bool {
        let Some(connection) = state.connection.as_mut() else { return false };
        let mut bytes = connection.take_unsent();
        if bytes.is_empty() {
            bytes = state.session.outgoing().take();
        }
        let before = bytes.len();
        let result = MutexGuard::unlocked(state, || write_out(stream, &mut bytes));
        let written = before - bytes.len();
        self.end(state, generation, bytes, written, result)
    }

    /// Takes the result of a write. True: everything was written.
    pub(in crate::engine) fn end(
        &self,
        state: &mut State,
        generation: u32,
        bytes: Outgoing,
        written: usize,
        result: io::Result<Written>,
    ) -> bool {
        let all = matches!(result, Ok(Written::All));
        let Some(connection) = state.connection_of(generation) else { return all };
        connection.end_writing();
        match result {
            Ok(Written::All) => state.session.outgoing().recycle(bytes),
            Ok(Written::Part) => {
                connection.keep_unsent(bytes);
                self.arm(state, Readiness { read: false, write: true });
            }
            Err(error) => {
                // What the server sent before the end is still read: it may say why.
                connection.note_write_error(&error);
                self.arm(state, Readiness { read: true, write: false });
            }
        }
        if written > 0 {
            state.note_written(written);
        }
        self.notify_waiters(state);
        all
    }
}

impl State {
    /// Bytes are with the kernel: what waited for that may follow.
    #[inline]
    fn note_written(&mut self, count: usize) {
        let now = clock::now();
        self.session.bytes_written(now, count);
        if self.mode.is_asynchronous() {
            self.session.advance_queue(now);
        }
        let nothing_waits = self.session.outgoing().is_empty();
        if let Some(connection) = self.connection.as_mut() {
            connection.note_written(now, nothing_waits);
        }
    }
}

#[inline]
fn begin_writing(state: &mut State) -> Option<(Arc<dyn Stream>, u32)> {
    let nothing_new = state.session.outgoing().is_empty();
    let promises = !state.mode.is_asynchronous();
    let connection = state.connection.as_mut()?;
    if promises && !nothing_new && connection.is_being_written() {
        // An acknowledgement, for instance, whose callback may end the process.
        connection.promise();
    }
    connection.begin_writing(nothing_new)
}
