//! Several threads that send through one client faster than its results are reported. Such threads mostly wait for
//! results themselves, so that each result wakes one of them for one message, which takes far longer than the message.
//! Here they wait until many results have been reported.

use crate::engine::client::{Client, Guard};
use crate::engine::inbox::callbacks::inside_a_callback;
use std::cell::Cell;
use std::time::{Duration, Instant};

/// With so many unreported results, a thread that sends waits until hardly any is left.
const MANY: usize = 64;
const FEW: usize = 4;

/// How long it waits at most: not noticeable, should the callbacks take their time.
const LONGEST: Duration = Duration::from_millis(1);

thread_local! {
    static MARK: Cell<u8> = const { Cell::new(0) };
}

/// What [`Client::let_results_be_told`] needs to know of earlier calls.
#[derive(Default)]
pub(in crate::engine) struct CatchingUp {
    /// Which thread sent last.
    sender: usize,
    /// Threads that wait.
    waiting: u32,
    /// The lane's progress when waiting was useless.
    in_vain_at: Option<u64>,
}

impl CatchingUp {
    /// A thread waits until only this many results are left.
    #[inline]
    pub(in crate::engine) fn is_over(&self, results: usize) -> bool {
        self.waiting > 0 && results <= FEW
    }

    /// True if another thread sent the message before this one.
    #[inline]
    fn note_sender(&mut self) -> bool {
        let own = MARK.with(|mark| std::ptr::from_ref(mark).addr());
        std::mem::replace(&mut self.sender, own) != own
    }
}

impl Client {
    /// Called in a burst of messages, after each of them.
    #[inline]
    pub(in crate::engine) fn let_results_be_told(&self, state: &mut Guard<'_>) {
        if state.catching_up.note_sender() && state.deliveries.notice_count() >= MANY {
            self.wait_for_few_results(state);
        }
    }

    #[cold]
    fn wait_for_few_results(&self, state: &mut Guard<'_>) {
        let progress = self.lane.progress();
        if inside_a_callback() || state.catching_up.in_vain_at == Some(progress) {
            return;
        }
        state.catching_up.waiting += 1;
        let limit = Instant::now() + LONGEST;
        while state.deliveries.notice_count() > FEW && self.caught_up.wait_until(state, limit) {}
        state.catching_up.waiting -= 1;
        state.catching_up.in_vain_at = (self.lane.progress() == progress).then_some(progress);
    }
}
