//! The pool's side of a client: the socket turn, alarms, and reading on while a callback takes long.

use crate::engine::client::{Client, Guard, State};
use crate::engine::runtime::clock;
use crate::engine::runtime::poller::Readiness;
use crate::engine::runtime::pool::Pool;
use crate::session::Moment;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The longest acknowledgement without reason and properties. When more is queued, more than one message waits for it, or
/// something else does.
const LONGEST_HELD: usize = 4;

/// Where reading has stopped because the program is slow, the server's answers are not seen either. Keep-alive is put off
/// by this much while what is there is read.
const PUT_OFF_MILLIS: u64 = 1000;

impl Client {
    /// The socket turn: write what waits, read what is there, answer, and queue what concerns the program. Then run the
    /// callbacks, and only when they are done ask for more from this connection - at once if a call waits for an answer.
    /// True: there may have been an answer to something that the program had sent.
    pub(in crate::engine) fn serve(
        self: &Arc<Self>,
        generation: u32,
        ready: Readiness,
        pool: &Arc<Pool>,
    ) -> bool {
        let lane = &*self.lane;
        let mut state = self.state.lock();
        if state.generation == generation && state.link.is_none() {
            self.serve_opening(&mut state);
        }
        let may_read = self.may_read(&mut state);
        let Some(link) = state.link_of(generation) else {
            drop(state);
            pool.drain(lane);
            return false;
        };
        link.armed = Readiness::default();
        let ready = link.stream.allows(ready);
        link.blocked &= !ready.write;
        let reads = ready.read && !link.reading && may_read;
        link.reading |= reads;
        let stream = link.stream.clone();
        let is_answer = reads && state.take_note_of_answer();
        if reads {
            self.read(&mut state, &stream, generation);
        }
        let holds = reads && !ready.write && self.hold_acknowledgement(&mut state, generation, pool);
        if !holds {
            self.flush(&mut state);
        }
        if self.is_asynchronous() {
            self.advance(&mut state);
            self.renew_alarm(&mut state);
        }
        self.submit(&mut state, lane);
        if state.waiters > 0 {
            self.changed.notify_all();
        }
        let wanted = self.wanted(&state, pool);
        if wanted.read {
            self.quick_ack_unless_answered(&mut state);
        }
        self.arm(&mut state, wanted);
        drop(state);
        pool.drain(lane);
        if holds {
            // Another thread may have got ahead of this one into the lane.
            self.send_held_unless_answered(&mut self.state.lock());
        }
        is_answer
    }

    /// A descriptor of a stream that is being opened is ready.
    fn serve_opening(self: &Arc<Self>, state: &mut Guard<'_>) {
        self.advance(state);
        self.renew_alarm(state);
        self.submit(state, &self.lane);
    }

    /// What the connection is to be watched for now. Nothing is read while callbacks wait to be run: the thread that
    /// has run them asks for more.
    fn wanted(&self, state: &State, pool: &Pool) -> Readiness {
        let waits = state.deliveries.queued || state.deliveries.running.is_some();
        let goes_on = !self.lane.shared || pool.held_up.load(Ordering::Acquire);
        let read = state.awaiting > 0 || !waits || goes_on;
        let blocked = state.link.as_ref().is_some_and(|link| link.blocked);
        Readiness { read, write: blocked }
    }

    /// A callback takes long: what comes for this client is read meanwhile, up to the bound.
    pub(in crate::engine) fn read_on(&self) {
        let mut state = self.state.lock();
        self.send_held(&mut state);
        if let Some(link) = &mut state.link {
            link.quick_ack();
        }
        self.arm(&mut state, Readiness { read: true, write: false });
    }

    /// Sees to it that `on_alarm` is called at that moment or earlier.
    pub(in crate::engine) fn set_alarm(&self, state: &mut State, moment: Moment) {
        if state.alarm.is_some_and(|alarm| alarm <= moment) {
            return;
        }
        if let Some(pool) = &state.pool {
            pool.set_alarm(moment, self.index(), state.alarm);
            state.alarm = Some(moment);
        }
    }

