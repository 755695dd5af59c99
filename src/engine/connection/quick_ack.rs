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
//! With `PAHO_C_RS_QUICKACK=never` in the environment the kernel is never asked.

use crate::engine::client::{Client, State};
use crate::engine::connection::link::Link;
use crate::engine::runtime::clock;
use crate::engine::runtime::environment;
use crate::engine::runtime::pool::TICK;
use crate::session::Moment;
use std::sync::atomic::Ordering;

/// So many times in a row the application has to answer before its answer is waited for.
const ENOUGH_ANSWERS: u8 = 4;

/// How long it is waited for: 1 to 2 ms.
const ANSWER_MILLIS: u64 = 2;

/// Whether clients made now ask the kernel for acknowledgements.
pub(in crate::engine) fn is_allowed() -> bool {
    environment::variable("PAHO_C_RS_QUICKACK").is_none_or(|value| value != "never")
}

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
pub(in crate::engine) struct QuickAck {
    is_allowed: bool,
    debt: Debt,
    /// How many times in a row a write followed the request, or made it needless, before anything else was read.
    answers: u8,
    /// The pool will look at what is put off.
    is_watched: bool,
}

impl QuickAck {
    pub(in crate::engine) fn new(is_allowed: bool) -> QuickAck {
        QuickAck { is_allowed, debt: Debt::None, answers: 0, is_watched: false }
    }

    /// Something was read. `more_to_read`: the next read will find something at once.
    #[inline]
    pub(in crate::engine) fn note_read(&mut self, more_to_read: bool) {
        if self.debt == Debt::Settled {
            self.answers = 0;
        }
        self.debt = if more_to_read { Debt::None } else { Debt::Due };
    }

    /// A write begins. It carries the acknowledgement of everything that came before.
    #[inline]
    pub(in crate::engine) fn note_write(&mut self) {
        if matches!(self.debt, Debt::PutOff(_) | Debt::Settled) {
            self.answers = (self.answers + 1).min(ENOUGH_ANSWERS);
        }
        self.debt = Debt::None;
    }

    /// The kernel did not take what was to be written, so nothing was carried.
    pub(in crate::engine) fn note_blocked(&mut self) {
        self.debt = Debt::Due;
    }

    /// The kernel is to be asked now.
    fn settle(&mut self) -> bool {
        let is_owed = self.is_allowed && matches!(self.debt, Debt::Due | Debt::PutOff(_));
        if is_owed {
            self.debt = Debt::Settled;
        }
        is_owed
    }
}

impl Link {
    /// Before a wait for this connection: asks the kernel for the acknowledgement of what was read, if it may delay one.
    #[inline]
    pub(in crate::engine) fn quick_ack(&mut self) {
        if self.quick_ack.settle() && !self.stream.quick_ack() {
            self.quick_ack.is_allowed = false;
        }
    }
}

impl Client {
    /// Before the pool waits for this connection: as `Link::quick_ack`, or puts it off if an answer is likely - from the
    /// callbacks that are still to run, or from another thread of the application.
    #[inline]
    pub(in crate::engine) fn quick_ack_unless_answered(&self, state: &mut State) {
        let Some(link) = state.link.as_mut().filter(|link| link.pooled) else { return };
        if link.quick_ack.debt != Debt::Due || !link.quick_ack.is_allowed {
            return;
        }
        let Some(pool) = &state.pool else { return };
        let deliveries = &state.deliveries;
        let in_callback = deliveries.queued || deliveries.running.is_some();
        if in_callback && state.waiters == 0 && !pool.held_up.load(Ordering::Acquire) {
            self.put_off(state, TICK.as_millis() as u64);
        } else if link.quick_ack.answers == ENOUGH_ANSWERS {
            self.put_off(state, ANSWER_MILLIS);
        } else {
            link.quick_ack();
        }
    }

    fn put_off(&self, state: &mut State, millis: u64) {
        let (Some(link), Some(pool)) = (&mut state.link, &state.pool) else { return };
        let until = clock::now().plus_millis(millis);
        link.quick_ack.debt = Debt::PutOff(until);
        if !std::mem::replace(&mut link.quick_ack.is_watched, true) {
            pool.watch_acknowledgement(until, self.index());
        }
    }

    /// What is owed, of MQTT too, may wait a moment for the answer of another thread. False: it may not.
    pub(in crate::engine) fn put_off_acknowledgement(&self, state: &mut State) -> bool {
        let may_wait = state.link.as_ref().is_some_and(|link| link.pooled) && state.pool.is_some();
        if may_wait && !state.link.as_ref().is_some_and(|link| matches!(link.quick_ack.debt, Debt::PutOff(_)))
        {
            self.put_off(state, ANSWER_MILLIS);
        }
        may_wait
    }

    /// The pool looks at what was put off.
    pub(in crate::engine) fn quick_ack_if_overdue(&self, now: Moment) {
        let mut guard = self.state.lock();
        // While it is due, the callback has not returned, and what follows that sends it.
        let may_wait = |link: &Link| match link.quick_ack.debt {
            Debt::PutOff(until) => until > now,
            Debt::Due => true,
            Debt::None | Debt::Settled => false,
        };
        if guard.link.as_ref().is_some_and(|link| !may_wait(link)) {
            // If one of MQTT waits, this write carries that of TCP, too.
            self.send_held_late(&mut guard);
        }
        let state = &mut *guard;
        let (Some(link), Some(pool)) = (&mut state.link, &state.pool) else { return };
        match link.quick_ack.debt {
            Debt::PutOff(until) if until > now => pool.watch_acknowledgement(until, self.index()),
            Debt::PutOff(_) => {
                link.quick_ack.is_watched = false;
                link.quick_ack();
            }
            _ => link.quick_ack.is_watched = false,
        }
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
