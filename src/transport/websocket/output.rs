//! Frames to the server.

use super::frame::{self, BINARY};
use crate::transport::pieces::Pieces;
use crate::transport::stream::Stream;
use std::io::{self, IoSlice};

/// Most payload of one frame.
const LONGEST: usize = 64 << 10;
/// With so many bytes unsent pings are not answered: the server may not read at all.
const MOST_UNSENT: usize = 4096;
/// Random bytes fetched at a time, for this many masks.
const MASKS: usize = 64;

/// What is on its way to the server.
#[derive(Default)]
pub(super) struct Output {
    /// Frames that have not been sent, or not to their end.
    frames: Vec<u8>,
    sent: usize,
    /// How many of the caller's bytes are in `frames`: it is told when they are gone.
    staged: usize,
    /// Bytes that are gone and the caller has not been told of: it will bring them once more.
    ahead: usize,
    masks: Vec<[u8; 4]>,
    gathered: Vec<u8>,
    /// Nothing may follow: a close frame was sent.
    is_closed: bool,
}

impl Output {
    /// Sends as much of the slices as the stream takes.
    pub(super) fn write(&mut self, stream: &dyn Stream, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        if self.is_closed {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.flush(stream)?;
        let mut pieces = Pieces::new(slices);
        let mut written = pieces.skip(self.ahead);
        self.ahead -= written;
        let mut gathered = std::mem::take(&mut self.gathered);
        let result = loop {
            let piece = pieces.gather(LONGEST, &mut gathered);
            if piece.is_empty() {
                break Ok(());
            }
            self.staged = piece.len();
            if let Err(error) = self.append(BINARY, piece).and_then(|()| self.flush(stream)) {
                break Err(error);
            }
            written += std::mem::take(&mut self.ahead);
        };
        self.gathered = gathered;
        match result {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock || written == 0 => Err(error),
            _ => Ok(written),
        }
    }

    /// Queues a frame about the connection, and sends it if the stream takes it.
    pub(super) fn control(&mut self, stream: &dyn Stream, first: u8, payload: &[u8]) {
        if self.is_closed || self.frames.len() - self.sent > MOST_UNSENT {
            return;
        }
        self.is_closed = first == frame::CLOSE;
        if self.append(first, payload).is_ok() {
            // What the stream does not take now goes with the next flush; other errors are found by whoever reads.
            let _ = self.flush(stream);
        }
    }

    fn append(&mut self, first: u8, payload: &[u8]) -> io::Result<()> {
        let mask = self.mask()?;
        frame::append(&mut self.frames, first, payload, mask);
        Ok(())
    }

    /// Sends what has not been sent.
    pub(super) fn flush(&mut self, stream: &dyn Stream) -> io::Result<()> {
        while let Some(rest) = self.frames.get(self.sent..).filter(|rest| !rest.is_empty()) {
            self.sent += stream.write(&[IoSlice::new(rest)])?;
        }
        self.frames.clear();
        if self.frames.capacity() > LONGEST / 4 {
            self.frames = Vec::new();
        }
        self.sent = 0;
        self.ahead += std::mem::take(&mut self.staged);
        Ok(())
    }

    /// Something of our own, not the caller's, waits to be sent: nobody else will ask for it.
    pub(super) fn waits(&self) -> bool {
        !self.frames.is_empty() && self.staged == 0
    }

    /// True if a frame is sent in part.
    pub(super) fn is_in_frame(&self) -> bool {
        !self.frames.is_empty()
    }

    fn mask(&mut self) -> io::Result<[u8; 4]> {
        if self.masks.is_empty() {
            let mut random = [0; MASKS * 4];
            getrandom::fill(&mut random).map_err(|error| io::Error::other(error.to_string()))?;
            self.masks = random.as_chunks().0.to_vec();
        }
        self.masks.pop().ok_or_else(|| io::ErrorKind::Other.into())
    }
}