    /// The alarm of this client: keep-alive, resends, a refused message. `moment`: what the alarm had been set to.
    pub(in crate::engine) fn on_alarm(self: &Arc<Self>, moment: Moment) {
        let mut state = self.state.lock();
        if state.alarm != Some(moment) {
            return;
        }
        state.alarm = None;
        let now = clock::now();
        if state.deliveries.refused_until().is_some_and(|until| until <= now) {
            state.deliveries.end_pause();
        }
        if state.link.as_ref().is_some_and(|link| link.is_parked()) && self.may_read(&mut state) {
            self.arm(&mut state, Readiness { read: true, write: false });
            self.set_alarm(&mut state, now.plus_millis(PUT_OFF_MILLIS));
        } else {
            self.check_time(&mut state);
            self.advance(&mut state);
        }
        self.renew_alarm(&mut state);
        self.submit(&mut state, &self.lane);
    }

    /// Sets the alarm for whatever is due next.
    pub(in crate::engine) fn renew_alarm(&self, state: &mut State) {
        let connection = state.connector.next_moment();
        let own = Moment::earlier(state.deliveries.refused_until(), connection);
        if let Some(next) = Moment::earlier(own, self.session_deadline(state)) {
            self.set_alarm(state, next);
        }
    }

    /// When the session of a pooled connection wants to be looked at.
    pub(in crate::engine) fn session_deadline(&self, state: &State) -> Option<Moment> {
        state.link.as_ref().filter(|link| link.pooled)?;
        state.session.next_deadline()
    }

    /// After a read: true if the acknowledgement in the queue waits for the callback of its message, which the calling thread
    /// runs next. It has to call `send_held` afterwards.
    pub(in crate::engine) fn hold_acknowledgement(
        &self,
        state: &mut State,
        generation: u32,
        pool: &Pool,
    ) -> bool {
        let queued = state.session.outgoing().len();
        // With a store the message is kept before it is acknowledged: a process that is killed meanwhile would get it twice.
        let is_lone = queued > 0 && queued <= LONGEST_HELD && state.records.is_none();
        if !is_lone || !self.runs_one_message_next(state, pool) {
            return false;
        }
        let is_asynchronous = self.is_asynchronous();
        let Some(link) = state.link_of(generation).filter(|link| link.is_quiet()) else { return false };
        // Something of the application waits too, or the connection ends: it is established only as long as it does not.
        if link.left_to_pool.is_some() || !is_asynchronous && !link.promise() {
            return false;
        }
        link.held.waits = true;
        true
    }

    fn runs_one_message_next(&self, state: &State, pool: &Pool) -> bool {
        let deliveries = &state.deliveries;
        let is_next = deliveries.is_ready() && !deliveries.queued && deliveries.running.is_none();
        let is_awaited = state.awaiting > 0 || state.waiters > 0;
        let has_its_turn = self.lane.shared && !self.lane.others_wait();
        let is_lonely = is_next && deliveries.message_count() == 1 && !is_awaited;
        is_lonely && has_its_turn && !pool.held_up.load(Ordering::Acquire)
    }

    /// Writes the acknowledgement that waits, if it still does.
    #[inline]
    pub(in crate::engine) fn send_held(&self, state: &mut Guard<'_>) {
        self.let_go(state, false);
    }

    /// The same when the time is over for which an answer was waited for.
    pub(in crate::engine) fn send_held_late(&self, state: &mut Guard<'_>) {
        self.let_go(state, true);
    }

    #[inline]
    fn let_go(&self, state: &mut Guard<'_>, late: bool) {
        if state.link.as_mut().is_some_and(|link| link.held.let_go(late)) {
            self.flush(state);
            // Only what is written from now on is an answer.
            if let Some(link) = &mut state.link {
                link.held.was_sent = true;
            }
        }
    }

    /// When the callback has returned: writes the acknowledgement, unless an answer of another thread usually follows. The
    /// pool looks at it again then.
    pub(in crate::engine) fn send_held_unless_answered(&self, state: &mut Guard<'_>) {
        let Some(link) = state.link.as_mut().filter(|link| link.held.waits) else { return };
        if !link.held.expects_answer() || !self.put_off_acknowledgement(state) {
            self.send_held(state);
        }
    }
}

#[cfg(test)]
#[path = "serve_tests.rs"]
mod tests;
