//! An open WebSocket as a stream of bytes.

use super::frame::{CLOSE, PONG};
use super::input::{Input, Wish};
use super::output::Output;
use crate::locks::Mutex;
use crate::transport::log;
use crate::transport::stream::{MessageLength, Readiness, Stream};
use std::io::{self, IoSlice};
use std::os::fd::BorrowedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Statuses of close frames.
const NORMAL: u16 = 1000;
const PROTOCOL_ERROR: u16 = 1002;

/// The frames of a WebSocket, over another stream.
pub(super) struct WebSocketStream {
    below: Arc<dyn Stream>,
    incoming: Mutex<Incoming>,
    output: Mutex<Output>,
    /// A read finds something at once.
    has_buffered: AtomicBool,
    /// An answer of our own waits until the stream below takes it.
    answer_waits: AtomicBool,
}

struct Incoming {
    input: Input,
    /// What arrived right after the answer to the upgrade request.
    first: Vec<u8>,
    /// Why the stream has ended, until it is reported.
    end: Option<String>,
}

impl WebSocketStream {
    /// `first`: what has come already.
    pub(super) fn new(
        below: Arc<dyn Stream>,
        first: Vec<u8>,
        message_length: MessageLength,
        strict: bool,
    ) -> WebSocketStream {
        WebSocketStream {
            has_buffered: AtomicBool::new(!first.is_empty()),
            below,
            incoming: Mutex::new(Incoming { input: Input::new(strict), first, end: None }),
            output: Mutex::new(Output::new(message_length)),
            answer_waits: AtomicBool::new(false),
        }
    }

    /// One read below, whatever comes of it: a server that sends nothing but frames without content could keep the caller
    /// for ever. `WouldBlock`: there were no bytes for the caller among what came.
    fn fill(&self, incoming: &mut Incoming, buffer: &mut Vec<u8>) -> io::Result<usize> {
        if let Some(end) = incoming.end.take() {
            return Err(io::Error::other(end));
        }
        let before = buffer.len();
        if self.read_below(incoming, buffer)? == 0 {
            return Ok(0);
        }
        let mut wishes = Vec::new();
        let result = incoming.input.take(buffer, before, &mut wishes);
        if incoming.input.has_new_reserved_bits() {
            log::error(format_args!("Tolerated from the server: WebSocket frame with reserved bits"));
        }
        for wish in wishes {
            incoming.end = self.fulfil(wish);
        }
        if let Err(error) = result {
            // The connection ends whatever comes of it.
            let _ = self.answer(CLOSE, &PROTOCOL_ERROR.to_be_bytes());
            incoming.end = Some(format!("the server broke the WebSocket protocol: {error}"));
        }
        if buffer.len() > before {
            return Ok(buffer.len() - before);
        }
        Err(incoming.end.take().map_or_else(|| io::ErrorKind::WouldBlock.into(), io::Error::other))
    }

    fn read_below(&self, incoming: &mut Incoming, buffer: &mut Vec<u8>) -> io::Result<usize> {
        if incoming.first.is_empty() {
            return self.below.read(buffer);
        }
        let count = incoming.first.len().min(buffer.capacity() - buffer.len());
        buffer.extend(incoming.first.drain(..count));
        Ok(count)
    }

    /// Does what the server asks for. The reason, if that is the end.
    fn fulfil(&self, wish: Wish) -> Option<String> {
        match wish {
            Wish::Pong(payload) => {
                log::protocol(format_args!("Sending WebSocket PONG"));
                let answered = self.answer(PONG, &payload);
                answered.err().map(|error| format!("answering a ping failed: {error}"))
            }
            Wish::Close(payload) => {
                let status = payload.first_chunk();
                // The connection ends whatever comes of it.
                let _ = self.answer(CLOSE, status.map_or(&[], |status: &[u8; 2]| status));
                Some(match status {
                    Some(status) => {
                        format!("the server closed the WebSocket with status {}", u16::from_be_bytes(*status))
                    }
                    None => "the server closed the WebSocket".to_owned(),
                })
            }
        }
    }

    fn answer(&self, first: u8, payload: &[u8]) -> io::Result<()> {
        let mut output = self.output.lock();
        let result = output.control(&*self.below, first, payload);
        self.answer_waits.store(output.waits(), Ordering::Release);
        result
    }

    /// Sends answers that have been waiting.
    fn send_answers(&self) -> io::Result<()> {
        if !self.answer_waits.load(Ordering::Acquire) {
            return Ok(());
        }
        let mut output = self.output.lock();
        let result = output.flush_answers(&*self.below);
        self.answer_waits.store(output.waits(), Ordering::Release);
        result
    }
}

impl Stream for WebSocketStream {
    fn read(&self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        let answered = self.send_answers();
        let mut incoming = self.incoming.lock();
        if let (Err(error), None) = (&answered, &incoming.end) {
            incoming.end = Some(format!("answering a ping failed: {error}"));
        }
        let result = self.fill(&mut incoming, buffer);
        let has_buffered = !incoming.first.is_empty() || incoming.end.is_some();
        self.has_buffered.store(has_buffered, Ordering::Release);
        result
    }

    fn write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut output = self.output.lock();
        let result = output.write(&*self.below, slices);
        self.answer_waits.store(output.waits(), Ordering::Release);
        result
    }

    fn finish(&self) {
        let mut output = self.output.lock();
        if !output.is_in_frame() {
            // The connection ends whatever comes of it.
            let _ = output.control(&*self.below, CLOSE, &NORMAL.to_be_bytes());
        }
        drop(output);
        self.below.finish();
    }

    fn shut_down(&self) {
        self.below.shut_down();
    }

    fn tell_failure(&self) {
        self.below.tell_failure();
    }

    fn quick_ack(&self) -> bool {
        self.below.quick_ack()
    }

    fn hold_next(&self) {
        self.below.hold_next();
    }

    fn push(&self) {
        self.below.push();
    }

    fn descriptor(&self) -> BorrowedFd<'_> {
        self.below.descriptor()
    }

    fn has_buffered(&self) -> bool {
        self.has_buffered.load(Ordering::Acquire) || self.below.has_buffered()
    }

    fn waits_for(&self, wanted: Readiness) -> Readiness {
        let answers = wanted.read && self.answer_waits.load(Ordering::Acquire);
        self.below.waits_for(Readiness { read: wanted.read, write: wanted.write || answers })
    }

    fn allows(&self, ready: Readiness) -> Readiness {
        let ready = self.below.allows(ready);
        let answers = ready.write && self.answer_waits.load(Ordering::Acquire);
        Readiness { read: ready.read || answers, write: ready.write }
    }
}
