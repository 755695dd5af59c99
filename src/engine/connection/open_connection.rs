//! One connection of a client: its stream, and what is under way on it.

use crate::engine::connection::gathering::{Gathering, LeftToPool};
use crate::engine::connection::held::Held;
use crate::engine::connection::joined::Joined;
use crate::engine::connection::quick_ack::QuickAck;
use crate::engine::runtime::poller::Readiness;
use crate::session::{Moment, Outgoing};
use crate::transport::Stream;
use std::io;
use std::os::fd::AsRawFd;
use std::sync::Arc;

/// Gathered bytes are written when there are this many, at the latest.
const MOST_GATHERED: usize = 64 << 10;

/// A connection. While a thread is inside a system call with the client's lock released, no second one enters.
pub(in crate::engine) struct Connection {
    stream: Arc<dyn Stream>,
    generation: u32,
    /// The connect call has succeeded: its end will be reported.
    established: bool,
    /// Served by the pool: registered with its poller.
    pooled: bool,
    /// What the poller was asked for and has not reported yet, or a worker looks for itself.
    armed: Readiness,
    input: Input,
    output: Output,
    quick_ack: QuickAck,
    /// The acknowledgement of a message that waits for its callback.
    held: Held,
    joined: Joined,
}

/// A read that brings so much is one of many.
const MUCH: usize = 16 << 10;

/// What is read.
#[derive(Default)]
struct Input {
    /// A thread is reading.
    is_being_read: bool,
    /// The next read will find something without waiting: the last one filled its buffer, or the stream has bytes already.
    has_more: bool,
    /// The last read brought much, so more is probably there or on its way.
    is_stream: bool,
    /// The beginning of a packet whose rest has not come yet.
    partial: Vec<u8>,
}

/// What is written.
#[derive(Default)]
struct Output {
    /// A thread is writing.
    is_being_written: bool,
    /// The stream took only a part of `unsent`: nothing is written until it is ready for more.
    is_blocked: bool,
    unsent: Outgoing,
    /// A write failed, and why: nothing more is written, and what the server sent before is read.
    error: Option<String>,
    /// Bytes of which publish has said that they are written wait for another thread to write them.
    left_to_pool: Option<LeftToPool>,
    gathering: Gathering,
}

impl Connection {
    pub(in crate::engine) fn new(stream: Arc<dyn Stream>, generation: u32, quick_acks: bool) -> Connection {
        let input = Input { has_more: stream.has_buffered(), ..Input::default() };
        Connection {
            stream,
            generation,
            established: false,
            pooled: false,
            armed: Readiness::default(),
            input,
            output: Output::default(),
            quick_ack: QuickAck::new(quick_acks),
            held: Held::default(),
            joined: Joined::new(),
        }
    }

    #[inline]
    pub(in crate::engine) fn stream(&self) -> &Arc<dyn Stream> {
        &self.stream
    }

    pub(in crate::engine) fn descriptor(&self) -> i32 {
        self.stream.descriptor().as_raw_fd()
    }

    #[inline]
    pub(in crate::engine) fn generation(&self) -> u32 {
        self.generation
    }

    pub(in crate::engine) fn is_established(&self) -> bool {
        self.established
    }

    /// From now on its end will be reported.
    pub(in crate::engine) fn establish(&mut self) {
        self.established = true;
    }

    /// It is about to end as the application wishes: that is not reported.
    pub(in crate::engine) fn begin_end(&mut self) {
        self.established = false;
    }

    #[inline]
    pub(in crate::engine) fn is_pooled(&self) -> bool {
        self.pooled
    }

    /// It is registered with the pool's poller.
    pub(in crate::engine) fn serve_by_pool(&mut self) {
        self.pooled = true;
    }

    /// What the poller is to be asked for, so that this is wanted too; None: it has been.
    #[inline]
    pub(in crate::engine) fn to_arm(&self, wanted: Readiness) -> Option<Readiness> {
        let (read, write) = (self.armed.read || wanted.read, self.armed.write || wanted.write);
        let all = Readiness { read, write };
        (all != self.armed).then_some(all)
    }

    /// The poller was asked for that.
    #[inline]
    pub(in crate::engine) fn note_armed(&mut self, armed: Readiness) {
        self.armed = armed;
    }

    /// A worker can look for more to read itself: nothing else is under way, and the descriptor says whether there is.
    #[inline]
    pub(in crate::engine) fn can_be_kept(&self) -> bool {
        let reading = Readiness { read: true, write: false };
        self.is_parked()
            && !self.armed.write
            && !self.stream.has_buffered()
            && self.stream.waits_for(reading) == reading
    }

    /// What was asked for is asked for again: until now a worker has looked for it.
    pub(in crate::engine) fn take_armed(&mut self) -> Readiness {
        std::mem::take(&mut self.armed)
    }

    /// The poller has reported this, and watches the stream no longer. What may be done.
    #[inline]
    pub(in crate::engine) fn note_event(&mut self, ready: Readiness) -> Readiness {
        self.armed = Readiness::default();
        let ready = self.stream.allows(ready);
        self.output.is_blocked &= !ready.write;
        ready
    }

