//! Writing: one thread is in the system call, the others append and leave their bytes to it.

use super::client::{Client, Guard, State};
use super::clock;
use super::poller::Readiness;
use crate::session::Outgoing;
use crate::transport::Stream;
use parking_lot::MutexGuard;
use std::io::{self, IoSlice};

/// Most pieces of one write.
const PIECES: usize = 16;

/// What became of bytes given to a stream.
pub(super) enum Written {
    All,
    /// The stream takes no more now.
    Part,
}

/// Writes as much as the stream takes.
pub(super) fn write_out(stream: &dyn Stream, bytes: &mut Outgoing) -> io::Result<Written> {
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

impl Client {
    /// Writes what is queued, as far as the stream takes it. The lock is released during the system call; whoever finds
    /// another thread writing leaves its bytes to that thread.
    pub(super) fn flush(&self, state: &mut Guard<'_>) {
        while let Some((stream, generation, mut bytes)) = begin(state) {
            let before = bytes.len();
            let result = MutexGuard::unlocked(state, || write_out(&*stream, &mut bytes));
            let written = before - bytes.len();
            if !self.end(state, generation, bytes, written, result) {
                return;
            }
        }
    }

    /// Takes the result of a write. True: look for more to write.
    pub(super) fn end(
        &self,
        state: &mut State,
        generation: u32,
        bytes: Outgoing,
        written: usize,
        result: io::Result<Written>,
    ) -> bool {
        let Some(link) = state.link.as_mut().filter(|link| link.generation == generation) else {
            return false;
        };
        link.writing = false;
        match result {
            Ok(Written::All) => {
                state.session.outgoing().recycle(bytes);
                state.session.bytes_written(clock::now(), written);
            }
            Ok(Written::Part) => {
                link.unsent = bytes;
                link.blocked = true;
                state.session.bytes_written(clock::now(), written);
                self.arm(state, Readiness { read: false, write: true });
            }
            // The server may have said why before it closed: that is still to be read.
            Err(_) => {
                link.broken = true;
                self.arm(state, Readiness { read: true, write: false });
            }
        }
        if state.waiters > 0 {
            self.changed.notify_all();
        }
        true
    }
}

type Batch = (std::sync::Arc<dyn Stream>, u32, Outgoing);

/// Claims the stream for writing what is queued, if there is something and nobody else is writing.
fn begin(state: &mut State) -> Option<Batch> {
    let link = state.link.as_mut()?;
    if link.writing || link.blocked || link.broken {
        return None;
    }
    let bytes = if link.unsent.is_empty() {
        state.session.outgoing().take()
    } else {
        std::mem::take(&mut link.unsent)
    };
    if bytes.is_empty() {
        return None;
    }
    link.writing = true;
    Some((link.stream.clone(), link.generation, bytes))
}
