//! An acknowledgement goes out together with what the application publishes because of the message.
//!
//! Where one message has come and its callback runs next, on the thread that has read it, the acknowledgement stays in the
//! queue until the callback publishes something or returns, or until the tick if it takes long. An application that answers
//! in its callback makes one write for both, and the server gets both at once: mosquitto's WebSockets stop for 100 ms when a
//! second packet comes right after the first.
//!
//! Where another thread of the application has answered soon after each of the last messages, the acknowledgement waits for
//! it a moment longer.
//!
//! Never for a stream of messages, and not while a call waits for the server.

/// The longest acknowledgement without reason and properties. When more is queued, more than one message waits for it, or
/// something else does.
pub(in crate::engine) const LONGEST_HELD: usize = 4;

/// So many times in a row the application has to answer from another thread before its answer is waited for.
const ENOUGH_ANSWERS: u8 = 4;

/// The acknowledgement of a connection that may wait.
#[derive(Default)]
pub(super) struct Held {
    /// It waits.
    pub(super) waits: bool,
    /// It was written when the callback had returned, and nothing since.
    pub(super) was_sent: bool,
    /// Number of times in a row that the application wrote something right after that.
    answers: u8,
}

impl Held {
    /// A write begins: it takes along what waits.
    #[inline]
    pub(super) fn note_write(&mut self) {
        if std::mem::take(&mut self.waits) || std::mem::take(&mut self.was_sent) {
            self.answers = (self.answers + 1).min(ENOUGH_ANSWERS);
        }
    }

    /// The server has sent something.
    #[inline]
    pub(super) fn note_read(&mut self) {
        if std::mem::take(&mut self.was_sent) {
            self.answers = 0;
        }
    }

    /// Another thread of the application usually answers soon after the callback.
    pub(super) fn expects_answer(&self) -> bool {
        self.answers == ENOUGH_ANSWERS
    }

    /// It is to be written now, because nothing else was. `late`: no answer has come in time.
    pub(super) fn let_go(&mut self, late: bool) -> bool {
        let waited = std::mem::take(&mut self.waits);
        if waited && late {
            self.answers = 0;
        }
        waited
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent_after_the_callback(held: &mut Held) {
        held.note_read();
        held.waits = true;
        assert!(held.let_go(false));
        assert!(!held.let_go(false), "once");
        held.note_write();
        held.was_sent = true;
    }

    #[test]
    fn answers_of_another_thread_are_expected_until_one_does_not_come() {
        let mut held = Held::default();
        for count in 0..ENOUGH_ANSWERS {
            assert_eq!(held.answers, count);
            sent_after_the_callback(&mut held);
            held.note_write();
            held.note_write();
        }
        assert!(held.expects_answer());
        // From now on the answer takes it along.
        held.note_read();
        held.waits = true;
        held.note_write();
        assert!(!held.waits);
        assert_eq!(held.answers, ENOUGH_ANSWERS);
        // The server goes on without one.
        sent_after_the_callback(&mut held);
        held.note_read();
        assert_eq!(held.answers, 0);
    }

    #[test]
    fn an_answer_that_does_not_come_in_time_is_not_expected_again() {
        let mut held = Held { answers: ENOUGH_ANSWERS, waits: true, was_sent: false };
        assert!(held.let_go(true));
        assert_eq!(held.answers, 0);
    }
}
