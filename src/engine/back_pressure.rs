//! How much is taken in. What waits for a slow program, and what a server does not read of the acknowledgements for it, is
//! bounded: beyond the bound nothing is read from the connection.

use super::callbacks::inside_a_callback;
use super::client::{Client, State};
use super::clock;
use super::message::Message;
use crate::session::{Event, ReceivedMessage};
use crate::trace::{Level, trace};

impl Client {
    /// Whether something may be read from the connection now. The session is told when that changes.
    #[inline]
    pub(super) fn may_read(&self, state: &mut State) -> bool {
        let has_room = !state.deliveries.is_full() && !state.session.owes_too_much();
        if has_room && !state.reading_stopped {
            return true;
        }
        let may_read = has_room || self.may_read_past_bound(state);
        if state.reading_stopped == may_read {
            self.note_reading(state, may_read);
        }
        may_read
    }

    /// What is behind the messages may be the answer that a call waits for.
    #[cold]
    fn may_read_past_bound(&self, state: &mut State) -> bool {
        // What a connection that has failed still brings is no more than the system has received already.
        if state.session.awaits_connack() || state.link.as_ref().is_some_and(|link| link.broken) {
            return true;
        }
        let waits = state.awaiting > 0 && !state.session.owes_too_much();
        if waits && state.deliveries.is_overfull() {
            self.report_overfull(state);
            return false;
        }
        waits
    }

    #[cold]
    fn note_reading(&self, state: &mut State, goes_on: bool) {
        let now = clock::now();
        state.reading_stopped = !goes_on;
        if goes_on {
            state.overfull_reported = false;
            state.session.reading_resumed(now);
        } else {
            state.session.reading_stopped(now);
        }
        self.renew_alarm(state);
    }

    fn report_overfull(&self, state: &mut State) {
        if !std::mem::replace(&mut state.overfull_reported, true) {
            let count = state.deliveries.message_count();
            trace!(
                Level::Error,
                "A call of client {} waits for an answer, but {count} messages are in front of it that the program does not \
                 fetch: no more is read",
                self.name()
            );
        }
    }

    /// Nothing more will be read, because nobody fetches what has come: a call that waits without limit for something of
    /// the server would wait for ever.
    pub(super) fn is_stuck(&self, state: &State) -> bool {
        let nobody_fetches = !state.deliveries.messages_by_callback || inside_a_callback();
        nobody_fetches && state.deliveries.is_overfull()
    }
}

impl State {
    /// Messages of QoS 2 that wait for their release share the bound with those that wait for the program. When it is
    /// reached the oldest are delivered before their release: reading cannot stop, because releases are still to come.
    #[inline]
    pub(super) fn make_room_for_unreleased(&mut self) {
        while self.session.unreleased().0 > 0 && self.deliveries.leaves_no_room_for(self.session.unreleased())
        {
            let Some(Event::Released(message)) = self.session.deliver_unreleased() else { return };
            self.queue_released(&message);
            self.carry_out_store_commands();
        }
    }

    pub(super) fn queue_released(&mut self, message: &ReceivedMessage) {
        if let Some(message) = Message::copy_of(&message.publish()) {
            self.keep_and_queue(message);
        }
    }
}
