//! The threads inside callbacks, and those that wait for them.

use crate::locks::{Hold, Mutex};
use std::cell::Cell;
use std::thread::ThreadId;

thread_local! {
    static INSIDE_A_CALLBACK: Cell<bool> = const { Cell::new(false) };
}

/// True on a thread that is running callbacks of any client.
pub(in crate::engine) fn inside_a_callback() -> bool {
    INSIDE_A_CALLBACK.get()
}

/// Marks the calling thread until it is dropped. A callback may run callbacks of other clients, and continues after them.
pub(in crate::engine) struct Inside {
    was_inside: bool,
}

impl Inside {
    pub(in crate::engine) fn enter() -> Inside {
        Inside { was_inside: INSIDE_A_CALLBACK.replace(true) }
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE_A_CALLBACK.set(self.was_inside);
    }
}

/// Pairs of threads: the first waits for a callback that runs on the second.
static WAITS: Mutex<Vec<(ThreadId, ThreadId)>> = Mutex::new(Vec::new());

/// Takes the lock of the table for a fork.
pub(in crate::engine) fn hold(hold: &mut Hold) {
    hold.take(&WAITS);
}

/// In a forked child: the threads that wait are the parent's.
pub(in crate::engine) fn forget_waits() {
    WAITS.lock().clear();
}

/// A waiting thread, counted until this is dropped.
pub(in crate::engine) struct Wait(ThreadId);

impl Wait {
    /// None: the other thread waits for this one, maybe over further ones. That takes callbacks which destroy each other's
    /// clients, each in a lane of its own.
    pub(in crate::engine) fn begin(me: ThreadId, other: ThreadId) -> Option<Wait> {
        let mut waits = WAITS.lock();
        let mut last = other;
        while let Some((_, next)) = waits.iter().find(|(waiting, _)| *waiting == last) {
            if *next == me {
                return None;
            }
            last = *next;
        }
        waits.push((me, other));
        Some(Wait(me))
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        WAITS.lock().retain(|(waiting, _)| *waiting != self.0);
    }
}
