//! The order of callbacks: a thread that finds the lane free runs what waits in it, one callback at a time.
//!
//! By default one lane serves the whole process, because applications share unprotected data between the callbacks of
//! several clients. With the option `callback.lane=client` a client has its own.

use crate::locks::{Condvar, Hold, Mutex};
use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread::{self, ThreadId};

/// A client whose callbacks run in a lane.
pub(in crate::engine) trait CalledBack: Sized + Send + Sync + 'static {
    /// Runs its callbacks; the calling thread has entered the lane.
    fn run_callbacks(self: &Arc<Self>, lane: &Lane<Self>);
}

/// A queue of clients that have something for their application.
pub(in crate::engine) struct Lane<C> {
    /// The lane of the process; otherwise of one client alone.
    shared: bool,
    state: Mutex<LaneState<C>>,
    /// Notified when a thread has left.
    left: Condvar,
    /// Counts callbacks, so that one that takes long is noticed.
    progress: AtomicU64,
    /// Number of clients that wait.
    length: AtomicUsize,
}

struct LaneState<C> {
    waiting: VecDeque<Arc<C>>,
    /// The client whose callbacks are being run.
    current: Option<Arc<C>>,
    /// The thread that is in the lane.
    holder: Option<ThreadId>,
    /// Threads that wait to enter: the next place is theirs.
    entrants: usize,
}

impl<C: CalledBack> Lane<C> {
    /// The lane of the process.
    pub(in crate::engine) fn shared() -> Lane<C> {
        let state = LaneState { waiting: VecDeque::new(), current: None, holder: None, entrants: 0 };
        Lane {
            shared: true,
            state: Mutex::new(state),
            left: Condvar::new(),
            progress: AtomicU64::new(0),
            length: AtomicUsize::new(0),
        }
    }

    /// The lane of one client alone.
    pub(in crate::engine) fn of_a_client() -> Lane<C> {
        Lane { shared: false, ..Lane::shared() }
    }

    /// It is the lane of the process.
    pub(in crate::engine) fn is_shared(&self) -> bool {
        self.shared
    }

    /// Puts a client at the end of the queue. The caller holds the client's lock and has marked it as queued.
    pub(in crate::engine) fn push(&self, client: Arc<C>) {
        let mut state = self.state.lock();
        state.waiting.push_back(client);
        self.length.store(state.waiting.len(), Ordering::Relaxed);
    }

    /// Takes a client out that is being destroyed and waits for nothing any more. Otherwise its own lane would keep it, and it
    /// the lane.
    pub(in crate::engine) fn take_out(&self, client: &Arc<C>) {
        let mut state = self.state.lock();
        state.waiting.retain(|waiting| !Arc::ptr_eq(waiting, client));
        self.length.store(state.waiting.len(), Ordering::Relaxed);
    }

    /// Enters the lane if it is free.
    pub(in crate::engine) fn try_enter(&self) -> bool {
        self.take_place(&mut self.state.lock())
    }

    fn take_place(&self, state: &mut LaneState<C>) -> bool {
        let free = state.holder.is_none() && state.entrants == 0;
        if free {
            state.holder = Some(thread::current().id());
        }
        free
    }

    /// Enters the lane as soon as the callback that runs in it has returned. False: the calling thread is in it already.
    pub(in crate::engine) fn enter(&self) -> bool {
        let me = thread::current().id();
        let mut state = self.state.lock();
        if state.holder == Some(me) {
            return false;
        }
        state.entrants += 1;
        while state.holder.is_some() {
            self.left.wait(&mut state);
        }
        state.entrants = state.entrants.saturating_sub(1);
        state.holder = Some(me);
        true
    }

    /// Leaves the lane. True: callbacks wait in it.
    pub(in crate::engine) fn leave(&self) -> bool {
        let mut state = self.state.lock();
        self.set_free(&mut state);
        !state.waiting.is_empty()
    }

    fn set_free(&self, state: &mut LaneState<C>) {
        (state.holder, state.current) = (None, None);
        if state.entrants > 0 {
            self.left.notify_one();
        }
    }

    /// Takes its lock for a fork.
    pub(in crate::engine) fn hold(self: &Arc<Self>, hold: &mut Hold) {
        hold.take_of(self, |lane| &lane.state);
    }

    /// In a forked child: clears what waits and the thread in the lane, both the parent's, unless that is the forking
    /// thread. Clients are not dropped, because threads of the parent may have been at work on them.
    pub(in crate::engine) fn leave_to_parent(&self) {
        let mut state = self.state.lock();
        self.length.store(0, Ordering::Relaxed);
        mem::forget(mem::take(&mut state.waiting));
        state.entrants = 0;
        if state.holder != Some(thread::current().id()) {
            state.holder = None;
            mem::forget(state.current.take());
        }
    }

    /// The next client, or None after leaving the lane.
    fn next(&self, state: &mut LaneState<C>) -> Option<Arc<C>> {
        let next = if state.entrants == 0 { state.waiting.pop_front() } else { None };
        if next.is_none() {
            self.set_free(state);
            return None;
        }
        self.length.store(state.waiting.len(), Ordering::Relaxed);
        state.current.clone_from(&next);
        next
    }

    /// Runs everything that waits, unless another thread is at it. `prepare` is called before user code.
    pub(in crate::engine) fn drain(&self, mut prepare: impl FnMut()) {
        // The thread that has put something in looks at the lane afterwards, or wakes another one: nothing is overlooked.
        if !self.others_wait() {
            return;
        }
        let first = |state: &mut _| if self.take_place(state) { self.next(state) } else { None };
        let mut next = first(&mut self.state.lock());
        while let Some(client) = next {
            prepare();
            client.run_callbacks(self);
            next = self.next(&mut self.state.lock());
        }
    }

    /// Runs the callbacks of the client that waits first, as many as belong to one turn, unless another thread is at it.
    pub(in crate::engine) fn run_turn(&self, mut prepare: impl FnMut()) {
        if !self.others_wait() {
            return;
        }
        let first = |state: &mut _| if self.take_place(state) { self.next(state) } else { None };
        let next = first(&mut self.state.lock());
        if let Some(client) = next {
            prepare();
            client.run_callbacks(self);
            self.leave();
        }
    }

    /// Other clients wait for their turn.
    #[inline]
    pub(in crate::engine) fn others_wait(&self) -> bool {
        self.length.load(Ordering::Relaxed) > 0
    }

    /// Notes that a callback returned.
    #[inline]
    pub(in crate::engine) fn advance(&self) {
        self.progress.fetch_add(1, Ordering::Relaxed);
    }

    /// Number of callbacks that have returned.
    pub(in crate::engine) fn progress(&self) -> u64 {
        self.progress.load(Ordering::Relaxed)
    }

    /// A callback of another client is running, or this thread waits for its turn after one.
    pub(in crate::engine) fn is_held_by_other(&self, client: &C) -> bool {
        let state = self.state.lock();
        state.current.as_deref().is_some_and(|current| !std::ptr::eq(current, client))
    }

    /// The clients whose callbacks wait or run; `None` if no thread is in the lane. A thread that reports the results
    /// of a destroyed client's requests is in it without a client.
    pub(in crate::engine) fn held_up(&self) -> Option<Vec<Arc<C>>> {
        let state = self.state.lock();
        state.holder?;
        Some(state.current.iter().chain(&state.waiting).cloned().collect())
    }
}
