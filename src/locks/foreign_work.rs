//! Work inside other libraries that do not prepare for forks, such as OpenSSL. They have locks of their own, and what a
//! thread was doing in them would stay half done in a forked child. So a fork waits until no thread is at such work, and
//! none begins it meanwhile.

use super::sleep;
use crate::system::wake;
use std::cell::Cell;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

/// Number of threads at work.
static AT_WORK: AtomicU32 = AtomicU32::new(0);

/// Part of that number: a fork is near, and no thread may begin.
const FORKING: u32 = 1 << 31;

thread_local! {
    /// How often this thread has begun and not ended.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// The calling thread is at such work while it has this. Not to be held while it waits for anything but a short lock.
#[must_use]
pub struct ForeignWork(PhantomData<*const ()>);

impl ForeignWork {
    /// Waits while another thread forks.
    pub fn begin() -> ForeignWork {
        let depth = DEPTH.get();
        if depth == 0 {
            count_in();
        }
        DEPTH.set(depth + 1);
        ForeignWork(PhantomData)
    }

    /// Lets forks happen during a function of the application, which such work calls.
    pub fn interrupted<T>(function: impl FnOnce() -> T) -> T {
        let _pause = Pause::begin();
        function()
    }
}

impl Drop for ForeignWork {
    fn drop(&mut self) {
        let depth = DEPTH.get() - 1;
        DEPTH.set(depth);
        if depth == 0 {
            count_out();
        }
    }
}

struct Pause(u32);

impl Pause {
    fn begin() -> Pause {
        let depth = DEPTH.replace(0);
        if depth > 0 {
            count_out();
        }
        Pause(depth)
    }
}

impl Drop for Pause {
    fn drop(&mut self) {
        if self.0 > 0 {
            count_in();
        }
        DEPTH.set(self.0);
    }
}

fn count_in() {
    let mut seen = AT_WORK.load(Ordering::Relaxed);
    loop {
        if seen & FORKING != 0 {
            sleep(&AT_WORK, seen, None);
            seen = AT_WORK.load(Ordering::Relaxed);
            continue;
        }
        match AT_WORK.compare_exchange_weak(seen, seen + 1, Ordering::Acquire, Ordering::Relaxed) {
            Ok(_) => return,
            Err(now) => seen = now,
        }
    }
}

fn count_out() {
    if AT_WORK.fetch_sub(1, Ordering::Release) & FORKING != 0 {
        wake(&AT_WORK, u32::MAX >> 1);
    }
}

/// Before a fork: lets no thread begin, and waits until the others have ended, up to `limit`.
pub(super) fn stop(limit: Instant) {
    let own = u32::from(DEPTH.get() > 0);
    let mut seen = AT_WORK.fetch_or(FORKING, Ordering::Acquire) | FORKING;
    while seen & !FORKING > own && sleep(&AT_WORK, seen, Some(limit)) {
        seen = AT_WORK.load(Ordering::Acquire);
    }
}

/// After a fork, in the parent.
pub(super) fn go_on() {
    AT_WORK.fetch_and(!FORKING, Ordering::Release);
    wake(&AT_WORK, u32::MAX >> 1);
}

/// After a fork, in the child, which has no other thread.
pub(super) fn go_on_alone() {
    AT_WORK.store(u32::from(DEPTH.get() > 0), Ordering::Release);
}

/// A value of such a library: to drop it is work of that library, too.
pub struct Foreign<T> {
    // They are dropped in this order.
    _begin: Begin,
    value: T,
    _end: End,
}

struct Begin;

impl Drop for Begin {
    fn drop(&mut self) {
        std::mem::forget(ForeignWork::begin());
    }
}

struct End;

impl Drop for End {
    fn drop(&mut self) {
        drop(ForeignWork(PhantomData));
    }
}

impl<T> Foreign<T> {
    /// To be called during such work.
    pub fn new(value: T) -> Foreign<T> {
        Foreign { _begin: Begin, value, _end: End }
    }
}

impl<T> Deref for Foreign<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Foreign<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
    use std::sync::mpsc::channel;
    use std::thread;
    use std::time::Duration;

    /// The work is that of the whole process.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

    fn is_forking() -> bool {
        AT_WORK.load(Ordering::Relaxed) & FORKING != 0
    }

    fn after(seconds: u64) -> Instant {
        Instant::now() + Duration::from_secs(seconds)
    }

    #[test]
    fn a_fork_waits_for_the_work_of_other_threads_and_new_work_for_the_fork() {
        let _turn = ONE_AT_A_TIME.lock();
        let (has_ended, is_stopped) = (channel(), channel());
        thread::scope(|scope| {
            let work = ForeignWork::begin();
            scope.spawn(move || {
                stop(after(60));
                is_stopped.0.send(has_ended.1.try_recv().is_ok()).unwrap();
            });
            while !is_forking() {
                thread::yield_now();
            }
            let second = scope.spawn(|| {
                let _work = ForeignWork::begin();
                is_forking()
            });
            // Work within work does not wait, or the fork would wait for it.
            drop(ForeignWork::begin());
            has_ended.0.send(()).unwrap();
            drop(work);
            assert!(is_stopped.1.recv().unwrap(), "the fork has waited");
            go_on();
            assert!(!second.join().unwrap(), "the second thread has waited");
        });
        assert_eq!(AT_WORK.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_fork_does_not_wait_for_its_own_thread_nor_for_functions_of_the_application() {
        let _turn = ONE_AT_A_TIME.lock();
        let limit = after(60);
        let work = ForeignWork::begin();
        stop(limit);
        go_on_alone();
        ForeignWork::interrupted(|| {
            thread::spawn(move || stop(limit)).join().unwrap();
            go_on();
        });
        drop(work);
        assert!(Instant::now() < limit);
        assert_eq!(AT_WORK.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_fork_does_not_wait_for_ever() {
        let _turn = ONE_AT_A_TIME.lock();
        let work = ForeignWork::begin();
        thread::scope(|scope| {
            scope.spawn(|| stop(Instant::now()));
        });
        go_on_alone();
        assert_eq!(AT_WORK.load(Ordering::Relaxed), 1);
        drop(work);
        assert_eq!(AT_WORK.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn the_end_of_a_value_is_work() {
        struct Value(std::sync::mpsc::Sender<u32>);
        impl Drop for Value {
            fn drop(&mut self) {
                self.0.send(DEPTH.get()).unwrap();
            }
        }
        let _turn = ONE_AT_A_TIME.lock();
        let (sender, depth) = channel();
        drop(Foreign::new(Value(sender)));
        assert_eq!((depth.recv(), DEPTH.get()), (Ok(1), 0));
    }
}
