//! Which threads a pool has.

use crate::locks::{Condvar, Mutex};
use std::sync::atomic::{AtomicBool, AtomicUsize};
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
    /// One of the application's is at work.
    pub(super) is_at_work: AtomicBool,
}

#[derive(Default)]
pub(super) struct Threads {
    pub(super) running: usize,
    pub(super) handles: Vec<JoinHandle<()>>,
    /// Clients whose connections are served by the pool.
    pub(super) users: usize,
}
