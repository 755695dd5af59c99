//! A pool with clients that only take notes.

use super::*;
use crate::engine::runtime::process::Process;
use crate::engine::stand_ins::StandIn;
use std::sync::atomic::AtomicUsize;

/// A client whose callback says which generations had been left to the poller when it ran.
#[derive(Default)]
struct Keeper {
    number: AtomicUsize,
    left: Mutex<Vec<u32>>,
    seen: Mutex<Vec<u32>>,
}

static KEEPERS: Process<Keeper> = Process::new();

impl CalledBack for Keeper {
    fn run_callbacks(self: &Arc<Self>, _: &Lane<Self>) {
        self.seen.lock().clone_from(&self.left.lock());
    }
}

impl Numbered for Keeper {
    fn number(&self) -> usize {
        self.number.load(Ordering::Relaxed)
    }

    fn set_number(&self, number: usize) {
        self.number.store(number, Ordering::Relaxed);
    }
}

impl Served for Keeper {
    fn lane(&self) -> &Lane<Self> {
        KEEPERS.lane()
    }

    fn serve(self: &Arc<Self>, _: u32, _: Readiness, _: &Arc<Pool<Self>>) -> bool {
        false
    }

    fn on_alarm(self: &Arc<Self>, _: Moment) {}

    fn quick_ack_if_overdue(&self, _: Moment) {}

    fn read_on(&self) {}

    fn arm_kept(&self, generation: u32) {
        self.left.lock().push(generation);
    }
}

#[test]
fn a_callback_that_takes_long_is_looked_at_again_and_again_whoever_waits_for_its_end() {
    static PROCESS: Process<Keeper> = Process::new();
    let pool = PROCESS.join_pool().unwrap();
    assert!(PROCESS.lane().enter());
    pool.ensure_waiting();
    let begin = Instant::now();
    let mut ticks = Vec::new();
    while ticks.len() < 5 || !pool.is_held_up() {
        assert!(begin.elapsed() < Duration::from_secs(20), "ticks at {ticks:?}");
        let tick = pool.watch.last_tick();
        if ticks.last() != Some(&tick) {
            ticks.push(tick);
        }
        std::thread::yield_now();
    }
    PROCESS.lane().leave();
    pool.leave();
}

#[test]
fn what_a_worker_looks_at_itself_is_left_to_the_poller_before_a_callback_runs() {
    let pool = KEEPERS.join_pool().unwrap();
    let keeper = Arc::new(Keeper::default());
    let handle = KEEPERS.registry.register(keeper.clone()).unwrap();
    let token = |generation| Token::new(keeper.number(), generation);
    let stream: Arc<dyn Stream> = StandIn::new(b"");

    assert!(!pool.keep(token(1), &stream), "this is not a worker");
    POOL_THREAD.set(true);
    assert!(!pool.spins(), "without prompt answers");
    assert!(pool.keep(token(3), &stream));
    assert!(!pool.keep(token(4), &stream), "it has one");
    pool.lane.push(keeper.clone());
    pool.drain(&pool.lane);
    assert_eq!(*keeper.seen.lock(), [3]);
    assert!(pool.keep(token(5), &stream), "it has none any more");
    pool.arm_kept(Kept::take().as_ref());
    assert_eq!(*keeper.left.lock(), [3, 5]);
    POOL_THREAD.set(false);
    pool.leave();
    KEEPERS.registry.unregister(handle);
}

#[test]
fn a_worker_reads_on_only_where_another_one_waits_for_the_other_connections() {
    static PROCESS: Process<Keeper> = Process::new();
    let pool = PROCESS.join_pool().unwrap();
    let stream: Arc<dyn Stream> = StandIn::new(b"");
    POOL_THREAD.set(true);
    let token = Token::new(7, 1);
    assert!(pool.keep(token, &stream));
    let kept = Kept::take().unwrap();
    // One waits, and this one waits, too.
    pool.crew.idle.store(2, Ordering::Release);
    assert!(matches!(pool.read_on_at_once(&kept), Some(Wakeup::Ready(found, _)) if found == token));
    pool.crew.idle.store(1, Ordering::Release);
    assert!(pool.read_on_at_once(&kept).is_none(), "it is the only one");
    POOL_THREAD.set(false);
    pool.leave();
}
