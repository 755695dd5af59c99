//! Reading: what came from the server goes through the session, and what follows from it to whom it concerns.

use crate::engine::application::Interest;
use crate::engine::client::{Client, Guard, State};
use crate::engine::connecting::ServerAnswer;
use crate::engine::drivers::connection::Loss;
use crate::engine::inbox::deliveries::Notice;
use crate::engine::inbox::message::Message;
use crate::engine::inbox::spare;
use crate::engine::inbox::waiting_calls::Answer;
use crate::engine::runtime::clock;
use crate::locks::MutexGuard;
use crate::protocol::{
    AcknowledgementType, DecodeError, Framing, PacketType, Publish, QoS, Version, packet_length, split_frame,
};
use crate::session::{Event, Failure};
use crate::trace::{self, Level, trace};
use crate::transport::{MAY_EXPECT_TLS, Scheme, Stream};
use std::cell::Cell;
use std::io;
use std::sync::Arc;

/// One read takes at most this much, so that no client keeps the others waiting.
const BUFFER: usize = 64 << 10;

thread_local! {
    /// Shared by all clients that a thread reads for: what stays with a client is only the beginning of a packet.
    static READ_BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// The result of a read.
enum Reading {
    Bytes,
    Nothing,
    End(String),
}

fn read_from(stream: &dyn Stream, buffer: &mut Vec<u8>) -> Reading {
    match stream.read(buffer) {
        Ok(0) => Reading::End("the server closed the connection".into()),
        Ok(_) => Reading::Bytes,
        Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {
            Reading::Nothing
        }
        Err(error) => Reading::End(format!("reading failed: {error}")),
    }
}

impl Client {
    /// One read of a connection whose `reading` mark the caller has set; clears the mark. The lock is released during the
    /// system call.
    pub(in crate::engine) fn read(
        self: &Arc<Self>,
        state: &mut Guard<'_>,
        stream: &Arc<dyn Stream>,
        generation: u32,
    ) {
        let Some(connection) = state.connection_of(generation) else { return };
        let partial = connection.take_partial();
        let rest = if partial.len() <= BUFFER / 2 {
            let mut buffer = READ_BUFFER.take();
            let rest = self.read_into_buffer(state, &**stream, generation, partial, &mut buffer);
            READ_BUFFER.set(buffer);
            rest
        } else {
            self.read_behind(state, &**stream, generation, partial)
        };
        if state.session.has_new_oddities() {
            self.trace_new_oddities(state);
        }
        if let Some(connection) = state.connection_of(generation) {
            connection.keep_partial(rest);
            connection.end_reading();
        }
    }

    /// Reads into the thread's buffer, behind the beginning of a packet that came before. What remains is again such a
    /// beginning.
    fn read_into_buffer(
        self: &Arc<Self>,
        state: &mut Guard<'_>,
        stream: &dyn Stream,
        generation: u32,
        mut partial: Vec<u8>,
        buffer: &mut Vec<u8>,
    ) -> Vec<u8> {
        buffer.clear();
        buffer.reserve_exact(BUFFER);
        buffer.extend_from_slice(&partial);
        if !self.fill(state, stream, generation, buffer) {
            return partial;
        }
        // A buffer that is well filled goes along with its messages; of few bytes a copy takes less memory.
        let keeps_buffer = buffer.len() < BUFFER / 4;
        let block = begins_with_message(buffer).then(|| match keeps_buffer {
            true => spare::block_of(buffer),
            false => Arc::new(std::mem::take(buffer)),
        });
        let bytes = block.as_deref().map_or(buffer.as_slice(), Vec::as_slice);
        let used = self.take_in(state, generation, bytes, block.as_ref());
        let rest = bytes.get(used..).unwrap_or_default();
        partial.clear();
        if rest.len() > BUFFER / 2 {
            // The next read goes behind it, so it is copied to where there is room for that.
            let (room, end) = room_behind(rest, state.session.maximum_incoming());
            partial = spare::take_larger(rest.len() + room, end).unwrap_or_default();
            partial.reserve_exact(rest.len() + room);
        }
        partial.extend_from_slice(rest);
        // Where no message lies in it, it is read into again.
        if let Some(bytes) = block.and_then(Arc::into_inner).filter(|_| !keeps_buffer) {
            *buffer = bytes;
        }
        if partial.is_empty() { Vec::new() } else { partial }
    }

    /// Reads behind the beginning of a large packet. The space grows with the bytes that came, not with what the packet's
    /// length announces.
    fn read_behind(
        self: &Arc<Self>,
        state: &mut Guard<'_>,
        stream: &dyn Stream,
        generation: u32,
        mut partial: Vec<u8>,
    ) -> Vec<u8> {
        let maximum = state.session.maximum_incoming();
        let (room, end) = room_behind(&partial, maximum);
        if partial.capacity() - partial.len() < room {
            // Memory that was used before, if there is; otherwise more of this.
            match spare::take_larger(partial.len() + room, end) {
                Some(larger) => {
                    let smaller = std::mem::replace(&mut partial, larger);
                    partial.extend_from_slice(&smaller);
                }
                None if partial.try_reserve_exact(room).is_err() => {
                    self.lose(state, Loss::Failed("memory is short for what the server sends".into()));
                    return Vec::new();
                }
                None => {}
            }
        }
        if !self.fill(state, stream, generation, &mut partial) {
            return partial;
        }
        if missing(&partial, maximum) > 0 {
            return partial;
        }
        let block = Arc::new(partial);
        let used = self.take_in(state, generation, &block, Some(&block));
        block.get(used..).unwrap_or_default().to_vec()
    }

    /// One read behind what the buffer holds. True: there are new bytes, and the connection is still the same.
    fn fill(
        &self,
        state: &mut Guard<'_>,
        stream: &dyn Stream,
        generation: u32,
        buffer: &mut Vec<u8>,
    ) -> bool {
        let before = buffer.len();
        let reading = MutexGuard::unlocked(state, || read_from(stream, buffer));
        let Some(connection) = state.connection_of(generation) else { return false };
        match reading {
            Reading::Bytes => {
                let is_full = buffer.len() == buffer.capacity();
                connection.note_read(buffer.len() - before, is_full, stream.has_buffered());
                connection.note_arrival();
                true
            }
            // It was nothing for us; there may be more after it.
            Reading::Nothing => {
                connection.note_read(0, false, stream.has_buffered());
                false
            }
            Reading::End(cause) => {
                let cause = connection.cause_of_end(cause);
                self.lose_broken(state, cause);
                false
            }
        }
    }

    /// The stream has ended, or cannot be read.
    #[cold]
    fn lose_broken(&self, state: &mut State, cause: String) {
        let cause = match state.session.awaits_connack() && self.is_plain_tcp(state) {
            true => format!("{cause}; {MAY_EXPECT_TLS}"),
            false => cause,
        };
        self.lose(state, Loss::Failed(cause));
    }

    /// The server that is being tried is reached without TLS and WebSockets, over the network.
    fn is_plain_tcp(&self, state: &State) -> bool {
        let Some((plan, attempt)) = state.connector.attempt() else { return false };
        let listed = plan.servers.get(attempt.server).and_then(Option::as_ref);
        listed.unwrap_or(&self.server).scheme == Scheme::Tcp
    }

    /// Passes whole packets to the session, as long as the connection they came from is the client's. `block`: what they
    /// lie in, if there are messages among them. How many bytes are done with.
    fn take_in(
        self: &Arc<Self>,
        state: &mut Guard<'_>,
        generation: u32,
        packets: &[u8],
        block: Option<&Arc<Vec<u8>>>,
    ) -> usize {
        let now = clock::now();
        let interest = self.application.interest();
        let maximum = state.session.maximum_incoming();
        let mut rest = packets;
        loop {
            let frame = match split_frame(rest, maximum) {
                Ok(Framing::Complete(frame)) => frame,
                Ok(Framing::Incomplete { .. }) => {
                    if !rest.is_empty() {
                        self.judge_rest(state, rest, None);
                    }
                    return packets.len() - rest.len();
                }
                Err(error) => {
                    self.judge_rest(state, rest, Some(error));
                    return packets.len();
                }
            };
            rest = rest.get(frame.length..).unwrap_or_default();
            state.counters.count_received(frame.first_byte, frame.length);
            let mark = self.trace_mark(state);
            let plain = match mark {
                None => state.session.receive_plain(now, frame),
                Some(_) => {
                    trace::received(state.socket(), &self.client_id, state.session.version(), frame);
                    None
                }
            };
            let mut is_accepted = false;
            if let Some(publish) = plain {
                self.take_message(state, block, &publish);
                if publish.qos == QoS::AtMostOnce {
                    // Nothing else follows from it.
                    continue;
                }
            } else {
                let result = state.session.receive(now, frame);
                self.trace_sent(state, mark);
                match result {
                    Ok(None) => {}
                    Ok(Some(Event::Message(publish))) => self.take_message(state, block, &publish),
                    Ok(Some(event)) => {
                        is_accepted = matches!(event, Event::Connected { .. });
                        if matches!(event, Event::ServerDisconnected { .. }) {
                            // The server may still read that it need not send again what came before.
                            self.finish_writing(state, generation);
                            if state.connection_of(generation).is_none() {
                                return packets.len();
                            }
                        }
                        self.handle(state, event, interest);
                    }
                    Err(failure) => self.fail(state, failure),
                }
            }
            state.carry_out_store_commands();
            state.make_room_for_unreleased();
            if state.mode.is_asynchronous() {
                self.collect(state);
                self.note_acceptance(state);
            }
            if is_accepted {
                self.take_in_early(state, generation);
            }
            if state.connection_of(generation).is_none() {
                return packets.len();
            }
        }
    }

    /// Takes in what came before the server was accepted, if it is now.
    pub(super) fn take_in_early(self: &Arc<Self>, state: &mut Guard<'_>, generation: u32) {
        let Some(early) = state.session.take_early_packets() else { return };
        let (early, counted) = (Arc::new(early), state.counters.received);
        self.take_in(state, generation, &early, Some(&early));
        // They were counted when they came.
        state.counters.received = counted;
    }

    /// Bytes behind the last whole packet that cannot become a packet end the connection.
    fn judge_rest(&self, state: &mut Guard<'_>, rest: &[u8], error: Option<DecodeError>) {
        let judgement = match error {
            Some(error) => Err(state.session.reject(error)),
            None => state.session.expect(rest),
        };
        if let Err(failure) = judgement {
            self.fail(state, failure);
        }
    }

    /// Ends a connection that the session cannot go on with. After a breach of the protocol what is queued - acknowledgements
    /// of what came before, an MQTT 5 DISCONNECT with the reason - is sent if it goes out at once.
    pub(in crate::engine) fn fail(&self, state: &mut Guard<'_>, failure: Failure) {
        let generation = state.connector.generation();
        let losses = state.counters.connects.lost;
        let is_violation = matches!(failure, Failure::Protocol { .. });
        let cause = match failure {
            Failure::Protocol { reason, text } => {
                self.finish_writing(state, generation);
                trace!(
                    Level::Error,
                    "Bad MQTT packet for client {}, reason {}: {text}",
                    self.name(),
                    reason.0
                );
                format!("the server broke the protocol: {text}")
            }
            Failure::Stalled => "the server has not read anything for a minute".to_owned(),
            Failure::KeepAlive => {
                let socket = state.socket();
                trace!(
                    Level::Protocol,
                    "PINGRESP not received in keepalive interval for client {} on socket {socket}, disconnecting",
                    self.name()
                );
                "the server did not answer within the keep alive time".to_owned()
            }
        };
        // During the write another thread may have closed this connection, or even opened the next one.
        if state.connection_of(generation).is_some() {
            self.lose(state, Loss::Failed(cause));
        }
        let connects = &mut state.counters.connects;
        let lost = connects.lost - losses;
        match is_violation {
            true => connects.lost_by_violation += lost,
            false => connects.lost_by_silence += lost,
        }
    }

    #[inline]
    fn handle(self: &Arc<Self>, state: &mut State, event: Event<'_>, interest: Interest) {
        match event {
            Event::Message(_) => {}
            Event::Authenticate { reason, properties } => state.note_authentication(reason, properties),
            Event::Released(message) => {
                state.queue_released(&message);
            }
            Event::Acknowledged { id, packet_type, reason, properties } => {
                if interest.published && state.session.version() == Version::V5 {
                    let properties = properties.to_owned();
                    let published = Notice::Published { id, packet_type, reason, properties };
                    state.deliveries.push_notice(published);
                }
                // Only the asynchronous interface counts a message as delivered that PUBREC has refused.
                let refused = packet_type == AcknowledgementType::PubRec && reason.is_error();
                if interest.delivery_complete && (!refused || state.mode.is_asynchronous()) {
                    state.deliveries.push_notice(Notice::DeliveryComplete(id));
                }
            }
            // In the asynchronous interface these are completions.
            Event::Subscribed { .. } | Event::Unsubscribed { .. } if state.mode.is_asynchronous() => {}
            Event::Subscribed { id, codes, properties } | Event::Unsubscribed { id, codes, properties } => {
                let answer = Answer { codes: codes.into_vec(), properties: properties.to_owned() };
                state.calls.put_answer(id, answer);
            }
            Event::Connected { session_present, properties } => {
                if state.session.is_connected() {
                    state.begin_session(session_present);
                }
                let properties = properties.to_owned();
                state.connector.set_answer(ServerAnswer::Accepted { session_present, properties });
            }
            Event::Refused { code, properties } => {
                state.connector.set_answer(ServerAnswer::Refused { code, properties: properties.to_owned() });
            }
            Event::Unusable { cause } => state.connector.set_answer(ServerAnswer::Unusable { cause }),
            Event::RefusedByDisconnect { reason, properties } => {
                let properties = properties.to_owned();
                state
                    .connector
                    .set_answer(ServerAnswer::Disconnected { reason, properties: properties.clone() });
                self.lose(state, Loss::ServerDisconnected(reason, properties));
            }
            Event::ServerDisconnected { reason, properties } => {
                self.lose(state, Loss::ServerDisconnected(reason, properties.to_owned()));
            }
        }
    }

    #[inline(always)]
    fn take_message(&self, state: &mut State, block: Option<&Arc<Vec<u8>>>, publish: &Publish<'_>) {
        let message = match block {
            Some(block) => Message::in_block(block, publish),
            None => Message::copy_of(publish),
        };
        debug_assert!(message.is_some(), "a message lies outside of its block");
        if let Some(message) = message {
            state.keep_and_queue(message);
        }
    }
}

/// Messages come in numbers: where there is one at the beginning, or after an acknowledgement, more are likely to follow.
fn begins_with_message(bytes: &[u8]) -> bool {
    let is_one =
        |bytes: &[u8]| bytes.first().is_some_and(|&first| PacketType::of(first) == Some(PacketType::Publish));
    is_one(bytes) || packet_length(bytes).and_then(|length| bytes.get(length..)).is_some_and(is_one)
}

/// How much room the next read needs behind this beginning of a packet, and the size that its memory may have at most. Not much
/// more than the packet needs: it would be filled with what comes after, and one read is to bring little more than is asked for.
fn room_behind(beginning: &[u8], maximum: u32) -> (usize, usize) {
    let missing = missing(beginning, maximum);
    (missing.clamp(1, beginning.len().max(BUFFER)), beginning.len() + missing + BUFFER)
}

/// Number of bytes missing from the packet that begins here, as far as is known; 0 when it is whole, or none.
fn missing(bytes: &[u8], maximum: u32) -> usize {
    match split_frame(bytes, maximum) {
        Ok(Framing::Incomplete { total: Some(total) }) => total.saturating_sub(bytes.len()),
        Ok(Framing::Incomplete { total: None }) => BUFFER,
        Ok(Framing::Complete(_)) | Err(_) => 0,
    }
}
