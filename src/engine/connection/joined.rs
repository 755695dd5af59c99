//! Without callbacks the kernel joins an acknowledgement with what the application sends next.
//!
//! A receive call writes the acknowledgement of its message before it returns. Where the application has written something
//! right after that each of the last times, the kernel is asked to hold the next acknowledgement until then, at most for
//! 200 ms, or for the connection's retransmission time where that is longer. The server gets both in one packet: mosquitto's
//! WebSockets stop for 100 ms when a second packet comes right after the first. Before a wait for the server the kernel is
//! asked to send what it holds, and nothing is held until the application has answered again so many times.

use crate::session::Moment;

/// So many times in a row the application has to write soon before the kernel is asked to hold.
const ENOUGH_ANSWERS: u8 = 4;

/// The longest time between the writes that are worth it. Milliseconds.
const SOON: u64 = 1;

/// How far the last acknowledgement of a message that a call returns is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Acknowledgement {
    /// Something was written after it.
    Done,
    /// Its write has begun.
    InWriting,
    /// It was written then, and nothing since.
    Written(Moment),
}

/// Whether the application usually writes right after it was given a message.
pub(super) struct Joined {
    acknowledgement: Acknowledgement,
    /// The kernel may be holding it.
    is_held: bool,
    /// A wait has begun while it was being written.
    is_waited_for: bool,
    answers: u8,
}

impl Joined {
    pub(super) fn new() -> Joined {
        Joined { acknowledgement: Acknowledgement::Done, is_held: false, is_waited_for: false, answers: 0 }
    }

    /// An acknowledgement is about to be written. True: the kernel is to hold it.
    pub(super) fn begin_acknowledgement(&mut self) -> bool {
        self.acknowledgement = Acknowledgement::InWriting;
        self.is_held = self.answers == ENOUGH_ANSWERS;
        self.is_held
    }

    /// A write has ended. True: the kernel is to send what it holds.
    #[inline]
    pub(super) fn note_written(&mut self, now: Moment) -> bool {
        self.acknowledgement != Acknowledgement::Done && self.go_on(now)
    }

    fn go_on(&mut self, now: Moment) -> bool {
        let Acknowledgement::Written(before) = self.acknowledgement else {
            self.acknowledgement = Acknowledgement::Written(now);
            return std::mem::take(&mut self.is_waited_for) && self.give_up();
        };
        self.acknowledgement = Acknowledgement::Done;
        self.is_held = false;
        let is_soon = now.millis_since(before) <= SOON;
        self.answers = if is_soon { (self.answers + 1).min(ENOUGH_ANSWERS) } else { 0 };
        false
    }

    /// A wait for the server begins. True: the kernel is to send what it holds.
    #[inline]
    pub(super) fn begin_wait(&mut self) -> bool {
        match self.acknowledgement {
            Acknowledgement::Done => false,
            Acknowledgement::InWriting => {
                self.is_waited_for = true;
                false
            }
            Acknowledgement::Written(_) => self.give_up(),
        }
    }

    fn give_up(&mut self) -> bool {
        self.acknowledgement = Acknowledgement::Done;
        self.answers = 0;
        std::mem::take(&mut self.is_held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An acknowledgement at that moment, and what the application writes after it.
    fn answer(joined: &mut Joined, at: u64, after: u64) -> bool {
        let holds = joined.begin_acknowledgement();
        joined.note_written(Moment(at));
        joined.note_written(Moment(at + after));
        assert!(!joined.begin_wait(), "nothing is held after an answer");
        holds
    }

    #[test]
    fn the_kernel_holds_what_was_answered_soon_each_of_the_last_times() {
        let mut joined = Joined::new();
        for at in 0..u64::from(ENOUGH_ANSWERS) {
            assert!(!answer(&mut joined, at, SOON));
        }
        assert!(answer(&mut joined, 10, 0));
        assert!(answer(&mut joined, 20, SOON + 1), "known only afterwards");
        assert!(!answer(&mut joined, 30, 0), "the last answer was late");
    }

    #[test]
    fn what_is_held_goes_out_before_a_wait() {
        let mut joined = Joined::new();
        for at in 0..u64::from(ENOUGH_ANSWERS) {
            answer(&mut joined, at, 0);
        }
        assert!(joined.begin_acknowledgement());
        joined.note_written(Moment(10));
        assert!(joined.begin_wait());
        assert!(!joined.begin_wait(), "once");
        assert!(!answer(&mut joined, 20, 0), "the application has waited instead");
    }

    #[test]
    fn what_another_thread_waits_for_goes_out_when_it_is_written() {
        let mut joined = Joined::new();
        for at in 0..u64::from(ENOUGH_ANSWERS) {
            answer(&mut joined, at, 0);
        }
        assert!(joined.begin_acknowledgement());
        assert!(!joined.begin_wait(), "there is nothing to send yet");
        assert!(joined.note_written(Moment(10)));
        assert!(!joined.note_written(Moment(10)) && !joined.begin_wait());
        assert!(!answer(&mut joined, 20, 0));
    }

    #[test]
    fn other_writes_count_for_nothing() {
        let mut joined = Joined::new();
        for at in 0..100 {
            joined.note_written(Moment(at));
            assert!(!joined.begin_wait());
        }
        assert!(!joined.begin_acknowledgement());
    }
}
