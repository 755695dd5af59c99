//! Reading: what came from the server goes through the session, and what follows from it to whom it concerns.

use super::application::Interest;
use super::client::{Answer, Client, ConnectOutcome, Guard, State};
use super::clock;
use super::deliveries::Notice;
use super::link::Loss;
use super::message::Message;
use super::trace::{self, Level, trace};
use crate::protocol::{AcknowledgementType, Framing, Publish, Version, split_frame};
use crate::session::{Event, Failure};
use crate::transport::Stream;
use parking_lot::MutexGuard;
use std::cell::RefCell;
use std::io;
use std::sync::Arc;

/// One read takes at most this much, so that no client keeps the others waiting.
const BUFFER: usize = 64 << 10;

thread_local! {
    /// Shared by all clients that a thread reads for: what stays with a client is only the beginning of a packet.
    static READ_BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// What a read gave.
enum Reading {
    Bytes(usize),
    Nothing,
    End(String),
}

fn read_from(stream: &dyn Stream, buffer: &mut [u8]) -> Reading {
    match stream.read(buffer) {
        Ok(0) => Reading::End("the server closed the connection".into()),
        Ok(count) => Reading::Bytes(count),
        Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {
            Reading::Nothing
        }
        Err(error) => Reading::End(format!("reading failed: {error}")),
    }
}

impl Client {
    /// One read of a connection whose `reading` mark the caller has set; clears the mark. The lock is released during the
    /// system call.
    pub(super) fn read(self: &Arc<Self>, state: &mut Guard<'_>, stream: &Arc<dyn Stream>, generation: u32) {
        let Some(link) = state.link_of(generation) else { return };
        let partial = std::mem::take(&mut link.partial);
        READ_BUFFER.with_borrow_mut(|buffer| {
            buffer.resize(BUFFER, 0);
            if partial.is_empty() {
                self.read_into_buffer(state, &**stream, generation, buffer);
            } else {
                self.read_behind(state, &**stream, generation, partial);
            }
        });
        if let Some(link) = state.link_of(generation) {
            link.reading = false;
        }
    }

    fn read_into_buffer(
        self: &Arc<Self>,
        state: &mut Guard<'_>,
        stream: &dyn Stream,
        generation: u32,
        buffer: &mut [u8],
    ) {
        let reading = MutexGuard::unlocked(state, || read_from(stream, buffer));
        let full = buffer.len();
        if let Some(bytes) = self.note(state, generation, reading, full).and_then(|count| buffer.get(..count))
        {
            let used = self.take_in(state, bytes);
            if let (Some(link), Some(rest)) = (state.link_of(generation), bytes.get(used..)) {
                link.partial.extend_from_slice(rest);
            }
        }
    }

    /// Reads behind the beginning of a packet that came before. The space grows with the bytes that came, not with what
    /// the packet's length announces.
    fn read_behind(
        self: &Arc<Self>,
        state: &mut Guard<'_>,
        stream: &dyn Stream,
        generation: u32,
        mut partial: Vec<u8>,
    ) {
        let before = partial.len();
        let space = BUFFER.max(before);
        partial.resize(before + space, 0);
        let reading =
            MutexGuard::unlocked(state, || read_from(stream, partial.get_mut(before..).unwrap_or_default()));
        let count = self.note(state, generation, reading, space);
        partial.truncate(before + count.unwrap_or(0));
        let used = if count.is_some() { self.take_in(state, &partial) } else { 0 };
        if let Some(link) = state.link_of(generation) {
            partial.drain(..used);
            if partial.is_empty() {
                partial = Vec::new();
            }
            link.partial = partial;
        }
    }

    /// Takes the result of a read. The number of bytes, if there are any and the connection is still the same.
    fn note(&self, state: &mut State, generation: u32, reading: Reading, space: usize) -> Option<usize> {
        let link = state.link_of(generation)?;
        match reading {
            Reading::Bytes(count) => {
                link.more_to_read = count == space;
                Some(count)
            }
            Reading::Nothing => None,
            Reading::End(cause) => {
                self.lose(state, Loss::Failed(cause));
                None
            }
        }
    }

    /// Passes all whole packets to the session. How many bytes they were.
    fn take_in(self: &Arc<Self>, state: &mut Guard<'_>, bytes: &[u8]) -> usize {
        let now = clock::now();
        let interest = self.application.interest();
        let maximum = state.session.maximum_incoming();
        let mut rest = bytes;
        loop {
            let frame = match split_frame(rest, maximum) {
                Ok(Framing::Complete(frame)) => frame,
                Ok(Framing::Incomplete { .. }) => return bytes.len() - rest.len(),
                Err(error) => {
                    let failure = state.session.reject(error);
                    self.fail(state, failure);
                    return bytes.len();
                }
            };
            let mark = self.trace_mark(state);
            if mark.is_some() {
                let socket = state.link.as_ref().map_or(-1, |link| link.descriptor());
                trace::received(socket, &self.client_id, state.session.version(), frame);
            }
            let result = state.session.receive(now, frame);
            self.trace_sent(state, mark);
            match result {
                Ok(None) => {}
                Ok(Some(event)) => self.handle(state, event, interest),
                Err(failure) => self.fail(state, failure),
            }
            if state.link.is_none() {
                return bytes.len();
            }
            rest = rest.get(frame.length..).unwrap_or_default();
        }
    }

    /// Ends a connection that the session cannot go on with. What it has queued - an MQTT 5 DISCONNECT with the reason -
    /// is sent if it goes out at once.
    pub(super) fn fail(&self, state: &mut Guard<'_>, failure: Failure) {
        let cause = match failure {
            Failure::Protocol { reason, text } => {
                if state.session.version() == Version::V5 {
                    self.flush(state);
                }
                trace!(
                    Level::Error,
                    "Bad MQTT packet for client {}, reason {}: {text}",
                    self.name(),
                    reason.0
                );
                format!("the server broke the protocol: {text}")
            }
            Failure::KeepAlive => {
                let socket = state.link.as_ref().map_or(-1, |link| link.descriptor());
                trace!(
                    Level::Protocol,
                    "PINGRESP not received in keepalive interval for client {} on socket {socket}, disconnecting",
                    self.name()
                );
                "the server did not answer within the keep alive time".to_owned()
            }
        };
        self.lose(state, Loss::Failed(cause));
    }

    #[inline]
    fn handle(self: &Arc<Self>, state: &mut State, event: Event<'_>, interest: Interest) {
        match event {
            Event::Message(publish) => self.take_message(state, &publish),
            Event::Released(message) => {
                self.take_message(state, &message.publish());
            }
            Event::Acknowledged { id, packet_type, reason, properties } => {
                if interest.published && state.session.version() == Version::V5 {
                    let properties = properties.to_owned();
                    state.deliveries.push_notices([Notice::Published {
                        id,
                        packet_type,
                        reason,
                        properties,
                    }]);
                }
                let complete = packet_type != AcknowledgementType::PubRec;
                if interest.delivery_complete && complete {
                    state.deliveries.push_notices([Notice::DeliveryComplete(id)]);
                }
            }
            Event::Subscribed { id, codes, properties } | Event::Unsubscribed { id, codes, properties } => {
                let answer = Answer { codes: codes.to_vec(), properties: properties.to_owned() };
                state.answers.push((id, answer));
            }
            Event::Connected { session_present, properties } => {
                let properties = properties.to_owned();
                state.outcome = Some(ConnectOutcome::Accepted { session_present, properties });
            }
            Event::Refused { code, properties } => {
                state.outcome = Some(ConnectOutcome::Refused { code, properties: properties.to_owned() });
            }
            Event::ServerDisconnected { reason, properties } => {
                self.lose(state, Loss::ServerDisconnected(reason, properties.to_owned()));
            }
        }
    }

    #[inline]
    fn take_message(&self, state: &mut State, publish: &Publish<'_>) {
        match Message::copy_of(publish) {
            Some(message) => state.deliveries.push_message(message),
            None => self.lose(state, Loss::Failed("there is no memory for a received message".into())),
        }
    }
}
