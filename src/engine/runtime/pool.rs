//! The threads that serve clients with callbacks: a small number for the whole process, waiting together.

use crate::engine::client::Client;
use crate::engine::inbox::lane::{self, Lane};
use crate::engine::runtime::alarms::{Alarm, Alarms};
use crate::engine::runtime::busy_wait::BusyWait;
use crate::engine::runtime::clock;
use crate::engine::runtime::poller::{Poller, Readiness, Token, Wakeup};
use crate::engine::runtime::registry;
use crate::engine::runtime::signals::{self, SignalMask};
use crate::locks::{Condvar, Hold, Mutex, MutexGuard};
use crate::session::Moment;
use crate::trace;
use std::cell::Cell;
use std::io;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A thread that has found nothing to do for so long ends, while others wait.
const IDLE_LIMIT: Duration = Duration::from_secs(5);
/// Threads that may wait at the same time for long.
const SPARE_THREADS: usize = 2;
/// How soon a callback that takes long is noticed.
pub(in crate::engine) const TICK: Duration = Duration::from_millis(10);
/// How long the end of the last client waits for the threads to end.
const END_LIMIT: Duration = Duration::from_secs(5);

thread_local! {
    static POOL_THREAD: Cell<bool> = const { Cell::new(false) };
}

/// The calling thread is one of the library's.
pub(in crate::engine) fn is_pool_thread() -> bool {
    POOL_THREAD.get()
}

/// The threads and what they wait on.
pub(in crate::engine) struct Pool {
    pub(in crate::engine) poller: Poller,
    alarms: Alarms,
    /// The lane of the process.
    lane: Arc<Lane>,
    /// The signals that callbacks block: those that the thread did for which the pool was made.
    signals: SignalMask,
    /// The process that made it: threads do not survive a fork.
    process: u32,
    threads: Mutex<Threads>,
    ended: Condvar,
    pub(in crate::engine) busy_wait: BusyWait,
    /// Connections whose streams have bytes that the poller does not know of.
    again: Mutex<Vec<Token>>,
    has_again: AtomicBool,
    /// Clients with lanes of their own, in which callbacks wait.
    called: Mutex<Vec<Arc<Client>>>,
    has_called: AtomicBool,
    /// Threads that wait, or are about to.
    idle: AtomicUsize,
    /// Threads that run callbacks, and so may take any time.
    calling: AtomicUsize,
    /// Some waiting thread looks every tick whether a callback takes long.
    ticking: AtomicBool,
    /// Lane progress at the last tick.
    last_progress: AtomicU64,
    /// When that was, see `Moment`.
    last_tick: AtomicU64,
    /// A callback takes long: what is read meanwhile does not wait for it.
    pub(in crate::engine) held_up: AtomicBool,
    /// This is a forked child, and the pool is the parent's.
    is_of_the_parent: AtomicBool,
}

#[derive(Default)]
struct Threads {
    running: usize,
    handles: Vec<JoinHandle<()>>,
    /// Clients whose connections are served by the pool.
    users: usize,
}

static POOL: Mutex<Option<Arc<Pool>>> = Mutex::new(None);

/// The lane has to be served: by the pool if it is the lane of the process and there is one, else by the calling
/// thread.
pub(in crate::engine) fn look_at(lane: &Lane) {
    if !lane.shared {
        return lane.drain(|| {});
    }
    let pool = POOL.lock().clone();
    match pool.filter(|pool| pool.process == process::id() && pool.threads.lock().running > 0) {
        Some(pool) => pool.wake_for_callbacks(),
        None => lane.drain(|| {}),
    }
}

/// Takes the locks of the pool for a fork.
pub(in crate::engine) fn hold(hold: &mut Hold) {
    if let Some(pool) = hold.take_and_look(&POOL, Option::clone).flatten() {
        hold.take_of(&pool, |pool| &pool.threads);
        hold.take_of(&pool, |pool| &pool.again);
        hold.take_of(&pool, |pool| &pool.called);
        hold.take_of(&pool, |pool| pool.alarms.lock_of_entries());
    }
}

