//! No exchange waits for a delayed acknowledgement.
//!
//! A server with Nagle's algorithm on - mosquitto by default - sends a small packet only when the one before is
//! acknowledged, and the kernel delays acknowledgements by about 40 ms, because they can go along with what the application
//! sends next. So before a thread waits for a connection, the kernel is asked for the acknowledgement, unless something was
//! written since the last read: that carried it. An application that answers in its callback pays nothing.
//!
//! Where the application has answered soon after each of the last reads, but from another thread, the request is put off
//! for a moment: the answer usually carries the acknowledgement.
//!
//! With the option `tcp.quickack=never` the kernel is never asked.

use crate::session::Moment;

/// So many times in a row the application has to answer before its answer is waited for.
const ENOUGH_ANSWERS: u8 = 4;

/// What a connection owes its server.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Debt {
    /// Nothing was read since the last write, or more can be read at once.
    None,
    /// The kernel may be delaying an acknowledgement.
    Due,
    /// The same, and until this moment it may go along with an answer.
    PutOff(Moment),
    /// The kernel was asked after the last read.
    Settled,
}

/// When the kernel is asked for the acknowledgement of what was read from a connection.
pub(super) struct QuickAck {
    is_allowed: bool,
    debt: Debt,
    /// How many times in a row a write followed the request, or made it needless, before anything else was read.
    answers: u8,
    /// The pool will look at what is put off.
    is_watched: bool,
}

impl QuickAck {
    pub(super) fn new(is_allowed: bool) -> QuickAck {
        QuickAck { is_allowed, debt: Debt::None, answers: 0, is_watched: false }
    }

    /// Something was read. `more_to_read`: the next read will find something at once.
    #[inline]
    pub(super) fn note_read(&mut self, more_to_read: bool) {
        if self.debt == Debt::Settled {
            self.answers = 0;
        }
        self.debt = if more_to_read { Debt::None } else { Debt::Due };
    }

    /// A write begins. It carries the acknowledgement of everything that came before.
    #[inline]
    pub(super) fn note_write(&mut self) {
        if matches!(self.debt, Debt::PutOff(_) | Debt::Settled) {
            self.answers = (self.answers + 1).min(ENOUGH_ANSWERS);
        }
        self.debt = Debt::None;
    }

    /// The kernel did not take what was to be written, so nothing was carried.
    pub(super) fn note_blocked(&mut self) {
        self.debt = Debt::Due;
    }

    /// The kernel may be delaying an acknowledgement of which nothing is decided yet.
    #[inline]
    pub(super) fn is_due(&self) -> bool {
        self.debt == Debt::Due && self.is_allowed
    }

    /// The application has answered soon after each of the last reads.
    pub(super) fn expects_answer(&self) -> bool {
        self.answers == ENOUGH_ANSWERS
    }

    /// Until this moment it may go along with an answer. True: the pool does not look at it yet.
    pub(super) fn put_off(&mut self, until: Moment) -> bool {
        self.debt = Debt::PutOff(until);
        !std::mem::replace(&mut self.is_watched, true)
    }

    /// Until when it was put off, if it was.
    pub(super) fn put_off_until(&self) -> Option<Moment> {
        match self.debt {
            Debt::PutOff(until) => Some(until),
            _ => None,
        }
    }

    pub(super) fn may_wait(&self, now: Moment) -> bool {
        match self.debt {
            Debt::PutOff(until) => until > now,
            Debt::Due => true,
            Debt::None | Debt::Settled => false,
        }
    }

    /// The pool does not look at it any more.
    pub(super) fn stop_watching(&mut self) {
        self.is_watched = false;
    }

    /// The kernel cannot be asked.
    pub(super) fn forbid(&mut self) {
        self.is_allowed = false;
    }

    /// The kernel is to be asked now.
    pub(super) fn settle(&mut self) -> bool {
        let is_owed = self.is_allowed && matches!(self.debt, Debt::Due | Debt::PutOff(_));
        if is_owed {
            self.debt = Debt::Settled;
        }
        is_owed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads, and asks before the wait that follows.
    fn read_and_wait(quick_ack: &mut QuickAck) -> bool {
        quick_ack.note_read(false);
        quick_ack.settle()
    }

    #[test]
    fn it_is_asked_for_once_after_a_read() {
        let mut quick_ack = QuickAck::new(true);
        assert!(!quick_ack.settle());
        assert!(read_and_wait(&mut quick_ack));
        assert!(!quick_ack.settle());
        assert!(read_and_wait(&mut quick_ack));
    }

    #[test]
    fn a_write_carries_it() {
        let mut quick_ack = QuickAck::new(true);
        quick_ack.note_read(false);
        quick_ack.note_write();
        assert!(!quick_ack.settle());
    }

    #[test]
    fn a_write_that_the_kernel_does_not_take_carries_nothing() {
        let mut quick_ack = QuickAck::new(true);
        quick_ack.note_read(false);
        quick_ack.note_write();
        quick_ack.note_blocked();
        assert!(quick_ack.settle());
    }

    #[test]
    fn nobody_waits_where_more_can_be_read() {
        let mut quick_ack = QuickAck::new(true);
        quick_ack.note_read(true);
        assert!(!quick_ack.settle());
    }

    #[test]
    fn it_can_be_forbidden() {
        assert!(!read_and_wait(&mut QuickAck::new(false)));
    }

    #[test]
    fn answers_in_a_row_are_expected_until_something_else_comes() {
        let mut quick_ack = QuickAck::new(true);
        for count in 0..ENOUGH_ANSWERS {
            assert_eq!(quick_ack.answers, count);
            read_and_wait(&mut quick_ack);
            quick_ack.note_write();
        }
        assert_eq!(quick_ack.answers, ENOUGH_ANSWERS);
        // What is put off counts too, if an answer comes in time.
        quick_ack.note_read(false);
        quick_ack.debt = Debt::PutOff(Moment(1));
        quick_ack.note_write();
        assert_eq!(quick_ack.answers, ENOUGH_ANSWERS);
        // The server had more to send when its packet was acknowledged.
        read_and_wait(&mut quick_ack);
        quick_ack.note_read(false);
        assert_eq!(quick_ack.answers, 0);
    }
}
