//! What happens when the process is forked. The child has one thread, and what other threads of the parent were doing stays
//! half done in it. So the forking thread takes all locks of the library before, in the order in which they are taken
//! elsewhere: nothing is half done then, and the child can use the library.
//!
//! The C library calls these functions in `fork`, but not in `vfork`, `posix_spawn` or `system`, whose children use nothing
//! of the parent's.

use crate::engine::client::Client;
use crate::engine::inbox::{callbacks, lane};
use crate::engine::runtime::{busy_wait, pool, registry};
use crate::locks::{Hold, Mutex};
use crate::{persistence, trace};
use rustix::thread::{Pid, gettid};
use std::cell::Cell;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long a fork waits. Locks are held for a moment only, except by an application's own store functions.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// One fork at a time.
static FORKING: Mutex<()> = Mutex::new(());

thread_local! {
    static HELD: Cell<Option<Held>> = const { Cell::new(None) };
}

/// What the forking thread holds.
struct Held {
    hold: Hold,
    clients: Vec<Arc<Client>>,
    /// Clients whose locks were not free in time. They stay locked in the child.
    left: Vec<Arc<Client>>,
    /// The forking thread's number, which is another one in the child.
    thread: Pid,
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
        let places = registry::hold(&mut hold);
        let clients = registry::clients_in(&places);
        let (clients, left) = clients.into_iter().partition(|client| client.hold(&mut hold));
        lane::of_the_process().hold(&mut hold);
        pool::hold(&mut hold);
        registry::hold_places(&mut hold, &places);
        callbacks::hold(&mut hold);
        persistence::hold(&mut hold);
        trace::hold(&mut hold);
        Held { hold, clients, left, thread: gettid() }
    }

    fn begin_in_child(self) {
        self.hold.release_in_child();
        lane::of_the_process().leave_to_parent();
        pool::leave_to_parent();
        callbacks::forget_waits();
        trace::begin_in_child();
        for client in &self.clients {
            if !client.begin_in_child(self.thread) && client.connecting.is_locked() {
                // SAFETY: the thread that holds it is not in this process, and it protects no data.
                unsafe { client.connecting.force_unlock() };
            }
        }
        self.left.iter().for_each(|client| registry::forget(client));
        mem::forget((self.clients, self.left));
    }
}
