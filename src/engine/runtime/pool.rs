//! The threads that serve clients with callbacks: a small number for the whole process, waiting together.

mod crew;
mod event_loop;

use crate::engine::runtime::alarms::{Alarm, Alarms};
use crate::engine::runtime::busy_wait::BusyWait;
use crate::engine::runtime::clock;
use crate::engine::runtime::handover::Handover;
use crate::engine::runtime::kept::Kept;
use crate::engine::runtime::lane::{CalledBack, Lane};
use crate::engine::runtime::poller::{Poller, Readiness, Token, Wakeup};
use crate::engine::runtime::registry::{Numbered, Registry};
use crate::engine::runtime::signals::{self, SignalMask};
use crate::engine::runtime::watch::{TICK, Watch};
use crate::locks::{Hold, Mutex, MutexGuard};
use crate::session::Moment;
use crate::trace;
use crate::transport::Stream;
use crew::{Crew, Threads};
use std::cell::Cell;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A thread that has found nothing to do for so long ends, while others wait.
const IDLE_LIMIT_MILLIS: u64 = 5000;
/// Threads that may wait at the same time for long.
const SPARE_THREADS: usize = 2;
/// Longest time that the end of the last client waits for the threads to end.
const END_LIMIT: Duration = Duration::from_secs(5);

thread_local! {
    static POOL_THREAD: Cell<bool> = const { Cell::new(false) };
}

/// The calling thread is one of the library's.
pub(in crate::engine) fn is_pool_thread() -> bool {
    POOL_THREAD.get()
}

/// A client, as the threads serve it.
pub(in crate::engine) trait Served: CalledBack + Numbered {
    /// The lane in which its callbacks run.
    fn lane(&self) -> &Lane<Self>;
    /// The connection of this generation is ready. True: there may have been an answer to something that the application
    /// had sent.
    fn serve(self: &Arc<Self>, generation: u32, ready: Readiness, pool: &Arc<Pool<Self>>) -> bool;
    /// Its alarm, which had been set to this moment, goes off.
    fn on_alarm(self: &Arc<Self>, moment: Moment);
    /// The time to look at an acknowledgement of the kernel's that was put off.
    fn quick_ack_if_overdue(&self, now: Moment);
    /// A callback takes long: what comes for this client is read meanwhile, up to the bound.
    fn read_on(&self);
    /// What a worker has kept of this generation is left to the poller.
    fn arm_kept(&self, generation: u32);
}

/// The pool of the process, while there is one.
pub(in crate::engine) type PoolPlace<C> = Mutex<Option<Arc<Pool<C>>>>;

/// The threads and what they wait on.
pub(in crate::engine) struct Pool<C: Served> {
    poller: Poller,
    alarms: Alarms,
    registry: &'static Registry<C>,
    /// The lane of the process.
    lane: Arc<Lane<C>>,
    place: &'static PoolPlace<C>,
    /// The signals that callbacks block: those that the thread did for which the pool was made.
    signals: SignalMask,
    /// The process that made it: threads do not survive a fork.
    process: u32,
    crew: Crew,
    busy_wait: BusyWait,
    /// Connections whose streams have bytes that the poller does not know of.
    again: Handover<Token>,
    /// Clients with lanes of their own, in which callbacks wait.
    called: Handover<Arc<C>>,
    watch: Watch,
    /// This is a forked child, and the pool is the parent's.
    is_of_the_parent: AtomicBool,
}

impl<C: Served> Pool<C> {
    pub(in crate::engine) fn new(
        registry: &'static Registry<C>,
        lane: Arc<Lane<C>>,
        place: &'static PoolPlace<C>,
    ) -> io::Result<Pool<C>> {
        Ok(Pool {
            poller: Poller::new()?,
            alarms: Alarms::default(),
            registry,
            lane,
            place,
            signals: SignalMask::current(),
            process: std::process::id(),
            crew: Crew::default(),
            busy_wait: BusyWait::default(),
            again: Handover::new(),
            called: Handover::new(),
            watch: Watch::default(),
            is_of_the_parent: AtomicBool::new(false),
        })
    }

    /// The poller that its threads wait on.
    #[inline]
    pub(in crate::engine) fn poller(&self) -> &Poller {
        &self.poller
    }

    /// A callback takes long: what is read meanwhile does not wait for it.
    pub(in crate::engine) fn is_held_up(&self) -> bool {
        self.watch.is_held_up()
    }

    /// The application has sent something: an answer can be expected.
    #[inline]
    pub(in crate::engine) fn note_question(&self) {
        self.busy_wait.note_question();
    }

