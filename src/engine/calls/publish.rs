//! Publishing.

use crate::engine::client::{Client, Guard, State};
use crate::engine::drivers::wait::{WRITER_LOOKS_AGAIN, time_until, wait_for};
use crate::engine::drivers::write::{Written, write_out};
use crate::engine::runtime::clock;
use crate::engine::runtime::poller::Readiness;
use crate::locks::MutexGuard;
use crate::protocol::{PacketId, QoS};
use crate::session::{LARGE_PAYLOAD, OutgoingPublish, RequestError};
use crate::trace::{self, Level, trace};
use std::io::{self, IoSlice};
use std::sync::Arc;

/// While a thread is writing and this many bytes are queued, others wait.
const MOST_QUEUED: usize = 256 << 10;

impl Client {
    /// Publishes. Waits without limit while the window of unacknowledged messages is full or an earlier packet is only
    /// partly written, and until the packet is written, or left to the pool in a burst. `assigned` gets the token of a
    /// QoS 1 or 2 message before any byte of it is written; the lock is held, so it must only store it.
    ///
    /// QoS 0: `Failed` when it could not be written. QoS 1 and 2: stored, and sent again after a reconnect if that failed.
    #[inline]
    pub fn publish(
        self: &Arc<Self>,
        publish: &OutgoingPublish<'_>,
        assigned: impl FnOnce(PacketId),
    ) -> Result<(), RequestError> {
        let mut state = self.state.lock();
        if !state.session.is_connected() {
            return Err(RequestError::NotConnected);
        }
        state.note_question();
        if publish.qos == QoS::AtMostOnce && publish.payload.len() >= LARGE_PAYLOAD {
            return self.publish_from_caller(state, publish);
        }
        if !has_room(&mut state) {
            self.wait_for_room(&mut state)?;
        }
        let mark = self.trace_mark(&mut state);
        let others_in_flight = state.session.has_outgoing_in_flight();
        let now = clock::now();
        let (store, session) = state.store_and_session();
        let sent = store.publish(session, now, publish)?;
        self.trace_sent(&mut state, mark);
        if let Some(id) = sent.id {
            assigned(id);
        }
        let follows_others = sent.id.is_none() || others_in_flight;
        if state.calls.note_message(now) && follows_others && self.gather(&mut state) {
            return Ok(());
        }
        let generation = state.connector.generation();
        if self.flush(&mut state) {
            return Ok(());
        }
        self.wait_until_written(&mut state, generation, publish.qos)
    }

    /// Waits for the window, and for an earlier packet to be written. Fails where it would wait for ever.
    fn wait_for_room(self: &Arc<Self>, state: &mut Guard<'_>) -> Result<(), RequestError> {
        trace!(Level::Minimum, "Blocking publish on queue full for client {}", self.name());
        let generation = state.connector.generation();
        let found = self.wait_until(state, None, |state| {
            if state.connection_of(generation).is_none() {
                return Some(Err(RequestError::Failed));
            }
            if has_room(state) {
                return Some(Ok(()));
            }
            self.is_stuck(state).then_some(Err(RequestError::Failed))
        });
        trace!(Level::Minimum, "Resuming publish now queue not full for client {}", self.name());
        found.unwrap_or(Err(RequestError::Failed))
    }

    #[inline]
    fn wait_until_written(
        self: &Arc<Self>,
        state: &mut Guard<'_>,
        generation: u32,
        qos: QoS,
    ) -> Result<(), RequestError> {
        let failed = || if qos == QoS::AtMostOnce { Err(RequestError::Failed) } else { Ok(()) };
        if state.connection_of(generation).is_some_and(|connection| connection.is_broken()) {
            self.find_loss(state, generation);
            return failed();
        }
        let found = self.wait_until(state, None, |state| {
            let nothing_waits = state.session.outgoing().is_empty();
            match state.connection_of(generation) {
                None => Some(failed()),
                Some(connection) if connection.is_broken() => Some(failed()),
                Some(connection) => {
                    (!connection.is_blocked() && (nothing_waits || connection.promise())).then_some(Ok(()))
                }
            }
        });
        found.unwrap_or_else(failed)
    }

    /// A write failed. With a pool its threads find the end of the connection; without, this call reads what the server
    /// still sent, and so the end.
    fn find_loss(self: &Arc<Self>, state: &mut Guard<'_>, generation: u32) {
        while state.connection_of(generation).is_some_and(|connection| connection.is_to_be_pumped()) {
            self.pump(state, None);
        }
    }