/// In a forked child: there is no pool yet. That of the parent is left alone, because its threads do not exist here.
pub(in crate::engine) fn leave_to_parent() {
    if let Some(pool) = POOL.lock().take() {
        pool.is_of_the_parent.store(true, Ordering::Relaxed);
        std::mem::forget(pool);
    }
}

impl Pool {
    /// The pool of this process, made when it is first needed.
    pub(in crate::engine) fn get(present: &mut Option<Arc<Pool>>) -> io::Result<Arc<Pool>> {
        if let Some(pool) = present.as_ref().filter(|pool| pool.process == process::id()) {
            return Ok(pool.clone());
        }
        let made = Arc::new(Pool {
            poller: Poller::new()?,
            alarms: Alarms::default(),
            lane: lane::of_the_process(),
            signals: SignalMask::current(),
            process: process::id(),
            threads: Mutex::default(),
            ended: Condvar::new(),
            busy_wait: BusyWait::default(),
            again: Mutex::default(),
            has_again: AtomicBool::new(false),
            called: Mutex::default(),
            has_called: AtomicBool::new(false),
            idle: AtomicUsize::new(0),
            calling: AtomicUsize::new(0),
            ticking: AtomicBool::new(false),
            last_progress: AtomicU64::new(0),
            last_tick: AtomicU64::new(0),
            held_up: AtomicBool::new(false),
            is_of_the_parent: AtomicBool::new(false),
        });
        if let Some(inherited) = present.replace(made.clone()) {
            // A child that was made without the functions for forks.
            made.lane.leave_to_parent();
            std::mem::forget(inherited);
        }
        Ok(made)
    }

    /// Counts a client in; there is a waiting thread from now on. Where no thread can be started and no other client is
    /// there, the pool goes again, with its descriptors.
    pub(in crate::engine) fn join() -> io::Result<Arc<Pool>> {
        let mut present = POOL.lock();
        let pool = Pool::get(&mut present)?;
        let joined = pool.count_in();
        if joined.is_err() {
            pool.forget_unused(&mut present);
        }
        joined.map(|()| pool)
    }

    fn count_in(self: &Arc<Self>) -> io::Result<()> {
        let mut threads = self.threads.lock();
        if threads.running == 0 {
            self.start_thread(&mut threads)?;
        }
        threads.users += 1;
        if threads.users == 1 {
            // Nothing needs to wait for the end of the threads any more: they continue.
            self.ended.notify_all();
        }
        Ok(())
    }

    /// Counts a client out. With the last one the threads end, and this waits for them unless called on one of them.
    pub(in crate::engine) fn leave(&self) {
        let mut threads = self.threads.lock();
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
        self.forget_unused(&mut POOL.lock());
    }

    /// The next client makes a new pool if this one has no clients; its descriptors are closed with it.
    fn forget_unused(&self, present: &mut Option<Arc<Pool>>) {
        present.take_if(|pool| std::ptr::eq(&**pool, self) && pool.threads.lock().users == 0);
    }

