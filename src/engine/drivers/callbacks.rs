//! Running callbacks: no lock is held and no network work waits meanwhile.

use crate::engine::client::{Client, Guard, Lane, PROCESS, Pool, State};
use crate::engine::inbox::deliveries::{Delivery, Notice};
use crate::engine::inbox::message::Message;
use crate::engine::runtime::callback_threads::{Inside, Wait, inside_a_callback};
use crate::engine::runtime::clock;
use crate::engine::runtime::lane::CalledBack;
use crate::locks::MutexGuard;
use crate::trace::{Level, trace};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// Time that a call waits for callbacks that are due. Longer only if another client's callback holds them up, which must
/// not hold up this client's calls.
pub(in crate::engine) const NOTICE_LIMIT: Duration = Duration::from_millis(300);

/// The same for connectionLost, if only a thread is missing to run it.
const LOSS_LIMIT: Duration = Duration::from_secs(5);

/// Longest time that a thread which sends waits for results to be reported: not noticeable, should the callbacks take their
/// time.
const LONGEST_CATCHING_UP: Duration = Duration::from_millis(1);

/// Callbacks that one client may run before others waiting in the lane have their turn, if they take no time.
const TURN: usize = 256;

impl CalledBack for Client {
    /// Runs the client's callbacks; the calling thread has entered the lane. When none is left, more is read from the
    /// connection.
    fn run_callbacks(self: &Arc<Self>, lane: &Lane) {
        let me = thread::current().id();
        let begin = clock::now();
        let inside = Inside::enter();
        let mut state = self.state.lock();
        state.deliveries.leave_lane();
        for _ in 0..TURN {
            let Some(delivery) = state.deliveries.take() else { break };
            state.deliveries.begin_callback(me, &delivery);
            let memory = if state.deliveries.is_heavy() { state.memory_to_keep(&delivery) } else { None };
            let refused = MutexGuard::unlocked(&mut state, || self.run(delivery));
            lane.advance();
            self.after_callback(&mut state, refused);
            if lane.others_wait() {
                self.send_held(&mut state);
            }
            if let Some(memory) = memory {
                state.keep_memory(memory);
            }
            if lane.others_wait() && clock::now() != begin {
                break;
            }
        }
        drop(inside);
        self.submit(&mut state, lane);
        if !state.deliveries.is_in_lane() {
            self.send_held_unless_answered(&mut state);
            self.quick_ack_unless_answered(&mut state);
            self.arm_or_keep(&mut state);
        }
    }
}

impl Client {
    /// Puts the client into the lane if a callback can run. True: someone has to look at the lane.
    #[inline]
    pub(in crate::engine) fn submit(self: &Arc<Self>, state: &mut State, lane: &Lane) -> bool {
        let enters = state.deliveries.enter_lane();
        if enters {
            lane.push(self.clone());
        }
        enters
    }

    #[inline(always)]
    fn run(self: &Arc<Self>, delivery: Delivery) -> Option<Message> {
        match delivery {
            Delivery::Message(mut message) => {
                let taken = self.application.message_arrived(&mut message);
                if taken { None } else { Some(message) }
            }
            Delivery::Notice(notice) => {
                self.notify(notice);
                None
            }
        }
    }

    /// Runs the callback of a notice. No lock may be held.
    pub(in crate::engine) fn notify(self: &Arc<Self>, notice: Notice) {
        match notice {
            Notice::DeliveryComplete(id) => {
                trace!(Level::Minimum, "Calling deliveryComplete for client {}, msgid {id}", self.name());
                self.application.delivery_complete(id);
            }
            Notice::Published { id, packet_type, reason, properties } => {
                trace!(Level::Minimum, "Calling published for client {}, msgid {id}", self.name());
                self.application.published(id, packet_type, reason, &properties);
            }
            Notice::ConnectionLost => {
                trace!(Level::Minimum, "Calling connectionLost for client {}", self.name());
                self.application.connection_lost();
            }
            Notice::Disconnected(reason, properties) => {
                trace!(Level::Minimum, "Calling disconnected for client {}", self.name());
                self.application.disconnected(reason, &properties);
            }
            Notice::Completed(completion) => self.application.completed(&completion),
            Notice::Connected(connection) => {
                trace!(Level::Minimum, "Calling connected for client {}", self.name());
                self.application.connected(connection);
            }
            Notice::Authenticate { generation, is_complete, data } => {
                self.answer_renewal(generation, is_complete, &data);
            }
            Notice::RenewCredentials { generation, user_name, password } => {
                trace!(Level::Minimum, "Calling updateConnectOptions for client {}", self.name());
                let renewed = self.application.update_credentials(user_name.as_deref(), password.as_deref());
                self.take_credentials(&mut self.state.lock(), generation, renewed);
            }
        }
    }

    fn after_callback(self: &Arc<Self>, state: &mut State, refused: Option<Message>) {
        state.deliveries.callback_returned();
        let place = state.deliveries.take_in_hand();
        match refused {
            Some(mut message) if !state.destroyed => {
                message.place = place;
                trace!(
                    Level::Minimum,
                    "False returned from messageArrived for client {}, message remains on queue",
                    self.name()
                );
                let until = state.deliveries.refuse(message, clock::now());
                self.set_alarm(state, until);
            }
            Some(_) => {}
            None => {
                state.deliveries.accepted();
                state.store.handed_over(&state.session, place);
            }
        }
        // Calls that wait for the end of this callback: disconnect, destroy, or one that found the connection lost.
        self.notify_waiters(state);
        if state.deliveries.is_caught_up() {
            self.caught_up.notify_all();
        }
    }

