//! A pool without clients.

use super::*;
use crate::engine::runtime::process::Process;

struct Nothing;

impl CalledBack for Nothing {
    fn run_callbacks(self: &Arc<Self>, _: &Lane<Self>) {}
}

impl Numbered for Nothing {
    fn number(&self) -> usize {
        0
    }

    fn set_number(&self, _: usize) {}
}

impl Served for Nothing {
    fn lane(&self) -> &Lane<Self> {
        unreachable!("there is no client")
    }

    fn serve(self: &Arc<Self>, _: u32, _: Readiness, _: &Arc<Pool<Self>>) -> bool {
        false
    }

    fn on_alarm(self: &Arc<Self>, _: Moment) {}

    fn quick_ack_if_overdue(&self, _: Moment) {}

    fn read_on(&self) {}
}

#[test]
fn a_callback_that_takes_long_is_looked_at_again_and_again_whoever_waits_for_its_end() {
    static PROCESS: Process<Nothing> = Process::new();
    let pool = PROCESS.join_pool().unwrap();
    assert!(PROCESS.lane().enter());
    pool.ensure_waiting();
    let begin = Instant::now();
    let mut ticks = Vec::new();
    while ticks.len() < 5 || !pool.is_held_up() {
        assert!(begin.elapsed() < Duration::from_secs(20), "ticks at {ticks:?}");
        let tick = pool.watch.last_tick.load(Ordering::Acquire);
        if ticks.last() != Some(&tick) {
            ticks.push(tick);
        }
        std::thread::yield_now();
    }
    PROCESS.lane().leave();
    pool.leave();
}
