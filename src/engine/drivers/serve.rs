//! The pool's side of a client: the socket turn, alarms, and reading on while a callback takes long.

use crate::engine::client::{Client, Guard, Lane, Pool, State};
use crate::engine::connection::{Connection, LONGEST_HELD};
use crate::engine::drivers::after_input::Runner;
use crate::engine::runtime::clock;
use crate::engine::runtime::poller::Readiness;
use crate::engine::runtime::pool::Served;
use crate::engine::runtime::watch::TICK;
use crate::session::Moment;
use std::sync::Arc;

/// Time that an answer of the application is waited for before the kernel is asked for an acknowledgement: 1 to 2 ms.
const ANSWER_MILLIS: u64 = 2;

/// Where reading has stopped because the application is slow, the server's answers are not seen either. Keep-alive is put off
/// by this much while what is there is read.
const PUT_OFF_MILLIS: u64 = 1000;

impl Served for Client {
    fn lane(&self) -> &Lane {
        Client::lane(self)
    }

    /// The socket turn: write what waits, read what is there, answer, and queue what concerns the application. Then run the
    /// callbacks, and only when they are done ask for more from this connection - at once if a call waits for an answer.
    /// True: there may have been an answer to something that the application had sent.
    fn serve(self: &Arc<Self>, generation: u32, ready: Readiness, pool: &Arc<Pool>) -> bool {
        let lane = &**self.lane();
        let mut state = self.state.lock();
        let may_read = self.may_read(&mut state);
        let Some(connection) = state.connection_of(generation) else {
            if state.connector.generation() == generation {
                // A stream that is being opened is ready.
                self.after_input(&mut state, Runner::CallingWorker);
            }
            drop(state);
            pool.drain(lane);
            return false;
        };
        let ready = connection.note_event(ready);
        let reads = ready.read && !connection.is_being_read() && may_read;
        if reads {
            connection.begin_reading();
        }
        let stream = connection.stream().clone();
        let is_answer = reads && state.take_note_of_answer();
        if reads {
            self.read(&mut state, &stream, generation);
        }
        let holds = reads && !ready.write && self.hold_acknowledgement(&mut state, generation, pool);
        self.after_input(&mut state, Runner::CallingWorker);
        let wanted = self.wanted(&state, pool);
        if wanted.read {
            self.quick_ack_unless_answered(&mut state);
        }
        if wanted.read && !wanted.write {
            self.arm_or_keep(&mut state);
        } else {
            self.arm(&mut state, wanted);
        }
        drop(state);
        pool.drain(lane);
        if holds {
            // Another thread may have got ahead of this one into the lane.
            self.send_held_unless_answered(&mut self.state.lock());
        }
        is_answer
    }

    /// The alarm of this client: keep-alive, resends, a refused message. `moment`: what the alarm had been set to.
    fn on_alarm(self: &Arc<Self>, moment: Moment) {
        let mut state = self.state.lock();
        if state.alarm != Some(moment) {
            return;
        }
        state.alarm = None;
        let now = clock::now();
        if state.deliveries.refused_until().is_some_and(|until| until <= now) {
            state.deliveries.end_pause();
        }
        if state.connection.as_ref().is_some_and(Connection::is_parked) && self.may_read(&mut state) {
            self.arm(&mut state, Readiness { read: true, write: false });
            self.set_alarm(&mut state, now.plus_millis(PUT_OFF_MILLIS));
        } else {
            self.check_time(&mut state);
        }
        self.after_input(&mut state, Runner::CallingWorker);
    }

    fn quick_ack_if_overdue(&self, now: Moment) {
        let mut guard = self.state.lock();
        if guard.connection.as_ref().is_some_and(|connection| !connection.may_still_owe(now)) {
            // If one of MQTT waits, this write carries that of TCP, too.
            self.let_go(&mut guard, true);
        }
        let state = &mut *guard;
        let (Some(connection), Some(pool)) = (state.connection.as_mut(), state.mode.pool()) else { return };
        if let Some(until) = connection.quick_ack_if_overdue(now) {
            pool.watch_acknowledgement(until, self.index());
        }
    }

    /// A callback takes long: what comes for this client is read meanwhile, up to the bound.
    fn read_on(&self) {
        let mut state = self.state.lock();
        self.send_held(&mut state);
        if let Some(connection) = state.connection.as_mut() {
            connection.quick_ack();
        }
        self.arm(&mut state, Readiness { read: true, write: false });
    }