    /// It was made in this process: threads do not survive a fork.
    pub(in crate::engine) fn is_of_this_process(&self) -> bool {
        self.process == std::process::id()
    }

    /// It has threads in this process.
    pub(in crate::engine) fn is_running(&self) -> bool {
        self.is_of_this_process() && self.crew.threads.lock().running > 0
    }

    /// Takes the locks of the pool for a fork.
    pub(in crate::engine) fn hold(self: &Arc<Self>, hold: &mut Hold) {
        hold.take_of(self, |pool| &pool.crew.threads);
        hold.take_of(self, |pool| &pool.again.left);
        hold.take_of(self, |pool| &pool.called.left);
        hold.take_of(self, |pool| pool.alarms.lock_of_entries());
        Poller::hold(hold, self, |pool| &pool.poller);
    }

    /// In a forked child: the threads of this pool are the parent's.
    pub(in crate::engine) fn leave_to_parent(&self) {
        self.is_of_the_parent.store(true, Ordering::Relaxed);
    }

    /// Counts a client in; there is a waiting thread from now on.
    pub(in crate::engine) fn count_in(self: &Arc<Self>) -> io::Result<()> {
        let mut threads = self.crew.threads.lock();
        if threads.running == 0 {
            self.start_thread(&mut threads)?;
        }
        threads.users += 1;
        if threads.users == 1 {
            // Nothing needs to wait for the end of the threads any more: they continue.
            self.crew.ended.notify_all();
        }
        Ok(())
    }

    /// Counts a client out. With the last one the threads end, and this waits for them unless called on one of them.
    pub(in crate::engine) fn leave(&self) {
        let mut threads = self.crew.threads.lock();
        threads.users -= 1;
        if threads.users > 0 {
            return;
        }
        self.poller.wake();
        if is_pool_thread() {
            drop(threads);
        } else {
            self.await_end(threads);
        }
        self.forget_unused(&mut self.place.lock());
    }

    /// The next client makes a new pool if this one has no clients; its descriptors are closed with it.
    pub(in crate::engine) fn forget_unused(&self, present: &mut Option<Arc<Pool<C>>>) {
        present.take_if(|pool| std::ptr::eq(&**pool, self) && pool.crew.threads.lock().users == 0);
    }

    fn await_end(&self, mut threads: MutexGuard<'_, Threads>) {
        let limit = Instant::now() + END_LIMIT;
        while threads.users == 0 && threads.running > 0 {
            if !self.crew.ended.wait_until(&mut threads, limit) {
                return;
            }
        }
        // A client that came meanwhile is served by the same threads, which then do not end.
        if threads.running > 0 {
            return;
        }
        let handles = std::mem::take(&mut threads.handles);
        drop(threads);
        for handle in handles {
            // A thread never panics past its own guard, so there is nothing to learn from the result.
            let _ = handle.join();
        }
    }

    fn start_thread(self: &Arc<Self>, threads: &mut Threads) -> io::Result<()> {
        let pool = self.clone();
        // Counted as waiting from now on, so that no other one is started meanwhile.
        self.crew.idle.fetch_add(1, Ordering::AcqRel);
        match signals::spawn_without_signals("MQTTClient_run", move || pool.run()) {
            Ok(handle) => {
                threads.running += 1;
                threads.handles.retain(|handle| !handle.is_finished());
                threads.handles.push(handle);
                Ok(())
            }
            Err(error) => {
                self.crew.idle.fetch_sub(1, Ordering::AcqRel);
                Err(error)
            }
        }
    }

    /// Called before user code: a thread of the pool sees to the network meanwhile. One that is at work there now will wait
    /// again soon, so it counts.
    pub(in crate::engine) fn ensure_waiting(self: &Arc<Self>) {
        if self.crew.is_external {
            return;
        }
        let was_ticking = self.watch.begin();
        if self.crew.idle.load(Ordering::Acquire) > 0 {
            if !was_ticking {
                self.poller.wake();
            }
            return;
        }
        let mut threads = self.crew.threads.lock();
        if threads.running <= self.crew.calling.load(Ordering::Acquire) {
            // Without another thread callbacks still run, only the network waits for them.
            let _ = self.start_thread(&mut threads);
        }
    }

    /// Runs user code outside a lane, perhaps on one of its threads: another one sees to the network meanwhile.
    pub(in crate::engine) fn while_calling<T>(self: &Arc<Self>, work: impl FnOnce() -> T) -> T {
        let own = usize::from(is_pool_thread());
        self.crew.calling.fetch_add(own, Ordering::AcqRel);
        self.ensure_waiting();
        let result = work();
        self.crew.calling.fetch_sub(own, Ordering::AcqRel);
        result
    }

