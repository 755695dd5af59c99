//! The calls that wait for something, and what waits for them.

use crate::engine::inbox::deliveries::Notice;
use crate::protocol::{PacketId, Properties};
use crate::session::Moment;

/// More messages than this within a millisecond are a burst.
const BURST: u32 = 4;

/// The answer to SUBSCRIBE or UNSUBSCRIBE.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// A return code or reason code for each filter; none for UNSUBACK before MQTT 5.
    pub codes: Vec<u8>,
    /// MQTT 5 properties.
    pub properties: Properties,
}

/// Counts the messages of a millisecond.
#[derive(Default)]
struct Burst {
    moment: Moment,
    count: u32,
}

impl Burst {
    /// One more. True: they are many.
    #[inline]
    fn note(&mut self, now: Moment) -> bool {
        if self.moment != now {
            *self = Burst { moment: now, count: 0 };
        }
        self.count += 1;
        self.count > BURST
    }
}

/// The calls of one client that wait.
#[derive(Default)]
pub(in crate::engine) struct WaitingCalls {
    /// They sleep until another thread has changed something.
    asleep: u32,
    /// They wait for something which the server has to send or to read.
    for_server: u32,
    /// Receive calls that look for a message.
    receivers: u32,
    /// Answers whose calls have not fetched them yet.
    answers: Vec<(PacketId, Answer)>,
    /// The connection broke while a receive call looked, or a worker, and no receive call has said so yet.
    loss_unreported: bool,
    /// The connection was lost after CONNACK, before connect could return: what to report, if anything.
    early_loss: Option<Option<Notice>>,
    burst: Burst,
    /// The application has sent a message, and nothing was read since.
    has_asked: bool,
}

impl WaitingCalls {
    /// One more message. True: they are many at a time.
    #[inline]
    pub(in crate::engine) fn note_message(&mut self, now: Moment) -> bool {
        self.burst.note(now)
    }

    /// The application sends something.
    #[inline]
    pub(in crate::engine) fn note_question(&mut self) {
        self.has_asked = true;
    }

    /// Called before a read: true if the application has sent something since the last one.
    #[inline]
    pub(in crate::engine) fn take_question(&mut self) -> bool {
        std::mem::take(&mut self.has_asked)
    }

    pub(in crate::engine) fn fall_asleep(&mut self) {
        self.asleep += 1;
    }

    pub(in crate::engine) fn wake(&mut self) {
        // In a forked child it may have been set to 0 meanwhile.
        self.asleep = self.asleep.saturating_sub(1);
    }

    #[inline]
    pub(in crate::engine) fn is_one_asleep(&self) -> bool {
        self.asleep > 0
    }

    #[inline]
    pub(in crate::engine) fn begin_awaiting_server(&mut self) {
        self.for_server += 1;
    }

    #[inline]
    pub(in crate::engine) fn end_awaiting_server(&mut self) {
        self.for_server -= 1;
    }

    /// A call waits for something which the server has to send or to read.
    #[inline]
    pub(in crate::engine) fn await_server(&self) -> bool {
        self.for_server > 0
    }

    /// A call waits for something of the server that is not a message.
    pub(in crate::engine) fn await_answer(&self) -> bool {
        self.for_server > self.receivers
    }

    /// A call waits for a message.
    #[inline]
    pub(in crate::engine) fn is_one_receiving(&self) -> bool {
        self.receivers > 0
    }

    pub(in crate::engine) fn begin_receiving(&mut self) {
        self.receivers += 1;
    }

    pub(in crate::engine) fn end_receiving(&mut self) {
        self.receivers = self.receivers.saturating_sub(1);
    }

    pub(in crate::engine) fn put_answer(&mut self, id: PacketId, answer: Answer) {
        self.answers.push((id, answer));
    }

    pub(in crate::engine) fn take_answer(&mut self, id: PacketId) -> Option<Answer> {
        let at = self.answers.iter().position(|(of, _)| *of == id)?;
        Some(self.answers.swap_remove(at).1)
    }

    /// A connection begins: no call waits for the answers of an earlier one.
    pub(in crate::engine) fn forget_answers(&mut self) {
        self.answers.clear();
    }

    /// A connection was lost. `by_callback`: a worker found it.
    pub(in crate::engine) fn note_loss(&mut self, by_callback: bool) {
        self.loss_unreported = self.receivers > 0 || by_callback;
    }

    /// Whether a receive call has to say that the connection was lost.
    pub(in crate::engine) fn has_unreported_loss(&self) -> bool {
        self.loss_unreported
    }

    pub(in crate::engine) fn take_unreported_loss(&mut self) -> bool {
        std::mem::take(&mut self.loss_unreported)
    }

    /// The connection was lost before connect could return. `notice`: what to report of that.
    pub(in crate::engine) fn note_early_loss(&mut self, notice: Option<Notice>) {
        self.early_loss = Some(notice);
    }

    pub(in crate::engine) fn take_early_loss(&mut self) -> Option<Option<Notice>> {
        self.early_loss.take()
    }

    /// In a forked child: no other thread waits.
    pub(in crate::engine) fn begin_in_child(&mut self) {
        (self.asleep, self.receivers) = (0, 0);
    }
}
