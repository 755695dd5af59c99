//! The queues for the application: received messages and notices, in the order in which they came.

use crate::engine::inbox::bounds::Bounds;
use crate::engine::inbox::catching_up::{CatchingUp, FEW, MANY};
use crate::engine::inbox::message::{Message, QueuePlace};
use crate::engine::inbox::notice::Subject;
use crate::session::Moment;
use std::collections::{HashMap, VecDeque};
use std::thread::{self, ThreadId};

pub(in crate::engine) use crate::engine::inbox::notice::Notice;

/// From so many bytes on, what the application has had is used again for what comes.
const HEAVY: usize = 1 << 20;

/// Among so many notices the one of a request is not looked for one by one.
const WORTH_AN_INDEX: usize = 32;

/// A refused message is offered again after this many milliseconds, and then after twice as many, up to the longest.
const FIRST_PAUSE: u64 = 100;
const LONGEST_PAUSE: u64 = 1000;

/// The next thing to give to the application.
pub(in crate::engine) enum Delivery {
    Message(Message),
    Notice(Notice),
}

impl Delivery {
    /// Where it is kept until the application has it.
    #[inline]
    pub(in crate::engine) fn place(&self) -> QueuePlace {
        match self {
            Delivery::Message(message) => message.place,
            Delivery::Notice(_) => QueuePlace::NONE,
        }
    }
}

/// A notice in the queue.
struct Waiting {
    sequence: u64,
    size: usize,
    notice: Notice,
}

/// The queues of one client.
#[derive(Default)]
pub(in crate::engine) struct Deliveries {
    messages: VecDeque<(u64, Message)>,
    notices: VecDeque<Waiting>,
    sequence: u64,
    /// Memory that the messages and notices hold. A block that lies under several messages in a row counts once.
    bytes: usize,
    /// Messages go to messageArrived; otherwise they wait for receive.
    messages_by_callback: bool,
    /// The application disconnected: no message until it connects again.
    stopped: bool,
    /// The subject of the callback that runs.
    subject: Option<Subject>,
    /// The sequence of the last notice of each token that somebody waits for: made when it is first asked for among many
    /// notices, gone with the last of them.
    last_of: Option<HashMap<u16, u64>>,
    /// The first message was refused and is not offered before this.
    refused_until: Option<Moment>,
    pause: u64,
    /// The client is queued in a lane.
    queued: bool,
    /// The thread inside a callback of this client.
    running: Option<ThreadId>,
    /// Where the message that a callback has is kept.
    in_hand: QueuePlace,
    catching_up: CatchingUp,
    /// Nothing more is read for the time being: enough waits for the application, or for the server.
    reading_stopped: bool,
    /// The log already says that a call waits for something that cannot happen.
    overfull_reported: bool,
    /// So much may wait.
    pub(in crate::engine) bounds: Bounds,
}

impl Deliveries {
    /// The application is connected: it gets its messages by messageArrived, or by receive.
    pub(in crate::engine) fn resume(&mut self, messages_by_callback: bool) {
        (self.stopped, self.messages_by_callback) = (false, messages_by_callback);
    }

    /// The application has disconnected: no message until it connects again.
    pub(in crate::engine) fn stop(&mut self) {
        self.stopped = true;
    }

    pub(in crate::engine) fn are_stopped(&self) -> bool {
        self.stopped
    }

    #[inline]
    pub(in crate::engine) fn is_reading_stopped(&self) -> bool {
        self.reading_stopped
    }

    pub(in crate::engine) fn stop_reading(&mut self) {
        self.reading_stopped = true;
    }

    pub(in crate::engine) fn resume_reading(&mut self) {
        (self.reading_stopped, self.overfull_reported) = (false, false);
    }

    /// True once, until reading goes on: the log has to say that a call waits for something that cannot happen.
    pub(in crate::engine) fn note_overfull(&mut self) -> bool {
        !std::mem::replace(&mut self.overfull_reported, true)
    }