    /// Sees to it that queued callbacks run. Application threads of a pooled client leave them to the pool; a client
    /// without pool runs its own here.
    #[inline]
    pub(in crate::engine) fn dispatch(self: &Arc<Self>, state: &mut Guard<'_>) {
        if !state.deliveries.wants_thread() {
            return;
        }
        if state.mode.pool().is_some() {
            self.submit(state, self.lane());
            match state.mode.pool() {
                Some(pool) if self.lane().is_shared() => pool.wake_for_callbacks(),
                Some(pool) => pool.run_callbacks_of(self.clone()),
                None => {}
            }
            return;
        }
        if !self.lane().try_enter() {
            self.submit(state, self.lane());
            return;
        }
        let lane = &**self.lane();
        MutexGuard::unlocked(state, || {
            self.run_callbacks(lane);
            if lane.leave() {
                PROCESS.look_at(lane);
            }
        });
    }

    /// Waits until all callbacks that are due, except for messages, have run. Not inside a callback, which would wait
    /// for itself, and with a time limit, because another client's callback may be in the way.
    pub(in crate::engine) fn await_notices(self: &Arc<Self>, state: &mut Guard<'_>, limit: Duration) {
        self.dispatch(state);
        if inside_a_callback() {
            return;
        }
        let limit = clock::after(limit);
        while state.deliveries.has_notices() && clock::now() < limit {
            self.wait_for_change(state, Some(limit));
        }
    }

    /// Lets connectionLost run before the call that follows the loss continues. It has the same time limit, in case
    /// that callback takes long or one of another client is in the way; otherwise it only waits for a thread.
    pub(in crate::engine) fn await_loss_notice(self: &Arc<Self>, state: &mut Guard<'_>) {
        if inside_a_callback() {
            return;
        }
        self.dispatch(state);
        let (patience, limit) = (clock::after(NOTICE_LIMIT), clock::after(LOSS_LIMIT));
        while state.deliveries.has_loss() || state.deliveries.is_reporting_loss() {
            let now = clock::now();
            let is_busy = state.deliveries.is_reporting_loss() || self.lane().is_held_by_other(self);
            if now >= limit || now >= patience && is_busy {
                return;
            }
            self.wait_for_change(state, Some(clock::after(NOTICE_LIMIT)));
        }
    }

    /// After the request is complete: lets its callbacks run before the call that waited for it returns.
    pub(in crate::engine) fn await_notice_of(self: &Arc<Self>, state: &mut Guard<'_>, token: u16) {
        let limit = clock::after(NOTICE_LIMIT);
        self.wait_until(state, Some(limit), |state| self.is_reported(state, token).then_some(()));
    }

    /// The callbacks of this request have run, or cannot run while the caller, a callback, is running.
    pub(in crate::engine) fn is_reported(&self, state: &mut State, token: u16) -> bool {
        inside_a_callback() || !state.deliveries.has_notice_of(token)
    }

    /// Waits until no callback of this client runs or is about to, so that nothing of it runs after the caller returns. Not
    /// inside such a callback itself, which cannot wait for its own end, nor inside one whose end that one waits for.
    pub(in crate::engine) fn wait_for_callbacks(&self, state: &mut Guard<'_>) {
        let me = thread::current().id();
        while let Some(other) = state.deliveries.running().filter(|running| *running != me) {
            let Some(_wait) = Wait::begin(me, other) else { return };
            state.calls.fall_asleep();
            self.changed.wait(state);
            state.calls.wake();
        }
    }

    /// Called in a burst of messages, after each of them.
    #[inline]
    pub(in crate::engine) fn let_results_be_reported(&self, state: &mut Guard<'_>) {
        if state.deliveries.note_sender() {
            self.wait_for_few_results(state);
        }
    }

    #[cold]
    fn wait_for_few_results(&self, state: &mut Guard<'_>) {
        let progress = self.lane().progress();
        // Where the application drives the pool, this thread may be the one that reports them.
        let may_wait = !inside_a_callback() && state.mode.external_pool().is_none();
        if !may_wait || !state.deliveries.begin_catching_up(progress) {
            return;
        }
        let limit = Instant::now() + LONGEST_CATCHING_UP;
        while state.deliveries.has_more_than_few_notices() && self.caught_up.wait_until(state, limit) {}
        state.deliveries.end_catching_up((self.lane().progress() == progress).then_some(progress));
    }

    /// Moves the completions of the session into the queue of callbacks.
    #[inline]
    pub(in crate::engine) fn collect(&self, state: &mut State) {
        while let Some(completion) = state.session.next_completion() {
            state.deliveries.push_notice(Notice::Completed(completion));
        }
    }

    /// Makes the callbacks that are still due, on the calling thread but in the lane like all others, unless that is
    /// not possible. For the end of a client, when no other thread does it any more. No lock may be held.
    pub(in crate::engine) fn deliver_here(
        self: &Arc<Self>,
        results: Vec<Notice>,
        in_lane: bool,
        pool: Option<&Arc<Pool>>,
    ) {
        if results.is_empty() {
            return;
        }
        let entered = in_lane && self.lane().enter();
        if let Some(pool) = pool {
            pool.ensure_waiting();
        }
        let inside = Inside::enter();
        for result in results {
            self.notify(result);
            self.lane().advance();
        }
        drop(inside);
        if entered && self.lane().leave() {
            PROCESS.look_at(self.lane());
        }
    }
}