    /// No thread is notified of data on this connection until it is armed again.
    pub(in crate::engine) fn is_parked(&self) -> bool {
        self.pooled && !self.armed.read && !self.input.is_being_read
    }

    /// Its network work is done by the application's calls, and no other one is reading.
    #[inline]
    pub(in crate::engine) fn is_to_be_pumped(&self) -> bool {
        !self.pooled && !self.input.is_being_read
    }

    #[inline]
    pub(in crate::engine) fn is_being_read(&self) -> bool {
        self.input.is_being_read
    }

    /// The calling thread reads, or waits for something to read.
    #[inline]
    pub(in crate::engine) fn begin_reading(&mut self) {
        self.input.is_being_read = true;
    }

    #[inline]
    pub(in crate::engine) fn end_reading(&mut self) {
        self.input.is_being_read = false;
    }

    /// A read of so many bytes has ended. `is_full`: there was no room for more. `has_buffered`: the stream itself has more.
    #[inline]
    pub(in crate::engine) fn note_read(&mut self, bytes: usize, is_full: bool, has_buffered: bool) {
        let has_more = is_full || has_buffered;
        self.input.has_more = has_more;
        self.input.is_stream = is_full || bytes >= MUCH;
        self.quick_ack.note_read(has_more);
    }

    /// The server has sent something.
    #[inline]
    pub(in crate::engine) fn note_arrival(&mut self) {
        self.held.note_read();
    }

    /// Large messages come one after the other.
    pub(in crate::engine) fn is_stream(&self) -> bool {
        self.input.is_stream
    }

    pub(in crate::engine) fn has_more_to_read(&self) -> bool {
        self.input.has_more
    }

    /// A read is about to begin. True: it will find something without waiting.
    #[inline]
    pub(in crate::engine) fn take_more_to_read(&mut self) -> bool {
        std::mem::take(&mut self.input.has_more)
    }

