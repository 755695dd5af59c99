//! The threads that do the network work of a client and run its callbacks.

use crate::engine::runtime::lane::Lane;
use crate::engine::runtime::pool::{Pool, Served};
use crate::engine::runtime::process::Process;
use std::io;
use std::sync::Arc;

/// Calls of the application, or the pool: from the first connect with callbacks on.
pub(in crate::engine) enum Mode<C: Served> {
    /// The calls of the synchronous interface.
    Pumped,
    /// The pool, for the synchronous interface with callbacks. None before that connect.
    Pooled(Option<Arc<Pool<C>>>),
    /// The pool, for the asynchronous interface. None before the first connect.
    Asynchronous(Option<Arc<Pool<C>>>),
}

impl<C: Served> Mode<C> {
    #[inline]
    pub(in crate::engine) fn is_asynchronous(&self) -> bool {
        matches!(self, Mode::Asynchronous(_))
    }

    /// The pool that serves the client now.
    #[inline]
    pub(in crate::engine) fn pool(&self) -> Option<&Arc<Pool<C>>> {
        match self {
            Mode::Pumped => None,
            Mode::Pooled(pool) | Mode::Asynchronous(pool) => pool.as_ref(),
        }
    }

    /// The application has set callbacks: they take effect at the next connect.
    pub(in crate::engine) fn set_callbacks(&mut self) {
        if matches!(self, Mode::Pumped) {
            *self = Mode::Pooled(None);
        }
    }

    /// A connection is made: the pool of the process serves it if it is to, or one of the client's own, with this lane.
    pub(in crate::engine) fn join_pool(
        &mut self,
        process: &'static Process<C>,
        own: Option<&Arc<Lane<C>>>,
    ) -> io::Result<()> {
        if let Mode::Pooled(pool @ None) | Mode::Asynchronous(pool @ None) = self {
            *pool = Some(match own {
                Some(lane) => process.pool_of_event_loop(lane.clone())?,
                None => process.join_pool()?,
            });
        }
        Ok(())
    }

    /// The pool, if the application drives it.
    #[inline]
    pub(in crate::engine) fn external_pool(&self) -> Option<&Arc<Pool<C>>> {
        self.pool().filter(|pool| pool.is_external())
    }

    /// The pool serves the client no longer.
    pub(in crate::engine) fn take_pool(&mut self) -> Option<Arc<Pool<C>>> {
        match self {
            Mode::Pumped => None,
            Mode::Pooled(pool) | Mode::Asynchronous(pool) => pool.take(),
        }
    }
}