    fn await_end(&self, mut threads: MutexGuard<'_, Threads>) {
        let limit = Instant::now() + END_LIMIT;
        while threads.users == 0 && threads.running > 0 {
            if !self.ended.wait_until(&mut threads, limit) {
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
        self.idle.fetch_add(1, Ordering::AcqRel);
        match signals::spawn_without_signals("MQTTClient_run", move || pool.run()) {
            Ok(handle) => {
                threads.running += 1;
                threads.handles.retain(|handle| !handle.is_finished());
                threads.handles.push(handle);
                Ok(())
            }
            Err(error) => {
                self.idle.fetch_sub(1, Ordering::AcqRel);
                Err(error)
            }
        }
    }

    /// Called before user code: a thread of the pool sees to the network meanwhile. One that is at work there now will wait
    /// again soon, so it counts.
    pub(in crate::engine) fn ensure_waiting(self: &Arc<Self>) {
        let was_ticking = self.ticking.swap(true, Ordering::AcqRel);
        if self.idle.load(Ordering::Acquire) > 0 {
            if !was_ticking {
                self.poller.wake();
            }
            return;
        }
        let mut threads = self.threads.lock();
        if threads.running <= self.calling.load(Ordering::Acquire) {
            // Without another thread callbacks still run, only the network waits for them.
            let _ = self.start_thread(&mut threads);
        }
    }

    /// An application thread has put callbacks into the lane of the process: a worker has to run them.
    pub(in crate::engine) fn wake_for_callbacks(&self) {
        self.poller.wake();
    }

    /// One of our threads serves this connection soon, though its socket may have nothing to read.
    pub(in crate::engine) fn look_again(&self, token: Token) {
        self.again.lock().push(token);
        self.has_again.store(true, Ordering::Release);
        self.poller.wake();
    }

    /// The same for a client with a lane of its own. Its handle may be stale already.
    pub(in crate::engine) fn run_callbacks_of(&self, client: Arc<Client>) {
        self.called.lock().push(client);
        self.has_called.store(true, Ordering::Release);
        self.poller.wake();
    }

    fn drain_lanes_of_clients(self: &Arc<Self>) {
        if !self.has_called.swap(false, Ordering::AcqRel) {
            return;
        }
        let clients = std::mem::take(&mut *self.called.lock());
        clients.iter().for_each(|client| self.drain(&client.lane));
    }

    fn serve_again(self: &Arc<Self>) {
        if !self.has_again.swap(false, Ordering::AcqRel) {
            return;
        }
        let tokens = std::mem::take(&mut *self.again.lock());
        for token in tokens {
            self.serve(token, Readiness { read: true, write: false });
        }
    }

    /// True: there may have been an answer to something that the program had sent.
    fn serve(self: &Arc<Self>, token: Token, readiness: Readiness) -> bool {
        let client = registry::at((token.0 >> 32) as usize);
        client.is_some_and(|client| client.serve(token.0 as u32, readiness, self))
    }

    /// Sets the alarm of a client, in place of the one that it has.
    pub(in crate::engine) fn set_alarm(&self, moment: Moment, index: usize, before: Option<Moment>) {
        self.forget_alarm(before, index);
        if self.alarms.set(moment, Alarm::Client(index)) {
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
        if self.alarms.set(moment, Alarm::QuickAck(index)) && !is_pool_thread() {
            self.poller.wake();
        }
    }

    /// A pool thread: waits for events and serves them.
    fn run(self: Arc<Self>) {
        POOL_THREAD.set(true);
        let mut idle_since = Instant::now();
        loop {
            let limit = self.wait_limit();
            let waited = self.busy_wait.wait(|| self.poller.take_one(), || self.poller.wait_one(limit));
            self.idle.fetch_sub(1, Ordering::AcqRel);
            if self.ends_with_the_last_client() {
                return;
            }
            match waited.found {
                Wakeup::Ready(token, readiness) => {
                    let is_answer = self.serve(token, readiness);
                    self.busy_wait.note(waited.promptly, is_answer);
                    // A callback may have forked: this is the child, and its connections are the parent's.
                    if self.is_of_the_parent.load(Ordering::Relaxed) {
                        return;
                    }
                    self.look_around();
                    idle_since = Instant::now();
                }
                Wakeup::Look => {
                    self.tick();
                    self.look_around();
                    if idle_since.elapsed() >= IDLE_LIMIT && self.ends_as_spare() {
                        return;
                    }
                }
            }
            if self.is_of_the_parent.load(Ordering::Relaxed) {
                return;
            }
            self.idle.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// Serves what the poller does not know of, runs alarms that are due and callbacks that wait.
    fn look_around(self: &Arc<Self>) {
        self.serve_again();
        let mut now = clock::now();
        self.tick_if_overdue(now);
        while let Some((moment, alarm)) = self.alarms.take_due(now) {
            self.go_off(moment, alarm);
            now = clock::now();
        }
        self.drain_lanes_of_clients();
        self.drain(&self.lane);
        trace::deliver();
    }

    fn go_off(self: &Arc<Self>, moment: Moment, alarm: Alarm) {
        match alarm {
            Alarm::Client(index) => {
                if let Some(client) = registry::at(index) {
                    client.on_alarm(moment);
                    self.drain(&client.lane);
                }
            }
            Alarm::QuickAck(index) => {
                if let Some(client) = registry::at(index) {
                    client.quick_ack_if_overdue(clock::now());
                }
            }
        }
    }

    /// Runs the callbacks that wait in a lane.
    pub(in crate::engine) fn drain(self: &Arc<Self>, lane: &Lane) {
        let mut signals_before = None;
        lane.drain(|| {
            trace::deliver();
            if signals_before.is_none() {
                self.calling.fetch_add(1, Ordering::AcqRel);
                signals_before = Some(self.signals.apply());
            }
            self.ensure_waiting();
        });
        if let Some(signals) = signals_before {
            signals.apply();
            self.calling.fetch_sub(1, Ordering::AcqRel);
        }
    }

    fn wait_limit(&self) -> Duration {
        let mut limit = IDLE_LIMIT;
        if self.ticking.load(Ordering::Acquire) {
            limit = TICK;
        }
        match self.alarms.next() {
            Some(next) => limit.min(Duration::from_millis(next.millis_since(clock::now()))),
            None => limit,
        }
    }

    /// Checks whether a callback has been running since the last tick. If so, the clients that wait for its end are
    /// read meanwhile, so that acknowledgements and keep-alive continue.
    fn tick(&self) {
        if !self.ticking.load(Ordering::Acquire) {
            return;
        }
        self.last_tick.store(clock::now().0, Ordering::Release);
        let progress = self.lane.progress();
        let moved = self.last_progress.swap(progress, Ordering::AcqRel) != progress;
        let waiting = self.lane.held_up();
        self.held_up.store(!moved && waiting.is_some(), Ordering::Release);
        match waiting {
            _ if moved => {}
            Some(clients) => clients.iter().for_each(|client| client.read_on()),
            None => self.ticking.store(false, Ordering::Release),
        }
    }

    /// Other connections may keep the waiting threads from ever waiting for a whole tick.
    fn tick_if_overdue(&self, now: Moment) {
        let last_tick = Moment(self.last_tick.load(Ordering::Acquire));
        if self.ticking.load(Ordering::Acquire) && now.millis_since(last_tick) > TICK.as_millis() as u64 {
            self.tick();
        }
    }

    /// True when the calling thread has to end because no client is left.
    fn ends_with_the_last_client(&self) -> bool {
        let mut threads = self.threads.lock();
        if threads.users > 0 {
            return false;
        }
        threads.running -= 1;
        // The next thread gets the event too.
        self.poller.wake();
        self.ended.notify_all();
        true
    }

    /// True when the calling thread, which has had nothing to do for long, has to end because enough others wait.
    fn ends_as_spare(&self) -> bool {
        let mut threads = self.threads.lock();
        let spare = self.idle.load(Ordering::Acquire) >= SPARE_THREADS;
        threads.running -= usize::from(spare);
        spare
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callback_that_takes_long_is_looked_at_again_and_again_whoever_waits_for_its_end() {
        let pool = Pool::join().unwrap();
        assert!(pool.lane.enter());
        pool.ensure_waiting();
        let begin = Instant::now();
        let mut ticks = Vec::new();
        while ticks.len() < 5 || !pool.held_up.load(Ordering::Acquire) {
            assert!(begin.elapsed() < Duration::from_secs(20), "ticks at {ticks:?}");
            let tick = pool.last_tick.load(Ordering::Acquire);
            if ticks.last() != Some(&tick) {
                ticks.push(tick);
            }
            std::thread::yield_now();
        }
        pool.lane.leave();
        pool.leave();
    }
}
