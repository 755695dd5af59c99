//! Which threads a pool has.

use crate::engine::runtime::poller::{Readiness, Token};
use crate::locks::{Condvar, Mutex};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
use std::thread::JoinHandle;

/// The workers.
#[derive(Default)]
pub(super) struct Crew {
    pub(super) threads: Mutex<Threads>,
    pub(super) ended: Condvar,
    /// Threads that wait, or are about to.
    pub(super) idle: AtomicUsize,
    /// Threads that run callbacks, and so may take any time.
    pub(super) calling: AtomicUsize,
    /// There are none: the application lends its own, see `process`.
    pub(super) is_external: bool,
    pub(super) event_loop: EventLoop,
}

/// What a thread of the application needs to know of another one that is at work.
#[derive(Default)]
pub(super) struct EventLoop {
    pub(super) is_at_work: AtomicBool,
    /// The one at work waits for an event.
    pub(super) is_waiting: AtomicBool,
    /// The application's loop has come meanwhile: it is woken at the end of the work.
    pub(super) has_come: AtomicBool,
    /// The events that it has taken then, because its descriptor was readable as long as they were there.
    pub(super) taken: Mutex<Vec<(Token, Readiness)>>,
    /// Callbacks that had run in all when the work began.
    pub(super) begun_at: AtomicU64,
}

#[derive(Default)]
pub(super) struct Threads {
    pub(super) running: usize,
    pub(super) handles: Vec<JoinHandle<()>>,
    /// Clients whose connections are served by the pool.
    pub(super) users: usize,
}