    /// An application thread has put callbacks into the lane of the process: a worker has to run them.
    pub(in crate::engine) fn wake_for_callbacks(&self) {
        self.poller.wake();
    }

    /// One of our threads serves this connection soon, though its socket may have nothing to read.
    pub(in crate::engine) fn look_again(&self, token: Token) {
        self.again.put(token);
        self.poller.wake();
    }

    /// The same for a client with a lane of its own. Its handle may be stale already.
    pub(in crate::engine) fn run_callbacks_of(&self, client: Arc<C>) {
        self.called.put(client);
        self.poller.wake();
    }

    fn drain_lanes_of_clients(self: &Arc<Self>) {
        self.called.take().iter().flatten().for_each(|client| self.drain(client.lane()));
    }

    fn serve_again(self: &Arc<Self>) {
        for token in self.again.take().into_iter().flatten() {
            self.serve(token, Readiness { read: true, write: false });
        }
    }

    /// True: there may have been an answer to something that the application had sent.
    fn serve(self: &Arc<Self>, token: Token, readiness: Readiness) -> bool {
        let client = self.registry.at(token.client());
        client.is_some_and(|client| client.serve(token.generation(), readiness, self))
    }

    /// Sets the alarm of a client, in place of the one that it has.
    pub(in crate::engine) fn set_alarm(&self, moment: Moment, index: usize, before: Option<Moment>) {
        self.forget_alarm(before, index);
        if self.alarms.set(moment, Alarm::Client(index)) && !self.is_processing() {
            self.poller.wake();
        }
    }

    /// Takes back the alarm that a client has.
    pub(in crate::engine) fn forget_alarm(&self, moment: Option<Moment>, index: usize) {
        if let Some(moment) = moment {
            self.alarms.remove(moment, Alarm::Client(index));
        }
    }

    /// A thread of the pool looks at this client's acknowledgement then. Usually it is the calling one, which waits soon.
    pub(in crate::engine) fn watch_acknowledgement(&self, moment: Moment, index: usize) {
        if self.alarms.set(moment, Alarm::QuickAck(index)) && !is_pool_thread() && !self.is_processing() {
            self.poller.wake();
        }
    }

    /// Its threads spin before they sleep.
    #[inline]
    pub(in crate::engine) fn spins(&self) -> bool {
        self.busy_wait.is_worth_it()
    }

    /// Where threads spin: asks the calling one to look at a connection itself, in place of asking the poller. False: it is
    /// no worker, or looks at another one.
    pub(in crate::engine) fn keep(&self, token: Token, stream: &Arc<dyn Stream>) -> bool {
        is_pool_thread() && !self.crew.is_external && Kept::keep(token, stream.clone())
    }

    #[inline]
    fn arm_kept(&self, kept: Option<&Kept>) {
        if let Some(kept) = kept {
            self.arm_one(kept.token);
        }
    }

    #[inline(never)]
    fn arm_one(&self, token: Token) {
        if let Some(client) = self.registry.at(token.client()) {
            client.arm_kept(token.generation());
        }
    }

    /// One look of a worker that spins: at the connection that it keeps, and at the others unless another worker waits for
    /// them.
    fn look(&self, kept: Option<&Kept>) -> Option<Wakeup> {
        if let Some(kept) = kept {
            if kept.is_readable() {
                return Some(Wakeup::Ready(kept.token, Readiness { read: true, write: false }));
            }
            if self.crew.idle.load(Ordering::Acquire) > 1 {
                return None;
            }
        }
        self.poller.take_one()
    }

    /// A worker that does not spin keeps a connection on which much has come: it reads on, if another worker waits for the
    /// other connections. A read that finds nothing costs no more than to ask, and is the last one.
    fn read_on_at_once(&self, kept: &Kept) -> Option<Wakeup> {
        let may_go_on = self.crew.idle.load(Ordering::Acquire) > 1;
        may_go_on.then_some(Wakeup::Ready(kept.token, Readiness { read: true, write: false }))
    }