    /// The beginning of a packet, for a read that brings more of it.
    #[inline]
    pub(in crate::engine) fn take_partial(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.input.partial)
    }

    #[inline]
    pub(in crate::engine) fn keep_partial(&mut self, partial: Vec<u8>) {
        self.input.partial = partial;
    }

    #[inline]
    pub(in crate::engine) fn is_being_written(&self) -> bool {
        self.output.is_being_written
    }

    /// The stream takes no more for the time being.
    #[inline]
    pub(in crate::engine) fn is_blocked(&self) -> bool {
        self.output.is_blocked
    }

    /// Neither is another thread writing nor does the stream take no more.
    #[inline]
    pub(in crate::engine) fn is_free_for_writing(&self) -> bool {
        !self.output.is_being_written && !self.output.is_blocked
    }

    /// The stream takes more again.
    #[inline]
    pub(in crate::engine) fn unblock(&mut self) {
        self.output.is_blocked = false;
    }

    /// A write has failed.
    #[inline]
    pub(in crate::engine) fn is_broken(&self) -> bool {
        self.output.error.is_some()
    }

    /// Bytes of a half-written packet.
    #[inline]
    pub(in crate::engine) fn unsent(&self) -> usize {
        self.output.unsent.len()
    }

    pub(in crate::engine) fn take_unsent(&mut self) -> Outgoing {
        std::mem::take(&mut self.output.unsent)
    }

    /// Claims the stream for writing what is queued, if there is something and no other thread is writing. `nothing_new`:
    /// the session has queued nothing.
    #[inline]
    pub(in crate::engine) fn begin_writing(&mut self, nothing_new: bool) -> Option<(Arc<dyn Stream>, u32)> {
        let nothing_to_do = nothing_new && self.output.unsent.is_empty();
        if !self.is_free_for_writing() || self.is_broken() || nothing_to_do {
            return None;
        }
        self.output.is_being_written = true;
        self.quick_ack.note_write();
        self.held.note_write();
        Some((self.stream.clone(), self.generation))
    }

    /// The calling thread writes a payload, as long as that takes.
    pub(in crate::engine) fn begin_payload(&mut self) {
        self.output.is_being_written = true;
    }

    #[inline]
    pub(in crate::engine) fn end_writing(&mut self) {
        self.output.is_being_written = false;
    }

    /// The stream took only a part: this is left.
    pub(in crate::engine) fn keep_unsent(&mut self, unsent: Outgoing) {
        self.output.unsent = unsent;
        self.output.is_blocked = true;
        self.quick_ack.note_blocked();
    }

    /// A write has failed, so the connection is over, whatever its socket says: some errors leave it as it was. The server may
    /// have said why it ends; reads give that, and then the end.
    pub(in crate::engine) fn note_write_error(&mut self, error: &io::Error) {
        self.output.error = Some(format!("writing failed: {error}"));
        self.stream.shut_down();
    }

    /// Why the connection ends, if this is what reading it says.
    pub(in crate::engine) fn cause_of_end(&self, cause: String) -> String {
        self.output.error.clone().unwrap_or(cause)
    }

    /// What is queued may count as written: another thread writes it, and the end of the connection waits for that. Not when
    /// this end has begun.
    #[inline]
    pub(in crate::engine) fn promise(&mut self) -> bool {
        if self.established {
            self.output.left_to_pool.get_or_insert_with(LeftToPool::new);
        }
        self.established
    }

    /// Whether the bytes of a burst are left to the pool, with so many queued. `promises`: the call says that they are
    /// written.
    #[inline]
    pub(in crate::engine) fn leaves_to_pool(&mut self, queued: usize, promises: bool) -> bool {
        let may_wait = self.pooled && queued < MOST_GATHERED && !self.is_blocked() && !self.is_broken();
        // The acknowledgement has waited for this message: a worker that writes leaves alone what waits.
        let may_wait = may_wait && !self.held.waits && self.output.gathering.may_leave();
        let is_left = may_wait && (!promises || self.promise());
        if is_left {
            self.output.gathering.note_left();
        }
        is_left
    }

    /// Bytes that count as written are still to be.
    pub(in crate::engine) fn has_promised(&self) -> bool {
        self.output.left_to_pool.is_some() && !self.is_broken()
    }

    /// True: the acknowledgement in the queue waits for the callback of its message. Not if anything else is on its way or the
    /// connection ends: with `promises` it is established only as long as it does not.
    pub(in crate::engine) fn hold(&mut self, promises: bool) -> bool {
        let is_quiet = self.output.unsent.is_empty()
            && self.is_free_for_writing()
            && !self.is_broken()
            && !self.input.has_more
            && self.output.left_to_pool.is_none();
        let holds = is_quiet && (!promises || self.promise());
        if holds {
            self.held.waits = true;
        }
        holds
    }

    /// An acknowledgement waits for a callback, or for the answer of another thread.
    #[inline]
    pub(in crate::engine) fn is_holding(&self) -> bool {
        self.held.waits
    }

    /// True: one waits, and is to be written now. `late`: no answer has come in time.
    #[inline]
    pub(in crate::engine) fn let_go(&mut self, late: bool) -> bool {
        self.held.let_go(late)
    }

    /// It is written: only what is written from now on is an answer.
    pub(in crate::engine) fn note_held_sent(&mut self) {
        self.held.was_sent = true;
    }

    /// Another thread of the application usually answers soon after the callback.
    pub(in crate::engine) fn expects_late_answer(&self) -> bool {
        self.held.expects_answer()
    }

    /// The acknowledgement of the message that a call returns next is about to be written.
    pub(in crate::engine) fn begin_acknowledgement(&mut self) {
        if self.joined.begin_acknowledgement() {
            self.stream.hold_next();
        }
    }

    /// A write has ended. `all`: everything that was queued is with the kernel.
    #[inline]
    pub(in crate::engine) fn note_written(&mut self, now: Moment, all: bool) {
        if self.joined.note_written(now) {
            self.stream.push();
        }
        if all && self.output.unsent.is_empty() {
            self.output.left_to_pool = None;
            self.output.gathering.note_written();
        }
    }

    /// Before a wait for this connection: asks the kernel for what it may be holding, and for the acknowledgement of what was
    /// read, if it may delay one.
    #[inline]
    pub(in crate::engine) fn begin_wait(&mut self) {
        if self.joined.begin_wait() {
            self.stream.push();
        }
        self.quick_ack();
    }

    /// Asks the kernel for the acknowledgement of what was read, if it may delay one.
    #[inline]
    pub(in crate::engine) fn quick_ack(&mut self) {
        if self.quick_ack.settle() && !self.stream.quick_ack() {
            self.quick_ack.forbid();
        }
    }

    /// Whether the kernel may be delaying an acknowledgement of which nothing is decided yet.
    #[inline]
    pub(in crate::engine) fn owes_acknowledgement(&self) -> bool {
        self.quick_ack.is_due()
    }

    /// The application has answered soon after each of the last reads.
    pub(in crate::engine) fn expects_answer(&self) -> bool {
        self.quick_ack.expects_answer()
    }

    /// Until this moment the acknowledgement may go along with an answer. True: the pool does not look at it yet.
    pub(in crate::engine) fn put_off_quick_ack(&mut self, until: Moment) -> bool {
        self.quick_ack.put_off(until)
    }

    pub(in crate::engine) fn has_put_off_quick_ack(&self) -> bool {
        self.quick_ack.put_off_until().is_some()
    }

    /// What is owed may still wait: it is put off, or the callback has not returned, and what follows that sends it.
    pub(in crate::engine) fn may_still_owe(&self, now: Moment) -> bool {
        self.quick_ack.may_wait(now)
    }

    /// The pool looks at what was put off. When to look again, if it is not time yet.
    pub(in crate::engine) fn quick_ack_if_overdue(&mut self, now: Moment) -> Option<Moment> {
        let until = self.quick_ack.put_off_until();
        if until.is_some_and(|until| until > now) {
            return until;
        }
        self.quick_ack.stop_watching();
        if until.is_some() {
            self.quick_ack();
        }
        None
    }

    /// In a forked child: no other thread is inside a system call.
    pub(in crate::engine) fn begin_in_child(&mut self) {
        self.end_reading();
        self.end_writing();
    }
}