    /// Messages go to messageArrived.
    pub(in crate::engine) fn has_message_callback(&self) -> bool {
        self.messages_by_callback
    }

    /// A callback can run, and no thread sees to that yet.
    #[inline]
    pub(in crate::engine) fn wants_thread(&self) -> bool {
        !self.is_being_served() && self.is_ready()
    }

    /// The client is queued in a lane, or a callback runs.
    #[inline]
    pub(in crate::engine) fn is_being_served(&self) -> bool {
        self.queued || self.running.is_some()
    }

    pub(in crate::engine) fn is_in_lane(&self) -> bool {
        self.queued
    }

    /// True: the client is to be put into a lane.
    pub(in crate::engine) fn enter_lane(&mut self) -> bool {
        let enters = self.wants_thread();
        self.queued |= enters;
        enters
    }

    /// The client has its turn.
    pub(in crate::engine) fn leave_lane(&mut self) {
        self.queued = false;
    }

    /// Nothing puts the client into a lane any more. True: it is in one.
    pub(in crate::engine) fn keep_out_of_lane(&mut self) -> bool {
        std::mem::replace(&mut self.queued, true)
    }

    /// The thread inside a callback of this client.
    pub(in crate::engine) fn running(&self) -> Option<ThreadId> {
        self.running
    }

    /// This thread is about to make the callback.
    #[inline]
    pub(in crate::engine) fn begin_callback(&mut self, thread: ThreadId, delivery: &Delivery) {
        self.running = Some(thread);
        self.in_hand = delivery.place();
    }

    /// Where the message that a callback has is kept, or that of the one that has just returned.
    #[inline]
    pub(in crate::engine) fn take_in_hand(&mut self) -> QueuePlace {
        std::mem::take(&mut self.in_hand)
    }

    /// The calling thread has sent a message. True: it should wait until the application has been given results.
    #[inline]
    pub(in crate::engine) fn note_sender(&mut self) -> bool {
        self.catching_up.note_sender() && self.notices.len() >= MANY
    }

    /// The calling thread is about to wait for that, at this progress of the lane. False: waiting was useless then.
    pub(in crate::engine) fn begin_catching_up(&mut self, progress: u64) -> bool {
        self.catching_up.begin_waiting(progress)
    }

    /// It has waited. `in_vain_at`: the lane's progress, if there was none meanwhile.
    pub(in crate::engine) fn end_catching_up(&mut self, in_vain_at: Option<u64>) {
        self.catching_up.end_waiting(in_vain_at);
    }

    pub(in crate::engine) fn has_more_than_few_notices(&self) -> bool {
        self.notices.len() > FEW
    }

    /// A thread waits until only few are left, and they are.
    #[inline]
    pub(in crate::engine) fn is_caught_up(&self) -> bool {
        self.catching_up.is_over(self.notices.len())
    }

