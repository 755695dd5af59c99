//! Clients that an event loop of the application drives.

use crate::engine::client::{Client, Pool};
use crate::engine::runtime::callback_threads::inside_a_callback;
use std::os::fd::RawFd;
use std::sync::Arc;

/// Why a client could not be driven.
#[derive(Debug)]
pub enum EventLoopFault {
    /// It has threads of the library, or has been destroyed.
    NotExternal,
    /// This is a callback of the client, called by `process`.
    InCallback,
    /// The system gives no descriptor.
    NoDescriptor,
}

impl Client {
    /// Its descriptor, which stays the same until the client is destroyed. It is readable while `process` has something to do.
    pub fn descriptor(&self) -> Result<RawFd, EventLoopFault> {
        self.external_pool().map(|pool| pool.descriptor())
    }

    /// Milliseconds until `process` has something to do even if the descriptor is not readable; `None` if that will not be.
    pub fn time_left(&self) -> Result<Option<u64>, EventLoopFault> {
        self.external_pool().map(|pool| pool.time_left())
    }

    /// Does what is to be done now, and runs callbacks.
    pub fn process(&self) -> Result<(), EventLoopFault> {
        // Without the lock: a callback of this client may run.
        let is_done = self.external_pool()?.process();
        // Another thread does it, for a call that waits.
        if is_done || !inside_a_callback() { Ok(()) } else { Err(EventLoopFault::InCallback) }
    }

    /// The pool, which is made when it is first needed.
    fn external_pool(&self) -> Result<Arc<Pool>, EventLoopFault> {
        let mut state = self.state.lock();
        if let Some(pool) = state.mode.external_pool().filter(|pool| pool.is_of_this_process()) {
            return Ok(pool.clone());
        }
        if !state.options.is_external || state.destroyed {
            return Err(EventLoopFault::NotExternal);
        }
        self.leave_to_parent(&mut state);
        self.join_pool(&mut state).map_err(|_| EventLoopFault::NoDescriptor)?;
        state.mode.external_pool().cloned().ok_or(EventLoopFault::NotExternal)
    }
}
