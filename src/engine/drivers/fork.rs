//! Forks of the process. The child has one thread, and what other threads of the parent were doing stays
//! half done in it. So the forking thread takes all locks of the library before, in the order in which they are taken
//! elsewhere: nothing is half done then, and the child can use the library.
//!
//! The C library calls these functions in `fork`, but not in `vfork`, `posix_spawn` or `system`, whose children use nothing
//! of the parent's.
//!
//! A forked child has the clients of its parent, but not the threads that serve them, and shares their connections. It
//! may disconnect or destroy them or connect them again; the parent's connections are not affected.

use crate::engine::client::{Client, PROCESS, State};
use crate::engine::options;
use crate::engine::runtime::busy_wait;
use crate::engine::runtime::callback_threads;
use crate::engine::runtime::registry::Registry;
use crate::locks::{Hold, Mutex};
use crate::system::thread_number;
use crate::{persistence, trace};
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Longest time that a fork waits. Locks are held for a moment only, except by an application's own store functions.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// One fork at a time.
static FORKING: Mutex<()> = Mutex::new(());

thread_local! {
    static HELD: Cell<Option<Held>> = const { Cell::new(None) };
}

/// The locks that the forking thread holds.
struct Held {
    hold: Hold,
    clients: Vec<Arc<Client>>,
    /// Clients whose locks were not free in time. They stay locked in the child.
    left: Vec<Arc<Client>>,
    /// The forking thread's number, which is another one in the child.
    thread: u64,
}

/// To be called before there is any client. Has an effect once.
pub fn prepare_for_forks() {
    static IS_PREPARED: AtomicBool = AtomicBool::new(false);
    if !IS_PREPARED.swap(true, Ordering::Relaxed) {
        // SAFETY: the functions stay, for the library is never unloaded. Should they not be registered for want of memory,
        // a child has less to rely on.
        unsafe { libc::pthread_atfork(Some(before), Some(in_parent), Some(in_child)) };
    }
}

extern "C" fn before() {
    busy_wait::settle();
    options::settle();
    let held = Held::take();
    // On a thread that is ending nothing can be kept: then the locks are free again.
    let _ = HELD.try_with(|place| place.set(Some(held)));
}

extern "C" fn in_parent() {
    let _ = HELD.try_with(Cell::take);
}

extern "C" fn in_child() {
    if let Ok(Some(held)) = HELD.try_with(Cell::take) {
        held.begin_in_child();
    }
}

impl Held {
    fn take() -> Held {
        let mut hold = Hold::new(Instant::now() + LONGEST_WAIT);
        hold.take(&FORKING);
        // A thread that holds the lock of the numbers waits for no other lock, so it may come first.
        let places = PROCESS.registry.hold(&mut hold);
        let clients = Registry::clients_in(&places);
        let (clients, left) = clients.into_iter().partition(|client| client.hold(&mut hold));
        PROCESS.hold(&mut hold);
        Registry::hold_places(&mut hold, &places);
        callback_threads::hold(&mut hold);
        persistence::hold(&mut hold);
        // What such work writes to the log comes before the log is held.
        hold.stop_foreign_work();
        trace::hold(&mut hold);
        Held { hold, clients, left, thread: thread_number() }
    }

    fn begin_in_child(self) {
        self.hold.release_in_child();
        PROCESS.leave_to_parent();
        callback_threads::forget_waits();
        trace::begin_in_child();
        for client in &self.clients {
            if !client.begin_in_child(self.thread) && client.connecting.is_locked() {
                // SAFETY: the thread that holds it is not in this process, and it protects no data.
                unsafe { client.connecting.force_unlock() };
            }
        }
        self.left.iter().for_each(|client| PROCESS.registry.forget(client));
        std::mem::forget((self.clients, self.left));
    }
}

impl Client {
    /// Takes the locks of this client for a fork. False: its own lock was not free in time.
    pub(in crate::engine) fn hold(self: &Arc<Self>, hold: &mut Hold) -> bool {
        let is_held = hold.take_of(self, |client| &client.state);
        self.application.clone().hold(hold);
        if let Some(lane) = self.own_lane() {
            lane.hold(hold);
        }
        is_held
    }

    /// In a forked child, after `hold`: forgets what the parent's other threads were doing. `thread`: the number that the
    /// calling thread had in the parent. True: it is at work on an opening of this client.
    pub(in crate::engine) fn begin_in_child(&self, thread: u64) -> bool {
        let mut state = self.state.lock();
        state.calls.begin_in_child();
        if state.mode.pool().is_some() {
            // No thread would serve it here, and calls would wait for ever.
            state.deliveries.leave_callbacks_to_parent();
            self.leave_to_parent(&mut state);
        } else if let Some(connection) = state.connection.as_mut() {
            connection.begin_in_child();
        }
        state.deliveries.leave_to_parent();
        if let Some(lane) = self.own_lane() {
            lane.leave_to_parent();
        }
        let is_opening = state.connector.openers.begin_in_child(thread);
        if !is_opening {
            self.busy.forget_all();
        }
        is_opening
    }

    /// Connected in the process from which this one was forked, and not in this one.
    pub(in crate::engine) fn is_of_the_parent(&self) -> bool {
        let connected_in = self.process.load(Ordering::Relaxed);
        connected_in != 0 && connected_in != std::process::id()
    }

    /// Drops what the parent continues to use, without sending anything to the server.
    pub(in crate::engine) fn leave_to_parent(&self, state: &mut State) {
        if !self.is_of_the_parent() {
            return;
        }
        if state.connection.take().is_some() {
            state.session.connection_closed();
        }
        // Its threads are not there, so nothing of them may be given back.
        let pool = state.mode.take_pool();
        if let Some(pool) = pool.as_ref().filter(|pool| pool.is_external()) {
            pool.leave_to_parent();
        }
        std::mem::forget(pool);
        state.alarm = None;
        state.deliveries.leave_to_parent();
        state.connector.forget();
        if let Some(lane) = self.own_lane() {
            lane.leave_to_parent();
        }
    }

    /// Disconnects the child's copy only. A client whose lock a thread of the parent held at the fork is left as it was;
    /// that happens only if the functions for forks were not called.
    pub(in crate::engine) fn disconnect_copy(&self) {
        if let Some(mut state) = self.state.try_lock() {
            self.leave_to_parent(&mut state);
        }
    }

    /// Destroys the child's copy; as `disconnect_copy`.
    pub(in crate::engine) fn destroy_copy(&self) {
        if let Some(mut state) = self.state.try_lock() {
            state.destroyed = true;
            self.leave_to_parent(&mut state);
        }
    }
}