    fn arm_kept(&self, generation: u32) {
        let mut state = self.state.lock();
        if let Some(connection) = state.connection_of(generation) {
            let wanted = connection.take_armed();
            self.arm(&mut state, wanted);
        }
    }
}

impl Client {
    /// The events to watch the connection for. Nothing is read while callbacks wait to be run: the thread that
    /// has run them asks for more.
    fn wanted(&self, state: &State, pool: &Pool) -> Readiness {
        let waits = state.deliveries.is_being_served();
        let goes_on = !self.lane().is_shared() || pool.is_held_up();
        let read = state.calls.await_server() || !waits || goes_on;
        let blocked = state.connection.as_ref().is_some_and(Connection::is_blocked);
        Readiness { read, write: blocked }
    }

    /// Before the pool waits for this connection: as `Connection::quick_ack`, or puts it off if an answer is likely - from the
    /// callbacks that are still to run, or from another thread of the application.
    #[inline]
    pub(in crate::engine) fn quick_ack_unless_answered(&self, state: &mut State) {
        let Some(connection) = state.connection.as_mut().filter(|connection| connection.is_pooled()) else {
            return;
        };
        let Some(pool) = state.mode.pool().filter(|_| connection.owes_acknowledgement()) else { return };
        let in_callback = state.deliveries.is_being_served();
        let millis = if in_callback && !state.calls.is_one_asleep() && !pool.is_held_up() {
            TICK.as_millis() as u64
        } else if connection.expects_answer() {
            ANSWER_MILLIS
        } else {
            return connection.quick_ack();
        };
        put_off(connection, pool, self.index(), millis);
    }

    /// After a read: true if the acknowledgement in the queue waits for the callback of its message, which the calling thread
    /// runs next. It has to call `send_held_unless_answered` afterwards.
    fn hold_acknowledgement(&self, state: &mut State, generation: u32, pool: &Pool) -> bool {
        let queued = state.session.outgoing().len();
        // With a store the message is kept before it is acknowledged: a process that is killed meanwhile would get it twice.
        let is_lone = queued > 0 && queued <= LONGEST_HELD && state.store.is_none();
        if !is_lone || !self.runs_one_message_next(state, pool) {
            return false;
        }
        let promises = !state.mode.is_asynchronous();
        state.connection_of(generation).is_some_and(|connection| connection.hold(promises))
    }

    fn runs_one_message_next(&self, state: &State, pool: &Pool) -> bool {
        let is_awaited = state.calls.await_server() || state.calls.is_one_asleep();
        let has_its_turn = self.lane().is_shared() && !self.lane().others_wait();
        let is_lonely =
            state.deliveries.wants_thread() && state.deliveries.message_count() == 1 && !is_awaited;
        is_lonely && has_its_turn && !pool.is_held_up()
    }

    /// Writes the acknowledgement that waits, if it still does.
    #[inline]
    pub(in crate::engine) fn send_held(&self, state: &mut Guard<'_>) {
        self.let_go(state, false);
    }

    #[inline]
    fn let_go(&self, state: &mut Guard<'_>, late: bool) {
        if state.connection.as_mut().is_some_and(|connection| connection.let_go(late)) {
            self.flush(state);
            if let Some(connection) = state.connection.as_mut() {
                connection.note_held_sent();
            }
        }
    }

    /// When the callback has returned: writes the acknowledgement, unless an answer of another thread usually follows. The
    /// pool looks at it again then.
    pub(in crate::engine) fn send_held_unless_answered(&self, state: &mut Guard<'_>) {
        let Some(connection) = state.connection.as_ref().filter(|connection| connection.is_holding()) else {
            return;
        };
        if !connection.expects_late_answer() || !self.put_off_acknowledgement(state) {
            self.send_held(state);
        }
    }

    /// Puts off the acknowledgements that are owed, of TCP and MQTT, for the answer of another thread. False: they may
    /// not wait.
    fn put_off_acknowledgement(&self, state: &mut State) -> bool {
        let connection = state.connection.as_mut().filter(|connection| connection.is_pooled());
        let (Some(connection), Some(pool)) = (connection, state.mode.pool()) else { return false };
        if !connection.has_put_off_quick_ack() {
            put_off(connection, pool, self.index(), ANSWER_MILLIS);
        }
        true
    }
}

fn put_off(connection: &mut Connection, pool: &Pool, index: usize, millis: u64) {
    let until = clock::now().plus_millis(millis);
    if connection.put_off_quick_ack(until) {
        pool.watch_acknowledgement(until, index);
    }
}

#[cfg(test)]
#[path = "serve_tests.rs"]
mod tests;