    /// A pool thread: waits for events and serves them.
    fn run(self: Arc<Self>) {
        POOL_THREAD.set(true);
        self.signals.apply();
        let mut idle_since = clock::now();
        loop {
            let limit = self.wait_limit();
            let kept = Kept::take();
            let waited = self.busy_wait.wait(
                || self.look(kept.as_ref()),
                || {
                    if let Some(ready) = kept.as_ref().and_then(|kept| self.read_on_at_once(kept)) {
                        return ready;
                    }
                    self.arm_kept(kept.as_ref());
                    self.poller.wait_one(limit)
                },
            );
            let others =
                kept.filter(|kept| !matches!(waited.found, Wakeup::Ready(token, _) if token == kept.token));
            self.arm_kept(others.as_ref());
            self.crew.idle.fetch_sub(1, Ordering::AcqRel);
            match waited.found {
                Wakeup::Ready(token, readiness) => {
                    let is_answer = self.serve(token, readiness);
                    self.busy_wait.note(waited.promptly, is_answer);
                    // A callback may have forked: this is the child, and its connections are the parent's.
                    if self.is_of_the_parent.load(Ordering::Relaxed) {
                        return;
                    }
                    idle_since = self.look_around(clock::now());
                }
                // The end of the last client wakes one thread, and that the next one.
                Wakeup::Look if self.ends_with_the_last_client() => return,
                Wakeup::Look => {
                    let now = clock::now();
                    self.tick(now);
                    let now = self.look_around(now);
                    if now.millis_since(idle_since) >= IDLE_LIMIT_MILLIS && self.ends_as_spare() {
                        return;
                    }
                }
            }
            if self.is_of_the_parent.load(Ordering::Relaxed) {
                return;
            }
            self.crew.idle.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// Serves what the poller does not know of, runs alarms that are due and callbacks that wait. The time when it looked for
    /// alarms last.
    fn look_around(self: &Arc<Self>, mut now: Moment) -> Moment {
        self.serve_again();
        self.tick_if_overdue(now);
        while let Some((moment, alarm)) = self.alarms.take_due(now) {
            self.go_off(moment, alarm);
            now = clock::now();
        }
        self.drain_lanes_of_clients();
        self.drain(&self.lane);
        if trace::is_pending() {
            self.arm_kept(Kept::take().as_ref());
        }
        trace::deliver();
        now
    }

    fn go_off(self: &Arc<Self>, moment: Moment, alarm: Alarm) {
        match alarm {
            Alarm::Client(index) => {
                if let Some(client) = self.registry.at(index) {
                    client.on_alarm(moment);
                    self.drain(client.lane());
                }
            }
            Alarm::QuickAck(index) => {
                if let Some(client) = self.registry.at(index) {
                    client.quick_ack_if_overdue(clock::now());
                }
            }
        }
    }

    /// Runs the callbacks that wait in a lane.
    pub(in crate::engine) fn drain(self: &Arc<Self>, lane: &Lane<C>) {
        let mut calls = false;
        self.run_callbacks_in(lane, || {
            self.arm_kept(Kept::take().as_ref());
            trace::deliver();
            if !std::mem::replace(&mut calls, true) {
                self.crew.calling.fetch_add(1, Ordering::AcqRel);
            }
            self.ensure_waiting();
        });
        if calls {
            self.crew.calling.fetch_sub(1, Ordering::AcqRel);
        }
    }

    /// Milliseconds to wait at most.
    fn wait_limit(&self) -> u64 {
        let limit = if self.watch.is_ticking() { TICK.as_millis() as u64 } else { IDLE_LIMIT_MILLIS };
        self.alarms.next().map_or(limit, |next| limit.min(next.millis_since(clock::now())))
    }

    /// Checks whether a callback has been running since the last tick. If so, the clients that wait for its end are
    /// read meanwhile, so that acknowledgements and keep-alive continue.
    fn tick(&self, now: Moment) {
        self.watch.tick(&self.lane, now).iter().for_each(|client| client.read_on());
    }

    /// Other connections may keep the waiting threads from ever waiting for a whole tick.
    fn tick_if_overdue(&self, now: Moment) {
        if self.watch.is_overdue(now) {
            self.tick(now);
        }
    }

    /// True when the calling thread has to end because no client is left.
    fn ends_with_the_last_client(&self) -> bool {
        let mut threads = self.crew.threads.lock();
        if threads.users > 0 {
            return false;
        }
        threads.running -= 1;
        // The next thread gets the event too.
        self.poller.wake();
        self.crew.ended.notify_all();
        true
    }

    /// True when the calling thread, which has had nothing to do for long, has to end because enough others wait.
    fn ends_as_spare(&self) -> bool {
        let mut threads = self.crew.threads.lock();
        let spare = self.crew.idle.load(Ordering::Acquire) >= SPARE_THREADS;
        threads.running -= usize::from(spare);
        spare
    }
}

#[cfg(test)]
#[path = "pool_tests.rs"]
mod tests;