    fn next_sequence(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    /// In a forked child: no thread of this process is inside a callback, unless it is the calling one.
    pub(in crate::engine) fn leave_to_parent(&mut self) {
        self.queued = false;
        if self.running != Some(thread::current().id()) {
            self.callback_returned();
            self.in_hand = QueuePlace::NONE;
        }
    }

    /// In a forked child: the callbacks that wait are made in the parent.
    pub(in crate::engine) fn leave_callbacks_to_parent(&mut self) {
        self.notices.clear();
        self.clear_messages();
    }

    #[inline(always)]
    pub(in crate::engine) fn push_message(&mut self, message: Message) {
        let sequence = self.next_sequence();
        if !self.messages.back().is_some_and(|(_, last)| last.shares_block(&message)) {
            self.bytes += message.held();
        }
        self.messages.push_back((sequence, message));
    }

    #[inline(always)]
    pub(in crate::engine) fn push_notice(&mut self, notice: Notice) {
        let (sequence, size) = (self.next_sequence(), notice.size());
        self.bytes += size;
        if let Some(last_of) = self.last_of.as_mut().filter(|_| notice.is_of_request()) {
            last_of.insert(notice.token(), sequence);
        }
        self.notices.push_back(Waiting { sequence, size, notice });
    }

    pub(in crate::engine) fn push_notices(&mut self, notices: impl IntoIterator<Item = Notice>) {
        notices.into_iter().for_each(|notice| self.push_notice(notice));
    }

    /// The first message for a receive call.
    #[inline]
    pub(in crate::engine) fn take_message(&mut self) -> Option<Message> {
        let (_, message) = self.messages.pop_front()?;
        if !self.messages.front().is_some_and(|(_, next)| next.shares_block(&message)) {
            self.bytes -= message.held();
        }
        Some(message)
    }

    pub(in crate::engine) fn messages(&self) -> impl Iterator<Item = &Message> {
        self.messages.iter().map(|(_, message)| message)
    }

    /// How many messages wait.
    pub(in crate::engine) fn message_count(&self) -> usize {
        self.messages.len()
    }

    fn message_sequence(&self) -> Option<u64> {
        if self.stopped || !self.messages_by_callback || self.refused_until.is_some() {
            return None;
        }
        self.messages.front().map(|(sequence, _)| *sequence)
    }

    /// True when a callback can run now.
    fn is_ready(&self) -> bool {
        !self.notices.is_empty() || self.message_sequence().is_some()
    }

    /// The next callback, in the order in which things came.
    #[inline]
    pub(in crate::engine) fn take(&mut self) -> Option<Delivery> {
        let message = self.message_sequence();
        let notice = self.notices.front().map(|waiting| waiting.sequence);
        match (message, notice) {
            (Some(message), Some(notice)) if message < notice => self.take_message().map(Delivery::Message),
            (Some(_), None) => self.take_message().map(Delivery::Message),
            (_, Some(_)) => self.take_notice().map(Delivery::Notice),
            (None, None) => None,
        }
    }

    #[inline]
    fn take_notice(&mut self) -> Option<Notice> {
        let Waiting { size, notice, .. } = self.notices.pop_front()?;
        self.bytes -= size;
        if self.notices.is_empty() {
            self.last_of = None;
        }
        self.subject = Some(notice.subject());
        Some(notice)
    }

    /// A callback has returned.
    #[inline]
    pub(in crate::engine) fn callback_returned(&mut self) {
        self.running = None;
        self.subject = None;
    }

    /// A callback other than messageArrived is due, or runs.
    pub(in crate::engine) fn has_notices(&self) -> bool {
        self.subject.is_some() || !self.notices.is_empty()
    }

    /// A callback of this request is due, or runs.
    pub(in crate::engine) fn has_notice_of(&mut self, token: u16) -> bool {
        if self.subject == Some(Subject::Request(token)) {
            return true;
        }
        let Some(first) = self.notices.front().map(|waiting| waiting.sequence) else { return false };
        let of_requests = || self.notices.iter().filter(|waiting| waiting.notice.is_of_request());
        if self.notices.len() < WORTH_AN_INDEX {
            return of_requests().any(|waiting| waiting.notice.token() == token);
        }
        let index = || of_requests().map(|waiting| (waiting.notice.token(), waiting.sequence)).collect();
        let last = self.last_of.get_or_insert_with(index).get(&token);
        last.is_some_and(|last| *last >= first)
    }

    /// Puts a refused message back, first in the queue. The moment when it is offered again.
    pub(in crate::engine) fn refuse(&mut self, message: Message, now: Moment) -> Moment {
        if !self.messages.front().is_some_and(|(_, next)| next.shares_block(&message)) {
            self.bytes += message.held();
        }
        // Sequence 0 is before everything that came.
        self.messages.push_front((0, message));
        self.pause = if self.pause == 0 { FIRST_PAUSE } else { (self.pause * 2).min(LONGEST_PAUSE) };
        let until = now.plus_millis(self.pause);
        self.refused_until = Some(until);
        until
    }

    /// A message was taken: the next refusal begins with the short pause.
    pub(in crate::engine) fn accepted(&mut self) {
        self.pause = 0;
    }

    /// When a refused message is offered again.
    pub(in crate::engine) fn refused_until(&self) -> Option<Moment> {
        self.refused_until
    }

    /// The pause after a refusal is over.
    pub(in crate::engine) fn end_pause(&mut self) {
        self.refused_until = None;
    }

    /// So much waits for the application that no more should be read.
    #[inline]
    pub(in crate::engine) fn is_full(&self) -> bool {
        self.bounds.are_reached(self.entries(), self.bytes)
    }

    /// What waits here and so many more messages, of so many bytes, exceed the bound together. One message alone never does.
    pub(in crate::engine) fn leaves_no_room_for(&self, (count, bytes): (usize, usize)) -> bool {
        let waiting = self.entries() + count;
        waiting > 1 && self.bounds.are_exceeded(waiting, self.bytes + bytes)
    }

    /// So much waits for the application that no more must be read, even for a call that waits for an answer.
    pub(in crate::engine) fn is_overfull(&self) -> bool {
        self.bounds.are_reached_for_a_call(self.entries(), self.bytes)
    }

    /// So much waits that its memory is worth keeping.
    #[inline]
    pub(in crate::engine) fn is_heavy(&self) -> bool {
        self.bytes > HEAVY
    }

    #[inline]
    fn entries(&self) -> usize {
        self.messages.len() + self.notices.len()
    }

    fn retain_notices(&mut self, keep: impl Fn(&Notice) -> bool) {
        let bytes = &mut self.bytes;
        self.notices.retain(|waiting| {
            let kept = keep(&waiting.notice);
            *bytes -= if kept { 0 } else { waiting.size };
            kept
        });
        self.last_of = None;
    }

    fn size_of_notices(&self) -> usize {
        self.notices.iter().map(|waiting| waiting.size).sum()
    }

    /// The end of a connection is still to be reported.
    pub(in crate::engine) fn has_loss(&self) -> bool {
        let is_loss = |notice: &Notice| matches!(notice, Notice::ConnectionLost | Notice::Disconnected(..));
        self.notices.iter().any(|waiting| is_loss(&waiting.notice))
    }

    /// The end of a connection is just being reported, or something else that is of no request.
    pub(in crate::engine) fn is_reporting_loss(&self) -> bool {
        self.subject == Some(Subject::Connection)
    }

    /// Forgets the callbacks about the connection that have not run yet.
    pub(in crate::engine) fn clear_connection_notices(&mut self) {
        self.retain_notices(Notice::is_of_request);
    }

    /// Forgets the callbacks that have not run yet, but no message and no end of a request.
    pub(in crate::engine) fn clear_notices(&mut self) {
        self.retain_notices(|notice| matches!(notice, Notice::Completed(_)));
    }

    /// Takes out the unreported results of requests, complete deliveries included.
    pub(in crate::engine) fn take_results(&mut self) -> Vec<Notice> {
        self.bytes -= self.size_of_notices();
        self.last_of = None;
        self.notices.drain(..).map(|waiting| waiting.notice).filter(Notice::is_of_request).collect()
    }

    /// Forgets the messages of which that is true. They are kept nowhere.
    pub(in crate::engine) fn forget_messages(&mut self, is_one: impl Fn(&Message) -> bool) {
        let first = self.messages.front().map(|(sequence, _)| *sequence);
        self.messages.retain(|(_, message)| !is_one(message));
        if self.messages.front().map(|(sequence, _)| *sequence) != first {
            self.refused_until = None;
        }
        let mut before = None;
        self.bytes = self.size_of_notices();
        for (_, message) in &self.messages {
            if !before.is_some_and(|before: &Message| before.shares_block(message)) {
                self.bytes += message.held();
            }
            before = Some(message);
        }
    }

    /// Forgets the messages.
    pub(in crate::engine) fn clear_messages(&mut self) {
        self.messages.clear();
        self.bytes = self.size_of_notices();
        self.refused_until = None;
        self.pause = 0;
    }
}

#[cfg(test)]
#[path = "deliveries_tests.rs"]
mod tests;
