//! Frames to the server: one message for each of the caller's, many of them in one write.

use super::frame::{self, BINARY};
use crate::transport::pieces::Pieces;
use crate::transport::stream::{MessageLength, Stream};
use std::io::{self, IoSlice};

/// Most of the caller's bytes that are put into frames before they are written.
const MOST_STAGED: usize = 64 << 10;
/// With so many bytes unsent only the last ping is answered: the server may not read at all.
const MOST_UNSENT: usize = 4096;
/// Random bytes fetched at a time, for this many masks.
const MASKS: usize = 256;

/// What is on its way to the server.
pub(super) struct Output {
    /// Where the caller's messages end.
    message_length: MessageLength,
    /// Frames that have not been sent, or not to their end.
    frames: Vec<u8>,
    sent: usize,
    /// How many of the caller's bytes are in `frames`: they are reported as written when they are sent.
    staged: usize,
    /// Bytes that are sent but were not reported to the caller, which will pass them again.
    ahead: usize,
    /// The message under way, whose frame is as long as itself.
    message: Message,
    /// The answer that follows the frames: a frame cannot be inside another.
    answer: Vec<u8>,
    masks: Vec<[u8; 4]>,
    /// Nothing may follow: a close frame was sent.
    is_closed: bool,
}

/// The rest of a message whose frame has begun.
#[derive(Default)]
struct Message {
    missing: usize,
    mask: [u8; 4],
}

impl Output {
    pub(super) fn new(message_length: MessageLength) -> Output {
        Output {
            message_length,
            frames: Vec::new(),
            sent: 0,
            staged: 0,
            ahead: 0,
            message: Message::default(),
            answer: Vec::new(),
            masks: Vec::new(),
            is_closed: false,
        }
    }

    /// Sends as much of the slices as the stream takes.
    pub(super) fn write(&mut self, stream: &dyn Stream, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        if self.is_closed {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.flush(stream)?;
        let mut pieces = Pieces::new(slices);
        let mut written = pieces.skip(self.ahead);
        self.ahead -= written;
        loop {
            self.stage(&mut pieces)?;
            if self.staged == 0 {
                return Ok(written);
            }
            match self.flush(stream) {
                Ok(()) => written += std::mem::take(&mut self.ahead),
                Err(error) if is_passing(&error) && written > 0 => return Ok(written),
                Err(error) => return Err(error),
            }
        }
    }

    /// Puts the caller's next bytes into frames.
    fn stage(&mut self, pieces: &mut Pieces<'_>) -> io::Result<()> {
        while self.staged < MOST_STAGED {
            if self.message.missing == 0 && !self.begin_message(pieces)? {
                break;
            }
            let most = self.message.missing.min(MOST_STAGED - self.staged);
            let Some(piece) = pieces.next(most) else { break };
            frame::append_masked(&mut self.frames, piece, self.message.mask);
            // The next piece continues at this position of the mask.
            self.message.mask.rotate_left(piece.len() % 4);
            self.message.missing -= piece.len();
            self.staged += piece.len();
        }
        Ok(())
    }

    /// The head of the frame for the next message. False: there is none.
    fn begin_message(&mut self, pieces: &Pieces<'_>) -> io::Result<bool> {
        let (begin, count) = pieces.peek();
        let begin = begin.get(..count).unwrap_or_default();
        if begin.is_empty() {
            return Ok(false);
        }
        // A message of unknown length is sent in a frame of its own, as far as it is there.
        let length = (self.message_length)(begin).filter(|length| *length > 0).unwrap_or(begin.len());
        self.message = Message { missing: length, mask: self.mask()? };
        frame::append_head(&mut self.frames, BINARY, length, self.message.mask);
        Ok(true)
    }

    /// Queues a frame about the connection, and sends it if the stream takes it.
    pub(super) fn control(&mut self, stream: &dyn Stream, first: u8, payload: &[u8]) -> io::Result<()> {
        if self.is_closed {
            return Ok(());
        }
        self.is_closed = first == frame::CLOSE;
        let mask = self.mask()?;
        if self.message.missing > 0 || self.frames.len() - self.sent > MOST_UNSENT {
            self.answer.clear();
            frame::append(&mut self.answer, first, payload, mask);
            return Ok(());
        }
        frame::append(&mut self.frames, first, payload, mask);
        self.flush_answers(stream)
    }

    /// Sends what has not been sent, as far as the stream takes it.
    pub(super) fn flush_answers(&mut self, stream: &dyn Stream) -> io::Result<()> {
        match self.flush(stream) {
            Err(error) if !is_passing(&error) => Err(error),
            _ => Ok(()),
        }
    }

    /// Sends what has not been sent.
    fn flush(&mut self, stream: &dyn Stream) -> io::Result<()> {
        loop {
            while let Some(rest) = self.frames.get(self.sent..).filter(|rest| !rest.is_empty()) {
                self.sent += stream.write(&[IoSlice::new(rest)])?;
            }
            self.frames.clear();
            if self.frames.capacity() > MOST_UNSENT {
                self.frames = Vec::new();
            }
            self.sent = 0;
            self.ahead += std::mem::take(&mut self.staged);
            if self.message.missing > 0 || self.answer.is_empty() {
                return Ok(());
            }
            self.frames.append(&mut self.answer);
        }
    }

    /// A control frame is waiting to be sent; the caller does not know of it.
    pub(super) fn waits(&self) -> bool {
        !self.frames.is_empty() && self.staged == 0
    }

    /// True if a frame is sent in part.
    pub(super) fn is_in_frame(&self) -> bool {
        !self.frames.is_empty() || self.message.missing > 0
    }

    fn mask(&mut self) -> io::Result<[u8; 4]> {
        if self.masks.is_empty() {
            let mut random = vec![[0; 4]; MASKS];
            getrandom::fill(random.as_flattened_mut())
                .map_err(|error| io::Error::other(error.to_string()))?;
            self.masks = random;
        }
        self.masks.pop().ok_or_else(|| io::ErrorKind::Other.into())
    }
}

/// The write is only to be made again.
pub(super) fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}
