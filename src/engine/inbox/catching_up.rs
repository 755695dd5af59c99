//! Several threads that send through one client faster than its results are reported. Such threads mostly wait for
//! results themselves, so that each result wakes one of them for one message, which takes far longer than the message.
//! Here they wait until many results have been reported.

use std::cell::Cell;

/// With so many unreported results, a thread that sends waits until hardly any is left.
pub(super) const MANY: usize = 64;
pub(super) const FEW: usize = 4;

thread_local! {
    static MARK: Cell<u8> = const { Cell::new(0) };
}

/// What a thread that sends needs to know of earlier calls.
#[derive(Default)]
pub(super) struct CatchingUp {
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
    pub(super) fn is_over(&self, results: usize) -> bool {
        self.waiting > 0 && results <= FEW
    }

    /// True if another thread sent the message before this one.
    #[inline]
    pub(super) fn note_sender(&mut self) -> bool {
        let own = MARK.with(|mark| std::ptr::from_ref(mark).addr());
        std::mem::replace(&mut self.sender, own) != own
    }

    /// A thread is about to wait, at this progress of the lane. False: waiting was useless then.
    pub(super) fn begin_waiting(&mut self, progress: u64) -> bool {
        let waits = self.in_vain_at != Some(progress);
        self.waiting += u32::from(waits);
        waits
    }

    /// The thread has waited. `in_vain_at`: the lane's progress, if there was none meanwhile.
    pub(super) fn end_waiting(&mut self, in_vain_at: Option<u64>) {
        self.waiting -= 1;
        self.in_vain_at = in_vain_at;
    }
}