    /// A large QoS 0 payload is written from the application's memory. The caller is the writer until the last byte is
    /// gone: what other threads send meanwhile waits for it.
    fn publish_from_caller(
        self: &Arc<Self>,
        mut state: Guard<'_>,
        publish: &OutgoingPublish<'_>,
    ) -> Result<(), RequestError> {
        if !has_room(&mut state) {
            self.wait_for_room(&mut state)?;
        }
        let generation = state.connector.generation();
        let found = self.wait_until(&mut state, None, |state| match state.connection_of(generation) {
            None => Some(Err(RequestError::Failed)),
            Some(connection) => connection.is_free_for_writing().then_some(Ok(())),
        });
        found.unwrap_or(Err(RequestError::Failed))?;
        self.flush_before(&mut state, generation)?;
        let mark = self.trace_mark(&mut state);
        let (store, session) = state.store_and_session();
        store.publish(session, clock::now(), publish)?;
        if let Some(mark) = mark {
            self.trace_sent_with(&mut state, mark, publish.payload);
        }
        self.write_payload(&mut state, generation, publish.payload)
    }

    /// Writes what was queued before, until nothing is left and no other thread is writing.
    fn flush_before(self: &Arc<Self>, state: &mut Guard<'_>, generation: u32) -> Result<(), RequestError> {
        self.flush(state);
        let found = self.wait_until(state, None, |state| {
            let idle = state.session.outgoing().is_empty();
            match state.connection_of(generation) {
                None => Some(Err(RequestError::Failed)),
                Some(connection) if connection.is_broken() => Some(Err(RequestError::Failed)),
                Some(connection) => (idle && connection.is_free_for_writing()).then_some(Ok(())),
            }
        });
        found.unwrap_or(Err(RequestError::Failed))
    }

    fn write_payload(
        self: &Arc<Self>,
        state: &mut Guard<'_>,
        generation: u32,
        mut payload: &[u8],
    ) -> Result<(), RequestError> {
        let mut head = state.session.outgoing().take();
        let Some(connection) = state.connection_of(generation) else { return Err(RequestError::Failed) };
        connection.begin_payload();
        let (stream, pooled) = (connection.stream().clone(), connection.is_pooled());
        let mut left = head.len() + payload.len();
        loop {
            let result = MutexGuard::unlocked(state, || write_with(&*stream, &mut head, &mut payload));
            let written = left - head.len() - payload.len();
            left -= written;
            if !matches!(result, Ok(Written::Part)) {
                let result = result.map(|_| Written::All);
                let all = self.end(state, generation, head, written, result);
                self.flush(state);
                self.changed.notify_all();
                return if all { Ok(()) } else { Err(RequestError::Failed) };
            }
            if state.connection_of(generation).is_none() {
                return Err(RequestError::Failed);
            }
            // Only what has gone counts as a sign of life.
            if written > 0 {
                state.session.bytes_written(clock::now(), written);
            }
            self.wait_for_stream(state, generation, pooled);
        }
    }

    /// Waits until the stream takes more. Without a pool what the server sends is read meanwhile, so that two sides that
    /// both write do not wait for each other.
    fn wait_for_stream(self: &Arc<Self>, state: &mut Guard<'_>, generation: u32, pooled: bool) {
        let Some(connection) = state.connection_of(generation) else { return };
        let (stream, reading) = (connection.stream().clone(), connection.is_being_read());
        state.calls.begin_awaiting_server();
        let reads = !pooled && !reading && self.may_read(state);
        state.calls.end_awaiting_server();
        if let Some(connection) = state.connection.as_mut().filter(|_| reads) {
            connection.begin_reading();
        }
        let wanted = Readiness { read: reads, write: true };
        let ready = MutexGuard::unlocked(state, || {
            trace::deliver();
            wait_for(&*stream, wanted, Some(time_until(clock::now().plus_millis(WRITER_LOOKS_AGAIN))))
        });
        if ready.read {
            self.read(state, &stream, generation);
        } else if let Some(connection) = state.connection_of(generation).filter(|_| reads) {
            connection.end_reading();
        }
        if !pooled {
            self.check_time(state);
        }
    }
}

#[inline]
fn has_room(state: &mut State) -> bool {
    state.session.window_is_open()
        && state.connection.as_ref().is_some_and(|connection| !connection.is_blocked())
        && state.session.outgoing().len() < MOST_QUEUED
}

/// Writes the head and then the payload, which is shortened by what is gone.
fn write_with(
    stream: &dyn crate::transport::Stream,
    head: &mut crate::session::Outgoing,
    payload: &mut &[u8],
) -> io::Result<Written> {
    let head_is_gone = head.is_empty();
    if !head_is_gone {
        let length = head.len();
        let pieces: Vec<IoSlice<'_>> = head.chunks().chain([*payload]).map(IoSlice::new).collect();
        match stream.write(&pieces) {
            Ok(written) => {
                head.advance(written.min(length));
                *payload = payload.get(written.saturating_sub(length)..).unwrap_or_default();
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Written::Part),
            Err(error) => return Err(error),
        }
        if !head.is_empty() {
            return write_out(stream, head).map(|_| Written::Part);
        }
    }
    // A stream that took only a part takes no more now: asking again would be a call for nothing.
    while head_is_gone && !payload.is_empty() {
        match stream.write(&[IoSlice::new(payload)]) {
            Ok(written) => {
                *payload = payload.get(written..).unwrap_or_default();
                break;
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(if payload.is_empty() { Written::All } else { Written::Part })
}
