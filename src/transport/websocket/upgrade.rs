//! From a stream to a WebSocket, without blocking.

use super::output::is_passing;
use super::request::Request;
use super::stream::WebSocketStream;
use crate::transport::log;
use crate::transport::settings::OpenSettings;
use crate::transport::stream::{MessageLength, Readiness, Stream};
use crate::transport::uri::ServerUri;
use crate::transport::wait::{Turn, Wait};
use std::io::IoSlice;
use std::sync::Arc;

/// Longest answer to the request.
const LONGEST_ANSWER: usize = 16 << 10;

/// Why there is none in a library without them. URIs are refused before.
const LEFT_OUT: &str = "this library was built without WebSockets";

/// A stream on its way to a WebSocket.
pub(in crate::transport) struct Upgrade {
    stream: Arc<dyn Stream>,
    request: Request,
    sent: usize,
    answer: Vec<u8>,
    /// Something came since the request was sent, even if it was only for the stream below.
    has_heard: bool,
    message_length: MessageLength,
}

/// Why there is no WebSocket.
#[derive(Debug)]
pub(in crate::transport) struct UpgradeFailure {
    pub(in crate::transport) cause: String,
    /// The connection was of no use before anything came.
    pub(in crate::transport) is_unanswered: bool,
}

impl Upgrade {
    pub(in crate::transport) fn start(
        stream: Arc<dyn Stream>,
        uri: &ServerUri,
        settings: &OpenSettings,
        message_length: MessageLength,
    ) -> Result<Box<Upgrade>, String> {
        if !cfg!(feature = "websocket") {
            return Err(LEFT_OUT.into());
        }
        let request = Request::new(uri, settings)?;
        let (sent, answer, has_heard) = (0, Vec::new(), false);
        Ok(Box::new(Upgrade { stream, request, sent, answer, has_heard, message_length }))
    }

    /// Continues as far as possible without waiting.
    #[inline(never)]
    pub(in crate::transport) fn advance(
        mut self: Box<Self>,
    ) -> Result<Turn<Box<Upgrade>, Arc<dyn Stream>>, UpgradeFailure> {
        if !cfg!(feature = "websocket") {
            return Err(UpgradeFailure { cause: LEFT_OUT.into(), is_unanswered: false });
        }
        match self.step() {
            Ok(Some(length)) => Ok(Turn::Done(self.into_stream(length))),
            Ok(None) => Ok(Turn::Waiting(self)),
            Err(cause) => {
                log::protocol(format_args!("WebSocket failed to upgrade connection"));
                self.stream.tell_failure();
                Err(UpgradeFailure { cause, is_unanswered: self.answer.is_empty() })
            }
        }
    }

    /// `length`: that of the answer; what came after it belongs to the stream.
    #[inline(never)]
    #[allow(clippy::boxed_local, reason = "a copy on the stack would stay below OpenSSL")]
    fn into_stream(mut self: Box<Self>, length: usize) -> Arc<dyn Stream> {
        log::protocol(format_args!("WebSocket connection upgraded"));
        let first = self.answer.split_off(length.min(self.answer.len()));
        Arc::new(WebSocketStream::new(self.stream, first, self.message_length, self.request.strict))
    }

    /// Before `wait`: servers send their answers in pieces.
    pub(in crate::transport) fn quick_ack(&self) {
        if self.has_heard {
            self.stream.quick_ack();
        }
    }

    /// Writes, then reads. Returns the length of the answer once it has arrived; more bytes may follow it.
    fn step(&mut self) -> Result<Option<usize>, String> {
        self.has_heard = self.sent == self.request.bytes.len();
        while let Some(rest) = self.request.bytes.get(self.sent..).filter(|rest| !rest.is_empty()) {
            match self.stream.write(&[IoSlice::new(rest)]) {
                Ok(count) => self.sent += count,
                Err(error) if is_passing(&error) => return Ok(None),
                Err(error) => return Err(error.to_string()),
            }
        }
        loop {
            self.answer.reserve(1024);
            match self.stream.read(&mut self.answer) {
                Ok(0) => return Err("the server closed the connection instead of answering".into()),
                Ok(_) => self.has_heard = true,
                Err(error) if is_passing(&error) => return Ok(None),
                Err(error) => return Err(error.to_string()),
            }
            if let Some(length) = self.request.judge(&self.answer)? {
                return Ok(Some(length));
            }
            if self.answer.len() > LONGEST_ANSWER {
                return Err("the answer is too long".into());
            }
        }
    }

    pub(in crate::transport) fn wait(&self) -> Wait<'_> {
        let writes = self.sent < self.request.bytes.len();
        let wanted = self.stream.waits_for(Readiness { read: !writes, write: writes });
        Wait { descriptor: self.stream.descriptor(), read: wanted.read, write: wanted.write }
    }
}
