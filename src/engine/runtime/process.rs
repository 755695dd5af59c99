//! Shared by all clients of the process: handles, the callback lane and the threads.

use crate::engine::runtime::lane::Lane;
use crate::engine::runtime::pool::{Pool, PoolPlace, Served};
use crate::engine::runtime::registry::Registry;
use crate::locks::{Hold, Mutex};
use std::io;
use std::sync::{Arc, LazyLock};

/// There is one for the clients of the library.
pub(in crate::engine) struct Process<C: Served> {
    pub(in crate::engine) registry: Registry<C>,
    lane: LazyLock<Arc<Lane<C>>>,
    pool: PoolPlace<C>,
}

impl<C: Served> Process<C> {
    pub(in crate::engine) const fn new() -> Process<C> {
        let lane: LazyLock<_> = LazyLock::new(|| Arc::new(Lane::shared()));
        Process { registry: Registry::new(), lane, pool: Mutex::new(None) }
    }

    /// The lane of the process.
    pub(in crate::engine) fn lane(&self) -> &Arc<Lane<C>> {
        &self.lane
    }

    /// The lane has to be served: by the pool if it is the lane of the process and there is one, else by the calling
    /// thread.
    pub(in crate::engine) fn look_at(&self, lane: &Lane<C>) {
        if !lane.is_shared() {
            return lane.drain(|| {});
        }
        let pool = self.pool.lock().clone();
        match pool.filter(|pool| pool.is_running()) {
            Some(pool) => pool.wake_for_callbacks(),
            None => lane.drain(|| {}),
        }
    }

    /// Counts a client in; there is a waiting thread from now on. Where no thread can be started and no other client is
    /// there, the pool goes again, with its descriptors.
    pub(in crate::engine) fn join_pool(&'static self) -> io::Result<Arc<Pool<C>>> {
        let mut present = self.pool.lock();
        let pool = self.pool_in(&mut present)?;
        let joined = pool.count_in();
        if joined.is_err() {
            pool.forget_unused(&mut present);
        }
        joined.map(|()| pool)
    }

    /// A pool for one client, which the application drives from an event loop of its own.
    pub(in crate::engine) fn pool_of_event_loop(
        &'static self,
        lane: Arc<Lane<C>>,
    ) -> io::Result<Arc<Pool<C>>> {
        Ok(Arc::new(Pool::of_event_loop(&self.registry, lane, &self.pool)?))
    }

    /// The pool of this process, made when it is first needed.
    pub(in crate::engine) fn pool_in(
        &'static self,
        present: &mut Option<Arc<Pool<C>>>,
    ) -> io::Result<Arc<Pool<C>>> {
        if let Some(pool) = present.as_ref().filter(|pool| pool.is_of_this_process()) {
            return Ok(pool.clone());
        }
        let made = Arc::new(Pool::new(&self.registry, self.lane.clone(), &self.pool)?);
        if let Some(inherited) = present.replace(made.clone()) {
            // A child that was made without the functions for forks.
            self.lane.leave_to_parent();
            std::mem::forget(inherited);
        }
        Ok(made)
    }

    /// Takes the locks of the lane and of the pool for a fork.
    pub(in crate::engine) fn hold(&'static self, hold: &mut Hold) {
        self.lane.hold(hold);
        if let Some(pool) = hold.take_and_look(&self.pool, Option::clone).flatten() {
            pool.hold(hold);
        }
    }

    /// In a forked child: there is no pool yet. That of the parent is left alone, because its threads do not exist here.
    pub(in crate::engine) fn leave_to_parent(&self) {
        self.lane.leave_to_parent();
        if let Some(pool) = self.pool.lock().take() {
            pool.leave_to_parent();
            std::mem::forget(pool);
        }
    }
}
