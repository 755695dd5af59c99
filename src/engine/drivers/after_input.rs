//! The one exit: everything that follows an input.

use crate::engine::client::{Client, Guard, State};
use crate::engine::connection::{Connection, LONGEST_HELD};
use crate::engine::runtime::clock;
use crate::session::Moment;
use std::sync::Arc;

/// The thread that runs the callbacks that have become due.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Runner {
    /// The calling thread is a worker, and looks at the lane next.
    CallingWorker,
    /// A worker is woken, or it is the calling thread, where no worker serves the client.
    Found,
}

impl Client {
    /// Everything that must follow whatever came in: bytes, the end of a stream, a moment, a call of the application. It is
    /// the last thing that is done with an input, and nothing else has to be remembered:
    ///
    /// 1. What the session wants kept is in the store before what it has queued is written, as far as the stream takes it,
    ///    unless an acknowledgement waits for the callback of its message.
    /// 2. Keep-alive and resends that are due are done, where no alarm looks after them.
    /// 3. Asynchronous: the connection goes on - an opening, an answer to CONNECT, a loss, a DISCONNECT that is written -, then
    ///    requests that waited are sent, and the results of those that have ended are queued for the application.
    /// 4. The alarm is set for what is due next.
    /// 5. Calls that wait look again.
    /// 6. Callbacks that are due run, by `runner`.
    ///
    /// A message that is sent does less, for it changes less: see `publish` and `send`.
    #[inline]
    pub(in crate::engine) fn after_input(self: &Arc<Self>, state: &mut Guard<'_>, runner: Runner) {
        self.flush_unless_held(state);
        if state.mode.is_asynchronous() {
            self.advance(state);
        } else if !state.connection.as_ref().is_some_and(Connection::is_pooled) {
            self.check_time(state);
        }
        // A synchronous client's deadlines only move later, which is found out when the alarm goes off.
        if state.mode.is_asynchronous() || state.mode.pool().is_some() && state.alarm.is_none() {
            self.renew_alarm(state);
        }
        self.notify_waiters(state);
        match runner {
            Runner::CallingWorker => {
                self.submit(state, self.lane());
            }
            Runner::Found => self.dispatch(state),
        }
    }

    /// Writes what is queued, unless that is no more than an acknowledgement which waits.
    #[inline]
    fn flush_unless_held(&self, state: &mut Guard<'_>) {
        let holds = state.connection.as_ref().is_some_and(Connection::is_holding);
        if !holds || state.session.outgoing().len() > LONGEST_HELD {
            self.flush(state);
        }
    }

    fn advance(self: &Arc<Self>, state: &mut Guard<'_>) {
        let now = clock::now();
        self.check_connection(state, now);
        state.session.give_up_overdue(now);
        let mark = self.trace_mark(state);
        state.session.advance_queue(now);
        self.trace_sent(state, mark);
        self.trace_waiting(state);
        self.flush_unless_held(state);
        self.close_if_asked(state);
        self.collect(state);
    }

    /// Keep-alive and resends that are due.
    pub(in crate::engine) fn check_time(&self, state: &mut Guard<'_>) {
        let now = clock::now();
        if state.connection.is_none() || state.session.next_deadline().is_none_or(|next| next > now) {
            return;
        }
        let mark = self.trace_mark(state);
        match state.session.handle_timeout(now) {
            Ok(()) => {
                let pings = state.session.counts().pings;
                state.counters.note_pings(pings);
                self.trace_sent(state, mark);
                self.flush(state);
                state.store.tidy();
            }
            Err(failure) => self.fail(state, failure),
        }
    }

    #[inline]
    pub(in crate::engine) fn notify_waiters(&self, state: &State) {
        if state.calls.is_one_asleep() {
            self.changed.notify_all();
        }
    }

    /// Sees to it that `on_alarm` is called at that moment or earlier.
    pub(in crate::engine) fn set_alarm(&self, state: &mut State, moment: Moment) {
        if state.alarm.is_some_and(|alarm| alarm <= moment) {
            return;
        }
        if let Some(pool) = state.mode.pool() {
            pool.set_alarm(moment, self.index(), state.alarm);
            state.alarm = Some(moment);
        }
    }

    /// Sets the alarm for whatever is due next.
    pub(in crate::engine) fn renew_alarm(&self, state: &mut State) {
        let connection = state.connector.next_moment();
        let own = Moment::earlier(state.deliveries.refused_until(), connection);
        let own = Moment::earlier(own, state.session.next_time_limit());
        if let Some(next) = Moment::earlier(own, self.session_deadline(state)) {
            self.set_alarm(state, next);
        }
    }

    /// When the session of a pooled connection wants to be looked at.
    pub(in crate::engine) fn session_deadline(&self, state: &State) -> Option<Moment> {
        state.connection.as_ref().filter(|connection| connection.is_pooled())?;
        state.session.next_deadline()
    }
}
